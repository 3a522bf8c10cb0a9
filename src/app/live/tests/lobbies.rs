//! Scenes in the lobbies of one post: what the queue says is told, news only, and the last known stays.
//!
//! The boards are laid in by hand, as the task that follows them lays them in.

use std::sync::Arc;

use domain::diary::queue::{Lateness, Number};
use signaling::value::{Minutes, OfficerState, Way as ToldWay};

use super::*;
use crate::app::queue::{Board, First, Way};

/// A queue in which `a1` has the number 3 and two are before him.
fn board() -> Board {
    Board {
        numbers: BTreeMap::from([(id("a1"), Number(3))]),
        before: BTreeMap::from([(Number(3), 2)]),
        ranges: BTreeMap::from([(Number(3), (9, 14))]),
        has_begun: true,
        ..Board::default()
    }
}

impl World {
    fn learns(&mut self, board: &Board) {
        self.step(Input::Queue(id(HEALTH), Arc::new(board.clone())));
    }

    /// What the socket was told last of its turn, and how often it was told anything of it.
    fn turn(&self, socket: SocketId) -> (ServerMessage, usize) {
        let told: Vec<&ServerMessage> = self.told(socket).iter().filter(|m| m.kind() == "waiting").collect();
        ((*told.last().unwrap()).clone(), told.len())
    }

    fn officer_of(&mut self, meeting: &str) -> SocketId {
        let mut entry = in_meeting(head(HEALTH), Guest::Officer(id(HEALTH)), "Secretary, Health");
        let EntryPlace::Meeting(place) = &mut entry.place else { panic!("it is the entry of a meeting") };
        (place.meeting, place.appointment) = (id(meeting), id("a2"));
        self.enter(entry)
    }
}

fn officer(message: &ServerMessage) -> Option<OfficerState> {
    let ServerMessage::Waiting { officer, .. } = message else { panic!("it is of waiting") };
    *officer
}

#[test]
fn who_waits_is_told_his_place_among_all_and_only_what_is_new() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    assert!(world.watched.contains(&id(HEALTH)), "his queue is looked at from now on");
    let (told, _) = world.turn(citizen);
    let bare = ServerMessage::Waiting {
        position: 1,
        number: None,
        minutes: None,
        called: false,
        officer: None,
        begins_at_ms: None,
        message: None,
    };
    assert_eq!(told, bare, "what is not known is not said");
    world.learns(&board());
    let (told, times) = world.turn(citizen);
    let minutes = Some(Minutes { from: 9, to: 14 });
    let ServerMessage::Waiting { position, number, minutes: range, .. } = told else { panic!() };
    assert_eq!((position, number, range, times), (3, Some(3), minutes, 2));
    world.learns(&board());
    world.pass(60);
    assert_eq!(world.turn(citizen).1, 2, "the same is not said twice");
}

#[test]
fn a_delay_a_message_and_a_call_reach_the_lobby() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let until = world.now + SignedDuration::from_mins(20);
    let late = Lateness { by: SignedDuration::from_mins(20), until: Some(until) };
    let message = Some(Bilingual::new("काग़ज़ पास रखें।", "Keep your papers at hand."));
    world.learns(&Board { late, message, has_begun: false, ..board() });
    let ServerMessage::Waiting { officer, begins_at_ms, message, .. } = world.turn(citizen).0 else {
        panic!()
    };
    assert_eq!(officer, Some(OfficerState::NotBegun));
    assert_eq!(begins_at_ms, Some(until.as_millisecond()));
    assert_eq!(message.map(|text| text.en), Some("Keep your papers at hand.".to_owned()));
    world.learns(&Board { called: Some(Number(3)), before: BTreeMap::new(), ..board() });
    let ServerMessage::Waiting { called, position, .. } = world.turn(citizen).0 else { panic!() };
    assert!(called && position == 1);
}

#[test]
fn the_lobby_says_that_the_officer_is_with_somebody_else_wherever_that_is() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    world.learns(&board());
    assert_eq!(officer(&world.turn(citizen).0), None);
    world.learns(&Board { inside: Some(Number(1)), ..board() });
    assert_eq!(officer(&world.turn(citizen).0), Some(OfficerState::Busy), "somebody is inside at the office");
    world.learns(&board());
    let elsewhere = world.officer_of("m2");
    assert_eq!(officer(&world.turn(citizen).0), Some(OfficerState::Busy), "he sits in another meeting");
    world.says(elsewhere, ClientMessage::Leave {});
    assert_eq!(officer(&world.turn(citizen).0), None);
    let (seat, _) = world.sits_warm(HEALTH);
    world.sits_warm(HOME);
    let call = world.rings(seat, HOME);
    assert_eq!(officer(&world.turn(citizen).0), Some(OfficerState::Busy), "he is in a call");
    world.says(seat, ClientMessage::HangUp { call });
    assert_eq!(officer(&world.turn(citizen).0), None);
    world.officer_comes();
    assert_eq!(officer(&world.turn(citizen).0), None, "he is here, in this meeting");
}

#[test]
fn the_officer_is_told_who_is_first_and_nobody_is_followed_when_all_have_gone() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let officer = world.officer_comes();
    let first = First { number: Number(2), way: Way::Video, meeting: Some(id("m9")) };
    world.learns(&Board { first: Some(first), ..board() });
    let lobby = world.told(officer).iter().rev().find_map(|m| match m {
        ServerMessage::Lobby { waiting, first } => Some((waiting[0].number, first.clone())),
        _ => None,
    });
    let (number, first) = lobby.unwrap();
    let first = first.unwrap();
    assert_eq!((number, first.number, first.way), (Some(3), 2, ToldWay::Video));
    assert_eq!(first.meeting, Id::parse("m9").ok());
    world.says(officer, ClientMessage::Leave {});
    world.says(citizen, ClientMessage::Leave {});
    assert!(world.watched.is_empty());
    world.learns(&board());
    let again = world.citizen_comes("a1");
    let ServerMessage::Waiting { number, .. } = world.turn(again).0 else { panic!() };
    assert_eq!(number, None, "what came when nobody looked was not kept");
}
