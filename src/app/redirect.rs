//! Redirecting a request to the post that it belongs to: same reference, same UID, same place in the order of asking.
//!
//! The other post's time is claimed before the first post gives its own up.

use domain::diary::{AppointmentState, DeclineReason, Slot};
use domain::id::{AppointmentId, PostId};
use domain::notice::What;
use jiff::{SignedDuration, Timestamp};

use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, settled};
use super::screen::{ScreenError, may_screen};
use super::{Desk, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::limits;
use crate::store::claim::Claimant;
use crate::store::{appointment, meeting, office, waiting};

/// Sends a request on to another post, at its first free time that is not before the wished one.
///
/// * returns: the post that sent it on.
///
/// # Errors
/// [`ScreenError`]; [`ScreenError::UnknownPost`] also when the other post takes nobody.
pub async fn redirect(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    (to, reason): (&PostId, DeclineReason),
) -> Result<PostId, ScreenError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = appointment::by_id(&mut connection, id).await?.ok_or(ScreenError::Unknown)?;
    drop(connection);
    may_screen(actor, &row)?;
    let kept = desk.diaries.of(desk, to).await?.filter(|kept| kept.diary().is_bookable());
    let kept = kept.filter(|_| *to != row.rules.post).ok_or(ScreenError::UnknownPost)?;
    let wished = row.rules.slot.start();
    let open = kept.open_slots(now);
    let tries = open.iter().filter(|slot| slot.start() >= wished).take(limits::REDIRECT_TRIES_MAX);
    for slot in tries {
        match settled(|| once(desk, actor, (id, to), (*slot, reason))).await? {
            Outcome::Done => return Ok(row.rules.post),
            Outcome::SlotTaken => {}
            Outcome::Changed => return Err(ScreenError::Changed),
        }
    }
    Err(ScreenError::NotOffered { nearest: domain::diary::nearest(&open, wished, 3) })
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    (id, to): (&AppointmentId, &PostId),
    (slot, reason): (Slot, DeclineReason),
) -> Result<Outcome, ScreenError> {
    let now: Timestamp = desk.now();
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(ScreenError::Unknown)?;
    may_screen(actor, &case.row)?;
    let other = office::post(&mut tx, to).await?.ok_or(ScreenError::UnknownPost)?;
    let history = office::history(&mut tx, to).await?;
    let rules = case.row.rules.clone();
    let turn = rules.redirect((to.clone(), other.mode), slot, now).map_err(ScreenError::Impossible)?;
    let is_fixed = turn.appointment.state == AppointmentState::Confirmed;
    case.row.answer_due_at = (!is_fixed).then(|| now + SignedDuration::from_hours(limits::ANSWER_HOURS));
    case.row.climbed_to = None;
    case.taken_over_by = Some(Claimant { post: to.clone(), history });
    let outcome = carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, None)).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    meeting::hand_over(&mut tx, (id, to)).await?;
    waiting::remove_many(&mut tx, std::slice::from_ref(id)).await?;
    let from = std::mem::replace(&mut case.post, other);
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    if !is_fixed {
        let what = What::DeskRequest { visit: visit.clone() };
        tell::desk_of(&mut deed, (&case.row, &case.post), what).await?;
    }
    let code = reason.code().to_owned();
    let what = What::Redirected { visit, from: from.title, reason: code, is_fixed };
    tell::citizen(&mut deed, (&case.row, case.booked_by()?), (what, case.row.version)).await?;
    let detail = format!("from={} to={to} reason={}", from.id, reason.code());
    let line = Line { by: actor.by(Some(id)), act: "appointment.redirect", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
