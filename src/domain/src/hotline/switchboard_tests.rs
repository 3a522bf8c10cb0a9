//! The rules of the calls as tests, above all: nobody is seen but by an act of his own seat, and no order of acts leaves a
//! seat in a wrong state.
//!
//! The time is a number of seconds; nothing sleeps.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const CS: &str = "cs";
const DC: &str = "dc";
const HEALTH: &str = "sec-hlt";
const HOME: &str = "sec-hom";
/// Held by whoever holds health.
const WELFARE: &str = "sec-wel";
const VACANT: &str = "sec-vac";
const POSTS: [&str; 6] = [CS, DC, HEALTH, HOME, WELFARE, VACANT];
const DEVICES: [Device; 2] = [Device::Chamber, Device::Phone];

fn terms() -> Terms {
    let seconds = SignedDuration::from_secs;
    let spans = Spans { ring: seconds(30), back: seconds(10), hold: seconds(600), moves: seconds(2) };
    Terms { spans, later: seconds(120), seats_max: 5 }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_585_500 + second).expect("in range")
}

fn post(name: &str) -> PostId {
    PostId::parse(name).expect("an id")
}

fn person_of(name: &str) -> PersonId {
    let owner = if name == WELFARE { HEALTH } else { name };
    PersonId::parse(&format!("person-{owner}")).expect("an id")
}

fn place(name: &str, device: Device) -> Place {
    Place { post: post(name), device, person: person_of(name) }
}

fn chamber(name: &str) -> Place {
    place(name, Device::Chamber)
}

/// The seats of the tests: all warm but those that are named.
#[derive(Debug, Default)]
struct Seats {
    cold: BTreeSet<PostId>,
    in_meeting: BTreeSet<PostId>,
}

impl Office for Seats {
    fn facts(&self, post: &PostId) -> Option<Facts> {
        let name = POSTS.iter().find(|name| **name == post.as_str())?;
        let part = match *name {
            CS => RoleKey::ChiefSecretary,
            DC => RoleKey::DevelopmentCommissioner,
            _ => RoleKey::DepartmentHead,
        };
        let holders = if *name == VACANT { Vec::new() } else { vec![person_of(name)] };
        let (warm, in_meeting) = (!self.cold.contains(post), self.in_meeting.contains(post));
        Some(Facts { part, holders, warm, in_meeting })
    }
}

/// A switchboard with its seats, and fresh ids.
struct House {
    board: Switchboard,
    seats: Seats,
    made: u32,
    agreed: Agreed,
}

impl House {
    fn new() -> House {
        House { board: Switchboard::new(terms()), seats: Seats::default(), made: 0, agreed: Agreed::new() }
    }

    fn rings(&mut self, by: &str, posts: &[&str], second: i64) -> Result<CallId, RingRefused> {
        self.made += 1;
        let id = CallId::parse(&format!("c{}", self.made)).expect("an id");
        let posts: Vec<PostId> = posts.iter().map(|name| post(name)).collect();
        self.board.ring(&chamber(by), (&id, Purpose::Anew, &posts), &self.seats, at(second))?;
        Ok(id)
    }

    fn adds(
        &mut self,
        by: &str,
        (id, purpose): (&CallId, Purpose),
        who: &str,
    ) -> Result<Vec<Change>, RingRefused> {
        self.board.ring(&chamber(by), (id, purpose, &[post(who)]), &self.seats, at(1))
    }

    fn accepts(&mut self, who: &str, id: &CallId) -> Result<Vec<Change>, CallError> {
        self.board.accept(&chamber(who), id, at(5))
    }

    /// Health is in a call that it took from `by`.
    fn talk(&mut self, by: &str) -> CallId {
        let id = self.rings(by, &[HEALTH], 0).expect("it rings");
        self.accepts(HEALTH, &id).expect("it is taken");
        id
    }

    fn is_inside(&self, who: &str, id: &CallId) -> bool {
        self.board.call(id).is_some_and(|call| call.consent(&post(who)).is_some())
    }

