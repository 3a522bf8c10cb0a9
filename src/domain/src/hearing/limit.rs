//! The limit of a case: so many working days from the day of filing, by the state's calendar of holidays.

use jiff::civil::Date;

use crate::office::{BodyKind, Calendar, WorkingWeek};

/// Working days from filing within which a grievance is decided. Source: Bihar Right to Public Grievance Redressal Act,
/// 2015.
pub const LIMIT_WORKING_DAYS: u16 = 60;
/// A case is entered at most so many days after it was filed; the age of an older one would say nothing any more.
pub const FILED_DAYS_AGO_MAX: i32 = 3 * 365;

/// The days between which a case is to be decided. Invariant: `last` is [`LIMIT_WORKING_DAYS`] working days after `filed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    filed: Date,
    last: Date,
}

/// Why a day cannot be the next one of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// It is today or past.
    #[error("the next date is not ahead")]
    NotAhead,
    /// It is after the last day of the limit.
    #[error("the next date is after {last}, the last day of the limit")]
    Outside {
        /// The last day that can be given.
        last: Date,
    },
}

impl Limit {
    /// The limit of a case that was filed on this day.
    ///
    /// * returns: `None` beyond the year 9999.
    #[must_use]
    pub fn of(filed: Date, calendar: &Calendar, week: WorkingWeek) -> Option<Self> {
        let last = calendar.working_day_after(week, filed, LIMIT_WORKING_DAYS)?;
        Some(Self { filed, last })
    }

    /// The day of filing.
    #[must_use]
    pub const fn filed(&self) -> Date {
        self.filed
    }

    /// The last day on which the case may be heard.
    #[must_use]
    pub const fn last(&self) -> Date {
        self.last
    }

    /// Has the last day passed?
    #[must_use]
    pub fn has_passed(&self, today: Date) -> bool {
        today > self.last
    }

    /// May the case be heard again on this day?
    ///
    /// # Errors
    /// [`DateError`].
    pub fn admits(&self, day: Date, today: Date) -> Result<(), DateError> {
        if day <= today {
            Err(DateError::NotAhead)
        } else if day > self.last {
            Err(DateError::Outside { last: self.last })
        } else {
            Ok(())
        }
    }
}

/// The weekdays on which an office hears: those in the field work on Saturdays, too.
#[must_use]
pub const fn week_of(kind: BodyKind) -> WorkingWeek {
    match kind {
        BodyKind::Division | BodyKind::District => WorkingWeek::Six,
        _ => WorkingWeek::Five,
    }
}

/// The age of a case: the working days after the day of filing, today among them.
#[must_use]
pub fn age(filed: Date, today: Date, (calendar, week): (&Calendar, WorkingWeek)) -> u32 {
    let mut days = 0;
    let mut at = filed;
    while at < today {
        let Ok(next) = at.tomorrow() else { break };
        at = next;
        days += u32::from(calendar.works_on(week, at));
    }
    days
}
