//! Holiday calendars: entries of a body and of the bodies above it, and the wall time of the state.
//!
//! Holidays are data, never code: sources disagree and orders come at short notice.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use super::post::coded;
use crate::id::BodyId;

/// India's wall time, Asia/Kolkata: UTC+05:30, no daylight saving.
#[must_use]
pub fn ist() -> TimeZone {
    TimeZone::get("Asia/Kolkata").unwrap_or_else(|_| {
        TimeZone::fixed(Offset::from_seconds(19_800).expect("five and a half hours is an offset"))
    })
}

coded! {
    /// Why an office is closed on a day.
    HolidayKind {
        /// By executive order.
        General = "general",
        /// Under the Negotiable Instruments Act.
        NegotiableInstruments = "ni_act",
        /// Restricted: the office works.
        Restricted = "restricted",
        /// By a district's own order.
        Local = "local",
    }
}

coded! {
    /// The weekdays on which a body works.
    WorkingWeek {
        /// Monday to Friday: the secretariat.
        Five = "five_day",
        /// Monday to Saturday: field offices.
        Six = "six_day",
    }
}

impl WorkingWeek {
    /// Whether it works on such a weekday, holidays aside.
    #[must_use]
    pub fn works_on(self, weekday: Weekday) -> bool {
        match weekday {
            Weekday::Sunday => false,
            Weekday::Saturday => self == Self::Six,
            _ => true,
        }
    }

    const fn days(self) -> i64 {
        match self {
            Self::Five => 5,
            Self::Six => 6,
        }
    }

    /// The `count`th day after `day` on which it works, holidays aside. `count` is at least 1.
    fn day_after(self, day: Date, count: i64) -> Option<Date> {
        let weeks = (count - 1) / self.days();
        let mut at = day.checked_add((7 * weeks).days()).ok()?;
        let mut left = count - weeks * self.days();
        while left > 0 {
            at = at.tomorrow().ok()?;
            left -= i64::from(self.works_on(at.weekday()));
        }
        Some(at)
    }
}

/// One closed day of a body and everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Whose order it is.
    pub body: BodyId,
    /// The day, in wall time.
    pub day: Date,
    /// By which schedule.
    pub kind: HolidayKind,
    /// Its name in Hindi and in English.
    pub name_hi: String,
    /// The same in English.
    pub name_en: String,
}

/// The closed days that apply to one body: its own and those inherited down the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Ascending by day; a day may be closed by two orders.
    holidays: Vec<Holiday>,
}

impl Calendar {
    /// Gathers the entries of a body and its ancestors; restricted ones do not close the office.
    #[must_use]
    pub fn new(entries: Vec<Holiday>) -> Self {
        let mut holidays: Vec<Holiday> =
            entries.into_iter().filter(|h| h.kind != HolidayKind::Restricted).collect();
        holidays.sort_by_key(|h| h.day);
        Self { holidays }
    }

    /// The holiday that closes the office on `day`, if any.
    #[must_use]
    pub fn closed_on(&self, day: Date) -> Option<&Holiday> {
        let place = self.holidays.partition_point(|h| h.day < day);
        self.holidays.get(place).filter(|h| h.day == day)
    }

    /// Whether the office works on `day`.
    #[must_use]
    pub fn works_on(&self, week: WorkingWeek, day: Date) -> bool {
        week.works_on(day.weekday()) && self.closed_on(day).is_none()
    }

    /// The `count`th working day after `day`, which is not counted itself; `day` for 0. This is how a limit such as
    /// «60 working days from filing» is reckoned.
    ///
    /// * returns: `None` beyond the year 9999.
    #[must_use]
    pub fn working_day_after(&self, week: WorkingWeek, day: Date, count: u16) -> Option<Date> {
        let (mut at, mut left) = (day, i64::from(count));
        while left > 0 {
            let next = week.day_after(at, left)?;
            left = self.closed_between(week, at, next);
            at = next;
        }
        Some(at)
    }

    /// How many days after `from` and up to `to` would be worked on but for a holiday.
    fn closed_between(&self, week: WorkingWeek, from: Date, to: Date) -> i64 {
        let first = self.holidays.partition_point(|h| h.day <= from);
        let end = self.holidays.partition_point(|h| h.day <= to);
        let mut days: Vec<Date> = self.holidays[first..end].iter().map(|h| h.day).collect();
        days.dedup();
        days.retain(|day| week.works_on(day.weekday()));
        i64::try_from(days.len()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn closed(days: &[Date], kind: HolidayKind) -> Calendar {
        let entry = |day: &Date| Holiday {
            body: BodyId::parse("state").unwrap(),
            day: *day,
            kind,
            name_hi: String::new(),
            name_en: String::new(),
        };
        Calendar::new(days.iter().map(entry).collect())
    }

    #[test]
    fn a_limit_of_working_days_skips_weekends_and_holidays_and_counts_restricted_ones() {
        let friday = date(2026, 11, 20);
        let monday = [date(2026, 11, 23)];
        let after = |calendar: Calendar, week| calendar.working_day_after(week, friday, 1).unwrap();
        assert_eq!(after(Calendar::default(), WorkingWeek::Five), date(2026, 11, 23));
        assert_eq!(after(Calendar::default(), WorkingWeek::Six), date(2026, 11, 21));
        assert_eq!(after(closed(&monday, HolidayKind::General), WorkingWeek::Five), date(2026, 11, 24));
        assert_eq!(after(closed(&monday, HolidayKind::Restricted), WorkingWeek::Five), date(2026, 11, 23));
    }

    #[test]
    fn a_day_that_two_orders_close_is_one_day() {
        let twice = [date(2026, 11, 23), date(2026, 11, 23)];
        let calendar = closed(&twice, HolidayKind::General);
        let day = calendar.working_day_after(WorkingWeek::Five, date(2026, 11, 20), 2);
        assert_eq!(day, Some(date(2026, 11, 25)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn working_days_are_what_counting_day_by_day_finds(
            start in 0i64..2_000, count in 0u16..200, holidays in prop::collection::vec(0i64..2_400, 0..120), six: bool,
        ) {
            let first = date(2024, 1, 1);
            let day = |n: i64| first.checked_add(n.days()).unwrap();
            let days: Vec<Date> = holidays.into_iter().map(day).collect();
            let (calendar, week) =
                (closed(&days, HolidayKind::General), if six { WorkingWeek::Six } else { WorkingWeek::Five });
            let (mut at, mut left) = (day(start), count);
            while left > 0 {
                at = at.tomorrow().unwrap();
                left -= u16::from(week.works_on(at.weekday()) && !days.contains(&at));
            }
            prop_assert_eq!(calendar.working_day_after(week, day(start), count), Some(at));
            let next = calendar.working_day_after(week, day(start), count + 1).unwrap();
            prop_assert!(next > at, "one more day is later");
        }
    }
}
