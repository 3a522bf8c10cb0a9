//! What the recorder is given. Values only.

use bytes::Bytes;

/// What a track is coded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// RFC 7587.
    Opus,
    /// RFC 7741.
    Vp8,
    /// RFC 9628.
    Vp9,
    /// RFC 6184.
    H264,
    /// AV1 RTP 1.0.
    Av1,
}

impl Codec {
    /// The stable word in the manifest.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
            Self::H264 => "h264",
            Self::Av1 => "av1",
        }
    }

    /// Ticks of its timestamps a second.
    #[must_use]
    pub const fn hertz(self) -> i64 {
        if matches!(self, Self::Opus) { 48_000 } else { 90_000 }
    }
}

/// How a publisher's clock maps a track's timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// A moment, microseconds since 1970 on the server's clock.
    pub at_us: u64,
    /// The track's timestamp at that moment.
    pub timestamp: u32,
}

/// One packet of a track.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Whose; what [`Note::Joined`](crate::Note::Joined) named.
    pub source: u64,
    /// Which track of that source.
    pub track: usize,
    /// Its codec.
    pub codec: Codec,
    /// Which stream of the track: numbers of another one say nothing about those of this.
    pub stream: u64,
    /// Its number, without wraps.
    pub number: u64,
    /// Its RTP timestamp.
    pub timestamp: u32,
    /// The last packet of a picture.
    pub is_marked: bool,
    /// A keyframe begins with it.
    pub is_key_start: bool,
    /// When it came, microseconds since 1970 on the server's clock.
    pub came_us: u64,
    /// The publisher's clock, when it is known.
    pub clock: Option<Clock>,
    /// The RTP payload.
    pub payload: Bytes,
}
