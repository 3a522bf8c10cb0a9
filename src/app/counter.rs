//! Booking for a person at a service centre's counter: the operator's session stands for the one-time code, the person's
//! consent is recorded with the helper, and a printed PIN opens the slip. One transaction.

use domain::diary::Full;
use domain::diary::supply::Category;
use domain::diary::{Appointment, AppointmentState, Channel, Slot};
use domain::id::{AppointmentId, CitizenId, PostId};
use domain::notice::Language;
use domain::office::ist;
use domain::text::{Mobile, MobileError, PersonName, Subject, TextError};
use jiff::{SignedDuration, Timestamp};

use super::book::category_of;
use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, from_store, settled};
use super::diaries::Diary;
use super::{Desk, caps, directory, hold, reference, session, slip, tell};
use crate::audit::{self, By, Line};
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::token::Purpose;
use crate::auth::{Actor, Staff, otp, pin};
use crate::limits;
use crate::store::assisted::{self, AssistedRow};
use crate::store::citizen::CitizenRow;
use crate::store::{StoreError, Tx, attempt, citizen, claim, link};

/// What the operator wrote down.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Made with the form, so that one form books once.
    pub once: String,
    /// The person's name.
    pub name: String,
    /// Village and district.
    pub place: String,
    /// A mobile number, if there is one.
    pub mobile: String,
    /// What it is about.
    pub subject: String,
    /// Stable code of the channel.
    pub channel: String,
    /// Stable code of what the person says of himself; empty when he says nothing.
    pub category: String,
    /// Has the person agreed?
    pub has_consent: bool,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WishFault {
    /// The name.
    Name(TextError),
    /// Village and district.
    Place(TextError),
    /// The mobile number.
    Mobile(MobileError),
    /// The subject.
    Subject(TextError),
    /// The channel.
    Channel,
    /// There is no such category.
    Category,
    /// The person has not agreed.
    Consent,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum CounterError {
    /// Not a counter's session.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Some fields need mending.
    #[error("some fields need mending")]
    Fields(Vec<WishFault>),
    /// The form is not one that this house made.
    #[error("the form is not one of this house")]
    Malformed,
    /// The post does not exist or takes no bookings.
    #[error("the post takes no bookings now")]
    Closed,
    /// A cap of the post leaves no room.
    #[error("a cap of the post leaves no room")]
    Full(Full),
    /// Somebody was faster, or the post does not offer that time.
    #[error("that time is not to be had")]
    NotFree,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(CounterError);

struct Parsed {
    name: PersonName,
    place: String,
    mobile: Option<Mobile>,
    subject: Subject,
    channel: Channel,
    category: Option<Category>,
}

/// Looks at every field, all but the consent.
///
/// # Errors
/// What needs mending, all at once.
pub fn look(wish: &Wish) -> Result<(), Vec<WishFault>> {
    parse(wish).map(|_| ())
}

fn parse(wish: &Wish) -> Result<Parsed, Vec<WishFault>> {
    let mut faults = Vec::new();
    let name = PersonName::parse(&wish.name).map_err(|e| faults.push(WishFault::Name(e)));
    let place = match wish.place.trim() {
        "" => Ok(String::new()),
        text => Subject::parse(text).map(|one| one.as_str().to_owned()),
    };
    let place = place.map_err(|e| faults.push(WishFault::Place(e)));
    let mobile = match wish.mobile.trim() {
        "" => Ok(None),
        text => Mobile::parse(text).map(Some).map_err(|e| faults.push(WishFault::Mobile(e))),
    };
    let subject = Subject::parse(&wish.subject).map_err(|e| faults.push(WishFault::Subject(e)));
    let channel = Channel::from_code(&wish.channel).ok_or(()).map_err(|()| faults.push(WishFault::Channel));
    let category = category_of(&wish.category).map_err(|()| faults.push(WishFault::Category));
    match (name, place, mobile, subject, channel, category) {
        (Ok(name), Ok(place), Ok(mobile), Ok(subject), Ok(channel), Ok(category)) => {
            Ok(Parsed { name, place, mobile, subject, channel, category })
        }
        _ => Err(faults),
    }
}

/// Books for the person at the counter.
///
/// * returns: the appointment; the same one when the same form is sent again.
///
/// # Errors
/// [`CounterError`].
pub async fn book(
    desk: &Desk,
    actor: &Actor,
    wish: &Wish,
    (post, start): (&PostId, Timestamp),
) -> Result<AppointmentId, CounterError> {
    allows(actor, Act::ServeCounter, &Object::House)?;
    let staff = actor.staff().ok_or(Denied::SignInFirst)?;
    let parsed = parse(wish).map_err(CounterError::Fields)?;
    if !wish.has_consent {
        return Err(CounterError::Fields(vec![WishFault::Consent]));
    }
    if wish.once.is_empty() || wish.once.len() > limits::ONCE_CHARS_MAX {
        return Err(CounterError::Malformed);
    }
    let now = desk.now();
    let kept = desk.diaries.of(desk, post).await?.ok_or(CounterError::Closed)?;
    let diary = kept.diary();
    if !diary.is_bookable() {
        return Err(CounterError::Closed);
    }
    let key = desk.settings.link_key.derived(&format!("counter|{}|{}", staff.session, wish.once));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&key[..16]);
    let id = AppointmentId::from_bytes(bytes);
    let slot = Slot::starting(start, diary.post.slot_minutes).ok();
    let offer = slot.and_then(|slot| diary.supply.offer(slot, &ist()));
    let slot = offer.filter(|offer| offer.is_open(now, parsed.category.as_slice())).map(|offer| offer.slot);
    settled(|| book_once(desk, (staff, &parsed), (diary, slot), &id)).await?;
    Ok(id)
}

async fn book_once(
    desk: &Desk,
    (staff, parsed): (&Staff, &Parsed),
    (diary, slot): (&Diary, Option<Slot>),
    id: &AppointmentId,
) -> Result<(), CounterError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if Case::read(&mut tx, id).await?.is_some() {
        return Ok(());
    }
    let slot = slot.ok_or(CounterError::NotFree)?;
    let mobile = parsed.mobile.as_ref().map(Mobile::as_str);
    let room = caps::room(&mut tx, (diary.caps, now), (&diary.post.id, Some(slot)), (mobile, None)).await?;
    room.map_err(CounterError::Full)?;
    let rules = Appointment { id: id.clone(), ..hold::held_rules(desk, (&diary.post.id, slot), now) };
    let lapses = rules.hold_expires_at;
    hold::write_down(desk, &mut tx, rules, Language::Hindi).await?;
    if !claim::claim(&mut tx, &diary.claimant, (id, slot, lapses), now).await? {
        return Err(CounterError::NotFree);
    }
    let mut case = Case::read(&mut tx, id).await?.ok_or(CounterError::NotFree)?;
    let person = CitizenRow {
        id: CitizenId::fresh(now, desk.random.bytes()),
        name: parsed.name.as_str().to_owned(),
        mobile: parsed.mobile.as_ref().map(|m| m.as_str().to_owned()).unwrap_or_default(),
        mail: None,
    };
    citizen::put(&mut tx, &person, now).await?;
    case.row.citizen = Some(person.id.clone());
    case.row.subject = parsed.subject.as_str().to_owned();
    case.row.channel = parsed.channel;
    case.row.category = parsed.category;
    case.citizen = Some(person);
    let turn = case.row.rules.clone().book(case.post.mode, now).map_err(|_| CounterError::NotFree)?;
    if turn.appointment.state == AppointmentState::Requested {
        case.row.answer_due_at = Some(now + SignedDuration::from_hours(limits::ANSWER_HOURS));
    }
    if carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, None)).await? != Outcome::Done {
        return Err(CounterError::NotFree);
    }
    record_help(desk, &mut tx, (staff, parsed), &case).await?;
    tx.commit().await?;
    Ok(())
}

