//! What one source may send: a bucket of bytes and one of packets. What is above is neither kept nor forwarded.

use super::limits::{PICTURE_BPS_MAX, PICTURE_PACKETS_MAX, SOUND_BPS_MAX, SOUND_PACKETS_MAX};
use super::now::Now;
use crate::terms::Kind;

/// See the module. Each bucket holds a second's worth.
#[derive(Clone, Debug)]
pub struct Budget {
    bytes_per_second: u64,
    packets_per_second: u64,
    /// Millionths of a byte, and of a packet.
    bytes: u64,
    packets: u64,
    at_us: u64,
}

impl Budget {
    /// A full bucket.
    #[must_use]
    pub fn new(kind: Kind) -> Budget {
        let (bps, packets_per_second) = match kind {
            Kind::Audio => (SOUND_BPS_MAX, SOUND_PACKETS_MAX),
            Kind::Video => (PICTURE_BPS_MAX, PICTURE_PACKETS_MAX),
        };
        let bytes_per_second = bps / 8;
        let (bytes, packets) = (bytes_per_second * 1_000_000, packets_per_second * 1_000_000);
        Budget { bytes_per_second, packets_per_second, bytes, packets, at_us: 0 }
    }

    /// Whether a packet is inside the budget; if so, it is counted.
    pub fn allows(&mut self, now: Now, bytes: usize) -> bool {
        let passed = now.us.saturating_sub(self.at_us).min(1_000_000);
        self.at_us = now.us;
        let full = |per_second: u64, level: u64| (level + per_second * passed).min(per_second * 1_000_000);
        self.bytes = full(self.bytes_per_second, self.bytes);
        self.packets = full(self.packets_per_second, self.packets);
        let wanted = bytes as u64 * 1_000_000;
        let is_inside = self.bytes >= wanted && self.packets >= 1_000_000;
        if is_inside {
            self.bytes -= wanted;
            self.packets -= 1_000_000;
        }
        is_inside
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_cut_to_the_budget_and_what_is_inside_it_never() {
        let start = Now::for_test();
        let inside = |per_second: u64| {
            let mut budget = Budget::new(Kind::Audio);
            let steps = 10 * per_second;
            let at = |n: u64| start.after(Duration::from_micros(n * 1_000_000 / per_second));
            (0..steps).filter(|n| budget.allows(at(*n), 100)).count() as u64
        };
        assert_eq!(inside(100), 1_000, "ten seconds of sound");
        let flood = inside(10 * SOUND_PACKETS_MAX);
        assert!((10 * SOUND_PACKETS_MAX..=11 * SOUND_PACKETS_MAX).contains(&flood), "{flood}");
    }
}
