//! Text that people give us: names, mobile numbers, mail addresses, subjects, in Devanagari and Latin script.
//!
//! Each type is parsed once at the edge and trusted afterwards. Nothing is dropped silently: what may not be kept is
//! refused with an error that the page can name. Folding for search is in `text/search.rs` and never changes what is stored.

mod file_number;
mod group_name;
mod order;
mod search;
mod suggest;

pub use file_number::{FILE_NUMBER_CHARS_MAX, FileNumber};
pub use group_name::{GROUP_NAME_CHARS_MAX, GroupName};
pub use order::{ORDER_CHARS_MAX, OrderText};
pub use search::{Rank, matches, search_key};
pub use suggest::{Suggestion, folded_words, suggest};

use crate::notice::Language;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Longest name of a person, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// Longest subject of an appointment, in characters.
pub const SUBJECT_CHARS_MAX: usize = 200;
/// Longest remark of a meeting, in characters: a paragraph, for what is longer is a letter.
pub const REMARK_CHARS_MAX: usize = 500;
/// Longest noting of an office, in characters: what is said of one matter in a breath or two.
pub const NOTING_CHARS_MAX: usize = 300;
/// Longest mail address, in octets. Source: RFC 5321 §4.5.3.1.3 less the angle brackets.
pub const MAIL_OCTETS_MAX: usize = 254;
/// Longest part before the `@`, in octets. Source: RFC 5321 §4.5.3.1.1.
const MAIL_LOCAL_OCTETS_MAX: usize = 64;
/// Longest label of a domain name, in octets. Source: RFC 1035 §2.3.4.
const MAIL_LABEL_OCTETS_MAX: usize = 63;
/// Digits of an Indian mobile number without the country's code.
const MOBILE_DIGITS: usize = 10;
/// Demo numbers begin so; no telephone has such a number.
const DEMO_MOBILE_PREFIX: &str = "00000";

/// One text in both languages of the house.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Bilingual {
    /// Hindi.
    pub hi: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Both texts together.
    pub fn new(hi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { hi: hi.into(), en: en.into() }
    }

    /// The text in one language; the other one where that is empty.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        let (first, second) = match language {
            Language::Hindi => (&self.hi, &self.en),
            Language::English => (&self.en, &self.hi),
        };
        if first.is_empty() { second } else { first }
    }
}

/// Why a name or subject is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// More characters than the field holds.
    #[error("the text is longer than {chars_max} characters")]
    TooLong {
        /// The field's bound.
        chars_max: usize,
    },
    /// A control character or one that turns the direction of writing round.
    #[error("the text holds a character that may not stand in it: U+{:04X}", u32::from(*.found))]
    Forbidden {
        /// The first such character.
        found: char,
    },
    /// Neither a letter nor a digit.
    #[error("the text holds no letter")]
    NoLetter,
}

impl TextError {
    /// Stable code; the page's words for it stand in the locales.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TextError::Empty => "empty",
            TextError::TooLong { .. } => "too-long",
            TextError::Forbidden { .. } => "forbidden-character",
            TextError::NoLetter => "no-letter",
        }
    }
}

/// Why a mobile number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MobileError {
    /// Nothing given.
    #[error("no number")]
    Empty,
    /// Something other than digits, spaces, hyphens, brackets and one leading plus.
    #[error("the number holds something that is not a digit")]
    NotDigits,
    /// Not ten digits after the country's code.
    #[error("a mobile number has {MOBILE_DIGITS} digits")]
    WrongLength,
    /// Ten digits that no Indian mobile begins with, or another country's code.
    #[error("not an Indian mobile number")]
    NotIndianMobile,
}

impl MobileError {
    /// Stable code; the page's words for it stand in the locales.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            MobileError::Empty => "empty",
            MobileError::NotDigits => "not-digits",
            MobileError::WrongLength => "wrong-length",
            MobileError::NotIndianMobile => "not-indian-mobile",
        }
    }
}

/// Why a mail address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MailError {
    /// Nothing given.
    #[error("no address")]
    Empty,
    /// More than [`MAIL_OCTETS_MAX`] octets.
    #[error("the address is too long")]
    TooLong,
    /// No `name@domain.example` in the characters that every mail server takes.
    #[error("not a mail address")]
    Malformed,
}

impl MailError {
    /// Stable code; the page's words for it stand in the locales.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            MailError::Empty => "empty",
            MailError::TooLong => "too-long",
            MailError::Malformed => "malformed",
        }
    }
}

macro_rules! parsed_text {
    ($name:ident, $error:ty) => {
        impl $name {
            /// The text as it is stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                Self::parse(&text)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

/// A person's name as that person writes it. Invariant: NFC, trimmed, 1..=80 characters, a letter among them,
/// no control character, no line break, no override of the writing direction. ZWJ and ZWNJ are kept: they shape conjuncts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`NAME_CHARS_MAX`], forbidden characters, or nothing that is a letter.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let name = plain_line(text, NAME_CHARS_MAX)?;
        if !name.chars().any(char::is_alphabetic) {
            return Err(TextError::NoLetter);
        }
        Ok(Self(name))
    }
}
parsed_text!(PersonName, TextError);

/// What a citizen wants to talk about, one line. Invariant: NFC, trimmed, 1..=200 characters, no controls;
/// line breaks and tabs of the form's field have become spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

impl Subject {
    /// Reads a subject.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`SUBJECT_CHARS_MAX`], forbidden characters, or neither letter nor digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let one_line = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        said_line(&one_line, SUBJECT_CHARS_MAX).map(Self)
    }
}
parsed_text!(Subject, TextError);

/// What somebody writes in a meeting: a line of its talk or of its captions. Invariant: NFC, trimmed, 1..=500 characters, no
/// controls; line breaks and tabs have become spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Remark(String);

