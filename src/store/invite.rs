//! Rows of invitations to meetings, and of the devices on which they were taken.

use domain::id::{AppointmentId, InviteId, MeetingId, PostId, SessionId};
use domain::meeting::{InviteKind, Invited};
use domain::text::PersonName;
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// An invitation that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// Which.
    pub id: InviteId,
    /// To which meeting.
    pub meeting: MeetingId,
    /// Who, and as what.
    pub invited: Invited,
    /// The post for which somebody comes; of [`InviteKind::Authority`] alone.
    pub for_post: Option<PostId>,
}

/// Does an invitation open anything?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Stands,
    /// It was taken back.
    TakenBack,
}

/// The columns of an [`InviteRow`].
type Columns = (String, String, String, String, String, Option<String>);

/// The same, and when it was taken back.
type EverColumns = (String, String, String, String, String, Option<String>, Option<i64>);

fn read((id, meeting, kind, name, people, for_post): Columns) -> Result<InviteRow, StoreError> {
    let person = |name: &str| sound(PersonName::parse(name).ok(), "invite", "name");
    let invited = Invited {
        kind: sound(InviteKind::from_code(&kind), "invite", "kind")?,
        name: person(&name)?,
        people: people.lines().map(person).collect::<Result<_, _>>()?,
    };
    Ok(InviteRow {
        id: sound(InviteId::parse(&id).ok(), "invite", "id")?,
        meeting: sound(MeetingId::parse(&meeting).ok(), "invite", "meeting")?,
        for_post: for_post.map(|post| sound(PostId::parse(&post).ok(), "invite", "post")).transpose()?,
        invited,
    })
}

/// Writes an invitation.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    row: &InviteRow,
    token_hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let people: Vec<&str> = row.invited.people.iter().map(PersonName::as_str).collect();
    sqlx::query(
        "insert into invite (id, meeting_id, kind, name, people, token_hash, made_at_ms, for_post_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(row.id.as_str())
    .bind(row.meeting.as_str())
    .bind(row.invited.kind.code())
    .bind(row.invited.name.as_str())
    .bind(people.join("\n"))
    .bind(token_hash)
    .bind(now.as_millisecond())
    .bind(row.for_post.as_ref().map(PostId::as_str))
    .execute(connection)
    .await?;
    Ok(())
}

/// Who is asked in to a meeting, in the order in which they were.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(
    connection: &mut Connection,
    meeting: &MeetingId,
) -> Result<Vec<InviteRow>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, meeting_id, kind, name, people, for_post_id from invite \
         where meeting_id = $1 and withdrawn_at_ms is null order by made_at_ms, id",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(read).collect()
}

/// Everybody who was ever asked in to a meeting, also by what was taken back since, in that order; with whether the
/// invitation stands.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn ever(
    connection: &mut Connection,
    meeting: &MeetingId,
) -> Result<Vec<(InviteRow, Standing)>, StoreError> {
    let rows: Vec<EverColumns> = sqlx::query_as(
        "select id, meeting_id, kind, name, people, for_post_id, withdrawn_at_ms from invite \
         where meeting_id = $1 order by made_at_ms, id",
    )
    .bind(meeting.as_str())
    .fetch_all(connection)
    .await?;
    let row = |(id, meeting, kind, name, people, for_post, withdrawn): EverColumns| {
        let standing = if withdrawn.is_some() { Standing::TakenBack } else { Standing::Stands };
        Ok((read((id, meeting, kind, name, people, for_post))?, standing))
    };
    rows.into_iter().map(row).collect()
}

/// An invitation that stands.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(connection: &mut Connection, id: &InviteId) -> Result<Option<InviteRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, meeting_id, kind, name, people, for_post_id from invite where id = $1 and withdrawn_at_ms is null",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(read).transpose()
}

/// The invitation that a link opens.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_token(
    connection: &mut Connection,
    token_hash: &str,
) -> Result<Option<InviteRow>, StoreError> {
    let row: Option<Columns> = sqlx::query_as(
        "select id, meeting_id, kind, name, people, for_post_id from invite \
         where token_hash = $1 and withdrawn_at_ms is null",
    )
    .bind(token_hash)
    .fetch_optional(connection)
    .await?;
    row.map(read).transpose()
}

/// Takes an invitation back.
///
/// * returns: whether it stood until now.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn withdraw(
    connection: &mut Connection,
    (id, meeting): (&InviteId, &MeetingId),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update invite set withdrawn_at_ms = $3 \
         where id = $1 and meeting_id = $2 and withdrawn_at_ms is null",
    )
    .bind(id.as_str())
    .bind(meeting.as_str())
    .bind(now.as_millisecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets a device come as whoever was asked in.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn grant(
    connection: &mut Connection,
    session: &SessionId,
    invite: &InviteId,
) -> Result<(), StoreError> {
    sqlx::query("insert into session_invite (session_id, invite_id) values ($1, $2) on conflict do nothing")
        .bind(session.as_str())
        .bind(invite.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// As whom a device may come, to the meetings of which appointments; the newest invitation first.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_session(
    connection: &mut Connection,
    session: &SessionId,
) -> Result<Vec<(InviteId, AppointmentId)>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select i.id, m.appointment_id from session_invite s join invite i on i.id = s.invite_id \
         join meeting m on m.id = i.meeting_id \
         where s.session_id = $1 and i.withdrawn_at_ms is null order by i.made_at_ms desc, i.id",
    )
    .bind(session.as_str())
    .fetch_all(connection)
    .await?;
    let row = |(invite, appointment): (String, String)| {
        Ok((
            sound(InviteId::parse(&invite).ok(), "session_invite", "invite")?,
            sound(AppointmentId::parse(&appointment).ok(), "session_invite", "appointment")?,
        ))
    };
    rows.into_iter().map(row).collect()
}
