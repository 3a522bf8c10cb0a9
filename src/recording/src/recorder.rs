//! The recorder's thread: takes packets out of a bounded queue and keeps them on the disk.
//!
//! Whoever gives packets never waits: a full queue ends the recording. What was written is made safe and entered into the
//! manifest several times a second, first the bytes and then the line that covers them, so that a crash loses less than a
//! second and the manifest never promises what is not there.

use std::collections::{BTreeMap, HashMap};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustix::fs::{FlockOperation, flock, fstatvfs};

use crate::manifest::{Chain, End, Entry, FILE, FORMAT, Title, hash};
use crate::packet::Packet;
use crate::track::{After, Track};

/// Packets that wait for the disk: some seconds of ten people, and at most about 10 MB.
const WAITING_PACKETS_MAX: usize = 8_192;
/// Between two times at which what was written is made safe. With what a missing packet is waited for (300 ms) it
/// stays below the second that may be lost.
const SAFE_EVERY: Duration = Duration::from_millis(400);
/// Below this the disk counts as full, so that the last lines and everything else of the server still fit.
const FREE_BYTES_MIN: u64 = 64 << 20;
/// Files of one recording: thirty places, each coming again several times.
const TRACKS_MAX: usize = 256;

/// What stands in the first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The recording's id.
    pub recording: String,
    /// The meeting's id.
    pub meeting: String,
    /// The id of the post that is visited.
    pub post: String,
    /// What that post is called.
    pub title: Title,
    /// Why, in the officer's words.
    pub reason: String,
}

/// What a recorder is made of.
pub struct Wish {
    /// The folder in which recordings lie.
    pub folder: PathBuf,
    /// What stands in the first line.
    pub facts: Facts,
    /// Tells the time.
    pub clock: Box<dyn Fn() -> Timestamp + Send>,
    /// Is told what becomes of it, on the recorder's thread.
    pub report: Box<dyn Fn(Report) + Send>,
}

/// What becomes of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// Its first line is safe.
    Begun {
        /// That line's hash.
        head: String,
    },
    /// Packets of a track are missing for good: a keyframe is needed.
    KeyframeNeeded {
        /// Whose.
        source: u64,
        /// Which track.
        track: usize,
    },
    /// It is over, and nothing more is written.
    Ended {
        /// The hash of the last line.
        head: String,
        /// Why.
        why: End,
    },
}

/// What is said to a recorder beside packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Packets of this source belong to a participant who agreed.
    Joined {
        /// What the packets name.
        source: u64,
        /// Who, as the meeting names participants.
        participant: String,
        /// As what.
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
    /// Ends the recording when all that waits has been written.
    End(End),
}

/// Whether a packet was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It was.
    Taken,
    /// There is no room, or the recording is over.
    Refused,
}

/// The end into which packets are given.
#[derive(Clone, Debug)]
pub struct Feed {
    packets: SyncSender<Packet>,
    is_overrun: Arc<AtomicBool>,
}

impl Feed {
    /// Gives a packet; never waits. One that finds no room ends the recording.
    pub fn give(&self, packet: Packet) -> Given {
        if self.packets.try_send(packet).is_ok() {
            return Given::Taken;
        }
        self.is_overrun.store(true, Ordering::Release);
        Given::Refused
    }
}

/// One recording that runs.
#[derive(Debug)]
pub struct Recorder {
    feed: Feed,
    notes: Sender<Note>,
    thread: JoinHandle<()>,
}

impl Recorder {
    /// An end into which packets are given.
    #[must_use]
    pub fn feed(&self) -> Feed {
        self.feed.clone()
    }

    /// Says something; a recording that is over hears nothing.
    pub fn note(&self, note: Note) {
        let _ = self.notes.send(note);
    }

    /// Waits until it is over.
    pub fn join(self) {
        drop((self.feed, self.notes));
        let _ = self.thread.join();
    }
}

/// Starts a recording. Folder and files are made on its thread: nobody waits for the disk here.
///
/// # Errors
/// The system gives no thread.
pub fn start(wish: Wish) -> io::Result<Recorder> {
    let (packets, taken) = sync_channel(WAITING_PACKETS_MAX);
    let (notes, heard) = channel();
    let is_overrun = Arc::new(AtomicBool::new(false));
    let overrun = Arc::clone(&is_overrun);
    let thread = std::thread::Builder::new()
        .name("recorder".to_owned())
        .spawn(move || run(wish, (taken, heard), &overrun))?;
    Ok(Recorder { feed: Feed { packets, is_overrun }, notes, thread })
}

