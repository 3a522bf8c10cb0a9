//! Rows of those who come together: one a seat of an appointment. Seat 0, the one who booked, has no row.

use domain::id::AppointmentId;
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// One who comes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    /// The appointment.
    pub appointment: AppointmentId,
    /// From 1 on.
    pub seat: u32,
    /// Who.
    pub name: String,
    /// Has he said that he does not come?
    pub is_given_up: bool,
}

type Columns = (String, i64, String, String);

fn seat((appointment, seat, name, state): Columns) -> Result<SeatRow, StoreError> {
    Ok(SeatRow {
        appointment: sound(AppointmentId::parse(&appointment).ok(), "party_seat", "appointment")?,
        seat: sound(u32::try_from(seat).ok(), "party_seat", "seat")?,
        name,
        is_given_up: state == "given_up",
    })
}

/// Writes a seat; `false` when the seat is taken already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &SeatRow,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into party_seat (appointment_id, seat, name, state, token_hash, created_at_ms) \
         values ($1, $2, $3, 'comes', $4, $5) on conflict (appointment_id, seat) do nothing",
    )
    .bind(row.appointment.as_str())
    .bind(i64::from(row.seat))
    .bind(&row.name)
    .bind(token_hash)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Everybody who was named to come along, by seat.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_appointment(
    connection: &mut Connection,
    id: &AppointmentId,
) -> Result<Vec<SeatRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select appointment_id, seat, name, state from party_seat where appointment_id = $1 order by seat",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(seat).collect()
}

/// Everybody who comes along to a fixed time between two instants.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn between(
    connection: &mut Connection,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<SeatRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select s.appointment_id, s.seat, s.name, s.state from party_seat s \
         join appointment a on a.id = s.appointment_id where a.state = 'confirmed' \
         and a.starts_at_ms >= $1 and a.starts_at_ms < $2 and s.state = 'comes' order by s.appointment_id, s.seat",
    )
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(seat).collect()
}

/// The seat that a link opens.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_token(connection: &mut Connection, hash: &str) -> Result<Option<SeatRow>, StoreError> {
    let row: Option<Columns> =
        sqlx::query_as("select appointment_id, seat, name, state from party_seat where token_hash = $1")
            .bind(hash)
            .fetch_optional(connection)
            .await?;
    row.map(seat).transpose()
}

/// Gives one seat up; the others stay. `false` when it was given up before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn give_up(connection: &mut Connection, row: &SeatRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update party_seat set state = 'given_up' where appointment_id = $1 and seat = $2 and state = 'comes'",
    )
    .bind(row.appointment.as_str())
    .bind(i64::from(row.seat))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
