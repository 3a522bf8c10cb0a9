//! Rows of what terminals found out about themselves, and of the days on which they were asked.

use std::collections::BTreeMap;

use domain::id::TerminalId;
use domain::terminal_check::{Opening, Report};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Connection, StoreError, instant, sound};

/// A report as it stands, and since when the reports of its terminal are red.
pub type Found = (Report, Option<Timestamp>);

/// A day on which terminals were asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayRow {
    /// When the morning's check began.
    pub morning_at: Option<Timestamp>,
    /// When somebody asked for one last.
    pub asked_at: Option<Timestamp>,
    /// When the mail of the day was laid into the outbox, or nothing was red.
    pub mailed_at: Option<Timestamp>,
}

impl DayRow {
    /// Since when a report is wanted.
    #[must_use]
    pub fn wanted_since(&self) -> Option<Timestamp> {
        self.morning_at.max(self.asked_at)
    }
}

#[derive(sqlx::FromRow)]
struct Columns {
    terminal_id: String,
    at_ms: i64,
    camera: String,
    microphone: String,
    loudest_db: Option<i64>,
    has_speaker: i64,
    may_sound: i64,
    is_line_up: i64,
    is_page_current: i64,
    clock_ahead_ms: i64,
    round_trip_ms: i64,
    red_since_ms: Option<i64>,
}

const TABLE: &str = "terminal_check";
const SELECT: &str = "select terminal_id, at_ms, camera, microphone, loudest_db, has_speaker, may_sound, is_line_up, \
    is_page_current, clock_ahead_ms, round_trip_ms, red_since_ms from terminal_check";

impl TryFrom<Columns> for (TerminalId, Found) {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        let loudest =
            row.loudest_db.map(|db| sound(i8::try_from(db).ok(), TABLE, "loudest_db")).transpose()?;
        let report = Report {
            at: instant(row.at_ms, TABLE)?,
            camera: sound(Opening::from_code(&row.camera), TABLE, "camera")?,
            microphone: sound(Opening::from_code(&row.microphone), TABLE, "microphone")?,
            loudest_db: loudest,
            has_speaker: row.has_speaker != 0,
            may_sound: row.may_sound != 0,
            is_line_up: row.is_line_up != 0,
            is_page_current: row.is_page_current != 0,
            clock_ahead: SignedDuration::from_millis(row.clock_ahead_ms),
            round_trip: SignedDuration::from_millis(row.round_trip_ms),
        };
        let red_since = row.red_since_ms.map(|ms| instant(ms, TABLE)).transpose()?;
        Ok((sound(TerminalId::parse(&row.terminal_id).ok(), TABLE, "terminal_id")?, (report, red_since)))
    }
}

/// The day's row; an empty one when nobody was asked.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_day(connection: &mut Connection, day: Date) -> Result<DayRow, StoreError> {
    let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = sqlx::query_as(
        "select morning_at_ms, asked_at_ms, mailed_at_ms from terminal_check_day where day = $1",
    )
    .bind(day.to_string())
    .fetch_optional(connection)
    .await?;
    let time = |ms: Option<i64>| ms.map(|ms| instant(ms, "terminal_check_day")).transpose();
    let Some((morning, asked, mailed)) = row else { return Ok(DayRow::default()) };
    Ok(DayRow { morning_at: time(morning)?, asked_at: time(asked)?, mailed_at: time(mailed)? })
}

/// The morning's check of this day begins now.
///
/// * returns: `false` when it had begun before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn begin(connection: &mut Connection, day: Date, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into terminal_check_day (day, morning_at_ms) values ($1, $2) \
         on conflict (day) do update set morning_at_ms = excluded.morning_at_ms \
         where terminal_check_day.morning_at_ms is null",
    )
    .bind(day.to_string())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody asks now.
///
/// * returns: `false` when it was asked since `before`: that one counts.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ask(
    connection: &mut Connection,
    day: Date,
    (now, before): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into terminal_check_day (day, asked_at_ms) values ($1, $2) \
         on conflict (day) do update set asked_at_ms = excluded.asked_at_ms \
         where terminal_check_day.asked_at_ms is null or terminal_check_day.asked_at_ms <= $3",
    )
    .bind(day.to_string())
    .bind(now.as_millisecond())
    .bind(before.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The mail of this day is settled now.
///
/// * returns: `false` when it was before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn settle_mail(connection: &mut Connection, day: Date, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update terminal_check_day set mailed_at_ms = $2 where day = $1 and mailed_at_ms is null",
    )
    .bind(day.to_string())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The newest report of a terminal, of whatever day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn last(connection: &mut Connection, id: &TerminalId) -> Result<Option<Found>, StoreError> {
    let sql = format!("{SELECT} where terminal_id = $1 order by day desc limit 1");
    let row: Option<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).fetch_optional(connection).await?;
    Ok(row.map(<(TerminalId, Found)>::try_from).transpose()?.map(|(_, found)| found))
}

/// The report of each terminal on this day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn all_of_day(
    connection: &mut Connection,
    day: Date,
) -> Result<BTreeMap<TerminalId, Found>, StoreError> {
    let sql = format!("{SELECT} where day = $1");
    let rows: Vec<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(day.to_string()).fetch_all(connection).await?;
    rows.into_iter().map(<(TerminalId, Found)>::try_from).collect()
}

/// Writes a report down, in the place of an earlier one of this day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn put(
    connection: &mut Connection,
    (id, day): (&TerminalId, Date),
    (report, red_since): (&Report, Option<Timestamp>),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into terminal_check (terminal_id, day, at_ms, camera, microphone, loudest_db, has_speaker, may_sound, \
         is_line_up, is_page_current, clock_ahead_ms, round_trip_ms, red_since_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         on conflict (terminal_id, day) do update set at_ms = excluded.at_ms, camera = excluded.camera, \
         microphone = excluded.microphone, loudest_db = excluded.loudest_db, has_speaker = excluded.has_speaker, \
         may_sound = excluded.may_sound, is_line_up = excluded.is_line_up, \
         is_page_current = excluded.is_page_current, clock_ahead_ms = excluded.clock_ahead_ms, \
         round_trip_ms = excluded.round_trip_ms, red_since_ms = excluded.red_since_ms",
    )
    .bind(id.as_str())
    .bind(day.to_string())
    .bind(report.at.as_millisecond())
    .bind(report.camera.code())
    .bind(report.microphone.code())
    .bind(report.loudest_db.map(i64::from))
    .bind(i64::from(report.has_speaker))
    .bind(i64::from(report.may_sound))
    .bind(i64::from(report.is_line_up))
    .bind(i64::from(report.is_page_current))
    .bind(milliseconds(report.clock_ahead))
    .bind(milliseconds(report.round_trip))
    .bind(red_since.map(Timestamp::as_millisecond))
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what is older than this day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn forget(connection: &mut Connection, before: Date) -> Result<(), StoreError> {
    for sql in ["delete from terminal_check where day < $1", "delete from terminal_check_day where day < $1"]
    {
        sqlx::query(sql).bind(before.to_string()).execute(&mut *connection).await?;
    }
    Ok(())
}

fn milliseconds(length: SignedDuration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
