//! Closing a hearing: the marks that the meeting proves, the outcome, the next hearing, the queue, what both parties are
//! told and the audit line, together or not at all.

use domain::diary::Slot;
use domain::direction::{Impossible, Outcome};
use domain::hearing::{Attendance, Closing, Disposal, Hearing, Mark, Side};
use domain::id::AppointmentId;
use domain::notice::{Decision, What};
use domain::office::{BookingMode, ist};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Listed, StepError, calendar, day_of, limit_of, notice_url, read};
use crate::app::desk::{Deed, settled};
use crate::app::diaries::Kept;
use crate::app::queue::{self, Came};
use crate::app::{Desk, outcome, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::Act;
use crate::limits;
use crate::store::hearing::{self, CaseRow};
use crate::store::outcome::OutcomeRow;
use crate::store::{Connection, StoreError, outcome as outcomes};

/// When the case is to be heard again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At this free time.
    At(Timestamp),
    /// On this day, at its first free time.
    On(Date),
}

impl Next {
    fn day(self) -> Date {
        match self {
            Self::At(start) => day_of(start),
            Self::On(day) => day,
        }
    }
}

/// What the officer decides.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What the hearing comes to.
    pub disposal: Disposal,
    /// When the case is heard again.
    pub next: Option<Next>,
    /// The version of the hearing that he saw.
    pub seen: i64,
}

/// Closes a hearing.
///
/// # Errors
/// [`StepError`]; nothing has happened then. Of two who close at the same moment one is [`StepError::Changed`].
pub async fn close(desk: &Desk, actor: &Actor, id: &AppointmentId, wish: &Wish) -> Result<(), StepError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let listed = Listed::read(&mut connection, (actor, Act::DecideHearing), id).await?;
    // Whether the rules allow it is said before a time is looked for.
    closed(&mut connection, &listed, (wish, now)).await?;
    drop(connection);
    let Some(next) = wish.next else { return settled(|| once(desk, actor, (id, wish), None)).await };
    let kept = desk.diaries.of(desk, &listed.case.post.id).await?;
    let kept = kept.filter(|kept| kept.diary().is_bookable()).ok_or(StepError::NotFree)?;
    for slot in slots(&kept, (next, now)) {
        match settled(|| once(desk, actor, (id, wish), Some((&kept, slot)))).await {
            Err(StepError::NotFree) => {}
            settled => return settled,
        }
    }
    Err(StepError::NotFree)
}

/// The times to try: what is free, and beyond the days that citizens may book, what the post's week has on that day.
fn slots(kept: &Kept, (next, now): (Next, Timestamp)) -> Vec<Slot> {
    let fits = |slot: &Slot| match next {
        Next::At(start) => slot.start() == start,
        Next::On(day) => day_of(slot.start()) == day,
    };
    let mut slots: Vec<Slot> = kept.open_slots(now).into_iter().filter(fits).collect();
    if let (Next::On(day), true) = (next, slots.is_empty()) {
        let offers = kept.diary().supply().offers_on(day, &ist());
        slots = offers.iter().map(|offer| offer.slot).filter(|slot| slot.start() > now).collect();
    }
    slots.truncate(limits::NEXT_TRIES_MAX);
    slots
}

