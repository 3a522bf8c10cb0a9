//! What a use case is handed: the store, the clock, chance, and what this installation is called.
//!
//! Cheap to clone. Holds no state of its own.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::diaries::Diaries;
use super::intake::Intake;
use crate::auth::token::LinkKey;
use crate::clock::{Clock, Random};
use crate::store::{Store, StoreError, Tx};

/// What this installation is called and how it behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach it, without a slash at the end: `https://es.example.in`.
    pub public_url: String,
    /// The host in calendar UIDs and mail: `es.example.in`.
    pub domain: String,
    /// The secret from which links and code hashes are made.
    pub link_key: LinkKey,
    /// Is this a demo? Then the outbox is shown and the doors of meetings stand open early.
    pub is_demo: bool,
    /// May passes name meetings that exist for outside clients only?
    pub has_outside_rooms: bool,
    /// Where recordings of meetings lie; without a folder none are offered.
    pub recordings: Option<PathBuf>,
    /// How long before its time the door of a meeting opens.
    pub door_opens_before: SignedDuration,
    /// How long after its end the door stays open.
    pub door_closes_after: SignedDuration,
}

/// The handle of every booking, screening and sign-in use case.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub random: Random,
    /// This installation.
    pub settings: Arc<Settings>,
    /// What posts offer, in memory.
    pub diaries: Diaries,
    /// Where new appointments are written down.
    pub intake: Intake,
}

impl Desk {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Is the database there?
    ///
    /// # Errors
    /// [`StoreError`] when it is not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// An act in the making: in whose house, in which transaction, at which moment.
pub(super) struct Deed<'a> {
    pub desk: &'a Desk,
    pub tx: &'a mut Tx,
    pub now: Timestamp,
}

/// An error that may come from a database which only asks to try again.
pub(crate) trait FromStore: From<StoreError> {
    /// The store's part of it, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

/// Tries a whole transaction again when the database asked for that (deadlock, serialization), with a bound.
pub(crate) async fn settled<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: FromStore,
    F: Future<Output = Result<T, E>>,
{
    let mut tries = 1;
    loop {
        match attempt().await {
            Err(error)
                if tries < crate::limits::TRANSACTION_TRIES_MAX
                    && error.store_error().is_some_and(StoreError::is_transient) =>
            {
                tries += 1;
            }
            settled => return settled,
        }
    }
}

/// `From<StoreError>` is derived by each error; this says where it went.
macro_rules! from_store {
    ($error:ident) => {
        impl $crate::app::desk::FromStore for $error {
            fn store_error(&self) -> Option<&$crate::store::StoreError> {
                match self {
                    Self::Store(error) => Some(error),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use from_store;
