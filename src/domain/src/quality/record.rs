//! What is kept of one participant's stay: the last minute by seconds, what is older by tens of seconds, and at its
//! end the stretches in which it was equally good for the same reason.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::score::{Cause, Grade, Judgement, Score, Second};

/// Seconds that are kept one by one: what somebody who looks now wants to see.
const SECONDS_MAX: usize = 60;
/// Tens of seconds that are kept: four hours, longer than any meeting's door stands open. Then the oldest goes.
const TENS_MAX: usize = 1_440;
/// Seconds in a ten.
const FOLD: u32 = 10;
/// Stretches of one stay that are written down: a line each on a page that somebody reads.
pub const STRETCHES_MAX: usize = 120;

/// One judged second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Judged {
    at: Timestamp,
    second: Second,
    judgement: Judgement,
}

/// Sums over some seconds. Invariant: `seconds ≥ 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sum {
    starts: Timestamp,
    ends: Timestamp,
    seconds: u32,
    score: u32,
    lost_permille: u32,
    round_trip_ms: u64,
    round_trips: u32,
    up_bps: u64,
    down_bps: u64,
    /// Bad seconds by cause, in the order of [`Cause::ALL`].
    causes: [u32; 4],
}

impl Sum {
    fn of(judged: &Judged) -> Sum {
        let Judged { at, second, judgement } = judged;
        let mut causes = [0; 4];
        if let Some(place) = judgement.cause.and_then(|c| Cause::ALL.iter().position(|one| *one == c)) {
            causes[place] = 1;
        }
        Sum {
            starts: *at - SignedDuration::from_secs(1),
            ends: *at,
            seconds: 1,
            score: judgement.score.hundredths().into(),
            lost_permille: second.lost_down_permille.max(second.lost_up_permille).min(1_000).into(),
            round_trip_ms: second.round_trip_ms.unwrap_or(0).into(),
            round_trips: u32::from(second.round_trip_ms.is_some()),
            up_bps: second.up_bps,
            down_bps: second.down_bps,
            causes,
        }
    }

    fn add(&mut self, later: &Sum) {
        self.ends = later.ends;
        self.seconds += later.seconds;
        self.score = self.score.saturating_add(later.score);
        self.lost_permille = self.lost_permille.saturating_add(later.lost_permille);
        self.round_trip_ms = self.round_trip_ms.saturating_add(later.round_trip_ms);
        self.round_trips += later.round_trips;
        self.up_bps = self.up_bps.saturating_add(later.up_bps);
        self.down_bps = self.down_bps.saturating_add(later.down_bps);
        for (mine, theirs) in self.causes.iter_mut().zip(later.causes) {
            *mine += theirs;
        }
    }

    fn score(&self) -> Score {
        Score::from_hundredths(u16::try_from(self.score / self.seconds).unwrap_or(u16::MAX))
    }

    /// The cause of most of the bad seconds; none when the whole was good.
    fn cause(&self) -> Option<Cause> {
        if self.score().grade() == Grade::Good {
            return None;
        }
        let most = self.causes.iter().copied().enumerate().max_by_key(|(n, count)| (*count, 3 - n))?;
        (most.1 > 0).then_some(Cause::ALL[most.0])
    }

    fn stretch(&self) -> Stretch {
        let seconds = u64::from(self.seconds);
        let round_trip = self.round_trip_ms.checked_div(self.round_trips.into());
        Stretch {
            starts: self.starts,
            ends: self.ends,
            score: self.score(),
            cause: self.cause(),
            lost_permille: u16::try_from(self.lost_permille / self.seconds).unwrap_or(u16::MAX),
            round_trip_ms: round_trip.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX)),
            up_bps: self.up_bps / seconds,
            down_bps: self.down_bps / seconds,
        }
    }
}

/// A time in which it was equally good for the same reason; means over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From.
    pub starts: Timestamp,
    /// To.
    pub ends: Timestamp,
    /// How good.
    pub score: Score,
    /// What spoilt it, if it was not good.
    pub cause: Option<Cause>,
    /// Packets lost in the worse direction, in 1/1000.
    pub lost_permille: u16,
    /// There and back, if it was ever known.
    pub round_trip_ms: Option<u32>,
    /// Bits a second from the participant.
    pub up_bps: u64,
    /// Bits a second to the participant.
    pub down_bps: u64,
}

