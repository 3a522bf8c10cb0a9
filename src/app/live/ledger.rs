//! The ledger: writes what the floor did into rows, each act with its audit line in one transaction.
//!
//! Its own task, in order. While the database is away it waits and tries again; the calls that run do not notice. An entry
//! has its number before it is tried for the first time, so that one whose commit was never answered stands once.

use std::time::Duration;

use data_encoding::HEXLOWER;
use domain::hotline::{Change, Finds};
use domain::id::{CallId, MeetingId};
use domain::meeting::{Deed, Departure, Guest};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::presence::Attended;
use super::quality::Stay;
use super::recording::is_loss;
use super::turn::{Act, Directed, Line};
use crate::app::Desk;
use crate::app::queue::{self, Boards, Happening};
use crate::audit;
use crate::limits;
use crate::store::ledger::Place;
use crate::store::{Connection, StoreError, call, direction, line, meeting, presence, quality, recording};

/// What the ledger is sent.
pub(super) enum Entry {
    /// Write this.
    Line(Box<Line>),
    /// Write down how good a stay was.
    Stay(Box<Stay>),
    /// Write down who was present when.
    Attended(Box<Attended>),
    /// These calls of the hotline go on.
    CallsGoOn(Vec<CallId>),
    /// Say when everything before this is written.
    Flush(oneshot::Sender<()>),
}

/// A pause between two tries while the database is away.
const PAUSE: Duration = Duration::from_secs(1);

/// One ledger: that of one start of a server.
struct Ledger {
    desk: Desk,
    boards: Boards,
    id: String,
}

/// Writes until the floor is gone.
pub(super) async fn keep((desk, boards): (Desk, Boards), mut entries: mpsc::Receiver<Entry>) {
    let ledger = Ledger { id: HEXLOWER.encode(&desk.random.bytes::<16>()), desk, boards };
    let mut number = 0;
    while let Some(entry) = entries.recv().await {
        if let Entry::Flush(done) = entry {
            let _ = done.send(());
            continue;
        }
        number += 1;
        ledger.write_surely(number, &entry).await;
    }
}

