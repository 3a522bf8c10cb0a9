//! Reports: an office tells the post above it of abuse; a citizen tells, above the office, that money was asked for.
//!
//! The office complained of never reads what is said of it: the policy refuses its desk, whatever else that desk may do.

use domain::id::{AppointmentId, MeetingId, PostId, ReportId};
use domain::office::{Rung, holder_at};
use domain::report::{Abuse, ReportKind, reader};
use domain::text::{Bilingual, Noting, Remark};

use super::carry_out::Case;
use super::desk::{from_store, settled};
use super::{Desk, slip};
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::token::Purpose;
use crate::limits;
use crate::store::office::PostRow;
use crate::store::report::{self, ReportRow};
use crate::store::{Connection, StoreError, meeting, office, sound};

/// Why nothing was reported or answered.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Not this person's.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such meeting, slip or report.
    #[error("there is no such report")]
    Unknown,
    /// Nobody is above this office.
    #[error("nobody is above this office")]
    NobodyAbove,
    /// As many were made as are read.
    #[error("as many reports were made as are read")]
    Full,
    /// It was answered before.
    #[error("it was answered before")]
    Answered,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(ReportError);

/// A report as its reader sees it.
#[derive(Debug, Clone)]
pub struct Card {
    /// The row.
    pub row: ReportRow,
    /// What the office is called.
    pub about: Bilingual,
    /// The number of the appointment.
    pub reference: String,
    /// The citizen.
    pub name: String,
    /// His number, for a call.
    pub mobile: String,
}

/// What the citizen reads of his own report.
#[derive(Debug, Clone)]
pub struct Made {
    /// Who reads it.
    pub to: Bilingual,
    /// What was answered.
    pub note: Option<Noting>,
}

/// What the policy is asked about a report. The office that reports abuse is not complained of.
fn object(row: &ReportRow) -> Object {
    let against = (row.kind == ReportKind::Money).then(|| row.about.clone());
    Object::Report { to: row.to.clone(), against }
}

/// The post that reads a report of this kind about `post` now; `None` when nobody is above.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn reader_of(
    desk: &Desk,
    connection: &mut Connection,
    (kind, post): (ReportKind, &PostId),
) -> Result<Option<PostRow>, StoreError> {
    let posts = office::posts(connection).await?;
    let parents = office::parents(connection).await?;
    let history = office::incumbencies(connection).await?;
    let rungs: Vec<Rung> = posts
        .iter()
        .map(|row| Rung { post: row.id.clone(), body: row.body.clone(), role: row.role, mode: row.mode })
        .collect();
    let holder = |post: &PostId| holder_at(&history, post, desk.now()).map(|held| held.person);
    let own = holder(post);
    let is_same = |other: &PostId| own.is_some() && holder(other) == own;
    let found = reader(kind, post, (&rungs, &parents), is_same);
    Ok(found.and_then(|id| posts.into_iter().find(|row| row.id == id)))
}

/// Who would read a citizen's report about this post.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn would_read(desk: &Desk, post: &PostId) -> Result<Option<Bilingual>, StoreError> {
    let mut connection = desk.store.read().await?;
    Ok(reader_of(desk, &mut connection, (ReportKind::Money, post)).await?.map(|row| row.title))
}

/// The office reports abuse in its meeting.
///
/// # Errors
/// [`ReportError`].
pub async fn abuse(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    (reason, text): (Abuse, Option<&Remark>),
) -> Result<(), ReportError> {
    settled(|| abuse_once(desk, actor, id, (reason, text))).await
}

async fn abuse_once(
    desk: &Desk,
    actor: &Actor,
    id: &MeetingId,
    (reason, text): (Abuse, Option<&Remark>),
) -> Result<(), ReportError> {
    let mut tx = desk.store.write().await?;
    let met = meeting::by_id(&mut tx, id).await?.ok_or(ReportError::Unknown)?;
    allows(actor, Act::GiveOutcome, &Object::Post(met.post.clone()))?;
    let of = (&met.appointment, &met.post);
    let row = row(desk, &mut tx, ReportKind::Abuse, of).await?;
    let row = ReportRow { reason: Some(reason), text: text.cloned(), ..row };
    made(desk, &mut tx, &row, actor.by(Some(&met.appointment))).await?;
    Ok(tx.commit().await?)
}

/// The citizen reports, by his slip's link, that money was asked for.
///
/// # Errors
/// [`ReportError`].
pub async fn money(desk: &Desk, token: &str, text: &Remark) -> Result<(), ReportError> {
    settled(|| money_once(desk, token, text)).await
}

