//! What a token opens no more, also where the rows cannot say so: who was sent away, what has ended, who has signed out.
//!
//! Kept in memory and in a small file that never grows, so that a server that starts again without its database knows it,
//! and a full disk does not keep it from being written. It holds hashes of ids, no ids and no names.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::{MeetingId, SessionId};
use domain::meeting::{Guest, Returning, Visit};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::turn::{Entry, EntryPlace};
use crate::limits;
use crate::store::meeting::guest_code;

/// What is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapse {
    /// A guest was sent away from a meeting.
    Guest(MeetingId, Guest),
    /// A meeting was ended.
    Meeting(MeetingId),
    /// A session was ended.
    Session(SessionId),
}

const HASH_BYTES: usize = 24;
const LINE_BYTES: usize = HASH_BYTES + 8;

/// One line: what is over, and until when tokens are about that may say otherwise (Unix milliseconds).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    what: [u8; HASH_BYTES],
    until_ms: i64,
}

/// Nothing, for as long as nothing is written there.
const EMPTY: Line = Line { what: [0; HASH_BYTES], until_ms: 0 };

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lapsed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Mutex<Vec<Line>>,
    file: Option<File>,
    /// Held while the disk takes a line, so that two that come to one place are written in their order.
    writing: Mutex<()>,
}

impl Lapse {
    fn hash(&self) -> [u8; HASH_BYTES] {
        let words = match self {
            Self::Guest(meeting, guest) => format!("guest {meeting} {}", guest_code(guest)),
            Self::Meeting(meeting) => format!("meeting {meeting}"),
            Self::Session(session) => format!("session {session}"),
        };
        let digest = Sha256::digest(words.as_bytes());
        std::array::from_fn(|place| digest[place])
    }
}

impl Line {
    fn bytes(self) -> [u8; LINE_BYTES] {
        let mut bytes = [0; LINE_BYTES];
        bytes[..HASH_BYTES].copy_from_slice(&self.what);
        bytes[HASH_BYTES..].copy_from_slice(&self.until_ms.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Line> {
        let (what, until) = bytes.split_at_checked(HASH_BYTES)?;
        Some(Line { what: what.try_into().ok()?, until_ms: i64::from_be_bytes(until.try_into().ok()?) })
    }
}

impl Lapsed {
    /// What stands in this file, which is made if there is none. Without the file it is known until the server ends.
    #[must_use]
    pub fn open(path: &Path) -> Lapsed {
        let (file, lines) = match kept(path) {
            Ok((file, lines)) => (Some(file), lines),
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "who is sent away is forgotten when the server ends");
                (None, vec![EMPTY; limits::LAPSES_MAX])
            }
        };
        Lapsed(Arc::new(Inner { lines: Mutex::new(lines), file, writing: Mutex::default() }))
    }

    /// From now on this is over.
    ///
    /// * `until`: no token that says otherwise opens anything from then on.
    pub(super) fn add(&self, lapse: &Lapse, until: Timestamp) {
        let line = Line { what: lapse.hash(), until_ms: until.as_millisecond() };
        let mut lines = self.lines();
        let same = lines.iter().position(|known| known.what == line.what);
        // Otherwise the place of the one that matters least: none, or the one that is over first.
        let place = same.or_else(|| (0..lines.len()).min_by_key(|place| lines[*place].until_ms));
        let Some(place) = place else { return };
        lines[place] = line;
        drop(lines);
        let kept = self.clone();
        // The disk may be slow, and nobody waits for it here.
        tokio::task::spawn_blocking(move || kept.write_down(place));
    }

    fn write_down(&self, place: usize) {
        let Some(file) = &self.0.file else { return };
        let _in_order = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let line = self.lines()[place];
        let at = (place * LINE_BYTES) as u64;
        let written = file.write_all_at(&line.bytes(), at).and_then(|()| file.sync_data());
        if let Err(error) = written {
            tracing::error!(%error, "who is sent away is forgotten when the server ends");
        }
    }

    /// Is this over?
    #[must_use]
    pub(super) fn holds(&self, lapse: &Lapse, now: Timestamp) -> bool {
        let what = lapse.hash();
        self.lines().iter().any(|line| line.what == what && now.as_millisecond() < line.until_ms)
    }

    /// A way in as it is after what is over: also what the rows do not know yet, because they could not be written.
    pub(super) fn correct(&self, entry: &mut Entry, now: Timestamp) {
        let EntryPlace::Meeting(at) = &mut entry.place else { return };
        at.ended |= self.holds(&Lapse::Meeting(at.meeting.clone()), now);
        let is_away = |guest: &Guest| self.holds(&Lapse::Guest(at.meeting.clone(), guest.clone()), now);
        for past in at.past.iter_mut().filter(|past| is_away(&past.guest)) {
            past.visit = Visit::Denied;
        }
        if is_away(&at.guest) {
            at.claim = Some(Returning { guest: at.guest.clone(), visit: Visit::Denied });
        }
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file at its full size, and what it holds.
fn kept(path: &Path) -> io::Result<(File, Vec<Line>)> {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let size = limits::LAPSES_MAX * LINE_BYTES;
    if bytes.len() < size {
        // Written, not only made longer: the disk has given the room then.
        file.write_all(&vec![0; size - bytes.len()])?;
        file.sync_all()?;
        bytes.resize(size, 0);
    }
    let lines = bytes.chunks_exact(LINE_BYTES).take(limits::LAPSES_MAX).filter_map(Line::read).collect();
    Ok((file, lines))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
    use jiff::SignedDuration;

    use super::*;

    fn session(n: usize) -> Lapse {
        Lapse::Session(SessionId::parse(&format!("s{n}")).unwrap())
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_585_500).unwrap()
    }

    #[tokio::test]
    async fn what_is_over_is_known_after_a_restart_and_no_longer_than_it_matters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapsed");
        let lapsed = Lapsed::open(&path);
        let until = now() + SignedDuration::from_mins(10);
        lapsed.add(&session(1), until);
        assert!(lapsed.holds(&session(1), now()) && !lapsed.holds(&session(2), now()));
        lapsed.write_down(0);
        let again = Lapsed::open(&path);
        assert!(again.holds(&session(1), now()) && !again.holds(&session(1), until));
        let size = (limits::LAPSES_MAX * LINE_BYTES) as u64;
        assert_eq!(std::fs::metadata(&path).unwrap().len(), size, "a full disk is asked for nothing");
        assert!(!again.holds(&session(2), now()));
    }

    #[tokio::test]
    async fn there_are_never_more_and_what_matters_least_gives_way() {
        let lapsed = Lapsed::open(Path::new("/dev/null/none"));
        let until = |n: usize| now() + SignedDuration::from_secs(60 + i64::try_from(n).unwrap());
        for n in 0..=limits::LAPSES_MAX {
            lapsed.add(&session(n), until(n));
        }
        lapsed.add(&session(5), until(0));
        assert!(!lapsed.holds(&session(0), now()), "the first to be over gave way");
        assert!((1..=limits::LAPSES_MAX).all(|n| lapsed.holds(&session(n), now())));
        assert_eq!(lapsed.lines().len(), limits::LAPSES_MAX);
    }

    #[test]
    fn a_file_that_is_none_is_read_as_nothing_and_a_missing_folder_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lapsed");
        std::fs::write(&path, b"short").unwrap();
        assert!(!Lapsed::open(&path).holds(&session(1), now()));
        assert!(!Lapsed::open(&folder.path().join("none/lapsed")).holds(&session(1), now()));
    }
}