    fn is_held(&self, who: &str, id: &CallId) -> bool {
        self.board.call(id).is_some_and(|call| matches!(call.part(&post(who)), Some(Part::Held { .. })))
    }
}

fn outcome(changes: &[Change], who: &str) -> Option<Outcome> {
    changes.iter().find_map(|change| match change {
        Change::Out(_, at, outcome) if at.as_str() == who => Some(*outcome),
        _ => None,
    })
}

fn ring_changes(house: &mut House, by: &str, who: &str) -> Vec<Change> {
    let id = CallId::parse("once").expect("an id");
    let asked = (&id, Purpose::Anew, &[post(who)][..]);
    house.board.ring(&chamber(by), asked, &house.seats, at(1)).expect("it may ring")
}

#[test]
fn only_the_callee_consents_and_only_while_it_rings() {
    let mut house = House::new();
    let id = house.rings(CS, &[HEALTH], 0).unwrap();
    assert!(house.is_inside(CS, &id), "whoever rings has agreed to be seen");
    assert!(!house.is_inside(HEALTH, &id));
    assert_eq!(house.accepts(CS, &id), Err(CallError::Passed));
    assert_eq!(house.accepts(HOME, &id), Err(CallError::NotYours));
    house.accepts(HEALTH, &id).unwrap();
    assert!(house.is_inside(HEALTH, &id));
    assert_eq!(house.accepts(HEALTH, &id), Err(CallError::Passed));
    house.board.hang_up(&chamber(CS), &id, at(6)).unwrap();
    assert_eq!(house.board.call(&id), None, "consent ends with the call");
    assert_eq!(house.accepts(HEALTH, &id), Err(CallError::NotYours), "an accept said again opens nothing");
}

#[test]
fn a_ring_is_missed_after_thirty_seconds_and_cancelled_when_the_caller_is_cut_off() {
    let mut house = House::new();
    house.rings(CS, &[HEALTH], 0).unwrap();
    assert!(house.board.pass(at(29)).is_empty());
    let changes = house.board.pass(at(30));
    assert_eq!(outcome(&changes, HEALTH), Some(Outcome::Missed));
    assert!(matches!(changes.last(), Some(Change::Over(_))));
    house.rings(CS, &[HEALTH], 40).unwrap();
    assert!(
        house.board.lose(&post(HEALTH), Device::Chamber, at(41)).is_empty(),
        "a callee goes on being rung"
    );
    let changes = house.board.lose(&post(CS), Device::Chamber, at(42));
    assert_eq!(outcome(&changes, HEALTH), Some(Outcome::Cancelled));
}

#[test]
fn a_cut_off_side_has_ten_seconds_to_come_back() {
    let mut house = House::new();
    let id = house.talk(CS);
    house.board.lose(&post(HEALTH), Device::Chamber, at(10));
    assert!(house.board.pass(at(19)).is_empty());
    house.board.come_back(&post(HEALTH), Device::Chamber);
    assert!(house.board.pass(at(60)).is_empty());
    house.board.lose(&post(CS), Device::Chamber, at(100));
    house.board.lose(&post(CS), Device::Chamber, at(105));
    let changes = house.board.pass(at(110));
    assert_eq!(outcome(&changes, CS), Some(Outcome::Lost), "a second loss does not restart the time");
    assert_eq!(outcome(&changes, HEALTH), Some(Outcome::Ended));
    assert_eq!(house.board.call(&id), None);
}

#[test]
fn nobody_is_there_or_somebody_talks() {
    let mut house = House::new();
    assert_eq!(outcome(&ring_changes(&mut house, CS, VACANT), VACANT), Some(Outcome::Unavailable));
    house.seats.cold.insert(post(HOME));
    assert_eq!(outcome(&ring_changes(&mut house, CS, HOME), HOME), Some(Outcome::Unavailable));
    house.seats.cold.clear();
    let talk = house.talk(HOME);
    assert_eq!(
        outcome(&ring_changes(&mut house, DC, HEALTH), HEALTH),
        None,
        "above both: it rings in their call"
    );
    house.board.hang_up(&chamber(HOME), &talk, at(7)).unwrap();
    house.seats.in_meeting.insert(post(HOME));
    assert_eq!(outcome(&ring_changes(&mut house, WELFARE, HOME), HOME), Some(Outcome::Busy));
}

