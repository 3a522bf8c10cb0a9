//! Rows of absences: when a post's officer is away, by which reason and on whose authority.

use domain::diary::displacement::AwayReason;
use domain::diary::supply::Exception;
use domain::id::{AbsenceId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, Tx, instant, sound};

/// An absence as it stands.
#[derive(Debug, Clone)]
pub struct AbsenceRow {
    /// Which.
    pub id: AbsenceId,
    /// Whose officer.
    pub post: PostId,
    /// First instant away.
    pub from: Timestamp,
    /// First instant back.
    pub to: Timestamp,
    /// Why.
    pub reason: AwayReason,
    /// On whose authority, in the desk's words.
    pub authority: String,
    /// It stands; otherwise it was undone.
    pub is_standing: bool,
    /// When it was written.
    pub created_at: Timestamp,
}

type Columns = (String, String, i64, i64, String, String, String, i64);

fn row(columns: Columns) -> Result<AbsenceRow, StoreError> {
    let (id, post, from, to, reason, authority, state, created) = columns;
    Ok(AbsenceRow {
        id: sound(AbsenceId::parse(&id).ok(), "absence", "id")?,
        post: sound(PostId::parse(&post).ok(), "absence", "post")?,
        from: instant(from, "absence")?,
        to: instant(to, "absence")?,
        reason: sound(AwayReason::from_code(&reason), "absence", "reason")?,
        authority,
        is_standing: state == "standing",
        created_at: instant(created, "absence")?,
    })
}

/// Writes a standing absence.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(tx: &mut Tx, row: &AbsenceRow) -> Result<(), StoreError> {
    tx.touch_supply();
    sqlx::query(
        "insert into absence (id, post_id, starts_at_ms, ends_at_ms, reason, authority, state, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, 'standing', $7)",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(row.from.as_millisecond())
    .bind(row.to.as_millisecond())
    .bind(row.reason.code())
    .bind(&row.authority)
    .bind(row.created_at.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Undoes a standing absence. `false` when it did not stand any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn undo(tx: &mut Tx, id: &AbsenceId) -> Result<bool, StoreError> {
    tx.touch_supply();
    let done = sqlx::query("update absence set state = 'undone' where id = $1 and state = 'standing'")
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// One absence.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &AbsenceId) -> Result<Option<AbsenceRow>, StoreError> {
    let found: Option<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, reason, authority, state, created_at_ms \
         from absence where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    found.map(row).transpose()
}

/// The standing absences into which an appointment that lies ahead has been booked nevertheless, or moved.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn hit(connection: &mut Connection, now: Timestamp) -> Result<Vec<AbsenceRow>, StoreError> {
    let found: Vec<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, reason, authority, state, created_at_ms \
         from absence w where state = 'standing' and ends_at_ms > $1 and exists (\
         select 1 from appointment a where a.post_id = w.post_id and a.starts_at_ms > $1 \
         and a.state in ('requested', 'confirmed', 'proposed') \
         and a.starts_at_ms < w.ends_at_ms and a.ends_at_ms > w.starts_at_ms) order by created_at_ms, id",
    )
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await?;
    found.into_iter().map(row).collect()
}

/// The standing absences of a post as what departs from its week.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn exceptions(
    connection: &mut Connection,
    post: &PostId,
    from: Timestamp,
) -> Result<Vec<Exception>, StoreError> {
    let away = standing(connection, post, from).await?;
    Ok(away.into_iter().map(|row| Exception::Away { from: row.from, to: row.to }).collect())
}

/// The standing absences of a post that end after `from`, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn standing(
    connection: &mut Connection,
    post: &PostId,
    from: Timestamp,
) -> Result<Vec<AbsenceRow>, StoreError> {
    let found: Vec<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, reason, authority, state, created_at_ms \
         from absence where post_id = $1 and state = 'standing' and ends_at_ms > $2 order by starts_at_ms, id",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .fetch_all(connection)
    .await?;
    found.into_iter().map(row).collect()
}
