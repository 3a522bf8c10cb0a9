//! Asking over the hotline: one question to one seat or many, in one act.
//!
//! Who may ring a seat may ask it. The id of a question is made with its form, so that a form that is sent twice asks once.

use std::collections::BTreeSet;

use domain::hotline::may_ring;
use domain::id::{PostId, QuestionId};
use domain::question_sheet::{Times, Until};
use domain::text::{FileNumber, Noting};
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::office::PostRow;
use crate::store::question_sheet::{self as rows, QuestionRow};
use crate::store::{StoreError, office};

/// What is asked of whom.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The id that came with the form.
    pub id: QuestionId,
    /// Who asks.
    pub post: PostId,
    /// What.
    pub text: Noting,
    /// Of which file.
    pub file: Option<FileNumber>,
    /// Until when.
    pub until: Until,
    /// Whom.
    pub to: Vec<PostId>,
}

/// Why it was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody was chosen.
    #[error("nobody was chosen")]
    Nobody,
    /// More seats than one question goes to.
    #[error("more seats than one question goes to")]
    TooMany,
    /// One of the seats may not be asked by this post, or is none.
    #[error("this post may not ask that seat")]
    NotAllowed(PostId),
    /// The minute is past, or not offered.
    #[error("the set minute is past, or not offered")]
    Minute,
    /// The post has as many open questions as it may.
    #[error("as many questions are open as may be")]
    TooManyOpen,
    /// The id is that of another question.
    #[error("the form was used for another question")]
    Used,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AskError);

impl AskError {
    /// The stable code of a refusal; nothing for a fault of the store.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Denied(_) => Some("denied"),
            Self::Nobody => Some("nobody"),
            Self::TooMany => Some("too-many"),
            Self::NotAllowed(_) => Some("not-allowed"),
            Self::Minute => Some("minute"),
            Self::TooManyOpen => Some("too-many-open"),
            Self::Used => Some("used"),
            Self::Store(_) => None,
        }
    }
}

/// Asks. Whoever sends the same form again finds the question that he has asked.
///
/// * returns: the set minute.
///
/// # Errors
/// [`AskError`]; what is refused stands in the audit chain.
pub async fn ask(desk: &Desk, actor: &Actor, wish: &Wish) -> Result<Timestamp, AskError> {
    let asked = settled(|| ask_once(desk, actor, wish)).await;
    if let Err(error) = &asked
        && let Some(code) = error.code()
    {
        refuse(desk, actor, (&wish.id, code)).await?;
    }
    asked
}

async fn ask_once(desk: &Desk, actor: &Actor, wish: &Wish) -> Result<Timestamp, AskError> {
    allows(actor, Act::AskSeats, &Object::Post(wish.post.clone()))?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if let Some(known) = rows::by_id(&mut tx, &wish.id).await? {
        let is_same = known.post == wish.post && known.text == wish.text && known.file == wish.file;
        return if is_same { Ok(known.times.until) } else { Err(AskError::Used) };
    }
    let to = seats(&office::posts(&mut tx).await?, wish)?;
    let until = wish.until.instant(now).map_err(|_| AskError::Minute)?;
    if rows::open_of(&mut tx, &wish.post, open_since(now)).await? >= limits::QUESTIONS_OPEN_MAX {
        return Err(AskError::TooManyOpen);
    }
    let row = QuestionRow {
        id: wish.id.clone(),
        post: wish.post.clone(),
        text: wish.text.clone(),
        file: wish.file.clone(),
        times: Times { asked_at: now, until, closed_at: None },
    };
    if !rows::insert(&mut tx, &row, &to).await? {
        // The same form, sent twice at one moment: the other one asks.
        return Ok(until);
    }
    let detail = format!("seats={} until={}", to.len(), until.as_millisecond());
    let line = Line { by: actor.by(None), act: "question.ask", object: wish.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(until)
}

/// Each seat that is asked, once.
fn seats(posts: &[PostRow], wish: &Wish) -> Result<Vec<PostId>, AskError> {
    let find = |id: &PostId| posts.iter().find(|row| row.id == *id);
    let asker = find(&wish.post).ok_or_else(|| AskError::NotAllowed(wish.post.clone()))?;
    let to: BTreeSet<&PostId> = wish.to.iter().collect();
    if to.is_empty() {
        return Err(AskError::Nobody);
    }
    if to.len() > limits::QUESTION_SEATS_MAX {
        return Err(AskError::TooMany);
    }
    for post in &to {
        let may = find(post).is_some_and(|row| {
            row.seat_number.is_some() && row.id != asker.id && may_ring(asker.role, row.role).is_ok()
        });
        if !may {
            return Err(AskError::NotAllowed((*post).clone()));
        }
    }
    Ok(to.into_iter().cloned().collect())
}

/// A question whose minute was after this takes answers.
pub(super) fn open_since(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(24 * limits::QUESTION_DAYS)
}

/// Writes down that something about a question was refused.
pub(super) async fn refuse(
    desk: &Desk,
    actor: &Actor,
    (id, code): (&QuestionId, &'static str),
) -> Result<(), StoreError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let detail = format!("code={code}");
    let line = Line { by: actor.by(None), act: "question.refuse", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await
}
