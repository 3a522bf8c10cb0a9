//! The text of an order: what a hearing decides, in as many lines as it needs.

use super::{TextError, plain_line};

/// Longest order of a hearing, in characters: a page in large type, which can be read aloud in five minutes.
pub const ORDER_CHARS_MAX: usize = 2_000;
/// Most lines of it.
const ORDER_LINES_MAX: usize = 60;

/// The text of an order. Invariant: 1..=2,000 characters in at most 60 lines, each of them plain, with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderText(String);

impl OrderText {
    /// Reads an order. Its lines stay; blank ones at both ends go.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`ORDER_CHARS_MAX`], forbidden characters, or neither letter nor digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let too_long = TextError::TooLong { chars_max: ORDER_CHARS_MAX };
        if text.len() > ORDER_CHARS_MAX * 8 {
            return Err(too_long);
        }
        let whole = text.trim().replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
        let mut lines = Vec::new();
        for line in whole.split('\n') {
            lines.push(match plain_line(line, ORDER_CHARS_MAX) {
                Err(TextError::Empty) => String::new(),
                read => read?,
            });
        }
        let whole = lines.join("\n");
        if whole.chars().count() > ORDER_CHARS_MAX || lines.len() > ORDER_LINES_MAX {
            return Err(too_long);
        }
        match whole.chars().any(char::is_alphanumeric) {
            true => Ok(Self(whole)),
            false if whole.is_empty() => Err(TextError::Empty),
            false => Err(TextError::NoLetter),
        }
    }

    /// The text as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn an_order_keeps_its_lines_and_says_something() {
        let order = OrderText::parse("  1. सूची में नाम जोड़ें।\r\n\r\n2. प्रतिवेदन दें।\n ").unwrap();
        assert_eq!(order.as_str(), "1. सूची में नाम जोड़ें।\n\n2. प्रतिवेदन दें।");
        assert_eq!(OrderText::parse(" \n "), Err(TextError::Empty));
        assert_eq!(OrderText::parse("—\n—"), Err(TextError::NoLetter));
        assert!(matches!(OrderText::parse("क\u{202E}ख"), Err(TextError::Forbidden { .. })));
        assert!(OrderText::parse(&"क".repeat(ORDER_CHARS_MAX)).is_ok());
        let long = TextError::TooLong { chars_max: ORDER_CHARS_MAX };
        assert_eq!(OrderText::parse(&"क".repeat(ORDER_CHARS_MAX + 1)), Err(long));
        assert_eq!(OrderText::parse(&"क\n".repeat(61)), Err(long));
    }
}
