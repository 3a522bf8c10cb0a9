//! Questions as they are read: what a seat is asked, and the sheets of what it has asked; with reminding and closing.

use std::collections::BTreeMap;

use domain::id::{PostId, QuestionId};
use domain::office::{Incumbency, holder_at};
use domain::question_sheet::{Counts, Post, Reply, Standing, counts, standing};
use domain::text::Bilingual;
use jiff::Timestamp;

use super::Desk;
use super::desk::{from_store, settled};
use super::question_ask::{open_since, refuse};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::office::PostRow;
pub use crate::store::question_sheet::CardRow;
use crate::store::question_sheet::{self as rows, AskedRow, QuestionRow};
use crate::store::{Connection, StoreError, office, sound};

/// A seat on the sheet.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which.
    pub row: AskedRow,
    /// What it is called.
    pub title: Bilingual,
    /// Its number on the board.
    pub number: i64,
    /// Where it stands.
    pub standing: Standing,
    /// Its cards that were sent, the first one first; the last one stands.
    pub cards: Vec<CardRow>,
    /// What its office has prepared and not sent.
    pub prepared: Option<Reply>,
}

/// A question with everybody who was asked.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The question.
    pub row: QuestionRow,
    /// Who asks.
    pub asker: Bilingual,
    /// Everybody, in the order of the board.
    pub asked: Vec<Asked>,
    /// How many stand where.
    pub counts: Counts,
    /// When it was read.
    pub read_at: Timestamp,
}

/// The questions of a post.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Which it is asked, the first minute first; the sheet holds its own line alone.
    pub asked: Vec<Sheet>,
    /// Which it has asked, the newest first.
    pub own: Vec<Sheet>,
}

/// A seat that may be asked.
#[derive(Debug, Clone)]
pub struct Askable {
    /// Which.
    pub post: PostRow,
    /// Whether somebody holds it.
    pub is_held: bool,
}

/// Why a sheet was not moved.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Not this person's question.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such question.
    #[error("there is no such question")]
    Unknown,
    /// It is closed.
    #[error("the question is closed")]
    Closed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(SheetError);

/// What the asker does with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Everybody who has not answered is asked again.
    Remind,
    /// No more answers are taken.
    Close,
}

/// The offices as they stand, read once for a page.
struct Offices {
    posts: BTreeMap<PostId, PostRow>,
    charges: Vec<Incumbency>,
    now: Timestamp,
}

impl Offices {
    async fn read(connection: &mut Connection, now: Timestamp) -> Result<Offices, StoreError> {
        let posts = office::posts(connection).await?.into_iter().map(|row| (row.id.clone(), row)).collect();
        Ok(Offices { posts, charges: office::incumbencies(connection).await?, now })
    }

    fn is_held(&self, post: &PostId) -> bool {
        holder_at(&self.charges, post, self.now).is_some()
    }

    fn title(&self, post: &PostId) -> Result<Bilingual, StoreError> {
        Ok(sound(self.posts.get(post), "mesh_question", "post")?.title.clone())
    }
}

/// The questions to a post and those of it.
///
/// # Errors
/// [`SheetError::Denied`] for whom they are not, [`SheetError::Store`] from the database.
pub async fn list(desk: &Desk, actor: &Actor, post: &PostId) -> Result<List, SheetError> {
    allows(actor, Act::ReadQuestions, &Object::Post(post.clone()))?;
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let offices = Offices::read(&mut connection, now).await?;
    let (mut asked, mut own) = (Vec::new(), Vec::new());
    let to_seat = (post, open_since(now));
    for row in rows::to_seat(&mut connection, to_seat, limits::QUESTIONS_SHOWN_MAX).await? {
        let mut sheet = read(&mut connection, row, &offices).await?;
        sheet.asked.retain(|one| one.row.post == *post);
        asked.push(sheet);
    }
    for row in rows::of_asker(&mut connection, post, limits::QUESTIONS_SHOWN_MAX).await? {
        own.push(read(&mut connection, row, &offices).await?);
    }
    Ok(List { asked, own })
}

/// The sheet of a question, for its asker.
///
/// # Errors
/// [`SheetError`].
pub async fn sheet(desk: &Desk, actor: &Actor, id: &QuestionId) -> Result<Sheet, SheetError> {
    let mut connection = desk.store.read().await?;
    let row = rows::by_id(&mut connection, id).await?.ok_or(SheetError::Unknown)?;
    allows(actor, Act::ReadSheet, &Object::Post(row.post.clone()))?;
    let offices = Offices::read(&mut connection, desk.now()).await?;
    Ok(read(&mut connection, row, &offices).await?)
}

