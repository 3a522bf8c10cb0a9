//! The only clock of the crate.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::core::now::Now;

/// Tells the time: the wall's at the start, carried on by the monotonic clock, so that it never jumps. All threads
/// have copies of one clock, so that what they say of the time can be compared.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
    start_us: u64,
}

impl Clock {
    /// Reads the wall clock, once.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(super) fn start() -> Clock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::from_secs(1));
        Clock { start: Instant::now(), start_us: since.as_micros() as u64 }
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(super) fn now(&self) -> Now {
        let at = Instant::now();
        Now { at, us: self.start_us + at.duration_since(self.start).as_micros() as u64 }
    }
}
