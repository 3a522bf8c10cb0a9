//! The rate that loss allows: down above a tenth, up below a fiftieth (draft-ietf-rmcat-gcc-02 §6).
//!
//! Loss that stays whatever is sent is the path's own, as on radio; it does not count. It is the least loss seen in
//! some seconds, for loss from too much traffic ends when there is less of it.

use super::rate::Load;
use crate::core::limits::{ESTIMATE_BPS_MAX, ESTIMATE_BPS_MIN};
use crate::core::now::Now;

/// Above this share the rate goes down, below this it goes up.
const HIGH: f64 = 0.10;
const LOW: f64 = 0.02;
/// Growth a second.
const GROWTH: f64 = 0.10;
/// Packets that a share must rest on.
const PACKETS_MIN: u32 = 20;
/// How many shares, one each half second, the path's own loss is the least of.
const SHARES: usize = 8;
/// Between two shares.
const SHARE_US: u64 = 500_000;

/// See the module.
#[derive(Debug)]
pub struct Loss {
    bps: f64,
    counted: (u32, u32),
    counted_us: u64,
    shares: [f64; SHARES],
    count: usize,
    lowered_us: u64,
}

impl Loss {
    pub fn new(bps: u64) -> Loss {
        Loss {
            bps: bps as f64,
            counted: (0, 0),
            counted_us: 0,
            shares: [0.0; SHARES],
            count: 0,
            lowered_us: 0,
        }
    }

    pub fn bps(&self) -> u64 {
        self.bps as u64
    }

    /// A probe or a rule has found another rate.
    pub fn set(&mut self, bps: u64) {
        self.bps = (bps as f64).clamp(ESTIMATE_BPS_MIN as f64, ESTIMATE_BPS_MAX as f64);
    }

    /// Stays within sight of what the delay allows, so that it can be felt when it matters.
    pub fn limit(&mut self, ceiling: u64) {
        self.bps = self.bps.min(ceiling as f64 * 1.5);
    }

    /// Counts packets that came and that were lost, and moves the rate when they are enough.
    pub fn update(&mut self, now: Now, (came, lost): (u32, u32), round_trip_us: u64, load: Load) {
        self.counted = (self.counted.0 + came, self.counted.1 + lost);
        let all = self.counted.0 + self.counted.1;
        if all < PACKETS_MIN || now.us < self.counted_us + SHARE_US {
            return;
        }
        let passed = (now.us.saturating_sub(self.counted_us) as f64 / 1e6).min(1.0);
        let share = f64::from(self.counted.1) / f64::from(all);
        (self.counted, self.counted_us) = ((0, 0), now.us);
        let own = if self.count >= SHARES { self.shares.iter().copied().fold(1.0, f64::min) } else { 0.0 };
        self.shares[self.count % SHARES] = share;
        self.count += 1;
        let counted = (share - own).max(0.0);
        if counted > HIGH {
            if now.us >= self.lowered_us + round_trip_us + 300_000 {
                self.lowered_us = now.us;
                self.set((self.bps * (1.0 - 0.5 * counted)) as u64);
            }
        } else if counted < LOW && load == Load::Full {
            self.set((self.bps * (1.0 + GROWTH * passed) + 1_000.0) as u64);
        }
    }
}
