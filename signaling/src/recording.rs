//! The parts of messages about recordings.
//!
//! Parsing checks every invariant once; nothing here decides who may record.

use crate::limits::RECORD_REASON_CHARS_MAX;
use crate::value::{Id, Title, ValueError};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// Why a meeting is recorded, as its officer says it. Invariant: trimmed, 1..=`RECORD_REASON_CHARS_MAX` characters, none
/// of them a control character or one that turns the direction of writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct RecordReason(String);

impl RecordReason {
    /// The reason as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RecordReason {
    type Error = ValueError;

    fn try_from(text: String) -> Result<RecordReason, ValueError> {
        let text = text.trim();
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let fits = (1..=RECORD_REASON_CHARS_MAX).contains(&text.chars().count());
        if fits && !text.chars().any(|c| c.is_control() || turns(c)) {
            Ok(RecordReason(text.to_owned()))
        } else {
            Err(ValueError::RecordReason)
        }
    }
}

impl From<RecordReason> for String {
    fn from(reason: RecordReason) -> String {
        reason.0
    }
}

/// How a participant answered whether he may be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum RecordAnswer {
    /// Not yet: nothing of him is recorded.
    Asked,
    /// He agreed.
    Agreed,
    /// He said no: nothing of him is recorded.
    Refused,
}

/// Why a recording is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum RecordEnd {
    /// The officer switched it off.
    SwitchedOff,
    /// The officer went out.
    OfficerLeft,
    /// The disk is full.
    DiskFull,
    /// The disk does not keep up.
    DiskSlow,
    /// The disk failed.
    DiskFailed,
}

/// Whether a meeting is recorded, as one participant is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// It runs.
    pub on: bool,
    /// Why, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub reason: Option<RecordReason>,
    /// Who switched it on, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub by: Option<Title>,
    /// How the receiver of this message answered, while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub you: Option<RecordAnswer>,
    /// Who inside said no (told to the officer).
    pub refused: Vec<Id>,
    /// Who inside has not answered (told to the officer).
    pub unanswered: Vec<Id>,
    /// Why the last one is over, if there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(test, ts(optional))]
    pub ended: Option<RecordEnd>,
}
