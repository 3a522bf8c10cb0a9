//! A recording of a browser as its content shows it: which container, with a picture or without, and how long.
//!
//! Never trusts a name, a header or what the sender says of it. Pure: bytes in, facts out; bytes that make no sense are no
//! recording, and none of them can make it fail otherwise.

use crate::office::coded;
use serde::{Deserialize, Serialize};

coded! {
    /// What is to be heard, and seen.
    RecordedKind {
        /// Sound alone.
        Sound = "sound",
        /// Sound with a picture.
        Picture = "picture",
    }
}

/// What a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its media type.
    pub mime: &'static str,
    /// With a picture, or without.
    pub kind: RecordedKind,
    /// How long it is, in milliseconds: the time of its last frame; in MP4 that of its last fragment.
    pub length_ms: u64,
}

/// Reads a recording: WebM (Chromium, Firefox), Ogg with Opus (Firefox), MP4 (Safari), as `MediaRecorder` makes them.
///
/// * returns: nothing for what is none of them, has no sound, or holds no frame.
#[must_use]
pub fn recorded(bytes: &[u8]) -> Option<Recorded> {
    webm(bytes).or_else(|| ogg(bytes)).or_else(|| mp4(bytes))
}

fn of_tracks(tracks: Tracks, [sound, picture]: [&'static str; 2], length_ms: u64) -> Option<Recorded> {
    let (mime, kind) = match tracks {
        Tracks { has_sound: false, .. } => return None,
        Tracks { has_picture: false, .. } => (sound, RecordedKind::Sound),
        Tracks { has_picture: true, .. } => (picture, RecordedKind::Picture),
    };
    Some(Recorded { mime, kind, length_ms })
}

#[derive(Debug, Clone, Copy, Default)]
struct Tracks {
    has_sound: bool,
    has_picture: bool,
}

// WebM: RFC 8794 (EBML) and RFC 9559 (Matroska).

const EBML: u64 = 0x1A45_DFA3;
const INFO: u64 = 0x1549_A966;
const TIMESTAMP_SCALE: u64 = 0x2A_D7B1;
const TRACK_TYPE: u64 = 0x83;
const CLUSTER_TIME: u64 = 0xE7;
const SIMPLE_BLOCK: u64 = 0xA3;
const BLOCK: u64 = 0xA1;
/// Segment, Info, Tracks, TrackEntry, Cluster, BlockGroup: what is inside them is read as if it stood beside them, for a live
/// recording says of none of them how long it is.
const CONTAINERS: [u64; 6] = [0x1853_8067, INFO, 0x1654_AE6B, 0xAE, 0x1F43_B675, 0xA0];
/// A millisecond, in nanoseconds: the usual scale.
const SCALE_NS: u64 = 1_000_000;

struct Webm {
    tracks: Tracks,
    scale_ns: u64,
    cluster: u64,
    last: Option<u64>,
}

fn webm(bytes: &[u8]) -> Option<Recorded> {
    let (head, names, mut rest) = element(bytes)?;
    if head != EBML || !names.windows(4).any(|name| name == b"webm") {
        return None;
    }
    let mut seen = Webm { tracks: Tracks::default(), scale_ns: SCALE_NS, cluster: 0, last: None };
    while let Some((id, payload, next)) = element(rest) {
        seen.take(id, payload);
        rest = next;
    }
    let length_ms = seen.last?.saturating_mul(seen.scale_ns) / SCALE_NS;
    of_tracks(seen.tracks, ["audio/webm", "video/webm"], length_ms)
}

impl Webm {
    fn take(&mut self, id: u64, payload: &[u8]) {
        match id {
            TIMESTAMP_SCALE => self.scale_ns = number(payload),
            TRACK_TYPE if number(payload) == 1 => self.tracks.has_picture = true,
            TRACK_TYPE if number(payload) == 2 => self.tracks.has_sound = true,
            CLUSTER_TIME => self.cluster = number(payload),
            SIMPLE_BLOCK | BLOCK => {
                let Some((_, track)) = vint(payload) else { return };
                let Some([high, low]) = payload.get(track..track + 2) else { return };
                let at = self.cluster.saturating_add_signed(i64::from(i16::from_be_bytes([*high, *low])));
                self.last = self.last.max(Some(at));
            }
            _ => {}
        }
    }
}

/// An element: its id, what it holds, and what comes next. Of a container that is what is inside.
fn element(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (id, id_bytes) = vint(bytes)?;
    let rest = bytes.get(id_bytes..)?;
    let (size, size_bytes) = vint(rest)?;
    let inside = rest.get(size_bytes..)?;
    if CONTAINERS.contains(&id) {
        return Some((id, &[], inside));
    }
    let mask = (1u64 << (7 * size_bytes)) - 1;
    let size = usize::try_from(size & mask).unwrap_or(usize::MAX).min(inside.len());
    let (payload, next) = inside.split_at(size);
    Some((id, payload, next))
}

/// A number whose first byte says how long it is, with that mark, and its length in bytes.
fn vint(bytes: &[u8]) -> Option<(u64, usize)> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let raw = bytes.get(..width).filter(|_| width <= 8)?;
    Some((number(raw), width))
}

