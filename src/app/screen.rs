//! Screening at the desk: what is decided about a request.

use domain::diary::{Appointment, AppointmentState, DeclineReason, MoveError, Slot, Turn};
use domain::id::{AppointmentId, PostId};
use domain::notice::What;
use jiff::{SignedDuration, Timestamp};

use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::directory;
pub use super::worklist::{Card, Worklist, desks_of, worklist};
use super::{Desk, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::appointment::AppointmentRow;
use crate::store::{StoreError, Tx, appointment, office};

/// Why the desk's decision was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// Not this person's desk.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such appointment.
    #[error("there is no such appointment")]
    Unknown,
    /// It does not stand so that this could be done.
    #[error(transparent)]
    Impossible(MoveError),
    /// The offered time is taken.
    #[error("that time is taken")]
    SlotTaken {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// The post does not offer that time.
    #[error("that time is not offered")]
    NotOffered {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// The named other post does not exist.
    #[error("there is no such post")]
    UnknownPost,
    /// Somebody else decided at the same moment; look again.
    #[error("somebody else decided at the same moment")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ScreenError);

/// What a desk decides.
#[derive(Debug, Clone)]
enum Decision {
    Accept,
    Decline { reason: DeclineReason, alternative: Option<PostId> },
    Propose(Vec<Slot>),
}

/// Accepts a request: it is fixed, and the invitation goes out.
///
/// # Errors
/// [`ScreenError`].
pub async fn accept(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<PostId, ScreenError> {
    decide(desk, actor, id, Decision::Accept).await
}

/// Declines a request, or takes a fixed time back, with a reason and perhaps another post to go to.
///
/// # Errors
/// [`ScreenError`].
pub async fn decline(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    (reason, alternative): (DeclineReason, Option<PostId>),
) -> Result<PostId, ScreenError> {
    decide(desk, actor, id, Decision::Decline { reason, alternative }).await
}

/// Offers up to three other times; they and the wished one are kept until the citizen answers, the offer for a day at
/// most.
///
/// # Errors
/// [`ScreenError`].
pub async fn propose(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    starts: &[Timestamp],
) -> Result<PostId, ScreenError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = appointment::by_id(&mut connection, id).await?.ok_or(ScreenError::Unknown)?;
    may_screen(actor, &row)?;
    let diary = Diary::open(&mut connection, &row.rules.post, now).await?.ok_or(ScreenError::Unknown)?;
    drop(connection);
    let mut slots = Vec::with_capacity(starts.len());
    for start in starts {
        let slot = Slot::starting(*start, diary.post.slot_minutes).ok();
        match slot.filter(|slot| diary.offers(*slot, (now, row.category.as_slice()))) {
            Some(slot) => slots.push(slot),
            None => {
                let nearest = directory::nearest(desk, &row.rules.post, *start, 3).await?;
                return Err(ScreenError::NotOffered { nearest });
            }
        }
    }
    decide(desk, actor, id, Decision::Propose(slots)).await
}

/// Offers the first free time after the wished one: the desk's one key.
///
/// # Errors
/// [`ScreenError`].
pub async fn propose_next(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<PostId, ScreenError> {
    let mut connection = desk.store.read().await?;
    let row = appointment::by_id(&mut connection, id).await?.ok_or(ScreenError::Unknown)?;
    drop(connection);
    may_screen(actor, &row)?;
    let days = directory::free_days(desk, &row.rules.post, limits::HORIZON_DAYS).await?;
    let after = |slot: &Slot| slot.start() > row.rules.slot.start();
    let next = days.into_iter().flat_map(|day| day.times).find(after);
    let next = next.ok_or(ScreenError::NotOffered { nearest: Vec::new() })?;
    decide(desk, actor, id, Decision::Propose(vec![next])).await
}

/// The desk of the post, and that of the post to which a late request has climbed.
pub(super) fn may_screen(actor: &Actor, row: &AppointmentRow) -> Result<(), Denied> {
    let by_climbing = row.climbed_to.clone().map(|above| allows(actor, Act::Screen, &Object::Post(above)));
    match by_climbing {
        Some(Ok(())) => Ok(()),
        _ => allows(actor, Act::Screen, &Object::Post(row.rules.post.clone())),
    }
}

async fn decide(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    decision: Decision,
) -> Result<PostId, ScreenError> {
    let now = desk.now();
    let (outcome, post) = settled(|| decide_once(desk, actor, (id, &decision), now)).await?;
    match (outcome, decision) {
        (Outcome::Done, _) => Ok(post),
        (Outcome::SlotTaken, Decision::Propose(slots)) => {
            let wanted = slots.first().map_or(desk.now(), Slot::start);
            let nearest = directory::nearest_others(desk, &post, wanted, 3).await?;
            Err(ScreenError::SlotTaken { nearest })
        }
        _ => Err(ScreenError::Changed),
    }
}

async fn decide_once(
    desk: &Desk,
    actor: &Actor,
    (id, decision): (&AppointmentId, &Decision),
    now: Timestamp,
) -> Result<(Outcome, PostId), ScreenError> {
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(ScreenError::Unknown)?;
    let post = case.post.id.clone();
    may_screen(actor, &case.row)?;
    let was_fixed = case.row.rules.state == AppointmentState::Confirmed;
    let turn = turned(case.row.rules.clone(), decision, now).map_err(ScreenError::Impossible)?;
    if let Decision::Decline { reason, alternative } = decision {
        case.row.reason = Some(*reason);
        case.row.alternative.clone_from(alternative);
        if let Some(other) = alternative {
            office::post(&mut tx, other).await?.ok_or(ScreenError::UnknownPost)?;
        }
    }
    let lapses = now + SignedDuration::from_hours(limits::PROPOSAL_HOURS);
    let outcome = carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, Some(lapses))).await?;
    if outcome != Outcome::Done {
        return Ok((outcome, post));
    }
    tell_citizen(desk, &mut tx, (&case, decision, was_fixed), now).await?;
    let (act, detail) = match decision {
        Decision::Accept => ("appointment.accept", String::new()),
        Decision::Decline { reason, .. } => ("appointment.decline", format!("reason={}", reason.code())),
        Decision::Propose(_) => ("appointment.propose", String::new()),
    };
    audit::append(&mut tx, Line { by: actor.by(Some(id)), act, object: id.as_str(), detail }, now).await?;
    tx.commit().await?;
    Ok((Outcome::Done, post))
}

fn turned(rules: Appointment, decision: &Decision, now: Timestamp) -> Result<Turn, MoveError> {
    match decision {
        Decision::Accept => rules.accept(now),
        Decision::Decline { .. } => rules.decline(),
        Decision::Propose(slots) => rules.propose(slots, now),
    }
}

async fn tell_citizen(
    desk: &Desk,
    tx: &mut Tx,
    (case, decision, was_fixed): (&Case, &Decision, bool),
    now: Timestamp,
) -> Result<(), StoreError> {
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let what = match decision {
        Decision::Accept => What::Confirmed { visit },
        Decision::Propose(_) => {
            let mut offered = case.row.rules.proposed.iter().map(Slot::start);
            let proposed = offered.next().unwrap_or(visit.start);
            What::Proposed { visit, proposed, others: offered.collect() }
        }
        Decision::Decline { .. } if was_fixed => What::Cancelled { visit },
        Decision::Decline { reason, alternative } => {
            let alternative = match alternative {
                Some(other) => office::post(tx, other).await?.map(|row| row.title),
                None => None,
            };
            What::Declined { visit, reason: reason.code().to_owned(), alternative }
        }
    };
    tell::citizen(&mut Deed { desk, tx, now }, (&case.row, case.booked_by()?), (what, case.row.version)).await
}
