//! A slot: one receiving m-line of a client, into which any source can be put without a word of SDP.
//!
//! The receiver sees one stream whose numbers only go up, whoever fills the slot. An outgoing number is given out
//! once and never again: sealing two packets under one number would give the key away, so this file is the guard.

use super::ingest::SourceClock;
use super::limits::{
    CAPTURE_AGE_US_MAX, MID_PACKETS, RETRANSMIT_TRIES_MAX, RTX_INTERVAL_US_MIN, SLOT_RECORDS,
};
use super::now::Now;
use super::packet::Packet;
use super::sdp::answer::SlotStream;
use super::sdp::offer::RtpSection;
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

/// What went out under a number, so that it can be sent again.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    numbers: Numbers,
    /// Number of the packet in its track.
    source: u64,
    /// The change of source under which it went out.
    change: u32,
    tries: u8,
    again_us: u64,
}

/// What a slot adds to a source's numbers. All arithmetic wraps.
#[derive(Clone, Copy, Debug, Default)]
struct Offsets {
    number: u64,
    timestamp: u32,
    picture: u16,
    tl0: u8,
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
    /// Payload types as this client offered them.
    pub payload_type: u8,
    /// Payload type of retransmissions; `None` if the client did not offer them.
    pub rtx_payload_type: Option<u8>,
    /// Id of the `mid` extension.
    pub mid_extension: Option<u8>,
    /// Id of the transport-wide sequence number extension.
    pub twcc_extension: Option<u8>,
    /// Packets and payload bytes sent, for sender reports.
    pub sent: (u64, u64),
    /// The source's clock, for sender reports.
    pub clock: Option<SourceClock>,
    /// Width and height in device pixels at which the receiver shows it.
    pub view: (u16, u16),
    feed: Option<Feed>,
    /// Counts the sources that filled this slot.
    change: u32,
    /// The stream for which `offsets` hold; `None` while the gate is closed.
    source_stream: Option<u32>,
    /// Packets of the stream before this number are too old.
    first: u64,
    offsets: Offsets,
    /// The highest numbers that went out, and when.
    last: Numbers,
    /// A moment of our clock and the timestamp that stands for it, from the first packet of all.
    epoch: Option<(u64, u32)>,
    since_change: u64,
    rtx_index: u64,
    records: Vec<Record>,
    reported: u64,
}

impl Slot {
    /// An empty slot.
    ///
    /// * `index`, `rtx_index`: first SRTP indices, below 2^15 so that no receiver misjudges the rollover (RFC 3711 §3.3.1).
    #[must_use]
    pub fn new(stream: &SlotStream, section: &RtpSection, index: u16, rtx_index: u16) -> Slot {
        Slot {
            mid: stream.mid.clone(),
            kind: section.kind,
            stream: stream.stream,
            ssrc: stream.ssrc,
            rtx_ssrc: stream.rtx_ssrc,
            payload_type: section.payload_type,
            rtx_payload_type: section.rtx_payload_type,
            mid_extension: section.mid_extension,
            twcc_extension: section.twcc_extension,
            sent: (0, 0),
            clock: None,
            view: VIEW_GUESS,
            feed: None,
            change: 0,
            source_stream: None,
            first: 0,
            offsets: Offsets::default(),
            last: Numbers { index: u64::from(index & 0x7fff), ..Default::default() },
            epoch: None,
            since_change: 0,
            rtx_index: u64::from(rtx_index & 0x7fff),
            records: Vec::new(),
            reported: 0,
        }
    }

    /// Who fills the slot.
    #[must_use]
    pub fn feed(&self) -> Option<Feed> {
        self.feed
    }

    /// Puts a source into the slot, or none. Pictures wait for a keyframe.
    pub fn fill(&mut self, feed: Option<Feed>) {
        self.feed = feed;
        self.change = self.change.wrapping_add(1);
        self.source_stream = None;
        self.clock = None;
        self.since_change = 0;
    }

