//! Booking in one act, where no code is needed: somebody answers for the citizen, or his device is known.
//!
//! The same rules as for a hold that becomes a booking; only the ten minutes between the two fall away.

use domain::diary::{Appointment, AppointmentState, Slot};
use domain::id::{AppointmentId, CitizenId, MeetingId, PostId};
use domain::notice::Language;
use jiff::{SignedDuration, Timestamp};

use super::book::{Details, FieldFault, Parsed, parse};
use super::carry_out::put_links;
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::hold::{HoldError, is_gone, offered, under_a_reference};
use super::{Desk, directory, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::token::Purpose;
use crate::limits;
use crate::store::appointment::AppointmentRow;
use crate::store::{StoreError, citizen, claim, meeting};

/// What is to be booked.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The post.
    pub post: PostId,
    /// Start of the wished time.
    pub start: Timestamp,
    /// Who comes, and what about.
    pub details: Details,
    /// The language in which he is told things.
    pub language: Language,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// The token of its slip.
    pub slip_token: String,
    /// Confirmed or requested.
    pub state: AppointmentState,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum AtOnceError {
    /// One or more fields need mending.
    #[error("some fields need mending")]
    Fields(Vec<FieldFault>),
    /// The time can't be had.
    #[error(transparent)]
    Time(#[from] HoldError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AtOnceError);

/// Books: citizen, appointment, claim, links, notices and audit line together, or nothing.
///
/// * `actor`: who answers for it; whether he may is asked before.
///
/// # Errors
/// [`AtOnceError`]; a lost race names the three nearest free times.
pub async fn book_at_once(desk: &Desk, actor: &Actor, wish: &Wish) -> Result<Booking, AtOnceError> {
    let now = desk.now();
    let parsed = parse(&wish.details).map_err(AtOnceError::Fields)?;
    let (kept, slot) = offered(desk, (&wish.post, wish.start), now).await?;
    let booking = match is_gone(desk, &kept, slot).await? {
        true => None,
        false => settled(|| book_once(desk, actor, (&parsed, wish.language), (kept.diary(), slot))).await?,
    };
    match booking {
        Some(booking) => Ok(booking),
        None => {
            let nearest = directory::nearest_others(desk, &wish.post, wish.start, 3).await?;
            Err(HoldError::SlotTaken { nearest }.into())
        }
    }
}

/// `None` when the claim lost its race; nothing is left behind then.
async fn book_once(
    desk: &Desk,
    actor: &Actor,
    (parsed, language): (&Parsed, Language),
    (diary, slot): (&Diary, Slot),
) -> Result<Option<Booking>, AtOnceError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let booked_by = parsed.citizen(CitizenId::from_random(desk.random.bytes()));
    citizen::put(&mut tx, &booked_by, now).await?;
    let held = Appointment {
        id: AppointmentId::from_random(desk.random.bytes()),
        post: diary.post.id.clone(),
        state: AppointmentState::Held,
        slot,
        proposed: Vec::new(),
        sequence: 0,
        hold_expires_at: Some(now + SignedDuration::from_mins(limits::HOLD_MINUTES)),
    };
    let Ok(turn) = held.book(diary.post.mode, now) else { return Err(HoldError::Closed.into()) };
    let row = AppointmentRow {
        reference: String::new(),
        citizen: Some(booked_by.id.clone()),
        channel: parsed.channel,
        language,
        subject: parsed.subject.as_str().to_owned(),
        version: 1,
        reason: None,
        alternative: None,
        created_at: now,
        displaced_count: 0,
        is_preferred: false,
        answer_due_at: (turn.appointment.state == AppointmentState::Requested)
            .then(|| now + SignedDuration::from_hours(limits::ANSWER_HOURS)),
        climbed_to: None,
        rules: turn.appointment,
    };
    let row = under_a_reference(desk, &mut tx, row).await?;
    let id = &row.rules.id;
    if !claim::claim(&mut tx, &diary.claimant, (id, slot, None), now).await? {
        return Ok(None);
    }
    if row.rules.state == AppointmentState::Confirmed {
        let fresh = MeetingId::from_random(desk.random.bytes());
        meeting::plan(&mut tx, &fresh, (id, &row.rules.post)).await?;
    }
    let mut deed = Deed { desk, tx: &mut tx, now };
    put_links(&mut deed, id).await?;
    tell::booked(&mut deed, (&row, &diary.post, &booked_by)).await?;
    let detail = format!("post={} state={} at_once", diary.post.id, row.rules.state.code());
    let line = Line { by: actor.by(Some(id)), act: "appointment.book", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(Booking {
        slip_token: desk.settings.link_key.link(Purpose::Slip, id),
        state: row.rules.state,
        reference: row.reference,
        appointment: row.rules.id,
    }))
}
