//! Rows of hearings: the case, its calls, the marks of both parties, the order and how it was closed.

use domain::hearing::{
    Attendance, CaseNumber, Closing, Disposal, Each, Evidence, Ground, Hearing, Mark, Order, Reading, Reason,
    Side, Stage,
};
use domain::id::{AppointmentId, PostId};
use domain::text::{Noting, OrderText};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, instant, sound};

/// What a case is, whatever happens in its hearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The appointment at which it is heard.
    pub appointment: AppointmentId,
    /// The number under which the grievance was filed.
    pub case_number: CaseNumber,
    /// The day on which it was filed.
    pub filed: Date,
    /// Which hearing of it this is, from 1 on.
    pub number: u32,
    /// The hearing before this one.
    pub previous: Option<AppointmentId>,
    /// The post of the authority concerned.
    pub authority: PostId,
    /// When it was entered.
    pub entered_at: Timestamp,
}

/// A hearing as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HearingRow {
    /// The case.
    pub case: CaseRow,
    /// What the rules see.
    pub rules: Hearing,
    /// Rises with every step.
    pub version: i64,
    /// The appointment at which the case is heard again.
    pub next: Option<AppointmentId>,
}

const TABLE: &str = "hearing";

/// What [`Raw`] reads, in its order.
const COLUMNS: &str = "h.appointment_id, h.case_number, h.filed_day, h.number, h.previous_id, h.authority_post_id, h.version, \
     h.called_at_ms, h.called_again_at_ms, h.order_text, h.ordered_at_ms, h.read_at_ms, h.read_by_post_id, h.unread_why, \
     h.disposal, h.next_day, h.next_id, h.closed_at_ms, h.entered_at_ms";

/// A row as it is read.
struct Raw {
    case: CaseRow,
    version: i64,
    stage: Stage,
    order: Option<Order>,
    next: Option<AppointmentId>,
}

impl<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> for Raw {
    fn from_row(row: &'r sqlx::any::AnyRow) -> Result<Self, sqlx::Error> {
        read(row).map_err(|fault| match fault {
            StoreError::Database(error) => error,
            other => sqlx::Error::Decode(Box::new(other)),
        })
    }
}

fn read(row: &sqlx::any::AnyRow) -> Result<Raw, StoreError> {
    use sqlx::Row;
    let text = |at: usize| row.try_get::<Option<String>, _>(at);
    let number = |at: usize| row.try_get::<Option<i64>, _>(at);
    let moment = |at: usize| number(at)?.map(|ms| instant(ms, TABLE)).transpose();
    let appointment = |at: usize, what| match text(at)? {
        Some(id) => sound(AppointmentId::parse(&id).ok().map(Some), TABLE, what),
        None => Ok(None),
    };
    let post = |at: usize, what| match text(at)? {
        Some(id) => sound(PostId::parse(&id).ok().map(Some), TABLE, what),
        None => Ok(None),
    };
    let day = |at: usize, what| match text(at)? {
        Some(day) => sound(day.parse::<Date>().ok().map(Some), TABLE, what),
        None => Ok(None),
    };
    let case = CaseRow {
        appointment: sound(appointment(0, "appointment")?, TABLE, "appointment")?,
        case_number: sound(text(1)?.and_then(|n| CaseNumber::parse(&n)), TABLE, "case number")?,
        filed: sound(day(2, "day of filing")?, TABLE, "day of filing")?,
        number: sound(number(3)?.and_then(|n| u32::try_from(n).ok()), TABLE, "number")?,
        previous: appointment(4, "hearing before")?,
        authority: sound(post(5, "authority")?, TABLE, "authority")?,
        entered_at: sound(moment(18)?, TABLE, "moment of entry")?,
    };
    let order = match (text(9)?, moment(10)?) {
        (Some(order), Some(at)) => {
            let text_of = sound(OrderText::parse(&order).ok(), TABLE, "order")?;
            let reading = match (moment(11)?, post(12, "reader")?, text(13)?) {
                (Some(at), Some(by), None) => Some(Reading::Aloud { at, by }),
                (None, None, Some(why)) => Noting::parse(&why).ok().map(|why| Reading::NotRead { why }),
                _ => None,
            };
            Some(Order { text: text_of, reading: sound(reading, TABLE, "reading")?, at })
        }
        _ => None,
    };
    let stage = match (moment(7)?, text(14)?, moment(17)?) {
        (_, Some(disposal), Some(at)) => Stage::Closed(Closing {
            disposal: sound(Disposal::from_code(&disposal), TABLE, "disposal")?,
            next: day(15, "next day")?,
            at,
        }),
        (Some(first), ..) => Stage::Called { first, again: moment(8)? },
        _ => Stage::Listed,
    };
    let version = sound(number(6)?, TABLE, "version")?;
    Ok(Raw { case, version, stage, order, next: appointment(16, "next hearing")? })
}

