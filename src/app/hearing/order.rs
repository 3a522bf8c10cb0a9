//! The order of a hearing: its text, and that it was read aloud or why not.

use domain::hearing::{Order, Reading};
use domain::id::AppointmentId;
use domain::text::{Noting, OrderText};

use super::{Listed, StepError};
use crate::app::Desk;
use crate::app::desk::settled;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied};
use crate::store::hearing;

/// Writes the order, or writes it anew until the hearing is closed.
///
/// * `unread_why`: why it was not read aloud; nothing when it was, just now, by the officer who hears.
///
/// # Errors
/// [`StepError`].
pub async fn write(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    (text, unread_why): (&OrderText, Option<&Noting>),
) -> Result<(), StepError> {
    settled(|| once(desk, actor, id, (text, unread_why))).await
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    (text, unread_why): (&OrderText, Option<&Noting>),
) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let Listed { mut row, .. } = Listed::read(&mut tx, (actor, Act::DecideHearing), id).await?;
    let by = actor.staff().ok_or(Denied::SignInFirst)?.post.clone();
    let reading = match unread_why {
        None => Reading::Aloud { at: now, by },
        Some(why) => Reading::NotRead { why: why.clone() },
    };
    row.rules.write(Order { text: text.clone(), reading, at: now })?;
    if !hearing::update(&mut tx, &row).await? {
        return Err(StepError::Changed);
    }
    let detail = format!("read={}", if unread_why.is_none() { "aloud" } else { "no" });
    let line = Line { by: actor.by(Some(id)), act: "hearing.order", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}