impl Remark {
    /// Reads a remark.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`REMARK_CHARS_MAX`], or forbidden characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let one_line = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        plain_line(&one_line, REMARK_CHARS_MAX).map(Self)
    }
}
parsed_text!(Remark, TextError);

/// What an office writes down about one matter, one line: a direction, the note of a move, a reason in words.
/// Invariant: as [`Subject`], 1..=300 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Noting(String);

impl Noting {
    /// Reads a noting.
    ///
    /// # Errors
    /// [`TextError`]: empty, longer than [`NOTING_CHARS_MAX`], forbidden characters, or neither letter nor digit.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let one_line = text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        let noting = plain_line(&one_line, NOTING_CHARS_MAX)?;
        if !noting.chars().any(char::is_alphanumeric) {
            return Err(TextError::NoLetter);
        }
        Ok(Self(noting))
    }
}
parsed_text!(Noting, TextError);

/// An Indian mobile number. Invariant: `+91` and ten ASCII digits, the first of them 6–9, or a demo number `+9100000…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobile(String);

impl Mobile {
    /// Reads a number as people write it: with `+91`, `91` or `0` before it or not, with spaces, hyphens and brackets,
    /// in ASCII or Devanagari digits.
    ///
    /// # Errors
    /// [`MobileError`], one variant for each thing a person can mend.
    pub fn parse(text: &str) -> Result<Self, MobileError> {
        let (digits, has_plus) = mobile_digits(text)?;
        let national = if has_plus {
            digits.strip_prefix("91").ok_or(MobileError::NotIndianMobile)?
        } else {
            match digits.len() {
                11 => digits.strip_prefix('0').ok_or(MobileError::WrongLength)?,
                12 => digits.strip_prefix("91").ok_or(MobileError::NotIndianMobile)?,
                14 => digits.strip_prefix("0091").ok_or(MobileError::NotIndianMobile)?,
                _ => &digits,
            }
        };
        if national.len() != MOBILE_DIGITS {
            return Err(MobileError::WrongLength);
        }
        let is_mobile =
            national.starts_with(['6', '7', '8', '9']) || national.starts_with(DEMO_MOBILE_PREFIX);
        if !is_mobile {
            return Err(MobileError::NotIndianMobile);
        }
        Ok(Self(format!("+91{national}")))
    }

    /// In two groups, as it is read back to its owner: `98765 43210`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let national = &self.0[3..];
        format!("{} {}", &national[..5], &national[5..])
    }

    /// With the middle hidden, for a page that somebody else may look at: `98••• ••210`.
    #[must_use]
    pub fn masked(&self) -> String {
        let national = &self.0[3..];
        format!("{}••• ••{}", &national[..2], &national[7..])
    }

    /// The last four digits, for a check that does not show the number.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}
parsed_text!(Mobile, MobileError);

/// A mail address that can stand in a header, an SMTP command and a calendar line as it is.
/// Invariant: ASCII, ≤ 254 octets, a dot-atom before the `@` and a domain of at least two labels, in lower case, after it.
/// Source: RFC 5321 §4.1.2 without quoted strings and address literals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

impl MailAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// [`MailError`]: empty, too long, or not of the form that every server takes.
    pub fn parse(text: &str) -> Result<Self, MailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MailError::Empty);
        }
        if text.len() > MAIL_OCTETS_MAX {
            return Err(MailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(MailError::Malformed)?;
        if !is_dot_atom(local) || !is_host_name(domain) {
            return Err(MailError::Malformed);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}
parsed_text!(MailAddress, MailError);

/// A plain line that says something: it has a letter or a digit.
fn said_line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let line = plain_line(text, chars_max)?;
    if line.chars().any(char::is_alphanumeric) { Ok(line) } else { Err(TextError::NoLetter) }
}

/// One line of plain text: trimmed, NFC, bounded, without controls and overrides of the writing direction.
fn plain_line(text: &str, chars_max: usize) -> Result<String, TextError> {
    let line: String = text.trim().nfc().collect();
    if line.is_empty() {
        return Err(TextError::Empty);
    }
    if line.chars().count() > chars_max {
        return Err(TextError::TooLong { chars_max });
    }
    match line.chars().find(|c| is_forbidden(*c)) {
        Some(found) => Err(TextError::Forbidden { found }),
        None => Ok(line),
    }
}

/// C0, DEL and C1 controls, line and paragraph separators, overrides and isolates of the writing direction, the byte
/// order mark and what is no character. Source: Unicode UAX #9 for the overrides; marks that only hint (LRM, RLM) may stay.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
        || matches!(c, '\u{FDD0}'..='\u{FDEF}' | '\u{E0000}'..='\u{E007F}')
}

/// The ASCII digits of a number as typed, and whether a plus stood before them.
fn mobile_digits(text: &str) -> Result<(String, bool), MobileError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(MobileError::Empty);
    }
    let (has_plus, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits = String::with_capacity(16);
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '०'..='९' => digits.push(char::from(b'0' + (u32::from(c) - u32::from('०')) as u8)),
            ' ' | '\u{A0}' | '-' | '(' | ')' | '.' | '\u{2010}'..='\u{2013}' => {}
            _ => return Err(MobileError::NotDigits),
        }
        if digits.len() > 14 {
            return Err(MobileError::WrongLength);
        }
    }
    Ok((digits, has_plus))
}

/// Letters, digits and the marks of RFC 5322 §3.2.3, with single dots between them.
fn is_dot_atom(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= MAIL_LOCAL_OCTETS_MAX && local.split('.').all(is_atom)
}

/// At least two labels of letters, digits and inner hyphens.
fn is_host_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAIL_LABEL_OCTETS_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
