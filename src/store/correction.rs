//! Rows of corrections of attendance: what the office says beside what was measured, with who wrote it, when and why.

use domain::id::{MeetingId, PostId, UserId};
use domain::meeting::Guest;
use domain::meeting::attendance::{Correction, Ruling, Says, Statement};
use domain::text::Noting;
use jiff::Timestamp;

use super::meeting::{guest_code, guest_of};
use super::{Connection, StoreError, instant, sound};

/// A correction as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionRow {
    /// Number and ruling.
    pub rules: Correction,
    /// Why.
    pub reason: Noting,
    /// Whose login wrote it, and from which post.
    pub by: (UserId, PostId),
    /// When.
    pub at: Timestamp,
}

const TABLE: &str = "attendance_correction";
/// What stands in `evidence`: a person says so, nothing measured it.
const MANUAL: &str = "manual";

type Columns = (
    i64,
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    String,
    String,
    String,
    String,
    i64,
);

fn row_of(columns: Columns) -> Result<CorrectionRow, StoreError> {
    let (number, participant, says, from, to, takes_back, evidence, reason, user, post, at) = columns;
    let count = |number: i64| sound(u32::try_from(number).ok(), TABLE, "number");
    let ruling = match (takes_back, participant, says, from, to) {
        (Some(number), None, None, None, None) => Ruling::TakesBack(count(number)?),
        (None, Some(participant), Some(says), Some(from), Some(to)) => Ruling::States(Statement {
            guest: sound::<Guest>(guest_of(&participant), TABLE, "participant")?,
            says: sound(Says::from_code(&says), TABLE, "says")?,
            from: instant(from, TABLE)?,
            to: instant(to, TABLE)?,
        }),
        _ => return Err(StoreError::Corrupt { table: TABLE, what: "ruling" }),
    };
    sound((evidence == MANUAL).then_some(()), TABLE, "evidence")?;
    Ok(CorrectionRow {
        rules: Correction { number: count(number)?, ruling },
        reason: sound(Noting::parse(&reason).ok(), TABLE, "reason")?,
        by: (
            sound(UserId::parse(&user).ok(), TABLE, "user")?,
            sound(PostId::parse(&post).ok(), TABLE, "post")?,
        ),
        at: instant(at, TABLE)?,
    })
}

/// Writes a correction. `false` when its number is taken: somebody else was faster; drop the transaction then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    meeting: &MeetingId,
    row: &CorrectionRow,
) -> Result<bool, StoreError> {
    let (said, takes_back) = match &row.rules.ruling {
        Ruling::States(said) => (Some(said), None),
        Ruling::TakesBack(number) => (None, Some(i64::from(*number))),
    };
    let done = sqlx::query(
        "insert into attendance_correction (meeting_id, number, participant, says, starts_at_ms, ends_at_ms, \
         takes_back, evidence, reason, user_id, post_id, written_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (meeting_id, number) do nothing",
    )
    .bind(meeting.as_str())
    .bind(i64::from(row.rules.number))
    .bind(said.map(|said| guest_code(&said.guest)))
    .bind(said.map(|said| said.says.code()))
    .bind(said.map(|said| said.from.as_millisecond()))
    .bind(said.map(|said| said.to.as_millisecond()))
    .bind(takes_back)
    .bind(MANUAL)
    .bind(row.reason.as_str())
    .bind(row.by.0.as_str())
    .bind(row.by.1.as_str())
    .bind(row.at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The corrections of a meeting, in the order of their numbers.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(
    connection: &mut Connection,
    meeting: &MeetingId,
) -> Result<Vec<CorrectionRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select number, participant, says, starts_at_ms, ends_at_ms, takes_back, evidence, reason, user_id, \
         post_id, written_at_ms from attendance_correction where meeting_id = $1 order by number",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}
