//! Rows of own groups: named lists of seats that a post has made for itself.

use domain::id::{OwnGroupId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// A group as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGroupRow {
    /// Its id.
    pub id: OwnGroupId,
    /// Whose it is.
    pub post: PostId,
    /// What it is called.
    pub name: String,
    /// Its seats that are there, in the order of the board; one whose post has no seat any more is left out.
    pub seats: Vec<PostId>,
}

const TABLE: &str = "own_group";

/// Writes a group.
///
/// * returns: `false` when this id is taken; nothing is written then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &OwnGroupRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into own_group (id, post_id, name, made_at_ms) values ($1, $2, $3, $4) \
         on conflict (id) do nothing",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(&row.name)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for seat in &row.seats {
        sqlx::query("insert into own_group_seat (group_id, post_id) values ($1, $2)")
            .bind(row.id.as_str())
            .bind(seat.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(true)
}

/// The groups of a post, by name.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(connection: &mut Connection, post: &PostId) -> Result<Vec<OwnGroupRow>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("select id, name from own_group where post_id = $1 order by name, id")
            .bind(post.as_str())
            .fetch_all(&mut *connection)
            .await?;
    let mut groups = Vec::with_capacity(rows.len());
    for (id, name) in rows {
        let id = sound(OwnGroupId::parse(&id).ok(), TABLE, "id")?;
        groups.push(OwnGroupRow { seats: seats(connection, &id).await?, post: post.clone(), id, name });
    }
    Ok(groups)
}

async fn seats(connection: &mut Connection, id: &OwnGroupId) -> Result<Vec<PostId>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select s.post_id, p.seat_number from own_group_seat s join post p on p.id = s.post_id \
         where s.group_id = $1 and p.seat_number is not null order by p.seat_number",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(post, _)| sound(PostId::parse(&post).ok(), TABLE, "seat")).collect()
}

/// Gives a group of a post another name. `false` when the post has no such group.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn rename(
    connection: &mut Connection,
    (id, post): (&OwnGroupId, &PostId),
    name: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update own_group set name = $3 where id = $1 and post_id = $2")
        .bind(id.as_str())
        .bind(post.as_str())
        .bind(name)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Deletes a group of a post. `false` when the post has no such group.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn delete(
    connection: &mut Connection,
    (id, post): (&OwnGroupId, &PostId),
) -> Result<bool, StoreError> {
    let (there,): (i64,) = sqlx::query_as("select count(*) from own_group where id = $1 and post_id = $2")
        .bind(id.as_str())
        .bind(post.as_str())
        .fetch_one(&mut *connection)
        .await?;
    if there == 0 {
        return Ok(false);
    }
    for text in ["delete from own_group_seat where group_id = $1", "delete from own_group where id = $1"] {
        sqlx::query(text).bind(id.as_str()).execute(&mut *connection).await?;
    }
    Ok(true)
}
