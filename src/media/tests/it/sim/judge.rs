//! The judge: watches every datagram that the plane seals and every packet that a client opens, and writes down each
//! breach of a rule. It never changes what happens.

use std::collections::{HashMap, HashSet};

use media::{Kind, PeerId};

use super::client::{Got, Tag};

/// How far ahead of the world's time a slot's timestamps may run.
const AHEAD_US_MAX: i64 = 4_000_000;

/// What an SSRC of an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Media(Kind),
    Again,
}

/// What the plane has sealed under one SSRC for one client.
#[derive(Default)]
struct Stream {
    highest: u64,
    sealed: HashMap<u64, Vec<u8>>,
    timestamp: u32,
    /// The moment of the first packet and its timestamp.
    first: Option<(u64, u32)>,
}

/// What one client received of one source.
#[derive(Clone, Copy, Default)]
pub struct Heard {
    pub last_us: u64,
    pub count: u64,
    /// The longest pause since [`Judge::listen`].
    pub pause_us: u64,
}

/// Opening and closing of a way; open while the second is none.
type Times = Vec<(u64, Option<u64>)>;

#[derive(Default)]
pub struct Judge {
    pub faults: Vec<String>,
    /// What happened, for whoever looks for the reason of a fault.
    pub story: Vec<String>,
    /// Whether nothing is lost on any way to the server, so that no slot may ever leave out a number.
    pub is_gapless: bool,
    /// A number that follows from all that was forwarded: the same for the same seed.
    pub trace: u64,
    pub sealed: u64,
    pub opened: u64,
    roles: HashMap<(PeerId, u32), Role>,
    streams: HashMap<(PeerId, u32), Stream>,
    control: HashSet<(PeerId, u32, u32)>,
    routes: HashMap<(PeerId, PeerId), Times>,
    heard: HashMap<(PeerId, PeerId, Kind), Heard>,
    tags: HashMap<(PeerId, u32, u64), Tag>,
    listening_us: u64,
}

impl Judge {
    pub fn fault(&mut self, us: u64, what: &str) {
        if self.faults.len() < 20 {
            self.faults.push(format!("{:.3} s: {what}", us as f64 / 1e6));
        }
    }

    pub fn tell(&mut self, us: u64, what: String) {
        self.story.push(format!("{:.3} s: {what}", us as f64 / 1e6));
    }

