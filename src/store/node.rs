//! Rows of the servers that write to this database.

use jiff::Timestamp;

use super::{Connection, StoreError};

/// Says that this server is there no longer.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn leave(connection: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("delete from node where id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Says that this server is there, and asks who else is.
///
/// * `since`: whoever has said nothing since then is not there; `forgotten`: whoever has said nothing since then is dropped.
/// * returns: how many others there are.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn beat(
    connection: &mut Connection,
    id: &str,
    (since, forgotten): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<i64, StoreError> {
    sqlx::query(
        "insert into node (id, seen_at_ms) values ($1, $2) \
         on conflict (id) do update set seen_at_ms = excluded.seen_at_ms",
    )
    .bind(id)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from node where seen_at_ms < $1")
        .bind(forgotten.as_millisecond())
        .execute(&mut *connection)
        .await?;
    let (others,): (i64,) = sqlx::query_as("select count(*) from node where id <> $1 and seen_at_ms >= $2")
        .bind(id)
        .bind(since.as_millisecond())
        .fetch_one(connection)
        .await?;
    Ok(others)
}