/// Who helped, that the person agreed, the PIN's hash, the notices and the audit line.
async fn record_help(
    desk: &Desk,
    tx: &mut Tx,
    (staff, parsed): (&Staff, &Parsed),
    case: &Case,
) -> Result<(), StoreError> {
    let now = desk.now();
    let id = &case.row.rules.id;
    let row = AssistedRow {
        appointment: id.clone(),
        helper: staff.user.clone(),
        post: staff.post.clone(),
        place: parsed.place.clone(),
        consented_at: now,
    };
    assisted::insert(tx, &row).await?;
    tell::booked(&mut Deed { desk, tx, now }, (&case.row, &case.post, case.booked_by()?)).await?;
    let by = By::Staff(staff.user.clone(), staff.post.clone());
    let detail = format!("state={} consent=1", case.row.rules.state.code());
    audit::append(tx, Line { by, act: "appointment.assist", object: id.as_str(), detail }, now).await
}

/// A slip that was made at this counter, with its PIN, to be printed.
///
/// * returns: the token of the slip and the PIN; `None` for what another counter made.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn printed(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
) -> Result<Option<(String, String)>, StoreError> {
    let Some(staff) = actor.staff() else { return Ok(None) };
    let mut connection = desk.store.read().await?;
    let made = assisted::post_of(&mut connection, id).await?;
    let key = &desk.settings.link_key;
    Ok(made.filter(|post| *post == staff.post).map(|_| (key.link(Purpose::Slip, id), pin::of(key, id))))
}

