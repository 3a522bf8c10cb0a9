//! Availability: the weekly hours of a post, turned into slots, less holidays and what is taken.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::slot::{Cell, Slot};
use crate::office::Calendar;

/// Hours on one weekday, wall time, minutes after midnight, half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeklyHours {
    /// The weekday.
    pub weekday: Weekday,
    /// First minute, `0..1440`.
    pub from_minute: u16,
    /// First minute after, `1..=1440`.
    pub to_minute: u16,
}

/// When a post can be met.
#[derive(Debug, Clone)]
pub struct Availability {
    /// Its weekly hours.
    pub hours: Vec<WeeklyHours>,
    /// Length of a slot in minutes, a multiple of five.
    pub slot_minutes: i64,
    /// A slot must start at least so long after now.
    pub notice: SignedDuration,
    /// Closed days of its body.
    pub calendar: Calendar,
}

impl Availability {
    /// All slots of one day that the hours offer, taken or not, ascending; none on a holiday.
    #[must_use]
    pub fn slots_on(&self, day: Date, zone: &TimeZone) -> Vec<Slot> {
        if self.calendar.closed_on(day).is_some() {
            return Vec::new();
        }
        let mut slots: Vec<Slot> = self
            .hours
            .iter()
            .filter(|h| h.weekday == day.weekday())
            .flat_map(|h| self.slots_within(*h, day, zone))
            .collect();
        slots.sort_unstable();
        slots.dedup_by(|later, earlier| later.overlaps(earlier));
        slots
    }

    fn slots_within(&self, hours: WeeklyHours, day: Date, zone: &TimeZone) -> Vec<Slot> {
        let Ok(midnight) = day.to_datetime(Time::midnight()).to_zoned(zone.clone()) else {
            return Vec::new();
        };
        let at = |minute: i64| midnight.checked_add(minute.minutes()).ok().map(|z| z.timestamp());
        let step = self.slot_minutes.max(super::slot::CELL_MINUTES);
        (i64::from(hours.from_minute)..i64::from(hours.to_minute))
            .step_by(usize::try_from(step).unwrap_or(5))
            .filter(|minute| minute + step <= i64::from(hours.to_minute))
            .filter_map(|minute| Slot::starting(at(minute)?, step).ok())
            .collect()
    }

    /// Is `slot` one that the hours offer and that the notice period still allows at `now`?
    #[must_use]
    pub fn offers(&self, slot: Slot, zone: &TimeZone, now: Timestamp) -> bool {
        let day = slot.start().to_zoned(zone.clone()).date();
        slot.start() >= now + self.notice && self.slots_on(day, zone).contains(&slot)
    }
}

/// The free slots of one day: offered, beyond the notice period, and with no taken cell.
///
/// * `taken`: cells of the post and of the person who holds it.
#[must_use]
pub fn free_slots(supply: &Availability, day: Date, taken: &BTreeSet<Cell>, now: Timestamp) -> Vec<Slot> {
    let zone = crate::office::ist();
    let mut slots = supply.slots_on(day, &zone);
    slots.retain(|slot| slot.start() >= now + supply.notice && !slot.cells().any(|c| taken.contains(&c)));
    slots
}

/// The `count` free slots that start nearest to `wanted`, in order of time.
#[must_use]
pub fn nearest_free(free: &[Slot], wanted: Timestamp, count: usize) -> Vec<Slot> {
    let mut by_distance = free.to_vec();
    by_distance.sort_by_key(|slot| (slot.start().duration_since(wanted).abs(), slot.start()));
    by_distance.truncate(count);
    by_distance.sort_unstable();
    by_distance
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::id::BodyId;
    use crate::office::{Holiday, HolidayKind, ist};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn mondays(from: u16, to: u16, holiday: Option<Date>) -> Availability {
        let calendar = Calendar::new(
            holiday
                .into_iter()
                .map(|day| Holiday {
                    body: BodyId::parse("state").unwrap(),
                    day,
                    kind: HolidayKind::General,
                    name_hi: "अवकाश".into(),
                    name_en: "Holiday".into(),
                })
                .collect(),
        );
        Availability {
            hours: vec![WeeklyHours { weekday: Weekday::Monday, from_minute: from, to_minute: to }],
            slot_minutes: 15,
            notice: SignedDuration::from_mins(60),
            calendar,
        }
    }

    #[test]
    fn hours_from_three_to_half_past_four_give_six_slots_in_indian_wall_time() {
        let slots = mondays(900, 990, None).slots_on(date(2026, 11, 23), &ist());
        assert_eq!(slots.len(), 6);
        assert_eq!(slots[0].start().to_string(), "2026-11-23T09:30:00Z");
        assert!(
            mondays(900, 990, None).slots_on(date(2026, 11, 24), &ist()).is_empty(),
            "a Tuesday has none"
        );
    }

    #[test]
    fn a_holiday_closes_the_day() {
        let day = date(2026, 11, 23);
        assert!(mondays(900, 990, Some(day)).slots_on(day, &ist()).is_empty());
    }

    #[test]
    fn a_taken_cell_and_the_notice_period_take_slots_away() {
        let supply = mondays(900, 990, None);
        let day = date(2026, 11, 23);
        let all = supply.slots_on(day, &ist());
        let taken: BTreeSet<Cell> = all[2].cells().take(1).collect();
        let now = all[0].start() - SignedDuration::from_mins(50);
        let free = free_slots(&supply, day, &taken, now);
        assert_eq!(
            free,
            [all[1], all[3], all[4], all[5]],
            "the first is inside the notice period, the third is taken"
        );
    }

    #[test]
    fn the_three_nearest_times_are_offered_in_order_of_time() {
        let all = mondays(900, 990, None).slots_on(date(2026, 11, 23), &ist());
        assert_eq!(nearest_free(&all, all[3].start(), 3), [all[2], all[3], all[4]]);
    }

    proptest! {
        #[test]
        fn slots_of_a_day_are_ascending_disjoint_and_inside_the_hours(from in 0u16..1400, len in 1u16..600, slot in 1i64..30) {
            let to = (from + len).min(1440);
            let mut supply = mondays(from / 5 * 5, to, None);
            supply.slot_minutes = slot * 5;
            let slots = supply.slots_on(date(2026, 11, 23), &ist());
            prop_assert!(slots.windows(2).all(|w| w[0].end() <= w[1].start()));
            prop_assert!(slots.iter().all(|s| s.minutes() == slot * 5));
        }
    }
}
