//! What the use cases refuse, as a program is told it: a stable code, of what nature it is, and what could be done
//! instead (RFC 9457 §3.2, extension members).
//!
//! Statuses are given by `error`, words by the locales (`errors-{code}-…`); here is which refusal is which code.

use domain::diary::Full;
use domain::diary::Slot;
use domain::diary::queue::QueueError;
use domain::id::PostId;
use domain::text::TextError;
use serde_json::{Map, Value, json};

use super::error::Fault;
use crate::app::auto_answer::AutoAnswerError;
use crate::app::book::{ConfirmError, DetailsError, FieldFault};
use crate::app::caps::CapsError;
use crate::app::change::ChangeError;
use crate::app::company::CompanyError;
use crate::app::counter::{CounterError, OpenError, WishFault};
use crate::app::displace::DisplaceError;
use crate::app::draw::{AnnounceError, EnterError, RevealError};
use crate::app::emergency::SwitchError;
use crate::app::gate::MarkError;
use crate::app::hold::HoldError;
use crate::app::holidays::HolidayError;
use crate::app::queue::TurnError;
use crate::app::screen::ScreenError;

/// Of what nature a refusal is; each is one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// The request does not parse.
    Malformed,
    /// It parses, and something in it must be mended.
    Invalid,
    /// Things do not stand so that it could be done.
    Conflict,
    /// It was there and is no more.
    Gone,
    /// There was enough of it for now.
    Limit,
    /// What the house stands on is not there for the moment, or full.
    Away,
}

/// A refusal of a use case.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The stable code.
    pub code: &'static str,
    /// Of what nature it is.
    pub nature: Nature,
    /// What else the answer tells.
    pub more: Map<String, Value>,
}

impl Refusal {
    /// A refusal that says nothing else.
    #[must_use]
    pub fn new(nature: Nature, code: &'static str) -> Self {
        Self { code, nature, more: Map::new() }
    }

    /// The same with one more member.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// `details`, for a body with one text that needs mending.
    #[must_use]
    pub fn field(name: &str, error: TextError) -> Self {
        Self::new(Nature::Invalid, "details")
            .and("fields", vec![json!({ "field": name, "code": error.code() })])
    }

    /// The same with the times that are free nearby.
    #[must_use]
    fn near(self, nearest: &[Slot]) -> Self {
        let times: Vec<Value> = nearest.iter().map(slot).collect();
        self.and("nearest", times)
    }

    /// The same with the post at which to choose again.
    fn at(self, post: &PostId) -> Self {
        self.and("post", post.as_str())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(Box::new(refusal))
    }
}

fn slot(slot: &Slot) -> Value {
    json!({ "start": slot.start().to_string(), "end": slot.end().to_string() })
}

fn conflict(code: &'static str) -> Refusal {
    Refusal::new(Nature::Conflict, code)
}

