//! The audit chain: append-only, each line hashed with the one before it, written in the transaction
//! of the act. Never holds a name, a number or a subject: ids only.

use domain::id::{AppointmentId, PassId, PostId, SessionId, UserId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::store::audit::{AuditRow, after, append as append_row, take_next};
use crate::store::{Connection, StoreError};

/// Who did it, as the chain names him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A citizen's device.
    Citizen(SessionId),
    /// Whoever holds the link of this appointment.
    Link(AppointmentId),
    /// A staff login acting from a post.
    Staff(UserId, PostId),
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

/// Appends `line` to the chain, in the transaction of the act.
///
/// # Errors
/// [`StoreError`] from the database; the act must then fail too.
pub async fn append(connection: &mut Connection, line: Line<'_>, now: Timestamp) -> Result<(), StoreError> {
    let (seq, before) = take_next(connection).await?;
    let mut row = AuditRow {
        seq,
        at_ms: now.as_millisecond(),
        actor: line.by.to_string(),
        act: line.act.to_owned(),
        object: line.object.to_owned(),
        detail: line.detail,
        hash: String::new(),
    };
    row.hash = hash(&before, &row);
    append_row(connection, &row).await
}

/// Walks the whole chain.
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
