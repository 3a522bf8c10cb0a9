//! Rows of links: the hash of a token, what it opens and for what. The token itself is never stored.

use domain::id::AppointmentId;
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// Writes a link; the same link twice is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    (token_hash, purpose): (&str, &str),
    appointment: &AppointmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into link (token_hash, purpose, appointment_id, created_at_ms) values ($1, $2, $3, $4) \
         on conflict do nothing",
    )
    .bind(token_hash)
    .bind(purpose)
    .bind(appointment.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
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
