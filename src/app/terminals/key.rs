//! A terminal's key: a point of P-256, its fingerprint, and whether a signature is its own.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use domain::id::base32;
use sha2::{Digest, Sha256};

/// Bytes of an uncompressed point of P-256 (SEC 1 §2.3.3).
const POINT_BYTES: usize = 65;
/// Bytes of the fingerprint: nobody finds another key with it.
const FINGERPRINT_BYTES: usize = 20;

/// The public half of a terminal's key.
#[derive(Debug)]
pub struct PublicKey {
    text: String,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads a key as `exportKey("raw")` of a browser gives it, in base64url; nothing for what is no point of the curve.
    #[must_use]
    pub fn read(text: &str) -> Option<PublicKey> {
        if text.len() != POINT_BYTES.div_ceil(3) * 4 - 1 {
            return None;
        }
        let point =
            BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|point| point.len() == POINT_BYTES)?;
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?;
        Some(PublicKey { text: text.to_owned(), parsed })
    }

    /// The key as it stands in rows.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// By what it is called: base 32 of the beginning of its SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint_of(&self.text)
    }

    /// Whether `signature` (base64url, the two numbers side by side, IEEE P1363) is this key's of `text`.
    #[must_use]
    pub fn has_signed(&self, text: &str, signature: &str) -> bool {
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes());
        signature.is_ok_and(|signature| self.parsed.verify_sig(text.as_bytes(), &signature).is_ok())
    }
}

/// What a key is called, be it one or not: only a terminal's own is found by it.
pub(super) fn fingerprint_of(text: &str) -> String {
    base32(&Sha256::digest(text.as_bytes())[..FINGERPRINT_BYTES])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    #[test]
    fn a_key_knows_its_own_signatures_and_nothing_else_is_a_key() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let key = PublicKey::read(&BASE64URL_NOPAD.encode(&point)).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"text").unwrap();
        let signature = BASE64URL_NOPAD.encode(signature.as_ref());
        assert!(key.has_signed("text", &signature));
        assert!(!key.has_signed("texts", &signature));
        for wrong in ["", "a", "!!", &signature[2..], &"A".repeat(signature.len())] {
            assert!(!key.has_signed("text", wrong), "{wrong}");
        }
        let mut off_the_curve = point.clone();
        off_the_curve[64] ^= 1;
        let wrong =
            [vec![0; POINT_BYTES], vec![4; POINT_BYTES], off_the_curve, point[1..].to_vec(), Vec::new()];
        for wrong in wrong {
            assert!(PublicKey::read(&BASE64URL_NOPAD.encode(&wrong)).is_none(), "{wrong:?}");
        }
    }
}
