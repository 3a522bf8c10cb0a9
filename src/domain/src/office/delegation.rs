//! Delegation: what a desk may do for another post. It may book, move, call and admit; never sign,
//! and never answer a ring for the chamber.

use jiff::Timestamp;

use super::post::coded;
use crate::id::PostId;
use serde::{Deserialize, Serialize};

coded! {
    /// What may be handed to another post.
    DelegatedAct {
        /// Read and decide requests: accept, decline, propose.
        Screen = "screen",
        /// See the lobby and let people in.
        Admit = "admit",
    }
}

/// `principal` lets `delegate` do `act` over `[starts_at, ends_at)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Whose right it is.
    pub principal: PostId,
    /// Who may use it.
    pub delegate: PostId,
    /// The right.
    pub act: DelegatedAct,
    /// First instant.
    pub starts_at: Timestamp,
    /// First instant at which it no longer holds; open when absent.
    pub ends_at: Option<Timestamp>,
}

impl Delegation {
    /// Does it hold at `at`?
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|end| at < end)
    }
}
