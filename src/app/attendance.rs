//! Who was present in a meeting: what was measured, what the office says beside it, and both together.
//!
//! What was measured is only read here. A correction is a row of its own with its reason; the rule of what it may say is
//! `domain::meeting::attendance`.

use std::collections::BTreeMap;

use domain::diary::Slot;
use domain::id::{MeetingId, PostId, UserId};
use domain::meeting::attendance::{CorrectError, Correction, Corrections, Piece, Ruling};
use domain::meeting::{Guest, Invited, Stretch};
use domain::office::{Incumbency, holders_at};
use domain::text::{Bilingual, Noting};
use jiff::Timestamp;

use super::Desk;
use super::carry_out::Case;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::store::correction::{self, CorrectionRow};
use crate::store::invite::{InviteRow, Standing};
use crate::store::meeting::{MeetingRow, guest_code};
use crate::store::{Connection, StoreError, invite, meeting, office, presence, staff};

/// How the office knows a participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// By a post.
    Post(Bilingual),
    /// By the name that was given at the booking.
    Visitor(String),
    /// By the name under which somebody was asked in.
    Invited(Invited),
    /// By the role alone.
    Role,
}

/// One participant, or one who was expected.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub guest: Guest,
    /// How forms and rows name him.
    pub code: String,
    /// How people do.
    pub called: Called,
    /// What was measured.
    pub measured: Vec<Stretch>,
    /// That, with what the office says.
    pub pieces: Vec<Piece>,
}

/// A correction with all that its history says.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The row.
    pub row: CorrectionRow,
    /// What the post is called from which it was written.
    pub post: Bilingual,
    /// The correction that takes it back, if one does.
    pub taken_back_by: Option<u32>,
}

/// The attendance of a meeting.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The number that people say.
    pub reference: String,
    /// The post that met.
    pub title: Bilingual,
    /// When it was to be.
    pub slot: Slot,
    /// The officer has ended it.
    pub is_ended: bool,
    /// When it was read.
    pub read_at: Timestamp,
    /// The officer, the visitor, then whoever else was there.
    pub people: Vec<Person>,
    /// Corrections, the first first.
    pub history: Vec<Entry>,
    /// The number of the last correction; 0 for none.
    pub seen: u32,
}

impl Sheet {
    /// From the first to the last moment of which something is known of anybody.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let pieces = || self.people.iter().flat_map(|person| &person.pieces);
        pieces().map(|piece| piece.from).min().zip(pieces().map(|piece| piece.to).max())
    }
}

/// A correction as it comes from the form.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What is said or taken back.
    pub ruling: Ruling,
    /// Why.
    pub reason: Noting,
    /// The number of the last correction that was seen. Another one by now means that somebody was faster.
    pub seen: u32,
}

/// Why no correction was written.
#[derive(Debug, thiserror::Error)]
pub enum AttendanceError {
    /// Not this person's meeting.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such meeting, or nobody of that name belongs to it.
    #[error("there is no such meeting or participant")]
    Unknown,
    /// Somebody else corrected it meanwhile; look again.
    #[error("somebody else corrected it at the same moment")]
    Overtaken,
    /// The rule says no.
    #[error(transparent)]
    Rule(#[from] CorrectError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AttendanceError);

/// The attendance of a meeting; `None` when there is no such meeting. Who may read it was asked before.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn sheet(desk: &Desk, id: &MeetingId) -> Result<Option<Sheet>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(row) = meeting::by_id(&mut connection, id).await? else { return Ok(None) };
    let Some(case) = Case::read(&mut connection, &row.appointment).await? else { return Ok(None) };
    let rows = correction::of_meeting(&mut connection, id).await?;
    let corrections = Corrections::recall(rows.iter().map(|row| row.rules.clone()).collect());
    let measured = measured(&mut connection, id).await?;
    let asked = invite::ever(&mut connection, id).await?;
    let mut titles =
        Titles { history: office::incumbencies(&mut connection).await?, at: case.row.rules.slot.start() };
    let mut people = Vec::new();
    for guest in everybody(&row, &measured, &asked) {
        let called = match &guest {
            Guest::Officer(_) => Called::Post(case.post.title.clone()),
            Guest::Citizen(_) => {
                Called::Visitor(case.citizen.as_ref().map(|one| one.name.clone()).unwrap_or_default())
            }
            Guest::Desk(user) => titles.of(&mut connection, user).await?.map_or(Called::Role, Called::Post),
            Guest::Invited(id) => {
                let found = asked.iter().find(|(row, _)| row.id == *id);
                found.map_or(Called::Role, |(row, _)| Called::Invited(row.invited.clone()))
            }
        };
        let measured = measured.get(&guest).cloned().unwrap_or_default();
        let pieces = corrections.effective(&guest, &measured);
        people.push(Person { code: guest_code(&guest), called, pieces, measured, guest });
    }
    let mut history = Vec::new();
    for row in rows {
        let post = office::post(&mut connection, &row.by.1).await?.map(|post| post.title);
        let post = post.unwrap_or_else(|| Bilingual::new("", ""));
        history.push(Entry { taken_back_by: corrections.taken_back_by(row.rules.number), post, row });
    }
    Ok(Some(Sheet {
        reference: case.row.reference,
        title: case.post.title,
        slot: case.row.rules.slot,
        is_ended: row.is_ended,
        read_at: desk.now(),
        people,
        history,
        seen: corrections.last_number(),
    }))
}

async fn measured(
    connection: &mut Connection,
    id: &MeetingId,
) -> Result<BTreeMap<Guest, Vec<Stretch>>, StoreError> {
    let mut measured: BTreeMap<Guest, Vec<Stretch>> = BTreeMap::new();
    for (guest, stretch) in presence::of_meeting(connection, id).await? {
        measured.entry(guest).or_default().push(stretch);
    }
    Ok(measured)
}

/// The attendance of everybody who was measured or of whom the office says something.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn effective(
    connection: &mut Connection,
    id: &MeetingId,
) -> Result<Vec<(Guest, Vec<Piece>)>, StoreError> {
    let rows = correction::of_meeting(connection, id).await?;
    let corrections = Corrections::recall(rows.into_iter().map(|row| row.rules).collect());
    let mut measured = measured(connection, id).await?;
    for (_, said) in corrections.standing() {
        measured.entry(said.guest.clone()).or_default();
    }
    Ok(measured
        .into_iter()
        .map(|(guest, seen)| (guest.clone(), corrections.effective(&guest, &seen)))
        .collect())
}

