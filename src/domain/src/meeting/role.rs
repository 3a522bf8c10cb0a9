//! As what somebody comes to a meeting, and what that role may do there.
//!
//! Rights inside one meeting only; who may come at all is decided before.

use serde::{Deserialize, Serialize};

/// A role in one meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Waits until admitted.
    Citizen,
    /// Holds the post that is visited.
    Officer,
    /// Was asked in by the officer: waits like a citizen.
    Guest,
    /// The post's desk: looks after the lobby, has no media.
    Desk,
}

impl Role {
    /// Must wait in the lobby.
    pub fn waits(self) -> bool {
        matches!(self, Role::Citizen | Role::Guest)
    }

    /// May admit and deny.
    pub fn keeps_the_door(self) -> bool {
        matches!(self, Role::Officer | Role::Desk)
    }

    /// May end the meeting for everybody.
    pub fn ends(self) -> bool {
        matches!(self, Role::Officer)
    }

    /// Sends and receives sound and picture.
    pub fn has_media(self) -> bool {
        matches!(self, Role::Citizen | Role::Guest | Role::Officer)
    }

    /// The word that stands in rows.
    pub fn code(self) -> &'static str {
        match self {
            Role::Citizen => "citizen",
            Role::Officer => "officer",
            Role::Guest => "guest",
            Role::Desk => "desk",
        }
    }

    /// Reads the word of a row.
    pub fn from_code(code: &str) -> Option<Role> {
        [Role::Citizen, Role::Officer, Role::Guest, Role::Desk].into_iter().find(|role| role.code() == code)
    }
}
