//! What comes from one peer: places each packet in its track, finds gaps, asks for what is missing, and reports.
//!
//! Sees only authentic packets. Bounded: a gap too long is bridged by a keyframe, a packet is asked for at most
//! `RETRANSMIT_TRIES_MAX` times, and a retransmission that nobody asked for is dropped as probing.

mod layer;
mod stream;
mod track;
mod voice;

pub use layer::{Layer, Listener, SourceClock};
pub use track::{Tapped, Told, Track};

use std::time::Duration;

use bytes::Bytes;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtp::Header;

use super::feedback::Arrivals;
use super::limits::REPORT_INTERVAL_US;
use super::now::{Now, us_of_ntp};
use super::packet::Packet;
use super::sdp::offer::{Content, Direction, Offer};
use super::sound::frames::Frames;
use crate::terms::{Kind, PeerReport};
use track::Dropped;

/// What [`Ingest::rtp`] made of a packet.
pub struct Arrived {
    /// Place of the track.
    pub track: usize,
    /// What it brought back of the packets before it, in their order.
    pub back: Vec<Packet>,
    /// The packet itself.
    pub last: Packet,
    /// Whether it is the first of its kind from this peer.
    pub is_first: bool,
    /// Whether others of its track's layers come than before: it is the first of its layer for a while, or another layer
    /// has been left out.
    pub has_other_layers: bool,
    /// Whether the clock of its layer is not known any more.
    pub has_lost_clock: bool,
}

/// Everything that a peer sends.
#[derive(Debug)]
pub struct Ingest {
    /// The tracks in the order of the offer.
    pub tracks: Vec<Track>,
    arrivals: Arrivals,
    report_us: u64,
    /// Difference of our clock and the publisher's NTP clock, from its sender reports.
    clock_offset_us: Option<i64>,
}

impl Ingest {
    /// The sending sections of an offer.
    #[must_use]
    pub fn new(offer: &Offer) -> Ingest {
        let mut tracks: Vec<Track> = Vec::new();
        for section in &offer.sections {
            if let Content::Rtp(rtp) = &section.content
                && rtp.direction == Direction::Sends
            {
                let nth = tracks.iter().filter(|other| other.kind == rtp.kind).count();
                tracks.push(Track::new((&section.mid, nth), rtp));
            }
        }
        Ingest { tracks, arrivals: Arrivals::default(), report_us: 0, clock_offset_us: None }
    }

    /// The jitter of the worst stream (RFC 3550 §6.4.1).
    #[must_use]
    pub fn jitter(&self) -> Duration {
        let of = |layer: &Layer| {
            let hz = if layer.kind == Kind::Audio { 48_000.0 } else { 90_000.0 };
            layer.stream.as_ref().map_or(0.0, |stream| stream.jitter / hz)
        };
        Duration::from_secs_f64(self.layers().map(of).fold(0.0, f64::max).min(10.0))
    }

    /// Places of the tracks whose publisher is due to be told of its layers.
    pub fn told_due(&self, now: Now) -> Vec<usize> {
        let is_due = |track: &Track| track.told.deadline().is_some_and(|at| at <= now.us);
        (0..self.tracks.len()).filter(|place| is_due(&self.tracks[*place])).collect()
    }

    /// The last frames of a track, if it is sound.
    #[must_use]
    pub fn frames(&self, track: usize) -> Option<&Frames> {
        let track = self.tracks.get(track).filter(|track| track.kind == Kind::Audio)?;
        track.layers.first().map(|layer| &layer.frames)
    }

