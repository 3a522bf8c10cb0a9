//! Identifiers: one newtype a noun, made by one macro, parsed at the edge and trusted afterwards.
//!
//! Never a bare `String` past the edge, and never a meaning read out of an id.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest accepted identifier, in bytes: room for a readable demo id, short enough for a log line.
pub const ID_BYTES_MAX: usize = 40;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("an id is empty")]
    Empty,
    /// Longer than [`ID_BYTES_MAX`].
    #[error("an id is longer than {ID_BYTES_MAX} bytes")]
    TooLong,
    /// A character outside `a-z`, `0-9` and `-`.
    #[error("an id has a character outside a-z, 0-9 and -")]
    Character,
}

fn checked(text: &str) -> Result<String, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong);
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(IdError::Character);
    }
    Ok(text.to_owned())
}

/// Crockford's alphabet in lower case: no `i`, `l`, `o`, `u`, so an id survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Base-32 text of some bytes, five bits a character, most significant first.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    let (mut held, mut bits, mut text) = (0u32, 0u32, String::with_capacity(bytes.len() * 8 / 5 + 1));
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

fn fresh(now: Timestamp, random: [u8; 10]) -> String {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&now.as_millisecond().to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random);
    base32(&bytes)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Invariant: 1..=40 bytes of `a-z`, `0-9`, `-`.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id that came from outside.
            ///
            /// # Errors
            /// [`IdError`] when it is empty, too long or has a strange character.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// Makes a new id: 48 bits of Unix milliseconds, then 80 random bits.
            ///
            /// The order of time, as in UUID version 7 (RFC 9562, section 5.7), keeps what is written together side by
            /// side in an index; nobody reads the time out of it again.
            #[must_use]
            pub fn fresh(now: Timestamp, random: [u8; 10]) -> Self {
                Self(fresh(now, random))
            }

            /// The id that stands for 128 bits derived elsewhere.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(base32(&bytes))
            }

            /// The text as it stands in rows and URLs.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

id! {
    /// A body: department, board, district, office of a minister.
    BodyId;
    /// A post: the seat that holds rights, diary, rooms and hotline.
    PostId;
    /// A person who holds posts.
    PersonId;
    /// An appointment, from hold to end; its place in the queue and its call hang on it.
    AppointmentId;
    /// A citizen who booked.
    CitizenId;
    /// A meeting (a media room with a door).
    MeetingId;
    /// A question over the hotline, asked of one seat or many.
    QuestionId;
    /// A word that was left to a post.
    WordId;
    /// A group of seats that a post has made for itself.
    OwnGroupId;
    /// One call on the hotline.
    CallId;
    /// A staff login.
    UserId;
    /// A session of a device.
    SessionId;
    /// A notice in the outbox.
    NoticeId;
    /// A pass with which a client from outside publishes or plays.
    PassId;
    /// One connection of a client from outside.
    OutsideId;
    /// An invitation to one meeting, of an interpreter, a helper or a hall.
    InviteId;
    /// A recording of a meeting.
    RecordingId;
    /// A draw for wanted times.
    DrawId;
    /// An absence of a post's officer, and the displacement that came with it.
    AbsenceId;
    /// A switch of a scope's meetings to video.
    EmergencyId;
    /// A time that became free and rests.
    FreedId;
    /// A direction: what an office has been told to do.
    DirectionId;
    /// A small file that was handed in: a voice note.
    FileId;
    /// A report of abuse, or of money that was asked for.
    ReportId;
    /// A terminal of a seat: the machine of a chamber or a hall.
    TerminalId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_to_its_alphabet_and_length() {
        assert!(PostId::parse("sec-hlt").is_ok());
        assert_eq!(PostId::parse(""), Err(IdError::Empty));
        assert_eq!(PostId::parse("SEC"), Err(IdError::Character));
        assert_eq!(PostId::parse("a b"), Err(IdError::Character));
        assert_eq!(PostId::parse(&"a".repeat(41)), Err(IdError::TooLong));
    }

    #[test]
    fn a_fresh_id_is_26_characters_and_parses_back() {
        let id = CallId::fresh(Timestamp::MAX, [255; 10]);
        assert_eq!(id.as_str().len(), 26);
        assert_eq!(CallId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn ids_stand_in_the_order_in_which_they_were_made() {
        let at = |ms| CallId::fresh(Timestamp::from_millisecond(ms).unwrap_or_default(), [255; 10]);
        assert!(at(0) < at(1));
        assert!(at(0xffff) < at(0x1_0000));
    }
}
