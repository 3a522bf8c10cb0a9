//! Rows of links: the hash of a token, what it opens and for what. The token itself is never stored.

use domain::id::AppointmentId;
use jiff::Timestamp;

use super::{Connection, StoreError, dialect, sound};

/// Writes links, each the hash of a token and its purpose; the same link twice is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    links: &[(String, &str)],
    appointment: &AppointmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if links.is_empty() {
        return Ok(());
    }
    let insert = format!(
        "insert into link (token_hash, purpose, appointment_id, created_at_ms) values {} on conflict do nothing",
        dialect::rows_of_places(links.len(), 4)
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(insert));
    for (token_hash, purpose) in links {
        query = query.bind(token_hash).bind(*purpose).bind(appointment.as_str()).bind(now.as_millisecond());
    }
    query.execute(connection).await?;
    Ok(())
}

/// The appointment that people call by this number.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_reference(
    connection: &mut Connection,
    reference: &str,
) -> Result<Option<AppointmentId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select id from appointment where reference = $1")
        .bind(reference)
        .fetch_optional(connection)
        .await?;
    row.map(|(id,)| sound(AppointmentId::parse(&id).ok(), "appointment", "id")).transpose()
}

/// What a token of this purpose opens.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn open(
    connection: &mut Connection,
    token_hash: &str,
    purpose: &str,
) -> Result<Option<AppointmentId>, StoreError> {
    let row: Option<(String,)> =
        sqlx::query_as("select appointment_id from link where token_hash = $1 and purpose = $2")
            .bind(token_hash)
            .bind(purpose)
            .fetch_optional(connection)
            .await?;
    row.map(|(id,)| sound(AppointmentId::parse(&id).ok(), "link", "appointment")).transpose()
}
