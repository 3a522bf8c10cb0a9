//! Rows of ratings: what the citizen thought of his meeting, in one tap.

use domain::id::AppointmentId;
use domain::quality::Verdict;
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// Keeps a verdict; the last one counts.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    (id, verdict): (&AppointmentId, Verdict),
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into rating (appointment_id, verdict, given_at_ms) values ($1, $2, $3) \
         on conflict (appointment_id) do update set verdict = excluded.verdict, given_at_ms = excluded.given_at_ms",
    )
    .bind(id.as_str())
    .bind(verdict.code())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// The verdict on the meeting of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(connection: &mut Connection, id: &AppointmentId) -> Result<Option<Verdict>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select verdict from rating where appointment_id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(code,)| sound(Verdict::from_code(&code), "rating", "verdict")).transpose()
}
