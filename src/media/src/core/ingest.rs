//! What comes from one peer: places each packet in its track, finds gaps, asks for what is missing, and reports.
//!
//! Sees only authentic packets. Bounded: a gap too long is bridged by a keyframe, a packet is asked for at most
//! `RETRANSMIT_TRIES_MAX` times, and a retransmission that nobody asked for is dropped as probing.

use std::time::Duration;

use bytes::Bytes;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtp::Header;

use super::budget::Budget;
use super::feedback::Arrivals;
use super::limits::{
    CAMERA_SILENCE_US, GAP_PACKETS_MAX, KEYFRAME_INTERVAL_US_MIN, LAYER_REST_US, NACK_AGE_US_MAX,
    NACK_DELAY_US, NACK_INTERVAL_US_MAX, NACK_INTERVAL_US_MIN, REPORT_INTERVAL_US, RETRANSMIT_TRIES_MAX,
    SEEN_PACKETS,
};
use super::meter::Meter;
use super::now::{Now, us_of_ntp};
use super::packet::{Cache, Packet};
use super::picture::{Dependencies, Picture};
use super::sdp::offer::{Codec, Content, Direction, Offer, RtpSection};
use crate::terms::{Kind, PeerReport};

/// Where a track is received: a slot of a peer, by their places in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Place of the receiving peer.
    pub peer: usize,
    /// Place of its slot.
    pub slot: usize,
}

/// A packet that is missing.
#[derive(Clone, Copy, Debug)]
struct Missing {
    number: u64,
    tries: u8,
    next_us: u64,
    since_us: u64,
}

/// One SSRC of a track and what has come of it.
#[derive(Debug)]
struct Stream {
    ssrc: u32,
    id: u32,
    first: u64,
    highest: u64,
    received: u64,
    /// The number last seen at each place of the ring.
    seen: Vec<u64>,
    missing: Vec<Missing>,
    jitter: f64,
    transit: Option<f64>,
    /// Middle of the last sender report's NTP time, and when it came.
    last_report: Option<(u32, u64)>,
    /// Expected and received when the last receiver report was written.
    reported: (u64, u64),
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
    /// Packets that can be sent again; filled only while somebody listens.
    pub cache: Cache,
    /// The publisher's clock, from its sender reports.
    pub clock: Option<SourceClock>,
    /// Its bit rate, by temporal layer.
    pub meter: Meter,
    /// Its bit rate when it was measured last over a whole second, for when it rests.
    pub last_bps: Option<u64>,
    /// Pixels of its pictures, if the codec says so in the clear.
    pub pixels: Option<u64>,
    budget: Budget,
    kind: Kind,
    stream: Option<Stream>,
    rtx_ssrc: Option<u32>,
    dependencies: Dependencies,
    wants_keyframe: bool,
    keyframe_asked_us: u64,
    heard_us: u64,
}

/// Which layers the publisher was told that anybody receives.
#[derive(Debug)]
pub struct Told {
    layers: Vec<bool>,
    /// Since when less is wanted than was told.
    less_since_us: Option<u64>,
}

impl Told {
    /// The names to tell now, if they are others: more at once, less when it has lasted.
    pub fn follow(&mut self, now: Now, layers: &[Layer]) -> Option<Vec<String>> {
        let wanted: Vec<bool> = layers.iter().map(|layer| !layer.listeners.is_empty()).collect();
        let is_more = wanted.iter().zip(&self.layers).any(|(wanted, told)| *wanted && !told);
        if wanted == self.layers {
            self.less_since_us = None;
            return None;
        }
        if !is_more {
            let since = *self.less_since_us.get_or_insert(now.us);
            if now.us < since + LAYER_REST_US {
                return None;
            }
        }
        self.less_since_us = None;
        self.layers = wanted;
        let names = layers.iter().zip(&self.layers).filter(|(_, wanted)| **wanted);
        Some(names.map(|(layer, _)| layer.rid.clone()).collect())
    }

