//! Says of a recording's folder what is whole, what a crash tore off, and what has been changed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};

use crate::manifest::{Chain, End, Entry, FILE, FORMAT, Title};

/// A manifest that is longer is none: a line is below 1 KiB, and ten hours of thirty people have fewer than a million.
const MANIFEST_BYTES_MAX: u64 = 1 << 30;

/// No line is longer: a reason and two titles at most.
const LINE_BYTES_MAX: usize = 16 << 10;

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Which recording.
    pub recording: String,
    /// Of which meeting.
    pub meeting: String,
    /// The post that is visited.
    pub post: String,
    /// What that post is called.
    pub title: Title,
    /// Why.
    pub reason: String,
    /// What wrote it.
    pub software: String,
    /// When.
    pub at: Timestamp,
}

/// One file as the manifest has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its name.
    pub file: String,
    /// Whose.
    pub participant: String,
    /// Its codec.
    pub codec: String,
    /// When its first frame was made, microseconds since 1970.
    pub at_us: u64,
    /// How far it goes from there, in microseconds.
    pub until_us: u64,
    /// Bytes that the manifest covers and that are as they were written.
    pub whole: u64,
    /// Bytes behind them that no line covers: torn off by a crash.
    pub torn: u64,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A line is not what was written, or not the next one.
    #[error("line {0} of the manifest has been changed")]
    Line(u64),
    /// Something stands behind the last line.
    #[error("something stands behind the last line of the manifest")]
    BehindTheEnd,
    /// Bytes are not those that were written.
    #[error("{file}: bytes {offset} to {} have been changed", offset + length)]
    Changed {
        /// In which file.
        file: String,
        /// Where they begin.
        offset: u64,
        /// How many are covered by one line.
        length: u64,
    },
    /// Bytes that the manifest covers are not there.
    #[error("{file}: {missing} bytes are missing at its end")]
    Missing {
        /// In which file.
        file: String,
        /// How many.
        missing: u64,
    },
    /// A file has bytes that the manifest of a closed recording does not know.
    #[error("{file}: {extra} bytes were added")]
    Added {
        /// Which file.
        file: String,
        /// How many.
        extra: u64,
    },
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What the first line says.
    pub begin: Begin,
    /// What participants are called.
    pub people: BTreeMap<String, Title>,
    /// The files, by name.
    pub tracks: Vec<Track>,
    /// How it ended; nothing when a crash ended it.
    pub end: Option<(Timestamp, End)>,
    /// When the last line was written.
    pub last_at: Timestamp,
    /// The hash of the last whole line.
    pub head: String,
    /// Whole lines.
    pub lines: u64,
    /// Bytes of a last line that a crash tore off.
    pub torn_line: u64,
    /// Bytes of files of which no line tells: a crash came before it.
    pub unknown: u64,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Verdict {
    /// Nothing has been changed; a crash may have torn something off.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether all that was written is covered: not after a crash, and not when the disk took no more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.end.is_some_and(|(_, why)| !matches!(why, End::DiskFull | End::DiskFailed))
    }

    /// Bytes that a crash tore off.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.torn_line + self.unknown + self.tracks.iter().map(|track| track.torn).sum::<u64>()
    }
}

/// Why nothing can be said of a folder.
#[derive(Debug, thiserror::Error)]
pub enum Unverifiable {
    /// The manifest or a file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The first line is no first line of a recording.
    #[error("{0} does not begin like the manifest of a recording")]
    NoManifest(PathBuf),
}

/// Looks at a recording.
///
/// # Errors
/// [`Unverifiable`]; whatever has been changed stands in the verdict.
pub fn verify(folder: &Path) -> Result<Verdict, Unverifiable> {
    let (mut verdict, files) = read(folder)?;
    for chunks in files.into_values() {
        let path = folder.join(&chunks.track.file);
        check(&path, chunks, &mut verdict).map_err(unreadable(&path))?;
    }
    beside(folder, &mut verdict).map_err(unreadable(folder))?;
    Ok(verdict)
}

