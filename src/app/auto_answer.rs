//! Auto-answer of a seat: its occupant, signed in as himself, names whom he lets in and at what hours, and takes it back.
//!
//! Nobody does it for him: neither his desk nor whoever runs the house has an act for it. It ends with his charge.

use std::collections::BTreeMap;

use domain::hotline::{AutoAnswer, Hours, precedence};
use domain::id::{PersonId, PostId};
use domain::office::{Calendar, Incumbency, holders_at, ist};
use domain::text::Bilingual;
use jiff::Timestamp;

use super::Desk;
use super::desk::{from_store, settled};
use crate::audit::{self, Line};
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::auth::{Actor, Staff};
use crate::limits;
use crate::store::auto_answer::{self, AutoAnswerRow};
use crate::store::office::{self, PostRow};
use crate::store::{Connection, StoreError, sound};

/// Why a setting stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum AutoAnswerError {
    /// Not the occupant of a seat.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody was named, too many, or one who does not go before this post.
    #[error("only posts that go before this one can be let in")]
    Callers,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AutoAnswerError);

/// What an occupant wishes.
#[derive(Debug, Clone)]
pub struct Wish {
    /// When.
    pub hours: Hours,
    /// Whom.
    pub callers: Vec<PostId>,
}

/// The setting of a seat, as its occupant reads it.
#[derive(Debug, Clone)]
pub struct Own {
    /// What stands; nothing while it is off.
    pub wish: Option<Wish>,
    /// Whom he may name, in the order of the board.
    pub above: Vec<(PostId, Bilingual)>,
}

/// What the actor has said of his own seat.
///
/// # Errors
/// [`AutoAnswerError`].
pub async fn of(desk: &Desk, actor: &Actor) -> Result<Own, AutoAnswerError> {
    let staff = occupant(actor)?;
    let mut connection = desk.store.read().await?;
    let above = above(&office::posts(&mut connection).await?, &staff.post);
    let history = office::incumbencies(&mut connection).await?;
    let standing = auto_answer::all(&mut connection).await?.into_iter().find(|row| {
        row.post == staff.post && row.person == staff.person && is_of_charge(row, &history, desk.now())
    });
    Ok(Own { wish: standing.map(|row| Wish { hours: row.hours, callers: row.callers }), above })
}

/// Switches it on as wished, or off.
///
/// # Errors
/// [`AutoAnswerError`]; nothing has changed then.
pub async fn set(desk: &Desk, actor: &Actor, wish: Option<&Wish>) -> Result<(), AutoAnswerError> {
    occupant(actor)?;
    settled(|| once(desk, actor, wish)).await
}

async fn once(desk: &Desk, actor: &Actor, wish: Option<&Wish>) -> Result<(), AutoAnswerError> {
    let staff = occupant(actor)?;
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    match wish {
        Some(wish) => {
            let may: Vec<PostId> = above(&office::posts(&mut tx).await?, &staff.post)
                .into_iter()
                .map(|(post, _)| post)
                .collect();
            let is_right = (1..=limits::AUTO_ANSWER_CALLERS_MAX).contains(&wish.callers.len())
                && wish.callers.iter().all(|caller| may.contains(caller));
            if !is_right {
                return Err(AutoAnswerError::Callers);
            }
            let row = AutoAnswerRow {
                post: staff.post.clone(),
                person: staff.person.clone(),
                hours: wish.hours,
                callers: wish.callers.clone(),
                set_at: now,
            };
            auto_answer::put(&mut tx, &row).await?;
        }
        None => auto_answer::remove(&mut tx, (&staff.post, &staff.person)).await?,
    }
    let (by, object) = (actor.by(None), staff.post.as_str());
    audit::append(&mut tx, Line { by, act: "call.auto_answer", object, detail: words_of(wish) }, now).await?;
    Ok(tx.commit().await?)
}

fn words_of(wish: Option<&Wish>) -> String {
    wish.map_or_else(
        || "off".to_owned(),
        |wish| {
            let (from, to) = wish.hours.written();
            let callers: Vec<&str> = wish.callers.iter().map(PostId::as_str).collect();
            format!("on {from}-{to} {}", callers.join(","))
        },
    )
}

/// What the occupants have said that holds today: of charges that still run, on days on which their offices work.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) async fn today(
    connection: &mut Connection,
    (posts, history): (&[PostRow], &[Incumbency]),
    now: Timestamp,
) -> Result<BTreeMap<PostId, Vec<AutoAnswer>>, StoreError> {
    let day = now.to_zoned(ist()).date();
    let mut standing: BTreeMap<PostId, Vec<AutoAnswer>> = BTreeMap::new();
    for row in auto_answer::all(connection).await? {
        let Some(post) = posts.iter().find(|post| post.id == row.post) else { continue };
        if !is_of_charge(&row, history, now) {
            continue;
        }
        let body = sound(office::body(connection, &post.body).await?, "post", "body")?;
        let calendar = Calendar::new(office::holidays_for(connection, &post.body).await?);
        if calendar.works_on(domain::hearing::week_of(body.kind), day) {
            let AutoAnswerRow { post, person, hours, callers, .. } = row;
            standing.entry(post).or_default().push(AutoAnswer { person, callers, hours, day });
        }
    }
    Ok(standing)
}

/// Was it said in the charge that still runs?
fn is_of_charge(row: &AutoAnswerRow, history: &[Incumbency], now: Timestamp) -> bool {
    let holds =
        |person: &PersonId| holders_at(history, &row.post, now).iter().any(|holder| holder.person == *person);
    let began = history
        .iter()
        .filter(|charge| charge.post == row.post && charge.starts_at <= now)
        .filter(|charge| charge.person.as_ref() == Some(&row.person))
        .map(|charge| charge.starts_at)
        .max();
    holds(&row.person) && began.is_some_and(|began| row.set_at >= began)
}

/// The seats that go before a post's.
fn above(posts: &[PostRow], own: &PostId) -> Vec<(PostId, Bilingual)> {
    let rank = posts.iter().find(|post| post.id == *own).map_or(u8::MAX, |post| precedence(post.role));
    let goes_before = |post: &&PostRow| post.role.has_seat() && precedence(post.role) > rank;
    let mut above: Vec<&PostRow> = posts.iter().filter(goes_before).collect();
    above.sort_by_key(|post| post.seat_number);
    above.into_iter().map(|post| (post.id.clone(), post.title.clone())).collect()
}

fn occupant(actor: &Actor) -> Result<&Staff, AutoAnswerError> {
    let staff = actor.staff().ok_or(Denied::SignInFirst)?;
    allows(actor, Act::SetAutoAnswer, &Object::Post(staff.post.clone()))?;
    Ok(staff)
}
