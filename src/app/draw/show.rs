//! What everybody may see of a draw, at each moment no more than belongs there. Reads only.

use domain::diary::Slot;
use domain::id::{AppointmentId, DrawId, PostId};
use jiff::Timestamp;

use super::secret_of;
use crate::app::Desk;
use crate::app::directory::{self, PostCard};
use crate::limits;
use crate::store::StoreError;
use crate::store::draw::{self, DrawRow};

/// A draw as everybody may see it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id.
    pub id: DrawId,
    /// Whose times.
    pub post: PostCard,
    /// The times, ascending.
    pub times: Vec<Slot>,
    /// 64 hexadecimal digits, from the beginning.
    pub commitment: String,
    /// Entries are taken from then on.
    pub opens_at: Timestamp,
    /// And until then.
    pub closes_at: Timestamp,
    /// Are entries taken now?
    pub is_open: bool,
    /// How many have entered.
    pub count: usize,
    /// Their reference numbers in ascending order, once the list is closed.
    pub references: Option<Vec<String>>,
    /// Secret, public word and the order, once it is drawn.
    pub drawn: Option<(String, String, Vec<String>)>,
}

/// One draw; `None` when there is none of that id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn show(desk: &Desk, id: &DrawId) -> Result<Option<Shown>, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let Some(row) = draw::by_id(&mut connection, id).await? else { return Ok(None) };
    let times = draw::times(&mut connection, id).await?;
    let entries = draw::entries(&mut connection, id).await?;
    drop(connection);
    let Some(post) = directory::post(desk, &row.post).await? else { return Ok(None) };
    let drawn = row.word.filter(|_| row.drawn_at.is_some()).map(|word| {
        let mut order: Vec<_> =
            entries.iter().filter_map(|(_, who, place)| Some((*place.as_ref()?, who))).collect();
        order.sort_unstable();
        let order = order.into_iter().map(|(_, reference)| reference.clone()).collect();
        (secret_of(desk, id).reveal(), word, order)
    });
    let is_closed = now >= row.closes_at;
    Ok(Some(Shown {
        id: row.id,
        post,
        times,
        commitment: row.commitment.as_str().to_owned(),
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        is_open: now >= row.opens_at && !is_closed,
        count: entries.len(),
        references: is_closed.then(|| entries.into_iter().map(|(_, reference, _)| reference).collect()),
        drawn,
    }))
}

/// The newest draws of a post: id, end of the entries, whether drawn.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(desk: &Desk, post: &PostId) -> Result<Vec<DrawRow>, StoreError> {
    let mut connection = desk.store.read().await?;
    draw::of_post(&mut connection, post, limits::DRAWS_SHOWN_MAX).await
}

/// The draw that an appointment is an entry of, and whether it counts.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_entry(desk: &Desk, id: &AppointmentId) -> Result<Option<(DrawId, bool)>, StoreError> {
    let mut connection = desk.store.read().await?;
    draw::of_entry(&mut connection, id).await
}
