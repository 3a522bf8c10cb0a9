//! Scenes in a meeting: the lobby, admission, leaving and coming back, the end.
//!
//! Time is moved by hand.

use super::*;
use signaling::value::Role;

/// Officer inside and citizen in the lobby, both with live transports.
fn at_the_door() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let citizen_peer = world.connects(citizen);
    let officer = world.officer_comes();
    let officer_peer = world.connects(officer);
    (world, (officer, officer_peer), (citizen, citizen_peer))
}

fn admitted() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let (mut world, officer, citizen) = at_the_door();
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Admit { participant });
    (world, officer, citizen)
}

#[test]
fn a_citizen_in_the_lobby_hears_and_shows_nothing_until_admitted() {
    let (mut world, officer, citizen) = at_the_door();
    assert!(world.open.is_empty());
    assert!(world.told(citizen.0).iter().any(|m| matches!(m, ServerMessage::Waiting { position: 1, .. })));
    assert!(!world.told(citizen.0).iter().any(|m| matches!(m, ServerMessage::Participants { .. })));
    let lobby = world.told(officer.0).iter().any(|m| match m {
        ServerMessage::Lobby { waiting, .. } => waiting.len() == 1 && waiting[0].title.hi == "सीता देवी",
        _ => false,
    });
    assert!(lobby, "the officer sees who waits");
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Admit { participant });
    assert!(world.is_open(officer.1, citizen.1) && world.is_open(citizen.1, officer.1));
    assert!(world.told(citizen.0).iter().any(|m| m.kind() == "admitted"));
    assert!(world.told(officer.0).contains(&ServerMessage::Lobby { waiting: vec![], first: None }));
}

#[test]
fn the_desk_admits_and_has_no_media() {
    let (mut world, officer, citizen) = at_the_door();
    let desk = world.desk_comes();
    world.says(desk, ClientMessage::Connect { sdp: offer() });
    assert_eq!(world.last_error(desk), Some(ErrorCode::NotAllowed));
    let participant = world.name(citizen.0);
    world.says(desk, ClientMessage::Admit { participant });
    assert!(world.is_open(citizen.1, officer.1));
    assert_eq!(world.open.len(), 2, "nobody else sees or hears");
    world.says(desk, ClientMessage::EndMeeting {});
    assert_eq!(world.last_error(desk), Some(ErrorCode::NotAllowed));
}

#[test]
fn several_citizens_see_and_hear_each_other_only_once_inside() {
    let (mut world, officer, citizen) = admitted();
    let second = world.citizen_comes("a2");
    let second_peer = world.connects(second);
    assert!(!world.open.iter().any(|(f, t)| *f == second_peer || *t == second_peer));
    let participant = world.name(second);
    world.says(officer.0, ClientMessage::Admit { participant });
    assert_eq!(world.open.len(), 6);
    assert!(world.is_open(second_peer, citizen.1));
}

#[test]
fn the_end_shuts_everything_and_nobody_comes_back() {
    let (mut world, officer, citizen) = admitted();
    world.says(officer.0, ClientMessage::EndMeeting {});
    assert!(world.open.is_empty());
    for socket in [officer.0, citizen.0] {
        assert_eq!(world.told(socket).last(), Some(&ServerMessage::MeetingEnded {}));
        assert_eq!(world.closed.get(&socket), Some(&None));
    }
    assert!(world.acts.contains(&Act::Ended { meeting: id("m1") }));
    let late = world.citizen_comes("a1");
    assert_eq!(world.told(late), [ServerMessage::MeetingEnded {}]);
    let late = world.officer_comes();
    assert_eq!(world.told(late), [ServerMessage::MeetingEnded {}]);
}

#[test]
fn who_leaves_and_comes_back_within_ten_minutes_needs_no_new_admission() {
    for (away, is_inside) in [(600, true), (601, false)] {
        let (mut world, officer, citizen) = admitted();
        world.says(citizen.0, ClientMessage::Leave {});
        assert_eq!(world.closed.get(&citizen.0), Some(&None));
        assert!(world.open.is_empty());
        world.pass(away);
        let back = world.citizen_comes("a1");
        let peer = world.connects(back);
        assert_eq!(world.told(back).iter().any(|m| m.kind() == "admitted"), is_inside, "after {away} s");
        assert_eq!(world.is_open(peer, officer.1), is_inside);
        assert_eq!(world.is_open(officer.1, peer), is_inside);
    }
}