type MarkColumns = (String, String, String, Option<i64>, Option<String>, Option<String>, i64);

fn mark_of(columns: MarkColumns) -> Result<(Side, Mark), StoreError> {
    const TABLE: &str = "hearing_mark";
    let (side, attendance, evidence, seconds, ground, note, at) = columns;
    let evidence = match evidence.as_str() {
        "joined" => seconds.map(|seconds| Evidence::Joined { seconds }),
        "by_hand" => {
            let note = note.map(|note| sound(Noting::parse(&note).ok(), TABLE, "note")).transpose()?;
            let ground = ground.and_then(|code| Ground::from_code(&code));
            ground.and_then(|ground| Reason::new(ground, note)).map(Evidence::ByHand)
        }
        _ => None,
    };
    let mark = Mark {
        attendance: sound(Attendance::from_code(&attendance), TABLE, "attendance")?,
        evidence: sound(evidence, TABLE, "evidence")?,
        at: instant(at, TABLE)?,
    };
    Ok((sound(Side::from_code(&side), TABLE, "side")?, mark))
}

/// The marks that stand.
async fn marks(connection: &mut Connection, id: &AppointmentId) -> Result<Each<Option<Mark>>, StoreError> {
    let rows: Vec<MarkColumns> = sqlx::query_as(
        "select side, attendance, evidence, seconds, ground, note, marked_at_ms from hearing_mark \
         where appointment_id = $1 order by number",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    let mut standing = Each::default();
    for row in rows {
        let (side, mark) = mark_of(row)?;
        *standing.of_mut(side) = Some(mark);
    }
    Ok(standing)
}

async fn whole(connection: &mut Connection, raw: Raw) -> Result<HearingRow, StoreError> {
    let marks = marks(connection, &raw.case.appointment).await?;
    let rules = sound(Hearing::restored(raw.stage, marks, raw.order), TABLE, "course")?;
    Ok(HearingRow { case: raw.case, rules, version: raw.version, next: raw.next })
}

/// Enters a case. `false` when that appointment has one already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, case: &CaseRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into hearing (appointment_id, case_number, filed_day, number, previous_id, authority_post_id, version, \
         entered_at_ms) values ($1, $2, $3, $4, $5, $6, 1, $7) on conflict (appointment_id) do nothing",
    )
    .bind(case.appointment.as_str())
    .bind(case.case_number.as_str())
    .bind(case.filed.to_string())
    .bind(i64::from(case.number))
    .bind(case.previous.as_ref().map(AppointmentId::as_str))
    .bind(case.authority.as_str())
    .bind(case.entered_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Corrects what was entered, before the case is called. `false` when it has been called, or changed meanwhile.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn amend(
    connection: &mut Connection,
    (case, version): (&CaseRow, i64),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update hearing set case_number = $3, filed_day = $4, authority_post_id = $5, version = version + 1 \
         where appointment_id = $1 and version = $2 and called_at_ms is null and closed_at_ms is null",
    )
    .bind(case.appointment.as_str())
    .bind(version)
    .bind(case.case_number.as_str())
    .bind(case.filed.to_string())
    .bind(case.authority.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what a step has changed, but for marks. `false` when somebody else made a step meanwhile: drop the transaction.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update(connection: &mut Connection, row: &HearingRow) -> Result<bool, StoreError> {
    let (called, again, closing) = match row.rules.stage() {
        Stage::Listed => (None, None, None),
        Stage::Called { first, again } => (Some(first), again, None),
        // The calls stay as they were written.
        Stage::Closed(closing) => (None, None, Some(closing)),
    };
    let order = row.rules.order();
    let (read_at, reader, why) = match order.map(|order| &order.reading) {
        Some(Reading::Aloud { at, by }) => (Some(at.as_millisecond()), Some(by.as_str()), None),
        Some(Reading::NotRead { why }) => (None, None, Some(why.as_str())),
        None => (None, None, None),
    };
    let done = sqlx::query(
        "update hearing set version = version + 1, called_at_ms = coalesce($3, called_at_ms), \
         called_again_at_ms = coalesce($4, called_again_at_ms), order_text = $5, ordered_at_ms = $6, read_at_ms = $7, \
         read_by_post_id = $8, unread_why = $9, disposal = $10, next_day = $11, next_id = $12, closed_at_ms = $13 \
         where appointment_id = $1 and version = $2",
    )
    .bind(row.case.appointment.as_str())
    .bind(row.version)
    .bind(called.map(Timestamp::as_millisecond))
    .bind(again.map(Timestamp::as_millisecond))
    .bind(order.map(|order| order.text.as_str()))
    .bind(order.map(|order| order.at.as_millisecond()))
    .bind(read_at)
    .bind(reader)
    .bind(why)
    .bind(closing.map(|closing| closing.disposal.code()))
    .bind(closing.and_then(|closing| closing.next).map(|day| day.to_string()))
    .bind(row.next.as_ref().map(AppointmentId::as_str))
    .bind(closing.map(|closing| closing.at.as_millisecond()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds a mark of one side; those before it stay readable.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn add_mark(
    connection: &mut Connection,
    (id, side): (&AppointmentId, Side),
    mark: &Mark,
) -> Result<(), StoreError> {
    let (evidence, seconds, reason) = match &mark.evidence {
        Evidence::Joined { seconds } => ("joined", Some(*seconds), None),
        Evidence::ByHand(reason) => ("by_hand", None, Some(reason)),
    };
    sqlx::query(
        "insert into hearing_mark (appointment_id, side, number, attendance, evidence, seconds, ground, note, \
         marked_at_ms) select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, $8 from hearing_mark \
         where appointment_id = $1 and side = $2",
    )
    .bind(id.as_str())
    .bind(side.code())
    .bind(mark.attendance.code())
    .bind(evidence)
    .bind(seconds)
    .bind(reason.map(|reason| reason.ground().code()))
    .bind(reason.and_then(Reason::note).map(Noting::as_str))
    .bind(mark.at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// How often a side was marked.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn marks_of(
    connection: &mut Connection,
    (id, side): (&AppointmentId, Side),
) -> Result<i64, StoreError> {
    let row: (i64,) =
        sqlx::query_as("select count(*) from hearing_mark where appointment_id = $1 and side = $2")
            .bind(id.as_str())
            .bind(side.code())
            .fetch_one(connection)
            .await?;
    Ok(row.0)
}

/// The hearing of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(connection: &mut Connection, id: &AppointmentId) -> Result<Option<HearingRow>, StoreError> {
    let text = format!("select {COLUMNS} from hearing h where h.appointment_id = $1");
    let raw: Option<Raw> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id.as_str()).fetch_optional(&mut *connection).await?;
    match raw {
        Some(raw) => Ok(Some(whole(connection, raw).await?)),
        None => Ok(None),
    }
}

/// Is there a case with this appointment?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn is_heard(connection: &mut Connection, id: &AppointmentId) -> Result<bool, StoreError> {
    let row: (i64,) = sqlx::query_as("select count(*) from hearing where appointment_id = $1")
        .bind(id.as_str())
        .fetch_one(connection)
        .await?;
    Ok(row.0 > 0)
}

/// The fixed appointments of a post in a stretch of time, in their order.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn listed(
    connection: &mut Connection,
    post: &PostId,
    (from, to): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<AppointmentId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select id from appointment where post_id = $1 and state = 'confirmed' and starts_at_ms >= $2 \
         and starts_at_ms < $3 order by starts_at_ms, id limit $4",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id,)| sound(AppointmentId::parse(&id).ok(), "appointment", "id")).collect()
}
