//! Displacement: the officer is called away, and everybody whose time falls is given another one in one act.
//!
//! First a preview of whom it hits and what they would get, then the act itself, which is refused when anything that the
//! desk saw has changed, and for ten minutes the way back. Nobody is lost: whoever gets no time stands first on the
//! waiting list.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::Caps;
use domain::diary::displacement::{AwayReason, Fallen, resettle};
use domain::diary::supply::{Category, Offer};
use domain::diary::{AppointmentState, Channel, MoveError, Slot, Turn};
use domain::id::{AbsenceId, AppointmentId, PostId};
use domain::notice::What;
use domain::office::{RoleKey, ist};
use domain::text::{Bilingual, Subject};
use jiff::{SignedDuration, Timestamp, ToSpan};
use sha2::{Digest, Sha256};

use super::carry_out::Case;
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::party::{Party, claim_turns, parties, tell_each, write_turns};
use super::{Desk, caps, hearing, tell};
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::absence::AbsenceRow;
use crate::store::claim::Claimant;
use crate::store::displacement::DisplacedRow;
use crate::store::office::PostRow;
use crate::store::{Connection, StoreError, absence, appointment, cap, claim, displacement, sound, waiting};

/// An absence as the desk writes it.
#[derive(Debug, Clone)]
pub struct AwayWish {
    /// Whose officer is away.
    pub post: PostId,
    /// First instant away.
    pub from: Timestamp,
    /// First instant back.
    pub to: Timestamp,
    /// Why; citizens are told.
    pub reason: AwayReason,
    /// On whose authority: an order's number, who said so.
    pub authority: Subject,
}

/// What an absence would do.
#[derive(Debug, Clone)]
pub struct Impact {
    /// Whose officer.
    pub title: Bilingual,
    /// Whom it hits, in the order in which they are given other times.
    pub hit: Vec<Hit>,
    /// What the desk has seen, for [`carry_out`].
    pub mark: String,
}

/// One appointment that an absence hits.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Which.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// Who comes.
    pub name: String,
    /// How they meet.
    pub channel: Channel,
    /// The time that falls.
    pub was: Slot,
    /// The other time; none when it has to wait, or when only what was on offer falls.
    pub to: Option<Slot>,
    /// The wished time stands; only times on offer fall.
    pub keeps_time: bool,
    /// How often it was displaced before.
    pub displaced_before: i64,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Displaced {
    /// The absence.
    pub absence: AbsenceId,
    /// How many have another time.
    pub moved: usize,
    /// How many wait for one.
    pub waiting: usize,
}

/// What was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// How many have their old time again.
    pub restored: usize,
    /// How many keep what they have: they changed it themselves, or the old time is gone.
    pub kept: usize,
}

/// An absence as its page shows it.
#[derive(Debug, Clone)]
pub struct Away {
    /// The absence.
    pub row: AbsenceRow,
    /// Whose officer.
    pub title: Bilingual,
    /// The body.
    pub body: Bilingual,
    /// How many it displaced.
    pub displaced: usize,
    /// How many of them wait for a time.
    pub waiting: usize,
    /// Until when it can be undone; nothing once that is over.
    pub undo_until: Option<Timestamp>,
}

