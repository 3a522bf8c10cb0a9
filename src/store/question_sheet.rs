//! Rows of questions over the hotline: the question, the seats that are asked, and their cards.

use domain::id::{DirectionId, PostId, QuestionId};
use domain::question_sheet::{Card, Reply, ReplyKind, Times};
use domain::text::{FileNumber, Noting};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, instant, sound};

/// A question as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionRow {
    /// Its id.
    pub id: QuestionId,
    /// Who asks.
    pub post: PostId,
    /// What.
    pub text: Noting,
    /// Of which file.
    pub file: Option<FileNumber>,
    /// When, and how long.
    pub times: Times,
}

/// A seat that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRow {
    /// Which.
    pub post: PostId,
    /// The number of its card that stands; 0 while it has sent none.
    pub cards: i64,
    /// When it was reminded last.
    pub reminded_at: Option<Timestamp>,
    /// The direction that was made of its silence.
    pub direction: Option<DirectionId>,
}

/// A card of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// Whose.
    pub post: PostId,
    /// 0: prepared and not sent.
    pub number: i64,
    /// What it says.
    pub reply: Reply,
    /// When it was written.
    pub at: Timestamp,
}

const QUESTION: &str = "mesh_question";
const CARD: &str = "mesh_card";

/// Writes a question and whom it goes to.
///
/// * returns: `false` when this id is taken; nothing is written then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &QuestionRow,
    to: &[PostId],
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into mesh_question (id, post_id, text, file_number, asked_at_ms, until_ms) \
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(row.text.as_str())
    .bind(row.file.as_ref().map(FileNumber::as_str))
    .bind(row.times.asked_at.as_millisecond())
    .bind(row.times.until.as_millisecond())
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for post in to {
        sqlx::query("insert into mesh_asked (question_id, post_id, cards) values ($1, $2, 0)")
            .bind(row.id.as_str())
            .bind(post.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(true)
}

type Columns = (String, String, String, Option<String>, i64, i64, Option<i64>);

fn row_of((id, post, text, file, asked, until, closed): Columns) -> Result<QuestionRow, StoreError> {
    Ok(QuestionRow {
        id: sound(QuestionId::parse(&id).ok(), QUESTION, "id")?,
        post: sound(PostId::parse(&post).ok(), QUESTION, "post")?,
        text: sound(Noting::parse(&text).ok(), QUESTION, "text")?,
        file: file
            .map(|number| sound(FileNumber::parse(&number).ok(), QUESTION, "file_number"))
            .transpose()?,
        times: Times {
            asked_at: instant(asked, QUESTION)?,
            until: instant(until, QUESTION)?,
            closed_at: closed.map(|ms| instant(ms, QUESTION)).transpose()?,
        },
    })
}

fn select(rest: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!(
        "select q.id, q.post_id, q.text, q.file_number, q.asked_at_ms, q.until_ms, q.closed_at_ms \
         from mesh_question q {rest}"
    ))
}

/// One question.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &QuestionId) -> Result<Option<QuestionRow>, StoreError> {
    let row: Option<Columns> =
        sqlx::query_as(select("where q.id = $1")).bind(id.as_str()).fetch_optional(connection).await?;
    row.map(row_of).transpose()
}

/// The questions that a post has asked, the newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_asker(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<QuestionRow>, StoreError> {
    let rows: Vec<Columns> =
        sqlx::query_as(select("where q.post_id = $1 order by q.asked_at_ms desc, q.id limit $2"))
            .bind(post.as_str())
            .bind(count)
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(row_of).collect()
}

/// The questions to a seat that are not closed and whose minute was after `since`: the first minute first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn to_seat(
    connection: &mut Connection,
    (post, since): (&PostId, Timestamp),
    count: i64,
) -> Result<Vec<QuestionRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(select(
        "join mesh_asked a on a.question_id = q.id where a.post_id = $1 and q.closed_at_ms is null \
         and q.until_ms > $2 order by q.until_ms, q.id limit $3",
    ))
    .bind(post.as_str())
    .bind(since.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

/// How many questions of a post are not closed and had their minute after `since`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn open_of(
    connection: &mut Connection,
    post: &PostId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from mesh_question where post_id = $1 and closed_at_ms is null and until_ms > $2",
    )
    .bind(post.as_str())
    .bind(since.as_millisecond())
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// The seats that a question goes to, in the order of their numbers.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn asked(connection: &mut Connection, id: &QuestionId) -> Result<Vec<AskedRow>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>, Option<String>)> = sqlx::query_as(
        "select a.post_id, a.cards, a.reminded_at_ms, a.direction_id from mesh_asked a \
         join post p on p.id = a.post_id where a.question_id = $1 \
         order by coalesce(p.seat_number, 1000000), a.post_id",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    let table = "mesh_asked";
    let read = |(post, cards, reminded, direction): (String, i64, Option<i64>, Option<String>)| {
        let known = |id: String| sound(DirectionId::parse(&id).ok(), table, "direction");
        Ok(AskedRow {
            post: sound(PostId::parse(&post).ok(), table, "post")?,
            cards,
            reminded_at: reminded.map(|ms| instant(ms, table)).transpose()?,
            direction: direction.map(known).transpose()?,
        })
    };
    rows.into_iter().map(read).collect()
}

