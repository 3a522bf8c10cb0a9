//! When it will be somebody's turn: a range in which the turn begins four times in five, for a person is better served
//! by an honest range than by a minute that is wrong.
//!
//! The rest of the day is played through many times by the rules of the queue: with lengths drawn from the post's own
//! last meetings, with people who come before their time (some not at all), and with new people who come without one at
//! the rate of this day. The range leaves out the earliest and the latest tenth.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};

use super::queue::{Number, Queue, Standing};

/// Lengths of past meetings that count: some weeks of one post.
pub const LENGTHS_MAX: usize = 60;
/// Days that are played through; more change the range by less than a minute.
const DAYS: usize = 200;
/// The share of days that may end before the range, and after it: a tenth each.
const OUTSIDE: usize = DAYS / 10;
/// Of ten people with a time so many come.
const COME: f64 = 0.9;
/// Whoever has a time comes up to so many seconds before it.
const EARLY_SECONDS: f64 = 1_800.0;
/// Before anybody has come without a time, one in so many seconds is thought to.
const WALK_IN_SECONDS: f64 = 2_400.0;
/// An officer who is late and says nothing begins within as much again as he is late, and within this at the least.
const BEGINS_WITHIN_SECONDS: f64 = 600.0;
/// Who says that he is late is later still by up to this part of it.
const LATER_STILL: f64 = 0.5;
/// What a meeting takes while nothing is known of the post, in parts of its slot: most end early, some do not.
const USUAL: [f64; 5] = [0.3, 0.5, 0.7, 1.0, 1.5];

/// How long meetings of a post take, from one call to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// In seconds, ascending; never empty.
    lengths: Vec<f64>,
    /// How far a drawn length strays from a known one, and a day's pace from the usual, in logarithms.
    stray: (f64, f64),
}

/// The turn begins in here four times in five: whole minutes from now, `from ≤ to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Whose turn.
    pub number: Number,
    /// Not before this many minutes.
    pub from_minutes: u32,
    /// Not after this many minutes.
    pub to_minutes: u32,
}

impl Pace {
    /// From what is known of the post.
    ///
    /// * `recent`: lengths of its meetings, the newest first; those beyond [`LENGTHS_MAX`] are left out.
    /// * `slot`: the length for which its times are planned.
    #[must_use]
    pub fn new(recent: &[SignedDuration], slot: SignedDuration) -> Self {
        let usual = USUAL.iter().map(|part| slot.as_secs_f64().max(60.0) * part);
        let known = recent.iter().take(LENGTHS_MAX).map(|length| length.as_secs_f64().max(1.0));
        let stray = stray_of(&known.clone().map(f64::ln).collect::<Vec<_>>());
        // What is usual elsewhere counts only until the post has a history of its own.
        let unknown = USUAL.len().saturating_sub(recent.len() / 2);
        let mut lengths: Vec<f64> = known.chain(usual.take(unknown)).collect();
        lengths.sort_by(f64::total_cmp);
        Self { lengths, stray }
    }

    /// How fast this day goes, beside the usual day.
    fn day(&self, chance: &mut dyn FnMut() -> f64) -> f64 {
        if self.stray.1 == 0.0 { 1.0 } else { (self.stray.1 * normal(chance)).exp() }
    }

    /// A length; with `already` seconds gone, what is left of one that is longer.
    fn draw(&self, (already, pace): (f64, f64), chance: &mut dyn FnMut() -> f64) -> f64 {
        let gone = already / pace;
        let first = self.lengths.partition_point(|length| *length <= gone);
        let longer = &self.lengths[first..];
        let place = (chance() * longer.len() as f64) as usize;
        match longer.get(place.min(longer.len().saturating_sub(1))) {
            Some(length) if self.stray.0 == 0.0 => (length - gone) * pace,
            Some(length) => (length * (self.stray.0 * normal(chance)).exp() - gone).max(1.0) * pace,
            // Longer than any that is known: it goes on for as long as the usual one does.
            None => self.lengths[self.lengths.len() / 2],
        }
    }
}

/// How far lengths between the known ones stray from them (a kernel's width), and the mean of the known from the true
/// one: the fewer are known, the further.
fn stray_of(logarithms: &[f64]) -> (f64, f64) {
    let count = logarithms.len() as f64;
    if logarithms.len() < 2 {
        return (0.0, 0.0);
    }
    let mean = logarithms.iter().sum::<f64>() / count;
    let variance = logarithms.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let spread = variance.sqrt();
    (0.5 * spread * count.powf(-0.2), spread / count.sqrt())
}

