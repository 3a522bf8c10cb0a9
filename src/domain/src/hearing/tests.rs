//! The rules of a hearing, each in a sentence; and that no order of steps closes what may not be closed.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use crate::id::BodyId;
use crate::office::{BodyKind, Calendar, Holiday, HolidayKind, WorkingWeek};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

/// 24 November 2026, 11:00 in India, so many minutes later.
fn minute(n: i64) -> Timestamp {
    "2026-11-24T11:00:00+05:30".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(n)
}

const TODAY: Date = date(2026, 11, 24);

fn limit() -> Limit {
    Limit::of(date(2026, 11, 2), &Calendar::default(), WorkingWeek::Six).unwrap()
}

fn seconds(present: i64, lost: i64) -> Seen {
    Seen { present: SignedDuration::from_secs(present), lost: SignedDuration::from_secs(lost) }
}

fn ground(ground: Ground) -> Option<Reason> {
    Reason::new(ground, None)
}

fn aloud(n: i64) -> Order {
    let reading = Reading::Aloud { at: minute(n), by: PostId::parse("pgro-patna").unwrap() };
    Order {
        text: OrderText::parse("सूची में नाम जोड़ें।").unwrap(), reading, at: minute(n)
    }
}

fn unread(n: i64) -> Order {
    let reading = Reading::NotRead {
        why: Noting::parse("दोनों पक्ष अनुपस्थित").unwrap()
    };
    Order { reading, ..aloud(n) }
}

fn called() -> Hearing {
    let mut hearing = Hearing::listed();
    hearing.call(TODAY, minute(0)).unwrap();
    hearing
}

/// Both are in the office, and the order was read to them.
fn heard() -> Hearing {
    let mut hearing = called();
    for side in Side::ALL {
        let reason = ground(Ground::Seen);
        hearing.mark((*side, Attendance::Office), reason, (Seen::default(), minute(1))).unwrap();
    }
    hearing.write(aloud(2)).unwrap();
    hearing
}

fn nobody() -> Each<Seen> {
    Each::default()
}

#[test]
fn a_case_is_called_on_its_day_and_once_more_after_ten_minutes() {
    let mut hearing = Hearing::listed();
    assert_eq!(hearing.call(date(2026, 11, 25), minute(0)), Err(HearingError::NotToday));
    hearing.call(TODAY, minute(0)).unwrap();
    assert_eq!(hearing.call(TODAY, minute(9)), Err(HearingError::CalledAlready));
    hearing.call(TODAY, minute(10)).unwrap();
    assert_eq!(hearing.stage(), Stage::Called { first: minute(0), again: Some(minute(10)) });
    assert_eq!(hearing.call(TODAY, minute(30)), Err(HearingError::CalledAlready));
}

#[test]
fn nothing_is_marked_or_ordered_before_the_call() {
    let mut hearing = Hearing::listed();
    let mark = (Side::Complainant, Attendance::Office);
    let refused = hearing.mark(mark, ground(Ground::Seen), (Seen::default(), minute(0)));
    assert_eq!(refused, Err(HearingError::NotCalled));
    assert_eq!(hearing.write(aloud(0)), Err(HearingError::NotCalled));
    assert_eq!(hearing, Hearing::listed());
}

#[test]
fn a_mark_by_hand_needs_a_reason_and_one_that_the_meeting_proves_needs_none() {
    let mut hearing = called();
    let by_video = (Side::Complainant, Attendance::Video);
    assert_eq!(hearing.mark(by_video, None, (Seen::default(), minute(1))), Err(HearingError::NeedsReason));
    assert_eq!(Reason::new(Ground::Other, None), None, "another ground is said in words");
    let mark = hearing.mark(by_video, None, (seconds(75, 3), minute(1))).unwrap();
    assert_eq!(mark.evidence, Evidence::Joined { seconds: 75 });
    let in_office = (Side::Complainant, Attendance::Office);
    assert_eq!(
        hearing.mark(in_office, None, (seconds(75, 3), minute(2))),
        Err(HearingError::NeedsReason),
        "the meeting proves that he was in it, not that he was here"
    );
}

#[test]
fn who_was_in_the_meeting_is_not_absent() {
    let mut hearing = called();
    let absent = (Side::Authority, Attendance::Absent);
    let reason = || ground(Ground::NoAnswer);
    assert_eq!(hearing.mark(absent, reason(), (seconds(5, 0), minute(1))), Err(HearingError::WasSeen));
    assert_eq!(hearing.mark(absent, reason(), (seconds(0, 9), minute(1))), Err(HearingError::WasSeen));
    hearing.mark(absent, reason(), (Seen::default(), minute(1))).unwrap();
    let later = hearing.attendance(Side::Authority, seconds(5, 0), minute(2)).unwrap();
    assert_eq!(later.attendance, Attendance::Video, "who comes after the mark is there");
}

