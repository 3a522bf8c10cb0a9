//! How good a talk was, from the media plane's counters and the page's word to what is kept.

use super::*;
use domain::quality::{Cause, Grade};
use media::PeerReport;

/// Officer and citizen inside; both transports up.
fn talking() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    let officer = world.officer_comes();
    let citizen = world.citizen_comes("a1");
    let peers = (world.connects(officer), world.connects(citizen));
    let participant = world.name(citizen);
    world.says(officer, ClientMessage::Admit { participant });
    (world, (officer, peers.0), (citizen, peers.1))
}

fn second(world: &mut World, peers: &[(PeerId, PeerReport)], busy: f64) {
    world.now += SignedDuration::from_secs(1);
    world.step(Input::Measured(Measured { peers: peers.to_vec(), busy }));
}

fn good(n: u64) -> PeerReport {
    PeerReport {
        is_up: true,
        rtp_received: n * 80,
        bytes_received: n * 100_000,
        bytes_sent: n * 50_000,
        round_trip: Some(std::time::Duration::from_millis(30)),
        ..PeerReport::default()
    }
}

#[test]
fn a_stay_is_kept_at_its_end_with_its_rates() {
    let (mut world, officer, citizen) = talking();
    for n in 0..30 {
        second(&mut world, &[(officer.1, good(n)), (citizen.1, good(n))], 0.1);
    }
    world.says(citizen.0, ClientMessage::Leave {});
    let [stay] = &world.stays[..] else { panic!("one stay: {:?}", world.stays) };
    assert_eq!(stay.guest, Guest::Citizen(id("a1")));
    let [stretch] = &stay.stretches[..] else { panic!("one stretch") };
    assert_eq!((stretch.score.grade(), stretch.cause), (Grade::Good, None));
    assert_eq!((stretch.up_bps, stretch.down_bps), (800_000, 400_000));
    world.says(officer.0, ClientMessage::EndMeeting {});
    assert_eq!(world.stays.len(), 2, "the end of the meeting ends the officer's stay");
}

#[test]
fn whoever_has_a_bad_line_is_told_from_those_who_only_hear_it() {
    let (mut world, officer, citizen) = talking();
    let saw = |missing| {
        let text = format!(
            r#"{{"type":"quality","pictures":0,"frames_per_second":0,"lines":0,"freezes":0,"frozen_ms":0,"sound_delay_ms":60,"sound_missing_permille":{missing},"sent_frames_per_second":0,"limitation":"none"}}"#
        );
        signaling::read_client(&text).unwrap()
    };
    for n in 0..30 {
        let lossy = PeerReport { given_up: n * 20, lost_share: 40, ..good(n) };
        world.says(officer.0, saw(150));
        second(&mut world, &[(officer.1, good(n)), (citizen.1, lossy)], 0.1);
    }
    world.says(officer.0, ClientMessage::EndMeeting {});
    let cause = |guest: &Guest| {
        world.stays.iter().find(|stay| stay.guest == *guest).and_then(|stay| stay.stretches[0].cause)
    };
    assert_eq!(cause(&Guest::Citizen(id("a1"))), Some(Cause::Network));
    assert_eq!(cause(&Guest::Officer(id(HEALTH))), Some(Cause::Others));
}

#[test]
fn nobody_is_judged_in_the_lobby() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let peer = world.connects(citizen);
    for n in 0..5 {
        second(&mut world, &[(peer, good(n))], 0.0);
    }
    world.says(citizen, ClientMessage::Leave {});
    assert!(world.stays.is_empty());
}
