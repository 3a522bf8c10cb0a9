//! Asking once: a request with a key that is sent again gets the first answer again, and is done once.
//!
//! The key is the caller's; who else guesses it gets nothing, because the row is found, and its answer opened, only
//! with the caller's token beside the key.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::auth::seal::Seal;
use crate::limits;
use crate::store::{StoreError, idempotency};

/// Who asks what under which key.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The caller's token; empty for whoever shows none.
    pub caller: String,
    /// His key.
    pub key: String,
    /// A hash of method, address and body.
    pub fingerprint: String,
}

/// The answer that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers that are told again.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug)]
pub enum Known {
    /// Nothing: do it, then keep the answer (or forget it) with this.
    New(Ticket),
    /// It was done; this was the answer.
    Answered(Answer),
    /// It runs at this moment.
    Running,
    /// The key was used for another request.
    OtherRequest,
}

/// A request that runs under a key.
#[derive(Debug)]
pub struct Ticket {
    id: String,
    words: String,
    started: Timestamp,
}

/// Begins a request under its key, or finds what came of it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin(desk: &Desk, asked: &Asked) -> Result<Known, StoreError> {
    let now = desk.now();
    let words = format!("{}|{}", asked.caller, asked.key);
    let id = desk.settings.link_key.sealed("idempotency", &words);
    let expires_at = now + SignedDuration::from_hours(limits::IDEMPOTENCY_HOURS);
    let mut tx = desk.store.write().await?;
    idempotency::sweep(&mut tx, now).await?;
    if idempotency::begin(&mut tx, (&id, &asked.fingerprint), (now, expires_at)).await? {
        tx.commit().await?;
        return Ok(Known::New(Ticket { id, words, started: now }));
    }
    let Some(row) = idempotency::get(&mut tx, &id).await? else { return Ok(Known::Running) };
    if row.fingerprint != asked.fingerprint {
        return Ok(Known::OtherRequest);
    }
    if let Some(sealed) = row.answer {
        let text = Seal::of(&desk.settings.link_key, "answer", &words).open(&sealed);
        let answer = text.and_then(|text| serde_json::from_str(&text).ok());
        let answer = answer.ok_or(StoreError::Corrupt { table: "idempotency", what: "answer" })?;
        return Ok(Known::Answered(answer));
    }
    // A request whose server died gives its key back after a while.
    let lease_ends = row.started_at + SignedDuration::from_secs(limits::IDEMPOTENCY_LEASE_SECONDS);
    if lease_ends > now || !idempotency::take_over(&mut tx, &id, (row.started_at, now)).await? {
        return Ok(Known::Running);
    }
    tx.commit().await?;
    Ok(Known::New(Ticket { id, words, started: now }))
}

/// Keeps the answer for whoever asks again.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(desk: &Desk, ticket: Ticket, answer: &Answer) -> Result<(), StoreError> {
    let text = serde_json::to_string(answer).expect("an answer is text and numbers");
    let sealed = Seal::of(&desk.settings.link_key, "answer", &ticket.words).close(&text, desk.random);
    let mut tx = desk.store.write().await?;
    idempotency::finish(&mut tx, (&ticket.id, ticket.started), &sealed).await?;
    tx.commit().await
}

/// Forgets a request that was not done, so that it may be tried again under the same key.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn forget(desk: &Desk, ticket: Ticket) -> Result<(), StoreError> {
    let mut tx = desk.store.write().await?;
    idempotency::forget(&mut tx, (&ticket.id, ticket.started)).await?;
    tx.commit().await
}
