//! Gate passes: what the QR code on a slip says, signed so that a gate can check it without a line to the server.
//!
//! A pass names one appointment in one version, one seat, one day and one post. Whether that version still stands, the
//! gate reads from the day's list. ECDSA over P-256, which browsers verify by themselves; the key comes from the
//! installation's link key, so nothing more has to be kept.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use aws_lc_rs::{agreement, signature};
use data_encoding::BASE64URL_NOPAD;
use domain::id::{AppointmentId, PostId};
use jiff::civil::Date;

use super::token::LinkKey;

/// Begins every gate pass, so that a later form can be told from this one.
const FORM: &str = "ES1";
/// Longest text that is even looked at: two ids, three numbers and a signature.
pub const GATE_PASS_CHARS_MAX: usize = 256;

/// What a gate pass says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatePass {
    /// The appointment.
    pub appointment: AppointmentId,
    /// Its SEQUENCE when the pass was made.
    pub sequence: u32,
    /// Which of those who come together; 0 is the one who booked.
    pub seat: u32,
    /// The day on which it is good.
    pub day: Date,
    /// Whom its bearer visits.
    pub post: PostId,
}

/// The key of this installation's gate passes.
#[derive(Debug)]
pub struct GateKey {
    pair: EcdsaKeyPair,
    public: Vec<u8>,
}

impl GateKey {
    /// The key that belongs to a link key; always the same one.
    ///
    /// # Panics
    /// Never in practice: a number of 256 bits is a key of this curve but once in four billion times, and then the next
    /// one is taken.
    #[must_use]
    pub fn of(link_key: &LinkKey) -> Self {
        (0u32..)
            .find_map(|n| Self::of_bytes(&link_key.derived(&format!("gate|{n}"))))
            .expect("one of the numbers is a key of the curve")
    }

    fn of_bytes(private: &[u8; 32]) -> Option<Self> {
        let point = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, private).ok()?;
        let public = point.compute_public_key().ok()?.as_ref().to_vec();
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, private, &public).ok()?;
        Some(Self { pair, public })
    }

    /// The public point, uncompressed: 65 bytes, as WebCrypto imports it raw.
    #[must_use]
    pub fn public_point(&self) -> &[u8] {
        &self.public
    }

    /// The text of a pass, for its QR code.
    ///
    /// # Panics
    /// Only if the operating system gives no random bytes.
    #[must_use]
    pub fn sealed(&self, pass: &GatePass) -> String {
        let GatePass { appointment, sequence, seat, day, post } = pass;
        let day = format!("{:04}{:02}{:02}", day.year(), day.month(), day.day());
        let text = format!("{FORM}.{appointment}.{sequence}.{seat}.{day}.{post}");
        let signed = self.pair.sign(&SystemRandom::new(), text.as_bytes());
        let signature = signed.expect("the operating system gives random bytes");
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    /// Reads a pass; `None` for what this installation has not signed.
    #[must_use]
    pub fn read(&self, shown: &str) -> Option<GatePass> {
        if shown.len() > GATE_PASS_CHARS_MAX {
            return None;
        }
        let (text, signature) = shown.rsplit_once('.')?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.public);
        verified(&key, text, &signature)?;
        let mut parts = text.split('.');
        if parts.next()? != FORM {
            return None;
        }
        let pass = GatePass {
            appointment: AppointmentId::parse(parts.next()?).ok()?,
            sequence: parts.next()?.parse().ok()?,
            seat: parts.next()?.parse().ok()?,
            day: day_of(parts.next()?)?,
            post: PostId::parse(parts.next()?).ok()?,
        };
        parts.next().is_none().then_some(pass)
    }
}

fn verified(key: &signature::UnparsedPublicKey<&Vec<u8>>, text: &str, signature: &[u8]) -> Option<()> {
    key.verify(text.as_bytes(), signature).ok()
}

fn day_of(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn pass() -> GatePass {
        GatePass {
            appointment: AppointmentId::parse("a1").unwrap(),
            sequence: 2,
            seat: 0,
            day: Date::constant(2026, 11, 24),
            post: PostId::parse("sec-hlt").unwrap(),
        }
    }

    #[test]
    fn a_pass_is_read_back_by_its_own_installation_and_by_no_other() {
        let key = GateKey::of(&LinkKey::new(&[7; 32]));
        let text = key.sealed(&pass());
        assert!(text.starts_with("ES1.a1.2.0.20261124.sec-hlt."), "{text}");
        assert_eq!(
            GateKey::of(&LinkKey::new(&[7; 32])).read(&text),
            Some(pass()),
            "the key is the same again"
        );
        assert_eq!(GateKey::of(&LinkKey::new(&[8; 32])).read(&text), None);
        assert_eq!(key.public_point().len(), 65);
    }

    #[test]
    fn a_pass_with_one_character_changed_is_none() {
        let key = GateKey::of(&LinkKey::new(&[7; 32]));
        let text = key.sealed(&pass());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(bytes).unwrap();
            // The last character of the signature carries four bits that are no part of it.
            assert!(other == text || key.read(&other).is_none(), "{other}");
        }
        assert_eq!(key.read(""), None);
        assert_eq!(key.read(&"x".repeat(10_000)), None);
    }
}
