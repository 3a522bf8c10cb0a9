//! Attendance for the record: what was measured of each participant, and what the office says beside it.
//!
//! What was measured never changes. A correction is a statement about one participant from one moment to another, and stands
//! until a later one takes it back; of one participant no two that stand share a moment. Pure: told the time.

use jiff::{SignedDuration, Timestamp};

use super::gathering::Guest;
use super::presence::{Evidence, Stretch};

/// Corrections of one meeting: some for each of forty participants, and a history that can still be read.
pub const CORRECTIONS_MAX: usize = 100;
/// How far a statement may lie from the appointed time and from all that was measured: a meeting begins late or runs long,
/// and is not held on another day.
pub const REACH: SignedDuration = SignedDuration::from_hours(4);

/// What the office says of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// Was there, though nothing was measured: by telephone, at another device.
    Present,
    /// Was not there, whatever was measured: somebody else sat at the device.
    Absent,
}

impl Says {
    /// Both.
    pub const ALL: [Says; 2] = [Says::Present, Says::Absent];

    /// The word that stands in rows and forms.
    pub fn code(self) -> &'static str {
        match self {
            Says::Present => "present",
            Says::Absent => "absent",
        }
    }

    /// Reads the word of a row or a form.
    pub fn from_code(code: &str) -> Option<Says> {
        Says::ALL.into_iter().find(|says| says.code() == code)
    }
}

/// Half-open interval `[from, to)` of which the office says something of one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Of whom.
    pub guest: Guest,
    /// What.
    pub says: Says,
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
}

/// What a correction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// Says something.
    States(Statement),
    /// Takes back the correction of this number, which stood.
    TakesBack(u32),
}

/// A correction with its number, from 1 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its place in the history.
    pub number: u32,
    /// What it does.
    pub ruling: Ruling,
}

/// Why a correction is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectError {
    /// The end does not come after the beginning.
    #[error("the end does not come after the beginning")]
    Empty,
    /// It ends later than now.
    #[error("it lies ahead")]
    Ahead,
    /// It lies farther than [`REACH`] from the meeting.
    #[error("it lies far from the meeting")]
    Far,
    /// It shares a moment with a correction of the same participant that stands.
    #[error("correction {number} says something of that time already")]
    Overlaps {
        /// The one that stands.
        number: u32,
    },
    /// There is no such statement, or it was taken back before.
    #[error("there is nothing of that number to take back")]
    NothingToTakeBack,
    /// As many were made as may be.
    #[error("as many corrections were made as may be")]
    Full,
}

/// The corrections of a meeting. Invariant: numbers ascend, and of one participant no two that stand share a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections(Vec<Correction>);

impl Corrections {
    /// Takes up what the rows hold, in the order of their numbers.
    pub fn recall(all: Vec<Correction>) -> Corrections {
        Corrections(all)
    }

    /// Adds one.
    ///
    /// * `near`: the appointed time and all that was measured.
    /// * returns: its number.
    ///
    /// # Errors
    /// [`CorrectError`]; nothing is added then.
    pub fn correct(
        &mut self,
        ruling: Ruling,
        near: &[(Timestamp, Timestamp)],
        now: Timestamp,
    ) -> Result<u32, CorrectError> {
        if self.0.len() >= CORRECTIONS_MAX {
            return Err(CorrectError::Full);
        }
        match &ruling {
            Ruling::States(said) => self.may_say(said, near, now)?,
            Ruling::TakesBack(number) if self.standing().any(|(standing, _)| standing == *number) => {}
            Ruling::TakesBack(_) => return Err(CorrectError::NothingToTakeBack),
        }
        let number = self.last_number() + 1;
        self.0.push(Correction { number, ruling });
        Ok(number)
    }

