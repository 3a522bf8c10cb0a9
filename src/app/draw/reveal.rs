//! Drawing: the list is closed, the public word is known, the secret is told; the first get the times, the others stand
//! on the waiting list in the order of the draw, behind whoever waits already. One transaction.

use domain::diary::draw::{self as rules, DrawError};
use domain::diary::{Appointment, Slot};
use domain::id::{AppointmentId, DrawId};
use domain::notice::What;
use domain::office::BookingMode;
use jiff::SignedDuration;

use super::secret_of;
use crate::app::carry_out::{Case, Outcome, carry_out};
use crate::app::desk::{Deed, from_store, settled};
use crate::app::party::{parties, tell_each, write_rows};
use crate::app::{Desk, earlier, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::draw::{self, DrawRow};
use crate::store::{StoreError, appointment, claim, waiting};

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
    let mut others = Vec::new();
    for (place, reference) in (1..).zip(&drawn) {
        let found = entries.iter().find(|(_, known, _)| known == reference);
        let Some((entry, ..)) = found else { continue };
        draw::place(deed.tx, entry, place).await?;
        let has_time = match free.next() {
            Some(slot) => give(&mut deed, &row.keeper, (entry, slot)).await?,
            None => false,
        };
        if !has_time {
            others.push(entry.clone());
        }
    }
    // Times that nobody entered for go to whoever waits, or are free for everybody again.
    let keeper = Case::read(deed.tx, &row.keeper).await?.ok_or(RevealError::Unknown)?;
    for slot in free {
        earlier::give_up(&mut deed, &keeper.claimant, (&row.keeper, slot)).await?;
    }
    let waits = others.len();
    wait(&mut deed, &keeper, &others).await?;
    let detail = format!("entries={} waits={waits} word_bytes={}", drawn.len(), word.len());
    let line = Line { by: actor.by(None), act: "draw.reveal", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// Puts whom the draw gave no time on the waiting list, in its order, and tells them.
async fn wait(deed: &mut Deed<'_>, keeper: &Case, others: &[AppointmentId]) -> Result<(), RevealError> {
    let rows = appointment::of_ids(deed.tx, others).await?;
    let mut turns = Vec::with_capacity(rows.len());
    for party in parties(deed.tx, rows).await? {
        let Ok(turn) = party.row.rules.clone().lose_draw() else { continue };
        turns.push((party, turn));
    }
    let after = write_rows(deed, turns).await?;
    let after = after.ok_or(StoreError::Corrupt { table: "draw_entry", what: "entry that can wait" })?;
    waiting::put_in_order(deed.tx, &keeper.post.id, others, deed.now).await?;
    let mut told = Vec::with_capacity(after.len());
    for party in &after {
        let visit = tell::visit(deed.desk, &party.row, &keeper.post, &party.citizen)?;
        told.push((party, What::Waiting { visit, reason: "draw".to_owned(), is_fixed: false }));
    }
    Ok(tell_each(deed, told).await?)
}

/// Gives one drawn time to one entry: out of the house's hands into his, and booked.
///
/// * returns: `false` when the time is not to be had any more, because the post has changed hands; he waits then.
async fn give(
    deed: &mut Deed<'_>,
    keeper: &AppointmentId,
    (entry, slot): (&AppointmentId, Slot),
) -> Result<bool, RevealError> {
    let now = deed.now;
    let mut case = Case::read(deed.tx, entry).await?.ok_or(RevealError::Unknown)?;
    let until = now + SignedDuration::from_mins(limits::HOLD_MINUTES);
    claim::release(deed.tx, &case.claimant, keeper, slot).await?;
    if !claim::claim(deed.tx, &case.claimant, (entry, slot, Some(until)), now).await? {
        claim::release(deed.tx, &case.claimant, entry, slot).await?;
        return Ok(false);
    }
    let held = Appointment { slot, hold_expires_at: Some(until), ..case.row.rules.clone() };
    let Ok(turn) = held.book(BookingMode::Confirm, now) else {
        claim::release(deed.tx, &case.claimant, entry, slot).await?;
        return Ok(false);
    };
    if carry_out(deed, &mut case, (turn, None)).await? != Outcome::Done {
        return Err(StoreError::Corrupt { table: "draw_entry", what: "entry that can be booked" }.into());
    }
    tell::booked(deed, (&case.row, &case.post, case.booked_by()?)).await?;
    Ok(true)
}
