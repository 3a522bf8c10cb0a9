//! The stable error codes, and which of them end the socket.
//!
//! A code never changes its meaning; pages choose their words by it. No text for people is here.

use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// The code with which a page closes its socket when it is shut or loaded anew. Not every browser says so by itself.
pub const CLOSE_SHUT: u16 = 4002;

/// Why something did not work. The list may grow; a page treats an unknown code like `internal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame is not one known message.
    #[error("the frame is not one known message")]
    Malformed,
    /// The frame is larger than the limit.
    #[error("the frame is larger than the limit")]
    TooLarge,
    /// A binary frame.
    #[error("frames are text")]
    NotText,
    /// `hello` names a version that this server does not speak.
    #[error("the version is not spoken here")]
    VersionUnsupported,
    /// Something was said before `hello`, or nothing for too long.
    #[error("hello comes first")]
    HelloExpected,
    /// The message has no place in the session's state (a second `hello`, `admit` on a chamber's page).
    #[error("not now, or not on this page")]
    OutOfTurn,
    /// More messages than the limits allow; the message was dropped.
    #[error("too many messages")]
    TooFast,
    /// The page needs a signed-in person.
    #[error("sign in first")]
    SignInNeeded,
    /// This person may not do this.
    #[error("not allowed")]
    NotAllowed,
    /// No such meeting, or none of yours: the answer is the same.
    #[error("no such meeting")]
    UnknownMeeting,
    /// The meeting's door is not open yet.
    #[error("the meeting has not opened yet")]
    TooEarly,
    /// The meeting's time is over.
    #[error("the meeting's time is over")]
    TooLate,
    /// The meeting's door is locked.
    #[error("the meeting's door is locked")]
    MeetingLocked,
    /// Nobody is let in before the officer is in the meeting.
    #[error("the officer is not in the meeting")]
    ChairAbsent,
    /// Another participant shows a screen.
    #[error("another screen is shown")]
    ScreenTaken,
    /// What was written is empty, too long, or has characters that may not stand in it.
    #[error("the text cannot be taken")]
    TextRefused,
    /// The meeting has no room for one more.
    #[error("the meeting is full")]
    MeetingFull,
    /// Nobody of that name is there, or the person is not where the message supposes.
    #[error("no such participant there")]
    UnknownParticipant,
    /// No seat of that post.
    #[error("no such seat")]
    UnknownPost,
    /// No such call of yours.
    #[error("no such call")]
    UnknownCall,
    /// The call is not in a state that allows this (accepted twice, cancelled after the accept).
    #[error("the call is past that")]
    CallPassed,
    /// The seat is already in a call or a ring.
    #[error("already in a call")]
    InCallAlready,
    /// More seats than a call may have.
    #[error("a call has no room for so many seats")]
    CallFull,
    /// The call is sealed: it stays between its two, at the devices at which they are.
    #[error("the call is sealed")]
    CallSealed,
    /// A page of one of the two cannot seal.
    #[error("a page cannot seal")]
    CannotSeal,
    /// Ringing and accepting need a live transport: `connect` first.
    #[error("connect first")]
    ConnectFirst,
    /// This meeting cannot be recorded: the installation offers no recordings, or this kind of meeting has none.
    #[error("this meeting cannot be recorded")]
    CannotRecord,
    /// The offer cannot be answered.
    #[error("the offer cannot be answered")]
    OfferRefused,
    /// The transport was lost; offer a new one.
    #[error("the transport was lost")]
    TransportLost,
    /// The server is at its bound; try again in a moment.
    #[error("at the bound, try again")]
    Overloaded,
    /// A newer socket took this place.
    #[error("a newer socket took this place")]
    Replaced,
    /// The client did not read fast enough.
    #[error("the client reads too slowly")]
    TooSlow,
    /// Nothing was heard from the client for too long.
    #[error("nothing heard for too long")]
    Silent,
    /// The rights behind the socket ended: signed out, or the post is held by another.
    #[error("the session has ended")]
    SessionEnded,
    /// The server stops; come back.
    #[error("the server stops")]
    GoingAway,
    /// A fault of the server.
    #[error("a fault of the server")]
    Internal,
}

impl ErrorCode {
    /// Every code, in the order of `PROTOCOL.md`.
    pub const ALL: [ErrorCode; 36] = [
        ErrorCode::Malformed,
        ErrorCode::TooLarge,
        ErrorCode::NotText,
        ErrorCode::VersionUnsupported,
        ErrorCode::HelloExpected,
        ErrorCode::OutOfTurn,
        ErrorCode::TooFast,
        ErrorCode::SignInNeeded,
        ErrorCode::NotAllowed,
        ErrorCode::UnknownMeeting,
        ErrorCode::TooEarly,
        ErrorCode::TooLate,
        ErrorCode::MeetingLocked,
        ErrorCode::ChairAbsent,
        ErrorCode::ScreenTaken,
        ErrorCode::TextRefused,
        ErrorCode::MeetingFull,
        ErrorCode::UnknownParticipant,
        ErrorCode::UnknownPost,
        ErrorCode::UnknownCall,
        ErrorCode::CallPassed,
        ErrorCode::InCallAlready,
        ErrorCode::CallFull,
        ErrorCode::CallSealed,
        ErrorCode::CannotSeal,
        ErrorCode::ConnectFirst,
        ErrorCode::CannotRecord,
        ErrorCode::OfferRefused,
        ErrorCode::TransportLost,
        ErrorCode::Overloaded,
        ErrorCode::Replaced,
        ErrorCode::TooSlow,
        ErrorCode::Silent,
        ErrorCode::SessionEnded,
        ErrorCode::GoingAway,
        ErrorCode::Internal,
    ];

    /// The WebSocket close code (RFC 6455 §7.4) that follows the error, or nothing when the socket stays.
    ///
    /// Before the welcome every refusal closes, whatever this says: see [`ErrorCode::closes_before_welcome`].
    pub fn close(self) -> Option<u16> {
        match self {
            ErrorCode::Malformed => Some(1002),
            ErrorCode::TooLarge => Some(1009),
            ErrorCode::NotText => Some(1003),
            ErrorCode::VersionUnsupported
            | ErrorCode::HelloExpected
            | ErrorCode::SignInNeeded
            | ErrorCode::Silent
            | ErrorCode::TooSlow
            | ErrorCode::SessionEnded => Some(1008),
            ErrorCode::Replaced => Some(4001),
            ErrorCode::GoingAway => Some(1001),
            _ => None,
        }
    }

    /// The close code when the welcome has not been said: a refused `hello` always ends the socket.
    pub fn closes_before_welcome(self) -> u16 {
        match self {
            ErrorCode::Overloaded => 1013,
            ErrorCode::Internal => 1011,
            other => other.close().unwrap_or(1008),
        }
    }

    /// The code as it stands in a frame.
    pub fn as_str(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            _ => String::new(),
        }
    }
}
