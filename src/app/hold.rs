//! Holding a free time for ten minutes while the form is filled.

use domain::diary::Full;
use domain::diary::supply::Category;
use domain::diary::{Appointment, AppointmentState, Channel, Slot};
use domain::id::{AppointmentId, PostId, SessionId};
use domain::notice::Language;
use domain::office::ist;
use jiff::{SignedDuration, Timestamp};

use super::desk::{from_store, settled};
use super::diaries::{Diary, Kept};
use super::directory;
use super::intake::Came;
use super::{Desk, caps, reference, session};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::appointment::AppointmentRow;
use crate::store::intake::{Device, Entry};
use crate::store::{StoreError, Tx, appointment, claim, session as store_session};

/// What a citizen wishes.
#[derive(Debug, Clone)]
pub struct HoldWish {
    /// The citizen's session, if the device has one.
    pub session: Option<SessionId>,
    /// The post.
    pub post: PostId,
    /// Start of the wished time.
    pub start: Timestamp,
    /// The language in which he reads.
    pub language: Language,
    /// What he says of himself, where he wants a time that is kept for such people.
    pub category: Option<Category>,
}

/// A time held.
#[derive(Debug, Clone)]
pub struct Held {
    /// The appointment that it has begun.
    pub appointment: AppointmentId,
    /// A new session's token for the cookie, if one began.
    pub cookie: Option<String>,
}

