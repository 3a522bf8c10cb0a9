//! Announcing a draw: its times are taken out of the diary, and the commitment is published before anybody can enter.

use domain::diary::{Appointment, AppointmentState, Slot};
use domain::id::{AppointmentId, DrawId, PostId};
use domain::notice::Language;
use domain::office::ist;
use jiff::{SignedDuration, Timestamp};

use super::secret_of;
use crate::app::desk::{from_store, settled};
use crate::app::diaries::Diary;
use crate::app::{Desk, hold};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Denied, Object, allows};
use crate::limits;
use crate::store::draw::{self, DrawRow};
use crate::store::{StoreError, claim};

/// Why there is no draw.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// Not this person's post.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such post, or nobody holds it.
    #[error("the post takes no bookings now")]
    Closed,
    /// No time was named, or more than may be drawn at once.
    #[error("one to {} times can be drawn at once", limits::DRAW_TIMES_MAX)]
    Count,
    /// Entries would be taken for no time, for too long, or until after the first time.
    #[error("entries must close before the first time, and within {} days", limits::DRAW_DAYS_MAX)]
    Closing,
    /// A time is not offered, or somebody has it.
    #[error("one of the times is not to be had")]
    NotFree,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(AnnounceError);

/// Announces a draw of these times of a post; entries are taken from now on.
///
/// # Errors
/// [`AnnounceError`]; nothing is kept then.
pub async fn announce(
    desk: &Desk,
    actor: &Actor,
    post: &PostId,
    (starts, closes_at): (&[Timestamp], Timestamp),
) -> Result<DrawId, AnnounceError> {
    allows(actor, Act::HoldDraw, &Object::Post(post.clone()))?;
    let now = desk.now();
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    starts.dedup();
    if starts.is_empty() || starts.len() > limits::DRAW_TIMES_MAX {
        return Err(AnnounceError::Count);
    }
    let longest = now + SignedDuration::from_hours(24 * limits::DRAW_DAYS_MAX);
    if closes_at <= now || closes_at > longest || closes_at >= starts[0] {
        return Err(AnnounceError::Closing);
    }
    let kept = desk.diaries.of(desk, post).await?.ok_or(AnnounceError::Closed)?;
    let diary = kept.diary();
    if !diary.is_bookable() {
        return Err(AnnounceError::Closed);
    }
    let slot = |start: &Timestamp| {
        let slot = Slot::starting(*start, diary.post().slot_minutes).ok()?;
        diary.supply().offer(slot, &ist()).map(|offer| offer.slot)
    };
    let times: Vec<Slot> = starts.iter().map(slot).collect::<Option<_>>().ok_or(AnnounceError::NotFree)?;
    settled(|| announce_once(desk, actor, diary, (&times, closes_at))).await
}

async fn announce_once(
    desk: &Desk,
    actor: &Actor,
    diary: &Diary,
    (times, closes_at): (&[Slot], Timestamp),
) -> Result<DrawId, AnnounceError> {
    let now = desk.now();
    let id = DrawId::fresh(now, desk.random.bytes());
    let until = closes_at + SignedDuration::from_hours(24 * limits::DRAW_DAYS_MAX);
    let keeper = Appointment {
        id: AppointmentId::fresh(now, desk.random.bytes()),
        post: diary.post().id.clone(),
        state: AppointmentState::Held,
        slot: times[0],
        proposed: Vec::new(),
        sequence: 0,
        hold_expires_at: Some(until),
    };
    let mut tx = desk.store.write().await?;
    let keeper = hold::write_down(desk, &mut tx, keeper, Language::Hindi).await?;
    for slot in times {
        if !claim::claim(&mut tx, &diary.claimant, (&keeper, *slot, Some(until)), now).await? {
            return Err(AnnounceError::NotFree);
        }
    }
    let row = DrawRow {
        commitment: secret_of(desk, &id).commitment(),
        post: diary.post().id.clone(),
        keeper,
        opens_at: now,
        closes_at,
        word: None,
        drawn_at: None,
        id,
    };
    draw::insert(&mut tx, &row, times, now).await?;
    let detail = format!("post={} times={} commitment={}", row.post, times.len(), row.commitment.as_str());
    let line = Line { by: actor.by(None), act: "draw.announce", object: row.id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(row.id)
}
