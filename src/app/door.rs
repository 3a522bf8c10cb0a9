//! The door of a meeting: what its link shows, and the four digits that make a device known there.
//!
//! Reading changes nothing, so that a link preview consumes nothing. Being known at the door is not being inside:
//! who is admitted is decided in `live`.

use domain::diary::{AppointmentState, Channel, Slot};
use domain::id::{AppointmentId, MeetingId, PostId, SessionId};
use domain::notice::Language;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::carry_out::Case;
use super::desk::from_store;
use super::slip::opened;
use super::{Desk, session};
use crate::audit::{self, By, Line};
use crate::auth::policy::Object;
use crate::auth::token::Purpose;
use crate::auth::{otp, pin};
use crate::limits;
use crate::store::{Connection, StoreError, attempt, meeting};

/// Whether anybody can meet behind a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorState {
    /// They meet here, by video.
    Open,
    /// The appointment waits for an answer.
    NotYet,
    /// It was declined, withdrawn or has lapsed.
    Never,
    /// They meet in the office.
    Elsewhere,
    /// The office calls by telephone.
    ByTelephone,
}

/// A meeting as its door shows it: with which post and when, never with whom.
#[derive(Debug, Clone)]
pub struct Door {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The post that is visited.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// When.
    pub slot: Slot,
    /// Whether they meet here.
    pub state: DoorState,
    /// The meeting, once it is fixed.
    pub meeting: Option<MeetingId>,
    /// The language in which it was booked; unknown while the database is away.
    pub language: Option<Language>,
}

impl Door {
    /// What the policy is asked about somebody who shows the door's link.
    #[must_use]
    pub fn by_link(&self) -> Object {
        Object::Link(self.appointment.clone())
    }

    /// What the policy is asked about somebody who wants to go into the meeting.
    #[must_use]
    pub fn inside(&self) -> Object {
        Object::Meeting { appointment: self.appointment.clone(), post: self.post.clone() }
    }
}

/// Why a device was not made known.
#[derive(Debug, thiserror::Error)]
pub enum ComeInError {
    /// The link opens nothing.
    #[error("the link opens nothing")]
    NoDoor,
    /// Neither four digits of the mobile number nor those of a PIN.
    #[error("four digits, or those of the PIN, are asked for")]
    NotDigits,
    /// Other digits than those of the mobile number.
    #[error("these are not the digits")]
    Wrong {
        /// Tries that are left in this window.
        tries_left: i64,
    },
    /// Too many tries; wait for the window to end.
    #[error("too many tries")]
    TooManyTries,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ComeInError);

/// The door behind a link.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_link(desk: &Desk, token: &str) -> Result<Option<Door>, StoreError> {
    let mut connection = desk.store.read().await?;
    match opened(&mut connection, token, Purpose::Door).await? {
        Some(id) => door(&mut connection, &id).await,
        None => Ok(None),
    }
}

/// The door of a meeting, for the staff of its post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(desk: &Desk, id: &MeetingId) -> Result<Option<Door>, StoreError> {
    let mut connection = desk.store.read().await?;
    match meeting::appointment_of(&mut connection, id).await? {
        Some(appointment) => door(&mut connection, &appointment).await,
        None => Ok(None),
    }
}

async fn door(connection: &mut Connection, id: &AppointmentId) -> Result<Option<Door>, StoreError> {
    let Some(case) = Case::read(connection, id).await? else { return Ok(None) };
    let state = match (case.row.channel, case.row.rules.state) {
        (Channel::InPerson, _) => DoorState::Elsewhere,
        (Channel::Telephone, AppointmentState::Confirmed) => DoorState::ByTelephone,
        (Channel::Video, AppointmentState::Confirmed) => DoorState::Open,
        (
            Channel::Telephone | Channel::Video,
            AppointmentState::Held | AppointmentState::Requested | AppointmentState::Proposed,
        ) => DoorState::NotYet,
        (Channel::Telephone | Channel::Video, _) => DoorState::Never,
    };
    Ok(Some(Door {
        appointment: id.clone(),
        title: case.post.title,
        post: case.post.id,
        slot: case.row.rules.slot,
        language: Some(case.row.language),
        meeting: meeting::of_appointment(connection, id).await?,
        state,
    }))
}

/// Counts a try at a door. The transaction is committed also when it failed, for the count stands in it.
pub(super) async fn tried(
    connection: &mut Connection,
    id: &AppointmentId,
    now: Timestamp,
    is_right: impl FnOnce() -> bool,
) -> Result<(), ComeInError> {
    let subject = format!("door/{id}");
    let window = now + SignedDuration::from_mins(limits::ATTEMPT_WINDOW_MINUTES);
    let tries = attempt::count(connection, &subject, window, now).await?;
    if tries <= limits::ATTEMPTS_MAX && is_right() {
        return Ok(attempt::forget(connection, &subject).await?);
    }
    match limits::ATTEMPTS_MAX - tries {
        tries_left @ 1.. => Err(ComeInError::Wrong { tries_left }),
        _ => Err(ComeInError::TooManyTries),
    }
}

/// Makes a device known at the door by the last four digits of the mobile number that was given at the booking, or by the
/// PIN of its slip.
///
/// * `known`: the citizen's session of this device, if it has one.
/// * returns: a new cookie's token, if the device had no session.
///
/// # Errors
/// [`ComeInError`]. Tries are counted per appointment, so that a link alone gives no ten thousand guesses.
pub async fn come_in(
    desk: &Desk,
    known: Option<&SessionId>,
    token: &str,
    typed: &str,
) -> Result<Option<String>, ComeInError> {
    let now = desk.now();
    let digits = otp::digits(typed);
    let mut tx = desk.store.write().await?;
    let id = opened(&mut tx, token, Purpose::Door).await?.ok_or(ComeInError::NoDoor)?;
    let case = Case::read(&mut tx, &id).await?.ok_or(ComeInError::NoDoor)?;
    let is_pin = digits.len() == pin::PIN_DIGITS;
    if digits.len() != 4 && !is_pin {
        return Err(ComeInError::NotDigits);
    }
    let mobile = &case.booked_by()?.mobile;
    let is_right = || match is_pin {
        true => pin::opens(&desk.settings.link_key, &id, &digits),
        false => {
            mobile.len() >= 4 && bool::from(mobile.as_bytes()[mobile.len() - 4..].ct_eq(digits.as_bytes()))
        }
    };
    if let Err(refused) = tried(&mut tx, &id, now, is_right).await {
        tx.commit().await?;
        return Err(refused);
    }
    let (session, cookie) = session::let_in(desk, &mut tx, known, &id).await?;
    let line =
        Line { by: By::Citizen(session), act: "door.come_in", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(cookie)
}