#[test]
fn who_holds_two_posts_talks_at_one() {
    let mut house = House::new();
    let talk = house.talk(HOME);
    assert_eq!(house.rings(HOME, &[WELFARE], 6), Err(RingRefused::InCall));
    assert_eq!(
        outcome(&ring_changes(&mut house, CS, WELFARE), WELFARE),
        None,
        "precedence breaks in there, too"
    );
    let id = CallId::parse("once").unwrap();
    house.accepts(WELFARE, &id).unwrap();
    assert!(house.is_held(HEALTH, &talk) && house.is_inside(WELFARE, &id));
    let back = house.board.resume(&chamber(HEALTH), &talk, at(8));
    assert_eq!(back, Err(CallError::Passed), "not while he talks at the other");
    house.board.hang_up(&chamber(WELFARE), &id, at(9)).unwrap();
    house.board.resume(&chamber(HEALTH), &talk, at(10)).unwrap();
    assert!(house.is_inside(HEALTH, &talk));
}

#[test]
fn a_ring_of_precedence_is_heard_in_a_call_and_what_it_interrupts_is_held() {
    let mut house = House::new();
    let talk = house.talk(HOME);
    let above = house.rings(CS, &[HEALTH], 6).unwrap();
    assert!(house.is_inside(HEALTH, &talk), "nothing is cut by a ring");
    let changes = house.accepts(HEALTH, &above).unwrap();
    assert!(changes.contains(&Change::Held(talk.clone(), post(HEALTH))));
    assert!(house.is_held(HEALTH, &talk) && house.is_inside(HOME, &talk) && house.is_inside(HEALTH, &above));
    house.board.hang_up(&chamber(CS), &above, at(20)).unwrap();
    assert!(house.is_held(HEALTH, &talk), "nobody is shown again without an act of his own");
    house.board.resume(&chamber(HEALTH), &talk, at(21)).unwrap();
    assert!(house.is_inside(HEALTH, &talk));
}

#[test]
fn who_is_held_too_long_is_let_go() {
    let mut house = House::new();
    let talk = house.talk(HOME);
    let above = house.rings(CS, &[HEALTH], 6).unwrap();
    house.accepts(HEALTH, &above).unwrap();
    assert!(house.board.pass(at(604)).is_empty());
    let changes = house.board.pass(at(605));
    assert_eq!(outcome(&changes, HOME), Some(Outcome::Ended));
    assert!(house.board.call(&talk).is_none() && house.is_inside(HEALTH, &above));
}

#[test]
fn of_several_each_answers_for_himself() {
    let mut house = House::new();
    let id = house.rings(CS, &[HEALTH, HOME, DC], 0).unwrap();
    house.accepts(HOME, &id).unwrap();
    house.board.decline(&post(DC), (&id, DeclineReason::Busy), at(6)).unwrap();
    assert!(house.is_inside(HOME, &id) && !house.is_inside(HEALTH, &id));
    house.board.hang_up(&chamber(CS), &id, at(7)).unwrap();
    assert!(house.is_inside(HOME, &id), "the call goes on while somebody is still rung");
    house.board.cancel(&chamber(HOME), (&id, &post(HEALTH)), at(8)).unwrap();
    assert_eq!(house.board.call(&id), None);
}

#[test]
fn somebody_is_added_and_a_call_is_handed_over() {
    let mut house = House::new();
    let id = house.talk(CS);
    assert_eq!(house.adds(HOME, (&id, Purpose::Join), DC), Err(RingRefused::NotYours));
    house.adds(HEALTH, (&id, Purpose::Join), HOME).unwrap();
    house.accepts(HOME, &id).unwrap();
    assert_eq!(house.board.call(&id).unwrap().inside().count(), 3);
    house.adds(CS, (&id, Purpose::HandOver), DC).unwrap();
    assert!(house.is_inside(CS, &id), "until it is taken");
    let changes = house.accepts(DC, &id).unwrap();
    assert_eq!(outcome(&changes, CS), Some(Outcome::HandedOver));
    assert!(house.is_inside(DC, &id) && house.is_inside(HEALTH, &id));
    assert_eq!(
        house.adds(CS, (&id, Purpose::Join), HOME),
        Err(RingRefused::NotYours),
        "who is out adds nobody"
    );
}

