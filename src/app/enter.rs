//! Who may come into which meeting or to which seat, and as whom.
//!
//! Reads only. A meeting that is not there and one that is none of yours get the same answer.

use domain::diary::{AppointmentState, Channel};
use domain::hotline::Device;
use domain::id::{MeetingId, PostId};
use domain::meeting::{Departure, Guest, Invited, Returning, Visit};
use domain::notice::Language;
use domain::office::holders_at;
use domain::text::Bilingual;
use jiff::Timestamp;
use signaling::ErrorCode;
use signaling::value::Page;

use super::live::outside::{Ground, OutsideError};
use super::live::turn::{Entry, EntryPlace, MeetingEntry, SeatCard};
use super::{Desk, auto_answer, invite};
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::{Actor, Staff};
use crate::i18n::Words;
use crate::limits::LINES_MAX;
use crate::store::{
    Connection, Store, StoreError, appointment, citizen, invite as invites, line, meeting, office, presence,
};

/// Finds the way in for a hello.
///
/// * returns: the way in, or the code to refuse it with.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn find(
    store: &Store,
    actor: &Actor,
    page: &Page,
    now: Timestamp,
) -> Result<Result<Entry, ErrorCode>, StoreError> {
    let place = match page {
        Page::Board {} => seat(actor, Act::ReadBoard).map(|post| EntryPlace::Seat(post, Device::Board)),
        Page::Chamber {} | Page::Phone {} | Page::Hall {} => {
            let device = device_of(page).unwrap_or(Device::Chamber);
            let is_other = actor.terminal().is_some_and(|terminal| terminal.device != device);
            let found = if is_other { Err(ErrorCode::NotAllowed) } else { seat(actor, Act::TakeSeat) };
            found.map(|post| EntryPlace::Seat(post, device))
        }
        Page::Meeting { meeting } => {
            let Ok(id) = MeetingId::parse(meeting.as_str()) else {
                return Ok(Err(ErrorCode::UnknownMeeting));
            };
            let mut connection = store.read().await?;
            let found = into_meeting(&mut connection, actor, &id, now).await?;
            found.map(|entry| EntryPlace::Meeting(Box::new(entry)))
        }
    };
    Ok(place.map(|place| Entry { actor: actor.clone(), place }))
}

/// The device of a seat that a page is; nothing for a meeting's.
#[must_use]
pub fn device_of(page: &Page) -> Option<Device> {
    match page {
        Page::Board {} => Some(Device::Board),
        Page::Chamber {} => Some(Device::Chamber),
        Page::Phone {} => Some(Device::Phone),
        Page::Hall {} => Some(Device::Hall),
        Page::Meeting { .. } => None,
    }
}

/// What kind of meeting a pass names.
///
/// * returns: the kind, or why nobody from outside can come there.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ground(desk: &Desk, id: &MeetingId) -> Result<Result<Ground, OutsideError>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(row) = meeting::by_id(&mut connection, id).await? else {
        let is_free = desk.settings.has_outside_rooms;
        return Ok(if is_free { Ok(Ground::OutsideOnly) } else { Err(OutsideError::UnknownMeeting) });
    };
    if row.is_ended {
        return Ok(Err(OutsideError::Ended));
    }
    if row.is_sealed {
        return Ok(Err(OutsideError::Sealed));
    }
    let booked = appointment::by_id(&mut connection, &row.appointment).await?;
    let is_met =
        booked.is_some_and(|b| b.rules.state == AppointmentState::Confirmed && b.channel == Channel::Video);
    Ok(if is_met { Ok(Ground::Appointment) } else { Err(OutsideError::UnknownMeeting) })
}

/// The seat of the post from which the person acts.
fn seat(actor: &Actor, act: Act) -> Result<PostId, ErrorCode> {
    let post = actor.post().cloned().ok_or(ErrorCode::SignInNeeded)?;
    match allows(actor, act, &Object::Post(post.clone())) {
        Ok(()) => Ok(post),
        Err(Denied::SignInFirst) => Err(ErrorCode::SignInNeeded),
        Err(Denied::Forbidden) => Err(ErrorCode::NotAllowed),
    }
}

