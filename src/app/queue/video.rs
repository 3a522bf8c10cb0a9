//! What happens in a meeting by video, as its post's queue must know it: who waits in the lobby is here, who is let in is
//! called, who sits there with the officer is inside, and who goes or is sent home has been heard.
//!
//! Part of the ledger's transaction. Going away takes nobody's place: whose line is lost is called and comes in again.

use domain::id::{MeetingId, PostId};
use jiff::Timestamp;

use super::{Number, Queue, QueueError, Sheet};
use crate::app::Desk;
use crate::app::desk::Deed;
use crate::audit::{self, By, Line};
use crate::store::{StoreError, Tx, meeting, office};

/// What happened to the citizen of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Waits in the lobby.
    Waits,
    /// Was let in.
    LetIn,
    /// He or the officer came in.
    CameIn,
    /// Went by himself.
    Left,
    /// His line is lost.
    Lost,
    /// Was sent away, or the officer has ended the meeting.
    Closed,
}

impl Happening {
    /// Carries it out by the rules; the word for the audit chain.
    fn carry(self, queue: &mut Queue, number: Number, at: Timestamp) -> Result<&'static str, QueueError> {
        match self {
            Self::Waits => queue.arrive(number, at).map(|()| "queue.here"),
            Self::LetIn => queue.summon(number, at).map(|()| "queue.call"),
            Self::CameIn => queue.meet(number, at).map(|()| "queue.enter"),
            Self::Left => queue.leave(number).map(|()| "queue.leave"),
            Self::Lost => queue.lose(number, at).map(|()| "queue.lose"),
            Self::Closed => queue.hear(number).map(|()| "queue.heard"),
        }
    }
}

/// Says in today's queue what happened in a meeting, in the transaction that writes it down.
///
/// * returns: whose queue has changed; `None` when the rules leave the citizen where he stands, or he has no number.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn follow(
    desk: &Desk,
    tx: &mut Tx,
    (id, what): (&MeetingId, Happening),
    (by, at): (&By, Timestamp),
) -> Result<Option<PostId>, StoreError> {
    if what == Happening::CameIn && !meeting::are_together(tx, id).await? {
        return Ok(None);
    }
    let Some(met) = meeting::by_id(tx, id).await? else { return Ok(None) };
    let Some(post) = office::post(tx, &met.post).await? else { return Ok(None) };
    let now = desk.now();
    let mut deed = Deed { desk, tx, now };
    let mut sheet = Sheet::take(&mut deed, &post).await?;
    let Some(number) = sheet.number_of(&met.appointment) else { return Ok(None) };
    let Ok(act) = what.carry(&mut sheet.queue, number, at) else {
        sheet.write(&mut deed).await?;
        return Ok(None);
    };
    sheet.write(&mut deed).await?;
    let detail = format!("number={} by=video", number.0);
    audit::append(tx, Line { by: by.clone(), act, object: post.id.as_str(), detail }, now).await?;
    Ok(Some(post.id))
}
