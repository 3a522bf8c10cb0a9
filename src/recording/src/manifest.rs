//! The manifest: JSON lines that are only ever added, each with the hash of the one before it.
//!
//! A line ends with its own hash: SHA-256 of all its bytes before `,"hash":"`. `docs/verify_recording.py` reads the
//! same with nothing but a standard library.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of the manifest in the folder of a recording.
pub const FILE: &str = "manifest.jsonl";
/// What the first line says of the form.
pub const FORMAT: &str = "sachivalaya-recording/1";
/// What stands before a line's own hash.
const MARK: &str = ",\"hash\":\"";
/// What the first line names as the hash of the line before it.
pub const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A title in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// In Hindi.
    pub hi: String,
    /// In English.
    pub en: String,
}

/// Why a recording is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The officer switched it off.
    SwitchedOff,
    /// The officer went out.
    OfficerLeft,
    /// The meeting ended.
    MeetingEnded,
    /// The server stopped.
    ServerStopped,
    /// The disk is full.
    DiskFull,
    /// The disk did not keep up.
    DiskSlow,
    /// The disk failed.
    DiskFailed,
}

impl End {
    /// The stable word in manifest and audit chain.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SwitchedOff => "switched_off",
            Self::OfficerLeft => "officer_left",
            Self::MeetingEnded => "meeting_ended",
            Self::ServerStopped => "server_stopped",
            Self::DiskFull => "disk_full",
            Self::DiskSlow => "disk_slow",
            Self::DiskFailed => "disk_failed",
        }
    }
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// The first line.
    Begin {
        /// [`FORMAT`].
        format: String,
        /// Which recording.
        recording: String,
        /// Of which meeting.
        meeting: String,
        /// The post that is visited.
        post: String,
        /// What that post is called.
        title: Title,
        /// Why, in the officer's words.
        reason: String,
        /// What wrote it.
        software: String,
    },
    /// Somebody who agreed is recorded from now on.
    Joined {
        /// Who, as the meeting names participants.
        participant: String,
        /// As what: officer, citizen, …
        role: String,
        /// A post's title, or the role's name.
        title: Title,
    },
    /// Somebody was asked and answered.
    Answered {
        /// Who.
        participant: String,
        /// How.
        agrees: bool,
    },
    /// A file begins.
    Track {
        /// Its name.
        file: String,
        /// Whose track.
        participant: String,
        /// Its codec.
        codec: String,
        /// When its first frame was made, microseconds since 1970.
        at_us: u64,
    },
    /// These bytes were written.
    Bytes {
        /// Into which file.
        file: String,
        /// Where they begin.
        offset: u64,
        /// How many.
        length: u64,
        /// Their hash.
        sha256: String,
        /// How far the track goes with them, in microseconds from its first frame.
        until_us: u64,
    },
    /// The last line.
    End {
        /// Why.
        why: End,
    },
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 0.
    pub n: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The hash of the line before it.
    pub prev: String,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The end of a chain to which lines are added.
#[derive(Clone, Debug)]
pub struct Chain {
    n: u64,
    head: String,
}

impl Default for Chain {
    fn default() -> Chain {
        Chain { n: 0, head: NOTHING.to_owned() }
    }
}

impl Chain {
    /// The hash of the last line.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The next line, with its end.
    pub fn add(&mut self, at: Timestamp, entry: Entry) -> String {
        let line = Line { n: self.n, at, prev: self.head.clone(), entry };
        let mut text = serde_json::to_string(&line).expect("a line holds only strings and numbers");
        text.pop();
        self.head = hash(text.as_bytes());
        self.n += 1;
        text.push_str(&format!("{MARK}{}\"}}\n", self.head));
        text
    }

    /// Takes a line that was read, without its end, if it is the next one.
    pub fn follow(&mut self, text: &[u8]) -> Option<Line> {
        let text = std::str::from_utf8(text).ok()?;
        let (body, tail) = text.rsplit_once(MARK)?;
        let head = hash(body.as_bytes());
        if tail.strip_suffix("\"}")? != head {
            return None;
        }
        let line: Line = serde_json::from_str(&format!("{body}}}")).ok()?;
        if line.n != self.n || line.prev != self.head {
            return None;
        }
        (self.n, self.head) = (self.n + 1, head);
        Some(line)
    }
}

/// SHA-256 as the manifest writes it.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
