//! The worklist of a desk: what waits for an answer, what climbed here unanswered, today, what comes, and
//! what a meeting has left behind. Reads only.

use domain::diary::{AppointmentState, Channel, Slot};
use domain::direction::DirectionState;
use domain::id::{AppointmentId, MeetingId, PostId};
use domain::office::{BookingMode, ist};
use domain::text::{Bilingual, matches, search_key};
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::outcome::{self, Missing};
use super::party::{Party, parties};
use super::report;
use super::screen::ScreenError;
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::limits;
pub use crate::store::duplicate::DuplicateRow as Duplicate;
pub use crate::store::question::QuestionRow as Question;
pub use crate::store::voice_note::UnwrittenRow as VoiceNote;
use crate::store::{
    Connection, StoreError, appointment, direction, duplicate, meeting, office, question, voice_note,
};

/// One card of the worklist.
#[derive(Debug, Clone)]
pub struct Card {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// Where it stands.
    pub state: AppointmentState,
    /// When.
    pub slot: Slot,
    /// The other times on offer.
    pub proposed: Vec<Slot>,
    /// How they meet.
    pub channel: Channel,
    /// Who comes.
    pub name: String,
    /// His number, for a call.
    pub mobile: String,
    /// What about.
    pub subject: String,
    /// When he asked.
    pub asked_at: Timestamp,
    /// The meeting, once it is fixed and by video.
    pub meeting: Option<MeetingId>,
    /// How often its time was taken away.
    pub displaced_count: i64,
    /// Until when an answer is promised.
    pub answer_due_at: Option<Timestamp>,
    /// That promise was not kept.
    pub is_late: bool,
    /// The post that was asked, when the request has climbed to this desk.
    pub climbed_from: Option<Bilingual>,
    /// What was asked back, and what was answered.
    pub questions: Vec<Question>,
    /// Other open appointments of the same person.
    pub duplicates: Vec<Duplicate>,
}

/// What waits at a desk.
#[derive(Debug, Clone, Default)]
pub struct Worklist {
    /// Requests that wait for an answer: those that climbed here, then the late ones, then by time.
    pub requests: Vec<Card>,
    /// Fixed for today, by time.
    pub today: Vec<Card>,
    /// Fixed for later days, proposals that wait for the citizen, and who waits for a time.
    pub upcoming: Vec<Card>,
    /// Meetings that are over and have no outcome yet, the oldest first.
    pub without_outcome: Vec<Missing>,
    /// Directions to this post that want a look.
    pub directions: Pressing,
    /// Voice notes that nobody has written down.
    pub voice_notes: Vec<VoiceNote>,
    /// Reports that wait for an answer of this post.
    pub reports: usize,
}

/// Directions that a post has not carried out yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pressing {
    /// All of them.
    pub open: usize,
    /// Those whose day has passed.
    pub overdue: usize,
    /// Those of which the citizen says that they are not done yet.
    pub reopened: usize,
}

