//! What a terminal is told while it stands there, and that it is there.

use domain::diary::Channel;
use domain::id::PostId;
use domain::office::ist;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::app::Desk;
use crate::auth::Terminal;
use crate::limits;
use crate::store::{StoreError, cause_list, terminal};

/// One meeting of today, without whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// When.
    pub at: Timestamp,
    /// Its number in the day's order, from 1.
    pub number: usize,
    /// How they meet.
    pub channel: Channel,
}

/// What is fixed at a post today, by time. Names nobody: visitors see the screen.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn today(desk: &Desk, post: &PostId) -> Result<Vec<Today>, StoreError> {
    let day = desk.now().to_zoned(ist()).date();
    let midnight = |day: jiff::civil::Date| day.to_zoned(ist()).map_or(Timestamp::MAX, |at| at.timestamp());
    let bounds = (midnight(day), midnight(day.saturating_add(1.day())));
    let mut connection = desk.store.read().await?;
    let rows = cause_list::fixed(&mut connection, post, bounds, limits::CAUSE_LIST_MAX).await?;
    let item = |(row, number): (cause_list::ListedRow, usize)| Today {
        at: row.slot.start(),
        number,
        channel: row.channel,
    };
    Ok(rows.into_iter().zip(1..).map(item).collect())
}

/// The terminal is there: its session is prolonged before it ends, and now and then that is written down.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn beat(desk: &Desk, who: &Terminal) -> Result<(), StoreError> {
    let now = desk.now();
    let row = {
        let mut connection = desk.store.read().await?;
        terminal::by_id(&mut connection, &who.id).await?
    };
    let often = SignedDuration::from_mins(limits::TERMINAL_SEEN_WRITTEN_MINUTES);
    if row.is_none_or(|row| now.duration_since(row.seen_at) < often) {
        return Ok(());
    }
    let hours = |hours| now + SignedDuration::from_hours(hours);
    let (soon, until) =
        (hours(limits::TERMINAL_SESSION_PROLONGED_HOURS), hours(limits::TERMINAL_SESSION_HOURS));
    let mut tx = desk.store.write().await?;
    terminal::seen(&mut tx, &who.id, now).await?;
    terminal::prolong(&mut tx, &who.session, (soon, until)).await?;
    tx.commit().await
}
