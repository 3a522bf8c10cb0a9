//! Another appointment of the same citizen that an outcome makes, or takes back: claimed, booked and told in the
//! transaction of the outcome.

use domain::diary::{AppointmentState, DeclineReason, Slot};
use domain::id::AppointmentId;
use domain::notice::What;
use domain::office::BookingMode;
use jiff::SignedDuration;

use super::OutcomeError;
use crate::app::carry_out::{Case, Outcome as Carried, carry_out};
use crate::app::desk::Deed;
use crate::app::diaries::Diary;
use crate::app::{hold, tell};
use crate::limits;
use crate::store::{StoreError, claim, session, sound};

/// Books `slot` of the diary's post for the citizen of `case`. A time is held and booked at once, so that the database
/// decides about it as about any other.
///
/// * `mode`: fixed, or asked for as that post has it.
/// * returns: the new appointment; `None` when somebody was faster: drop the transaction.
///
/// # Errors
/// [`OutcomeError`].
pub(in crate::app) async fn book(
    deed: &mut Deed<'_>,
    of: &Case,
    (diary, slot): (&Diary, Slot),
    mode: BookingMode,
) -> Result<Option<AppointmentId>, OutcomeError> {
    let now = deed.now;
    let post = diary.post.id.clone();
    let rules = hold::held_rules(deed.desk, (&post, slot), now);
    let lapses = rules.hold_expires_at;
    let id = hold::write_down(deed.desk, deed.tx, rules, of.row.language).await?;
    if !claim::claim(deed.tx, &diary.claimant, (&id, slot, lapses), now).await? {
        return Ok(None);
    }
    let mut case = sound(Case::read(deed.tx, &id).await?, "appointment", "row that was written")?;
    case.row.citizen.clone_from(&of.row.citizen);
    case.row.subject.clone_from(&of.row.subject);
    case.row.channel = of.row.channel;
    case.row.category = of.row.category;
    case.citizen.clone_from(&of.citizen);
    let turn = case.row.rules.clone().book(mode, now).map_err(|_| OutcomeError::UnknownPost)?;
    if turn.appointment.state == AppointmentState::Requested {
        case.row.answer_due_at = Some(now + SignedDuration::from_hours(limits::ANSWER_HOURS));
    }
    if carry_out(deed, &mut case, (turn, None)).await? != Carried::Done {
        return Ok(None);
    }
    session::grant_as(deed.tx, (&of.row.rules.id, &id)).await?;
    tell::booked(deed, (&case.row, &case.post, case.booked_by()?)).await?;
    Ok(Some(id))
}

/// Takes back the appointment that a corrected outcome made, if it is still ahead; the citizen is told.
pub(super) async fn take_back(deed: &mut Deed<'_>, id: &AppointmentId) -> Result<(), OutcomeError> {
    let mut case = sound(Case::read(deed.tx, id).await?, "outcome", "appointment that follows")?;
    if case.row.rules.slot.start() <= deed.now {
        return Ok(());
    }
    // One that is over already stays as it is.
    let Ok(turn) = case.row.rules.clone().decline() else { return Ok(()) };
    case.row.reason = Some(DeclineReason::Decided);
    if carry_out(deed, &mut case, (turn, None)).await? != Carried::Done {
        return Err(OutcomeError::Overtaken);
    }
    told_off(deed, &case).await?;
    Ok(())
}

async fn told_off(deed: &mut Deed<'_>, case: &Case) -> Result<(), StoreError> {
    let visit = tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?;
    let said = (What::Cancelled { visit }, case.row.version);
    tell::citizen(deed, (&case.row, case.booked_by()?), said).await
}