/// The last eight bytes as a number, most significant first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

// Ogg: RFC 3533, RFC 7845.

const OGG_HEAD: usize = 27;
const OPUS_PER_MS: u64 = 48;

fn ogg(bytes: &[u8]) -> Option<Recorded> {
    if bytes.get(28..36) != Some(b"OpusHead".as_slice()) {
        return None;
    }
    let (mut rest, mut last) = (bytes, 0);
    while let Some(head) = rest.get(..OGG_HEAD).filter(|head| head.starts_with(b"OggS")) {
        let granule = head.get(6..14)?.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        // All ones: no packet ends on this page.
        if granule != u64::MAX {
            last = last.max(granule);
        }
        let segments = usize::from(*head.get(26)?);
        let Some(table) = rest.get(OGG_HEAD..OGG_HEAD + segments) else { break };
        let body: usize = table.iter().map(|length| usize::from(*length)).sum();
        rest = rest.get(OGG_HEAD + segments + body..).unwrap_or_default();
    }
    (last > 0).then_some(Recorded {
        mime: "audio/ogg",
        kind: RecordedKind::Sound,
        length_ms: last / OPUS_PER_MS,
    })
}

// MP4: ISO/IEC 14496-12.

#[derive(Default)]
struct Mp4 {
    tracks: Tracks,
    /// Ticks a second of each track, in the order in which they are described.
    scales: Vec<(u64, u64)>,
    track: u64,
    length_ms: u64,
    has_frames: bool,
}

fn mp4(bytes: &[u8]) -> Option<Recorded> {
    if bytes.get(4..8) != Some(b"ftyp".as_slice()) {
        return None;
    }
    let (mut seen, mut rest) = (Mp4::default(), bytes);
    while let Some((name, payload, next)) = boxed(rest) {
        seen.take(name, payload);
        rest = next;
    }
    if !seen.has_frames {
        return None;
    }
    of_tracks(seen.tracks, ["audio/mp4", "video/mp4"], seen.length_ms)
}

/// A box: its name, what it holds, and what comes next. Of a container that is what is inside.
fn boxed(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let name: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
    let inside = bytes.get(8..)?;
    if matches!(&name, b"moov" | b"trak" | b"mdia" | b"moof" | b"traf") {
        return Some((name, &[], inside));
    }
    let (inside, size) = match number(bytes.get(..4)?) {
        0 => (inside, u64::MAX),
        1 => (bytes.get(16..)?, number(bytes.get(8..16)?).saturating_sub(16)),
        size => (inside, size.checked_sub(8)?),
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(inside.len());
    let (payload, next) = inside.split_at(size);
    Some((name, payload, next))
}

impl Mp4 {
    fn take(&mut self, name: [u8; 4], payload: &[u8]) {
        let is_wide = payload.first() == Some(&1);
        let at = |narrow: usize, wide: usize, bytes: usize| {
            let from = if is_wide { wide } else { narrow };
            payload.get(from..from + bytes).map_or(0, number)
        };
        let time = if is_wide { 8 } else { 4 };
        match &name {
            b"mvhd" => self.reaches(at(16, 24, time), at(12, 20, 4)),
            b"tkhd" => self.track = at(12, 20, 4),
            b"mdhd" => self.scales.push((self.track, at(12, 20, 4))),
            b"hdlr" if payload.get(8..12) == Some(b"soun".as_slice()) => self.tracks.has_sound = true,
            b"hdlr" if payload.get(8..12) == Some(b"vide".as_slice()) => self.tracks.has_picture = true,
            b"tfhd" => self.track = at(4, 4, 4),
            b"tfdt" => {
                let scale = self.scales.iter().find(|(track, _)| *track == self.track);
                self.reaches(at(4, 4, time), scale.map_or(0, |(_, scale)| *scale));
            }
            b"mdat" => self.has_frames |= !payload.is_empty(),
            _ => {}
        }
    }

    fn reaches(&mut self, ticks: u64, scale: u64) {
        let reached = ticks.saturating_mul(1_000).checked_div(scale).unwrap_or(0);
        self.length_ms = self.length_ms.max(reached);
    }
}

#[cfg(test)]
#[path = "recorded_tests.rs"]
mod tests;
