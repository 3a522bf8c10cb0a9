//! What a post has missed: rings that it did not take, and words that were left to it; and the words that it has left.
//!
//! The desk of the post reads who rang. Words are for the occupant alone, since he took charge; so is saying «seen».

use std::collections::BTreeMap;

use domain::hotline::may_ring;
use domain::hotline::missed::{Missed, missed, ring_of_word};
use domain::id::{CallId, PersonId, PostId};
use domain::office::RoleKey;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::missed as rows;
pub use crate::store::missed::RingRow;
use crate::store::word::{self, WordRow};
use crate::store::{Connection, StoreError, office};

/// Why it was not read, or not said.
#[derive(Debug, thiserror::Error)]
pub enum MissedError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(MissedError);

/// A missed ring with the words that belong to it; or a word without one.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: PostId,
    /// What that post is called.
    pub called: Bilingual,
    /// The ring, if one was.
    pub ring: Option<RingRow>,
    /// The words, the oldest first.
    pub words: Vec<WordRow>,
    /// It is to be looked at yet.
    pub is_new: bool,
    /// The post may ring that one now.
    pub may_ring: bool,
}

/// A word that the post has left.
#[derive(Debug, Clone)]
pub struct LeftWord {
    /// It.
    pub word: WordRow,
    /// What its addressee is called.
    pub called: Bilingual,
}

/// What a post reads.
#[derive(Debug, Clone)]
pub struct List {
    /// What the post is called.
    pub title: Bilingual,
    /// The part that it plays.
    pub role: RoleKey,
    /// Whoever reads holds the post: words are his.
    pub is_occupant: bool,
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Newest first; nobody else's matter.
    pub left: Vec<LeftWord>,
    /// Missed rings that nobody has seen.
    pub rings_new: usize,
    /// Words that were not heard.
    pub words_new: usize,
}

/// Which rings somebody has seen.
#[derive(Debug, Clone)]
pub enum Which {
    /// One.
    One(CallId, Timestamp),
    /// All up to then.
    Until(Timestamp),
}

/// Reads what a post has missed.
///
/// # Errors
/// [`MissedError`].
pub async fn read(desk: &Desk, actor: &Actor, post: &PostId) -> Result<List, MissedError> {
    allows(actor, Act::ReadMissed, &Object::Post(post.clone()))?;
    let is_occupant = allows(actor, Act::HearWord, &Object::Post(post.clone())).is_ok();
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let posts = office::posts(&mut connection).await?;
    let own = posts.iter().find(|row| row.id == *post).ok_or(Denied::Forbidden)?.clone();
    let posts: BTreeMap<PostId, (RoleKey, Bilingual)> =
        posts.into_iter().map(|row| (row.id, (row.role, row.title))).collect();
    let person = if is_occupant { actor.person() } else { None };
    let began = charge_began(&mut connection, (post, person), now).await?;
    let month = now - SignedDuration::from_hours(24 * limits::WORD_DAYS);
    let range = (began.map_or(now, |began| began.max(month)), limits::MISSED_SHOWN_MAX);
    let rings = rows::rings(&mut connection, post, range).await?;
    let words = word::to_post(&mut connection, post, range).await?;
    let left = if is_occupant { word::from_post(&mut connection, post, range).await? } else { Vec::new() };
    drop(connection);
    let entries = laid_out((rings, words), &posts, (own.role, now));
    let counts = |ring: &&Entry| ring.ring.as_ref().is_some_and(is_new);
    let title = |post: &PostId| titled(&posts, post);
    Ok(List {
        title: own.title,
        role: own.role,
        is_occupant,
        rings_new: entries.iter().filter(counts).count(),
        words_new: entries
            .iter()
            .flat_map(|entry| &entry.words)
            .filter(|word| word.heard_at.is_none())
            .count(),
        entries,
        left: left.into_iter().map(|word| LeftWord { called: title(&word.to), word }).collect(),
    })
}

