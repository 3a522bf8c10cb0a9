//! The course of a direction: given to a post with a due date, taken in hand, done, and confirmed by the citizen or opened
//! again; or withdrawn with a reason.
//!
//! A wrong move is a typed error. Each move gives the step that is written into the direction's history.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::id::{AppointmentId, CallId, DirectionId, PostId, QuestionId};
use crate::office::{coded, ist};
use crate::text::Noting;

/// So far ahead a due date lies at most, in days: what takes longer is a project, not a direction.
const DUE_DAYS_MAX: i64 = 366;
/// What was not done after all is due again so many days later.
const REOPENED_DAYS: i64 = 7;
/// The citizen is asked at this hour of the day after the due date: nobody is woken by a message.
const ASK_HOUR: i8 = 10;

coded! {
    /// Where a direction stands.
    DirectionState {
        /// The post has been told.
        Given = "given",
        /// The post works on it.
        InHand = "in_hand",
        /// The post says that it is done.
        Done = "done",
        /// The citizen says that it is done. Final.
        Confirmed = "confirmed",
        /// The citizen says that it is not done yet; it has a new due date.
        Reopened = "reopened",
        /// Taken back, with a reason. Final.
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// A move, as the history names it.
    StepKind {
        /// It was given.
        Given = "given",
        /// The post took it in hand.
        TakenUp = "taken_up",
        /// The post said that it is done.
        Finished = "finished",
        /// The citizen said that it is done.
        Confirmed = "confirmed",
        /// The citizen said that it is not done yet.
        Reopened = "reopened",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

coded! {
    /// What the citizen says when he is asked.
    Answer {
        /// It is done.
        Done = "done",
        /// It is not done yet.
        NotYet = "not_yet",
    }
}

/// What a direction comes from. Reviews and proceedings will be further ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The meeting of this appointment.
    Appointment(AppointmentId),
    /// A question over the hotline that was not answered.
    Question(QuestionId),
    /// The review of this call.
    Review(CallId),
}

impl Origin {
    /// The stable code of its kind, as it stands in rows.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Appointment(_) => "appointment",
            Self::Question(_) => "question",
            Self::Review(_) => "review",
        }
    }

    /// Its id, as it stands in rows.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Appointment(id) => id.as_str(),
            Self::Question(id) => id.as_str(),
            Self::Review(id) => id.as_str(),
        }
    }

    /// Reads both back; `None` for a kind that is not known.
    #[must_use]
    pub fn from_row(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "appointment" => AppointmentId::parse(id).ok().map(Self::Appointment),
            "question" => QuestionId::parse(id).ok().map(Self::Question),
            "review" => CallId::parse(id).ok().map(Self::Review),
            _ => None,
        }
    }
}

/// Who made a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A post, or its desk.
    Post(PostId),
    /// The citizen, on his slip.
    Citizen,
}

/// One line of a direction's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub what: StepKind,
    /// By whom.
    pub by: Author,
    /// When.
    pub at: Timestamp,
    /// In his words.
    pub note: Option<Noting>,
}

/// A direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direction {
    /// Its identity.
    pub id: DirectionId,
    /// What is to be done.
    pub text: Noting,
    /// The post that is to do it.
    pub owner: PostId,
    /// The post that gave it.
    pub giver: PostId,
    /// By the end of this day in India.
    pub due: Date,
    /// Where it stands.
    pub state: DirectionState,
    /// What it comes from.
    pub origin: Origin,
}

/// Why a move is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DirectionError {
    /// It does not stand where this move begins.
    #[error("this is not possible while the direction is {}", .0.code())]
    WrongState(DirectionState),
    /// The due date has passed, or is too far ahead.
    #[error("a direction is due on a day from today to {DUE_DAYS_MAX} days ahead")]
    Due,
    /// The citizen is not asked before the post says that it is done, or the due date has passed.
    #[error("the direction is not yet due")]
    NotDue,
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(ist()).date()
}

fn days_after(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(Date::MAX)
}

