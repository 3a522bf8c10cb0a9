//! The parts that messages are made of: here ids, titles and session descriptions; those of one matter have a room of their own.
//!
//! Parsing checks every invariant once; nothing here decides who may do what.

use crate::limits::{ICE_PASSWORD_CHARS, ID_CHARS_MAX, RESUME_BYTES_MAX, SDP_BYTES_MAX, UFRAG_CHARS};
pub use crate::picture::{Limitation, MediaKind, Mid, PageQuality, SlotInfo, View, Views};
pub use crate::recording::{RecordAnswer, RecordEnd, RecordReason, Recording};
pub use crate::review::{
    AgendaItem, AsideState, Draft, GivenDirection, Review, ReviewStep, RollLine, Speaker, Spoken,
};
pub use crate::seal::SealNote;
pub use crate::seat::{CallReason, CallState, DeclineReason, Member, MemberState, OwnPresence, Peer};
pub use crate::seat::{Posts, Presence, Seat, SeatGroup};
pub use crate::talk::{
    FaintLine, First, Line, LineKind, Minutes, OfficerState, Participant, Waiting, Way, Written,
};
use serde::{Deserialize, Serialize};
use std::fmt;
#[cfg(test)]
use ts_rs::TS;

/// Why a value was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// An id is 1 to 40 characters of `[a-z0-9-]`.
    #[error("an id is 1 to 40 characters of a-z, 0-9 and -")]
    Id,
    /// A session description is 1 to `SDP_BYTES_MAX` bytes.
    #[error("a session description is too long or empty")]
    Sdp,
    /// A `mid` is 1 to 16 token characters.
    #[error("a mid is 1 to 16 token characters")]
    Mid,
    /// A token is 1 to `RESUME_BYTES_MAX` characters that can be seen.
    #[error("a token is too long, empty, or has strange characters")]
    Resume,
    /// An ICE name is 4 to 256 ICE characters.
    #[error("an ICE name is 4 to 256 characters of A-Z, a-z, 0-9, + and /")]
    Ufrag,
    /// An ICE password is 22 to 256 ICE characters.
    #[error("an ICE password is 22 to 256 characters of A-Z, a-z, 0-9, + and /")]
    IcePassword,
    /// A line is 1 to `LINE_BYTES_MAX` bytes.
    #[error("a line is too long or empty")]
    Written,
    /// A list of views names at most `VIEWS_MAX` sections, each once.
    #[error("too many views, or one section twice")]
    Views,
    /// A list of seats is empty, too long, or names one twice.
    #[error("the seats are none, too many, or one is named twice")]
    Posts,
    /// A reason is 1 to `RECORD_REASON_CHARS_MAX` characters that can be seen.
    #[error("a reason is too long, empty, or has strange characters")]
    RecordReason,
    /// A note about keys is 1 to `SEAL_NOTE_CHARS_MAX` characters of base64url.
    #[error("a note about keys is too long, empty, or has strange characters")]
    SealNote,
}

/// The id of a meeting, participant, post or call. Invariant: 1..=40 characters of `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

