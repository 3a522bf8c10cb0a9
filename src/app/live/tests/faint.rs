//! Lines too weak for a voice, and going on by telephone.

use super::*;
use media::PeerReport;

/// Officer and citizen inside, transports up, the citizen's microphone on.
fn talking() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    let officer = world.officer_comes();
    let citizen = world.citizen_comes("a1");
    let peers = (world.connects(officer), world.connects(citizen));
    let participant = world.name(citizen);
    world.says(officer, ClientMessage::Admit { participant });
    world.says(citizen, ClientMessage::SetTracks { microphone: true, camera: false });
    (world, (officer, peers.0), (citizen, peers.1))
}

fn line(n: u64, estimate_bps: u64) -> PeerReport {
    PeerReport {
        is_up: true,
        rtp_received: n * 50,
        estimate_bps,
        wanted_bps: 40_000,
        ..PeerReport::default()
    }
}

fn seconds(world: &mut World, count: u64, peers: impl Fn(u64) -> Vec<(PeerId, PeerReport)>) {
    for n in 1..=count {
        world.now += SignedDuration::from_secs(1);
        world.step(Input::Measured(Measured { peers: peers(n), busy: 0.1 }));
    }
}

/// What the officer was told of faint lines, newest last.
fn told(world: &World, socket: SocketId) -> Vec<usize> {
    let faint = |message: &ServerMessage| match message {
        ServerMessage::Faint { lines } => Some(lines.len()),
        _ => None,
    };
    world.told[&socket].iter().filter_map(faint).collect()
}

#[test]
fn a_line_below_24_kilobits_is_called_faint_after_ten_seconds_and_clear_when_it_has_room() {
    let (mut world, officer, citizen) = talking();
    let wide = |n| (officer.1, line(n, 900_000));
    seconds(&mut world, 10, |n| vec![wide(n), (citizen.1, line(n, 20_000))]);
    assert_eq!(told(&world, officer.0), Vec::<usize>::new(), "a jam of nine seconds passes by itself");
    seconds(&mut world, 1, |_| vec![wide(11), (citizen.1, line(11, 20_000))]);
    assert_eq!(told(&world, officer.0), [1]);
    seconds(&mut world, 5, |n| vec![wide(11 + n), (citizen.1, line(11 + n, 28_000))]);
    assert_eq!(told(&world, officer.0), [1], "between the bounds it stays as it was called");
    seconds(&mut world, 1, |_| vec![wide(17), (citizen.1, line(17, 40_000))]);
    assert_eq!(told(&world, officer.0), [1, 0]);
    assert_eq!(told(&world, citizen.0), Vec::<usize>::new(), "a citizen is told of nobody's line");
}

#[test]
fn thirty_seconds_of_silence_are_a_faint_line_but_not_those_of_somebody_who_chose_them() {
    let (mut world, officer, citizen) = talking();
    let mute = |_| vec![(officer.1, line(1, 900_000)), (citizen.1, line(7, 900_000))];
    seconds(&mut world, 30, mute);
    assert_eq!(told(&world, officer.0), Vec::<usize>::new());
    seconds(&mut world, 1, mute);
    assert_eq!(told(&world, officer.0), [1]);
    world.says(citizen.0, ClientMessage::SetTracks { microphone: false, camera: false });
    seconds(&mut world, 1, mute);
    assert_eq!(told(&world, officer.0), [1, 0]);
}

#[test]
fn whoever_is_lost_is_offered_the_telephone_and_whoever_left_is_not() {
    let (mut world, officer, citizen) = talking();
    let alone = |n| vec![(officer.1, line(n, 900_000))];
    world.step(Input::Media(Event::Down { peer: citizen.1, why: Down::Silent }));
    world.step(Input::Gone(citizen.0, Parting::Lost));
    seconds(&mut world, 31, alone);
    assert_eq!(told(&world, officer.0), [1]);
    let (mut world, officer, citizen) = talking();
    world.says(citizen.0, ClientMessage::Leave {});
    seconds(&mut world, 40, |n| vec![(officer.1, line(n, 900_000))]);
    assert_eq!(told(&world, officer.0), Vec::<usize>::new());
}

#[test]
fn whoever_is_called_back_is_told_once_now_and_again_when_they_return_and_keeps_the_place() {
    let (mut world, officer, citizen) = talking();
    let participant = world.name(citizen.0);
    let call = ClientMessage::CallBack { participant: participant.clone() };
    world.says(officer.0, call.clone());
    world.says(officer.0, call);
    let heard = |world: &World, socket: SocketId| {
        world.told[&socket].iter().filter(|message| **message == ServerMessage::CalledBack {}).count()
    };
    assert_eq!(heard(&world, citizen.0), 1);
    let written = world.acts.iter().filter(|act| matches!(act, Act::CalledBack { .. })).count();
    assert_eq!(written, 1, "pressed twice is called once");
    world.step(Input::Gone(citizen.0, Parting::Lost));
    let back = world.citizen_comes("a1");
    assert_eq!((world.name(back), heard(&world, back)), (participant, 1));
    assert!(world.told[&back].contains(&ServerMessage::Admitted { resume: None }));
}

#[test]
fn a_citizen_calls_nobody_back() {
    let (mut world, officer, citizen) = talking();
    let participant = world.name(officer.0);
    world.says(citizen.0, ClientMessage::CallBack { participant });
    assert!(!world.acts.iter().any(|act| matches!(act, Act::CalledBack { .. })));
    assert!(
        world.told[&citizen.0]
            .iter()
            .any(|message| matches!(message, ServerMessage::Error { code: ErrorCode::NotAllowed, .. }))
    );
}
