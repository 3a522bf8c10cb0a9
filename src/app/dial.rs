//! Calling a citizen by telephone in the place of a talk by video: whose number, and that it was looked at.
//!
//! The number is shown to the office alone. What comes of the talk is recorded like that of any other.

use domain::id::AppointmentId;
use domain::text::{Bilingual, Mobile};

use super::Desk;
use super::carry_out::Case;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::store::{StoreError, appointment};

/// Whom to call.
#[derive(Debug, Clone)]
pub struct Callee {
    /// The number that people say.
    pub reference: String,
    /// Who is called.
    pub name: String,
    /// What about.
    pub subject: String,
    /// Whom the citizen wants to talk to.
    pub post: Bilingual,
    /// His number, if he has a telephone at all.
    pub mobile: Option<Mobile>,
}

/// Why nobody is called.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// It is not theirs to do.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such appointment, or nobody has booked it yet.
    #[error("there is nobody to call")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the policy is asked about somebody who wants to call.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn object(desk: &Desk, id: &AppointmentId) -> Result<Option<Object>, StoreError> {
    let mut connection = desk.store.read().await?;
    let row = appointment::by_id(&mut connection, id).await?;
    Ok(row.map(|row| Object::Meeting { appointment: row.rules.id, post: row.rules.post }))
}

/// The number of a citizen who is called now; that it was asked for is written down.
///
/// # Errors
/// [`DialError`].
pub async fn dial(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<Callee, DialError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let case = Case::read(&mut tx, id).await?.ok_or(DialError::Unknown)?;
    let object = Object::Meeting { appointment: id.clone(), post: case.post.id.clone() };
    allows(actor, Act::Dial, &object)?;
    let citizen = case.citizen.as_ref().ok_or(DialError::Unknown)?;
    let callee = Callee {
        reference: case.row.reference.clone(),
        name: citizen.name.clone(),
        subject: case.row.subject.clone(),
        post: case.post.title.clone(),
        mobile: Mobile::parse(&citizen.mobile).ok(),
    };
    let line =
        Line { by: actor.by(None), act: "appointment.dial", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(callee)
}
