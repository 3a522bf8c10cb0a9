//! The hotline: seats that stand open, the presence they show, and calls between them.
//!
//! * [`policy`]: who may ring whom.
//! * [`presence`]: what others are told of a seat.
//! * [`call`]: one call from ring to end, and the consent without which a chamber is never seen.
//!
//! Pure: told the time; effects are returned. Never touches sockets, SQL or media.

pub mod call;
pub mod policy;
pub mod presence;

pub use call::{Call, CallError, Consent, DeclineReason, Outcome, Side, State};
pub use policy::{Answer, RingRefused, answer_to_ring, may_ring};
pub use presence::{OwnPresence, Presence, Standing};
