//! Giving an outcome: what it does, its row, what people are told, and the audit line, together or not at all.

use domain::diary::{AppointmentState, Slot};
use domain::direction::{Impossible, Outcome};
use domain::id::{MeetingId, PostId};
use domain::notice::What;
use domain::office::{BookingMode, RoleKey};
use domain::text::{Bilingual, Noting};
use jiff::Timestamp;

use super::{OutcomeError, Ruling, Wish, follow_up};
use crate::app::carry_out::Case;
use crate::app::desk::{Deed, settled};
use crate::app::diaries::{Diary, Kept};
use crate::app::queue::{self, Came};
use crate::app::{Desk, direction, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::limits;
use crate::store::outcome::OutcomeRow;
use crate::store::{StoreError, appointment, meeting, office, outcome};

/// The diary of whoever meets the citizen next, and the times to try.
struct Next {
    kept: Kept,
    slots: Vec<Slot>,
}

/// What one try came to.
enum Try {
    Given(PostId),
    SlotTaken,
}

/// Gives the outcome of a meeting, or corrects it.
///
/// * returns: the post that met the citizen.
///
/// # Errors
/// [`OutcomeError`]; of two who give one at the same moment one is [`OutcomeError::Overtaken`], and nothing of his is left.
pub async fn give(desk: &Desk, actor: &Actor, id: &MeetingId, wish: &Wish) -> Result<PostId, OutcomeError> {
    let next = next_of(desk, actor, id, &wish.ruling).await?;
    let Some(Next { kept, slots }) = next else {
        return match settled(|| once(desk, actor, (id, wish), None)).await? {
            Try::Given(post) => Ok(post),
            Try::SlotTaken => Err(OutcomeError::NotFree),
        };
    };
    for slot in slots {
        if let Try::Given(post) =
            settled(|| once(desk, actor, (id, wish), Some((kept.diary(), slot)))).await?
        {
            return Ok(post);
        }
    }
    Err(OutcomeError::NotFree)
}

/// Who meets the citizen next, and when that could be; `None` when nobody is to.
async fn next_of(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    ruling: &Ruling,
) -> Result<Option<Next>, OutcomeError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let of = meeting::appointment_of(&mut connection, id).await?.ok_or(OutcomeError::Unknown)?;
    let row = appointment::by_id(&mut connection, &of).await?.ok_or(OutcomeError::Unknown)?;
    drop(connection);
    allows(actor, Act::GiveOutcome, &Object::Post(row.rules.post.clone()))?;
    let post = match ruling {
        Ruling::Forward(to) if *to == row.rules.post => return Err(OutcomeError::UnknownPost),
        Ruling::Forward(to) => to,
        Ruling::NextDate(_) => &row.rules.post,
        Ruling::Direction { .. } | Ruling::NotPossible(_) => return Ok(None),
    };
    let kept = desk.diaries.of(desk, post).await?.filter(|kept| kept.diary().is_bookable());
    let kept = kept.ok_or(OutcomeError::UnknownPost)?;
    let open = kept.open_slots(now);
    let slots = match ruling {
        Ruling::NextDate(start) => open.into_iter().filter(|slot| slot.start() == *start).collect(),
        _ => open.into_iter().take(limits::REDIRECT_TRIES_MAX).collect(),
    };
    Ok(Some(Next { kept, slots }))
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    (id, wish): (&MeetingId, &Wish),
    next: Option<(&Diary, Slot)>,
) -> Result<Try, OutcomeError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = meeting::appointment_of(&mut tx, id).await?.ok_or(OutcomeError::Unknown)?;
    let case = Case::read(&mut tx, &of).await?.ok_or(OutcomeError::Unknown)?;
    allows(actor, Act::GiveOutcome, &Object::Post(case.post.id.clone()))?;
    has_begun(&mut tx, &case, now).await?;
    let before = standing(&mut tx, &case, wish).await?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    if let Some((before, why)) = &before {
        undo(&mut deed, (actor, &case), (&before.outcome, why)).await?;
    }
    let Some(outcome) = carried_out(&mut deed, (actor, &case), (&wish.ruling, next)).await? else {
        return Ok(Try::SlotTaken);
    };
    let row = OutcomeRow {
        appointment: of.clone(),
        number: wish.seen + 1,
        outcome,
        post: case.post.id.clone(),
        why: before.map(|(_, why)| why),
        given_at: now,
    };
    if !outcome::insert(deed.tx, &row).await? {
        return Err(OutcomeError::Overtaken);
    }
    let came = if row.outcome == Outcome::NotPossible(Impossible::Absent) { Came::No } else { Came::Yes };
    queue::was_heard(&mut deed, (&case.post, &of), came).await?;
    tell_citizen(&mut deed, &case, &row).await?;
    let detail = format!("number={} outcome={}", row.number, row.outcome.kind().code());
    let line = Line { by: actor.by(Some(&of)), act: "outcome.give", object: of.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Try::Given(row.post))
}