#[test]
fn a_lost_network_is_no_absence() {
    let mut hearing = called();
    hearing.write(unread(1)).unwrap();
    let seen = Each { complainant: seconds(0, 40), authority: seconds(300, 0) };
    let mark = hearing.attendance(Side::Complainant, seen.complainant, minute(2)).unwrap();
    assert_eq!(mark.attendance, Attendance::Network);
    let refused = hearing.close((Disposal::ComplainantAbsent, None), (&seen, &limit()), minute(3));
    assert_eq!(refused, Err(HearingError::NotAbsent(Side::Complainant)));
}

#[test]
fn a_hearing_with_a_blank_attendance_is_not_closed() {
    let mut hearing = called();
    assert_eq!(
        hearing.blocks(&nobody(), minute(1)),
        [Block::Blank(Side::Complainant), Block::Blank(Side::Authority), Block::NoOrder]
    );
    hearing.write(aloud(1)).unwrap();
    let reason = ground(Ground::Seen);
    hearing.mark((Side::Complainant, Attendance::Office), reason, (Seen::default(), minute(1))).unwrap();
    let refused = hearing.close((Disposal::Final, None), (&nobody(), &limit()), minute(2));
    assert_eq!(refused, Err(HearingError::Blocked(vec![Block::Blank(Side::Authority)])));
    assert!(matches!(hearing.stage(), Stage::Called { .. }));
}

#[test]
fn what_the_meeting_has_seen_is_marked_at_closing_by_itself() {
    let mut hearing = called();
    hearing.write(aloud(1)).unwrap();
    let seen = Each { complainant: seconds(60, 0), authority: seconds(61, 0) };
    hearing.close((Disposal::Final, None), (&seen, &limit()), minute(2)).unwrap();
    let mark = hearing.attendance(Side::Authority, seconds(900, 0), minute(9)).unwrap();
    assert_eq!(mark.evidence, Evidence::Joined { seconds: 61 }, "what comes after it changes nothing");
}

#[test]
fn an_order_is_not_read_aloud_to_nobody() {
    let mut hearing = called();
    for side in Side::ALL {
        let reason = ground(Ground::NoAnswer);
        hearing.mark((*side, Attendance::Absent), reason, (Seen::default(), minute(1))).unwrap();
    }
    hearing.write(aloud(2)).unwrap();
    assert_eq!(hearing.blocks(&nobody(), minute(3)), [Block::NobodyHeard]);
    hearing.write(unread(2)).unwrap();
    hearing.close((Disposal::ComplainantAbsent, None), (&nobody(), &limit()), minute(3)).unwrap();
}

#[test]
fn a_next_date_lies_ahead_and_inside_the_limit() {
    let last = limit().last();
    let close = |day| heard().close((Disposal::NextDate, Some(day)), (&nobody(), &limit()), minute(3));
    assert_eq!(close(TODAY), Err(HearingError::Date(DateError::NotAhead)));
    assert!(close(last).is_ok(), "the last day is inside");
    assert_eq!(close(last.tomorrow().unwrap()), Err(HearingError::Date(DateError::Outside { last })));
}

#[test]
fn what_is_put_off_has_a_next_date_and_what_is_decided_has_none() {
    let close = |disposal, next| heard().close((disposal, next), (&nobody(), &limit()), minute(3));
    for disposal in [Disposal::Interim, Disposal::NextDate] {
        assert_eq!(close(disposal, None), Err(HearingError::NeedsNext));
    }
    assert_eq!(close(Disposal::Final, Some(date(2026, 12, 1))), Err(HearingError::NoNext));
    assert_eq!(
        close(Disposal::AuthorityAbsent, Some(date(2026, 12, 1))),
        Err(HearingError::NotAbsent(Side::Authority))
    );
}

#[test]
fn what_is_closed_stays_as_it_is() {
    let mut hearing = heard();
    hearing.close((Disposal::Final, None), (&nobody(), &limit()), minute(3)).unwrap();
    let closed = hearing.clone();
    assert_eq!(hearing.call(TODAY, minute(30)), Err(HearingError::Closed));
    let mark = (Side::Authority, Attendance::Absent);
    let refused = hearing.mark(mark, ground(Ground::NoAnswer), (Seen::default(), minute(4)));
    assert_eq!(refused, Err(HearingError::Closed));
    assert_eq!(hearing.write(aloud(4)), Err(HearingError::Closed));
    let again = hearing.close((Disposal::Final, None), (&nobody(), &limit()), minute(5));
    assert_eq!(again, Err(HearingError::Closed));
    assert_eq!(hearing, closed);
}

