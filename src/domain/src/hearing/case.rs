//! The number under which a grievance was filed, as its office writes it.

use std::fmt;

/// Longest number, in characters: that of a registration has eighteen digits, others have letters and strokes besides.
pub const CASE_NUMBER_CHARS_MAX: usize = 32;

/// The number of a case. Invariant: 1..=32 of `A-Z`, `0-9`, `-`, `/`, with a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseNumber(String);

impl CaseNumber {
    /// Reads a number; letters become large ones, and Devanagari digits Arabic ones.
    ///
    /// * returns: `None` for what is no number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| match c {
            '०'..='९' => char::from_digit(u32::from(c) - u32::from('०'), 10),
            c => c.is_ascii().then(|| c.to_ascii_uppercase()),
        };
        let number: String =
            text.trim().chars().take(CASE_NUMBER_CHARS_MAX + 1).map(plain).collect::<Option<_>>()?;
        let is_number = number.len() <= CASE_NUMBER_CHARS_MAX
            && number.bytes().any(|b| b.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/'));
        is_number.then_some(Self(number))
    }

    /// The number as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_is_letters_digits_and_strokes() {
        let read = |text| CaseNumber::parse(text).map(|number| number.to_string());
        assert_eq!(read(" es26-004217 ").as_deref(), Some("ES26-004217"));
        assert_eq!(read("५०४११०१२६").as_deref(), Some("504110126"));
        assert_eq!(read("17/2026").as_deref(), Some("17/2026"));
        for wrong in ["", "ABC", "=1+1", "12 34", "1\u{202E}2", "प-1", &"1".repeat(33)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
