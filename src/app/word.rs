//! A word that is left to a post: sound, or with a picture, at most a minute. The post's occupant hears it, and nobody else.
//!
//! Who may ring a post may leave it a word. The id of a word is made by the page that records it, so that one that is sent
//! twice is kept once. Row, recording and audit line are one act, or none of them is there.

use std::collections::BTreeMap;

use domain::file::FileKind;
use domain::hotline::missed::{LeaveRefused, Leaving, WordBounds};
use domain::id::{FileId, PostId, WordId};
use domain::office::{Incumbency, holder_at};
use domain::recorded::{Recorded, recorded};
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::desk::{from_store, settled};
use super::missed::charge_began;
use crate::audit::{self, By, Line};
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::{Actor, Staff};
use crate::limits;
use crate::store::file::{self, FileRow};
use crate::store::office::{self, PostRow};
use crate::store::word as rows;
pub use crate::store::word::WordRow;
use crate::store::{Connection, StoreError, missed};

/// At most so many.
const BOUNDS: WordBounds = WordBounds { unheard: limits::WORDS_UNHEARD_MAX, kept: limits::WORDS_KEPT_MAX };
/// Tries to find a place among those that others take at the same moment.
const PLACE_TRIES_MAX: usize = limits::WORDS_UNHEARD_MAX + 1;

/// Why no word was left, or heard.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// Nobody who has a seat.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such post, or no such word of this person.
    #[error("there is no such word")]
    Unknown,
    /// Not from this post to that one.
    #[error(transparent)]
    Refused(#[from] LeaveRefused),
    /// The bytes are no recording that we take.
    #[error("this is no recording")]
    NotWord,
    /// More bytes than a word has.
    #[error("this is more than a word")]
    TooLarge,
    /// Longer than a word is.
    #[error("this is longer than a word")]
    TooLong,
    /// The id is that of another word.
    #[error("the id was used for another word")]
    Used,
    /// It is to be opened first.
    #[error("the word was not opened")]
    Unopened,
    /// Another word took its place at this moment.
    #[error("another word took this place")]
    Rival,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(WordError);

impl WordError {
    /// The stable code of a refusal; nothing for a fault of the store.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Denied(_) => Some("denied"),
            Self::Unknown => Some("unknown"),
            Self::Refused(refused) => Some(refused.code()),
            Self::NotWord => Some("not-word"),
            Self::TooLarge => Some("too-large"),
            Self::TooLong => Some("too-long"),
            Self::Used => Some("used"),
            Self::Unopened => Some("unopened"),
            Self::Rival => Some("rival"),
            Self::Store(_) => None,
        }
    }
}

/// Leaves a word to a post. Whoever sends the same again finds the word that he has left.
///
/// * returns: the post that leaves it.
///
/// # Errors
/// [`WordError`]; what is refused stands in the audit chain.
pub async fn leave(
    desk: &Desk,
    actor: &Actor,
    (id, to): (&WordId, &PostId),
    bytes: &[u8],
) -> Result<PostId, WordError> {
    let mut tries = 1;
    let left = loop {
        match leave_checked(desk, actor, (id, to), bytes).await {
            Err(WordError::Rival) if tries < PLACE_TRIES_MAX => tries += 1,
            left => break left,
        }
    };
    if let Err(error) = &left
        && let Some(code) = error.code()
    {
        refuse(desk, actor, (id, code)).await?;
    }
    left
}

async fn leave_checked(
    desk: &Desk,
    actor: &Actor,
    (id, to): (&WordId, &PostId),
    bytes: &[u8],
) -> Result<PostId, WordError> {
    allows(actor, Act::LeaveWord, &Object::Post(to.clone()))?;
    let staff = actor.staff().ok_or(Denied::SignInFirst)?;
    if bytes.len() > limits::WORD_BYTES_MAX {
        return Err(WordError::TooLarge);
    }
    let found = recorded(bytes).ok_or(WordError::NotWord)?;
    let slack = u64::try_from(limits::WORD_SLACK.as_millis()).unwrap_or(0);
    if found.length_ms > limits::WORD_SECONDS_MAX * 1_000 + slack {
        return Err(WordError::TooLong);
    }
    settled(|| leave_once(desk, (actor, staff), (id, to), (&found, bytes))).await
}

async fn leave_once(
    desk: &Desk,
    (actor, staff): (&Actor, &Staff),
    (id, to): (&WordId, &PostId),
    (found, bytes): (&Recorded, &[u8]),
) -> Result<PostId, WordError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let recording = FileRow::of(FileId::fresh(now, desk.random.bytes()), (FileKind::Word, found.mime), bytes);
    if let Some(known) = rows::by_id(&mut tx, id).await? {
        let before = file::content(&mut tx, &known.file).await?;
        let is_same = known.from == staff.post
            && known.to == *to
            && before.is_some_and(|(_, before)| before == recording.bytes);
        return if is_same { Ok(known.from) } else { Err(WordError::Used) };
    }
    let place = place(&mut tx, (staff, to), now).await?;
    file::insert(&mut tx, &recording, now).await?;
    let row = WordRow {
        id: id.clone(),
        from: staff.post.clone(),
        to: to.clone(),
        kind: found.kind,
        length_ms: i64::try_from(found.length_ms).unwrap_or(i64::MAX),
        file: recording.id.clone(),
        left_at: now,
        heard_at: None,
    };
    if !rows::insert(&mut tx, &row, place).await? {
        return Err(WordError::Rival);
    }
    let detail = format!(
        "from={} to={to} kind={} ms={} sha256={}",
        row.from,
        row.kind.code(),
        row.length_ms,
        recording.sha256
    );
    let line = Line { by: actor.by(None), act: "word.leave", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(row.from)
}

