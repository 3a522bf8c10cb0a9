//! Draws for wanted times: announced with a commitment, entered by people, drawn with a public word, and shown so that
//! anybody can draw again. The order is `domain::diary::draw`.
//!
//! The times are kept by an appointment of the house until they are drawn; an entry is an appointment that is held and
//! keeps no time. Whoever is drawn first gets the first time; the others stand on the waiting list, in the
//! order of the draw.

mod announce;
mod enter;
mod reveal;
mod show;

pub use announce::{AnnounceError, announce};
pub(super) use enter::count_in;
pub use enter::{EnterError, begin};
pub use reveal::{RevealError, reveal};
pub use show::{Shown, of_entry, of_post, show};

use domain::diary::AppointmentState;
use domain::diary::draw::Secret;
use domain::id::DrawId;

use super::Desk;
use crate::store::{StoreError, displacement, draw};

/// The secret of a draw. It stands nowhere: it follows from the installation's key, and the commitment to it is published
/// before anybody enters.
fn secret_of(desk: &Desk, id: &DrawId) -> Secret {
    Secret::from_random(desk.settings.link_key.derived(&format!("draw|{id}")))
}

/// How an appointment stands once it has a time again: as before it was displaced, or fixed, as those whom a draw gave one.
pub(in crate::app) async fn stood(
    connection: &mut crate::store::Connection,
    id: &domain::id::AppointmentId,
) -> Result<AppointmentState, StoreError> {
    if let Some((_, fell)) = displacement::last_of(connection, id).await? {
        return Ok(fell.state);
    }
    let entry = draw::of_entry(connection, id).await?;
    Ok(if entry.is_some() { AppointmentState::Confirmed } else { AppointmentState::Requested })
}
