//! The rules of conduct as tests: who may silence, show and lock, and what a going ends.
//!
//! The time is a number of seconds; nothing sleeps.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use super::*;
use crate::id::{AppointmentId, InviteId, MeetingId, PostId, UserId};
use crate::meeting::{Departure, DoorHours, EnterError};
use jiff::SignedDuration;
use proptest::prelude::*;

const START: i64 = 1_795_585_500;
const HOURS: DoorHours =
    DoorHours { before: SignedDuration::from_mins(15), after: SignedDuration::from_mins(30) };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A meeting with the officer and `guests` guests inside, the first of them the citizen.
fn talk(guests: usize) -> (Gathering, ParticipantId, Vec<ParticipantId>) {
    let window = SignedDuration::from_mins(10);
    let mut g = Gathering::new(MeetingId::parse("m1").unwrap(), (at(0), at(900)), window, 40);
    let officer = Guest::Officer(PostId::parse("sec-hlt").unwrap());
    let officer = g.enter(officer, HOURS, at(0)).unwrap().who;
    let guests = (0..guests).map(|n| comes_in(&mut g, officer, guest(n))).collect();
    (g, officer, guests)
}

fn guest(n: usize) -> Guest {
    match n {
        0 => Guest::Citizen(AppointmentId::parse("a1").unwrap()),
        _ => Guest::Invited(InviteId::parse(&format!("i{n}")).unwrap()),
    }
}

fn comes_in(g: &mut Gathering, by: ParticipantId, guest: Guest) -> ParticipantId {
    let who = g.enter(guest, HOURS, at(1)).unwrap().who;
    g.admit(by, who, at(2)).unwrap();
    who
}

fn deeds(effects: &[Effect]) -> Vec<Deed> {
    let deed = |effect: &Effect| if let Effect::Conducted { deed, .. } = effect { Some(*deed) } else { None };
    effects.iter().filter_map(deed).collect()
}

#[test]
fn the_chair_alone_makes_it_confidential_and_it_stays_so() {
    let (mut g, officer, guests) = talk(2);
    let desk = g.enter(Guest::Desk(UserId::parse("u1").unwrap()), HOURS, at(3)).unwrap().who;
    for other in [guests[0], guests[1], desk] {
        assert_eq!(g.seal(other), Err(MoveError::NotAllowed));
    }
    assert!(!g.is_sealed());
    assert_eq!(deeds(&g.seal(officer).unwrap()), [Deed::Sealed]);
    assert_eq!(g.seal(officer), Ok(Vec::new()), "it is so already");
    for who in [guests[0], guests[1], officer] {
        g.depart(who, Departure::Left, at(4)).unwrap();
    }
    assert!(g.is_sealed(), "also when everybody has gone");
    assert_eq!(g.seal(officer), Err(MoveError::NotAllowed), "nobody does it from outside");
}

#[test]
fn nobody_is_let_in_before_the_chair_has_come() {
    let mut g =
        Gathering::new(MeetingId::parse("m1").unwrap(), (at(0), at(900)), SignedDuration::from_mins(10), 8);
    let desk = g.enter(Guest::Desk(UserId::parse("u1").unwrap()), HOURS, at(0)).unwrap().who;
    let citizen = g.enter(guest(0), HOURS, at(0)).unwrap().who;
    assert_eq!(g.admit(desk, citizen, at(1)), Err(MoveError::NoChair));
    let officer = g.enter(Guest::Officer(PostId::parse("sec-hlt").unwrap()), HOURS, at(1)).unwrap().who;
    // A chair whose line dropped for a moment is still in the meeting.
    g.depart(officer, Departure::Lost, at(2)).unwrap();
    assert!(g.admit(desk, citizen, at(3)).is_ok());
}

