//! Asking somebody in to a meeting: an interpreter, a helper, somebody of an office, a hall.
//!
//! An invitation is a link that a device takes. It leads to the lobby, where officer and desk see the name and let in or
//! do not; one that was taken back leads nowhere.

use domain::id::{AppointmentId, InviteId, MeetingId, PostId, SessionId};
use domain::meeting::invited::INVITED_MAX;
use domain::meeting::{InviteError, InviteKind, Invited};

use super::desk::{from_store, settled};
use super::door::Door;
use super::{Desk, door, session};
use crate::audit::{self, By, Line};
use crate::auth::{Actor, token};
use crate::store::invite::{self, InviteRow};
use crate::store::{Connection, StoreError, hearing, meeting, office, sound};

/// Somebody who is asked in, as the office sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which invitation.
    pub id: InviteId,
    /// Who, and as what.
    pub invited: Invited,
    /// The token of its link.
    pub token: String,
}

/// Why nobody was asked in, or an invitation was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AskInError {
    /// What was typed cannot be.
    #[error(transparent)]
    Typed(#[from] InviteError),
    /// So many are asked in already.
    #[error("at most {INVITED_MAX} can be asked in")]
    Full,
    /// The case whose authority is asked in was not entered yet.
    #[error("the case is not entered yet")]
    NotEntered,
    /// The link opens nothing, or no more.
    #[error("the link opens nothing")]
    NoInvitation,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AskInError);

/// Who is asked in to a meeting.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(desk: &Desk, meeting: &MeetingId) -> Result<Vec<Asked>, StoreError> {
    let mut connection = desk.store.read().await?;
    let rows = invite::of_meeting(&mut connection, meeting).await?;
    Ok(rows.into_iter().map(|row| asked(desk, row)).collect())
}

fn asked(desk: &Desk, row: InviteRow) -> Asked {
    Asked { token: desk.settings.link_key.invite_link(&row.id), id: row.id, invited: row.invited }
}

/// The kinds as which a post can ask somebody in, in the order in which they are offered.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn kinds(desk: &Desk, post: &PostId) -> Result<Vec<InviteKind>, StoreError> {
    let mut connection = desk.store.read().await?;
    kinds_of(&mut connection, post).await
}

async fn kinds_of(connection: &mut Connection, post: &PostId) -> Result<Vec<InviteKind>, StoreError> {
    let row = office::post(connection, post).await?;
    Ok(row.map(|row| InviteKind::of(row.role)).unwrap_or_default())
}

/// Asks somebody in.
///
/// # Errors
/// [`AskInError`].
pub async fn ask_in(desk: &Desk, by: &Actor, meeting: &MeetingId, who: &Invited) -> Result<(), AskInError> {
    settled(|| ask_in_once(desk, by, meeting, who)).await
}

async fn ask_in_once(desk: &Desk, by: &Actor, to: &MeetingId, who: &Invited) -> Result<(), AskInError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let standing = invite::of_meeting(&mut tx, to).await?;
    // Asked twice by a double tap is asked once.
    if standing.iter().any(|row| row.invited == *who) {
        return Ok(());
    }
    if standing.len() >= INVITED_MAX {
        return Err(AskInError::Full);
    }
    let met = sound(meeting::by_id(&mut tx, to).await?, "invite", "meeting")?;
    if !kinds_of(&mut tx, &met.post).await?.contains(&who.kind) {
        return Err(InviteError::Kind.into());
    }
    let id = InviteId::fresh(now, desk.random.bytes());
    let link = desk.settings.link_key.invite_link(&id);
    let hash = token::hash(&link).expect("a token of our own is a token");
    let for_post = match who.kind {
        InviteKind::Authority => Some(authority_of(&mut tx, &met.appointment).await?),
        _ => None,
    };
    let row = InviteRow { id: id.clone(), meeting: to.clone(), invited: who.clone(), for_post };
    invite::insert(&mut tx, &row, &hash, now).await?;
    let detail = format!("invite={id} kind={} people={}", who.kind.code(), who.people.len());
    let line = Line { by: by.by(None), act: "meeting.ask_in", object: to.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The authority of the case that is heard at an appointment; nobody can come for it before it was entered.
async fn authority_of(connection: &mut Connection, id: &AppointmentId) -> Result<PostId, AskInError> {
    let row = hearing::of(connection, id).await?;
    row.map(|row| row.case.authority).ok_or(AskInError::NotEntered)
}

/// Takes an invitation back. Who is inside by it stays until sent out.
///
/// # Errors
/// [`AskInError`].
pub async fn withdraw(desk: &Desk, by: &Actor, meeting: &MeetingId, id: &InviteId) -> Result<(), AskInError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if !invite::withdraw(&mut tx, (id, meeting), now).await? {
        return Ok(());
    }
    let line = Line {
        by: by.by(None),
        act: "meeting.take_back_invitation",
        object: meeting.as_str(),
        detail: format!("invite={id}"),
    };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The invitation behind a link, and the door that it leads to.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn by_link(desk: &Desk, shown: &str) -> Result<Option<(Asked, Door)>, StoreError> {
    let Some(hash) = token::hash(shown) else { return Ok(None) };
    let mut connection = desk.store.read().await?;
    let Some(row) = invite::by_token(&mut connection, &hash).await? else { return Ok(None) };
    drop(connection);
    let door = door::of_meeting(desk, &row.meeting).await?;
    Ok(door.map(|door| (asked(desk, row), door)))
}

/// A device takes an invitation: from now on it comes as whoever was asked in.
///
/// * `known`: the session of this device, if it has one.
/// * returns: a new cookie's token, if the device had no session.
///
/// # Errors
/// [`AskInError`].
pub async fn take(desk: &Desk, known: Option<&SessionId>, shown: &str) -> Result<Option<String>, AskInError> {
    let hash = token::hash(shown).ok_or(AskInError::NoInvitation)?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = invite::by_token(&mut tx, &hash).await?.ok_or(AskInError::NoInvitation)?;
    let (session, cookie) = session::of_device(desk, &mut tx, known).await?;
    invite::grant(&mut tx, &session, &row.id).await?;
    let line = Line {
        by: By::Citizen(session),
        act: "door.take_invitation",
        object: row.meeting.as_str(),
        detail: format!("invite={}", row.id),
    };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(cookie)
}

/// The word in the locales for what somebody comes as.
#[must_use]
pub const fn word_of(kind: InviteKind) -> &'static str {
    match kind {
        InviteKind::Interpreter => "guest-kind-interpreter",
        InviteKind::Helper => "guest-kind-helper",
        InviteKind::Colleague => "guest-kind-colleague",
        InviteKind::Hall => "guest-kind-hall",
        InviteKind::Authority => "guest-kind-authority",
    }
}
