//! Clients from outside on the floor: what flows to and from them, who is told, and how they end.

use domain::id::{OutsideId, PassId};
use domain::text::PersonName;
use media::{ConnectError, IceName, Kind, OfferError};
use signaling::value::{Participant, Role};

use super::super::outside::{Arrival, End, Ground, IfMatch, Request};
use super::super::turn::Restarter;
use super::*;
use crate::auth::pass::{Pass, Right};
use crate::limits;

/// One client from outside, and the pass that it shows.
#[derive(Clone)]
struct Visitor {
    client: OutsideId,
    pass: PassId,
    peer: PeerId,
    tag: String,
    participant: Id,
}

impl World {
    fn a_pass(&self, name: &str, meeting: &str, may: Right) -> Pass {
        let span = SignedDuration::from_hours(12);
        let name = Some(PersonName::parse(name).unwrap());
        Pass::new(id("pass-1"), (id(meeting), may), name, (self.now, span)).unwrap()
    }

    fn asks(&mut self, request: Request) -> (Ask, Vec<Output>) {
        self.sockets += 1;
        let ask = Ask(self.sockets);
        (ask, self.step(Input::Outside(ask, request)))
    }

    fn arrival(&mut self, meeting: &str, may: Right) -> Arrival {
        self.sockets += 1;
        Arrival {
            client: id(&format!("client-{}", self.sockets)),
            pass: self.a_pass("Studio", meeting, may),
            ground: Some(if meeting == "m1" { Ground::Appointment } else { Ground::OutsideOnly }),
            offer: offer(),
            ufrag: "theirs".to_owned(),
            only: None,
        }
    }

    fn arrives(&mut self, arrival: Arrival) -> Result<Visitor, OutsideError> {
        let (client, pass) = (arrival.client.clone(), arrival.pass.id.clone());
        let (ask, asked) = self.asks(Request::Arrive(Box::new(arrival)));
        let ticket = asked.iter().find_map(|o| if let Output::Connect(t, ..) = o { Some(*t) } else { None });
        let Some(ticket) = ticket else { return Err(self.replies[&ask].clone().unwrap_err()) };
        self.peers += 1;
        let peer = PeerId(self.peers);
        let answer = Connected { peer, answer: "v=0".to_owned(), slots: Vec::new() };
        self.step(Input::Answered(ticket, Ok(answer)));
        self.step(Input::Media(Event::Up { peer }));
        match self.replies[&ask].clone()? {
            Reply::Arrived { tag, participant, .. } => Ok(Visitor { client, pass, peer, tag, participant }),
            other => panic!("replied {other:?}"),
        }
    }

    fn comes(&mut self, meeting: &str, may: Right) -> Visitor {
        let arrival = self.arrival(meeting, may);
        self.arrives(arrival).unwrap()
    }

    fn patches(&mut self, who: &Visitor, tag: IfMatch, ufrag: Option<&str>) -> (Ask, Vec<Output>) {
        let (client, pass) = (who.client.clone(), who.pass.clone());
        self.asks(Request::Patch { client, pass, tag, ufrag: ufrag.map(str::to_owned) })
    }

    /// The officer of the meeting `m1`, with a transport.
    fn officer_is_inside(&mut self) -> (SocketId, PeerId) {
        let officer = self.officer_comes();
        (officer, self.connects(officer))
    }