/// The question to a seat, with the line of that seat alone.
///
/// # Errors
/// [`SheetError`]; [`SheetError::Unknown`] when that seat was not asked.
pub async fn of_seat(
    desk: &Desk,
    actor: &Actor,
    (id, post): (&QuestionId, &PostId),
) -> Result<Sheet, SheetError> {
    allows(actor, Act::AnswerQuestion, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let row = rows::by_id(&mut connection, id).await?.ok_or(SheetError::Unknown)?;
    let offices = Offices::read(&mut connection, desk.now()).await?;
    let mut sheet = read(&mut connection, row, &offices).await?;
    sheet.asked.retain(|one| one.row.post == *post);
    if sheet.asked.is_empty() { Err(SheetError::Unknown) } else { Ok(sheet) }
}

async fn read(connection: &mut Connection, row: QuestionRow, offices: &Offices) -> Result<Sheet, StoreError> {
    let mut sent: BTreeMap<PostId, Vec<CardRow>> = BTreeMap::new();
    for card in rows::cards(connection, &row.id).await? {
        sent.entry(card.post.clone()).or_default().push(card);
    }
    let mut asked = Vec::new();
    for seat in rows::asked(connection, &row.id).await? {
        let cards = sent.remove(&seat.post).unwrap_or_default();
        let (prepared, cards): (Vec<CardRow>, Vec<CardRow>) =
            cards.into_iter().partition(|card| card.number == 0);
        let post = if offices.is_held(&seat.post) { Post::Held } else { Post::Vacant };
        let first = cards.first().map(|card| card.at);
        asked.push(Asked {
            title: offices.title(&seat.post)?,
            number: offices.posts.get(&seat.post).and_then(|post| post.seat_number).unwrap_or_default(),
            standing: standing(&row.times, post, first, offices.now),
            prepared: prepared.into_iter().next().map(|card| card.reply),
            cards,
            row: seat,
        });
    }
    let counts = counts(asked.iter().map(|one| one.standing));
    Ok(Sheet { asker: offices.title(&row.post)?, row, asked, counts, read_at: offices.now })
}

/// The seats that a post may ask, in the order of the board.
///
/// # Errors
/// [`SheetError::Denied`] for whose post it is not, [`SheetError::Store`] from the database.
pub async fn askable(desk: &Desk, actor: &Actor, post: &PostId) -> Result<Vec<Askable>, SheetError> {
    allows(actor, Act::AskSeats, &Object::Post(post.clone()))?;
    let mut connection = desk.store.read().await?;
    let offices = Offices::read(&mut connection, desk.now()).await?;
    let asker = offices.posts.get(post).ok_or(SheetError::Unknown)?.role;
    let may = |row: &&PostRow| {
        row.seat_number.is_some() && row.id != *post && domain::hotline::may_ring(asker, row.role).is_ok()
    };
    let seat = |row: &PostRow| Askable { is_held: offices.is_held(&row.id), post: row.clone() };
    let mut seats: Vec<Askable> = offices.posts.values().filter(may).map(seat).collect();
    seats.sort_by_key(|seat| seat.post.seat_number);
    Ok(seats)
}

/// Who asks in a question, for the gate.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn asker_of(desk: &Desk, id: &QuestionId) -> Result<Option<PostId>, StoreError> {
    let mut connection = desk.store.read().await?;
    Ok(rows::by_id(&mut connection, id).await?.map(|row| row.post))
}

/// Reminds those who have not answered, or closes the question. To close what is closed changes nothing.
///
/// * returns: the seats that this concerns.
///
/// # Errors
/// [`SheetError`].
pub async fn carry(
    desk: &Desk,
    actor: &Actor,
    (id, wished): (&QuestionId, Move),
) -> Result<Vec<PostId>, SheetError> {
    let carried = settled(|| carry_once(desk, actor, (id, wished))).await;
    let code = match &carried {
        Err(SheetError::Denied(_)) => Some("denied"),
        Err(SheetError::Closed) => Some("closed"),
        _ => None,
    };
    if let Some(code) = code {
        refuse(desk, actor, (id, code)).await?;
    }
    carried
}

async fn carry_once(
    desk: &Desk,
    actor: &Actor,
    (id, wished): (&QuestionId, Move),
) -> Result<Vec<PostId>, SheetError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = rows::by_id(&mut tx, id).await?.ok_or(SheetError::Unknown)?;
    allows(actor, Act::AskSeats, &Object::Post(row.post.clone()))?;
    let asked = rows::asked(&mut tx, id).await?;
    let act = match wished {
        Move::Remind if !row.times.is_open(now, limits::QUESTION_DAYS) => return Err(SheetError::Closed),
        Move::Remind => {
            rows::remind(&mut tx, id, now).await?;
            "question.remind"
        }
        Move::Close if rows::close(&mut tx, id, now).await? => "question.close",
        Move::Close => return Ok(Vec::new()),
    };
    let detail = format!("silent={}", asked.iter().filter(|one| one.cards == 0).count());
    audit::append(&mut tx, Line { by: actor.by(None), act, object: id.as_str(), detail }, now).await?;
    tx.commit().await?;
    Ok(asked.into_iter().map(|one| one.post).collect())
}
