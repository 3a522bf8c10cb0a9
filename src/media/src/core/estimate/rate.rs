//! The rate that the delay allows: down to what was acknowledged when a queue grows, up again while it is steady
//! (draft-ietf-rmcat-gcc-02 §5.5).

use super::trend::Usage;
use crate::core::limits::{ESTIMATE_BPS_MAX, ESTIMATE_BPS_MIN};
use crate::core::now::Now;

/// What is left of the acknowledged rate after a queue has grown.
const BACK_OFF: f64 = 0.85;
/// Growth a second far from the rate at which the path was last full, and a smaller one near it.
const GROWTH_FAR: f64 = 0.10;
const GROWTH_NEAR: f64 = 0.03;
/// Acknowledged bytes are counted over this long.
const WINDOW_US: i64 = 200_000;

/// Whether what is sent comes near the estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// It does.
    Full,
    /// There is not enough to send.
    Slack,
}

/// See the module.
#[derive(Debug)]
pub struct Rate {
    bps: f64,
    acknowledged: Option<f64>,
    window: (i64, u64),
    /// At which acknowledged rate the path was last full.
    full: Option<f64>,
    lowered_us: u64,
    updated_us: u64,
}

impl Rate {
    pub fn new(bps: u64) -> Rate {
        Rate { bps: bps as f64, acknowledged: None, window: (0, 0), full: None, lowered_us: 0, updated_us: 0 }
    }

    pub fn bps(&self) -> u64 {
        self.bps as u64
    }

    /// A probe or a rule has found another rate.
    pub fn set(&mut self, bps: u64) {
        self.bps = (bps as f64).clamp(ESTIMATE_BPS_MIN as f64, ESTIMATE_BPS_MAX as f64);
        if self.full.is_some_and(|full| self.bps > full * 1.5) {
            self.full = None;
        }
    }

    /// Bytes that came, at a time of the receiver's clock.
    pub fn acknowledged(&mut self, came_us: i64, bytes: u64) {
        let passed = came_us - self.window.0;
        if !(0..2_000_000).contains(&passed) {
            self.window = (came_us, bytes);
            return;
        }
        if passed >= WINDOW_US {
            let sample = self.window.1 as f64 * 8e6 / passed as f64;
            self.acknowledged = Some(self.acknowledged.map_or(sample, |before| before * 0.5 + sample * 0.5));
            self.window = (came_us, 0);
        }
        self.window.1 += bytes;
    }

    /// Moves the rate.
    ///
    /// * `load`: when what is sent stays far below the rate, nothing is learnt from a steady queue.
    pub fn update(&mut self, now: Now, usage: Usage, round_trip_us: u64, load: Load) {
        let passed = (now.us.saturating_sub(self.updated_us) as f64 / 1e6).min(1.0);
        self.updated_us = now.us;
        match usage {
            Usage::Over => self.lower(now, round_trip_us),
            Usage::Under => {}
            Usage::Normal if load == Load::Full => {
                let is_near = self.full.is_some_and(|full| (full * 0.8..full * 1.1).contains(&self.bps));
                let growth = if is_near { GROWTH_NEAR } else { GROWTH_FAR };
                let ceiling =
                    self.acknowledged.map_or(f64::MAX, |acknowledged| acknowledged * 1.5 + 10_000.0);
                let grown = self.bps * (1.0 + growth * passed) + 1_000.0 * passed;
                self.bps = grown.min(ceiling.max(self.bps)).min(ESTIMATE_BPS_MAX as f64);
            }
            Usage::Normal => {}
        }
    }

    /// Once in a round trip, for the queue needs that long to show what lowering did.
    fn lower(&mut self, now: Now, round_trip_us: u64) {
        if now.us < self.lowered_us + round_trip_us.clamp(100_000, 500_000) {
            return;
        }
        self.lowered_us = now.us;
        let acknowledged = self.acknowledged.unwrap_or(self.bps);
        self.full = Some(self.full.map_or(acknowledged, |full| full * 0.7 + acknowledged * 0.3));
        let lowered = (BACK_OFF * acknowledged).min(self.bps * 0.95);
        self.bps = lowered.max(ESTIMATE_BPS_MIN as f64);
    }
}
