//! The public face: who of an office meets people, and when. Reads only, and names nobody who comes.

use domain::diary::Slot;
use domain::diary::supply::Exception;
use domain::diary::week::{Group, grouped};
use domain::id::{BodyId, PostId};
use domain::office::ist;
use domain::text::Bilingual;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Desk;
use super::directory::{PostCard, card_of};
use crate::limits;
pub use crate::store::body::NamedBody;
use crate::store::{StoreError, body};

/// An office with the posts that meet people.
#[derive(Debug, Clone)]
pub struct Office {
    /// Its id.
    pub id: BodyId,
    /// What it is called.
    pub name: Bilingual,
    /// Its posts.
    pub posts: Vec<Meets>,
}

/// When one post meets people.
#[derive(Debug, Clone)]
pub struct Meets {
    /// The post.
    pub card: PostCard,
    /// Its week, days with the same hours together.
    pub week: Vec<Group>,
    /// The next time that anybody may take.
    pub next: Option<Slot>,
    /// Days ahead on which the office is closed, with the reason.
    pub closed: Vec<(Date, Bilingual)>,
    /// Absences that have not ended yet.
    pub away: Vec<(Timestamp, Timestamp)>,
}

/// The offices that meet people.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn offices(desk: &Desk) -> Result<Vec<NamedBody>, StoreError> {
    let mut connection = desk.store.read().await?;
    body::that_meet(&mut connection).await
}

/// One office; `None` when there is none of that id.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn office(desk: &Desk, id: &BodyId) -> Result<Option<Office>, StoreError> {
    let mut connection = desk.store.read().await?;
    let Some(found) = body::by_id(&mut connection, id).await? else { return Ok(None) };
    let ids = body::posts_that_meet(&mut connection, id).await?;
    drop(connection);
    let mut posts = Vec::with_capacity(ids.len());
    for post in &ids {
        posts.extend(meets(desk, post).await?);
    }
    Ok(Some(Office { id: found.id, name: found.name, posts }))
}

/// When this post meets people, from its diary in memory; `None` when it is unknown.
async fn meets(desk: &Desk, post: &PostId) -> Result<Option<Meets>, StoreError> {
    let now = desk.now();
    let Some(kept) = desk.diaries.of(desk, post).await? else { return Ok(None) };
    let diary = kept.diary();
    let today = now.to_zoned(ist()).date();
    let days = || kept.days(today, limits::TIMES_DAYS_MAX);
    let mut free = days().flat_map(|day| day.free()).filter(|offer| offer.is_open(now, &[]));
    let next = free.next().filter(|_| diary.is_bookable()).map(|offer| offer.slot);
    let closed = days().filter_map(|day| Some((day.date(), day.closed()?.clone())));
    let away = diary.supply().exceptions().iter().filter_map(|exception| match exception {
        Exception::Away { from, to } if *to > now => Some((*from, *to)),
        _ => None,
    });
    Ok(Some(Meets {
        week: grouped(diary.supply().week()),
        next,
        closed: closed.collect(),
        away: away.collect(),
        card: card_of(diary.post().clone(), diary.holder.as_ref().map(|held| held.charge)),
    }))
}
