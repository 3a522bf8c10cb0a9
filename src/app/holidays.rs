//! Holidays by order: a post declares a day closed for its office and all below it, or takes that back. One transaction.
//!
//! Nobody's meeting falls by itself: each desk is shown whom the day hits, and proposes other times by a displacement.

use std::collections::BTreeMap;

use domain::id::{BodyId, PostId};
use domain::office::{Holiday, HolidayKind, ist};
use domain::text::{Bilingual, Subject};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};

use super::desk::{from_store, settled};
use super::{Desk, scope};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
pub use crate::store::holiday::HolidayRow;
use crate::store::{Connection, StoreError, appointment, holiday};

/// A holiday that is declared.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The post that declares it.
    pub post: PostId,
    /// The day.
    pub day: Date,
    /// Its name.
    pub name: (Subject, Subject),
    /// By which order.
    pub order: Subject,
}

/// The holidays of a post's scope.
#[derive(Debug, Clone)]
pub struct OwnHolidays {
    /// The body for which it declares, and for all below.
    pub scope: Bilingual,
    /// What stands and lies ahead.
    pub days: Vec<HolidayRow>,
}

/// A day on which a post has meetings although its office is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// The day.
    pub day: Date,
    /// The holiday.
    pub name: Bilingual,
    /// How many meetings are asked for or fixed.
    pub meetings: usize,
}

/// What a declaration hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Meetings on that day.
    pub meetings: i64,
    /// Posts that give them.
    pub posts: usize,
}

/// Why nothing was declared or taken back.
#[derive(Debug, thiserror::Error)]
pub enum HolidayError {
    /// Not this person's desk.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such post, or no such holiday of its own.
    #[error("there is no such post or holiday")]
    Unknown,
    /// The day is over, or further away than a calendar is published.
    #[error("a holiday lies ahead, within {} days", limits::HOLIDAY_DAYS_MAX)]
    Day,
    /// It is one already.
    #[error("that day is a holiday already")]
    Standing,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(HolidayError);

/// The holidays that a post has declared and may take back.
///
/// # Errors
/// [`HolidayError`].
pub async fn own(desk: &Desk, actor: &Actor, post: &PostId) -> Result<OwnHolidays, HolidayError> {
    allows(actor, Act::DeclareHoliday, &Object::Post(post.clone()))?;
    let today = desk.now().to_zoned(ist()).date();
    let mut connection = desk.store.read().await?;
    let scope = scope::of(&mut connection, post).await?.ok_or(HolidayError::Unknown)?;
    let days = holiday::standing(&mut connection, &scope.id, today).await?;
    Ok(OwnHolidays { scope: scope.name, days })
}

/// Declares a holiday. The meetings of that day stay until their desks give them other times.
///
/// # Errors
/// [`HolidayError`]; nothing has changed then.
pub async fn declare(desk: &Desk, actor: &Actor, wish: &Declaration) -> Result<Declared, HolidayError> {
    allows(actor, Act::DeclareHoliday, &Object::Post(wish.post.clone()))?;
    let today = desk.now().to_zoned(ist()).date();
    let last = today.checked_add(limits::HOLIDAY_DAYS_MAX.days()).unwrap_or(Date::MAX);
    if !(today..=last).contains(&wish.day) {
        return Err(HolidayError::Day);
    }
    settled(|| declare_once(desk, actor, wish)).await
}

async fn declare_once(desk: &Desk, actor: &Actor, wish: &Declaration) -> Result<Declared, HolidayError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let scope = scope::of(&mut tx, &wish.post).await?.ok_or(HolidayError::Unknown)?;
    let entry = Holiday {
        body: scope.id.clone(),
        day: wish.day,
        kind: HolidayKind::Local,
        name_hi: wish.name.0.as_str().to_owned(),
        name_en: wish.name.1.as_str().to_owned(),
    };
    if !holiday::add(&mut tx, &entry, wish.order.as_str()).await? {
        return Err(HolidayError::Standing);
    }
    let hit = holiday::meetings_below(&mut tx, &scope.id, span_of(wish.day, now)).await?;
    let done = Declared { meetings: hit.iter().map(|(_, n)| n).sum(), posts: hit.len() };
    let detail = format!("day={} meetings={}", wish.day, done.meetings);
    note(desk, &mut tx, (actor, "holiday.declare"), (&scope.id, detail)).await?;
    tx.commit().await?;
    Ok(done)
}

/// Takes a holiday of its own back, by another order.
///
/// # Errors
/// [`HolidayError`]; nothing has changed then.
pub async fn withdraw(
    desk: &Desk,
    actor: &Actor,
    (post, day): (&PostId, Date),
    order: &Subject,
) -> Result<(), HolidayError> {
    allows(actor, Act::DeclareHoliday, &Object::Post(post.clone()))?;
    settled(|| withdraw_once(desk, actor, (post, day), order)).await
}

async fn withdraw_once(
    desk: &Desk,
    actor: &Actor,
    (post, day): (&PostId, Date),
    order: &Subject,
) -> Result<(), HolidayError> {
    let mut tx = desk.store.write().await?;
    let scope = scope::of(&mut tx, post).await?.ok_or(HolidayError::Unknown)?;
    if !holiday::withdraw(&mut tx, (&scope.id, day), order.as_str()).await? {
        return Err(HolidayError::Unknown);
    }
    let detail = format!("day={day}");
    note(desk, &mut tx, (actor, "holiday.withdraw"), (&scope.id, detail)).await?;
    Ok(tx.commit().await?)
}

async fn note(
    desk: &Desk,
    connection: &mut Connection,
    (actor, act): (&Actor, &'static str),
    (body, detail): (&BodyId, String),
) -> Result<(), StoreError> {
    let line = Line { by: actor.by(None), act, object: body.as_str(), detail };
    audit::append(connection, line, desk.now()).await
}

/// The days ahead on which a post has meetings although its office is closed.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn struck(desk: &Desk, post: &PostId) -> Result<Vec<Struck>, StoreError> {
    let now = desk.now();
    let Some(kept) = desk.diaries.of(desk, post).await? else { return Ok(Vec::new()) };
    let today = now.to_zoned(ist()).date();
    let closed: BTreeMap<Date, Bilingual> = kept
        .days(today, limits::TIMES_DAYS_MAX)
        .filter_map(|day| Some((day.date(), day.closed()?.clone())))
        .collect();
    let Some((first, last)) = closed.keys().next().zip(closed.keys().next_back()) else {
        return Ok(Vec::new());
    };
    let span = (span_of(*first, now).0, span_of(*last, now).1);
    let mut connection = desk.store.read().await?;
    let rows = appointment::touched(&mut connection, post, span, (now, limits::DISPLACED_MAX)).await?;
    drop(connection);
    let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.rules.slot.start().to_zoned(ist()).date()).or_default() += 1;
    }
    let named = closed
        .into_iter()
        .filter_map(|(day, name)| counts.get(&day).map(|meetings| Struck { day, name, meetings: *meetings }));
    Ok(named.collect())
}

/// The first instant of a day in India, and the first after it.
#[must_use]
pub fn span_of(day: Date, now: Timestamp) -> (Timestamp, Timestamp) {
    let midnight =
        |day: Date| day.to_datetime(Time::midnight()).to_zoned(ist()).map_or(now, |zoned| zoned.timestamp());
    (midnight(day), midnight(day.tomorrow().unwrap_or(day)))
}
