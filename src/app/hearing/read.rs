//! What the page of a hearing, its slips and its list show. Reads only.

use domain::diary::{Channel, Slot};
use domain::hearing::{Block, Each, Limit, Mark, SECOND_CALL_AFTER, Seen, Side, Stage, age};
use domain::id::{AppointmentId, InviteId, MeetingId, PostId};
use domain::meeting::attendance::{Source, total};
use domain::meeting::{Evidence, Guest};
use domain::notice::Language;
use domain::office::{Calendar, RoleKey, WorkingWeek};
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{calendar, day_of, is_hearing, limit_of};
use crate::app::carry_out::Case;
use crate::app::directory::{self, PostCard};
use crate::app::{Desk, attendance};
use crate::auth::policy::Object;
use crate::limits;
pub use crate::store::hearing::{CaseRow, HearingRow};
use crate::store::{
    Connection, StoreError, appointment, direction, hearing, invite, kept_page, meeting, office,
};

/// A case that was entered.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The case and how far its hearing is.
    pub row: HearingRow,
    /// What the authority's post is called.
    pub authority: Bilingual,
    /// The attendance of both, what the meeting has seen included.
    pub attendance: Each<Option<Mark>>,
    /// What stands in the way of closing.
    pub blocks: Vec<Block>,
    /// Between which days it is to be decided.
    pub limit: Limit,
    /// Working days since it was filed.
    pub age: u32,
    /// When it may be called again.
    pub second_call: Option<Timestamp>,
    /// When it is heard again.
    pub next: Option<Slot>,
}

/// An earlier hearing of the same case.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// Its appointment.
    pub appointment: AppointmentId,
    /// Which hearing it was.
    pub number: u32,
    /// When it was held.
    pub slot: Slot,
    /// What came of it.
    pub row: HearingRow,
}

/// All that the page of a hearing shows.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The number that people say.
    pub reference: String,
    /// The post that hears.
    pub post: PostId,
    /// What it is called.
    pub title: Bilingual,
    /// Its office.
    pub body: Bilingual,
    /// When.
    pub slot: Slot,
    /// How they meet.
    pub channel: Channel,
    /// The language in which it was booked.
    pub language: Language,
    /// Who complains.
    pub name: String,
    /// What about.
    pub subject: String,
    /// The day on which it was booked.
    pub booked: Date,
    /// The meeting by video.
    pub meeting: Option<MeetingId>,
    /// How many pages of papers were given in it.
    pub pages: i64,
    /// The case, once it was entered.
    pub entered: Option<Entered>,
    /// Earlier hearings, the first one first.
    pub earlier: Vec<Earlier>,
    /// Posts that may be the authority concerned; those directed lately first.
    pub posts: Vec<PostCard>,
    /// The next free times inside the limit.
    pub times: Vec<Slot>,
}

/// Does this post hear grievances?
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn hears(desk: &Desk, post: &PostId) -> Result<bool, StoreError> {
    let mut connection = desk.store.read().await?;
    let row = office::post(&mut connection, post).await?;
    Ok(row.is_some_and(|row| row.role == RoleKey::GrievanceOfficer))
}

/// What the policy is asked about the hearing of an appointment; `None` when there is none.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn object(desk: &Desk, id: &AppointmentId) -> Result<Option<Object>, StoreError> {
    let mut connection = desk.store.read().await?;
    let case = Case::read(&mut connection, id).await?.filter(is_hearing);
    Ok(case.map(|case| Object::Post(case.post.id)))
}

/// What the policy is asked about the slip of the authority concerned.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn notice_object(desk: &Desk, id: &AppointmentId) -> Result<Option<Object>, StoreError> {
    let mut connection = desk.store.read().await?;
    let row = hearing::of(&mut connection, id).await?;
    Ok(row.map(|row| Object::Post(row.case.authority)))
}

/// A hearing in full; `None` when there is none.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn shown(desk: &Desk, id: &AppointmentId) -> Result<Option<Shown>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(mut shown) = brief(&mut connection, (id, None), desk.now()).await? else { return Ok(None) };
    shown.earlier = earlier(&mut connection, shown.entered.as_ref()).await?;
    shown.pages = kept_page::count(&mut connection, id).await?;
    let lately =
        direction::lately_directed(&mut connection, &shown.post, limits::LATELY_DIRECTED_MAX).await?;
    drop(connection);
    let is_open =
        |entered: &Entered| matches!(entered.row.rules.stage(), Stage::Listed | Stage::Called { .. });
    if shown.entered.as_ref().is_none_or(|entered| entered.row.rules.stage() == Stage::Listed) {
        let mut posts = directory::bookable(desk).await?;
        posts.retain(|card| card.id != shown.post);
        posts.sort_by_key(|card| !lately.contains(&card.id));
        shown.posts = posts;
    }
    if let Some(entered) = shown.entered.as_ref().filter(|entered| is_open(entered)) {
        shown.times = times(desk, &shown.post, &entered.limit).await?;
    }
    Ok(Some(shown))
}

