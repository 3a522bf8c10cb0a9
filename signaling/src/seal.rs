//! What pages say to each other about the keys of a confidential meeting or a sealed call, as far as the server is concerned.
//!
//! The server passes a note on and never looks into it; `PROTOCOL.md` says what pages write there.

use crate::limits::SEAL_NOTE_CHARS_MAX;
use crate::value::ValueError;
use serde::{Deserialize, Serialize};
use std::fmt;
#[cfg(test)]
use ts_rs::TS;

/// A note from one page to another. Invariant: 1..=`SEAL_NOTE_CHARS_MAX` characters of base64url. Its `Debug` shows the
/// length only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct SealNote(String);

impl TryFrom<String> for SealNote {
    type Error = ValueError;

    fn try_from(text: String) -> Result<SealNote, ValueError> {
        let fits = (1..=SEAL_NOTE_CHARS_MAX).contains(&text.len());
        let known = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if fits && text.bytes().all(known) { Ok(SealNote(text)) } else { Err(ValueError::SealNote) }
    }
}

impl From<SealNote> for String {
    fn from(note: SealNote) -> String {
        note.0
    }
}

impl fmt::Debug for SealNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealNote({} characters)", self.0.len())
    }
}
