//! Rows of emergency switches: which scope met by video for a while, on whose order, and whom it touched.

use domain::id::{AppointmentId, BodyId, EmergencyId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, batch, instant, sound};

/// A switch as it stands.
#[derive(Debug, Clone)]
pub struct EmergencyRow {
    /// Which.
    pub id: EmergencyId,
    /// The body whose meetings, and those of everything below it, go to video.
    pub body: BodyId,
    /// The post whose desk ordered it.
    pub post: PostId,
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
    /// It stands; otherwise it was taken back.
    pub is_standing: bool,
}

type Columns = (String, String, String, i64, i64, String);

fn row(columns: Columns) -> Result<EmergencyRow, StoreError> {
    let (id, body, post, from, to, state) = columns;
    Ok(EmergencyRow {
        id: sound(EmergencyId::parse(&id).ok(), "emergency", "id")?,
        body: sound(BodyId::parse(&body).ok(), "emergency", "body")?,
        post: sound(PostId::parse(&post).ok(), "emergency", "post")?,
        from: instant(from, "emergency")?,
        to: instant(to, "emergency")?,
        is_standing: state == "standing",
    })
}

/// Writes a standing switch and whom it touched.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &EmergencyRow,
    touched: &[AppointmentId],
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into emergency (id, body_id, post_id, starts_at_ms, ends_at_ms, state, created_at_ms) \
         values ($1, $2, $3, $4, $5, 'standing', $6)",
    )
    .bind(row.id.as_str())
    .bind(row.body.as_str())
    .bind(row.post.as_str())
    .bind(row.from.as_millisecond())
    .bind(row.to.as_millisecond())
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await?;
    for ids in touched.chunks(batch::ROWS_MAX) {
        let values = batch::rows(ids.len(), &["text"], 2);
        let text = format!(
            "insert into switched (emergency_id, appointment_id) \
             select cast($1 as text), v.column1 from (values {values}) as v",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(row.id.as_str());
        for id in ids {
            query = query.bind(id.as_str());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Takes a standing switch back. `false` when it did not stand any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn undo(connection: &mut Connection, id: &EmergencyId) -> Result<bool, StoreError> {
    let done = sqlx::query("update emergency set state = 'undone' where id = $1 and state = 'standing'")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// One switch.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(
    connection: &mut Connection,
    id: &EmergencyId,
) -> Result<Option<EmergencyRow>, StoreError> {
    let found: Option<Columns> = sqlx::query_as(
        "select id, body_id, post_id, starts_at_ms, ends_at_ms, state from emergency where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    found.map(row).transpose()
}

/// The standing switches that a post ordered and that are not over.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn standing(
    connection: &mut Connection,
    post: &PostId,
    now: Timestamp,
) -> Result<Vec<EmergencyRow>, StoreError> {
    let found: Vec<Columns> = sqlx::query_as(
        "select id, body_id, post_id, starts_at_ms, ends_at_ms, state from emergency \
         where post_id = $1 and state = 'standing' and ends_at_ms > $2 order by starts_at_ms, id",
    )
    .bind(post.as_str())
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await?;
    found.into_iter().map(row).collect()
}

/// Whom a switch touched.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn touched(
    connection: &mut Connection,
    id: &EmergencyId,
) -> Result<Vec<AppointmentId>, StoreError> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select appointment_id from switched where emergency_id = $1 order by appointment_id")
            .bind(id.as_str())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(|(id,)| sound(AppointmentId::parse(&id).ok(), "switched", "appointment")).collect()
}
