//! The rules of sealed calls as tests. That no order of acts opens one or takes a third in is in `switchboard_tests.rs`.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::*;
use crate::hotline::{Call, Device, Facts, Purpose, Spans, Terms};
use crate::id::PersonId;
use crate::office::RoleKey;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

const CS: &str = "cs";
const HEALTH: &str = "sec-hlt";
const HOME: &str = "sec-hom";

fn post(name: &str) -> PostId {
    PostId::parse(name).unwrap()
}

fn at(name: &str, device: Device) -> Place {
    Place { post: post(name), device, person: PersonId::parse(&format!("person-{name}")).unwrap() }
}

fn chamber(name: &str) -> Place {
    at(name, Device::Chamber)
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_585_500).unwrap()
}

/// All seats are warm; the pages at these cannot seal.
#[derive(Default)]
struct Seats {
    old: BTreeSet<(PostId, Device)>,
    lets_in: bool,
}

impl Office for Seats {
    fn facts(&self, post: &PostId) -> Option<Facts> {
        let part = if post.as_str() == CS { RoleKey::ChiefSecretary } else { RoleKey::DepartmentHead };
        let holders = vec![chamber(post.as_str()).person];
        Some(Facts { part, holders, warm: true, in_meeting: false })
    }

    fn seals(&self, post: &PostId, device: Option<Device>) -> bool {
        let can = |device: Device| !self.old.contains(&(post.clone(), device));
        device.map_or_else(|| can(Device::Chamber) || can(Device::Phone), can)
    }

    fn answers_by_itself(&self, post: &PostId, _: &PostId, _: Timestamp) -> Option<Place> {
        self.lets_in.then(|| chamber(post.as_str()))
    }
}

#[derive(Default)]
struct House {
    seats: Seats,
    board: Option<Switchboard>,
}

impl House {
    fn board(&mut self) -> &mut Switchboard {
        let seconds = SignedDuration::from_secs;
        let spans = Spans { ring: seconds(30), back: seconds(10), hold: seconds(600), moves: seconds(2) };
        let (later, countdown, ring_back) = (seconds(120), seconds(5), seconds(3_600));
        self.board.get_or_insert_with(|| {
            Switchboard::new(Terms { spans, later, countdown, ring_back, seats_max: 5 })
        })
    }

    fn rings(&mut self, purpose: Purpose, posts: &[&str]) -> Result<(CallId, Vec<Change>), RingRefused> {
        let id = CallId::parse("c1").unwrap();
        let posts: Vec<PostId> = posts.iter().map(|name| post(name)).collect();
        self.board();
        let board = self.board.as_mut().unwrap();
        let changes = board.ring(&chamber(CS), (&id, purpose, &posts), &self.seats, now())?;
        Ok((id, changes))
    }

    fn talk(&mut self, purpose: Purpose) -> CallId {
        let (id, _) = self.rings(purpose, &[HEALTH]).unwrap();
        self.board().accept(&chamber(HEALTH), &id, now()).unwrap();
        id
    }

    fn seals(&mut self, by: &Place, id: &CallId) -> Result<Vec<Change>, CallError> {
        self.board.as_mut().unwrap().seal(by, id, &self.seats)
    }

    fn call(&mut self, id: &CallId) -> &Call {
        self.board().call(id).unwrap()
    }

    fn joins(&mut self, id: &CallId, purpose: Purpose) -> Result<Vec<Change>, RingRefused> {
        let board = self.board.as_mut().unwrap();
        board.ring(&chamber(CS), (id, purpose, &[post(HOME)]), &self.seats, now())
    }
}

fn sealed_of(changes: &[Change]) -> Vec<&str> {
    let posts = changes.iter().filter_map(|change| match change {
        Change::Sealed(_, post) => Some(post.as_str()),
        _ => None,
    });
    posts.collect()
}

#[test]
fn a_call_is_rung_as_sealed_or_made_so_by_either_of_two_and_never_opens_again() {
    let mut house = House::default();
    let (id, changes) = house.rings(Purpose::Sealed, &[HEALTH]).unwrap();
    assert_eq!(sealed_of(&changes), [CS, HEALTH], "each of them reads it in his ledger");
    house.board().accept(&chamber(HEALTH), &id, now()).unwrap();
    assert_eq!(house.call(&id).class(), Class::Sealed);
    for by in [CS, HEALTH] {
        let mut house = House::default();
        let id = house.talk(Purpose::Anew);
        assert_eq!(house.call(&id).class(), Class::Open);
        assert_eq!(sealed_of(&house.seals(&chamber(by), &id).unwrap()), [CS, HEALTH]);
        assert_eq!(house.seals(&chamber(CS), &id), Ok(Vec::new()), "said again it changes nothing");
        assert_eq!(house.call(&id).class(), Class::Sealed);
    }
}