/// The worklist of a post.
///
/// # Errors
/// [`ScreenError::Denied`] for whom the desk is not, [`ScreenError::Store`] from the database.
pub async fn worklist(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Worklist, ScreenError> {
    allows(actor, Act::ReadDesk, &Object::Post(post.clone()))?;
    let now = desk.now();
    let today = now.to_zoned(ist()).date();
    let mut connection = desk.store.read().await?;
    let since = now - SignedDuration::from_hours(2);
    let own = appointment::live_of_post(&mut connection, post, since, limits::WORKLIST_MAX).await?;
    let climbed = appointment::climbed_to(&mut connection, post, limits::WORKLIST_MAX).await?;
    let mut questions = question::of_post(&mut connection, post).await?;
    let duplicates = duplicate::of_post(&mut connection, post, limits::DUPLICATES_READ_MAX).await?;
    let mut list = Worklist::default();
    let rows = climbed.into_iter().chain(own).collect();
    for party in parties(&mut connection, rows).await? {
        let mut card = card(&mut connection, party, (post, now)).await?;
        card.questions = questions.remove(&card.appointment).unwrap_or_default();
        let same = duplicates.iter().filter(|row| row.of == card.appointment && is_alike(row, &card.subject));
        card.duplicates = same.take(limits::DUPLICATES_MAX).cloned().collect();
        let is_today = card.slot.start().to_zoned(ist()).date() == today;
        match card.state {
            AppointmentState::Requested => list.requests.push(card),
            AppointmentState::Confirmed if is_today => list.today.push(card),
            _ => list.upcoming.push(card),
        }
    }
    list.without_outcome = outcome::missing(&mut connection, post, now).await?;
    list.voice_notes = voice_note::unwritten(&mut connection, post, limits::VOICE_NOTES_SHOWN_MAX).await?;
    list.reports = report::waiting(&mut connection, actor, post).await?;
    list.directions = pressing(&mut connection, (post, now)).await?;
    list.requests.sort_by_key(|card| (card.climbed_from.is_none(), !card.is_late, card.slot));
    Ok(list)
}

async fn pressing(
    connection: &mut Connection,
    (post, now): (&PostId, Timestamp),
) -> Result<Pressing, StoreError> {
    let mut pressing = Pressing::default();
    for row in direction::of_owner(connection, post, limits::DIRECTIONS_SHOWN_MAX).await? {
        pressing.open += usize::from(row.rules.is_undone());
        pressing.overdue += usize::from(row.rules.is_overdue(now));
        pressing.reopened += usize::from(row.rules.state == DirectionState::Reopened);
    }
    Ok(pressing)
}

async fn card(
    connection: &mut Connection,
    party: Party,
    (desk, now): (&PostId, Timestamp),
) -> Result<Card, StoreError> {
    let Party { row, citizen } = party;
    let is_fixed_video = row.rules.state == AppointmentState::Confirmed && row.channel == Channel::Video;
    let meeting = match is_fixed_video {
        true => meeting::of_appointment(connection, &row.rules.id).await?,
        false => None,
    };
    let climbed_from = match row.rules.post == *desk {
        true => None,
        false => office::post(connection, &row.rules.post).await?.map(|post| post.title),
    };
    let is_requested = row.rules.state == AppointmentState::Requested;
    let answer_due_at = row.answer_due_at.filter(|_| is_requested);
    Ok(Card {
        appointment: row.rules.id,
        reference: row.reference,
        state: row.rules.state,
        slot: row.rules.slot,
        proposed: row.rules.proposed,
        channel: row.channel,
        name: citizen.name,
        mobile: citizen.mobile,
        subject: row.subject,
        asked_at: row.created_at,
        meeting,
        displaced_count: row.displaced_count,
        is_late: answer_due_at.is_some_and(|due| due <= now),
        answer_due_at,
        climbed_from,
        questions: Vec::new(),
        duplicates: Vec::new(),
    })
}

/// The same number is the same person; the same name only with a matter that shares a word.
fn is_alike(row: &Duplicate, subject: &str) -> bool {
    let other = search_key(&row.subject);
    row.has_same_mobile
        || search_key(subject)
            .split_whitespace()
            .filter(|word| word.chars().count() > 3)
            .any(|word| matches(word, &other).is_some())
}

/// The posts whose desks this person runs, his own first when it can be booked.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn desks_of(desk: &Desk, actor: &Actor) -> Result<Vec<(PostId, Bilingual)>, StoreError> {
    let Some(staff) = actor.staff().filter(|staff| staff.is_holder) else { return Ok(Vec::new()) };
    let mut connection = desk.store.read().await?;
    let mut desks = Vec::new();
    for post in &staff.screens {
        let row = office::post(&mut connection, post).await?;
        desks.extend(row.filter(|row| row.mode != BookingMode::Closed).map(|row| (row.id, row.title)));
    }
    Ok(desks)
}
