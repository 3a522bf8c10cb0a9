//! The slip: what whoever holds its link may read. Reads only; opening it changes nothing.

use domain::diary::displacement::AwayReason;
use domain::diary::{AppointmentState, Channel, DeclineReason, Slot};
use domain::id::{AppointmentId, MeetingId};
use domain::notice::{Language, Visit};
use domain::quality::{Receipt, Verdict};
use domain::text::Bilingual;
use jiff::Timestamp;

use super::carry_out::Case;
use super::directory::{PostCard, card_of};
use super::outcome::{self, Given};
use super::report::Made;
use super::{Desk, earlier, quality, report, tell};
use crate::auth::pin;
use crate::auth::policy::Object;
use crate::auth::token::{self, Purpose};
use crate::store::appointment::AppointmentRow;
use crate::store::question::QuestionRow;
use crate::store::{
    Connection, StoreError, absence, displacement, hearing, link, meeting, office, question, rating, waiting,
};

/// An appointment as its slip shows it.
#[derive(Debug, Clone)]
pub struct Slip {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// Where it stands.
    pub state: AppointmentState,
    /// With whom.
    pub post: PostCard,
    /// When.
    pub slot: Slot,
    /// The other times that the desk offers.
    pub proposed: Vec<Slot>,
    /// The time that an absence took away last, and why; while that absence stands.
    pub displaced: Option<Displacement>,
    /// What the desk has asked last, and the answer once it was given.
    pub question: Option<QuestionRow>,
    /// Until when the desk has promised an answer.
    pub answer_due_at: Option<Timestamp>,
    /// It stands on the list for an earlier time.
    pub waits_for_earlier: bool,
    /// An earlier time that is kept for it, and until when.
    pub offer: Option<(Slot, Timestamp)>,
    /// Why it was declined.
    pub reason: Option<DeclineReason>,
    /// The post that can help instead.
    pub alternative: Option<(domain::id::PostId, Bilingual)>,
    /// How they meet.
    pub channel: Channel,
    /// Who comes.
    pub name: String,
    /// What about.
    pub subject: String,
    /// SEQUENCE of its invitation.
    pub sequence: u32,
    /// The PIN that opens it together with its number.
    pub pin: String,
    /// The language in which it was booked.
    pub language: Language,
    /// The token of this page.
    pub slip_token: String,
    /// The token of the meeting's door, when they meet by video and it is fixed.
    pub join_token: Option<String>,
    /// The meeting, once it is fixed.
    pub meeting: Option<MeetingId>,
    /// What came of the meeting.
    pub outcome: Option<Given>,
    /// May the citizen say whether the direction was carried out?
    pub may_say_done: bool,
    /// It is the hearing of a case.
    pub is_hearing: bool,
    /// How good the meeting was, once he was in it.
    pub receipt: Option<Receipt>,
    /// What he thought of it.
    pub verdict: Option<Verdict>,
    /// His own report of money that was asked for.
    pub report: Option<Made>,
    /// May the time still be moved?
    pub can_move: bool,
    /// May it still be withdrawn?
    pub can_cancel: bool,
    /// May it be by video instead?
    pub can_switch: bool,
    /// May it be by telephone instead of by video?
    pub can_telephone: bool,
}

/// What an absence did to an appointment.
#[derive(Debug, Clone)]
pub struct Displacement {
    /// The time that fell.
    pub was: Slot,
    /// Why the officer is away.
    pub reason: AwayReason,
    /// The citizen has said that the new time suits him.
    pub is_answered: bool,
}

impl Slip {
    /// What the policy is asked about: a link that was right.
    #[must_use]
    pub fn object(&self) -> Object {
        Object::Link(self.appointment.clone())
    }
}

/// The appointment that this token opens for this purpose.
pub(super) async fn opened(
    connection: &mut Connection,
    token: &str,
    purpose: Purpose,
) -> Result<Option<AppointmentId>, StoreError> {
    match token::hash(token) {
        Some(hash) => link::open(connection, &hash, purpose.code()).await,
        None => Ok(None),
    }
}

