//! How many older frames go along with each new one to a receiver: as many as its loss asks for and its path carries.
//!
//! More at once, less only when the loss has stayed away: what is sent again hides the loss from whoever counts what
//! came, so less that had to be taken back waits longer the next time.

use crate::core::meter::Meter;
use crate::core::now::Now;

use super::frames::OLDER_MAX;
use super::repeats::REPEATS_MAX;

/// Above these shares of loss goes one older frame more: so of a hundred frames one at most stays away.
const SHARES: [f64; OLDER_MAX] = [0.003, 0.04, 0.10, 0.20];
/// Packets that a share must rest on: half a second of sound.
const PACKETS_MIN: u32 = 25;
/// How much of a new share counts when there is more loss and when there is less.
const RISE: f64 = 0.5;
const FALL: f64 = 0.15;
/// What comes of the sound may be this much of what the path carries, in percent, when there is loss.
const PART_PERCENT: u64 = 90;
/// One older frame goes along for the case when it takes no more than this much, in percent.
const SPARE_PERCENT: u64 = 20;
/// Less waits for this, doubled each time that it had to be taken back soon.
const HOLD_US_MIN: u64 = 10_000_000;
const HOLD_US_MAX: u64 = 160_000_000;
/// Within this loss that comes back came back soon.
const SOON_US: u64 = 5_000_000;
/// RTP header and extensions, tag, UDP and IP of a packet of sound.
const HEADERS_BYTES: usize = 70;

/// How a receiver gets older frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In RED.
    Red,
    /// As the same datagrams once more.
    Again,
}

/// See the module.
#[derive(Debug)]
pub struct Cover {
    way: Way,
    share: f64,
    counted: (u32, u32),
    /// What the loss asks for, and what the path carries of it.
    asked: usize,
    depth: usize,
    until_us: u64,
    lowered_us: u64,
    hold_us: u64,
    /// Frames at 0, their headers at 1.
    meter: Meter,
}

impl Cover {
    /// Nothing goes along at first.
    #[must_use]
    pub fn new(way: Way) -> Cover {
        Cover {
            way,
            share: 0.0,
            counted: (0, 0),
            asked: 0,
            depth: 0,
            until_us: 0,
            lowered_us: 0,
            hold_us: HOLD_US_MIN,
            meter: Meter::default(),
        }
    }

    /// How many older frames go along in RED.
    #[must_use]
    pub fn in_red(&self) -> usize {
        if self.way == Way::Red { self.depth } else { 0 }
    }

    /// How many datagrams go out once more.
    #[must_use]
    pub fn again(&self) -> usize {
        if self.way == Way::Again { self.depth } else { 0 }
    }

    /// Notes a frame that goes out for the first time.
    pub fn note(&mut self, now: Now, bytes: usize) {
        self.meter.note(now, bytes, 0);
        self.meter.note(now, HEADERS_BYTES, 1);
    }

    /// Counts packets that came and that were lost.
    pub fn count(&mut self, (came, lost): (u32, u32)) {
        self.counted = (self.counted.0 + came, self.counted.1 + lost);
        let all = self.counted.0 + self.counted.1;
        if all >= PACKETS_MIN {
            self.see(f64::from(self.counted.1) / f64::from(all));
            self.counted = (0, 0);
        }
    }

    /// Takes a share of loss into account, 0 … 1.
    pub fn see(&mut self, share: f64) {
        self.share += (share - self.share) * if share > self.share { RISE } else { FALL };
    }

    /// Follows the loss, and what the path carries.
    ///
    /// * `bps`: what the path carries by its delay. Loss says nothing here: it is what is covered.
    pub fn follow(&mut self, now: Now, bps: u64) {
        let wanted = SHARES.iter().filter(|share| self.share > **share).count();
        if wanted > self.asked {
            let is_soon = self.lowered_us != 0 && now.us < self.lowered_us + SOON_US;
            self.hold_us = if is_soon { (self.hold_us * 2).min(HOLD_US_MAX) } else { HOLD_US_MIN };
        }
        if wanted >= self.asked {
            (self.asked, self.until_us) = (wanted, now.us + self.hold_us);
        } else if now.us >= self.until_us {
            (self.asked, self.lowered_us) = (self.asked - 1, now.us);
            self.until_us = now.us + self.hold_us;
        }
        let carries = |depth: &usize| self.delivered_bps(now, *depth) * 100 <= bps * PART_PERCENT;
        self.depth = (0..=self.asked.min(self.most())).rev().find(carries).unwrap_or(0);
        if self.depth == 0 && self.way == Way::Red && self.bps(now, 1) * 100 <= bps * SPARE_PERCENT {
            self.depth = 1;
        }
    }

