//! The parts that messages are made of: ids, titles, session descriptions and the closed lists of words.
//!
//! Parsing checks every invariant once; nothing here decides who may do what.

use crate::limits::{
    ICE_PASSWORD_CHARS, ID_CHARS_MAX, LINE_BYTES_MAX, MID_CHARS_MAX, RESUME_BYTES_MAX, SDP_BYTES_MAX,
    UFRAG_CHARS, VIEWS_MAX,
};
pub use crate::recording::{RecordAnswer, RecordEnd, RecordReason, Recording};
pub use crate::seal::SealNote;
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

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// One receiving media section of the answer, which any participant's media may come to fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct SlotInfo {
    /// The section's `mid` (RFC 9143).
    pub mid: String,
    /// What it carries.
    pub kind: MediaKind,
}

/// The name of a media section (RFC 9143). Invariant: 1..=16 token characters (RFC 4566).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Mid(String);

impl TryFrom<String> for Mid {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Mid, ValueError> {
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&b);
        let fits = (1..=MID_CHARS_MAX).contains(&text.len());
        if fits && text.bytes().all(is_token) { Ok(Mid(text)) } else { Err(ValueError::Mid) }
    }
}

impl From<Mid> for String {
    fn from(mid: Mid) -> String {
        mid.0
    }
}

/// How large a receiving video section is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The section.
    pub mid: Mid,
    /// Device pixels from left to right; 0 when it is not to be seen.
    pub width: u16,
    /// Device pixels from top to bottom; 0 when it is not to be seen.
    pub height: u16,
}

/// The views of a page. Invariant: at most `VIEWS_MAX`, each section once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "Array<View>"))]
#[serde(try_from = "Vec<View>", into = "Vec<View>")]
pub struct Views(Vec<View>);

impl TryFrom<Vec<View>> for Views {
    type Error = ValueError;

    fn try_from(views: Vec<View>) -> Result<Views, ValueError> {
        let is_twice = |(n, view): (usize, &View)| views[..n].iter().any(|other| other.mid == view.mid);
        let fits = views.len() <= VIEWS_MAX && !views.iter().enumerate().any(is_twice);
        if fits { Ok(Views(views)) } else { Err(ValueError::Views) }
    }
}

impl From<Views> for Vec<View> {
    fn from(views: Views) -> Vec<View> {
        views.0
    }
}

/// What holds the sender of a page's camera back, as the browser says it (`qualityLimitationReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Limitation {
    /// Nothing.
    None,
    /// The machine is too slow.
    Cpu,
    /// The path up is too narrow.
    Bandwidth,
    /// Something else.
    Other,
}

/// What only the page knows of the last seconds. Every number has the bound of its type and is believed of nobody
/// but the page itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct PageQuality {
    /// Pictures of others that are shown and move.
    pub pictures: u8,
    /// Frames a second of the slowest of them.
    pub frames_per_second: u8,
    /// Lines of the largest of them.
    pub lines: u16,
    /// Times that one of them stood still.
    pub freezes: u16,
    /// How long they stood still, together.
    pub frozen_ms: u16,
    /// How long sound waits in the receiver.
    pub sound_delay_ms: u16,
    /// Sound that was missing and was made up, in 1/1000.
    pub sound_missing_permille: u16,
    /// Frames a second of the page's own camera as it is sent; 0 without one.
    pub sent_frames_per_second: u8,
    /// What holds it back.
    pub limitation: Limitation,
}

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

/// What a seat may say of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum OwnPresence {
    /// In the chamber.
    Available,
    /// Not in the chamber.
    Away,
}

/// What others are told of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Can be rung.
    Available,
    /// Can be rung, but said to be out.
    Away,
    /// In a meeting of this house: a ring is answered with `busy`.
    InMeeting,
    /// In a call, ringing or being rung: a ring is answered with `busy`.
    InCall,
    /// No live page with a live transport: a ring is answered with `unavailable`.
    Offline,
    /// Nobody holds the post.
    Vacant,
}

/// One tile of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The post.
    pub post: Id,
    /// The tile's number, which an assistant may dial.
    pub number: u16,
    /// The post's title.
    pub title: Title,
    /// Where it stands.
    pub presence: Presence,
}

/// The other end of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// The post.
    pub post: Id,
    /// The post's title.
    pub title: Title,
}

/// Why the callee does not take a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// In two minutes.
    Later,
    /// By telephone.
    Telephone,
    /// Not now.
    Busy,
}

/// Why a call is where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum CallReason {
    /// Declined: in two minutes.
    Later,
    /// Declined: by telephone.
    Telephone,
    /// Declined: not now.
    Busy,
    /// Ended by one of the two.
    HungUp,
    /// Ended because one side did not come back in time.
    Lost,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// The callee is being rung and sees the caller.
    Ringing,
    /// Both see and hear.
    Accepted,
    /// The callee said no.
    Declined,
    /// The caller gave up.
    Cancelled,
    /// Nobody answered.
    Missed,
    /// Over.
    Ended,
    /// The callee is in another call, another ring or a meeting.
    Busy,
    /// The callee has no live page, or nobody holds the post.
    Unavailable,
}

impl CallState {
    /// No further message about this call follows.
    pub fn is_final(self) -> bool {
        !matches!(self, CallState::Ringing | CallState::Accepted)
    }
}
