//! Time and chance, the only places where the server asks for either.
//!
//! Everything else is told the time and handed its random bytes, so a test moves the hand clock
//! instead of sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time: the machine's, or a hand clock that only moves when told.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` until [`Clock::set`] or [`Clock::advance`].
    #[must_use]
    pub fn hand(at: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.as_millisecond()))))
    }

    /// Now, in whole milliseconds.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let millisecond = match &self.0 {
            None => Timestamp::now().as_millisecond(),
            Some(hand) => hand.load(Ordering::SeqCst),
        };
        Timestamp::from_millisecond(millisecond)
            .expect("the clock is within the years that a timestamp can hold")
    }

    /// Puts a hand clock to `at`; the machine's clock cannot be set and stays.
    pub fn set(&self, at: Timestamp) {
        if let Some(hand) = &self.0 {
            hand.store(at.as_millisecond(), Ordering::SeqCst);
        }
    }

    /// Moves a hand clock forward.
    pub fn advance(&self, by: Duration) {
        if let Some(hand) = &self.0 {
            hand.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// Random bytes from the operating system through the TLS library's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Random;

impl Random {
    /// `N` fresh random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    /// A number of six digits, each equally likely (the rest of 2³² is drawn again).
    #[must_use]
    pub fn six_digits(self) -> u32 {
        loop {
            let drawn = u32::from_be_bytes(self.bytes());
            if drawn < u32::MAX / 1_000_000 * 1_000_000 {
                return drawn % 1_000_000;
            }
        }
    }
}
