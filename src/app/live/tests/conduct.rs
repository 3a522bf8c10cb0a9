//! Scenes of the conduct of a meeting: what is written, hands, silence, screens, the lock; with what may flow meanwhile.
//!
//! Time is moved by hand.

use super::*;
use crate::audit::By;
use domain::id::{InviteId, MeetingId};
use domain::meeting::{Deed, Line as TalkLine};
use media::Allowed;
use signaling::value::{Line, LineKind, Participant, Written};

impl World {
    /// An interpreter comes and waits.
    fn interpreter_comes(&mut self) -> SocketId {
        let guest = Guest::Invited(InviteId::parse("i1").unwrap());
        self.enter(in_meeting(citizen("a1"), guest, "Interpreter"))
    }

    fn writes(&mut self, socket: SocketId, text: &str) {
        let text = Written::try_from(text.to_owned()).unwrap();
        self.says(socket, ClientMessage::Write { kind: LineKind::Chat, text });
    }

    /// All lines that a socket was told.
    fn lines(&self, socket: SocketId) -> Vec<Line> {
        let lines =
            |m: &ServerMessage| if let ServerMessage::Lines { lines } = m { lines.clone() } else { vec![] };
        self.told(socket).iter().flat_map(lines).collect()
    }

    fn texts(&self, socket: SocketId) -> Vec<String> {
        self.lines(socket).into_iter().map(|line| line.text).collect()
    }

    /// The last word on a participant to a socket that is inside.
    fn seen(&self, socket: SocketId, of: &Id) -> Participant {
        let list = |m: &ServerMessage| match m {
            ServerMessage::Participants { participants } => Some(participants.clone()),
            _ => None,
        };
        let last = self.told(socket).iter().rev().find_map(list).expect("was told who is inside");
        last.into_iter().find(|one| one.participant == *of).expect("is inside")
    }

    fn may_go(&self, peer: PeerId) -> Allowed {
        self.allowed.get(&peer).copied().unwrap_or_default()
    }
}

#[test]
fn who_waits_by_an_invitation_that_is_taken_back_goes_and_who_is_inside_stays() {
    let mut world = World::new();
    let officer = world.officer_comes();
    world.connects(officer);
    let waits = world.interpreter_comes();
    let guest = || Guest::Invited(InviteId::parse("i1").unwrap());
    let taken_back = || Input::Uninvited(MeetingId::parse("m1").unwrap(), guest(), By::House);
    let lapses = world.lapses.len();
    world.step(taken_back());
    assert!(world.told(waits).iter().any(|m| matches!(m, ServerMessage::Denied {})));
    assert_eq!(world.lapses.len(), lapses + 1, "its token opens nothing more");

    let (mut world, [_, _, (inside, _)]) = three();
    world.step(taken_back());
    assert!(!world.told(inside).iter().any(|m| matches!(m, ServerMessage::Denied {})));
}

/// Officer, citizen and interpreter inside, all with live transports.
fn three() -> (World, [(SocketId, PeerId); 3]) {
    let mut world = World::new();
    let officer = world.officer_comes();
    let officer = (officer, world.connects(officer));
    let guests = [world.citizen_comes("a1"), world.interpreter_comes()].map(|guest| {
        let peer = world.connects(guest);
        let participant = world.name(guest);
        world.says(officer.0, ClientMessage::Admit { participant });
        (guest, peer)
    });
    (world, [officer, guests[0], guests[1]])
}

#[test]
fn what_is_written_reaches_everybody_inside_and_the_desk_and_nobody_in_the_lobby() {
    let (mut world, [officer, citizen, _]) = three();
    let desk = world.desk_comes();
    let late = world.citizen_comes("a2");
    world.writes(citizen.0, "काग़ज़ मिल गया?");
    for socket in [officer.0, citizen.0, desk] {
        assert_eq!(world.texts(socket), ["काग़ज़ मिल गया?"]);
    }
    assert_eq!(world.texts(late), Vec::<String>::new());
    assert!(world.lines(citizen.0)[0].own);
    assert!(!world.lines(officer.0)[0].own);
    assert!(
        world.acts.iter().any(|act| matches!(act, Act::Wrote { line, .. } if line.text == "काग़ज़ मिल गया?"))
    );
    let participant = world.name(late);
    world.says(officer.0, ClientMessage::Admit { participant });
    assert_eq!(world.texts(late), ["काग़ज़ मिल गया?"], "who comes later reads what was written");
}

