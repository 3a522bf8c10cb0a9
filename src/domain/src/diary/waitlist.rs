//! The waiting list of a post: a time that becomes free goes to those who wait, not to the fastest finger.
//!
//! A freed time rests for a span that nobody can foresee, so that watching for it gains nothing. Then it is offered to the
//! first who waits and can come; who does not answer in time keeps his place and the next one is asked. Only a time that
//! nobody on the list takes is open to all again.

use jiff::{SignedDuration, Timestamp};

use super::appointment::Channel;
use super::slot::Slot;
use super::supply::{Category, Channels};
use crate::id::AppointmentId;

/// A freed time rests at least this long.
pub const REST_MIN: SignedDuration = SignedDuration::from_mins(5);
/// And at most this long.
pub const REST_MAX: SignedDuration = SignedDuration::from_mins(30);
/// So long an offer stands, at most.
pub const OFFER_STANDS: SignedDuration = SignedDuration::from_hours(2);
/// An offer that would stand for less than this is not made: nobody could answer.
pub const OFFER_STANDS_MIN: SignedDuration = SignedDuration::from_mins(15);
/// Offers that one person may let lapse before he is asked only after all others.
pub const LAPSES_MAX: u8 = 3;

/// Somebody who waits for an earlier, or any, time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The appointment that waits: a request without a time, or one with a later time that is kept meanwhile.
    pub appointment: AppointmentId,
    /// Times that were taken away from him before: they go first.
    pub displaced_before: u32,
    /// Since when he waits.
    pub since: Timestamp,
    /// The time that he has already; only an earlier one is of use.
    pub has: Option<Slot>,
    /// Not before this instant: the way to the office, or a day off work.
    pub not_before: Timestamp,
    /// How he would meet.
    pub channel: Channel,
    /// What windows are kept for such as him.
    pub categories: Vec<Category>,
    /// Offers that he let lapse.
    pub lapses: u8,
}

/// A time that has become free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freed {
    /// The time.
    pub slot: Slot,
    /// How one can meet then.
    pub channels: Channels,
    /// For whom it is kept, and until when.
    pub kept_for: Option<(Category, Timestamp)>,
    /// Whether somebody may still take it at all, by the post's notice.
    pub closes_at: Timestamp,
}

/// When a freed time wakes.
///
/// * `chance`: uniform in `[0, 1)`, from the caller and never told.
#[must_use]
pub fn wakes_at(freed_at: Timestamp, chance: f64) -> Timestamp {
    let spread = REST_MAX.as_secs() - REST_MIN.as_secs();
    let rest = REST_MIN + SignedDuration::from_secs((chance.clamp(0.0, 1.0) * spread as f64) as i64);
    freed_at.checked_add(rest).unwrap_or(freed_at)
}

