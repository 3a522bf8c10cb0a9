//! What the occupant of a seat reads of it: every ring, every time that the seat was seen, at which devices and how long.
//!
//! Read from the audit chain and from nothing else, so that it says what was written down when it happened, and whoever
//! would change it breaks the chain.

use std::collections::BTreeMap;

use domain::hotline::{Act as Agreed, Device};
use domain::id::PostId;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::auth::Actor;
use crate::limits;
use crate::store::audit::{self, AuditRow};
use crate::store::{Connection, StoreError, instant, office};

/// One call as it went for this seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When the seat was rung, or rang.
    pub at: Timestamp,
    /// Who rang; nobody when this seat did.
    pub by: Option<PostId>,
    /// What that post is called.
    pub called: Option<Bilingual>,
    /// It was heard in the middle of another call or a meeting.
    pub broke_in: bool,
    /// It was encrypted from page to page, from its beginning or from a moment in it.
    pub sealed: bool,
    /// Every time that it was seen, in their order. While it is on hold it is not.
    pub seen: Vec<Seen>,
    /// When it ended for this seat, and how: an outcome's code.
    pub over: Option<(Timestamp, String)>,
    call: String,
}

/// A time in which a seat was seen at one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// From.
    pub from: Timestamp,
    /// To; nothing while it goes on.
    pub to: Option<Timestamp>,
    /// Where.
    pub device: Device,
    /// How.
    pub how: How,
}

/// A change of what its occupant lets in by himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoChange {
    /// When.
    pub at: Timestamp,
    /// The hours and whom, in the titles of their posts; nothing when it was switched off.
    pub to: Option<(String, Vec<Bilingual>)>,
}

/// What the chain says of a seat, oldest first.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub looks: Vec<Look>,
    pub refused: usize,
    pub changes: Vec<AutoChange>,
}

/// How a seat was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// And heard, by such an act.
    Clear(Agreed),
    /// As a frosted picture without sound, until somebody said no or it opened by itself.
    Frosted,
}

impl Look {
    /// It is seen no more from then on.
    fn shut(&mut self, at: Timestamp) {
        for seen in self.seen.iter_mut().filter(|seen| seen.to.is_none()) {
            seen.to = Some(at.max(seen.from));
        }
    }

    /// It is seen from then on: at this device, and at no other.
    fn open(&mut self, at: Timestamp, device: Option<Device>, how: How) {
        self.shut(at);
        self.seen.extend(device.map(|device| Seen { from: at, to: None, device, how }));
    }
}

/// The ledger of a seat.
#[derive(Debug)]
pub struct RingLedger {
    /// Newest first.
    pub looks: Vec<Look>,
    /// What the seat tried and was refused, in the same time.
    pub refused: usize,
    /// Each change of auto-answer, newest first.
    pub changes: Vec<AutoChange>,
    /// The last line of the chain when it was read, with the beginning of its hash: who notes it can ask for it again.
    pub head: (i64, String),
}

/// The ledger of the actor's own seat, since the day on which he took charge of it.
///
/// * returns: nothing for whoever holds no post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn read(desk: &Desk, actor: &Actor) -> Result<Option<RingLedger>, StoreError> {
    let Some(staff) = actor.staff().filter(|staff| staff.is_holder) else { return Ok(None) };
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let charges = office::incumbencies(&mut connection).await?;
    let mine = charges.iter().filter(|charge| charge.post == staff.post && charge.starts_at <= now);
    let since = mine
        .filter(|charge| charge.person.as_ref() == Some(&staff.person))
        .map(|charge| charge.starts_at)
        .max();
    let month = now - SignedDuration::from_hours(24 * limits::RING_LEDGER_DAYS);
    let since = since.map_or(now, |since| since.max(month));
    let titles: BTreeMap<PostId, Bilingual> =
        office::posts(&mut connection).await?.into_iter().map(|row| (row.id, row.title)).collect();
    let Told { mut looks, refused, mut changes } =
        told(&mut connection, &staff.post, (since, &titles)).await?;
    changes.reverse();
    let head = audit::head(&mut connection).await?;
    looks.reverse();
    let head = (head.0, head.1.chars().take(limits::RING_LEDGER_HASH_CHARS).collect());
    Ok(Some(RingLedger { looks, refused, changes, head }))
}