/// A number of the standard normal distribution.
fn normal(chance: &mut dyn FnMut() -> f64) -> f64 {
    (-2.0 * (1.0 - chance()).ln()).sqrt() * (std::f64::consts::TAU * chance()).cos()
}

/// Somebody who has still to be heard.
#[derive(Clone, Copy)]
struct Player {
    number: Number,
    /// In seconds from now.
    due: f64,
    is_here: bool,
}

impl Player {
    /// When he comes on a played day, in seconds from now; `None` on a day on which he does not.
    fn comes(&self, chance: &mut dyn FnMut() -> f64) -> Option<f64> {
        if self.is_here {
            return Some(0.0);
        }
        // Who has not come yet may be one of those who do not; the nearer his time, the likelier.
        let left = (self.due / EARLY_SECONDS).clamp(0.02, 1.0);
        let comes = COME * left / (COME * left + 1.0 - COME);
        let (when, span) = (chance(), self.due.clamp(60.0, EARLY_SECONDS));
        (chance() < comes).then(|| (self.due - span).max(0.0) + when * span)
    }
}

/// What of a queue the rest of a day is played with.
struct Scene<'a> {
    pace: &'a Pace,
    players: Vec<Player>,
    /// Seconds for which the one inside has been there; `None` when nobody is.
    inside: Option<f64>,
    /// Nobody is called before this, in seconds from now: the officer has said so.
    begins: f64,
    /// And within so many seconds after that, nobody knows when.
    begins_within: f64,
    /// Between two new people without a time, on the mean.
    walk_in_seconds: f64,
    /// Nobody comes without a time later than this.
    until: f64,
    /// When the last one without a time is due, and how far apart they are due.
    tokens: (f64, f64),
}

/// The ranges of all who wait or are expected, by number.
///
/// * `chance`: uniform in `[0, 1)`, from the caller.
#[must_use]
pub fn expected(
    queue: &Queue,
    pace: &Pace,
    now: Timestamp,
    chance: &mut dyn FnMut() -> f64,
) -> Vec<Expected> {
    let scene = Scene::of(queue, pace, now);
    let mut begins: Vec<Vec<f64>> = scene.players.iter().map(|_| Vec::with_capacity(DAYS)).collect();
    for _ in 0..DAYS {
        scene.play(chance, &mut |place, at| begins[place].push(at));
    }
    scene.players.iter().zip(begins).filter_map(|(player, at)| range(player.number, at)).collect()
}

impl<'a> Scene<'a> {
    fn of(queue: &Queue, pace: &'a Pace, now: Timestamp) -> Self {
        let seconds = |at: Timestamp| at.duration_since(now).as_secs_f64();
        let players: Vec<Player> = queue
            .tickets()
            .iter()
            .filter(|ticket| matches!(ticket.standing, Standing::Here(_) | Standing::Expected))
            .map(|ticket| Player {
                number: ticket.number,
                due: seconds(if ticket.standing == Standing::Expected {
                    ticket.due_at
                } else {
                    ticket.order_at()
                }),
                is_here: ticket.standing != Standing::Expected,
            })
            .collect();
        let inside = queue.tickets().iter().find_map(|ticket| match ticket.standing {
            Standing::Inside(since) => Some(-seconds(since)),
            Standing::Called(_) => Some(0.0),
            _ => None,
        });
        let dues = || queue.tickets().iter().map(|ticket| seconds(ticket.due_at));
        let elapsed = -dues().fold(0.0, f64::min);
        let walk_ins = queue.tickets().iter().filter(|ticket| ticket.is_walk_in);
        let last = walk_ins.clone().map(|ticket| seconds(ticket.due_at)).fold(f64::MIN, f64::max);
        let overdue = queue.overdue_since(now).map_or(0.0, |since| -seconds(since));
        Self {
            pace,
            players,
            inside,
            begins: queue.late().until.map_or(0.0, |until| seconds(until).max(0.0)),
            begins_within: match queue.late().until {
                _ if overdue > 0.0 => overdue.max(BEGINS_WITHIN_SECONDS),
                Some(_) => queue.late().by.as_secs_f64() * LATER_STILL,
                None => 0.0,
            },
            walk_in_seconds: (elapsed + WALK_IN_SECONDS) / (walk_ins.count() as f64 + 1.0),
            until: dues().fold(0.0, f64::max),
            tokens: (last, queue.walk_in_every().as_secs_f64()),
        }
    }

