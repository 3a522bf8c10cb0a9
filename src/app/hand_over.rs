//! A post changes hands at midnight: its appointments stay with it, and their minutes are its new holder's from then on.
//!
//! Two posts of one person share his minutes. Where the new holder has a time elsewhere already, the appointment of the
//! post that changes hands gets another time as one whose officer is away, or stands first on the waiting list: nobody is
//! lost, and nobody is met twice at once. [`preview`] shows whom that hits.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::displacement::{AwayReason, resettle};
use domain::diary::{AppointmentState, Cell, MoveError, Slot, Turn};
use domain::id::{AbsenceId, AppointmentId, PersonId, PostId};
use domain::notice::What;
use domain::office::{Charge, Incumbency, ist};
use domain::text::Subject;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::desk::{Deed, from_store};
use super::diaries::Diary;
use super::displace::{self, AwayWish};
use super::party::{Party, claim_turns, parties, tell_each, write_turns};
use super::{Desk, tell};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::absence::AbsenceRow;
use crate::store::appointment::AppointmentRow;
use crate::store::displacement::DisplacedRow;
use crate::store::freed::{FreedRow, FreedState};
use crate::store::{StoreError, absence, appointment, claim, displacement, freed, handover, office, waiting};

/// A charge that is handed over.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// The post.
    pub post: PostId,
    /// Who takes it; nobody for a vacancy.
    pub person: Option<PersonId>,
    /// In which charge.
    pub charge: Charge,
    /// From the midnight on with which this day begins, in India.
    pub on: Date,
    /// On whose authority: the order's number.
    pub authority: Subject,
}

/// What was, or would be, done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandedOver {
    /// Whom a time of the new holder elsewhere hits: the time that falls, and the other one; none when he waits.
    pub hit: Vec<(AppointmentId, Slot, Option<Slot>)>,
}

/// Why nothing was handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// No such post.
    #[error("there is no post {0:?}")]
    UnknownPost(PostId),
    /// No such person.
    #[error("there is no person {0:?}")]
    UnknownPerson(PersonId),
    /// That midnight has passed, or is too far.
    #[error(
        "a charge is handed over at a midnight that lies ahead, at most {} days",
        limits::HANDOVER_DAYS_MAX
    )]
    Day,
    /// That charge of that post is handed over to somebody at that midnight already.
    #[error("that charge is handed over to somebody at that midnight already")]
    TwoHolders,
    /// Times went to others again and again; try again.
    #[error("times went to others at the same moment")]
    Changed,
    /// An appointment cannot make this move: the rules and the query that found it disagree.
    #[error(transparent)]
    Impossible(#[from] MoveError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(HandOverError);

/// Whether it is done, or only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Show,
    Do,
}

/// What a handing over would do. Changes nothing.
///
/// # Errors
/// [`HandOverError`].
pub async fn preview(desk: &Desk, wish: &HandOver) -> Result<HandedOver, HandOverError> {
    attempt(desk, wish, Mode::Show).await
}

/// Hands a charge over: its start, the claims, whom it hits, their notices and the audit line together, or nothing.
///
/// # Errors
/// [`HandOverError`]; nothing has changed then.
pub async fn carry_out(desk: &Desk, wish: &HandOver) -> Result<HandedOver, HandOverError> {
    attempt(desk, wish, Mode::Do).await
}

async fn attempt(desk: &Desk, wish: &HandOver, mode: Mode) -> Result<HandedOver, HandOverError> {
    for _ in 0..limits::RESETTLE_TRIES_MAX {
        match once(desk, wish, mode).await {
            Ok(Some(done)) => return Ok(done),
            // A time of the new holder was taken elsewhere at the same moment: look again.
            Ok(None) => {}
            Err(HandOverError::Store(error)) if error.is_transient() || error.is_double() => {}
            Err(error) => return Err(error),
        }
    }
    Err(HandOverError::Changed)
}

async fn once(desk: &Desk, wish: &HandOver, mode: Mode) -> Result<Option<HandedOver>, HandOverError> {
    let now = desk.now();
    let starts_at = wish.on.to_zoned(ist()).map_err(|_| HandOverError::Day)?.timestamp();
    let longest = SignedDuration::from_hours(24 * limits::HANDOVER_DAYS_MAX);
    if starts_at <= now || starts_at.duration_since(now) > longest {
        return Err(HandOverError::Day);
    }
    let mut tx = desk.store.write().await?;
    if office::post(&mut tx, &wish.post).await?.is_none() {
        return Err(HandOverError::UnknownPost(wish.post.clone()));
    }
    if let Some(person) = &wish.person
        && !handover::knows_person(&mut tx, person).await?
    {
        return Err(HandOverError::UnknownPerson(person.clone()));
    }
    let (post, person, charge) = (wish.post.clone(), wish.person.clone(), wish.charge);
    let row = Incumbency { post, person, charge, starts_at };
    if !office::insert_incumbency(&mut tx, &row).await? {
        return Err(HandOverError::TwoHolders);
    }
    tx.touch_supply();
    let mut deed = Deed { desk, tx: &mut tx, now };
    let Some(done) = settle(&mut deed, &wish.post, (starts_at, &wish.authority)).await? else {
        return Ok(None);
    };
    if mode == Mode::Show {
        return Ok(Some(done));
    }
    let detail = format!("charge={} from={starts_at} hit={}", charge.code(), done.hit.len());
    let line = Line { by: By::House, act: "office.hand_over", object: wish.post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(done))
}

