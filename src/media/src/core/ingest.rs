//! What comes from one peer: places each packet in its track, finds gaps, asks for what is missing, and reports.
//!
//! Sees only authentic packets. Bounded: a gap too long is bridged by a keyframe, a packet is asked for at most
//! `RETRANSMIT_TRIES_MAX` times, and a retransmission that nobody asked for is dropped as probing.

use bytes::Bytes;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtp::Header;

use super::feedback::Arrivals;
use super::limits::{
    CAMERA_SILENCE_US, GAP_PACKETS_MAX, KEYFRAME_INTERVAL_US_MIN, NACK_AGE_US_MAX, NACK_DELAY_US,
    NACK_INTERVAL_US_MAX, NACK_INTERVAL_US_MIN, REPORT_INTERVAL_US, RETRANSMIT_TRIES_MAX, SEEN_PACKETS,
};
use super::now::{Now, us_of_ntp};
use super::packet::{Cache, Packet};
use super::sdp::offer::{Content, Direction, Offer, RtpSection};
use super::vp8::Vp8;
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

/// A sending m-line of the client.
#[derive(Debug)]
pub struct Track {
    /// Sound or picture.
    pub kind: Kind,
    /// Who receives it now. Empty unless a route is open.
    pub listeners: Vec<Listener>,
    /// Packets that can be sent again; filled only while somebody listens.
    pub cache: Cache,
    /// The publisher's clock, from its sender reports.
    pub clock: Option<SourceClock>,
    section: RtpSection,
    mid: String,
    stream: Option<Stream>,
    streams: u32,
    rtx_ssrc: Option<u32>,
    wants_keyframe: bool,
    keyframe_asked_us: u64,
    heard_us: u64,
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

impl Track {
    fn new(mid: &str, section: &RtpSection) -> Track {
        Track {
            kind: section.kind,
            listeners: Vec::new(),
            cache: Cache::default(),
            clock: None,
            section: section.clone(),
            mid: mid.to_owned(),
            stream: None,
            streams: 0,
            rtx_ssrc: None,
            wants_keyframe: false,
            keyframe_asked_us: 0,
            heard_us: 0,
        }
    }