#[test]
fn only_the_chair_shows_a_screen_unless_it_allows_another() {
    let (mut g, officer, guests) = talk(3);
    assert_eq!(g.share(guests[0], Screen::On), Err(MoveError::NotAllowed));
    assert_eq!(g.allow_screen(guests[1], guests[0], Screen::On), Err(MoveError::NotAllowed));
    g.allow_screen(officer, guests[0], Screen::On).unwrap();
    g.allow_screen(officer, guests[1], Screen::On).unwrap();
    assert_eq!(deeds(&g.share(guests[0], Screen::On).unwrap()), [Deed::Shares]);
    assert_eq!(g.share(guests[1], Screen::On), Err(MoveError::Taken), "one screen at a time");
    assert_eq!(deeds(&g.share(officer, Screen::On).unwrap()), [Deed::SharesNoMore, Deed::Shares]);
    assert_eq!(g.sharing(), Some(officer));
    assert_eq!(g.share(guests[0], Screen::Off), Ok(Vec::new()), "ends nobody else's");
    assert_eq!(g.sharing(), Some(officer));
}

#[test]
fn a_screen_ends_when_it_is_forbidden_and_when_its_owner_goes() {
    let (mut g, officer, guests) = talk(2);
    g.allow_screen(officer, guests[0], Screen::On).unwrap();
    g.share(guests[0], Screen::On).unwrap();
    let effects = g.allow_screen(officer, guests[0], Screen::Off).unwrap();
    assert_eq!(deeds(&effects), [Deed::MayNotShare, Deed::SharesNoMore]);
    g.allow_screen(officer, guests[1], Screen::On).unwrap();
    g.share(guests[1], Screen::On).unwrap();
    assert_eq!(deeds(&g.depart(guests[1], Departure::Lost, at(5)).unwrap()), [Deed::SharesNoMore]);
    assert_eq!(g.sharing(), None);
    assert!(g.may_share(guests[1]), "who comes back may go on");
}

#[test]
fn a_silenced_voice_comes_back_by_its_owners_own_button_alone() {
    let (mut g, officer, guests) = talk(2);
    assert_eq!(g.silence(guests[0], guests[1]), Err(MoveError::NotAllowed));
    assert_eq!(g.silence(officer, officer), Err(MoveError::NotAllowed), "nobody silences the chair");
    g.silence(officer, guests[0]).unwrap();
    assert!(g.microphone_on(guests[0]).is_empty(), "what was said before the order came does not count");
    assert!(g.is_silenced(guests[0]));
    g.microphone_off(guests[0]);
    assert_eq!(deeds(&g.microphone_on(guests[0])), [Deed::SpokeAgain]);
    assert!(!g.is_silenced(guests[0]));
}

#[test]
fn hands_go_up_once_and_a_doorkeeper_takes_them_down() {
    let (mut g, officer, guests) = talk(2);
    assert_eq!(deeds(&g.hand(guests[1], Hand::Up, at(9)).unwrap()), [Deed::RaisedHand]);
    assert!(g.hand(guests[1], Hand::Up, at(10)).unwrap().is_empty());
    assert_eq!(g.hand_since(guests[1]), Some(at(9)), "the first one counts");
    assert_eq!(g.lower_hand(guests[0], guests[1]), Err(MoveError::NotAllowed));
    assert_eq!(deeds(&g.lower_hand(officer, guests[1]).unwrap()), [Deed::LoweredHand]);
    assert_eq!(g.lower_hand(officer, guests[1]), Err(MoveError::Unknown));
}

#[test]
fn a_locked_door_lets_nobody_new_in_and_everybody_back_who_was_inside() {
    let (mut g, officer, guests) = talk(1);
    g.lock(officer, Lock::Locked).unwrap();
    assert_eq!(g.enter(guest(1), HOURS, at(5)), Err(EnterError::Locked));
    g.depart(guests[0], Departure::Lost, at(6)).unwrap();
    assert!(g.enter(guest(0), HOURS, at(7)).is_ok());
    // Away for so long that the place was given up, and still no stranger.
    g.depart(guests[0], Departure::Left, at(8)).unwrap();
    assert!(g.enter(guest(0), HOURS, at(700)).is_ok());
    g.lock(officer, Lock::Open).unwrap();
    assert!(g.enter(guest(1), HOURS, at(701)).is_ok());
}

