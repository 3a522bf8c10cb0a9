//! The only clock of the load tool, and the only way in which it waits.
//!
//! Datagrams are stamped by the kernel in wall time, so what is sent carries wall time too. Never sets a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{Timespec, poll};

/// Now, for deadlines.
#[expect(clippy::disallowed_methods, reason = "this is the load tool's clock")]
pub fn instant() -> Instant {
    Instant::now()
}

/// Nanoseconds since 1970: the clock in which the kernel stamps what arrives.
#[expect(clippy::disallowed_methods, reason = "this is the load tool's clock")]
pub fn wall_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// A duration as the kernel wants it.
pub fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) }
}

/// Lets time pass while another process starts.
pub fn pause(time: Duration) {
    // An interrupted pause is a short one: the caller asks again.
    let _ = poll(&mut [], Some(&timespec(time)));
}
