//! The ledger: writes what the floor did into rows, each act with its audit line in one transaction.
//!
//! Its own task, in order. While the database is away it waits and tries again; the calls that run do not notice.

use std::time::Duration;

use domain::meeting::{Departure, Guest};
use tokio::sync::{mpsc, oneshot};

use super::quality::Stay;
use super::turn::{Act, Line};
use crate::app::Desk;
use crate::app::queue::{self, Boards};
use crate::audit;
use crate::store::{Store, StoreError, call, meeting, quality};

/// What the ledger is sent.
pub(super) enum Entry {
    /// Write this.
    Line(Box<Line>),
    /// Write down how good a stay was.
    Stay(Box<Stay>),
    /// Say when everything before this is written.
    Flush(oneshot::Sender<()>),
}

/// A pause between two tries while the database is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes until the floor is gone.
pub(super) async fn keep((desk, boards): (Desk, Boards), mut entries: mpsc::Receiver<Entry>) {
    while let Some(entry) = entries.recv().await {
        match entry {
            Entry::Line(line) => write_surely((&desk, &boards), &line).await,
            Entry::Stay(stay) => keep_surely(&desk.store, &stay).await,
            Entry::Flush(done) => drop(done.send(())),
        }
    }
}

async fn write_surely((desk, boards): (&Desk, &Boards), line: &Line) {
    loop {
        let written = match &line.act {
            // Its row and its audit line are those of the queue.
            Act::Waits { meeting, .. } => queue::arrive(desk, meeting, (&line.by, line.at))
                .await
                .map(|changed| changed.iter().for_each(|post| boards.ring(post))),
            _ => write(&desk.store, line).await,
        };
        match written {
            Ok(()) => return,
            Err(error) if error.is_away() || error.is_transient() => {
                tracing::error!(%error, "the ledger waits for the database");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                metrics::counter!("sachivalaya_ledger_lost_total").increment(1);
                tracing::error!(%error, act = act_word(&line.act), "an act could not be written into the ledger");
                return;
            }
        }
    }
}

/// Like an act, but nothing rests on it: what the database refuses is only counted.
async fn keep_surely(store: &Store, stay: &Stay) {
    while let Err(error) = keep_stay(store, stay).await {
        if !error.is_away() && !error.is_transient() {
            metrics::counter!("sachivalaya_ledger_lost_total").increment(1);
            tracing::error!(%error, "the quality of a stay could not be written down");
            return;
        }
        tracing::error!(%error, "the ledger waits for the database");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn keep_stay(store: &Store, stay: &Stay) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    quality::keep(&mut tx, (&stay.meeting, &stay.guest), &stay.stretches).await?;
    tx.commit().await
}

/// One act, its rows and its audit line together or not at all.
async fn write(store: &Store, line: &Line) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    let at = line.at;
    match &line.act {
        Act::Admitted { meeting: id, guest } => meeting::admit(&mut tx, id, guest, at).await?,
        Act::Waits { .. } => {}
        Act::Denied { meeting: id, guest } => meeting::deny(&mut tx, id, guest, at).await?,
        Act::CameIn { meeting: id, guest } => meeting::come_in(&mut tx, id, guest, at).await?,
        Act::WentOut { meeting: id, guest, .. } => meeting::go_out(&mut tx, id, guest, at).await?,
        Act::Ended { meeting: id } => meeting::end(&mut tx, id, at).await?,
        Act::CameFromOutside { .. } | Act::RestartedFromOutside { .. } | Act::WentFromOutside { .. } => {}
        Act::Rang { call: id, caller, callee } => call::ring(&mut tx, id, (caller, callee), at).await?,
        Act::Accepted { call: id } => call::accept(&mut tx, id, at).await?,
        Act::Over { call: id, outcome } => call::end(&mut tx, id, *outcome, at).await?,
    }
    let (object, detail) = particulars(&line.act);
    let by = line.by.clone();
    audit::append(&mut tx, audit::Line { by, act: act_word(&line.act), object, detail }, at).await?;
    tx.commit().await
}

fn act_word(act: &Act) -> &'static str {
    match act {
        Act::Admitted { .. } => "meeting.admit",
        Act::Waits { .. } => "meeting.wait",
        Act::Denied { .. } => "meeting.deny",
        Act::CameIn { .. } => "meeting.come_in",
        Act::WentOut { .. } => "meeting.go_out",
        Act::Ended { .. } => "meeting.end",
        Act::CameFromOutside { .. } => "outside.come_in",
        Act::RestartedFromOutside { .. } => "outside.restart",
        Act::WentFromOutside { .. } => "outside.go_out",
        Act::Rang { .. } => "call.ring",
        Act::Accepted { .. } => "call.accept",
        Act::Over { .. } => "call.end",
    }
}

/// The id that the act is about, and its particulars: ids and codes only.
fn particulars(act: &Act) -> (&str, String) {
    match act {
        Act::Admitted { meeting, guest }
        | Act::Waits { meeting, guest }
        | Act::Denied { meeting, guest }
        | Act::CameIn { meeting, guest } => (meeting.as_str(), name(guest)),
        Act::WentOut { meeting, guest, why } => {
            let word = match why {
                Departure::Left => "left",
                Departure::Lost => "lost",
            };
            (meeting.as_str(), format!("{} {word}", name(guest)))
        }
        Act::Ended { meeting } => (meeting.as_str(), String::new()),
        Act::CameFromOutside { meeting, client, may } => {
            (meeting.as_str(), format!("{client} {}", may.code()))
        }
        Act::RestartedFromOutside { meeting, client } => (meeting.as_str(), client.to_string()),
        Act::WentFromOutside { meeting, client, why } => {
            (meeting.as_str(), format!("{client} {}", why.code()))
        }
        Act::Rang { call, caller, callee } => (call.as_str(), format!("{caller} {callee}")),
        Act::Accepted { call } => (call.as_str(), String::new()),
        Act::Over { call, outcome } => (call.as_str(), outcome.code().to_owned()),
    }
}

fn name(guest: &Guest) -> String {
    meeting::guest_code(guest)
}
