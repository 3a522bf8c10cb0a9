//! The draw for times that more people want than there are: committed to before anybody enters, revealed after, and
//! recomputed by anybody from what is published.
//!
//! A secret is chosen before the list opens, and only its digest is published. When the list is closed, the secret is
//! revealed together with a public word that nobody knew while the list was open (a figure from a newspaper of the day
//! after). The house can't choose the outcome: the secret was fixed before the entries, the word comes after them.
//! Whoever is not drawn stands on the waiting list in the same order.

use sha2::{Digest, Sha256};

/// Most entries of one draw: a district's whole list of a year.
pub const ENTRIES_MAX: usize = 100_000;
/// Longest public word, in bytes.
pub const WORD_BYTES_MAX: usize = 200;
/// Longest reference of an entry, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 40;

/// What is chosen before the list opens and told after it is closed. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// What is published before the list opens: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment(String);

/// Why there is no draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// The secret is not the one that was committed to.
    #[error("the secret is not the one that was committed to")]
    OtherSecret,
    /// More than [`ENTRIES_MAX`].
    #[error("a draw has at most {ENTRIES_MAX} entries")]
    TooMany,
    /// One person stands on the list twice.
    #[error("a reference is on the list twice")]
    Twice,
    /// A reference or the word is empty, too long or has a line break.
    #[error("a reference or the word is empty, too long or has a line break")]
    Malformed,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// From the caller's randomness.
    #[must_use]
    pub const fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads what [`Secret::reveal`] wrote; `None` for anything else.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// What is told once the list is closed: 64 hexadecimal digits.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// What is published before the list opens: the SHA-256 of the text that [`Secret::reveal`] gives.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment(hex(&Sha256::digest(self.reveal().as_bytes())))
    }
}

impl Commitment {
    /// Reads a published commitment.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let is_hex = hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| Self(hex.to_owned()))
    }

    /// Its 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The references in the order in which they are drawn: the first get the times, the others wait in this order.
///
/// Ascending by the SHA-256 of `secret ⏎ word ⏎ reference`, the secret as [`Secret::reveal`] gives it.
///
/// * `word`: what became known after the list was closed.
/// * `references`: the closed list, in any order.
///
/// # Errors
/// [`DrawError`]; then there is no order.
pub fn order(
    (committed, secret): (&Commitment, &Secret),
    word: &str,
    references: &[String],
) -> Result<Vec<String>, DrawError> {
    if secret.commitment() != *committed {
        return Err(DrawError::OtherSecret);
    }
    if references.len() > ENTRIES_MAX {
        return Err(DrawError::TooMany);
    }
    let is_sound = |text: &str, most: usize| !text.is_empty() && text.len() <= most && !text.contains('\n');
    if !is_sound(word, WORD_BYTES_MAX) || !references.iter().all(|r| is_sound(r, REFERENCE_BYTES_MAX)) {
        return Err(DrawError::Malformed);
    }
    let beginning = Sha256::new_with_prefix(format!("{}\n{word}\n", secret.reveal()));
    let mut drawn: Vec<([u8; 32], &String)> = references
        .iter()
        .map(|reference| (beginning.clone().chain_update(reference.as_bytes()).finalize().into(), reference))
        .collect();
    drawn.sort_unstable();
    if drawn.windows(2).any(|pair| pair[0].1 == pair[1].1) {
        return Err(DrawError::Twice);
    }
    Ok(drawn.into_iter().map(|(_, reference)| reference.clone()).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn entries(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("ES26-{n:06}")).collect()
    }

    fn secret(byte: u8) -> Secret {
        Secret::from_random([byte; 32])
    }

    #[test]
    fn a_draw_that_was_published_once_is_the_same_for_ever() {
        let secret = secret(7);
        assert_eq!(
            secret.commitment().as_str(),
            "1967c0fdaed0b8f2618d3b1f4a9f8541ed315505acc26f5a41f382da8bdd9954",
        );
        let drawn = order((&secret.commitment(), &secret), "83.41", &entries(5)).unwrap();
        assert_eq!(drawn.join(" "), "ES26-000001 ES26-000003 ES26-000004 ES26-000000 ES26-000002");
    }

    #[test]
    fn a_secret_other_than_the_committed_one_draws_nothing() {
        let error = order((&secret(1).commitment(), &secret(2)), "83.41", &entries(5));
        assert_eq!(error, Err(DrawError::OtherSecret));
    }

    #[test]
    fn nobody_is_on_the_list_twice_and_no_entry_can_look_like_two() {
        let (mine, word) = (secret(3), "83.41");
        let draw = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|one| (*one).to_owned()).collect();
            order((&mine.commitment(), &mine), word, &list)
        };
        assert_eq!(draw(&["a", "b", "a"]), Err(DrawError::Twice));
        assert_eq!(draw(&["a\nb"]), Err(DrawError::Malformed));
        assert_eq!(draw(&[""]), Err(DrawError::Malformed));
    }

    #[test]
    fn everybody_has_the_same_chance_of_being_first() {
        let entries = entries(10);
        let mut first = [0u32; 10];
        for day in 0..5_000 {
            let mine = secret((day % 251) as u8);
            let drawn = order((&mine.commitment(), &mine), &format!("day {day}"), &entries).unwrap();
            first[entries.iter().position(|entry| *entry == drawn[0]).unwrap()] += 1;
        }
        // Chi-square with nine degrees of freedom; 27.9 is passed by chance once in a thousand times.
        let chi: f64 = first.iter().map(|n| (f64::from(*n) - 500.0).powi(2) / 500.0).sum();
        assert!(chi < 27.9, "{first:?}");
    }

    proptest! {
        #[test]
        fn the_order_of_the_list_decides_nothing(count in 0usize..60, byte: u8, seed in any::<u64>()) {
            let (mine, list) = (secret(byte), entries(count));
            let mut shuffled = list.clone();
            shuffled.sort_by_key(|entry| entry.bytes().fold(seed, |hash, b| hash.rotate_left(9) ^ u64::from(b).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            let draw = |list: &[String]| order((&mine.commitment(), &mine), "word", list).unwrap();
            let drawn = draw(&list);
            prop_assert_eq!(&drawn, &draw(&shuffled));
            let mut all = drawn;
            all.sort();
            prop_assert_eq!(all, list);
        }

        #[test]
        fn a_revealed_secret_is_read_back(bytes: [u8; 32]) {
            let mine = Secret::from_random(bytes);
            prop_assert_eq!(Secret::parse(&mine.reveal()), Some(mine.clone()));
            prop_assert_eq!(Commitment::parse(mine.commitment().as_str()), Some(mine.commitment()));
        }
    }
}