#[test]
fn a_line_that_cannot_stand_is_refused_and_nothing_else_ends() {
    let (mut world, [_, citizen, _]) = three();
    for text in ["\u{202e}abc", "   ", &"क".repeat(501)] {
        world.writes(citizen.0, text);
        assert_eq!(world.last_error(citizen.0), Some(ErrorCode::TextRefused));
    }
    assert!(!world.closed.contains_key(&citizen.0));
    assert!(world.lines(citizen.0).is_empty());
}

#[test]
fn lines_come_back_with_the_socket_and_after_a_restart_from_the_rows() {
    let (mut world, [officer, citizen, _]) = three();
    (0..30).for_each(|n| world.writes(officer.0, &format!("line {n}")));
    let rows: Vec<TalkLine> = world
        .acts
        .iter()
        .filter_map(|act| if let Act::Wrote { line, .. } = act { Some((**line).clone()) } else { None })
        .collect();
    let expected: Vec<String> = (0..30).map(|n| format!("line {n}")).collect();
    assert_eq!(world.texts(citizen.0), expected);
    let again = world.citizen_comes("a1");
    assert_eq!(world.texts(again), expected, "another socket is told everything");
    let frames = world.told(again).iter().filter(|m| m.kind() == "lines").count();
    assert_eq!(frames, 3, "in frames that fit");

    let mut world = World::new();
    world.pass(60);
    let officer = world.officer_comes();
    world.connects(officer);
    world.writes(officer, "after the restart");
    let mut entry = in_meeting(head(HEALTH), Guest::Officer(id(HEALTH)), "Secretary, Health");
    let EntryPlace::Meeting(meeting) = &mut entry.place else { panic!("a meeting") };
    meeting.lines = rows;
    let officer = world.enter(entry);
    let all: Vec<String> = expected.into_iter().chain(["after the restart".to_owned()]).collect();
    let mut told = world.lines(officer);
    told.sort_by_key(|line| line.at_ms);
    assert_eq!(told.into_iter().map(|line| line.text).collect::<Vec<_>>(), all);
}

#[test]
fn a_silenced_voice_goes_to_nobody_until_its_owner_presses_the_button() {
    let (mut world, [officer, citizen, _]) = three();
    let microphone = |on| ClientMessage::SetTracks { microphone: on, camera: true };
    world.says(citizen.0, microphone(true));
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Silence { participant: participant.clone() });
    assert!(!world.may_go(citizen.1).voice && world.may_go(citizen.1).camera);
    assert!(world.told(citizen.0).iter().any(|m| m.kind() == "silenced"));
    assert!(world.seen(officer.0, &participant).silenced);
    // What the page said before it heard does not undo it.
    world.says(citizen.0, microphone(true));
    assert!(!world.may_go(citizen.1).voice);
    world.says(citizen.0, microphone(false));
    world.says(citizen.0, microphone(true));
    assert!(world.may_go(citizen.1).voice);
    assert!(!world.seen(officer.0, &participant).silenced);
    assert!(world.acts.iter().any(|act| matches!(act, Act::Conducted { deed: Deed::Silenced, .. })));
}

#[test]
fn a_silence_outlives_the_transport_and_is_said_again_to_a_page_that_missed_it() {
    let (mut world, [officer, citizen, _]) = three();
    let participant = world.name(citizen.0);
    world.says(officer.0, ClientMessage::Silence { participant });
    let peer = world.connects(citizen.0);
    assert!(!world.may_go(peer).voice);
    let again = world.citizen_comes("a1");
    world.says(again, ClientMessage::SetTracks { microphone: true, camera: true });
    assert!(world.told(again).iter().any(|m| m.kind() == "silenced"));
    assert!(!world.may_go(peer).voice);
}

