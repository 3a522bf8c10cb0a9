//! The rules of a meeting as tests: single rules in sentences, and any history by properties.
//!
//! The time is a number of seconds; nothing sleeps.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const START: i64 = 1_795_585_500;
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
const HOURS: DoorHours =
    DoorHours { before: SignedDuration::from_mins(15), after: SignedDuration::from_mins(30) };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).expect("in range")
}

fn gathering() -> Gathering {
    let meeting = MeetingId::parse("m1").expect("an id");
    Gathering::new(meeting, (at(0), at(900)), WINDOW, 8)
}

fn citizen(n: usize) -> Guest {
    Guest::Citizen(AppointmentId::parse(&format!("a{n}")).expect("an id"))
}

fn officer() -> Guest {
    Guest::Officer(PostId::parse("secretary-health").expect("an id"))
}

fn desk() -> Guest {
    Guest::Desk(UserId::parse("u1").expect("an id"))
}

fn enters(g: &mut Gathering, guest: Guest, second: i64) -> ParticipantId {
    g.enter(guest, HOURS, at(second)).expect("the door is open").who
}

fn state(g: &Gathering, who: ParticipantId) -> Visit {
    g.place(who).expect("the place exists").visit
}

#[test]
fn a_citizen_waits_until_the_officer_or_the_desk_admits() {
    for keeper in [officer(), desk()] {
        let mut g = gathering();
        let who = enters(&mut g, citizen(1), 0);
        enters(&mut g, officer(), 1);
        let by = enters(&mut g, keeper, 1);
        assert_eq!(g.lobby(), vec![(who, at(0))]);
        assert!(!g.inside().contains(&who));
        let effects = g.admit(by, who, at(2)).expect("admitted");
        assert!(effects.contains(&Effect::CameIn(who)));
        assert!(g.inside().contains(&who));
        assert_eq!(g.lobby(), vec![]);
    }
}

#[test]
fn the_officer_is_inside_at_once_and_the_desk_is_never_among_those_with_media() {
    let mut g = gathering();
    let officer = enters(&mut g, officer(), 0);
    let desk = enters(&mut g, desk(), 0);
    assert_eq!(g.inside(), vec![officer]);
    assert!(g.place(desk).is_some());
}

#[test]
fn nobody_but_the_doorkeepers_admits_and_nobody_but_the_officer_ends() {
    let mut g = gathering();
    let (one, two) = (enters(&mut g, citizen(1), 0), enters(&mut g, citizen(2), 0));
    let (officer, desk) = (enters(&mut g, officer(), 0), enters(&mut g, desk(), 0));
    assert_eq!(g.admit(one, two, at(1)), Err(MoveError::NotAllowed));
    assert_eq!(g.admit(one, one, at(1)), Err(MoveError::NotAllowed));
    assert_eq!(g.deny(one, two), Err(MoveError::NotAllowed));
    assert_eq!(g.end(one, at(1)), Err(MoveError::NotAllowed));
    assert_eq!(g.end(desk, at(1)), Err(MoveError::NotAllowed));
    assert_eq!(g.deny(desk, officer), Err(MoveError::NotAllowed));
    assert!(g.end(officer, at(1)).is_ok());
    assert_eq!(g.end(officer, at(1)), Err(MoveError::Ended));
}

#[test]
fn a_doorkeeper_who_went_away_keeps_no_door() {
    let mut g = gathering();
    let (who, desk) = (enters(&mut g, citizen(1), 0), enters(&mut g, desk(), 0));
    g.depart(desk, Departure::Lost, at(1)).expect("was here");
    assert_eq!(g.admit(desk, who, at(2)), Err(MoveError::NotAllowed));
}

