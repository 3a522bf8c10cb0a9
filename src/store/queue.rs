//! Rows of the queue at a door: one a person, post and day.
//!
//! Whoever changes a queue takes its day first ([`take_day`]); so one change comes after the other on either database.

use domain::diary::Channel;
use domain::diary::queue::{Lateness, Number, Standing, Ticket};
use domain::id::{AppointmentId, MeetingId, PostId};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Connection, StoreError, instant, sound};

/// By what somebody has a place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A time that was booked.
    Time,
    /// A token taken at the door.
    Token,
    /// A telephone call.
    Caller,
}

impl Kind {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Time, "time"), (Self::Token, "token"), (Self::Caller, "caller")];

    /// The stable word in the row.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("token", |(_, code)| code)
    }

    /// Reads a stable word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
    }
}

/// One person in the queue: what the rules see and what the desk reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// What the rules see.
    pub rules: Ticket,
    /// By what he has his place.
    pub kind: Kind,
    /// The appointment of somebody who has a time.
    pub appointment: Option<AppointmentId>,
    /// How the appointment takes place; nothing for whoever has none.
    pub channel: Option<Channel>,
    /// Where, if it is by video.
    pub meeting: Option<MeetingId>,
    /// Who; empty for a token without a name.
    pub name: String,
    /// What about; may be empty.
    pub subject: String,
    /// When he was called last.
    pub called_at: Option<Timestamp>,
    /// When he went in.
    pub entered_at: Option<Timestamp>,
    /// When he came out.
    pub left_at: Option<Timestamp>,
}

/// Somebody who has a time on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    /// His appointment.
    pub appointment: AppointmentId,
    /// When.
    pub starts_at: Timestamp,
    /// How.
    pub channel: Channel,
    /// Who.
    pub name: String,
    /// What about.
    pub subject: String,
}

/// Takes the queue of a day for this transaction; others wait until it ends.
///
/// * returns: its version, one higher than before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_day(connection: &mut Connection, post: &PostId, day: Date) -> Result<i64, StoreError> {
    let (version,): (i64,) = sqlx::query_as(
        "insert into queue_day (post_id, day, version) values ($1, $2, 1) \
         on conflict (post_id, day) do update set version = queue_day.version + 1 returning version",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .fetch_one(connection)
    .await?;
    Ok(version)
}

const TABLE: &str = "queue_ticket";

/// Texts of a row, its numbers and times, and what its appointment says.
type Columns = (
    String,
    Option<String>,
    String,
    String,
    String,
    i64,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
);

fn ticket(row: Columns) -> Result<TicketRow, StoreError> {
    let (kind, appointment, name, subject, standing, number, due_at, calls, ..) = row;
    let (here, called, entered, left, moved) = (row.8, row.9, row.10, row.11, row.12);
    let channel =
        row.13.map(|code| sound(Channel::from_code(&code), "appointment", "channel")).transpose()?;
    let meeting = row.14.map(|id| sound(MeetingId::parse(&id).ok(), "meeting", "id")).transpose()?;
    let kind = sound(Kind::from_code(&kind), TABLE, "kind")?;
    let at = |ms: Option<i64>| ms.map(|ms| instant(ms, TABLE)).transpose();
    let (called_at, entered_at, left_at) = (at(called)?, at(entered)?, at(left)?);
    let since = |time: Option<Timestamp>| sound(time, TABLE, "time of its standing");
    let standing = match standing.as_str() {
        "expected" => Standing::Expected,
        "here" => Standing::Here(since(at(here)?)?),
        "called" => Standing::Called(since(called_at)?),
        "inside" => Standing::Inside(since(entered_at)?),
        "heard" => Standing::Heard,
        "gone" => Standing::Gone,
        "left" => Standing::Left,
        _ => return Err(StoreError::Corrupt { table: TABLE, what: "standing" }),
    };
    let rules = Ticket {
        number: Number(sound(u32::try_from(number).ok(), TABLE, "number")?),
        due_at: instant(due_at, TABLE)?,
        standing,
        calls: sound(u8::try_from(calls).ok(), TABLE, "count of calls")?,
        is_walk_in: kind != Kind::Time,
        has_come: here.is_some(),
        moved_to: at(moved)?,
    };
    let appointment =
        appointment.map(|id| sound(AppointmentId::parse(&id).ok(), TABLE, "appointment")).transpose()?;
    let meeting = meeting.filter(|_| channel == Some(Channel::Video));
    Ok(TicketRow {
        rules,
        kind,
        appointment,
        channel,
        meeting,
        name,
        subject,
        called_at,
        entered_at,
        left_at,
    })
}

