//! Rows of appointments.

use domain::diary::{Appointment, AppointmentState, Channel, DeclineReason, Slot};
use domain::id::{AppointmentId, CitizenId, PostId};
use domain::notice::Language;
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// An appointment as it stands: what the rules see and what people read.
#[derive(Debug, Clone)]
pub struct AppointmentRow {
    /// What the rules see.
    pub rules: Appointment,
    /// The number that people say: `ES26-004217`.
    pub reference: String,
    /// Who booked; nobody yet while the form is empty.
    pub citizen: Option<CitizenId>,
    /// How they meet.
    pub channel: Channel,
    /// The language in which the citizen is told things.
    pub language: Language,
    /// The citizen's own words.
    pub subject: String,
    /// Rises with every change; notices carry it so that none is sent twice or late.
    pub version: i64,
    /// Why it was declined.
    pub reason: Option<DeclineReason>,
    /// Another post that the desk names when it declines.
    pub alternative: Option<PostId>,
    /// When it was first held.
    pub created_at: Timestamp,
}

type Columns = (
    (String, String, String, Option<String>, String, String, String, String),
    (i64, i64, Option<i64>, Option<i64>, Option<i64>, i64, i64, i64),
    (Option<String>, Option<String>),
);

struct Raw(Columns);

impl<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> for Raw {
    fn from_row(row: &'r sqlx::any::AnyRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Self((
            (
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
                row.try_get(7)?,
            ),
            (
                row.try_get(8)?,
                row.try_get(9)?,
                row.try_get(10)?,
                row.try_get(11)?,
                row.try_get(12)?,
                row.try_get(13)?,
                row.try_get(14)?,
                row.try_get(15)?,
            ),
            (row.try_get(16)?, row.try_get(17)?),
        )))
    }
}

fn slot_of(starts: i64, ends: i64) -> Result<Slot, StoreError> {
    let slot = Slot::new(instant(starts, "appointment")?, instant(ends, "appointment")?);
    sound(slot.ok(), "appointment", "slot")
}

impl TryFrom<Raw> for AppointmentRow {
    type Error = StoreError;
    fn try_from(Raw((texts, numbers, why)): Raw) -> Result<Self, StoreError> {
        let (id, reference, post, citizen, state, channel, language, subject) = texts;
        let (starts, ends, proposed_starts, proposed_ends, hold, sequence, version, created) = numbers;
        let proposed = match (proposed_starts, proposed_ends) {
            (Some(from), Some(to)) => Some(slot_of(from, to)?),
            _ => None,
        };
        let rules = Appointment {
            id: sound(AppointmentId::parse(&id).ok(), "appointment", "id")?,
            post: sound(PostId::parse(&post).ok(), "appointment", "post")?,
            state: sound(AppointmentState::from_code(&state), "appointment", "state")?,
            slot: slot_of(starts, ends)?,
            proposed,
            sequence: sound(u32::try_from(sequence).ok(), "appointment", "sequence")?,
            hold_expires_at: hold.map(|ms| instant(ms, "appointment")).transpose()?,
        };
        Ok(Self {
            rules,
            reference,
            citizen: citizen
                .map(|c| sound(CitizenId::parse(&c).ok(), "appointment", "citizen"))
                .transpose()?,
            channel: sound(Channel::from_code(&channel), "appointment", "channel")?,
            language: sound(Language::from_code(&language), "appointment", "language")?,
            subject,
            version,
            reason: why
                .0
                .map(|r| sound(DeclineReason::from_code(&r), "appointment", "reason"))
                .transpose()?,
            alternative: why.1.map(|p| sound(PostId::parse(&p).ok(), "appointment", "post")).transpose()?,
            created_at: instant(created, "appointment")?,
        })
    }
}

