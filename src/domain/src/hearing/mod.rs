//! A hearing: a public grievance redressal officer hears a complainant and the public servant of the authority concerned.
//!
//! Called, both parties marked, the order written and read aloud, closed with its outcome and perhaps a next date: in that
//! order, and never with a blank attendance. Pure, told the time. Who may do which step is the policy's matter.

mod case;
mod limit;
mod mark;
#[cfg(test)]
mod tests;

pub use case::{CASE_NUMBER_CHARS_MAX, CaseNumber};
pub use limit::{DateError, FILED_DAYS_AGO_MAX, LIMIT_WORKING_DAYS, Limit, age, week_of};
pub use mark::{Attendance, Each, Evidence, Ground, Mark, Reason, Seen, Side};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::PostId;
use crate::office::{coded, ist};
use crate::text::{Noting, OrderText};

/// The second call comes so long after the first.
pub const SECOND_CALL_AFTER: SignedDuration = SignedDuration::from_mins(10);

coded! {
    /// What a hearing comes to.
    Disposal {
        /// An order for the meantime, and a next date.
        Interim = "interim",
        /// A next date.
        NextDate = "next_date",
        /// The case is decided.
        Final = "final",
        /// The complainant did not come.
        ComplainantAbsent = "complainant_absent",
        /// The authority sent nobody; a next date.
        AuthorityAbsent = "authority_absent",
    }
}

impl Disposal {
    /// Must there be a next date?
    #[must_use]
    pub const fn needs_next(self) -> bool {
        matches!(self, Self::Interim | Self::NextDate | Self::AuthorityAbsent)
    }

    /// May there be one?
    #[must_use]
    pub const fn may_have_next(self) -> bool {
        !matches!(self, Self::Final)
    }

    /// Whose absence it says.
    #[must_use]
    pub const fn absent(self) -> Option<Side> {
        match self {
            Self::ComplainantAbsent => Some(Side::Complainant),
            Self::AuthorityAbsent => Some(Side::Authority),
            Self::Interim | Self::NextDate | Self::Final => None,
        }
    }
}

/// How the order became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It was read aloud.
    Aloud {
        /// When.
        at: Timestamp,
        /// By which post.
        by: PostId,
    },
    /// It was not, for this reason.
    NotRead {
        /// Why.
        why: Noting,
    },
}

/// An order with its reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What is ordered.
    pub text: OrderText,
    /// How it became known.
    pub reading: Reading,
    /// When it was written.
    pub at: Timestamp,
}

/// How a hearing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// What it came to.
    pub disposal: Disposal,
    /// The day on which the case is heard again.
    pub next: Option<Date>,
    /// When.
    pub at: Timestamp,
}

/// How far a hearing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// On the cause list.
    Listed,
    /// Called, once or twice.
    Called {
        /// The first call.
        first: Timestamp,
        /// The second.
        again: Option<Timestamp>,
    },
    /// Over.
    Closed(Closing),
}

/// What stands in the way of closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// The case was not called.
    NotCalled,
    /// The attendance of this party is blank.
    Blank(Side),
    /// There is no order.
    NoOrder,
    /// The order is said to be read aloud, and nobody was there to hear it.
    NobodyHeard,
}

/// A step that is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HearingError {
    /// Its day has not come, or has passed.
    #[error("the case is not listed for today")]
    NotToday,
    /// The case was not called yet.
    #[error("the case was not called")]
    NotCalled,
    /// The second call comes ten minutes after the first, and there is no third.
    #[error("it is too early for the second call, or there were two")]
    CalledAlready,
    /// It is over.
    #[error("the hearing is closed")]
    Closed,
    /// A mark by hand has no reason.
    #[error("a mark by hand needs a reason")]
    NeedsReason,
    /// Who was in the meeting is not absent.
    #[error("the party was in the meeting")]
    WasSeen,
    /// Something is missing.
    #[error("the hearing cannot be closed yet")]
    Blocked(Vec<Block>),
    /// The outcome says that this party is absent, and its mark says something else.
    #[error("the party is not marked absent")]
    NotAbsent(Side),
    /// The outcome needs a next date.
    #[error("a next date is needed")]
    NeedsNext,
    /// The outcome ends the case: it has no next date.
    #[error("a decided case has no next date")]
    NoNext,
    /// The next date is none.
    #[error(transparent)]
    Date(#[from] DateError),
}

/// A hearing. Invariant: what is [`Stage::Closed`] has the attendance of both parties and an order, read aloud to somebody
/// or not read for a reason, and no next date outside the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearing {
    stage: Stage,
    marks: Each<Option<Mark>>,
    order: Option<Order>,
}

impl Hearing {
    /// On the cause list.
    #[must_use]
    pub const fn listed() -> Self {
        Self { stage: Stage::Listed, marks: Each { complainant: None, authority: None }, order: None }
    }

    /// As it stands in rows; `None` for what could not have become of one.
    #[must_use]
    pub fn restored(stage: Stage, marks: Each<Option<Mark>>, order: Option<Order>) -> Option<Self> {
        let hearing = Self { stage, marks, order };
        let is_sound = match stage {
            Stage::Listed => hearing == Self::listed(),
            Stage::Called { first, again } => again.is_none_or(|again| again > first),
            Stage::Closed(_) => hearing.missing(&hearing.marks).is_empty(),
        };
        is_sound.then_some(hearing)
    }

    /// How far it is.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The order.
    #[must_use]
    pub const fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    /// The mark of a party as it was made; what the meeting has seen is not in it.
    #[must_use]
    pub const fn marked(&self, side: Side) -> Option<&Mark> {
        self.marks.of(side).as_ref()
    }

