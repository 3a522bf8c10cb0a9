//! The directory: find a post, see who answers for it, and when it is free. Reads only.

use std::collections::BTreeSet;

use domain::diary::Slot;
use domain::diary::supply::{Category, Offer};
use domain::id::PostId;
use domain::office::{BookingMode, Charge, Rank, RoleKey, holder_at, ist};
use domain::text::{Bilingual, matches, search_key};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Desk;
use crate::limits;
use crate::store::office::PostRow;
use crate::store::{StoreError, office};

/// A post as people are shown it.
#[derive(Debug, Clone)]
pub struct PostCard {
    /// Id.
    pub id: PostId,
    /// «सचिव, स्वास्थ्य विभाग».
    pub title: Bilingual,
    /// The body it belongs to.
    pub body: Bilingual,
    /// The part it plays.
    pub role: RoleKey,
    /// Rank of its officer.
    pub rank: Rank,
    /// In which charge it is held now; `None` when vacant.
    pub held: Option<Charge>,
    /// What a booking becomes.
    pub mode: BookingMode,
    /// The number under which the board dials it.
    pub seat_number: Option<i64>,
}

/// One day of a post's diary.
#[derive(Debug, Clone)]
pub struct FreeDay {
    /// The day, wall time.
    pub date: Date,
    /// The holiday that closes it.
    pub closed: Option<Bilingual>,
    /// Free times, ascending.
    pub times: Vec<Slot>,
    /// Those among them that are kept for whoever asks.
    pub kept: BTreeSet<Slot>,
}

/// Posts that meet `query`, best first; those that take bookings only.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn search(desk: &Desk, query: &str) -> Result<Vec<PostCard>, StoreError> {
    let query: String = query.chars().take(limits::SEARCH_CHARS_MAX).collect();
    let key = search_key(&query);
    if key.is_empty() {
        return Ok(Vec::new());
    }
    let cards = bookable(desk).await?;
    let mut found: Vec<_> = cards
        .into_iter()
        .filter_map(|card| {
            let names = [&card.title.hi, &card.title.en, &card.body.hi, &card.body.en].map(String::as_str);
            Some((matches(&key, &search_key(&names.join(" ")))?, card))
        })
        .collect();
    found.sort_by(|(a, one), (b, two)| (a, one.rank, &one.id).cmp(&(b, two.rank, &two.id)));
    Ok(found.into_iter().take(limits::SEARCH_RESULTS_MAX).map(|(_, card)| card).collect())
}

/// Every post that takes bookings, seats first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn bookable(desk: &Desk) -> Result<Vec<PostCard>, StoreError> {
    Ok(cards(desk).await?.into_iter().filter(|card| card.mode != BookingMode::Closed).collect())
}

/// Every post that has a seat on the board, by its number.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seats(desk: &Desk) -> Result<Vec<PostCard>, StoreError> {
    Ok(cards(desk)
        .await?
        .into_iter()
        .filter(|card| card.role.has_seat() && card.seat_number.is_some())
        .collect())
}

async fn cards(desk: &Desk) -> Result<Vec<PostCard>, StoreError> {
    let mut connection = desk.store.read().await?;
    let posts = office::posts(&mut connection).await?;
    let history = office::incumbencies(&mut connection).await?;
    let now = desk.now();
    Ok(posts
        .into_iter()
        .map(|row| {
            let held = holder_at(&history, &row.id, now).map(|held| held.charge);
            card_of(row, held)
        })
        .collect())
}

pub(super) fn card_of(row: PostRow, held: Option<Charge>) -> PostCard {
    PostCard {
        id: row.id,
        title: row.title,
        body: row.body_name,
        role: row.role,
        rank: row.rank,
        held,
        mode: row.mode,
        seat_number: row.seat_number,
    }
}

/// One post, `None` when there is none of that id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn post(desk: &Desk, id: &PostId) -> Result<Option<PostCard>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(row) = office::post(&mut connection, id).await? else { return Ok(None) };
    let history = office::history(&mut connection, id).await?;
    let held = holder_at(&history, id, desk.now()).map(|held| held.charge);
    Ok(Some(card_of(row, held)))
}

/// The next `days` days of a post with the times that are free for all; empty for a post that is unknown or vacant.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn free_days(desk: &Desk, id: &PostId, days: i32) -> Result<Vec<FreeDay>, StoreError> {
    free_days_for(desk, id, (days, &[])).await
}

/// The same with the times that are kept for these categories.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn free_days_for(
    desk: &Desk,
    id: &PostId,
    (days, categories): (i32, &[Category]),
) -> Result<Vec<FreeDay>, StoreError> {
    let now = desk.now();
    let kept = desk.diaries.of(desk, id).await?.filter(|kept| kept.diary().is_bookable());
    let Some(kept) = kept else { return Ok(Vec::new()) };
    let today = now.to_zoned(ist()).date();
    let days = kept.days(today, usize::try_from(days).unwrap_or(0)).map(|day| {
        let open: Vec<Offer> = day.free().filter(|offer| offer.is_open(now, categories)).collect();
        let kept = open.iter().filter(|offer| offer.kept_now(now).is_some());
        FreeDay {
            date: day.date(),
            closed: day.closed().cloned(),
            kept: kept.map(|offer| offer.slot).collect(),
            times: open.into_iter().map(|offer| offer.slot).collect(),
        }
    });
    Ok(days.collect())
}

/// For whom free times of a post are kept now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn kept_for(desk: &Desk, id: &PostId) -> Result<Vec<Category>, StoreError> {
    let now = desk.now();
    let Some(kept) = desk.diaries.of(desk, id).await? else { return Ok(Vec::new()) };
    let offers = kept.days(jiff::civil::Date::MIN, usize::MAX).flat_map(|day| day.free());
    let open = offers.filter(|offer| offer.is_open(now, Category::ALL));
    let categories: BTreeSet<Category> = open.filter_map(|offer| offer.kept_now(now)).collect();
    Ok(categories.into_iter().collect())
}

/// The `count` free times nearest to `wanted`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn nearest(
    desk: &Desk,
    id: &PostId,
    wanted: Timestamp,
    count: usize,
) -> Result<Vec<Slot>, StoreError> {
    let kept = desk.diaries.of(desk, id).await?;
    Ok(kept.map(|kept| kept.nearest(wanted, count, desk.now())).unwrap_or_default())
}

/// The `count` free times nearest to `full` on other days: its own takes nobody else, which what is kept of the diary may
/// not know yet.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn nearest_on_other_days(
    desk: &Desk,
    id: &PostId,
    full: Timestamp,
    count: usize,
) -> Result<Vec<Slot>, StoreError> {
    let day = |at: Timestamp| at.to_zoned(domain::office::ist()).date();
    let mut others = nearest(desk, id, full, count + limits::SLOTS_PER_DAY_MAX).await?;
    others.retain(|slot| day(slot.start()) != day(full));
    others.truncate(count);
    Ok(others)
}

/// The `count` free times nearest to `taken`, which somebody else has just got.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn nearest_others(
    desk: &Desk,
    id: &PostId,
    taken: Timestamp,
    count: usize,
) -> Result<Vec<Slot>, StoreError> {
    let mut others = nearest(desk, id, taken, count + 1).await?;
    others.retain(|slot| slot.start() != taken);
    others.truncate(count);
    Ok(others)
}