#[test]
fn a_return_within_ten_minutes_needs_no_new_admission_and_a_later_one_does() {
    for (away, inside) in [(600, true), (601, false)] {
        let mut g = gathering();
        let (who, by) = (enters(&mut g, citizen(1), 0), enters(&mut g, officer(), 0));
        g.admit(by, who, at(1)).expect("admitted");
        g.depart(who, Departure::Left, at(2)).expect("was here");
        let back = g.enter(citizen(1), HOURS, at(2 + away)).expect("the door is open");
        assert_eq!(state(&g, back.who).is_inside(), inside, "after {away} s");
        assert_eq!(back.returned, inside);
        assert_eq!(back.who == who, inside, "the same place");
    }
}

#[test]
fn a_dropped_line_in_the_lobby_keeps_the_turn() {
    let mut g = gathering();
    let (first, second) = (enters(&mut g, citizen(1), 0), enters(&mut g, citizen(2), 5));
    g.depart(first, Departure::Lost, at(6)).expect("was here");
    assert_eq!(g.lobby(), vec![(second, at(5))]);
    enters(&mut g, citizen(1), 60);
    assert_eq!(g.lobby(), vec![(first, at(0)), (second, at(5))]);
}

#[test]
fn one_who_is_called_while_cut_off_comes_straight_in() {
    let mut g = gathering();
    let (who, by) = (enters(&mut g, citizen(1), 0), enters(&mut g, officer(), 0));
    g.depart(who, Departure::Lost, at(1)).expect("was here");
    let effects = g.admit(by, who, at(2)).expect("admitted");
    assert!(!effects.contains(&Effect::CameIn(who)), "no media to somebody who is not there");
    let back = g.enter(citizen(1), HOURS, at(3)).expect("open");
    assert_eq!(back.effects, vec![Effect::CameIn(who)]);
}

#[test]
fn a_denied_citizen_cannot_come_back() {
    let mut g = gathering();
    let (who, by) = (enters(&mut g, citizen(1), 0), enters(&mut g, officer(), 0));
    g.deny(by, who).expect("denied");
    for later in [1, 700, 1_000] {
        assert_eq!(g.enter(citizen(1), HOURS, at(later)), Err(EnterError::Denied));
    }
    assert_eq!(g.admit(by, who, at(2)), Err(MoveError::Unknown));
}

#[test]
fn a_second_device_takes_over_the_place() {
    let mut g = gathering();
    let who = enters(&mut g, citizen(1), 0);
    assert_eq!(enters(&mut g, citizen(1), 9), who);
    assert_eq!(g.lobby(), vec![(who, at(0))]);
}

#[test]
fn the_door_is_open_for_citizens_from_15_minutes_before_to_30_after() {
    for (second, wanted) in [
        (-901, Err(EnterError::TooEarly)),
        (-900, Ok(())),
        (2_700, Ok(())),
        (2_701, Err(EnterError::TooLate)),
    ] {
        let entered = gathering().enter(citizen(1), HOURS, at(second)).map(|_| ());
        assert_eq!(entered, wanted, "at {second} s");
    }
    assert!(gathering().enter(officer(), HOURS, at(-9_000)).is_ok());
}

#[test]
fn after_the_end_nobody_enters() {
    let mut g = gathering();
    let by = enters(&mut g, officer(), 0);
    g.end(by, at(1)).expect("ended");
    for guest in [officer(), desk(), citizen(1)] {
        assert_eq!(g.enter(guest, HOURS, at(2)), Err(EnterError::Ended));
    }
}

#[test]
fn places_survive_a_restart() {
    let mut g = gathering();
    let away = Visit::AwayFromInside { away: at(0), why: Departure::Lost };
    g.restore(vec![
        Returning { guest: citizen(1), visit: away },
        Returning { guest: citizen(2), visit: Visit::Denied },
    ]);
    let back = g.enter(citizen(1), HOURS, at(5)).expect("open");
    assert!(state(&g, back.who).is_inside());
    assert_eq!(g.enter(citizen(2), HOURS, at(5)), Err(EnterError::Denied));
}

