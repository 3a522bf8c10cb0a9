//! What the citizen may do with a booked time by his slip's link: move it, withdraw, answer a proposal.

use domain::diary::{AppointmentState, MoveError, Slot, Turn};
use domain::id::AppointmentId;
use domain::notice::What;
use domain::office::ist;
use jiff::Timestamp;

use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::directory;
use super::{Desk, slip, tell};
use crate::audit::{self, By, Line};
use crate::auth::token::Purpose;
use crate::store::{StoreError, Tx};

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
    Move(Slot),
    Cancel,
    TakeProposal,
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
    match slot.filter(|slot| diary.is_bookable() && diary.supply.offers(*slot, &ist(), now)) {
        Some(slot) => ask(desk, &id, Ask::Move(slot)).await,
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

/// Takes the time that the desk offers.
///
/// # Errors
/// [`ChangeError`].
pub async fn take_proposal(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    match ask(desk, &id, Ask::TakeProposal).await {
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

async fn opened(desk: &Desk, token: &str) -> Result<AppointmentId, ChangeError> {
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
            let wanted = if let Ask::Move(slot) = ask { slot } else { case.row.rules.slot };
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
    let turn = turned(was.clone(), ask, now).map_err(ChangeError::Impossible)?;
    let outcome = carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, None)).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    tell_all(desk, &mut tx, (&case, was.slot.start(), ask), now).await?;
    let act = match ask {
        Ask::Move(_) => "appointment.move",
        Ask::Cancel => "appointment.cancel",
        Ask::TakeProposal => "appointment.take_proposal",
    };
    let detail = format!("sequence={}", case.row.rules.sequence);
    let line = Line { by: By::Link(id.clone()), act, object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

fn turned(rules: domain::diary::Appointment, ask: &Ask, now: Timestamp) -> Result<Turn, MoveError> {
    match ask {
        Ask::Move(slot) => rules.move_to(*slot, now),
        Ask::Cancel => rules.cancel(now),
        Ask::TakeProposal => rules.take_proposal(now),
    }
}

async fn tell_all(
    desk: &Desk,
    tx: &mut Tx,
    (case, was, ask): (&Case, Timestamp, &Ask),
    now: Timestamp,
) -> Result<(), StoreError> {
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let is_requested = case.row.rules.state == AppointmentState::Requested;
    let what = match ask {
        Ask::Move(_) if is_requested => What::Requested { visit: visit.clone() },
        Ask::Move(_) => What::Moved { visit: visit.clone(), was },
        Ask::Cancel => What::Cancelled { visit: visit.clone() },
        Ask::TakeProposal => What::Confirmed { visit: visit.clone() },
    };
    tell::citizen(&mut Deed { desk, tx, now }, (&case.row, case.booked_by()?), (what, case.row.version))
        .await?;
    if matches!(ask, Ask::Move(_)) && is_requested {
        tell::desk_of(&mut Deed { desk, tx, now }, (&case.row, &case.post), What::DeskRequest { visit })
            .await?;
    }
    Ok(())
}
