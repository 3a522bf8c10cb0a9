//! Rows of the turn: why somebody was moved in the order of a queue, and what a post says to those who wait.

use domain::diary::queue::Number;
use domain::diary::turn::{MoveReason, Step};
use domain::id::PostId;
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, sound};

/// One move in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRow {
    /// Who was moved.
    pub number: Number,
    /// Which way.
    pub step: Step,
    /// Why.
    pub reason: MoveReason,
    /// What the desk wrote beside it; may be empty.
    pub note: String,
}

/// Writes a move down.
///
/// * `version`: that of the queue's day, which was taken before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep_move(
    connection: &mut Connection,
    (post, day, version): (&PostId, Date, i64),
    row: &MoveRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into queue_move (post_id, day, version, number, step, reason, note, moved_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .bind(version)
    .bind(i64::from(row.number.0))
    .bind(row.step.code())
    .bind(row.reason.code())
    .bind(&row.note)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// The moves of a post's day, the oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn moves(
    connection: &mut Connection,
    post: &PostId,
    day: Date,
) -> Result<Vec<MoveRow>, StoreError> {
    const TABLE: &str = "queue_move";
    let rows: Vec<(i64, String, String, String)> = sqlx::query_as(
        "select number, step, reason, note from queue_move where post_id = $1 and day = $2 order by version",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(number, step, reason, note)| {
            Ok(MoveRow {
                number: Number(sound(u32::try_from(number).ok(), TABLE, "number")?),
                step: sound(Step::from_code(&step), TABLE, "step")?,
                reason: sound(MoveReason::from_code(&reason), TABLE, "reason")?,
                note,
            })
        })
        .collect()
}

/// What a post says to those who wait for it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn message(connection: &mut Connection, post: &PostId) -> Result<Option<Bilingual>, StoreError> {
    let row: Option<(String, String)> = sqlx::query_as("select hi, en from lobby_message where post_id = $1")
        .bind(post.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(hi, en)| Bilingual { hi, en }))
}

/// Says something else to those who wait, or nothing any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn set_message(
    connection: &mut Connection,
    post: &PostId,
    text: Option<&Bilingual>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(text) = text else {
        sqlx::query("delete from lobby_message where post_id = $1")
            .bind(post.as_str())
            .execute(connection)
            .await?;
        return Ok(());
    };
    sqlx::query(
        "insert into lobby_message (post_id, hi, en, set_at_ms) values ($1, $2, $3, $4) \
         on conflict (post_id) do update set hi = excluded.hi, en = excluded.en, set_at_ms = excluded.set_at_ms",
    )
    .bind(post.as_str())
    .bind(&text.hi)
    .bind(&text.en)
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}
