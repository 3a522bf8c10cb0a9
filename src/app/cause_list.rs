//! The cause list of a post: what is fixed for the day whose list is out, numbered, with names masked.
//!
//! The list of tomorrow is out from 18:00. What leaves this file names nobody.

use domain::diary::cause_list::{day_at, masked};
use domain::diary::{Channel, Slot};
use domain::id::PostId;
use domain::office::ist;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Desk;
use super::directory::{self, PostCard};
use crate::limits;
use crate::store::{StoreError, cause_list};

/// A day's list.
#[derive(Debug, Clone)]
pub struct CauseList {
    /// The post.
    pub post: PostCard,
    /// The day.
    pub day: Date,
    /// What is fixed, by time.
    pub items: Vec<Item>,
}

/// One line of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number, from 1.
    pub number: usize,
    /// When.
    pub slot: Slot,
    /// How they meet.
    pub channel: Channel,
    /// The first letters of who comes.
    pub name: String,
}

/// The list that is out now; `None` when there is no such post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn cause_list(desk: &Desk, post: &PostId) -> Result<Option<CauseList>, StoreError> {
    let day = day_at(desk.now());
    let Some(card) = directory::post(desk, post).await? else { return Ok(None) };
    let mut connection = desk.store.read().await?;
    let rows = cause_list::fixed(&mut connection, post, bounds(day), limits::CAUSE_LIST_MAX).await?;
    let items = rows.into_iter().zip(1..).map(|(row, number)| Item {
        number,
        slot: row.slot,
        channel: row.channel,
        name: masked(&row.name),
    });
    Ok(Some(CauseList { post: card, day, items: items.collect() }))
}

/// From midnight to midnight, in India.
fn bounds(day: Date) -> (Timestamp, Timestamp) {
    let midnight = |day: Date| day.to_zoned(ist()).map_or(Timestamp::MAX, |at| at.timestamp());
    (midnight(day), midnight(day.saturating_add(1.day())))
}
