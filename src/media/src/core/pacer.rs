//! The pacer of one receiver: lets pictures out as fast as the path carries them, and holds back what is too much at once.
//!
//! Sound never waits. In the steady state nothing is held back, so nothing is copied. Bounded: what does not fit is
//! dropped, and the receiver will ask for it again.

use std::collections::VecDeque;

use super::limits::{ESTIMATE_BPS_START, PACE_BURST_BYTES_MIN, PACE_BURST_US, PACE_PACKETS_MAX, PACE_TIMES};
use super::now::Now;
use super::packet::Packet;
use super::slot::Numbers;

/// Places that an empty row keeps: a keyframe is rare, and its memory is not held until the next one.
const ROW_KEPT: usize = 8;

/// A packet that waits.
#[derive(Debug)]
pub struct Held {
    /// Place of its slot.
    pub slot: usize,
    /// The packet.
    pub packet: Packet,
    /// Its numbers.
    pub numbers: Numbers,
}

/// See the module.
#[derive(Debug)]
pub struct Pacer {
    bps: u64,
    /// Bytes that may go out at once; below zero after more than that went.
    credit: i64,
    at_us: u64,
    /// What waits, a row for each slot that ever waited; the rows are served in turn, so that one source's flood
    /// holds back nobody else's picture.
    rows: Vec<(usize, VecDeque<Held>)>,
    /// The row that was served last.
    served: usize,
    count: usize,
    /// Packets that did not fit.
    pub dropped: u64,
}

impl Default for Pacer {
    fn default() -> Pacer {
        let mut pacer =
            Pacer { bps: 0, credit: 0, at_us: 0, rows: Vec::new(), served: 0, count: 0, dropped: 0 };
        pacer.set(ESTIMATE_BPS_START);
        pacer.credit = pacer.burst();
        pacer
    }
}

impl Pacer {
    /// Follows the estimate.
    pub fn set(&mut self, estimate_bps: u64) {
        self.bps = estimate_bps * PACE_TIMES;
    }

    fn burst(&self) -> i64 {
        (self.bps * PACE_BURST_US / 8_000_000).max(PACE_BURST_BYTES_MIN) as i64
    }

    fn refill(&mut self, now: Now) {
        let passed = now.us.saturating_sub(self.at_us).min(1_000_000);
        self.at_us = now.us;
        self.credit = (self.credit + (self.bps * passed / 8_000_000) as i64).min(self.burst());
    }

    /// Whether a picture's packet may go out now; if so, it is counted.
    pub fn lets_through(&mut self, now: Now, bytes: usize) -> bool {
        if self.count > 0 {
            return false;
        }
        self.spend(now, 0);
        let is_free = self.credit > 0;
        if is_free {
            self.credit -= bytes as i64;
        }
        is_free
    }

    /// Counts what goes out whatever the pacer says.
    pub fn spend(&mut self, now: Now, bytes: usize) {
        if now.us != self.at_us {
            self.refill(now);
        }
        self.credit = (self.credit - bytes as i64).max(-self.burst());
    }

    /// Holds a packet back.
    pub fn put(&mut self, slot: usize, packet: &Packet, numbers: Numbers) {
        let row = match self.rows.iter().position(|(of, _)| *of == slot) {
            Some(row) => row,
            None => {
                self.rows.push((slot, VecDeque::new()));
                self.rows.len() - 1
            }
        };
        let waiting = &mut self.rows[row].1;
        if waiting.len() >= PACE_PACKETS_MAX {
            self.dropped += 1;
            return;
        }
        waiting.push_back(Held { slot, packet: packet.clone(), numbers });
        self.count += 1;
    }

    /// The next packet that may go out now.
    pub fn take(&mut self, now: Now) -> Option<Held> {
        self.spend(now, 0);
        if self.credit <= 0 {
            return None;
        }
        let rows = self.rows.len();
        let turn = (1..=rows).map(|step| (self.served + step) % rows);
        let row = turn.into_iter().find(|row| !self.rows[*row].1.is_empty())?;
        self.served = row;
        let waiting = &mut self.rows[row].1;
        let held = waiting.pop_front()?;
        if waiting.is_empty() {
            waiting.shrink_to(ROW_KEPT);
        }
        self.count -= 1;
        self.credit -= held.packet.payload.len() as i64;
        Some(held)
    }

    /// A slot has another source: what waits for it must not go out.
    pub fn forget(&mut self, slot: usize) {
        if let Some((_, waiting)) = self.rows.iter_mut().find(|(of, _)| *of == slot) {
            self.count -= waiting.len();
            waiting.clear();
        }
    }

    /// When the next held packet may go out.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let lacks = (1 - self.credit).max(0) as u64;
        Some(self.at_us + lacks * 8_000_000 / self.bps.max(1) + 1)
    }

    /// How many packets wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