impl Ledger {
    async fn write_surely(&self, number: i64, entry: &Entry) {
        loop {
            // An answer that does not come is none: the connection may be dead without knowing it.
            match tokio::time::timeout(limits::LEDGER_PATIENCE, self.write(number, entry)).await {
                Ok(Ok(())) => return,
                Ok(Err(error)) if error.is_away() || error.is_transient() => {
                    tracing::error!(%error, "the ledger waits for the database");
                }
                Err(_) => tracing::error!("the ledger waits for the database, which does not answer"),
                Ok(Err(error)) => {
                    metrics::counter!("sachivalaya_ledger_lost_total").increment(1);
                    tracing::error!(%error, entry = word(entry), "what happened could not be written down");
                    return;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One try.
    async fn write(&self, number: i64, entry: &Entry) -> Result<(), StoreError> {
        let place = Place { ledger: &self.id, number };
        match entry {
            Entry::Line(line) => self.write_line(place, line).await,
            Entry::Stay(stay) => self.write_stay(place, stay).await,
            Entry::Attended(attended) => self.write_presence(place, attended).await,
            Entry::CallsGoOn(ids) => self.write_calls(place, ids).await,
            Entry::Flush(_) => Ok(()),
        }
    }

    /// They are seen when it is written: what waited for the database has gone on meanwhile.
    async fn write_calls(&self, place: Place<'_>, ids: &[CallId]) -> Result<(), StoreError> {
        let mut tx = self.desk.store.write().await?;
        if place.take(&mut tx).await? {
            call::go_on(&mut tx, ids, self.desk.now()).await?;
        }
        tx.commit().await
    }

    /// One act, its rows and its audit line together or not at all.
    async fn write_line(&self, place: Place<'_>, line: &Line) -> Result<(), StoreError> {
        let at = line.at;
        let mut tx = self.desk.store.write().await?;
        if !place.take(&mut tx).await? {
            return Ok(());
        }
        match &line.act {
            Act::Admitted { meeting: id, guest } => meeting::admit(&mut tx, id, guest, at).await?,
            Act::Denied { meeting: id, guest } => meeting::deny(&mut tx, id, guest, at).await?,
            Act::CameIn { meeting: id, guest } => meeting::come_in(&mut tx, id, guest, at).await?,
            Act::WentOut { meeting: id, guest, .. } => meeting::go_out(&mut tx, id, guest, at).await?,
            Act::Ended { meeting: id } => meeting::end(&mut tx, id, at).await?,
            Act::Conducted { meeting: id, deed: Deed::Sealed, .. } => meeting::seal(&mut tx, id, at).await?,
            Act::Wrote { meeting, line } => line::keep(&mut tx, meeting, line).await?,
            Act::RecordingBegan { meeting, recording: id, head } => {
                recording::begin(&mut tx, (id, meeting), head, at).await?;
            }
            Act::RecordingEnded { meeting, recording: id, head, why } => {
                recording::end(&mut tx, (id, meeting), (head, why.code()), at).await?;
            }
            Act::AnsweredRecording { .. }
            | Act::Waits { .. }
            | Act::Conducted { .. }
            | Act::CalledBack { .. }
            | Act::CameFromOutside { .. }
            | Act::RestartedFromOutside { .. }
            | Act::WentFromOutside { .. }
            | Act::Reviewed { .. }
            | Act::CallRefused { .. } => {}
            Act::Directed(given) => direction::insert(&mut tx, (&given.rules, &given.step), None).await?,
            Act::Call(change) => write_call(&mut tx, change, at).await?,
        }
        let changed = match happening(&line.act) {
            Some(happened) => queue::follow(&self.desk, &mut tx, happened, (&line.by, at)).await?,
            None => None,
        };
        // The audit line of somebody who waits is that of the queue.
        if !matches!(line.act, Act::Waits { .. }) {
            let (object, detail) = particulars(&line.act);
            let by = line.by.clone();
            audit::append(&mut tx, audit::Line { by, act: act_word(&line.act), object, detail }, at).await?;
        }
        tx.commit().await?;
        changed.iter().for_each(|post| self.boards.ring(post));
        Ok(())
    }

    async fn write_stay(&self, place: Place<'_>, stay: &Stay) -> Result<(), StoreError> {
        let mut tx = self.desk.store.write().await?;
        if !place.take(&mut tx).await? {
            return Ok(());
        }
        quality::keep(&mut tx, (&stay.meeting, &stay.guest), &stay.stretches).await?;
        tx.commit().await
    }
}

impl Ledger {
    async fn write_presence(&self, place: Place<'_>, attended: &Attended) -> Result<(), StoreError> {
        let mut tx = self.desk.store.write().await?;
        if !place.take(&mut tx).await? {
            return Ok(());
        }
        presence::keep(&mut tx, (&attended.meeting, &attended.guest), &attended.stretches).await?;
        tx.commit().await
    }
}

/// What the queue of the post must know of an act.
fn happening(act: &Act) -> Option<(&MeetingId, Happening)> {
    match act {
        Act::Waits { meeting, .. } => Some((meeting, Happening::Waits)),
        Act::CameIn { meeting, .. } => Some((meeting, Happening::CameIn)),
        Act::Ended { meeting } => Some((meeting, Happening::Closed)),
        Act::Admitted { meeting, guest: Guest::Citizen(_) } => Some((meeting, Happening::LetIn)),
        Act::Denied { meeting, guest: Guest::Citizen(_) } => Some((meeting, Happening::Closed)),
        Act::WentOut { meeting, guest: Guest::Citizen(_), why } => match why {
            Departure::Left => Some((meeting, Happening::Left)),
            Departure::Lost => Some((meeting, Happening::Lost)),
        },
        _ => None,
    }
}

/// What an entry is, for a person who reads the log.
fn word(entry: &Entry) -> &'static str {
    match entry {
        Entry::Line(line) => act_word(&line.act),
        Entry::Stay(_) => "quality",
        Entry::Attended(_) => "presence",
        Entry::CallsGoOn(_) => "calls",
        Entry::Flush(_) => "flush",
    }
}

fn act_word(act: &Act) -> &'static str {
    match act {
        Act::Admitted { .. } => "meeting.admit",
        Act::Waits { .. } => "meeting.wait",
        Act::Denied { .. } => "meeting.deny",
        Act::CalledBack { .. } => "meeting.call_back",
        Act::CameIn { .. } => "meeting.come_in",
        Act::WentOut { .. } => "meeting.go_out",
        Act::Conducted { deed, .. } => deed.code(),
        Act::Wrote { .. } => "meeting.write",
        Act::Ended { .. } => "meeting.end",
        Act::RecordingBegan { .. } => "recording.begin",
        Act::AnsweredRecording { agrees: true, .. } => "recording.consent",
        Act::AnsweredRecording { .. } => "recording.refuse",
        Act::RecordingEnded { why, .. } if is_loss(*why) => "recording.loss",
        Act::RecordingEnded { .. } => "recording.end",
        Act::CameFromOutside { .. } => "outside.come_in",
        Act::RestartedFromOutside { .. } => "outside.restart",
        Act::WentFromOutside { .. } => "outside.go_out",
        Act::Call(change) => match **change {
            Change::Opened(..) => "call.open",
            Change::Rung(..) => "call.ring",
            Change::Consented(_) => "call.agree",
            Change::Frosted(_) => "call.frost",
            Change::Withdrawn(..) => "call.withdraw",
            Change::Held(..) => "call.hold",
            Change::Arrived(..) => "call.arrive",
            Change::Sealed(..) => "call.seal",
            Change::Out(..) => "call.go_out",
            Change::Over(_) => "call.end",
            Change::Due { .. } => "call.remind",
        },
        Act::CallRefused { .. } => "call.refuse",
        Act::Reviewed { word, .. } => word,
        Act::Directed(_) => "direction.give",
    }
}

/// The id that the act is about, and its particulars: ids and codes only.
fn particulars(act: &Act) -> (&str, String) {
    match act {
        Act::Admitted { meeting, guest }
        | Act::Waits { meeting, guest }
        | Act::Denied { meeting, guest }
        | Act::CalledBack { meeting, guest }
        | Act::CameIn { meeting, guest } => (meeting.as_str(), name(guest)),
        Act::WentOut { meeting, guest, why } => {
            let word = match why {
                Departure::Left => "left",
                Departure::Lost => "lost",
            };
            (meeting.as_str(), format!("{} {word}", name(guest)))
        }
        Act::Conducted { meeting, guest, .. } => (meeting.as_str(), name(guest)),
        // What was written stands in its row alone.
        Act::Wrote { meeting, line } => (
            meeting.as_str(),
            format!("{} {} {}", name(&line.by), line.kind.code(), line.at.as_millisecond()),
        ),
        Act::Ended { meeting } => (meeting.as_str(), String::new()),
        Act::RecordingBegan { meeting, recording, head } => (meeting.as_str(), format!("{recording} {head}")),
        Act::AnsweredRecording { meeting, recording, guest, .. } => {
            (meeting.as_str(), format!("{recording} {}", name(guest)))
        }
        Act::RecordingEnded { meeting, recording, head, why } => {
            (meeting.as_str(), format!("{recording} {} {head}", why.code()))
        }
        Act::CameFromOutside { meeting, client, may } => {
            (meeting.as_str(), format!("{client} {}", may.code()))
        }
        Act::RestartedFromOutside { meeting, client } => (meeting.as_str(), client.to_string()),
        Act::WentFromOutside { meeting, client, why } => {
            (meeting.as_str(), format!("{client} {}", why.code()))
        }
        Act::Reviewed { call, post, names, .. } => {
            let named = names.iter().map(|post| format!(" {post}")).collect::<String>();
            (call.as_str(), format!("{post}{named}"))
        }
        Act::Directed(given) => {
            let Directed { rules, .. } = &**given;
            (rules.id.as_str(), format!("owner={} due={} {}", rules.owner, rules.due, rules.origin.id()))
        }
        Act::Call(change) => of_call(change),
        Act::CallRefused { post, about, code } => (post.as_str(), format!("{about} {}", code.as_str())),
    }
}

/// The seat that it concerns, and the call with the rest: `app/ring_ledger` reads them again.
fn of_call(change: &Change) -> (&str, String) {
    match change {
        Change::Opened(call, place) => (place.post.as_str(), format!("{call} {}", place.device.code())),
        Change::Rung(call, post, ring) => {
            let finds = if ring.finds == Finds::Taken { "taken" } else { "free" };
            (post.as_str(), format!("{call} {} {finds}", ring.by))
        }
        Change::Consented(consent) | Change::Frosted(consent) => {
            let place = consent.place();
            let words =
                [consent.call().as_str(), consent.act().code(), place.device.code(), place.person.as_str()];
            (place.post.as_str(), words.join(" "))
        }
        Change::Held(call, post)
        | Change::Arrived(call, post)
        | Change::Sealed(call, post)
        | Change::Withdrawn(call, post) => (post.as_str(), call.to_string()),
        Change::Out(call, post, outcome) => (post.as_str(), format!("{call} {}", outcome.code())),
        Change::Over(call) => (call.id().as_str(), String::new()),
        Change::Due { post, to } => (post.as_str(), to.to_string()),
    }
}

async fn write_call(tx: &mut Connection, change: &Change, at: Timestamp) -> Result<(), StoreError> {
    match change {
        Change::Opened(id, place) => call::open(tx, id, place, at).await,
        Change::Rung(id, post, ring) => call::ring(tx, (id, post), ring).await,
        Change::Consented(consent) => call::agree(tx, consent).await,
        Change::Out(id, post, outcome) => call::go_out(tx, (id, post), *outcome, at).await.map(drop),
        Change::Over(call) => call::end(tx, call.id(), at).await,
        Change::Sealed(id, _) => call::seal(tx, id, at).await,
        Change::Frosted(_)
        | Change::Withdrawn(..)
        | Change::Held(..)
        | Change::Arrived(..)
        | Change::Due { .. } => Ok(()),
    }
}

fn name(guest: &Guest) -> String {
    meeting::guest_code(guest)
}