#[test]
fn a_sealed_call_takes_nobody_in_is_not_handed_over_and_stays_at_its_devices() {
    let mut house = House::default();
    let id = house.talk(Purpose::Sealed);
    for purpose in [Purpose::Join, Purpose::HandOver] {
        assert_eq!(house.joins(&id, purpose), Err(RingRefused::Sealed));
    }
    let phone = at(HEALTH, Device::Phone);
    assert_eq!(house.board().take(&phone, &id, now()), Err(CallError::Sealed));
    assert_eq!(house.call(&id).parts().len(), 2);
    assert_eq!(house.rings(Purpose::Sealed, &[HEALTH, HOME]).err(), Some(RingRefused::InCall));
    let mut house = House::default();
    assert_eq!(house.rings(Purpose::Sealed, &[HEALTH, HOME]).err(), Some(RingRefused::TooMany));
}

#[test]
fn whoever_was_in_the_call_before_does_not_come_back_into_it() {
    let mut house = House::default();
    let (id, _) = house.rings(Purpose::Anew, &[HEALTH, HOME]).unwrap();
    for name in [HEALTH, HOME] {
        house.board().accept(&chamber(name), &id, now()).unwrap();
    }
    assert_eq!(house.seals(&chamber(CS), &id), Err(CallError::Passed), "three are in it");
    house.board().hang_up(&chamber(HOME), &id, now()).unwrap();
    house.seals(&chamber(CS), &id).unwrap();
    assert_eq!(house.board().come_in(&chamber(HOME), &id, now()), Err(CallError::Sealed));
}

#[test]
fn only_two_who_are_both_inside_at_one_device_each_seal_their_call() {
    let mut house = House::default();
    let (id, _) = house.rings(Purpose::Anew, &[HEALTH]).unwrap();
    assert_eq!(house.seals(&chamber(CS), &id), Err(CallError::Passed), "it only rings");
    assert_eq!(house.seals(&chamber(HEALTH), &id), Err(CallError::Passed), "who is rung is not inside");
    house.board().accept(&chamber(HEALTH), &id, now()).unwrap();
    assert_eq!(house.seals(&chamber(HOME), &id), Err(CallError::NotYours));
    assert_eq!(house.seals(&at(CS, Device::Phone), &id), Err(CallError::NotYours), "not from another device");
    house.board().take(&at(HEALTH, Device::Phone), &id, now()).unwrap();
    assert_eq!(house.seals(&chamber(CS), &id), Err(CallError::Passed), "he is at two devices for a moment");
    house.board().arrived(&post(HEALTH), Device::Phone);
    house.seals(&chamber(CS), &id).unwrap();
}

#[test]
fn a_page_that_cannot_seal_is_no_part_of_a_sealed_call() {
    let mut house = House::default();
    house.seats.old.insert((post(HEALTH), Device::Chamber));
    let id = house.talk(Purpose::Anew);
    assert_eq!(house.seals(&chamber(CS), &id), Err(CallError::CannotSeal));
    assert_eq!(house.call(&id).class(), Class::Open, "and says so");
    let mut house = House::default();
    house.seats.old.insert((post(HEALTH), Device::Chamber));
    assert!(house.rings(Purpose::Sealed, &[HEALTH]).is_ok(), "his telephone can");
    for (who, device) in [(HEALTH, Device::Phone), (CS, Device::Chamber)] {
        let mut house = House::default();
        house.seats.old.insert((post(who), device));
        house.seats.old.insert((post(who), Device::Chamber));
        assert_eq!(house.rings(Purpose::Sealed, &[HEALTH]).err(), Some(RingRefused::CannotSeal));
        assert_eq!(house.board().calls().count(), 0, "nobody is rung");
    }
}

#[test]
fn a_sealed_ring_is_never_answered_by_itself() {
    let mut house = House::default();
    house.seats.lets_in = true;
    let (id, _) = house.rings(Purpose::Anew, &[HEALTH]).unwrap();
    assert!(house.call(&id).countdown(&post(HEALTH)).is_some());
    house.board().hang_up(&chamber(CS), &id, now()).unwrap();
    let (id, _) = house.rings(Purpose::Sealed, &[HEALTH]).unwrap();
    assert!(house.call(&id).countdown(&post(HEALTH)).is_none());
}

#[test]
fn a_ring_of_precedence_holds_a_sealed_call_which_is_sealed_still_when_it_goes_on() {
    let mut house = House::default();
    let seats = Seats::default();
    let talk = CallId::parse("c1").unwrap();
    let asked = (&talk, Purpose::Sealed, &[post(HEALTH)][..]);
    house.board().ring(&chamber(HOME), asked, &seats, now()).unwrap();
    house.board().accept(&chamber(HEALTH), &talk, now()).unwrap();
    let above = CallId::parse("c2").unwrap();
    let asked = (&above, Purpose::Anew, &[post(HEALTH)][..]);
    house.board().ring(&chamber(CS), asked, &seats, now()).unwrap();
    house.board().accept(&chamber(HEALTH), &above, now()).unwrap();
    assert!(matches!(house.call(&talk).part(&post(HEALTH)), Some(Part::Held { .. })));
    assert!(house.call(&talk).part(&post(CS)).is_none(), "who broke in is no part of it");
    assert_eq!(house.call(&above).class(), Class::Open);
    house.board().hang_up(&chamber(CS), &above, now()).unwrap();
    house.board().resume(&chamber(HEALTH), &talk, now()).unwrap();
    assert_eq!(house.call(&talk).class(), Class::Sealed);
}