    fn note(&mut self, number: u64) {
        self.trace = (self.trace ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
    }

    /// Reads from an answer which SSRC is whose.
    pub fn learn(&mut self, peer: PeerId, answer: &str) {
        let mut kind = Kind::Audio;
        let mut again = HashSet::new();
        for line in answer.lines() {
            if let Some(media) = line.strip_prefix("m=") {
                kind = if media.starts_with("audio") { Kind::Audio } else { Kind::Video };
            } else if let Some(group) = line.strip_prefix("a=ssrc-group:FID ") {
                again.extend(group.split(' ').nth(1).and_then(|ssrc| ssrc.parse::<u32>().ok()));
            } else if let Some(source) = line.strip_prefix("a=ssrc:") {
                let ssrc = source.split(' ').next().and_then(|ssrc| ssrc.parse().ok()).unwrap_or(0);
                let role = if again.contains(&ssrc) { Role::Again } else { Role::Media(kind) };
                self.roles.insert((peer, ssrc), role);
            }
        }
    }

    pub fn open(&mut self, us: u64, from: PeerId, to: PeerId) {
        let times = self.routes.entry((from, to)).or_default();
        if times.last().is_none_or(|last| last.1.is_some()) {
            times.push((us, None));
        }
    }

    pub fn shut(&mut self, us: u64, from: PeerId, to: PeerId) {
        if let Some(last) = self.routes.get_mut(&(from, to)).and_then(|times| times.last_mut()) {
            last.1.get_or_insert(us);
        }
    }

    /// A peer is gone, and all ways with it.
    pub fn gone(&mut self, us: u64, peer: PeerId) {
        let ends = self.routes.iter_mut().filter(|(way, _)| way.0 == peer || way.1 == peer);
        ends.filter_map(|(_, times)| times.last_mut()).for_each(|last| {
            last.1.get_or_insert(us);
        });
    }

    pub fn is_open(&self, from: PeerId, to: PeerId) -> bool {
        self.routes.get(&(from, to)).and_then(|times| times.last()).is_some_and(|last| last.1.is_none())
    }

    /// A datagram of the plane to a peer.
    pub fn sealed(&mut self, us: u64, to: PeerId, bytes: &[u8]) {
        match bytes {
            [128..=191, 192..=223, ..] => self.sealed_control(us, to, bytes),
            [128..=191, ..] if bytes.len() >= 12 => self.sealed_media(us, to, bytes),
            _ => {}
        }
    }

    /// Under AES-GCM the index stands at the end (RFC 7714 §9.2). One index is used once.
    fn sealed_control(&mut self, us: u64, to: PeerId, bytes: &[u8]) {
        let word =
            |at: usize| bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
        let (ssrc, index) = (word(4), word(bytes.len().saturating_sub(4)) & 0x7fff_ffff);
        if !self.control.insert((to, ssrc, index)) {
            self.fault(us, &format!("control packet {index} of {ssrc:#x} to {to} was sealed twice"));
        }
    }

    fn sealed_media(&mut self, us: u64, to: PeerId, bytes: &[u8]) {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (sequence, timestamp, ssrc) = (word(0) as u16, word(4), word(8));
        self.sealed += 1;
        self.note(us ^ u64::from(sequence) << 40 ^ u64::from(timestamp) << 8 ^ bytes.len() as u64);
        let Some(role) = self.roles.get(&(to, ssrc)).copied() else {
            return self.fault(us, &format!("SSRC {ssrc:#x} to {to} is in no answer"));
        };
        let is_gapless = self.is_gapless;
        let stream = self.streams.entry((to, ssrc)).or_default();
        let is_first = stream.sealed.is_empty();
        if is_first {
            stream.highest = 0x1_0000 | u64::from(sequence);
        }
        let step = i64::from(sequence.wrapping_sub(stream.highest as u16) as i16);
        let index = stream.highest.saturating_add_signed(step);
        let mut wrong = Vec::new();
        if let Some(before) = stream.sealed.insert(index, bytes.to_vec()) {
            if before == bytes && role == Role::Media(Kind::Audio) {
                return; // the very datagram once more, for who takes no RED
            }
            let how = if before == bytes { "the same" } else { "OTHER" };
            wrong.push(format!("number {sequence} was sealed twice with {how} bytes"));
        }
        let is_in_row = is_first || step == 1;
        if !is_in_row && (role == Role::Again || is_gapless) {
            wrong.push(format!("number {sequence} follows {}", stream.highest as u16));
        }
        if !(-4_096..=4_096).contains(&step) {
            wrong.push(format!("number {sequence} jumps by {step}"));
        }
        if (step > 0 || is_first)
            && let Role::Media(kind) = role
        {
            wrong.extend(stream.follow(us, timestamp, kind));
        }
        stream.highest = stream.highest.max(index);
        wrong.into_iter().for_each(|what| self.fault(us, &format!("{role:?} {ssrc:#x} to {to}: {what}")));
    }

    /// A peer opened a packet that had left the plane at `sent_us`.
    pub fn opened(&mut self, (sent_us, us): (u64, u64), to: PeerId, got: &Got) {
        let tag = match Tag::read(&got.payload) {
            Ok(Some(tag)) => tag,
            Ok(None) => return,
            Err(what) => return self.fault(us, &format!("to {to}: {what}")),
        };
        self.opened += 1;
        let was_open = |times: &Times| {
            times.iter().any(|(opened, shut)| *opened <= sent_us && shut.is_none_or(|shut| sent_us < shut))
        };
        if !self.routes.get(&(tag.from, to)).is_some_and(was_open) {
            self.fault(
                us,
                &format!("CONSENT: {tag:?} reached {to}, sent at {sent_us} µs, and no way was open"),
            );
        }
        let before = self.tags.insert((to, got.ssrc, got.number), tag);
        if before.is_some_and(|before| before != tag) {
            self.fault(us, &format!("number {} to {to} stands for {before:?} and {tag:?}", got.number));
        }
        let since = self.listening_us;
        let heard = self.heard.entry((tag.from, to, tag.kind)).or_default();
        let last_us = heard.last_us.max(since);
        *heard = Heard { last_us: us, count: heard.count + 1, pause_us: heard.pause_us.max(us - last_us) };
    }

    pub fn heard(&self, from: PeerId, to: PeerId, kind: Kind) -> Heard {
        self.heard.get(&(from, to, kind)).copied().unwrap_or_default()
    }

    /// Counts pauses from now on.
    pub fn listen(&mut self, us: u64) {
        self.listening_us = us;
        self.heard.values_mut().for_each(|heard| heard.pause_us = 0);
    }
}

impl Stream {
    /// Timestamps only go up, and not into the future.
    fn follow(&mut self, us: u64, timestamp: u32, kind: Kind) -> Vec<String> {
        let mut wrong = Vec::new();
        let hz = if kind == Kind::Audio { 48_000 } else { 90_000 };
        if let Some((first_us, first)) = self.first {
            if (timestamp.wrapping_sub(self.timestamp) as i32) < 0 {
                wrong.push(format!("timestamp {timestamp} follows {}", self.timestamp));
            }
            let passed = i64::from(timestamp.wrapping_sub(first)) * 1_000_000 / hz;
            if passed - (us - first_us) as i64 > AHEAD_US_MAX {
                wrong.push(format!("timestamp {timestamp} is {} µs ahead", passed - (us - first_us) as i64));
            }
        }
        self.first.get_or_insert((us, timestamp));
        self.timestamp = timestamp;
        wrong
    }
}