#[test]
fn a_participant_id_parses_only_what_it_prints() {
    let id = ParticipantId(12);
    assert_eq!(ParticipantId::parse(&id.to_string()), Some(id));
    for text in ["", "p", "p0", "p01", "12", "p-1", "p1 ", "p99999999999"] {
        assert_eq!(ParticipantId::parse(text), None, "{text}");
    }
}

#[derive(Debug, Clone)]
enum Move {
    Enter(usize),
    Admit(usize, usize),
    Deny(usize, usize),
    Depart(usize, bool),
    End(usize),
    Wait(i64),
}

fn any_move() -> impl Strategy<Value = Move> {
    let guest = 0..6usize;
    prop_oneof![
        4 => guest.clone().prop_map(Move::Enter),
        4 => (guest.clone(), guest.clone()).prop_map(|(a, b)| Move::Admit(a, b)),
        1 => (guest.clone(), guest.clone()).prop_map(|(a, b)| Move::Deny(a, b)),
        3 => (guest.clone(), any::<bool>()).prop_map(|(a, b)| Move::Depart(a, b)),
        1 => guest.prop_map(Move::End),
        2 => (1..800i64).prop_map(Move::Wait),
    ]
}

/// Guests 0..4 are citizens, 4 the officer, 5 the desk.
fn guest(n: usize) -> Guest {
    match n {
        4 => officer(),
        5 => desk(),
        n => citizen(n),
    }
}

proptest! {
    #[test]
    fn whatever_happens_nobody_is_inside_uninvited(moves in prop::collection::vec(any_move(), 1..80)) {
        let mut g = gathering();
        let mut now = 0;
        let mut admitted: BTreeSet<Guest> = BTreeSet::new();
        let mut denied: BTreeSet<Guest> = BTreeSet::new();
        let mut inside: BTreeSet<ParticipantId> = BTreeSet::new();
        let name = |g: &Gathering, n: usize| g.find(&guest(n)).unwrap_or(ParticipantId(999));
        for one in moves {
            let effects = match one {
                Move::Enter(n) => g.enter(guest(n), HOURS, at(now)).map(|e| e.effects).unwrap_or_default(),
                Move::Admit(by, who) => {
                    let done = g.admit(name(&g, by), name(&g, who), at(now));
                    if done.is_ok() {
                        prop_assert!(by >= 4, "only officer and desk admit");
                        admitted.insert(guest(who));
                    }
                    done.unwrap_or_default()
                }
                Move::Deny(by, who) => {
                    let done = g.deny(name(&g, by), name(&g, who));
                    if done.is_ok() {
                        prop_assert!(by >= 4 && who < 4);
                        denied.insert(guest(who));
                    }
                    done.unwrap_or_default()
                }
                Move::Depart(n, left) => {
                    let why = if left { Departure::Left } else { Departure::Lost };
                    g.depart(name(&g, n), why, at(now)).unwrap_or_default()
                }
                Move::End(n) => g.end(name(&g, n), at(now)).unwrap_or_default(),
                Move::Wait(seconds) => { now += seconds; Vec::new() }
            };
            for effect in effects {
                match effect {
                    Effect::CameIn(who) => prop_assert!(inside.insert(who), "came in once"),
                    Effect::WentOut(who, _) => prop_assert!(inside.remove(&who), "was inside"),
                    _ => {}
                }
            }
            let told: BTreeSet<ParticipantId> = g.inside().into_iter().collect();
            prop_assert_eq!(&told, &inside, "the effects tell the whole story");
            let guests: BTreeSet<Guest> = g.places().map(|p| p.guest.clone()).collect();
            prop_assert_eq!(guests.len(), g.places().count(), "one place a guest");
            prop_assert!(g.places().count() <= 8);
            for place in g.places().filter(|p| told.contains(&p.id)) {
                let invited = place.guest.role() == Role::Officer || admitted.contains(&place.guest);
                prop_assert!(invited && !denied.contains(&place.guest));
                prop_assert!(!g.is_ended(), "after the end nobody is inside");
            }
        }
    }
}
