//! How good a talk was, as one number a second, and what most likely spoilt it.
//!
//! Sound is judged by the E-model of ITU-T G.107 in its short form, pictures by a formula of our own; both give a
//! mean opinion score from 1 to 4.5. Pure: measurements in, judgements out. Never says a word to a person.

mod record;
mod score;

pub use record::{Record, STRETCHES_MAX, Stretch};
pub use score::{Cause, Grade, Judgement, Picture, Score, Second, judge};