/// The next free times of the post inside the limit.
async fn times(desk: &Desk, post: &PostId, limit: &Limit) -> Result<Vec<Slot>, StoreError> {
    let (now, kept) = (desk.now(), desk.diaries.of(desk, post).await?);
    let kept = kept.filter(|kept| kept.diary().is_bookable());
    let open = kept.map(|kept| kept.open_slots(now)).unwrap_or_default();
    let is_inside = |slot: &Slot| limit.admits(day_of(slot.start()), day_of(now)).is_ok();
    Ok(open.into_iter().filter(is_inside).take(limits::NEXT_TIMES_MAX).collect())
}

/// The hearing without its record and what may be chosen.
///
/// * `known`: the calendar by which its post reckons, if it was read already.
pub(super) async fn brief(
    connection: &mut Connection,
    (id, known): (&AppointmentId, Option<&(Calendar, WorkingWeek)>),
    now: Timestamp,
) -> Result<Option<Shown>, StoreError> {
    let Some(case) = Case::read(connection, id).await?.filter(is_hearing) else { return Ok(None) };
    let entered = match hearing::of(connection, id).await? {
        Some(row) => Some(entered(connection, (&case, row, known), now).await?),
        None => None,
    };
    let meeting = match case.row.channel {
        Channel::Video => meeting::of_appointment(connection, id).await?,
        Channel::InPerson | Channel::Telephone => None,
    };
    Ok(Some(Shown {
        reference: case.row.reference.clone(),
        slot: case.row.rules.slot,
        channel: case.row.channel,
        language: case.row.language,
        name: case.citizen.map(|citizen| citizen.name).unwrap_or_default(),
        subject: case.row.subject.clone(),
        booked: day_of(case.row.created_at),
        title: case.post.title,
        body: case.post.body_name,
        post: case.post.id,
        appointment: id.clone(),
        meeting,
        pages: 0,
        entered,
        earlier: Vec::new(),
        posts: Vec::new(),
        times: Vec::new(),
    }))
}

async fn entered(
    connection: &mut Connection,
    (case, row, known): (&Case, HearingRow, Option<&(Calendar, WorkingWeek)>),
    now: Timestamp,
) -> Result<Entered, StoreError> {
    let seen = seen(connection, &row.case).await?;
    let calendar = match known {
        Some(known) => known.clone(),
        None => calendar(connection, &case.post).await?,
    };
    let of = |side: Side| row.rules.attendance(side, *seen.of(side), now);
    let next = match &row.next {
        Some(next) => appointment::by_id(connection, next).await?.map(|next| next.rules.slot),
        None => None,
    };
    Ok(Entered {
        authority: super::authority(connection, &row.case.authority).await?.title,
        attendance: Each { complainant: of(Side::Complainant), authority: of(Side::Authority) },
        blocks: row.rules.blocks(&seen, now),
        limit: limit_of(row.case.filed, &calendar)?,
        age: age(row.case.filed, day_of(now), (&calendar.0, calendar.1)),
        second_call: match row.rules.stage() {
            Stage::Called { first, again: None } => Some(first + SECOND_CALL_AFTER),
            _ => None,
        },
        next,
        row,
    })
}

/// The hearings of the case before this one.
async fn earlier(connection: &mut Connection, entered: Option<&Entered>) -> Result<Vec<Earlier>, StoreError> {
    let mut before = entered.and_then(|entered| entered.row.case.previous.clone());
    let mut all = Vec::new();
    while let Some(id) = before.filter(|_| all.len() < limits::HEARINGS_OF_CASE_MAX) {
        let row = hearing::of(connection, &id).await?;
        let Some((row, of)) = row.zip(appointment::by_id(connection, &id).await?) else { break };
        before = row.case.previous.clone();
        all.push(Earlier { appointment: id, number: row.case.number, slot: of.rules.slot, row });
    }
    all.reverse();
    Ok(all)
}

/// What the meeting has seen of both parties, with what the office says beside it.
pub(super) async fn seen(connection: &mut Connection, case: &CaseRow) -> Result<Each<Seen>, StoreError> {
    let mut seen: Each<Seen> = Each::default();
    let Some(id) = meeting::of_appointment(connection, &case.appointment).await? else { return Ok(seen) };
    let for_authority: Vec<InviteId> = invite::ever(connection, &id)
        .await?
        .into_iter()
        .filter(|(row, _)| row.for_post.as_ref() == Some(&case.authority))
        .map(|(row, _)| row.id)
        .collect();
    let side_of = |guest: &Guest| match guest {
        Guest::Citizen(appointment) if *appointment == case.appointment => Some(Side::Complainant),
        Guest::Invited(invite) if for_authority.contains(invite) => Some(Side::Authority),
        _ => None,
    };
    for (guest, pieces) in attendance::effective(connection, &id).await? {
        let Some(side) = side_of(&guest) else { continue };
        let one = Seen {
            present: total(&pieces, Source::is_present),
            lost: total(
                &pieces,
                |source| matches!(source, Source::Measured(lost) if lost != Evidence::Present),
            ),
        };
        // Two who come for one side are there at the same time: the longer counts.
        let of = seen.of_mut(side);
        *of = Seen { present: of.present.max(one.present), lost: of.lost.max(one.lost) };
    }
    Ok(seen)
}
