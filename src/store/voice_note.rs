//! Rows of voice notes: one an appointment, the last that was recorded.

use domain::id::{AppointmentId, FileId, MeetingId, PostId};
use domain::text::Remark;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A voice note.
#[derive(Debug, Clone)]
pub struct VoiceNoteRow {
    /// Its sound.
    pub file: FileId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What the desk wrote down of it.
    pub said: Option<Remark>,
}

/// A voice note that nobody has written down.
#[derive(Debug, Clone)]
pub struct UnwrittenRow {
    /// The meeting.
    pub meeting: MeetingId,
    /// The number that people say.
    pub reference: String,
    /// Who came.
    pub name: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

const TABLE: &str = "voice_note";

/// Keeps a note; the one before it is replaced.
///
/// * returns: the file that it had before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    appointment: &AppointmentId,
    (file, now): (&FileId, Timestamp),
) -> Result<Option<FileId>, StoreError> {
    let before = of(&mut *connection, appointment).await?.map(|row| row.file);
    sqlx::query(
        "insert into voice_note (appointment_id, file_id, recorded_at_ms) values ($1, $2, $3) \
         on conflict (appointment_id) do update set file_id = excluded.file_id, \
         recorded_at_ms = excluded.recorded_at_ms, said = null",
    )
    .bind(appointment.as_str())
    .bind(file.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(before)
}

/// The note of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<VoiceNoteRow>, StoreError> {
    let row: Option<(String, i64, Option<String>)> =
        sqlx::query_as("select file_id, recorded_at_ms, said from voice_note where appointment_id = $1")
            .bind(appointment.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(file, at, said)| {
        Ok(VoiceNoteRow {
            file: sound(FileId::parse(&file).ok(), TABLE, "file")?,
            recorded_at: instant(at, TABLE)?,
            said: said.map(|text| sound(Remark::parse(&text).ok(), TABLE, "text")).transpose()?,
        })
    })
    .transpose()
}

/// Writes down what a note says. `false` when there is none.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn write_down(
    connection: &mut Connection,
    appointment: &AppointmentId,
    said: &Remark,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update voice_note set said = $2 where appointment_id = $1")
        .bind(appointment.as_str())
        .bind(said.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes of a post that nobody has written down, the oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn unwritten(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<UnwrittenRow>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "select m.id, a.reference, c.name, v.recorded_at_ms from voice_note v \
         join appointment a on a.id = v.appointment_id join meeting m on m.appointment_id = a.id \
         join citizen c on c.id = a.citizen_id where a.post_id = $1 and v.said is null \
         order by v.recorded_at_ms, a.id limit $2",
    )
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    let row = |(meeting, reference, name, at): (String, String, String, i64)| {
        let meeting = sound(MeetingId::parse(&meeting).ok(), TABLE, "meeting")?;
        Ok(UnwrittenRow { meeting, reference, name, recorded_at: instant(at, TABLE)? })
    };
    rows.into_iter().map(row).collect()
}