#[test]
fn nobody_silences_allows_or_locks_but_officer_and_desk() {
    let (mut world, [officer, citizen, interpreter]) = three();
    let (chair, other) = (world.name(officer.0), world.name(interpreter.0));
    let orders = [
        ClientMessage::Silence { participant: other.clone() },
        ClientMessage::AllowScreen { participant: other.clone(), allowed: true },
        ClientMessage::LowerHand { participant: other.clone() },
        ClientMessage::LockDoor { locked: true },
    ];
    for order in orders {
        world.says(citizen.0, order);
        assert_eq!(world.last_error(citizen.0), Some(ErrorCode::NotAllowed));
    }
    let desk = world.desk_comes();
    world.says(desk, ClientMessage::Silence { participant: chair });
    assert_eq!(world.last_error(desk), Some(ErrorCode::NotAllowed), "not the chair");
    world.says(desk, ClientMessage::Silence { participant: other });
    assert!(!world.may_go(interpreter.1).voice);
}

#[test]
fn a_screen_goes_only_while_it_was_granted_and_the_chair_takes_over() {
    let (mut world, [officer, citizen, interpreter]) = three();
    let screen = |on| ClientMessage::ShareScreen { on };
    world.says(citizen.0, screen(true));
    assert_eq!(world.last_error(citizen.0), Some(ErrorCode::NotAllowed));
    assert!(!world.may_go(citizen.1).screen);
    for guest in [citizen.0, interpreter.0] {
        let participant = world.name(guest);
        world.says(officer.0, ClientMessage::AllowScreen { participant, allowed: true });
    }
    world.says(citizen.0, screen(true));
    assert!(world.may_go(citizen.1).screen);
    world.says(interpreter.0, screen(true));
    assert_eq!(world.last_error(interpreter.0), Some(ErrorCode::ScreenTaken));
    world.says(officer.0, screen(true));
    assert!(world.may_go(officer.1).screen && !world.may_go(citizen.1).screen);
    let sharing = Some(world.name(officer.0));
    let conduct = ServerMessage::Conduct { locked: false, sharing, may_share: true };
    assert_eq!(world.told(citizen.0).iter().rev().find(|m| m.kind() == "conduct"), Some(&conduct));
}

#[test]
fn a_locked_meeting_refuses_whoever_was_not_inside_and_takes_back_whoever_was() {
    let (mut world, [officer, citizen, _]) = three();
    world.says(officer.0, ClientMessage::LockDoor { locked: true });
    let stranger = world.citizen_comes("a2");
    assert_eq!(world.closed.get(&stranger), Some(&Some(ErrorCode::MeetingLocked)));
    world.says(citizen.0, ClientMessage::Leave {});
    let back = world.citizen_comes("a1");
    assert!(world.told(back).iter().any(|m| m.kind() == "admitted"));
}

#[test]
fn the_desk_lets_nobody_in_before_the_officer_has_come() {
    let mut world = World::new();
    let (citizen, desk) = (world.citizen_comes("a1"), world.desk_comes());
    let participant = world.name(citizen);
    world.says(desk, ClientMessage::Admit { participant: participant.clone() });
    assert_eq!(world.last_error(desk), Some(ErrorCode::ChairAbsent));
    world.officer_comes();
    world.says(desk, ClientMessage::Admit { participant });
    assert!(world.told(citizen).iter().any(|m| m.kind() == "admitted"));
}

#[test]
fn a_raised_hand_is_seen_by_all_and_goes_down_with_whoever_goes() {
    let (mut world, [officer, citizen, interpreter]) = three();
    let participant = world.name(citizen.0);
    world.says(citizen.0, ClientMessage::RaiseHand { up: true });
    assert!(world.seen(interpreter.0, &participant).hand_ms.is_some());
    world.says(officer.0, ClientMessage::LowerHand { participant: participant.clone() });
    assert!(world.seen(interpreter.0, &participant).hand_ms.is_none());
    world.says(citizen.0, ClientMessage::RaiseHand { up: true });
    world.says(citizen.0, ClientMessage::Leave {});
    let lowered = |act: &&Act| matches!(act, Act::Conducted { deed: Deed::LoweredHand, .. });
    assert_eq!(world.acts.iter().filter(lowered).count(), 2);
}