async fn money_once(desk: &Desk, token: &str, text: &Remark) -> Result<(), ReportError> {
    let mut tx = desk.store.write().await?;
    let of = slip::opened(&mut tx, token, Purpose::Slip).await?.ok_or(ReportError::Unknown)?;
    let case = Case::read(&mut tx, &of).await?.ok_or(ReportError::Unknown)?;
    let row = row(desk, &mut tx, ReportKind::Money, (&of, &case.post.id)).await?;
    let row = ReportRow { text: Some(text.clone()), ..row };
    made(desk, &mut tx, &row, By::Link(of)).await?;
    Ok(tx.commit().await?)
}

async fn row(
    desk: &Desk,
    connection: &mut Connection,
    kind: ReportKind,
    (of, post): (&AppointmentId, &PostId),
) -> Result<ReportRow, ReportError> {
    let now = desk.now();
    if report::of(connection, (of, kind)).await?.len() >= limits::REPORTS_OF_APPOINTMENT_MAX {
        return Err(ReportError::Full);
    }
    let to = reader_of(desk, connection, (kind, post)).await?.ok_or(ReportError::NobodyAbove)?;
    Ok(ReportRow {
        id: ReportId::fresh(now, desk.random.bytes()),
        kind,
        appointment: of.clone(),
        about: post.clone(),
        to: to.id,
        reason: None,
        text: None,
        note: None,
        created_at: now,
        answered_at: None,
    })
}

async fn made(desk: &Desk, connection: &mut Connection, row: &ReportRow, by: By) -> Result<(), StoreError> {
    report::insert(connection, row).await?;
    let detail = format!("kind={} appointment={} to={}", row.kind.code(), row.appointment, row.to);
    let line = Line { by, act: "report.make", object: row.id.as_str(), detail };
    audit::append(connection, line, desk.now()).await
}

/// What a post is to read, without what is said of an office that this person serves as well.
///
/// # Errors
/// [`ReportError::Denied`] for whom they are not, [`ReportError::Store`] from the database.
pub async fn list(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Vec<Card>, ReportError> {
    allows(actor, Act::ReadReports, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let mut cards = Vec::new();
    for row in readable(&mut connection, actor, post).await? {
        let case = sound(Case::read(&mut connection, &row.appointment).await?, "report", "appointment")?;
        let about = sound(office::post(&mut connection, &row.about).await?, "report", "post")?;
        let citizen = case.booked_by()?;
        cards.push(Card {
            about: about.title,
            reference: case.row.reference.clone(),
            name: citizen.name.clone(),
            mobile: citizen.mobile.clone(),
            row,
        });
    }
    Ok(cards)
}

async fn readable(
    connection: &mut Connection,
    actor: &Actor,
    post: &PostId,
) -> Result<Vec<ReportRow>, StoreError> {
    let mut rows = report::to(connection, post, limits::REPORTS_SHOWN_MAX).await?;
    rows.retain(|row| allows(actor, Act::AnswerReport, &object(row)).is_ok());
    Ok(rows)
}

/// How many of them wait for an answer.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn waiting(
    connection: &mut Connection,
    actor: &Actor,
    post: &PostId,
) -> Result<usize, StoreError> {
    let rows = readable(connection, actor, post).await?;
    Ok(rows.iter().filter(|row| row.answered_at.is_none()).count())
}

/// What the policy is asked about one report, for the gate.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn object_of(desk: &Desk, id: &ReportId) -> Result<Option<Object>, StoreError> {
    let mut connection = desk.store.read().await?;
    Ok(report::by_id(&mut connection, id).await?.map(|row| object(&row)))
}

/// The reader writes what was done about it; the citizen reads it on his slip when the report was his.
///
/// # Errors
/// [`ReportError`].
pub async fn answer(desk: &Desk, actor: &Actor, id: &ReportId, note: &Noting) -> Result<PostId, ReportError> {
    settled(|| answer_once(desk, actor, id, note)).await
}

async fn answer_once(
    desk: &Desk,
    actor: &Actor,
    id: &ReportId,
    note: &Noting,
) -> Result<PostId, ReportError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = report::by_id(&mut tx, id).await?.ok_or(ReportError::Unknown)?;
    allows(actor, Act::AnswerReport, &object(&row))?;
    if !report::answer(&mut tx, (id, note), now).await? {
        return Err(ReportError::Answered);
    }
    let (by, detail) = (actor.by(None), String::new());
    audit::append(&mut tx, Line { by, act: "report.answer", object: id.as_str(), detail }, now).await?;
    tx.commit().await?;
    Ok(row.to)
}

/// The citizen's own report, the last one.
pub(super) async fn made_by_citizen(
    connection: &mut Connection,
    of: &AppointmentId,
) -> Result<Option<Made>, StoreError> {
    let Some(row) = report::of(connection, (of, ReportKind::Money)).await?.pop() else { return Ok(None) };
    let to = sound(office::post(connection, &row.to).await?, "report", "post")?;
    Ok(Some(Made { to: to.title, note: row.note }))
}
