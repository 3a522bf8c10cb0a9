//! What the occupant of a seat reads of it: every ring, every time that the seat was seen, at which device and how long.
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
use crate::store::{StoreError, instant, office};

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
    /// When it was seen first, by which act, and where.
    pub seen: Option<(Timestamp, Agreed, Device)>,
    /// When it ended for this seat, and how: an outcome's code.
    pub over: Option<(Timestamp, String)>,
    call: String,
}

/// The ledger of a seat.
#[derive(Debug)]
pub struct RingLedger {
    /// Newest first.
    pub looks: Vec<Look>,
    /// What the seat tried and was refused, in the same time.
    pub refused: usize,
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
    let lines =
        audit::of_calls(&mut connection, staff.post.as_str(), (since, limits::RING_LEDGER_LINES_MAX)).await?;
    let head = audit::head(&mut connection).await?;
    let (mut looks, mut refused) = (Vec::new(), 0);
    for line in &lines {
        if line.act == "call.refuse" {
            refused += 1;
        }
        take(&mut looks, line)?;
    }
    let titles: BTreeMap<PostId, Bilingual> =
        office::posts(&mut connection).await?.into_iter().map(|row| (row.id, row.title)).collect();
    for look in &mut looks {
        look.called = look.by.as_ref().and_then(|by| titles.get(by)).cloned();
    }
    looks.reverse();
    let head = (head.0, head.1.chars().take(limits::RING_LEDGER_HASH_CHARS).collect());
    Ok(Some(RingLedger { looks, refused, head }))
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
        seen: None,
        over: None,
        call: (*call).to_owned(),
    };
    match (line.act.as_str(), rest) {
        ("call.open", [device]) => {
            let mut own = begins(None, false);
            own.seen = Device::from_code(device).map(|device| (at, Agreed::Rang, device));
            looks.push(own);
        }
        ("call.ring", [by, finds]) => looks.push(begins(PostId::parse(by).ok(), *finds == "taken")),
        ("call.agree", [act, device, _]) => {
            let known = looks.iter_mut().rev().find(|look| look.call == *call);
            if let (Some(look), Some(act), Some(device)) =
                (known, Agreed::from_code(act), Device::from_code(device))
            {
                look.seen = look.seen.or(Some((at, act, device)));
            }
        }
        ("call.go_out", [outcome, seen @ ..]) => {
            // What its server could not write down any more ended when it was seen last.
            let seen =
                seen.first().and_then(|ms| ms.parse().ok()).map(|ms| instant(ms, "audit")).transpose()?;
            let known = looks.iter_mut().rev().find(|look| look.call == *call && look.over.is_none());
            if let Some(look) = known {
                look.over = Some((seen.unwrap_or(at), (*outcome).to_owned()));
            }
        }
        _ => {}
    }
    Ok(())
}
