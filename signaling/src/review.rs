//! What is said of a review: its steps, and how it stands.

use crate::limits::LINE_BYTES_MAX;
use crate::value::{Id, Posts, ValueError, Written};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// What a seat does in a review. Those of the chair are refused to anybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewStep {
    /// The chair gives somebody the floor.
    GiveFloor {
        /// Whom.
        post: Id,
        /// For how long by the clock, which never cuts.
        minutes: u8,
    },
    /// The chair takes it back.
    TakeFloor {
        /// Whose.
        post: Id,
    },
    /// The chair says in which order departments speak.
    Order {
        /// The first first.
        posts: Posts,
    },
    /// The chair shows somebody large to all.
    Spotlight {
        /// Whom; nobody without.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        post: Option<Id>,
    },
    /// The chair puts something on the agenda.
    AddItem {
        /// What it is about.
        text: Written,
        /// Who speaks to it first.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        post: Option<Id>,
    },
    /// The chair takes an item up.
    TakeUp {
        /// Its place on the agenda, from 0; none without.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[cfg_attr(test, ts(optional))]
        item: Option<u8>,
    },
    /// The chair takes a hand down.
    LowerHand {
        /// Whose.
        post: Id,
    },
    /// The chair asks one seat for a word that nobody else hears.
    AskAside {
        /// Whom.
        post: Id,
    },
    /// Whoever was asked answers.
    AnswerAside {
        /// Takes it.
        agrees: bool,
    },
    /// Either of the two ends it.
    EndAside {},
    /// Asks to speak, or asks no more.
    Hand {
        /// Asks.
        up: bool,
    },
    /// Says whose pictures this page shows; those that speak are shown besides. All others' stay away.
    Look {
        /// Whose.
        posts: Posts,
    },
    /// The chair is typing a direction; everybody sees the line.
    Draft {
        /// As it stands; may be empty.
        text: Draft,
    },
    /// The chair gives a direction.
    Direct {
        /// To whom.
        post: Id,
        /// What is to be done.
        text: Written,
        /// By the end of the day in so many days.
        due_in_days: u16,
    },
}

/// A line as it is being typed. Invariant: at most `LINE_BYTES_MAX` bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Draft(String);

impl TryFrom<String> for Draft {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Draft, ValueError> {
        if text.len() <= LINE_BYTES_MAX { Ok(Draft(text)) } else { Err(ValueError::Written) }
    }
}

impl From<Draft> for String {
    fn from(draft: Draft) -> String {
        draft.0
    }
}

/// One who has the floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// Who.
    pub post: Id,
    /// For how long already, by the server's clock.
    pub for_ms: u32,
    /// For how long by the clock.
    pub clock_ms: u32,
}

/// How long a seat has had the floor before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    /// Who.
    pub post: Id,
    /// In all.
    pub for_ms: u32,
}

/// An item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// What it is about.
    pub text: String,
    /// Who speaks to it first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub post: Option<Id>,
}

/// A direction that was given in the review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct GivenDirection {
    /// To whom.
    pub post: Id,
    /// What is to be done.
    pub text: String,
    /// By the end of this day, `YYYY-MM-DD`.
    pub due: String,
}

/// A word aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct AsideState {
    /// With whom the chair speaks.
    pub post: Id,
    /// It goes on; otherwise that seat is asked.
    pub on: bool,
}

/// When an expected seat was present, from its sound and picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct RollLine {
    /// Who.
    pub post: Id,
    /// It is present now.
    pub here: bool,
    /// When it came first, Unix milliseconds; nothing while it never came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub came_ms: Option<i64>,
    /// How often it was away between.
    pub gaps: u32,
    /// How long in all.
    pub away_ms: u32,
}

/// How a review stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Of which call.
    pub call: Id,
    /// Who conducts it.
    pub chair: Id,
    /// For how long already.
    pub for_ms: u32,
    /// Who has the floor besides the chair.
    pub floor: Vec<Speaker>,
    /// Who has had it before, and how long.
    pub spoken: Vec<Spoken>,
    /// In which order departments speak.
    pub order: Vec<Id>,
    /// Who asks to speak, the longest first.
    pub hands: Vec<Id>,
    /// Who is shown large.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub spotlight: Option<Id>,
    /// A word aside, asked for or going on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub aside: Option<AsideState>,
    /// The agenda.
    pub items: Vec<AgendaItem>,
    /// The place of the item that is taken up.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub taken_up: Option<u8>,
    /// What was directed, the newest 20, the newest last.
    pub directions: Vec<GivenDirection>,
}