/// Writes a new appointment.
///
/// * returns: `false` when the reference number is already in use; draw another.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(connection: &mut Connection, row: &AppointmentRow) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into appointment (id, reference, post_id, citizen_id, state, channel, language, subject, \
         starts_at_ms, ends_at_ms, hold_expires_at_ms, sequence, version, created_at_ms, updated_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14) \
         on conflict (reference) do nothing",
    )
    .bind(row.rules.id.as_str())
    .bind(&row.reference)
    .bind(row.rules.post.as_str())
    .bind(row.citizen.as_ref().map(CitizenId::as_str))
    .bind(row.rules.state.code())
    .bind(row.channel.code())
    .bind(row.language.code())
    .bind(&row.subject)
    .bind(row.rules.slot.start().as_millisecond())
    .bind(row.rules.slot.end().as_millisecond())
    .bind(row.rules.hold_expires_at.map(Timestamp::as_millisecond))
    .bind(i64::from(row.rules.sequence))
    .bind(row.version)
    .bind(row.created_at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what a move or the form has changed, if nobody else changed it meanwhile.
///
/// * `row.version`: the version that was read; the stored one becomes one higher.
/// * returns: `false` when it was changed by another; read again and decide again.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update(
    connection: &mut Connection,
    row: &AppointmentRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update appointment set citizen_id = $3, state = $4, channel = $5, language = $6, subject = $7, \
         starts_at_ms = $8, ends_at_ms = $9, proposed_starts_at_ms = $10, proposed_ends_at_ms = $11, \
         hold_expires_at_ms = $12, sequence = $13, reason = $14, alternative_post_id = $15, \
         updated_at_ms = $16, version = version + 1 where id = $1 and version = $2",
    )
    .bind(row.rules.id.as_str())
    .bind(row.version)
    .bind(row.citizen.as_ref().map(CitizenId::as_str))
    .bind(row.rules.state.code())
    .bind(row.channel.code())
    .bind(row.language.code())
    .bind(&row.subject)
    .bind(row.rules.slot.start().as_millisecond())
    .bind(row.rules.slot.end().as_millisecond())
    .bind(row.rules.proposed.map(|s| s.start().as_millisecond()))
    .bind(row.rules.proposed.map(|s| s.end().as_millisecond()))
    .bind(row.rules.hold_expires_at.map(Timestamp::as_millisecond))
    .bind(i64::from(row.rules.sequence))
    .bind(row.reason.map(DeclineReason::code))
    .bind(row.alternative.as_ref().map(PostId::as_str))
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(
    connection: &mut Connection,
    id: &AppointmentId,
) -> Result<Option<AppointmentRow>, StoreError> {
    let raw: Option<Raw> = sqlx::query_as(
        "select id, reference, post_id, citizen_id, state, channel, language, subject, starts_at_ms, ends_at_ms, \
         proposed_starts_at_ms, proposed_ends_at_ms, hold_expires_at_ms, sequence, version, created_at_ms, reason, \
         alternative_post_id from appointment where id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    raw.map(AppointmentRow::try_from).transpose()
}

/// Live appointments of a post that end after `from`, by time; holds and ended ones left out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn live_of_post(
    connection: &mut Connection,
    post: &PostId,
    from: Timestamp,
    count: i64,
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(
        "select id, reference, post_id, citizen_id, state, channel, language, subject, starts_at_ms, ends_at_ms, \
         proposed_starts_at_ms, proposed_ends_at_ms, hold_expires_at_ms, sequence, version, created_at_ms, reason, \
         alternative_post_id from appointment where post_id = $1 and ends_at_ms > $2 \
         and state in ('requested', 'confirmed', 'proposed') order by starts_at_ms limit $3",
    )
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    raw.into_iter().map(AppointmentRow::try_from).collect()
}

/// How many unexpired holds a session has.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn live_holds_of(
    connection: &mut Connection,
    session: &domain::id::SessionId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from session_appointment s join appointment a on a.id = s.appointment_id \
         where s.session_id = $1 and a.state = 'held' and a.hold_expires_at_ms > $2",
    )
    .bind(session.as_str())
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// The unexpired hold of this session for exactly this post and start: a replayed form finds its first answer.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn held_by(
    connection: &mut Connection,
    session: &domain::id::SessionId,
    (post, start): (&PostId, Timestamp),
    now: Timestamp,
) -> Result<Option<AppointmentId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as(
        "select a.id from session_appointment s join appointment a on a.id = s.appointment_id \
         where s.session_id = $1 and a.post_id = $2 and a.starts_at_ms = $3 and a.state = 'held' \
         and a.hold_expires_at_ms > $4",
    )
    .bind(session.as_str())
    .bind(post.as_str())
    .bind(start.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    row.map(|(id,)| sound(AppointmentId::parse(&id).ok(), "appointment", "id")).transpose()
}
