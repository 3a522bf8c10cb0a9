//! Who may use the relay: credentials that carry their own end (draft-uberti-behave-turn-rest-00), and nonces that
//! carry theirs. Nothing is kept: both follow from the secret.

use std::net::SocketAddr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key, sign};
use data_encoding::{BASE64, HEXLOWER};
use rtc_dtls::crypto_provider::RTCCrypto;
use rtc_stun::integrity::MessageIntegrity;

use crate::core::limits::{CREDENTIAL_SECONDS_MAX, NONCE_SECONDS};
use crate::core::now::Now;
use crate::terms::RelayConfig;

/// Bytes of a nonce's proof.
const PROOF_BYTES: usize = 12;

/// What credentials and nonces are made of.
pub(super) struct Ticket {
    secret: [u8; 32],
    nonces: Key,
    realm: String,
}

/// A credential for the relay.
///
/// * `name`: whose it is; stands in the username, counts what one holder allocates.
/// * `until_unix_s`: when it ends, in seconds since 1970.
/// * returns: username and password.
#[must_use]
pub fn credentials(secret: &[u8; 32], name: &str, until_unix_s: u64) -> (String, String) {
    let username = format!("{until_unix_s}:{name}");
    let password = password(secret, &username);
    (username, password)
}

fn password(secret: &[u8; 32], username: &str) -> String {
    BASE64.encode(sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), username.as_bytes()).as_ref())
}

fn seconds(now: Now) -> u64 {
    now.us / 1_000_000
}

impl Ticket {
    pub(super) fn new(config: &RelayConfig) -> Ticket {
        let nonces = Key::new(HMAC_SHA256, &config.secret);
        Ticket { secret: config.secret, nonces, realm: config.realm.clone() }
    }

    pub(super) fn realm(&self) -> &str {
        &self.realm
    }

    /// The key of a credential that has not ended; one that ends too late was not made by us.
    pub(super) fn key(&self, username: &str, now: Now, crypto: &dyn RTCCrypto) -> Option<Vec<u8>> {
        let until: u64 = username.split_once(':')?.0.parse().ok()?;
        let left = until.checked_sub(seconds(now))?;
        if left == 0 || left > CREDENTIAL_SECONDS_MAX {
            return None;
        }
        let password = password(&self.secret, username);
        let (username, realm) = (username.to_owned(), self.realm.clone());
        MessageIntegrity::long_term_integrity_key(username, realm, password, crypto).ok()
    }

    /// A nonce for a client at this address.
    pub(super) fn nonce(&self, client: SocketAddr, now: Now) -> String {
        let until = seconds(now) + NONCE_SECONDS;
        format!("{until:x}-{}", HEXLOWER.encode(&self.proof(until, client)))
    }

    fn proof(&self, until: u64, client: SocketAddr) -> [u8; PROOF_BYTES] {
        let tag = sign(&self.nonces, format!("nonce|{until}|{client}").as_bytes());
        tag.as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Whether a nonce is ours, for this address, and not over.
    pub(super) fn is_fresh(&self, nonce: &str, client: SocketAddr, now: Now) -> bool {
        let read = || {
            let (until, proof) = nonce.split_once('-')?;
            let until = u64::from_str_radix(until, 16).ok()?;
            let proof = HEXLOWER.decode(proof.as_bytes()).ok()?;
            let is_ours = verify_slices_are_equal(&proof, &self.proof(until, client)).is_ok();
            Some(is_ours && until > seconds(now))
        };
        read().unwrap_or(false)
    }
}
