//! Passes: what a client from outside shows to publish into a meeting or to play it, as a bearer token.
//!
//! A pass is signed with the installation's key and carries everything that it allows, so that no row is read to
//! check it. It is never a cookie, and opens nothing but the one meeting that it names.

use data_encoding::BASE64URL_NOPAD;
use domain::id::{MeetingId, PassId};
use domain::text::PersonName;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::token::LinkKey;
use crate::limits;

/// Begins every pass, so that a later form can be told from this one.
const FORM: &str = "es1";
/// Longest pass that is even looked at: a name of eighty characters in four bytes each, twice over for its coding.
const PASS_CHARS_MAX: usize = 1_024;

/// What a pass lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Be seen and heard in the meeting.
    Publish,
    /// See and hear the meeting.
    Play,
}

impl Right {
    /// The stable word in passes, rows and on the command line.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Play => "play",
        }
    }
}

/// What a bearer was let in with. Invariant: signed by this installation, or made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// Names it in the audit chain.
    pub id: PassId,
    /// The one meeting that it opens.
    pub meeting: MeetingId,
    /// What it lets its bearer do there.
    pub may: Right,
    /// What the others inside call its bearer; a plain word when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// Unix seconds after which it opens nothing.
    until: i64,
}

/// Why a text is not a good pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// Not a pass, or one that somebody else signed.
    #[error("this is not a pass of this installation")]
    Foreign,
    /// It was good until a while ago.
    #[error("the pass has expired")]
    Expired,
}

/// Why a pass cannot be good for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pass is good for one second to {} hours", limits::PASS_HOURS_MAX)]
pub struct BadSpan;

impl Pass {
    /// A new pass that is good for `span` from now on.
    ///
    /// # Errors
    /// [`BadSpan`].
    pub fn new(
        id: PassId,
        (meeting, may): (MeetingId, Right),
        name: Option<PersonName>,
        (now, span): (Timestamp, SignedDuration),
    ) -> Result<Pass, BadSpan> {
        let bounds = SignedDuration::from_secs(1)..=SignedDuration::from_hours(limits::PASS_HOURS_MAX);
        if !bounds.contains(&span) {
            return Err(BadSpan);
        }
        Ok(Pass { id, meeting, may, name, until: (now + span).as_second() })
    }

    /// Whether it opens nothing any more.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.as_second() >= self.until
    }

    /// The bearer token: `es1.…`, letters, digits, `-`, `_` and dots.
    #[must_use]
    pub fn sealed(&self, key: &LinkKey) -> String {
        let content = serde_json::to_vec(self).expect("a pass is plain text and numbers");
        let text = format!("{FORM}.{}", BASE64URL_NOPAD.encode(&content));
        let signature = BASE64URL_NOPAD.encode(&key.signature(&text));
        format!("{text}.{signature}")
    }

    /// Reads a bearer token.
    ///
    /// # Errors
    /// [`PassError`].
    pub fn read(token: &str, key: &LinkKey, now: Timestamp) -> Result<Pass, PassError> {
        let pass = signed(token, key).ok_or(PassError::Foreign)?;
        if pass.has_expired(now) { Err(PassError::Expired) } else { Ok(pass) }
    }
}

/// The content of a token that this installation signed. What is not signed is not parsed.
fn signed(token: &str, key: &LinkKey) -> Option<Pass> {
    if token.len() > PASS_CHARS_MAX {
        return None;
    }
    let (text, signature) = token.rsplit_once('.')?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    if !key.is_signature(text, &signature) {
        return None;
    }
    let content = text.strip_prefix(FORM)?.strip_prefix('.')?;
    serde_json::from_slice(&BASE64URL_NOPAD.decode(content.as_bytes()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pass(name: Option<&str>) -> Pass {
        let id = PassId::parse("pass-1").unwrap();
        let meeting = MeetingId::parse("studio").unwrap();
        let name = name.map(|name| PersonName::parse(name).unwrap());
        Pass::new(id, (meeting, Right::Publish), name, (at(1_000), SignedDuration::from_secs(60))).unwrap()
    }

    #[test]
    fn a_pass_is_read_back_by_the_installation_that_signed_it() {
        let key = LinkKey::new(&KEY);
        for name in [None, Some("स्टूडियो १"), Some(&*"क्षि".repeat(20))] {
            let pass = pass(name);
            let token = pass.sealed(&key);
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{token}");
            assert_eq!(Pass::read(&token, &key, at(1_001)), Ok(pass));
        }
    }

    #[test]
    fn a_pass_ends_on_its_second() {
        let key = LinkKey::new(&KEY);
        let token = pass(None).sealed(&key);
        assert!(Pass::read(&token, &key, at(1_059)).is_ok());
        assert_eq!(Pass::read(&token, &key, at(1_060)), Err(PassError::Expired));
    }

    #[test]
    fn another_key_a_changed_byte_and_a_cut_make_a_pass_worthless() {
        let key = LinkKey::new(&KEY);
        let token = pass(Some("Studio")).sealed(&key);
        let other = LinkKey::new(&[8; 32]);
        assert_eq!(Pass::read(&token, &other, at(1_001)), Err(PassError::Foreign));
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last character holds two bits that mean nothing; a coding that sets them is refused, too.
            assert_eq!(Pass::read(&changed, &key, at(1_001)), Err(PassError::Foreign), "{place}");
            assert_eq!(Pass::read(&token[..place], &key, at(1_001)), Err(PassError::Foreign), "{place}");
        }
        assert_eq!(Pass::read(&"x".repeat(100_000), &key, at(1_001)), Err(PassError::Foreign));
    }

    #[test]
    fn a_pass_is_neither_for_no_time_nor_for_ever() {
        for span in [0, -1, limits::PASS_HOURS_MAX * 3_600 + 1] {
            let id = PassId::parse("pass-1").unwrap();
            let meeting = MeetingId::parse("studio").unwrap();
            let span = SignedDuration::from_secs(span);
            let made = Pass::new(id, (meeting, Right::Play), None, (at(1_000), span));
            assert_eq!(made, Err(BadSpan));
        }
    }
}
