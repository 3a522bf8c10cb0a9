//! Booking a held time: details, one-time code, confirmation.

use domain::diary::Caps;
use domain::diary::supply::Category;
use domain::diary::{AppointmentState, Channel, MoveError, Slot};
use domain::id::{AppointmentId, CitizenId, DrawId, PostId};
use domain::notice::What;
use domain::office::ist;
use domain::text::{MailAddress, MailError, Mobile, MobileError, PersonName, Subject, TextError};
use jiff::{SignedDuration, Timestamp};

use super::carry_out::{Case, Outcome, carry_out};
use super::desk::{Deed, from_store, settled};
use super::directory::{self, PostCard, card_of};
use super::{Desk, caps, draw, tell};
use crate::audit::{self, Line};
use crate::auth::policy::{Act, Object, allows};
use crate::auth::token::Purpose;
use crate::auth::{Actor, otp};
use crate::limits;
use crate::store::citizen::CitizenRow;
use crate::store::otp::ChallengeRow;
use crate::store::{StoreError, Tx, appointment, citizen, otp as challenge};

/// What the citizen wrote, as he wrote it.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Name.
    pub name: String,
    /// Mobile number.
    pub mobile: String,
    /// Mail address; empty when he has none.
    pub mail: String,
    /// What it is about.
    pub subject: String,
    /// Stable code of the channel.
    pub channel: String,
    /// Stable code of what he says of himself; empty when he says nothing.
    pub category: String,
}

/// A booking in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its appointment.
    pub appointment: AppointmentId,
    /// With whom.
    pub post: PostCard,
    /// When.
    pub slot: Slot,
    /// When the hold runs out; absent once it is booked.
    pub expires_at: Option<Timestamp>,
    /// What was written, once it was.
    pub details: Option<Details>,
    /// Where it stands.
    pub state: AppointmentState,
    /// The token of its slip, once it is booked.
    pub slip_token: Option<String>,
    /// The post to which it has climbed unanswered.
    pub climbed_to: Option<PostId>,
    /// The draw that it is an entry of; then the draw decides the time.
    pub draw: Option<DrawId>,
    /// What he has said of himself.
    pub category: Option<Category>,
    /// When the newest code was sent, while it is good.
    pub code_sent_at: Option<Timestamp>,
}

