//! ICE begun anew by a page: one question at a time, for the transport that is, and for nobody else's.

use media::IceName;
use signaling::value::Ufrag;

use super::super::turn::Restarter;
use super::*;

fn newer(name: &str) -> ClientMessage {
    ClientMessage::RestartIce { ufrag: Ufrag::try_from(name.to_owned()).unwrap() }
}

/// The question to the media plane, if one was put.
fn asked(outputs: &[Output]) -> Option<(Restarter, PeerId)> {
    let question = |o: &Output| match o {
        Output::RestartIce(who, peer, _) => Some((who.clone(), *peer)),
        _ => None,
    };
    outputs.iter().find_map(question)
}

fn ours() -> Option<IceName> {
    Some(IceName { ufrag: "oursours".to_owned(), password: "c2VjcmV0c2VjcmV0c2VjcmV0".to_owned() })
}

#[test]
fn a_page_that_begins_ice_anew_keeps_its_transport_and_its_ways() {
    let mut world = World::new();
    let (socket, peer) = world.sits_warm(CS);
    let (other, _) = world.sits_warm(HEALTH);
    let call = world.rings(socket, HEALTH);
    world.accepts(other, &call);
    let ways = world.open.clone();
    let (who, of) = asked(&world.says(socket, newer("theirs"))).unwrap();
    assert_eq!(of, peer);
    let outputs = world.step(Input::IceRestarted(who, "theirs".to_owned(), ours()));
    assert_eq!(outputs.len(), 1, "nothing but the answer: {outputs:?}");
    let Some(ServerMessage::IceRestarted { ufrag, .. }) = world.told(socket).last() else {
        panic!("answered")
    };
    assert_eq!(String::from(ufrag.clone()), "oursours");
    assert_eq!(world.open, ways);
    assert!(!world.told(other).iter().any(|m| m.kind() == "ice_restarted"));
}

#[test]
fn without_a_transport_there_is_nothing_to_begin_anew() {
    let mut world = World::new();
    for socket in [world.sits(CS), world.citizen_comes("a1")] {
        assert_eq!(asked(&world.says(socket, newer("theirs"))), None);
        assert_eq!(world.last_error(socket), Some(ErrorCode::ConnectFirst));
    }
}

#[test]
fn of_a_hundred_questions_one_is_open_and_the_next_waits_for_its_answer() {
    let mut world = World::new();
    let (socket, _) = world.sits_warm(CS);
    let (other, _) = world.sits_warm(HEALTH);
    let (who, _) = asked(&world.says(socket, newer("first"))).unwrap();
    for _ in 0..99 {
        assert_eq!(asked(&world.says(socket, newer("again"))), None);
        assert_eq!(world.last_error(socket), Some(ErrorCode::Overloaded));
    }
    assert!(asked(&world.says(other, newer("mine"))).is_some(), "nobody else is held back");
    world.step(Input::IceRestarted(who, "first".to_owned(), None));
    assert_eq!(world.last_error(socket), Some(ErrorCode::Overloaded), "the media plane had no room");
    assert!(asked(&world.says(socket, newer("later"))).is_some());
}

#[test]
fn an_answer_that_comes_too_late_is_told_to_nobody() {
    let mut world = World::new();
    let socket = world.citizen_comes("a1");
    world.connects(socket);
    let (gone, _) = asked(&world.says(socket, newer("first"))).unwrap();
    let again = world.citizen_comes("a1");
    let (replaced, _) = asked(&world.says(again, newer("second"))).unwrap();
    world.connects(again);
    for who in [gone, replaced] {
        let outputs = world.step(Input::IceRestarted(who, "late".to_owned(), ours()));
        assert_eq!(outputs, [], "the socket is replaced, or has another transport");
    }
    assert!(asked(&world.says(again, newer("third"))).is_some());
}