/// Mends what a race has written beside a handing over: a time that was claimed in the name of who no longer holds the post.
///
/// * returns: how many posts were mended.
///
/// # Errors
/// [`HandOverError`]; the next round tries again.
pub(super) async fn mend(desk: &Desk) -> Result<usize, HandOverError> {
    let now = desk.now();
    let since = now - SignedDuration::from_hours(24);
    let mut connection = desk.store.read().await?;
    let mut behind = Vec::new();
    for (post, from) in handover::posts_after(&mut connection, since).await? {
        let from = from.max(now);
        let history = office::history(&mut connection, &post).await?;
        let who = claim::Claimant { post: post.clone(), history };
        for stretch in handover::stretches(&who, from) {
            if handover::is_behind(&mut connection, &post, &stretch).await? {
                behind.push((post.clone(), from));
                break;
            }
        }
    }
    drop(connection);
    let authority = Subject::parse("office.hand_over").expect("an act has a name");
    for (post, from) in &behind {
        let mut tx = desk.store.write().await?;
        let mut deed = Deed { desk, tx: &mut tx, now };
        if settle(&mut deed, post, (*from, &authority)).await?.is_some() {
            tx.commit().await?;
        }
    }
    Ok(behind.len())
}

/// Brings the claims of a post from an instant on in line with who holds it, and gives whom that hits another time.
///
/// * returns: `None` when a time went to somebody else meanwhile; the transaction must then be dropped.
async fn settle(
    deed: &mut Deed<'_>,
    post: &PostId,
    (from, authority): (Timestamp, &Subject),
) -> Result<Option<HandedOver>, HandOverError> {
    let diary = Diary::open(deed.tx, post, deed.now).await?;
    let diary = diary.ok_or_else(|| HandOverError::UnknownPost(post.clone()))?;
    let mut cut: Cut = BTreeMap::new();
    for stretch in handover::stretches(&diary.claimant, from) {
        for (id, cell) in handover::realign(deed.tx, post, &stretch, deed.now).await? {
            cut.entry(id).or_default().insert(cell);
        }
    }
    end_lent(deed, &diary, &cut).await?;
    let ids: Vec<AppointmentId> = cut.keys().cloned().collect();
    let mut booked: Vec<AppointmentRow> = Vec::new();
    for row in appointment::of_ids(deed.tx, &ids).await? {
        use AppointmentState::{Confirmed, Held, Proposed, Requested};
        let is_hit =
            std::iter::once(&row.rules.slot).chain(&row.rules.proposed).any(|s| is_cut(&cut, &row, *s));
        match row.rules.state {
            Held => end_hold(deed, &diary, row).await?,
            Requested | Confirmed | Proposed if is_hit => booked.push(row),
            _ => {}
        }
    }
    if booked.is_empty() {
        return Ok(Some(HandedOver::default()));
    }
    let wish = AwayWish {
        post: post.clone(),
        // No time of the post goes: the new holder is engaged at some of them, no more.
        from,
        to: from,
        reason: AwayReason::Handover,
        authority: authority.clone(),
    };
    move_them(deed, (&diary, &wish), &cut, booked).await
}

/// The cells of each appointment that the new holder has elsewhere.
type Cut = BTreeMap<AppointmentId, BTreeSet<Cell>>;

fn is_cut(cut: &Cut, row: &AppointmentRow, slot: Slot) -> bool {
    let cells = cut.get(&row.rules.id);
    cells.is_some_and(|cells| slot.cells().any(|cell| cells.contains(&cell)))
}

/// A freed time at which the new holder is engaged is offered to nobody.
async fn end_lent(deed: &mut Deed<'_>, diary: &Diary, cut: &Cut) -> Result<(), StoreError> {
    for row in freed::open(deed.tx).await? {
        let cells = cut.get(&row.keeper).filter(|_| row.post == diary.post().id);
        if cells.is_some_and(|cells| row.slot.cells().any(|cell| cells.contains(&cell))) {
            let over = FreedRow { state: FreedState::Over, ..row.clone() };
            freed::update(deed.tx, &row, &over).await?;
            claim::release(deed.tx, &diary.claimant, &row.keeper, row.slot).await?;
        }
    }
    Ok(())
}

