//! Auto-answer: the occupant of a seat has said beforehand whom it lets in, and at what hours. Off unless he says so.
//!
//! Never at night, whatever anybody says: [`Hours`] cannot be made of other hours. Who may be named follows from precedence.

use crate::id::{PersonId, PostId};
use crate::office::ist;
use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// The first minute of the day at which a seat may be answered by itself: 8:00 in India.
const MORNING: u16 = 8 * 60;
/// From this minute on it is night: 20:00.
const EVENING: u16 = 20 * 60;

/// Hours that are not inside the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hours lie between eight in the morning and eight in the evening, the first before the second")]
pub struct NightError;

/// From a minute of the day to another, half-open, wall time in India. Invariant: `08:00 ≤ from < to ≤ 20:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: u16,
    to: u16,
}

impl Hours {
    /// * `from`, `to`: minutes since midnight.
    ///
    /// # Errors
    /// [`NightError`].
    pub fn new(from: u16, to: u16) -> Result<Hours, NightError> {
        if MORNING <= from && from < to && to <= EVENING { Ok(Hours { from, to }) } else { Err(NightError) }
    }

    /// Hours as they are written, `10:00` and `17:30`.
    ///
    /// # Errors
    /// [`NightError`], also for what is no time.
    pub fn parse(from: &str, to: &str) -> Result<Hours, NightError> {
        let minute = |text: &str| {
            let time: Time = text.parse().map_err(|_| NightError)?;
            u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).map_err(|_| NightError)
        };
        Hours::new(minute(from)?, minute(to)?)
    }

    /// The first minute.
    pub fn from(self) -> u16 {
        self.from
    }

    /// The minute after the last.
    pub fn to(self) -> u16 {
        self.to
    }

    /// Both as they are written.
    #[must_use]
    pub fn written(self) -> (String, String) {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        (clock(self.from), clock(self.to))
    }
}

/// What an occupant has allowed for one day. It says nothing of the day after, so that whoever cannot read the setting again
/// answers nobody by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoAnswer {
    /// Who has said so, of himself: it holds at a device where he sits.
    pub person: PersonId,
    /// Whom he lets in.
    pub callers: Vec<PostId>,
    /// When.
    pub hours: Hours,
    /// On which day.
    pub day: Date,
}

impl AutoAnswer {
    /// Does it let this caller in now?
    #[must_use]
    pub fn lets_in(&self, caller: &PostId, now: Timestamp) -> bool {
        let here = now.to_zoned(ist());
        let minute =
            u16::try_from(i32::from(here.hour()) * 60 + i32::from(here.minute())).unwrap_or(u16::MAX);
        here.date() == self.day
            && (self.hours.from..self.hours.to).contains(&minute)
            && self.callers.contains(caller)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
    use super::*;

    #[test]
    fn there_are_no_hours_at_night() {
        for (from, to) in [("07:59", "12:00"), ("10:00", "20:01"), ("17:00", "10:00"), ("10:00", "10:00")] {
            assert_eq!(Hours::parse(from, to), Err(NightError), "{from} to {to}");
        }
        assert_eq!(Hours::parse("ten", "17:00"), Err(NightError));
        let day = Hours::parse("08:00", "20:00").unwrap();
        assert_eq!((day.from(), day.to()), (480, 1_200));
        assert_eq!(day.written(), ("08:00".to_owned(), "20:00".to_owned()));
    }

    #[test]
    fn a_named_caller_is_let_in_on_that_day_inside_the_hours_and_nobody_else_ever() {
        let id = |text: &str| PostId::parse(text).unwrap();
        let setting = AutoAnswer {
            person: PersonId::parse("p").unwrap(),
            callers: vec![id("cs")],
            hours: Hours::parse("10:00", "17:30").unwrap(),
            day: "2026-11-24".parse().unwrap(),
        };
        let lets = |caller: &str, at: &str| {
            let at: Timestamp = format!("{at}+05:30").parse().unwrap();
            setting.lets_in(&id(caller), at)
        };
        assert!(lets("cs", "2026-11-24T10:00:00") && lets("cs", "2026-11-24T17:29:59"));
        assert!(!lets("cs", "2026-11-24T09:59:59") && !lets("cs", "2026-11-24T17:30:00"));
        assert!(!lets("cs", "2026-11-25T12:00:00"), "each day is read anew");
        assert!(!lets("dc", "2026-11-24T12:00:00"), "whoever is not named rings");
    }
}
