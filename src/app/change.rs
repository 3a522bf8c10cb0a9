//! What the citizen may do with a booked time by his slip's link: move it, withdraw, answer a proposal, meet another way.

use domain::diary::Caps;
use domain::diary::{Appointment, AppointmentState, Channel, MoveError, Slot, Turn};
use domain::id::AppointmentId;
use domain::notice::What;
use jiff::{SignedDuration, Timestamp};

use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::directory;
use super::door::Door;
use super::hearing::{self, Stays};
use super::{Desk, caps, draw, slip, tell};
use crate::audit::{self, By, Line};
use crate::auth::token::Purpose;
use crate::store::{StoreError, Tx, displacement, outcome};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The link opens nothing.
    #[error("the link opens nothing")]
    UnknownLink,
    /// The wished time is taken; the old one is kept.
    #[error("that time is taken")]
    SlotTaken {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// The post does not offer the wished time, or it has passed.
    #[error("that time is not offered")]
    NotOffered {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// As many come that day as may; the old time is kept.
    #[error("that day is full")]
    DayFull {
        /// The nearest free times of other days.
        nearest: Vec<Slot>,
    },
    /// It is too late for that, or the appointment does not stand so that it could be done.
    #[error(transparent)]
    Impossible(MoveError),
    /// Somebody else changed it at the same moment; look again.
    #[error("it was changed by somebody else at the same moment")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ChangeError);

/// What the citizen asks.
enum Ask {
    Move(Slot, Caps),
    Cancel,
    /// The time that begins then, or the first on offer.
    TakeProposal(Option<Timestamp>),
    /// To meet by video, at the time that he has.
    ByVideo,
    /// To be called by telephone, at the time that he has.
    ByTelephone,
}

/// Moves a booked time: the new one is claimed before the old one is given back, in one transaction.
///
/// # Errors
/// [`ChangeError`]; the old time is kept then.
pub async fn move_to(desk: &Desk, token: &str, start: Timestamp) -> Result<(), ChangeError> {
    let now = desk.now();
    let id = opened(desk, token).await?;
    let mut connection = desk.store.read().await?;
    let case = Case::read(&mut connection, &id).await?.ok_or(ChangeError::UnknownLink)?;
    let diary = Diary::open(&mut connection, &case.post.id, now).await?.ok_or(ChangeError::UnknownLink)?;
    drop(connection);
    if case.row.rules.slot.start() == start && case.row.rules.state == AppointmentState::Confirmed {
        return Ok(());
    }
    let slot = Slot::starting(start, diary.post.slot_minutes).ok();
    let of = case.row.category.as_slice();
    match slot.filter(|slot| diary.is_bookable() && diary.offers(*slot, (now, of))) {
        Some(slot) => match ask(desk, &id, Ask::Move(slot, diary.caps)).await {
            Err(ChangeError::NotOffered { .. }) => {
                let nearest = directory::nearest(desk, &diary.post.id, start, 3).await?;
                Err(ChangeError::NotOffered { nearest })
            }
            Err(ChangeError::DayFull { .. }) => {
                let nearest = directory::nearest_on_other_days(desk, &diary.post.id, start, 3).await?;
                Err(ChangeError::DayFull { nearest })
            }
            other => other,
        },
        None => {
            let nearest = directory::nearest(desk, &diary.post.id, start, 3).await?;
            Err(ChangeError::NotOffered { nearest })
        }
    }
}

/// Withdraws; the time is given back at once. Withdrawing twice is withdrawing once.
///
/// # Errors
/// [`ChangeError`].
pub async fn cancel(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    match ask(desk, &id, Ask::Cancel).await {
        Err(ChangeError::Impossible(MoveError::WrongState(AppointmentState::Cancelled))) => Ok(()),
        other => other,
    }
}

/// Takes one of the times that the desk offers.
///
/// * `start`: which; `None` for the first.
///
/// # Errors
/// [`ChangeError`].
pub async fn take_proposal(desk: &Desk, token: &str, start: Option<Timestamp>) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    match ask(desk, &id, Ask::TakeProposal(start)).await {
        Err(ChangeError::Impossible(MoveError::WrongState(AppointmentState::Confirmed))) => Ok(()),
        other => other,
    }
}

/// Refuses the offered time: the appointment is withdrawn and both times are given back.
///
/// # Errors
/// [`ChangeError`].
pub async fn refuse_proposal(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    cancel(desk, token).await
}

/// Meets by video instead of coming, at the time that he has; whoever does so already changes nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn by_video(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    ask(desk, &id, Ask::ByVideo).await
}

