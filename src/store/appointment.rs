//! Rows of appointments.

use std::collections::BTreeSet;

use domain::diary::supply::Category;
use domain::diary::{Appointment, AppointmentState, Channel, DeclineReason, Slot};
use domain::id::{AppointmentId, BodyId, CitizenId, PostId};
use domain::notice::Language;
use jiff::Timestamp;
use serde_json::json;

use super::dialect::Kind::{Number, Text};
use super::{Connection, StoreError, Tx, batch, instant, proposal, sound};

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
    /// How often its time was taken away by an absence.
    pub displaced_count: i64,
    /// What he says of himself, for windows that are kept and for his place when times are given anew.
    pub category: Option<Category>,
    /// Until when the desk has promised an answer.
    pub answer_due_at: Option<Timestamp>,
    /// The post to which it has climbed unanswered.
    pub climbed_to: Option<PostId>,
}

/// What [`Raw`] reads, in its order.
const COLUMNS: &str = "id, reference, post_id, citizen_id, state, channel, language, subject, \
     starts_at_ms, ends_at_ms, displaced_count, answer_due_at_ms, hold_expires_at_ms, sequence, version, \
     created_at_ms, reason, alternative_post_id, climbed_post_id, category";

type Columns = (
    (String, String, String, Option<String>, String, String, String, String),
    (i64, i64, i64, Option<i64>, Option<i64>, i64, i64, i64),
    (Option<String>, Option<String>, Option<String>, Option<String>),
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
            (row.try_get(16)?, row.try_get(17)?, row.try_get(18)?, row.try_get(19)?),
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
        let (starts, ends, displaced_count, due, hold, sequence, version, created) = numbers;
        let post_of = |id: String| sound(PostId::parse(&id).ok(), "appointment", "post");
        let rules = Appointment {
            id: sound(AppointmentId::parse(&id).ok(), "appointment", "id")?,
            post: post_of(post)?,
            state: sound(AppointmentState::from_code(&state), "appointment", "state")?,
            slot: slot_of(starts, ends)?,
            proposed: Vec::new(),
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
            alternative: why.1.map(post_of).transpose()?,
            created_at: instant(created, "appointment")?,
            displaced_count,
            answer_due_at: due.map(|ms| instant(ms, "appointment")).transpose()?,
            climbed_to: why.2.map(post_of).transpose()?,
            category: why.3.map(|c| sound(Category::from_code(&c), "appointment", "category")).transpose()?,
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
         starts_at_ms, ends_at_ms, hold_expires_at_ms, sequence, version, created_at_ms, updated_at_ms, \
         answer_due_at_ms, category) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16) \
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
    .bind(row.answer_due_at.map(Timestamp::as_millisecond))
    .bind(row.category.map(Category::code))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes new appointments in one statement.
///
/// * returns: the ids of those that were written; the others' reference numbers are in use.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn insert_many<'a>(
    tx: &mut Tx,
    rows: impl Iterator<Item = &'a AppointmentRow>,
    values: &str,
) -> Result<BTreeSet<String>, StoreError> {
    let text = format!(
        "insert into appointment (id, reference, post_id, citizen_id, state, channel, language, subject, \
         starts_at_ms, ends_at_ms, hold_expires_at_ms, sequence, version, created_at_ms, updated_at_ms, \
         answer_due_at_ms, category) {} on conflict (reference) do nothing",
        tx.dialect().select_rows(&[
            Text, Text, Text, Text, Text, Text, Text, Text, Number, Number, Number, Number, Number, Number,
            Number, Number, Text,
        ])
    );
    let all: BTreeSet<String> = rows.map(|row| row.rules.id.to_string()).collect();
    let done = sqlx::query(sqlx::AssertSqlSafe(text)).bind(values).execute(&mut **tx).await?;
    if done.rows_affected() == all.len() as u64 {
        return Ok(all);
    }
    let ids = json!(all.iter().map(|id| [id]).collect::<Vec<_>>()).to_string();
    let text = format!("select id from appointment where id in ({})", tx.dialect().select_rows(&[Text]));
    let written: Vec<(String,)> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(ids).fetch_all(&mut **tx).await?;
    Ok(written.into_iter().map(|(id,)| id).collect())
}

