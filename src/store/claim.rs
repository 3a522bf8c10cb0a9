//! Claims: one row a five-minute cell, unique for the post and for the person who holds it.
//!
//! The database decides every race here. Never a check followed by an insert.

use std::collections::BTreeSet;

use domain::diary::{CELL_MINUTES, Cell, Slot};
use domain::id::{AppointmentId, PersonId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError};

/// Whose minutes are claimed.
#[derive(Debug, Clone)]
pub struct Claimant {
    /// The post.
    pub post: PostId,
    /// The person who holds it now; two posts of one person share his minutes.
    pub person: Option<PersonId>,
}

fn first_cell(at: Timestamp) -> i64 {
    at.as_millisecond() / (CELL_MINUTES * 60_000)
}

/// Gives back what lapsed holds still keep of these minutes.
async fn drop_lapsed(
    connection: &mut Connection,
    who: &Claimant,
    slot: Slot,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from claim_cell where cell >= $1 and cell < $2 and expires_at_ms <= $3 \
         and (post_id = $4 or person_id = $5)",
    )
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(now.as_millisecond())
    .bind(who.post.as_str())
    .bind(who.person.as_ref().map(PersonId::as_str))
    .execute(connection)
    .await?;
    Ok(())
}

/// Claims every cell of `slot` for `appointment` in one statement, or none that counts.
///
/// * `until`: when the claim lapses; `None` for one that stays.
/// * returns: `false` when any cell was taken. The transaction must then be dropped.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn claim(
    connection: &mut Connection,
    who: &Claimant,
    wanted: (&AppointmentId, Slot, Option<Timestamp>),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (appointment, slot, until) = wanted;
    drop_lapsed(connection, who, slot, now).await?;
    let done = sqlx::query(
        "with recursive cells(cell) as (\
           select cast($4 as bigint) union all select cell + 1 from cells where cell + 1 < $5) \
         insert into claim_cell (post_id, cell, person_id, appointment_id, expires_at_ms) \
         select $1, cell, $2, $3, $6 from cells where true on conflict do nothing",
    )
    .bind(who.post.as_str())
    .bind(who.person.as_ref().map(PersonId::as_str))
    .bind(appointment.as_str())
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(until.map(Timestamp::as_millisecond))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == slot.cells().count() as u64)
}

/// Makes the claims of an appointment stay.
///
/// * returns: how many cells it holds; fewer than its slots have means that the hold was lost.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(connection: &mut Connection, appointment: &AppointmentId) -> Result<u64, StoreError> {
    let done = sqlx::query("update claim_cell set expires_at_ms = null where appointment_id = $1")
        .bind(appointment.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Gives the cells of one slot of an appointment back.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn release(
    connection: &mut Connection,
    appointment: &AppointmentId,
    slot: Slot,
) -> Result<(), StoreError> {
    sqlx::query("delete from claim_cell where appointment_id = $1 and cell >= $2 and cell < $3")
        .bind(appointment.as_str())
        .bind(first_cell(slot.start()))
        .bind(first_cell(slot.end()))
        .execute(connection)
        .await?;
    Ok(())
}

/// The taken cells of a post and of its holder between two instants, lapsed holds left out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn taken(
    connection: &mut Connection,
    who: &Claimant,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<BTreeSet<Cell>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "select cell from claim_cell where cell >= $1 and cell < $2 and (post_id = $3 or person_id = $4) \
         and (expires_at_ms is null or expires_at_ms > $5)",
    )
    .bind(first_cell(from))
    .bind(first_cell(to) + 1)
    .bind(who.post.as_str())
    .bind(who.person.as_ref().map(PersonId::as_str))
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(cell,)| Cell(cell)).collect())
}
