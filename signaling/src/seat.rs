//! What is said of seats and of calls between them.

use crate::limits::RUNG_MAX;
use crate::value::{Id, Title, ValueError};
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

/// To which group of the board a seat belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum SeatGroup {
    /// The centre of the mesh.
    Centre,
    /// The heads of departments.
    Department,
    /// The heads of divisions.
    Division,
    /// The heads of districts.
    District,
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
    /// Among whom it stands on the board.
    pub group: SeatGroup,
    /// Where it stands.
    pub presence: Presence,
}

/// Another seat, by name.
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
    /// Handed over to another seat.
    HandedOver,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Others are being rung, nobody has taken it yet.
    Ringing,
    /// All who are inside see and hear each other.
    Accepted,
    /// This seat has taken another call, and may come back.
    Held,
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
        !matches!(self, CallState::Ringing | CallState::Accepted | CallState::Held)
    }
}

/// Where another seat of a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It is being rung.
    Rung,
    /// It is being rung, will answer by itself, and shows a frosted picture until then.
    Frosted,
    /// It sees and is seen.
    Inside,
    /// It has taken another call, and may come back.
    Held,
    /// It said: in two minutes.
    Later,
    /// It said: by telephone.
    Telephone,
    /// It said no, or is in another call, another ring or a meeting.
    Busy,
    /// It did not answer.
    Missed,
    /// It is not rung any more.
    Cancelled,
    /// It has no live page, or nobody holds the post.
    Unavailable,
    /// It was inside and went.
    Left,
}

/// Another seat of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The post; its title stands on the board.
    pub post: Id,
    /// Where it stands.
    pub state: MemberState,
}

/// The seats that one message rings. Invariant: 1 to `RUNG_MAX`, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS), ts(type = "Array<string>"))]
#[serde(try_from = "Vec<Id>", into = "Vec<Id>")]
pub struct Posts(Vec<Id>);

impl TryFrom<Vec<Id>> for Posts {
    type Error = ValueError;

    fn try_from(posts: Vec<Id>) -> Result<Posts, ValueError> {
        let is_twice = |(n, post): (usize, &Id)| posts[..n].contains(post);
        let fits = (1..=RUNG_MAX).contains(&posts.len()) && !posts.iter().enumerate().any(is_twice);
        if fits { Ok(Posts(posts)) } else { Err(ValueError::Posts) }
    }
}

impl From<Posts> for Vec<Id> {
    fn from(posts: Posts) -> Vec<Id> {
        posts.0
    }
}

impl From<Id> for Posts {
    fn from(post: Id) -> Posts {
        Posts(vec![post])
    }
}

impl Posts {
    /// All of them.
    pub fn as_slice(&self) -> &[Id] {
        &self.0
    }
}