/// The slip behind a token.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn slip(desk: &Desk, token: &str) -> Result<Option<Slip>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(id) = opened(&mut connection, token, Purpose::Slip).await? else { return Ok(None) };
    let now = desk.now();
    let Some(case) = Case::read(&mut connection, &id).await? else { return Ok(None) };
    let meeting = meeting::of_appointment(&mut connection, &id).await?;
    let alternative = match &case.row.alternative {
        Some(post) => office::post(&mut connection, post).await?.map(|row| (row.id, row.title)),
        None => None,
    };
    let displaced = match displacement::last_of(&mut connection, &id).await? {
        Some((absence, row)) => absence::by_id(&mut connection, &absence).await?.map(|away| Displacement {
            was: row.was,
            reason: away.reason,
            is_answered: row.answered_at.is_some() || row.version != case.row.version,
        }),
        None => None,
    };
    let waits_for_earlier = waiting::has(&mut connection, &id).await?;
    let offer = earlier::on_offer(&mut connection, (&id, &case.post.id), now).await?;
    let question = question::of(&mut connection, &id).await?.pop();
    let history = office::history(&mut connection, &case.post.id).await?;
    let held = domain::office::holder_at(&history, &case.post.id, now).map(|h| h.charge);
    let outcome = outcome::given(desk, &mut connection, &id).await?.pop();
    let direction = outcome.as_ref().and_then(|given| given.direction.as_ref());
    let receipt = match &meeting {
        Some(meeting) => quality::receipt_of(&mut connection, (meeting, &id)).await?,
        None => None,
    };
    let rules = &case.row.rules;
    let is_ahead = rules.slot.start() > now && outcome.is_none();
    let is_fixed = rules.state == AppointmentState::Confirmed;
    let is_open = is_fixed || rules.state == AppointmentState::Requested;
    let waits = rules.state == AppointmentState::Waiting;
    let has_door = is_fixed && case.row.channel == Channel::Video && outcome.is_none();
    Ok(Some(Slip {
        reference: case.row.reference.clone(),
        state: rules.state,
        slot: rules.slot,
        proposed: rules.proposed.clone(),
        displaced,
        waits_for_earlier,
        offer,
        question: question.filter(|_| is_open),
        answer_due_at: case.row.answer_due_at.filter(|_| rules.state == AppointmentState::Requested),
        reason: case.row.reason,
        alternative,
        channel: case.row.channel,
        name: case.citizen.map(|c| c.name).unwrap_or_default(),
        subject: case.row.subject.clone(),
        language: case.row.language,
        sequence: rules.sequence,
        pin: pin::of(&desk.settings.link_key, &id),
        slip_token: token.to_ascii_lowercase(),
        join_token: has_door.then(|| desk.settings.link_key.link(Purpose::Door, &id)),
        meeting,
        may_say_done: direction.is_some_and(|(direction, _)| direction.may_be_answered(now)),
        is_hearing: hearing::is_heard(&mut connection, &id).await?,
        outcome,
        receipt,
        verdict: rating::of(&mut connection, &id).await?,
        report: report::made_by_citizen(&mut connection, &id).await?,
        can_move: (is_open && is_ahead) || waits,
        can_cancel: ((is_open || rules.state == AppointmentState::Proposed) && is_ahead) || waits,
        can_switch: is_open && is_ahead && case.row.channel == Channel::InPerson,
        can_telephone: is_open && may_be_called(&case.row, (desk, now)),
        post: card_of(case.post, held),
        appointment: id,
    }))
}

/// By telephone instead of by video, as long as the door of the meeting stands open.
fn may_be_called(row: &AppointmentRow, (desk, now): (&Desk, Timestamp)) -> bool {
    row.channel == Channel::Video && row.rules.slot.end() + desk.settings.door_closes_after > now
}

/// The visit as its calendar file tells it, once it is fixed or was taken back; its words are the edge's matter.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn visit(desk: &Desk, token: &str) -> Result<Option<(Visit, AppointmentState)>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(id) = opened(&mut connection, token, Purpose::Slip).await? else { return Ok(None) };
    let Some(case) = Case::read(&mut connection, &id).await? else { return Ok(None) };
    let state = case.row.rules.state;
    if !matches!(
        state,
        AppointmentState::Confirmed | AppointmentState::Cancelled | AppointmentState::Declined
    ) {
        return Ok(None);
    }
    Ok(Some((tell::visit(desk, &case.row, &case.post, case.booked_by()?)?, state)))
}
