//! Rows of a gate: who is expected in a building today, and who went in or out.

use domain::id::{AppointmentId, BodyId, PostId};
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Connection, StoreError, instant, sound};

/// Somebody with a fixed time in person.
#[derive(Debug, Clone)]
pub struct VisitorRow {
    /// His appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// Whom he visits.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// SEQUENCE of the appointment: a pass of another one is out of date.
    pub sequence: u32,
    /// When.
    pub starts_at: Timestamp,
    /// Who.
    pub name: String,
    /// His number in the queue, once it is given.
    pub number: Option<u32>,
}

/// Somebody went through a gate.
#[derive(Debug, Clone)]
pub struct MarkRow {
    /// Made at the gate.
    pub id: String,
    /// Which gate.
    pub gate: PostId,
    /// Whose appointment.
    pub appointment: AppointmentId,
    /// Which of those who come together.
    pub seat: u32,
    /// `in` or `out`.
    pub way: &'static str,
    /// When, by the gate's clock.
    pub at: Timestamp,
}

/// Everybody with a fixed time in person with a post under `body` between two instants, by time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn visitors(
    connection: &mut Connection,
    body: &BodyId,
    (day, from, to): (Date, Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<VisitorRow>, StoreError> {
    type Columns = (String, String, String, String, String, i64, i64, String, Option<i64>);
    let rows: Vec<Columns> = sqlx::query_as(
        "with recursive under(id) as (select id from body where id = $1 \
         union all select b.id from body b join under u on b.parent_id = u.id) \
         select a.id, a.reference, p.id, p.title_hi, p.title_en, a.sequence, a.starts_at_ms, coalesce(c.name, ''), \
         t.number from appointment a join post p on p.id = a.post_id join under u on u.id = p.body_id \
         left join citizen c on c.id = a.citizen_id \
         left join queue_ticket t on t.appointment_id = a.id and t.day = $4 and t.post_id = a.post_id \
         where a.state = 'confirmed' and a.channel = 'in_person' and a.starts_at_ms >= $2 and a.starts_at_ms < $3 \
         order by a.starts_at_ms, a.id limit $5",
    )
    .bind(body.as_str())
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(day.to_string())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, reference, post, hi, en, sequence, starts_at, name, number)| {
            Ok(VisitorRow {
                appointment: sound(AppointmentId::parse(&id).ok(), "appointment", "id")?,
                reference,
                post: sound(PostId::parse(&post).ok(), "post", "id")?,
                title: Bilingual::new(hi, en),
                sequence: sound(u32::try_from(sequence).ok(), "appointment", "sequence")?,
                starts_at: instant(starts_at, "appointment")?,
                name,
                number: number.map(|n| sound(u32::try_from(n).ok(), "queue_ticket", "number")).transpose()?,
            })
        })
        .collect()
}

/// Writes that somebody went through; `false` when this mark is known already.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert_mark(
    connection: &mut Connection,
    row: &MarkRow,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into gate_mark (id, gate_post_id, appointment_id, seat, way, at_ms, received_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
    )
    .bind(&row.id)
    .bind(row.gate.as_str())
    .bind(row.appointment.as_str())
    .bind(i64::from(row.seat))
    .bind(row.way)
    .bind(row.at.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One time through a gate, as the list shows it: whose, which seat, the way, when.
pub type Passage = (AppointmentId, u32, String, Timestamp);

/// Everybody who went through any gate between two instants, the earliest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn marks(
    connection: &mut Connection,
    (from, to): (Timestamp, Timestamp),
    count: i64,
) -> Result<Vec<Passage>, StoreError> {
    let rows: Vec<(String, i64, String, i64)> = sqlx::query_as(
        "select appointment_id, seat, way, at_ms from gate_mark where at_ms >= $1 and at_ms < $2 \
         order by at_ms, id limit $3",
    )
    .bind(from.as_millisecond())
    .bind(to.as_millisecond())
    .bind(count)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, seat, way, at)| {
            let id = sound(AppointmentId::parse(&id).ok(), "gate_mark", "appointment")?;
            let seat = sound(u32::try_from(seat).ok(), "gate_mark", "seat")?;
            Ok((id, seat, way, instant(at, "gate_mark")?))
        })
        .collect()
}
