//! A slot: one receiving m-line of a client, into which any source can be put without a word of SDP.
//!
//! The receiver sees one stream whose numbers only go up, whoever fills the slot. An outgoing number is given out
//! once and never again: sealing two packets under one number would give the key away, so this room is the guard.

mod records;

use std::collections::VecDeque;

use self::records::{Origin, Records};
use super::ingest::SourceClock;
use super::limits::{CAPTURE_AGE_US_MAX, MID_PACKETS, OFFSETS_MAX, STILL_INTERVAL_US};
use super::now::Now;
use super::packet::Packet;
use super::plane::Hold;
use super::sdp::answer::SlotStream;
use super::sdp::offer::{Codec, CodecLine, RtpSection};
use crate::terms::Kind;

/// A track of a peer, by their places in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Place of the sending peer.
    pub peer: usize,
    /// Place of its track.
    pub track: usize,
}

/// The numbers under which a packet leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// 48-bit SRTP index; its low 16 bits are the sequence number.
    pub index: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 picture id.
    pub picture: u16,
    /// VP8 temporal index.
    pub tl0: u8,
}

/// What a slot adds to a source's numbers. All arithmetic wraps.
#[derive(Clone, Copy, Debug, Default)]
struct Offsets {
    /// Holds for the source's packets from this number on.
    from: u64,
    number: u64,
    timestamp: u32,
    picture: u16,
    tl0: u8,
}

/// How much of its source a slot carries; the allocator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nothing.
    Nothing,
    /// A picture every two seconds from the lowest layer.
    Stills,
    /// A layer, up to a temporal layer.
    Moving {
        /// Place of the simulcast layer.
        layer: u8,
        /// Pictures of higher temporal layers are left out.
        temporal: u8,
    },
}

impl Share {
    /// All of the lowest layer: what a slot begins with.
    pub const FIRST: Share = Share::Moving { layer: 0, temporal: u8::MAX };

    /// The simulcast layer that it needs.
    #[must_use]
    pub fn layer(self) -> Option<u8> {
        match self {
            Share::Nothing => None,
            Share::Stills => Some(0),
            Share::Moving { layer, .. } => Some(layer),
        }
    }

    fn temporal(self) -> u8 {
        match self {
            Share::Moving { temporal, .. } => temporal,
            Share::Nothing | Share::Stills => u8::MAX,
        }
    }
}

/// The size of a slot of which the receiver has not told any.
const VIEW_GUESS: (u16, u16) = (1_280, 720);

/// One slot.
#[derive(Debug)]
pub struct Slot {
    /// The m-line.
    pub mid: String,
    /// What it carries.
    pub kind: Kind,
    /// Slots of both kinds with the same number are played in step.
    pub stream: usize,
    /// SSRC of what goes out.
    pub ssrc: u32,
    /// SSRC of what goes out again.
    pub rtx_ssrc: u32,
    /// Id of the `mid` extension.
    pub mid_extension: Option<u8>,
    /// Id of the transport-wide sequence number extension.
    pub twcc_extension: Option<u8>,
    /// Id of the loudness extension.
    pub level_extension: Option<u8>,
    /// Packets and payload bytes sent, for sender reports.
    pub sent: (u64, u64),
    /// The clock of the layer that is on, for sender reports.
    pub clock: Option<SourceClock>,
    /// Width and height in device pixels at which the receiver shows it.
    pub view: (u16, u16),
    /// When it may carry more again.
    pub hold: Hold,
    share: Share,
    /// The layer that is on.
    layer: u8,
    /// The codecs that the client takes, with their payload types.
    numberings: Vec<(Codec, u8, Option<u8>)>,
    feed: Option<Feed>,
    /// Counts the sources that filled this slot.
    change: u32,
    /// The stream that is on; `None` while the gate is closed.
    source_stream: Option<u32>,
    /// The highest temporal layer that is let through now.
    temporal: u8,
    /// Source number of the highest packet that was seen since the gate opened.
    highest: u64,
    /// What holds now; `None` while nothing has gone out.
    offsets: Option<Offsets>,
    /// What held for earlier packets of the same stream, ascending by `from`.
    earlier: VecDeque<Offsets>,
    /// The picture that was left out last.
    left_out: Option<u16>,
    /// Timestamp of the still that goes out now, and when the next may.
    still: Option<u32>,
    still_us: u64,
    /// The highest numbers that went out.
    last: Numbers,
    /// A moment of our clock and the timestamp that stands for it, from the first packet of all.
    epoch: Option<(u64, u32)>,
    since_change: u64,
    rtx_index: u64,
    records: Records,
    reported: u64,
}

