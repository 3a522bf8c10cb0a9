//! A page of a paper that somebody shows in a meeting and gives: kept as a picture for the office, because he said so.

use domain::file::{FileKind, media_type};
use domain::id::{AppointmentId, FileId, MeetingId};

use super::desk::{from_store, settled};
use super::{Desk, enter};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::limits;
use crate::store::file::{self, FileRow};
use crate::store::{StoreError, kept_page, meeting};

/// Why no page was kept.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// No such meeting, or it has ended.
    #[error("there is no such meeting")]
    Unknown,
    /// Whoever gives it is not in the meeting.
    #[error("only who is in the meeting gives a page")]
    Outside,
    /// The bytes are no picture that we take, or too many.
    #[error("this is no picture of a page")]
    NotPage,
    /// As many were given as are kept.
    #[error("at most {} pages are kept", limits::KEPT_PAGES_MAX)]
    Full,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(PageError);

/// Keeps a page of a meeting that goes on.
///
/// # Errors
/// [`PageError::NotPage`] for what the content does not show to be a JPEG, or more than a page takes.
pub async fn keep(desk: &Desk, actor: &Actor, id: &MeetingId, bytes: &[u8]) -> Result<(), PageError> {
    if bytes.len() > limits::KEPT_PAGE_BYTES_MAX {
        return Err(PageError::NotPage);
    }
    let mime = media_type(FileKind::Page, bytes).ok_or(PageError::NotPage)?;
    settled(|| keep_once(desk, actor, id, (mime, bytes))).await
}

async fn keep_once(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    (mime, bytes): (&'static str, &[u8]),
) -> Result<(), PageError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = meeting::by_id(&mut tx, id).await?.filter(|row| !row.is_ended).ok_or(PageError::Unknown)?;
    let of = row.appointment;
    let guest = enter::guest(actor, (&of, &row.post));
    if !meeting::inside(&mut tx, id).await?.contains(&guest) {
        return Err(PageError::Outside);
    }
    let number = 1 + kept_page::count(&mut tx, &of).await?;
    if number > limits::KEPT_PAGES_MAX {
        return Err(PageError::Full);
    }
    let row = FileRow::of(FileId::fresh(now, desk.random.bytes()), (FileKind::Page, mime), bytes);
    file::insert(&mut tx, &row, now).await?;
    if !kept_page::insert(&mut tx, (&of, number), &row.id, now).await? {
        return Err(PageError::Full);
    }
    let detail = format!("page={number} file={} sha256={}", row.id, row.sha256);
    let line = Line { by: actor.by(Some(&of)), act: "meeting.give_page", object: of.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// How many pages were given in the meeting of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn count(desk: &Desk, of: &AppointmentId) -> Result<i64, StoreError> {
    kept_page::count(&mut *desk.store.read().await?, of).await
}

/// The picture of one, with its media type.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn picture(
    desk: &Desk,
    of: &AppointmentId,
    number: i64,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    kept_page::content(&mut *desk.store.read().await?, (of, number)).await
}