#[test]
fn the_limit_is_sixty_working_days_by_the_calendar_of_holidays() {
    let filed = date(2026, 11, 2);
    let christmas = Holiday {
        body: BodyId::parse("state").unwrap(),
        day: date(2026, 12, 25),
        kind: HolidayKind::General,
        name_hi: String::new(),
        name_en: String::new(),
    };
    let with = Calendar::new(vec![christmas]);
    let last = |calendar: &Calendar, week| Limit::of(filed, calendar, week).unwrap().last();
    assert_eq!(last(&Calendar::default(), WorkingWeek::Six), date(2027, 1, 11));
    assert_eq!(last(&with, WorkingWeek::Six), date(2027, 1, 12));
    assert_eq!(last(&with, WorkingWeek::Five), date(2027, 1, 26));
    assert_eq!(week_of(BodyKind::District), WorkingWeek::Six);
    assert_eq!(week_of(BodyKind::Department), WorkingWeek::Five);
    let today = date(2027, 1, 12);
    assert_eq!(age(filed, today, (&with, WorkingWeek::Six)), 60);
    assert_eq!(age(today, today, (&with, WorkingWeek::Six)), 0);
}

#[derive(Debug, Clone)]
enum Step {
    Call { day_off: i64 },
    Mark(Side, Attendance, Option<Ground>),
    Order { is_read: bool },
    Close(Disposal, Option<i64>),
    Join(Side, i64, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let side = || proptest::sample::select(Side::ALL);
    prop_oneof![
        prop_oneof![4 => Just(0i64), 1 => -1i64..2].prop_map(|day_off| Step::Call { day_off }),
        (
            side(),
            proptest::sample::select(Attendance::ALL),
            proptest::option::of(proptest::sample::select(Ground::ALL))
        )
            .prop_map(|(side, attendance, ground)| Step::Mark(side, attendance, ground)),
        any::<bool>().prop_map(|is_read| Step::Order { is_read }),
        (proptest::sample::select(Disposal::ALL), proptest::option::of(-3i64..90))
            .prop_map(|(disposal, next)| Step::Close(disposal, next)),
        (side(), 0i64..3, 0i64..3).prop_map(|(side, present, lost)| Step::Join(side, present, lost)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// The three things that may never happen, whatever is tried in whatever order.
    #[test]
    fn no_order_of_steps_closes_with_a_blank_attendance_an_unread_order_or_a_date_outside_the_limit(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (mut hearing, mut seen) = (Hearing::listed(), nobody());
        let day = |n: i64| TODAY.checked_add(n.days()).unwrap();
        for (at, step) in (0i64..).zip(steps) {
            let now = minute(at * 7);
            let before = hearing.clone();
            let done = match step {
                Step::Call { day_off } => hearing.call(day(day_off), now),
                Step::Mark(side, attendance, ground) => {
                    let reason = ground.and_then(|ground| Reason::new(ground, None));
                    hearing.mark((side, attendance), reason, (*seen.of(side), now)).map(|_| ())
                }
                Step::Order { is_read: true } => hearing.write(Order { at: now, ..aloud(0) }),
                Step::Order { is_read: false } => hearing.write(Order { at: now, ..unread(0) }),
                Step::Close(disposal, next) => {
                    let expected = hearing.blocks(&seen, now);
                    let done = hearing.close((disposal, next.map(day)), (&seen, &limit()), now);
                    prop_assert!(done.is_err() || expected.is_empty(), "the page said why it is blocked");
                    done.map(|_| ())
                }
                Step::Join(side, present, lost) => {
                    let old = *seen.of(side);
                    *seen.of_mut(side) = Seen {
                        present: old.present + SignedDuration::from_secs(present),
                        lost: old.lost + SignedDuration::from_secs(lost),
                    };
                    Ok(())
                }
            };
            if done.is_err() {
                prop_assert_eq!(&hearing, &before, "what is refused changes nothing");
            }
            let Stage::Closed(closing) = hearing.stage() else { continue };
            let marks = Side::ALL.iter().map(|side| hearing.marked(*side));
            let marks: Option<Vec<&Mark>> = marks.collect();
            prop_assert!(marks.is_some(), "closed with a blank attendance");
            let someone = marks.unwrap_or_default().iter().any(|mark| mark.attendance.was_there());
            match hearing.order().map(|order| &order.reading) {
                None => prop_assert!(false, "closed without an order"),
                Some(Reading::Aloud { .. }) => prop_assert!(someone, "read aloud to nobody"),
                Some(Reading::NotRead { why }) => prop_assert!(!why.as_str().is_empty()),
            }
            let is_inside = |day: Date| day > TODAY && day <= limit().last();
            prop_assert!(closing.next.is_none_or(is_inside), "a next date outside the limit");
            prop_assert!(closing.next.is_some() || !closing.disposal.needs_next());
            let again = Hearing::restored(hearing.stage(), hearing.marks.clone(), hearing.order.clone());
            prop_assert_eq!(again.as_ref(), Some(&hearing));
        }
    }
}
