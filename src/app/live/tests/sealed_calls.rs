//! Scenes of sealed calls: who may make one, what goes in it to whom, and what is refused.
//!
//! Time is moved by hand; what pages do with keys is proved in real browsers.

use super::*;
use domain::hotline::Change;
use signaling::value::{DeclineReason, SealNote};

fn note() -> SealNote {
    SealNote::try_from("eyJraW5kIjoiYXNrIn0".to_owned()).unwrap()
}

fn wired(post: &str) -> Id {
    Id::parse(post).unwrap()
}

impl World {
    /// A seat at a page that can seal.
    fn sits_able(&mut self, post: &str) -> (SocketId, PeerId) {
        let seat = self.sits_warm(post);
        self.says(seat.0, ClientMessage::CanSeal {});
        seat
    }

    fn rings_sealed(&mut self, from: SocketId, post: &str) -> Option<Id> {
        self.says(from, ClientMessage::RingSealed { post: wired(post) });
        self.told(from).iter().rev().find_map(|message| match message {
            ServerMessage::Call { call, sealed: true, .. } => Some(call.clone()),
            _ => None,
        })
    }

    fn notes_of(&self, socket: SocketId) -> Vec<Id> {
        let from = |message: &ServerMessage| match message {
            ServerMessage::Seal { participant, .. } => Some(participant.clone()),
            _ => None,
        };
        self.told(socket).iter().filter_map(from).collect()
    }

    fn passes_to(&mut self, from: SocketId, post: &str) {
        self.says(from, ClientMessage::Seal { participant: wired(post), note: note() });
    }