/// Is called by telephone instead, at the time that he has; whoever is so already changes nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn by_telephone(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    ask(desk, &id, Ask::ByTelephone).await
}

/// The same at the door of the meeting, for a device that is known there.
///
/// # Errors
/// [`ChangeError`].
pub async fn by_telephone_at_door(desk: &Desk, door: &Door) -> Result<(), ChangeError> {
    ask(desk, &door.appointment, Ask::ByTelephone).await
}

/// Says that the time which he was given when the officer was called away suits him. Said twice is said once.
///
/// # Errors
/// [`ChangeError`].
pub async fn agree(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let now = desk.now();
    let id = opened(desk, token).await?;
    let mut tx = desk.store.write().await?;
    let Some((absence, _)) = displacement::last_of(&mut tx, &id).await? else { return Ok(()) };
    if displacement::answer(&mut tx, (&absence, &id), now).await? {
        let detail = format!("absence={absence}");
        let line = Line { by: By::Link(id.clone()), act: "appointment.agree", object: id.as_str(), detail };
        audit::append(&mut tx, line, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

pub(super) async fn opened(desk: &Desk, token: &str) -> Result<AppointmentId, ChangeError> {
    let mut connection = desk.store.read().await?;
    slip::opened(&mut connection, token, Purpose::Slip).await?.ok_or(ChangeError::UnknownLink)
}

async fn ask(desk: &Desk, id: &AppointmentId, ask: Ask) -> Result<(), ChangeError> {
    let now = desk.now();
    match settled(|| ask_once(desk, id, &ask, now)).await? {
        Outcome::Done => Ok(()),
        Outcome::Changed => Err(ChangeError::Changed),
        Outcome::SlotTaken => {
            let mut connection = desk.store.read().await?;
            let case = Case::read(&mut connection, id).await?.ok_or(ChangeError::UnknownLink)?;
            drop(connection);
            let wanted = if let Ask::Move(slot, _) = ask { slot } else { case.row.rules.slot };
            let nearest = directory::nearest_others(desk, &case.post.id, wanted.start(), 3).await?;
            Err(ChangeError::SlotTaken { nearest })
        }
    }
}

async fn ask_once(
    desk: &Desk,
    id: &AppointmentId,
    ask: &Ask,
    now: Timestamp,
) -> Result<Outcome, ChangeError> {
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(ChangeError::UnknownLink)?;
    let was = case.row.rules.clone();
    if let Ask::Move(slot, caps) = ask {
        let room = caps::room(&mut tx, (*caps, now), (&was.post, Some(*slot)), (None, Some(id))).await?;
        room.map_err(|_| ChangeError::DayFull { nearest: Vec::new() })?;
    }
    is_open(&mut tx, &case, (ask, now)).await?;
    let moment = (now, desk.settings.door_closes_after);
    let Some(turn) = turned(&mut tx, &mut case, ask, moment).await? else { return Ok(Outcome::Done) };
    let outcome = carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, None)).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    tell_all(desk, &mut tx, (&case, &was, ask), now).await?;
    hearing::tell_changed(&mut Deed { desk, tx: &mut tx, now }, &case).await?;
    let act = match ask {
        Ask::Move(..) => "appointment.move",
        Ask::Cancel => "appointment.cancel",
        Ask::TakeProposal(_) => "appointment.take_proposal",
        Ask::ByVideo => "appointment.by_video",
        Ask::ByTelephone => "appointment.by_telephone",
    };
    let detail = format!("sequence={}", case.row.rules.sequence);
    let line = Line { by: By::Link(id.clone()), act, object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// What was heard stays as it was, and so does a hearing that was called.
async fn is_open(tx: &mut Tx, case: &Case, (ask, now): (&Ask, Timestamp)) -> Result<(), ChangeError> {
    if !outcome::of(tx, &case.row.rules.id).await?.is_empty() {
        return Err(ChangeError::Impossible(MoveError::Past));
    }
    let to = match ask {
        Ask::Move(slot, _) => Some(*slot),
        Ask::Cancel | Ask::TakeProposal(_) => None,
        // How they meet may change as long as they have not met.
        Ask::ByVideo | Ask::ByTelephone => return Ok(()),
    };
    match hearing::leaves_room(tx, case, (to, now)).await? {
        Ok(()) => Ok(()),
        Err(Stays::Called) => Err(ChangeError::Impossible(MoveError::Past)),
        Err(Stays::Outside) => Err(ChangeError::NotOffered { nearest: Vec::new() }),
    }
}

/// The turn that is asked for; `None` when it stands so already.
async fn turned(
    tx: &mut Tx,
    case: &mut Case,
    ask: &Ask,
    (now, closes_after): (Timestamp, SignedDuration),
) -> Result<Option<Turn>, ChangeError> {
    let rules = case.row.rules.clone();
    let turn = match ask {
        Ask::Move(slot, _) if rules.state == AppointmentState::Waiting => {
            let before = draw::stood(tx, &rules.id).await?;
            rules.regain(*slot, before, now)
        }
        Ask::Move(slot, _) => rules.move_to(*slot, now),
        Ask::Cancel => rules.cancel(now),
        Ask::TakeProposal(start) => {
            let asked_for = |slot: &&Slot| start.is_none_or(|start| slot.start() == start);
            let slot = rules.proposed.iter().find(asked_for).copied();
            // Nothing on offer is nothing that could be taken: the rules say so with their own words.
            let slot = slot.unwrap_or(rules.slot);
            rules.take_proposal(slot, now)
        }
        Ask::ByVideo if case.row.channel == Channel::Video => return Ok(None),
        Ask::ByTelephone if case.row.channel == Channel::Telephone => return Ok(None),
        // Whoever is expected in the office is called by telephone only if the officer says so.
        Ask::ByTelephone if case.row.channel != Channel::Video => Err(MoveError::WrongState(rules.state)),
        Ask::ByTelephone => {
            case.row.channel = Channel::Telephone;
            let until = rules.slot.end() + closes_after;
            rules.by_telephone(until, now)
        }
        Ask::ByVideo => {
            case.row.channel = Channel::Video;
            rules.resend(now)
        }
    };
    turn.map(Some).map_err(ChangeError::Impossible)
}

async fn tell_all(
    desk: &Desk,
    tx: &mut Tx,
    (case, was, ask): (&Case, &Appointment, &Ask),
    now: Timestamp,
) -> Result<(), StoreError> {
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let is_requested = case.row.rules.state == AppointmentState::Requested;
    let what = match ask {
        Ask::Move(..) if is_requested => What::Requested { visit: visit.clone() },
        Ask::Move(..) if was.state == AppointmentState::Waiting => What::Confirmed { visit: visit.clone() },
        Ask::Move(..) => What::Moved { visit: visit.clone(), was: was.slot.start() },
        Ask::Cancel => What::Cancelled { visit: visit.clone() },
        Ask::TakeProposal(_) => What::Confirmed { visit: visit.clone() },
        Ask::ByVideo | Ask::ByTelephone => {
            let is_fixed = case.row.rules.state == AppointmentState::Confirmed;
            What::Switched { visit: visit.clone(), is_fixed }
        }
    };
    tell::citizen(&mut Deed { desk, tx, now }, (&case.row, case.booked_by()?), (what, case.row.version))
        .await?;
    if matches!(ask, Ask::Move(..)) && is_requested {
        tell::desk_of(&mut Deed { desk, tx, now }, (&case.row, &case.post), What::DeskRequest { visit })
            .await?;
    }
    Ok(())
}