    /// Plays one day by the rules of the queue.
    ///
    /// * `begins`: is told whose turn began, by the place among the players, and when.
    fn play(&self, chance: &mut dyn FnMut() -> f64, begins: &mut dyn FnMut(usize, f64)) {
        let pace = self.pace.day(chance);
        let mut coming = self.arrivals(chance);
        coming.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut waiting: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::with_capacity(coming.len());
        let mut free_at = self.inside.map_or(0.0, |already| self.pace.draw((already, pace), chance));
        if self.begins + self.begins_within > 0.0 {
            free_at = free_at.max(self.begins + self.begins_within * chance());
        }
        let mut left = coming.iter().filter(|(_, _, place)| *place < self.players.len()).count();
        while left > 0 {
            while let Some((_, due, place)) = coming.pop_if(|(here, ..)| *here <= free_at) {
                waiting.push(Reverse((due, place)));
            }
            let Some(Reverse((_, place))) = waiting.pop() else {
                // Nobody is there: the room is free until the next one comes.
                match coming.last() {
                    Some((here, ..)) => free_at = *here,
                    None => return,
                }
                continue;
            };
            if place < self.players.len() {
                begins(place, free_at);
                left -= 1;
            }
            free_at += self.pace.draw((0.0, pace), chance);
        }
    }

    /// Who comes on one day: when, when due (in milliseconds), and the place among the players; new people stand
    /// behind them all.
    fn arrivals(&self, chance: &mut dyn FnMut() -> f64) -> Vec<(f64, i64, usize)> {
        let milliseconds = |seconds: f64| (seconds * 1_000.0) as i64;
        let mut coming: Vec<(f64, i64, usize)> = Vec::with_capacity(self.players.len() + 16);
        for (place, player) in self.players.iter().enumerate() {
            if let Some(here) = player.comes(chance) {
                let due = if player.is_here { player.due } else { player.due.max(here) };
                coming.push((here, milliseconds(due), place));
            }
        }
        let (mut last, every) = self.tokens;
        let mut here = 0.0;
        for new in 0..NEW_MAX {
            here -= self.walk_in_seconds * (1.0 - chance()).ln();
            if here > self.until {
                break;
            }
            last = here.max(last + every);
            coming.push((here, milliseconds(last), self.players.len() + new));
        }
        coming
    }
}

/// Most new people of one played day; those after them are due later than anybody who waits now.
const NEW_MAX: usize = 64;

