//! Rows of caps: how many may come to a post on one day, and how many times one citizen may have ahead with it.
//!
//! Most posts have none, and nothing here is asked for them. Whoever gives a capped post's time away changes its row
//! first, so that one counts after the other, in whatever transaction.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::Slot;
use domain::diary::{Caps, Full};
use domain::id::{AppointmentId, PostId};
use domain::office::ist;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::intake::Entry;
use super::{Connection, StoreError, Tx, instant, sound};

fn caps_of((day, citizen): (Option<i64>, Option<i64>)) -> Result<Caps, StoreError> {
    let small = |n: i64| sound(u16::try_from(n).ok(), "post_cap", "number");
    Ok(Caps { day: day.map(small).transpose()?, citizen: citizen.map(small).transpose()? })
}

/// The caps of a post, none where it has no row.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(connection: &mut Connection, post: &PostId) -> Result<Caps, StoreError> {
    let row: Option<(Option<i64>, Option<i64>)> =
        sqlx::query_as("select day_cap, citizen_cap from post_cap where post_id = $1")
            .bind(post.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(row.map(caps_of).transpose()?.unwrap_or_default())
}

/// Writes the caps of a post; whoever gives its times away meanwhile waits.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(tx: &mut Tx, post: &PostId, caps: Caps) -> Result<(), StoreError> {
    tx.touch_supply();
    sqlx::query(
        "insert into post_cap (post_id, day_cap, citizen_cap, turn) values ($1, $2, $3, 1) \
         on conflict (post_id) do update set day_cap = excluded.day_cap, citizen_cap = excluded.citizen_cap, \
         turn = post_cap.turn + 1",
    )
    .bind(post.as_str())
    .bind(caps.day.map(i64::from))
    .bind(caps.citizen.map(i64::from))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Waits for one's turn to give a time of this post away, until the transaction ends.
///
/// * returns: its caps as they are now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_turn(connection: &mut Connection, post: &PostId) -> Result<Caps, StoreError> {
    let row: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(
        "update post_cap set turn = turn + 1 where post_id = $1 returning day_cap, citizen_cap",
    )
    .bind(post.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(caps_of).transpose()?.unwrap_or_default())
}

/// The day of an instant, wall time.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(ist()).date()
}

/// From midnight to midnight.
fn span_of(day: Date) -> Option<(Timestamp, Timestamp)> {
    let midnight = |day: Date| Some(day.to_zoned(ist()).ok()?.timestamp());
    Some((midnight(day)?, midnight(day.checked_add(1.day()).ok()?)?))
}

/// Who counts on each day between two instants: holds, requests and what is fixed, times that are drawn for, and freed
/// times that are not open to all.
///
/// * returns: the day of each, with its appointment where it is one's.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn counted(
    connection: &mut Connection,
    post: &PostId,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Vec<(Date, Option<AppointmentId>)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select a.id, a.starts_at_ms from appointment a where a.post_id = $1 and a.starts_at_ms >= $2 \
         and a.starts_at_ms < $3 and (a.state in ('requested', 'confirmed', 'proposed') \
         or (a.state = 'held' and a.hold_expires_at_ms > $4 \
         and not exists (select 1 from draw_entry e where e.appointment_id = a.id) \
         and not exists (select 1 from draw k where k.keeper_id = a.id))) \
         union all select '', t.starts_at_ms from draw_time t join draw d on d.id = t.draw_id \
         where d.post_id = $1 and d.drawn_at_ms is null and t.starts_at_ms >= $2 and t.starts_at_ms < $3 \
         union all select '', f.starts_at_ms from freed f where f.post_id = $1 \
         and f.state in ('resting', 'offered') and f.starts_at_ms >= $2 and f.starts_at_ms < $3",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, starts)| {
            let id = if id.is_empty() { None } else { Some(id) };
            let id = id.map(|id| sound(AppointmentId::parse(&id).ok(), "appointment", "id")).transpose()?;
            Ok((day_of(instant(starts, "appointment")?), id))
        })
        .collect()
}

