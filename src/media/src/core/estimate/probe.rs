//! Probes: for a few hundredths of a second more is sent than the estimate, to see whether it comes through as fast.

use crate::core::limits::{ESTIMATE_BPS_MAX, PROBE_INTERVAL_US_MAX, PROBE_INTERVAL_US_MIN};
use crate::core::now::Now;

/// A probe lasts this long, or until it has as many packets.
const LENGTH_US: u64 = 40_000;
const PACKETS_MIN: u32 = 6;
/// Then its packets are waited for.
const WAIT_US: u64 = 400_000;
/// Between two bursts of padding.
const STEP_US: u64 = 5_000;
/// A probe asks for this many times the estimate at most; the first ones for more.
const TIMES: u64 = 3;
const TIMES_FIRST: u64 = 4;
/// Below this estimate a probe is felt by the sound, so failed ones are repeated more rarely.
const NARROW_BPS: u64 = 150_000;
/// If less than this share of the speed came through, the path is full.
const FULL: f64 = 0.90;

/// A probe that is on.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Bytes of padding that would bring it to its rate by now.
    pub lacks_bytes: u64,
}

/// The packets of one probe.
#[derive(Clone, Copy, Debug, Default)]
struct Cluster {
    id: u16,
    target_bps: u64,
    since_us: u64,
    sent: (u32, u64),
    ended_us: Option<u64>,
    came: u32,
    lost: u32,
    first: Option<(i64, i64, u64)>,
    last: (i64, i64),
    bytes: u64,
    last_bytes: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Probes {
    cluster: Option<Cluster>,
    ids: u16,
    next_us: u64,
    interval_us: u64,
    successes: u32,
}

impl Default for Probes {
    fn default() -> Probes {
        Probes { cluster: None, ids: 0, next_us: 0, interval_us: PROBE_INTERVAL_US_MIN, successes: 0 }
    }
}

impl Probes {
    /// Whether none has been made yet.
    pub fn is_first(&self) -> bool {
        self.ids == 0
    }

    /// Starts a probe if one is worth it and due.
    pub fn want(&mut self, now: Now, wanted_bps: u64, has_bps: u64) {
        if self.cluster.is_some() || wanted_bps <= has_bps || now.us < self.next_us {
            return;
        }
        let times = if self.successes < 3 { TIMES_FIRST } else { TIMES };
        let target_bps = (wanted_bps + wanted_bps / 5).min(has_bps * times).min(ESTIMATE_BPS_MAX);
        self.ids = self.ids.wrapping_add(1).max(1);
        self.cluster = Some(Cluster { id: self.ids, target_bps, since_us: now.us, ..Cluster::default() });
    }

    /// A queue grows: not now.
    pub fn hold(&mut self, now: Now) {
        self.next_us = self.next_us.max(now.us + PROBE_INTERVAL_US_MIN);
        if let Some(cluster) = &mut self.cluster {
            cluster.ended_us.get_or_insert(now.us);
        }
    }

    /// A packet goes out; returns the probe to which it belongs, 0 for none.
    pub fn note(&mut self, now: Now, bytes: usize) -> u16 {
        let Some(cluster) = self.cluster.as_mut().filter(|cluster| cluster.ended_us.is_none()) else {
            return 0;
        };
        cluster.sent = (cluster.sent.0 + 1, cluster.sent.1 + bytes as u64);
        let _ = now;
        cluster.id
    }

    /// The probe that is on, if one is.
    pub fn current(&mut self, now: Now) -> Option<Probe> {
        let cluster = self.cluster.as_mut().filter(|cluster| cluster.ended_us.is_none())?;
        let passed = now.us - cluster.since_us;
        if passed >= LENGTH_US && cluster.sent.0 >= PACKETS_MIN || passed >= 5 * LENGTH_US {
            cluster.ended_us = Some(now.us);
            return None;
        }
        let due = cluster.target_bps * (passed + STEP_US) / 8_000_000;
        Some(Probe { lacks_bytes: due.saturating_sub(cluster.sent.1) })
    }

    /// When it wants to go on.
    pub fn deadline(&self) -> Option<u64> {
        let cluster = self.cluster.as_ref()?;
        match cluster.ended_us {
            None => {
                let sent_until = cluster.since_us + cluster.sent.1 * 8_000_000 / cluster.target_bps.max(1);
                Some(sent_until.max(cluster.since_us))
            }
            Some(_) => None,
        }
    }

    /// A packet of a probe came: when it was sent, when it came, its bytes.
    pub fn came(&mut self, probe: u16, (sent, came): (i64, i64), bytes: u64) {
        let Some(cluster) = self.cluster.as_mut().filter(|cluster| cluster.id == probe) else { return };
        cluster.came += 1;
        cluster.bytes += bytes;
        cluster.last_bytes = bytes;
        cluster.first.get_or_insert((sent, came, bytes));
        cluster.last = (cluster.last.0.max(sent), cluster.last.1.max(came));
    }

    /// A packet of a probe was lost.
    pub fn lost(&mut self, probe: u16) {
        if let Some(cluster) = self.cluster.as_mut().filter(|cluster| cluster.id == probe && probe != 0) {
            cluster.lost += 1;
        }
    }

    /// The rate that a probe has shown, once it can be told; a probe that came to nothing is forgotten.
    pub fn result(&mut self, now: Now) -> Option<u64> {
        let cluster = self.cluster.as_ref()?;
        let ended = cluster.ended_us?;
        let is_whole = cluster.came >= cluster.sent.0;
        if !is_whole && now.us < ended + WAIT_US {
            return None;
        }
        let cluster = self.cluster.take()?;
        let found = cluster.rate();
        let is_success = found.is_some_and(|bps| bps * 10 >= cluster.target_bps * 8);
        if is_success {
            self.successes += 1;
            self.interval_us = PROBE_INTERVAL_US_MIN;
            self.next_us = now.us;
        } else {
            self.successes = self.successes.max(3);
            let is_narrow = cluster.target_bps < NARROW_BPS * TIMES;
            let longest = if is_narrow { 4 * PROBE_INTERVAL_US_MAX } else { PROBE_INTERVAL_US_MAX };
            self.interval_us = (self.interval_us * 2).min(longest);
            self.next_us = now.us + self.interval_us;
        }
        found
    }
}

impl Cluster {
    /// Bits per second that came through; `None` if too little came.
    fn rate(&self) -> Option<u64> {
        let first = self.first?;
        if self.came < PACKETS_MIN - 1 || self.came * 10 < self.sent.0 * 7 {
            return None;
        }
        let (sent_us, came_us) = (self.last.0 - first.0, self.last.1 - first.1);
        if sent_us <= 0 || came_us <= 0 {
            return None;
        }
        let sent = (self.bytes - self.last_bytes) as f64 * 8e6 / sent_us as f64;
        let came = (self.bytes - first.2) as f64 * 8e6 / came_us as f64;
        let through = if came < FULL * sent { came * 0.95 } else { came.min(sent) };
        Some(through.min(self.target_bps as f64) as u64)
    }
}
