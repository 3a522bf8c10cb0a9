//! Answering a question: the office of an asked seat prepares a card or sends it, and corrects it by another that leaves the
//! one before it readable.
//!
//! The form says which card it has seen, so that of two devices at once one is told that the other was first.

use domain::id::{PostId, QuestionId};
use domain::question_sheet::Reply;

use super::Desk;
use super::desk::{from_store, settled};
use super::question_ask::refuse;
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::StoreError;
use crate::store::question_sheet::{self as rows, CardRow, QuestionRow};

/// What is done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is kept for whoever sends it.
    Prepare,
    /// It goes to the asker.
    Send,
}

/// An answer to be given.
#[derive(Debug, Clone)]
pub struct Given {
    /// To which question.
    pub question: QuestionId,
    /// By which seat.
    pub post: PostId,
    /// The number of the seat's card that the form has shown; 0 for none.
    pub seen: i64,
    /// What it says.
    pub reply: Reply,
    /// What is done with it.
    pub step: Step,
}

/// Why it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such question to that seat.
    #[error("there is no such question to this seat")]
    Unknown,
    /// The question was closed, or its days are over.
    #[error("the question takes no answers any more")]
    Over,
    /// Another device has sent a card since the form was shown.
    #[error("another card was sent meanwhile")]
    Overtaken,
    /// The seat has sent as many cards as it may.
    #[error("as many cards were sent as may be")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AnswerError);

impl AnswerError {
    /// The stable code of a refusal; nothing for a fault of the store.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Denied(_) => Some("denied"),
            Self::Unknown => Some("unknown"),
            Self::Over => Some("over"),
            Self::Overtaken => Some("overtaken"),
            Self::TooMany => Some("too-many"),
            Self::Store(_) => None,
        }
    }
}

/// Prepares or sends an answer. The same answer that is sent again changes nothing.
///
/// * returns: the question as it stands.
///
/// # Errors
/// [`AnswerError`]; what is refused stands in the audit chain.
pub async fn answer(desk: &Desk, actor: &Actor, given: &Given) -> Result<QuestionRow, AnswerError> {
    let answered = settled(|| answer_once(desk, actor, given)).await;
    if let Err(error) = &answered
        && let Some(code) = error.code()
    {
        refuse(desk, actor, (&given.question, code)).await?;
    }
    answered
}

async fn answer_once(desk: &Desk, actor: &Actor, given: &Given) -> Result<QuestionRow, AnswerError> {
    allows(actor, Act::AnswerQuestion, &Object::Post(given.post.clone()))?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let question = rows::by_id(&mut tx, &given.question).await?.ok_or(AnswerError::Unknown)?;
    let asked = rows::asked(&mut tx, &question.id).await?;
    let asked = asked.into_iter().find(|row| row.post == given.post).ok_or(AnswerError::Unknown)?;
    let sent = rows::cards(&mut tx, &question.id).await?;
    let stands = sent.iter().find(|row| row.post == given.post && row.number == asked.cards);
    if asked.cards == given.seen + 1 && stands.is_some_and(|row| row.reply == given.reply) {
        return Ok(question);
    }
    if !question.times.is_open(now, limits::QUESTION_DAYS) {
        return Err(AnswerError::Over);
    }
    if asked.cards != given.seen {
        return Err(AnswerError::Overtaken);
    }
    let number = if given.step == Step::Prepare { 0 } else { asked.cards + 1 };
    if number > limits::QUESTION_CARDS_MAX {
        return Err(AnswerError::TooMany);
    }
    let row = CardRow { post: given.post.clone(), number, reply: given.reply.clone(), at: now };
    let act = match given.step {
        Step::Prepare => {
            rows::prepare(&mut tx, &question.id, &row).await?;
            "question.prepare"
        }
        Step::Send if rows::send(&mut tx, &question.id, &row).await? => "question.answer",
        Step::Send => return Err(AnswerError::Overtaken),
    };
    let detail = format!("post={} card={number} kind={}", given.post, given.reply.kind().code());
    let line = Line { by: actor.by(None), act, object: question.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(question)
}
