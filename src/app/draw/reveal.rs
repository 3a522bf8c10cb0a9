//! Drawing: the list is closed, the public word is known, the secret is told; the first get the times, the others stand
//! in the order of the draw. One transaction.

use domain::diary::draw::{self as rules, DrawError};
use domain::diary::{Appointment, Slot};
use domain::id::{AppointmentId, DrawId};
use domain::office::BookingMode;
use jiff::SignedDuration;

use super::secret_of;
use crate::app::carry_out::{Case, Outcome, carry_out};
use crate::app::desk::{Deed, from_store, settled};
use crate::app::{Desk, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::draw::{self, DrawRow};
use crate::store::{StoreError, claim};

/// Why nothing was drawn.
#[derive(Debug, thiserror::Error)]
pub enum RevealError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such draw.
    #[error("there is no such draw")]
    Unknown,
    /// Entries are still taken.
    #[error("entries are still taken")]
    StillOpen,
    /// The word or the list is not one that can be drawn with.
    #[error(transparent)]
    Refused(#[from] DrawError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(RevealError);

/// Draws with a public word. Drawing twice is drawing once, with the first word.
///
/// # Errors
/// [`RevealError`]; nothing is given away then.
pub async fn reveal(desk: &Desk, actor: &Actor, id: &DrawId, word: &str) -> Result<(), RevealError> {
    let mut connection = desk.store.read().await?;
    let row = draw::by_id(&mut connection, id).await?.ok_or(RevealError::Unknown)?;
    drop(connection);
    allows(actor, Act::HoldDraw, &Object::Post(row.post.clone()))?;
    if desk.now() < row.closes_at {
        return Err(RevealError::StillOpen);
    }
    settled(|| reveal_once(desk, actor, &row, word.trim())).await
}

async fn reveal_once(desk: &Desk, actor: &Actor, row: &DrawRow, word: &str) -> Result<(), RevealError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let entries = draw::entries(&mut tx, &row.id).await?;
    let references: Vec<String> = entries.iter().map(|(_, reference, _)| reference.clone()).collect();
    let secret = secret_of(desk, &row.id);
    let drawn = rules::order((&row.commitment, &secret), word, &references)?;
    if !draw::reveal(&mut tx, &row.id, word, now).await? {
        return Ok(());
    }
    let times = draw::times(&mut tx, &row.id).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut free = times.into_iter();
    for (place, reference) in (1..).zip(&drawn) {
        let found = entries.iter().find(|(_, known, _)| known == reference);
        let Some((entry, ..)) = found else { continue };
        draw::place(deed.tx, entry, place).await?;
        if let Some(slot) = free.next() {
            give(&mut deed, &row.keeper, (entry, slot)).await?;
        }
    }
    // Times that nobody entered for are free for everybody again.
    let keeper = Case::read(deed.tx, &row.keeper).await?.ok_or(RevealError::Unknown)?;
    for slot in free {
        claim::release(deed.tx, &keeper.claimant, &row.keeper, slot).await?;
    }
    let detail = format!("entries={} word_bytes={}", drawn.len(), word.len());
    let line = Line { by: actor.by(None), act: "draw.reveal", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// Gives one drawn time to one entry: out of the house's hands into his, and booked.
async fn give(
    deed: &mut Deed<'_>,
    keeper: &AppointmentId,
    (entry, slot): (&AppointmentId, Slot),
) -> Result<(), RevealError> {
    let now = deed.now;
    let mut case = Case::read(deed.tx, entry).await?.ok_or(RevealError::Unknown)?;
    let until = now + SignedDuration::from_mins(limits::HOLD_MINUTES);
    claim::release(deed.tx, &case.claimant, keeper, slot).await?;
    if !claim::claim(deed.tx, &case.claimant, (entry, slot, Some(until)), now).await? {
        return Err(StoreError::Corrupt { table: "draw_time", what: "time that the draw kept" }.into());
    }
    let held = Appointment { slot, hold_expires_at: Some(until), ..case.row.rules.clone() };
    let Ok(turn) = held.book(BookingMode::Confirm, now) else { return Ok(()) };
    if carry_out(deed, &mut case, (turn, None)).await? != Outcome::Done {
        return Err(StoreError::Corrupt { table: "draw_entry", what: "entry that can be booked" }.into());
    }
    tell::booked(deed, (&case.row, &case.post, case.booked_by()?)).await?;
    Ok(())
}
