//! Who of the two parties was there: a mark each, by what the meeting has seen or by hand with a ground.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::office::coded;
use crate::text::Noting;

coded! {
    /// The two parties of a case.
    Side {
        /// Who complains.
        Complainant = "complainant",
        /// The public servant of the authority concerned.
        Authority = "authority",
    }
}

coded! {
    /// How a party attends, or that it does not.
    Attendance {
        /// In the office.
        Office = "office",
        /// By video.
        Video = "video",
        /// On the telephone.
        Telephone = "telephone",
        /// Somebody else for it, with authority.
        Deputy = "deputy",
        /// Was cut off by the network; that is no absence.
        Network = "network",
        /// Did not come.
        Absent = "absent",
    }
}

impl Attendance {
    /// Was the party there, so that an order could be read to it?
    #[must_use]
    pub const fn was_there(self) -> bool {
        matches!(self, Self::Office | Self::Video | Self::Telephone | Self::Deputy)
    }
}

coded! {
    /// By what a mark that was made by hand is known.
    Ground {
        /// The officer saw the party before him.
        Seen = "seen",
        /// The party signed the register.
        Signed = "signed",
        /// The party was spoken with.
        Spoke = "spoke",
        /// Nobody answered the calls.
        NoAnswer = "no_answer",
        /// The line was lost.
        LineLost = "line_lost",
        /// Something else, in words.
        Other = "other",
    }
}

/// Where a mark comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The party was in the meeting, for so many seconds.
    Joined {
        /// How long it was heard there.
        seconds: i64,
    },
    /// The office says so.
    ByHand(Reason),
}

/// Why a mark was made by hand. Invariant: [`Ground::Other`] has words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    ground: Ground,
    note: Option<Noting>,
}

impl Reason {
    /// A reason; `None` when the ground is another one and no words say which.
    #[must_use]
    pub fn new(ground: Ground, note: Option<Noting>) -> Option<Self> {
        (ground != Ground::Other || note.is_some()).then_some(Self { ground, note })
    }

    /// The ground.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        self.ground
    }

    /// The words beside it.
    #[must_use]
    pub const fn note(&self) -> Option<&Noting> {
        self.note.as_ref()
    }
}

/// The attendance of one party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it was.
    pub attendance: Attendance,
    /// By what that is known.
    pub evidence: Evidence,
    /// When it was marked.
    pub at: Timestamp,
}

/// What the meeting has seen of one party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How long it was inside and heard.
    pub present: SignedDuration,
    /// How long it was inside and cut off, by the network or by the house.
    pub lost: SignedDuration,
}

impl Seen {
    /// The mark that follows from it; `None` when the meeting knows nothing of the party.
    #[must_use]
    pub fn mark(self, at: Timestamp) -> Option<Mark> {
        let attendance = if self.present > SignedDuration::ZERO {
            Attendance::Video
        } else if self.lost > SignedDuration::ZERO {
            Attendance::Network
        } else {
            return None;
        };
        Some(Mark { attendance, evidence: Evidence::Joined { seconds: self.present.as_secs() }, at })
    }
}

/// Something of each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Each<T> {
    /// Of the complainant.
    pub complainant: T,
    /// Of the authority.
    pub authority: T,
}

impl<T> Each<T> {
    /// That of one side.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Complainant => &self.complainant,
            Side::Authority => &self.authority,
        }
    }

    /// That of one side, to be changed.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Complainant => &mut self.complainant,
            Side::Authority => &mut self.authority,
        }
    }
}
