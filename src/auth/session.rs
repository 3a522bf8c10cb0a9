//! Sessions: from a cookie's token to an [`Actor`] whose rights are those of this moment.
//!
//! Rights are worked out anew each time: a transfer at midnight takes them away by itself.

use domain::id::{PostId, SessionId, TerminalId, UserId};
use domain::office::{DelegatedAct, holder_at, holders_at};
use jiff::Timestamp;

use super::{Actor, Invite, Staff, Terminal, token};
use crate::store::session::Bearer;
use crate::store::{Connection, StoreError, invite, office, session, staff, terminal};

/// Who shows this token.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn actor_of(
    connection: &mut Connection,
    shown: Option<&str>,
    now: Timestamp,
) -> Result<Actor, StoreError> {
    let Some(hash) = shown.and_then(token::hash) else { return Ok(Actor::Anyone) };
    let found = session::by_token(connection, &hash, now).await?;
    actor_behind(connection, found, now).await
}

/// Whose session this is; nobody's when it has ended.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn actor_of_session(
    connection: &mut Connection,
    id: &SessionId,
    now: Timestamp,
) -> Result<Actor, StoreError> {
    let found = session::by_id(connection, id, now).await?;
    actor_behind(connection, found.map(|bearer| (id.clone(), bearer)), now).await
}

async fn actor_behind(
    connection: &mut Connection,
    found: Option<(SessionId, Bearer)>,
    now: Timestamp,
) -> Result<Actor, StoreError> {
    match found {
        None => Ok(Actor::Anyone),
        Some((session, Bearer::Citizen)) => {
            let appointments = session::appointments(connection, &session).await?;
            let invites = invite::of_session(connection, &session).await?;
            let invites = invites.into_iter().map(|(id, appointment)| Invite { id, appointment }).collect();
            Ok(Actor::Citizen { session, appointments, invites })
        }
        Some((session, Bearer::Staff(user, post))) => {
            staff_actor(connection, (session, user, post), now).await
        }
        Some((session, Bearer::Terminal(id))) => terminal_actor(connection, (session, id), now).await,
    }
}

async fn staff_actor(
    connection: &mut Connection,
    (session, user, post): (SessionId, UserId, PostId),
    now: Timestamp,
) -> Result<Actor, StoreError> {
    let Some(login) = staff::by_id(connection, &user).await? else { return Ok(Actor::Anyone) };
    let Some(row) = office::post(connection, &post).await? else { return Ok(Actor::Anyone) };
    let history = office::history(connection, &post).await?;
    let is_holder = holders_at(&history, &post, now).iter().any(|held| held.person == login.person);
    let (mut screens, mut admits) = (vec![post.clone()], vec![post.clone()]);
    for delegation in office::delegations_to(connection, &post).await? {
        if delegation.holds_at(now) {
            match delegation.act {
                DelegatedAct::Screen => screens.push(delegation.principal),
                DelegatedAct::Admit => admits.push(delegation.principal),
            }
        }
    }
    Ok(Actor::Staff(Box::new(Staff {
        session,
        user,
        person: login.person,
        post,
        title: row.title,
        role: row.role,
        is_holder,
        screens,
        admits,
    })))
}

/// A terminal acts as whoever holds its post at this moment; one that was revoked is nobody.
async fn terminal_actor(
    connection: &mut Connection,
    (session, id): (SessionId, TerminalId),
    now: Timestamp,
) -> Result<Actor, StoreError> {
    let Some(row) = terminal::by_id(connection, &id).await? else { return Ok(Actor::Anyone) };
    if row.revoked_at.is_some() {
        return Ok(Actor::Anyone);
    }
    let Some(post) = office::post(connection, &row.post).await? else { return Ok(Actor::Anyone) };
    let history = office::history(connection, &row.post).await?;
    let person = holder_at(&history, &row.post, now).map(|held| held.person.clone());
    Ok(Actor::Terminal(Box::new(Terminal {
        session,
        id,
        device: row.device,
        post: row.post,
        title: post.title,
        role: post.role,
        person,
    })))
}
