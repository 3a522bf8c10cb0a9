//! Supply: when a post can be met, by which channel, and by whom, before anybody has taken a time.
//!
//! Weekly windows, less holidays and absences, plus extra sittings, cut into slots. Each slot says for whom it is kept and
//! from when it may be taken; whether it *is* taken the database says, and nothing here.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::appointment::Channel;
use super::slot::{CELL_MINUTES, SLOT_MINUTES_MAX, Slot};
use crate::office::{Calendar, coded};

/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;
/// Windows of one post in a week.
pub const WINDOWS_MAX: usize = 50;
/// How far ahead a post may be booked at most, in days.
pub const HORIZON_DAYS_MAX: u16 = 366;
/// Rest between two meetings at most, in minutes.
pub const REST_MINUTES_MAX: u16 = 120;

coded! {
    /// For whom a window may be kept.
    Category {
        /// Women.
        Women = "women",
        /// People of sixty and more.
        Senior = "senior",
        /// Persons with disabilities.
        Divyang = "divyang",
        /// Members of Parliament, of the legislature and of local bodies.
        Representative = "representative",
    }
}

impl Category {
    /// Whether such people are given another time before others when an officer is called away.
    #[must_use]
    pub const fn comes_first(self) -> bool {
        matches!(self, Self::Senior | Self::Divyang)
    }
}

/// The ways in which one can meet in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Channels(u8);

impl Channels {
    /// All of them.
    pub const ALL: Self = Self(0b111);

    /// These.
    #[must_use]
    pub fn of(channels: &[Channel]) -> Self {
        Self(channels.iter().fold(0, |bits, channel| bits | Self::bit(*channel)))
    }

    /// Whether one of them is this one.
    #[must_use]
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & Self::bit(channel) != 0
    }

    /// What a row holds: a bit each for video (1), in person (2) and telephone (4).
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Reads what a row holds.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits <= Self::ALL.0 { Some(Self(bits)) } else { None }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn bit(channel: Channel) -> u8 {
        match channel {
            Channel::Video => 1,
            Channel::InPerson => 2,
            Channel::Telephone => 4,
        }
    }
}

/// Hours of a day, wall time, minutes after midnight, half-open.
///
/// Invariant: `from < to ≤ 1440`, both on a five-minute edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hours {
    from: u16,
    to: u16,
}

/// Why a plan of hours is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SupplyError {
    /// They end before they begin, leave the day, or are off the five-minute edges.
    #[error("hours begin and end on five-minute edges of one day, and end after they begin")]
    Hours,
    /// Two windows of one weekday share a minute.
    #[error("two windows of one day share a minute")]
    Overlap,
    /// More than [`WINDOWS_MAX`].
    #[error("a post has at most {WINDOWS_MAX} windows a week")]
    TooMany,
    /// A window that offers no way to meet.
    #[error("a window offers at least one way to meet")]
    NoChannel,
    /// A length, a rest, a horizon or a share out of its bounds.
    #[error("a length, a rest, a horizon or a share is out of its bounds")]
    Bounds,
}

impl Hours {
    /// Makes hours.
    ///
    /// # Errors
    /// [`SupplyError::Hours`] when they break the invariant.
    pub fn new(from: u16, to: u16) -> Result<Self, SupplyError> {
        let is_edge = |minute: u16| i64::from(minute) % CELL_MINUTES == 0;
        let is_sound = from < to && to <= DAY_MINUTES && is_edge(from) && is_edge(to);
        if is_sound { Ok(Self { from, to }) } else { Err(SupplyError::Hours) }
    }

    /// First minute.
    #[must_use]
    pub const fn from(self) -> u16 {
        self.from
    }

    /// First minute after.
    #[must_use]
    pub const fn to(self) -> u16 {
        self.to
    }

    const fn overlap(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// What a window offers, whatever its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sitting {
    /// When.
    pub hours: Hours,
    /// How one can meet.
    pub channels: Channels,
    /// For whom it is kept; until [`Rules::falls_back`] before, then it is for all.
    pub kept_for: Option<Category>,
}

impl Sitting {
    /// Hours in which everybody may come, in every way.
    ///
    /// # Errors
    /// [`SupplyError::Hours`].
    pub fn for_all(from: u16, to: u16) -> Result<Self, SupplyError> {
        Ok(Self { hours: Hours::new(from, to)?, channels: Channels::ALL, kept_for: None })
    }
}

/// What departs from the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// Away: leave, a tour, the Assembly.
    Away {
        /// First instant.
        from: Timestamp,
        /// First instant after.
        to: Timestamp,
    },
    /// An extra sitting, also on a holiday.
    Extra {
        /// The day, wall time.
        day: Date,
        /// What it offers.
        sitting: Sitting,
    },
}