fn range(number: Number, mut at: Vec<f64>) -> Option<Expected> {
    at.sort_unstable_by(f64::total_cmp);
    let outside = OUTSIDE * at.len() / DAYS;
    let (from, to) = (*at.get(outside)?, *at.get(at.len().checked_sub(1 + outside)?)?);
    let from_minutes = (from / 60.0).floor() as u32;
    Some(Expected { number, from_minutes, to_minutes: ((to / 60.0).ceil() as u32).max(from_minutes + 1) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    /// Chance for tests: SplitMix64.
    struct Chance(u64);

    impl Chance {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        }

        /// A length of a meeting in seconds: lognormal.
        fn length(&mut self, mean: f64, spread: f64) -> f64 {
            let normal =
                (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos();
            mean * (spread * normal - spread * spread / 2.0).exp()
        }
    }

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_second(seconds as i64).unwrap()
    }

    /// One day of an officer: sixteen people with a time, some without; at a moment in it everybody who waits is told
    /// a range, and then the day goes on.
    ///
    /// * returns: of how many the turn began in the range, and of how many at all.
    fn day(chance: &mut Chance) -> (u32, u32) {
        let (mean, spread) = (360.0 + 540.0 * chance.uniform(), 0.4 + 0.4 * chance.uniform());
        let slot = SignedDuration::from_mins(15);
        let recent: Vec<SignedDuration> =
            (0..40).map(|_| SignedDuration::from_secs(chance.length(mean, spread) as i64)).collect();
        let pace = Pace::new(&recent, slot);
        let mut queue = Queue::new(SignedDuration::from_mins(15));
        // Who comes and when: the time that one has, or the moment in which one takes a token.
        let mut coming: Vec<(f64, Option<Number>)> = Vec::new();
        for n in 0..16 {
            let time = f64::from(n) * 900.0;
            let number = queue.expect(at(time)).unwrap();
            if chance.uniform() < 0.9 {
                coming.push(((time - 1_800.0 * chance.uniform()).max(0.0), Some(number)));
            }
        }
        coming.extend((0..6).map(|_| (chance.uniform() * 12_000.0, None)));
        coming.sort_by(|a, b| a.0.total_cmp(&b.0));
        let told_at = 2_000.0 + chance.uniform() * 8_000.0;
        let mut told: Option<Vec<Expected>> = None;
        let (mut now, mut free_at, mut held, mut all) = (0.0f64, 0.0f64, 0, 0);
        let mut inside: Option<Number> = None;
        loop {
            while coming.first().is_some_and(|(when, _)| *when <= now) {
                match coming.remove(0).1 {
                    Some(number) => queue.arrive(number, at(now)).unwrap(),
                    None => drop(queue.take_token(at(now)).unwrap()),
                }
            }
            if now >= free_at {
                if let Some(number) = inside.take() {
                    queue.leave(number).unwrap();
                }
                if let Ok(number) = queue.call_next(at(now)) {
                    queue.enter(number, at(now)).unwrap();
                    (inside, free_at) = (Some(number), now + chance.length(mean, spread));
                    if let Some(range) = told.iter().flatten().find(|range| range.number == number) {
                        let minutes = (now - told_at) / 60.0;
                        held += u32::from(
                            (f64::from(range.from_minutes)..=f64::from(range.to_minutes)).contains(&minutes),
                        );
                        all += 1;
                    }
                }
            }
            if told.is_none() && now >= told_at {
                let waiting: Vec<Number> = queue.waiting().iter().map(|ticket| ticket.number).collect();
                let mut ranges = expected(&queue, &pace, at(now), &mut || chance.uniform());
                ranges.retain(|range| waiting.contains(&range.number));
                told = Some(ranges);
            }
            let is_over = told.as_ref().is_some_and(|_| coming.is_empty() && queue.waiting().is_empty());
            if is_over && inside.is_none() {
                return (held, all);
            }
            now += 5.0;
        }
    }

    #[test]
    fn the_range_that_is_shown_holds_four_times_in_five() {
        let mut chance = Chance(2_026);
        let (held, all) =
            (0..900).map(|_| day(&mut chance)).fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        let share = f64::from(held) / f64::from(all);
        assert!(all > 1_000 && (0.75..=0.85).contains(&share), "{share:.3} of {all}");
    }

    #[test]
    fn a_post_without_a_history_is_thought_to_keep_its_times() {
        let pace = Pace::new(&[], SignedDuration::from_mins(10));
        let mut queue = Queue::new(SignedDuration::from_mins(10));
        let (first, second) = (queue.take_token(at(0.0)).unwrap(), queue.take_token(at(0.0)).unwrap());
        let mut chance = Chance(7);
        let ranges = expected(&queue, &pace, at(0.0), &mut || chance.uniform());
        assert_eq!(ranges[0], Expected { number: first, from_minutes: 0, to_minutes: 1 });
        assert_eq!((ranges[1].number, ranges[1].from_minutes, ranges[1].to_minutes), (second, 3, 15));
    }

    #[test]
    fn an_officer_who_is_late_moves_every_range_by_what_was_said_and_by_what_nobody_knows() {
        let pace = Pace::new(&[], SignedDuration::from_mins(10));
        let mut queue = Queue::new(SignedDuration::from_mins(10));
        queue.take_token(at(0.0)).unwrap();
        let range = |queue: &Queue, now: f64| {
            let mut chance = Chance(7);
            let range = expected(queue, &pace, at(now), &mut || chance.uniform())[0];
            (range.from_minutes, range.to_minutes)
        };
        assert_eq!(range(&queue, 240.0), (0, 1), "four minutes are nothing yet");
        let (from, to) = range(&queue, 300.0);
        assert!(from <= 1 && (8..=10).contains(&to), "he has not begun and says nothing: {from} to {to}");
        queue.be_late(at(300.0), SignedDuration::from_mins(20));
        let (from, to) = range(&queue, 300.0);
        assert!((20..=22).contains(&from) && (28..=30).contains(&to), "{from} to {to}");
        let (from, to) = range(&queue, 900.0);
        assert!((10..=12).contains(&from) && (18..=20).contains(&to), "what was said holds: {from} to {to}");
    }

    #[test]
    fn a_meeting_that_lasts_longer_than_any_before_goes_on() {
        let pace = Pace::new(&[SignedDuration::from_mins(5); 20], SignedDuration::from_mins(10));
        let mut queue = Queue::new(SignedDuration::from_mins(10));
        queue.take_token(at(0.0)).unwrap();
        let second = queue.take_token(at(0.0)).unwrap();
        let first = queue.call_next(at(0.0)).unwrap();
        queue.enter(first, at(0.0)).unwrap();
        let mut chance = Chance(7);
        let ranges = expected(&queue, &pace, at(3_600.0), &mut || chance.uniform());
        assert_eq!(ranges, [Expected { number: second, from_minutes: 5, to_minutes: 6 }]);
    }
}
