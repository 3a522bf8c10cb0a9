//! Calling: the next one, once more, in, out, and who is here. One act a press.

use domain::diary::queue::{Number, QueueError, Standing};
use domain::id::{MeetingId, PostId};

use super::{Sheet, TurnError, read};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::office;

/// What is done at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Whoever is inside has been heard, and the next one is called.
    Next,
    /// Whoever was called comes in.
    Enter(Number),
    /// Whoever was called did not come: is called once more, then moved back.
    Miss(Number),
    /// Whoever is inside goes.
    Leave(Number),
    /// Somebody with a time is here, or on the line.
    Here(Number),
    /// Somebody goes without having been heard.
    Go(Number),
}

/// Carries a move out.
///
/// * returns: the number that it was about; `None` when the next was wished and nobody waits.
///
/// # Errors
/// [`TurnError`].
pub async fn carry(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    wished: Move,
) -> Result<Option<Number>, TurnError> {
    allows(actor, Act::RunQueue, &Object::Post(post.clone()))?;
    settled(|| carry_once(desk, actor, post, wished)).await
}

/// The meeting by video into which a call leads this person, if he is the officer whom the number waits for there.
///
/// # Errors
/// [`TurnError`].
pub async fn room(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    number: Number,
) -> Result<Option<MeetingId>, TurnError> {
    let mut connection = desk.store.read().await?;
    let of = office::post(&mut connection, post).await?.ok_or(TurnError::UnknownPost)?;
    let (rows, _) = read(&mut connection, &of, desk.now()).await?;
    let row = rows.into_iter().find(|row| row.rules.number == number);
    let Some((appointment, meeting)) = row.and_then(|row| row.appointment.zip(row.meeting)) else {
        return Ok(None);
    };
    let inside = Object::Meeting { appointment, post: post.clone() };
    Ok(allows(actor, Act::EndMeeting, &inside).is_ok().then_some(meeting))
}

async fn carry_once(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    wished: Move,
) -> Result<Option<Number>, TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut sheet = Sheet::take(&mut deed, &row).await?;
    let queue = &mut sheet.queue;
    let (act, number) = match wished {
        Move::Next => {
            let inside = queue.tickets().iter().find(|t| matches!(t.standing, Standing::Inside(_)));
            let inside = inside.map(|ticket| ticket.number);
            if let Some(number) = inside {
                queue.leave(number)?;
            }
            match (queue.call_next(now), inside) {
                (Ok(number), _) => ("queue.call", Some(number)),
                (Err(QueueError::Unknown), Some(_)) => ("queue.leave", None),
                (Err(error), _) => return Err(error.into()),
            }
        }
        Move::Enter(number) => queue.enter(number, now).map(|()| ("queue.enter", Some(number)))?,
        Move::Leave(number) => queue.leave(number).map(|()| ("queue.leave", Some(number)))?,
        Move::Here(number) => queue.arrive(number, now).map(|()| ("queue.here", Some(number)))?,
        Move::Go(number) => queue.go(number).map(|()| ("queue.go", Some(number)))?,
        Move::Miss(number) => {
            let is_back = queue.miss(number, now)?;
            (if is_back { "queue.move_back" } else { "queue.call_again" }, Some(number))
        }
    };
    sheet.write(&mut deed).await?;
    sheet.note(&mut deed, actor, (act, number.unwrap_or(Number(0)))).await?;
    tx.commit().await?;
    Ok(number)
}
