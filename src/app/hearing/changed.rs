//! What a hearing says when its appointment is to change: not once the case was called, not to a day beyond the limit, and
//! never without a word to the authority.

use domain::diary::{AppointmentState, Slot};
use domain::hearing::{DateError, Stage};
use domain::notice::What;
use jiff::Timestamp;

use super::enter::tell_authority;
use super::{calendar, day_of, limit_of};
use crate::app::carry_out::Case;
use crate::app::desk::Deed;
use crate::app::tell;
use crate::store::{Connection, StoreError, hearing};

/// Why the appointment of a hearing stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Stays {
    /// The case was called.
    Called,
    /// The case may not be heard on that day.
    Outside,
}

/// Does the hearing of an appointment, if there is one, leave room for a change of its time?
///
/// * `to`: the new time, if it is to have another one.
pub(in crate::app) async fn leaves_room(
    connection: &mut Connection,
    case: &Case,
    (to, now): (Option<Slot>, Timestamp),
) -> Result<Result<(), Stays>, StoreError> {
    let Some(row) = hearing::of(connection, &case.row.rules.id).await? else { return Ok(Ok(())) };
    if row.rules.stage() != Stage::Listed {
        return Ok(Err(Stays::Called));
    }
    let Some(to) = to else { return Ok(Ok(())) };
    let limit = limit_of(row.case.filed, &calendar(connection, &case.post).await?)?;
    Ok(match limit.admits(day_of(to.start()), day_of(now)) {
        Err(DateError::Outside { .. }) => Err(Stays::Outside),
        Ok(()) | Err(DateError::NotAhead) => Ok(()),
    })
}

/// Tells the authority how its hearing stands since its appointment was changed; nothing for an appointment without one.
pub(in crate::app) async fn tell_changed(deed: &mut Deed<'_>, case: &Case) -> Result<(), StoreError> {
    let Some(row) = hearing::of(deed.tx, &case.row.rules.id).await? else { return Ok(()) };
    let version = format!("appointment-{}", case.row.version);
    if case.row.rules.state == AppointmentState::Confirmed {
        return tell_authority(deed, case, (&row.case, &version)).await;
    }
    let what = What::DeskHearingOff {
        visit: tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?,
        case_number: row.case.case_number.to_string(),
    };
    let post = super::authority(deed.tx, &row.case.authority).await?;
    let key = format!("{}/{}/{version}", what.kind(), row.case.appointment);
    tell::post(deed, (&post, key), what).await
}
