//! Claims: one row a five-minute cell, unique for the post and for the person who holds it.
//!
//! The database decides every race here. Never a check followed by an insert.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::{CELL_MINUTES, Cell, Slot};
use domain::id::{AppointmentId, PersonId, PostId};
use domain::office::{Incumbency, holder_at};
use jiff::Timestamp;

use super::{Connection, StoreError, Tx, batch, instant, sound};

/// Whose minutes are claimed: those of a post, and of whoever holds it at that time.
///
/// Two posts of one person share his minutes; a charge that is handed over takes the post's later minutes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The post.
    pub post: PostId,
    /// Who holds it when.
    pub history: Vec<Incumbency>,
}

impl Claimant {
    /// Who holds the post at that time.
    #[must_use]
    pub fn person_at(&self, at: Timestamp) -> Option<PersonId> {
        holder_at(&self.history, &self.post, at).map(|held| held.person)
    }

    /// Whoever holds the post at some time between the two.
    #[must_use]
    pub fn persons_between(&self, from: Timestamp, to: Timestamp) -> BTreeSet<PersonId> {
        let starts = self.history.iter().map(|row| row.starts_at).filter(|at| from < *at && *at < to);
        std::iter::once(from).chain(starts).filter_map(|at| self.person_at(at)).collect()
    }
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
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "delete from claim_cell where cell >= $1 and cell < $2 and expires_at_ms <= $3 \
         and (post_id = $4 or person_id = $5)",
    )
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(now.as_millisecond())
    .bind(who.post.as_str())
    .bind(who.person_at(slot.start()).as_ref().map(PersonId::as_str))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Claims every cell of `slot` for `appointment` in one statement, or none that counts.
///
/// * `until`: when the claim lapses; `None` for one that stays.
/// * returns: `false` when any cell was taken. The transaction must then be dropped.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn claim(
    tx: &mut Tx,
    who: &Claimant,
    wanted: (&AppointmentId, Slot, Option<Timestamp>),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (_, slot, _) = wanted;
    tx.touch_diary(&who.post, who.person_at(slot.start()).as_ref());
    let cells = slot.cells().count() as u64;
    if insert(tx, who, wanted).await? == cells {
        return Ok(true);
    }
    // Somebody's lapsed hold may be all that stands in the way.
    if drop_lapsed(tx, who, slot, now).await? == 0 {
        return Ok(false);
    }
    release(tx, who, wanted.0, slot).await?;
    Ok(insert(tx, who, wanted).await? == cells)
}

/// * returns: how many cells it got.
async fn insert(
    connection: &mut Connection,
    who: &Claimant,
    (appointment, slot, until): (&AppointmentId, Slot, Option<Timestamp>),
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "with recursive cells(cell) as (\
           select cast($4 as bigint) union all select cell + 1 from cells where cell + 1 < $5) \
         insert into claim_cell (post_id, cell, person_id, appointment_id, expires_at_ms) \
         select $1, cell, $2, $3, $6 from cells where true on conflict do nothing",
    )
    .bind(who.post.as_str())
    .bind(who.person_at(slot.start()).as_ref().map(PersonId::as_str))
    .bind(appointment.as_str())
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(until.map(Timestamp::as_millisecond))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Claims many slots for their appointments, for good, in few statements.
///
/// * returns: those that got every cell of theirs. What another got in part is given back, or the transaction dropped.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn claim_many(
    tx: &mut Tx,
    who: &Claimant,
    wanted: &[(AppointmentId, Slot)],
    now: Timestamp,
) -> Result<BTreeSet<AppointmentId>, StoreError> {
    let cells = cells_of(tx, who, wanted);
    let first = wanted.iter().map(|(_, slot)| first_cell(slot.start())).min();
    let last = wanted.iter().map(|(_, slot)| first_cell(slot.end())).max();
    let Some((from, to)) = first.zip(last) else { return Ok(BTreeSet::new()) };
    // A lapsed claim of the post, or of whoever holds it, stands in nobody's way.
    let persons: BTreeSet<&PersonId> = cells.iter().filter_map(|(_, _, person)| person.as_ref()).collect();
    let text = format!(
        "delete from claim_cell where cell >= $1 and cell < $2 and expires_at_ms <= $3 \
         and (post_id = $4 or person_id in ({}))",
        batch::places(persons.len(), 5),
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(from)
        .bind(to)
        .bind(now.as_millisecond())
        .bind(who.post.as_str());
    for person in persons {
        query = query.bind(person.as_str());
    }
    query.execute(&mut **tx).await?;
    let mut got: BTreeMap<String, usize> = BTreeMap::new();
    for cells in cells.chunks(batch::ROWS_MAX) {
        let values = batch::rows(cells.len(), &["text", "bigint", "text"], 2);
        let text = format!(
            "insert into claim_cell (post_id, cell, person_id, appointment_id, expires_at_ms) \
             select cast($1 as text), v.column2, v.column3, v.column1, null from (values {values}) as v \
             where true on conflict do nothing returning appointment_id",
        );
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(who.post.as_str());
        for (id, cell, person) in cells {
            query = query.bind(id.as_str()).bind(cell.0).bind(person.as_ref().map(PersonId::as_str));
        }
        let rows: Vec<(String,)> = query.fetch_all(&mut **tx).await?;
        for (id,) in rows {
            *got.entry(id).or_default() += 1;
        }
    }
    let whole = |(id, slot): &&(AppointmentId, Slot)| got.get(id.as_str()) == Some(&slot.cells().count());
    Ok(wanted.iter().filter(whole).map(|(id, _)| id.clone()).collect())
}

/// Each cell of these slots, with its appointment and whoever holds the post then; the diaries are marked.
fn cells_of<'a>(
    tx: &mut Tx,
    who: &Claimant,
    slots: &'a [(AppointmentId, Slot)],
) -> Vec<(&'a AppointmentId, Cell, Option<PersonId>)> {
    let mut cells = Vec::with_capacity(slots.len() * 3);
    for (id, slot) in slots {
        let person = who.person_at(slot.start());
        tx.touch_diary(&who.post, person.as_ref());
        cells.extend(slot.cells().map(|cell| (id, cell, person.clone())));
    }
    cells
}

