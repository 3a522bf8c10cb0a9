//! Issues a pass for a client from outside: signed, and its making written into the audit chain.
//!
//! The pass itself is never kept: whoever it was printed for has it, and the chain knows its id.

use domain::id::{MeetingId, PassId};
use domain::text::PersonName;
use jiff::{SignedDuration, Timestamp};

use crate::audit::{self, By, Line};
use crate::auth::pass::{BadSpan, Pass, Right};
use crate::auth::token::LinkKey;
use crate::clock::Random;
use crate::store::{Store, StoreError};

/// What a pass is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassWish {
    /// The one meeting that it opens.
    pub meeting: MeetingId,
    /// What it lets its bearer do there.
    pub may: Right,
    /// What those inside call its bearer.
    pub name: Option<PersonName>,
    /// How long it is good.
    pub span: SignedDuration,
}

/// Why no pass was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// For no time, or for too long.
    #[error(transparent)]
    Span(#[from] BadSpan),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Issues a pass.
///
/// * returns: the bearer token.
///
/// # Errors
/// [`IssueError`].
pub async fn pass(
    store: &Store,
    (key, random): (&LinkKey, Random),
    wish: PassWish,
    now: Timestamp,
) -> Result<String, IssueError> {
    let PassWish { meeting, may, name, span } = wish;
    let pass = Pass::new(PassId::fresh(now, random.bytes()), (meeting, may), name, (now, span))?;
    let mut tx = store.write().await?;
    let detail = format!("{} {}", pass.id, may.code());
    let line = Line { by: By::House, act: "pass.issue", object: pass.meeting.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(pass.sealed(key))
}
