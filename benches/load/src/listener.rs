//! How long somebody heard nothing new.

use std::time::{Duration, Instant};

use crate::clock;
use crate::crowd::Crowd;

/// What somebody has received, and since when nothing more.
pub struct Listener {
    place: usize,
    got: u64,
    since: Instant,
}

impl Listener {
    /// Listens to what the client at this place receives, whose tally begins now.
    pub fn begin(place: usize, now: Instant) -> Listener {
        Listener { place, got: 0, since: now }
    }

    /// Looks what has come.
    ///
    /// * returns: the time for which nothing new had come, if something has; else nothing. Who only sends hears nothing at all.
    pub fn look(&mut self, crowd: &Crowd) -> Duration {
        let got = crowd.clients[self.place].tally().got_and_sent().0;
        if got == self.got {
            return Duration::ZERO;
        }
        let now = clock::instant();
        let pause = now.saturating_duration_since(self.since);
        (self.got, self.since) = (got, now);
        pause
    }

    /// For how long nothing has come by now.
    pub fn silence(&self) -> Duration {
        clock::instant().saturating_duration_since(self.since)
    }
}