/// To whom a freed time is offered next, and until when the offer stands; `None` when it is open to all.
///
/// * `asked`: those who were offered this time before.
#[must_use]
pub fn offer<'a>(
    freed: &Freed,
    waiting: &'a [Waiting],
    asked: &[AppointmentId],
    now: Timestamp,
) -> Option<(&'a Waiting, Timestamp)> {
    let until = now.checked_add(OFFER_STANDS).ok()?.min(freed.closes_at);
    if until < now.checked_add(OFFER_STANDS_MIN).ok()? {
        return None;
    }
    let of_use = |one: &&Waiting| {
        let is_earlier = one.has.is_none_or(|has| freed.slot.start() < has.start());
        let is_kept = freed
            .kept_for
            .is_some_and(|(category, until)| now < until && !one.categories.contains(&category));
        is_earlier
            && !is_kept
            && freed.slot.start() >= one.not_before
            && freed.channels.has(one.channel)
            && !asked.contains(&one.appointment)
    };
    let order = |one: &&Waiting| {
        (
            one.lapses >= LAPSES_MAX,
            std::cmp::Reverse(one.displaced_before),
            one.since,
            one.appointment.clone(),
        )
    };
    waiting.iter().filter(of_use).min_by_key(order).map(|one| (one, until))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn hour(n: i64) -> Timestamp {
        Timestamp::from_second(n * 3_600).unwrap()
    }

    fn slot(n: i64) -> Slot {
        Slot::starting(hour(n), 15).unwrap()
    }

    fn freed(n: i64) -> Freed {
        Freed { slot: slot(n), channels: Channels::ALL, kept_for: None, closes_at: hour(n - 1) }
    }

    fn waiting(name: &str, since: i64) -> Waiting {
        Waiting {
            appointment: AppointmentId::parse(name).unwrap(),
            displaced_before: 0,
            since: hour(since),
            has: None,
            not_before: hour(0),
            channel: Channel::Video,
            categories: Vec::new(),
            lapses: 0,
        }
    }

    fn first(freed: &Freed, list: &[Waiting], asked: &[&str]) -> Option<String> {
        let asked: Vec<AppointmentId> = asked.iter().map(|id| AppointmentId::parse(id).unwrap()).collect();
        offer(freed, list, &asked, hour(10)).map(|(one, _)| one.appointment.as_str().to_owned())
    }

    #[test]
    fn who_lost_a_time_goes_first_and_then_who_waits_longest_and_each_is_asked_once() {
        let again = Waiting { displaced_before: 1, ..waiting("again", 9) };
        let list = [waiting("late", 8), waiting("early", 2), again];
        assert_eq!(first(&freed(40), &list, &[]).as_deref(), Some("again"));
        assert_eq!(first(&freed(40), &list, &["again"]).as_deref(), Some("early"));
        assert_eq!(first(&freed(40), &list, &["again", "early"]).as_deref(), Some("late"));
        assert_eq!(first(&freed(40), &list, &["again", "early", "late"]), None);
    }

    #[test]
    fn only_a_time_that_is_of_use_is_offered() {
        let has = |n| [Waiting { has: Some(slot(n)), ..waiting("a", 1) }];
        assert_eq!(first(&freed(40), &has(39), &[]), None, "his own is earlier");
        assert!(first(&freed(40), &has(41), &[]).is_some());
        assert_eq!(first(&freed(40), &[Waiting { not_before: hour(41), ..waiting("a", 1) }], &[]), None);
        let by_video = Freed { channels: Channels::of(&[Channel::InPerson]), ..freed(40) };
        assert_eq!(first(&by_video, &[waiting("a", 1)], &[]), None);
        let women = Freed { kept_for: Some((Category::Women, hour(20))), ..freed(40) };
        assert_eq!(first(&women, &[waiting("a", 1)], &[]), None);
        let woman = Waiting { categories: vec![Category::Women], ..waiting("b", 5) };
        assert_eq!(first(&women, &[waiting("a", 1), woman], &[]).as_deref(), Some("b"));
        assert_eq!(first(&freed(11), &[waiting("a", 1)], &[]), None, "no time is left to answer");
    }

    #[test]
    fn who_lets_offers_lapse_is_asked_after_the_others_and_not_forgotten() {
        let idle = Waiting { lapses: LAPSES_MAX, ..waiting("idle", 1) };
        let list = [idle, waiting("b", 9)];
        assert_eq!(first(&freed(40), &list, &[]).as_deref(), Some("b"));
        assert_eq!(first(&freed(40), &list, &["b"]).as_deref(), Some("idle"));
    }

    /// A watcher who looks every minute, and a hundred people who wait: he gets nothing while they do, and looking more
    /// often would not help, for a time wakes by chance.
    #[test]
    fn watching_for_freed_times_gains_nothing_while_somebody_waits() {
        let list: Vec<Waiting> = (0..100).map(|n| waiting(&format!("w{n}"), n)).collect();
        let mut asked = Vec::new();
        while let Some((one, _)) = offer(&freed(400), &list, &asked, hour(10)) {
            asked.push(one.appointment.clone());
        }
        assert_eq!(asked.len(), list.len(), "all of them are asked before it is open to all");
        assert!(asked.windows(2).all(|pair| pair[0] != pair[1]));
    }

    proptest! {
        #[test]
        fn a_freed_time_rests_within_its_bounds(at in 0i64..1_000_000, chance in 0.0f64..1.0) {
            let rest = wakes_at(hour(at), chance).duration_since(hour(at));
            prop_assert!(REST_MIN <= rest && rest <= REST_MAX);
        }
    }
}
