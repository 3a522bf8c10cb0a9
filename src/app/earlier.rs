//! The waiting list at work: a freed time rests, is offered to those who wait one after the other, and only then is open
//! to all. And what the citizen says to it: tell me, yes, no.
//!
//! Times that nobody waits for are open at once: then there is nobody from whom a script could snatch them.

use domain::diary::waitlist::{Freed, Waiting, offer, wakes_at};
use domain::diary::{AppointmentState, Slot};
use domain::id::{AppointmentId, FreedId, PostId};
use domain::notice::What;
use domain::office::ist;
use jiff::{SignedDuration, Timestamp};

use super::carry_out::{Case, Outcome, carry_out};
use super::change::{ChangeError, opened};
use super::desk::{Deed, settled};
use super::diaries::Diary;
use super::{Desk, caps, draw, tell};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::claim::Claimant;
use crate::store::freed::{FreedRow, FreedState};
use crate::store::{StoreError, Tx, appointment, claim, freed, waiting};

/// Gives up a time: it rests when somebody waits for one of this post, and is open at once when nobody does.
pub(super) async fn give_up(
    deed: &mut Deed<'_>,
    who: &Claimant,
    (id, slot): (&AppointmentId, Slot),
) -> Result<(), StoreError> {
    let is_over = slot.start() <= deed.now;
    if is_over || !waiting::has_others(deed.tx, &who.post, id).await? {
        return claim::release(deed.tx, who, id, slot).await;
    }
    let chance = f64::from(u32::from_be_bytes(deed.desk.random.bytes())) / (f64::from(u32::MAX) + 1.0);
    let due_at = wakes_at(deed.now, chance);
    if claim::lend(deed.tx, who, (id, slot), (id, stays_until(due_at))).await? != slot.cells().count() as u64
    {
        // A claim that had lapsed is nobody's to lend.
        return claim::release(deed.tx, who, id, slot).await;
    }
    let row = FreedRow {
        id: FreedId::fresh(deed.now, deed.desk.random.bytes()),
        post: who.post.clone(),
        slot,
        due_at,
        state: FreedState::Resting,
        keeper: id.clone(),
    };
    freed::insert(deed.tx, &row).await
}

/// A claim outlives its due time a little, so that the keeper of promises comes before the public.
fn stays_until(due_at: Timestamp) -> Timestamp {
    due_at + SignedDuration::from_mins(limits::LENT_SLACK_MINUTES)
}

/// Wakes what is due: offers it to the next who waits, or opens it to all.
///
/// * returns: how many offers were made.
pub(super) async fn wake_all(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let due = freed::due(&mut connection, now, limits::KEEP_BATCH).await?;
    drop(connection);
    let mut offered = 0;
    for row in due {
        offered += usize::from(settled(|| wake(desk, &row, now)).await.map_err(Failed::into_store)?);
    }
    Ok(offered)
}

async fn wake(desk: &Desk, row: &FreedRow, now: Timestamp) -> Result<bool, Failed> {
    let mut tx = desk.store.write().await?;
    if row.state == FreedState::Offered
        && freed::close_offer(&mut tx, (&row.id, &row.keeper), "lapsed").await?
    {
        waiting::lapse(&mut tx, &row.keeper).await?;
    }
    let Some(diary) = Diary::open(&mut tx, &row.post, now).await? else { return Ok(false) };
    let next = next_in_line(&mut tx, (&diary, row), now).await?;
    let is_offered = match next {
        Some((id, until)) => lend(&mut Deed { desk, tx: &mut tx, now }, (row, &diary), (&id, until)).await?,
        None => false,
    };
    if !is_offered {
        claim::release(&mut tx, &diary.claimant, &row.keeper, row.slot).await?;
        let over = FreedRow { state: FreedState::Over, ..row.clone() };
        if !freed::update(&mut tx, row, &over).await? {
            return Ok(false);
        }
    }
    tx.commit().await?;
    Ok(is_offered)
}

