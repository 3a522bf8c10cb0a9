//! What the page of an outcome and the slip show: what was decided, what may be chosen, and which outcomes are missing.
//! Reads only.

use domain::diary::Slot;
use domain::direction::{Direction, Outcome, Step};
use domain::id::{AppointmentId, MeetingId, PostId};
use domain::notice::Language;
use domain::report::ReportKind;
use domain::text::{Bilingual, Noting};
use jiff::{SignedDuration, Timestamp};

use crate::app::carry_out::Case;
use crate::app::directory::{self, PostCard};
use crate::app::{Desk, suggest};
use crate::auth::token::Purpose;
use crate::limits;
pub use crate::store::outcome::MissingRow as Missing;
use crate::store::outcome::{self, OutcomeRow};
use crate::store::report::{self, ReportRow};
use crate::store::voice_note::{self, VoiceNoteRow};
use crate::store::{Connection, StoreError, appointment, direction, kept_page, meeting, office};

/// An outcome in full.
#[derive(Debug, Clone)]
pub struct Given {
    /// From 1 on.
    pub number: u32,
    /// What was decided.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// Why the one before was corrected.
    pub why: Option<Noting>,
    /// The direction with its history, when it is one.
    pub direction: Option<(Direction, Vec<Step>)>,
    /// The post that acts, or meets the citizen now.
    pub post: Option<Bilingual>,
    /// When the appointment that follows is, and the token of its slip.
    pub next: Option<(Slot, String)>,
}

/// All that the page of an outcome shows.
#[derive(Debug, Clone)]
pub struct Form {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// Who came.
    pub name: String,
    /// What about.
    pub subject: String,
    /// When.
    pub slot: Slot,
    /// The language in which he is written to.
    pub language: Language,
    /// The post that met him.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// What was decided, the one that stands last.
    pub given: Vec<Given>,
    /// What the officer said about it.
    pub voice: Option<VoiceNoteRow>,
    /// How many pages were given in the meeting.
    pub pages: i64,
    /// Abuse was reported from this meeting.
    pub reported: Vec<ReportRow>,
    /// The next free times of the post.
    pub times: Vec<Slot>,
    /// Posts that this one has directed lately, then those that its subject suggests.
    pub likely: Vec<PostCard>,
    /// All posts that take people.
    pub posts: Vec<PostCard>,
}

/// The page of a meeting's outcome; `None` when there is no such meeting.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn form(desk: &Desk, id: &MeetingId) -> Result<Option<Form>, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let Some(of) = meeting::appointment_of(&mut connection, id).await? else { return Ok(None) };
    let Some(case) = Case::read(&mut connection, &of).await? else { return Ok(None) };
    let given = given(desk, &mut connection, &of).await?;
    let lately =
        direction::lately_directed(&mut connection, &case.post.id, limits::LATELY_DIRECTED_MAX).await?;
    let voice = voice_note::of(&mut connection, &of).await?;
    let pages = kept_page::count(&mut connection, &of).await?;
    let reported = report::of(&mut connection, (&of, ReportKind::Abuse)).await?;
    drop(connection);
    let posts: Vec<PostCard> =
        directory::bookable(desk).await?.into_iter().filter(|card| card.held.is_some()).collect();
    let likely = likely(desk, &case, (lately, &posts)).await?;
    let kept = desk.diaries.of(desk, &case.post.id).await?.filter(|kept| kept.diary().is_bookable());
    let open = kept.map(|kept| kept.open_slots(now)).unwrap_or_default();
    let later = open.into_iter().filter(|slot| slot.start() > case.row.rules.slot.start());
    Ok(Some(Form {
        reference: case.row.reference.clone(),
        name: case.citizen.as_ref().map(|citizen| citizen.name.clone()).unwrap_or_default(),
        subject: case.row.subject.clone(),
        slot: case.row.rules.slot,
        language: case.row.language,
        times: later.take(limits::NEXT_TIMES_MAX).collect(),
        likely,
        voice,
        pages,
        reported,
        posts,
        given,
        post: case.post.id,
        title: case.post.title,
        appointment: of,
    }))
}

async fn likely(
    desk: &Desk,
    case: &Case,
    (lately, posts): (Vec<PostId>, &[PostCard]),
) -> Result<Vec<PostCard>, StoreError> {
    let suggested = suggest::for_subject(desk, &case.row.subject).await?.posts;
    let mut likely: Vec<PostId> = Vec::new();
    for id in lately.into_iter().chain(suggested.into_iter().map(|card| card.id)) {
        if id != case.post.id && !likely.contains(&id) && likely.len() < limits::LIKELY_POSTS_MAX {
            likely.push(id);
        }
    }
    Ok(likely.iter().filter_map(|id| posts.iter().find(|card| card.id == *id)).cloned().collect())
}

/// The outcomes of an appointment, the one that stands last.
///
/// # Errors
/// [`StoreError`] from the database.
pub(in crate::app) async fn given(
    desk: &Desk,
    connection: &mut Connection,
    id: &AppointmentId,
) -> Result<Vec<Given>, StoreError> {
    let mut all = Vec::new();
    for row in outcome::of(connection, id).await? {
        all.push(in_full(desk, connection, row).await?);
    }
    Ok(all)
}

async fn in_full(desk: &Desk, connection: &mut Connection, row: OutcomeRow) -> Result<Given, StoreError> {
    let direction = match &row.outcome {
        Outcome::Direction(id) => match direction::by_id(connection, id).await? {
            Some(row) => Some((row.rules, direction::steps(connection, id).await?)),
            None => None,
        },
        _ => None,
    };
    let acts = match &row.outcome {
        Outcome::Forward { to, .. } => Some(to.clone()),
        _ => direction.as_ref().map(|(rules, _)| rules.owner.clone()),
    };
    let post = match acts {
        Some(id) => office::post(connection, &id).await?.map(|post| post.title),
        None => None,
    };
    let next = match row.outcome.follow_up() {
        Some(id) => {
            let row = appointment::by_id(connection, id).await?;
            row.map(|row| (row.rules.slot, desk.settings.link_key.link(Purpose::Slip, id)))
        }
        None => None,
    };
    Ok(Given {
        number: row.number,
        outcome: row.outcome,
        at: row.given_at,
        why: row.why,
        direction,
        post,
        next,
    })
}

/// Meetings of a post whose outcome nobody has written down, the oldest first. Who may read it was asked before.
///
/// # Errors
/// [`StoreError`] from the database.
pub(in crate::app) async fn missing(
    connection: &mut Connection,
    post: &PostId,
    now: Timestamp,
) -> Result<Vec<Missing>, StoreError> {
    let since = now - SignedDuration::from_hours(24 * limits::OUTCOME_MISSING_DAYS);
    outcome::missing(connection, post, (since, now), limits::OUTCOMES_MISSING_MAX).await
}
