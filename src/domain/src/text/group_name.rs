//! What a post calls a group of seats that it has made for itself.

use super::{TextError, said_line};

/// Longest name of a group, in characters: a chip of the board on a telephone.
pub const GROUP_NAME_CHARS_MAX: usize = 40;

/// The name of a group. Invariant: NFC, trimmed, one line of 1..=40 characters, with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName(String);

impl GroupName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`GROUP_NAME_CHARS_MAX`], forbidden characters, or neither letter nor digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        said_line(text, GROUP_NAME_CHARS_MAX).map(Self)
    }

    /// The name as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
