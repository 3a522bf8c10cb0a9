//! Rows of the waiting list: which appointment waits for a time, or for an earlier one, and since when.

use domain::id::{AppointmentId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, batch, instant, sound};

/// One who waits.
#[derive(Debug, Clone)]
pub struct WaitingRow {
    /// Whose.
    pub appointment: AppointmentId,
    /// Since when.
    pub since: Timestamp,
    /// Offers that he let lapse.
    pub lapses: i64,
}

/// Puts appointments on the list of a post; who stands there already keeps his place.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put_many(
    connection: &mut Connection,
    post: &PostId,
    appointments: &[AppointmentId],
    now: Timestamp,
) -> Result<(), StoreError> {
    for ids in appointments.chunks(batch::ROWS_MAX) {
        let values = batch::rows(ids.len(), &["text"], 3);
        let text = format!(
            "insert into waiting (appointment_id, post_id, since_ms, lapses) \
             select v.column1, cast($1 as text), cast($2 as bigint), 0 from (values {values}) as v where true \
             on conflict (appointment_id) do nothing",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(post.as_str()).bind(now.as_millisecond());
        for id in ids {
            query = query.bind(id.as_str());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Puts appointments on the list of a post in this order, behind those who stand there.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put_in_order(
    connection: &mut Connection,
    post: &PostId,
    appointments: &[AppointmentId],
    now: Timestamp,
) -> Result<(), StoreError> {
    for (chunk, ids) in appointments.chunks(batch::ROWS_MAX).enumerate() {
        let values = batch::rows(ids.len(), &["text", "bigint"], 2);
        let text = format!(
            "insert into waiting (appointment_id, post_id, since_ms, lapses) \
             select v.column1, cast($1 as text), v.column2, 0 from (values {values}) as v where true \
             on conflict (appointment_id) do nothing",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(post.as_str());
        for (place, id) in ids.iter().enumerate() {
            // A millisecond a place: whoever was drawn earlier waits longer.
            let place = (chunk * batch::ROWS_MAX + place) as i64;
            query = query.bind(id.as_str()).bind(now.as_millisecond() + place);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Takes appointments off the list.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn remove_many(
    connection: &mut Connection,
    appointments: &[AppointmentId],
) -> Result<(), StoreError> {
    for ids in appointments.chunks(batch::ROWS_MAX) {
        let text = format!("delete from waiting where appointment_id in ({})", batch::places(ids.len(), 1));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
        for id in ids {
            query = query.bind(id.as_str());
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Who waits for a time of this post, longest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(connection: &mut Connection, post: &PostId) -> Result<Vec<WaitingRow>, StoreError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select appointment_id, since_ms, lapses from waiting where post_id = $1 order by since_ms, appointment_id",
    )
    .bind(post.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, since, lapses)| {
            Ok(WaitingRow {
                appointment: sound(AppointmentId::parse(&id).ok(), "waiting", "appointment")?,
                since: instant(since, "waiting")?,
                lapses,
            })
        })
        .collect()
}

/// Does somebody else wait for a time of this post?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn has_others(
    connection: &mut Connection,
    post: &PostId,
    but: &AppointmentId,
) -> Result<bool, StoreError> {
    let found: Option<(i64,)> =
        sqlx::query_as("select lapses from waiting where post_id = $1 and appointment_id <> $2 limit 1")
            .bind(post.as_str())
            .bind(but.as_str())
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

/// Counts an offer that he let lapse.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn lapse(connection: &mut Connection, appointment: &AppointmentId) -> Result<(), StoreError> {
    sqlx::query("update waiting set lapses = lapses + 1 where appointment_id = $1")
        .bind(appointment.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Does this appointment stand on the list?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn has(connection: &mut Connection, appointment: &AppointmentId) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as("select lapses from waiting where appointment_id = $1")
        .bind(appointment.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}