const fn standing_code(standing: Standing) -> &'static str {
    match standing {
        Standing::Expected => "expected",
        Standing::Here(_) => "here",
        Standing::Called(_) => "called",
        Standing::Inside(_) => "inside",
        Standing::Heard => "heard",
        Standing::Gone => "gone",
        Standing::Left => "left",
    }
}

fn here_ms(standing: Standing) -> Option<i64> {
    match standing {
        Standing::Here(since) => Some(since.as_millisecond()),
        _ => None,
    }
}

/// Since when somebody has been here at the latest who was never noted to have come.
fn came_by(ticket: &Ticket) -> Option<Timestamp> {
    match ticket.standing {
        Standing::Called(at) | Standing::Inside(at) if ticket.has_come => Some(at),
        _ => None,
    }
}

/// Everybody in the queue of a post on a day, by number.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn tickets(
    connection: &mut Connection,
    post: &PostId,
    day: Date,
) -> Result<Vec<TicketRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select t.kind, t.appointment_id, t.name, t.subject, t.standing, t.number, t.due_at_ms, t.calls, \
         t.here_at_ms, t.called_at_ms, t.entered_at_ms, t.left_at_ms, t.moved_to_ms, a.channel, m.id \
         from queue_ticket t left join appointment a on a.id = t.appointment_id \
         left join meeting m on m.appointment_id = a.id \
         where t.post_id = $1 and t.day = $2 order by t.number",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ticket).collect()
}

/// Writes a new ticket.
///
/// # Errors
/// [`StoreError`], also when the number or the appointment has one already: the day was not taken before.
pub async fn insert(
    connection: &mut Connection,
    (post, day): (&PostId, Date),
    row: &TicketRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into queue_ticket (post_id, day, number, kind, appointment_id, name, subject, standing, due_at_ms, \
         calls, here_at_ms, created_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .bind(i64::from(row.rules.number.0))
    .bind(row.kind.code())
    .bind(row.appointment.as_ref().map(AppointmentId::as_str))
    .bind(&row.name)
    .bind(&row.subject)
    .bind(standing_code(row.rules.standing))
    .bind(row.rules.due_at.as_millisecond())
    .bind(i64::from(row.rules.calls))
    .bind(here_ms(row.rules.standing))
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what has changed of a ticket.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update(
    connection: &mut Connection,
    (post, day): (&PostId, Date),
    row: &TicketRow,
) -> Result<(), StoreError> {
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    sqlx::query(
        "update queue_ticket set standing = $4, due_at_ms = $5, calls = $6, \
         here_at_ms = coalesce($7, here_at_ms, $12), called_at_ms = $8, entered_at_ms = $9, left_at_ms = $10, \
         moved_to_ms = $11 \
         where post_id = $1 and day = $2 and number = $3",
    )
    .bind(post.as_str())
    .bind(day.to_string())
    .bind(i64::from(row.rules.number.0))
    .bind(standing_code(row.rules.standing))
    .bind(row.rules.due_at.as_millisecond())
    .bind(i64::from(row.rules.calls))
    .bind(here_ms(row.rules.standing))
    .bind(ms(row.called_at))
    .bind(ms(row.entered_at))
    .bind(ms(row.left_at))
    .bind(ms(row.rules.moved_to))
    .bind(ms(came_by(&row.rules)))
    .execute(connection)
    .await?;
    Ok(())
}

/// How late a post's officer is on a day.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn lateness(connection: &mut Connection, post: &PostId, day: Date) -> Result<Lateness, StoreError> {
    let row: Option<(i64, Option<i64>)> =
        sqlx::query_as("select late_by_ms, late_until_ms from queue_day where post_id = $1 and day = $2")
            .bind(post.as_str())
            .bind(day.to_string())
            .fetch_optional(connection)
            .await?;
    let Some((by, until)) = row else { return Ok(Lateness::default()) };
    let until = until.map(|ms| instant(ms, "queue_day")).transpose()?;
    Ok(Lateness { by: SignedDuration::from_millis(by), until })
}

/// Writes how late a post's officer is on a day that was taken before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn set_lateness(
    connection: &mut Connection,
    (post, day): (&PostId, Date),
    late: Lateness,
) -> Result<(), StoreError> {
    sqlx::query("update queue_day set late_by_ms = $3, late_until_ms = $4 where post_id = $1 and day = $2")
        .bind(post.as_str())
        .bind(day.to_string())
        .bind(i64::try_from(late.by.as_millis()).unwrap_or(i64::MAX))
        .bind(late.until.map(Timestamp::as_millisecond))
        .execute(connection)
        .await?;
    Ok(())
}