/// To whom the time goes next; nobody when it is not offered any more.
async fn next_in_line(
    tx: &mut Tx,
    (diary, row): (&Diary, &FreedRow),
    now: Timestamp,
) -> Result<Option<(AppointmentId, Timestamp)>, StoreError> {
    let Some(offered) = diary.supply().offer(row.slot, &ist()).filter(|_| diary.is_bookable()) else {
        return Ok(None);
    };
    let freed = Freed {
        slot: row.slot,
        channels: offered.channels,
        kept_for: offered.kept_for,
        closes_at: offered.closes_at,
    };
    let list = waiting::of_post(tx, &row.post).await?;
    let ids: Vec<AppointmentId> = list.iter().map(|one| one.appointment.clone()).collect();
    let rows = appointment::of_ids(tx, &ids).await?;
    let waits: Vec<Waiting> = list
        .iter()
        .filter_map(|one| {
            let row = rows.iter().find(|row| row.rules.id == one.appointment)?;
            let has = match row.rules.state {
                AppointmentState::Waiting => None,
                AppointmentState::Confirmed | AppointmentState::Requested => Some(row.rules.slot),
                _ => return None,
            };
            Some(Waiting {
                appointment: one.appointment.clone(),
                displaced_before: u32::try_from(row.displaced_count).unwrap_or(u32::MAX),
                since: one.since,
                has,
                not_before: now,
                channel: row.channel,
                categories: row.category.into_iter().collect(),
                lapses: u8::try_from(one.lapses).unwrap_or(u8::MAX),
            })
        })
        .collect();
    let asked = freed::asked(tx, &row.id).await?;
    Ok(offer(&freed, &waits, &asked, now).map(|(one, until)| (one.appointment.clone(), until)))
}

/// Lends the time to `id` until it answers, and tells it. `false` when the cells are gone.
async fn lend(
    deed: &mut Deed<'_>,
    (row, diary): (&FreedRow, &Diary),
    (id, until): (&AppointmentId, Timestamp),
) -> Result<bool, StoreError> {
    let (desk, now) = (deed.desk, deed.now);
    let tx = &mut *deed.tx;
    let cells = row.slot.cells().count() as u64;
    let lent = claim::lend(tx, &diary.claimant, (&row.keeper, row.slot), (id, stays_until(until))).await?;
    let offered = FreedRow { state: FreedState::Offered, due_at: until, keeper: id.clone(), ..row.clone() };
    if lent != cells {
        claim::release(tx, &diary.claimant, id, row.slot).await?;
        return Ok(false);
    }
    if !freed::update(tx, row, &offered).await? {
        return Ok(false);
    }
    freed::insert_offer(tx, (&row.id, id), until).await?;
    let Some(case) = Case::read(tx, id).await? else { return Ok(false) };
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let what = What::Offered { visit, offered: row.slot.start(), until };
    // A second offer finds the appointment at the same version: the time makes the notice one and not two.
    let said = (what, row.slot.start().as_second());
    tell::citizen(&mut Deed { desk, tx, now }, (&case.row, case.booked_by()?), said).await?;
    let (act, object) = ("waiting.offer", id.as_str());
    audit::append(tx, Line { by: By::House, act, object, detail: format!("freed={}", row.id) }, now).await?;
    Ok(true)
}

