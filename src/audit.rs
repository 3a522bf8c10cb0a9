//! The audit chain: append-only, each line hashed with the one before it. Never holds a name, a number or a subject: ids
//! only.
//!
//! A line is written in the transaction of its act, and waits there for its place: the chain has one end, and acts that
//! had to take turns at it could not be done side by side. The sealer chains what waits, in order, a moment later.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::id::{AppointmentId, PassId, PostId, SessionId, TerminalId, UserId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::clock::Random;
use crate::limits;
use crate::store::audit::{self as rows, AuditRow, after};
use crate::store::{Connection, Store, StoreError};

/// Who did it, as the chain names him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A citizen's device.
    Citizen(SessionId),
    /// Whoever holds the link of this appointment.
    Link(AppointmentId),
    /// A staff login acting from a post.
    Staff(UserId, PostId),
    /// Whoever is at a terminal of this post.
    Terminal(TerminalId, PostId),
    /// Whoever shows this pass.
    Pass(PassId),
    /// The server itself: a timer, an import.
    House,
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Citizen(session) => write!(f, "citizen:{session}"),
            Self::Link(appointment) => write!(f, "link:{appointment}"),
            Self::Staff(user, post) => write!(f, "staff:{user}@{post}"),
            Self::Terminal(terminal, post) => write!(f, "terminal:{terminal}@{post}"),
            Self::Pass(pass) => write!(f, "pass:{pass}"),
            Self::House => f.write_str("house"),
        }
    }
}

/// One act to be written down.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Who.
    pub by: By,
    /// What, a stable word such as `appointment.book`.
    pub act: &'static str,
    /// To what: an id.
    pub object: &'a str,
    /// Particulars: codes and ids only.
    pub detail: String,
}

/// Writes `line` down in the transaction of its act; the sealer gives it its place in the chain.
///
/// # Errors
/// [`StoreError`] from the database; the act must then fail too.
pub async fn append(connection: &mut Connection, line: Line<'_>, now: Timestamp) -> Result<(), StoreError> {
    let (id, row) = open(line, now);
    rows::insert_open(connection, &id, &row).await
}

/// `line` as it is written down, with its id, by whoever writes many at once.
#[must_use]
pub fn open(line: Line<'_>, now: Timestamp) -> (String, AuditRow) {
    let row = AuditRow {
        seq: 0,
        at_ms: now.as_millisecond(),
        actor: line.by.to_string(),
        act: line.act.to_owned(),
        object: line.object.to_owned(),
        detail: line.detail,
        hash: String::new(),
    };
    (line_id(now), row)
}

/// Acts of this process so far: those of one millisecond stand in their order.
static ACTS: AtomicU64 = AtomicU64::new(0);

/// Ascending by time, then by the order of acts in this process; unlike those of any other process.
fn line_id(now: Timestamp) -> String {
    let act = ACTS.fetch_add(1, Ordering::Relaxed);
    let chance = u64::from_be_bytes(Random.bytes());
    format!("{:012x}{act:012x}{chance:016x}", now.as_millisecond())
}

/// Chains the lines that wait, in their order.
///
/// * returns: how many there were.
///
/// # Errors
/// [`StoreError`] from the database; they wait on then.
pub async fn seal(store: &Store) -> Result<usize, StoreError> {
    let mut sealed = 0;
    loop {
        let mut connection = store.read().await?;
        let is_done = rows::is_all_sealed(&mut connection).await?;
        drop(connection);
        if is_done {
            return Ok(sealed);
        }
        let mut tx = store.write().await?;
        let (mut seq, mut before) = rows::take_head(&mut tx).await?;
        let mut lines = rows::open_lines(&mut tx, limits::SEALED_AT_ONCE).await?;
        for (_, row) in &mut lines {
            seq += 1;
            row.seq = seq;
            row.hash = hash(&before, row);
            before.clone_from(&row.hash);
        }
        rows::seal(&mut tx, &lines).await?;
        sealed += lines.len();
        rows::put_head(&mut tx, seq, &before).await?;
        tx.commit().await?;
    }
}

/// Seals for as long as the server runs.
pub async fn keep_sealed(store: Store) {
    let mut pause = tokio::time::interval(limits::SEAL_INTERVAL);
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        if let Err(error) = seal(&store).await {
            tracing::warn!(%error, "audit lines wait for their place in the chain");
        }
    }
}

/// Walks the whole chain; lines that wait for their place are not part of it yet.
///
/// * returns: the number of lines, or the place of the first that does not follow from the one before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn verify(connection: &mut Connection) -> Result<Result<i64, i64>, StoreError> {
    let (mut seq, mut before) = (0, String::new());
    loop {
        let rows = after(connection, seq, 500).await?;
        if rows.is_empty() {
            return Ok(Ok(seq));
        }
        for row in rows {
            if row.seq != seq + 1 || row.hash != hash(&before, &row) {
                return Ok(Err(seq + 1));
            }
            (seq, before) = (row.seq, row.hash);
        }
    }
}

/// SHA-256 over the hash before and every field, each preceded by its length so that none can run into the next.
fn hash(before: &str, row: &AuditRow) -> String {
    let mut digest = Sha256::new();
    let (seq, at) = (row.seq.to_string(), row.at_ms.to_string());
    for field in [before, &seq, &at, &row.actor, &row.act, &row.object, &row.detail] {
        digest.update((field.len() as u64).to_be_bytes());
        digest.update(field.as_bytes());
    }
    data_encoding::HEXLOWER.encode(&digest.finalize())
}
