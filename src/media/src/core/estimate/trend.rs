//! Is a queue growing on the path? The slope of the one-way delay over the last groups of packets, against a
//! threshold that adapts (draft-ietf-rmcat-gcc-02 §5, with the trendline filter that its implementers took up).

/// Packets sent within this time travel as one group.
const GROUP_US: i64 = 5_000;
/// Groups over which the slope is taken.
const GROUPS: usize = 20;
/// Share of the old value in the smoothed delay.
const SMOOTHING: f64 = 0.9;
/// What makes a slope comparable with the threshold.
const GAIN: f64 = 4.0;
/// More groups do not make the slope count for more.
const COUNT_MAX: f64 = 60.0;
/// The threshold, in milliseconds: where it begins and between what it stays.
const THRESHOLD_START: f64 = 12.5;
const THRESHOLD_MIN: f64 = 6.0;
const THRESHOLD_MAX: f64 = 600.0;
/// How fast the threshold follows, up and down, a millisecond.
const RISE: f64 = 0.0087;
const FALL: f64 = 0.039;
/// A spike this far above the threshold does not move it.
const SPIKE_MS: f64 = 15.0;
/// The slope must stay above for this long.
const OVERUSE_MS: f64 = 10.0;
/// The least delay is that of the last two spans of this length, in milliseconds: clocks drift and routes change.
const LEAST_SPAN_MS: f64 = 5_000.0;
/// After a pause of this length the past says nothing about the queue.
const PAUSE_US: i64 = 500_000;

/// What the path is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Usage {
    /// The queue is steady.
    #[default]
    Normal,
    /// It grows.
    Over,
    /// It empties.
    Under,
}

/// Packets that were sent together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: i64,
    last_sent: i64,
    last_came: i64,
}

