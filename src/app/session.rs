//! Who asks: from a cookie to an actor, and the session of a citizen's device.

use domain::id::{AppointmentId, SessionId};
use jiff::SignedDuration;

use super::Desk;
use crate::auth::{Actor, token};
use crate::limits;
use crate::store::intake::Device;
use crate::store::session::Bearer;
use crate::store::{StoreError, Tx, session};

/// Name of the cookie that carries the session's token.
pub const COOKIE: &str = "es";

/// Who shows this cookie. A wrong, old or revoked one is nobody.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn actor(desk: &Desk, cookie: Option<&str>) -> Result<Actor, StoreError> {
    if cookie.is_none() {
        return Ok(Actor::Anyone);
    }
    let mut connection = desk.store.read().await?;
    crate::auth::session::actor_of(&mut connection, cookie, desk.now()).await
}

/// Whose session it is; one that ended is nobody's.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(desk: &Desk, session: &SessionId) -> Result<Actor, StoreError> {
    let mut connection = desk.store.read().await?;
    crate::auth::session::actor_of_session(&mut connection, session, desk.now()).await
}

/// A device that comes for the first time, and the token of its cookie.
pub(super) fn device(desk: &Desk) -> (Device, String) {
    let session = SessionId::fresh(desk.now(), desk.random.bytes());
    let (token, token_hash) = token::fresh(desk.random);
    let until = desk.now() + SignedDuration::from_hours(24 * limits::CITIZEN_SESSION_DAYS);
    (Device { session, token_hash, until }, token)
}

/// Lets this device touch an appointment; begins a citizen's session when it has none.
///
/// * returns: the session, and the new cookie's token if one began.
pub(super) async fn let_in(
    desk: &Desk,
    tx: &mut Tx,
    known: Option<&SessionId>,
    appointment: &AppointmentId,
) -> Result<(SessionId, Option<String>), StoreError> {
    let (id, cookie) = of_device(desk, tx, known).await?;
    session::grant(tx, &id, appointment).await?;
    Ok((id, cookie))
}

/// The session of this device; begins one when it has none.
///
/// * returns: the session, and the new cookie's token if one began.
pub(super) async fn of_device(
    desk: &Desk,
    tx: &mut Tx,
    known: Option<&SessionId>,
) -> Result<(SessionId, Option<String>), StoreError> {
    if let Some(id) = known {
        return Ok((id.clone(), None));
    }
    let (device, token) = device(desk);
    let span = (desk.now(), device.until);
    session::insert(tx, (&device.session, &device.token_hash), &Bearer::Citizen, span).await?;
    Ok((device.session, Some(token)))
}
