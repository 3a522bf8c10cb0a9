//! The desk moves somebody in the order of the calls, one place at a time and never without a reason.

use domain::diary::queue::Number;
use domain::diary::turn::{MoveReason, Step};
use domain::id::PostId;
use domain::text::Subject;

use super::{Sheet, TurnError};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::limits;
use crate::store::office;
use crate::store::turn::{MoveRow, keep_move};

/// A wished move.
#[derive(Debug, Clone)]
pub struct Shift {
    /// Who.
    pub number: Number,
    /// Which way.
    pub step: Step,
    /// Why.
    pub reason: MoveReason,
    /// What the desk writes beside it, as it was typed; may be empty.
    pub note: String,
}

/// Moves somebody who waits by one place.
///
/// * returns: how many go before that person now.
///
/// # Errors
/// [`TurnError`].
pub async fn shift(desk: &Desk, actor: &Actor, post: &PostId, wished: &Shift) -> Result<usize, TurnError> {
    allows(actor, Act::RunQueue, &Object::Post(post.clone()))?;
    let note = match wished.note.trim() {
        "" => String::new(),
        text if text.chars().count() > limits::MOVE_NOTE_CHARS_MAX => return Err(TurnError::Malformed),
        text => Subject::parse(text).map_err(|_| TurnError::Malformed)?.as_str().to_owned(),
    };
    let row = MoveRow { number: wished.number, step: wished.step, reason: wished.reason, note };
    settled(|| shift_once(desk, actor, post, &row)).await
}

async fn shift_once(desk: &Desk, actor: &Actor, post: &PostId, row: &MoveRow) -> Result<usize, TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut sheet = Sheet::take(&mut deed, &of).await?;
    let before = sheet.queue.shift(row.number, row.step)?;
    sheet.write(&mut deed).await?;
    keep_move(deed.tx, (post, sheet.day, sheet.version), row, now).await?;
    let (number, step, reason) = (row.number.0, row.step.code(), row.reason.code());
    let detail = format!("day={} number={number} step={step} reason={reason}", sheet.day);
    let line = Line { by: actor.by(None), act: "queue.shift", object: post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(before)
}