/// Stands on the list for an earlier time, or leaves it. Said twice is said once.
///
/// # Errors
/// [`ChangeError`]; [`ChangeError::Impossible`] for an appointment that has no time ahead.
pub async fn wait(desk: &Desk, token: &str, wish: Wish) -> Result<(), ChangeError> {
    let now = desk.now();
    let id = opened(desk, token).await?;
    let mut tx = desk.store.write().await?;
    let case = Case::read(&mut tx, &id).await?.ok_or(ChangeError::UnknownLink)?;
    let rules = &case.row.rules;
    let is_open = matches!(rules.state, AppointmentState::Confirmed | AppointmentState::Requested);
    if !is_open || rules.slot.start() <= now {
        return Err(ChangeError::Impossible(domain::diary::MoveError::WrongState(rules.state)));
    }
    let ids = std::slice::from_ref(&id);
    let act = match wish {
        Wish::Tell => {
            waiting::put_many(&mut tx, &case.post.id, ids, now).await?;
            "waiting.join"
        }
        Wish::Enough => {
            waiting::remove_many(&mut tx, ids).await?;
            freed::pass_on(&mut tx, &id, now).await?;
            "waiting.leave"
        }
    };
    let line = Line { by: By::Link(id.clone()), act, object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// What a citizen who has a time wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Tell me when an earlier time is free.
    Tell,
    /// Tell me no more.
    Enough,
}

/// Takes the time that is on offer; the old one is given up.
///
/// # Errors
/// [`ChangeError`]; [`ChangeError::NotOffered`] when nothing is on offer any more.
pub async fn take(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let id = opened(desk, token).await?;
    match settled(|| take_once(desk, &id)).await? {
        Outcome::Done => Ok(()),
        Outcome::SlotTaken => Err(ChangeError::NotOffered { nearest: Vec::new() }),
        Outcome::Changed => Err(ChangeError::Changed),
    }
}

async fn take_once(desk: &Desk, id: &AppointmentId) -> Result<Outcome, ChangeError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let Some(row) = freed::offered_to(&mut tx, id, now).await? else { return Ok(Outcome::SlotTaken) };
    let mut case = Case::read(&mut tx, id).await?.ok_or(ChangeError::UnknownLink)?;
    let diary = Diary::open(&mut tx, &case.post.id, now).await?.ok_or(ChangeError::UnknownLink)?;
    let still = diary.supply().offer(row.slot, &ist()).is_some_and(|offer| now <= offer.closes_at);
    let over = FreedRow { state: FreedState::Over, ..row.clone() };
    if !still || row.post != case.post.id || !freed::update(&mut tx, &row, &over).await? {
        return Ok(Outcome::SlotTaken);
    }
    if caps::room(&mut tx, (diary.caps, now), (&row.post, Some(row.slot)), (None, Some(id))).await?.is_err() {
        return Ok(Outcome::SlotTaken);
    }
    freed::close_offer(&mut tx, (&row.id, id), "taken").await?;
    let was = case.row.rules.clone();
    let as_before = match was.state {
        AppointmentState::Waiting => draw::stood(&mut tx, id).await?,
        state => state,
    };
    let turn = was.clone().regain(row.slot, as_before, now).map_err(ChangeError::Impossible)?;
    // What was lent is given back and claimed for good: one transaction, so that nobody comes between.
    claim::release(&mut tx, &case.claimant, id, row.slot).await?;
    waiting::remove_many(&mut tx, std::slice::from_ref(id)).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let outcome = carry_out(&mut deed, &mut case, (turn, None)).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let what = match case.row.rules.state {
        AppointmentState::Confirmed if was.state == AppointmentState::Confirmed => {
            What::Moved { visit, was: was.slot.start() }
        }
        AppointmentState::Confirmed => What::Confirmed { visit },
        _ => What::Requested { visit },
    };
    tell::citizen(&mut deed, (&case.row, case.booked_by()?), (what, case.row.version)).await?;
    let detail = format!("sequence={}", case.row.rules.sequence);
    let line = Line { by: By::Link(id.clone()), act: "waiting.take", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Lets the offered time go to the next; his place on the list and his own time stay.
///
/// # Errors
/// [`ChangeError`].
pub async fn refuse(desk: &Desk, token: &str) -> Result<(), ChangeError> {
    let now = desk.now();
    let id = opened(desk, token).await?;
    let mut tx = desk.store.write().await?;
    let Some(row) = freed::offered_to(&mut tx, &id, now).await? else { return Ok(()) };
    freed::close_offer(&mut tx, (&row.id, &id), "refused").await?;
    freed::pass_on(&mut tx, &id, now).await?;
    let detail = format!("freed={}", row.id);
    let line = Line { by: By::Link(id.clone()), act: "waiting.refuse", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The time on offer for an appointment, and until when it is kept.
pub(super) async fn on_offer(
    connection: &mut crate::store::Connection,
    (id, post): (&AppointmentId, &PostId),
    now: Timestamp,
) -> Result<Option<(Slot, Timestamp)>, StoreError> {
    let row = freed::offered_to(connection, id, now).await?;
    Ok(row.filter(|row| row.post == *post).map(|row| (row.slot, row.due_at)))
}

/// Only the database can fail when times wake.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] StoreError);

impl Failed {
    fn into_store(self) -> StoreError {
        self.0
    }
}

impl super::desk::FromStore for Failed {
    fn store_error(&self) -> Option<&StoreError> {
        Some(&self.0)
    }
}
