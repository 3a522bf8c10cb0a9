//! Rows of webhooks and of the events that wait for them. A claim is a lease, as for notices; what is given up stays.
//!
//! Most posts have no listener: that a house has none at all is remembered for a moment, so that acts need not ask.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::id::PostId;
use jiff::{SignedDuration, Timestamp};

use super::{Connection, StoreError, instant, sound};
use crate::limits;

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRow {
    /// Its id.
    pub id: String,
    /// Whose events it hears.
    pub post: PostId,
    /// Where it listens.
    pub url: String,
}

/// An event that is to be told.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its id, which the listener is told.
    pub id: String,
    /// Who is told.
    pub webhook: String,
    /// Where; none when the listener has ended.
    pub url: Option<String>,
    /// What.
    pub body: String,
    /// Tries so far, the running one among them.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Timestamp,
}

/// Until when it is known that the house has no listener.
#[derive(Debug, Default)]
pub struct Quiet(AtomicI64);

impl Quiet {
    /// Whether nobody listens, as far as is known.
    #[must_use]
    pub fn is_known(&self, now: Timestamp) -> bool {
        now.as_millisecond() < self.0.load(Ordering::Relaxed)
    }

    /// Nobody listens at `now`; another process may add a listener, so this is trusted for a moment only.
    pub fn note(&self, now: Timestamp) {
        let until = now + SignedDuration::try_from(limits::WEBHOOKS_QUIET).unwrap_or_default();
        self.0.store(until.as_millisecond(), Ordering::Relaxed);
    }

    /// Somebody may listen now.
    pub fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Writes a listener.
///
/// # Errors
/// [`StoreError`], also when the post is unknown.
pub async fn insert(connection: &mut Connection, hook: &HookRow, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("insert into webhook (id, post_id, url, created_at_ms) values ($1, $2, $3, $4)")
        .bind(&hook.id)
        .bind(hook.post.as_str())
        .bind(&hook.url)
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a listener. `false` if there is none of that id, or it has ended.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end(connection: &mut Connection, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query("update webhook set ended_at_ms = $2 where id = $1 and ended_at_ms is null")
        .bind(id)
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Every listener that has not ended.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all(connection: &mut Connection) -> Result<Vec<HookRow>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select id, post_id, url from webhook where ended_at_ms is null order by created_at_ms, id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, post, url)| {
            Ok(HookRow { id, post: sound(PostId::parse(&post).ok(), "webhook", "post")?, url })
        })
        .collect()
}

/// Writes an event that is due at once.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_event(
    connection: &mut Connection,
    (id, webhook): (&str, &str),
    body: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into webhook_event (id, webhook_id, body, state, attempts, due_at_ms, created_at_ms) \
         values ($1, $2, $3, 'due', 0, $4, $4)",
    )
    .bind(id)
    .bind(webhook)
    .bind(body)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether any event is due: spares the writer a claim for nothing.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_due(connection: &mut Connection, now: Timestamp) -> Result<bool, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from (select id from webhook_event where state in ('due', 'sending') \
         and due_at_ms <= $1 limit 1) as one",
    )
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await?;
    Ok(count > 0)
}

/// Takes up to `count` events that are due, oldest first, until `lease_ends`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn claim(
    connection: &mut Connection,
    (now, lease_ends): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "update webhook_event set state = 'sending', attempts = attempts + 1, due_at_ms = $2 \
         where state in ('due', 'sending') and due_at_ms <= $1 and id in (select id from webhook_event \
         where state in ('due', 'sending') and due_at_ms <= $1 order by due_at_ms, id limit $3) \
         returning id, webhook_id, body, attempts, created_at_ms",
    )
    .bind(now.as_millisecond())
    .bind(lease_ends.as_millisecond())
    .bind(count)
    .fetch_all(&mut *connection)
    .await?;
    let hooks = all(connection).await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for (id, webhook, body, attempts, created_at) in rows {
        let url = hooks.iter().find(|hook| hook.id == webhook).map(|hook| hook.url.clone());
        let created_at = instant(created_at, "webhook_event")?;
        claimed.push(EventRow { id, webhook, url, body, attempts, created_at });
    }
    claimed.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(claimed)
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// The listener has it.
    Sent,
    /// It is tried again at this time; why it failed, as a stable code.
    Later(Timestamp, &'a str),
    /// It is given up; why, as a stable code.
    Dead(&'a str),
}

/// Writes the outcome of this try. `false` if another worker has the event meanwhile.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn write_down(
    connection: &mut Connection,
    row: &EventRow,
    outcome: Outcome<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (state, due, sent, error) = match outcome {
        Outcome::Sent => ("sent", now, Some(now), None),
        Outcome::Later(at, code) => ("due", at, None, Some(code)),
        Outcome::Dead(code) => ("dead", now, None, Some(code)),
    };
    let done = sqlx::query(
        "update webhook_event set state = $3, due_at_ms = $4, sent_at_ms = $5, last_error = $6 \
         where id = $1 and attempts = $2 and state = 'sending'",
    )
    .bind(&row.id)
    .bind(row.attempts)
    .bind(state)
    .bind(due.as_millisecond())
    .bind(sent.map(Timestamp::as_millisecond))
    .bind(error)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How events stand, oldest first: state and last error.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn standing(connection: &mut Connection) -> Result<Vec<(String, Option<String>)>, StoreError> {
    Ok(sqlx::query_as("select state, last_error from webhook_event order by created_at_ms, id")
        .fetch_all(connection)
        .await?)
}
