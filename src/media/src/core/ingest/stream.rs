//! One SSRC that a peer sends: its numbers, its gaps, its jitter, and what its sender is told of them.

use rtc_rtcp::reception_report::ReceptionReport;

use crate::core::limits::SEEN_PACKETS;
use crate::core::now::Now;

/// A packet that is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    pub(super) number: u64,
    pub(super) tries: u8,
    pub(super) next_us: u64,
    pub(super) since_us: u64,
}

/// One SSRC of a track and what has come of it.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) ssrc: u32,
    pub(super) id: u32,
    pub(super) first: u64,
    pub(super) highest: u64,
    pub(super) received: u64,
    /// The number last seen at each place of the ring.
    pub(super) seen: Vec<u64>,
    /// Numbers that came back in other packets, lately.
    pub(super) back: [u64; 8],
    pub(super) missing: Vec<Missing>,
    pub(super) jitter: f64,
    pub(super) transit: Option<f64>,
    /// Middle of the last sender report's NTP time, and when it came.
    pub(super) last_report: Option<(u32, u64)>,
    /// Expected and received when the last receiver report was written.
    pub(super) reported: (u64, u64),
}

/// Whether a stream's timestamps kept pace with the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Steady,
    /// They stood still while nothing was sent, as those of sound do in browsers.
    Jumped,
}

/// Timestamps that were off by so many seconds from one packet to the next were not delayed: their clock stood still.
const CLOCK_JUMP_S: f64 = 0.2;

impl Stream {
    pub(super) fn new(ssrc: u32, id: u32, number: u64) -> Stream {
        Stream {
            ssrc,
            id,
            first: number,
            highest: number - 1,
            received: 0,
            seen: vec![0; SEEN_PACKETS],
            back: [0; 8],
            missing: Vec::new(),
            jitter: 0.0,
            transit: None,
            last_report: None,
            reported: (0, 0),
        }
    }

    /// The extended number nearest to the highest one.
    pub(super) fn extend(&self, sequence: u16) -> u64 {
        self.highest.saturating_add_signed(i64::from(sequence.wrapping_sub(self.highest as u16) as i16))
    }

    /// Notes a packet; `false` if it came before or is too old to tell.
    pub(super) fn is_new(&mut self, number: u64) -> bool {
        let place = &mut self.seen[number as usize % SEEN_PACKETS];
        if *place >= number || number + (SEEN_PACKETS as u64 / 2) < self.highest || number < self.first {
            if let Some(back) = self.back.iter_mut().find(|back| **back == number) {
                (*back, self.received) = (0, self.received + 1);
            }
            return false;
        }
        *place = number;
        self.received += 1;
        true
    }

    /// RFC 3550 §6.4.1, in units of the timestamp.
    pub(super) fn note_jitter(&mut self, now: Now, timestamp: u32, hz: f64) -> Pace {
        const CYCLE: f64 = 4_294_967_296.0;
        let transit = (now.us as f64 * hz / 1e6 - f64::from(timestamp)).rem_euclid(CYCLE);
        let Some(before) = self.transit.replace(transit) else { return Pace::Steady };
        let difference = (transit - before).abs();
        let difference = difference.min(CYCLE - difference);
        if difference < hz {
            self.jitter += (difference - self.jitter) / 16.0;
        }
        if difference < hz * CLOCK_JUMP_S { Pace::Steady } else { Pace::Jumped }
    }

    pub(super) fn report(&mut self, now: Now) -> ReceptionReport {
        let expected = self.highest + 1 - self.first;
        let (expected_since, received_since) = (expected - self.reported.0, self.received - self.reported.1);
        self.reported = (expected, self.received);
        let lost = expected_since.saturating_sub(received_since);
        let (last_sender_report, delay) = self
            .last_report
            .map_or((0, 0), |(middle, at)| (middle, ((now.us - at) * 65_536 / 1_000_000) as u32));
        ReceptionReport {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(expected_since).unwrap_or(0).min(255) as u8,
            total_lost: expected.saturating_sub(self.received).min(0x7f_ffff) as u32,
            last_sequence_number: (self.highest as u32).wrapping_sub(1 << 16),
            jitter: self.jitter as u32,
            last_sender_report,
            delay,
        }
    }
}