/// Why a reference number and a PIN open nothing.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// One of the two is not right; which one is not said.
    #[error("the number or the PIN is not right")]
    Wrong,
    /// Too many tries; wait for the window to end.
    #[error("too many tries")]
    TooManyTries,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(OpenError);

/// Wrong tries of all numbers together: whoever walks through the numbers has few tries at each of them.
const WRONG_PINS: &str = "pin";

/// Opens the slip of a reference number by its PIN. Tries are counted a number, right or wrong, and wrong ones for the
/// whole house.
///
/// * returns: the token of the slip, and the new cookie's token if the device had no session.
///
/// # Errors
/// [`OpenError`].
pub async fn open_by_pin(
    desk: &Desk,
    actor: &Actor,
    (reference, typed): (&str, &str),
) -> Result<(String, Option<String>), OpenError> {
    let now = desk.now();
    let digits = otp::digits(reference);
    let reference = reference_of(reference, &digits).ok_or(OpenError::Wrong)?;
    let mut tx = desk.store.write().await?;
    let subject = format!("pin/{reference}");
    let window = now + SignedDuration::from_mins(limits::ATTEMPT_WINDOW_MINUTES);
    let wrong = attempt::so_far(&mut tx, WRONG_PINS, now).await?;
    let tries = attempt::count(&mut tx, &subject, window, now).await?;
    if tries > limits::ATTEMPTS_MAX || wrong >= limits::WRONG_PINS_MAX {
        tx.commit().await?;
        return Err(OpenError::TooManyTries);
    }
    let found = link::of_reference(&mut tx, &reference).await?;
    let key = &desk.settings.link_key;
    let Some(id) = found.filter(|id| pin::opens(key, id, typed)) else {
        let minute = now + SignedDuration::from_mins(1);
        attempt::count(&mut tx, WRONG_PINS, minute, now).await?;
        tx.commit().await?;
        return Err(OpenError::Wrong);
    };
    let token = key.link(Purpose::Slip, &id);
    slip::opened(&mut tx, &token, Purpose::Slip).await?.ok_or(OpenError::Wrong)?;
    attempt::forget(&mut tx, &subject).await?;
    let known = match actor {
        Actor::Citizen { session, .. } => Some(session),
        Actor::Staff(_) | Actor::Terminal(_) | Actor::Anyone => None,
    };
    let (session, cookie) = session::let_in(desk, &mut tx, known, &id).await?;
    let line = Line {
        by: By::Citizen(session),
        act: "slip.open_by_pin",
        object: id.as_str(),
        detail: String::new(),
    };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok((token, cookie))
}

/// `ES26-004217` out of what was typed: with or without letters and dash, in either script.
fn reference_of(typed: &str, digits: &str) -> Option<String> {
    (reference::DIGITS.contains(&digits.len()) && typed.len() <= limits::REFERENCE_BYTES_MAX)
        .then(|| format!("ES{}-{}", &digits[..2], &digits[2..]))
}

/// Posts that may be right for a subject, best first: by its words, each of which is looked up.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn suggested(desk: &Desk, wishes: &[String]) -> Result<Vec<directory::PostCard>, StoreError> {
    let mut found: Vec<directory::PostCard> = Vec::new();
    for query in wishes.iter().take(limits::SUGGESTION_QUERIES_MAX) {
        for card in directory::search(desk, query).await? {
            let is_known = found.iter().any(|one| one.id == card.id);
            if !is_known && card.held.is_some() && found.len() < limits::SUGGESTIONS_MAX {
                found.push(card);
            }
        }
    }
    Ok(found)
}
