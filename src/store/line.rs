//! Rows of what was written in meetings: lines of the talk and captions, as they were shown.

use domain::id::MeetingId;
use domain::meeting::{Guest, Line, LineKind};
use domain::text::Bilingual;

use super::meeting::{guest_code, guest_of};
use super::{Connection, StoreError, instant, sound};

/// Keeps a line; kept twice is kept once.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(connection: &mut Connection, meeting: &MeetingId, line: &Line) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meeting_line (meeting_id, at_ms, participant, kind, title_hi, title_en, body) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (meeting_id, at_ms) do nothing",
    )
    .bind(meeting.as_str())
    .bind(line.at.as_millisecond())
    .bind(guest_code(&line.by))
    .bind(line.kind.code())
    .bind(&line.title.hi)
    .bind(&line.title.en)
    .bind(&line.text)
    .execute(connection)
    .await?;
    Ok(())
}

/// The last lines of a meeting, oldest first.
///
/// * `lines_max`: at most so many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn last(
    connection: &mut Connection,
    meeting: &MeetingId,
    lines_max: i64,
) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(i64, String, String, String, String, String)> = sqlx::query_as(
        "select at_ms, participant, kind, title_hi, title_en, body from meeting_line where meeting_id = $1 \
         order by at_ms desc limit $2",
    )
    .bind(meeting.as_str())
    .bind(lines_max)
    .fetch_all(connection)
    .await?;
    let line = |(at_ms, by, kind, hi, en, text): (i64, String, String, String, String, String)| -> Result<Line, StoreError> {
        Ok(Line {
            at: instant(at_ms, "meeting_line")?,
            by: sound::<Guest>(guest_of(&by), "meeting_line", "participant")?,
            kind: sound(LineKind::from_code(&kind), "meeting_line", "kind")?,
            title: Bilingual { hi, en },
            text,
        })
    };
    rows.into_iter().rev().map(line).collect()
}
