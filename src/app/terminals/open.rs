//! A terminal shows that it has its key, and gets a session: the server asks something fresh, the terminal signs it.
//!
//! Nothing hangs on the terminal's clock. The question names the page and the key, is good once and for a minute.

use domain::id::SessionId;
use domain::office::holder_at;
use domain::terminal::{Refusal, signed_text};
use jiff::{SignedDuration, Timestamp};

use super::PublicKey;
use super::key::fingerprint_of;
use crate::app::Desk;
use crate::app::desk::{from_store, settled};
use crate::audit::{self, By, Line};
use crate::auth::token;
use crate::limits;
use crate::store::session::Bearer;
use crate::store::terminal::TerminalRow;
use crate::store::{StoreError, Tx, office, session, terminal};

/// A session begun.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The new cookie's token.
    pub cookie: String,
    /// Sessions of this terminal that ended by it: of a machine there is one.
    pub ended: Vec<SessionId>,
}

/// What a terminal shows.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// Of which page the request is, as the browser says: `https://host`.
    pub origin: &'a str,
    /// Its key.
    pub public_key: &'a str,
    /// The question.
    pub challenge: &'a str,
    /// Its answer.
    pub signature: &'a str,
}

/// Why a terminal is not let in.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is refused.
    #[error("the terminal is refused: {}", .0.code())]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(OpenError);

/// Asks the terminal of this key something fresh.
///
/// # Errors
/// [`OpenError`]; a refusal of a terminal that is known is written down.
pub async fn challenge(desk: &Desk, public_key: &str) -> Result<String, OpenError> {
    let fingerprint = fingerprint_of(public_key);
    let known = {
        let mut connection = desk.store.read().await?;
        terminal::by_key(&mut connection, &fingerprint).await?
    };
    // Of whom nobody knows, nothing is written down.
    if known.is_none() {
        return Err(OpenError::Refused(Refusal::Unknown));
    }
    settled(|| ask(desk, &fingerprint)).await
}

async fn ask(desk: &Desk, fingerprint: &str) -> Result<String, OpenError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = match known(&mut tx, fingerprint, now).await? {
        Ok(row) => row,
        Err(refused) => return Err(refuse(tx, refused, now).await?),
    };
    let (challenge, hash) = token::fresh(desk.random);
    let until = now + SignedDuration::from_secs(limits::TERMINAL_CHALLENGE_SECONDS);
    terminal::ask(&mut tx, &row.id, (&hash, until)).await?;
    tx.commit().await?;
    Ok(challenge)
}

/// Takes the answer and begins a session; those that the terminal had end.
///
/// # Errors
/// [`OpenError`]; a refusal of a terminal that is known is written down.
pub async fn open(desk: &Desk, shown: &Shown<'_>) -> Result<Opened, OpenError> {
    settled(|| once(desk, shown)).await
}

async fn once(desk: &Desk, shown: &Shown<'_>) -> Result<Opened, OpenError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = match known(&mut tx, &fingerprint_of(shown.public_key), now).await? {
        Ok(row) => row,
        Err(refused) => return Err(refuse(tx, refused, now).await?),
    };
    let hash = token::hash(shown.challenge).unwrap_or_default();
    // Used up by a wrong signature, too: nobody tries signatures on one question.
    if !terminal::use_challenge(&mut tx, (&row.id, &hash), now).await? {
        return Err(refuse(tx, (Some(row), Refusal::Replayed), now).await?);
    }
    let text = signed_text(shown.origin, shown.public_key, shown.challenge);
    let is_signed =
        PublicKey::read(&row.public_key).is_some_and(|key| key.has_signed(&text, shown.signature));
    if !is_signed {
        return Err(refuse(tx, (Some(row), Refusal::Signature), now).await?);
    }
    let ended = terminal::end_sessions(&mut tx, &row.id).await?;
    let id = SessionId::fresh(now, desk.random.bytes());
    let (cookie, token_hash) = token::fresh(desk.random);
    let until = now + SignedDuration::from_hours(limits::TERMINAL_SESSION_HOURS);
    session::insert(&mut tx, (&id, &token_hash), &Bearer::Terminal(row.id.clone()), (now, until)).await?;
    terminal::seen(&mut tx, &row.id, now).await?;
    let by = By::Terminal(row.id.clone(), row.post);
    let detail = format!("session={id}");
    audit::append(&mut tx, Line { by, act: "terminal.open", object: row.id.as_str(), detail }, now).await?;
    tx.commit().await?;
    Ok(Opened { cookie, ended })
}

/// The terminal of this key if it may come in, or why it may not.
async fn known(
    tx: &mut Tx,
    fingerprint: &str,
    now: Timestamp,
) -> Result<Result<TerminalRow, (Option<TerminalRow>, Refusal)>, StoreError> {
    let Some(row) = terminal::by_key(tx, fingerprint).await? else {
        return Ok(Err((None, Refusal::Unknown)));
    };
    if row.revoked_at.is_some() {
        return Ok(Err((Some(row), Refusal::Revoked)));
    }
    let history = office::history(tx, &row.post).await?;
    if holder_at(&history, &row.post, now).is_none() {
        return Ok(Err((Some(row), Refusal::Vacant)));
    }
    Ok(Ok(row))
}

/// Writes a refusal down: once an hour while it stays the same, for a page goes on trying.
async fn refuse(
    mut tx: Tx,
    (row, why): (Option<TerminalRow>, Refusal),
    now: Timestamp,
) -> Result<OpenError, StoreError> {
    let Some(row) = row else { return Ok(OpenError::Refused(why)) };
    let often = SignedDuration::from_mins(limits::TERMINAL_REFUSAL_WRITTEN_MINUTES);
    let is_written = row.refused.is_some_and(|(code, at)| code == why && now.duration_since(at) < often);
    if !is_written {
        terminal::refused(&mut tx, (&row.id, why), now).await?;
        let by = By::Terminal(row.id.clone(), row.post);
        let detail = format!("code={}", why.code());
        audit::append(&mut tx, Line { by, act: "terminal.refuse", object: row.id.as_str(), detail }, now)
            .await?;
    }
    // A question that was answered wrongly is used up in any case.
    tx.commit().await?;
    Ok(OpenError::Refused(why))
}