#[test]
fn the_door_locks_itself_once_when_all_who_are_expected_are_inside() {
    let (mut g, officer, _) = talk(0);
    g.expect_guests(2);
    comes_in(&mut g, officer, guest(0));
    assert!(!g.is_locked());
    let who = g.enter(guest(1), HOURS, at(3)).unwrap().who;
    assert_eq!(deeds(&g.admit(officer, who, at(4)).unwrap()), [Deed::Locked]);
    g.lock(officer, Lock::Open).unwrap();
    comes_in(&mut g, officer, guest(2));
    assert!(!g.is_locked(), "opened by hand it stays open");
}

#[test]
fn whoever_is_asked_in_later_waits_before_a_door_that_locked_itself_and_not_before_one_that_was_locked() {
    let (mut g, officer, _) = talk(0);
    g.expect_guests(1);
    comes_in(&mut g, officer, guest(0));
    let stranger = Guest::Citizen(AppointmentId::parse("a2").unwrap());
    assert_eq!(g.enter(stranger, HOURS, at(5)), Err(EnterError::Locked), "the booked one has come");
    let late = g.enter(guest(1), HOURS, at(5)).unwrap().who;
    assert!(!g.inside().contains(&late), "the lobby lets nobody in by itself");
    g.lock(officer, Lock::Open).unwrap();
    g.lock(officer, Lock::Locked).unwrap();
    assert_eq!(g.enter(guest(2), HOURS, at(6)), Err(EnterError::Locked));
}

/// Anything that somebody may try, by the numbers of those who try it and of those whom it concerns.
#[derive(Debug, Clone, Copy)]
enum Try {
    Hand(usize),
    Silence(usize, usize),
    Allow(usize, usize),
    Forbid(usize, usize),
    Share(usize),
    Hide(usize),
    Lock(usize),
    Go(usize),
    Deny(usize, usize),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = 0..4usize;
    let two = || (0..4usize, 0..4usize);
    let any = prop_oneof![
        one.clone().prop_map(Try::Hand),
        two().prop_map(|(a, b)| Try::Silence(a, b)),
        two().prop_map(|(a, b)| Try::Allow(a, b)),
        two().prop_map(|(a, b)| Try::Forbid(a, b)),
        one.clone().prop_map(Try::Share),
        one.clone().prop_map(Try::Hide),
        one.clone().prop_map(Try::Lock),
        one.prop_map(Try::Go),
        two().prop_map(|(a, b)| Try::Deny(a, b)),
    ];
    proptest::collection::vec(any, 0..40)
}

proptest! {
    #[test]
    fn whatever_is_tried_only_people_inside_have_a_hand_up_or_a_screen_and_only_who_may(tries in tries()) {
        let (mut g, officer, guests) = talk(3);
        let who = |n: usize| if n == 0 { officer } else { guests[n - 1] };
        for attempt in tries {
            let is_chair = |n: usize| n == 0;
            match attempt {
                Try::Hand(a) => drop(g.hand(who(a), Hand::Up, at(9))),
                Try::Silence(a, b) => {
                    let done = g.silence(who(a), who(b)).is_ok();
                    prop_assert!(!done || (is_chair(a) && !is_chair(b)));
                }
                Try::Allow(a, b) => prop_assert!(g.allow_screen(who(a), who(b), Screen::On).is_err() || is_chair(a)),
                Try::Forbid(a, b) => prop_assert!(g.allow_screen(who(a), who(b), Screen::Off).is_err() || is_chair(a)),
                Try::Share(a) => {
                    let may = g.may_share(who(a));
                    prop_assert!(g.share(who(a), Screen::On).is_err() || may);
                }
                Try::Hide(a) => drop(g.share(who(a), Screen::Off)),
                Try::Lock(a) => prop_assert!(g.lock(who(a), Lock::Locked).is_err() || is_chair(a)),
                Try::Go(a) => drop(g.depart(who(a), Departure::Lost, at(10))),
                Try::Deny(a, b) => prop_assert!(g.deny(who(a), who(b)).is_err() || is_chair(a)),
            }
            let inside = g.inside();
            if let Some(sharing) = g.sharing() {
                prop_assert!(inside.contains(&sharing) && g.may_share(sharing));
            }
            for n in 0..4 {
                prop_assert!(g.hand_since(who(n)).is_none() || inside.contains(&who(n)));
                prop_assert!(!g.is_silenced(who(n)) || inside.contains(&who(n)));
            }
        }
    }
}
