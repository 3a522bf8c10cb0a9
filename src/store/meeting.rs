//! Rows of meetings: one for each appointment that is fixed; who was let in at the door, and who was there when.

use domain::id::{AppointmentId, InviteId, MeetingId, PostId, UserId};
use domain::meeting::{Guest, Role};
use jiff::Timestamp;

use super::{Connection, StoreError, instant, sound};

/// A meeting as it stands.
#[derive(Debug, Clone)]
pub struct MeetingRow {
    /// Which.
    pub id: MeetingId,
    /// What it is for.
    pub appointment: AppointmentId,
    /// The post that is visited.
    pub post: PostId,
    /// The officer ended it.
    pub is_ended: bool,
    /// It was made confidential.
    pub is_sealed: bool,
}

/// What was decided at the door about somebody, and when that guest was last inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorRow {
    /// Whom.
    pub guest: Guest,
    /// Let in; otherwise sent away.
    pub is_admitted: bool,
    /// When it was decided, or when the guest last left, whichever is later; nothing for one who has not left.
    pub away_since: Option<Timestamp>,
}

/// How a guest is named in rows and in the audit chain.
#[must_use]
pub fn guest_code(guest: &Guest) -> String {
    match guest {
        Guest::Citizen(appointment) => format!("citizen:{appointment}"),
        Guest::Officer(post) => format!("officer:{post}"),
        Guest::Desk(user) => format!("desk:{user}"),
        Guest::Invited(invite) => format!("guest:{invite}"),
    }
}

/// The guest of a code; nothing when it is none of ours.
pub(super) fn guest_of(code: &str) -> Option<Guest> {
    match code.split_once(':')? {
        ("citizen", id) => AppointmentId::parse(id).ok().map(Guest::Citizen),
        ("officer", id) => PostId::parse(id).ok().map(Guest::Officer),
        ("desk", id) => UserId::parse(id).ok().map(Guest::Desk),
        ("guest", id) => InviteId::parse(id).ok().map(Guest::Invited),
        _ => None,
    }
}

/// Plans the meeting of a fixed appointment; planned twice is planned once.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn plan(
    connection: &mut Connection,
    id: &MeetingId,
    (appointment, post): (&AppointmentId, &PostId),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meeting (id, appointment_id, post_id, state) values ($1, $2, $3, 'planned') \
         on conflict (appointment_id) do nothing",
    )
    .bind(id.as_str())
    .bind(appointment.as_str())
    .bind(post.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives the planned meeting of an appointment to another post, if one is planned.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn hand_over(
    connection: &mut Connection,
    (appointment, to): (&AppointmentId, &PostId),
) -> Result<(), StoreError> {
    sqlx::query("update meeting set post_id = $2 where appointment_id = $1")
        .bind(appointment.as_str())
        .bind(to.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The meeting of an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_appointment(
    connection: &mut Connection,
    appointment: &AppointmentId,
) -> Result<Option<MeetingId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select id from meeting where appointment_id = $1")
        .bind(appointment.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(id,)| sound(MeetingId::parse(&id).ok(), "meeting", "id")).transpose()
}

/// The appointment that a meeting is for.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn appointment_of(
    connection: &mut Connection,
    id: &MeetingId,
) -> Result<Option<AppointmentId>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("select appointment_id from meeting where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|(id,)| sound(AppointmentId::parse(&id).ok(), "meeting", "appointment")).transpose()
}

/// One meeting.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &MeetingId) -> Result<Option<MeetingRow>, StoreError> {
    let row: Option<(String, String, String, String, Option<i64>)> =
        sqlx::query_as("select id, appointment_id, post_id, state, sealed_at_ms from meeting where id = $1")
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, appointment, post, state, sealed)| {
        Ok(MeetingRow {
            id: sound(MeetingId::parse(&id).ok(), "meeting", "id")?,
            appointment: sound(AppointmentId::parse(&appointment).ok(), "meeting", "appointment")?,
            post: sound(PostId::parse(&post).ok(), "meeting", "post")?,
            is_ended: state == "ended",
            is_sealed: sealed.is_some(),
        })
    })
    .transpose()
}

