//! The bit rate of a layer, by temporal layer, over the last second and over the last three.

use super::now::Now;

/// Microseconds of one bucket.
const BUCKET_US: u64 = 250_000;
/// Buckets that make up the last second.
const SECOND: u64 = 4;
/// Buckets that are kept: three seconds.
const BUCKETS: usize = 12;
/// A last second of more than this much of the last three, in percent, is a change and no burst.
const CHANGE_PERCENT: u64 = 150;
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

    /// Empties the buckets that time has left behind; after a second of nothing all begins anew.
    fn turn(&mut self, now: Now) {
        let bucket = now.us / BUCKET_US;
        if self.bucket == 0 || bucket > self.bucket + SECOND {
            (self.buckets, self.since) = ([[0; TEMPORALS]; BUCKETS], bucket);
            self.bucket = bucket;
        }
        while self.bucket < bucket {
            self.bucket += 1;
            self.buckets[(self.bucket % BUCKETS as u64) as usize] = [0; TEMPORALS];
        }
    }

    /// Bits per second of the last second, up to a temporal layer.
    #[must_use]
    pub fn bps(&self, now: Now, temporal: u8) -> u64 {
        self.over(now, SECOND, temporal)
    }

    /// Bits per second of the last three seconds, up to a temporal layer: one keyframe, or a source that pauses and
    /// catches up, hardly moves it. A source that sends far more than before is believed at once.
    #[must_use]
    pub fn steady_bps(&self, now: Now, temporal: u8) -> u64 {
        let (second, steady) = (self.bps(now, temporal), self.over(now, BUCKETS as u64, temporal));
        if second == 0 || second * 100 > steady * CHANGE_PERCENT { second } else { steady }
    }

    /// Bits per second of the last so many buckets.
    fn over(&self, now: Now, buckets: u64, temporal: u8) -> u64 {
        let bucket = now.us / BUCKET_US;
        let first = self.since.max((bucket + 1).saturating_sub(buckets));
        let last = self.bucket.min(bucket);
        if first > last {
            return 0;
        }
        let bytes: u64 = (first..=last)
            .flat_map(|at| {
                self.buckets[(at % BUCKETS as u64) as usize].iter().take(usize::from(temporal) + 1)
            })
            .map(|bytes| u64::from(*bytes))
            .sum();
        let window = ((bucket - first) * BUCKET_US + now.us % BUCKET_US).max(BUCKET_US);
        bytes * 8 * 1_000_000 / window
    }

    /// The highest temporal layer that was seen in the last three seconds.
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

    /// A source of 600 kb/s, thirty pictures a second, of which one in a while is a keyframe of this many bytes.
    fn run(meter: &mut Meter, start: Now, keyframe_bytes: usize) -> Vec<(u64, u64)> {
        let mut told = Vec::new();
        for n in 0..300u64 {
            let now = start.after(Duration::from_micros(33_333 * n));
            meter.note(now, if n % 150 == 120 { keyframe_bytes } else { 2_500 }, 0);
            told.push((meter.bps(now, 0), meter.steady_bps(now, 0)));
        }
        told.split_off(90)
    }

    #[test]
    fn a_keyframe_is_no_change_of_the_rate() {
        let told = run(&mut Meter::default(), Now::for_test(), 25_000);
        assert!(told.iter().any(|(second, _)| *second > 750_000), "the last second shows it");
        assert!(told.iter().all(|(_, steady)| (560_000..690_000).contains(steady)), "{told:?}");
    }

    #[test]
    fn a_source_that_sends_ten_times_as_much_is_believed_within_half_a_second() {
        let (mut meter, start) = (Meter::default(), Now::for_test());
        run(&mut meter, start, 2_500);
        let mut now = start;
        for n in 0..15u64 {
            now = start.after(Duration::from_micros(10_000_000 + 33_333 * n));
            meter.note(now, 25_000, 0);
        }
        assert!(meter.steady_bps(now, 0) > 2_400_000, "{}", meter.steady_bps(now, 0));
    }
}
