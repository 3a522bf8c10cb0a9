//! Puts packets into their order, and says when one is not waited for any more. Told the time by the packets.

use std::collections::BTreeMap;

use crate::packet::{Codec, Packet};

/// A picture's packet that is missing is waited for so long; it is asked for again meanwhile.
const PICTURE_WAIT_US: u64 = 300_000;
/// Sound is not sent again; what comes back comes in one of the next packets.
const SOUND_WAIT_US: u64 = 100_000;
/// Packets that wait at most.
const WAITING_MAX: usize = 2_048;

/// What is next.
#[derive(Debug)]
pub enum Step {
    /// This packet, whose forerunner was the one before.
    Next(Packet),
    /// Packets are missing for good. Pictures go on with the next keyframe.
    Gap,
}

/// The packets of one track that wait for their turn.
#[derive(Debug, Default)]
pub struct Queue {
    stream: u64,
    next: Option<u64>,
    /// Numbers below this one are over.
    over: u64,
    newest_us: u64,
    waiting: BTreeMap<u64, Packet>,
}

impl Queue {
    /// Takes a packet; one that comes too late, or twice, is dropped.
    pub fn put(&mut self, packet: Packet) {
        if packet.stream != self.stream {
            // What still waits of the old stream can't be completed by the new one.
            self.waiting.clear();
            (self.stream, self.next, self.over) = (packet.stream, None, 0);
        }
        self.newest_us = self.newest_us.max(packet.came_us);
        let begins = packet.codec == Codec::Opus || packet.is_key_start;
        match self.next {
            _ if packet.number < self.over => return,
            Some(next) if packet.number < next => return,
            None if !begins => return,
            None => self.next = Some(packet.number),
            Some(_) => {}
        }
        self.waiting.insert(packet.number, packet);
    }

    /// What is next, if that is known by now.
    pub fn pop(&mut self) -> Option<Step> {
        let next = self.next?;
        let first = self.waiting.first_entry()?;
        if *first.key() == next {
            (self.next, self.over) = (Some(next + 1), next + 1);
            return Some(Step::Next(first.remove()));
        }
        let wait_us = if first.get().codec == Codec::Opus { SOUND_WAIT_US } else { PICTURE_WAIT_US };
        let is_spent = self.newest_us >= first.get().came_us + wait_us;
        if !is_spent && self.waiting.len() <= WAITING_MAX {
            return None;
        }
        self.skip();
        Some(Step::Gap)
    }

    /// Nothing comes any more: what waits goes on without what is missing.
    pub fn close(&mut self) {
        self.newest_us = u64::MAX;
    }

    /// Goes on behind the gap: with the next packet of sound, or the next keyframe.
    fn skip(&mut self) {
        let begins = |packet: &Packet| packet.codec == Codec::Opus || packet.is_key_start;
        self.next = self.waiting.values().find(|packet| begins(packet)).map(|packet| packet.number);
        match self.next {
            Some(next) => self.waiting = self.waiting.split_off(&next),
            None => self.waiting.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn packet(number: u64, came_us: u64) -> Packet {
        Packet {
            source: 1,
            track: 0,
            codec: Codec::Vp8,
            stream: 1,
            number,
            timestamp: 0,
            is_marked: false,
            is_key_start: number.is_multiple_of(10),
            came_us,
            clock: None,
            payload: Bytes::new(),
        }
    }

    fn drain(queue: &mut Queue) -> Vec<Option<u64>> {
        std::iter::from_fn(|| queue.pop())
            .map(|step| match step {
                Step::Next(packet) => Some(packet.number),
                Step::Gap => None,
            })
            .collect()
    }

    #[test]
    fn a_picture_begins_with_a_keyframe_and_waits_for_what_is_sent_again() {
        let mut queue = Queue::default();
        for number in [8, 9, 10, 11, 13] {
            queue.put(packet(number, number * 1_000));
        }
        assert_eq!(drain(&mut queue), [Some(10), Some(11)]);
        queue.put(packet(12, 200_000));
        assert_eq!(drain(&mut queue), [Some(12), Some(13)]);
    }

    #[test]
    fn what_is_lost_for_good_is_left_out_up_to_the_next_keyframe() {
        let mut queue = Queue::default();
        for number in [10, 11, 13, 14, 19, 20, 21] {
            queue.put(packet(number, number * 1_000));
        }
        assert_eq!(drain(&mut queue), [Some(10), Some(11)]);
        queue.put(packet(22, 13_000 + PICTURE_WAIT_US));
        assert_eq!(drain(&mut queue), [None, Some(20), Some(21), Some(22)]);
    }

    #[test]
    fn at_the_end_nothing_is_waited_for() {
        let mut queue = Queue::default();
        [10, 11, 13, 20].into_iter().for_each(|number| queue.put(packet(number, 0)));
        queue.close();
        assert_eq!(drain(&mut queue), [Some(10), Some(11), None, Some(20)]);
    }

    proptest! {
        #[test]
        fn numbers_only_rise_and_a_break_is_always_said(
            numbers in proptest::collection::vec(0u64..200, 1..300),
            steps in proptest::collection::vec(0u64..50_000, 300),
        ) {
            let (mut queue, mut came, mut out) = (Queue::default(), 0, Vec::new());
            for (number, step) in numbers.into_iter().zip(steps) {
                came += step;
                queue.put(packet(number, came));
                out.extend(drain(&mut queue));
            }
            queue.close();
            out.extend(drain(&mut queue));
            let mut last: Option<u64> = None;
            let mut was_said = true;
            for step in out {
                let Some(number) = step else { was_said = true; continue };
                prop_assert!(last.is_none_or(|last| number > last));
                prop_assert!(was_said && number % 10 == 0 || !was_said && last == Some(number - 1));
                (last, was_said) = (Some(number), false);
            }
        }
    }
}