/// What the chain says of a seat since then.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn told(
    connection: &mut Connection,
    seat: &PostId,
    (since, titles): (Timestamp, &BTreeMap<PostId, Bilingual>),
) -> Result<Told, StoreError> {
    let lines = audit::of_calls(connection, seat.as_str(), (since, limits::RING_LEDGER_LINES_MAX)).await?;
    let mut told = Told::default();
    for line in &lines {
        match line.act.as_str() {
            "call.refuse" => told.refused += 1,
            "call.auto_answer" => told.changes.push(change(line, titles)?),
            _ => take(&mut told.looks, line)?,
        }
    }
    for look in &mut told.looks {
        look.called = look.by.as_ref().and_then(|by| titles.get(by)).cloned();
    }
    Ok(told)
}

/// `off`, or `on` with the hours and the posts.
fn change(line: &AuditRow, titles: &BTreeMap<PostId, Bilingual>) -> Result<AutoChange, StoreError> {
    let words: Vec<&str> = line.detail.split(' ').collect();
    let title = |post: &str| PostId::parse(post).ok().and_then(|post| titles.get(&post).cloned());
    let to = match words[..] {
        ["on", hours, posts] => Some((hours.to_owned(), posts.split(',').filter_map(title).collect())),
        _ => None,
    };
    Ok(AutoChange { at: instant(line.at_ms, "audit")?, to })
}

/// The last that is known of a call.
fn of_call<'a>(looks: &'a mut [Look], call: &str) -> Option<&'a mut Look> {
    looks.iter_mut().rev().find(|look| look.call == call)
}

/// Takes a line of the chain into what is known so far, oldest first. A line of another form is left out.
fn take(looks: &mut Vec<Look>, line: &AuditRow) -> Result<(), StoreError> {
    let at = instant(line.at_ms, "audit")?;
    let words: Vec<&str> = line.detail.split(' ').collect();
    let Some((call, rest)) = words.split_first() else { return Ok(()) };
    let begins = |by: Option<PostId>, broke_in| Look {
        at,
        by,
        called: None,
        broke_in,
        sealed: false,
        seen: Vec::new(),
        over: None,
        call: (*call).to_owned(),
    };
    match (line.act.as_str(), rest) {
        ("call.open", [device]) => {
            let mut own = begins(None, false);
            own.open(at, Device::from_code(device), How::Clear(Agreed::Rang));
            looks.push(own);
        }
        ("call.ring", [by, finds]) => looks.push(begins(PostId::parse(by).ok(), *finds == "taken")),
        ("call.agree", [act, device, _]) => {
            if let Some((look, act)) = of_call(looks, call).zip(Agreed::from_code(act)) {
                look.open(at, Device::from_code(device), How::Clear(act));
            }
        }
        ("call.frost", [_, device, _]) => {
            if let Some(look) = of_call(looks, call) {
                look.open(at, Device::from_code(device), How::Frosted);
            }
        }
        ("call.seal", []) => {
            if let Some(look) = of_call(looks, call) {
                look.sealed = true;
            }
        }
        ("call.hold" | "call.withdraw", []) => {
            if let Some(look) = of_call(looks, call) {
                look.shut(at);
            }
        }
        ("call.go_out", [outcome, seen @ ..]) => {
            // What its server could not write down any more ended when it was seen last.
            let seen =
                seen.first().and_then(|ms| ms.parse().ok()).map(|ms| instant(ms, "audit")).transpose()?;
            let known = looks.iter_mut().rev().find(|look| look.call == *call && look.over.is_none());
            if let Some(look) = known {
                let ended = seen.unwrap_or(at);
                look.shut(ended);
                look.over = Some((ended, (*outcome).to_owned()));
            }
        }
        _ => {}
    }
    Ok(())
}
