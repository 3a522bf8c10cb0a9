//! The week of a post: presets to begin from, and the same week grouped as people say it.
//!
//! Presets are what governments have announced, not what an office must keep; hours may be changed after.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use super::supply::{Hours, Sitting};
use crate::office::coded;

coded! {
    /// A week to begin from.
    Preset {
        /// «मुलाकात दिवस»: Monday and Friday, 11:00–13:00, at every level.
        MeetingDays = "meeting_days",
        /// Jan sunwai: Tuesday, 10:00–13:00.
        PublicHearing = "public_hearing",
        /// An officer of the secretariat: Monday to Friday, 11:00–13:00 and 15:00–17:00.
        Secretariat = "secretariat",
        /// A field office: Monday to Saturday, 10:00–12:00.
        FieldOffice = "field_office",
    }
}

const WORKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
const SIX_DAYS: [Weekday; 6] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
];

impl Preset {
    /// Its windows, ascending; everybody may come, in every way.
    ///
    /// # Panics
    /// Never: the hours are part of the program, and a test reads them all.
    #[must_use]
    pub fn week(self) -> Vec<(Weekday, Sitting)> {
        let (days, hours): (&[Weekday], &[(u16, u16)]) = match self {
            Self::MeetingDays => (&[Weekday::Monday, Weekday::Friday], &[(660, 780)]),
            Self::PublicHearing => (&[Weekday::Tuesday], &[(600, 780)]),
            Self::Secretariat => (&WORKDAYS, &[(660, 780), (900, 1_020)]),
            Self::FieldOffice => (&SIX_DAYS, &[(600, 720)]),
        };
        let window = |from, to| Sitting::for_all(from, to).expect("a preset's hours are hours");
        days.iter().flat_map(|day| hours.iter().map(move |(from, to)| (*day, window(*from, *to)))).collect()
    }
}

/// Days with the same hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The days, ascending from Monday.
    pub days: Vec<Weekday>,
    /// Their hours, ascending; windows that touch are one.
    pub hours: Vec<Hours>,
}

impl Group {
    /// The first and the last day, where the days follow each other and are three at least.
    #[must_use]
    pub fn run(&self) -> Option<(Weekday, Weekday)> {
        let number = |day: &Weekday| day.to_monday_one_offset();
        let follow = self.days.windows(2).all(|pair| number(&pair[1]) == number(&pair[0]) + 1);
        let (first, last) = (self.days.first()?, self.days.last()?);
        (follow && self.days.len() >= 3).then_some((*first, *last))
    }
}

/// A week as it is said: days with the same hours together, in the order of their first day.
#[must_use]
pub fn grouped(week: &[(Weekday, Sitting)]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for day in SIX_DAYS.into_iter().chain([Weekday::Sunday]) {
        let mut hours: Vec<Hours> =
            week.iter().filter(|(of, _)| *of == day).map(|(_, sitting)| sitting.hours).collect();
        hours.sort_unstable();
        let hours = joined(&hours);
        match groups.iter_mut().find(|group| group.hours == hours) {
            _ if hours.is_empty() => {}
            Some(group) => group.days.push(day),
            None => groups.push(Group { days: vec![day], hours }),
        }
    }
    groups
}

fn joined(hours: &[Hours]) -> Vec<Hours> {
    let mut out: Vec<Hours> = Vec::with_capacity(hours.len());
    for next in hours {
        let touching = out.last().filter(|last| last.to() == next.from()).map(|last| last.from());
        match touching.and_then(|from| Hours::new(from, next.to()).ok()) {
            Some(both) => {
                out.pop();
                out.push(both);
            }
            None => out.push(*next),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::diary::supply::{Rules, Supply};
    use crate::office::Calendar;
    use jiff::SignedDuration;

    #[test]
    fn each_preset_is_a_plan_that_a_post_can_have() {
        for preset in Preset::ALL {
            let rules = Rules::of_house(15, SignedDuration::from_mins(30));
            let plan = Supply::new(preset.week(), Vec::new(), rules, Calendar::new(Vec::new()));
            assert!(plan.is_ok(), "{}", preset.code());
            assert_eq!(Preset::from_code(preset.code()), Some(*preset));
        }
    }

    #[test]
    fn days_with_the_same_hours_are_said_together() {
        let groups = grouped(&Preset::Secretariat.week());
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].run(), Some((Weekday::Monday, Weekday::Friday)));
        assert_eq!(groups[0].hours.len(), 2);
        let days = grouped(&Preset::MeetingDays.week());
        assert_eq!(days[0].days, [Weekday::Monday, Weekday::Friday]);
        assert_eq!(days[0].run(), None, "two days that do not follow each other are named");
        let mixed: Vec<_> =
            Preset::PublicHearing.week().into_iter().chain(Preset::MeetingDays.week()).collect();
        assert_eq!(grouped(&mixed).len(), 2);
        assert!(grouped(&[]).is_empty());
    }

    #[test]
    fn windows_that_touch_are_one() {
        let window = |from, to| (Weekday::Monday, Sitting::for_all(from, to).unwrap());
        let groups = grouped(&[window(720, 780), window(600, 660), window(660, 720)]);
        assert_eq!(groups[0].hours, [Hours::new(600, 780).unwrap()]);
    }
}
