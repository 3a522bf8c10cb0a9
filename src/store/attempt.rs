//! Counted tries of what may not be guessed without end, in a window of time.

use jiff::Timestamp;

use super::{Connection, StoreError};

/// Counts one try of `subject` and says how many there were in the running window, this one included.
///
/// * `window_ends_at`: end of a window that begins with this try.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn count(
    connection: &mut Connection,
    subject: &str,
    window_ends_at: Timestamp,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "insert into attempt (subject, count, window_ends_at_ms) values ($1, 1, $2) \
         on conflict (subject) do update set \
         count = case when attempt.window_ends_at_ms <= $3 then 1 else attempt.count + 1 end, \
         window_ends_at_ms = case when attempt.window_ends_at_ms <= $3 then excluded.window_ends_at_ms \
         else attempt.window_ends_at_ms end returning count",
    )
    .bind(subject)
    .bind(window_ends_at.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// How many tries of `subject` there were in the running window.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn so_far(connection: &mut Connection, subject: &str, now: Timestamp) -> Result<i64, StoreError> {
    let row: Option<(i64,)> =
        sqlx::query_as("select count from attempt where subject = $1 and window_ends_at_ms > $2")
            .bind(subject)
            .bind(now.as_millisecond())
            .fetch_optional(connection)
            .await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Forgets the tries of `subject`, after one that was right.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn forget(connection: &mut Connection, subject: &str) -> Result<(), StoreError> {
    sqlx::query("delete from attempt where subject = $1").bind(subject).execute(connection).await?;
    Ok(())
}