/// Why nothing was displaced or undone.
#[derive(Debug, thiserror::Error)]
pub enum DisplaceError {
    /// Not this person's desk.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such post or absence.
    #[error("there is no such post or absence")]
    Unknown,
    /// It ends before it begins, is over already, or is longer than an absence may be.
    #[error("an absence ends after it begins, lies ahead and has at most {} days", limits::AWAY_DAYS_MAX)]
    Span,
    /// More appointments than one absence may displace.
    #[error("more than {} appointments lie in that time", limits::DISPLACED_MAX)]
    TooMany,
    /// Appointments, or who holds the post, changed since the preview; look again.
    #[error("something changed since the preview")]
    Overtaken,
    /// The free times went to others again and again; look again.
    #[error("the free times went to others")]
    Changed,
    /// The ten minutes are over, or it was undone already.
    #[error("this can no longer be undone")]
    TooLate,
    /// An appointment cannot make this move: the rules and the query that found it disagree.
    #[error(transparent)]
    Impossible(#[from] MoveError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(DisplaceError);

/// Everything that the act needs.
struct Plan {
    post: PostRow,
    claimant: Claimant,
    parties: Vec<Party>,
    order: Vec<AppointmentId>,
    moves: BTreeMap<AppointmentId, Slot>,
    caps: Caps,
    mark: String,
}

/// What an absence would do. Changes nothing.
///
/// # Errors
/// [`DisplaceError`].
pub async fn preview(desk: &Desk, actor: &Actor, wish: &AwayWish) -> Result<Impact, DisplaceError> {
    allows(actor, Act::Displace, &Object::Post(wish.post.clone()))?;
    let plan = planned(desk, wish, desk.now()).await?;
    let mut hit: Vec<Hit> = plan
        .parties
        .iter()
        .map(|party| Hit {
            appointment: party.row.rules.id.clone(),
            reference: party.row.reference.clone(),
            name: party.citizen.name.clone(),
            channel: party.row.channel,
            was: party.row.rules.slot,
            to: plan.moves.get(&party.row.rules.id).copied(),
            keeps_time: !touches(wish, party.row.rules.slot),
            displaced_before: party.row.displaced_count,
        })
        .collect();
    hit.sort_by_key(|hit| plan.order.iter().position(|id| *id == hit.appointment).unwrap_or(usize::MAX));
    Ok(Impact { title: plan.post.title, hit, mark: plan.mark })
}

/// Writes the absence down and gives everybody whom it hits another time or a place at the head of the waiting list.
///
/// * `mark`: of the preview that the desk saw.
///
/// # Errors
/// [`DisplaceError`]; nothing has changed then.
pub async fn carry_out(
    desk: &Desk,
    actor: &Actor,
    wish: &AwayWish,
    mark: &str,
) -> Result<Displaced, DisplaceError> {
    allows(actor, Act::Displace, &Object::Post(wish.post.clone()))?;
    for _ in 0..limits::RESETTLE_TRIES_MAX {
        let now = desk.now();
        let plan = planned(desk, wish, now).await?;
        if plan.mark != mark {
            return Err(DisplaceError::Overtaken);
        }
        let fresh = AbsenceId::fresh(now, desk.random.bytes());
        let absence = (&fresh, Absence::New, actor.by(None));
        if let Some(done) = settled(|| once(desk, absence.clone(), (wish, &plan), now)).await? {
            return Ok(done);
        }
    }
    Err(DisplaceError::Changed)
}

/// Whether the act writes its absence down, or it stands already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    New,
    Standing,
}

/// Gives whoever was booked into a standing absence by a race another time, as part of that absence.
///
/// * returns: how many there were.
///
/// # Errors
/// [`DisplaceError`]; nothing has changed then, and the next round tries again.
pub(super) async fn again(desk: &Desk, away: &AbsenceRow) -> Result<usize, DisplaceError> {
    let now = desk.now();
    let authority = Subject::parse(&away.authority).ok();
    let authority = authority.ok_or(StoreError::Corrupt { table: "absence", what: "authority" })?;
    let (post, reason) = (away.post.clone(), away.reason);
    let wish = AwayWish { post, from: away.from, to: away.to, reason, authority };
    let plan = planned(desk, &wish, now).await?;
    let absence = (&away.id, Absence::Standing, By::House);
    let done = settled(|| once(desk, absence.clone(), (&wish, &plan), now)).await?;
    Ok(done.map_or(0, |done| done.moved + done.waiting))
}

/// Reads whom it hits and seeks other times for them.
async fn planned(desk: &Desk, wish: &AwayWish, now: Timestamp) -> Result<Plan, DisplaceError> {
    let length = wish.to.duration_since(wish.from);
    if wish.to <= wish.from
        || wish.to <= now
        || length > SignedDuration::from_hours(24 * limits::AWAY_DAYS_MAX)
    {
        return Err(DisplaceError::Span);
    }
    let mut connection = desk.store.read().await?;
    let diary = Diary::open(&mut connection, &wish.post, now).await?.ok_or(DisplaceError::Unknown)?;
    let parties = hit_by(&mut connection, wish, now).await?;
    let free = free(&mut connection, (&diary, wish), &parties, now).await?;
    drop(connection);
    let fallen = parties.iter().filter(|party| touches(wish, party.row.rules.slot)).map(fallen).collect();
    let plan = resettle(fallen, &free);
    let order = plan.moves.iter().map(|(id, _)| id).chain(&plan.waiting).cloned().collect();
    let mark = mark(wish, &diary.claimant, &parties);
    let moves = plan.moves.into_iter().collect();
    Ok(Plan { caps: diary.caps, post: diary.post, claimant: diary.claimant, parties, order, moves, mark })
}

/// The post's free times after the absence has begun and outside it, in which everybody hit could be met in his way.
/// The office gives them, so that neither the public's horizon nor a share held back for the day itself counts.
pub(super) async fn free(
    connection: &mut Connection,
    (diary, wish): (&Diary, &AwayWish),
    parties: &[Party],
    now: Timestamp,
) -> Result<Vec<Slot>, StoreError> {
    if !diary.is_bookable() {
        return Ok(Vec::new());
    }
    let zone = ist();
    let first = wish.from.max(now).to_zoned(zone.clone()).date();
    let days = (0..=limits::RESETTLE_DAYS).filter_map(|n| first.checked_add(n.days()).ok());
    let suits = |offer: &Offer| {
        let is_kept = offer.kept_now(now).is_some();
        let in_every_way = parties.iter().all(|party| offer.channels.has(party.row.channel));
        !is_kept && in_every_way && now <= offer.closes_at && !touches(wish, offer.slot)
    };
    let offers = days.flat_map(|day| diary.supply.offers_on(day, &zone)).filter(suits);
    let mut slots: Vec<Slot> = offers.map(|offer| offer.slot).collect();
    let Some((from, to)) = slots.first().zip(slots.last()).map(|(a, b)| (a.start(), b.end())) else {
        return Ok(slots);
    };
    let taken = claim::taken(connection, &diary.claimant, (from, to), now).await?;
    slots.retain(|slot| !slot.cells().any(|cell| taken.contains_key(&cell)));
    let falling = falling(parties, wish);
    caps::within(connection, (&diary.post.id, diary.caps), (slots, &falling), now).await
}

/// Whose time falls.
fn falling<'a>(parties: &'a [Party], wish: &AwayWish) -> BTreeSet<&'a AppointmentId> {
    let fallen = parties.iter().filter(|party| touches(wish, party.row.rules.slot));
    fallen.map(|party| &party.row.rules.id).collect()
}

