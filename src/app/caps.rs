//! Caps of a post: how many may come on one day, and how many times one citizen may have ahead with it.
//!
//! A cap binds what citizens take and what the house gives out when an officer is called away. What a desk decides by its
//! own hand (a suggested time, another post, the way back) goes beyond it and counts. Nobody loses what he has by a cap.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use domain::diary::Slot;
use domain::diary::{Caps, Full};
use domain::id::{AppointmentId, PostId};
use domain::office::ist;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::{Connection, StoreError, Tx, cap, office};

/// Caps as the desk wishes them.
#[derive(Debug, Clone)]
pub struct CapsWish {
    /// Whose.
    pub post: PostId,
    /// How many.
    pub caps: Caps,
    /// What becomes of days on which more are booked already.
    pub over: Over,
}

/// What becomes of days on which more are booked than a cap allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The cap is refused, and the days are named.
    Refuse,
    /// Whoever is booked stays; such a day takes nobody else.
    Keep,
}

/// Why the caps stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum CapsError {
    /// Not this person's desk.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such post.
    #[error("there is no such post")]
    Unknown,
    /// Nought or too many: who meets nobody is closed or away.
    #[error("a cap is a number from 1 to {}", limits::CAP_MAX)]
    Bounds,
    /// More are booked on these days already.
    #[error("more are booked already")]
    BelowBooked {
        /// The days, with how many are booked on each.
        days: Vec<(Date, usize)>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(CapsError);

/// The caps of a post.
///
/// # Errors
/// [`CapsError`].
pub async fn of(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Caps, CapsError> {
    allows(actor, Act::SetCaps, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    Ok(cap::of(&mut connection, post).await?)
}

/// Sets the caps of a post.
///
/// # Errors
/// [`CapsError`]; nothing has changed then.
pub async fn set(desk: &Desk, actor: &Actor, wish: &CapsWish) -> Result<(), CapsError> {
    allows(actor, Act::SetCaps, &Object::Post(wish.post.clone()))?;
    let is_sound = |cap: Option<u16>| cap.is_none_or(|cap| (1..=limits::CAP_MAX).contains(&cap));
    if !is_sound(wish.caps.day) || !is_sound(wish.caps.citizen) {
        return Err(CapsError::Bounds);
    }
    settled(|| once(desk, actor, wish)).await
}

async fn once(desk: &Desk, actor: &Actor, wish: &CapsWish) -> Result<(), CapsError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    office::post(&mut tx, &wish.post).await?.ok_or(CapsError::Unknown)?;
    // Written first: whoever books meanwhile waits, and what is counted is all there is.
    cap::put(&mut tx, &wish.post, wish.caps).await?;
    if let Some(most) = wish.caps.day.filter(|_| wish.over == Over::Refuse) {
        let days = above(&mut tx, (&wish.post, most), now).await?;
        if !days.is_empty() {
            return Err(CapsError::BelowBooked { days });
        }
    }
    let number = |cap: Option<u16>| cap.map_or_else(|| "none".to_owned(), |cap| cap.to_string());
    let detail = format!("day={} citizen={}", number(wish.caps.day), number(wish.caps.citizen));
    let line = Line { by: actor.by(None), act: "diary.set_caps", object: wish.post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The days ahead on which more are booked.
async fn above(
    connection: &mut Connection,
    (post, most): (&PostId, u16),
    now: Timestamp,
) -> Result<Vec<(Date, usize)>, StoreError> {
    let last = now.to_zoned(ist()).saturating_add(i64::from(limits::CAP_DAYS_AHEAD).days()).timestamp();
    let mut days: BTreeMap<Date, usize> = BTreeMap::new();
    for (day, _) in cap::counted(connection, post, (now, last), now).await? {
        *days.entry(day).or_default() += 1;
    }
    Ok(days.into_iter().filter(|(_, count)| *count > usize::from(most)).collect())
}

/// Whether one more fits: waits for the post's turn, then counts. Nothing is asked where there is no cap.
///
/// * `caps`: as the diary knows them.
/// * `mobile`: of whoever takes the time, once it is known.
/// * `but`: the appointment that moves, and is not counted.
pub(super) async fn room(
    tx: &mut Tx,
    (caps, now): (Caps, Timestamp),
    (post, slot): (&PostId, Option<Slot>),
    (mobile, but): (Option<&str>, Option<&AppointmentId>),
) -> Result<Result<(), Full>, StoreError> {
    if caps.is_none() {
        return Ok(Ok(()));
    }
    let caps = cap::take_turn(tx, post).await?;
    if let Some((most, slot)) = caps.day.zip(slot) {
        let but: BTreeSet<&AppointmentId> = but.into_iter().collect();
        if cap::left_on(tx, (post, most), (cap::day_of(slot.start()), &but), now).await? <= 0 {
            return Ok(Err(Full::Day));
        }
    }
    let mobile = mobile.filter(|mobile| !mobile.is_empty());
    if let Some((most, mobile)) = caps.citizen.zip(mobile)
        && cap::ahead(tx, (post, mobile), but, now).await? >= i64::from(most)
    {
        return Ok(Err(Full::Citizen));
    }
    Ok(Ok(()))
}

/// Leaves as many free times on each day as its cap takes; `but` are not counted.
pub(super) async fn within(
    connection: &mut Connection,
    (post, caps): (&PostId, Caps),
    (slots, but): (Vec<Slot>, &BTreeSet<&AppointmentId>),
    now: Timestamp,
) -> Result<Vec<Slot>, StoreError> {
    let Some(most) = caps.day else { return Ok(slots) };
    let mut left: BTreeMap<Date, i64> = BTreeMap::new();
    let mut within = Vec::with_capacity(slots.len());
    for slot in slots {
        let day = cap::day_of(slot.start());
        let room = match left.entry(day) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(cap::left_on(connection, (post, most), (day, but), now).await?),
        };
        if *room > 0 {
            *room -= 1;
            within.push(slot);
        }
    }
    Ok(within)
}
