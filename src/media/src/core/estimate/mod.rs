//! How much the path to one receiver carries: send-side estimation from transport-wide feedback.
//!
//! Delay growth and loss bring the estimate down, acknowledged traffic and probes bring it up (draft-ietf-rmcat-gcc-02).
//! Pure: told the time. Bounded: packets whose feedback comes after a thousand others are forgotten.

pub mod arrivals;
mod loss;
mod probe;
mod rate;
mod trend;

use self::arrivals::Feedback;
use self::loss::Loss;
pub use self::probe::Probe;
use self::probe::Probes;
use self::rate::{Load, Rate};
use self::trend::{Trend, Usage};
use super::limits::{
    ACKNOWLEDGED_WITHIN_US, ESTIMATE_BPS_START, HISTORY_PACKETS_MAX, HISTORY_PACKETS_MIN, SILENT_FEEDBACK_US,
};
use super::now::Now;

/// What is sent is less than the estimate if it is below this share of it.
const ROOM_PERCENT: u64 = 85;
/// A queue that is taken for one, though there was less to send than the estimate allowed: milliseconds.
const QUEUE_MS_MAX: f64 = 30.0;

/// A packet that was sent and not yet acknowledged. Twelve bytes, for there are as many as a second's packets.
#[derive(Clone, Copy, Debug, Default)]
struct Sent {
    /// Microseconds of our clock, wrapping after 71 minutes.
    us: u32,
    number: u16,
    /// 0: nothing was sent here, or it has been acknowledged.
    bytes: u16,
    /// The probe that it belongs to; 0 for none.
    probe: u16,
}

/// In place of a probe: the packet goes out more than once, so when it came says nothing of the path.
const REPEATED: u16 = u16::MAX;

impl Sent {
    /// How long ago, in microseconds.
    fn age(&self, now: Now) -> u64 {
        u64::from((now.us as u32).wrapping_sub(self.us))
    }
}

/// See the module.
#[derive(Debug)]
pub struct Estimate {
    /// Packets that were told to have come and to be lost since somebody took the counts.
    pub told: (u32, u32),
    history: Vec<Sent>,
    trend: Trend,
    rate: Rate,
    loss: Loss,
    probes: Probes,
    /// Reference time of the first feedback: times of the receiver's clock are counted from there.
    first_reference: Option<u32>,
    round_trip_us: u64,
    heard_us: u64,
    sent_since_heard: u32,
    /// Bytes of the last second's sending, for the question whether the estimate was used at all.
    window: (u64, u64),
    sent_bps: u64,
}

impl Default for Estimate {
    fn default() -> Estimate {
        Estimate {
            told: (0, 0),
            history: Vec::new(),
            trend: Trend::default(),
            rate: Rate::new(ESTIMATE_BPS_START),
            loss: Loss::new(ESTIMATE_BPS_START),
            probes: Probes::default(),
            first_reference: None,
            round_trip_us: 100_000,
            heard_us: 0,
            sent_since_heard: 0,
            window: (0, 0),
            sent_bps: 0,
        }
    }
}

impl Estimate {
    /// Bits per second, UDP payload.
    #[must_use]
    pub fn bps(&self) -> u64 {
        self.rate.bps().min(self.loss.bps())
    }

    /// What the delay alone allows: loss of the path's own is no reason to cover it less.
    #[must_use]
    pub fn delay_bps(&self) -> u64 {
        self.rate.bps()
    }

