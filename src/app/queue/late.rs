//! The officer is late: everybody who waits or is still expected today is told when, and nobody loses his turn by it.
//!
//! By one press of the desk, or by the house once a day when nobody has been called five minutes after the time.

use std::collections::BTreeMap;

use domain::diary::queue::{Number, Queue, Standing};
use domain::diary::turn::LATE_MINUTES;
use domain::id::{AppointmentId, PostId};
use domain::notice::What;
use jiff::{SignedDuration, Timestamp};

use super::show::played;
use super::{Sheet, TurnError, read};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::app::tell;
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::office::{self, PostRow};
use crate::store::{StoreError, appointment, citizen};

/// Who says that it is later, and by how much if it is the desk.
#[derive(Clone)]
struct Said {
    by: By,
    minutes: Option<SignedDuration>,
}

impl Said {
    /// * returns: whether it is news.
    fn change(&self, queue: &mut Queue, now: Timestamp) -> bool {
        match self.minutes {
            Some(minutes) => {
                queue.be_late(now, minutes);
                true
            }
            None => queue.notice_lateness(now),
        }
    }
}

/// The desk says that its officer is late by one of [`LATE_MINUTES`].
///
/// * returns: how many people are told by message; those without an appointment hear it at the door.
///
/// # Errors
/// [`TurnError`]; [`TurnError::Malformed`] for other minutes.
pub async fn be_late(desk: &Desk, actor: &Actor, post: &PostId, minutes: i64) -> Result<usize, TurnError> {
    allows(actor, Act::RunQueue, &Object::Post(post.clone()))?;
    if !LATE_MINUTES.contains(&minutes) {
        return Err(TurnError::Malformed);
    }
    let said = Said { by: actor.by(None), minutes: Some(SignedDuration::from_mins(minutes)) };
    Ok(tell_all(desk, post, &said).await?.unwrap_or_default())
}

/// The house notices that a day has not begun, and tells those who wait once.
///
/// * returns: whether there was anything to tell.
///
/// # Errors
/// [`TurnError`].
pub async fn notice_lateness(desk: &Desk, post: &PostId) -> Result<bool, TurnError> {
    let said = Said { by: By::House, minutes: None };
    Ok(tell_all(desk, post, &said).await?.is_some())
}

async fn tell_all(desk: &Desk, post: &PostId, said: &Said) -> Result<Option<usize>, TurnError> {
    let Some(ranges) = ahead(desk, post, said).await? else { return Ok(None) };
    settled(|| tell_once(desk, post, said, &ranges)).await
}

/// The ranges as they will be, played through before the transaction; `None` when there is no news.
async fn ahead(
    desk: &Desk,
    post: &PostId,
    said: &Said,
) -> Result<Option<BTreeMap<Number, (u32, u32)>>, TurnError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = office::post(&mut connection, post).await?.ok_or(TurnError::UnknownPost)?;
    let (_, mut queue) = read(&mut connection, &row, now).await?;
    if !said.change(&mut queue, now) {
        return Ok(None);
    }
    Ok(Some(played(desk, connection, (&row, queue), now).await?))
}

async fn tell_once(
    desk: &Desk,
    post: &PostId,
    said: &Said,
    ranges: &BTreeMap<Number, (u32, u32)>,
) -> Result<Option<usize>, TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut sheet = Sheet::take(&mut deed, &row).await?;
    if !said.change(&mut sheet.queue, now) {
        return Ok(None);
    }
    sheet.write(&mut deed).await?;
    let mut told = 0;
    for (appointment, number, due_at) in affected(&sheet) {
        let about = match ranges.get(&number) {
            Some((from, _)) => now + SignedDuration::from_mins(i64::from(*from)),
            None => due_at.max(now) + sheet.queue.late().by,
        };
        told += usize::from(tell_one(&mut deed, (&row, &appointment), about.max(due_at)).await?);
    }
    let late = sheet.queue.late();
    let detail = format!("day={} minutes={} told={told}", sheet.day, late.by.as_mins());
    let line = Line { by: said.by.clone(), act: "queue.late", object: post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(told))
}

/// Everybody with an appointment who still waits or is expected.
fn affected(sheet: &Sheet) -> Vec<(AppointmentId, Number, Timestamp)> {
    let waits = |standing| matches!(standing, Standing::Here(_) | Standing::Expected);
    let rows = sheet.rows.iter().filter(|row| waits(row.rules.standing));
    rows.filter_map(|row| Some((row.appointment.clone()?, row.rules.number, row.rules.due_at))).collect()
}

/// * returns: whether there is anybody to tell.
async fn tell_one(
    deed: &mut Deed<'_>,
    (post, id): (&PostRow, &AppointmentId),
    about: Timestamp,
) -> Result<bool, StoreError> {
    let Some(row) = appointment::by_id(deed.tx, id).await? else { return Ok(false) };
    let Some(who) = &row.citizen else { return Ok(false) };
    let Some(who) = citizen::by_id(deed.tx, who).await? else { return Ok(false) };
    let visit = tell::visit(deed.desk, &row, post, &who)?;
    // Each press tells once more; the same moment tells nobody twice.
    let version = deed.now.as_millisecond();
    tell::citizen(deed, (&row, &who), (What::Delayed { visit, about: rounded(about) }, version)).await?;
    Ok(true)
}

/// «About» means five minutes, and nobody is told to come later than his turn may be.
fn rounded(at: Timestamp) -> Timestamp {
    const FIVE_MINUTES: i64 = 300;
    Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(FIVE_MINUTES)).unwrap_or(at)
}