/// How long the last meetings at this door took, from the call on, the newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn lengths(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<SignedDuration>, StoreError> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "select left_at_ms - called_at_ms from queue_ticket where post_id = $1 and left_at_ms is not null \
         and called_at_ms is not null order by left_at_ms desc limit $2",
    )
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(ms,)| SignedDuration::from_millis(ms)).collect())
}

/// Who has a fixed time with a post between two instants, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn visits(
    connection: &mut Connection,
    post: &PostId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<VisitRow>, StoreError> {
    let rows: Vec<(String, i64, String, String, String)> = sqlx::query_as(
        "select a.id, a.starts_at_ms, a.channel, coalesce(c.name, ''), a.subject from appointment a \
         left join citizen c on c.id = a.citizen_id where a.post_id = $1 and a.state = 'confirmed' \
         and a.starts_at_ms >= $2 and a.starts_at_ms < $3 order by a.starts_at_ms, a.id",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, starts_at, channel, name, subject)| {
            Ok(VisitRow {
                appointment: sound(AppointmentId::parse(&id).ok(), "appointment", "id")?,
                starts_at: instant(starts_at, "appointment")?,
                channel: sound(Channel::from_code(&channel), "appointment", "channel")?,
                name,
                subject,
            })
        })
        .collect()
}

/// Posts whose queue of a day does not agree with their diary: a fixed time without a ticket, or a ticket whose time
/// was moved or taken back.
///
/// * `(from, to)`: the day's bounds.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn unsettled(
    connection: &mut Connection,
    (day, (from, to)): (Date, (Timestamp, Timestamp)),
    now: Timestamp,
) -> Result<Vec<PostId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select a.post_id from appointment a \
         left join queue_ticket t on t.appointment_id = a.id and t.day = $1 and t.post_id = a.post_id \
         where a.state = 'confirmed' and a.starts_at_ms >= $2 and a.starts_at_ms < $3 \
         and (t.number is null or t.standing = 'gone' \
         or (t.standing = 'left' and a.starts_at_ms <> t.due_at_ms and a.starts_at_ms > $4)) \
         union select t.post_id from queue_ticket t join appointment a on a.id = t.appointment_id \
         where t.day = $1 and t.standing = 'expected' \
         and (a.state <> 'confirmed' or a.post_id <> t.post_id or a.starts_at_ms <> t.due_at_ms)",
    )
    .bind(day.to_string())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id,)| sound(PostId::parse(&id).ok(), "appointment", "post")).collect()
}

/// Posts at whose door somebody waits whose turn was due, and where nobody has been called on that day and nobody has said
/// that it is late.
///
/// * `before`: when the turn was due at the latest.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn unbegun(
    connection: &mut Connection,
    day: Date,
    before: Timestamp,
) -> Result<Vec<PostId>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select d.post_id from queue_day d where d.day = $1 and d.late_by_ms = 0 \
         and exists (select 1 from queue_ticket t where t.post_id = d.post_id and t.day = d.day \
         and t.standing = 'here' and t.due_at_ms <= $2) \
         and not exists (select 1 from queue_ticket t where t.post_id = d.post_id and t.day = d.day \
         and (t.standing in ('called', 'inside', 'heard') or t.calls > 0)) order by d.post_id",
    )
    .bind(day.to_string())
    .bind(before.as_millisecond())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id,)| sound(PostId::parse(&id).ok(), "queue_day", "post")).collect()
}
