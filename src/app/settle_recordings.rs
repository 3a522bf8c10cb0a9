//! What a crash left of recordings: each that has no end gets one in the rows, with the hash of its last whole line.
//!
//! The files stay as the crash left them. Never stops a start.

use std::path::PathBuf;

use domain::id::{MeetingId, RecordingId};
use recording::Verdict;
use recording::verify::{left_behind, outline};

use super::Desk;
use crate::audit::{self, By};
use crate::store::{StoreError, recording as rows};

/// The word in rows and audit chain for a recording that nothing but a crash ended.
const CRASH: &str = "crash";

/// Looks through the folder of recordings once, when the server begins.
pub async fn settle(desk: &Desk) {
    let Some(folder) = desk.settings.recordings.clone() else { return };
    let found = tokio::task::spawn_blocking(move || lost(folder)).await.unwrap_or_default();
    for verdict in found {
        if let Err(error) = write_down(desk, &verdict).await {
            tracing::error!(%error, "a recording that a crash ended could not be written down");
        }
    }
}

/// Those that nobody writes any more and that have no last line.
fn lost(folder: PathBuf) -> Vec<Verdict> {
    let folders = match left_behind(&folder) {
        Ok(folders) => folders,
        // Before the first recording there is none.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            tracing::error!(%error, "the folder of recordings cannot be read");
            Vec::new()
        }
    };
    folders.iter().filter_map(|folder| outline(folder).ok()).collect()
}

/// Its end and the audit line together, unless both are written already.
async fn write_down(desk: &Desk, verdict: &Verdict) -> Result<(), StoreError> {
    let ids = (RecordingId::parse(&verdict.begin.recording), MeetingId::parse(&verdict.begin.meeting));
    let (Ok(id), Ok(meeting)) = ids else { return Ok(()) };
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if !rows::end(&mut tx, (&id, &meeting), (&verdict.head, CRASH), now).await? {
        return Ok(());
    }
    let detail = format!("{id} {CRASH} {}", verdict.head);
    let line = audit::Line { by: By::House, act: "recording.loss", object: meeting.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await
}