#[test]
fn a_denied_citizen_is_shut_out_and_stays_out() {
    let (mut world, officer, citizen) = admitted();
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Deny { participant });
    assert!(world.open.is_empty());
    assert_eq!(world.told(citizen.0).last(), Some(&ServerMessage::Denied {}));
    let again = world.citizen_comes("a1");
    assert_eq!(world.told(again), [ServerMessage::Denied {}]);
    assert_eq!(world.closed.get(&again), Some(&None));
}

#[test]
fn a_lost_socket_alone_does_not_touch_a_running_talk() {
    let (mut world, officer, citizen) = admitted();
    world.step(Input::Gone(citizen.0, Parting::Lost));
    world.pass(9);
    assert!(world.is_open(citizen.1, officer.1), "sound and picture go on");
    let back = world.citizen_comes("a1");
    let kept = world.told(back).iter().any(|m| matches!(m, ServerMessage::Welcome { connected: true, .. }));
    assert!(kept && world.is_open(citizen.1, officer.1));
    world.step(Input::Gone(back, Parting::Lost));
    world.pass(10);
    assert!(world.open.is_empty(), "after the grace the place is away");
}

#[test]
fn socket_and_transport_lost_is_away_at_once_and_the_place_is_kept() {
    let (mut world, officer, citizen) = admitted();
    world.loses_transport(citizen.1);
    assert_eq!(world.last_error(citizen.0), Some(ErrorCode::TransportLost));
    let fresh = world.connects(citizen.0);
    assert!(world.is_open(fresh, officer.1), "a new transport takes the old one's ways");
    world.step(Input::Gone(citizen.0, Parting::Lost));
    world.loses_transport(fresh);
    world.open.retain(|(f, t)| *f != fresh && *t != fresh);
    let out = Act::WentOut {
        meeting: id("m1"),
        guest: Guest::Citizen(id("a1")),
        why: domain::meeting::Departure::Lost,
    };
    assert!(world.acts.contains(&out));
    let back = world.citizen_comes("a1");
    assert!(world.told(back).iter().any(|m| m.kind() == "admitted"));
}

#[test]
fn a_second_device_replaces_the_first_and_never_doubles_the_place() {
    let (mut world, _, citizen) = admitted();
    let second = world.citizen_comes("a1");
    assert_eq!(world.closed.get(&citizen.0), Some(&Some(ErrorCode::Replaced)));
    assert_eq!(world.name(second), world.name(citizen.0));
    world.says(citizen.0, ClientMessage::Leave {});
    world.step(Input::Gone(citizen.0, Parting::Lost));
    assert!(!world.closed.contains_key(&second), "the replaced socket has no say any more");
}

#[test]
fn the_door_keeps_its_hours_and_its_bounds() {
    let mut world = World::new();
    world.now -= SignedDuration::from_mins(16);
    let early = world.citizen_comes("a1");
    assert_eq!(world.closed.get(&early), Some(&Some(ErrorCode::TooEarly)));
    world.now += SignedDuration::from_mins(16 + 46);
    let late = world.citizen_comes("a1");
    assert_eq!(world.closed.get(&late), Some(&Some(ErrorCode::TooLate)));
    world.now -= SignedDuration::from_mins(40);
    let all: Vec<SocketId> = (1..=7).map(|n| world.citizen_comes(&format!("a{n}"))).collect();
    assert_eq!(world.closed.get(&all[6]), Some(&Some(ErrorCode::MeetingFull)));
}

#[test]
fn those_inside_know_each_other_by_post_and_name_with_their_tracks() {
    let (mut world, officer, citizen) = admitted();
    world.says(citizen.0, ClientMessage::SetTracks { microphone: true, camera: false });
    let Some(ServerMessage::Participants { participants }) = world.told(officer.0).last() else {
        panic!("the officer is told")
    };
    let told: Vec<_> = participants.iter().map(|p| (p.role, p.title.hi.as_str(), p.microphone)).collect();
    assert_eq!(told, [(Role::Citizen, "सीता देवी", true), (Role::Officer, "Secretary, Health", false)]);
}

#[test]
fn a_slot_names_its_participant_and_is_told_again_on_return() {
    let (mut world, officer, citizen) = admitted();
    let filled =
        Event::Slot { to: citizen.1, mid: "5".to_owned(), from: Some((officer.1, media::Part::Camera)) };
    world.step(Input::Media(filled));
    let slot =
        ServerMessage::Slot { mid: "5".to_owned(), participant: Some(world.name(officer.0)), screen: false };
    assert_eq!(world.told(citizen.0).last(), Some(&slot));
    let back = world.citizen_comes("a1");
    assert!(world.told(back).contains(&slot));
    world.step(Input::Media(Event::Slot { to: citizen.1, mid: "5".to_owned(), from: None }));
    let empty = ServerMessage::Slot { mid: "5".to_owned(), participant: None, screen: false };
    assert_eq!(world.told(back).last(), Some(&empty));
}