/// What the manifest alone says, without a look at the files.
///
/// # Errors
/// [`Unverifiable`].
pub fn outline(folder: &Path) -> Result<Verdict, Unverifiable> {
    read(folder).map(|(verdict, _)| verdict)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Unverifiable {
    let path = path.to_owned();
    move |error| Unverifiable::Unreadable(path, error)
}

fn read(folder: &Path) -> Result<(Verdict, BTreeMap<String, Chunks>), Unverifiable> {
    let path = folder.join(FILE);
    let file = File::open(&path).map_err(unreadable(&path))?;
    let mut text = Vec::new();
    file.take(MANIFEST_BYTES_MAX).read_to_end(&mut text).map_err(unreadable(&path))?;
    let mut reading = Reading::begin(&text).ok_or(Unverifiable::NoManifest(path))?;
    reading.lines();
    Ok((reading.verdict, reading.files))
}

/// A file with the bytes that lines cover: offset, length, hash, how far the track goes.
struct Chunks {
    track: Track,
    chunks: Vec<(u64, u64, String, u64)>,
}

/// The manifest while it is read.
struct Reading<'a> {
    rest: &'a [u8],
    chain: Chain,
    files: BTreeMap<String, Chunks>,
    verdict: Verdict,
}

impl<'a> Reading<'a> {
    fn begin(text: &'a [u8]) -> Option<Reading<'a>> {
        let (first, rest) = split(text)?;
        let mut chain = Chain::default();
        let line = chain.follow(first)?;
        let Entry::Begin { format, recording, meeting, post, title, reason, software } = line.entry else {
            return None;
        };
        if format != FORMAT {
            return None;
        }
        let begin = Begin { recording, meeting, post, title, reason, software, at: line.at };
        let verdict = Verdict {
            begin,
            people: BTreeMap::new(),
            tracks: Vec::new(),
            end: None,
            last_at: line.at,
            head: chain.head().to_owned(),
            lines: 1,
            torn_line: 0,
            unknown: 0,
            faults: Vec::new(),
        };
        Some(Reading { rest, chain, files: BTreeMap::new(), verdict })
    }

    fn lines(&mut self) {
        while let Some((text, rest)) = split(self.rest) {
            self.rest = rest;
            if self.verdict.end.is_some() {
                return self.verdict.faults.push(Fault::BehindTheEnd);
            }
            let number = self.verdict.lines;
            let Some(line) = self.chain.follow(text) else {
                return self.verdict.faults.push(Fault::Line(number));
            };
            self.verdict.lines += 1;
            self.verdict.last_at = line.at;
            chain_head(&mut self.verdict, &self.chain);
            if self.take(line.entry, line.at).is_none() {
                return self.verdict.faults.push(Fault::Line(number));
            }
        }
        self.last_piece();
    }

    /// What stands behind the last end of a line: a line that was torn off, or one that lacks its end alone.
    fn last_piece(&mut self) {
        if self.rest.is_empty() {
            return;
        }
        if self.verdict.end.is_some() {
            return self.verdict.faults.push(Fault::BehindTheEnd);
        }
        // A whole line behind which something else stands than its end was not torn off.
        let number = self.verdict.lines;
        let is_whole = |end: usize| {
            self.rest[..end].ends_with(b"\"}") && self.chain.clone().follow(&self.rest[..end]).is_some()
        };
        if self.rest.len() > LINE_BYTES_MAX || (1..self.rest.len()).any(is_whole) {
            return self.verdict.faults.push(Fault::Line(number));
        }
        self.verdict.torn_line = self.rest.len() as u64;
    }

    fn take(&mut self, entry: Entry, at: Timestamp) -> Option<()> {
        match entry {
            Entry::Begin { .. } => return None,
            Entry::Joined { participant, title, .. } => {
                self.verdict.people.insert(participant, title);
            }
            Entry::Answered { .. } => {}
            Entry::Track { file, participant, codec, at_us } => {
                if !is_name(&file) || self.files.contains_key(&file) {
                    return None;
                }
                let track =
                    Track { file: file.clone(), participant, codec, at_us, until_us: 0, whole: 0, torn: 0 };
                self.files.insert(file, Chunks { track, chunks: Vec::new() });
            }
            Entry::Bytes { file, offset, length, sha256, until_us } => {
                let chunks = &mut self.files.get_mut(&file)?.chunks;
                let end = chunks.last().map_or(0, |(offset, length, ..)| offset + length);
                if offset != end {
                    return None;
                }
                chunks.push((offset, length, sha256, until_us));
            }
            Entry::End { why } => self.verdict.end = Some((at, why)),
        }
        Some(())
    }
}

fn chain_head(verdict: &mut Verdict, chain: &Chain) {
    verdict.head = chain.head().to_owned();
}

fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    Some((&text[..end], &text[end + 1..]))
}