/// How windows are cut into slots, and from when each may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Length of a slot, in minutes.
    pub slot_minutes: u16,
    /// Rest after each slot, in minutes.
    pub rest_minutes: u16,
    /// A slot may be taken until so long before it begins.
    pub notice: SignedDuration,
    /// A day may be booked from so many days before …
    pub horizon_days: u16,
    /// … and from this minute of that day on, wall time: a published hour, the same for all.
    pub release_minute: u16,
    /// Of each window's slots so many in a hundred are held back until the day itself.
    pub same_day_percent: u8,
    /// What is kept for some is for all from so long before it begins.
    pub falls_back: SignedDuration,
}

impl Rules {
    /// What a post goes by that has no rules of its own.
    ///
    /// * `slot_minutes`, `notice`: those of the post.
    #[must_use]
    pub const fn of_house(slot_minutes: u16, notice: SignedDuration) -> Self {
        Self {
            slot_minutes,
            rest_minutes: 0,
            notice,
            horizon_days: 14,
            release_minute: 0,
            same_day_percent: 0,
            falls_back: SignedDuration::from_hours(24),
        }
    }

    /// Checks the bounds.
    ///
    /// # Errors
    /// [`SupplyError::Bounds`].
    pub fn check(self) -> Result<Self, SupplyError> {
        let length = i64::from(self.slot_minutes);
        let is_edge = |minutes: u16| i64::from(minutes) % CELL_MINUTES == 0;
        let is_sound = (CELL_MINUTES..=SLOT_MINUTES_MAX).contains(&length)
            && is_edge(self.slot_minutes)
            && is_edge(self.rest_minutes)
            && self.rest_minutes <= REST_MINUTES_MAX
            && (1..=HORIZON_DAYS_MAX).contains(&self.horizon_days)
            && self.release_minute < DAY_MINUTES
            && self.same_day_percent <= 100
            && !self.notice.is_negative()
            && !self.falls_back.is_negative();
        if is_sound { Ok(self) } else { Err(SupplyError::Bounds) }
    }
}

/// One slot that the plan offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// When.
    pub slot: Slot,
    /// How one can meet.
    pub channels: Channels,
    /// For whom it is kept, and until when.
    pub kept_for: Option<(Category, Timestamp)>,
    /// From when it may be taken.
    pub opens_at: Timestamp,
    /// Until when it may be taken.
    pub closes_at: Timestamp,
}

/// Why an offer can't be taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It may be taken from then on.
    #[error("this time may be taken from {0} on")]
    OpensAt(Timestamp),
    /// It begins too soon.
    #[error("this time begins too soon")]
    TooLate,
    /// It is kept for others until then.
    #[error("this time is kept for others until {1}")]
    KeptFor(Category, Timestamp),
    /// It is not offered in this way.
    #[error("this time is not offered in this way")]
    OtherChannel,
}

impl Offer {
    /// For whom it is kept now.
    #[must_use]
    pub fn kept_now(&self, now: Timestamp) -> Option<Category> {
        self.kept_for.filter(|(_, until)| now < *until).map(|(category, _)| category)
    }

    /// Whether somebody of these categories may take it now, in some way.
    #[must_use]
    pub fn is_open(&self, now: Timestamp, categories: &[Category]) -> bool {
        let is_kept = self.kept_now(now).is_some_and(|category| !categories.contains(&category));
        self.opens_at <= now && now <= self.closes_at && !is_kept
    }

    /// Whether somebody of these categories may take it now, in this way.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn may_be_taken(
        &self,
        now: Timestamp,
        channel: Channel,
        categories: &[Category],
    ) -> Result<(), NotNow> {
        if now > self.closes_at {
            return Err(NotNow::TooLate);
        }
        if now < self.opens_at {
            return Err(NotNow::OpensAt(self.opens_at));
        }
        if !self.channels.has(channel) {
            return Err(NotNow::OtherChannel);
        }
        match self.kept_for {
            Some((category, until)) if now < until && !categories.contains(&category) => {
                Err(NotNow::KeptFor(category, until))
            }
            _ => Ok(()),
        }
    }
}

/// When a post can be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    week: Vec<(Weekday, Sitting)>,
    exceptions: Vec<Exception>,
    rules: Rules,
    calendar: Calendar,
}