/// A new row's columns, in the order in which [`insert_many`] names them.
pub(super) fn columns(row: &AppointmentRow) -> serde_json::Value {
    json!([
        row.rules.id.as_str(),
        row.reference,
        row.rules.post.as_str(),
        row.citizen.as_ref().map(CitizenId::as_str),
        row.rules.state.code(),
        row.channel.code(),
        row.language.code(),
        row.subject,
        row.rules.slot.start().as_millisecond(),
        row.rules.slot.end().as_millisecond(),
        row.rules.hold_expires_at.map(Timestamp::as_millisecond),
        row.rules.sequence,
        row.version,
        row.created_at.as_millisecond(),
        row.created_at.as_millisecond(),
        row.answer_due_at.map(Timestamp::as_millisecond),
        row.category.map(Category::code),
    ])
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
    let rules = &row.rules;
    let done = sqlx::query(
        "update appointment set citizen_id = $3, state = $4, channel = $5, language = $6, subject = $7, \
         starts_at_ms = $8, ends_at_ms = $9, displaced_count = $10, hold_expires_at_ms = $11, \
         sequence = $12, reason = $13, alternative_post_id = $14, updated_at_ms = $15, answer_due_at_ms = $16, \
         climbed_post_id = $17, \
         climbs_at_ms = case when cast($17 as text) is null then null else climbs_at_ms end, post_id = $18, category = $19, version = version + 1 \
         where id = $1 and version = $2",
    )
    .bind(rules.id.as_str())
    .bind(row.version)
    .bind(row.citizen.as_ref().map(CitizenId::as_str))
    .bind(rules.state.code())
    .bind(row.channel.code())
    .bind(row.language.code())
    .bind(&row.subject)
    .bind(rules.slot.start().as_millisecond())
    .bind(rules.slot.end().as_millisecond())
    .bind(row.displaced_count)
    .bind(rules.hold_expires_at.map(Timestamp::as_millisecond))
    .bind(i64::from(rules.sequence))
    .bind(row.reason.map(DeclineReason::code))
    .bind(row.alternative.as_ref().map(PostId::as_str))
    .bind(now.as_millisecond())
    .bind(row.answer_due_at.map(Timestamp::as_millisecond))
    .bind(row.climbed_to.as_ref().map(PostId::as_str))
    .bind(rules.post.as_str())
    .bind(row.category.map(Category::code))
    .execute(&mut *connection)
    .await?;
    if rules.state == AppointmentState::Proposed {
        proposal::put(connection, &rules.id, &rules.proposed).await?;
    }
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
    let raw: Option<Raw> =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("select {COLUMNS} from appointment where id = $1",)))
            .bind(id.as_str())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(raw) = raw else { return Ok(None) };
    let mut row = AppointmentRow::try_from(raw)?;
    if row.rules.state == AppointmentState::Proposed {
        row.rules.proposed = proposal::of(connection, id).await?;
    }
    Ok(Some(row))
}

/// Live appointments of a post that end after `from`, by time; holds and ended ones left out, those that wait for a time
/// always among them.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn live_of_post(
    connection: &mut Connection,
    post: &PostId,
    from: Timestamp,
    count: i64,
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from appointment where post_id = $1 and (ends_at_ms > $2 or state = 'waiting') \
         and state in ('requested', 'confirmed', 'proposed', 'waiting') order by starts_at_ms limit $3",
    )))
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(count)
    .fetch_all(&mut *connection)
    .await?;
    with_proposals(connection, raw, post).await
}

/// The appointments of a post that an absence would touch: requested, confirmed or proposed, ahead of `now`, with their
/// time or one on offer between the two instants; by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn touched(
    connection: &mut Connection,
    post: &PostId,
    (from, to): (Timestamp, Timestamp),
    (now, count): (Timestamp, i64),
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from appointment where post_id = $1 and starts_at_ms > $4 \
         and not exists (select 1 from outcome o where o.appointment_id = appointment.id) \
         and state in ('requested', 'confirmed', 'proposed') and ((starts_at_ms < $3 and ends_at_ms > $2) \
         or (state = 'proposed' and id in (select appointment_id from proposal \
         where starts_at_ms < $3 and ends_at_ms > $2))) order by starts_at_ms, id limit $5",
    )))
    .bind(post.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(now.as_millisecond())
    .bind(count)
    .fetch_all(&mut *connection)
    .await?;
    with_proposals(connection, raw, post).await
}