impl Id {
    /// Checks the invariant.
    ///
    /// # Errors
    /// [`ValueError::Id`].
    pub fn parse(text: &str) -> Result<Id, ValueError> {
        Id::try_from(text.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Id, ValueError> {
        let fits = (1..=ID_CHARS_MAX).contains(&text.len());
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if fits && text.bytes().all(known) { Ok(Id(text)) } else { Err(ValueError::Id) }
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A WebRTC session description (RFC 8866). Invariant: 1..=`SDP_BYTES_MAX` bytes. Its `Debug` shows the length only,
/// because it holds addresses and keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Sdp(String);

impl Sdp {
    /// The description as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The description as text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Sdp {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Sdp, ValueError> {
        if (1..=SDP_BYTES_MAX).contains(&text.len()) { Ok(Sdp(text)) } else { Err(ValueError::Sdp) }
    }
}

impl From<Sdp> for String {
    fn from(sdp: Sdp) -> String {
        sdp.0
    }
}

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sdp({} bytes)", self.0.len())
    }
}

fn is_ice_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// The ICE name of one end of a connection (RFC 8839 §5.4). Invariant: 4..=256 ICE characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Ufrag(String);

impl TryFrom<String> for Ufrag {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Ufrag, ValueError> {
        let fits = UFRAG_CHARS.contains(&text.len()) && is_ice_text(&text);
        if fits { Ok(Ufrag(text)) } else { Err(ValueError::Ufrag) }
    }
}

impl From<Ufrag> for String {
    fn from(ufrag: Ufrag) -> String {
        ufrag.0
    }
}

/// The ICE password of the server for one connection (RFC 8839 §5.4). Invariant: 22..=256 ICE characters. Its `Debug`
/// does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct IcePassword(String);

impl TryFrom<String> for IcePassword {
    type Error = ValueError;

    fn try_from(text: String) -> Result<IcePassword, ValueError> {
        let fits = ICE_PASSWORD_CHARS.contains(&text.len()) && is_ice_text(&text);
        if fits { Ok(IcePassword(text)) } else { Err(ValueError::IcePassword) }
    }
}

impl From<IcePassword> for String {
    fn from(password: IcePassword) -> String {
        password.0
    }
}

impl fmt::Debug for IcePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IcePassword(…)")
    }
}

/// The token with which a page comes back to its place; only the server can read it. Invariant:
/// 1..=`RESUME_BYTES_MAX` visible ASCII characters. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct ResumeToken(String);

impl ResumeToken {
    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ResumeToken {
    type Error = ValueError;

    fn try_from(text: String) -> Result<ResumeToken, ValueError> {
        let fits = (1..=RESUME_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(ResumeToken(text))
        } else {
            Err(ValueError::Resume)
        }
    }
}

impl From<ResumeToken> for String {
    fn from(token: ResumeToken) -> String {
        token.0
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeToken(…)")
    }
}

/// What a post, meeting or participant is called in both languages. A citizen's name stands in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// In Hindi.
    pub hi: String,
    /// In English.
    pub en: String,
}

/// The page that a socket belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Page {
    /// The page of one meeting, for its citizens, its officer and the officer's desk.
    Meeting {
        /// Which meeting.
        meeting: Id,
    },
    /// The wall of tiles; itself the seat of the post that opens it.
    Board {},
    /// The chamber's page: the seat of its post.
    Chamber {},
    /// The officer's own telephone or laptop: another device of the same seat.
    Phone {},
    /// A hall with a big screen: another device of the same seat.
    Hall {},
}

/// As what a session takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Waits in the lobby until admitted.
    Citizen,
    /// Holds the post that was booked: inside at once, admits, denies, ends.
    Officer,
    /// Was asked in by the officer: an interpreter, a helper, a hall. Waits in the lobby until admitted.
    Guest,
    /// The officer's desk: sees the lobby, admits and denies, has no media.
    Desk,
    /// A seat of the hotline.
    Seat,
    /// A client from outside with a pass: publishes or plays, and says nothing.
    Outside,
}

/// The times and name of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct MeetingInfo {
    /// Which meeting.
    pub id: Id,
    /// The post that is visited.
    pub title: Title,
    /// Unix milliseconds.
    pub starts_at_ms: i64,
    /// Unix milliseconds.
    pub ends_at_ms: i64,
}

/// The bounds that a page keeps to, so that it need not know them beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// A frame's bytes.
    pub frame_bytes_max: u32,
    /// Messages a second in the long run.
    pub messages_per_second: u32,
    /// Messages at once.
    pub message_burst: u32,
    /// How long a ring rings.
    pub ring_timeout_ms: u32,
    /// How long a seat's call outlives its socket.
    pub call_return_window_ms: u32,
    /// How long a place in a meeting is kept.
    pub meeting_return_window_ms: u32,
}
