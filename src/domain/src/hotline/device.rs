//! At what a seat is taken, and who acts there.

use crate::id::{PersonId, PostId};
use crate::office::coded;
use serde::{Deserialize, Serialize};

coded! {
    /// The kinds of device of a seat. A seat has at most one of each at a time, and all of them ring.
    Device {
        /// The terminal of the chamber.
        Chamber = "chamber",
        /// The board, on a desk.
        Board = "board",
        /// The officer's own telephone or laptop.
        Phone = "phone",
        /// A hall with a big screen.
        Hall = "hall",
    }
}

/// Somebody at a device of a seat: who acts in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The seat.
    pub post: PostId,
    /// The device.
    pub device: Device,
    /// The person who sits there.
    pub person: PersonId,
}
