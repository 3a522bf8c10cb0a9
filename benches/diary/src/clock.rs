//! The one place of this tool that reads the clock and waits by it: it measures and kills by time.

use std::time::{Duration, Instant};

/// Now, for measuring.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock, here alone")]
pub fn now() -> Instant {
    Instant::now()
}

/// Lets time pass while another process works.
pub fn pause(span: Duration) {
    // One that ends early is a short one: the caller looks again.
    std::thread::park_timeout(span);
}

/// Lets the measured work go on for so long.
pub async fn measure_for(span: Duration) {
    let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
}
