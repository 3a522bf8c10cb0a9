//! The number of a file of an office, as people write it: `स्वा-03/स्था-112/2026`. Nothing is read out of it.

use super::{TextError, said_line};

/// Longest number of a file, in characters: numbers of file systems have about thirty.
pub const FILE_NUMBER_CHARS_MAX: usize = 60;

/// The number of a file. Invariant: NFC, trimmed, one line of 1..=60 characters, with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNumber(String);

impl FileNumber {
    /// Reads a number.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`FILE_NUMBER_CHARS_MAX`], forbidden characters, or neither letter nor digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        said_line(text, FILE_NUMBER_CHARS_MAX).map(Self)
    }

    /// The number as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