impl From<HoldError> for Fault {
    fn from(error: HoldError) -> Self {
        match error {
            HoldError::SlotTaken { nearest } => conflict("slot-taken").near(&nearest).into(),
            HoldError::PastTime { nearest } => conflict("past-time").near(&nearest).into(),
            HoldError::NotOffered { nearest } => conflict("not-offered").near(&nearest).into(),
            HoldError::Kept { category, nearest } => {
                conflict("kept-for").and("kept_for", category.code()).near(&nearest).into()
            }
            HoldError::DayFull { nearest } => conflict("day-full").near(&nearest).into(),
            HoldError::CitizenFull => conflict("citizen-full").into(),
            HoldError::UnknownPost => Fault::NotFound,
            HoldError::Closed => conflict("closed").into(),
            HoldError::TooManyHolds => Fault::TooManyHolds,
            HoldError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<DetailsError> for Fault {
    fn from(error: DetailsError) -> Self {
        match error {
            DetailsError::Fields(faults) => {
                let fields: Vec<Value> = faults.iter().map(field).collect();
                Refusal::new(Nature::Invalid, "details").and("fields", fields).into()
            }
            DetailsError::HoldExpired { post, nearest } => {
                Refusal::new(Nature::Gone, "hold-expired").at(&post).near(&nearest).into()
            }
            DetailsError::AlreadyBooked { slip_token } => {
                conflict("already-booked").and("slip", slip_token).into()
            }
            DetailsError::TooManyCodes => Fault::TooManyCodes,
            DetailsError::Unknown => Fault::NotFound,
            DetailsError::Store(error) => Fault::internal(error),
        }
    }
}

fn field(fault: &FieldFault) -> Value {
    let (name, code) = match fault {
        FieldFault::Name(error) => ("name", error.code()),
        FieldFault::Mobile(error) => ("mobile", error.code()),
        FieldFault::Mail(error) => ("mail", error.code()),
        FieldFault::Subject(error) => ("subject", error.code()),
        FieldFault::Channel => ("channel", "unknown"),
        FieldFault::Category => ("category", "unknown"),
    };
    json!({ "field": name, "code": code })
}

impl From<ConfirmError> for Fault {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::WrongCode { tries_left } => {
                Refusal::new(Nature::Invalid, "wrong-code").and("tries_left", tries_left).into()
            }
            ConfirmError::CodeExpired => Refusal::new(Nature::Invalid, "code-expired").into(),
            ConfirmError::TooManyTries => Refusal::new(Nature::Limit, "too-many-tries").into(),
            ConfirmError::CitizenFull => conflict("citizen-full").into(),
            ConfirmError::DetailsFirst => conflict("details-first").into(),
            ConfirmError::HoldExpired { post, nearest } => {
                Refusal::new(Nature::Gone, "hold-expired").at(&post).near(&nearest).into()
            }
            ConfirmError::Unknown => Fault::NotFound,
            ConfirmError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<ChangeError> for Fault {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::UnknownLink => Fault::NotFound,
            ChangeError::SlotTaken { nearest } => conflict("slot-taken").near(&nearest).into(),
            ChangeError::NotOffered { nearest } => conflict("not-offered").near(&nearest).into(),
            ChangeError::DayFull { nearest } => conflict("day-full").near(&nearest).into(),
            ChangeError::Impossible(why) => conflict("impossible").and("reason", why.to_string()).into(),
            ChangeError::Changed => conflict("changed").into(),
            ChangeError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<ScreenError> for Fault {
    fn from(error: ScreenError) -> Self {
        match error {
            ScreenError::Denied(_) => Fault::NotYours,
            ScreenError::Unknown => Fault::NotFound,
            ScreenError::Impossible(why) => conflict("impossible").and("reason", why.to_string()).into(),
            ScreenError::SlotTaken { nearest } => conflict("slot-taken").near(&nearest).into(),
            ScreenError::NotOffered { nearest } => conflict("not-offered").near(&nearest).into(),
            ScreenError::UnknownPost => Refusal::new(Nature::Invalid, "unknown-post").into(),
            ScreenError::Changed => conflict("changed").into(),
            ScreenError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<TurnError> for Fault {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::Denied(_) => Fault::NotYours,
            TurnError::UnknownPost => Fault::NotFound,
            TurnError::Refused(QueueError::Unknown) => conflict("queue-unknown").into(),
            TurnError::Refused(QueueError::OutOfTurn | QueueError::Occupied) => {
                conflict("queue-out-of-turn").into()
            }
            TurnError::Refused(QueueError::Full) => conflict("queue-full").into(),
            TurnError::Malformed => {
                Refusal::new(Nature::Malformed, "malformed").and("reason", "name, text or minutes").into()
            }
            TurnError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<CounterError> for Fault {
    fn from(error: CounterError) -> Self {
        match error {
            CounterError::Denied(_) => Fault::NotYours,
            CounterError::Fields(faults) => {
                let fields: Vec<Value> = faults.iter().map(wish_field).collect();
                Refusal::new(Nature::Invalid, "details").and("fields", fields).into()
            }
            CounterError::Malformed => {
                Refusal::new(Nature::Malformed, "malformed").and("reason", "once").into()
            }
            CounterError::Closed => conflict("closed").into(),
            CounterError::Full(Full::Day) => conflict("day-full").into(),
            CounterError::Full(Full::Citizen) => conflict("citizen-full").into(),
            CounterError::NotFree => conflict("slot-taken").into(),
            CounterError::Store(error) => Fault::internal(error),
        }
    }
}

fn wish_field(fault: &WishFault) -> Value {
    let (name, code) = match fault {
        WishFault::Name(error) => ("name", error.code()),
        WishFault::Place(error) => ("place", error.code()),
        WishFault::Mobile(error) => ("mobile", error.code()),
        WishFault::Subject(error) => ("subject", error.code()),
        WishFault::Channel => ("channel", "unknown"),
        WishFault::Category => ("category", "unknown"),
        WishFault::Consent => ("has_consent", "missing"),
    };
    json!({ "field": name, "code": code })
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Wrong => Refusal::new(Nature::Invalid, "pin-wrong").into(),
            OpenError::TooManyTries => Fault::TooMany,
            OpenError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<MarkError> for Fault {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::Denied(_) => Fault::NotYours,
            MarkError::Unknown | MarkError::Malformed => Fault::Malformed,
            MarkError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<DisplaceError> for Fault {
    fn from(error: DisplaceError) -> Self {
        match error {
            DisplaceError::Denied(_) => Fault::NotYours,
            DisplaceError::Unknown => Fault::NotFound,
            DisplaceError::Span => Refusal::new(Nature::Invalid, "span").into(),
            DisplaceError::TooMany => Refusal::new(Nature::Invalid, "too-many-hit").into(),
            DisplaceError::Overtaken => conflict("overtaken").into(),
            DisplaceError::Changed => conflict("changed").into(),
            DisplaceError::TooLate => conflict("too-late").into(),
            DisplaceError::Impossible(why) => conflict("impossible").and("reason", why.to_string()).into(),
            DisplaceError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<AutoAnswerError> for Fault {
    fn from(error: AutoAnswerError) -> Self {
        match error {
            AutoAnswerError::Denied(_) => Fault::NotYours,
            AutoAnswerError::Callers => Fault::Conflict,
            AutoAnswerError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<CapsError> for Fault {
    fn from(error: CapsError) -> Self {
        match error {
            CapsError::Denied(_) => Fault::NotYours,
            CapsError::Unknown => Fault::NotFound,
            CapsError::Bounds | CapsError::BelowBooked { .. } => Fault::Conflict,
            CapsError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<HolidayError> for Fault {
    fn from(error: HolidayError) -> Self {
        match error {
            HolidayError::Denied(_) => Fault::NotYours,
            HolidayError::Unknown => Fault::NotFound,
            HolidayError::Day => Refusal::new(Nature::Invalid, "span").into(),
            HolidayError::Standing => conflict("changed").into(),
            HolidayError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<SwitchError> for Fault {
    fn from(error: SwitchError) -> Self {
        match error {
            SwitchError::Denied(_) => Fault::NotYours,
            SwitchError::Unknown => Fault::NotFound,
            SwitchError::Span => Refusal::new(Nature::Invalid, "span").into(),
            SwitchError::TooMany => Refusal::new(Nature::Invalid, "too-many-hit").into(),
            SwitchError::Changed => conflict("changed").into(),
            SwitchError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<CompanyError> for Fault {
    fn from(error: CompanyError) -> Self {
        match error {
            CompanyError::UnknownLink => Fault::NotFound,
            CompanyError::NotFixed => conflict("not-fixed").into(),
            CompanyError::Count => Refusal::new(Nature::Invalid, "party-count").into(),
            CompanyError::Name(line) => Refusal::new(Nature::Invalid, "party-name").and("line", line).into(),
            CompanyError::NamedBefore => conflict("named-before").into(),
            CompanyError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<AnnounceError> for Fault {
    fn from(error: AnnounceError) -> Self {
        match error {
            AnnounceError::Denied(_) => Fault::NotYours,
            AnnounceError::Closed => conflict("closed").into(),
            AnnounceError::Count => Refusal::new(Nature::Invalid, "draw-count").into(),
            AnnounceError::Closing => Refusal::new(Nature::Invalid, "draw-closing").into(),
            AnnounceError::NotFree => conflict("slot-taken").into(),
            AnnounceError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<EnterError> for Fault {
    fn from(error: EnterError) -> Self {
        match error {
            EnterError::Unknown => Fault::NotFound,
            EnterError::Closed => conflict("draw-closed").into(),
            EnterError::Full => Fault::Busy,
            EnterError::TooManyHolds => Fault::TooManyHolds,
            EnterError::Store(error) => Fault::internal(error),
        }
    }
}

impl From<RevealError> for Fault {
    fn from(error: RevealError) -> Self {
        match error {
            RevealError::Denied(_) => Fault::NotYours,
            RevealError::Unknown => Fault::NotFound,
            RevealError::StillOpen => conflict("draw-open").into(),
            RevealError::Refused(why) => {
                Refusal::new(Nature::Invalid, "draw-word").and("reason", why.to_string()).into()
            }
            RevealError::Store(error) => Fault::internal(error),
        }
    }
}
