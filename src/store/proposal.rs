//! Rows of proposals: the times, one to three, that a desk offers a citizen.

use std::collections::BTreeMap;

use domain::diary::Slot;
use domain::id::{AppointmentId, PostId};

use super::{Connection, StoreError, batch, instant, sound};

fn slot(starts: i64, ends: i64) -> Result<Slot, StoreError> {
    sound(Slot::new(instant(starts, "proposal")?, instant(ends, "proposal")?).ok(), "proposal", "slot")
}

/// Writes what is on offer now, in place of what was.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    appointment: &AppointmentId,
    offered: &[Slot],
) -> Result<(), StoreError> {
    sqlx::query("delete from proposal where appointment_id = $1")
        .bind(appointment.as_str())
        .execute(&mut *connection)
        .await?;
    if offered.is_empty() {
        return Ok(());
    }
    let values = batch::rows(offered.len(), &["bigint", "bigint"], 2);
    let text = format!(
        "insert into proposal (appointment_id, starts_at_ms, ends_at_ms) \
         select cast($1 as text), v.column1, v.column2 from (values {values}) as v",
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(appointment.as_str());
    for slot in offered {
        query = query.bind(slot.start().as_millisecond()).bind(slot.end().as_millisecond());
    }
    query.execute(connection).await?;
    Ok(())
}

/// What is on offer for one appointment, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(connection: &mut Connection, appointment: &AppointmentId) -> Result<Vec<Slot>, StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select starts_at_ms, ends_at_ms from proposal where appointment_id = $1 order by starts_at_ms",
    )
    .bind(appointment.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(starts, ends)| slot(starts, ends)).collect()
}

/// What is on offer from one post, by appointment and time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_post(
    connection: &mut Connection,
    post: &PostId,
) -> Result<BTreeMap<AppointmentId, Vec<Slot>>, StoreError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select p.appointment_id, p.starts_at_ms, p.ends_at_ms from proposal p \
         join appointment a on a.id = p.appointment_id where a.post_id = $1 and a.state = 'proposed' \
         order by p.appointment_id, p.starts_at_ms",
    )
    .bind(post.as_str())
    .fetch_all(connection)
    .await?;
    let mut offered: BTreeMap<AppointmentId, Vec<Slot>> = BTreeMap::new();
    for (id, starts, ends) in rows {
        let id = sound(AppointmentId::parse(&id).ok(), "proposal", "appointment")?;
        offered.entry(id).or_default().push(slot(starts, ends)?);
    }
    Ok(offered)
}
