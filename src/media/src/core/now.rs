//! The time, as the core is told it. Nothing in the core ever reads a clock.

use std::time::{Duration, Instant};

/// Seconds from 1900 (NTP) to 1970 (Unix).
const NTP_UNIX_SECONDS: u64 = 2_208_988_800;

/// One reading of the clock, in both shapes that the core needs. Invariant: later readings are never smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For the components, which take instants.
    pub at: Instant,
    /// Microseconds since 1970, counted on the monotonic clock from the start of the process.
    pub us: u64,
}

impl Now {
    /// The same moment as a 64-bit NTP timestamp (RFC 3550 §4).
    #[must_use]
    pub fn ntp(self) -> u64 {
        ((self.us / 1_000_000 + NTP_UNIX_SECONDS) << 32) | (((self.us % 1_000_000) << 32) / 1_000_000)
    }

    /// An instant of a component on our scale of microseconds; past instants are `now`.
    #[must_use]
    pub fn us_of(self, instant: Instant) -> u64 {
        self.us + instant.saturating_duration_since(self.at).as_micros() as u64
    }

    /// This moment, later by `by`.
    #[must_use]
    pub fn after(self, by: Duration) -> Now {
        Now { at: self.at + by, us: self.us + by.as_micros() as u64 }
    }
}

/// A foreign NTP timestamp in microseconds since 1970; wraps into nonsense for clocks before 1970, which is harmless.
#[must_use]
pub fn us_of_ntp(ntp: u64) -> i64 {
    let seconds = (ntp >> 32) as i64 - NTP_UNIX_SECONDS as i64;
    seconds * 1_000_000 + (((ntp & 0xffff_ffff) * 1_000_000) >> 32) as i64
}

#[cfg(test)]
impl Now {
    /// A moment to start a test from.
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be had only from the clock; tests move it by hand"
    )]
    pub fn for_test() -> Now {
        Now { at: Instant::now(), us: 1_795_000_000_123_457 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_and_back_is_the_same_microsecond() {
        let now = Now::for_test();
        assert!((us_of_ntp(now.ntp()) - now.us as i64).abs() <= 1);
    }
}
