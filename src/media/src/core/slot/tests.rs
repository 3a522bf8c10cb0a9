//! The rules of a slot, as a receiver sees them.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::core::limits::RETRANSMIT_TRIES_MAX;
use crate::core::packet::Packet;
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
    slot.clock = Some(SourceClock { at_us: at(900).us, timestamp: keyframe.timestamp.wrapping_sub(50 * 90) });
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
