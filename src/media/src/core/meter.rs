//! The bit rate of a layer, by temporal layer, over the last second.

use super::now::Now;

/// Microseconds of one bucket.
const BUCKET_US: u64 = 250_000;
/// Buckets that make up the window.
const BUCKETS: usize = 4;
/// Temporal layers that are told apart; higher ones count as the highest.
pub const TEMPORALS: usize = 3;

/// Counts bytes and tells rates.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    buckets: [[u32; TEMPORALS]; BUCKETS],
    /// Number of the bucket that is being filled: microseconds divided by the length of one.
    bucket: u64,
    since: u64,
}

impl Meter {
    /// Notes a packet.
    pub fn note(&mut self, now: Now, bytes: usize, temporal: u8) {
        self.turn(now);
        let place = usize::from(temporal).min(TEMPORALS - 1);
        self.buckets[(self.bucket % BUCKETS as u64) as usize][place] += bytes as u32;
    }

    /// Empties the buckets that time has left behind.
    fn turn(&mut self, now: Now) {
        let bucket = now.us / BUCKET_US;
        if self.bucket == 0 || bucket >= self.bucket + 2 * BUCKETS as u64 {
            (self.buckets, self.since) = ([[0; TEMPORALS]; BUCKETS], bucket);
            self.bucket = bucket;
        }
        while self.bucket < bucket {
            self.bucket += 1;
            self.buckets[(self.bucket % BUCKETS as u64) as usize] = [0; TEMPORALS];
        }
    }

    /// Bits per second up to a temporal layer.
    #[must_use]
    pub fn bps(&self, now: Now, temporal: u8) -> u64 {
        let bucket = now.us / BUCKET_US;
        if bucket >= self.bucket + BUCKETS as u64 {
            return 0;
        }
        let bytes: u64 = self
            .buckets
            .iter()
            .flat_map(|bucket| bucket.iter().take(usize::from(temporal) + 1))
            .map(|bytes| u64::from(*bytes))
            .sum();
        let full = (bucket - self.since.max(bucket.saturating_sub(BUCKETS as u64 - 1))) * BUCKET_US;
        let window = (full + now.us % BUCKET_US).max(BUCKET_US);
        bytes * 8 * 1_000_000 / window
    }

    /// The highest temporal layer that was seen in the window.
    #[must_use]
    pub fn temporal_max(&self) -> u8 {
        let has = |place: &usize| self.buckets.iter().any(|bucket| bucket[*place] > 0);
        (0..TEMPORALS).rev().find(has).unwrap_or(0) as u8
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_second_and_falls_to_nothing() {
        let start = Now::for_test();
        let mut meter = Meter::default();
        let mut now = start;
        for n in 0..300u64 {
            now = start.after(Duration::from_millis(10 * n));
            meter.note(now, 125, u8::from(n % 2 == 1));
        }
        let (all, lower) = (meter.bps(now, 2), meter.bps(now, 0));
        assert!((90_000..=110_000).contains(&all), "{all}");
        assert!((40_000..=60_000).contains(&lower), "{lower}");
        assert_eq!(meter.temporal_max(), 1);
        assert_eq!(meter.bps(now.after(Duration::from_secs(2)), 2), 0);
    }
}