    /// Is this call, as it was told last, sealed?
    fn is_call_sealed(&self, socket: SocketId) -> bool {
        let last = |message: &ServerMessage| match message {
            ServerMessage::Call { sealed, .. } => Some(*sealed),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(last).unwrap()
    }
}

fn sealed_talk() -> (World, (SocketId, PeerId), (SocketId, PeerId), Id) {
    let mut world = World::new();
    let (caller, callee) = (world.sits_able(CS), world.sits_able(HEALTH));
    let call = world.rings_sealed(caller.0, HEALTH).unwrap();
    world.accepts(callee.0, &call);
    (world, caller, callee, call)
}

#[test]
fn of_a_sealed_call_nothing_is_seen_before_both_are_inside_and_both_are_told() {
    let mut world = World::new();
    let (caller, callee) = (world.sits_able(CS), world.sits_able(HEALTH));
    let call = world.rings_sealed(caller.0, HEALTH).unwrap();
    let rung = |message: &ServerMessage| matches!(message, ServerMessage::Incoming { sealed: true, .. });
    assert!(world.told(callee.0).iter().any(rung));
    assert!(world.open.is_empty(), "there are no keys yet: not even the caller is seen");
    world.accepts(callee.0, &call);
    assert!(world.is_open(caller.1, callee.1) && world.is_open(callee.1, caller.1));
    assert!(world.is_call_sealed(caller.0) && world.is_call_sealed(callee.0));
    let lines = world.acts.iter().filter_map(|act| match act {
        Act::Call(change) => match &**change {
            Change::Sealed(_, post) => Some(post.as_str()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(lines.collect::<Vec<_>>(), [CS, HEALTH], "written down for each of them, once");
}

#[test]
fn either_of_two_seals_a_running_call_for_both_and_a_stranger_does_not() {
    let mut world = World::new();
    let (caller, callee, stranger) = (world.sits_able(CS), world.sits_able(HEALTH), world.sits_able(HOME));
    let call = world.rings(caller.0, HEALTH);
    world.says(caller.0, ClientMessage::SealCall { call: call.clone() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::CallPassed), "nobody is inside with him yet");
    world.accepts(callee.0, &call);
    world.says(stranger.0, ClientMessage::SealCall { call: call.clone() });
    assert_eq!(world.last_error(stranger.0), Some(ErrorCode::UnknownCall));
    assert!(!world.is_call_sealed(callee.0));
    world.says(callee.0, ClientMessage::SealCall { call: call.clone() });
    assert!(world.is_call_sealed(caller.0) && world.is_call_sealed(callee.0));
    let before = world.acts.len();
    world.says(caller.0, ClientMessage::SealCall { call });
    assert_eq!(world.acts.len(), before, "said again it changes nothing");
}

#[test]
fn a_page_that_has_not_said_that_it_can_seal_is_never_part_of_a_sealed_call() {
    let mut world = World::new();
    let (caller, callee) = (world.sits_able(CS), world.sits_warm(HEALTH));
    assert_eq!(world.rings_sealed(caller.0, HEALTH), None);
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::CannotSeal));
    assert!(!world.told(callee.0).iter().any(|message| message.kind() == "incoming"), "nobody is rung");
    let call = world.rings(caller.0, HEALTH);
    world.accepts(callee.0, &call);
    world.says(caller.0, ClientMessage::SealCall { call: call.clone() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::CannotSeal));
    assert!(!world.is_call_sealed(caller.0), "the open call stays what it says it is");
    world.says(caller.0, ClientMessage::HangUp { call });

    let phone = world.sits_at(HEALTH, Device::Phone);
    world.connects(phone);
    world.says(phone, ClientMessage::CanSeal {});
    let call = world.rings_sealed(caller.0, HEALTH).unwrap();
    world.accepts(callee.0, &call);
    assert_eq!(world.last_error(callee.0), Some(ErrorCode::CannotSeal), "only the telephone can take it");
    assert!(world.open.is_empty());
    world.accepts(phone, &call);
    assert!(world.is_call_sealed(phone));
}

#[test]
fn a_third_is_refused_by_name_whatever_is_tried() {
    let (mut world, caller, callee, call) = sealed_talk();
    let third = world.sits_able(HOME);
    let posts = wired(HOME);
    let phone = world.sits_at(HEALTH, Device::Phone);
    world.connects(phone);
    for (socket, message) in [
        (caller.0, ClientMessage::AddToCall { call: call.clone(), posts: posts.clone().into() }),
        (callee.0, ClientMessage::HandOver { call: call.clone(), post: posts }),
        (phone, ClientMessage::TakeCall { call: call.clone() }),
    ] {
        world.says(socket, message);
        assert_eq!(world.last_error(socket), Some(ErrorCode::CallSealed));
    }
    world.accepts(third.0, &call);
    assert_eq!(world.last_error(third.0), Some(ErrorCode::UnknownCall));
    assert_eq!(world.open.len(), 2, "between the two alone");
    let refused = |act: &&Act| matches!(act, Act::CallRefused { .. });
    assert_eq!(world.acts.iter().filter(refused).count(), 4, "each refusal is written down");
}

#[test]
fn a_note_about_keys_goes_between_the_two_of_a_sealed_call_and_nowhere_else() {
    let (mut world, caller, callee, call) = sealed_talk();
    let third = world.sits_able(HOME);
    let phone = world.sits_at(HEALTH, Device::Phone);
    world.passes_to(caller.0, HEALTH);
    assert_eq!(world.notes_of(callee.0), [wired(CS)], "it says from whom");
    assert!(world.notes_of(phone).is_empty(), "not to another device of that seat");
    for (from, to, why) in [
        (third.0, HEALTH, ErrorCode::UnknownCall),
        (phone, CS, ErrorCode::UnknownCall),
        (caller.0, HOME, ErrorCode::UnknownParticipant),
        (caller.0, CS, ErrorCode::UnknownParticipant),
        (caller.0, "nobody", ErrorCode::UnknownParticipant),
    ] {
        world.passes_to(from, to);
        assert_eq!(world.last_error(from), Some(why));
    }
    assert_eq!((world.notes_of(callee.0).len(), world.notes_of(caller.0).len()), (1, 0));
    world.says(caller.0, ClientMessage::HangUp { call });
    world.passes_to(caller.0, HEALTH);
    assert_eq!(
        world.last_error(caller.0),
        Some(ErrorCode::UnknownCall),
        "said again after the call it goes nowhere"
    );
    let open = world.rings(caller.0, HEALTH);
    world.accepts(callee.0, &open);
    world.passes_to(caller.0, HEALTH);
    assert_eq!(world.notes_of(callee.0).len(), 1, "an open call has no keys");
}

#[test]
fn a_page_that_is_loaded_anew_finds_its_call_sealed() {
    let (mut world, caller, callee, _) = sealed_talk();
    let again = world.sits_able(HEALTH).0;
    assert!(world.is_call_sealed(again));
    world.passes_to(again, CS);
    assert_eq!(world.notes_of(caller.0), [wired(HEALTH)]);
    world.passes_to(caller.0, HEALTH);
    assert_eq!((world.notes_of(again).len(), world.notes_of(callee.0).len()), (1, 0));
}

#[test]
fn who_breaks_into_a_sealed_call_hears_nothing_of_it() {
    let mut world = World::new();
    let (home, health, chief) = (world.sits_able(HOME), world.sits_able(HEALTH), world.sits_able(CS));
    let talk = world.rings_sealed(home.0, HEALTH).unwrap();
    world.accepts(health.0, &talk);
    let above = world.rings(chief.0, HEALTH);
    assert!(!world.is_open(home.1, chief.1) && !world.is_open(health.1, chief.1));
    world.accepts(health.0, &above);
    assert!(!world.is_open(home.1, health.1) && !world.is_open(home.1, chief.1), "the sealed call is held");
    world.passes_to(home.0, HEALTH);
    assert_eq!(world.last_error(home.0), Some(ErrorCode::UnknownParticipant), "who is held has no keys");
    world.says(chief.0, ClientMessage::HangUp { call: above });
    world.says(health.0, ClientMessage::ResumeCall { call: talk });
    assert!(world.is_call_sealed(health.0) && world.is_open(health.1, home.1));
}

#[test]
fn a_sealed_ring_that_is_not_taken_has_shown_nothing() {
    let mut world = World::new();
    let (caller, callee) = (world.sits_able(CS), world.sits_able(HEALTH));
    let call = world.rings_sealed(caller.0, HEALTH).unwrap();
    world.says(callee.0, ClientMessage::DeclineRing { call, reason: DeclineReason::Later });
    assert!(world.open.is_empty());
    world.says(caller.0, ClientMessage::RingSealed { post: wired(CS) });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::NotAllowed), "nobody rings himself");
}