fn titled(posts: &BTreeMap<PostId, (RoleKey, Bilingual)>, post: &PostId) -> Bilingual {
    let known = posts.get(post).map(|(_, title)| title.clone());
    known.unwrap_or_else(|| Bilingual::new(post.as_str(), post.as_str()))
}

/// Is the ring to be looked at yet?
#[must_use]
pub fn is_new(ring: &RingRow) -> bool {
    ring.noticed_at.is_none() && missed((ring.rang_at, ring.ended_at), ring.outcome) == Some(Missed::Unknown)
}

/// Rings and words as one list, newest first.
fn laid_out(
    (rings, words): (Vec<RingRow>, Vec<WordRow>),
    posts: &BTreeMap<PostId, (RoleKey, Bilingual)>,
    (own, now): (RoleKey, Timestamp),
) -> Vec<Entry> {
    let back = SignedDuration::try_from(limits::RING_BACK).unwrap_or(SignedDuration::ZERO);
    let may = |by: &PostId, rang: Option<Timestamp>| {
        posts.get(by).is_some_and(|(role, _)| may_ring(own, *role).is_ok())
            || rang.is_some_and(|rang| now < rang + back)
    };
    let counted =
        rings.into_iter().filter(|ring| missed((ring.rang_at, ring.ended_at), ring.outcome).is_some());
    let of_ring = |ring: RingRow| Entry {
        at: ring.rang_at,
        by: ring.by.clone(),
        called: titled(posts, &ring.by),
        is_new: is_new(&ring),
        may_ring: may(&ring.by, Some(ring.rang_at)),
        ring: Some(ring),
        words: Vec::new(),
    };
    let mut entries: Vec<Entry> = counted.map(of_ring).collect();
    let places: Vec<(PostId, Timestamp)> = entries.iter().map(|entry| (entry.by.clone(), entry.at)).collect();
    for word in words.into_iter().rev() {
        let place = ring_of_word((&word.from, word.left_at), &places);
        if let Some(entry) = place.and_then(|place| entries.get_mut(place)) {
            entry.is_new |= word.heard_at.is_none();
            entry.words.push(word);
            continue;
        }
        entries.push(Entry {
            at: word.left_at,
            by: word.from.clone(),
            called: titled(posts, &word.from),
            ring: None,
            is_new: word.heard_at.is_none(),
            may_ring: may(&word.from, None),
            words: vec![word],
        });
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries
}

/// Somebody who holds the post says that he has seen what it missed.
///
/// # Errors
/// [`MissedError`].
pub async fn notice(desk: &Desk, actor: &Actor, (post, which): (&PostId, &Which)) -> Result<(), MissedError> {
    settled(|| notice_once(desk, actor, (post, which))).await
}

async fn notice_once(
    desk: &Desk,
    actor: &Actor,
    (post, which): (&PostId, &Which),
) -> Result<(), MissedError> {
    allows(actor, Act::NoteMissed, &Object::Post(post.clone()))?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let seen = match which {
        Which::One(call, rang_at) => rows::notice(&mut tx, (post, call, *rang_at), now).await?,
        Which::Until(until) => rows::notice_until(&mut tx, (post, None), (*until, now)).await?,
    };
    // What was seen before is seen: nothing has changed.
    if seen == 0 {
        return Ok(());
    }
    let detail = format!("rings={seen}");
    let line = Line { by: actor.by(None), act: "missed.notice", object: post.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    Ok(tx.commit().await?)
}

/// When the charge of a post began: that of this person, else that of whoever answers for it now.
///
/// * returns: nothing while nobody does, and for whom it is not.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn charge_began(
    connection: &mut Connection,
    (post, person): (&PostId, Option<&PersonId>),
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let history = office::history(connection, post).await?;
    let holder = domain::office::holder_at(&history, post, now).map(|holder| holder.person);
    let Some(person) = person.or(holder.as_ref()) else { return Ok(None) };
    let own = history.iter().filter(|charge| charge.post == *post && charge.starts_at <= now);
    Ok(own.filter(|charge| charge.person.as_ref() == Some(person)).map(|charge| charge.starts_at).max())
}
