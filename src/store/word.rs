//! Rows of words that are left to a post. Who may leave and hear them is the use case's matter.

use domain::id::{FileId, PostId, WordId};
use domain::recorded::RecordedKind;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordRow {
    /// Its id, which its page has made.
    pub id: WordId,
    /// Who left it.
    pub from: PostId,
    /// To whom.
    pub to: PostId,
    /// With a picture, or without.
    pub kind: RecordedKind,
    /// How long, in milliseconds.
    pub length_ms: i64,
    /// Its recording.
    pub file: FileId,
    /// When it was left.
    pub left_at: Timestamp,
    /// When it was heard first.
    pub heard_at: Option<Timestamp>,
}

const TABLE: &str = "mesh_word";
type Columns = (String, String, String, String, i64, String, i64, Option<i64>);

fn row_of(row: Columns) -> Result<WordRow, StoreError> {
    let (id, from, to, kind, length_ms, file, left, heard) = row;
    Ok(WordRow {
        id: sound(WordId::parse(&id).ok(), TABLE, "id")?,
        from: sound(PostId::parse(&from).ok(), TABLE, "from_post_id")?,
        to: sound(PostId::parse(&to).ok(), TABLE, "to_post_id")?,
        kind: sound(RecordedKind::from_code(&kind), TABLE, "kind")?,
        length_ms,
        file: sound(FileId::parse(&file).ok(), TABLE, "file_id")?,
        left_at: instant(left, TABLE)?,
        heard_at: heard.map(|ms| instant(ms, TABLE)).transpose()?,
    })
}

fn select(which: &str) -> String {
    format!(
        "select id, from_post_id, to_post_id, kind, length_ms, file_id, left_at_ms, heard_at_ms \
         from mesh_word where {which}"
    )
}

/// Writes a word at one of the few places that its pair of posts has for unheard ones.
///
/// * returns: `false` when another has its id or its place; nothing is written then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &WordRow, place: i64) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into mesh_word (id, from_post_id, to_post_id, place, kind, length_ms, file_id, left_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
    )
    .bind(row.id.as_str())
    .bind(row.from.as_str())
    .bind(row.to.as_str())
    .bind(place)
    .bind(row.kind.code())
    .bind(row.length_ms)
    .bind(row.file.as_str())
    .bind(row.left_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The places that unheard words from one post to another have.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn places(
    connection: &mut Connection,
    (from, to): (&PostId, &PostId),
) -> Result<Vec<i64>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "select place from mesh_word where from_post_id = $1 and to_post_id = $2 and heard_at_ms is null",
    )
    .bind(from.as_str())
    .bind(to.as_str())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(place,)| place).collect())
}

/// How many words of a post are kept.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn kept_of(connection: &mut Connection, from: &PostId) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from mesh_word where from_post_id = $1")
        .bind(from.as_str())
        .fetch_one(connection)
        .await?;
    Ok(count)
}

/// The word of this id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &WordId) -> Result<Option<WordRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(select("id = $1")))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(row_of).transpose()
}

/// Words to a post since then, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn to_post(
    connection: &mut Connection,
    post: &PostId,
    (since, count): (Timestamp, i64),
) -> Result<Vec<WordRow>, StoreError> {
    of(connection, ("to_post_id", post), (since, count)).await
}

/// Words of a post since then, newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn from_post(
    connection: &mut Connection,
    post: &PostId,
    (since, count): (Timestamp, i64),
) -> Result<Vec<WordRow>, StoreError> {
    of(connection, ("from_post_id", post), (since, count)).await
}

async fn of(
    connection: &mut Connection,
    (column, post): (&'static str, &PostId),
    (since, count): (Timestamp, i64),
) -> Result<Vec<WordRow>, StoreError> {
    let which = format!("{column} = $1 and left_at_ms >= $2 order by left_at_ms desc, id desc limit $3");
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(select(&which)))
        .bind(post.as_str())
        .bind(since.as_millisecond())
        .bind(count)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(row_of).collect()
}

/// A word is heard for the first time.
///
/// * returns: `false` when it was heard before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn hear(connection: &mut Connection, id: &WordId, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query("update mesh_word set heard_at_ms = $2 where id = $1 and heard_at_ms is null")
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Words that were left before then, the oldest first, at most `count`.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn before(
    connection: &mut Connection,
    then: Timestamp,
    count: i64,
) -> Result<Vec<WordRow>, StoreError> {
    let which = "left_at_ms < $1 order by left_at_ms, id limit $2";
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(select(which)))
        .bind(then.as_millisecond())
        .bind(count)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(row_of).collect()
}

/// Deletes a word; its recording is another row.
///
/// * returns: `false` when it is gone already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn delete(connection: &mut Connection, id: &WordId) -> Result<bool, StoreError> {
    let done =
        sqlx::query("delete from mesh_word where id = $1").bind(id.as_str()).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
