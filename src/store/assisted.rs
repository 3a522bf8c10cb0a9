//! Rows of bookings that somebody made for a person who was there: who helped, and the keyed hash of the slip's PIN.

use domain::id::{AppointmentId, PostId, UserId};
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// A booking made at a counter.
#[derive(Debug, Clone)]
pub struct AssistedRow {
    /// The appointment.
    pub appointment: AppointmentId,
    /// Who helped.
    pub helper: UserId,
    /// From which post.
    pub post: PostId,
    /// Village and district, as they were said.
    pub place: String,
    /// When the person agreed.
    pub consented_at: Timestamp,
    /// Keyed hash of the slip's PIN.
    pub pin_hash: String,
}

/// Writes one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &AssistedRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into assisted (appointment_id, staff_id, post_id, place, consented_at_ms, pin_hash) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.appointment.as_str())
    .bind(row.helper.as_str())
    .bind(row.post.as_str())
    .bind(&row.place)
    .bind(row.consented_at.as_millisecond())
    .bind(&row.pin_hash)
    .execute(connection)
    .await?;
    Ok(())
}

/// The helper's post and the hash of the PIN; `None` for a booking that was made without help.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn pin_of(
    connection: &mut Connection,
    id: &AppointmentId,
) -> Result<Option<(PostId, String)>, StoreError> {
    let row: Option<(String, String)> =
        sqlx::query_as("select post_id, pin_hash from assisted where appointment_id = $1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(post, hash)| Ok((sound(PostId::parse(&post).ok(), "assisted", "post")?, hash))).transpose()
}

/// The appointment of a reference number, with the hash of its PIN, if it was made with help.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_reference(
    connection: &mut Connection,
    reference: &str,
) -> Result<Option<(AppointmentId, String)>, StoreError> {
    let row: Option<(String, String)> = sqlx::query_as(
        "select s.appointment_id, s.pin_hash from assisted s join appointment a on a.id = s.appointment_id \
         where a.reference = $1",
    )
    .bind(reference)
    .fetch_optional(connection)
    .await?;
    row.map(|(id, hash)| Ok((sound(AppointmentId::parse(&id).ok(), "assisted", "appointment")?, hash)))
        .transpose()
}