/// How many more a day takes under this cap; those of `but` are not counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn left_on(
    connection: &mut Connection,
    (post, cap): (&PostId, u16),
    (day, but): (Date, &BTreeSet<&AppointmentId>),
    now: Timestamp,
) -> Result<i64, StoreError> {
    let span = sound(span_of(day), "post_cap", "day")?;
    let counted = counted(connection, post, span, now).await?;
    let others = counted.iter().filter(|(_, id)| id.as_ref().is_none_or(|id| !but.contains(id)));
    Ok(i64::from(cap) - others.count() as i64)
}

/// The times that a number has ahead with a post, or waits for; one of them not counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ahead(
    connection: &mut Connection,
    (post, mobile): (&PostId, &str),
    but: Option<&AppointmentId>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from appointment a join citizen c on c.id = a.citizen_id \
         where c.mobile = $2 and a.post_id = $1 and a.id <> $4 and (a.state = 'waiting' \
         or (a.state in ('requested', 'confirmed', 'proposed') and a.ends_at_ms > $3))",
    )
    .bind(post.as_str())
    .bind(mobile)
    .bind(now.as_millisecond())
    .bind(but.map_or("", AppointmentId::as_str))
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// What the caps of capped posts leave for those of one batch.
#[derive(Debug, Default)]
pub(super) struct Room {
    days: BTreeMap<(PostId, Date), i64>,
    citizens: BTreeMap<(PostId, String), i64>,
}

impl Room {
    /// Waits for the turn of each capped post, in the order of posts, and counts. Nothing is asked where none is capped.
    pub(super) async fn of(tx: &mut Tx, entries: &[&Entry], now: Timestamp) -> Result<Self, StoreError> {
        let capped = || entries.iter().filter(|entry| !entry.caps.is_none());
        let posts: BTreeSet<&PostId> = capped().map(|entry| &entry.row.rules.post).collect();
        let mut room = Self::default();
        for post in posts {
            let caps = take_turn(tx, post).await?;
            for entry in capped().filter(|entry| entry.row.rules.post == *post) {
                room.count(tx, (entry, caps), now).await?;
            }
        }
        Ok(room)
    }

    async fn count(
        &mut self,
        tx: &mut Tx,
        (entry, caps): (&Entry, Caps),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let post = &entry.row.rules.post;
        let day = (post.clone(), day_of(entry.row.rules.slot.start()));
        if let Some(cap) = caps.day.filter(|_| !self.days.contains_key(&day)) {
            let left = left_on(tx, (post, cap), (day.1, &BTreeSet::new()), now).await?;
            self.days.insert(day, left);
        }
        if let Some((cap, mobile)) = caps.citizen.zip(mobile_of(entry)) {
            let left = i64::from(cap) - ahead(tx, (post, mobile), None, now).await?;
            self.citizens.insert((post.clone(), mobile.to_owned()), left);
        }
        Ok(())
    }

    /// Takes the room that this entry needs, or says which cap leaves none.
    pub(super) fn take(&mut self, entry: &Entry) -> Option<Full> {
        if entry.caps.is_none() {
            return None;
        }
        let post = entry.row.rules.post.clone();
        let day = self.days.get_mut(&(post.clone(), day_of(entry.row.rules.slot.start())));
        if day.as_ref().is_some_and(|left| **left <= 0) {
            return Some(Full::Day);
        }
        let citizen = mobile_of(entry).and_then(|mobile| self.citizens.get_mut(&(post, mobile.to_owned())));
        if citizen.as_ref().is_some_and(|left| **left <= 0) {
            return Some(Full::Citizen);
        }
        for left in day.into_iter().chain(citizen) {
            *left -= 1;
        }
        None
    }
}

fn mobile_of(entry: &Entry) -> Option<&str> {
    entry.citizen.as_ref().map(|row| row.mobile.as_str()).filter(|mobile| !mobile.is_empty())
}

/// Whether one more of these slots fits on the days that they are on, under the cap; `but` are not counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all_fit(
    connection: &mut Connection,
    (post, cap): (&PostId, u16),
    (slots, but): (&[Slot], &BTreeSet<&AppointmentId>),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut wanted: BTreeMap<Date, i64> = BTreeMap::new();
    for slot in slots {
        *wanted.entry(day_of(slot.start())).or_default() += 1;
    }
    for (day, count) in wanted {
        if count > left_on(connection, (post, cap), (day, but), now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}
