//! One simulcast layer of a track, or its only one: who listens, what is missing, and what is remembered of it.

use bytes::Bytes;
use rtc_rtp::Header;

use super::stream::{Missing, Pace, Stream};
use super::track::Told;
use crate::core::budget::Budget;
use crate::core::limits::{
    CAMERA_SILENCE_US, GAP_PACKETS_MAX, KEYFRAME_INTERVAL_US_MIN, NACK_AGE_US_MAX, NACK_DELAY_US,
    NACK_INTERVAL_US_MAX, NACK_INTERVAL_US_MIN, RETRANSMIT_TRIES_MAX,
};
use crate::core::meter::Meter;
use crate::core::now::Now;
use crate::core::packet::{Cache, Packet};
use crate::core::picture::Dependencies;
use crate::core::sound::frames::Frames;
use crate::terms::{Kind, PeerReport};

/// Where a track is received: a slot of a peer, by their places in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Place of the receiving peer.
    pub peer: usize,
    /// Place of its slot.
    pub slot: usize,
}

/// How the publisher's clock maps a track's timestamps: (our microseconds, RTP timestamp).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceClock {
    /// A moment on our clock.
    pub at_us: u64,
    /// The track's timestamp at that moment.
    pub timestamp: u32,
}

/// One simulcast layer of a track; a track without simulcast has one.
#[derive(Debug)]
pub struct Layer {
    /// Its name in the offer; empty without simulcast.
    pub rid: String,
    /// Who receives it now, or waits for its keyframe. Empty unless a route is open.
    pub listeners: Vec<Listener>,
    /// A recorder takes copies of it, or waits for its keyframe.
    pub is_recorded: bool,
    /// Packets that can be sent again; filled only while somebody listens.
    pub cache: Cache,
    /// The last frames, if it is sound; filled only while somebody listens.
    pub(super) frames: Frames,
    /// The publisher's clock, from its sender reports.
    pub clock: Option<SourceClock>,
    /// Its bit rate, by temporal layer.
    pub meter: Meter,
    /// Its bit rate when it was measured last over a whole second, for when it rests.
    pub last_bps: Option<u64>,
    /// Pixels of its pictures, if the codec says so in the clear.
    pub pixels: Option<u64>,
    pub(super) budget: Budget,
    pub(super) kind: Kind,
    pub(super) stream: Option<Stream>,
    pub(super) rtx_ssrc: Option<u32>,
    pub(super) dependencies: Dependencies,
    pub(super) wants_keyframe: bool,
    pub(super) keyframe_asked_us: u64,
    pub(super) heard_us: u64,
    /// It has been noticed that its encoder leaves it out.
    pub(super) is_missed: bool,
}

/// Whether the client can send again what is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Possible,
    Useless,
}

impl Layer {
    pub(super) fn new(rid: &str, kind: Kind) -> Layer {
        Layer {
            rid: rid.to_owned(),
            listeners: Vec::new(),
            is_recorded: false,
            cache: Cache::default(),
            frames: Frames::default(),
            clock: None,
            meter: Meter::default(),
            last_bps: None,
            pixels: None,
            budget: Budget::new(kind),
            kind,
            stream: None,
            rtx_ssrc: None,
            dependencies: Dependencies::default(),
            wants_keyframe: false,
            keyframe_asked_us: 0,
            heard_us: 0,
            is_missed: false,
        }
    }

