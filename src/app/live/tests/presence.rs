//! Scenes of who was present when: cut off, shut, left behind by a server that ended; as it is written down.
//!
//! Time is moved by hand.

use super::*;
use domain::meeting::{Deed, Evidence, Stretch};
use media::PeerReport;
use std::time::Duration;

impl World {
    /// A second passes, and each transport was heard so long ago.
    pub(super) fn second(&mut self, silent: &[(PeerId, u64)]) {
        self.now += SignedDuration::from_secs(1);
        let report = |(peer, seconds): &(PeerId, u64)| {
            let silent_for = Some(Duration::from_secs(*seconds));
            (*peer, PeerReport { is_up: true, silent_for, ..PeerReport::default() })
        };
        let peers = silent.iter().map(report).collect();
        self.step(Input::Measured(Measured { peers, busy: 0.0 }));
        self.step(Input::Tick);
    }

    /// What is written of a guest, in whole seconds: evidence, from, to.
    fn written(&self, guest: &Guest) -> Vec<(Evidence, i64, i64)> {
        let start = Timestamp::from_second(1_795_585_500).unwrap();
        let of = self.attended.iter().filter(|one| one.guest == *guest).flat_map(|one| one.stretches.clone());
        let mut rows: BTreeMap<Timestamp, Stretch> = BTreeMap::new();
        rows.extend(of.map(|stretch| (stretch.from, stretch)));
        let second = |at: Timestamp| at.duration_since(start).as_secs();
        rows.values().map(|one| (one.evidence, second(one.from), second(one.to))).collect()
    }
}

/// Officer and citizen inside, at second 0.
fn two() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    let officer = world.officer_comes();
    let officer = (officer, world.connects(officer));
    let citizen = world.citizen_comes("a1");
    let citizen = (citizen, world.connects(citizen));
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Admit { participant });
    (world, officer, citizen)
}

fn citizen_a1() -> Guest {
    Guest::Citizen(id("a1"))
}

#[test]
fn a_line_that_is_cut_is_a_network_loss_and_the_other_side_is_present() {
    let (mut world, officer, citizen) = two();
    (0..10).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    for silent in 1..=8 {
        world.second(&[(officer.1, 0), (citizen.1, silent)]);
    }
    (0..5).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.says(officer.0, ClientMessage::EndMeeting {});
    let rows = world.written(&citizen_a1());
    assert_eq!(
        rows,
        [(Evidence::Present, 0, 10), (Evidence::NetworkLoss, 10, 19), (Evidence::Present, 19, 23)]
    );
    assert_eq!(world.written(&Guest::Officer(id(HEALTH))), [(Evidence::Present, 0, 23)]);
}

#[test]
fn whoever_shuts_the_page_has_left_at_that_moment_though_the_transport_lives_on() {
    let (mut world, officer, citizen) = two();
    (0..10).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.step(Input::Gone(citizen.0, Parting::Shut));
    for silent in 1..=12 {
        world.second(&[(officer.1, 0), (citizen.1, silent)]);
    }
    let left = |act: &Act| matches!(act, Act::WentOut { why: domain::meeting::Departure::Left, .. });
    assert!(world.acts.iter().any(left), "and is no network loss in the audit chain either");
    world.says(officer.0, ClientMessage::EndMeeting {});
    assert_eq!(world.written(&citizen_a1()), [(Evidence::Present, 0, 10)]);
}

#[test]
fn a_page_that_is_loaded_anew_misses_that_moment_alone() {
    let (mut world, officer, citizen) = two();
    (0..4).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.step(Input::Gone(citizen.0, Parting::Shut));
    (1..=2).for_each(|silent| world.second(&[(officer.1, 0), (citizen.1, silent)]));
    let back = world.citizen_comes("a1");
    let peer = world.connects(back);
    (0..4).for_each(|_| world.second(&[(officer.1, 0), (peer, 0)]));
    world.says(officer.0, ClientMessage::EndMeeting {});
    assert_eq!(world.written(&citizen_a1()), [(Evidence::Present, 0, 4), (Evidence::Present, 6, 10)]);
}

