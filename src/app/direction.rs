//! Directions: what a post has been told to do. Given by an outcome, moved by the post, answered by the citizen, and asked
//! about once after its due date.

use std::collections::BTreeMap;

use domain::direction::{Answer, Direction, DirectionError, Origin, Step};
use domain::id::{AppointmentId, DirectionId, PostId};
use domain::notice::What;
use domain::office::ist;
use domain::text::{Bilingual, Noting};
use jiff::{Timestamp, ToSpan};

use super::carry_out::Case;
use super::desk::{Deed, from_store, settled};
use super::outcome::OutcomeError;
use super::party::{Party, parties};
use super::{Desk, slip, tell};
use crate::audit::{self, By, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::token::Purpose;
use crate::limits;
use crate::store::direction::{self, DirectionRow};
use crate::store::office::PostRow;
use crate::store::{Connection, StoreError, appointment, office, outcome, question_sheet, sound};

/// Why a direction was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// Not this person's to move.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such direction, or the link opens none.
    #[error("there is no such direction")]
    Unknown,
    /// The rules say no.
    #[error(transparent)]
    Impossible(#[from] DirectionError),
    /// Somebody else moved it at the same moment; look again.
    #[error("somebody else moved it at the same moment")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(MoveError);

/// What a post does with a direction.
#[derive(Debug, Clone)]
pub enum Move {
    /// Its owner takes it in hand.
    TakeUp,
    /// Its owner says that it is done.
    Finish(Option<Noting>),
    /// Its giver takes it back.
    Withdraw(Noting),
}

impl Move {
    /// What the policy is asked about it.
    #[must_use]
    pub const fn act(&self) -> Act {
        match self {
            Self::TakeUp | Self::Finish(_) => Act::CarryDirection,
            Self::Withdraw(_) => Act::WithdrawDirection,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::TakeUp => "direction.take_up",
            Self::Finish(_) => "direction.finish",
            Self::Withdraw(_) => "direction.withdraw",
        }
    }
}

/// A direction as a list shows it.
#[derive(Debug, Clone)]
pub struct Card {
    /// What the rules see.
    pub rules: Direction,
    /// Who is to do it.
    pub owner: Bilingual,
    /// Who gave it.
    pub giver: Bilingual,
    /// The number of the meeting from which it comes.
    pub reference: String,
    /// The citizen.
    pub name: String,
    /// His number, for a call.
    pub mobile: String,
    /// What he came about.
    pub subject: String,
    /// The day has passed.
    pub is_overdue: bool,
    /// Its history.
    pub steps: Vec<Step>,
}

/// The directions of a post.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// What it is to do.
    pub own: Vec<Card>,
    /// What it has told others to do.
    pub given: Vec<Card>,
}

/// The open directions of a post.
///
/// # Errors
/// [`MoveError::Denied`] for whom they are not, [`MoveError::Store`] from the database.
pub async fn list(desk: &Desk, actor: &Actor, post: &PostId) -> Result<List, MoveError> {
    allows(actor, Act::ReadDirections, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let own = direction::of_owner(&mut connection, post, limits::DIRECTIONS_SHOWN_MAX).await?;
    let given = direction::of_giver(&mut connection, post, limits::DIRECTIONS_SHOWN_MAX).await?;
    let own_ids: Vec<DirectionId> = own.iter().map(|row| row.rules.id.clone()).collect();
    let given = given.into_iter().filter(|row| !own_ids.contains(&row.rules.id)).collect();
    let now = desk.now();
    Ok(List {
        own: cards(&mut connection, own, now).await?,
        given: cards(&mut connection, given, now).await?,
    })
}

async fn cards(
    connection: &mut Connection,
    rows: Vec<DirectionRow>,
    now: Timestamp,
) -> Result<Vec<Card>, StoreError> {
    let ids: Vec<AppointmentId> = rows.iter().filter_map(|row| origin_of(&row.rules).cloned()).collect();
    let found = appointment::of_ids(connection, &ids).await?;
    let found = parties(connection, found).await?;
    let found: BTreeMap<_, _> = found.into_iter().map(|one| (one.row.rules.id.clone(), one)).collect();
    let mut titles: BTreeMap<PostId, Bilingual> = BTreeMap::new();
    let mut cards = Vec::with_capacity(rows.len());
    for DirectionRow { rules, .. } in rows {
        let about = match &rules.origin {
            Origin::Appointment(of) => About::of(sound(found.get(of), "direction", "origin")?),
            Origin::Question(of) => {
                let asked = sound(question_sheet::by_id(connection, of).await?, "direction", "origin")?;
                About { subject: asked.text.as_str().to_owned(), ..About::default() }
            }
            Origin::Review(_) => About::default(),
        };
        cards.push(Card {
            owner: title(connection, &mut titles, &rules.owner).await?,
            giver: title(connection, &mut titles, &rules.giver).await?,
            reference: about.reference,
            name: about.name,
            mobile: about.mobile,
            subject: about.subject,
            is_overdue: rules.is_overdue(now),
            steps: direction::steps(connection, &rules.id).await?,
            rules,
        });
    }
    Ok(cards)
}

async fn title(
    connection: &mut Connection,
    known: &mut BTreeMap<PostId, Bilingual>,
    post: &PostId,
) -> Result<Bilingual, StoreError> {
    if let Some(title) = known.get(post) {
        return Ok(title.clone());
    }
    let row = sound(office::post(connection, post).await?, "direction", "post")?;
    known.insert(post.clone(), row.title.clone());
    Ok(row.title)
}

/// What a card says of where its direction comes from. A question has no citizen.
#[derive(Default)]
struct About {
    reference: String,
    name: String,
    mobile: String,
    subject: String,
}

impl About {
    fn of(party: &Party) -> About {
        About {
            reference: party.row.reference.clone(),
            name: party.citizen.name.clone(),
            mobile: party.citizen.mobile.clone(),
            subject: party.row.subject.clone(),
        }
    }
}

const fn origin_of(rules: &Direction) -> Option<&AppointmentId> {
    match &rules.origin {
        Origin::Appointment(id) => Some(id),
        Origin::Question(_) | Origin::Review(_) => None,
    }
}

/// The owner and the giver of a direction, for the gate.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn posts_of(desk: &Desk, id: &DirectionId) -> Result<Option<(PostId, PostId)>, StoreError> {
    let mut connection = desk.store.read().await?;
    Ok(direction::by_id(&mut connection, id).await?.map(|row| (row.rules.owner, row.rules.giver)))
}

/// Moves a direction as its owner or its giver wishes.
///
/// # Errors
/// [`MoveError`].
pub async fn carry(desk: &Desk, actor: &Actor, id: &DirectionId, wished: &Move) -> Result<(), MoveError> {
    settled(|| carry_once(desk, actor, id, wished)).await
}

async fn carry_once(desk: &Desk, actor: &Actor, id: &DirectionId, wished: &Move) -> Result<(), MoveError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = direction::by_id(&mut tx, id).await?.ok_or(MoveError::Unknown)?;
    let post = match wished {
        Move::TakeUp | Move::Finish(_) => row.rules.owner.clone(),
        Move::Withdraw(_) => row.rules.giver.clone(),
    };
    allows(actor, wished.act(), &Object::Post(post.clone()))?;
    let rules = row.rules.clone();
    let (rules, step) = match wished.clone() {
        Move::TakeUp => rules.take_up(post, now),
        Move::Finish(note) => rules.finish((post, note), now),
        Move::Withdraw(why) => rules.withdraw((post, why), now),
    }?;
    let asks_at = row.asks_at.filter(|_| rules.is_open());
    if !direction::update(&mut tx, &row, (&rules, &step), asks_at).await? {
        return Err(MoveError::Changed);
    }
    let (by, detail) = (actor.by(None), String::new());
    audit::append(&mut tx, Line { by, act: wished.code(), object: id.as_str(), detail }, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a direction in the transaction of an outcome, and tells the post.
pub(super) async fn give(
    deed: &mut Deed<'_>,
    (case, by): (&Case, By),
    (owner, text, due_in_days): (&PostRow, &Noting, i64),
) -> Result<DirectionId, OutcomeError> {
    let now = deed.now;
    let today = now.to_zoned(ist()).date();
    let due = today.checked_add(due_in_days.clamp(-1, 10_000).days()).map_err(|_| OutcomeError::Due)?;
    let id = DirectionId::fresh(now, deed.desk.random.bytes());
    let origin = Origin::Appointment(case.row.rules.id.clone());
    let posts = (case.post.id.clone(), owner.id.clone());
    let (rules, step) = Direction::give((id.clone(), origin), (text.clone(), due), posts, now)
        .map_err(|_| OutcomeError::Due)?;
    direction::insert(deed.tx, (&rules, &step), Some(rules.asks_at())).await?;
    if owner.id != case.post.id {
        tell_owner(deed, (case, owner), &rules, 1).await?;
    }
    let detail = format!("owner={} due={due}", owner.id);
    let line = Line { by, act: "direction.give", object: id.as_str(), detail };
    audit::append(deed.tx, line, now).await?;
    Ok(id)
}

/// Takes a direction back in the transaction of a corrected outcome; one that is over stays as it is.
pub(super) async fn withdraw_with(
    deed: &mut Deed<'_>,
    (id, by): (&DirectionId, By),
    (post, why): (&PostId, &Noting),
) -> Result<(), OutcomeError> {
    let row = sound(direction::by_id(deed.tx, id).await?, "outcome", "direction")?;
    let Ok((rules, step)) = row.rules.clone().withdraw((post.clone(), why.clone()), deed.now) else {
        return Ok(());
    };
    if !direction::update(deed.tx, &row, (&rules, &step), None).await? {
        return Err(OutcomeError::Overtaken);
    }
    let detail = "why=corrected".to_owned();
    let line = Line { by, act: "direction.withdraw", object: id.as_str(), detail };
    Ok(audit::append(deed.tx, line, deed.now).await?)
}

/// The citizen says on his slip whether it is done. What is not yet is opened again, and the post hears of it.
///
/// # Errors
/// [`MoveError`].
pub async fn answer(desk: &Desk, token: &str, said: Answer) -> Result<(), MoveError> {
    settled(|| answer_once(desk, token, said)).await
}

async fn answer_once(desk: &Desk, token: &str, said: Answer) -> Result<(), MoveError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let of = slip::opened(&mut tx, token, Purpose::Slip).await?.ok_or(MoveError::Unknown)?;
    let case = Case::read(&mut tx, &of).await?.ok_or(MoveError::Unknown)?;
    let last = outcome::of(&mut tx, &of).await?.pop().ok_or(MoveError::Unknown)?;
    let domain::direction::Outcome::Direction(id) = last.outcome else { return Err(MoveError::Unknown) };
    let row = sound(direction::by_id(&mut tx, &id).await?, "outcome", "direction")?;
    let (rules, step) = row.rules.clone().answer(said, now)?;
    let asks_at = rules.is_open().then(|| rules.asks_at());
    if !direction::update(&mut tx, &row, (&rules, &step), asks_at).await? {
        return Err(MoveError::Changed);
    }
    if said == Answer::NotYet {
        let owner = sound(office::post(&mut tx, &rules.owner).await?, "direction", "post")?;
        let mut deed = Deed { desk, tx: &mut tx, now };
        tell_owner(&mut deed, (&case, &owner), &rules, row.version + 1).await?;
    }
    let detail = format!("said={}", said.code());
    let line = Line { by: By::Link(of), act: "direction.answer", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells the owner that it was given (its first version), or opened again.
async fn tell_owner(
    deed: &mut Deed<'_>,
    (case, owner): (&Case, &PostRow),
    rules: &Direction,
    version: i64,
) -> Result<(), StoreError> {
    let visit = tell::visit(deed.desk, &case.row, &case.post, case.booked_by()?)?;
    let (text, due) = (rules.text.as_str().to_owned(), rules.due);
    let what = What::DeskDirection { visit, text, due, is_reopened: version > 1 };
    let key = format!("{}/{}/{version}", what.kind(), rules.id);
    tell::post(deed, (owner, key), what).await
}

/// Asks every citizen whose due date has passed, once a due date.
///
/// # Errors
/// [`StoreError`] from the database; who was asked before it is not asked again.
pub(super) async fn ask_all(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let due = direction::to_ask(&mut connection, now, limits::KEEP_BATCH).await?;
    drop(connection);
    let mut asked = 0;
    for row in due {
        match settled(|| ask(desk, &row, now)).await {
            Ok(is_asked) => asked += usize::from(is_asked),
            Err(MoveError::Store(error)) => return Err(error),
            // It was moved at the same moment: the next round looks again.
            Err(_) => {}
        }
    }
    Ok(asked)
}

async fn ask(desk: &Desk, row: &DirectionRow, now: Timestamp) -> Result<bool, MoveError> {
    let mut tx = desk.store.write().await?;
    if !direction::mark_asked(&mut tx, row).await? {
        return Ok(false);
    }
    // Nobody is asked about a direction that no citizen's meeting has given.
    let of = origin_of(&row.rules).ok_or(MoveError::Unknown)?;
    let case = Case::read(&mut tx, of).await?.ok_or(MoveError::Unknown)?;
    let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
    let (text, due) = (row.rules.text.as_str().to_owned(), row.rules.due);
    let said = (What::OutcomeAsk { visit, text, due }, row.rules.asks_at().as_millisecond());
    let mut deed = Deed { desk, tx: &mut tx, now };
    tell::citizen(&mut deed, (&case.row, case.booked_by()?), said).await?;
    let object = row.rules.id.as_str();
    let line = Line { by: By::House, act: "direction.ask", object, detail: String::new() };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(true)
}