    /// Whether the publisher was told that nobody receives a layer.
    #[must_use]
    pub fn is_resting(&self, layer: usize) -> bool {
        self.layers.get(layer) == Some(&false)
    }

    fn deadline(&self) -> Option<u64> {
        self.less_since_us.map(|since| since + LAYER_REST_US)
    }
}

/// A sending m-line of the client.
#[derive(Debug)]
pub struct Track {
    /// Sound or picture.
    pub kind: Kind,
    /// Its simulcast layers, lowest first; never empty.
    pub layers: Vec<Layer>,
    /// Its m-line.
    pub mid: String,
    /// What its publisher was told of its layers.
    pub told: Told,
    /// The codec of its last packet.
    pub codec: Option<Codec>,
    /// How loud it has been lately, in decibels above the threshold of hearing; 0 for pictures.
    pub loudness: f32,
    section: RtpSection,
    streams: u32,
}

/// What [`Ingest::rtp`] made of a packet.
pub struct Arrived {
    /// Place of the track.
    pub track: usize,
    /// The packet.
    pub packet: Packet,
    /// Whether it is the first of its kind from this peer.
    pub is_first: bool,
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

impl Stream {
    fn new(ssrc: u32, id: u32, number: u64) -> Stream {
        Stream {
            ssrc,
            id,
            first: number,
            highest: number - 1,
            received: 0,
            seen: vec![0; SEEN_PACKETS],
            missing: Vec::new(),
            jitter: 0.0,
            transit: None,
            last_report: None,
            reported: (0, 0),
        }
    }

    /// The extended number nearest to the highest one.
    fn extend(&self, sequence: u16) -> u64 {
        self.highest.saturating_add_signed(i64::from(sequence.wrapping_sub(self.highest as u16) as i16))
    }

    /// Notes a packet; `false` if it came before or is too old to tell.
    fn is_new(&mut self, number: u64) -> bool {
        let place = &mut self.seen[number as usize % SEEN_PACKETS];
        if *place >= number || number + (SEEN_PACKETS as u64 / 2) < self.highest || number < self.first {
            return false;
        }
        *place = number;
        self.received += 1;
        true
    }

