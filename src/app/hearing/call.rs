//! The call of a case: its number goes to the board, and the hearing may begin.

use domain::id::AppointmentId;

use super::{Listed, StepError, day_of};
use crate::app::desk::{Deed, settled};
use crate::app::{Desk, queue};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::Act;
use crate::store::hearing;

/// Calls the case: the first time, or once more ten minutes later.
///
/// # Errors
/// [`StepError`].
pub async fn call(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<(), StepError> {
    settled(|| once(desk, actor, id)).await
}

async fn once(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let Listed { case, mut row } = Listed::read(&mut tx, (actor, Act::RunHearing), id).await?;
    row.rules.call(day_of(case.row.rules.slot.start()), now)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    queue::call_case(&mut deed, (&case.post, id)).await?;
    if !hearing::update(deed.tx, &row).await? {
        return Err(StepError::Changed);
    }
    let line =
        Line { by: actor.by(Some(id)), act: "hearing.call", object: id.as_str(), detail: String::new() };
    audit::append(deed.tx, line, now).await?;
    Ok(tx.commit().await?)
}
