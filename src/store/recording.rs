//! Recordings of meetings: when each began and ended, and the hashes of the first and last line of its manifest.
//!
//! What was recorded lies in files; nothing of it is here.

use domain::id::{MeetingId, RecordingId};
use jiff::Timestamp;

use super::{Connection, StoreError};

/// A recording has begun.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin(
    connection: &mut Connection,
    (id, meeting): (&RecordingId, &MeetingId),
    head: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into recording (id, meeting, begun_ms, begun_head) values ($1, $2, $3, $4)")
        .bind(id.as_str())
        .bind(meeting.as_str())
        .bind(now.as_millisecond())
        .bind(head)
        .execute(connection)
        .await?;
    Ok(())
}

/// A recording is over, also one that never began.
///
/// * returns: whether that was not known.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end(
    connection: &mut Connection,
    (id, meeting): (&RecordingId, &MeetingId),
    (head, why): (&str, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into recording (id, meeting, begun_ms, begun_head, ended_ms, ended_head, why) \
         values ($1, $2, $3, $4, $3, $4, $5) \
         on conflict (id) do update \
         set ended_ms = excluded.ended_ms, ended_head = excluded.ended_head, why = excluded.why \
         where recording.ended_ms is null",
    )
    .bind(id.as_str())
    .bind(meeting.as_str())
    .bind(now.as_millisecond())
    .bind(head)
    .bind(why)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
