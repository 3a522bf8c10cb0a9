//! What went out under which number: the guard that no number is given out twice, and the way back from a number to
//! the packet when a receiver asks for it again.
//!
//! A ring by number. It holds half a second of packets, so it doubles when it would forget a younger one; a slot of a
//! small picture costs two kilobytes, one of a large one fourteen.

use super::Numbers;
use crate::core::limits::{
    RECORD_KEPT_MS, RETRANSMIT_TRIES_MAX, RTX_INTERVAL_US_MIN, SLOT_RECORDS_MAX, SLOT_RECORDS_MIN,
};
use crate::core::now::Now;

/// A packet that went out.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// The low half of its index.
    index: u32,
    timestamp: u32,
    /// The low half of its number in its layer.
    source: u32,
    /// The change of source under which it went out; never 0 in a record that is one.
    change: u32,
    /// When it may go out again, in milliseconds that wrap after seven weeks; at first, when it went out.
    again_ms: u32,
    picture: u16,
    tl0: u8,
    layer: u8,
    tries: u8,
}

/// Where a packet came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The change of source under which it went out; never 0.
    pub change: u32,
    /// Its layer.
    pub layer: u8,
    /// Its number in the layer.
    pub number: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Records {
    ring: Vec<Record>,
    /// Of what lies below nobody can tell any more whether it was given out.
    floor: u64,
}

fn ms(now: Now) -> u32 {
    (now.us / 1_000) as u32
}

/// The whole of a number whose low half is known, nearest to another.
fn whole(low: u32, near: u64) -> u64 {
    near.wrapping_add_signed(i64::from(low.wrapping_sub(near as u32) as i32))
}

impl Records {
    /// Gives a number out; `false` if it was given out already, or is so old that nobody can tell.
    ///
    /// * `last`: the highest index that was given out before.
    pub fn note(&mut self, now: Now, numbers: Numbers, origin: Origin, last: u64) -> bool {
        self.make_room(now, numbers.index, last);
        let places = self.ring.len() as u64;
        if origin.change == 0 || numbers.index < self.floor || numbers.index + places <= last {
            return false;
        }
        let record = &mut self.ring[(numbers.index % places) as usize];
        if record.change != 0 && record.index == numbers.index as u32 {
            return false;
        }
        let Numbers { index, timestamp, picture, tl0 } = numbers;
        *record = Record {
            index: index as u32,
            timestamp,
            source: origin.number as u32,
            change: origin.change,
            again_ms: ms(now),
            picture,
            tl0,
            layer: origin.layer,
            tries: 0,
        };
        true
    }

    /// Doubles the ring while the number to come would take the place of one that may still be asked for.
    fn make_room(&mut self, now: Now, index: u64, last: u64) {
        if self.ring.is_empty() {
            self.ring.resize(SLOT_RECORDS_MIN, Record::default());
        }
        while self.ring.len() < SLOT_RECORDS_MAX && index > last {
            let places = self.ring.len();
            let older = &self.ring[(index % places as u64) as usize];
            if older.change == 0 || ms(now).wrapping_sub(older.again_ms) >= RECORD_KEPT_MS {
                return;
            }
            // What lies further back than the small ring was forgotten there; the larger one must not think it free.
            self.floor = self.floor.max((last + 1).saturating_sub(places as u64));
            let before = std::mem::replace(&mut self.ring, vec![Record::default(); places * 2]);
            for record in before.into_iter().filter(|record| record.change != 0) {
                self.ring[record.index as usize % (places * 2)] = record;
            }
        }
    }

    /// The numbers, layer and source's number of what went out under an index; `None` if unknown, of an earlier
    /// source, or sent again too often or just now.
    ///
    /// * `highest`: a number of the source that is at most two thousand million away.
    pub fn look_up(&mut self, now: Now, index: u64, change: u32, highest: u64) -> Option<(Numbers, u8, u64)> {
        let places = self.ring.len().max(1) as u64;
        let record = self.ring.get_mut((index % places) as usize)?;
        let is_same = record.change == change && change != 0 && record.index == index as u32;
        let is_soon = (ms(now).wrapping_sub(record.again_ms) as i32) < 0;
        if !is_same || record.tries >= RETRANSMIT_TRIES_MAX || is_soon {
            return None;
        }
        record.tries += 1;
        record.again_ms = ms(now).wrapping_add((RTX_INTERVAL_US_MIN / 1_000) as u32);
        let Record { timestamp, picture, tl0, .. } = *record;
        Some((Numbers { index, timestamp, picture, tl0 }, record.layer, whole(record.source, highest)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn origin(number: u64) -> Origin {
        Origin { change: 1, layer: 0, number }
    }

    fn numbers(index: u64) -> Numbers {
        Numbers { index, ..Numbers::default() }
    }

    #[test]
    fn a_small_picture_costs_little_and_a_large_one_is_remembered_for_half_a_second() {
        let begin = Now::for_test();
        for (per_second, most) in [(60, SLOT_RECORDS_MIN), (900, SLOT_RECORDS_MAX)] {
            let mut records = Records::default();
            for index in 1..=5 * per_second {
                let now = begin.after(Duration::from_millis(index * 1_000 / per_second));
                assert!(records.note(now, numbers(index), origin(index), index - 1));
            }
            assert_eq!(records.ring.len(), most, "{per_second} packets a second");
            let now = begin.after(Duration::from_secs(5));
            let oldest = 5 * per_second - (per_second / 2).min(most as u64) + 1;
            assert!(records.look_up(now, oldest, 1, 5 * per_second).is_some(), "half a second ago");
        }
    }

    proptest! {
        /// However the ring grows meanwhile, and in whatever order numbers are wanted.
        #[test]
        fn no_number_is_given_out_twice(steps in prop::collection::vec((0u64..4, 0u64..700, 0u64..40), 1..1_500)) {
            let (mut records, mut given) = (Records::default(), HashSet::new());
            let (mut now, mut last) = (Now::for_test(), 10_000u64);
            for (forward, back, ms) in steps {
                now = now.after(Duration::from_millis(ms));
                let index = if forward > 0 { last + forward } else { last - back };
                if records.note(now, numbers(index), origin(index), last) {
                    prop_assert!(given.insert(index), "{index} twice");
                    let found = records.look_up(now, index, 1, last);
                    prop_assert_eq!(found.map(|found| found.2), Some(index));
                }
                last = last.max(index);
            }
        }
    }
}