    fn hz(&self) -> u32 {
        match self.kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// Somebody needs a keyframe of this track.
    pub fn want_keyframe(&mut self) {
        self.wants_keyframe = self.kind == Kind::Video;
    }

    /// The SSRC to ask for a keyframe, when one is wanted, the throttle allows it and the camera is on.
    pub fn keyframe_request(&mut self, now: Now) -> Option<u32> {
        let ssrc = self.stream.as_ref()?.ssrc;
        if self.keyframe_deadline(now)? > now.us {
            return None;
        }
        self.keyframe_asked_us = now.us;
        Some(ssrc)
    }

    fn keyframe_deadline(&self, now: Now) -> Option<u64> {
        let is_on = self.stream.is_some() && now.us < self.heard_us + CAMERA_SILENCE_US;
        (self.wants_keyframe && is_on).then_some(self.keyframe_asked_us + KEYFRAME_INTERVAL_US_MIN)
    }

    /// The stream of an SSRC, begun anew when the client changed the SSRC of the track.
    fn stream(&mut self, ssrc: u32, sequence: u16) -> &mut Stream {
        let is_other = self.stream.as_ref().is_none_or(|stream| stream.ssrc != ssrc);
        if is_other {
            // Numbers of a track never repeat, so a new stream starts in a cycle that the old one has not reached.
            let cycle = self.stream.as_ref().map_or(1, |old| (old.highest >> 16) + 2);
            self.streams += 1;
            self.rtx_ssrc = None;
            self.stream = None;
            return self.stream.insert(Stream::new(ssrc, self.streams, cycle << 16 | u64::from(sequence)));
        }
        self.stream.get_or_insert_with(|| Stream::new(ssrc, 0, 1 << 16))
    }

    /// Takes a packet of the track into account; `None` if it came before.
    fn take(&mut self, now: Now, header: &Header, payload: Bytes) -> Option<Packet> {
        let (kind, hz) = (self.kind, f64::from(self.hz()));
        self.heard_us = now.us;
        let stream = self.stream(header.ssrc, header.sequence_number);
        let number = stream.extend(header.sequence_number);
        if !stream.is_new(number) {
            return None;
        }
        if number > stream.highest {
            stream.note_jitter(now, header.timestamp, hz);
        }
        let id = stream.id;
        self.note_gap(now, number);
        let vp8 = if kind == Kind::Video { Vp8::read(&payload).unwrap_or_default() } else { Vp8::default() };
        self.wants_keyframe &= !vp8.is_key_start;
        let is_marked = header.marker;
        let packet =
            Packet { kind, stream: id, number, timestamp: header.timestamp, is_marked, vp8, payload };
        if kind == Kind::Video && !self.listeners.is_empty() {
            self.cache.put(&packet);
        }
        Some(packet)
    }

    /// Notes what lies between the highest number and this one.
    fn note_gap(&mut self, now: Now, number: u64) {
        let can_ask = self.section.rtx_payload_type.is_some() && !self.listeners.is_empty();
        let Some(stream) = &mut self.stream else { return };
        if number <= stream.highest {
            stream.missing.retain(|missing| missing.number != number);
            return;
        }
        let gap = number - stream.highest - 1;
        if gap > GAP_PACKETS_MAX || stream.missing.len() as u64 + gap > 2 * GAP_PACKETS_MAX {
            stream.missing.clear();
            self.wants_keyframe = self.kind == Kind::Video && !self.listeners.is_empty();
        } else if can_ask {
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

    /// Takes an authentic RTP packet; `None` if it is a duplicate, probing, or of no track.
    pub fn rtp(
        &mut self,
        now: Now,
        mut header: Header,
        payload: Bytes,
        report: &mut PeerReport,
    ) -> Option<Arrived> {
        let Some(place) = self.place(&header) else {
            report.refused += 1;
            return None;
        };
        let track = &mut self.tracks[place];
        if let Some(value) =
            track.section.twcc_extension.and_then(|id| header.get_extension(id)).filter(|v| v.len() >= 2)
        {
            self.arrivals.note(now, u16::from_be_bytes([value[0], value[1]]));
        }
        let mut payload = unpad(&header, payload)?;
        if track.section.rtx_payload_type == Some(header.payload_type) {
            track.rtx_ssrc = Some(header.ssrc);
            payload = track.unwrap(&mut header, &payload)?;
            report.rtx_received += 1;
        } else if header.payload_type != track.section.payload_type {
            report.refused += 1;
            return None;
        }
        let is_first = track.streams == 0;
        let Some(packet) = track.take(now, &header, payload) else {
            report.duplicates += 1;
            return None;
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
            t.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc) || t.rtx_ssrc == Some(ssrc)
        };
        let named = |t: &Track| {
            t.section
                .mid_extension
                .and_then(|id| header.get_extension(id))
                .is_some_and(|mid| mid == t.mid.as_bytes())
        };
        let announced = |t: &Track| {
            t.section.ssrcs.contains(&ssrc) || t.section.rtx_pairs.iter().any(|pair| pair.1 == ssrc)
        };
        let typed = |t: &Track| {
            t.section.payload_type == header.payload_type
                || t.section.rtx_payload_type == Some(header.payload_type)
        };
        let find = |test: &dyn Fn(&Track) -> bool| self.tracks.iter().position(test);
        let only = || find(&typed).filter(|_| self.tracks.iter().filter(|track| typed(track)).count() == 1);
        find(&known).or_else(|| find(&named)).or_else(|| find(&announced)).or_else(only)
    }

    /// Takes a sender report; returns the track whose clock it set.
    pub fn sender_report(&mut self, now: Now, ssrc: u32, ntp: u64, timestamp: u32) -> Option<usize> {
        let place =
            self.tracks.iter().position(|t| t.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc))?;
        let sent_us = us_of_ntp(ntp);
        let offset = self.clock_offset((now.us as i64).wrapping_sub(sent_us));
        let track = &mut self.tracks[place];
        if let Some(stream) = &mut track.stream {
            stream.last_report = Some(((ntp >> 16) as u32, now.us));
        }
        let at_us = u64::try_from(sent_us.wrapping_add(offset)).ok()?;
        track.clock = Some(SourceClock { at_us, timestamp });
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
        let stream = self.tracks.iter().find_map(|track| track.stream.as_ref());
        self.arrivals.write(now, stream.map_or(0, |stream| stream.ssrc))
    }

    /// Reception reports of the streams that came lately, when they are due.
    pub fn reports(&mut self, now: Now) -> Vec<ReceptionReport> {
        if self.report_us == 0 || now.us < self.report_us {
            return Vec::new();
        }
        self.report_us = 0; // set again by the next packet, so that a silent peer costs nothing
        let is_live = |track: &&mut Track| now.us < track.heard_us + 2 * REPORT_INTERVAL_US;
        let streams = self.tracks.iter_mut().filter(is_live).filter_map(|track| track.stream.as_mut());
        streams.map(|stream| stream.report(now)).collect()
    }

    /// When this side next wants to be looked at.
    #[must_use]
    pub fn deadline(&self, now: Now) -> Option<u64> {
        let report = (self.report_us != 0).then_some(self.report_us);
        let tracks = self.tracks.iter().filter_map(|track| track.deadline(now));
        tracks.chain(report).chain(self.arrivals.deadline()).min()
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