    /// The attendance of a party as it stands: the mark that was made, else what the meeting has seen. What it has seen
    /// outweighs a mark of absence, and it is always asked how long.
    #[must_use]
    pub fn attendance(&self, side: Side, seen: Seen, now: Timestamp) -> Option<Mark> {
        let marked = self.marks.of(side).as_ref();
        if matches!(self.stage, Stage::Closed(_)) {
            return marked.cloned();
        }
        match marked {
            Some(mark) if mark.attendance != Attendance::Absent => Some(mark.clone()),
            absent => seen.mark(now).or_else(|| absent.cloned()),
        }
    }

    /// The case is called: the first time on its day, the second time ten minutes later.
    ///
    /// * `day`: for which it is listed.
    ///
    /// # Errors
    /// [`HearingError::NotToday`], [`HearingError::CalledAlready`] or [`HearingError::Closed`].
    pub fn call(&mut self, day: Date, now: Timestamp) -> Result<(), HearingError> {
        if day != now.to_zoned(ist()).date() {
            return Err(HearingError::NotToday);
        }
        self.stage = match self.stage {
            Stage::Closed(_) => return Err(HearingError::Closed),
            Stage::Listed => Stage::Called { first: now, again: None },
            Stage::Called { first, again: None } if now.duration_since(first) >= SECOND_CALL_AFTER => {
                Stage::Called { first, again: Some(now) }
            }
            Stage::Called { .. } => return Err(HearingError::CalledAlready),
        };
        Ok(())
    }

    /// The office marks a party. What it says of a party that the meeting has seen by video needs no reason.
    ///
    /// # Errors
    /// [`HearingError`]: not called, closed, no reason, or an absence against what was seen.
    pub fn mark(
        &mut self,
        (side, attendance): (Side, Attendance),
        reason: Option<Reason>,
        (seen, now): (Seen, Timestamp),
    ) -> Result<&Mark, HearingError> {
        self.is_open()?;
        let proved = seen.mark(now).filter(|mark| mark.attendance == attendance);
        if attendance == Attendance::Absent && seen.mark(now).is_some() {
            return Err(HearingError::WasSeen);
        }
        let by_hand =
            || reason.map(|reason| Mark { attendance, evidence: Evidence::ByHand(reason), at: now });
        let mark = proved.or_else(by_hand).ok_or(HearingError::NeedsReason)?;
        Ok(self.marks.of_mut(side).insert(mark))
    }

    /// The order is written, or written anew, with how it became known.
    ///
    /// # Errors
    /// [`HearingError::NotCalled`] or [`HearingError::Closed`].
    pub fn write(&mut self, order: Order) -> Result<(), HearingError> {
        self.is_open()?;
        self.order = Some(order);
        Ok(())
    }

    /// What stands in the way of closing; nothing when it may be closed.
    #[must_use]
    pub fn blocks(&self, seen: &Each<Seen>, now: Timestamp) -> Vec<Block> {
        self.missing(&self.standing(seen, now))
    }

    /// Closes the hearing. What the meeting has seen of the parties becomes their marks.
    ///
    /// * `next`: the day on which the case is heard again.
    ///
    /// # Errors
    /// [`HearingError`]; the hearing is as it was.
    pub fn close(
        &mut self,
        (disposal, next): (Disposal, Option<Date>),
        (seen, limit): (&Each<Seen>, &Limit),
        now: Timestamp,
    ) -> Result<Closing, HearingError> {
        if matches!(self.stage, Stage::Closed(_)) {
            return Err(HearingError::Closed);
        }
        let marks = self.standing(seen, now);
        let missing = self.missing(&marks);
        if !missing.is_empty() {
            return Err(HearingError::Blocked(missing));
        }
        if let Some(side) = disposal.absent()
            && marks.of(side).as_ref().is_none_or(|mark| mark.attendance != Attendance::Absent)
        {
            return Err(HearingError::NotAbsent(side));
        }
        match next {
            None if disposal.needs_next() => return Err(HearingError::NeedsNext),
            Some(_) if !disposal.may_have_next() => return Err(HearingError::NoNext),
            Some(day) => limit.admits(day, now.to_zoned(ist()).date())?,
            None => {}
        }
        let closing = Closing { disposal, next, at: now };
        (self.marks, self.stage) = (marks, Stage::Closed(closing));
        Ok(closing)
    }

    fn is_open(&self) -> Result<(), HearingError> {
        match self.stage {
            Stage::Listed => Err(HearingError::NotCalled),
            Stage::Called { .. } => Ok(()),
            Stage::Closed(_) => Err(HearingError::Closed),
        }
    }

    fn standing(&self, seen: &Each<Seen>, now: Timestamp) -> Each<Option<Mark>> {
        let of = |side| self.attendance(side, *seen.of(side), now);
        Each { complainant: of(Side::Complainant), authority: of(Side::Authority) }
    }

    fn missing(&self, marks: &Each<Option<Mark>>) -> Vec<Block> {
        let mut all = Vec::new();
        if self.stage == Stage::Listed {
            all.push(Block::NotCalled);
        }
        all.extend(
            Side::ALL.iter().filter(|side| marks.of(**side).is_none()).map(|side| Block::Blank(*side)),
        );
        let was_there =
            |side: &Side| marks.of(*side).as_ref().is_some_and(|mark| mark.attendance.was_there());
        let are_marked = Side::ALL.iter().all(|side| marks.of(*side).is_some());
        match &self.order {
            None => all.push(Block::NoOrder),
            Some(Order { reading: Reading::Aloud { .. }, .. })
                if are_marked && !Side::ALL.iter().any(was_there) =>
            {
                all.push(Block::NobodyHeard);
            }
            Some(_) => {}
        }
        all
    }
}