type CardColumns = (
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
);

/// The cards of a question, each seat's in their order; what is only prepared is number 0.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn cards(connection: &mut Connection, id: &QuestionId) -> Result<Vec<CardRow>, StoreError> {
    let rows: Vec<CardColumns> = sqlx::query_as(
        "select post_id, number, kind, with_whom, since_day, why, next_step, next_day, at_ms \
         from mesh_card where question_id = $1 order by post_id, number",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(card_of).collect()
}

fn card_of(row: CardColumns) -> Result<CardRow, StoreError> {
    let (post, number, kind, with, since, why, next, next_day, at) = row;
    let noting =
        |text: Option<String>| text.map(|text| sound(Noting::parse(&text).ok(), CARD, "words")).transpose();
    let day =
        |text: Option<String>| text.map(|text| sound(text.parse::<Date>().ok(), CARD, "day")).transpose();
    let reply = match sound(ReplyKind::from_code(&kind), CARD, "kind")? {
        ReplyKind::Call => Reply::Call,
        ReplyKind::Card => Reply::Card(Box::new(Card {
            with: sound(noting(with)?, CARD, "with_whom")?,
            since: day(since)?,
            why: noting(why)?,
            next: sound(noting(next)?, CARD, "next_step")?,
            next_day: day(next_day)?,
        })),
    };
    Ok(CardRow {
        post: sound(PostId::parse(&post).ok(), CARD, "post")?,
        number,
        reply,
        at: instant(at, CARD)?,
    })
}

/// Writes the next card of a seat: it stands from now on.
///
/// * returns: `false` when another device has written that number; drop the transaction then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn send(connection: &mut Connection, id: &QuestionId, row: &CardRow) -> Result<bool, StoreError> {
    let moved = sqlx::query(
        "update mesh_asked set cards = $3 where question_id = $1 and post_id = $2 and cards = $3 - 1",
    )
    .bind(id.as_str())
    .bind(row.post.as_str())
    .bind(row.number)
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(false);
    }
    forget(connection, id, &row.post).await?;
    write(connection, id, row).await?;
    Ok(true)
}

/// Keeps what a seat's office has prepared, in place of what it had prepared before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn prepare(connection: &mut Connection, id: &QuestionId, row: &CardRow) -> Result<(), StoreError> {
    // Two devices that prepare at once come one after the other.
    sqlx::query("update mesh_asked set cards = cards where question_id = $1 and post_id = $2")
        .bind(id.as_str())
        .bind(row.post.as_str())
        .execute(&mut *connection)
        .await?;
    forget(connection, id, &row.post).await?;
    write(connection, id, row).await
}

async fn forget(connection: &mut Connection, id: &QuestionId, post: &PostId) -> Result<(), StoreError> {
    sqlx::query("delete from mesh_card where question_id = $1 and post_id = $2 and number = 0")
        .bind(id.as_str())
        .bind(post.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

async fn write(connection: &mut Connection, id: &QuestionId, row: &CardRow) -> Result<(), StoreError> {
    let card = match &row.reply {
        Reply::Card(card) => Some(card),
        Reply::Call => None,
    };
    sqlx::query(
        "insert into mesh_card (question_id, post_id, number, kind, with_whom, since_day, why, next_step, \
         next_day, at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id.as_str())
    .bind(row.post.as_str())
    .bind(row.number)
    .bind(row.reply.kind().code())
    .bind(card.map(|card| card.with.as_str()))
    .bind(card.and_then(|card| card.since).map(|day| day.to_string()))
    .bind(card.and_then(|card| card.why.as_ref()).map(Noting::as_str))
    .bind(card.map(|card| card.next.as_str()))
    .bind(card.and_then(|card| card.next_day).map(|day| day.to_string()))
    .bind(row.at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Reminds the seats that have sent no card.
///
/// * returns: how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn remind(connection: &mut Connection, id: &QuestionId, now: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query("update mesh_asked set reminded_at_ms = $2 where question_id = $1 and cards = 0")
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Closes a question. `false` when it is closed already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn close(connection: &mut Connection, id: &QuestionId, now: Timestamp) -> Result<bool, StoreError> {
    let done =
        sqlx::query("update mesh_question set closed_at_ms = $2 where id = $1 and closed_at_ms is null")
            .bind(id.as_str())
            .bind(now.as_millisecond())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() > 0)
}

/// A direction was made of the silence of a seat. `false` when one was made already, or it has answered.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn direct(
    connection: &mut Connection,
    (id, post): (&QuestionId, &PostId),
    direction: &DirectionId,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update mesh_asked set direction_id = $3 \
         where question_id = $1 and post_id = $2 and direction_id is null and cards = 0",
    )
    .bind(id.as_str())
    .bind(post.as_str())
    .bind(direction.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
