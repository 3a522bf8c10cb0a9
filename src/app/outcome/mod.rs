//! The outcome of a meeting: a direction, another post, a next date, or not possible. One a meeting, given in one act with
//! everything that follows from it; corrected with a reason, and what was corrected stays readable.

mod follow_up;
mod give;
mod read;

use domain::direction::Impossible;
use domain::id::PostId;
use domain::text::Noting;
use jiff::Timestamp;

pub(super) use follow_up::book as follow;
pub use give::give;
pub use read::{Form, Given, Missing, form};
pub(super) use read::{given, missing};

use super::desk::from_store;
use crate::auth::policy::Denied;
use crate::store::StoreError;

/// What the officer decides.
#[derive(Debug, Clone)]
pub enum Ruling {
    /// A post is to do something.
    Direction {
        /// What.
        text: Noting,
        /// Which post.
        owner: PostId,
        /// By the end of the day that is so many days ahead; 0 for today.
        due_in_days: i64,
    },
    /// Another post meets the citizen, at its first free time.
    Forward(PostId),
    /// The same post meets him again, at this free time.
    NextDate(Timestamp),
    /// It is not possible.
    NotPossible(Impossible),
}

/// A decision as it comes from the form.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is decided.
    pub ruling: Ruling,
    /// The number of the outcome that the officer saw: 0 for none. Another one by now means that somebody was faster.
    pub seen: u32,
    /// Why the one that he saw is corrected; asked for when there is one.
    pub why: Option<Noting>,
}

/// Why no outcome was written.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// Not this person's meeting.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such meeting, or it is not fixed.
    #[error("there is no such meeting")]
    Unknown,
    /// It has not begun.
    #[error("the meeting has not begun")]
    TooEarly,
    /// Somebody else gave or corrected the outcome meanwhile; look again.
    #[error("somebody else wrote the outcome at the same moment")]
    Overtaken,
    /// A correction needs a reason.
    #[error("a correction needs a reason")]
    NeedsReason,
    /// It was corrected as often as may be.
    #[error("it was corrected as often as may be")]
    TooOften,
    /// The due date is no day that can be given.
    #[error("that is no due date")]
    Due,
    /// The named post does not exist or takes nobody.
    #[error("there is no such post")]
    UnknownPost,
    /// The post hears grievances: its outcome is that of the hearing, with everybody's attendance.
    #[error("the outcome is that of the hearing")]
    IsHearing,
    /// The time is gone, or the other post has none.
    #[error("that time is not to be had")]
    NotFree,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(OutcomeError);
