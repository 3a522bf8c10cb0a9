//! Rows of reports: of abuse, and of money that was asked for.

use domain::id::{AppointmentId, PostId, ReportId};
use domain::report::{Abuse, ReportKind};
use domain::text::{Noting, Remark};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A report.
#[derive(Debug, Clone)]
pub struct ReportRow {
    /// Its identity.
    pub id: ReportId,
    /// Of what.
    pub kind: ReportKind,
    /// The appointment.
    pub appointment: AppointmentId,
    /// The office that reports, or the one that is complained of.
    pub about: PostId,
    /// The post that reads it.
    pub to: PostId,
    /// Which kind of abuse.
    pub reason: Option<Abuse>,
    /// In the words of whoever reports.
    pub text: Option<Remark>,
    /// What the reader answered.
    pub note: Option<Noting>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

const TABLE: &str = "report";
const COLUMNS: &str = "id, kind, appointment_id, about_post_id, to_post_id, reason, text, note, created_at_ms, \
     answered_at_ms";

type Columns = (
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    Option<i64>,
);

fn row_of(columns: Columns) -> Result<ReportRow, StoreError> {
    let (id, kind, appointment, about, to, reason, text, note, created, answered) = columns;
    let post = |id: String| sound(PostId::parse(&id).ok(), TABLE, "post");
    Ok(ReportRow {
        id: sound(ReportId::parse(&id).ok(), TABLE, "id")?,
        kind: sound(ReportKind::from_code(&kind), TABLE, "kind")?,
        appointment: sound(AppointmentId::parse(&appointment).ok(), TABLE, "appointment")?,
        about: post(about)?,
        to: post(to)?,
        reason: reason.map(|code| sound(Abuse::from_code(&code), TABLE, "reason")).transpose()?,
        text: text.map(|text| sound(Remark::parse(&text).ok(), TABLE, "text")).transpose()?,
        note: note.map(|text| sound(Noting::parse(&text).ok(), TABLE, "note")).transpose()?,
        created_at: instant(created, TABLE)?,
        answered_at: answered.map(|ms| instant(ms, TABLE)).transpose()?,
    })
}

/// Writes a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &ReportRow) -> Result<(), StoreError> {
    sqlx::query(
        "insert into report (id, kind, appointment_id, about_post_id, to_post_id, reason, text, state, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, 'open', $8)",
    )
    .bind(row.id.as_str())
    .bind(row.kind.code())
    .bind(row.appointment.as_str())
    .bind(row.about.as_str())
    .bind(row.to.as_str())
    .bind(row.reason.map(Abuse::code))
    .bind(row.text.as_ref().map(Remark::as_str))
    .bind(row.created_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// One report.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &ReportId) -> Result<Option<ReportRow>, StoreError> {
    let text = format!("select {COLUMNS} from report where id = $1");
    let row: Option<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id.as_str()).fetch_optional(connection).await?;
    row.map(row_of).transpose()
}

/// The reports about one appointment of one kind, the latest last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(
    connection: &mut Connection,
    (appointment, kind): (&AppointmentId, ReportKind),
) -> Result<Vec<ReportRow>, StoreError> {
    let text = format!("select {COLUMNS} from report where appointment_id = $1 and kind = $2 order by id");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(appointment.as_str()).bind(kind.code());
    let rows: Vec<Columns> = query.fetch_all(connection).await?;
    rows.into_iter().map(row_of).collect()
}

/// What a post is to read: unanswered ones first, then the latest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn to(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<ReportRow>, StoreError> {
    let text = format!(
        "select {COLUMNS} from report where to_post_id = $1 \
         order by case state when 'open' then 0 else 1 end, created_at_ms desc, id limit $2"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(post.as_str()).bind(count);
    let rows: Vec<Columns> = query.fetch_all(connection).await?;
    rows.into_iter().map(row_of).collect()
}

/// Answers a report. `false` when it was answered before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn answer(
    connection: &mut Connection,
    (id, note): (&ReportId, &Noting),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update report set state = 'answered', note = $2, answered_at_ms = $3 where id = $1 and state = 'open'",
    )
    .bind(id.as_str())
    .bind(note.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
