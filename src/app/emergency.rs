//! The emergency switch: all meetings in person of a body and everything below it go to video in one act, and back.
//!
//! Times, references and UIDs stay; SEQUENCE rises, so that invitations follow, and passes of the old version are stale.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::{AppointmentState, Channel, Turn};
use domain::id::{AppointmentId, EmergencyId, PostId};
use domain::notice::What;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};

use super::desk::{Deed, from_store, settled};
use super::party::{Party, parties, tell_each, write_rows};
use super::{Desk, scope, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::emergency::EmergencyRow;
use crate::store::office::{BodyRow, PostRow};
use crate::store::{Connection, StoreError, appointment, emergency, office, sound};

/// A switch as the desk writes it.
#[derive(Debug, Clone)]
pub struct SwitchWish {
    /// The post that orders it; its body and everything below is the scope, the Chief Secretary's is the state.
    pub post: PostId,
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

/// What a switch would do.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The body at the top of the scope.
    pub scope: Bilingual,
    /// Meetings that go to video.
    pub meetings: usize,
    /// Posts that give them.
    pub posts: usize,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// The switch.
    pub emergency: EmergencyId,
    /// How many meetings went to video.
    pub meetings: usize,
}

/// Why nothing was switched.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// Not this person's desk.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such post or switch.
    #[error("there is no such post or switch")]
    Unknown,
    /// It ends before it begins, is over already, or is longer than a switch may be.
    #[error("a switch ends after it begins, lies ahead and has at most {} days", limits::AWAY_DAYS_MAX)]
    Span,
    /// More meetings than one act may touch.
    #[error("more than {} meetings lie in that time", limits::SWITCHED_MAX)]
    TooMany,
    /// Somebody else changed one of them at the same moment, or it was taken back already; look again.
    #[error("somebody else changed one of them at the same moment")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(SwitchError);

/// What a switch would do. Changes nothing.
///
/// # Errors
/// [`SwitchError`].
pub async fn preview(desk: &Desk, actor: &Actor, wish: &SwitchWish) -> Result<Reach, SwitchError> {
    allows(actor, Act::SwitchToVideo, &Object::Post(wish.post.clone()))?;
    let mut connection = desk.store.read().await?;
    let scope = scope::of(&mut connection, &wish.post).await?.ok_or(SwitchError::Unknown)?;
    let hit = within(&mut connection, wish, &scope, desk.now()).await?;
    let posts: BTreeSet<&PostId> = hit.iter().map(|party| &party.row.rules.post).collect();
    Ok(Reach { meetings: hit.len(), posts: posts.len(), scope: scope.name })
}

/// Moves them all to video.
///
/// # Errors
/// [`SwitchError`]; nothing has changed then.
pub async fn carry_out(desk: &Desk, actor: &Actor, wish: &SwitchWish) -> Result<Switched, SwitchError> {
    let now = desk.now();
    settled(|| once(desk, actor, wish, now)).await
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    wish: &SwitchWish,
    now: Timestamp,
) -> Result<Switched, SwitchError> {
    let mut tx = desk.store.write().await?;
    allows(actor, Act::SwitchToVideo, &Object::Post(wish.post.clone()))?;
    let scope = scope::of(&mut tx, &wish.post).await?.ok_or(SwitchError::Unknown)?;
    let hit = within(&mut tx, wish, &scope, now).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let after = switch(&mut deed, hit, Channel::Video).await?.ok_or(SwitchError::Changed)?;
    let touched: Vec<AppointmentId> = after.iter().map(|party| party.row.rules.id.clone()).collect();
    let row = EmergencyRow {
        id: EmergencyId::fresh(now, desk.random.bytes()),
        body: scope.id.clone(),
        post: wish.post.clone(),
        from: wish.from,
        to: wish.to,
        is_standing: true,
    };
    emergency::insert(&mut tx, &row, &touched, now).await?;
    let detail = format!("body={} meetings={}", scope.id, touched.len());
    let line = Line { by: actor.by(None), act: "diary.switch_to_video", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Switched { emergency: row.id, meetings: touched.len() })
}

/// Takes a switch back: those that it moved, lie ahead and are still by video are in person again.
///
/// * returns: how many.
///
/// # Errors
/// [`SwitchError`]; nothing has changed then.
pub async fn undo(desk: &Desk, actor: &Actor, id: &EmergencyId) -> Result<usize, SwitchError> {
    let now = desk.now();
    settled(|| undo_once(desk, actor, id, now)).await
}

async fn undo_once(
    desk: &Desk,
    actor: &Actor,
    id: &EmergencyId,
    now: Timestamp,
) -> Result<usize, SwitchError> {
    let mut tx = desk.store.write().await?;
    let row = emergency::by_id(&mut tx, id).await?.ok_or(SwitchError::Unknown)?;
    allows(actor, Act::SwitchToVideo, &Object::Post(row.post.clone()))?;
    if !emergency::undo(&mut tx, id).await? {
        return Err(SwitchError::Changed);
    }
    let touched = emergency::touched(&mut tx, id).await?;
    let rows = appointment::of_ids(&mut tx, &touched).await?;
    let still = rows.into_iter().filter(|row| row.channel == Channel::Video).collect();
    let back = parties(&mut tx, still).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let after = switch(&mut deed, back, Channel::InPerson).await?.ok_or(SwitchError::Changed)?;
    let detail = format!("body={} meetings={}", row.body, after.len());
    let line = Line { by: actor.by(None), act: "diary.undo_switch", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(after.len())
}

/// The standing switches of a post.
///
/// # Errors
/// [`SwitchError`].
pub async fn standing(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Vec<EmergencyRow>, SwitchError> {
    allows(actor, Act::SwitchToVideo, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    Ok(emergency::standing(&mut connection, post, desk.now()).await?)
}

async fn within(
    connection: &mut Connection,
    wish: &SwitchWish,
    scope: &BodyRow,
    now: Timestamp,
) -> Result<Vec<Party>, SwitchError> {
    let length = wish.to.duration_since(wish.from);
    if wish.to <= wish.from
        || wish.to <= now
        || length > SignedDuration::from_hours(24 * limits::AWAY_DAYS_MAX)
    {
        return Err(SwitchError::Span);
    }
    let most = limits::SWITCHED_MAX + 1;
    let rows = appointment::in_person_below(connection, &scope.id, (wish.from, wish.to), (now, most)).await?;
    if rows.len() as i64 > limits::SWITCHED_MAX {
        return Err(SwitchError::TooMany);
    }
    Ok(parties(connection, rows).await?)
}

/// Changes the way to meet of those that can still change, and tells them. `None` when another was faster.
async fn switch(
    deed: &mut Deed<'_>,
    parties: Vec<Party>,
    to: Channel,
) -> Result<Option<Vec<Party>>, StoreError> {
    let turns: Vec<(Party, Turn)> = parties
        .into_iter()
        .filter_map(|mut party| {
            let turn = party.row.rules.clone().resend(deed.now).ok()?;
            party.row.channel = to;
            Some((party, turn))
        })
        .collect();
    let Some(after) = write_rows(deed, turns).await? else { return Ok(None) };
    let posts = office::posts(deed.tx).await?;
    let posts: BTreeMap<&PostId, &PostRow> = posts.iter().map(|post| (&post.id, post)).collect();
    let mut told = Vec::with_capacity(after.len());
    for party in &after {
        let post = sound(posts.get(&party.row.rules.post), "appointment", "post")?;
        let visit = tell::visit(deed.desk, &party.row, post, &party.citizen)?;
        let is_fixed = party.row.rules.state == AppointmentState::Confirmed;
        told.push((party, What::Switched { visit, is_fixed }));
    }
    tell_each(deed, told).await?;
    Ok(Some(after))
}
