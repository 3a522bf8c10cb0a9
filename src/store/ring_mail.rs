//! Evenings on which the occupants of seats were told of their day: a row an evening.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, instant};

/// Was it done on this day?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_done(connection: &mut Connection, day: Date) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as("select until_ms from ring_mail where day = $1")
        .bind(day.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Until when it was told last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn last(connection: &mut Connection) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as("select until_ms from ring_mail order by until_ms desc limit 1")
        .fetch_optional(connection)
        .await?;
    row.map(|(at,)| instant(at, "ring_mail")).transpose()
}

/// It is done on this day, until then. `false` when it was before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin(connection: &mut Connection, day: Date, until: Timestamp) -> Result<bool, StoreError> {
    let done =
        sqlx::query("insert into ring_mail (day, until_ms) values ($1, $2) on conflict (day) do nothing")
            .bind(day.to_string())
            .bind(until.as_millisecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}