/// Gives cells of many slots of a post back, each its appointment's own.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn release_many(
    tx: &mut Tx,
    who: &Claimant,
    slots: &[(AppointmentId, Slot)],
) -> Result<(), StoreError> {
    let cells = cells_of(tx, who, slots);
    for cells in cells.chunks(batch::ROWS_MAX) {
        let values = batch::rows(cells.len(), &["text", "bigint"], 2);
        let text = format!(
            "delete from claim_cell where post_id = $1 and (appointment_id, cell) in (values {values})",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(who.post.as_str());
        for (id, cell, _) in cells {
            query = query.bind(id.as_str()).bind(cell.0);
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// All claims there are, by appointment: for whoever checks the house.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all(
    connection: &mut Connection,
) -> Result<Vec<(AppointmentId, PostId, Cell, Option<i64>)>, StoreError> {
    let rows: Vec<(String, String, i64, Option<i64>)> = sqlx::query_as(
        "select appointment_id, post_id, cell, expires_at_ms from claim_cell order by appointment_id, cell",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, post, cell, until)| {
            let id = sound(AppointmentId::parse(&id).ok(), "claim_cell", "appointment")?;
            Ok((id, sound(PostId::parse(&post).ok(), "claim_cell", "post")?, Cell(cell), until))
        })
        .collect()
}

/// Makes the claim of an appointment on one slot stay.
///
/// * returns: how many of its cells it holds; fewer than the slot has means that it was lost.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keep(
    tx: &mut Tx,
    who: &Claimant,
    (appointment, slot): (&AppointmentId, Slot),
) -> Result<u64, StoreError> {
    // No diary is marked: the cells were taken before, and a diary that knows when they would have lapsed reads them again.
    let done = sqlx::query(
        "update claim_cell set expires_at_ms = null \
         where appointment_id = $1 and cell >= $2 and cell < $3 and post_id = $4",
    )
    .bind(appointment.as_str())
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(who.post.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Lends the cells of a slot from one appointment to another, or to itself, until a moment.
///
/// * returns: how many cells there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn lend(
    tx: &mut Tx,
    who: &Claimant,
    (from, slot): (&AppointmentId, Slot),
    (to, until): (&AppointmentId, Timestamp),
) -> Result<u64, StoreError> {
    tx.touch_diary(&who.post, who.person_at(slot.start()).as_ref());
    let done = sqlx::query(
        "update claim_cell set appointment_id = $5, expires_at_ms = $6 \
         where appointment_id = $1 and cell >= $2 and cell < $3 and post_id = $4",
    )
    .bind(from.as_str())
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(who.post.as_str())
    .bind(to.as_str())
    .bind(until.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}

/// Gives the cells of one slot of an appointment back.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn release(
    tx: &mut Tx,
    who: &Claimant,
    appointment: &AppointmentId,
    slot: Slot,
) -> Result<(), StoreError> {
    tx.touch_diary(&who.post, who.person_at(slot.start()).as_ref());
    sqlx::query(
        "delete from claim_cell where appointment_id = $1 and cell >= $2 and cell < $3 and post_id = $4",
    )
    .bind(appointment.as_str())
    .bind(first_cell(slot.start()))
    .bind(first_cell(slot.end()))
    .bind(who.post.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The taken cells of a post and of whoever holds it between two instants, lapsed holds left out, each with the moment
/// at which it lapses.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn taken(
    connection: &mut Connection,
    who: &Claimant,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<BTreeMap<Cell, Option<Timestamp>>, StoreError> {
    let mut taken = BTreeMap::new();
    let persons = who.persons_between(from, to).into_iter();
    // What a person does in this very post is among the cells of the post.
    let persons = persons.map(|person| ("person_id = $1 and post_id <> $5", person.to_string()));
    let of_post = ("post_id = $1 and post_id = $5", who.post.to_string());
    for (whose, id) in std::iter::once(of_post).chain(persons) {
        let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "select cell, expires_at_ms from claim_cell where {whose} and cell >= $2 and cell < $3 \
             and (expires_at_ms is null or expires_at_ms > $4)"
        )))
        .bind(id)
        .bind(first_cell(from))
        .bind(first_cell(to) + 1)
        .bind(now.as_millisecond())
        .bind(who.post.as_str())
        .fetch_all(&mut *connection)
        .await?;
        for (cell, ms) in rows {
            taken.insert(Cell(cell), ms.map(|ms| instant(ms, "claim_cell")).transpose()?);
        }
    }
    Ok(taken)
}