#[test]
fn a_call_has_room_for_so_many() {
    let mut house = House::new();
    let posts = [DC, HEALTH, HOME, WELFARE, VACANT];
    assert_eq!(house.rings(CS, &posts, 0), Err(RingRefused::TooMany));
    assert_eq!(house.rings(CS, &[], 0), Err(RingRefused::TooMany));
    assert!(house.rings(CS, &posts[..4], 0).is_ok());
}

#[test]
fn a_call_goes_from_the_chamber_to_the_telephone_without_a_gap() {
    let mut house = House::new();
    let id = house.talk(CS);
    let phone = place(HEALTH, Device::Phone);
    house.board.take(&phone, &id, at(6)).unwrap();
    let open = |house: &House| {
        let call = house.board.call(&id).unwrap();
        call.consents(&post(HEALTH)).map(|consent| consent.place().device).collect::<Vec<_>>()
    };
    assert_eq!(open(&house), [Device::Phone, Device::Chamber]);
    assert!(house.board.arrived(&post(HEALTH), Device::Phone).is_some());
    assert_eq!(open(&house), [Device::Phone]);
    house.board.lose(&post(HEALTH), Device::Chamber, at(7));
    assert!(house.board.pass(at(60)).is_empty(), "the chamber is no longer asked");
    house.board.take(&chamber(HEALTH), &id, at(61)).unwrap();
    house.board.lose(&post(HEALTH), Device::Phone, at(61));
    assert_eq!(open(&house), [Device::Chamber], "a device that is cut off is not kept open beside");
    house.board.take(&phone, &id, at(61)).unwrap();
    house.board.arrived(&post(HEALTH), Device::Phone);
    house.board.take(&chamber(HEALTH), &id, at(61)).unwrap();
    assert_eq!(house.board.pass(at(63)), [Change::Arrived(id.clone(), post(HEALTH))]);
    assert_eq!(open(&house), [Device::Chamber], "the telephone is not kept open for ever");
}

#[test]
fn in_two_minutes_is_two_minutes() {
    let mut house = House::new();
    let id = house.rings(CS, &[HEALTH], 0).unwrap();
    house.board.decline(&post(HEALTH), (&id, DeclineReason::Later), at(5)).unwrap();
    assert!(house.board.pass(at(124)).is_empty());
    let due = Change::Due { post: post(HEALTH), to: post(CS) };
    assert_eq!(house.board.pass(at(125)), [due]);
    let id = house.rings(CS, &[HEALTH], 200).unwrap();
    house.board.decline(&post(HEALTH), (&id, DeclineReason::Later), at(205)).unwrap();
    let id = house.rings(HEALTH, &[CS], 210).unwrap();
    house.accepts(CS, &id).unwrap();
    house.board.hang_up(&chamber(CS), &id, at(220)).unwrap();
    assert!(house.board.pass(at(400)).is_empty(), "they have talked");
}

#[test]
fn nobody_rings_himself_at_another_post() {
    let mut house = House::new();
    assert_eq!(house.rings(HEALTH, &[WELFARE], 0), Err(RingRefused::NotAllowed));
}

#[test]
fn whoever_takes_a_call_at_one_post_leaves_that_of_the_other() {
    let mut house = House::new();
    let id = house.talk(CS);
    // Somebody else who holds the post as well talks there; whoever holds both talks at the other.
    let other = Place { person: PersonId::parse("person-else").unwrap(), ..chamber(HEALTH) };
    house.board.relieve(&post(HEALTH), (Device::Chamber, None), at(6));
    assert_eq!(house.board.call(&id), None, "a consent ends with its person");
    let id = house.rings(CS, &[HEALTH], 7).unwrap();
    house.board.accept(&other, &id, at(8)).unwrap();
    let home = house.rings(HOME, &[WELFARE], 9).unwrap();
    house.accepts(WELFARE, &home).unwrap();
    house.board.take(&place(HEALTH, Device::Phone), &id, at(10)).unwrap();
    assert!(house.is_inside(HEALTH, &id) && house.is_held(WELFARE, &home));
}

