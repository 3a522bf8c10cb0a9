//! Terminals of seats: the machine of a chamber or a hall, known by a key of its own. What it signs, what it shows, and why
//! it is not let in.
//!
//! Pure. The key never leaves the machine's browser; here are only words about it.

use crate::hotline::Device;
use crate::office::coded;
use serde::{Deserialize, Serialize};

coded! {
    /// Why a terminal is not let in.
    Refusal {
        /// No terminal has this key: it shows a code and waits to be enrolled.
        Unknown = "unknown",
        /// It was revoked; a new key may be enrolled again.
        Revoked = "revoked",
        /// Nobody holds its post.
        Vacant = "vacant",
        /// The question was answered before, is too old, or was never asked.
        Replayed = "replayed",
        /// The signature is not of this terminal's key, or of another page.
        Signature = "signature",
    }
}

/// Digits of the code that a terminal shows.
pub const CODE_DIGITS: usize = 8;
/// Characters of a key's mark, which a person compares: enough to tell two machines apart.
const MARK_CHARS: usize = 8;

/// The kinds of device that a terminal may be; the others are somebody's own, who signs in.
pub const DEVICES: [Device; 2] = [Device::Chamber, Device::Hall];

/// What a terminal signs: of which page, by which key, and the server's question.
///
/// * `origin`: of the page as the browser knows it, so that what was signed for another page is worth nothing here.
#[must_use]
pub fn signed_text(origin: &str, public_key: &str, challenge: &str) -> String {
    format!("sachivalaya terminal 1\n{origin}\n{public_key}\n{challenge}")
}

/// A code as it was typed, with spaces or in Devanagari digits; nothing for what cannot be one.
#[must_use]
pub fn code_of(typed: &str) -> Option<String> {
    let digit = |c: char| match c {
        '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10),
        other => Some(other),
    };
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').filter_map(digit).collect();
    (code.len() == CODE_DIGITS && code.bytes().all(|b| b.is_ascii_digit())).then_some(code)
}

/// The beginning of a key's fingerprint, in two groups.
#[must_use]
pub fn mark(fingerprint: &str) -> String {
    let start: Vec<char> = fingerprint.chars().take(MARK_CHARS).collect();
    start.chunks(MARK_CHARS / 2).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_eight_digits_however_they_are_grouped_or_written() {
        for typed in ["12345678", " 1234 5678 ", "1234-5678", "१२३४ ५६७८"] {
            assert_eq!(code_of(typed).as_deref(), Some("12345678"), "{typed}");
        }
        for typed in ["", "1234567", "123456789", "1234567a", "12345678' or 1=1", "१२३४५६७"] {
            assert_eq!(code_of(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_mark_is_short_enough_to_compare() {
        assert_eq!(mark("k7qm2xwp4hrd9tab"), "k7qm 2xwp");
        assert_eq!(mark(""), "");
    }
}