/// See the module.
#[derive(Debug)]
pub struct Trend {
    group: Option<Group>,
    before: Option<Group>,
    /// Milliseconds since the first group came, and the smoothed delay then.
    points: [(f64, f64); GROUPS],
    count: usize,
    first_came: i64,
    delay: f64,
    smoothed: f64,
    /// The least smoothed delay of this span and of the one before, and when this one began.
    least: (f64, f64),
    span_ms: f64,
    threshold: f64,
    slope: f64,
    over_ms: f64,
    updated: i64,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Trend {
        Trend {
            group: None,
            before: None,
            points: [(0.0, 0.0); GROUPS],
            count: 0,
            first_came: 0,
            delay: 0.0,
            smoothed: 0.0,
            least: (0.0, 0.0),
            span_ms: 0.0,
            threshold: THRESHOLD_START,
            slope: 0.0,
            over_ms: 0.0,
            updated: 0,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    /// What the path was doing at the last packet.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Milliseconds of delay above the least of the last seconds: how long the queue is.
    #[must_use]
    pub fn queue_ms(&self) -> f64 {
        self.smoothed - self.least.0.min(self.least.1)
    }

    /// Takes a packet that came: when it was sent and when it came, each in microseconds of its own clock.
    pub fn packet(&mut self, sent: i64, came: i64) {
        let Some(group) = &mut self.group else {
            self.group = Some(Group { first_sent: sent, last_sent: sent, last_came: came });
            return;
        };
        if sent < group.first_sent {
            return; // overtaken by a later group
        }
        if sent - group.first_sent <= GROUP_US {
            group.last_sent = group.last_sent.max(sent);
            group.last_came = group.last_came.max(came);
            return;
        }
        let done = *group;
        self.group = Some(Group { first_sent: sent, last_sent: sent, last_came: came });
        let before = self.before.replace(done);
        let Some(before) = before else { return };
        let (between_sent, between_came) =
            (done.last_sent - before.last_sent, done.last_came - before.last_came);
        if between_sent > PAUSE_US || between_came < 0 {
            self.forget();
            return;
        }
        self.delta((between_came - between_sent) as f64 / 1e3, between_sent as f64 / 1e3, done.last_came);
    }

    /// The past says nothing any more; the threshold stays.
    pub fn forget(&mut self) {
        (self.count, self.delay, self.smoothed, self.over_ms) = (0, 0.0, 0.0, 0.0);
        (self.group, self.before, self.usage) = (None, None, Usage::Normal);
        (self.least, self.span_ms) = ((0.0, 0.0), 0.0);
    }

    fn delta(&mut self, delta_ms: f64, sent_ms: f64, came: i64) {
        if self.count == 0 {
            self.first_came = came;
        }
        self.delay += delta_ms;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        let since_ms = (came - self.first_came) as f64 / 1e3;
        self.points[self.count % GROUPS] = (since_ms, self.smoothed);
        self.least.0 = self.least.0.min(self.smoothed);
        if since_ms > self.span_ms + LEAST_SPAN_MS {
            (self.least, self.span_ms) = ((self.smoothed, self.least.0), since_ms);
        }
        self.count += 1;
        let slope = if self.count >= GROUPS { self.fit().unwrap_or(self.slope) } else { 0.0 };
        let modified = (self.count as f64).min(COUNT_MAX) * slope * GAIN;
        self.judge(modified, slope, sent_ms);
        self.slope = slope;
        self.adapt(modified, came);
    }

    /// Least squares over the points.
    fn fit(&self) -> Option<f64> {
        let n = GROUPS as f64;
        let (sum_x, sum_y) = self.points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (mean_x, mean_y) = (sum_x / n, sum_y / n);
        let (top, bottom) = self.points.iter().fold((0.0, 0.0), |(top, bottom), (x, y)| {
            (top + (x - mean_x) * (y - mean_y), bottom + (x - mean_x) * (x - mean_x))
        });
        (bottom > 0.0).then(|| top / bottom)
    }

    fn judge(&mut self, modified: f64, slope: f64, sent_ms: f64) {
        if modified > self.threshold {
            self.over_ms += sent_ms;
            if self.over_ms > OVERUSE_MS && slope >= self.slope {
                self.over_ms = 0.0;
                self.usage = Usage::Over;
            }
            return;
        }
        self.over_ms = 0.0;
        self.usage = if modified < -self.threshold { Usage::Under } else { Usage::Normal };
    }

    fn adapt(&mut self, modified: f64, came: i64) {
        let passed = ((came - self.updated) as f64 / 1e3).clamp(0.0, 100.0);
        self.updated = came;
        if modified.abs() > self.threshold + SPIKE_MS {
            return;
        }
        let speed = if modified.abs() < self.threshold { FALL } else { RISE };
        self.threshold += speed * (modified.abs() - self.threshold) * passed;
        self.threshold = self.threshold.clamp(THRESHOLD_MIN, THRESHOLD_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends a packet each 10 ms over a path whose queue grows by `growth_us` with each, with jitter.
    fn run(trend: &mut Trend, from: i64, count: i64, growth_us: i64) -> Vec<Usage> {
        let mut seed = 1u64;
        (0..count)
            .map(|n| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let jitter = (seed >> 54) as i64; // up to a millisecond
                let sent = from + n * 10_000;
                trend.packet(sent, 77_000_000 + sent + 20_000 + n * growth_us + jitter);
                trend.usage()
            })
            .collect()
    }

    #[test]
    fn a_steady_path_with_jitter_is_normal() {
        let mut trend = Trend::default();
        let usages = run(&mut trend, 0, 2_000, 0);
        assert!(!usages.contains(&Usage::Over));
    }

    #[test]
    fn a_growing_queue_is_seen_within_half_a_second_and_its_end_too() {
        let mut trend = Trend::default();
        run(&mut trend, 0, 200, 0);
        let usages = run(&mut trend, 2_000_000, 100, 1_500);
        let seen = usages.iter().position(|usage| *usage == Usage::Over).expect("overuse");
        assert!(seen < 50, "seen after {seen} packets");
        let usages = run(&mut trend, 3_000_000, 200, 0);
        assert_ne!(usages.last(), Some(&Usage::Over));
    }
}
