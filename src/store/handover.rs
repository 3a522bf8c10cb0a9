//! A post that changes hands: what its claims say of whoever holds it when.
//!
//! A claim names the person whose minutes it takes. When the holder changes, claims of times to come are his successor's,
//! unless one of his other posts has those minutes: such a claim keeps the post's cell and nobody's, and is told.

use domain::diary::Cell;
use domain::id::{AppointmentId, PersonId, PostId};
use jiff::Timestamp;

use super::claim::Claimant;
use super::{Connection, StoreError, Tx, sound};

/// A stretch of time in which one person, or nobody, holds a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// First cell.
    pub from: Cell,
    /// First cell after; none for ever.
    pub to: Option<Cell>,
    /// Who.
    pub person: Option<PersonId>,
}

impl Stretch {
    fn to(&self) -> i64 {
        self.to.map_or(i64::MAX, |cell| cell.0)
    }
}

/// Who holds a post from an instant on, one after the other.
#[must_use]
pub fn stretches(who: &Claimant, from: Timestamp) -> Vec<Stretch> {
    let mut starts: Vec<Timestamp> = who.history.iter().map(|row| row.starts_at).collect();
    starts.retain(|at| *at > from);
    starts.push(from);
    starts.sort_unstable();
    starts.dedup();
    let cell = |at: Timestamp| Cell::of(at);
    let ends = starts.iter().skip(1).map(|at| Some(cell(*at))).chain([None]);
    let stretch = |(from, to): (&Timestamp, Option<Cell>)| Stretch {
        from: cell(*from),
        to,
        person: who.person_at(*from),
    };
    starts.iter().zip(ends).map(stretch).collect()
}

/// Makes the claims of a post in a stretch those of whoever holds it then.
///
/// * returns: the cells that he has elsewhere, with their appointments here; they are nobody's now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn realign(
    tx: &mut Tx,
    post: &PostId,
    stretch: &Stretch,
    now: Timestamp,
) -> Result<Vec<(AppointmentId, Cell)>, StoreError> {
    tx.touch_diary(post, stretch.person.as_ref());
    let Some(person) = &stretch.person else {
        sqlx::query(
            "update claim_cell set person_id = null \
             where post_id = $1 and cell >= $2 and cell < $3 and person_id is not null",
        )
        .bind(post.as_str())
        .bind(stretch.from.0)
        .bind(stretch.to())
        .execute(&mut **tx)
        .await?;
        return Ok(Vec::new());
    };
    for text in [
        // What has lapsed stands in nobody's way.
        "delete from claim_cell where person_id = $4 and post_id <> $1 and cell >= $2 and cell < $3 \
         and expires_at_ms <= $5",
        "update claim_cell set person_id = $4 where post_id = $1 and cell >= $2 and cell < $3 \
         and (person_id is null or person_id <> $4) and cast($5 as bigint) > 0 and not exists \
         (select 1 from claim_cell o where o.person_id = $4 and o.cell = claim_cell.cell)",
        "update claim_cell set person_id = null where post_id = $1 and cell >= $2 and cell < $3 \
         and person_id <> $4 and cast($5 as bigint) > 0",
    ] {
        sqlx::query(text)
            .bind(post.as_str())
            .bind(stretch.from.0)
            .bind(stretch.to())
            .bind(person.as_str())
            .bind(now.as_millisecond())
            .execute(&mut **tx)
            .await?;
    }
    nobodys(tx, post, stretch).await
}

/// The claims of a post in a stretch that take nobody's minutes.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn nobodys(
    connection: &mut Connection,
    post: &PostId,
    stretch: &Stretch,
) -> Result<Vec<(AppointmentId, Cell)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select appointment_id, cell from claim_cell \
         where post_id = $1 and cell >= $2 and cell < $3 and person_id is null order by cell",
    )
    .bind(post.as_str())
    .bind(stretch.from.0)
    .bind(stretch.to())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, cell)| {
            Ok((sound(AppointmentId::parse(&id).ok(), "claim_cell", "appointment")?, Cell(cell)))
        })
        .collect()
}

/// Whether a claim of a post in a stretch names somebody who does not hold it then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_behind(
    connection: &mut Connection,
    post: &PostId,
    stretch: &Stretch,
) -> Result<bool, StoreError> {
    let found: Option<(i64,)> = sqlx::query_as(
        "select cell from claim_cell where post_id = $1 and cell >= $2 and cell < $3 \
         and person_id is not null and person_id <> $4 limit 1",
    )
    .bind(post.as_str())
    .bind(stretch.from.0)
    .bind(stretch.to())
    .bind(stretch.person.as_ref().map_or("", PersonId::as_str))
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// The posts that change hands after an instant, each with the first time that it does.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn posts_after(
    connection: &mut Connection,
    since: Timestamp,
) -> Result<Vec<(PostId, Timestamp)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select post_id, min(starts_at_ms) from incumbency where starts_at_ms > $1 group by post_id order by post_id",
    )
    .bind(since.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, at)| {
            let post = sound(PostId::parse(&id).ok(), "incumbency", "post")?;
            Ok((post, super::instant(at, "incumbency")?))
        })
        .collect()
}

/// Whether there is such a person.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn knows_person(connection: &mut Connection, person: &PersonId) -> Result<bool, StoreError> {
    let found: Option<(String,)> = sqlx::query_as("select id from person where id = $1")
        .bind(person.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Whether this appointment of the house keeps the times of a draw.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn keeps_a_draw(connection: &mut Connection, id: &AppointmentId) -> Result<bool, StoreError> {
    let found: Option<(String,)> = sqlx::query_as("select id from draw where keeper_id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}