/// What was decided at a meeting's door so far.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn door(connection: &mut Connection, id: &MeetingId) -> Result<Vec<DoorRow>, StoreError> {
    let rows: Vec<(String, String, i64, Option<i64>, i64)> = sqlx::query_as(
        "select d.participant, d.decision, d.decided_at_ms, max(a.left_at_ms), \
         cast(coalesce(sum(case when a.joined_at_ms is not null and a.left_at_ms is null then 1 else 0 end), 0) as bigint) \
         from meeting_door d \
         left join attendance a on a.meeting_id = d.meeting_id and a.participant = d.participant \
         where d.meeting_id = $1 group by d.participant, d.decision, d.decided_at_ms order by d.participant",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(participant, decision, decided, left, inside)| {
            let since = instant(left.map_or(decided, |left| left.max(decided)), "attendance")?;
            Ok(DoorRow {
                guest: sound(guest_of(&participant), "meeting_door", "participant")?,
                is_admitted: decision == "admitted",
                away_since: (inside == 0).then_some(since),
            })
        })
        .collect()
}

/// Somebody was let in.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn admit(
    connection: &mut Connection,
    id: &MeetingId,
    guest: &Guest,
    at: Timestamp,
) -> Result<(), StoreError> {
    decide(connection, (id, guest), "admitted", at).await
}

/// Somebody was sent away.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn deny(
    connection: &mut Connection,
    id: &MeetingId,
    guest: &Guest,
    at: Timestamp,
) -> Result<(), StoreError> {
    decide(connection, (id, guest), "denied", at).await
}

async fn decide(
    connection: &mut Connection,
    (id, guest): (&MeetingId, &Guest),
    decision: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meeting_door (meeting_id, participant, decision, decided_at_ms) values ($1, $2, $3, $4) \
         on conflict (meeting_id, participant) do update \
         set decision = excluded.decision, decided_at_ms = excluded.decided_at_ms",
    )
    .bind(id.as_str())
    .bind(guest_code(guest))
    .bind(decision)
    .bind(at.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody came in: a span of attendance begins, and the meeting is open.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn come_in(
    connection: &mut Connection,
    id: &MeetingId,
    guest: &Guest,
    at: Timestamp,
) -> Result<(), StoreError> {
    // A span that a stopped server left open ends where the next begins.
    go_out(&mut *connection, id, guest, at).await?;
    sqlx::query(
        "insert into attendance (meeting_id, participant, role, joined_at_ms) values ($1, $2, $3, $4) \
         on conflict do nothing",
    )
    .bind(id.as_str())
    .bind(guest_code(guest))
    .bind(guest.role().code())
    .bind(at.as_millisecond())
    .execute(&mut *connection)
    .await?;
    sqlx::query("update meeting set state = 'open', opened_at_ms = $1 where id = $2 and state = 'planned'")
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Somebody went out: the span ends.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn go_out(
    connection: &mut Connection,
    id: &MeetingId,
    guest: &Guest,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update attendance set left_at_ms = $1 where meeting_id = $2 and participant = $3 and left_at_ms is null",
    )
    .bind(at.as_millisecond())
    .bind(id.as_str())
    .bind(guest_code(guest))
    .execute(connection)
    .await?;
    Ok(())
}

/// The officer ended it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn end(connection: &mut Connection, id: &MeetingId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update meeting set state = 'ended', ended_at_ms = $1 where id = $2 and state <> 'ended'")
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The officer made it confidential; the first time stands.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn seal(connection: &mut Connection, id: &MeetingId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update meeting set sealed_at_ms = $1 where id = $2 and sealed_at_ms is null")
        .bind(at.as_millisecond())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Spans of attendance of a meeting, in the order in which they began: who, from, to.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn attendance(
    connection: &mut Connection,
    id: &MeetingId,
) -> Result<Vec<(Guest, Timestamp, Option<Timestamp>)>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> = sqlx::query_as(
        "select participant, joined_at_ms, left_at_ms from attendance where meeting_id = $1 \
         order by joined_at_ms, participant",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(participant, joined, left)| {
            let guest = sound(guest_of(&participant), "attendance", "participant")?;
            let left = left.map(|ms| instant(ms, "attendance")).transpose()?;
            Ok((guest, instant(joined, "attendance")?, left))
        })
        .collect()
}

/// Who came in and has not gone out.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn inside(connection: &mut Connection, id: &MeetingId) -> Result<Vec<Guest>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select distinct participant from attendance where meeting_id = $1 and left_at_ms is null",
    )
    .bind(id.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(who,)| sound(guest_of(&who), "attendance", "participant")).collect()
}

/// Are a citizen and the officer inside now?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn are_together(connection: &mut Connection, id: &MeetingId) -> Result<bool, StoreError> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select distinct role from attendance where meeting_id = $1 and left_at_ms is null")
            .bind(id.as_str())
            .fetch_all(connection)
            .await?;
    let is_inside = |part: Role| rows.iter().any(|(role,)| role == part.code());
    Ok(is_inside(Role::Citizen) && is_inside(Role::Officer))
}