/// A hold at such a time runs out now; its form shows other times. What keeps a draw's times is no one's hold.
async fn end_hold(deed: &mut Deed<'_>, diary: &Diary, mut row: AppointmentRow) -> Result<(), StoreError> {
    if handover::keeps_a_draw(deed.tx, &row.rules.id).await? {
        return Ok(());
    }
    claim::release(deed.tx, &diary.claimant, &row.rules.id, row.rules.slot).await?;
    row.rules.state = AppointmentState::Expired;
    row.rules.hold_expires_at = Some(deed.now);
    appointment::update(deed.tx, &row, deed.now).await?;
    Ok(())
}

async fn move_them(
    deed: &mut Deed<'_>,
    (diary, wish): (&Diary, &AwayWish),
    cut: &Cut,
    booked: Vec<AppointmentRow>,
) -> Result<Option<HandedOver>, HandOverError> {
    let before = parties(deed.tx, booked).await?;
    let free = displace::free(deed.tx, (diary, wish), &before, deed.now).await?;
    let falls = |party: &Party| is_cut(cut, &party.row, party.row.rules.slot);
    let fallen = before.iter().filter(|party| falls(party)).map(displace::fallen).collect();
    let to: BTreeMap<AppointmentId, Slot> = resettle(fallen, &free).moves.into_iter().collect();
    let mut turns: Vec<(Party, Turn)> = Vec::with_capacity(before.len());
    for mut party in before.clone() {
        let rules = party.row.rules.clone();
        let turn = if falls(&party) {
            party.row.displaced_count += 1;
            rules.displace(to.get(&party.row.rules.id).copied(), deed.now)?
        } else {
            rules.take_back_proposals()?
        };
        turns.push((party, turn));
    }
    let (turns, lost) = claim_turns(deed, &diary.claimant, turns).await?;
    if !lost.is_empty() {
        return Ok(None);
    }
    let Some(after) = write_turns(deed, &diary.claimant, turns, |_| true).await? else { return Ok(None) };
    let pairs: Vec<(&Party, &Party)> = before.iter().zip(&after).collect();
    let fell: Vec<(&Party, &Party)> = pairs.iter().filter(|(was, _)| falls(was)).copied().collect();
    write_down(deed, wish, &fell).await?;
    tell_them(deed, diary, (&pairs, cut)).await?;
    let hit = fell.iter().map(|(was, is)| {
        let rules = &is.row.rules;
        let to = (rules.state != AppointmentState::Waiting).then_some(rules.slot);
        (rules.id.clone(), was.row.rules.slot, to)
    });
    Ok(Some(HandedOver { hit: hit.collect() }))
}

/// Whose time fell stands as displaced, by an absence of no length; who found none waits.
async fn write_down(
    deed: &mut Deed<'_>,
    wish: &AwayWish,
    fell: &[(&Party, &Party)],
) -> Result<(), StoreError> {
    if fell.is_empty() {
        return Ok(());
    }
    let row = AbsenceRow {
        id: AbsenceId::fresh(deed.now, deed.desk.random.bytes()),
        post: wish.post.clone(),
        from: wish.from,
        to: wish.to,
        reason: wish.reason,
        authority: wish.authority.as_str().to_owned(),
        is_standing: true,
        created_at: deed.now,
    };
    absence::insert(deed.tx, &row).await?;
    let rows: Vec<DisplacedRow> = fell
        .iter()
        .map(|(was, is)| DisplacedRow {
            appointment: is.row.rules.id.clone(),
            state: was.row.rules.state,
            was: was.row.rules.slot,
            version: is.row.version,
            answered_at: None,
        })
        .collect();
    displacement::insert_many(deed.tx, &row.id, &rows).await?;
    let waits = fell.iter().filter(|(_, is)| is.row.rules.state == AppointmentState::Waiting);
    let waits: Vec<AppointmentId> = waits.map(|(_, is)| is.row.rules.id.clone()).collect();
    waiting::put_many(deed.tx, &wish.post, &waits, deed.now).await
}

async fn tell_them(
    deed: &mut Deed<'_>,
    diary: &Diary,
    (pairs, cut): (&[(&Party, &Party)], &Cut),
) -> Result<(), StoreError> {
    let mut told = Vec::with_capacity(pairs.len());
    for (was, is) in pairs {
        let visit = tell::visit(deed.desk, &is.row, diary.post(), &is.citizen)?;
        let reason = AwayReason::Handover.code().to_owned();
        let is_fixed = was.row.rules.state == AppointmentState::Confirmed;
        let what = match is.row.rules.state {
            AppointmentState::Waiting => What::Waiting { visit, reason, is_fixed },
            _ if is_cut(cut, &was.row, was.row.rules.slot) => {
                What::Displaced { visit, was: was.row.rules.slot.start(), reason, is_fixed }
            }
            _ => What::Requested { visit },
        };
        told.push((*is, what));
    }
    tell_each(deed, told).await
}