impl Slot {
    /// An empty slot.
    ///
    /// * `index`, `rtx_index`: first SRTP indices, below 2^15 so that no receiver misjudges the rollover (RFC 3711 §3.3.1).
    #[must_use]
    pub fn new(stream: &SlotStream, section: &RtpSection, index: u16, rtx_index: u16) -> Slot {
        let numbering = |line: &CodecLine| (line.codec, line.payload_type, line.rtx_payload_type);
        Slot {
            mid: stream.mid.clone(),
            kind: section.kind,
            stream: stream.stream,
            ssrc: stream.ssrc,
            rtx_ssrc: stream.rtx_ssrc,
            mid_extension: section.extensions.mid,
            twcc_extension: section.extensions.twcc,
            level_extension: section.extensions.level,
            sent: (0, 0),
            clock: None,
            view: VIEW_GUESS,
            hold: Hold::default(),
            share: Share::FIRST,
            layer: 0,
            numberings: section.codecs.iter().map(numbering).collect(),
            feed: None,
            change: 0,
            source_stream: None,
            temporal: u8::MAX,
            highest: 0,
            offsets: None,
            earlier: VecDeque::new(),
            left_out: None,
            still: None,
            still_us: 0,
            last: Numbers { index: u64::from(index & 0x7fff), ..Default::default() },
            epoch: None,
            since_change: 0,
            rtx_index: u64::from(rtx_index & 0x7fff),
            records: Records::default(),
            reported: 0,
        }
    }

    /// Under which payload type a codec goes out, and its retransmissions; `None` if the client does not take it.
    #[must_use]
    pub fn numbering(&self, codec: Codec) -> Option<(u8, Option<u8>)> {
        let numbering = self.numberings.iter().find(|numbering| numbering.0 == codec)?;
        Some((numbering.1, numbering.2))
    }

    /// Whether the client takes a codec.
    #[must_use]
    pub fn takes(&self, codec: Codec) -> bool {
        self.numbering(codec).is_some()
    }

    /// Whether a packet of that number belongs to what the slot carries since its gate opened: what was said before
    /// was not meant for its receiver.
    #[must_use]
    pub fn carries(&self, number: u64) -> bool {
        self.offsets_for(number).is_some()
    }

    /// Payload type and SSRC for packets of nothing but padding, those of the retransmissions; `None` for sound and
    /// for clients without them.
    #[must_use]
    pub fn padding(&self) -> Option<(u8, u32)> {
        let number = self.numberings.iter().find_map(|numbering| numbering.2);
        number.filter(|_| self.kind == Kind::Video).map(|number| (number, self.rtx_ssrc))
    }

    /// Who fills the slot.
    #[must_use]
    pub fn feed(&self) -> Option<Feed> {
        self.feed
    }

    /// Puts a source into the slot, or none. Pictures wait for a keyframe.
    pub fn fill(&mut self, feed: Option<Feed>) {
        self.feed = feed;
        self.change = self.change.wrapping_add(1).max(1);
        self.source_stream = None;
        self.clock = None;
        self.since_change = 0;
        self.hold = Hold::default();
        (self.share, self.layer, self.temporal, self.still) = (Share::FIRST, 0, u8::MAX, None);
    }

    /// The layer that is on has ended: any other may follow, at its keyframe.
    pub fn reopen(&mut self) {
        self.source_stream = None;
    }

    /// Whether its listener follows a layer: the one that is on, the one that is to be, and below that one any while
    /// there is no picture at all.
    #[must_use]
    pub fn follows(&self, layer: u8) -> bool {
        let (target, on) = (self.share.layer(), self.layer_on().map(|on| on.0));
        target == Some(layer)
            || on == Some(layer)
            || on.is_none() && target.is_some_and(|target| layer < target)
    }