impl Supply {
    /// Makes a plan.
    ///
    /// # Errors
    /// [`SupplyError`] when windows of one weekday overlap, are too many or offer nothing, or the rules are out of bounds.
    pub fn new(
        week: Vec<(Weekday, Sitting)>,
        exceptions: Vec<Exception>,
        rules: Rules,
        calendar: Calendar,
    ) -> Result<Self, SupplyError> {
        if week.len() > WINDOWS_MAX {
            return Err(SupplyError::TooMany);
        }
        let extra = exceptions.iter().filter_map(|exception| match exception {
            Exception::Extra { sitting, .. } => Some(sitting),
            Exception::Away { .. } => None,
        });
        if week.iter().map(|(_, sitting)| sitting).chain(extra).any(|sitting| sitting.channels.is_empty()) {
            return Err(SupplyError::NoChannel);
        }
        for (place, (weekday, sitting)) in week.iter().enumerate() {
            let others = week[..place].iter().filter(|(other, _)| other == weekday);
            if others.into_iter().any(|(_, other)| other.hours.overlap(sitting.hours)) {
                return Err(SupplyError::Overlap);
            }
        }
        Ok(Self { week, exceptions, rules: rules.check()?, calendar })
    }

    /// The windows of the week.
    #[must_use]
    pub fn week(&self) -> &[(Weekday, Sitting)] {
        &self.week
    }

    /// What departs from the week.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The closed days.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// How slots are cut.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// All offers of one day, ascending and disjoint, taken or not.
    #[must_use]
    pub fn offers_on(&self, day: Date, zone: &TimeZone) -> Vec<Offer> {
        let week =
            self.week.iter().filter(|(weekday, _)| *weekday == day.weekday()).map(|(_, sitting)| sitting);
        let week = week.filter(|_| self.calendar.closed_on(day).is_none());
        let extra = self.exceptions.iter().filter_map(|exception| match exception {
            Exception::Extra { day: of, sitting } if *of == day => Some(sitting),
            _ => None,
        });
        let Some(opening) = self.opening(day, zone) else { return Vec::new() };
        let mut offers: Vec<Offer> =
            week.chain(extra).flat_map(|sitting| self.cut(*sitting, opening)).collect();
        offers.retain(|offer| !self.is_away(offer.slot));
        offers.sort_unstable_by_key(|offer| offer.slot);
        offers.dedup_by(|later, earlier| later.slot.overlaps(&earlier.slot));
        offers
    }

    /// Whether somebody of these categories may take this very slot now, in some way.
    #[must_use]
    pub fn offers(&self, slot: Slot, zone: &TimeZone, (now, categories): (Timestamp, &[Category])) -> bool {
        self.offer(slot, zone).is_some_and(|offer| offer.is_open(now, categories))
    }

    /// The offer of this very slot, if there is one.
    #[must_use]
    pub fn offer(&self, slot: Slot, zone: &TimeZone) -> Option<Offer> {
        let day = slot.start().to_zoned(zone.clone()).date();
        self.offers_on(day, zone).into_iter().find(|offer| offer.slot == slot)
    }

    fn is_away(&self, slot: Slot) -> bool {
        self.exceptions.iter().any(|exception| match exception {
            Exception::Away { from, to } => *from < slot.end() && slot.start() < *to,
            Exception::Extra { .. } => false,
        })
    }

    /// A window of a day, cut into slots.
    fn cut(
        &self,
        sitting: Sitting,
        (midnight, released): (Timestamp, Timestamp),
    ) -> impl Iterator<Item = Offer> {
        let rules = self.rules;
        let step = rules.slot_minutes + rules.rest_minutes;
        let starts = (sitting.hours.from..sitting.hours.to)
            .step_by(usize::from(step))
            .filter(move |minute| minute + rules.slot_minutes <= sitting.hours.to);
        let held_back = move |place: usize| {
            // Spread over the window: one more each time a whole slot's share has gathered.
            let share = |slots: usize| slots * usize::from(rules.same_day_percent) / 100;
            share(place + 1) > share(place)
        };
        starts.enumerate().filter_map(move |(place, minute)| {
            let start = midnight.checked_add(SignedDuration::from_mins(minute.into())).ok()?;
            let slot = Slot::starting(start, i64::from(rules.slot_minutes)).ok()?;
            Some(rules.offer(
                (slot, sitting.channels, sitting.kept_for),
                if held_back(place) { midnight } else { released },
            ))
        })
    }

