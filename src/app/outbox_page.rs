//! What the demo shows of its outbox: every notice, newest first. Reads only.

use domain::notice::Notice;
use jiff::Timestamp;

use super::Desk;
use crate::limits;
use crate::store::{StoreError, notice};

/// One notice as the outbox page shows it.
#[derive(Debug, Clone)]
pub struct OutboxLine {
    /// What was laid out.
    pub notice: Notice,
    /// Where it stands: due, sending, sent, dead.
    pub state: String,
    /// When it was laid out.
    pub created_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

/// The newest notices.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn recent(desk: &Desk) -> Result<Vec<OutboxLine>, StoreError> {
    let mut connection = desk.store.read().await?;
    let rows = notice::recent(&mut connection, limits::OUTBOX_LINES_MAX).await?;
    Ok(rows
        .into_iter()
        .map(|row| OutboxLine {
            notice: row.notice,
            state: row.state.code().to_owned(),
            created_at: row.created_at,
            last_error: row.last_error,
        })
        .collect())
}