    /// Whether somebody receives it: a listener, or a recorder, who is one as far as its publisher is concerned.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.is_recorded || !self.listeners.is_empty()
    }

    /// Whether packets of it came lately.
    #[must_use]
    pub fn is_live(&self, now: Now) -> bool {
        self.stream.is_some() && now.us < self.heard_us + CAMERA_SILENCE_US
    }

    /// The packets from that number to the newest one, if not one of them is missing.
    pub fn all_since(&self, number: u64) -> Option<Vec<Packet>> {
        let highest = self.stream.as_ref()?.highest;
        (number..=highest).map(|number| self.cache.get(number).cloned()).collect()
    }

    /// Whether its publisher, who was told `told`, may send it though it does not come now.
    #[must_use]
    pub fn may_come(&self, now: Now, told: &Told, place: usize) -> bool {
        told.may_come(now, (place, self.heard_us))
    }

    /// Somebody needs a keyframe of this layer.
    pub fn want_keyframe(&mut self) {
        self.wants_keyframe = self.kind == Kind::Video;
    }

    /// The SSRC to ask for a keyframe, when one is wanted, the throttle allows it and the layer is sent.
    pub fn keyframe_request(&mut self, now: Now) -> Option<u32> {
        let ssrc = self.stream.as_ref()?.ssrc;
        if self.keyframe_deadline(now)? > now.us {
            return None;
        }
        self.keyframe_asked_us = now.us;
        Some(ssrc)
    }

    pub(super) fn keyframe_deadline(&self, now: Now) -> Option<u64> {
        (self.wants_keyframe && self.is_live(now))
            .then_some(self.keyframe_asked_us + KEYFRAME_INTERVAL_US_MIN)
    }

    /// Notes how a packet's timestamp keeps pace with the time. A clock that has stood still is not known until the
    /// next sender report.
    pub(super) fn note_pace(&mut self, now: Now, number: u64, timestamp: u32) {
        let hz = if self.kind == Kind::Audio { 48e3 } else { 90e3 };
        let Some(stream) = self.stream.as_mut().filter(|stream| number > stream.highest) else { return };
        if stream.note_jitter(now, timestamp, hz) == Pace::Jumped {
            self.clock = None;
        }
    }

    /// Notes what lies between the highest number and this one.
    pub(super) fn note_gap(&mut self, now: Now, number: u64, can_ask: Asking) {
        let is_heard = self.is_wanted();
        let Some(stream) = &mut self.stream else { return };
        if number <= stream.highest {
            stream.missing.retain(|missing| missing.number != number);
            return;
        }
        let gap = number - stream.highest - 1;
        if gap > GAP_PACKETS_MAX || stream.missing.len() as u64 + gap > 2 * GAP_PACKETS_MAX {
            stream.missing.clear();
            self.wants_keyframe = self.kind == Kind::Video && is_heard;
        } else if can_ask == Asking::Possible && is_heard {
            let since_us = now.us;
            let missing = |number| Missing { number, tries: 0, next_us: since_us + NACK_DELAY_US, since_us };
            stream.missing.extend((stream.highest + 1..number).map(missing));
        }
        stream.highest = number;
    }

    /// Unwraps a retransmission into the packet it repeats; `None` if nobody asked for it.
    pub(super) fn unwrap(&mut self, header: &mut Header, payload: &Bytes) -> Option<Bytes> {
        let stream = self.stream.as_ref()?;
        let (high, low) = (*payload.first()?, *payload.get(1)?);
        let sequence = u16::from_be_bytes([high, low]);
        let number = stream.extend(sequence);
        if !stream.missing.iter().any(|missing| missing.number == number && missing.tries > 0) {
            return None;
        }
        (header.ssrc, header.sequence_number) = (stream.ssrc, sequence);
        Some(payload.slice(2..))
    }

    /// SSRC and numbers that are due to be asked for; counts what is given up.
    pub fn nack(
        &mut self,
        now: Now,
        round_trip_us: Option<u64>,
        report: &mut PeerReport,
    ) -> Option<(u32, Vec<u16>)> {
        let is_wanted = self.is_wanted();
        let stream = self.stream.as_mut()?;
        if stream.missing.is_empty() {
            return None;
        }
        let interval = round_trip_us.map_or(NACK_INTERVAL_US_MAX / 4, |us| us + us / 4);
        let interval = interval.clamp(NACK_INTERVAL_US_MIN, NACK_INTERVAL_US_MAX);
        let before = stream.missing.len();
        stream.missing.retain(|missing| {
            let is_spent = missing.tries >= RETRANSMIT_TRIES_MAX && missing.next_us <= now.us;
            !is_spent && now.us < missing.since_us + NACK_AGE_US_MAX
        });
        let given_up = (before - stream.missing.len()) as u64;
        report.given_up += given_up;
        if given_up > 0 && is_wanted {
            self.wants_keyframe = self.kind == Kind::Video;
        }
        let mut due = Vec::new();
        for missing in stream.missing.iter_mut().filter(|missing| missing.next_us <= now.us) {
            missing.tries += 1;
            missing.next_us = now.us + interval;
            due.push(missing.number as u16);
        }
        report.nacks_sent += due.len() as u64;
        (!due.is_empty()).then_some((stream.ssrc, due))
    }

    pub(super) fn deadline(&self, now: Now) -> Option<u64> {
        let missing = self
            .stream
            .as_ref()
            .and_then(|stream| stream.missing.iter().map(|missing| missing.next_us).min());
        missing.into_iter().chain(self.keyframe_deadline(now)).min()
    }

    /// Nobody listens any more: what was kept for listeners is forgotten, and what it took then says nothing of the
    /// time when somebody listens again.
    pub fn fall_silent(&mut self) {
        self.cache.clear();
        self.meter = Meter::default();
        self.frames.clear();
        self.wants_keyframe = false;
        if let Some(stream) = &mut self.stream {
            stream.missing.clear();
        }
    }
}
