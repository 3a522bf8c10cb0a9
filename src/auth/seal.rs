//! Sealing: text that only whoever gives the same words again can read, whatever becomes of the database.
//!
//! AES-256-GCM with a fresh nonce. The key is made from the installation's secret and the words; it is never stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::{BASE64, HEXLOWER};

use super::token::LinkKey;
use crate::clock::Random;

/// Seals and opens under one key.
pub struct Seal(LessSafeKey);

impl Seal {
    /// The seal of some words for a purpose.
    #[must_use]
    pub fn of(key: &LinkKey, purpose: &str, words: &str) -> Self {
        let secret = HEXLOWER.decode(key.sealed(purpose, words).as_bytes()).expect("a hash is hexadecimal");
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &secret).expect("a hash has 32 bytes")))
    }

    /// The text, sealed, as base 64.
    #[must_use]
    pub fn close(&self, text: &str, random: Random) -> String {
        let nonce = random.bytes::<NONCE_LEN>();
        let mut sealed = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .expect("an answer is shorter than what may be sealed at once");
        BASE64.encode(&[nonce.as_slice(), &sealed].concat())
    }

    /// The text again; `None` when other words closed it, or somebody changed it.
    #[must_use]
    pub fn open(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).ok()?, sealed.to_vec());
        let text = self.0.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_words_of_the_same_house_open_a_seal() {
        let (here, elsewhere) = (LinkKey::new(&[7; 32]), LinkKey::new(&[8; 32]));
        let closed = Seal::of(&here, "answer", "key one").close("{\"token\":\"secret\"}", Random);
        assert!(!closed.contains("secret"));
        assert_eq!(
            Seal::of(&here, "answer", "key one").open(&closed).as_deref(),
            Some("{\"token\":\"secret\"}")
        );
        assert_eq!(Seal::of(&here, "answer", "key two").open(&closed), None);
        assert_eq!(Seal::of(&here, "other", "key one").open(&closed), None);
        assert_eq!(Seal::of(&elsewhere, "answer", "key one").open(&closed), None);
        assert_eq!(Seal::of(&here, "answer", "key one").open("AAAA"), None);
    }
}
