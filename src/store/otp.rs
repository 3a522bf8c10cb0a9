//! Rows of one-time codes: one live challenge an appointment. Only the code's hash is kept.

use domain::id::AppointmentId;
use jiff::Timestamp;

use super::{Connection, StoreError, instant};

/// A challenge as it stands.
#[derive(Debug, Clone)]
pub struct ChallengeRow {
    /// Hash of the code.
    pub code_hash: String,
    /// When it stops being valid.
    pub expires_at: Timestamp,
    /// Wrong tries still allowed.
    pub tries_left: i64,
    /// Codes sent for this appointment so far.
    pub sends: i64,
}

/// Puts a new code in the place of the one before it, if fewer than `sends_max` were sent.
///
/// * returns: `false` when the bound is reached.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    appointment: &AppointmentId,
    row: &ChallengeRow,
    sends_max: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into otp_challenge (appointment_id, code_hash, expires_at_ms, tries_left, sends) \
         values ($1, $2, $3, $4, 1) on conflict (appointment_id) do update set code_hash = excluded.code_hash, \
         expires_at_ms = excluded.expires_at_ms, tries_left = excluded.tries_left, \
         sends = otp_challenge.sends + 1 where otp_challenge.sends < $5",
    )
    .bind(appointment.as_str())
    .bind(&row.code_hash)
    .bind(row.expires_at.as_millisecond())
    .bind(row.tries_left)
    .bind(sends_max)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The challenge of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn get(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<ChallengeRow>, StoreError> {
    let row: Option<(String, i64, i64, i64)> = sqlx::query_as(
        "select code_hash, expires_at_ms, tries_left, sends from otp_challenge where appointment_id = $1",
    )
    .bind(appointment.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|(code_hash, expires, tries_left, sends)| {
        Ok(ChallengeRow { code_hash, expires_at: instant(expires, "otp_challenge")?, tries_left, sends })
    })
    .transpose()
}

/// Takes one try away before the code is compared, so that parallel guesses are all counted.
///
/// * returns: the tries left after it, or `None` when there was none left.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_try(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as(
        "update otp_challenge set tries_left = tries_left - 1 where appointment_id = $1 and tries_left > 0 \
         returning tries_left",
    )
    .bind(appointment.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(left,)| left))
}

/// Takes the code away once it was used.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn remove(connection: &mut Connection, appointment: &AppointmentId) -> Result<(), StoreError> {
    sqlx::query("delete from otp_challenge where appointment_id = $1")
        .bind(appointment.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
