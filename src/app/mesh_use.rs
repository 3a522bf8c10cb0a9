//! The numbers of use of the hotline in the last week, for the centre of the mesh and whoever looks after its machines: what is
//! counted is said on the page.

use std::collections::BTreeMap;

use domain::hotline::precedence;
use domain::id::{BodyId, CallId, PostId};
use domain::mesh_use::{Inside, journeys_spared, median, together};
use domain::office::{RoleKey, holder_at};
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::mesh_use::{self as rows, AskedRow, PartRow};
use crate::store::{StoreError, office};

/// A seat in the last week.
#[derive(Debug, Clone)]
pub struct SeatUse {
    /// Which.
    pub post: PostId,
    /// What it is called.
    pub title: Bilingual,
    /// Its number on the board.
    pub number: i64,
    /// Somebody holds it.
    pub is_held: bool,
    /// Calls in which it talked with somebody.
    pub talks: usize,
    /// How long together.
    pub talked: SignedDuration,
    /// Rings to it.
    pub rung: usize,
    /// Of them those that it took.
    pub took: usize,
    /// Questions to it.
    pub asked: usize,
    /// Of them those that it answered.
    pub answered: usize,
}

impl SeatUse {
    /// Somebody is there, and neither talked nor answered.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.is_held && self.talks == 0 && self.answered == 0
    }
}

/// The week.
#[derive(Debug, Clone)]
pub struct Use {
    /// Since when.
    pub since: Timestamp,
    /// Every seat, in the order of the board.
    pub seats: Vec<SeatUse>,
    /// Calls in which two seats or more talked.
    pub talks: usize,
    /// Journeys spared: see [`journeys_spared`].
    pub journeys: usize,
    /// Answered questions, a seat each.
    pub answered: usize,
    /// Questions, a seat each.
    pub asked: usize,
    /// The middle of the times to the first answer.
    pub answer_time: Option<SignedDuration>,
}

/// Why the numbers are not shown.
#[derive(Debug, thiserror::Error)]
pub enum UseError {
    /// Not this person's post, or a post that is not of the centre.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Is this a part of the centre of the mesh: Chief Minister, Chief Secretary, Development Commissioner?
#[must_use]
pub fn is_centre(role: RoleKey) -> bool {
    precedence(role) > precedence(RoleKey::DepartmentHead)
}

/// The numbers of the last week, as a post of the centre reads them.
///
/// # Errors
/// [`UseError`].
pub async fn week(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Use, UseError> {
    allows(actor, Act::ReadUse, &Object::Post(post.clone()))?;
    read(desk, Some(post)).await
}

/// The same for whoever looks after the machines of all seats: figures, and nothing to do with them.
///
/// # Errors
/// [`UseError`].
pub async fn week_of_all(desk: &Desk, actor: &Actor) -> Result<Use, UseError> {
    allows(actor, Act::ReadUse, &Object::House)?;
    read(desk, None).await
}

/// * `reader`: must be a post of the centre, if one is named.
async fn read(desk: &Desk, reader: Option<&PostId>) -> Result<Use, UseError> {
    let now = desk.now();
    let since = now - SignedDuration::from_hours(24 * limits::USE_DAYS);
    let mut connection = desk.store.read().await?;
    let posts = office::posts(&mut connection).await?;
    if reader.is_some_and(|id| !posts.iter().any(|row| row.id == *id && is_centre(row.role))) {
        return Err(UseError::Denied(Denied::Forbidden));
    }
    let charges = office::incumbencies(&mut connection).await?;
    let parts = rows::parts(&mut connection, since, limits::USE_ROWS_MAX).await?;
    let asked = rows::asked(&mut connection, since, limits::USE_ROWS_MAX).await?;
    let mut seats: BTreeMap<PostId, SeatUse> = BTreeMap::new();
    let mut bodies: BTreeMap<PostId, BodyId> = BTreeMap::new();
    for row in posts {
        let Some(number) = row.seat_number else { continue };
        bodies.insert(row.id.clone(), row.body);
        let is_held = holder_at(&charges, &row.id, now).is_some();
        seats.insert(row.id.clone(), SeatUse { is_held, number, ..SeatUse::of(row.id, row.title) });
    }
    count_rings(&mut seats, &parts);
    let (talks, journeys) = count_talks(&mut seats, (&parts, &bodies), now);
    let times = count_answers(&mut seats, &asked);
    let mut seats: Vec<SeatUse> = seats.into_values().collect();
    seats.sort_by_key(|seat| seat.number);
    let (asked, answered) = (asked.len(), times.len());
    Ok(Use { since, seats, talks, journeys, asked, answered, answer_time: median(times) })
}

impl SeatUse {
    fn of(post: PostId, title: Bilingual) -> SeatUse {
        SeatUse {
            post,
            title,
            number: 0,
            is_held: false,
            talks: 0,
            talked: SignedDuration::ZERO,
            rung: 0,
            took: 0,
            asked: 0,
            answered: 0,
        }
    }
}

fn count_rings(seats: &mut BTreeMap<PostId, SeatUse>, parts: &[PartRow]) {
    for part in parts.iter().filter(|part| part.is_rung) {
        if let Some(seat) = seats.get_mut(&part.post) {
            seat.rung += 1;
            seat.took += usize::from(part.agreed_at.is_some());
        }
    }
}

/// * returns: calls with a talk, and journeys spared.
fn count_talks(
    seats: &mut BTreeMap<PostId, SeatUse>,
    (parts, bodies): (&[PartRow], &BTreeMap<PostId, BodyId>),
    now: Timestamp,
) -> (usize, usize) {
    let mut calls: BTreeMap<&CallId, Vec<Inside>> = BTreeMap::new();
    for part in parts {
        let (Some(from), Some(body)) = (part.agreed_at, bodies.get(&part.post)) else { continue };
        let (post, to) = (part.post.clone(), part.ended_at.unwrap_or(now));
        calls.entry(&part.call).or_default().push(Inside { post, body: body.clone(), from, to });
    }
    let (mut talks, mut journeys) = (0, 0);
    for inside in calls.values() {
        let talked = together(inside);
        talks += usize::from(!talked.is_empty());
        journeys += journeys_spared(inside);
        for (post, length) in talked {
            if let Some(seat) = seats.get_mut(&post) {
                seat.talks += 1;
                seat.talked += length;
            }
        }
    }
    (talks, journeys)
}

/// * returns: the times to the first answers.
fn count_answers(seats: &mut BTreeMap<PostId, SeatUse>, asked: &[AskedRow]) -> Vec<SignedDuration> {
    let mut times = Vec::new();
    for row in asked {
        let time = row.answered_at.map(|at| at.duration_since(row.asked_at));
        if let Some(seat) = seats.get_mut(&row.post) {
            seat.asked += 1;
            seat.answered += usize::from(time.is_some());
        }
        times.extend(time);
    }
    times
}
