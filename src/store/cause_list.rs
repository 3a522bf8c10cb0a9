//! The fixed appointments of a post in a stretch of time, as a cause list needs them.

use domain::diary::{Channel, Slot};
use domain::id::PostId;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A fixed appointment: when, how, and the name as it was given.
#[derive(Debug, Clone)]
pub struct ListedRow {
    /// When.
    pub slot: Slot,
    /// How they meet.
    pub channel: Channel,
    /// Who comes; to be masked before anybody reads it.
    pub name: String,
}

/// What is fixed with a post from `from` until before `to`, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn fixed(
    connection: &mut Connection,
    post: &PostId,
    (from, to): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<ListedRow>, StoreError> {
    let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
        "select a.starts_at_ms, a.ends_at_ms, a.channel, c.name from appointment a \
         join citizen c on c.id = a.citizen_id where a.post_id = $1 and a.state = 'confirmed' \
         and a.starts_at_ms >= $2 and a.starts_at_ms < $3 order by a.starts_at_ms, a.id limit $4",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(starts, ends, channel, name)| {
            let slot = Slot::new(instant(starts, "appointment")?, instant(ends, "appointment")?);
            Ok(ListedRow {
                slot: sound(slot.ok(), "appointment", "slot")?,
                channel: sound(Channel::from_code(&channel), "appointment", "channel")?,
                name,
            })
        })
        .collect()
}