    /// All layers of all tracks.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.tracks.iter().flat_map(|track| &track.layers)
    }

    /// Takes an authentic RTP packet; `None` if it is a duplicate, probing, or of no track.
    pub fn rtp(
        &mut self,
        now: Now,
        mut header: Header,
        payload: Bytes,
        report: &mut PeerReport,
    ) -> Option<Arrived> {
        let found = self.place(&header);
        let place = found.and_then(|track| Some((track, self.tracks[track].layer_of(&header)?)));
        let twcc = found.and_then(|track| self.tracks[track].section.extensions.twcc);
        if let Some([high, low, ..]) = twcc.and_then(|id| extension_of(&header, id)) {
            self.arrivals.note(now, u16::from_be_bytes([*high, *low]));
        }
        let Some((place, layer)) = place else {
            report.refused += 1;
            return None;
        };
        let track = &mut self.tracks[place];
        let mut payload = unpad(&header, payload)?;
        let number = header.payload_type;
        let repeated = track.section.codecs.iter().find(|line| line.rtx_payload_type == Some(number));
        let line = repeated.or_else(|| track.section.codecs.iter().find(|line| line.payload_type == number));
        let Some(codec) = line.map(|line| line.codec) else {
            report.refused += 1;
            return None;
        };
        if repeated.is_some() {
            track.layers[layer].rtx_ssrc = Some(header.ssrc);
            payload = track.layers[layer].unwrap(&mut header, &payload)?;
            report.rtx_received += 1;
        }
        let is_first = track.streams == 0;
        let is_back = !track.layers[layer].is_live(now);
        let clock = track.layers[layer].clock;
        let (back, last) = match track.take(now, (layer, codec), &header, payload) {
            Ok(taken) => taken,
            Err(Dropped::Duplicate) => {
                report.duplicates += 1;
                return None;
            }
            Err(Dropped::BeyondBudget) => {
                report.limited += 1;
                return None;
            }
        };
        let has_other_layers = is_back || track.misses();
        report.rtp_received += 1;
        report.sound_back += back.len() as u64;
        if self.report_us == 0 {
            self.report_us = now.us + REPORT_INTERVAL_US;
        }
        let has_lost_clock = clock.is_some() && track.layers[layer].clock.is_none();
        Some(Arrived { track: place, back, last, is_first, has_other_layers, has_lost_clock })
    }

    /// The track of a packet: by its SSRC, its `mid`, the announced SSRCs, or a payload type that only one has.
    fn place(&self, header: &Header) -> Option<usize> {
        let ssrc = header.ssrc;
        let known = |t: &Track| {
            t.layers.iter().any(|layer| {
                layer.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc)
                    || layer.rtx_ssrc == Some(ssrc)
            })
        };
        let named = |t: &Track| {
            let mid = t.section.extensions.mid.and_then(|id| extension_of(header, id));
            mid.is_some_and(|mid| mid == t.mid.as_bytes())
        };
        let announced = |t: &Track| {
            t.section.ssrcs.contains(&ssrc) || t.section.rtx_pairs.iter().any(|pair| pair.1 == ssrc)
        };
        let number = header.payload_type;
        let typed = |t: &Track| {
            let is = |line: &super::sdp::offer::CodecLine| {
                line.payload_type == number || line.rtx_payload_type == Some(number)
            };
            t.section.codecs.iter().any(is)
        };
        let find = |test: &dyn Fn(&Track) -> bool| self.tracks.iter().position(test);
        let only = || find(&typed).filter(|_| self.tracks.iter().filter(|track| typed(track)).count() == 1);
        find(&known).or_else(|| find(&named)).or_else(|| find(&announced)).or_else(only)
    }

    /// Takes a sender report; returns the track and the layer whose clock it set.
    pub fn sender_report(&mut self, now: Now, ssrc: u32, ntp: u64, timestamp: u32) -> Option<(usize, usize)> {
        let is_its = |layer: &Layer| layer.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc);
        let mut places = self.tracks.iter().enumerate();
        let place = places.find_map(|(at, t)| Some((at, t.layers.iter().position(is_its)?)))?;
        let sent_us = us_of_ntp(ntp);
        let offset = self.clock_offset((now.us as i64).wrapping_sub(sent_us));
        let layer = &mut self.tracks[place.0].layers[place.1];
        if let Some(stream) = &mut layer.stream {
            stream.last_report = Some(((ntp >> 16) as u32, now.us));
        }
        let at_us = u64::try_from(sent_us.wrapping_add(offset)).ok()?;
        layer.clock = Some(SourceClock { at_us, timestamp });
        Some(place)
    }

    /// The difference of the clocks: the least delay seen, let go slowly, because clocks drift apart.
    fn clock_offset(&mut self, seen_us: i64) -> i64 {
        let offset = match self.clock_offset_us {
            Some(before) if (0..1_000_000).contains(&(seen_us - before)) => before + (seen_us - before) / 128,
            _ => seen_us,
        };
        self.clock_offset_us = Some(offset);
        offset
    }

    /// Transport-wide feedback, when it is due.
    pub fn arrivals(&mut self, now: Now) -> Option<Vec<u8>> {
        let stream = self.layers().find_map(|layer| layer.stream.as_ref());
        self.arrivals.write(now, stream.map_or(0, |stream| stream.ssrc))
    }

    /// Reception reports of the streams that came lately, when they are due.
    pub fn reports(&mut self, now: Now) -> Vec<ReceptionReport> {
        if self.report_us == 0 || now.us < self.report_us {
            return Vec::new();
        }
        self.report_us = 0; // set again by the next packet, so that a silent peer costs nothing
        let is_live = |layer: &&mut Layer| now.us < layer.heard_us + 2 * REPORT_INTERVAL_US;
        let layers = self.tracks.iter_mut().flat_map(|track| &mut track.layers);
        layers
            .filter(is_live)
            .filter_map(|layer| layer.stream.as_mut())
            .map(|stream| stream.report(now))
            .collect()
    }

    /// When this side next wants to be looked at.
    #[must_use]
    pub fn deadline(&self, now: Now) -> Option<u64> {
        let report = (self.report_us != 0).then_some(self.report_us);
        let layers = self.layers().filter_map(|layer| layer.deadline(now));
        let told = self.tracks.iter().filter_map(|track| track.told.deadline());
        layers.chain(told).chain(report).chain(self.arrivals.deadline()).min()
    }
}

/// The value of a header extension (RFC 8285), where it lies: the component's own look-up makes a shared copy.
fn extension_of(header: &Header, id: u8) -> Option<&[u8]> {
    header.extensions.iter().find(|extension| extension.id == id).map(|extension| &extension.payload[..])
}

/// The payload without its padding; `None` if the padding is longer than the payload.
fn unpad(header: &Header, mut payload: Bytes) -> Option<Bytes> {
    if header.padding {
        let padding = usize::from(*payload.last()?);
        payload.truncate(payload.len().checked_sub(padding)?);
    }
    Some(payload)
}
