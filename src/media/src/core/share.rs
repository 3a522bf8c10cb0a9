//! Shares out what the path to one receiver carries: sound always, then the speaker, then the others by their size.
//!
//! Pure. Less is taken at once; more only with room to spare, and not soon after it failed, so that nothing swings.

use smallvec::SmallVec;

use super::limits::{LAYERS_MAX, MEDIA_SECTIONS_MAX, STILLS_BPS};
use super::meter::TEMPORALS;
use super::slot::Share;

/// More must fit with this much to spare, in percent.
const SPARE_PERCENT: u64 = 15;
/// Who asks for this many times a fair part at least, even for the least of its layers, is served last.
const FAIR_TIMES: u64 = 2;

/// One way to show a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Simulcast layer.
    pub layer: u8,
    /// Up to this temporal layer.
    pub temporal: u8,
    /// What it takes.
    pub bps: u64,
}

/// Ways to show a source, the least first; on the stack, for shares are given out five times a second to everybody.
pub type Choices = SmallVec<[Choice; LAYERS_MAX * TEMPORALS]>;

/// One of each for every slot of a receiver; on the stack, likewise.
pub type PerSlot<T> = SmallVec<[T; MEDIA_SECTIONS_MAX]>;

/// What one slot could carry.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its choices, the least first; empty while nothing is known of the source.
    pub choices: Choices,
    /// How many of them are worth sending at the size at which it is shown; 0: it is not to be seen.
    pub worth: usize,
    /// What it carries now.
    pub present: Share,
    /// Whether more must not be tried yet.
    pub is_held: bool,
}

/// 0: nothing, 1: stills, then the choices.
type Level = usize;

impl Wish {
    fn level(&self, share: Share) -> Level {
        match share {
            Share::Nothing => 0,
            Share::Stills => 1,
            Share::Moving { layer, temporal } => {
                let fits = |choice: &&Choice| (choice.layer, choice.temporal) <= (layer, temporal);
                1 + self.choices.iter().filter(fits).count().max(1)
            }
        }
    }

    fn bps(&self, level: Level) -> u64 {
        match level {
            0 => 0,
            1 => STILLS_BPS,
            _ => self.choices.get(level - 2).map_or(u64::MAX, |choice| choice.bps),
        }
    }

    fn top(&self) -> Level {
        if self.worth == 0 { 0 } else { 1 + self.worth.min(self.choices.len()) }
    }

    /// What it would get if nothing were in the way.
    #[must_use]
    pub fn best(&self) -> Share {
        if self.choices.is_empty() && self.worth > 0 { Share::FIRST } else { self.share(self.top()) }
    }

    fn share(&self, level: Level) -> Share {
        match level {
            0 => Share::Nothing,
            1 => Share::Stills,
            _ => self.choices.get(level - 2).map_or(self.present, |choice| {
                let is_last = self
                    .choices
                    .iter()
                    .all(|other| other.layer != choice.layer || other.temporal <= choice.temporal);
                let temporal = if is_last { u8::MAX } else { choice.temporal };
                Share::Moving { layer: choice.layer, temporal }
            }),
        }
    }

    /// Whether a level may be taken with what is left. More than there is now needs room to spare. While it is held,
    /// nothing more is taken but stills.
    fn may_take(&self, level: Level, left: u64) -> bool {
        let (bps, is_new) = (self.bps(level), level > self.level(self.present));
        let spare = match (is_new, self.is_held) {
            (true, true) if level > 1 => return false,
            (true, _) => with_room(bps) - bps,
            (false, _) => 0,
        };
        bps.saturating_add(spare) <= left
    }

    /// Whether the next level may be taken with what is left, and what it takes more.
    fn step(&self, level: Level, left: u64) -> Option<u64> {
        let has = self.bps(level);
        let may = level < self.top() && self.may_take(level + 1, left.saturating_add(has));
        may.then(|| self.bps(level + 1).saturating_sub(has))
    }
}

/// The shares of the wishes, which stand in the order of their importance.
///
/// * `bps`: what is left for pictures.
/// * returns: one share for each wish.
#[must_use]
pub fn share_out(wishes: &[Wish], bps: u64) -> PerSlot<Share> {
    let mut left = bps;
    let mut levels: PerSlot<Level> = SmallVec::from_elem(0, wishes.len());
    // Everybody a little, as far as it goes: moving pictures, and of what is left stills. Who asks for far more than a
    // fair part comes after the others: a source that suddenly sends ten times as much stops nobody's picture but its
    // own.
    let count = wishes.iter().filter(|wish| wish.top() > 0).count().max(1) as u64;
    let modest = (left / count).saturating_mul(FAIR_TIMES);
    for (goal, most) in [(2, modest), (2, u64::MAX), (1, u64::MAX)] {
        for (wish, level) in wishes.iter().zip(&mut levels).filter(|(wish, _)| !wish.choices.is_empty()) {
            let is_modest = wish.bps(goal) <= most;
            if *level == 0 && wish.top() >= goal && is_modest && wish.may_take(goal, left) {
                (*level, left) = (goal, left - wish.bps(goal));
            }
        }
    }
    // The first as much as is worth it, then the others a step each in turn.
    for group in [0..wishes.len().min(1), 1..wishes.len().max(1)] {
        loop {
            let mut has_risen = false;
            for at in group.clone() {
                if levels[at] < 2 {
                    continue;
                }
                if let Some(more) = wishes[at].step(levels[at], left) {
                    (levels[at], left, has_risen) = (levels[at] + 1, left - more, true);
                }
            }
            if !has_risen {
                break;
            }
        }
    }
    let share = |(wish, level): (&Wish, &Level)| {
        // Of a source that sends nothing the first packets are let through, so that they are noticed.
        if wish.choices.is_empty() && wish.worth > 0 { Share::FIRST } else { wish.share(*level) }
    };
    wishes.iter().zip(&levels).map(share).collect()
}

