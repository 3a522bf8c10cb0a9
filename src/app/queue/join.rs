//! Joining without a time: a token at the door, or a call on the office's line.

use domain::diary::queue::Number;
use domain::id::PostId;
use domain::text::{PersonName, Subject};

use super::{Entry, Kind, Sheet, TurnError};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::office;

/// Somebody who comes or calls without a time.
#[derive(Debug, Clone)]
pub struct Joiner {
    /// At the door, or on the line.
    pub kind: Kind,
    /// Who, as it was typed; may be empty.
    pub name: String,
    /// What about; may be empty.
    pub subject: String,
}

/// Gives somebody without a time the next number of a post's queue.
///
/// # Errors
/// [`TurnError`].
pub async fn join(desk: &Desk, actor: &Actor, post: &PostId, who: &Joiner) -> Result<Number, TurnError> {
    let may = allows(actor, Act::RunQueue, &Object::Post(post.clone()));
    may.or_else(|denied| allows(actor, Act::KeepGate, &Object::House).map_err(|_| denied))?;
    let name = optional(&who.name, |text| PersonName::parse(text).ok().map(|name| name.as_str().to_owned()))?;
    let subject =
        optional(&who.subject, |text| Subject::parse(text).ok().map(|one| one.as_str().to_owned()))?;
    let kind = if who.kind == Kind::Caller { Kind::Caller } else { Kind::Token };
    let entry = Entry { kind, name: &name, subject: &subject };
    settled(|| join_once(desk, actor, post, &entry)).await
}

async fn join_once(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    entry: &Entry<'_>,
) -> Result<Number, TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut sheet = Sheet::take(&mut deed, &row).await?;
    let number = sheet.add(&mut deed, entry).await?;
    sheet.write(&mut deed).await?;
    sheet.note(&mut deed, actor, ("queue.join", number)).await?;
    tx.commit().await?;
    Ok(number)
}

fn optional(text: &str, parse: impl Fn(&str) -> Option<String>) -> Result<String, TurnError> {
    if text.trim().is_empty() { Ok(String::new()) } else { parse(text).ok_or(TurnError::Malformed) }
}