    /// What a path must carry for all that the loss asks for: it is looked for.
    #[must_use]
    pub fn wanted_bps(&self, now: Now) -> u64 {
        if self.asked == 0 {
            0
        } else {
            self.delivered_bps(now, self.asked.min(self.most())) * 100 / PART_PERCENT
        }
    }

    /// What the older frames take, on top of the sound itself.
    #[must_use]
    pub fn extra_bps(&self, now: Now) -> u64 {
        self.bps(now, self.depth).saturating_sub(self.bps(now, 0))
    }

    fn most(&self) -> usize {
        if self.way == Way::Red { OLDER_MAX } else { REPEATS_MAX }
    }

    /// What comes of the sound: what a path carries is known by what came, too.
    fn delivered_bps(&self, now: Now, depth: usize) -> u64 {
        (self.bps(now, depth) as f64 * (1.0 - self.share)) as u64
    }

    fn bps(&self, now: Now, depth: usize) -> u64 {
        let (frames, all) = (self.meter.bps(now, 0), self.meter.bps(now, u8::MAX));
        let more = if self.way == Way::Red { frames } else { all };
        all + more * depth as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A second of one voice of 32 kb/s over a path with that loss in a thousand.
    fn speak(cover: &mut Cover, now: &mut Now, (lost, bps): (u32, u64), seconds: u32) {
        for _ in 0..seconds * 50 {
            *now = now.after(Duration::from_millis(20));
            cover.note(*now, 80);
            cover.count((1_000 - lost, lost));
            cover.follow(*now, bps);
        }
    }

    fn depth(way: Way, weather: (u32, u64)) -> usize {
        let (mut cover, mut now) = (Cover::new(way), Now::for_test());
        speak(&mut cover, &mut now, weather, 4);
        cover.depth
    }

    #[test]
    fn more_loss_takes_more_older_frames() {
        let depths = [0, 30, 70, 150, 300].map(|lost| depth(Way::Red, (lost, 1_000_000)));
        assert_eq!(depths, [1, 1, 2, 3, 4]);
        let depths = [0, 30, 300].map(|lost| depth(Way::Again, (lost, 1_000_000)));
        assert_eq!(depths, [0, 1, REPEATS_MAX]);
    }

    #[test]
    fn on_a_narrow_path_the_sound_itself_goes_first() {
        assert_eq!(depth(Way::Red, (300, 64_000)), 0);
        assert_eq!(depth(Way::Again, (300, 64_000)), 0);
        assert_eq!(depth(Way::Red, (0, 200_000)), 0, "nothing is sent for the case only");
        assert!((1..4).contains(&depth(Way::Red, (300, 130_000))));
    }

    #[test]
    fn less_comes_step_by_step_when_the_loss_has_stayed_away() {
        let (mut cover, mut now) = (Cover::new(Way::Red), Now::for_test());
        speak(&mut cover, &mut now, (300, 1_000_000), 4);
        speak(&mut cover, &mut now, (0, 1_000_000), 8);
        assert_eq!(cover.in_red(), 4);
        speak(&mut cover, &mut now, (0, 1_000_000), 5);
        assert_eq!(cover.in_red(), 3);
        speak(&mut cover, &mut now, (0, 1_000_000), 60);
        assert_eq!(cover.in_red(), 1);
    }

    #[test]
    fn what_had_to_be_taken_back_is_tried_again_later_each_time() {
        let (mut cover, mut now) = (Cover::new(Way::Again), Now::for_test());
        let mut pauses = Vec::new();
        for _ in 0..3 {
            // The loss is seen only while nothing goes out again.
            while cover.again() == 0 {
                speak(&mut cover, &mut now, (30, 1_000_000), 1);
            }
            let from = now.us;
            while cover.again() > 0 {
                speak(&mut cover, &mut now, (0, 1_000_000), 1);
            }
            pauses.push((now.us - from) / 1_000_000);
        }
        assert!(pauses[1] >= 2 * pauses[0] - 2 && pauses[2] >= 2 * pauses[1] - 2, "{pauses:?}");
    }
}