#[test]
fn an_officer_who_was_called_away_is_not_present_meanwhile_and_the_chain_of_the_meeting_says_so() {
    let (mut world, officer, citizen) = two();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let goes_on = |world: &mut World, seconds: i64| {
        (0..seconds).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    };
    goes_on(&mut world, 4);
    let call = world.rings(cs.0, HEALTH);
    world.accepts(health.0, &call);
    goes_on(&mut world, 5);
    world.says(officer.0, ClientMessage::ComeBack {});
    world.says(cs.0, ClientMessage::HangUp { call });
    goes_on(&mut world, 1);
    world.says(officer.0, ClientMessage::ComeBack {});
    goes_on(&mut world, 3);
    world.says(officer.0, ClientMessage::EndMeeting {});
    let own = Guest::Officer(id(HEALTH));
    assert_eq!(world.written(&own), [(Evidence::Present, 0, 4), (Evidence::Present, 10, 13)]);
    assert_eq!(world.written(&citizen_a1()), [(Evidence::Present, 0, 13)], "the citizen waited all the time");
    let deeds: Vec<Deed> = world
        .acts
        .iter()
        .filter_map(|act| match act {
            Act::Conducted { guest, deed, .. } if *guest == own => Some(*deed),
            _ => None,
        })
        .collect();
    assert_eq!(deeds, [Deed::CalledAway, Deed::CameBack]);
    let refused = Act::CallRefused { post: id(HEALTH), about: "come_back", code: ErrorCode::InCallAlready };
    assert!(world.acts.contains(&refused), "what he may not yet is written down, too");
}

#[test]
fn a_socket_that_is_lost_alone_is_no_absence() {
    let (mut world, officer, citizen) = two();
    (0..3).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.step(Input::Gone(citizen.0, Parting::Lost));
    (0..5).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.citizen_comes("a1");
    (0..2).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    world.says(officer.0, ClientMessage::EndMeeting {});
    assert_eq!(world.written(&citizen_a1()), [(Evidence::Present, 0, 10)]);
}

#[test]
fn what_a_server_that_ended_has_missed_is_written_down_as_its_own() {
    let mut world = World::new();
    let seen = world.now;
    world.pass(7);
    let mut entry = in_meeting(head(HEALTH), Guest::Officer(id(HEALTH)), "Secretary, Health");
    let EntryPlace::Meeting(meeting) = &mut entry.place else { panic!("a meeting") };
    meeting.left_inside = vec![(Guest::Officer(id(HEALTH)), seen)];
    let officer = world.enter(entry);
    let peer = world.connects(officer);
    (0..3).for_each(|_| world.second(&[(peer, 0)]));
    world.says(officer, ClientMessage::EndMeeting {});
    let rows = world.written(&Guest::Officer(id(HEALTH)));
    assert_eq!(rows, [(Evidence::HouseFault, 0, 7), (Evidence::Present, 7, 10)]);
}

#[test]
fn what_lasts_is_written_down_each_second_while_few_are_inside_and_each_row_once() {
    let (mut world, officer, citizen) = two();
    (0..12).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    let times = world.attended.iter().filter(|one| one.guest == citizen_a1()).count();
    assert!((11..=12).contains(&times), "{times} times in twelve seconds");
    assert_eq!(world.written(&citizen_a1()).len(), 1);
}

#[test]
fn a_server_that_ends_in_order_writes_down_what_is_known_until_then() {
    let (mut world, officer, citizen) = two();
    (0..3).for_each(|_| world.second(&[(officer.1, 0), (citizen.1, 0)]));
    // Less than a write's interval later one goes on being heard, and the server ends.
    world.now += SignedDuration::from_millis(700);
    let report = PeerReport { is_up: true, silent_for: Some(Duration::ZERO), ..PeerReport::default() };
    world.step(Input::Measured(Measured { peers: vec![(citizen.1, report)], busy: 0.0 }));
    let before = world.attended.len();
    world.step(Input::Stop);
    let last: Vec<_> = world.attended[before..].iter().filter(|one| one.guest == citizen_a1()).collect();
    assert_eq!(last.len(), 1);
    assert_eq!(last[0].stretches.last().unwrap().to, world.now);
}
