//! Booking in one act, where no code is needed: somebody answers for the citizen, or his device is known.
//!
//! The same rules as for a hold that becomes a booking; only the ten minutes between the two fall away.

use domain::diary::{AppointmentState, Turn};
use domain::id::{AppointmentId, CitizenId, MeetingId, PostId};
use domain::notice::Language;
use jiff::{SignedDuration, Timestamp};

use super::book::{Details, FieldFault, Parsed, parse};
use super::carry_out::links_of;
use super::desk::from_store;
use super::diaries::Diary;
use super::hold::{HoldError, gone, held_rules, is_gone, no_room, offered};
use super::intake::Came;
use super::{Desk, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::token::Purpose;
use crate::limits;
use crate::store::StoreError;
use crate::store::appointment::AppointmentRow;
use crate::store::intake::Entry;

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
    let (kept, slot) = offered(desk, (&wish.post, wish.start, parsed.category), now).await?;
    let held = held_rules(desk, (&wish.post, slot), now);
    let diary = kept.diary();
    let Ok(turn) = held.book(diary.post.mode, now) else { return Err(HoldError::Closed.into()) };
    let make = |reference| entry(desk, actor, (&parsed, wish.language, reference), (diary, &turn));
    let entered =
        if is_gone(desk, &kept, slot).await? { Came::Taken } else { desk.intake.enter(desk, make).await? };
    match entered {
        Came::In(entry) => Ok(Booking {
            slip_token: desk.settings.link_key.link(Purpose::Slip, &entry.row.rules.id),
            state: entry.row.rules.state,
            reference: entry.row.reference,
            appointment: entry.row.rules.id,
        }),
        Came::Full(full) => Err(no_room(desk, (&wish.post, wish.start), full).await?.into()),
        Came::Taken => Err(gone(desk, (&wish.post, slot)).await?.into()),
    }
}

/// All that is written for it, under this reference number.
fn entry(
    desk: &Desk,
    actor: &Actor,
    (parsed, language, reference): (&Parsed, Language, String),
    (diary, turn): (&Diary, &Turn),
) -> Result<Entry, StoreError> {
    let now = desk.now();
    let rules = turn.appointment.clone();
    let booked_by = parsed.citizen(CitizenId::fresh(now, desk.random.bytes()));
    let is_asked = rules.state == AppointmentState::Requested;
    let row = AppointmentRow {
        reference,
        citizen: Some(booked_by.id.clone()),
        channel: parsed.channel,
        language,
        subject: parsed.subject.as_str().to_owned(),
        version: 1,
        reason: None,
        alternative: None,
        created_at: now,
        displaced_count: 0,
        category: parsed.category,
        answer_due_at: is_asked.then(|| now + SignedDuration::from_hours(limits::ANSWER_HOURS)),
        climbed_to: None,
        rules,
    };
    let detail = format!("post={} state={} at_once", diary.post.id, row.rules.state.code());
    let line = Line {
        by: actor.by(Some(&row.rules.id)),
        act: "appointment.book",
        object: row.rules.id.as_str(),
        detail,
    };
    Ok(Entry {
        line: audit::open(line, now),
        person: diary.claimant.person_at(row.rules.slot.start()),
        caps: diary.caps,
        lapses_at: None,
        device: None,
        links: links_of(desk, &row.rules.id),
        meeting: (!is_asked).then(|| MeetingId::fresh(now, desk.random.bytes())),
        notices: tell::booked_notices(desk, (&row, &diary.post, &booked_by))?,
        citizen: Some(booked_by),
        row,
    })
}
