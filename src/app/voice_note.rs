//! A voice note to an outcome: the officer says it in half a minute, his desk hears it and writes down what it says.

use domain::file::{FileKind, media_type};
use domain::id::{AppointmentId, FileId, MeetingId};
use domain::text::Remark;

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::file::{self, FileRow};
use crate::store::{Connection, StoreError, meeting, voice_note};

/// Why no note was kept or written down.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// Not this person's meeting.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such meeting, or it has no note.
    #[error("there is no such note")]
    Unknown,
    /// The bytes are no sound that we take, or too many.
    #[error("this is no voice note")]
    NotVoice,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(VoiceError);

async fn meeting_of(
    connection: &mut Connection,
    actor: &Actor,
    id: &MeetingId,
) -> Result<AppointmentId, VoiceError> {
    let row = meeting::by_id(connection, id).await?.ok_or(VoiceError::Unknown)?;
    allows(actor, Act::GiveOutcome, &Object::Post(row.post))?;
    Ok(row.appointment)
}

/// Keeps a note; the one before it is gone.
///
/// # Errors
/// [`VoiceError::NotVoice`] for what the content does not show to be a recording, or more than half a minute takes.
pub async fn keep(desk: &Desk, actor: &Actor, id: &MeetingId, bytes: &[u8]) -> Result<(), VoiceError> {
    if bytes.len() > limits::VOICE_BYTES_MAX {
        return Err(VoiceError::NotVoice);
    }
    let mime = media_type(FileKind::Voice, bytes).ok_or(VoiceError::NotVoice)?;
    settled(|| keep_once(desk, actor, id, (mime, bytes))).await
}

async fn keep_once(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    (mime, bytes): (&'static str, &[u8]),
) -> Result<(), VoiceError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = meeting_of(&mut tx, actor, id).await?;
    let row = FileRow::of(FileId::fresh(now, desk.random.bytes()), (FileKind::Voice, mime), bytes);
    file::insert(&mut tx, &row, now).await?;
    if let Some(before) = voice_note::put(&mut tx, &of, (&row.id, now)).await? {
        file::remove(&mut tx, &before).await?;
    }
    let detail = format!("file={} sha256={}", row.id, row.sha256);
    let line = Line { by: actor.by(Some(&of)), act: "outcome.voice", object: of.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The sound of a meeting's note, with its media type.
///
/// # Errors
/// [`VoiceError`].
pub async fn sound(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
) -> Result<Option<(String, Vec<u8>)>, VoiceError> {
    let mut connection = desk.store.read().await?;
    let of = meeting_of(&mut connection, actor, id).await?;
    let Some(note) = voice_note::of(&mut connection, &of).await? else { return Ok(None) };
    Ok(file::content(&mut connection, &note.file).await?)
}

/// Writes down what the note says.
///
/// # Errors
/// [`VoiceError`].
pub async fn write_down(desk: &Desk, actor: &Actor, id: &MeetingId, said: &Remark) -> Result<(), VoiceError> {
    settled(|| write_once(desk, actor, id, said)).await
}

async fn write_once(desk: &Desk, actor: &Actor, id: &MeetingId, said: &Remark) -> Result<(), VoiceError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = meeting_of(&mut tx, actor, id).await?;
    if !voice_note::write_down(&mut tx, &of, said).await? {
        return Err(VoiceError::Unknown);
    }
    let (by, detail) = (actor.by(Some(&of)), String::new());
    audit::append(&mut tx, Line { by, act: "outcome.voice_text", object: of.as_str(), detail }, now).await?;
    Ok(tx.commit().await?)
}
