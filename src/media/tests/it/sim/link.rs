//! One way between a client and the server: delay, jitter, loss, bursts, reordering, duplication, and a bottleneck
//! with a bounded queue whose rate may follow a table.

use std::collections::VecDeque;

use super::dice::Dice;

/// A stretch of a profile: how long (ms), how fast (bits per second), how far (ms one way).
pub type Stretch = (u64, u64, u64);

/// A train through the hills on EDGE: never fast, and for a while hardly anything.
pub const SECOND_GENERATION: &[Stretch] =
    &[(900, 180_000, 180), (500, 90_000, 260), (300, 24_000, 420), (600, 120_000, 220), (200, 4_000, 600)];
/// A crowded cell of the third generation.
pub const THIRD_GENERATION: &[Stretch] =
    &[(700, 900_000, 60), (400, 300_000, 90), (300, 120_000, 140), (500, 1_600_000, 50)];
/// LTE that fades in a lift and comes back.
pub const FADING: &[Stretch] =
    &[(800, 8_000_000, 25), (250, 700_000, 45), (350, 40_000, 120), (250, 1_500_000, 40)];

/// What a link does to datagrams.
#[derive(Clone, Debug)]
pub struct Weather {
    pub delay_us: u64,
    pub jitter_us: u64,
    /// Lost at random, in a thousand.
    pub loss: u64,
    /// Bursts: how often one starts and ends, in a thousand datagrams; nine tenths are lost in it.
    pub burst: (u64, u64),
    pub reordered: u64,
    pub doubled: u64,
    /// Bits per second now and then; empty: no bottleneck.
    pub profile: &'static [Stretch],
    /// Bytes that wait before the bottleneck at most; what comes then is dropped.
    pub queue_bytes: u64,
}

impl Weather {
    /// A good line.
    pub fn fair(delay_us: u64) -> Weather {
        Weather {
            delay_us,
            jitter_us: 0,
            loss: 0,
            burst: (0, 0),
            reordered: 0,
            doubled: 0,
            profile: &[],
            queue_bytes: 32_000,
        }
    }

    /// A bad one, of any kind.
    pub fn foul(dice: &mut Dice) -> Weather {
        let mut weather = Weather::fair(dice.between(1_000, 120_000));
        for _ in 0..dice.between(1, 3) {
            match dice.below(7) {
                0 => weather.loss = dice.between(5, 300),
                1 => weather.burst = (dice.between(5, 40), dice.between(50, 300)),
                2 => weather.jitter_us = dice.between(1_000, 80_000),
                3 => weather.reordered = dice.between(5, 200),
                4 => weather.doubled = dice.between(5, 200),
                _ => {
                    weather.profile = dice.pick(&[SECOND_GENERATION, THIRD_GENERATION, FADING]);
                    weather.queue_bytes = dice.between(3_000, 40_000);
                }
            }
        }
        weather
    }

    /// What the profile says of a moment, and when that ends.
    fn stretch(&self, us: u64) -> Option<(Stretch, u64)> {
        let whole: u64 = self.profile.iter().map(|stretch| stretch.0 * 1_000).sum();
        let mut at = us.checked_rem(whole)?;
        for stretch in self.profile {
            let length = stretch.0 * 1_000;
            if at < length {
                return Some((*stretch, us + length - at));
            }
            at -= length;
        }
        None
    }

    /// When a bottleneck that begins to send so many bytes at a moment has sent them.
    fn sent(&self, mut us: u64, bytes: u64) -> u64 {
        let mut bits = bytes * 8;
        while let Some(((_, rate, _), end)) = self.stretch(us) {
            let possible = (end - us) * rate / 1_000_000;
            if bits <= possible {
                return us + bits * 1_000_000 / rate;
            }
            bits -= possible;
            us = end;
        }
        us
    }
}

/// How long a bottleneck saves up what it did not send: the depth of its token bucket.
const BUCKET_US: u64 = 40_000;

/// One direction of one client's line.
pub struct Link {
    pub weather: Weather,
    dice: Dice,
    is_in_burst: bool,
    /// What waits before the bottleneck: when it will have been sent, and its bytes.
    queue: VecDeque<(u64, u64)>,
    free_us: u64,
    last_us: u64,
}

impl Link {
    pub fn new(weather: Weather, dice: Dice) -> Link {
        Link { weather, dice, is_in_burst: false, queue: VecDeque::new(), free_us: 0, last_us: 0 }
    }

    /// When a datagram that is sent now arrives: never, once, or twice.
    pub fn carry(&mut self, now_us: u64, bytes: u64) -> Vec<u64> {
        let weather = self.weather.clone();
        let (mut leaves_us, mut delay_us) = (now_us, weather.delay_us);
        if let Some(((_, _, far_ms), _)) = weather.stretch(now_us) {
            while self.queue.front().is_some_and(|first| first.0 <= now_us) {
                self.queue.pop_front();
            }
            if self.queue.iter().map(|waiting| waiting.1).sum::<u64>() + bytes > weather.queue_bytes {
                return Vec::new();
            }
            self.free_us = weather.sent(self.free_us.max(now_us.saturating_sub(BUCKET_US)), bytes);
            self.queue.push_back((self.free_us, bytes));
            leaves_us = self.free_us.max(now_us);
            delay_us += far_ms * 1_000;
        }
        let turn = if self.is_in_burst { weather.burst.1 } else { weather.burst.0 };
        self.is_in_burst ^= self.dice.happens(turn);
        let loss = if self.is_in_burst && weather.burst.0 > 0 { 900 } else { weather.loss };
        if self.dice.happens(loss) {
            return Vec::new();
        }
        let arrives = leaves_us + delay_us + self.dice.below(weather.jitter_us + 1);
        let arrives = if self.dice.happens(weather.reordered) {
            arrives + self.dice.between(3_000, 60_000)
        } else {
            self.last_us = self.last_us.max(arrives); // jitter alone lets nothing overtake
            self.last_us
        };
        let mut arrivals = vec![arrives];
        if self.dice.happens(weather.doubled) {
            arrivals.push(arrives + self.dice.below(40_000));
        }
        arrivals
    }
}
