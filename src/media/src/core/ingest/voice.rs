//! Sound that comes in RED is taken apart: its own frame, and of the older ones those that were lost.
//!
//! A frame that comes back is a packet of its own from here on, as if it had never been lost. Nobody is asked to send
//! sound again: a browser would seal the same number twice (docs/decisions/0009).

use super::layer::Layer;
use super::stream::Stream;
use crate::core::now::Now;
use crate::core::packet::Packet;
use crate::core::sdp::offer::Codec;
use crate::core::sound::frames::Frame;
use crate::core::sound::red::Blocks;

impl Layer {
    /// Leaves a packet of sound with its own frame, if it reads as RED of the client's Opus.
    ///
    /// * `opus`: the client's payload type.
    /// * returns: what came back of the packets before it, in their order.
    pub(super) fn unfold(&mut self, now: Now, packet: &mut Packet, opus: Option<u8>) -> Vec<Packet> {
        let mut back = Vec::new();
        let read = |packet: &Packet| Blocks::read(&packet.payload, opus?);
        if packet.codec == Codec::Red
            && let Some(blocks) = read(packet)
        {
            let own = packet.payload.slice(blocks.newest.clone());
            let whole = std::mem::replace(&mut packet.payload, own);
            packet.codec = Codec::Opus;
            for (behind, block) in blocks.older().filter(|(_, block)| !block.bytes.is_empty()) {
                let Some(number) = packet.number.checked_sub(behind) else { continue };
                let timestamp = packet.timestamp.wrapping_sub(block.offset);
                if self.comes_back(now, (number, timestamp), block.bytes.len()) {
                    let payload = whole.slice(block.bytes.clone());
                    let lost = Packet { number, timestamp, is_marked: false, payload, ..packet.clone() };
                    self.remember(&lost);
                    back.push(lost);
                }
            }
        }
        back
    }

    /// Remembers the frame of a packet of sound for those behind it.
    pub(super) fn remember(&mut self, packet: &Packet) {
        if packet.codec == Codec::Opus && self.is_wanted() {
            let (number, timestamp, payload) = (packet.number, packet.timestamp, packet.payload.clone());
            self.frames.put(Frame { number, timestamp, payload });
        }
    }

    /// Whether an older block stands for a packet that never came; if so, it counts as come from now on.
    fn comes_back(&mut self, now: Now, (number, timestamp): (u64, u32), bytes: usize) -> bool {
        let is_missing = self.stream.as_ref().is_some_and(|stream| stream.is_missing(number));
        let is_its = is_missing && self.frames.would_fit(number, timestamp) && self.budget.allows(now, bytes);
        if is_its && let Some(stream) = &mut self.stream {
            stream.note_back(number);
        }
        is_its
    }
}

impl Stream {
    fn is_missing(&self, number: u64) -> bool {
        let is_near = number >= self.first && number + (self.seen.len() as u64 / 2) >= self.highest;
        is_near && self.seen[number as usize % self.seen.len()] < number
    }

