//! A try of the path: a media connection to nobody, on which a browser or `doctor` sees what gets through.
//!
//! Each has a room of its own, so that no way leads from it to anybody: its data channel echoes, its sound and pictures
//! are counted and thrown away. Few at once, none for long, and no database.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use media::{ConnectError, MediaHandle, PeerId, RoomId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::pace::{Pace, Paces};
use crate::limits;

/// Rooms of tries: the upper half of all numbers, and meetings hash into the whole, so that one in 2⁶³ would meet another.
const ROOMS: u64 = 1 << 63;

/// Why a path cannot be tried now.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// This address tries too often.
    #[error("this address has tried as often as one needs")]
    TooMany,
    /// As many try as may at once, or the media plane is full.
    #[error("as many try their path as may at once")]
    Busy,
    /// The offer is at fault; a stable code says how.
    #[error("the offer cannot be answered: {0}")]
    Offer(&'static str),
}

/// Tries of the path. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Checks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    media: MediaHandle,
    places: Arc<Semaphore>,
    addresses: Paces<IpAddr>,
    count: AtomicU64,
}

impl Checks {
    /// Tries on this media plane.
    #[must_use]
    pub fn new(media: MediaHandle) -> Checks {
        let addresses = Paces::new(Pace {
            burst: limits::CHECKS_BURST,
            a_minute: limits::CHECKS_A_MINUTE,
            askers_max: limits::CHECK_ADDRESSES_MAX,
        });
        let places = Arc::new(Semaphore::new(limits::CHECKS_MAX));
        Checks(Arc::new(Inner { media, places, addresses, count: AtomicU64::new(0) }))
    }

    /// Answers an offer; the connection ends by itself.
    ///
    /// # Errors
    /// [`CheckError`].
    pub async fn answer(&self, from: IpAddr, offer: String, now: Timestamp) -> Result<String, CheckError> {
        if !self.0.addresses.lets(from, now) {
            return Err(CheckError::TooMany);
        }
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| CheckError::Busy)?;
        let room = RoomId(ROOMS | self.0.count.fetch_add(1, Ordering::Relaxed));
        let connected = self.0.media.connect(room, offer).await.map_err(|error| match &error {
            ConnectError::Offer(_) => CheckError::Offer(error.code()),
            _ => CheckError::Busy,
        })?;
        tokio::spawn(end(self.0.media.clone(), connected.peer, place));
        Ok(connected.answer)
    }
}

/// Ends a try when its time is over, and gives its place back as soon as it has ended by itself.
async fn end(media: MediaHandle, peer: PeerId, place: OwnedSemaphorePermit) {
    let gone = async {
        let mut look = tokio::time::interval(limits::CHECK_LOOK);
        while media.report(peer).await.is_some() {
            look.tick().await;
        }
    };
    if tokio::time::timeout(limits::CHECK_TIME_MAX, gone).await.is_err()
        && let Err(error) = media.remove(peer)
    {
        tracing::warn!(%error, "a try of the path ends when its browser is silent");
    }
    drop(place);
}
