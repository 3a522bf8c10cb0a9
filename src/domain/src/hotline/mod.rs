//! The hotline: seats that stand open, the presence they show, and calls between them.
//!
//! * [`device`]: at what a seat is taken.
//! * [`policy`]: who may ring whom, and who goes first.
//! * [`presence`]: what others are told of a seat.
//! * [`call`]: one call from ring to end, and the consents without which a seat is never seen.
//! * [`switchboard`]: all calls at once, and what one does to another.
//!
//! Pure: told the time; effects are returned. Never touches sockets, SQL or media.

pub mod call;
pub mod device;
pub mod policy;
pub mod presence;
pub mod switchboard;

pub use call::{Act, Call, CallError, Consent, DeclineReason, Finds, Outcome, Part, Ring, Spans, Then};
pub use device::{Device, Place};
pub use policy::{RingRefused, may_ring, precedence};
pub use presence::{OwnPresence, Presence, Standing};
pub use switchboard::{Change, Facts, Office, Purpose, Switchboard, Terms};