    fn may_say(
        &self,
        said: &Statement,
        near: &[(Timestamp, Timestamp)],
        now: Timestamp,
    ) -> Result<(), CorrectError> {
        if said.from >= said.to {
            return Err(CorrectError::Empty);
        }
        if said.to > now {
            return Err(CorrectError::Ahead);
        }
        let is_near = |(from, to): &(Timestamp, Timestamp)| {
            from.duration_since(said.from) <= REACH && said.to.duration_since(*to) <= REACH
        };
        if !near.iter().any(is_near) {
            return Err(CorrectError::Far);
        }
        let shares = |other: &Statement| said.from < other.to && other.from < said.to;
        match self.of(&said.guest).find(|(_, other)| shares(other)) {
            Some((number, _)) => Err(CorrectError::Overlaps { number }),
            None => Ok(()),
        }
    }

    /// The number of the last one; 0 for none.
    pub fn last_number(&self) -> u32 {
        self.0.last().map_or(0, |last| last.number)
    }

    /// The one that takes this one back, if one does.
    pub fn taken_back_by(&self, number: u32) -> Option<u32> {
        self.0.iter().find(|later| later.ruling == Ruling::TakesBack(number)).map(|later| later.number)
    }

    /// Statements that stand, with their numbers.
    pub fn standing(&self) -> impl Iterator<Item = (u32, &Statement)> {
        self.0.iter().filter_map(|one| match &one.ruling {
            Ruling::States(said) if self.taken_back_by(one.number).is_none() => Some((one.number, said)),
            Ruling::States(_) | Ruling::TakesBack(_) => None,
        })
    }

    /// Statements of one participant that stand.
    pub fn of<'a>(&'a self, guest: &'a Guest) -> impl Iterator<Item = (u32, &'a Statement)> {
        self.standing().filter(move |(_, said)| said.guest == *guest)
    }

    /// The attendance of one participant: where a statement stands it goes before what was measured, which stays everywhere
    /// else.
    ///
    /// * `measured`: his stretches, ascending and disjoint.
    /// * returns: ascending and disjoint.
    pub fn effective(&self, guest: &Guest, measured: &[Stretch]) -> Vec<Piece> {
        let mut said: Vec<(u32, &Statement)> = self.of(guest).collect();
        said.sort_by_key(|(_, said)| said.from);
        let mut pieces = Vec::new();
        for stretch in measured {
            let source = Source::Measured(stretch.evidence);
            let mut from = stretch.from;
            for (_, over) in said.iter().filter(|(_, said)| said.from < stretch.to && stretch.from < said.to)
            {
                pieces.extend(Piece::between(from, over.from, source));
                from = over.to;
            }
            pieces.extend(Piece::between(from, stretch.to, source));
        }
        let manual = |(number, said): &(u32, &Statement)| {
            Piece::between(said.from, said.to, Source::Manual(*number, said.says))
        };
        pieces.extend(said.iter().filter_map(manual));
        pieces.sort_by_key(|piece| piece.from);
        pieces
    }
}

/// How something about a stretch of time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server measured it.
    Measured(Evidence),
    /// The office says so, in the correction of this number.
    Manual(u32, Says),
}

impl Source {
    /// The person counts as present.
    pub fn is_present(self) -> bool {
        matches!(self, Source::Measured(Evidence::Present) | Source::Manual(_, Says::Present))
    }
}

/// Half-open interval `[from, to)` of somebody's attendance. Invariant: `from < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
    /// How it is known.
    pub source: Source,
}

impl Piece {
    fn between(from: Timestamp, to: Timestamp, source: Source) -> Option<Piece> {
        (from < to).then_some(Piece { from, to, source })
    }

    /// How long it is.
    pub fn length(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}

/// How long the pieces are together that this rule takes.
pub fn total(pieces: &[Piece], rule: impl Fn(Source) -> bool) -> SignedDuration {
    let lengths = pieces.iter().filter(|piece| rule(piece.source)).map(Piece::length);
    lengths.fold(SignedDuration::ZERO, SignedDuration::saturating_add)
}

#[cfg(test)]
#[path = "attendance_tests.rs"]
mod tests;