/// The meetings in person, with a body or any below it, that are asked for or fixed, lie ahead of `now` and touch the time
/// between the two instants; by post and time. Times on offer are not read.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn in_person_below(
    connection: &mut Connection,
    body: &BodyId,
    (from, to): (Timestamp, Timestamp),
    (now, count): (Timestamp, i64),
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from appointment where channel = 'in_person' and starts_at_ms > $4 \
         and state in ('requested', 'confirmed', 'proposed') and starts_at_ms < $3 and ends_at_ms > $2 \
         and post_id in (with recursive below(id) as (select id from body where id = $1 \
         union all select b.id from body b join below on b.parent_id = below.id) \
         select p.id from post p join below on below.id = p.body_id) \
         order by post_id, starts_at_ms, id limit $5",
    )))
    .bind(body.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(now.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    raw.into_iter().map(AppointmentRow::try_from).collect()
}

/// The unanswered requests that have climbed to a post, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn climbed_to(
    connection: &mut Connection,
    post: &PostId,
    count: i64,
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from appointment where climbed_post_id = $1 and state = 'requested' \
         and post_id <> $1 order by starts_at_ms, id limit $2",
    )))
    .bind(post.as_str())
    .bind(count)
    .fetch_all(connection)
    .await?;
    raw.into_iter().map(AppointmentRow::try_from).collect()
}

/// Requests whose answer is overdue and that have not climbed for a while, the longest overdue first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn late(
    connection: &mut Connection,
    now: Timestamp,
    count: i64,
) -> Result<Vec<AppointmentRow>, StoreError> {
    let raw: Vec<Raw> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from appointment where state = 'requested' and answer_due_at_ms <= $1 \
         and (climbs_at_ms is null or climbs_at_ms <= $1) order by answer_due_at_ms, id limit $2",
    )))
    .bind(now.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    raw.into_iter().map(AppointmentRow::try_from).collect()
}

/// Lets an unanswered request climb to the post `above`, and says when it climbs next.
///
/// * returns: `false` when it was changed since it was read at that version.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn climb(
    connection: &mut Connection,
    (id, version): (&AppointmentId, i64),
    (above, next): (Option<&PostId>, Timestamp),
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update appointment set climbed_post_id = $3, climbs_at_ms = $4 \
         where id = $1 and version = $2 and state = 'requested'",
    )
    .bind(id.as_str())
    .bind(version)
    .bind(above.map(PostId::as_str))
    .bind(next.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// These appointments, in whatever order.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_ids(
    connection: &mut Connection,
    ids: &[AppointmentId],
) -> Result<Vec<AppointmentRow>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(batch::ROWS_MAX) {
        let places = batch::places(ids.len(), 1);
        let text = format!("select {COLUMNS} from appointment where id in ({places})");
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        for id in ids {
            query = query.bind(id.as_str());
        }
        let raw: Vec<Raw> = query.fetch_all(&mut *connection).await?;
        for raw in raw {
            let mut row = AppointmentRow::try_from(raw)?;
            if row.rules.state == AppointmentState::Proposed {
                row.rules.proposed = proposal::of(connection, &row.rules.id).await?;
            }
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Rows of one post, those that are proposed with the times on offer.
async fn with_proposals(
    connection: &mut Connection,
    raw: Vec<Raw>,
    post: &PostId,
) -> Result<Vec<AppointmentRow>, StoreError> {
    let rows: Result<Vec<_>, _> = raw.into_iter().map(AppointmentRow::try_from).collect();
    let mut rows = rows?;
    if rows.iter().any(|row| row.rules.state == AppointmentState::Proposed) {
        let mut offered = proposal::of_post(connection, post).await?;
        for row in rows.iter_mut().filter(|row| row.rules.state == AppointmentState::Proposed) {
            row.rules.proposed = offered.remove(&row.rules.id).unwrap_or_default();
        }
    }
    Ok(rows)
}

/// Writes state, time, channel, sequence and count of many rows that were read at their versions, none of them held any
/// more; each version becomes one higher.
///
/// * returns: how many were written; fewer than given means that another changed one. Drop the transaction then.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn update_many(
    connection: &mut Connection,
    rows: &[AppointmentRow],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let types = ["text", "bigint", "text", "text", "bigint", "bigint", "bigint", "bigint"];
    let mut written = 0;
    for rows in rows.chunks(batch::ROWS_MAX) {
        let values = batch::rows(rows.len(), &types, 2);
        let text = format!(
            "update appointment set state = v.column3, channel = v.column4, starts_at_ms = v.column5, \
             ends_at_ms = v.column6, sequence = v.column7, displaced_count = v.column8, updated_at_ms = $1, \
             hold_expires_at_ms = null, version = version + 1 from (values {values}) as v \
             where appointment.id = v.column1 and appointment.version = v.column2",
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(now.as_millisecond());
        for row in rows {
            query = query
                .bind(row.rules.id.as_str())
                .bind(row.version)
                .bind(row.rules.state.code())
                .bind(row.channel.code())
                .bind(row.rules.slot.start().as_millisecond())
                .bind(row.rules.slot.end().as_millisecond())
                .bind(i64::from(row.rules.sequence))
                .bind(row.displaced_count);
        }
        written += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(written)
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