/// The first free place for an unheard word between these posts, if there may be one.
async fn place(
    connection: &mut Connection,
    (staff, to): (&Staff, &PostId),
    now: Timestamp,
) -> Result<i64, WordError> {
    let posts: BTreeMap<PostId, PostRow> =
        office::posts(connection).await?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let to = posts.get(to).filter(|row| row.seat_number.is_some()).ok_or(WordError::Unknown)?;
    let history: Vec<Incumbency> = office::history(connection, &to.id).await?;
    let holder = holder_at(&history, &to.id, now).map(|holder| holder.person);
    let back = SignedDuration::try_from(limits::RING_BACK).unwrap_or(SignedDuration::ZERO);
    let rang = missed::rang_in_vain(connection, (&staff.post, &to.id)).await?;
    let taken = rows::places(connection, (&staff.post, &to.id)).await?;
    let leaving = Leaving {
        from: staff.role,
        to: to.role,
        is_self: to.id == staff.post || holder.as_ref() == Some(&staff.person),
        is_held: holder.is_some(),
        returns_until: rang.map(|rang| rang + back),
        unheard: taken.len(),
        kept: rows::kept_of(connection, &staff.post).await?,
    };
    leaving.check(BOUNDS, now)?;
    (0..).find(|place| !taken.contains(place)).ok_or(WordError::Rival)
}

/// Writes down that something about a word was refused.
async fn refuse(desk: &Desk, actor: &Actor, (id, code): (&WordId, &'static str)) -> Result<(), StoreError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let detail = format!("code={code}");
    let line = Line { by: actor.by(None), act: "word.refuse", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await
}

/// The post that may hear a word; nobody else learns that there is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn addressee(desk: &Desk, id: &WordId) -> Result<Option<PostId>, StoreError> {
    let mut connection = desk.store.read().await?;
    Ok(rows::by_id(&mut connection, id).await?.map(|row| row.to))
}

/// The occupant of its post opens a word: the leaver learns when that was the first time, and the rings before it are known.
///
/// * returns: the word.
///
/// # Errors
/// [`WordError::Unknown`] for a word to another post, and for one that was left to another occupant.
pub async fn open(desk: &Desk, actor: &Actor, id: &WordId) -> Result<WordRow, WordError> {
    settled(|| open_once(desk, actor, id)).await
}

async fn open_once(desk: &Desk, actor: &Actor, id: &WordId) -> Result<WordRow, WordError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = of_occupant(&mut tx, actor, (id, now)).await?;
    let is_first = rows::hear(&mut tx, id, now).await?;
    missed::notice_until(&mut tx, (&row.to, Some(&row.from)), (row.left_at, now)).await?;
    let detail = format!("from={} first={is_first}", row.from);
    let line = Line { by: actor.by(None), act: "word.hear", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(WordRow { heard_at: row.heard_at.or(Some(now)), ..row })
}

/// The recording of a word that its occupant has opened: media type and bytes.
///
/// # Errors
/// [`WordError::Unopened`] before that; else as [`open`].
pub async fn recording(desk: &Desk, actor: &Actor, id: &WordId) -> Result<(String, Vec<u8>), WordError> {
    let mut connection = desk.store.read().await?;
    let row = of_occupant(&mut connection, actor, (id, desk.now())).await?;
    if row.heard_at.is_none() {
        return Err(WordError::Unopened);
    }
    file::content(&mut connection, &row.file).await?.ok_or(WordError::Unknown)
}

/// A word to the actor's own post, left since he took charge of it.
async fn of_occupant(
    connection: &mut Connection,
    actor: &Actor,
    (id, now): (&WordId, Timestamp),
) -> Result<WordRow, WordError> {
    let row = rows::by_id(connection, id).await?.ok_or(WordError::Unknown)?;
    allows(actor, Act::HearWord, &Object::Post(row.to.clone())).map_err(|_| WordError::Unknown)?;
    let began = charge_began(connection, (&row.to, actor.person()), now).await?;
    if began.is_none_or(|began| row.left_at < began) {
        return Err(WordError::Unknown);
    }
    Ok(row)
}

/// Deletes the words whose days are over: row, recording and a line of the chain for each.
///
/// * returns: how many.
///
/// # Errors
/// [`StoreError`] from the database; what was deleted before it stays deleted.
pub async fn sweep(desk: &Desk) -> Result<usize, StoreError> {
    let until = desk.now() - SignedDuration::from_hours(24 * limits::WORD_DAYS);
    let mut connection = desk.store.read().await?;
    let over = rows::before(&mut connection, until, limits::KEEP_BATCH).await?;
    drop(connection);
    let mut deleted = 0;
    for row in over {
        match settled(|| delete(desk, &row)).await {
            Ok(was_there) => deleted += usize::from(was_there),
            Err(WordError::Store(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(deleted)
}

async fn delete(desk: &Desk, row: &WordRow) -> Result<bool, WordError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    if !rows::delete(&mut tx, &row.id).await? {
        return Ok(false);
    }
    file::remove(&mut tx, &row.file).await?;
    let detail = format!("from={} to={} heard={}", row.from, row.to, row.heard_at.is_some());
    let line = Line { by: By::House, act: "word.delete", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(true)
}