    /// Whether the receiver has ever acknowledged anything.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.first_reference.is_some()
    }

    /// Bits per second that went out lately.
    #[must_use]
    pub fn sent_bps(&self) -> u64 {
        self.sent_bps
    }

    /// Notes a packet that goes out under a transport-wide number.
    pub fn sent(&mut self, now: Now, number: u16, bytes: usize) {
        let probe = self.probes.note(now, bytes);
        let bytes_kept = bytes.clamp(1, usize::from(u16::MAX)) as u16;
        self.remember(now, Sent { us: now.us as u32, number, bytes: bytes_kept, probe });
        if now.us >= self.window.0 + 500_000 {
            let passed = (now.us - self.window.0).min(5_000_000);
            self.sent_bps = if self.window.0 == 0 { 0 } else { self.window.1 * 8_000_000 / passed };
            self.window = (now.us, 0);
        }
        self.window.1 += bytes as u64;
        if self.sent_since_heard == 0 {
            self.heard_us = now.us; // silence counts from here
        }
        self.sent_since_heard += 1;
        if now.us > self.heard_us + SILENT_FEEDBACK_US {
            self.heard_us = now.us;
            self.lower(self.bps() / 2);
        }
    }

    /// The very datagram of that number, which went out just now, will go out again.
    pub fn will_repeat(&mut self, number: u16) {
        let places = self.history.len().max(1);
        let sent = self.history.get_mut(usize::from(number) % places);
        if let Some(sent) = sent.filter(|sent| sent.number == number && sent.probe == 0) {
            sent.probe = REPEATED;
        }
    }

    /// Keeps a packet until it is acknowledged. The memory doubles when it would forget one that may still be.
    fn remember(&mut self, now: Now, sent: Sent) {
        let places = self.history.len();
        let older = self.history.get(usize::from(sent.number) % places.max(1));
        let is_full = older.is_none_or(|older| older.bytes != 0 && older.age(now) < ACKNOWLEDGED_WITHIN_US);
        if is_full && places < HISTORY_PACKETS_MAX {
            let more = (places * 2).max(HISTORY_PACKETS_MIN);
            let before = std::mem::replace(&mut self.history, vec![Sent::default(); more]);
            for older in before.into_iter().filter(|older| older.bytes != 0) {
                self.history[usize::from(older.number) % more] = older;
            }
        }
        let places = self.history.len();
        self.history[usize::from(sent.number) % places] = sent;
    }

    /// Takes a feedback packet; nothing happens if it is malformed.
    pub fn feedback(&mut self, now: Now, packet: &[u8]) {
        let Some(feedback) = Feedback::read(packet) else { return };
        let first = *self.first_reference.get_or_insert(feedback.reference());
        let base_us = feedback.since_us(first);
        (self.heard_us, self.sent_since_heard) = (now.us, 0);
        let (mut came, mut lost, mut round_trip) = (0u32, 0u32, None);
        let Estimate { history, trend, rate, probes, .. } = self;
        let places = history.len().max(1);
        let _ = feedback.each(|(number, at)| {
            let Some(sent) = history.get_mut(usize::from(number) % places) else { return };
            if sent.number != number || sent.bytes == 0 {
                return;
            }
            let Some(at) = at else {
                lost += 1;
                probes.lost(sent.probe);
                return; // it may still be told to have come
            };
            let sent = std::mem::take(sent);
            let (us, bytes, probe) =
                (now.us.saturating_sub(sent.age(now)) as i64, sent.bytes.into(), sent.probe);
            came += 1;
            let came_us = base_us + at;
            round_trip = Some(sent.age(now));
            rate.acknowledged(came_us, bytes);
            match probe {
                0 => trend.packet(us, came_us),
                REPEATED => {}
                _ => probes.came(probe, (us, came_us), bytes),
            }
        });
        if let Some(us) = round_trip {
            self.round_trip_us = (self.round_trip_us * 7 + us) / 8;
        }
        self.told = (self.told.0 + came, self.told.1 + lost);
        self.judge(now, came, lost);
    }

    fn judge(&mut self, now: Now, came: u32, lost: u32) {
        let usage = self.trend.usage();
        if usage == Usage::Over {
            self.probes.hold(now);
        }
        let usage = if self.is_blip(usage) { Usage::Normal } else { usage };
        let load = if self.sent_bps * 100 >= self.bps() * 65 { Load::Full } else { Load::Slack };
        self.rate.update(now, usage, self.round_trip_us, load);
        self.loss.update(now, (came, lost), self.round_trip_us, load);
        if let Some(found) = self.probes.result(now)
            && found > self.bps()
        {
            self.rate.set(found);
            self.loss.set(found);
            self.trend.forget();
        }
        let ceiling = self.rate.bps();
        self.loss.limit(ceiling);
    }

    /// Whether a growing delay is no queue of ours: with less to send than the estimate allows, only a path that has
    /// become narrower makes one, and then it is soon a long one. A machine that paused, on either side, makes a short
    /// one that goes by itself.
    fn is_blip(&self, usage: Usage) -> bool {
        let has_room = self.sent_bps * 100 < self.bps() * ROOM_PERCENT;
        usage == Usage::Over && has_room && self.trend.queue_ms() < QUEUE_MS_MAX
    }

    /// The receiver's own word, for those that acknowledge nothing: share of packets lost in 1/256 (RFC 3550 §6.4.1).
    pub fn lost_share(&mut self, now: Now, share: u8) {
        if !self.is_acknowledged() {
            let lost = u32::from(share);
            self.loss.update(now, (256 - lost, lost), self.round_trip_us, Load::Full);
            self.rate.set(self.loss.bps().max(self.rate.bps()));
        }
    }

    /// What the allocator would like to have, in bits per second: what is probed for.
    pub fn want(&mut self, now: Now, bps: u64) {
        let has = self.bps();
        if self.is_acknowledged() || self.probes.is_first() {
            self.probes.want(now, bps, has);
        }
    }

    /// The probe that is on, if one is: how many bytes of padding it lacks by now.
    pub fn probe(&mut self, now: Now) -> Option<Probe> {
        self.probes.current(now)
    }

    /// Nothing can carry the padding of the probe that is on.
    pub fn abandon_probe(&mut self, now: Now) {
        self.probes.hold(now);
    }

    /// When the probe wants to go on.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        self.probes.deadline()
    }

    fn lower(&mut self, bps: u64) {
        self.rate.set(bps);
        self.loss.set(bps);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use super::*;
    use crate::core::feedback::Arrivals;

    /// A path with a rate and a queue, a source that fills the estimate up to `wanted`, and feedback.
    struct Road {
        estimate: Estimate,
        arrivals: Arrivals,
        now: Now,
        number: u16,
        queue_free_us: u64,
        wanted_bps: u64,
        lose_per_mille: u64,
        seed: u64,
        flying: VecDeque<(u64, u16)>,
        credit: f64,
    }

    impl Road {
        fn new(wanted_bps: u64) -> Road {
            let now = Now::for_test();
            Road {
                estimate: Estimate::default(),
                arrivals: Arrivals::default(),
                now,
                number: 0,
                queue_free_us: now.us,
                wanted_bps,
                lose_per_mille: 0,
                seed: 7,
                flying: VecDeque::new(),
                credit: 0.0,
            }
        }

        fn send(&mut self, bytes: usize, path_bps: u64) {
            self.number = self.number.wrapping_add(1);
            self.estimate.sent(self.now, self.number, bytes);
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let start = self.queue_free_us.max(self.now.us);
            if start - self.now.us > 300_000 || (self.seed >> 33) % 1_000 < self.lose_per_mille {
                return;
            }
            self.queue_free_us = start + bytes as u64 * 8_000_000 / path_bps;
            self.flying.push_back((self.queue_free_us + 20_000, self.number));
        }

        /// Lets time pass on a path of that rate.
        fn drive(&mut self, time: Duration, path_bps: u64) {
            let end = self.now.us + time.as_micros() as u64;
            while self.now.us < end {
                self.now = self.now.after(Duration::from_millis(1));
                self.credit += self.estimate.bps().min(self.wanted_bps) as f64 / 8_000.0;
                while self.credit >= 1_000.0 {
                    self.credit -= 1_000.0;
                    self.send(1_000, path_bps);
                }
                self.estimate.want(self.now, self.wanted_bps);
                while self.estimate.probe(self.now).is_some_and(|probe| probe.lacks_bytes > 0) {
                    self.send(280, path_bps);
                }
                while self.flying.front().is_some_and(|(at, _)| *at <= self.now.us) {
                    if let Some((at, number)) = self.flying.pop_front() {
                        let _ = at;
                        self.arrivals.note(self.now, number);
                    }
                }
                if let Some(packet) = self.arrivals.write(self.now, 7) {
                    self.estimate.feedback(self.now, &packet);
                }
            }
        }
    }

    #[test]
    fn a_free_path_is_found_within_two_seconds() {
        let mut road = Road::new(1_500_000);
        road.drive(Duration::from_secs(2), 10_000_000);
        assert!(road.estimate.bps() >= 1_500_000, "{}", road.estimate.bps());
    }

    #[test]
    fn a_narrow_path_is_not_overfilled() {
        let mut road = Road::new(2_000_000);
        road.drive(Duration::from_secs(10), 500_000);
        let found = road.estimate.bps();
        assert!((250_000..=560_000).contains(&found), "{found}");
    }

    #[test]
    fn a_dip_is_followed_down_in_two_seconds_and_up_again_in_five() {
        let mut road = Road::new(2_000_000);
        road.drive(Duration::from_secs(10), 2_500_000);
        assert!(road.estimate.bps() >= 1_600_000, "before the dip {}", road.estimate.bps());
        road.drive(Duration::from_secs(3), 200_000);
        assert!(road.estimate.bps() <= 260_000, "in the dip {}", road.estimate.bps());
        road.drive(Duration::from_secs(7), 200_000);
        road.drive(Duration::from_secs(5), 2_500_000);
        assert!(road.estimate.bps() >= 1_600_000, "after the dip {}", road.estimate.bps());
    }

    #[test]
    fn loss_that_does_not_come_from_sending_too_much_does_not_end_the_picture() {
        let mut road = Road::new(700_000);
        road.lose_per_mille = 100;
        road.drive(Duration::from_secs(30), 5_000_000);
        assert!(road.estimate.bps() >= 150_000, "{}", road.estimate.bps());
    }

    #[test]
    fn a_machine_that_pauses_for_a_moment_now_and_then_takes_no_picture_away() {
        let mut road = Road::new(700_000);
        road.drive(Duration::from_secs(5), 10_000_000);
        let before = road.estimate.bps();
        for pause_ms in [10, 25, 15, 40, 20, 30] {
            road.queue_free_us = road.now.us + pause_ms * 1_000;
            road.drive(Duration::from_millis(700), 10_000_000);
            assert!(road.estimate.bps() >= 700_000, "{before} became {}", road.estimate.bps());
        }
    }

    #[test]
    fn a_path_that_becomes_too_narrow_is_noticed_though_the_estimate_was_not_used_up() {
        let mut road = Road::new(700_000);
        road.drive(Duration::from_secs(5), 10_000_000);
        road.drive(Duration::from_millis(1_500), 400_000);
        assert!(road.estimate.bps() <= 460_000, "{}", road.estimate.bps());
    }

    #[test]
    fn a_receiver_that_stops_acknowledging_gets_less_and_less() {
        let mut road = Road::new(1_000_000);
        road.drive(Duration::from_secs(5), 10_000_000);
        for _ in 0..20 {
            road.now = road.now.after(Duration::from_millis(500));
            road.estimate.sent(road.now, 1, 1_000);
        }
        assert!(road.estimate.bps() <= 300_000, "{}", road.estimate.bps());
    }
}
