//! The hotline: seats that stand open, the presence they show, and calls between them.
//!
//! * [`auto_answer`]: whom an occupant lets in without an act of that moment, and when.
//! * [`device`]: at what a seat is taken.
//! * [`missed`]: rings that nobody took, and words that are left instead.
//! * [`policy`]: who may ring whom, and who goes first.
//! * [`presence`]: what others are told of a seat.
//! * [`call`]: one call from ring to end, and the consents without which a seat is never seen.
//! * [`ring_back`]: who may return a ring of somebody whom he may not ring.
//! * [`sealed`]: calls of two that the server cannot hear.
//! * [`review`]: what a chair conducts beside a call of many.
//! * `standing`: rings that answer themselves after a countdown.
//! * [`switchboard`]: all calls at once, and what one does to another.
//!
//! Pure: told the time; effects are returned. Never touches sockets, SQL or media.

pub mod auto_answer;
pub mod call;
pub mod device;
pub mod missed;
pub mod policy;
pub mod presence;
pub mod review;
pub mod ring_back;
pub mod sealed;
mod standing;
pub mod switchboard;

pub use auto_answer::{AutoAnswer, Hours, NightError};
pub use call::{
    Act, Call, CallError, Consent, Countdown, DeclineReason, Finds, Outcome, Part, Ring, Shows, Spans, Then,
};
pub use device::{Device, Place};
pub use policy::{RingRefused, may_ring, precedence};
pub use presence::{OwnPresence, Presence, Standing};
pub use sealed::Class;
pub use switchboard::{Change, Facts, Office, Purpose, Switchboard, Terms};