impl Direction {
    /// Gives a direction.
    ///
    /// # Errors
    /// [`DirectionError::Due`] for a day that has passed or is too far.
    pub fn give(
        (id, origin): (DirectionId, Origin),
        (text, due): (Noting, Date),
        (giver, owner): (PostId, PostId),
        now: Timestamp,
    ) -> Result<(Self, Step), DirectionError> {
        if due < today(now) || due > days_after(today(now), DUE_DAYS_MAX) {
            return Err(DirectionError::Due);
        }
        let by = Author::Post(giver.clone());
        let step = Step { what: StepKind::Given, by, at: now, note: None };
        Ok((Self { id, text, owner, giver, due, state: DirectionState::Given, origin }, step))
    }

    /// `Given | Reopened → InHand`.
    ///
    /// # Errors
    /// [`DirectionError::WrongState`].
    pub fn take_up(self, by: PostId, now: Timestamp) -> Result<(Self, Step), DirectionError> {
        use DirectionState::{Given, InHand, Reopened};
        self.moved(&[Given, Reopened], (InHand, StepKind::TakenUp), (Author::Post(by), None), now)
    }

    /// `Given | InHand | Reopened → Done`: from now on the citizen may say whether it is.
    ///
    /// # Errors
    /// [`DirectionError::WrongState`].
    pub fn finish(
        self,
        (by, note): (PostId, Option<Noting>),
        now: Timestamp,
    ) -> Result<(Self, Step), DirectionError> {
        use DirectionState::{Done, Given, InHand, Reopened};
        self.moved(&[Given, InHand, Reopened], (Done, StepKind::Finished), (Author::Post(by), note), now)
    }

    /// The citizen's answer: `Done → Confirmed | Reopened`, and the same from every open state once the due date has
    /// passed. What is opened again has a new due date, so that there is one answer a due date.
    ///
    /// # Errors
    /// [`DirectionError::NotDue`] before that, [`DirectionError::WrongState`] once it is over.
    pub fn answer(mut self, said: Answer, now: Timestamp) -> Result<(Self, Step), DirectionError> {
        use DirectionState::{Confirmed, Done, Given, InHand, Reopened};
        if self.is_open() && !self.may_be_answered(now) {
            return Err(DirectionError::NotDue);
        }
        let to = match said {
            Answer::Done => (Confirmed, StepKind::Confirmed),
            Answer::NotYet => (Reopened, StepKind::Reopened),
        };
        if said == Answer::NotYet {
            self.due = days_after(self.due.max(today(now)), REOPENED_DAYS);
        }
        self.moved(&[Given, InHand, Done, Reopened], to, (Author::Citizen, None), now)
    }

    /// `every open state → Withdrawn`.
    ///
    /// # Errors
    /// [`DirectionError::WrongState`].
    pub fn withdraw(
        self,
        (by, why): (PostId, Noting),
        now: Timestamp,
    ) -> Result<(Self, Step), DirectionError> {
        use DirectionState::{Done, Given, InHand, Reopened, Withdrawn};
        let to = (Withdrawn, StepKind::Withdrawn);
        self.moved(&[Given, InHand, Done, Reopened], to, (Author::Post(by), Some(why)), now)
    }

    /// Neither confirmed nor withdrawn.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.state, DirectionState::Confirmed | DirectionState::Withdrawn)
    }

    /// The post has not done it yet, as far as is known.
    #[must_use]
    pub const fn is_undone(&self) -> bool {
        self.is_open() && !matches!(self.state, DirectionState::Done)
    }

    /// It was to be done by a day that has passed.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_undone() && today(now) > self.due
    }

    /// May the citizen say whether it is done?
    #[must_use]
    pub fn may_be_answered(&self, now: Timestamp) -> bool {
        self.state == DirectionState::Done || (self.is_open() && today(now) > self.due)
    }

    /// When the citizen is asked for this due date: in the morning after it.
    #[must_use]
    pub fn asks_at(&self) -> Timestamp {
        let morning = days_after(self.due, 1).to_datetime(Time::constant(ASK_HOUR, 0, 0, 0));
        morning.to_zoned(ist()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    fn moved(
        mut self,
        from: &[DirectionState],
        (to, what): (DirectionState, StepKind),
        (by, note): (Author, Option<Noting>),
        now: Timestamp,
    ) -> Result<(Self, Step), DirectionError> {
        if !from.contains(&self.state) {
            return Err(DirectionError::WrongState(self.state));
        }
        self.state = to;
        Ok((self, Step { what, by, at: now, note }))
    }
}
