//! Whom the occupants of seats let in without an act of that moment: a row a post and person, none where nobody is.

use domain::hotline::Hours;
use domain::id::{PersonId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoAnswerRow {
    /// Of which seat.
    pub post: PostId,
    /// Whose.
    pub person: PersonId,
    /// When.
    pub hours: Hours,
    /// Whom.
    pub callers: Vec<PostId>,
    /// Since when it stands.
    pub set_at: Timestamp,
}

const TABLE: &str = "auto_answer";

/// All settings, also those of charges that are over.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all(connection: &mut Connection) -> Result<Vec<AutoAnswerRow>, StoreError> {
    let rows: Vec<(String, String, i64, i64, String, i64)> = sqlx::query_as(
        "select post_id, person_id, from_minute, to_minute, callers, set_at_ms from auto_answer \
         order by post_id, person_id",
    )
    .fetch_all(connection)
    .await?;
    let row = |(post, person, from, to, callers, at): (String, String, i64, i64, String, i64)| {
        let minutes = u16::try_from(from).ok().zip(u16::try_from(to).ok());
        let hours = minutes.and_then(|(from, to)| Hours::new(from, to).ok());
        let named = callers.split(' ').map(PostId::parse).collect::<Result<Vec<PostId>, _>>();
        Ok(AutoAnswerRow {
            post: sound(PostId::parse(&post).ok(), TABLE, "post_id")?,
            person: sound(PersonId::parse(&person).ok(), TABLE, "person_id")?,
            hours: sound(hours, TABLE, "from_minute")?,
            callers: sound(named.ok(), TABLE, "callers")?,
            set_at: instant(at, TABLE)?,
        })
    };
    rows.into_iter().map(row).collect()
}

/// Writes a setting; the one before it is gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(connection: &mut Connection, row: &AutoAnswerRow) -> Result<(), StoreError> {
    let callers: Vec<&str> = row.callers.iter().map(PostId::as_str).collect();
    sqlx::query(
        "insert into auto_answer (post_id, person_id, from_minute, to_minute, callers, set_at_ms) \
         values ($1, $2, $3, $4, $5, $6) on conflict (post_id, person_id) do update set \
         from_minute = excluded.from_minute, to_minute = excluded.to_minute, callers = excluded.callers, \
         set_at_ms = excluded.set_at_ms",
    )
    .bind(row.post.as_str())
    .bind(row.person.as_str())
    .bind(i64::from(row.hours.from()))
    .bind(i64::from(row.hours.to()))
    .bind(callers.join(" "))
    .bind(row.set_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops a setting, if there is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn remove(
    connection: &mut Connection,
    (post, person): (&PostId, &PersonId),
) -> Result<(), StoreError> {
    sqlx::query("delete from auto_answer where post_id = $1 and person_id = $2")
        .bind(post.as_str())
        .bind(person.as_str())
        .execute(connection)
        .await?;
    Ok(())
}