    /// A packet came back in another: if it comes itself after all, it is no news, but it was not lost.
    fn note_back(&mut self, number: u64) {
        let places = self.seen.len();
        self.seen[number as usize % places] = number;
        self.back[number as usize % self.back.len()] = number;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use std::time::Duration;

    use bytes::Bytes;
    use rtc_rtp::Header;

    use crate::core::ingest::{Ingest, Listener};
    use crate::core::now::Now;
    use crate::core::packet::Packet;
    use crate::core::sdp::offer::{
        Codec, CodecLine, Content, Direction, Extensions, Offer, RtpSection, Section,
    };
    use crate::core::sound::red;
    use crate::terms::{Kind, PeerReport};

    const OPUS: u8 = 111;
    const RED: u8 = 63;

    fn offer() -> Offer {
        let line = |codec, payload_type| CodecLine {
            codec,
            payload_type,
            rtx_payload_type: None,
            parameters: None,
            feedback: Vec::new(),
        };
        let section = RtpSection {
            kind: Kind::Audio,
            direction: Direction::Sends,
            codecs: vec![line(Codec::Red, RED), line(Codec::Opus, OPUS)],
            extensions: Extensions::default(),
            rids: Vec::new(),
            ssrcs: vec![7],
            rtx_pairs: Vec::new(),
        };
        Offer {
            password: None,
            ufrag: "name".to_owned(),
            fingerprint: String::new(),
            is_bundled: true,
            sections: vec![Section {
                mid: "0".to_owned(),
                media: "audio".to_owned(),
                protocol: String::new(),
                content: Content::Rtp(section),
            }],
            session_id: 1,
        }
    }

    /// A microphone that sends RED with so many older frames, and what is made of it.
    struct Line {
        ingest: Ingest,
        report: PeerReport,
        now: Now,
        depth: u64,
    }

    impl Line {
        fn new(depth: u64) -> Line {
            let mut ingest = Ingest::new(&offer());
            ingest.tracks[0].layers[0].listeners.push(Listener { peer: 1, slot: 0 });
            Line { ingest, report: PeerReport::default(), now: Now::for_test(), depth }
        }

        /// The packet of that place comes; returns which frames are to be forwarded, each with those that go along.
        fn comes(&mut self, place: u64) -> Vec<(String, Vec<String>)> {
            let frame = |place: u64| format!("frame {place}").into_bytes();
            let frames: Vec<Vec<u8>> = (1..=self.depth).map(|back| frame(place - back)).collect();
            let older =
                frames.iter().enumerate().map(|(at, frame)| ((at as u32 + 1) * 960, frame.as_slice()));
            let mut payload = Vec::new();
            red::write(&mut payload, OPUS, older, &frame(place));
            self.brings(place, payload)
        }

        fn brings(&mut self, place: u64, payload: Vec<u8>) -> Vec<(String, Vec<String>)> {
            let sequence_number = (65_500 + place) as u16;
            let timestamp = (place as u32).wrapping_mul(960).wrapping_sub(50_000);
            let header =
                Header { payload_type: RED, sequence_number, timestamp, ssrc: 7, ..Header::default() };
            self.now = self.now.after(Duration::from_millis(20));
            let arrived = self.ingest.rtp(self.now, header, Bytes::from(payload), &mut self.report);
            let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
            let packets =
                arrived.into_iter().flat_map(|arrived| arrived.back.into_iter().chain([arrived.last]));
            let frames = self.ingest.frames(0).unwrap();
            let read = |packet: Packet| {
                let older = (1..=4).filter_map(|back| frames.get(packet.number - back));
                (text(&packet.payload), older.map(|frame| text(&frame.payload)).collect())
            };
            packets.map(read).collect()
        }

        fn frames(&mut self, place: u64) -> Vec<String> {
            self.comes(place).into_iter().map(|(frame, _)| frame).collect()
        }
    }

    #[test]
    fn a_lost_frame_comes_back_from_the_next_packet_in_its_order() {
        let mut line = Line::new(1);
        for place in 10..40 {
            assert_eq!(line.frames(place), [format!("frame {place}")]);
        }
        assert_eq!(line.frames(41), ["frame 40", "frame 41"], "across the wrap of the numbers, too");
        assert_eq!(line.frames(44), ["frame 43", "frame 44"], "of two in a row the second");
        assert_eq!(line.report.sound_back, 2);
    }

    #[test]
    fn what_comes_after_all_is_no_news_and_was_not_lost() {
        let mut line = Line::new(1);
        [10, 11, 13].into_iter().for_each(|place| drop(line.comes(place)));
        assert!(line.comes(12).is_empty());
        line.comes(14);
        line.now = line.now.after(Duration::from_millis(1_500));
        let reports = line.ingest.reports(line.now);
        assert_eq!((reports[0].total_lost, reports[0].fraction_lost), (0, 0));
    }

    #[test]
    fn the_sender_is_told_of_what_was_lost_on_the_way_though_it_came_back() {
        let mut line = Line::new(1);
        [10, 11, 13, 14].into_iter().for_each(|place| drop(line.comes(place)));
        line.now = line.now.after(Duration::from_millis(1_500));
        assert_eq!(line.ingest.reports(line.now)[0].total_lost, 1);
    }

    #[test]
    fn every_frame_takes_those_before_it_along() {
        let mut line = Line::new(1);
        [10, 11, 13].into_iter().for_each(|place| drop(line.comes(place)));
        let frames = |numbers: [u32; 4]| numbers.map(|number| format!("frame {number}")).to_vec();
        assert_eq!(line.comes(14), [("frame 14".to_owned(), frames([13, 12, 11, 10]))]);
    }

    #[test]
    fn what_does_not_read_as_red_goes_on_as_it_came() {
        let mut line = Line::new(1);
        line.comes(10);
        let sealed = vec![0xd3, 1, 2, 3, 4, 5, 6];
        let arrived = line.brings(11, sealed.clone());
        assert_eq!(arrived[0].0, String::from_utf8_lossy(&sealed));
        assert_eq!(line.ingest.tracks[0].codec, Some(Codec::Red));
    }

    #[test]
    fn a_sender_that_counts_otherwise_fills_no_gap_with_the_wrong_frame() {
        let mut line = Line::new(1);
        [10, 11].into_iter().for_each(|place| drop(line.comes(place)));
        // The older block is two frames behind, not one.
        let mut payload = Vec::new();
        red::write(&mut payload, OPUS, [(1_920, b"frame 11".as_slice())].into_iter(), b"frame 13");
        assert_eq!(line.brings(13, payload).len(), 1);
    }

    #[test]
    fn what_nobody_hears_is_not_remembered() {
        let mut line = Line::new(1);
        line.ingest.tracks[0].layers[0].listeners.clear();
        line.comes(10);
        line.ingest.tracks[0].layers[0].listeners.push(Listener { peer: 1, slot: 0 });
        assert_eq!(line.comes(11), [("frame 11".to_owned(), Vec::new())]);
    }
}