fn run(wish: Wish, (packets, notes): (Receiver<Packet>, Receiver<Note>), is_overrun: &AtomicBool) {
    let Wish { folder, facts, clock, report } = wish;
    let mut disk = match Disk::begin(&folder, facts, clock()) {
        Ok(disk) => disk,
        Err(error) => {
            tracing::error!(%error, "a recording could not be begun");
            return report(Report::Ended { head: String::new(), why: end_of(&error) });
        }
    };
    report(Report::Begun { head: disk.chain.head().to_owned() });
    let why = match work(&mut disk, (&packets, &notes), (&*clock, &*report, is_overrun)) {
        Ok(why) => why,
        Err(error) => {
            tracing::error!(%error, "a recording ends: the disk does not take it");
            end_of(&error)
        }
    };
    if let Err(error) = disk.end(clock(), why) {
        tracing::error!(%error, "the last line of a recording could not be written");
    }
    report(Report::Ended { head: disk.chain.head().to_owned(), why });
}

/// Writes until the end is said or something fails.
fn work(
    disk: &mut Disk,
    (packets, notes): (&Receiver<Packet>, &Receiver<Note>),
    (clock, report, is_overrun): (&dyn Fn() -> Timestamp, &dyn Fn(Report), &AtomicBool),
) -> io::Result<End> {
    let mut safe_at = clock();
    loop {
        let got = packets.recv_timeout(SAFE_EVERY);
        let mut end = None;
        // A note that was said before a packet was given is heard before it is written.
        while let Ok(note) = notes.try_recv() {
            match note {
                Note::End(why) => end = Some(why),
                note => disk.hear(clock(), note)?,
            }
        }
        let mut take = |packet: Packet| {
            let (source, track) = (packet.source, packet.track);
            if disk.take(packet) == After::KeyframeNeeded {
                report(Report::KeyframeNeeded { source, track });
            }
        };
        let is_idle = matches!(got, Err(RecvTimeoutError::Timeout));
        match got {
            Ok(packet) => take(packet),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => end = end.or(Some(End::ServerStopped)),
        }
        if let Some(why) = end {
            packets.try_iter().for_each(&mut take);
            return Ok(why);
        }
        if is_overrun.load(Ordering::Acquire) {
            return Ok(End::DiskSlow);
        }
        let now = clock();
        let passed = now.duration_since(safe_at);
        if is_idle || passed < SignedDuration::ZERO || passed.unsigned_abs() >= SAFE_EVERY {
            disk.make_safe(now)?;
            safe_at = now;
        }
    }
}

fn end_of(error: &io::Error) -> End {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if is_full { End::DiskFull } else { End::DiskFailed }
}

/// Whose packets a source's are.
struct Participant {
    name: String,
    is_written: bool,
    entry: Entry,
}

/// One file that grows.
struct Growing {
    track: Track,
    participant: String,
    name: String,
    file: Option<File>,
    written: u64,
    waits: Vec<u8>,
}

/// What is on the disk, and what goes there next.
struct Disk {
    folder: PathBuf,
    manifest: File,
    chain: Chain,
    lines: String,
    /// A line could not be written: whatever came after it would look as if somebody had changed the manifest.
    is_torn: bool,
    participants: HashMap<u64, Participant>,
    tracks: BTreeMap<(u64, usize), Growing>,
}

impl Disk {
    fn begin(folder: &Path, facts: Facts, now: Timestamp) -> io::Result<Disk> {
        let Facts { recording, meeting, post, title, reason } = facts;
        let stamp = now.strftime("%Y%m%dT%H%M%SZ");
        let folder = folder.join(format!("{stamp}-{meeting}-{recording}"));
        DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
        let manifest = create(&folder.join(FILE))?;
        // Whoever looks for what a crash left behind sees by this that it is still being written.
        flock(&manifest, FlockOperation::NonBlockingLockExclusive)?;
        let (format, software) = (FORMAT.to_owned(), software());
        let (participants, tracks) = (HashMap::new(), BTreeMap::new());
        let (chain, lines) = (Chain::default(), String::new());
        let is_torn = false;
        let mut disk = Disk { folder, manifest, chain, lines, is_torn, participants, tracks };
        disk.enough_room()?;
        disk.add(now, Entry::Begin { format, recording, meeting, post, title, reason, software });
        disk.write_lines()?;
        disk.keep_names()?;
        Ok(disk)
    }

