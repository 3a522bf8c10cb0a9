//! Rows of bookings that somebody made for a person who was there: who helped, from where, and the consent.

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
}

/// Writes one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &AssistedRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into assisted (appointment_id, staff_id, post_id, place, consented_at_ms) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(row.appointment.as_str())
    .bind(row.helper.as_str())
    .bind(row.post.as_str())
    .bind(&row.place)
    .bind(row.consented_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// The helper's post; `None` for a booking that was made without help.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn post_of(connection: &mut Connection, id: &AppointmentId) -> Result<Option<PostId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select post_id from assisted where appointment_id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(post,)| sound(PostId::parse(&post).ok(), "assisted", "post")).transpose()
}
