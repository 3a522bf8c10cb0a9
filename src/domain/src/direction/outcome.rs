//! What came of a meeting: one of four, given once, and corrected only with a reason; a hearing also comes to its order.

use serde::{Deserialize, Serialize};

use crate::id::{AppointmentId, DirectionId, PostId};
use crate::office::coded;

coded! {
    /// The outcomes: the four of a meeting, and that of a hearing.
    OutcomeKind {
        /// A post is told to do something by a day.
        Direction = "direction",
        /// Another post will meet the citizen about it.
        Forward = "forward",
        /// The same post meets him again.
        NextDate = "next_date",
        /// It cannot be done, for a coded reason.
        NotPossible = "not_possible",
        /// The order of a hearing decides it.
        Decided = "decided",
    }
}

coded! {
    /// Why it cannot be done; the words for each are in the locales.
    Impossible {
        /// The post has no power over it.
        NotOurs = "not_ours",
        /// A court has it.
        Court = "court",
        /// The rules do not provide for it.
        Rules = "rules",
        /// Papers are missing.
        Papers = "papers",
        /// The citizen was not there.
        Absent = "absent",
    }
}

/// An outcome with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This direction was given.
    Direction(DirectionId),
    /// The matter went to this post, with this appointment.
    Forward {
        /// Who meets him now.
        to: PostId,
        /// When and how.
        appointment: AppointmentId,
    },
    /// This appointment follows.
    NextDate(AppointmentId),
    /// Not possible.
    NotPossible(Impossible),
    /// Decided by the order of its hearing.
    Decided,
}

impl Outcome {
    /// Which of them.
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Direction(_) => OutcomeKind::Direction,
            Self::Forward { .. } => OutcomeKind::Forward,
            Self::NextDate(_) => OutcomeKind::NextDate,
            Self::NotPossible(_) => OutcomeKind::NotPossible,
            Self::Decided => OutcomeKind::Decided,
        }
    }

    /// The appointment that follows, if one does.
    #[must_use]
    pub const fn follow_up(&self) -> Option<&AppointmentId> {
        match self {
            Self::Forward { appointment, .. } | Self::NextDate(appointment) => Some(appointment),
            Self::Direction(_) | Self::NotPossible(_) | Self::Decided => None,
        }
    }
}
