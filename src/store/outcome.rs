//! Rows of outcomes: what came of a meeting, with what was corrected.

use domain::diary::{Channel, Slot};
use domain::direction::{Impossible, Outcome, OutcomeKind};
use domain::id::{AppointmentId, DirectionId, MeetingId, PostId};
use domain::text::Noting;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// An outcome as it was given.
#[derive(Debug, Clone)]
pub struct OutcomeRow {
    /// Of which appointment.
    pub appointment: AppointmentId,
    /// From 1 on; the highest stands.
    pub number: u32,
    /// What came of it.
    pub outcome: Outcome,
    /// The post that gave it.
    pub post: PostId,
    /// Why the one before was corrected.
    pub why: Option<Noting>,
    /// When.
    pub given_at: Timestamp,
}

/// A meeting that is over and has no outcome yet.
#[derive(Debug, Clone)]
pub struct MissingRow {
    /// The meeting.
    pub meeting: MeetingId,
    /// The number that people say.
    pub reference: String,
    /// Who came.
    pub name: String,
    /// What about.
    pub subject: String,
    /// When.
    pub slot: Slot,
    /// How they met.
    pub channel: Channel,
}

const TABLE: &str = "outcome";

type Columns = (
    String,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    i64,
);

fn row_of(columns: Columns) -> Result<OutcomeRow, StoreError> {
    let (appointment, number, kind, reason, direction, to, follow_up, post, why, at) = columns;
    let follows = |id: Option<String>| {
        sound(id.and_then(|id| AppointmentId::parse(&id).ok()), TABLE, "appointment that follows")
    };
    let outcome = match sound(OutcomeKind::from_code(&kind), TABLE, "kind")? {
        OutcomeKind::Direction => {
            let id = direction.and_then(|id| DirectionId::parse(&id).ok());
            Outcome::Direction(sound(id, TABLE, "direction")?)
        }
        OutcomeKind::Forward => {
            let to = sound(to.and_then(|id| PostId::parse(&id).ok()), TABLE, "post")?;
            Outcome::Forward { to, appointment: follows(follow_up)? }
        }
        OutcomeKind::NextDate => Outcome::NextDate(follows(follow_up)?),
        OutcomeKind::NotPossible => {
            let reason = reason.and_then(|code| Impossible::from_code(&code));
            Outcome::NotPossible(sound(reason, TABLE, "reason")?)
        }
        OutcomeKind::Decided => Outcome::Decided,
    };
    Ok(OutcomeRow {
        appointment: sound(AppointmentId::parse(&appointment).ok(), TABLE, "appointment")?,
        number: sound(u32::try_from(number).ok(), TABLE, "number")?,
        outcome,
        post: sound(PostId::parse(&post).ok(), TABLE, "post")?,
        why: why.map(|why| sound(Noting::parse(&why).ok(), TABLE, "reason of a correction")).transpose()?,
        given_at: instant(at, TABLE)?,
    })
}

/// Writes an outcome. `false` when its number is taken: somebody else was faster; drop the transaction then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &OutcomeRow) -> Result<bool, StoreError> {
    let (mut reason, mut direction, mut to) = (None, None, None);
    match &row.outcome {
        Outcome::Direction(id) => direction = Some(id.as_str()),
        Outcome::Forward { to: post, .. } => to = Some(post.as_str()),
        Outcome::NextDate(_) | Outcome::Decided => {}
        Outcome::NotPossible(why) => reason = Some(why.code()),
    }
    let done = sqlx::query(
        "insert into outcome (appointment_id, number, kind, reason, direction_id, to_post_id, follow_up_id, \
         post_id, why, given_at_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (appointment_id, number) do nothing",
    )
    .bind(row.appointment.as_str())
    .bind(i64::from(row.number))
    .bind(row.outcome.kind().code())
    .bind(reason)
    .bind(direction)
    .bind(to)
    .bind(row.outcome.follow_up().map(AppointmentId::as_str))
    .bind(row.post.as_str())
    .bind(row.why.as_ref().map(Noting::as_str))
    .bind(row.given_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All outcomes of an appointment, the one that stands last.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of(connection: &mut Connection, id: &AppointmentId) -> Result<Vec<OutcomeRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select appointment_id, number, kind, reason, direction_id, to_post_id, follow_up_id, post_id, why, \
         given_at_ms from outcome where appointment_id = $1 order by number",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(row_of).collect()
}

/// Has the meeting of this appointment begun before its time: was somebody in it, or did the desk let him in?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn has_begun(connection: &mut Connection, id: &AppointmentId) -> Result<bool, StoreError> {
    let row: (i64,) = sqlx::query_as(
        "select (select count(*) from meeting where appointment_id = $1 and state <> 'planned') \
         + (select count(*) from queue_ticket where appointment_id = $1 and entered_at_ms is not null)",
    )
    .bind(id.as_str())
    .fetch_one(connection)
    .await?;
    Ok(row.0 > 0)
}

/// Meetings of a post that are over and have no outcome, the oldest first.
///
/// * `since`: what began before is not asked for any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn missing(
    connection: &mut Connection,
    post: &PostId,
    (since, now): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<MissingRow>, StoreError> {
    let rows: Vec<(String, String, String, String, i64, i64, String)> = sqlx::query_as(
        "select m.id, a.reference, c.name, a.subject, a.starts_at_ms, a.ends_at_ms, a.channel \
         from appointment a join meeting m on m.appointment_id = a.id join citizen c on c.id = a.citizen_id \
         where a.post_id = $1 and a.state = 'confirmed' and a.starts_at_ms >= $2 \
         and (a.ends_at_ms <= $3 or m.state = 'ended') \
         and not exists (select 1 from outcome o where o.appointment_id = a.id) \
         order by a.starts_at_ms, a.id limit $4",
    )
    .bind(post.as_str())
    .bind(since.as_millisecond())
    .bind(now.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    let row =
        |(meeting, reference, name, subject, starts, ends, channel): (String, _, _, _, _, _, String)| {
            Ok(MissingRow {
                meeting: sound(MeetingId::parse(&meeting).ok(), "meeting", "id")?,
                reference,
                name,
                subject,
                slot: sound(
                    Slot::new(instant(starts, "appointment")?, instant(ends, "appointment")?).ok(),
                    "appointment",
                    "slot",
                )?,
                channel: sound(Channel::from_code(&channel), "appointment", "channel")?,
            })
        };
    rows.into_iter().map(row).collect()
}
