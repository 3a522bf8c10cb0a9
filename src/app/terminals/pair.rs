//! A machine that nobody knows yet shows a code, which whoever looks after the machines types.

use std::net::IpAddr;

use domain::terminal::CODE_DIGITS;
use jiff::{SignedDuration, Timestamp};

use super::PublicKey;
use crate::app::Desk;
use crate::app::desk::{from_store, settled};
use crate::limits;
use crate::store::terminal::PairingRow;
use crate::store::{StoreError, attempt, terminal};

/// A code to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its digits.
    pub code: String,
    /// The key's fingerprint, of whose beginning the screen shows the mark.
    pub fingerprint: String,
    /// When the next one is asked for.
    pub until: Timestamp,
}

/// Why no code is given.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// That is no key.
    #[error("that is no key of P-256")]
    NoKey,
    /// The key is or was a terminal's.
    #[error("the key is known")]
    Known,
    /// Too many from this address, or in all.
    #[error("too many show a code at this time")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(PairError);

/// The secret under which codes are hashed.
pub(super) const SEALED_AS: &str = "terminal-code";

/// Lets a key wait under a fresh code, which lives for some minutes and is good once.
///
/// * `from`: whoever asks, of whom nothing is kept but how often he did, under a keyed hash.
///
/// # Errors
/// [`PairError`].
pub async fn begin(desk: &Desk, public_key: &str, from: IpAddr) -> Result<Code, PairError> {
    let key = PublicKey::read(public_key).ok_or(PairError::NoKey)?;
    settled(|| once(desk, &key, from)).await
}

async fn once(desk: &Desk, key: &PublicKey, from: IpAddr) -> Result<Code, PairError> {
    let (now, link_key) = (desk.now(), &desk.settings.link_key);
    let mut tx = desk.store.write().await?;
    let window = now + SignedDuration::from_mins(limits::ATTEMPT_WINDOW_MINUTES);
    let subject = link_key.sealed("terminal-pairing", &from.to_string());
    if attempt::count(&mut tx, &subject, window, now).await? > limits::TERMINAL_PAIRINGS_PER_ADDRESS_MAX {
        return Err(PairError::TooMany);
    }
    let fingerprint = key.fingerprint();
    if terminal::by_key(&mut tx, &fingerprint).await?.is_some() {
        return Err(PairError::Known);
    }
    if terminal::still_waiting(&mut tx, now).await? >= limits::TERMINAL_PAIRINGS_MAX {
        return Err(PairError::TooMany);
    }
    let code = fresh_code(desk);
    let until = now + SignedDuration::from_mins(limits::TERMINAL_CODE_MINUTES);
    let row = PairingRow { public_key: key.text().to_owned(), fingerprint: fingerprint.clone() };
    terminal::wait(&mut tx, &row, (&link_key.sealed(SEALED_AS, &code), until)).await?;
    tx.commit().await?;
    Ok(Code { code, fingerprint, until })
}

/// Eight digits, each equally likely.
fn fresh_code(desk: &Desk) -> String {
    let (first, last) = (desk.random.six_digits(), desk.random.six_digits() % 100);
    let code = format!("{first:06}{last:02}");
    debug_assert_eq!(code.len(), CODE_DIGITS);
    code
}