/// Why a time is not held.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// Somebody was faster.
    #[error("that time is taken")]
    SlotTaken {
        /// The three nearest free times, fewer when there are fewer.
        nearest: Vec<Slot>,
    },
    /// The time has begun or is too soon.
    #[error("that time has passed")]
    PastTime {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// The post does not meet people at that time.
    #[error("the post does not offer that time")]
    NotOffered {
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// It is kept for people of another category.
    #[error("that time is kept for others")]
    Kept {
        /// For whom.
        category: Category,
        /// The nearest times that are free for him.
        nearest: Vec<Slot>,
    },
    /// As many come that day as may.
    #[error("that day is full")]
    DayFull {
        /// The nearest free times of other days.
        nearest: Vec<Slot>,
    },
    /// The citizen has as many times ahead with the post as one may have.
    #[error("the citizen has as many times ahead as one may have")]
    CitizenFull,
    /// No such post.
    #[error("there is no such post")]
    UnknownPost,
    /// Nobody holds the post, or it takes no bookings.
    #[error("the post takes no bookings now")]
    Closed,
    /// This device holds as many times as one may.
    #[error("too many times are held from this device")]
    TooManyHolds,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(HoldError);

/// Holds a time: appointment, claim, session and audit line together, or nothing.
///
/// # Errors
/// [`HoldError`]; a lost race names the three nearest free times.
pub async fn hold(desk: &Desk, wish: HoldWish) -> Result<Held, HoldError> {
    let now = desk.now();
    let (kept, slot) = offered(desk, (&wish.post, wish.start, wish.category), now).await?;
    // A stranger who comes too late is told so without asking the database; it decides for all others.
    let held = match &wish.session {
        None if is_gone(desk, &kept, slot).await? => None,
        None => begun(desk, &wish, (kept.diary(), slot), now).await?,
        Some(session) => settled(|| added(desk, (&wish, session), (kept.diary(), slot), now)).await?,
    };
    match held {
        Some(held) => Ok(held),
        None => Err(gone(desk, (&wish.post, slot)).await?),
    }
}

/// What is said of a time that somebody has, or whose day is full.
pub(super) async fn gone(desk: &Desk, (post, slot): (&PostId, Slot)) -> Result<HoldError, StoreError> {
    let kept = desk.diaries.of(desk, post).await?;
    if kept.is_some_and(|kept| kept.is_full(slot)) {
        return no_room(desk, (post, slot.start()), Full::Day).await;
    }
    let nearest = directory::nearest_others(desk, post, slot.start(), 3).await?;
    Ok(HoldError::SlotTaken { nearest })
}

/// Whether somebody has the slot for certain: what was kept a moment ago may have been given back since.
pub(super) async fn is_gone(desk: &Desk, kept: &Kept, slot: Slot) -> Result<bool, StoreError> {
    if kept.is_free(slot) {
        return Ok(false);
    }
    let now = desk.diaries.of(desk, &kept.diary().post.id).await?;
    Ok(now.is_none_or(|kept| !kept.is_free(slot)))
}

/// The post's diary and the slot, if it is one that may be taken now.
pub(super) async fn offered(
    desk: &Desk,
    (post, start, category): (&PostId, Timestamp, Option<Category>),
    now: Timestamp,
) -> Result<(Kept, Slot), HoldError> {
    let kept = desk.diaries.lately(desk, post).await?.ok_or(HoldError::UnknownPost)?;
    let diary = kept.diary();
    if !diary.is_bookable() {
        return Err(HoldError::Closed);
    }
    let slot = Slot::starting(start, diary.post.slot_minutes).ok();
    let offer = slot.and_then(|slot| diary.supply.offer(slot, &ist()));
    match offer.filter(|offer| offer.is_open(now, category.as_slice())) {
        Some(offer) => Ok((kept, offer.slot)),
        None => {
            let nearest = directory::nearest(desk, post, start, 3).await?;
            let open_to_some = offer.filter(|offer| offer.is_open(now, Category::ALL));
            if let Some(category) = open_to_some.and_then(|offer| offer.kept_now(now)) {
                Err(HoldError::Kept { category, nearest })
            } else if offer.map_or(start <= now, |offer| now > offer.closes_at) {
                Err(HoldError::PastTime { nearest })
            } else {
                Err(HoldError::NotOffered { nearest })
            }
        }
    }
}

/// The first hold of a device, which begins its session. `None` when the claim lost its race; nothing is left behind then.
async fn begun(
    desk: &Desk,
    wish: &HoldWish,
    (diary, slot): (&Diary, Slot),
    now: Timestamp,
) -> Result<Option<Held>, HoldError> {
    let rules = held_rules(desk, (&wish.post, slot), now);
    let (device, cookie) = session::device(desk);
    let make = |reference| Ok(entry((diary, &rules, &device), (reference, wish), now));
    match desk.intake.enter(desk, make).await? {
        Came::In(entry) => Ok(Some(Held { appointment: entry.row.rules.id, cookie: Some(cookie) })),
        Came::Taken => Ok(None),
        Came::Full(full) => Err(no_room(desk, (&wish.post, wish.start), full).await?),
    }
}

/// What is said when a cap leaves no room.
pub(super) async fn no_room(
    desk: &Desk,
    (post, start): (&PostId, Timestamp),
    full: Full,
) -> Result<HoldError, StoreError> {
    Ok(match full {
        Full::Day => {
            let nearest = directory::nearest_on_other_days(desk, post, start, 3).await?;
            HoldError::DayFull { nearest }
        }
        Full::Citizen => HoldError::CitizenFull,
    })
}

/// Another hold of a device that is known: what it holds already is looked at in the same transaction, and two requests of
/// one device take turns. `None` as for [`begun`].
async fn added(
    desk: &Desk,
    (wish, session): (&HoldWish, &SessionId),
    (diary, slot): (&Diary, Slot),
    now: Timestamp,
) -> Result<Option<Held>, HoldError> {
    let mut tx = desk.store.write().await?;
    store_session::take_turn(&mut tx, session).await?;
    let again = appointment::held_by(&mut tx, session, (&wish.post, slot.start()), now).await?;
    if let Some(appointment) = again {
        return Ok(Some(Held { appointment, cookie: None }));
    }
    if appointment::live_holds_of(&mut tx, session, now).await? >= limits::HOLDS_PER_SESSION_MAX {
        return Err(HoldError::TooManyHolds);
    }
    if let Err(full) = caps::room(&mut tx, (diary.caps, now), (&wish.post, Some(slot)), (None, None)).await? {
        drop(tx);
        return Err(no_room(desk, (&wish.post, wish.start), full).await?);
    }
    let rules = held_rules(desk, (&wish.post, slot), now);
    let lapses = rules.hold_expires_at;
    let row = AppointmentRow { category: wish.category, ..row_of(rules, wish.language, now) };
    let id = under_a_reference(desk, &mut tx, row).await?.rules.id;
    if !claim::claim(&mut tx, &diary.claimant, (&id, slot, lapses), now).await? {
        return Ok(None);
    }
    store_session::grant(&mut tx, session, &id).await?;
    audit::append(&mut tx, line(&id, (diary, session)), now).await?;
    tx.commit().await?;
    Ok(Some(Held { appointment: id, cookie: None }))
}

/// A new appointment that is held for a while.
pub(super) fn held_rules(desk: &Desk, (post, slot): (&PostId, Slot), now: Timestamp) -> Appointment {
    Appointment {
        id: AppointmentId::fresh(now, desk.random.bytes()),
        post: post.clone(),
        state: AppointmentState::Held,
        slot,
        proposed: Vec::new(),
        sequence: 0,
        hold_expires_at: Some(now + SignedDuration::from_mins(limits::HOLD_MINUTES)),
    }
}

fn line<'a>(id: &'a AppointmentId, (diary, session): (&Diary, &SessionId)) -> Line<'a> {
    let detail = format!("post={} mode={}", diary.post.id, diary.post.mode.code());
    Line { by: By::Citizen(session.clone()), act: "appointment.hold", object: id.as_str(), detail }
}

