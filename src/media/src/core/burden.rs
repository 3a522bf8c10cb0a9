//! What is left for pictures when there is more to do than a thread can do.
//!
//! Sound is never cut for want of a processor, and neither are preferred rooms: only the pictures of the others get
//! less, at once and by much, and come back slowly, so that it does not swing. Some receivers get a low layer or stills
//! and the others all, rather than all a little less: a source with one layer could not be divided otherwise, and who
//! has a good picture keeps it.

use super::limits::{
    AWAKE_PERCENT_FULL, AWAKE_PERCENT_OVER, AWAKE_PERCENT_ROOM, PICTURES_PERCENT_MIN, PICTURES_PERCENT_STEP,
};

/// The share of receivers that get all the pictures that they can, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burden {
    pictures: u64,
}

impl Default for Burden {
    fn default() -> Burden {
        Burden { pictures: 100 }
    }
}

/// What a look at the load means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Less for pictures, at once.
    Less,
    /// More, in its turn.
    More,
    /// As it was.
    None,
}

impl Burden {
    /// The thread was awake for so many percent of the last tenth of a second.
    pub fn note(&mut self, awake_percent: u64) -> Change {
        let before = self.pictures;
        self.pictures = match awake_percent {
            AWAKE_PERCENT_FULL.. => before * 6 / 10,
            AWAKE_PERCENT_OVER.. => before * 85 / 100,
            ..AWAKE_PERCENT_ROOM => before + PICTURES_PERCENT_STEP,
            _ => before,
        }
        .clamp(PICTURES_PERCENT_MIN, 100);
        match self.pictures.cmp(&before) {
            std::cmp::Ordering::Less => Change::Less,
            std::cmp::Ordering::Greater => Change::More,
            std::cmp::Ordering::Equal => Change::None,
        }
    }

    /// The share of receivers that get all the pictures that they can, in percent.
    #[must_use]
    pub fn pictures_percent(self) -> u64 {
        self.pictures
    }

    /// Whether a receiver is one of those whose pictures are held back: for the same share always the same ones.
    ///
    /// * `number`: any number of the receiver that stays.
    #[must_use]
    pub fn holds(self, number: u64) -> bool {
        // Multiplied by the golden ratio, numbers in a row spread evenly.
        (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % 100 >= self.pictures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_go_fast_and_come_back_slowly_and_never_beyond_the_wish() {
        let mut burden = Burden::default();
        assert_eq!((burden.note(50), burden.pictures_percent()), (Change::None, 100));
        assert_eq!(burden.note(100), Change::Less);
        assert!(burden.pictures_percent() <= 60);
        for _ in 0..20 {
            burden.note(100);
        }
        assert_eq!(burden.pictures_percent(), PICTURES_PERCENT_MIN);
        assert_eq!(burden.note(AWAKE_PERCENT_ROOM), Change::None, "between the two it stays");
        let mut looks = 0;
        while burden.pictures_percent() < 100 {
            burden.note(10);
            looks += 1;
        }
        assert!((20..100).contains(&looks), "{looks}");
    }

    #[test]
    fn as_many_are_held_back_as_the_share_says_and_the_same_ones_each_time() {
        let mut burden = Burden::default();
        let held = |burden: Burden| (1..=1_000).filter(|number| burden.holds(*number)).collect::<Vec<u64>>();
        assert!(held(burden).is_empty());
        let mut before = Vec::new();
        while burden.note(95) == Change::Less {
            let now = held(burden);
            assert!(before.iter().all(|number| now.contains(number)));
            let share = 1_000 - now.len() as u64;
            assert!(share.abs_diff(burden.pictures_percent() * 10) < 60, "{share}");
            before = now;
        }
        assert!(before.len() > 900);
    }
}