async fn hit_by(
    connection: &mut Connection,
    wish: &AwayWish,
    now: Timestamp,
) -> Result<Vec<Party>, DisplaceError> {
    let span = (wish.from, wish.to);
    let rows = appointment::touched(connection, &wish.post, span, (now, limits::DISPLACED_MAX + 1)).await?;
    if rows.len() as i64 > limits::DISPLACED_MAX {
        return Err(DisplaceError::TooMany);
    }
    Ok(parties(connection, rows).await?)
}

fn touches(wish: &AwayWish, slot: Slot) -> bool {
    wish.from < slot.end() && slot.start() < wish.to
}

pub(super) fn fallen(party: &Party) -> Fallen {
    Fallen {
        appointment: party.row.rules.id.clone(),
        slot: party.row.rules.slot,
        displaced_before: u32::try_from(party.row.displaced_count).unwrap_or(u32::MAX),
        is_preferred: party.row.category.is_some_and(Category::comes_first),
        distance_km: 0,
        asked_at: party.row.created_at,
    }
}

/// What the desk has seen, in few letters: when, who holds the post when, and each appointment at its version.
fn mark(wish: &AwayWish, claimant: &Claimant, parties: &[Party]) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{} {} {}", wish.post, wish.from, wish.to));
    for held in &claimant.history {
        let person = held.person.as_ref().map_or("", |person| person.as_str());
        digest.update(format!(" {} {} {person}", held.charge.code(), held.starts_at));
    }
    for party in parties {
        digest.update(format!(" {} {}", party.row.rules.id, party.row.version));
    }
    data_encoding::HEXLOWER.encode(&digest.finalize()[..16])
}

/// The act. `None` when a free time went to somebody else meanwhile; nothing is left behind then.
async fn once(
    desk: &Desk,
    (id, absence, by): (&AbsenceId, Absence, By),
    (wish, plan): (&AwayWish, &Plan),
    now: Timestamp,
) -> Result<Option<Displaced>, DisplaceError> {
    let mut tx = desk.store.write().await?;
    let diary = Diary::open(&mut tx, &wish.post, now).await?.ok_or(DisplaceError::Unknown)?;
    let hit = hit_by(&mut tx, wish, now).await?;
    if mark(wish, &diary.claimant, &hit) != plan.mark {
        return Err(DisplaceError::Overtaken);
    }
    let row = AbsenceRow {
        id: id.clone(),
        post: wish.post.clone(),
        from: wish.from,
        to: wish.to,
        reason: wish.reason,
        authority: wish.authority.as_str().to_owned(),
        is_standing: true,
        created_at: now,
    };
    if absence == Absence::New {
        absence::insert(&mut tx, &row).await?;
    }
    if let Some(most) = plan.caps.day {
        cap::take_turn(&mut tx, &wish.post).await?;
        let slots: Vec<Slot> = plan.moves.values().copied().collect();
        let (post, falling) = (&wish.post, falling(&hit, wish));
        if !cap::all_fit(&mut tx, (post, most), (&slots, &falling), now).await? {
            return Ok(None);
        }
    }
    displacement::end_holds(&mut tx, &plan.claimant, (wish.from, wish.to), now).await?;
    let before: Vec<Party> = hit.clone();
    let turns: Result<Vec<_>, MoveError> =
        hit.into_iter().map(|party| turned(party, wish, plan, now)).collect();
    let mut deed = Deed { desk, tx: &mut tx, now };
    let (turns, lost) = claim_turns(&mut deed, &plan.claimant, turns?).await?;
    if !lost.is_empty() {
        return Ok(None);
    }
    let falls = |slot| touches(wish, slot);
    let Some(after) = write_turns(&mut deed, &plan.claimant, turns, falls).await? else { return Ok(None) };
    let done = write_down(&mut deed, id, (&before, &after), wish).await?;
    tell_them(&mut deed, (&before, &after), (wish, &plan.post)).await?;
    let detail = format!("post={} moved={} waiting={}", wish.post, done.moved, done.waiting);
    let line = Line { by, act: "diary.displace", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(done))
}

