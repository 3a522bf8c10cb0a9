//! Rings that a seat did not take, from the rows of its parts in calls, and which of them somebody has seen.

use domain::hotline::Outcome;
use domain::id::{CallId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A ring that is over and was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingRow {
    /// Of which call.
    pub call: CallId,
    /// Who rang.
    pub by: PostId,
    /// From when.
    pub rang_at: Timestamp,
    /// To when.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// When somebody has seen that.
    pub noticed_at: Option<Timestamp>,
}

const TABLE: &str = "hotline_part";
type Columns = (String, String, i64, i64, String, Option<i64>);

/// Rings that a seat did not take since then, newest first, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn rings(
    connection: &mut Connection,
    post: &PostId,
    (since, count): (Timestamp, i64),
) -> Result<Vec<RingRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select call_id, by_post_id, rang_at_ms, ended_at_ms, outcome, noticed_at_ms from hotline_part \
         where post_id = $1 and rang_at_ms >= $2 and by_post_id is not null and act is null \
         and ended_at_ms is not null and outcome is not null order by rang_at_ms desc, call_id limit $3",
    )
    .bind(post.as_str())
    .bind(since.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

fn row_of((call, by, rang, ended, outcome, noticed): Columns) -> Result<RingRow, StoreError> {
    Ok(RingRow {
        call: sound(CallId::parse(&call).ok(), TABLE, "call_id")?,
        by: sound(PostId::parse(&by).ok(), TABLE, "by_post_id")?,
        rang_at: instant(rang, TABLE)?,
        ended_at: instant(ended, TABLE)?,
        outcome: sound(Outcome::from_code(&outcome), TABLE, "outcome")?,
        noticed_at: noticed.map(|ms| instant(ms, TABLE)).transpose()?,
    })
}

/// When a seat was rung last by another and did not take it; nothing when it did.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn rang_in_vain(
    connection: &mut Connection,
    (post, by): (&PostId, &PostId),
) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(i64, Option<String>)> = sqlx::query_as(
        "select rang_at_ms, act from hotline_part where post_id = $1 and by_post_id = $2 \
         order by rang_at_ms desc limit 1",
    )
    .bind(post.as_str())
    .bind(by.as_str())
    .fetch_optional(connection)
    .await?;
    let rang = row.filter(|(_, act)| act.is_none()).map(|(rang, _)| rang);
    rang.map(|ms| instant(ms, TABLE)).transpose()
}

/// Somebody has seen one ring of a seat.
///
/// * returns: how many were unseen until now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn notice(
    connection: &mut Connection,
    (post, call, rang_at): (&PostId, &CallId, Timestamp),
    now: Timestamp,
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update hotline_part set noticed_at_ms = $1 where post_id = $2 and call_id = $3 and rang_at_ms = $4 \
         and act is null and ended_at_ms is not null and noticed_at_ms is null",
    )
    .bind(now.as_millisecond())
    .bind(post.as_str())
    .bind(call.as_str())
    .bind(rang_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Somebody has seen the rings of a seat up to then, of one other or of all.
///
/// * returns: how many were unseen until now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn notice_until(
    connection: &mut Connection,
    (post, by): (&PostId, Option<&PostId>),
    (until, now): (Timestamp, Timestamp),
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update hotline_part set noticed_at_ms = $1 where post_id = $2 and rang_at_ms <= $3 \
         and by_post_id is not null and (by_post_id = $4 or $4 = '') and act is null \
         and ended_at_ms is not null and noticed_at_ms is null",
    )
    .bind(now.as_millisecond())
    .bind(post.as_str())
    .bind(until.as_millisecond())
    .bind(by.map_or("", PostId::as_str))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