    /// Whether the slot has a source and waits for its keyframe.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.feed.is_some() && self.source_stream.is_none() && self.kind == Kind::Video
    }

    /// Whether a packet says in which m-line it belongs: at the start and for a while after a change.
    #[must_use]
    pub fn says_mid(&self) -> bool {
        self.since_change < MID_PACKETS
    }

    /// The numbers under which a packet of the slot's source leaves; `None` if it must not.
    /// Never returns the same index twice.
    pub fn route(&mut self, now: Now, packet: &Packet) -> Option<Numbers> {
        if self.source_stream != Some(packet.stream) {
            if packet.kind == Kind::Video && !packet.vp8.is_key_start {
                return None;
            }
            self.begin(now, packet);
        }
        if packet.number < self.first {
            return None; // older than the change of source
        }
        let numbers = Numbers {
            index: packet.number.wrapping_add(self.offsets.number),
            timestamp: packet.timestamp.wrapping_add(self.offsets.timestamp),
            picture: packet.vp8.picture.wrapping_add(self.offsets.picture) & 0x7fff,
            tl0: packet.vp8.tl0.wrapping_add(self.offsets.tl0),
        };
        if self.records.is_empty() {
            self.records.resize(SLOT_RECORDS, Record::default());
        }
        let record = &mut self.records[numbers.index as usize % SLOT_RECORDS];
        if record.numbers.index == numbers.index || numbers.index + SLOT_RECORDS as u64 <= self.last.index {
            return None; // given out already, or so old that nobody can tell
        }
        *record = Record { numbers, source: packet.number, change: self.change, tries: 0, again_us: 0 };
        if numbers.index > self.last.index {
            self.last = numbers;
        }
        self.since_change += 1;
        self.sent = (self.sent.0 + 1, self.sent.1 + packet.payload.len() as u64);
        Some(numbers)
    }

    /// Opens the gate: the packet follows the last one that went out, as if it were of the same source.
    fn begin(&mut self, now: Now, packet: &Packet) {
        let captured_us = self.captured_us(now, packet.timestamp);
        self.first = packet.number;
        self.source_stream = Some(packet.stream);
        self.offsets.number = (self.last.index + 1).wrapping_sub(packet.number);
        let Some((epoch_us, epoch)) = self.epoch else {
            self.epoch = Some((captured_us, packet.timestamp));
            (self.offsets.timestamp, self.offsets.picture, self.offsets.tl0) = (0, 0, 0);
            return;
        };
        // Counted from the epoch, never from the packet before: the delay of one keyframe would stay for ever, and a
        // receiver holds back what seems to come from the future.
        let elapsed = captured_us.saturating_sub(epoch_us).saturating_mul(self.hz().into()) / 1_000_000;
        let wanted = epoch.wrapping_add(elapsed as u32);
        let least = self.last.timestamp.wrapping_add(self.hz() / 30);
        let timestamp = if (wanted.wrapping_sub(least) as i32) < 0 { least } else { wanted };
        self.offsets.timestamp = timestamp.wrapping_sub(packet.timestamp);
        self.offsets.picture = self.last.picture.wrapping_add(1).wrapping_sub(packet.vp8.picture);
        self.offsets.tl0 = self.last.tl0.wrapping_add(1).wrapping_sub(packet.vp8.tl0);
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

    /// What went out under a sequence number: its numbers and its packet's number in the track that still fills the
    /// slot. `None` if unknown, of another source, or sent again too often or just now.
    pub fn look_up(&mut self, now: Now, sequence: u16) -> Option<(Numbers, u64)> {
        let back = u64::from((self.last.index as u16).wrapping_sub(sequence));
        let index = self.last.index.checked_sub(back)?;
        let record = self.records.get_mut(index as usize % SLOT_RECORDS)?;
        let is_same = record.numbers.index == index && record.change == self.change && self.feed.is_some();
        if !is_same || record.tries >= RETRANSMIT_TRIES_MAX || now.us < record.again_us {
            return None;
        }
        record.tries += 1;
        record.again_us = now.us + RTX_INTERVAL_US_MIN;
        Some((record.numbers, record.source))
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
        Some(clock.timestamp.wrapping_add(elapsed as u32).wrapping_add(self.offsets.timestamp))
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
    use crate::core::sdp::offer::Direction;
    use crate::core::vp8::Vp8;

    fn slot(kind: Kind, index: u16) -> Slot {
        let section = RtpSection {
            kind,
            direction: Direction::Receives,
            payload_type: 96,
            rtx_payload_type: Some(97),
            parameters: None,
            feedback: Vec::new(),
            mid_extension: Some(4),
            twcc_extension: Some(3),
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
        (vp8.is_key_start, vp8.picture, vp8.tl0) = (is_key_start, number as u16 & 0x7fff, number as u8);
        let timestamp = (number as u32).wrapping_mul(3_000).wrapping_add(stream.wrapping_mul(0x1357_9bdf));
        let payload = Bytes::from(format!("{stream}/{number}"));
        Packet { kind: Kind::Video, stream, number, timestamp, is_marked: false, vp8, payload }
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
                    prop_assert!(found.is_none_or(|(again, source)| again == numbers && source == number));
                }
            }
        }
    }
}