/// Moves one of them: another time, the waiting list, or only what was on offer taken back.
fn turned(
    mut party: Party,
    wish: &AwayWish,
    plan: &Plan,
    now: Timestamp,
) -> Result<(Party, Turn), MoveError> {
    let rules = party.row.rules.clone();
    if !touches(wish, rules.slot) {
        return Ok((party, rules.take_back_proposals()?));
    }
    party.row.displaced_count += 1;
    let turn = rules.displace(plan.moves.get(&party.row.rules.id).copied(), now)?;
    Ok((party, turn))
}

/// Who was displaced, and who waits.
async fn write_down(
    deed: &mut Deed<'_>,
    id: &AbsenceId,
    (before, after): (&[Party], &[Party]),
    wish: &AwayWish,
) -> Result<Displaced, StoreError> {
    let pairs = before.iter().zip(after).filter(|(was, _)| touches(wish, was.row.rules.slot));
    let rows: Vec<DisplacedRow> = pairs
        .map(|(was, is)| DisplacedRow {
            appointment: is.row.rules.id.clone(),
            state: was.row.rules.state,
            was: was.row.rules.slot,
            version: is.row.version,
            answered_at: None,
        })
        .collect();
    displacement::insert_many(deed.tx, id, &rows).await?;
    let waits: Vec<AppointmentId> = after
        .iter()
        .filter(|party| party.row.rules.state == AppointmentState::Waiting)
        .map(|party| party.row.rules.id.clone())
        .collect();
    waiting::put_many(deed.tx, &wish.post, &waits, deed.now).await?;
    Ok(Displaced { absence: id.clone(), moved: rows.len() - waits.len(), waiting: waits.len() })
}

async fn tell_them(
    deed: &mut Deed<'_>,
    (before, after): (&[Party], &[Party]),
    (wish, post): (&AwayWish, &PostRow),
) -> Result<(), StoreError> {
    let mut told = Vec::with_capacity(after.len());
    for (was, is) in before.iter().zip(after) {
        let visit = tell::visit(deed.desk, &is.row, post, &is.citizen)?;
        let (reason, is_fixed) =
            (wish.reason.code().to_owned(), was.row.rules.state == AppointmentState::Confirmed);
        let what = match is.row.rules.state {
            AppointmentState::Waiting => What::Waiting { visit, reason, is_fixed },
            _ if !touches(wish, was.row.rules.slot) => What::Requested { visit },
            _ => What::Displaced { visit, was: was.row.rules.slot.start(), reason, is_fixed },
        };
        told.push((is, what));
    }
    tell_each(deed, told).await?;
    if post.role == RoleKey::GrievanceOfficer {
        for party in after {
            let case = Case::read(deed.tx, &party.row.rules.id).await?;
            hearing::tell_changed(deed, &sound(case, "appointment", "id")?).await?;
        }
    }
    Ok(())
}

/// An absence, for its page.
///
/// # Errors
/// [`DisplaceError`].
pub async fn away(desk: &Desk, actor: &Actor, id: &AbsenceId) -> Result<Away, DisplaceError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = absence::by_id(&mut connection, id).await?.ok_or(DisplaceError::Unknown)?;
    allows(actor, Act::Displace, &Object::Post(row.post.clone()))?;
    let post = crate::store::office::post(&mut connection, &row.post).await?;
    let post = post.ok_or(DisplaceError::Unknown)?;
    let hit: Vec<AppointmentId> =
        displacement::of_absence(&mut connection, id).await?.into_iter().map(|row| row.appointment).collect();
    let rows = appointment::of_ids(&mut connection, &hit).await?;
    let waiting = rows.iter().filter(|row| row.rules.state == AppointmentState::Waiting).count();
    let until = row.created_at + domain::diary::displacement::UNDO_WITHIN;
    Ok(Away {
        undo_until: (row.is_standing && now < until).then_some(until),
        row,
        title: post.title,
        body: post.body_name,
        displaced: hit.len(),
        waiting,
    })
}

/// The absences of a post that stand and are not over.
///
/// # Errors
/// [`DisplaceError`].
pub async fn standing(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Vec<AbsenceRow>, DisplaceError> {
    allows(actor, Act::Displace, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let mut standing = absence::standing(&mut connection, post, desk.now()).await?;
    // A change of hands is no absence that a desk has written.
    standing.retain(|row| row.reason != AwayReason::Handover);
    Ok(standing)
}
