//! Tokens: 80-bit link tokens derived from the installation's key, and random session tokens.
//!
//! Only hashes are stored. A link token is the same whenever it is made again, so a later notice can
//! carry the same link without the token having been kept.

use aws_lc_rs::hmac;
use domain::id::{AppointmentId, InviteId, base32};
use sha2::{Digest, Sha256};

use crate::clock::Random;

/// Bits of a link token: 16 characters of base 32.
const LINK_BYTES: usize = 10;
/// Longest token that is even looked at.
const TOKEN_CHARS_MAX: usize = 64;

/// What a link is for; a token for one purpose opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The slip: read, move, cancel, answer a proposal.
    Slip,
    /// The door of the meeting.
    Door,
}

impl Purpose {
    /// The stable word in the row.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::Door => "door",
        }
    }
}

/// The installation's secret, from which link tokens and code hashes are made.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

impl LinkKey {
    /// The key of 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The link token of an appointment for a purpose: 16 characters, 80 bits.
    #[must_use]
    pub fn link(&self, purpose: Purpose, appointment: &AppointmentId) -> String {
        let tag = hmac::sign(&self.0, format!("link|{}|{appointment}", purpose.code()).as_bytes());
        base32(&tag.as_ref()[..LINK_BYTES])
    }

    /// The link token of one seat of those who come together.
    #[must_use]
    pub fn seat_link(&self, appointment: &AppointmentId, seat: u32) -> String {
        let tag = hmac::sign(&self.0, format!("seat|{appointment}|{seat}").as_bytes());
        base32(&tag.as_ref()[..LINK_BYTES])
    }

    /// The link token of somebody who was asked in to a meeting.
    #[must_use]
    pub fn invite_link(&self, invite: &InviteId) -> String {
        let tag = hmac::sign(&self.0, format!("invite|{invite}").as_bytes());
        base32(&tag.as_ref()[..LINK_BYTES])
    }

    /// 32 secret bytes for one purpose; always the same ones.
    #[must_use]
    pub fn derived(&self, what: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.0, format!("derived|{what}").as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// The key of the relay's credentials.
    #[must_use]
    pub fn relay_secret(&self) -> [u8; 32] {
        self.derived("relay")
    }

    /// The signature of a pass's text.
    #[must_use]
    pub fn signature(&self, text: &str) -> Vec<u8> {
        hmac::sign(&self.0, format!("pass|{text}").as_bytes()).as_ref().to_vec()
    }

    /// Whether `signature` is that of a pass's text; takes the same time for every wrong one.
    #[must_use]
    pub fn is_signature(&self, text: &str, signature: &[u8]) -> bool {
        hmac::verify(&self.0, format!("pass|{text}").as_bytes(), signature).is_ok()
    }

    /// A keyed hash of a short secret, so that a stolen database does not give six digits away to a table.
    #[must_use]
    pub fn sealed(&self, what: &str, secret: &str) -> String {
        data_encoding::HEXLOWER.encode(hmac::sign(&self.0, format!("{what}|{secret}").as_bytes()).as_ref())
    }
}

/// The hash under which a token stands in a row. `None` for what cannot be a token.
#[must_use]
pub fn hash(token: &str) -> Option<String> {
    let fits = !token.is_empty()
        && token.len() <= TOKEN_CHARS_MAX
        && token.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| data_encoding::HEXLOWER.encode(&Sha256::digest(token.to_ascii_lowercase().as_bytes())))
}

/// A fresh token of 160 random bits and the hash to store.
#[must_use]
pub fn fresh(random: Random) -> (String, String) {
    let token = base32(&random.bytes::<20>());
    let hash = hash(&token).expect("a token of our own is a token");
    (token, hash)
}
