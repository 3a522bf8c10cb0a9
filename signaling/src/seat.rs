//! What is said of seats and of calls between them.

use crate::value::{Id, Title};
use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

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
