//! A question over the hotline: one post asks many seats in one act, each answers by a card or says that it will ring, and
//! the sheet shows who has answered by the set minute.
//!
//! Pure: told the time. Which seats there are and who may ask whom is in `hotline`.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::office::{coded, ist};
use crate::text::{Noting, TextError};

/// The spans that are offered until the set minute.
pub const MINUTES: [i64; 3] = [10, 30, 60];
/// Since when a file may lie with somebody at most, in days: nobody knows better than to the decade.
const SINCE_DAYS_MAX: i64 = 3_660;
/// So far ahead the next step lies at most, in days.
const NEXT_DAYS_MAX: i64 = 366;

/// Until when answers are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// In so many minutes: one of [`MINUTES`].
    In(i64),
    /// At an hour of today, in India.
    At(Time),
}

/// The set minute cannot be that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the set minute is past, or not one that is offered")]
pub struct BadMinute;

impl Until {
    /// The instant that is meant.
    ///
    /// # Errors
    /// [`BadMinute`]: a span that is not offered, or an hour of today that has passed.
    pub fn instant(self, now: Timestamp) -> Result<Timestamp, BadMinute> {
        match self {
            Self::In(minutes) if MINUTES.contains(&minutes) => Ok(now + SignedDuration::from_mins(minutes)),
            Self::In(_) => Err(BadMinute),
            Self::At(hour) => {
                let today = now.to_zoned(ist()).date();
                let at = today.to_datetime(hour).to_zoned(ist()).map_err(|_| BadMinute)?.timestamp();
                if at > now { Ok(at) } else { Err(BadMinute) }
            }
        }
    }
}

coded! {
    /// By what a seat answers.
    ReplyKind {
        /// By a card.
        Card = "card",
        /// By ringing.
        Call = "call",
    }
}

/// Where the matter lies and what comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// With whom: a post, or words.
    pub with: Noting,
    /// Since when.
    pub since: Option<Date>,
    /// Why it is there.
    pub why: Option<Noting>,
    /// The next step.
    pub next: Noting,
    /// The day of the next step.
    pub next_day: Option<Date>,
}

/// A card as it was typed.
#[derive(Debug, Clone, Default)]
pub struct CardText {
    /// With whom.
    pub with: String,
    /// Since when, `YYYY-MM-DD`, or nothing.
    pub since: String,
    /// Why, or nothing.
    pub why: String,
    /// The next step.
    pub next: String,
    /// Its day, `YYYY-MM-DD`, or nothing.
    pub next_day: String,
}

/// What of a card must be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// With whom.
    #[error("with whom: {0}")]
    With(TextError),
    /// Since when: no day, ahead, or too long ago.
    #[error("since when is no day of the past ten years")]
    Since,
    /// Why.
    #[error("why: {0}")]
    Why(TextError),
    /// The next step.
    #[error("the next step: {0}")]
    Next(TextError),
    /// The day of the next step: no day, past, or too far ahead.
    #[error("the next step is on no day of the coming year")]
    NextDay,
}

impl CardText {
    /// Reads the card.
    ///
    /// # Errors
    /// Everything that must be mended, in the order of the fields.
    pub fn read(&self, today: Date) -> Result<Card, Vec<CardError>> {
        let mut errors = Vec::new();
        let with = Noting::parse(&self.with).map_err(CardError::With);
        let earliest = today.checked_sub(SINCE_DAYS_MAX.days()).unwrap_or(Date::MIN);
        let since = day(&self.since, (earliest, today)).map_err(|()| CardError::Since);
        let why = match self.why.trim() {
            "" => Ok(None),
            text => Noting::parse(text).map(Some).map_err(CardError::Why),
        };
        let next = Noting::parse(&self.next).map_err(CardError::Next);
        let latest = today.checked_add(NEXT_DAYS_MAX.days()).unwrap_or(Date::MAX);
        let next_day = day(&self.next_day, (today, latest)).map_err(|()| CardError::NextDay);
        errors.extend(with.as_ref().err().copied());
        errors.extend(since.err());
        errors.extend(why.as_ref().err().copied());
        errors.extend(next.as_ref().err().copied());
        errors.extend(next_day.err());
        match (with, since, why, next, next_day) {
            (Ok(with), Ok(since), Ok(why), Ok(next), Ok(next_day)) => {
                Ok(Card { with, since, why, next, next_day })
            }
            _ => Err(errors),
        }
    }
}

/// A day within bounds; nothing typed is no day.
fn day(text: &str, (first, last): (Date, Date)) -> Result<Option<Date>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().ok().filter(|day| (first..=last).contains(day)).map(Some).ok_or(()),
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A card.
    Card(Box<Card>),
    /// «I shall tell by a call».
    Call,
}

impl Reply {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ReplyKind {
        match self {
            Self::Card(_) => ReplyKind::Card,
            Self::Call => ReplyKind::Call,
        }
    }
}

/// When a question was asked, and how long it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The set minute.
    pub until: Timestamp,
    /// When the asker closed it.
    pub closed_at: Option<Timestamp>,
}

impl Times {
    /// Does the question take an answer now? After its minute, too, for some days: a late answer is one.
    #[must_use]
    pub fn is_open(&self, now: Timestamp, days: i64) -> bool {
        self.closed_at.is_none() && now < self.until + SignedDuration::from_hours(24 * days)
    }
}

coded! {
    /// Where an asked seat stands.
    Standing {
        /// It has answered by the set minute.
        Answered = "answered",
        /// It has answered after it.
        Late = "late",
        /// There is time.
        Waiting = "waiting",
        /// The minute is over, and it has not answered.
        Due = "due",
        /// It has not answered, and nobody holds the post.
        Vacant = "vacant",
    }
}

