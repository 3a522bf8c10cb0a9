//! Rows of pages that were given in a meeting, numbered from 1 on.

use domain::id::{AppointmentId, FileId};
use jiff::Timestamp;

use super::{Connection, StoreError};

/// How many pages were given.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn count(connection: &mut Connection, of: &AppointmentId) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from kept_page where appointment_id = $1")
        .bind(of.as_str())
        .fetch_one(connection)
        .await?;
    Ok(count)
}

/// Keeps the page of this number.
///
/// * returns: false when another has that number by now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    (of, number): (&AppointmentId, i64),
    file: &FileId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into kept_page (appointment_id, number, file_id, kept_at_ms) values ($1, $2, $3, $4) \
         on conflict do nothing",
    )
    .bind(of.as_str())
    .bind(number)
    .bind(file.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Media type and bytes of a page.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn content(
    connection: &mut Connection,
    (of, number): (&AppointmentId, i64),
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let row: Option<(String, Vec<u8>)> = sqlx::query_as(
        "select f.mime, f.bytes from kept_page p join file f on f.id = p.file_id \
         where p.appointment_id = $1 and p.number = $2",
    )
    .bind(of.as_str())
    .bind(number)
    .fetch_optional(connection)
    .await?;
    Ok(row)
}
