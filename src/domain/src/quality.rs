//! How good a talk was, as one number a second, and what most likely spoilt it.
//!
//! Sound is judged by the E-model of ITU-T G.107 in its short form, pictures by a formula of our own; both give a
//! mean opinion score from 1 to 4.5. Pure: measurements in, judgements out. Never says a word to a person.

mod receipt;
mod record;
mod score;

pub use receipt::{Receipt, receipt};
pub use record::{Record, STRETCHES_MAX, Stretch};
pub use score::{Cause, Grade, Judgement, Picture, Score, Second, judge};

use serde::{Deserialize, Serialize};

use crate::office::coded;

coded! {
    /// What the citizen thought of his meeting, in one tap.
    Verdict {
        /// 👍
        Good = "good",
        /// 👎
        Bad = "bad",
    }
}
