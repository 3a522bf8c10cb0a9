//! A question before the answer: the desk asks, the citizen answers on his slip, and the request keeps its time meanwhile.
//!
//! Having asked is having answered the promise; the citizen's words start the clock again.

use domain::diary::{AppointmentState, MoveError};
use domain::id::{AppointmentId, PostId};
use domain::notice::What;
use domain::text::Subject;
use jiff::SignedDuration;

use super::carry_out::Case;
use super::change::{ChangeError, opened};
use super::desk::{Deed, settled};
use super::screen::{ScreenError, may_screen};
use super::{Desk, tell};
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::limits;
use crate::store::{appointment, question};

/// Asks the citizen something about his request.
///
/// # Errors
/// [`ScreenError`]; [`ScreenError::Impossible`] when it is no open request, or a question waits already, or there were
/// as many as may be.
pub async fn ask(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    text: &Subject,
) -> Result<PostId, ScreenError> {
    settled(|| ask_once(desk, actor, id, text)).await
}

async fn ask_once(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    text: &Subject,
) -> Result<PostId, ScreenError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(ScreenError::Unknown)?;
    may_screen(actor, &case.row)?;
    let state = case.row.rules.state;
    let asked = question::of(&mut tx, id).await?;
    let may_ask = state == AppointmentState::Requested
        && asked.len() < limits::QUESTIONS_MAX
        && asked.iter().all(|one| one.answer.is_some());
    if !may_ask {
        return Err(ScreenError::Impossible(MoveError::WrongState(state)));
    }
    case.row.answer_due_at = None;
    case.row.climbed_to = None;
    if !appointment::update(&mut tx, &case.row, now).await? {
        return Err(ScreenError::Changed);
    }
    case.row.version += 1;
    question::insert(&mut tx, id, text.as_str(), now).await?;
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let what = What::Question { visit, question: text.as_str().to_owned() };
    let said = (what, case.row.version);
    tell::citizen(&mut Deed { desk, tx: &mut tx, now }, (&case.row, case.booked_by()?), said).await?;
    let line =
        Line { by: actor.by(Some(id)), act: "appointment.ask", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(case.post.id)
}

/// Answers the question that waits. Whoever has answered already changes nothing.
///
/// # Errors
/// [`ChangeError`].
pub async fn answer(desk: &Desk, token: &str, text: &Subject) -> Result<(), ChangeError> {
    settled(|| answer_once(desk, token, text)).await
}

async fn answer_once(desk: &Desk, token: &str, text: &Subject) -> Result<(), ChangeError> {
    let now = desk.now();
    let id = opened(desk, token).await?;
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, &id).await?.ok_or(ChangeError::UnknownLink)?;
    if !question::answer(&mut tx, &id, text.as_str(), now).await? {
        return Ok(());
    }
    if case.row.rules.state == AppointmentState::Requested {
        case.row.answer_due_at = Some(now + SignedDuration::from_hours(limits::ANSWER_HOURS));
    }
    if !appointment::update(&mut tx, &case.row, now).await? {
        return Err(ChangeError::Changed);
    }
    case.row.version += 1;
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    tell::desk_of(&mut deed, (&case.row, &case.post), What::DeskAnswer { visit }).await?;
    let line = Line {
        by: By::Link(id.clone()),
        act: "appointment.answer",
        object: id.as_str(),
        detail: String::new(),
    };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}