    fn participants(&self, socket: SocketId) -> Vec<Participant> {
        let list = |m: &ServerMessage| match m {
            ServerMessage::Participants { participants } => Some(participants.clone()),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(list).unwrap_or_default()
    }
}

#[test]
fn in_a_room_of_their_own_publishers_give_to_players_and_to_nobody_else() {
    let mut world = World::new();
    let (one, two) = (world.comes("studio", Right::Publish), world.comes("studio", Right::Publish));
    let player = world.comes("studio", Right::Play);
    let elsewhere = world.comes("other", Right::Play);
    assert!(world.is_open(one.peer, player.peer) && world.is_open(two.peer, player.peer));
    assert_eq!(world.open.len(), 2);
    assert!(!world.open.iter().any(|(_, to)| *to == elsewhere.peer));
}

#[test]
fn a_player_may_ask_for_one_participant_alone() {
    let mut world = World::new();
    let (one, two) = (world.comes("studio", Right::Publish), world.comes("studio", Right::Publish));
    let mut arrival = world.arrival("studio", Right::Play);
    arrival.only = Some(two.participant.clone());
    let player = world.arrives(arrival).unwrap();
    assert!(world.is_open(two.peer, player.peer) && !world.is_open(one.peer, player.peer));
}

#[test]
fn nothing_flows_in_the_meeting_of_an_appointment_while_nobody_is_inside() {
    let mut world = World::new();
    let (publisher, player) = (world.comes("m1", Right::Publish), world.comes("m1", Right::Play));
    let waiting = world.citizen_comes("a1");
    let in_lobby = world.connects(waiting);
    assert!(world.open.is_empty());
    let (officer, inside) = world.officer_is_inside();
    assert!(world.is_open(publisher.peer, inside) && world.is_open(inside, player.peer));
    assert!(world.is_open(publisher.peer, player.peer) && !world.is_open(inside, publisher.peer));
    assert!(!world.open.iter().any(|(from, to)| *from == in_lobby || *to == in_lobby));
    world.says(officer, ClientMessage::Leave {});
    assert!(world.open.is_empty());
}

#[test]
fn those_inside_are_told_of_everybody_from_outside() {
    let mut world = World::new();
    let (officer, _) = world.officer_is_inside();
    let publisher = world.comes("m1", Right::Publish);
    let player = world.comes("m1", Right::Play);
    world.step(Input::Media(Event::FirstMedia { peer: publisher.peer, kind: Kind::Video }));
    let told = world.participants(officer);
    let outside: Vec<_> = told.iter().filter(|p| p.role == Role::Outside).collect();
    assert_eq!(outside.len(), 2, "a player watches nobody unseen");
    assert_eq!(outside[0].participant, publisher.participant);
    assert_eq!(
        (outside[0].title.hi.as_str(), outside[0].camera, outside[0].microphone),
        ("Studio", true, false)
    );
    world.step(Input::Media(Event::Down { peer: player.peer, why: Down::Silent }));
    assert_eq!(world.participants(officer).len(), 2);
    assert!(world.acts.iter().any(|act| matches!(act, Act::WentFromOutside { why: End::Lost, .. })));
}

#[test]
fn a_slot_that_somebody_from_outside_fills_names_him() {
    let mut world = World::new();
    let (officer, inside) = world.officer_is_inside();
    let publisher = world.comes("m1", Right::Publish);
    let from = Some((publisher.peer, media::Part::Camera));
    world.step(Input::Media(Event::Slot { to: inside, mid: "5".to_owned(), from }));
    let slot =
        ServerMessage::Slot { mid: "5".to_owned(), participant: Some(publisher.participant), screen: false };
    assert_eq!(world.told(officer).last(), Some(&slot));
}

#[test]
fn they_end_with_the_meeting_and_come_to_none_that_has_ended() {
    let mut world = World::new();
    let (officer, _) = world.officer_is_inside();
    let publisher = world.comes("m1", Right::Publish);
    world.says(officer, ClientMessage::EndMeeting {});
    assert!(world.open.is_empty());
    let gone = Act::WentFromOutside { meeting: id("m1"), client: publisher.client, why: End::MeetingEnded };
    assert!(world.acts.contains(&gone));
    let late = world.arrival("m1", Right::Play);
    assert_eq!(world.arrives(late).map(|v| v.peer), Err(OutsideError::Ended));
}

#[test]
fn they_go_when_a_meeting_becomes_confidential_and_come_to_none_that_is() {
    let mut world = World::new();
    let (officer, _) = world.officer_is_inside();
    let publisher = world.comes("m1", Right::Publish);
    world.says(officer, ClientMessage::SealMeeting {});
    let gone = Act::WentFromOutside { meeting: id("m1"), client: publisher.client, why: End::MeetingSealed };
    assert!(world.acts.contains(&gone));
    assert!(world.open.is_empty());
    let late = world.arrival("m1", Right::Play);
    assert_eq!(world.arrives(late).map(|v| v.peer), Err(OutsideError::Sealed));
}

#[test]
fn a_pass_that_expires_ends_its_connections() {
    let mut world = World::new();
    let (publisher, player) = (world.comes("studio", Right::Publish), world.comes("studio", Right::Play));
    assert!(world.is_open(publisher.peer, player.peer));
    world.pass(12 * 3_600 - 1);
    assert!(!world.open.is_empty());
    world.pass(1);
    assert!(world.open.is_empty());
    let expired =
        world.acts.iter().filter(|act| matches!(act, Act::WentFromOutside { why: End::Expired, .. }));
    assert_eq!(expired.count(), 2);
}

#[test]
fn only_the_pass_that_made_a_connection_ends_it() {
    let mut world = World::new();
    let publisher = world.comes("studio", Right::Publish);
    let leave = |pass: &str| Request::Leave { client: publisher.client.clone(), pass: id(pass) };
    let (ask, _) = world.asks(leave("pass-2"));
    assert_eq!(world.replies[&ask], Err(OutsideError::UnknownClient));
    let (ask, done) = world.asks(leave("pass-1"));
    assert!(done.contains(&Output::Remove(publisher.peer)));
    assert_eq!(world.replies[&ask], Ok(Reply::Left));
    let (ask, _) = world.asks(leave("pass-1"));
    assert_eq!(world.replies[&ask], Err(OutsideError::UnknownClient));
}

#[test]
fn candidates_are_heard_and_another_name_begins_ice_anew() {
    let mut world = World::new();
    let publisher = world.comes("studio", Right::Publish);
    let tag = IfMatch::Tag(publisher.tag.clone());
    for name in [None, Some("theirs")] {
        let (ask, _) = world.patches(&publisher, tag.clone(), name);
        assert_eq!(world.replies[&ask], Ok(Reply::Heard));
    }
    let (ask, asked) = world.patches(&publisher, IfMatch::Any, Some("newer"));
    let asker = Restarter::Outside(ask, publisher.client.clone());
    assert_eq!(asked, [Output::RestartIce(asker.clone(), publisher.peer, "newer".to_owned())]);
    let (again, _) = world.patches(&publisher, IfMatch::Any, Some("third"));
    assert_eq!(world.replies[&again], Err(OutsideError::Restarting));
    let ours = IceName { ufrag: "ours".to_owned(), password: "secret".to_owned() };
    world.step(Input::IceRestarted(asker, "newer".to_owned(), Some(ours)));
    let Ok(Reply::Restarted { ufrag, password, tag: newer }) = &world.replies[&ask] else {
        panic!("restarted")
    };
    assert_eq!((ufrag.as_str(), password.as_str()), ("ours", "secret"));
    assert_ne!(*newer, publisher.tag);
    let (ask, _) = world.patches(&publisher, tag, None);
    assert_eq!(world.replies[&ask], Err(OutsideError::OutdatedTag));
}

#[test]
fn an_appointments_meeting_takes_few_from_outside() {
    let mut world = World::new();
    for (may, most) in
        [(Right::Publish, limits::OUTSIDE_PUBLISHERS_MAX), (Right::Play, limits::OUTSIDE_PLAYERS_MAX)]
    {
        for _ in 0..most {
            world.comes("m1", may);
        }
        let one_more = world.arrival("m1", may);
        assert_eq!(world.arrives(one_more).map(|v| v.peer), Err(OutsideError::Full));
    }
}

#[test]
fn a_pass_that_asks_without_end_is_held_back() {
    let mut world = World::new();
    let who = world.comes("studio", Right::Play);
    let refused = |world: &mut World, count: u32| {
        let mut refused = 0;
        for _ in 0..count {
            let (ask, _) = world.patches(&who, IfMatch::Any, None);
            refused += u32::from(world.replies[&ask] == Err(OutsideError::TooFast));
        }
        refused
    };
    assert_eq!(refused(&mut world, limits::PASS_REQUESTS_BURST + 9), 10, "one was used for coming in");
    world.pass(1);
    assert_eq!(refused(&mut world, limits::PASS_REQUESTS_PER_SECOND + 5), 5);
}

#[test]
fn an_offer_that_cannot_be_answered_leaves_nothing_behind() {
    let mut world = World::new();
    let arrival = world.arrival("studio", Right::Publish);
    let (ask, asked) = world.asks(Request::Arrive(Box::new(arrival)));
    let Some(Output::Connect(ticket, ..)) = asked.last() else { panic!("asks the media plane") };
    world.step(Input::Answered(*ticket, Err(ConnectError::Offer(OfferError::NotBundled))));
    assert_eq!(world.replies[&ask], Err(OutsideError::Offer("offer_not_bundled")));
    assert!(world.acts.is_empty());
}

#[test]
fn whoever_no_longer_waits_for_the_answer_is_given_up() {
    let mut world = World::new();
    let publisher = world.comes("studio", Right::Publish);
    let outputs = world.step(Input::Forsaken(publisher.client));
    assert!(outputs.contains(&Output::Remove(publisher.peer)));
}