    /// Midnight of a day, and from when its times may be taken.
    fn opening(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let midnight =
            |day: Date| Some(day.to_datetime(Time::midnight()).to_zoned(zone.clone()).ok()?.timestamp());
        let released = day.checked_sub(i64::from(self.rules.horizon_days).days()).ok().and_then(midnight);
        let hour = SignedDuration::from_mins(self.rules.release_minute.into());
        let released = released.and_then(|at| at.checked_add(hour).ok()).unwrap_or(Timestamp::MIN);
        Some((midnight(day)?, released))
    }
}

impl Rules {
    /// The offer of a slot that may be taken from `opens_at` on.
    #[must_use]
    pub fn offer(
        &self,
        (slot, channels, kept_for): (Slot, Channels, Option<Category>),
        opens_at: Timestamp,
    ) -> Offer {
        let before = |span: SignedDuration| slot.start().checked_sub(span).unwrap_or(Timestamp::MIN);
        Offer {
            slot,
            channels,
            kept_for: kept_for.map(|category| (category, before(self.falls_back))),
            opens_at,
            closes_at: before(self.notice),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::id::BodyId;
    use crate::office::{Holiday, HolidayKind, ist};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn rules() -> Rules {
        Rules {
            slot_minutes: 15,
            rest_minutes: 0,
            notice: SignedDuration::from_hours(1),
            horizon_days: 30,
            release_minute: 600,
            same_day_percent: 0,
            falls_back: SignedDuration::from_hours(24),
        }
    }

    fn sitting(from: u16, to: u16) -> Sitting {
        Sitting { hours: Hours::new(from, to).unwrap(), channels: Channels::ALL, kept_for: None }
    }

    fn monday(sittings: &[Sitting], exceptions: Vec<Exception>, rules: Rules) -> Supply {
        let week = sittings.iter().map(|sitting| (Weekday::Monday, *sitting)).collect();
        Supply::new(week, exceptions, rules, Calendar::default()).unwrap()
    }

    /// A Monday.
    const DAY: Date = date(2026, 11, 23);

    fn at(day: Date, minute: i64) -> Timestamp {
        let midnight = day.to_datetime(Time::midnight()).to_zoned(ist()).unwrap();
        midnight.checked_add(minute.minutes()).unwrap().timestamp()
    }

    #[test]
    fn a_window_is_cut_into_slots_with_rest_between_them() {
        let supply = monday(&[sitting(600, 660)], Vec::new(), Rules { rest_minutes: 5, ..rules() });
        let starts: Vec<Timestamp> =
            supply.offers_on(DAY, &ist()).iter().map(|offer| offer.slot.start()).collect();
        assert_eq!(starts, [600, 620, 640].map(|minute| at(DAY, minute)));
    }

    #[test]
    fn an_absence_takes_away_what_it_touches_and_nothing_else() {
        let away = Exception::Away { from: at(DAY, 620), to: at(DAY, 640) };
        let supply = monday(&[sitting(600, 660)], vec![away], rules());
        let starts: Vec<Timestamp> =
            supply.offers_on(DAY, &ist()).iter().map(|offer| offer.slot.start()).collect();
        assert_eq!(starts, [600, 645].map(|minute| at(DAY, minute)));
    }

    #[test]
    fn a_holiday_closes_the_week_but_not_an_extra_sitting() {
        let holiday = Holiday {
            body: BodyId::parse("state").unwrap(),
            day: DAY,
            kind: HolidayKind::General,
            name_hi: String::new(),
            name_en: String::new(),
        };
        let extra = Exception::Extra { day: DAY, sitting: sitting(900, 930) };
        let week = vec![(Weekday::Monday, sitting(600, 660))];
        let supply = Supply::new(week, vec![extra], rules(), Calendar::new(vec![holiday])).unwrap();
        let starts: Vec<Timestamp> =
            supply.offers_on(DAY, &ist()).iter().map(|offer| offer.slot.start()).collect();
        assert_eq!(starts, [900, 915].map(|minute| at(DAY, minute)));
    }

    #[test]
    fn a_day_opens_at_a_published_hour_and_each_time_closes_before_it_begins() {
        let supply = monday(&[sitting(600, 615)], Vec::new(), rules());
        let offer = supply.offers_on(DAY, &ist())[0];
        let opens = at(date(2026, 10, 24), 600);
        let take = |now: Timestamp| offer.may_be_taken(now, Channel::Video, &[]);
        assert_eq!(take(opens - SignedDuration::from_secs(1)), Err(NotNow::OpensAt(opens)));
        assert_eq!(take(opens), Ok(()));
        assert_eq!(take(at(DAY, 540)), Ok(()));
        assert_eq!(take(at(DAY, 541)), Err(NotNow::TooLate));
    }

    #[test]
    fn what_is_kept_for_some_is_for_all_a_day_before() {
        let women = Sitting { kept_for: Some(Category::Women), ..sitting(600, 615) };
        let offer = monday(&[women], Vec::new(), rules()).offers_on(DAY, &ist())[0];
        let take = |now, of: &[Category]| offer.may_be_taken(now, Channel::InPerson, of);
        let until = at(DAY, 600) - SignedDuration::from_hours(24);
        let before = until - SignedDuration::from_secs(1);
        assert_eq!(take(before, &[Category::Senior]), Err(NotNow::KeptFor(Category::Women, until)));
        assert_eq!(take(before, &[Category::Senior, Category::Women]), Ok(()));
        assert_eq!(take(until, &[]), Ok(()));
    }

    #[test]
    fn a_share_is_held_back_for_the_day_itself_and_spread_over_the_window() {
        let supply = monday(&[sitting(600, 750)], Vec::new(), Rules { same_day_percent: 30, ..rules() });
        let offers = supply.offers_on(DAY, &ist());
        let held: Vec<usize> = offers
            .iter()
            .enumerate()
            .filter(|(_, offer)| offer.opens_at == at(DAY, 0))
            .map(|(place, _)| place)
            .collect();
        assert_eq!((offers.len(), held), (10, vec![3, 6, 9]));
    }

    #[test]
    fn windows_of_one_day_share_no_minute() {
        let week = |a, b| vec![(Weekday::Monday, a), (Weekday::Monday, b)];
        let make = |week| Supply::new(week, Vec::new(), rules(), Calendar::default()).map(drop);
        assert_eq!(make(week(sitting(600, 660), sitting(655, 700))), Err(SupplyError::Overlap));
        assert_eq!(make(week(sitting(600, 660), sitting(660, 700))), Ok(()));
        let tuesday = vec![(Weekday::Monday, sitting(600, 660)), (Weekday::Tuesday, sitting(600, 660))];
        assert_eq!(make(tuesday), Ok(()));
        assert_eq!(Hours::new(600, 600), Err(SupplyError::Hours));
        assert_eq!(Hours::new(1_435, 1_445), Err(SupplyError::Hours));
    }

    #[test]
    fn a_slot_belongs_to_the_day_of_the_wall_clock_not_of_utc() {
        // Half past five in the morning in India is midnight in UTC.
        let supply = monday(&[sitting(0, 15), sitting(315, 345), sitting(1_425, 1_440)], Vec::new(), rules());
        let offers = supply.offers_on(DAY, &ist());
        let minutes = [0, 315, 330, 1_425].map(|minute| at(DAY, minute));
        assert_eq!(offers.iter().map(|offer| offer.slot.start()).collect::<Vec<_>>(), minutes);
        for offer in &offers {
            assert_eq!(supply.offer(offer.slot, &ist()), Some(*offer));
        }
    }

    proptest! {
        #[test]
        fn offers_are_ascending_disjoint_inside_their_windows_and_outside_absences(
            windows in prop::collection::vec((0u16..287, 1u16..80), 0..8),
            away in prop::collection::vec((0i64..1_440, 1i64..300), 0..4),
            (length, rest, percent) in (1u16..25, 0u16..6, 0u8..=100),
        ) {
            let mut sittings: Vec<Sitting> = Vec::new();
            for (from, length) in windows {
                let hours = Hours::new(from * 5, (from + length).min(288) * 5).unwrap();
                if sittings.iter().all(|other| !other.hours.overlap(hours)) {
                    sittings.push(Sitting { hours, ..sitting(0, 5) });
                }
            }
            let absences: Vec<Exception> = away.iter()
                .map(|(from, length)| Exception::Away { from: at(DAY, *from), to: at(DAY, from + length) }).collect();
            let rules = Rules { slot_minutes: length * 5, rest_minutes: rest * 5, same_day_percent: percent, ..rules() };
            let supply = monday(&sittings, absences.clone(), rules);
            let offers = supply.offers_on(DAY, &ist());
            prop_assert!(offers.windows(2).all(|pair| pair[0].slot.end() <= pair[1].slot.start()));
            for offer in &offers {
                let (start, end) = (offer.slot.start(), offer.slot.end());
                prop_assert!(sittings.iter().any(|s| at(DAY, s.hours.from().into()) <= start && end <= at(DAY, s.hours.to().into())));
                prop_assert!(away.iter().all(|(from, length)| end <= at(DAY, *from) || at(DAY, from + length) <= start));
                prop_assert!(offer.opens_at <= at(DAY, 0) && offer.closes_at < start);
            }
        }
    }
}
