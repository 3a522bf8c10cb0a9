//! Rows of requests that may be sent twice: a hash of who and which, a fingerprint, and the sealed first answer.
//!
//! Never sees a key or an answer in the clear. The row is the claim: of two requests with one key, one inserts it.

use jiff::Timestamp;

use super::{Connection, StoreError, instant};

/// A request that was begun.
#[derive(Debug, Clone)]
pub struct IdempotencyRow {
    /// What was asked, as a hash.
    pub fingerprint: String,
    /// The sealed answer; none while the first request runs.
    pub answer: Option<String>,
    /// When the first request (or the one that took it over) began.
    pub started_at: Timestamp,
}

/// Writes that a request runs. `false` if its row stands already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin(
    connection: &mut Connection,
    (id, fingerprint): (&str, &str),
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into idempotency (id, fingerprint, started_at_ms, expires_at_ms) values ($1, $2, $3, $4) \
         on conflict (id) do nothing",
    )
    .bind(id)
    .bind(fingerprint)
    .bind(now.as_millisecond())
    .bind(expires_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The row of a request.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn get(connection: &mut Connection, id: &str) -> Result<Option<IdempotencyRow>, StoreError> {
    let row: Option<(String, Option<String>, i64)> =
        sqlx::query_as("select fingerprint, answer, started_at_ms from idempotency where id = $1")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    row.map(|(fingerprint, answer, started)| {
        Ok(IdempotencyRow { fingerprint, answer, started_at: instant(started, "idempotency")? })
    })
    .transpose()
}

/// Takes over a request that was begun at `was` and never ended. `false` if another was faster.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_over(
    connection: &mut Connection,
    id: &str,
    (was, now): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update idempotency set started_at_ms = $3 where id = $1 and started_at_ms = $2 and answer is null",
    )
    .bind(id)
    .bind(was.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps the answer of the request that was begun at `started`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn finish(
    connection: &mut Connection,
    (id, started): (&str, Timestamp),
    answer: &str,
) -> Result<(), StoreError> {
    sqlx::query("update idempotency set answer = $3 where id = $1 and started_at_ms = $2 and answer is null")
        .bind(id)
        .bind(started.as_millisecond())
        .bind(answer)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets the request that was begun at `started` and has no answer worth keeping.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn forget(connection: &mut Connection, (id, started): (&str, Timestamp)) -> Result<(), StoreError> {
    sqlx::query("delete from idempotency where id = $1 and started_at_ms = $2 and answer is null")
        .bind(id)
        .bind(started.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes what has expired.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("delete from idempotency where expires_at_ms <= $1")
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}