/// One stay of one participant. Bounded: at most `SECONDS_MAX` seconds and `TENS_MAX` tens.
#[derive(Debug, Clone, Default)]
pub struct Record {
    seconds: VecDeque<Judged>,
    ten: Option<Sum>,
    tens: VecDeque<Sum>,
}

impl Record {
    /// One more second, judged at its end.
    pub fn add(&mut self, at: Timestamp, second: Second, judgement: Judgement) {
        self.seconds.push_back(Judged { at, second, judgement });
        if self.seconds.len() > SECONDS_MAX
            && let Some(old) = self.seconds.pop_front()
        {
            self.fold(&Sum::of(&old));
        }
    }

    fn fold(&mut self, second: &Sum) {
        match &mut self.ten {
            Some(ten) => ten.add(second),
            None => self.ten = Some(*second),
        }
        if self.ten.is_some_and(|ten| ten.seconds >= FOLD) {
            self.tens.extend(self.ten.take());
            if self.tens.len() > TENS_MAX {
                self.tens.pop_front();
            }
        }
    }

    /// The whole stay: neighbours of the same grade and cause are one stretch.
    ///
    /// * returns: ascending, at most [`STRETCHES_MAX`]; beyond it the shortest ones are joined with the one before.
    #[must_use]
    pub fn stretches(mut self) -> Vec<Stretch> {
        for judged in std::mem::take(&mut self.seconds) {
            self.fold(&Sum::of(&judged));
        }
        self.tens.extend(self.ten.take());
        let mut joined: Vec<Sum> = Vec::new();
        for ten in self.tens {
            let kind = |sum: &Sum| (sum.score().grade(), sum.cause());
            match joined.last_mut() {
                Some(last) if kind(last) == kind(&ten) => last.add(&ten),
                _ => joined.push(ten),
            }
        }
        while joined.len() > STRETCHES_MAX {
            let shortest = (1..joined.len()).min_by_key(|n| joined[*n].seconds).unwrap_or(1);
            let short = joined.remove(shortest);
            joined[shortest - 1].add(&short);
        }
        joined.iter().map(Sum::stretch).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::judge;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_585_500 + second).expect("a time")
    }

    fn of(seconds: impl Iterator<Item = (i64, Second)>) -> Record {
        let mut record = Record::default();
        for (n, second) in seconds {
            record.add(at(n), second, judge(&second));
        }
        record
    }

    const FINE: Second = Second {
        lost_down_permille: 0,
        lost_up_permille: 0,
        round_trip_ms: Some(40),
        up_bps: 1_000,
        down_bps: 2_000,
        sound_delay_ms: 40,
        sound_missing_permille: None,
        picture: None,
        is_device_slow: false,
        is_line_narrow: false,
        are_others_lossy: false,
        is_server_busy: false,
    };

    #[test]
    fn a_good_stay_is_one_stretch_without_a_cause() {
        let stretches = of((1..=300).map(|n| (n, FINE))).stretches();
        assert_eq!(stretches.len(), 1);
        let whole = stretches[0];
        assert_eq!((whole.starts, whole.ends), (at(0), at(300)));
        assert_eq!((whole.score.grade(), whole.cause), (Grade::Good, None));
        assert_eq!((whole.round_trip_ms, whole.up_bps, whole.down_bps), (Some(40), 1_000, 2_000));
    }

    #[test]
    fn a_bad_minute_stands_out_with_its_cause() {
        let bad = Second { lost_down_permille: 300, ..FINE };
        let stretches =
            of((1..=180).map(|n| (n, if (61..=120).contains(&n) { bad } else { FINE }))).stretches();
        let told: Vec<_> = stretches.iter().map(|s| (s.ends, s.cause)).collect();
        assert_eq!(told, [(at(60), None), (at(120), Some(Cause::Network)), (at(180), None)]);
        assert_eq!(stretches[1].lost_permille, 300);
    }

    #[test]
    fn however_long_and_however_fickle_a_stay_the_record_stays_small() {
        let bad = Second { lost_down_permille: 300, ..FINE };
        let record = of((1..=40_000).map(|n| (n, if n / 10 % 2 == 0 { FINE } else { bad })));
        assert!(record.seconds.len() <= SECONDS_MAX && record.tens.len() <= TENS_MAX);
        let stretches = record.stretches();
        assert!(stretches.len() <= STRETCHES_MAX);
        assert!(stretches.windows(2).all(|pair| pair[0].ends <= pair[1].starts));
    }

    #[test]
    fn nobody_was_there_so_nothing_is_told() {
        assert!(Record::default().stretches().is_empty());
    }
}