async fn into_meeting(
    connection: &mut Connection,
    actor: &Actor,
    id: &MeetingId,
    now: Timestamp,
) -> Result<Result<MeetingEntry, ErrorCode>, StoreError> {
    let unknown = Ok(Err(ErrorCode::UnknownMeeting));
    if *actor == Actor::Anyone {
        return Ok(Err(ErrorCode::SignInNeeded));
    }
    let Some(row) = meeting::by_id(connection, id).await? else { return unknown };
    let object = Object::Meeting { appointment: row.appointment.clone(), post: row.post.clone() };
    if allows(actor, Act::EnterMeeting, &object).is_err() {
        return unknown;
    }
    let Some(booked) = appointment::by_id(connection, &row.appointment).await? else { return unknown };
    if booked.rules.state != AppointmentState::Confirmed || booked.channel != Channel::Video {
        return unknown;
    }
    let Some(post) = office::post(connection, &row.post).await? else { return unknown };
    let asked_in = invites::of_meeting(connection, id).await?;
    let expected = 1 + asked_in.len();
    let guest = guest(actor, (&row.appointment, &row.post));
    let (name, people) = match (actor, &guest, &booked.citizen) {
        (Actor::Staff(staff), ..) => (staff.title.clone(), Vec::new()),
        (_, Guest::Invited(invite), _) => {
            let Some(row) = asked_in.into_iter().find(|row| row.id == *invite) else { return unknown };
            (asked_in_as(&row.invited), row.invited.people)
        }
        (.., Some(id)) => {
            let name = citizen::by_id(connection, id).await?.map(|c| c.name).unwrap_or_default();
            (called(&name), Vec::new())
        }
        (.., None) => return unknown,
    };
    let past = meeting::door(connection, id).await?;
    let seen = presence::last_seen(connection, id).await?;
    // Whoever stands inside in the rows, and in no memory, was left there by a server that ended.
    // An officer has no row at the door: whoever has not gone out is inside.
    let inside = meeting::inside(connection, id).await?;
    let left_inside = seen.into_iter().filter(|(guest, _)| inside.contains(guest)).collect();
    let lines = line::last(connection, id, LINES_MAX as i64).await?;
    Ok(Ok(MeetingEntry {
        meeting: row.id,
        guest,
        appointment: row.appointment,
        post: row.post,
        title: post.title,
        times: (booked.rules.slot.start(), booked.rules.slot.end()),
        name,
        people,
        ended: row.is_ended,
        sealed: row.is_sealed,
        past: past.into_iter().map(|row| returning(row, now)).collect(),
        lines,
        left_inside,
        expected,
        claim: None,
    }))
}

/// A name as it was given stands in both languages.
fn called(name: &str) -> Bilingual {
    Bilingual::new(name, name)
}

/// The name of somebody who was asked in, with what he comes as.
fn asked_in_as(invited: &Invited) -> Bilingual {
    let called = |language| {
        let kind = Words::of(language).t(invite::word_of(invited.kind)).into_owned();
        Words::of(language)
            .with("guest-called", &[("name", invited.name.as_str().to_owned()), ("kind", kind)])
    };
    Bilingual::new(called(Language::Hindi), called(Language::English))
}

/// As whom a permitted actor comes.
#[must_use]
pub fn guest(actor: &Actor, (appointment, post): (&domain::id::AppointmentId, &PostId)) -> Guest {
    match actor {
        Actor::Staff(staff) if holds(staff, post) => Guest::Officer(post.clone()),
        Actor::Staff(staff) => Guest::Desk(staff.user.clone()),
        Actor::Citizen { appointments, invites, .. } if !appointments.contains(appointment) => {
            let asked_in = invites.iter().find(|invite| invite.appointment == *appointment);
            asked_in.map_or(Guest::Citizen(appointment.clone()), |invite| Guest::Invited(invite.id.clone()))
        }
        Actor::Citizen { .. } | Actor::Terminal(_) | Actor::Anyone => Guest::Citizen(appointment.clone()),
    }
}

fn holds(staff: &Staff, post: &PostId) -> bool {
    staff.is_holder && staff.post == *post
}

/// A place as the rows know it. Somebody whom a stopped server left inside counts as away since now.
fn returning(row: meeting::DoorRow, now: Timestamp) -> Returning {
    let away = row.away_since.unwrap_or(now);
    let visit =
        if row.is_admitted { Visit::AwayFromInside { away, why: Departure::Lost } } else { Visit::Denied };
    Returning { guest: row.guest, visit }
}

/// The office's seats as they are now, with those who hold them.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seats(store: &Store, now: Timestamp) -> Result<Vec<SeatCard>, StoreError> {
    let mut connection = store.read().await?;
    let posts = office::posts(&mut connection).await?;
    let history = office::incumbencies(&mut connection).await?;
    let mut answers = auto_answer::today(&mut connection, (&posts, &history), now).await?;
    let card = |row: office::PostRow| {
        let number = row.seat_number.and_then(|n| u16::try_from(n).ok())?;
        let holders = holders_at(&history, &row.id, now).into_iter().map(|held| held.person).collect();
        let answers = answers.remove(&row.id).unwrap_or_default();
        row.role.has_seat().then_some(SeatCard {
            post: row.id,
            number,
            title: row.title,
            part: row.role,
            holders,
            answers,
        })
    };
    Ok(posts.into_iter().filter_map(card).collect())
}
