//! Webhooks: a listener for a post's events is added and ended, and each event is laid out in the transaction of its act.
//!
//! Sending is the outbox's. The secret of a listener is made from the installation's key and its id, and told once.

use data_encoding::{BASE64, HEXLOWER};
use domain::hook::{Event, HookUrl, Scheme, UrlError};
use domain::id::{PostId, base32};
use jiff::Timestamp;

use super::desk::Deed;
use crate::audit::{self, By, Line};
use crate::auth::token::LinkKey;
use crate::clock::Random;
use crate::limits;
use crate::store::appointment::AppointmentRow;
use crate::store::webhook::{self, HookRow};
use crate::store::{Store, StoreError, office};

/// A listener that is wished.
#[derive(Debug, Clone)]
pub struct HookWish {
    /// Whose events it hears.
    pub post: PostId,
    /// Where it listens.
    pub url: String,
    /// Whether plain HTTP to this machine is allowed here.
    pub plain: Plain,
}

/// Whether a listener on this machine may be spoken to without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Never: as everywhere but in a demonstration.
    Refused,
    /// It was asked for, in a demonstration.
    Allowed,
}

/// A listener that was added.
#[derive(Debug, Clone)]
pub struct Added {
    /// Its id.
    pub id: String,
    /// The secret by which it knows our signatures; it can be made again, and is told only here.
    pub secret: String,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The address is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Plain HTTP where it is not allowed.
    #[error(
        "a listener is reached by https:// (http:// only in a demo, on this machine, with --plain-loopback)"
    )]
    Plain,
    /// No such post.
    #[error("there is no post {0:?}")]
    UnknownPost(PostId),
    /// No such listener, or it has ended.
    #[error("there is no webhook {0:?}")]
    Unknown(String),
    /// As many as there may be.
    #[error("a house has at most {} webhooks", limits::WEBHOOKS_MAX)]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The secret of a listener, in the form of Standard Webhooks: `whsec_` and base 64.
#[must_use]
pub fn secret(key: &LinkKey, id: &str) -> String {
    format!("whsec_{}", BASE64.encode(&secret_bytes(key, id)))
}

/// The bytes behind it.
#[must_use]
pub fn secret_bytes(key: &LinkKey, id: &str) -> Vec<u8> {
    HEXLOWER.decode(key.sealed("webhook", id).as_bytes()).expect("a hash is hexadecimal")
}

/// Adds a listener. Servers that run hear of it within seconds.
///
/// # Errors
/// [`HookError`].
pub async fn add(
    store: &Store,
    (key, random): (&LinkKey, Random),
    wish: HookWish,
    now: Timestamp,
) -> Result<Added, HookError> {
    let url = HookUrl::parse(&wish.url)?;
    if url.scheme() == Scheme::Plain && wish.plain == Plain::Refused {
        return Err(HookError::Plain);
    }
    let id = base32(&random.bytes::<10>());
    let mut tx = store.write().await?;
    if office::post(&mut tx, &wish.post).await?.is_none() {
        return Err(HookError::UnknownPost(wish.post));
    }
    if webhook::all(&mut tx).await?.len() >= limits::WEBHOOKS_MAX {
        return Err(HookError::TooMany);
    }
    let hook = HookRow { id: id.clone(), post: wish.post, url: url.as_str().to_owned() };
    webhook::insert(&mut tx, &hook, now).await?;
    let detail = format!("post={}", hook.post);
    audit::append(&mut tx, Line { by: By::House, act: "webhook.add", object: &id, detail }, now).await?;
    tx.commit().await?;
    store.quiet().end();
    Ok(Added { secret: secret(key, &id), id })
}

/// Ends a listener; what still waits for it is not sent.
///
/// # Errors
/// [`HookError::Unknown`].
pub async fn end(store: &Store, id: &str, now: Timestamp) -> Result<(), HookError> {
    let mut tx = store.write().await?;
    if !webhook::end(&mut tx, id, now).await? {
        return Err(HookError::Unknown(id.to_owned()));
    }
    let line = Line { by: By::House, act: "webhook.end", object: id, detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The listeners.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all(store: &Store) -> Result<Vec<HookRow>, StoreError> {
    webhook::all(&mut *store.read().await?).await
}

/// Lays out what has come of appointments for every listener of their posts, in the act's transaction.
pub(super) async fn tell(deed: &mut Deed<'_>, rows: &[&AppointmentRow]) -> Result<(), StoreError> {
    let quiet = deed.desk.store.quiet();
    if rows.is_empty() || quiet.is_known(deed.now) {
        return Ok(());
    }
    let hooks = webhook::all(deed.tx).await?;
    if hooks.is_empty() {
        quiet.note(deed.now);
        return Ok(());
    }
    for row in rows {
        let body = event_of(row, deed.now).body();
        for hook in hooks.iter().filter(|hook| hook.post == row.rules.post) {
            let id = format!("msg-{}", base32(&deed.desk.random.bytes::<16>()));
            webhook::insert_event(deed.tx, (&id, &hook.id), &body, deed.now).await?;
        }
    }
    Ok(())
}

fn event_of(row: &AppointmentRow, now: Timestamp) -> Event {
    Event {
        appointment: row.rules.id.clone(),
        post: row.rules.post.clone(),
        reference: row.reference.clone(),
        state: row.rules.state,
        slot: row.rules.slot,
        channel: row.channel,
        sequence: row.rules.sequence,
        at: now,
    }
}
