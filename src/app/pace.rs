//! How often somebody may ask: a bucket of tokens each, told the time, for a bounded number of askers.
//!
//! In memory and of this server alone: it keeps work small, it decides no right.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// The pace of one kind of question.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// So many at once.
    pub burst: u32,
    /// So many a minute in the long run.
    pub a_minute: u32,
    /// So many askers are remembered; when all of them are at it, nobody new is answered.
    pub askers_max: usize,
}

/// Who has asked how often.
#[derive(Debug)]
pub struct Paces<K> {
    pace: Pace,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// In 60,000ths of a question, so that each millisecond adds a whole number.
    left: u64,
    at_ms: i64,
}

const WHOLE: u64 = 60_000;

impl Pace {
    const fn full(self) -> u64 {
        self.burst as u64 * WHOLE
    }

    fn filled(self, bucket: Bucket, now_ms: i64) -> Bucket {
        let passed = u64::try_from(now_ms - bucket.at_ms).unwrap_or(0);
        let gained = passed.saturating_mul(u64::from(self.a_minute));
        Bucket { left: bucket.left.saturating_add(gained).min(self.full()), at_ms: bucket.at_ms.max(now_ms) }
    }
}

impl<K: Eq + Hash> Paces<K> {
    /// Nobody has asked yet.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Paces { pace, buckets: Mutex::default() }
    }

    /// Whether this asker may ask once more now.
    pub fn lets(&self, asker: K, now: Timestamp) -> bool {
        let (pace, now_ms) = (self.pace, now.as_millisecond());
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= pace.askers_max && !buckets.contains_key(&asker) {
            // A full bucket is as good as none.
            buckets.retain(|_, bucket| pace.filled(*bucket, now_ms).left < pace.full());
            if buckets.len() >= pace.askers_max {
                return false;
            }
        }
        let bucket = buckets.entry(asker).or_insert(Bucket { left: pace.full(), at_ms: now_ms });
        *bucket = pace.filled(*bucket, now_ms);
        if bucket.left < WHOLE {
            return false;
        }
        bucket.left -= WHOLE;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn whoever_asks_too_fast_waits_and_nobody_else_does() {
        let paces = Paces::new(Pace { burst: 2, a_minute: 6, askers_max: 2 });
        let now = Timestamp::UNIX_EPOCH;
        assert!(paces.lets("a", now) && paces.lets("a", now) && !paces.lets("a", now));
        assert!(paces.lets("b", now));
        assert!(!paces.lets("c", now), "as many are remembered as may be");
        let later = now + SignedDuration::from_secs(10);
        assert!(paces.lets("a", later) && !paces.lets("a", later), "one more every ten seconds");
        assert!(paces.lets("c", now + SignedDuration::from_secs(60)), "who was silent is forgotten");
    }
}
