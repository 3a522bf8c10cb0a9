//! The call ledger: every ring of the hotline, also one that failed at once.

use domain::hotline::Outcome;
use domain::id::{CallId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A call as it stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// Which.
    pub id: CallId,
    /// Who rang.
    pub caller: PostId,
    /// Who was rung.
    pub callee: PostId,
    /// `ringing`, `accepted` or `over`.
    pub state: String,
    /// How it ended: an outcome's code.
    pub reason: Option<String>,
    /// When it rang.
    pub rang_at: Timestamp,
    /// When the callee consented.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A seat rang another.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ring(
    connection: &mut Connection,
    id: &CallId,
    (caller, callee): (&PostId, &PostId),
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into call (id, caller_post_id, callee_post_id, state, rang_at_ms) values ($1, $2, $3, 'ringing', $4)",
    )
    .bind(id.as_str())
    .bind(caller.as_str())
    .bind(callee.as_str())
    .bind(at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// The callee consented.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn accept(connection: &mut Connection, id: &CallId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "update call set state = 'accepted', answered_at_ms = $1 where id = $2 and state = 'ringing'",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// A call came to its end.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end(
    connection: &mut Connection,
    id: &CallId,
    outcome: Outcome,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update call set state = 'over', reason = $1, ended_at_ms = $2 where id = $3 and state <> 'over'",
    )
    .bind(outcome.code())
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// The calls that rang a post or that it rang, newest first: what its occupant reads.
///
/// * `count`: at most so many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<CallRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, caller_post_id, callee_post_id, state, reason, rang_at_ms, answered_at_ms, ended_at_ms \
         from call where callee_post_id = $1 or caller_post_id = $1 order by rang_at_ms desc, id limit $2",
    )
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

/// The columns of a call, as they are read.
type Columns = (String, String, String, String, Option<String>, i64, Option<i64>, Option<i64>);

fn row_of(row: Columns) -> Result<CallRow, StoreError> {
    let (id, caller, callee, state, reason, rang, answered, ended) = row;
    let time = |ms: Option<i64>| ms.map(|ms| instant(ms, "call")).transpose();
    Ok(CallRow {
        id: sound(CallId::parse(&id).ok(), "call", "id")?,
        caller: sound(PostId::parse(&caller).ok(), "call", "caller")?,
        callee: sound(PostId::parse(&callee).ok(), "call", "callee")?,
        state,
        reason,
        rang_at: instant(rang, "call")?,
        answered_at: time(answered)?,
        ended_at: time(ended)?,
    })
}