#[test]
fn another_device_or_person_of_a_seat_ends_nobodys_call() {
    let mut house = House::new();
    let id = house.talk(CS);
    let elsewhere = place(HEALTH, Device::Phone);
    assert_eq!(house.board.hang_up(&elsewhere, &id, at(6)), Err(CallError::NotYours));
    assert!(
        house.board.relieve(&post(HEALTH), (Device::Chamber, Some(&person_of(HEALTH))), at(6)).is_empty()
    );
    assert!(house.is_inside(HEALTH, &id));
}

#[test]
fn whoever_waits_for_one_who_is_held_may_be_cut_off_for_a_moment() {
    let mut house = House::new();
    let talk = house.talk(HOME);
    let above = house.rings(CS, &[HEALTH], 6).unwrap();
    house.accepts(HEALTH, &above).unwrap();
    assert!(house.board.lose(&post(HOME), Device::Chamber, at(7)).is_empty());
    house.board.come_back(&post(HOME), Device::Chamber);
    assert!(house.is_inside(HOME, &talk) && house.is_held(HEALTH, &talk));
}

#[test]
fn a_seat_that_changes_hands_is_out_of_everything() {
    let mut house = House::new();
    let id = house.talk(CS);
    house.board.unseat(&post(HEALTH), at(6));
    assert_eq!(house.board.call(&id), None);
    let id = house.rings(CS, &[HEALTH], 7).unwrap();
    let changes = house.board.unseat(&post(HEALTH), at(8));
    assert_eq!(outcome(&changes, HEALTH), Some(Outcome::Unavailable));
    assert_eq!(house.board.call(&id), None);
}

/// Whatever can be said or happen, to any call, by anybody.
#[derive(Debug, Clone)]
enum Move {
    Ring(Vec<usize>),
    Add(Purpose, usize),
    Accept,
    Decline(DeclineReason),
    Cancel(usize),
    HangUp,
    Resume,
    Take,
    Arrived,
    Lose,
    Back,
    Unseat,
    Meeting,
    Wait(i64),
}

fn any_move() -> impl Strategy<Value = Move> {
    let who = 0..POSTS.len();
    let purpose = prop_oneof![Just(Purpose::Join), Just(Purpose::HandOver)];
    let reason = prop::sample::select(DeclineReason::ALL);
    prop_oneof![
        4 => prop::collection::vec(who.clone(), 1..4).prop_map(Move::Ring),
        2 => (purpose, who.clone()).prop_map(|(purpose, who)| Move::Add(purpose, who)),
        8 => Just(Move::Accept),
        1 => reason.prop_map(Move::Decline),
        1 => who.prop_map(Move::Cancel),
        2 => Just(Move::HangUp),
        2 => Just(Move::Resume),
        2 => Just(Move::Take),
        1 => Just(Move::Arrived),
        1 => Just(Move::Lose),
        1 => Just(Move::Back),
        1 => Just(Move::Unseat),
        1 => Just(Move::Meeting),
        1 => (1..40i64).prop_map(Move::Wait),
    ]
}

/// Who has agreed to what by an act of his own: kept beside the switchboard, by other means.
type Agreed = BTreeSet<(CallId, PostId, Device)>;