/// All that is written for a hold, under this reference number.
fn entry(
    (diary, rules, device): (&Diary, &Appointment, &Device),
    (reference, wish): (String, &HoldWish),
    now: Timestamp,
) -> Entry {
    Entry {
        line: audit::open(line(&rules.id, (diary, &device.session)), now),
        person: diary.claimant.person_at(rules.slot.start()),
        caps: diary.caps,
        lapses_at: rules.hold_expires_at,
        device: Some(device.clone()),
        links: Vec::new(),
        meeting: None,
        notices: Vec::new(),
        citizen: None,
        row: AppointmentRow {
            reference,
            category: wish.category,
            ..row_of(rules.clone(), wish.language, now)
        },
    }
}

/// The row of a hold; its reference number is still to be drawn.
fn row_of(rules: Appointment, language: Language, now: Timestamp) -> AppointmentRow {
    AppointmentRow {
        reference: String::new(),
        citizen: None,
        channel: Channel::Video,
        language,
        subject: String::new(),
        version: 1,
        reason: None,
        alternative: None,
        created_at: now,
        displaced_count: 0,
        category: None,
        answer_due_at: None,
        climbed_to: None,
        rules,
    }
}

/// Writes the appointment's row as a hold under a reference number that nobody has.
pub(super) async fn write_down(
    desk: &Desk,
    tx: &mut Tx,
    rules: Appointment,
    language: Language,
) -> Result<AppointmentId, StoreError> {
    let row = row_of(rules, language, desk.now());
    Ok(under_a_reference(desk, tx, row).await?.rules.id)
}

/// Writes a new appointment's row under a reference number that nobody has.
async fn under_a_reference(
    desk: &Desk,
    tx: &mut Tx,
    mut row: AppointmentRow,
) -> Result<AppointmentRow, StoreError> {
    for tries in 0..reference::DRAWS_MAX {
        row.reference = reference::draw(desk.random, row.created_at, tries);
        if appointment::insert(tx, &row).await? {
            return Ok(row);
        }
    }
    Err(StoreError::Corrupt { table: "appointment", what: "free reference number" })
}