/// What all wishes would take if nothing were in the way.
#[must_use]
pub fn wanted_bps(wishes: &[Wish]) -> u64 {
    wishes.iter().map(|wish| if wish.choices.is_empty() { 0 } else { wish.bps(wish.top()) }).sum()
}

/// How much must be there before so much is taken: with the room to spare.
#[must_use]
pub fn with_room(bps: u64) -> u64 {
    bps + bps * SPARE_PERCENT / 100
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn three_layers() -> Choices {
        [(0, 100_000), (1, 300_000), (2, 700_000)]
            .map(|(layer, bps)| Choice { layer, temporal: 0, bps })
            .into_iter()
            .collect()
    }

    fn wish(present: Share) -> Wish {
        Wish { choices: three_layers(), worth: 3, present, is_held: false }
    }

    fn layer(share: Share) -> Option<u8> {
        if let Share::Moving { layer, .. } = share { Some(layer) } else { None }
    }

    #[test]
    fn the_first_gets_the_best_that_leaves_the_others_a_little() {
        let shares = share_out(&[wish(Share::FIRST), wish(Share::FIRST), wish(Share::FIRST)], 1_100_000);
        assert_eq!(shares.into_iter().map(layer).collect::<Vec<_>>(), [Some(2), Some(0), Some(0)]);
    }

    #[test]
    fn when_nothing_moving_fits_there_are_stills_and_then_sound_alone() {
        assert_eq!(share_out(&[wish(Share::FIRST)], 90_000)[..], [Share::Stills]);
        assert_eq!(share_out(&[wish(Share::FIRST)], 20_000)[..], [Share::Nothing]);
    }

    #[test]
    fn what_is_shown_small_or_not_at_all_takes_no_more_than_it_needs() {
        let small = Wish { worth: 1, ..wish(Share::FIRST) };
        let hidden = Wish { worth: 0, ..wish(Share::FIRST) };
        assert_eq!(
            share_out(&[small, hidden], 9_000_000).into_iter().map(layer).collect::<Vec<_>>(),
            [Some(0), None]
        );
    }

    #[test]
    fn more_needs_room_to_spare_but_what_is_there_may_stay() {
        let top = Share::Moving { layer: 2, temporal: u8::MAX };
        assert_eq!(layer(share_out(&[wish(Share::FIRST)], 710_000)[0]), Some(1));
        assert_eq!(layer(share_out(&[wish(top)], 710_000)[0]), Some(2));
        assert_eq!(layer(share_out(&[Wish { is_held: true, ..wish(Share::FIRST) }], 9_000_000)[0]), Some(0));
    }

    #[test]
    fn who_asks_for_far_more_than_a_fair_part_stops_nobodys_picture_but_his_own() {
        let flood = Wish {
            choices: [Choice { layer: 0, temporal: 0, bps: 900_000 }].into_iter().collect(),
            ..wish(Share::FIRST)
        };
        let shares = share_out(&[flood, wish(Share::FIRST), wish(Share::FIRST)], 1_000_000);
        let layers: Vec<_> = shares.iter().copied().map(layer).collect();
        assert!(layers[0].is_none() && layers[1].is_some() && layers[2].is_some(), "{layers:?}");
    }

    #[test]
    fn what_is_wanted_is_enough_for_every_wish() {
        let wishes = [wish(Share::Stills), wish(Share::FIRST), wish(Share::FIRST)];
        let shares = share_out(&wishes, with_room(wanted_bps(&wishes)));
        assert!(shares.iter().zip(&wishes).all(|(share, wish)| *share == wish.best()), "{shares:?}");
    }

    proptest! {
        #[test]
        fn no_more_is_given_out_than_there_is(
            rates in prop::collection::vec(prop::collection::vec(1_000u64..900_000, 0..4), 0..8),
            worth in 0usize..4, bps in 0u64..3_000_000, present in 0u8..3, is_held: bool,
        ) {
            let wishes: Vec<Wish> = rates.into_iter().map(|mut rates| {
                rates.sort_unstable();
                let choices = rates.into_iter().enumerate().map(|(layer, bps)| Choice { layer: layer as u8, temporal: 0, bps }).collect();
                Wish { choices, worth, present: Share::Moving { layer: present, temporal: u8::MAX }, is_held }
            }).collect();
            let shares = share_out(&wishes, bps);
            let taken: u64 = wishes.iter().zip(&shares).filter(|(wish, _)| !wish.choices.is_empty()).map(|(wish, share)| match share {
                Share::Nothing => 0,
                Share::Stills => STILLS_BPS,
                Share::Moving { layer, .. } => wish.choices.iter().find(|choice| choice.layer == *layer).map_or(0, |choice| choice.bps),
            }).sum();
            prop_assert!(taken <= bps, "{taken} of {bps}");
        }
    }
}
