//! The evening's mail of a seat: each evening its occupant is told who rang it since the evening before, and when it was seen.
//!
//! Read from the audit chain, as the ledger's page is. One row a day says that it was done, so that of several servers one
//! tells, and nobody is told twice. A seat of which there is nothing to say is told nothing.

use domain::id::PostId;
use domain::notice::{RingLine, RingSeen, What};
use domain::office::{Incumbency, holders_at, ist};
use domain::text::Bilingual;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

use super::desk::{Deed, FromStore, settled};
use super::ring_ledger::{self, How, Look};
use super::{Desk, tell};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::office::{self, PostRow};
use crate::store::{StoreError, ring_mail};

/// Tells the occupants of all seats, once an evening.
///
/// * returns: how many were told.
///
/// # Errors
/// [`StoreError`] from the database; nobody was told then.
pub async fn tell_all(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let here = now.to_zoned(ist());
    let minute = i32::from(here.hour()) * 60 + i32::from(here.minute());
    if minute < limits::RING_MAIL_AT_MINUTE {
        return Ok(0);
    }
    let day = here.date();
    let mut connection = desk.store.read().await?;
    if ring_mail::is_done(&mut connection, day).await? {
        return Ok(0);
    }
    drop(connection);
    Ok(settled(|| once(desk, day, now)).await?)
}

async fn once(desk: &Desk, day: Date, now: Timestamp) -> Result<usize, Failed> {
    let mut tx = desk.store.write().await?;
    let before = ring_mail::last(&mut tx).await?;
    // A line of the chain is sealed a moment after it was written.
    let until = now - SignedDuration::try_from(limits::RING_MAIL_SETTLES).unwrap_or(SignedDuration::ZERO);
    if !ring_mail::begin(&mut tx, day, until).await? {
        return Ok(0);
    }
    let longest = now - SignedDuration::from_hours(24 * limits::RING_MAIL_DAYS_MAX);
    let since = before.map_or(now - SignedDuration::from_hours(24), |before| before.max(longest));
    let posts = office::posts(&mut tx).await?;
    let history = office::incumbencies(&mut tx).await?;
    let titles: BTreeMap<PostId, Bilingual> =
        posts.iter().map(|post| (post.id.clone(), post.title.clone())).collect();
    let mut told = 0;
    for post in posts.iter().filter(|post| post.role.has_seat()) {
        let Some(began) = charge_began(post, &history, now) else { continue };
        let mut looks = ring_ledger::told(&mut tx, &post.id, (since.max(began), &titles)).await?.looks;
        looks.retain(|look| look.at < until);
        if looks.is_empty() {
            continue;
        }
        told += 1;
        let what = what(desk, (post, day), &looks);
        let mut deed = Deed { desk, tx: &mut tx, now };
        tell::post(&mut deed, (post, format!("ring_day/{day}")), what).await?;
        let detail = format!("looks={}", looks.len());
        let line = Line { by: By::House, act: "ledger.mail", object: post.id.as_str(), detail };
        audit::append(&mut tx, line, now).await?;
    }
    tx.commit().await?;
    Ok(told)
}

/// When whoever answers for the post now took charge of it; nothing while nobody does.
fn charge_began(post: &PostRow, history: &[Incumbency], now: Timestamp) -> Option<Timestamp> {
    let holders = holders_at(history, &post.id, now);
    let is_theirs = |charge: &&Incumbency| {
        charge.post == post.id
            && charge.starts_at <= now
            && holders.iter().any(|holder| charge.person.as_ref() == Some(&holder.person))
    };
    history.iter().filter(is_theirs).map(|charge| charge.starts_at).max()
}

fn what(desk: &Desk, (post, day): (&PostRow, Date), looks: &[Look]) -> What {
    let line = |look: &Look| RingLine {
        at: look.at,
        by: look
            .by
            .as_ref()
            .map(|by| look.called.clone().unwrap_or_else(|| Bilingual::new(by.as_str(), by.as_str()))),
        outcome: look.over.as_ref().map_or("now", |(_, outcome)| outcome).to_owned(),
        seen: look.seen.iter().map(seen).collect(),
    };
    let shown = limits::RING_MAIL_LINES_MAX;
    What::RingDay {
        post: post.title.clone(),
        day,
        looks: looks.iter().take(shown).map(line).collect(),
        more: looks.len().saturating_sub(shown),
        url: format!("{}/chamber/ledger", desk.settings.public_url),
    }
}

fn seen(seen: &ring_ledger::Seen) -> RingSeen {
    RingSeen {
        from: seen.from,
        to: seen.to,
        device: seen.device.code().to_owned(),
        act: match seen.how {
            How::Clear(act) => Some(act.code().to_owned()),
            How::Frosted => None,
        },
    }
}

/// Only the database can fail here.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] StoreError);

impl FromStore for Failed {
    fn store_error(&self) -> Option<&StoreError> {
        Some(&self.0)
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> StoreError {
        failed.0
    }
}