/// Officer and visitor belong to a meeting also when neither was measured, and so does who is asked in; then everybody who
/// was.
fn everybody(
    row: &MeetingRow,
    measured: &BTreeMap<Guest, Vec<Stretch>>,
    asked: &[(InviteRow, Standing)],
) -> Vec<Guest> {
    let mut all = vec![Guest::Officer(row.post.clone()), Guest::Citizen(row.appointment.clone())];
    let stands = asked.iter().filter(|(_, standing)| *standing == Standing::Stands);
    all.extend(stands.map(|(row, _)| Guest::Invited(row.id.clone())));
    let others: Vec<Guest> = measured.keys().filter(|guest| !all.contains(guest)).cloned().collect();
    all.extend(others);
    all
}

/// What the posts of people were called when the meeting was.
struct Titles {
    history: Vec<Incumbency>,
    at: Timestamp,
}

impl Titles {
    /// A post that the person behind a login held then.
    async fn of(
        &mut self,
        connection: &mut Connection,
        user: &UserId,
    ) -> Result<Option<Bilingual>, StoreError> {
        let Some(login) = staff::by_id(connection, user).await? else { return Ok(None) };
        let holds = |post: &PostId| {
            holders_at(&self.history, post, self.at).iter().any(|held| held.person == login.person)
        };
        let Some(row) = self.history.iter().find(|row| holds(&row.post)) else { return Ok(None) };
        Ok(office::post(connection, &row.post).await?.map(|post| post.title))
    }
}

/// Writes a correction down: its row and the audit line together, or nothing.
///
/// * returns: its number.
///
/// # Errors
/// [`AttendanceError`]; of two who correct at the same moment one is [`AttendanceError::Overtaken`].
pub async fn correct(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    wish: &Wish,
) -> Result<u32, AttendanceError> {
    settled(|| correct_once(desk, actor, id, wish)).await
}

async fn correct_once(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    wish: &Wish,
) -> Result<u32, AttendanceError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = meeting::by_id(&mut tx, id).await?.ok_or(AttendanceError::Unknown)?;
    allows(actor, Act::CorrectAttendance, &Object::Post(row.post.clone()))?;
    let by = actor.staff().ok_or(Denied::SignInFirst)?;
    let case = Case::read(&mut tx, &row.appointment).await?.ok_or(AttendanceError::Unknown)?;
    let measured = measured(&mut tx, id).await?;
    let asked = invite::ever(&mut tx, id).await?;
    if let Ruling::States(said) = &wish.ruling
        && !everybody(&row, &measured, &asked).contains(&said.guest)
    {
        return Err(AttendanceError::Unknown);
    }
    let before = correction::of_meeting(&mut tx, id).await?;
    let mut all = Corrections::recall(before.into_iter().map(|row| row.rules).collect());
    if all.last_number() != wish.seen {
        return Err(AttendanceError::Overtaken);
    }
    let slot = case.row.rules.slot;
    let near: Vec<(Timestamp, Timestamp)> =
        std::iter::once((slot.start(), slot.end())).chain(hull(&measured)).collect();
    let number = all.correct(wish.ruling.clone(), &near, now)?;
    let row = CorrectionRow {
        rules: Correction { number, ruling: wish.ruling.clone() },
        reason: wish.reason.clone(),
        by: (by.user.clone(), by.post.clone()),
        at: now,
    };
    if !correction::insert(&mut tx, id, &row).await? {
        return Err(AttendanceError::Overtaken);
    }
    let line =
        Line { by: actor.by(None), act: "attendance.correct", object: id.as_str(), detail: detail(&row) };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(number)
}

/// From the first to the last moment that was measured of anybody.
fn hull(measured: &BTreeMap<Guest, Vec<Stretch>>) -> Option<(Timestamp, Timestamp)> {
    let all = || measured.values().flatten();
    all().map(|one| one.from).min().zip(all().map(|one| one.to).max())
}

fn detail(row: &CorrectionRow) -> String {
    match &row.rules.ruling {
        Ruling::States(said) => format!(
            "number={} participant={} says={} from_ms={} to_ms={}",
            row.rules.number,
            guest_code(&said.guest),
            said.says.code(),
            said.from.as_millisecond(),
            said.to.as_millisecond()
        ),
        Ruling::TakesBack(number) => format!("number={} takes_back={number}", row.rules.number),
    }
}