/// Is there somebody to answer?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// Somebody holds it.
    Held,
    /// Nobody does.
    Vacant,
}

/// Where an asked seat stands.
///
/// * `answered`: when it answered first, if it has.
#[must_use]
pub fn standing(times: &Times, post: Post, answered: Option<Timestamp>, now: Timestamp) -> Standing {
    match (answered, post) {
        (Some(at), _) if at <= times.until => Standing::Answered,
        (Some(_), _) => Standing::Late,
        (None, Post::Vacant) => Standing::Vacant,
        (None, Post::Held) if now < times.until => Standing::Waiting,
        (None, Post::Held) => Standing::Due,
    }
}

/// How many stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Who has answered, late ones among them.
    pub answered: usize,
    /// Who has not, and could.
    pub open: usize,
    /// Who has not, because nobody is there.
    pub vacant: usize,
}

/// Counts where seats stand.
#[must_use]
pub fn counts(stands: impl IntoIterator<Item = Standing>) -> Counts {
    let mut counts = Counts::default();
    for standing in stands {
        match standing {
            Standing::Answered | Standing::Late => counts.answered += 1,
            Standing::Waiting | Standing::Due => counts.open += 1,
            Standing::Vacant => counts.vacant += 1,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-24T10:50:00+05:30".parse().unwrap()
    }

    fn today() -> Date {
        "2026-11-24".parse().unwrap()
    }

    fn typed() -> CardText {
        CardText {
            with: "अवर सचिव, वित्त".into(),
            since: "2026-11-10".into(),
            why: "बजट की सहमति बाकी है".into(),
            next: "सहमति लेकर आदेश".into(),
            next_day: "2026-11-26".into(),
        }
    }

    #[test]
    fn the_set_minute_is_ahead_and_of_today() {
        let hour = |text: &str| Until::At(text.parse().unwrap()).instant(now());
        assert_eq!(Until::In(10).instant(now()), Ok(now() + SignedDuration::from_mins(10)));
        assert_eq!(Until::In(11).instant(now()), Err(BadMinute));
        assert_eq!(hour("11:30"), Ok("2026-11-24T11:30:00+05:30".parse().unwrap()));
        assert_eq!(hour("10:50"), Err(BadMinute), "this very minute has begun");
        assert_eq!(hour("09:00"), Err(BadMinute), "not tomorrow's");
    }

    #[test]
    fn a_card_says_with_whom_and_what_comes_next_and_what_is_not_known_is_left_out() {
        assert!(typed().read(today()).is_ok());
        let bare = CardText {
            with: "निदेशक".into(), next: "आज जाँच".into(), ..CardText::default()
        }
        .read(today());
        assert!(bare.is_ok_and(|card| card.since.is_none() && card.why.is_none() && card.next_day.is_none()));
        let empty = CardText::default().read(today()).unwrap_err();
        assert_eq!(empty, [CardError::With(TextError::Empty), CardError::Next(TextError::Empty)]);
    }

    #[test]
    fn days_of_a_card_lie_where_they_can() {
        for (since, next_day, wanted) in [
            ("2026-11-25", "2026-11-26", vec![CardError::Since]),
            ("2026-11-24", "2026-11-23", vec![CardError::NextDay]),
            ("2010-01-01", "2036-01-01", vec![CardError::Since, CardError::NextDay]),
            ("soon", "24.11.2026", vec![CardError::Since, CardError::NextDay]),
        ] {
            let card = CardText { since: since.into(), next_day: next_day.into(), ..typed() };
            assert_eq!(card.read(today()).unwrap_err(), wanted, "{since} {next_day}");
        }
    }

    #[test]
    fn a_long_line_is_refused_and_a_line_break_becomes_a_space() {
        let long = CardText { why: "क".repeat(301), ..typed() }.read(today()).unwrap_err();
        assert_eq!(long, [CardError::Why(TextError::TooLong { chars_max: 300 })]);
        let broken = CardText { with: "अवर सचिव\r\nवित्त".into(), ..typed() }.read(today()).unwrap();
        assert_eq!(broken.with.as_str(), "अवर सचिव वित्त");
    }

    #[test]
    fn a_late_answer_is_taken_for_some_days_and_none_of_a_question_that_is_closed() {
        let times = Times { asked_at: now(), until: now() + SignedDuration::from_mins(10), closed_at: None };
        let day = SignedDuration::from_hours(24);
        assert!(times.is_open(times.until + day * 6, 7) && !times.is_open(times.until + day * 7, 7));
        assert!(!Times { closed_at: Some(now()), ..times }.is_open(now(), 7));
    }

    proptest! {
        #[test]
        fn every_asked_seat_is_counted_once_and_an_answer_is_never_lost(
            seats in proptest::collection::vec((any::<bool>(), proptest::option::of(0i64..120)), 0..200),
            passed in 0i64..120,
        ) {
            let times = Times { asked_at: now(), until: now() + SignedDuration::from_mins(30), closed_at: None };
            let at = |minutes: i64| now() + SignedDuration::from_mins(minutes);
            let stands: Vec<Standing> = seats
                .iter()
                .map(|(held, answered)| {
                    let post = if *held { Post::Held } else { Post::Vacant };
                    standing(&times, post, answered.map(at), at(passed))
                })
                .collect();
            let counted = counts(stands.iter().copied());
            prop_assert_eq!(counted.answered + counted.open + counted.vacant, seats.len());
            prop_assert_eq!(counted.answered, seats.iter().filter(|(_, answered)| answered.is_some()).count());
            prop_assert!(stands.iter().all(|one| *one != Standing::Due) || passed >= 30, "no seat is due before the minute");
        }
    }
}
