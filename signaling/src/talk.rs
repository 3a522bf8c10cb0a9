//! What is said of a meeting: who waits and for how long, who is inside, what is written.

use crate::limits::LINE_BYTES_MAX;
use crate::value::{Id, Role, Title, ValueError};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Somebody at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// Whom `admit` and `deny` name.
    pub participant: Id,
    /// The name given at booking or in the invitation.
    pub title: Title,
    /// Who sits in the hall that waits; empty for anybody else.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub people: Vec<String>,
    /// Waits since, Unix milliseconds.
    pub since_ms: i64,
    /// The number in the queue of the post, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub number: Option<u32>,
}

/// A range of whole minutes from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// Not before.
    pub from: u32,
    /// Not after.
    pub to: u32,
}

/// Where an officer is for whom somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum OfficerState {
    /// With somebody else: in another meeting, in a call, or at the door.
    Busy,
    /// Has called nobody today.
    NotBegun,
}

/// By which of the three ways somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// In person.
    Office,
    /// By video.
    Video,
    /// On the telephone.
    Telephone,
}

/// Who is called next in the queue of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct First {
    /// The number.
    pub number: u32,
    /// How he comes.
    pub way: Way,
    /// The meeting, if it is by video.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub meeting: Option<Id>,
}

/// Somebody whose line is too weak even for a voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct FaintLine {
    /// Whom `call_back` names.
    pub participant: Id,
    /// What they are called.
    pub title: Title,
}

/// Somebody inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// The name that `slot` uses.
    pub participant: Id,
    /// A post's title or a citizen's name.
    pub title: Title,
    /// Who sits in this hall; empty for anybody else.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub people: Vec<String>,
    /// As what.
    pub role: Role,
    /// The microphone is on, as the page says.
    pub microphone: bool,
    /// The camera is on, as the page says.
    pub camera: bool,
    /// Asks to speak since, Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub hand_ms: Option<i64>,
    /// Was silenced.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub silenced: bool,
    /// Has taken a call of the hotline meanwhile: neither sees nor is seen, and comes back.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub called_away: bool,
    /// May show a screen.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub may_share: bool,
}

/// What a line that somebody writes is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Said in writing.
    Chat,
    /// What is being spoken, typed along for those who cannot hear it.
    Caption,
}

/// What somebody writes, before the server has read it. Invariant: 1..=`LINE_BYTES_MAX` bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Written(String);

impl Written {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Written {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Written, ValueError> {
        if (1..=LINE_BYTES_MAX).contains(&text.len()) { Ok(Written(text)) } else { Err(ValueError::Written) }
    }
}

impl From<Written> for String {
    fn from(text: Written) -> String {
        text.0
    }
}

/// One line that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When, Unix milliseconds; no two lines of a meeting have the same, so that it names the line.
    pub at_ms: i64,
    /// What for.
    pub kind: LineKind,
    /// Who wrote it.
    pub title: Title,
    /// It is your own.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub own: bool,
    /// What was written.
    pub text: String,
}
