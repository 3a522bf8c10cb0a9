//! Who else meets by video with the same number within a span: a telephone is shared by a house. Shown only to a device
//! that is known for one of them.

use domain::id::AppointmentId;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A fixed meeting by video of somebody else with the same number.
#[derive(Debug, Clone)]
pub struct OtherRow {
    /// The appointment.
    pub appointment: AppointmentId,
    /// Who comes.
    pub name: String,
    /// When.
    pub start: Timestamp,
}

/// The others on the number of `of` whose name is another and whose meeting begins within the span, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn others(
    connection: &mut Connection,
    of: &AppointmentId,
    (from, to): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<OtherRow>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "select other.id, c.name, other.starts_at_ms \
         from appointment mine join citizen mc on mc.id = mine.citizen_id and mc.mobile <> '' \
         join citizen c on c.mobile = mc.mobile and c.name <> mc.name \
         join appointment other on other.citizen_id = c.id and other.state = 'confirmed' \
         and other.channel = 'video' and other.starts_at_ms >= $2 and other.starts_at_ms < $3 \
         where mine.id = $1 order by other.starts_at_ms, other.id limit $4",
    )
    .bind(of.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, name, start)| {
            Ok(OtherRow {
                appointment: sound(AppointmentId::parse(&id).ok(), "appointment", "id")?,
                name,
                start: instant(start, "appointment")?,
            })
        })
        .collect()
}
