//! A gate: the passes that it checks, the day's list that makes it independent of the line, and who went in and out.

mod list;
mod mark;

pub use list::{Checked, GateList, Refusal, Visitor, check, list};
pub use mark::{Mark, MarkError, Way, mark};

use domain::diary::{AppointmentState, Channel};
use domain::office::ist;

use super::Desk;
use super::slip::Slip;
use crate::auth::gate_pass::{GateKey, GatePass};

/// The gate pass of a slip, for its QR code; `None` unless it is fixed and in person.
#[must_use]
pub fn pass_of(desk: &Desk, slip: &Slip, seat: u32) -> Option<String> {
    if slip.state != AppointmentState::Confirmed || slip.channel != Channel::InPerson {
        return None;
    }
    let pass = GatePass {
        appointment: slip.appointment.clone(),
        sequence: slip.sequence,
        seat,
        day: slip.slot.start().to_zoned(ist()).date(),
        post: slip.post.id.clone(),
    };
    Some(GateKey::of(&desk.settings.link_key).sealed(&pass))
}
