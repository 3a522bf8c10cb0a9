//! The diary of a post: when it can be met, what is taken, and the life of an appointment.
//!
//! Never reads the clock and never decides a race: the database's unique keys do that.

mod appointment;
mod caps;
pub mod cause_list;
pub mod displacement;
pub mod draw;
pub mod expected;
pub mod queue;
mod slot;
pub mod supply;
pub mod turn;
pub mod waitlist;
pub mod week;

pub use appointment::{
    Appointment, AppointmentState, Channel, DeclineReason, Effect, MoveError, PROPOSALS_MAX, Turn,
};
pub use caps::{Caps, Full};
pub use slot::{CELL_MINUTES, Cell, SLOT_MINUTES_MAX, Slot, SlotError, nearest};
