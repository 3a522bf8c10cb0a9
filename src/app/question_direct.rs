//! An unanswered question becomes a direction by one tap: to answer it by the next day.

use domain::direction::{Direction, Origin};
use domain::id::{DirectionId, PostId, QuestionId};
use domain::office::ist;
use jiff::ToSpan;

use super::Desk;
use super::desk::settled;
use super::question_sheet::SheetError;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::limits;
use crate::store::{direction, question_sheet as rows};

/// Gives the direction. Once it is given, or the seat has answered, nothing is given any more.
///
/// * returns: whether it was given by this.
///
/// # Errors
/// [`SheetError`]; [`SheetError::Unknown`] when that seat was not asked.
pub async fn direct(
    desk: &Desk,
    actor: &Actor,
    (id, owner): (&QuestionId, &PostId),
) -> Result<bool, SheetError> {
    settled(|| direct_once(desk, actor, (id, owner))).await
}

async fn direct_once(
    desk: &Desk,
    actor: &Actor,
    (id, owner): (&QuestionId, &PostId),
) -> Result<bool, SheetError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = rows::by_id(&mut tx, id).await?.ok_or(SheetError::Unknown)?;
    allows(actor, Act::AskSeats, &Object::Post(row.post.clone()))?;
    if !rows::asked(&mut tx, id).await?.iter().any(|one| one.post == *owner) {
        return Err(SheetError::Unknown);
    }
    let due = now.to_zoned(ist()).date().saturating_add(limits::QUESTION_DIRECTED_DAYS.days());
    let direction = DirectionId::fresh(now, desk.random.bytes());
    let given = (direction.clone(), Origin::Question(id.clone()));
    let posts = (row.post.clone(), owner.clone());
    let (rules, step) =
        Direction::give(given, (row.text.clone(), due), posts, now).map_err(|_| SheetError::Closed)?;
    direction::insert(&mut tx, (&rules, &step), None).await?;
    if !rows::direct(&mut tx, (id, owner), &direction).await? {
        return Ok(false);
    }
    let detail = format!("owner={owner} due={due} question={id}");
    let line = Line { by: actor.by(None), act: "direction.give", object: direction.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(true)
}
