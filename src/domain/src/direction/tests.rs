//! The course of a direction: which moves there are, and what never happens whatever is tried.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::id::{AppointmentId, DirectionId, PostId};
use crate::text::Noting;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn post(id: &str) -> PostId {
    PostId::parse(id).unwrap()
}

fn noting(text: &str) -> Noting {
    Noting::parse(text).unwrap()
}

fn given(due: Date, now: Timestamp) -> Direction {
    let origin = Origin::Appointment(AppointmentId::parse("a1").unwrap());
    let named = (DirectionId::parse("d1").unwrap(), origin);
    let wish = (noting("नाली साफ़ कराएँ"), due);
    Direction::give(named, wish, (post("sec-hlt"), post("dm")), now).unwrap().0
}

const TUESDAY: &str = "2026-11-24T11:00:00+05:30";

#[test]
fn a_direction_goes_from_given_to_confirmed() {
    let now = at(TUESDAY);
    let (direction, step) = given(date(2026, 11, 27), now).take_up(post("dm"), now).unwrap();
    assert_eq!((direction.state, step.what), (DirectionState::InHand, StepKind::TakenUp));
    let (direction, step) = direction.finish((post("dm"), Some(noting("हो गया"))), now).unwrap();
    assert_eq!((direction.state, step.note), (DirectionState::Done, Some(noting("हो गया"))));
    let (direction, step) = direction.answer(Answer::Done, now).unwrap();
    assert_eq!((direction.state, step.by), (DirectionState::Confirmed, Author::Citizen));
    let over = direction.answer(Answer::NotYet, now).unwrap_err();
    assert_eq!(over, DirectionError::WrongState(DirectionState::Confirmed));
}

#[test]
fn the_due_date_is_a_day_in_india() {
    let now = at("2026-11-24T23:30:00+05:30");
    let direction = given(date(2026, 11, 24), now);
    assert!(!direction.is_overdue(now) && !direction.may_be_answered(now));
    let midnight = now + SignedDuration::from_mins(30);
    assert!(direction.is_overdue(midnight) && direction.may_be_answered(midnight));
    assert_eq!(direction.asks_at(), at("2026-11-25T10:00:00+05:30"), "nobody is woken by a message");
    let origin = Origin::Appointment(AppointmentId::parse("a1").unwrap());
    let named = (DirectionId::parse("d2").unwrap(), origin);
    let late = Direction::give(named, (noting("x1"), date(2026, 11, 24)), (post("a"), post("b")), midnight);
    assert_eq!(late.unwrap_err(), DirectionError::Due);
}

#[test]
fn not_yet_opens_it_again_with_a_week_more_and_is_said_once_a_due_date() {
    let now = at("2026-12-01T12:00:00+05:30");
    let (direction, _) = given(date(2026, 11, 27), at(TUESDAY)).answer(Answer::NotYet, now).unwrap();
    assert_eq!((direction.state, direction.due), (DirectionState::Reopened, date(2026, 12, 8)));
    assert_eq!(direction.clone().answer(Answer::NotYet, now).unwrap_err(), DirectionError::NotDue);
    let later = now + SignedDuration::from_hours(24 * 8);
    assert!(direction.answer(Answer::Done, later).is_ok());
}

#[test]
fn a_withdrawn_direction_is_over() {
    let now = at(TUESDAY);
    let why = (post("sec-hlt"), noting("दोहराव"));
    let (direction, step) = given(date(2026, 11, 27), now).withdraw(why, now).unwrap();
    assert_eq!(step.note, Some(noting("दोहराव")));
    assert!(!direction.is_open() && !direction.may_be_answered(at("2026-12-24T11:00:00+05:30")));
    assert!(direction.take_up(post("dm"), now).is_err());
}

#[derive(Debug, Clone, Copy)]
enum Try {
    TakeUp,
    Finish,
    Say(Answer),
    Withdraw,
    Wait(i64),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        Just(Try::TakeUp),
        Just(Try::Finish),
        Just(Try::Say(Answer::Done)),
        Just(Try::Say(Answer::NotYet)),
        Just(Try::Withdraw),
        (0..200i64).prop_map(Try::Wait),
    ];
    proptest::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn whatever_is_tried_an_end_is_an_end_and_no_due_date_is_answered_twice(all in tries()) {
        let mut now = at(TUESDAY);
        let mut direction = given(date(2026, 11, 27), now);
        let mut answered: Vec<Date> = Vec::new();
        for one in all {
            let before = direction.clone();
            let made = match one {
                Try::Wait(hours) => {
                    now += SignedDuration::from_hours(hours);
                    continue;
                }
                Try::TakeUp => direction.clone().take_up(post("dm"), now),
                Try::Finish => direction.clone().finish((post("dm"), None), now),
                Try::Say(said) => direction.clone().answer(said, now),
                Try::Withdraw => direction.clone().withdraw((post("sec-hlt"), noting("दोहराव")), now),
            };
            let Ok((after, step)) = made else { continue };
            prop_assert!(before.is_open(), "an end is an end");
            prop_assert_eq!(step.at, now);
            if step.by == Author::Citizen {
                prop_assert!(!answered.contains(&before.due), "one answer a due date");
                answered.push(before.due);
            }
            prop_assert!(after.due >= before.due);
            prop_assert_eq!(after.due != before.due, step.what == StepKind::Reopened);
            direction = after;
        }
    }
}
