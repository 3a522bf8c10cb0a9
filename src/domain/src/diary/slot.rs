//! A slot of time, and the five-minute cells by which the database keeps two people out of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Length of a cell, in minutes. Every slot starts and ends on a cell's edge.
pub const CELL_MINUTES: i64 = 5;
/// Longest slot, in minutes: a working day.
pub const SLOT_MINUTES_MAX: i64 = 480;

/// Why two instants are not a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// The end is not after the start.
    #[error("a slot ends after it starts")]
    Backwards,
    /// Longer than [`SLOT_MINUTES_MAX`].
    #[error("a slot is at most {SLOT_MINUTES_MAX} minutes")]
    TooLong,
    /// Start or end is not on a five-minute edge.
    #[error("a slot starts and ends on a {CELL_MINUTES}-minute edge")]
    OffGrid,
}

/// Half-open interval `[start, end)`, UTC instants.
///
/// Invariant: `start < end`, length ≤ `SLOT_MINUTES_MAX`, both on a five-minute edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SlotText", into = "SlotText")]
pub struct Slot {
    start: Timestamp,
    end: Timestamp,
}

/// A cell's number: five-minute steps since 1970-01-01T00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(pub i64);

impl Cell {
    /// The cell in which an instant lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(CELL_MINUTES * 60))
    }

    /// When it begins; `None` beyond the calendar's end.
    #[must_use]
    pub fn start(self) -> Option<Timestamp> {
        Timestamp::from_second(self.0.checked_mul(CELL_MINUTES * 60)?).ok()
    }
}

impl Slot {
    /// Makes a slot.
    ///
    /// # Errors
    /// [`SlotError`] when the interval breaks the invariant.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, SlotError> {
        if end <= start {
            return Err(SlotError::Backwards);
        }
        if end.duration_since(start) > SignedDuration::from_mins(SLOT_MINUTES_MAX) {
            return Err(SlotError::TooLong);
        }
        let on_edge =
            |t: Timestamp| t.as_millisecond() % (CELL_MINUTES * 60_000) == 0 && t.subsec_nanosecond() == 0;
        if !on_edge(start) || !on_edge(end) {
            return Err(SlotError::OffGrid);
        }
        Ok(Self { start, end })
    }

    /// A slot of `minutes` from `start`.
    ///
    /// # Errors
    /// [`SlotError`] as for [`Slot::new`].
    pub fn starting(start: Timestamp, minutes: i64) -> Result<Self, SlotError> {
        if minutes > SLOT_MINUTES_MAX {
            return Err(SlotError::TooLong);
        }
        let end = start.checked_add(SignedDuration::from_mins(minutes)).map_err(|_| SlotError::TooLong)?;
        Self::new(start, end)
    }

    /// First instant.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// First instant after it.
    #[must_use]
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    /// Length in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.end.duration_since(self.start).as_mins()
    }

    /// Do the two share an instant?
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The cells it covers, ascending.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let step = CELL_MINUTES * 60_000;
        (self.start.as_millisecond() / step..self.end.as_millisecond() / step).map(Cell)
    }
}

/// The `count` slots that start nearest to `wanted`, in order of time.
#[must_use]
pub fn nearest(slots: &[Slot], wanted: Timestamp, count: usize) -> Vec<Slot> {
    let mut by_distance = slots.to_vec();
    by_distance.sort_by_key(|slot| (slot.start().duration_since(wanted).abs(), slot.start()));
    by_distance.truncate(count);
    by_distance.sort_unstable();
    by_distance
}

#[derive(Serialize, Deserialize)]
struct SlotText {
    start: Timestamp,
    end: Timestamp,
}

impl TryFrom<SlotText> for Slot {
    type Error = SlotError;
    fn try_from(text: SlotText) -> Result<Self, SlotError> {
        Self::new(text.start, text.end)
    }
}

impl From<Slot> for SlotText {
    fn from(slot: Slot) -> Self {
        Self { start: slot.start, end: slot.end }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_second(n * 60).unwrap()
    }

    #[test]
    fn a_slot_refuses_what_is_backwards_too_long_or_off_the_grid() {
        assert_eq!(Slot::new(minute(10), minute(10)), Err(SlotError::Backwards));
        assert_eq!(Slot::starting(minute(0), 485), Err(SlotError::TooLong));
        assert_eq!(Slot::starting(minute(1), 10), Err(SlotError::OffGrid));
        assert_eq!(Slot::starting(minute(0), i64::MAX), Err(SlotError::TooLong));
    }

    #[test]
    fn the_three_nearest_times_are_offered_in_order_of_time() {
        let all: Vec<Slot> = (0..6).map(|n| Slot::starting(minute(n * 15), 15).unwrap()).collect();
        assert_eq!(nearest(&all, all[3].start(), 3), [all[2], all[3], all[4]]);
    }

    proptest! {
        #[test]
        fn two_slots_share_a_cell_exactly_when_they_overlap(a in 0i64..400, la in 1i64..90, b in 0i64..400, lb in 1i64..90) {
            let one = Slot::starting(minute(a * 5), la * 5).unwrap();
            let two = Slot::starting(minute(b * 5), lb * 5).unwrap();
            let cells: std::collections::BTreeSet<_> = one.cells().collect();
            prop_assert_eq!(two.cells().any(|c| cells.contains(&c)), one.overlaps(&two));
        }
    }
}