    /// RFC 3550 §6.4.1, in units of the timestamp.
    fn note_jitter(&mut self, now: Now, timestamp: u32, hz: f64) {
        let transit = now.us as f64 * hz / 1e6 % 4_294_967_296.0 - f64::from(timestamp);
        if let Some(before) = self.transit {
            let difference = (transit - before).abs();
            if difference < hz {
                self.jitter += (difference - self.jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
    }

    fn report(&mut self, now: Now) -> ReceptionReport {
        let expected = self.highest + 1 - self.first;
        let (expected_since, received_since) = (expected - self.reported.0, self.received - self.reported.1);
        self.reported = (expected, self.received);
        let lost = expected_since.saturating_sub(received_since);
        let (last_sender_report, delay) = self
            .last_report
            .map_or((0, 0), |(middle, at)| (middle, ((now.us - at) * 65_536 / 1_000_000) as u32));
        ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(expected_since).unwrap_or(0).min(255) as u8,
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            last_sequence_number: (self.highest as u32).wrapping_sub(1 << 16),
            jitter: self.jitter as u32,
            last_sender_report,
            delay,
        }
    }
}

impl Layer {
    fn new(rid: &str, kind: Kind) -> Layer {
        Layer {
            rid: rid.to_owned(),
            listeners: Vec::new(),
            cache: Cache::default(),
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
        }
    }

    /// Whether packets of it came lately.
    #[must_use]
    pub fn is_live(&self, now: Now) -> bool {
        self.stream.is_some() && now.us < self.heard_us + CAMERA_SILENCE_US
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

    fn keyframe_deadline(&self, now: Now) -> Option<u64> {
        (self.wants_keyframe && self.is_live(now))
            .then_some(self.keyframe_asked_us + KEYFRAME_INTERVAL_US_MIN)
    }

    /// Notes what lies between the highest number and this one.
    fn note_gap(&mut self, now: Now, number: u64, can_ask: Asking) {
        let is_heard = !self.listeners.is_empty();
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
    fn unwrap(&mut self, header: &mut Header, payload: &Bytes) -> Option<Bytes> {
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
        if given_up > 0 && !self.listeners.is_empty() {
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

    fn deadline(&self, now: Now) -> Option<u64> {
        let missing = self
            .stream
            .as_ref()
            .and_then(|stream| stream.missing.iter().map(|missing| missing.next_us).min());
        missing.into_iter().chain(self.keyframe_deadline(now)).min()
    }

    /// Nobody listens any more: what was kept for listeners is forgotten.
    pub fn fall_silent(&mut self) {
        self.cache.clear();
        self.wants_keyframe = false;
        if let Some(stream) = &mut self.stream {
            stream.missing.clear();
        }
    }
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dropped {
    /// It came before.
    Duplicate,
    /// Its source sends more than one may.
    BeyondBudget,
}

/// Whether the client can send again what is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Possible,
    Useless,
}

impl Track {
    fn new(mid: &str, section: &RtpSection) -> Track {
        let layers = if section.rids.is_empty() {
            vec![Layer::new("", section.kind)]
        } else {
            section.rids.iter().map(|rid| Layer::new(rid, section.kind)).collect()
        };
        Track {
            kind: section.kind,
            told: Told { layers: vec![true; layers.len()], less_since_us: None },
            layers,
            mid: mid.to_owned(),
            codec: None,
            loudness: 0.0,
            section: section.clone(),
            streams: 0,
        }
    }

    /// Whether anybody listens to any layer.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.layers.iter().any(|layer| !layer.listeners.is_empty())
    }

    /// The stream of an SSRC in a layer, begun anew when the client changed the SSRC.
    fn stream(&mut self, layer: usize, ssrc: u32, sequence: u16) -> &mut Stream {
        let layer = &mut self.layers[layer];
        if layer.stream.as_ref().is_none_or(|stream| stream.ssrc != ssrc) {
            // Numbers of a layer never repeat, so a new stream starts in a cycle that the old one has not reached.
            let cycle = layer.stream.as_ref().map_or(1, |old| (old.highest >> 16) + 2);
            self.streams += 1;
            layer.rtx_ssrc = None;
            layer.clock = None;
            layer.stream = None;
            // A new stream shows nothing before its keyframe, and the packets that came first may be lost.
            layer.wants_keyframe = layer.kind == Kind::Video && !layer.listeners.is_empty();
            return layer.stream.insert(Stream::new(ssrc, self.streams, cycle << 16 | u64::from(sequence)));
        }
        layer.stream.get_or_insert_with(|| Stream::new(ssrc, 0, 1 << 16))
    }

    /// Takes a packet of a layer into account.
    fn take(
        &mut self,
        now: Now,
        (place, codec): (usize, Codec),
        header: &Header,
        payload: Bytes,
    ) -> Result<Packet, Dropped> {
        let (kind, is_heard) = (self.kind, self.is_heard());
        let can_ask = match self.section.line(codec).and_then(|line| line.rtx_payload_type) {
            Some(_) => Asking::Possible,
            None => Asking::Useless,
        };
        let extension = |id: Option<u8>| id.and_then(|id| header.get_extension(id));
        let (dependency, level) =
            (extension(self.section.extensions.dependency), extension(self.section.extensions.level));
        self.codec = Some(codec);
        let stream = self.stream(place, header.ssrc, header.sequence_number);
        let number = stream.extend(header.sequence_number);
        if !stream.is_new(number) {
            return Err(Dropped::Duplicate);
        }
        let id = stream.id;
        if number > stream.highest {
            stream.note_jitter(now, header.timestamp, if kind == Kind::Audio { 48e3 } else { 90e3 });
        }
        let layer = &mut self.layers[place];
        layer.heard_us = now.us;
        layer.note_gap(now, number, can_ask);
        if !layer.budget.allows(now, payload.len()) {
            return Err(Dropped::BeyondBudget);
        }
        let described = dependency.and_then(|bytes| layer.dependencies.read(&bytes));
        let mut picture = Picture::read(codec, &payload);
        if let Some(other) = described {
            // The payload may be sealed end to end; what has to be rewritten is only in VP8's own descriptor.
            picture = Picture { vp8: picture.vp8, is_sync: picture.is_sync, ..other };
        }
        layer.wants_keyframe &= !picture.is_key_start;
        layer.meter.note(now, payload.len(), picture.temporal);
        if picture.is_key_start {
            layer.last_bps = Some(layer.meter.bps(now, u8::MAX)).filter(|bps| *bps > 0).or(layer.last_bps);
            layer.pixels = picture.vp8.pixels.or(layer.pixels);
        }
        let level = level.and_then(|bytes| bytes.first().copied()).filter(|_| kind == Kind::Audio);
        let packet = Packet {
            kind,
            codec,
            layer: place as u8,
            stream: id,
            number,
            timestamp: header.timestamp,
            is_marked: header.marker,
            picture,
            level,
            payload,
        };
        if kind == Kind::Video && is_heard {
            layer.cache.put(&packet);
        }
        if let Some(level) = level {
            self.hear(level);
        }
        Ok(packet)
    }

    /// Follows the loudness: up at once, down by half in about a third of a second.
    fn hear(&mut self, level: u8) {
        let loudness = f32::from(127 - (level & 0x7f));
        let step = if loudness > self.loudness { 0.3 } else { 0.04 };
        self.loudness += (loudness - self.loudness) * step;
    }

    /// Which layer a packet is of, and whether it is a retransmission; `None` if nobody can tell.
    fn layer_of(&self, header: &Header) -> Option<usize> {
        let ssrc = header.ssrc;
        let is_known = |layer: &Layer| {
            layer.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc) || layer.rtx_ssrc == Some(ssrc)
        };
        if self.section.rids.is_empty() {
            return Some(0);
        }
        if let Some(place) = self.layers.iter().position(is_known) {
            return Some(place);
        }
        let ids = &self.section.extensions;
        let name = ids.rrid.and_then(|id| header.get_extension(id)).filter(|name| !name.is_empty());
        let name = name.or_else(|| ids.rid.and_then(|id| header.get_extension(id)))?;
        self.layers.iter().position(|layer| layer.rid.as_bytes() == name)
    }
}

impl Ingest {
    /// The sending sections of an offer.
    #[must_use]
    pub fn new(offer: &Offer) -> Ingest {
        let track = |section: &super::sdp::offer::Section| match &section.content {
            Content::Rtp(rtp) if rtp.direction == Direction::Sends => Some(Track::new(&section.mid, rtp)),
            _ => None,
        };
        Ingest {
            tracks: offer.sections.iter().filter_map(track).collect(),
            arrivals: Arrivals::default(),
            report_us: 0,
            clock_offset_us: None,
        }
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
        if let Some(value) = twcc.and_then(|id| header.get_extension(id)).filter(|v| v.len() >= 2) {
            self.arrivals.note(now, u16::from_be_bytes([value[0], value[1]]));
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
        let packet = match track.take(now, (layer, codec), &header, payload) {
            Ok(packet) => packet,
            Err(Dropped::Duplicate) => {
                report.duplicates += 1;
                return None;
            }
            Err(Dropped::BeyondBudget) => {
                report.limited += 1;
                return None;
            }
        };
        report.rtp_received += 1;
        if self.report_us == 0 {
            self.report_us = now.us + REPORT_INTERVAL_US;
        }
        Some(Arrived { track: place, packet, is_first })
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
            let mid = t.section.extensions.mid.and_then(|id| header.get_extension(id));
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

/// The payload without its padding; `None` if the padding is longer than the payload.
fn unpad(header: &Header, mut payload: Bytes) -> Option<Bytes> {
    if header.padding {
        let padding = usize::from(*payload.last()?);
        payload.truncate(payload.len().checked_sub(padding)?);
    }
    Some(payload)
}