/// The hearing as the wish closes it.
async fn closed(
    connection: &mut Connection,
    listed: &Listed,
    (wish, now): (&Wish, Timestamp),
) -> Result<(Hearing, Closing), StepError> {
    let row = &listed.row;
    let seen = read::seen(connection, &row.case).await?;
    let limit = limit_of(row.case.filed, &calendar(connection, &listed.case.post).await?)?;
    let mut rules = row.rules.clone();
    let closing = rules.close((wish.disposal, wish.next.map(Next::day)), (&seen, &limit), now)?;
    Ok((rules, closing))
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    (id, wish): (&AppointmentId, &Wish),
    next: Option<(&Kept, Slot)>,
) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let mut listed = Listed::read(&mut tx, (actor, Act::DecideHearing), id).await?;
    if listed.row.version != wish.seen {
        return Err(StepError::Changed);
    }
    let (rules, closing) = closed(&mut tx, &listed, (wish, now)).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    prove(&mut deed, (id, &listed.row.rules), &rules).await?;
    listed.row.rules = rules;
    if let Some((kept, slot)) = next {
        let booked =
            outcome::follow(&mut deed, &listed.case, (kept.diary(), slot), BookingMode::Confirm).await?;
        let again = booked.ok_or(StepError::NotFree)?;
        let case = CaseRow {
            appointment: again.clone(),
            number: listed.row.case.number + 1,
            previous: Some(id.clone()),
            entered_at: now,
            ..listed.row.case.clone()
        };
        hearing::insert(deed.tx, &case).await?;
        listed.row.next = Some(again);
    }
    if !hearing::update(deed.tx, &listed.row).await? {
        return Err(StepError::Changed);
    }
    record(&mut deed, &listed, &closing).await?;
    tell_both(&mut deed, &listed, (&closing, next.map(|(_, slot)| slot.start()))).await?;
    let next = closing.next.map(|day| day.to_string()).unwrap_or_default();
    let detail = format!("disposal={} next={next}", closing.disposal.code());
    let line = Line { by: actor.by(Some(id)), act: "hearing.close", object: id.as_str(), detail };
    audit::append(deed.tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// Writes down the marks that nobody made and the meeting proves.
async fn prove(
    deed: &mut Deed<'_>,
    (id, before): (&AppointmentId, &Hearing),
    after: &Hearing,
) -> Result<(), StoreError> {
    for side in Side::ALL {
        match after.marked(*side) {
            Some(mark) if before.marked(*side) != Some(mark) => {
                hearing::add_mark(deed.tx, (id, *side), mark).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The outcome of the meeting, and the number in today's queue.
async fn record(deed: &mut Deed<'_>, listed: &Listed, closing: &Closing) -> Result<(), StepError> {
    let id = &listed.row.case.appointment;
    let outcome = match (&listed.row.next, closing.disposal) {
        (Some(next), _) => Outcome::NextDate(next.clone()),
        (None, Disposal::ComplainantAbsent) => Outcome::NotPossible(Impossible::Absent),
        (None, _) => Outcome::Decided,
    };
    let row = OutcomeRow {
        appointment: id.clone(),
        number: 1,
        outcome,
        post: listed.case.post.id.clone(),
        why: None,
        given_at: closing.at,
    };
    if !outcomes::insert(deed.tx, &row).await? {
        return Err(StepError::Changed);
    }
    let was_there = |mark: &Mark| mark.attendance.was_there() || mark.attendance == Attendance::Network;
    let came = match listed.row.rules.marked(Side::Complainant).is_some_and(was_there) {
        true => Came::Yes,
        false => Came::No,
    };
    Ok(queue::was_heard(deed, (&listed.case.post, id), came).await?)
}

/// The slip of both parties.
async fn tell_both(
    deed: &mut Deed<'_>,
    listed: &Listed,
    (closing, next): (&Closing, Option<Timestamp>),
) -> Result<(), StoreError> {
    let Listed { case, row } = listed;
    let visit = tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?;
    let order = row.rules.order().map(|order| order.text.as_str().to_owned()).unwrap_or_default();
    let heard = Decision {
        case_number: row.case.case_number.to_string(),
        disposal: closing.disposal.code().to_owned(),
        order,
        next,
    };
    let what = What::Heard { visit: visit.clone(), heard: heard.clone() };
    tell::citizen(deed, (&case.row, case.booked_by()?), (what, row.version)).await?;
    let post = super::authority(deed.tx, &row.case.authority).await?;
    let what = What::DeskHeard { visit, heard, url: notice_url(deed.desk, &row.case.appointment) };
    let key = format!("{}/{}", what.kind(), row.case.appointment);
    tell::post(deed, (&post, key), what).await
}
