//! The fixed appointments of a post in a stretch of time, as a cause list needs them, and the next one of each post.

use std::collections::BTreeMap;

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

/// The beginning of the first fixed appointment of each post with a terminal that ends after `from` and begins before `to`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn first_at_terminals(
    connection: &mut Connection,
    (from, to): (Timestamp, Timestamp),
) -> Result<BTreeMap<PostId, Timestamp>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select a.post_id, min(a.starts_at_ms) from appointment a where a.state = 'confirmed' \
         and a.post_id in (select t.post_id from terminal t where t.revoked_at_ms is null) \
         and a.ends_at_ms > $1 and a.starts_at_ms < $2 group by a.post_id",
    )
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .fetch_all(connection)
    .await?;
    let first = |(post, at): (String, i64)| {
        Ok((sound(PostId::parse(&post).ok(), "appointment", "post_id")?, instant(at, "appointment")?))
    };
    rows.into_iter().map(first).collect()
}