/// A file beside the manifest, and nowhere else.
fn is_name(file: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !file.is_empty() && !file.starts_with('.') && file != FILE && file.bytes().all(fits)
}

fn check(path: &Path, chunks: Chunks, verdict: &mut Verdict) -> io::Result<()> {
    let Chunks { mut track, chunks } = chunks;
    let covered = chunks.last().map_or(0, |(offset, length, ..)| offset + length);
    let length = fs::metadata(path).map_or(0, |found| found.len());
    if length < covered {
        verdict.faults.push(Fault::Missing { file: track.file.clone(), missing: covered - length });
    }
    let extra = length.saturating_sub(covered);
    if extra > 0 && verdict.is_closed() {
        verdict.faults.push(Fault::Added { file: track.file.clone(), extra });
    } else {
        track.torn = extra;
    }
    let mut file = if length > 0 { Some(File::open(path)?) } else { None };
    for (offset, size, sha256, until_us) in chunks {
        let Some(file) = file.as_mut().filter(|_| offset + size <= length) else { break };
        if hash_of(&mut file.take(size))? == sha256 {
            (track.whole, track.until_us) = (track.whole + size, until_us);
        } else {
            verdict.faults.push(Fault::Changed { file: track.file.clone(), offset, length: size });
        }
    }
    verdict.tracks.push(track);
    Ok(())
}

fn hash_of(bytes: &mut impl Read) -> io::Result<String> {
    let (mut hasher, mut part) = (Sha256::new(), [0; 16 << 10]);
    loop {
        match bytes.read(&mut part)? {
            0 => return Ok(HEXLOWER.encode(&hasher.finalize())),
            read => hasher.update(&part[..read]),
        }
    }
}

/// Files of which no line tells.
fn beside(folder: &Path, verdict: &mut Verdict) -> io::Result<()> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        let name = found.file_name().to_string_lossy().into_owned();
        let is_track = name.ends_with(".ogg") || name.ends_with(".ivf");
        if !is_track || verdict.tracks.iter().any(|track| track.file == name) {
            continue;
        }
        let extra = found.metadata()?.len();
        if verdict.is_closed() {
            verdict.faults.push(Fault::Added { file: name, extra });
        } else {
            verdict.unknown += extra;
        }
    }
    Ok(())
}

/// The folders of recordings that have no last line though nobody writes them any more: what crashes left behind.
///
/// # Errors
/// The folder cannot be read.
pub fn left_behind(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut left = Vec::new();
    for found in fs::read_dir(folder)? {
        let path = found?.path();
        let Ok(manifest) = File::open(path.join(FILE)) else { continue };
        if flock(&manifest, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        if !ends_well(&manifest) {
            left.push(path);
        }
    }
    left.sort();
    Ok(left)
}

/// Whether the last line is the last of a recording, without reading the others.
fn ends_well(manifest: &File) -> bool {
    use std::os::unix::fs::FileExt;
    let length = manifest.metadata().map_or(0, |found| found.len());
    let mut tail = vec![0; length.min(1_024) as usize];
    let from = length - tail.len() as u64;
    if manifest.read_exact_at(&mut tail, from).is_err() {
        return false;
    }
    let Some(text) = tail.strip_suffix(b"\n") else { return false };
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line).contains("\"kind\":\"end\"")
}