impl Draft {
    /// What the policy is asked about when somebody decides on it: the post, or the one to which it has climbed.
    #[must_use]
    pub fn screened_by(&self, actor: &Actor) -> Object {
        let above = self.climbed_to.clone().map(Object::Post);
        let above = above.filter(|post| allows(actor, Act::Screen, post).is_ok());
        above.unwrap_or_else(|| Object::Post(self.post.id.clone()))
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldFault {
    /// The name.
    Name(TextError),
    /// The mobile number.
    Mobile(MobileError),
    /// The mail address.
    Mail(MailError),
    /// The subject.
    Subject(TextError),
    /// The channel is none that can be chosen.
    Channel,
    /// There is no such category, or the time is kept for another.
    Category,
}

/// Why the details were not taken.
#[derive(Debug, thiserror::Error)]
pub enum DetailsError {
    /// One or more fields need mending.
    #[error("some fields need mending")]
    Fields(Vec<FieldFault>),
    /// The hold has run out.
    #[error("the hold has run out")]
    HoldExpired {
        /// The post, to choose again.
        post: PostId,
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// It is booked already.
    #[error("it is booked already")]
    AlreadyBooked {
        /// Its slip.
        slip_token: String,
    },
    /// As many codes were sent as are sent for one booking.
    #[error("too many codes were sent")]
    TooManyCodes,
    /// No such appointment.
    #[error("there is no such appointment")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(DetailsError);

/// A booking made.
#[derive(Debug, Clone)]
pub struct Booked {
    /// The token of its slip.
    pub slip_token: String,
    /// Confirmed or requested.
    pub state: AppointmentState,
}

/// Why a code did not book.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Not the code.
    #[error("the code is not right")]
    WrongCode {
        /// Tries left.
        tries_left: i64,
    },
    /// The code was too old; a new one has been sent.
    #[error("the code has expired, a new one was sent")]
    CodeExpired,
    /// The citizen has as many times ahead with the post as one may have; the hold stays until it runs out.
    #[error("the citizen has as many times ahead as one may have")]
    CitizenFull,
    /// No tries are left; a new code can be asked for while there are sends left.
    #[error("no tries are left")]
    TooManyTries,
    /// No code was asked for yet: the details are missing.
    #[error("the details come first")]
    DetailsFirst,
    /// The hold has run out.
    #[error("the hold has run out")]
    HoldExpired {
        /// The post, to choose again.
        post: PostId,
        /// The nearest free times.
        nearest: Vec<Slot>,
    },
    /// No such appointment.
    #[error("there is no such appointment")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ConfirmError);

/// The booking in the making, as its pages show it.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn draft(desk: &Desk, id: &AppointmentId) -> Result<Option<Draft>, StoreError> {
    let mut connection = desk.store.read().await?;
    let now = desk.now();
    let Some(case) = Case::read(&mut connection, id).await? else { return Ok(None) };
    let details = case.citizen.as_ref().map(|citizen| Details {
        name: citizen.name.clone(),
        mobile: citizen.mobile.clone(),
        mail: citizen.mail.clone().unwrap_or_default(),
        subject: case.row.subject.clone(),
        channel: case.row.channel.code().to_owned(),
        category: code_of(case.row.category),
    });
    let is_held = case.row.rules.state == AppointmentState::Held;
    let history = crate::store::office::history(&mut connection, &case.post.id).await?;
    let held = domain::office::holder_at(&history, &case.post.id, now).map(|h| h.charge);
    let asked = challenge::get(&mut connection, id).await?;
    Ok(Some(Draft {
        code_sent_at: asked.map(|row| row.expires_at - SignedDuration::from_mins(limits::CODE_MINUTES)),
        appointment: id.clone(),
        slot: case.row.rules.slot,
        expires_at: case.row.rules.hold_expires_at,
        state: case.row.rules.state,
        slip_token: (!is_held).then(|| desk.settings.link_key.link(Purpose::Slip, id)),
        climbed_to: case.row.climbed_to,
        category: case.row.category,
        draw: crate::store::draw::of_entry(&mut connection, id).await?.map(|(draw, _)| draw),
        post: card_of(case.post, held),
        details,
    }))
}

/// The code of a category, empty for none.
fn code_of(category: Option<Category>) -> String {
    category.map_or_else(String::new, |category| category.code().to_owned())
}

/// What somebody says of himself; nothing is nothing.
pub(super) fn category_of(text: &str) -> Result<Option<Category>, ()> {
    match text.trim() {
        "" => Ok(None),
        code => Category::from_code(code).map(Some).ok_or(()),
    }
}

/// Details that are in order.
pub(super) struct Parsed {
    pub name: PersonName,
    pub mobile: Mobile,
    pub mail: Option<MailAddress>,
    pub subject: Subject,
    pub channel: Channel,
    pub category: Option<Category>,
}

impl Parsed {
    /// The row of whoever gave them.
    pub(super) fn citizen(&self, id: CitizenId) -> CitizenRow {
        CitizenRow {
            id,
            name: self.name.as_str().to_owned(),
            mobile: self.mobile.as_str().to_owned(),
            mail: self.mail.as_ref().map(|mail| mail.as_str().to_owned()),
        }
    }
}

/// Reads what was typed; every field that needs mending is named.
pub(super) fn parse(details: &Details) -> Result<Parsed, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let name = PersonName::parse(&details.name).map_err(|e| faults.push(FieldFault::Name(e)));
    let mobile = Mobile::parse(&details.mobile).map_err(|e| faults.push(FieldFault::Mobile(e)));
    let mail = match details.mail.trim() {
        "" => Ok(None),
        text => MailAddress::parse(text).map(Some).map_err(|e| faults.push(FieldFault::Mail(e))),
    };
    let subject = Subject::parse(&details.subject).map_err(|e| faults.push(FieldFault::Subject(e)));
    let channel = Channel::from_code(&details.channel)
        .filter(|c| *c != Channel::Telephone)
        .ok_or(())
        .map_err(|()| faults.push(FieldFault::Channel));
    let category = category_of(&details.category).map_err(|()| faults.push(FieldFault::Category));
    match (name, mobile, mail, subject, channel, category) {
        (Ok(name), Ok(mobile), Ok(mail), Ok(subject), Ok(channel), Ok(category)) => {
            Ok(Parsed { name, mobile, mail, subject, channel, category })
        }
        _ => Err(faults),
    }
}

/// Takes the details and sends the one-time code.
///
/// # Errors
/// [`DetailsError`]; every field that needs mending is named at once.
pub async fn give_details(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    details: &Details,
) -> Result<(), DetailsError> {
    let parsed = parse(details).map_err(DetailsError::Fields)?;
    if let Some(said) = parsed.category {
        is_his(desk, id, said).await?;
    }
    settled(|| take_details(desk, actor, id, &parsed)).await
}

/// A time that is kept for others is not held under one category and booked under another.
async fn is_his(desk: &Desk, id: &AppointmentId, said: Category) -> Result<(), DetailsError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let row = appointment::by_id(&mut connection, id).await?.ok_or(DetailsError::Unknown)?;
    drop(connection);
    let kept = desk.diaries.lately(desk, &row.rules.post).await?;
    let offer = kept.and_then(|kept| kept.diary().supply().offer(row.rules.slot, &ist()));
    match offer.and_then(|offer| offer.kept_now(now)) {
        Some(category) if category != said => Err(DetailsError::Fields(vec![FieldFault::Category])),
        _ => Ok(()),
    }
}

async fn take_details(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    parsed: &Parsed,
) -> Result<(), DetailsError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(DetailsError::Unknown)?;
    if let Err(why) = still_held(&case, now) {
        drop(tx);
        return Err(match why {
            MoveError::HoldExpired => {
                let (post, nearest) = again(desk, &case).await?;
                DetailsError::HoldExpired { post, nearest }
            }
            _ => DetailsError::AlreadyBooked { slip_token: desk.settings.link_key.link(Purpose::Slip, id) },
        });
    }
    let id_of = case.row.citizen.clone().unwrap_or_else(|| CitizenId::fresh(now, desk.random.bytes()));
    let citizen = parsed.citizen(id_of);
    citizen::put(&mut tx, &citizen, now).await?;
    case.row.citizen = Some(citizen.id.clone());
    case.row.subject = parsed.subject.as_str().to_owned();
    case.row.channel = parsed.channel;
    // What was said for a kept time is not taken back by saying nothing.
    case.row.category = parsed.category.or(case.row.category);
    if !appointment::update(&mut tx, &case.row, now).await? {
        return Err(DetailsError::Unknown);
    }
    case.citizen = Some(citizen);
    if !send_code(desk, &mut tx, &case, now).await? {
        return Err(DetailsError::TooManyCodes);
    }
    let line = Line {
        by: actor.by(Some(id)),
        act: "appointment.details",
        object: id.as_str(),
        detail: String::new(),
    };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// Sends another code for a hold whose details are there.
///
/// # Errors
/// [`DetailsError::TooManyCodes`] past the bound, the others as for [`give_details`].
pub async fn send_code_again(desk: &Desk, actor: &Actor, id: &AppointmentId) -> Result<(), DetailsError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let case = Case::read(&mut tx, id).await?.ok_or(DetailsError::Unknown)?;
    if case.citizen.is_none() || still_held(&case, now).is_err() {
        return Err(DetailsError::Unknown);
    }
    if !send_code(desk, &mut tx, &case, now).await? {
        return Err(DetailsError::TooManyCodes);
    }
    let line =
        Line { by: actor.by(Some(id)), act: "appointment.code", object: id.as_str(), detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// The code did not come: it is sent by mail, too, to an address that he gives now. The one before works no more.
///
/// # Errors
/// [`DetailsError::Fields`] for an address that is none, else as for [`send_code_again`].
pub async fn send_code_by_mail(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    address: &str,
) -> Result<(), DetailsError> {
    let wrong = |error| DetailsError::Fields(vec![FieldFault::Mail(error)]);
    let address = MailAddress::parse(address).map_err(wrong)?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(DetailsError::Unknown)?;
    if still_held(&case, now).is_err() {
        return Err(DetailsError::Unknown);
    }
    let citizen = case.citizen.as_mut().ok_or(DetailsError::Unknown)?;
    citizen.mail = Some(address.as_str().to_owned());
    citizen::put(&mut tx, citizen, now).await?;
    if !send_code(desk, &mut tx, &case, now).await? {
        return Err(DetailsError::TooManyCodes);
    }
    let detail = "by=mail".to_owned();
    let line = Line { by: actor.by(Some(id)), act: "appointment.code", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

fn still_held(case: &Case, now: Timestamp) -> Result<(), MoveError> {
    if case.row.rules.state == AppointmentState::Expired {
        return Err(MoveError::HoldExpired);
    }
    if case.row.rules.state != AppointmentState::Held {
        return Err(MoveError::WrongState(case.row.rules.state));
    }
    if case.row.rules.hold_expires_at.is_none_or(|at| at <= now) {
        return Err(MoveError::HoldExpired);
    }
    Ok(())
}

async fn again(desk: &Desk, case: &Case) -> Result<(PostId, Vec<Slot>), StoreError> {
    let post = case.row.rules.post.clone();
    let nearest = directory::nearest(desk, &post, case.row.rules.slot.start(), 3).await?;
    Ok((post, nearest))
}

/// `false` when as many codes were sent as may be.
async fn send_code(desk: &Desk, tx: &mut Tx, case: &Case, now: Timestamp) -> Result<bool, StoreError> {
    let id = &case.row.rules.id;
    let code = otp::fresh(desk.random);
    let row = ChallengeRow {
        code_hash: otp::hash(&desk.settings.link_key, id, &code),
        expires_at: now + SignedDuration::from_mins(limits::CODE_MINUTES),
        tries_left: limits::CODE_TRIES_MAX,
        sends: 1,
    };
    if !challenge::put(tx, id, &row, limits::CODE_SENDS_MAX).await? {
        return Ok(false);
    }
    let sends = challenge::get(tx, id).await?.map_or(1, |c| c.sends);
    let what = What::Code { code, minutes: u32::try_from(limits::CODE_MINUTES).unwrap_or(10) };
    tell::citizen(&mut Deed { desk, tx, now }, (&case.row, case.booked_by()?), (what, sends)).await?;
    Ok(true)
}

/// Books with the code: appointment, claim, links, notices and audit line together, or nothing.
/// A code that was already used answers with the same booking.
///
/// # Errors
/// [`ConfirmError`]; wrong tries are counted even when they come at once.
pub async fn confirm(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    code: &str,
) -> Result<Booked, ConfirmError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let case = Case::read(&mut connection, id).await?.ok_or(ConfirmError::Unknown)?;
    let asked = challenge::get(&mut connection, id).await?;
    drop(connection);
    match still_held(&case, now) {
        Ok(()) => {}
        Err(MoveError::HoldExpired) => {
            let (post, nearest) = again(desk, &case).await?;
            return Err(ConfirmError::HoldExpired { post, nearest });
        }
        Err(_) => return Ok(booked(desk, id, case.row.rules.state)),
    }
    let asked = asked.ok_or(ConfirmError::DetailsFirst)?;
    if asked.expires_at <= now {
        return Err(resend(desk, &case, now).await?);
    }
    check_code(desk, id, code, &asked).await?;
    let caps = desk.diaries.lately(desk, &case.post.id).await?.map(|kept| kept.diary().caps);
    let caps = caps.unwrap_or_default();
    match settled(|| book_it(desk, actor, id, (caps, now))).await? {
        Some(state) => Ok(booked(desk, id, state)),
        None => {
            let (post, nearest) = again(desk, &case).await?;
            Err(ConfirmError::HoldExpired { post, nearest })
        }
    }
}

fn booked(desk: &Desk, id: &AppointmentId, state: AppointmentState) -> Booked {
    Booked { slip_token: desk.settings.link_key.link(Purpose::Slip, id), state }
}

async fn resend(desk: &Desk, case: &Case, now: Timestamp) -> Result<ConfirmError, StoreError> {
    let mut tx = desk.store.write().await?;
    if !send_code(desk, &mut tx, case, now).await? {
        return Ok(ConfirmError::TooManyTries);
    }
    tx.commit().await?;
    Ok(ConfirmError::CodeExpired)
}

/// Counts the try in a transaction of its own, then compares.
async fn check_code(
    desk: &Desk,
    id: &AppointmentId,
    code: &str,
    asked: &ChallengeRow,
) -> Result<(), ConfirmError> {
    let mut tx = desk.store.write().await?;
    let left = challenge::take_try(&mut tx, id).await?;
    tx.commit().await?;
    let Some(tries_left) = left else { return Err(ConfirmError::TooManyTries) };
    if otp::is_right(&desk.settings.link_key, id, code, &asked.code_hash) {
        return Ok(());
    }
    Err(if tries_left == 0 { ConfirmError::TooManyTries } else { ConfirmError::WrongCode { tries_left } })
}

/// `None` when the hold was lost meanwhile.
async fn book_it(
    desk: &Desk,
    actor: &Actor,
    id: &AppointmentId,
    (caps, now): (Caps, Timestamp),
) -> Result<Option<AppointmentState>, ConfirmError> {
    let mut tx = desk.store.write().await?;
    let mut case = Case::read(&mut tx, id).await?.ok_or(ConfirmError::Unknown)?;
    if case.row.rules.state != AppointmentState::Held {
        return Ok(Some(case.row.rules.state));
    }
    if draw::count_in(desk, &mut tx, &mut case, actor.by(Some(id))).await?.is_some() {
        challenge::remove(&mut tx, id).await?;
        tx.commit().await?;
        return Ok(Some(AppointmentState::Held));
    }
    // The day has counted it since it was held.
    let mobile = Some(case.booked_by()?.mobile.as_str());
    if caps::room(&mut tx, (caps, now), (&case.post.id, None), (mobile, Some(id))).await?.is_err() {
        return Err(ConfirmError::CitizenFull);
    }
    let Ok(turn) = case.row.rules.clone().book(case.post.mode, now) else { return Ok(None) };
    if turn.appointment.state == AppointmentState::Requested {
        case.row.answer_due_at = Some(now + SignedDuration::from_hours(limits::ANSWER_HOURS));
    }
    if carry_out(&mut Deed { desk, tx: &mut tx, now }, &mut case, (turn, None)).await? != Outcome::Done {
        return Ok(None);
    }
    challenge::remove(&mut tx, id).await?;
    let state = case.row.rules.state;
    tell::booked(&mut Deed { desk, tx: &mut tx, now }, (&case.row, &case.post, case.booked_by()?)).await?;
    let detail = format!("state={}", state.code());
    let line = Line { by: actor.by(Some(id)), act: "appointment.book", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(state))
}
