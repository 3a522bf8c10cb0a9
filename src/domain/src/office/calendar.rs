//! Holiday calendars: entries of a body and of the bodies above it, and the wall time of the state.
//!
//! Holidays are data, never code: sources disagree and orders come at short notice.

use jiff::civil::Date;
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
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    holidays: Vec<Holiday>,
}

impl Calendar {
    /// Gathers the entries of a body and its ancestors; restricted ones do not close the office.
    #[must_use]
    pub fn new(entries: Vec<Holiday>) -> Self {
        Self { holidays: entries.into_iter().filter(|h| h.kind != HolidayKind::Restricted).collect() }
    }

    /// The holiday that closes the office on `day`, if any.
    #[must_use]
    pub fn closed_on(&self, day: Date) -> Option<&Holiday> {
        self.holidays.iter().find(|h| h.day == day)
    }
}