    /// How much of its source it is to carry.
    #[must_use]
    pub fn share(&self) -> Share {
        self.share
    }

    /// The layer that goes out now, and up to which temporal layer; `None` while the gate is closed.
    #[must_use]
    pub fn layer_on(&self) -> Option<(u8, u8)> {
        self.source_stream.map(|_| (self.layer, self.temporal))
    }

    /// Whether the slot has a source and waits for its keyframe.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.feed.is_some() && self.source_stream.is_none() && self.kind == Kind::Video
    }

    /// Whether a keyframe of its layer would change what the receiver sees.
    #[must_use]
    pub fn wants_keyframe(&self, now: Now) -> bool {
        match self.share {
            Share::Nothing => false,
            Share::Stills => self.source_stream.is_none() && now.us >= self.still_us,
            Share::Moving { layer, .. } => self.source_stream.is_none() || self.layer != layer,
        }
    }

    /// When it will want a keyframe for its next still.
    #[must_use]
    pub fn still_deadline(&self) -> Option<u64> {
        (self.share == Share::Stills && self.source_stream.is_none() && self.feed.is_some())
            .then_some(self.still_us)
    }

    /// Gives it another share of the same source. Less is at once; more waits for a keyframe, or for a picture to go
    /// on with.
    pub fn set_share(&mut self, share: Share) {
        if share == self.share {
            return;
        }
        match (self.share, share) {
            (Share::Moving { .. }, Share::Moving { temporal, .. }) => {
                self.temporal = self.temporal.min(temporal)
            }
            _ => (self.source_stream, self.still) = (None, None),
        }
        self.share = share;
    }

    /// Whether a packet says in which m-line it belongs: at the start and for a while after a change.
    #[must_use]
    pub fn says_mid(&self) -> bool {
        self.since_change < MID_PACKETS
    }

    /// The numbers under which a packet of the slot's source leaves; `None` if it must not.
    /// Never returns the same index twice.
    pub fn route(&mut self, now: Now, packet: &Packet) -> Option<Numbers> {
        let is_picture = packet.kind == Kind::Video;
        if self.source_stream != Some(packet.stream) {
            if is_picture && !(packet.picture.is_key_start && self.may_begin(now, packet)) {
                return None;
            }
            self.begin(now, packet);
        }
        if is_picture && !self.lets_through(packet) {
            return None;
        }
        let offsets = self.offsets_for(packet.number)?;
        let numbers = Numbers {
            index: packet.number.wrapping_add(offsets.number),
            timestamp: packet.timestamp.wrapping_add(offsets.timestamp),
            picture: packet.picture.vp8.picture.wrapping_add(offsets.picture) & 0x7fff,
            tl0: packet.picture.vp8.tl0.wrapping_add(offsets.tl0),
        };
        let origin = Origin { change: self.change, layer: packet.layer, number: packet.number };
        if !self.records.note(now, numbers, origin, self.last.index) {
            return None;
        }
        if numbers.index > self.last.index {
            self.last = numbers;
        }
        self.since_change += 1;
        self.sent = (self.sent.0 + 1, self.sent.1 + packet.payload.len() as u64);
        self.end_still(now, packet);
        Some(numbers)
    }

    /// Whether the gate may open, or move to another layer, at this keyframe.
    fn may_begin(&self, now: Now, packet: &Packet) -> bool {
        match self.share {
            Share::Nothing => false,
            Share::Stills => packet.layer == 0 && now.us >= self.still_us,
            Share::Moving { layer, .. } => {
                packet.layer == layer || (self.source_stream.is_none() && packet.layer < layer)
            }
        }
    }

    /// Leaves out what the receiver is not to get, so that no number is missing behind it.
    fn lets_through(&mut self, packet: &Packet) -> bool {
        if self.still.is_some_and(|still| still != packet.timestamp) {
            return false;
        }
        let (picture, wanted) = (packet.picture, self.share.temporal());
        let rises = picture.is_sync
            && picture.temporal <= wanted
            && picture.temporal == self.temporal.saturating_add(1);
        if picture.is_key_start {
            self.temporal = wanted;
        } else if rises {
            self.temporal = picture.temporal;
        }
        let is_next = packet.number > self.highest;
        self.highest = self.highest.max(packet.number);
        // What comes late fills its gap: a receiver would ask for it in vain.
        if picture.temporal <= self.temporal || !is_next {
            return true;
        }
        self.leave_out(packet);
        false
    }

    fn leave_out(&mut self, packet: &Packet) {
        let Some(mut offsets) = self.offsets else { return };
        if self.earlier.len() >= OFFSETS_MAX {
            self.earlier.pop_front();
        }
        self.earlier.push_back(offsets);
        offsets.from = packet.number + 1;
        offsets.number = offsets.number.wrapping_sub(1);
        let name = packet.picture.vp8.picture;
        if self.left_out != Some(name) {
            self.left_out = Some(name);
            offsets.picture = offsets.picture.wrapping_sub(1);
        }
        self.offsets = Some(offsets);
    }

    /// What holds for a packet of the stream that is on; `None` for one from before it began.
    fn offsets_for(&self, number: u64) -> Option<Offsets> {
        let current = self.offsets?;
        if number >= current.from {
            return Some(current);
        }
        self.earlier.iter().rev().find(|offsets| offsets.from <= number).copied()
    }

    /// A still is one picture: behind its last packet the gate closes.
    fn end_still(&mut self, now: Now, packet: &Packet) {
        if self.share != Share::Stills {
            return;
        }
        self.still = Some(packet.timestamp);
        if packet.is_marked {
            (self.source_stream, self.still) = (None, None);
            self.still_us = now.us + STILL_INTERVAL_US;
        }
    }

    /// Opens the gate: the packet follows the last one that went out, as if it were of the same source.
    fn begin(&mut self, now: Now, packet: &Packet) {
        let captured_us = self.captured_us(now, packet.timestamp);
        self.source_stream = Some(packet.stream);
        (self.layer, self.highest, self.left_out) = (packet.layer, packet.number - 1, None);
        let (from, number) = (packet.number, (self.last.index + 1).wrapping_sub(packet.number));
        let mut offsets = Offsets { from, number, ..Offsets::default() };
        if let Some((epoch_us, epoch)) = self.epoch {
            // Counted from the epoch, never from the packet before: the delay of one keyframe would stay for ever,
            // and a receiver holds back what seems to come from the future.
            let elapsed = captured_us.saturating_sub(epoch_us).saturating_mul(self.hz().into()) / 1_000_000;
            let wanted = epoch.wrapping_add(elapsed as u32);
            let least = self.last.timestamp.wrapping_add(self.hz() / 30);
            let timestamp = if (wanted.wrapping_sub(least) as i32) < 0 { least } else { wanted };
            let vp8 = packet.picture.vp8;
            offsets.timestamp = timestamp.wrapping_sub(packet.timestamp);
            offsets.picture = self.last.picture.wrapping_add(1).wrapping_sub(vp8.picture);
            offsets.tl0 = self.last.tl0.wrapping_add(1).wrapping_sub(vp8.tl0);
        } else {
            self.epoch = Some((captured_us, packet.timestamp));
        }
        self.earlier.clear();
        self.offsets = Some(offsets);
    }

    /// When the source took a picture or a sound, on our clock, if its clock is known and believable; else now.
    fn captured_us(&self, now: Now, timestamp: u32) -> u64 {
        let Some(clock) = self.clock else { return now.us };
        let ahead = i64::from(timestamp.wrapping_sub(clock.timestamp) as i32);
        let captured = clock.at_us.saturating_add_signed(ahead * 1_000_000 / i64::from(self.hz()));
        if captured <= now.us && now.us - captured <= CAPTURE_AGE_US_MAX { captured } else { now.us }
    }

    fn hz(&self) -> u32 {
        match self.kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// What went out under a sequence number: its numbers, and layer and number of the packet in the track that still
    /// fills the slot. `None` if unknown, of another source, or sent again too often or just now.
    pub fn look_up(&mut self, now: Now, sequence: u16) -> Option<(Numbers, u8, u64)> {
        let back = u64::from((self.last.index as u16).wrapping_sub(sequence));
        let index = self.last.index.checked_sub(back)?;
        self.feed?;
        self.records.look_up(now, index, self.change, self.highest)
    }

    /// The highest timestamp that went out.
    #[must_use]
    pub fn last_timestamp(&self) -> u32 {
        self.last.timestamp
    }

    /// The next index on the retransmissions' SSRC; given out once.
    pub fn next_rtx_index(&mut self) -> u64 {
        self.rtx_index += 1;
        self.rtx_index
    }

    /// RTP timestamp for a sender report of this moment; `None` if nothing went out since the last one, or the
    /// source's clock is not known yet.
    pub fn report_timestamp(&mut self, now: Now) -> Option<u32> {
        let clock = self.clock?;
        if self.source_stream.is_none() || self.sent.0 == self.reported {
            return None;
        }
        self.reported = self.sent.0;
        let elapsed = (now.us as i64 - clock.at_us as i64) * i64::from(self.hz()) / 1_000_000;
        let offset = self.offsets?.timestamp;
        Some(clock.timestamp.wrapping_add(elapsed as u32).wrapping_add(offset))
    }

    /// Whether a sender report would say something new.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.sent.0 != self.reported && self.source_stream.is_some() && self.clock.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::core::limits::RETRANSMIT_TRIES_MAX;
    use crate::core::picture::Picture;
    use crate::core::sdp::offer::{Direction, Extensions};
    use crate::core::vp8::Vp8;

    fn slot(kind: Kind, index: u16) -> Slot {
        let section = RtpSection {
            kind,
            direction: Direction::Receives,
            codecs: vec![CodecLine {
                codec: Codec::Vp8,
                payload_type: 96,
                rtx_payload_type: Some(97),
                parameters: None,
                feedback: Vec::new(),
            }],
            extensions: Extensions { mid: Some(4), twcc: Some(3), ..Extensions::default() },
            rids: Vec::new(),
            ssrcs: Vec::new(),
            rtx_pairs: Vec::new(),
        };
        let stream = SlotStream { mid: "2".to_owned(), ssrc: 11, rtx_ssrc: 12, stream: 0 };
        let mut slot = Slot::new(&stream, &section, index, 5);
        slot.fill(Some(Feed { peer: 0, track: 0 }));
        slot
    }

    fn packet(stream: u32, number: u64, is_key_start: bool) -> Packet {
        let mut vp8 = Vp8::default();
        (vp8.picture, vp8.tl0) = (number as u16 & 0x7fff, number as u8);
        let timestamp = (number as u32).wrapping_mul(3_000).wrapping_add(stream.wrapping_mul(0x1357_9bdf));
        let payload = Bytes::from(format!("{stream}/{number}"));
        let picture = Picture { is_key_start, vp8, ..Picture::default() };
        let (kind, codec) = (Kind::Video, Codec::Vp8);
        Packet {
            kind,
            codec,
            layer: 0,
            stream,
            number,
            timestamp,
            is_marked: false,
            picture,
            level: None,
            payload,
        }
    }

    fn at(ms: u64) -> Now {
        static START: std::sync::OnceLock<Now> = std::sync::OnceLock::new();
        START.get_or_init(Now::for_test).after(Duration::from_millis(ms))
    }

    #[test]
    fn a_picture_waits_for_the_first_packet_of_a_keyframe() {
        let mut slot = slot(Kind::Video, 100);
        assert!(slot.is_waiting());
        assert_eq!(slot.route(at(0), &packet(1, 70_000, false)), None);
        assert!(slot.route(at(1), &packet(1, 70_001, true)).is_some());
        assert!(!slot.is_waiting());
        assert_eq!(
            slot.route(at(2), &packet(1, 70_000, false)),
            None,
            "what is older than the keyframe stays behind"
        );
    }

    #[test]
    fn a_change_of_source_continues_every_number_by_one_step() {
        let mut slot = slot(Kind::Video, 100);
        slot.route(at(0), &packet(1, 70_000, true));
        let last = slot.route(at(33), &packet(1, 70_001, false)).expect("in order");
        slot.fill(Some(Feed { peer: 1, track: 0 }));
        let next = slot.route(at(133), &packet(1, 900_000, true)).expect("a keyframe");
        assert_eq!(next.index, last.index + 1);
        assert_eq!(next.timestamp, last.timestamp.wrapping_add(100 * 90 - 30), "133 ms after the first");
        assert_eq!(next.picture, (last.picture + 1) & 0x7fff);
        assert_eq!(next.tl0, last.tl0.wrapping_add(1));
    }

    #[test]
    fn late_keyframes_never_push_the_timestamps_into_the_future() {
        let mut slot = slot(Kind::Video, 100);
        let (mut ms, mut number, mut last) = (0, 70_000, None);
        let first = slot.route(at(0), &packet(1, number, true)).expect("a keyframe");
        for change in 1..500 {
            slot.fill(Some(Feed { peer: change % 2, track: 0 }));
            ms += 300;
            number += 1_000;
            // The keyframe is a large one and comes 80 ms late; the next picture does not.
            last = slot.route(at(ms + 80), &packet(1 + change as u32, number, true));
            slot.route(at(ms + 33), &packet(1 + change as u32, number + 1, false));
        }
        let passed = last.expect("a keyframe").timestamp.wrapping_sub(first.timestamp) / 90;
        assert!(u64::from(passed) <= ms + 80, "{passed} ms of pictures in {} ms", ms + 80);
    }

    #[test]
    fn a_source_whose_clock_is_known_is_placed_by_its_clock() {
        let mut slot = slot(Kind::Video, 100);
        let first = slot.route(at(0), &packet(1, 70_000, true)).expect("a keyframe");
        slot.fill(Some(Feed { peer: 1, track: 0 }));
        let keyframe = packet(2, 90_000, true);
        slot.clock =
            Some(SourceClock { at_us: at(900).us, timestamp: keyframe.timestamp.wrapping_sub(50 * 90) });
        let next = slot.route(at(1_000), &keyframe).expect("a keyframe");
        assert_eq!(next.timestamp.wrapping_sub(first.timestamp), 950 * 90);
        slot.fill(Some(Feed { peer: 2, track: 0 }));
        slot.clock = Some(SourceClock { at_us: at(1_000).us, timestamp: keyframe.timestamp });
        let nonsense = packet(3, 400_000, true);
        let next = slot.route(at(2_000), &nonsense).expect("a keyframe");
        assert_eq!(
            next.timestamp.wrapping_sub(first.timestamp),
            2_000 * 90,
            "arrival, not an unbelievable clock"
        );
    }

    /// A packet of a picture in a temporal layer.
    fn of_temporal(number: u64, temporal: u8, is_sync: bool) -> Packet {
        let mut packet = packet(1, number, false);
        (packet.picture.temporal, packet.picture.is_sync) = (temporal, is_sync);
        packet
    }

    #[test]
    fn what_is_left_out_leaves_no_gap_in_any_number() {
        let mut slot = slot(Kind::Video, 100);
        let first = slot.route(at(0), &packet(1, 70_000, true)).expect("a keyframe");
        slot.set_share(Share::Moving { layer: 0, temporal: 0 });
        assert!(slot.route(at(33), &of_temporal(70_001, 1, false)).is_none());
        let second = slot.route(at(66), &of_temporal(70_002, 0, false)).expect("the lowest layer");
        assert_eq!((second.index, second.picture), (first.index + 1, first.picture + 1));
        slot.set_share(Share::Moving { layer: 0, temporal: 1 });
        assert!(slot.route(at(99), &of_temporal(70_003, 1, false)).is_none(), "needs what was left out");
        let third = slot.route(at(133), &of_temporal(70_004, 1, true)).expect("a picture to go on with");
        assert_eq!((third.index, third.picture), (second.index + 1, second.picture + 1));
    }

    #[test]
    fn a_packet_that_comes_late_is_never_left_out() {
        let mut slot = slot(Kind::Video, 100);
        let first = slot.route(at(0), &packet(1, 70_000, true)).expect("a keyframe");
        slot.set_share(Share::Moving { layer: 0, temporal: 0 });
        let third = slot.route(at(66), &of_temporal(70_002, 0, false)).expect("the lowest layer");
        let late = slot.route(at(70), &of_temporal(70_001, 1, false)).expect("fills the gap that it left");
        assert_eq!((late.index, third.index), (first.index + 1, first.index + 2));
    }

    #[test]
    fn another_layer_is_taken_at_its_keyframe_and_the_old_one_goes_on_until_then() {
        let mut slot = slot(Kind::Video, 100);
        slot.route(at(0), &packet(1, 70_000, true));
        slot.set_share(Share::Moving { layer: 1, temporal: u8::MAX });
        let of_layer = |stream, number, is_key| Packet { layer: 1, ..packet(stream, number, is_key) };
        assert!(slot.route(at(10), &of_layer(2, 90_000, false)).is_none());
        let last = slot.route(at(33), &packet(1, 70_001, false)).expect("the old layer");
        let next = slot.route(at(66), &of_layer(2, 90_001, true)).expect("its keyframe");
        assert_eq!(next.index, last.index + 1);
        assert!(slot.route(at(70), &packet(1, 70_002, false)).is_none());
        assert_eq!(slot.layer_on().map(|on| on.0), Some(1));
    }

    #[test]
    fn a_still_is_one_whole_picture_and_then_nothing_for_two_seconds() {
        let mut slot = slot(Kind::Video, 100);
        slot.set_share(Share::Stills);
        let mut key = packet(1, 70_000, true);
        assert!(slot.route(at(0), &key).is_some());
        let mut rest = packet(1, 70_001, false);
        (rest.timestamp, rest.is_marked) = (key.timestamp, true);
        assert!(slot.route(at(1), &rest).is_some());
        assert!(slot.route(at(33), &packet(1, 70_002, false)).is_none());
        key = packet(1, 70_010, true);
        assert!(slot.route(at(1_900), &key).is_none() && !slot.wants_keyframe(at(1_900)));
        assert!(slot.wants_keyframe(at(2_001)) && slot.route(at(2_001), &packet(1, 70_020, true)).is_some());
    }

    #[test]
    fn what_another_source_sent_is_not_sent_again() {
        let mut slot = slot(Kind::Video, 100);
        let first = slot.route(at(0), &packet(1, 70_000, true)).expect("a keyframe");
        assert!(slot.look_up(at(1), first.index as u16).is_some());
        slot.fill(None);
        assert!(slot.look_up(at(60), first.index as u16).is_none());
    }

    #[test]
    fn a_packet_is_sent_again_at_most_five_times_and_not_twice_at_once() {
        let mut slot = slot(Kind::Video, 100);
        let first = slot.route(at(0), &packet(1, 70_000, true)).expect("a keyframe");
        let sent = (0..100).filter(|ms| slot.look_up(at(10 * ms), first.index as u16).is_some()).count();
        assert_eq!(sent, usize::from(RETRANSMIT_TRIES_MAX));
    }

    proptest! {
        /// Reordering, duplicates, changes of source, new streams and jumps: whatever comes, an index that was given
        /// out is never given out for another packet, and retransmission finds the very same packet.
        #[test]
        fn no_index_is_ever_given_to_two_packets(
            steps in prop::collection::vec((0u8..20, 0u64..400, any::<bool>()), 1..600),
            index in 0u16..u16::MAX,
        ) {
            let mut slot = slot(Kind::Video, index);
            let mut given: HashMap<u64, (u32, u64)> = HashMap::new();
            let (mut stream, mut head, mut ms) = (1u32, 70_000u64, 0u64);
            for (what, jump, is_key) in steps {
                ms += 3;
                match what {
                    0 => { slot.fill(Some(Feed { peer: usize::from(is_key), track: 0 })); stream += 1; head = 65_536 + jump * 999 }
                    1 => { stream += 1; head += 200_000 }
                    2 => head += jump,
                    3 => { slot.look_up(at(ms), (head + jump) as u16); }
                    4 => slot.fill(None),
                    _ => head += 1,
                }
                let number = if what > 14 { head.saturating_sub(jump) } else { head };
                let packet = packet(stream, number, is_key);
                if let Some(numbers) = slot.route(at(ms), &packet) {
                    prop_assert!(given.insert(numbers.index, (stream, number)).is_none(), "index {} twice", numbers.index);
                    let found = slot.look_up(at(ms), numbers.index as u16);
                    prop_assert!(found.is_none_or(|(again, _, source)| again == numbers && source == number));
                }
            }
        }
    }
}