    /// What stands in a folder is safe only when the folder is.
    fn keep_names(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()?;
        self.folder.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())
    }

    fn enough_room(&self) -> io::Result<()> {
        let space = fstatvfs(&self.manifest)?;
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        if free < FREE_BYTES_MIN { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn add(&mut self, now: Timestamp, entry: Entry) {
        let line = self.chain.add(now, entry);
        self.lines.push_str(&line);
    }

    fn write_lines(&mut self) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        if self.is_torn {
            return Err(io::Error::other("a line of the manifest is torn"));
        }
        let written = self.manifest.write_all(std::mem::take(&mut self.lines).as_bytes());
        self.is_torn = written.is_err();
        written?;
        self.manifest.sync_data()
    }

    fn hear(&mut self, now: Timestamp, note: Note) -> io::Result<()> {
        match note {
            Note::Joined { source, participant, role, title } => {
                let entry = Entry::Joined { participant: participant.clone(), role, title };
                let joined = Participant { name: participant, is_written: false, entry };
                self.participants.insert(source, joined);
            }
            Note::Answered { participant, agrees } => {
                self.add(now, Entry::Answered { participant, agrees });
                self.write_lines()?;
            }
            Note::End(_) => {}
        }
        Ok(())
    }

    /// Takes a packet; one of nobody who joined is not kept.
    fn take(&mut self, packet: Packet) -> After {
        let (source, track) = (packet.source, packet.track);
        let Some(participant) = self.participants.get(&source) else { return After::Nothing };
        let count = self.tracks.len();
        if count >= TRACKS_MAX && !self.tracks.contains_key(&(source, track)) {
            return After::Nothing;
        }
        let growing = self.tracks.entry((source, track)).or_insert_with(|| {
            let track = Track::new(packet.codec, count as u32 + 1);
            let name = format!("{}-{}.{}", participant.name, count + 1, track.ending());
            let participant = participant.name.clone();
            Growing { track, participant, name, file: None, written: 0, waits: Vec::new() }
        });
        let (written, codec) = (growing.waits.len(), packet.codec);
        let taken = catch_unwind(AssertUnwindSafe(|| growing.track.take(packet, &mut growing.waits)));
        taken.unwrap_or_else(|_| {
            // What a component makes of a hostile packet ends this track's present picture and nothing else.
            tracing::warn!(codec = codec.code(), "a recorded packet could not be read");
            growing.waits.truncate(written);
            After::KeyframeNeeded
        })
    }

    /// Writes what waits, and the lines that cover it.
    fn make_safe(&mut self, now: Timestamp) -> io::Result<()> {
        self.enough_room()?;
        let mut entries = Vec::new();
        let mut has_new_files = false;
        for (key, growing) in self.tracks.iter_mut().filter(|(_, growing)| !growing.waits.is_empty()) {
            let file = match &mut growing.file {
                Some(file) => file,
                none => {
                    has_new_files = true;
                    if let Some(participant) = self.participants.get_mut(&key.0).filter(|p| !p.is_written) {
                        participant.is_written = true;
                        entries.push(participant.entry.clone());
                    }
                    entries.push(Entry::Track {
                        file: growing.name.clone(),
                        participant: growing.participant.clone(),
                        codec: growing.track.codec().code().to_owned(),
                        at_us: growing.track.begun_us().unwrap_or_default(),
                    });
                    none.insert(create(&self.folder.join(&growing.name))?)
                }
            };
            file.write_all(&growing.waits)?;
            file.sync_data()?;
            let (length, sha256) = (growing.waits.len() as u64, hash(&growing.waits));
            let (file, offset) = (growing.name.clone(), growing.written);
            entries.push(Entry::Bytes { file, offset, length, sha256, until_us: growing.track.until_us() });
            growing.written += length;
            growing.waits.clear();
        }
        if has_new_files {
            self.keep_names()?;
        }
        entries.into_iter().for_each(|entry| self.add(now, entry));
        self.write_lines()
    }

    /// The last bytes and the last line. When the bytes can't be written the line still is, if there is room.
    fn end(&mut self, now: Timestamp, why: End) -> io::Result<()> {
        for growing in self.tracks.values_mut() {
            growing.track.end(&mut growing.waits);
        }
        let written =
            if matches!(why, End::DiskFull | End::DiskFailed) { Ok(()) } else { self.make_safe(now) };
        self.add(now, Entry::End { why });
        self.write_lines()?;
        written
    }
}

fn create(file: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create_new(true).mode(0o600).open(file)
}

fn software() -> String {
    format!("sachivalaya {}", env!("CARGO_PKG_VERSION"))
}