#[test]
fn a_camera_is_told_which_layers_are_wanted_and_again_on_return() {
    let (mut world, _, citizen) = admitted();
    let (mid, rids) = ("1".to_owned(), vec!["q".to_owned(), "h".to_owned()]);
    world.step(Input::Media(Event::Layers { peer: citizen.1, mid: mid.clone(), rids: rids.clone() }));
    let wanted = ServerMessage::Layers { mid, rids };
    assert_eq!(world.told(citizen.0).last(), Some(&wanted));
    let back = world.citizen_comes("a1");
    assert!(world.told(back).contains(&wanted));
}

#[test]
fn the_loudest_is_named_as_the_participants_are() {
    let (mut world, officer, citizen) = admitted();
    world.step(Input::Media(Event::Loudest { to: citizen.1, from: Some(officer.1) }));
    let loudest = ServerMessage::Loudest { participant: Some(world.name(officer.0)) };
    assert_eq!(world.told(citizen.0).last(), Some(&loudest));
    assert!(!world.told(officer.0).contains(&loudest), "nobody else is told");
    world.step(Input::Media(Event::Loudest { to: citizen.1, from: None }));
    assert_eq!(world.told(citizen.0).last(), Some(&ServerMessage::Loudest { participant: None }));
}

#[test]
fn the_sizes_of_a_page_reach_its_own_transport_and_no_other() {
    let (mut world, _, citizen) = admitted();
    let text = r#"{"type":"set_views","views":[{"mid":"5","width":640,"height":360}]}"#;
    world.says(citizen.0, signaling::read_client(text).unwrap());
    let view = media::View { mid: "5".to_owned(), width: 640, height: 360 };
    assert_eq!(world.shown, [(citizen.1, vec![view])]);
    world.loses_transport(citizen.1);
    world.says(citizen.0, signaling::read_client(text).unwrap());
    assert_eq!(world.shown.len(), 1, "without a transport there is nothing to show");
}

#[test]
fn attendance_is_written_from_the_doors_moves() {
    let (mut world, officer, citizen) = admitted();
    world.says(citizen.0, ClientMessage::Leave {});
    world.says(officer.0, ClientMessage::EndMeeting {});
    let (meeting, guest): (MeetingId, Guest) = (id("m1"), Guest::Citizen(id("a1")));
    let health = Guest::Officer(id(HEALTH));
    let left = domain::meeting::Departure::Left;
    assert_eq!(
        world.acts,
        [
            // Whoever waits for the door is here in the queue as well.
            Act::Waits { meeting: meeting.clone(), guest: guest.clone() },
            Act::CameIn { meeting: meeting.clone(), guest: health.clone() },
            Act::Admitted { meeting: meeting.clone(), guest: guest.clone() },
            Act::CameIn { meeting: meeting.clone(), guest: guest.clone() },
            Act::WentOut { meeting: meeting.clone(), guest, why: left },
            Act::WentOut { meeting: meeting.clone(), guest: health, why: left },
            Act::Ended { meeting },
        ]
    );
}

#[test]
fn a_late_answer_of_the_media_plane_is_given_back() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let asked = world.says(citizen, ClientMessage::Connect { sdp: offer() });
    let Some(Output::Connect(ticket, ..)) = asked.last() else { panic!("asks the media plane") };
    world.step(Input::Gone(citizen, Parting::Lost));
    let answer = Connected { peer: PeerId(77), answer: "v=0".to_owned(), slots: Vec::new() };
    let outputs = world.step(Input::Answered(*ticket, Ok(answer)));
    assert_eq!(outputs, [Output::Remove(PeerId(77))]);
}

#[test]
fn an_abandoned_meeting_leaves_the_floor() {
    let (mut world, officer, citizen) = admitted();
    world.says(citizen.0, ClientMessage::Leave {});
    world.says(officer.0, ClientMessage::Leave {});
    world.pass(1);
    assert_eq!(world.floor.counts().1, 1);
    world.pass(602);
    world.pass(602);
    assert_eq!(world.floor.counts().1, 0);
}
