//! Rows of freed times and of the offers made of them: a time rests, is offered to one who waits after the other, and is
//! open to all at last.
//!
//! While a time rests or is offered, its cells stay claimed: by whoever gave it up, then by whoever is offered it.

use domain::diary::Slot;
use domain::id::{AppointmentId, FreedId, PostId};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// Where a freed time stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreedState {
    /// Nobody is offered it yet.
    Resting,
    /// It is offered to its keeper.
    Offered,
    /// Over: taken, open to all, or not offered any more.
    Over,
}

impl FreedState {
    const fn code(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Offered => "offered",
            Self::Over => "over",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Resting, Self::Offered, Self::Over].into_iter().find(|state| state.code() == code)
    }
}

/// A freed time as it stands.
#[derive(Debug, Clone)]
pub struct FreedRow {
    /// Which.
    pub id: FreedId,
    /// Whose.
    pub post: PostId,
    /// When.
    pub slot: Slot,
    /// When it wakes, or the offer lapses.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: FreedState,
    /// By whom its cells are claimed.
    pub keeper: AppointmentId,
}

type Columns = (String, String, i64, i64, i64, String, String);

fn row(columns: Columns) -> Result<FreedRow, StoreError> {
    let (id, post, starts, ends, due, state, keeper) = columns;
    let slot = Slot::new(instant(starts, "freed")?, instant(ends, "freed")?);
    Ok(FreedRow {
        id: sound(FreedId::parse(&id).ok(), "freed", "id")?,
        post: sound(PostId::parse(&post).ok(), "freed", "post")?,
        slot: sound(slot.ok(), "freed", "slot")?,
        due_at: instant(due, "freed")?,
        state: sound(FreedState::from_code(&state), "freed", "state")?,
        keeper: sound(AppointmentId::parse(&keeper).ok(), "freed", "keeper")?,
    })
}

/// Writes a freed time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &FreedRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into freed (id, post_id, starts_at_ms, ends_at_ms, closes_at_ms, due_at_ms, state, keeper_id) \
         values ($1, $2, $3, $4, $3, $5, $6, $7)",
    )
    .bind(row.id.as_str())
    .bind(row.post.as_str())
    .bind(row.slot.start().as_millisecond())
    .bind(row.slot.end().as_millisecond())
    .bind(row.due_at.as_millisecond())
    .bind(row.state.code())
    .bind(row.keeper.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes where it stands now, if it still stands as it was read.
///
/// * returns: `false` when another was faster.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update(connection: &mut Connection, was: &FreedRow, now: &FreedRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update freed set due_at_ms = $2, state = $3, keeper_id = $4 \
         where id = $1 and state = $5 and keeper_id = $6 and state <> 'over'",
    )
    .bind(was.id.as_str())
    .bind(now.due_at.as_millisecond())
    .bind(now.state.code())
    .bind(now.keeper.as_str())
    .bind(was.state.code())
    .bind(was.keeper.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The times that wake now or whose offer has lapsed, the longest due first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn due(
    connection: &mut Connection,
    now: Timestamp,
    count: i64,
) -> Result<Vec<FreedRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, due_at_ms, state, keeper_id from freed \
         where state in ('resting', 'offered') and due_at_ms <= $1 order by due_at_ms, id limit $2",
    )
    .bind(now.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row).collect()
}

/// All times that rest or are offered.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn open(connection: &mut Connection) -> Result<Vec<FreedRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, due_at_ms, state, keeper_id from freed \
         where state in ('resting', 'offered') order by id",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row).collect()
}

/// The time that an appointment is offered now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn offered_to(
    connection: &mut Connection,
    appointment: &AppointmentId,
    now: Timestamp,
) -> Result<Option<FreedRow>, StoreError> {
    let found: Option<Columns> = sqlx::query_as(
        "select id, post_id, starts_at_ms, ends_at_ms, due_at_ms, state, keeper_id from freed \
         where keeper_id = $1 and state = 'offered' and due_at_ms > $2 order by starts_at_ms limit 1",
    )
    .bind(appointment.as_str())
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    found.map(row).transpose()
}

/// Whatever is offered to an appointment goes to the next in the coming round: it has ended, or has a time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn pass_on(
    connection: &mut Connection,
    appointment: &AppointmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update freed set due_at_ms = $2 where keeper_id = $1 and state = 'offered' and due_at_ms > $2",
    )
    .bind(appointment.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes an offer.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_offer(
    connection: &mut Connection,
    (freed, appointment): (&FreedId, &AppointmentId),
    until: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("insert into offer (freed_id, appointment_id, until_ms) values ($1, $2, $3)")
        .bind(freed.as_str())
        .bind(appointment.as_str())
        .bind(until.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Closes the offer that waits: `taken`, `refused` or `lapsed`. `false` when it was closed before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn close_offer(
    connection: &mut Connection,
    (freed, appointment): (&FreedId, &AppointmentId),
    answer: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update offer set answer = $3 where freed_id = $1 and appointment_id = $2 and answer is null",
    )
    .bind(freed.as_str())
    .bind(appointment.as_str())
    .bind(answer)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Those who were offered this time before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn asked(connection: &mut Connection, freed: &FreedId) -> Result<Vec<AppointmentId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as("select appointment_id from offer where freed_id = $1")
        .bind(freed.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(|(id,)| sound(AppointmentId::parse(&id).ok(), "offer", "appointment")).collect()
}
