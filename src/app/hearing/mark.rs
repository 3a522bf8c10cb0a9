//! The attendance of one party, marked by the office or proved by the meeting.

use domain::hearing::{Attendance, Evidence, Reason, Side};
use domain::id::AppointmentId;

use super::{Listed, StepError, read};
use crate::app::Desk;
use crate::app::desk::settled;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::Act;
use crate::limits;
use crate::store::hearing;

/// Marks a party.
///
/// * `reason`: asked for unless the meeting proves it.
///
/// # Errors
/// [`StepError`].
pub async fn mark(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    wish: &((Side, Attendance), Option<Reason>),
) -> Result<(), StepError> {
    settled(|| once(desk, actor, id, wish)).await
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    ((side, attendance), reason): &((Side, Attendance), Option<Reason>),
) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let Listed { mut row, .. } = Listed::read(&mut tx, (actor, Act::RunHearing), id).await?;
    if hearing::marks_of(&mut tx, (id, *side)).await? >= limits::HEARING_MARKS_MAX {
        return Err(StepError::TooOften);
    }
    let seen = read::seen(&mut tx, &row.case).await?;
    let mark = row.rules.mark((*side, *attendance), reason.clone(), (*seen.of(*side), now))?.clone();
    if !hearing::update(&mut tx, &row).await? {
        return Err(StepError::Changed);
    }
    hearing::add_mark(&mut tx, (id, *side), &mark).await?;
    let evidence = match &mark.evidence {
        Evidence::Joined { .. } => "joined",
        Evidence::ByHand(reason) => reason.ground().code(),
    };
    let detail = format!("side={} attendance={} by={evidence}", side.code(), attendance.code());
    let line = Line { by: actor.by(Some(id)), act: "hearing.mark", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}
