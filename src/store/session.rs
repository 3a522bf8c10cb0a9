//! Rows of sessions: the device of a citizen, a staff login acting from a post, a terminal. Only hashes of tokens.

use domain::id::{AppointmentId, PostId, SessionId, TerminalId, UserId};
use jiff::Timestamp;

use super::{Connection, StoreError, sound};

/// Who a session stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// A citizen's device; what it may touch is in `session_appointment`.
    Citizen,
    /// A staff login, acting from this post.
    Staff(UserId, PostId),
    /// A terminal of a seat.
    Terminal(TerminalId),
}

/// Kind, login, post and terminal of a row.
type Stands = (String, Option<String>, Option<String>, Option<String>);

/// Begins a session.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn insert(
    connection: &mut Connection,
    (id, token_hash): (&SessionId, &str),
    bearer: &Bearer,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let (kind, staff, post, terminal) = match bearer {
        Bearer::Citizen => ("citizen", None, None, None),
        Bearer::Staff(staff, post) => ("staff", Some(staff.as_str()), Some(post.as_str()), None),
        Bearer::Terminal(terminal) => ("terminal", None, None, Some(terminal.as_str())),
    };
    sqlx::query(
        "insert into session (id, token_hash, kind, staff_id, post_id, created_at_ms, expires_at_ms, terminal_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.as_str())
    .bind(token_hash)
    .bind(kind)
    .bind(staff)
    .bind(post)
    .bind(now.as_millisecond())
    .bind(expires_at.as_millisecond())
    .bind(terminal)
    .execute(connection)
    .await?;
    Ok(())
}

/// The live session of a token.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_token(
    connection: &mut Connection,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(SessionId, Bearer)>, StoreError> {
    type Columns = (String, String, Option<String>, Option<String>, Option<String>);
    let row: Option<Columns> = sqlx::query_as(
        "select id, kind, staff_id, post_id, terminal_id from session \
         where token_hash = $1 and expires_at_ms > $2 and revoked_at_ms is null",
    )
    .bind(token_hash)
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    let Some((id, kind, staff, post, terminal)) = row else { return Ok(None) };
    let id = sound(SessionId::parse(&id).ok(), "session", "id")?;
    Ok(Some((id, bearer((kind, staff, post, terminal))?)))
}

/// Who a live session stands for.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_id(
    connection: &mut Connection,
    id: &SessionId,
    now: Timestamp,
) -> Result<Option<Bearer>, StoreError> {
    let row: Option<Stands> = sqlx::query_as(
        "select kind, staff_id, post_id, terminal_id from session \
         where id = $1 and expires_at_ms > $2 and revoked_at_ms is null",
    )
    .bind(id.as_str())
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await?;
    row.map(bearer).transpose()
}

fn bearer((kind, staff, post, terminal): Stands) -> Result<Bearer, StoreError> {
    match (kind.as_str(), staff, post, terminal) {
        ("citizen", ..) => Ok(Bearer::Citizen),
        ("terminal", _, _, Some(terminal)) => {
            Ok(Bearer::Terminal(sound(TerminalId::parse(&terminal).ok(), "session", "terminal")?))
        }
        ("staff", Some(staff), Some(post), _) => Ok(Bearer::Staff(
            sound(UserId::parse(&staff).ok(), "session", "staff")?,
            sound(PostId::parse(&post).ok(), "session", "post")?,
        )),
        _ => Err(StoreError::Corrupt { table: "session", what: "kind" }),
    }
}

/// Ends a session.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn revoke(connection: &mut Connection, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("update session set revoked_at_ms = $2 where id = $1 and revoked_at_ms is null")
        .bind(id.as_str())
        .bind(now.as_millisecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets the acts of one session come one after the other: another waits here until this transaction ends.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn take_turn(connection: &mut Connection, id: &SessionId) -> Result<(), StoreError> {
    sqlx::query("update session set kind = kind where id = $1").bind(id.as_str()).execute(connection).await?;
    Ok(())
}

/// Lets a citizen's session touch an appointment.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn grant(
    connection: &mut Connection,
    session: &SessionId,
    appointment: &AppointmentId,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into session_appointment (session_id, appointment_id) values ($1, $2) on conflict do nothing",
    )
    .bind(session.as_str())
    .bind(appointment.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets every session that may touch an appointment touch another of the same citizen.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn grant_as(
    connection: &mut Connection,
    (of, also): (&AppointmentId, &AppointmentId),
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into session_appointment (session_id, appointment_id) \
         select session_id, $2 from session_appointment where appointment_id = $1",
    )
    .bind(of.as_str())
    .bind(also.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// What a citizen's session may touch.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn appointments(
    connection: &mut Connection,
    session: &SessionId,
) -> Result<Vec<AppointmentId>, StoreError> {
    let rows: Vec<(String,)> =
        sqlx::query_as("select appointment_id from session_appointment where session_id = $1")
            .bind(session.as_str())
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(id,)| sound(AppointmentId::parse(&id).ok(), "session_appointment", "appointment"))
        .collect()
}
