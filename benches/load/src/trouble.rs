//! A bad line of one client: what it sends and receives is lost by chance, or all of it, and what it sends comes late.
//!
//! Told the time; its chance comes from a seed.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How bad a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Trouble {
    /// Share that is lost each way; 1 is a line that is cut.
    pub loss: f64,
    /// What is sent comes up to so much later, in its order.
    pub jitter: Duration,
}

/// Chance, and what is on its way.
#[derive(Debug)]
pub struct Bad {
    trouble: Trouble,
    state: u64,
    waiting: VecDeque<(Instant, SocketAddr, Vec<u8>)>,
}

impl Bad {
    /// A good line.
    pub fn new(seed: u64) -> Bad {
        Bad { trouble: Trouble::default(), state: seed | 1, waiting: VecDeque::new() }
    }

    /// Becomes so bad from now on.
    pub fn become_so(&mut self, trouble: Trouble) {
        self.trouble = trouble;
        if trouble.loss >= 1.0 {
            self.waiting.clear();
        }
    }

    /// From 0 to 1 (xorshift).
    fn chance(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether this datagram is lost.
    pub fn loses(&mut self) -> bool {
        self.trouble.loss > 0.0 && self.chance() < self.trouble.loss
    }

    /// Keeps a datagram back for a while; `false` when it may go at once.
    pub fn keeps(&mut self, now: Instant, (to, bytes): (SocketAddr, &[u8])) -> bool {
        if self.trouble.jitter.is_zero() && self.waiting.is_empty() {
            return false;
        }
        let late = self.trouble.jitter.mul_f64(self.chance());
        let due = self.waiting.back().map_or(now + late, |(last, ..)| (now + late).max(*last));
        self.waiting.push_back((due, to, bytes.to_vec()));
        true
    }

    /// When the next one is to go.
    pub fn due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, ..)| *due)
    }

    /// The next one whose time has come.
    pub fn next(&mut self, now: Instant) -> Option<(SocketAddr, Vec<u8>)> {
        self.due().filter(|due| *due <= now)?;
        self.waiting.pop_front().map(|(_, to, bytes)| (to, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_cut_line_loses_all_a_good_one_nothing_and_thirty_percent_is_thirty_percent() {
        let lost = |loss: f64| {
            let mut line = Bad::new(7);
            line.become_so(Trouble { loss, jitter: Duration::ZERO });
            (0..10_000).filter(|_| line.loses()).count()
        };
        assert_eq!((lost(0.0), lost(1.0)), (0, 10_000));
        assert!((2_800..3_200).contains(&lost(0.3)), "{}", lost(0.3));
    }

    #[test]
    fn what_is_late_goes_in_its_order_and_none_of_it_is_lost() {
        let (now, to) = (clock::instant(), SocketAddr::from(([127, 0, 0, 1], 9)));
        let mut line = Bad::new(3);
        assert!(!line.keeps(now, (to, &[0])), "a good line keeps nothing back");
        line.become_so(Trouble { loss: 0.0, jitter: Duration::from_millis(60) });
        assert!((0..50).all(|number| line.keeps(now, (to, &[number]))));
        let early = std::iter::from_fn(|| line.next(now)).count();
        let late: Vec<u8> = std::iter::from_fn(|| line.next(now + Duration::from_millis(60)))
            .map(|(_, bytes)| bytes[0])
            .collect();
        assert_eq!(early + late.len(), 50);
        assert!(late.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
