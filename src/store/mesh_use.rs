//! What the numbers of use of the hotline are computed from: parts in calls, and questions with their first cards.

use domain::id::{CallId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A seat's part in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Which call.
    pub call: CallId,
    /// Which seat.
    pub post: PostId,
    /// Since when it was inside, if it ever was.
    pub agreed_at: Option<Timestamp>,
    /// When it went out.
    pub ended_at: Option<Timestamp>,
    /// It was rung by another.
    pub is_rung: bool,
}

/// A question to a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRow {
    /// Which seat.
    pub post: PostId,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it answered first.
    pub answered_at: Option<Timestamp>,
}

const PART: &str = "hotline_part";

/// Call, post, when it agreed and when it was out, and who rang it.
type Part = (String, String, Option<i64>, Option<i64>, Option<String>);

/// The parts in calls that were rung since then, call by call, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn parts(
    connection: &mut Connection,
    since: Timestamp,
    count: i64,
) -> Result<Vec<PartRow>, StoreError> {
    let rows: Vec<Part> = sqlx::query_as(
        "select call_id, post_id, agreed_at_ms, ended_at_ms, by_post_id from hotline_part \
         where rang_at_ms >= $1 order by call_id, rang_at_ms, post_id limit $2",
    )
    .bind(since.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    let time = |ms: Option<i64>| ms.map(|ms| instant(ms, PART)).transpose();
    let read = |(call, post, agreed, ended, by): Part| {
        Ok(PartRow {
            call: sound(CallId::parse(&call).ok(), PART, "call_id")?,
            post: sound(PostId::parse(&post).ok(), PART, "post_id")?,
            agreed_at: time(agreed)?,
            ended_at: time(ended)?,
            is_rung: by.is_some(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// The questions that were asked since then, a row a seat, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn asked(
    connection: &mut Connection,
    since: Timestamp,
    count: i64,
) -> Result<Vec<AskedRow>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> = sqlx::query_as(
        "select a.post_id, q.asked_at_ms, c.at_ms from mesh_question q \
         join mesh_asked a on a.question_id = q.id \
         left join mesh_card c on c.question_id = a.question_id and c.post_id = a.post_id and c.number = 1 \
         where q.asked_at_ms >= $1 order by q.asked_at_ms, a.post_id limit $2",
    )
    .bind(since.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    let table = "mesh_asked";
    let read = |(post, asked, answered): (String, i64, Option<i64>)| {
        Ok(AskedRow {
            post: sound(PostId::parse(&post).ok(), table, "post")?,
            asked_at: instant(asked, table)?,
            answered_at: answered.map(|ms| instant(ms, table)).transpose()?,
        })
    };
    rows.into_iter().map(read).collect()
}