/// A meeting has an outcome once its time has come, or somebody was in it before.
async fn has_begun(
    connection: &mut crate::store::Connection,
    case: &Case,
    now: Timestamp,
) -> Result<(), OutcomeError> {
    let rules = &case.row.rules;
    if rules.state != AppointmentState::Confirmed {
        return Err(OutcomeError::Unknown);
    }
    if case.post.role == RoleKey::GrievanceOfficer {
        return Err(OutcomeError::IsHearing);
    }
    if rules.slot.start() <= now || outcome::has_begun(connection, &rules.id).await? {
        return Ok(());
    }
    Err(OutcomeError::TooEarly)
}

/// The outcome that is corrected, with the reason; `None` for the first one.
async fn standing(
    connection: &mut crate::store::Connection,
    case: &Case,
    wish: &Wish,
) -> Result<Option<(OutcomeRow, Noting)>, OutcomeError> {
    let last = outcome::of(connection, &case.row.rules.id).await?.pop();
    if last.as_ref().map_or(0, |row| row.number) != wish.seen {
        return Err(OutcomeError::Overtaken);
    }
    let Some(last) = last else { return Ok(None) };
    if last.number >= limits::OUTCOMES_MAX {
        return Err(OutcomeError::TooOften);
    }
    let why = wish.why.clone().ok_or(OutcomeError::NeedsReason)?;
    Ok(Some((last, why)))
}

/// Takes back what the corrected outcome has done, as far as it is still ahead.
async fn undo(
    deed: &mut Deed<'_>,
    (actor, case): (&Actor, &Case),
    (before, why): (&Outcome, &Noting),
) -> Result<(), OutcomeError> {
    match before {
        Outcome::Direction(id) => {
            let by = actor.by(Some(&case.row.rules.id));
            direction::withdraw_with(deed, (id, by), (&case.post.id, why)).await
        }
        Outcome::Forward { appointment, .. } | Outcome::NextDate(appointment) => {
            follow_up::take_back(deed, appointment).await
        }
        Outcome::NotPossible(_) | Outcome::Decided => Ok(()),
    }
}

/// Does what the ruling says; `None` when the time was taken meanwhile.
async fn carried_out(
    deed: &mut Deed<'_>,
    (actor, case): (&Actor, &Case),
    (ruling, next): (&Ruling, Option<(&Diary, Slot)>),
) -> Result<Option<Outcome>, OutcomeError> {
    match (ruling, next) {
        (Ruling::Direction { text, owner, due_in_days }, _) => {
            let owner = office::post(deed.tx, owner).await?.ok_or(OutcomeError::UnknownPost)?;
            let by = actor.by(Some(&case.row.rules.id));
            let given = direction::give(deed, (case, by), (&owner, text, *due_in_days)).await?;
            Ok(Some(Outcome::Direction(given)))
        }
        (Ruling::NotPossible(reason), _) => Ok(Some(Outcome::NotPossible(*reason))),
        (Ruling::NextDate(_), Some(next)) => {
            let booked = follow_up::book(deed, case, next, BookingMode::Confirm).await?;
            Ok(booked.map(Outcome::NextDate))
        }
        (Ruling::Forward(to), Some((diary, slot))) => {
            let booked = follow_up::book(deed, case, (diary, slot), diary.post.mode).await?;
            Ok(booked.map(|appointment| Outcome::Forward { to: to.clone(), appointment }))
        }
        (Ruling::NextDate(_) | Ruling::Forward(_), None) => Ok(None),
    }
}

/// Tells the citizen what was decided. A next date is told by its own invitation.
async fn tell_citizen(deed: &mut Deed<'_>, case: &Case, row: &OutcomeRow) -> Result<(), StoreError> {
    let visit = tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?;
    let outcome = row.outcome.kind().code().to_owned();
    let (mut text, mut post, mut due, mut reason): (Option<String>, Option<Bilingual>, _, _) =
        (None, None, None, None);
    match &row.outcome {
        Outcome::NextDate(_) | Outcome::Decided => return Ok(()),
        Outcome::Direction(id) => {
            let given = crate::store::direction::by_id(deed.tx, id).await?;
            let given = crate::store::sound(given, "outcome", "direction")?.rules;
            post = office::post(deed.tx, &given.owner).await?.map(|post| post.title);
            (text, due) = (Some(given.text.as_str().to_owned()), Some(given.due));
        }
        Outcome::Forward { to, .. } => post = office::post(deed.tx, to).await?.map(|post| post.title),
        Outcome::NotPossible(why) => reason = Some(why.code().to_owned()),
    }
    let what = What::Outcome { visit, outcome, text, post, due, reason };
    tell::citizen(deed, (&case.row, case.booked_by()?), (what, i64::from(row.number))).await
}
