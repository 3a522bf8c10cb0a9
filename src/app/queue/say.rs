//! What a post says to those who wait for it: a line in Hindi and in English, shown quietly in the lobby.

use domain::id::PostId;
use domain::text::{Bilingual, Subject};

use super::TurnError;
use crate::app::Desk;
use crate::app::desk::settled;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::{office, turn};

/// Says this to those who wait, or nothing when both lines are empty. Where one is empty, the other stands for it.
///
/// # Errors
/// [`TurnError`].
pub async fn say(desk: &Desk, actor: &Actor, post: &PostId, typed: &Bilingual) -> Result<(), TurnError> {
    allows(actor, Act::RunQueue, &Object::Post(post.clone()))?;
    let line = |text: &str| match text.trim() {
        "" => Ok(None),
        text => {
            Subject::parse(text).map(|one| Some(one.as_str().to_owned())).map_err(|_| TurnError::Malformed)
        }
    };
    let text = match (line(&typed.hi)?, line(&typed.en)?) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(Bilingual { hi: one.clone(), en: one }),
        (Some(hi), Some(en)) => Some(Bilingual { hi, en }),
    };
    settled(|| say_once(desk, actor, post, text.as_ref())).await
}

async fn say_once(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    text: Option<&Bilingual>,
) -> Result<(), TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    turn::set_message(&mut tx, post, text, now).await?;
    let detail = if text.is_some() { "set" } else { "cleared" }.to_owned();
    let line = Line { by: actor.by(None), act: "queue.say", object: post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// What the post says now, for its desk.
///
/// # Errors
/// [`TurnError`].
pub async fn message(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Option<Bilingual>, TurnError> {
    allows(actor, Act::ReadQueue, &Object::Post(post.clone()))?;
    Ok(turn::message(&mut *desk.store.read().await?, post).await?)
}
