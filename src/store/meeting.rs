//! Rows of meetings: one for each appointment that is fixed.

use domain::id::{AppointmentId, MeetingId, PostId};

use super::{Connection, StoreError, sound};

/// Plans the meeting of a fixed appointment; planned twice is planned once.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn plan(
    connection: &mut Connection,
    id: &MeetingId,
    (appointment, post): (&AppointmentId, &PostId),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meeting (id, appointment_id, post_id, state) values ($1, $2, $3, 'planned') \
         on conflict (appointment_id) do nothing",
    )
    .bind(id.as_str())
    .bind(appointment.as_str())
    .bind(post.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// The meeting of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_appointment(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<MeetingId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select id from meeting where appointment_id = $1")
        .bind(appointment.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(id,)| sound(MeetingId::parse(&id).ok(), "meeting", "id")).transpose()
}

/// The appointment that a meeting is for.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn appointment_of(
    connection: &mut Connection,
    id: &MeetingId,
) -> Result<Option<AppointmentId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select appointment_id from meeting where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(id,)| sound(AppointmentId::parse(&id).ok(), "meeting", "appointment")).transpose()
}
