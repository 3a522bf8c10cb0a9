//! Rows of displaced appointments: whom an absence took a time from, and how he stood before.

use domain::diary::{AppointmentState, Slot};
use domain::id::{AbsenceId, AppointmentId};
use jiff::Timestamp;

use super::claim::Claimant;
use super::{Connection, StoreError, Tx, batch, instant, sound};

/// One displaced appointment.
#[derive(Debug, Clone)]
pub struct DisplacedRow {
    /// Which.
    pub appointment: AppointmentId,
    /// How it stood before.
    pub state: AppointmentState,
    /// The time that fell.
    pub was: Slot,
    /// Its version right after the act.
    pub version: i64,
    /// When the citizen said that the new time suits him.
    pub answered_at: Option<Timestamp>,
}

type Columns = (String, String, i64, i64, i64, Option<i64>);

fn row(columns: Columns) -> Result<DisplacedRow, StoreError> {
    let (appointment, state, starts, ends, version, answered) = columns;
    let was = Slot::new(instant(starts, "displaced")?, instant(ends, "displaced")?);
    Ok(DisplacedRow {
        appointment: sound(AppointmentId::parse(&appointment).ok(), "displaced", "appointment")?,
        state: sound(AppointmentState::from_code(&state), "displaced", "state")?,
        was: sound(was.ok(), "displaced", "slot")?,
        version,
        answered_at: answered.map(|ms| instant(ms, "displaced")).transpose()?,
    })
}

/// Writes whom an absence displaced.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_many(
    connection: &mut Connection,
    absence: &AbsenceId,
    rows: &[DisplacedRow],
) -> Result<(), StoreError> {
    let types = ["text", "text", "bigint", "bigint", "bigint"];
    for rows in rows.chunks(batch::ROWS_MAX) {
        let values = batch::rows(rows.len(), &types, 2);
        let text = format!(
            "insert into displaced (absence_id, appointment_id, state, starts_at_ms, ends_at_ms, version) \
             select cast($1 as text), v.column1, v.column2, v.column3, v.column4, v.column5 \
             from (values {values}) as v where true on conflict (absence_id, appointment_id) do update \
             set version = excluded.version, answered_at_ms = null",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(absence.as_str());
        for row in rows {
            query = query
                .bind(row.appointment.as_str())
                .bind(row.state.code())
                .bind(row.was.start().as_millisecond())
                .bind(row.was.end().as_millisecond())
                .bind(row.version);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Whom an absence displaced, by the time that fell.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_absence(
    connection: &mut Connection,
    absence: &AbsenceId,
) -> Result<Vec<DisplacedRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select appointment_id, state, starts_at_ms, ends_at_ms, version, answered_at_ms from displaced \
         where absence_id = $1 order by starts_at_ms, appointment_id",
    )
    .bind(absence.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row).collect()
}

/// The last time that fell for an appointment, with its absence, while that absence stands.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn last_of(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<(AbsenceId, DisplacedRow)>, StoreError> {
    type WithAbsence = (String, String, String, i64, i64, i64, Option<i64>);
    let found: Option<WithAbsence> = sqlx::query_as(
        "select d.absence_id, d.appointment_id, d.state, d.starts_at_ms, d.ends_at_ms, d.version, d.answered_at_ms \
         from displaced d join absence a on a.id = d.absence_id \
         where d.appointment_id = $1 and a.state = 'standing' order by a.created_at_ms desc, d.version desc limit 1",
    )
    .bind(appointment.as_str())
    .fetch_optional(connection)
    .await?;
    found
        .map(|(absence, id, state, starts, ends, version, answered)| {
            let absence = sound(AbsenceId::parse(&absence).ok(), "displaced", "absence")?;
            Ok((absence, row((id, state, starts, ends, version, answered))?))
        })
        .transpose()
}

/// The citizen says that his new time suits him.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn answer(
    connection: &mut Connection,
    (absence, appointment): (&AbsenceId, &AppointmentId),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update displaced set answered_at_ms = $3 \
         where absence_id = $1 and appointment_id = $2 and answered_at_ms is null",
    )
    .bind(absence.as_str())
    .bind(appointment.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the holds of a post that touch an absence, and gives their cells back: nobody can book them any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end_holds(
    tx: &mut Tx,
    who: &Claimant,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.touch_diary(&who.post, who.person_at(from).as_ref());
    let post = &who.post;
    let held = "select id from appointment where post_id = $1 and state = 'held' \
                and starts_at_ms < $3 and ends_at_ms > $2";
    let text = format!("delete from claim_cell where appointment_id in ({held})");
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(post.as_str())
        .bind(from.as_millisecond())
        .bind(to.as_millisecond())
        .execute(&mut **tx)
        .await?;
    let done = sqlx::query(
        "update appointment set state = 'expired', hold_expires_at_ms = $4, updated_at_ms = $4, \
         version = version + 1 where post_id = $1 and state = 'held' and starts_at_ms < $3 and ends_at_ms > $2",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(now.as_millisecond())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
