//! One telephone, several people: who on this number meets by video today, and going to one's own meeting.
//!
//! Anybody can give any number when booking, so the number alone proves nothing: of the others a device that is known at
//! one door learns the first letters of their names, and it goes over to them by the PIN of their slip.

use domain::id::{AppointmentId, SessionId};
use domain::office::ist;
use jiff::{Timestamp, ToSpan};

use super::carry_out::Case;
use super::door::{ComeInError, Door, tried};
use super::{Desk, session};
use crate::audit::{self, By, Line};
use crate::auth::token::Purpose;
use crate::auth::{otp, pin};
use crate::limits;
use crate::store::{StoreError, shared_phone};

/// Who may be holding the telephone.
#[derive(Debug, Clone)]
pub struct Household {
    /// Whose door it is.
    pub name: String,
    /// The others who meet by video on that day.
    pub others: Vec<Other>,
}

/// Somebody else with the same number.
#[derive(Debug, Clone)]
pub struct Other {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The first letters of who comes.
    pub letters: String,
    /// When.
    pub start: Timestamp,
}

/// As much of a name as somebody needs to know it for his own.
fn letters(name: &str) -> String {
    let word = |word: &str| word.chars().next().map(|first| format!("{first}…"));
    name.split_whitespace().filter_map(word).collect::<Vec<_>>().join(" ")
}

/// Those who share the number behind a door on the day of its meeting; nothing when it is one person's alone.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn household(desk: &Desk, door: &Door) -> Result<Option<Household>, StoreError> {
    let mut connection = desk.store.read().await?;
    let zone = ist();
    let day = door.slot.start().to_zoned(zone.clone()).date();
    let midnight = |date: jiff::civil::Date| date.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let next = day.checked_add(1.day()).ok();
    let Some(span) = midnight(day).zip(next.and_then(midnight)) else { return Ok(None) };
    let most = limits::SHARED_PHONE_MAX;
    let rows = shared_phone::others(&mut connection, &door.appointment, span, most).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let Some(case) = Case::read(&mut connection, &door.appointment).await? else { return Ok(None) };
    let others = rows.into_iter().map(|row| Other {
        appointment: row.appointment,
        letters: letters(&row.name),
        start: row.start,
    });
    Ok(Some(Household { name: case.booked_by()?.name.clone(), others: others.collect() }))
}

/// Makes a device that is known at one door known at that of another on the same number, by the PIN of the other's slip.
///
/// * returns: the token of the other door.
///
/// # Errors
/// [`ComeInError::NoDoor`] when the number does not share that meeting; the others as at the door itself.
pub async fn go_over(
    desk: &Desk,
    (session, door): (&SessionId, &Door),
    (to, typed): (&AppointmentId, &str),
) -> Result<String, ComeInError> {
    let household = household(desk, door).await?;
    if !household.is_some_and(|house| house.others.iter().any(|other| other.appointment == *to)) {
        return Err(ComeInError::NoDoor);
    }
    if otp::digits(typed).len() != pin::PIN_DIGITS {
        return Err(ComeInError::NotDigits);
    }
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if let Err(refused) = tried(&mut tx, to, now, || pin::opens(&desk.settings.link_key, to, typed)).await {
        tx.commit().await?;
        return Err(refused);
    }
    session::let_in(desk, &mut tx, Some(session), to).await?;
    let detail = format!("from={}", door.appointment);
    let line = Line { by: By::Citizen(session.clone()), act: "door.go_over", object: to.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(desk.settings.link_key.link(Purpose::Door, to))
}
