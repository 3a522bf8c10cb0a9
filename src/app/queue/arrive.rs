//! Arriving by video: whoever waits in the lobby of his meeting is here in the queue of its post, so that the officer sees
//! who is ready. Going away takes nobody's place.

use domain::id::{MeetingId, PostId};
use jiff::Timestamp;

use super::{Sheet, TurnError};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::audit::{self, By, Line};
use crate::store::ledger::Place;
use crate::store::{StoreError, meeting, office};

/// Says in today's queue that the citizen of this meeting is here since `at`.
///
/// * `place`: its place in the ledger; what is written under it is not written again.
/// * returns: whose queue has changed; `None` when he is here already, has been heard, or has no number today.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn arrive(
    desk: &Desk,
    id: &MeetingId,
    (by, at): (&By, Timestamp),
    place: Place<'_>,
) -> Result<Option<PostId>, StoreError> {
    match settled(|| arrive_once(desk, id, (by, at), place)).await {
        Ok(changed) => Ok(changed),
        Err(TurnError::Store(error)) => Err(error),
        // The rules of the queue leave him where he stands.
        Err(_) => Ok(None),
    }
}

async fn arrive_once(
    desk: &Desk,
    id: &MeetingId,
    (by, at): (&By, Timestamp),
    place: Place<'_>,
) -> Result<Option<PostId>, TurnError> {
    let mut tx = desk.store.write().await?;
    let Some(met) = meeting::by_id(&mut tx, id).await? else { return Ok(None) };
    let Some(post) = office::post(&mut tx, &met.post).await? else { return Ok(None) };
    if !place.take(&mut tx).await? {
        return Ok(Some(post.id));
    }
    let mut deed = Deed { desk, tx: &mut tx, now: desk.now() };
    let mut sheet = Sheet::take(&mut deed, &post).await?;
    let Some(number) = sheet.number_of(&met.appointment) else { return Ok(None) };
    sheet.queue.arrive(number, at)?;
    sheet.write(&mut deed).await?;
    let detail = format!("number={} by=video", number.0);
    let line = Line { by: by.clone(), act: "queue.here", object: post.id.as_str(), detail };
    audit::append(&mut tx, line, desk.now()).await?;
    tx.commit().await?;
    Ok(Some(post.id))
}