/// Does one move; whoever acts by it and is not refused has agreed to be seen at his device.
fn act(house: &mut House, (by, call): (&Place, &CallId), one: Move, now: i64) {
    let (post, device, when) = (&by.post, by.device, at(now));
    let (board, agreed) = (&mut house.board, &mut house.agreed);
    let named = |n: &usize| PostId::parse(POSTS[*n]).expect("an id");
    let mut agrees = |call: &CallId, done: bool| {
        if done {
            agreed.insert((call.clone(), post.clone(), device));
        }
    };
    match one {
        Move::Ring(posts) => {
            house.made += 1;
            let id = CallId::parse(&format!("c{}", house.made)).expect("an id");
            let posts: Vec<PostId> = posts.iter().map(named).collect();
            let done = board.ring(by, (&id, Purpose::Anew, &posts), &house.seats, when);
            agrees(&id, done.is_ok());
        }
        Move::Add(purpose, who) => drop(board.ring(by, (call, purpose, &[named(&who)]), &house.seats, when)),
        Move::Accept => agrees(call, board.accept(by, call, when).is_ok()),
        Move::Resume => agrees(call, board.resume(by, call, when).is_ok()),
        Move::Take => agrees(call, board.take(by, call, when).is_ok()),
        Move::Decline(why) => drop(board.decline(post, (call, why), when)),
        Move::Cancel(who) => drop(board.cancel(by, (call, &named(&who)), when)),
        Move::HangUp => drop(board.hang_up(by, call, when)),
        Move::Arrived => drop(board.arrived(post, device)),
        Move::Lose => drop(board.lose(post, device, when)),
        Move::Back => board.come_back(post, device),
        Move::Unseat => drop(board.unseat(post, when)),
        Move::Meeting => {
            if !house.seats.in_meeting.remove(post) {
                house.seats.in_meeting.insert(post.clone());
            }
        }
        Move::Wait(_) => drop(board.pass(when)),
    }
}

/// What must hold between any two moves.
fn holds(board: &Switchboard, agreed: &mut Agreed) -> Result<(), TestCaseError> {
    let mut persons = BTreeSet::new();
    for call in board.calls() {
        let live = call.parts().keys().filter(|post| call.part(post).is_some()).count();
        prop_assert!(live >= 2 && call.inside().next().is_some(), "nobody is with nobody: {call:?}");
        for post in call.inside() {
            let consent = call.consent(post).expect("who is inside has agreed");
            prop_assert!(persons.insert(consent.place().person.clone()), "somebody is in two calls");
            for consent in call.consents(post) {
                prop_assert_eq!((consent.call(), &consent.place().post), (call.id(), post));
                let said = (call.id().clone(), post.clone(), consent.place().device);
                prop_assert!(agreed.contains(&said), "nobody said so: {said:?}");
            }
        }
    }
    for name in POSTS {
        let post = post(name);
        let held = board.of(&post).filter(|(_, part)| matches!(part, Part::Held { .. })).count();
        let inside = board.of(&post).filter(|(_, part)| matches!(part, Part::Inside { .. })).count();
        prop_assert!(held <= 1 && inside <= 1);
    }
    // Whoever is not inside with this device has to agree anew.
    agreed.retain(|(call, post, device)| {
        let open = board.call(call).map(|call| call.consents(post).any(|c| c.place().device == *device));
        open.unwrap_or(false)
    });
    Ok(())
}

proptest! {
    #[test]
    fn no_order_of_acts_shows_anybody_who_did_not_agree_or_leaves_a_seat_in_a_wrong_state(
        moves in prop::collection::vec((0..POSTS.len(), 0..2usize, 0..4u32, any_move()), 1..80),
    ) {
        let mut house = House::new();
        let mut now = 0;
        for (who, device, back, one) in moves {
            // Mostly one of the last calls; sometimes one that is long over or was never there.
            let call = CallId::parse(&format!("c{}", house.made.saturating_sub(back))).expect("an id");
            if let Move::Wait(seconds) = one { now += seconds }
            let by = place(POSTS[who], DEVICES[device]);
            act(&mut house, (&by, &call), one, now);
            holds(&house.board, &mut house.agreed)?;
        }
        for name in POSTS {
            for device in DEVICES { house.board.lose(&post(name), device, at(now)); }
        }
        house.board.pass(at(now + 30));
        house.board.pass(at(now + 700));
        prop_assert_eq!(house.board.calls().count(), 0, "what nobody is at does not stay");
    }
}
