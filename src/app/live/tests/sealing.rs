//! Scenes of confidential meetings: who makes one, who is told, what is passed on, and what is no longer possible in it.
//!
//! Time is moved by hand; what pages do with keys is proved in real browsers.

use super::*;
use domain::meeting::Deed;
use signaling::value::SealNote;

fn note() -> SealNote {
    SealNote::try_from("eyJraW5kIjoiYXNrIn0".to_owned()).unwrap()
}

impl World {
    fn seals(&mut self, officer: SocketId) {
        self.says(officer, ClientMessage::SealMeeting {});
    }

    fn is_told_sealed(&self, socket: SocketId) -> bool {
        self.told(socket).iter().any(|message| message.kind() == "sealed")
    }

    fn passes(&mut self, from: SocketId, to: SocketId) {
        let participant = self.name(to);
        self.says(from, ClientMessage::Seal { participant, note: note() });
    }

    fn notes_to(&self, socket: SocketId) -> Vec<Id> {
        let from = |message: &ServerMessage| match message {
            ServerMessage::Seal { participant, .. } => Some(participant.clone()),
            _ => None,
        };
        self.told(socket).iter().filter_map(from).collect()
    }

    fn lets_in(&mut self, officer: SocketId, appointment: &str) -> SocketId {
        let citizen = self.citizen_comes(appointment);
        let participant = self.name(citizen);
        self.says(officer, ClientMessage::Admit { participant });
        citizen
    }
}

#[test]
fn the_officer_alone_makes_a_meeting_confidential_and_everybody_is_told_once_in_the_lobby_too() {
    let mut world = World::new();
    let officer = world.officer_comes();
    let citizen = world.lets_in(officer, "a1");
    let (desk, waits) = (world.desk_comes(), world.citizen_comes("a2"));
    for other in [citizen, desk] {
        world.seals(other);
        assert_eq!(world.last_error(other), Some(ErrorCode::NotAllowed));
    }
    assert!(!world.is_told_sealed(officer));
    world.seals(officer);
    world.seals(officer);
    for socket in [officer, citizen, desk, waits] {
        assert_eq!(world.told(socket).iter().filter(|message| message.kind() == "sealed").count(), 1);
    }
    let sealed = |act: &&Act| matches!(act, Act::Conducted { deed: Deed::Sealed, .. });
    assert_eq!(world.acts.iter().filter(sealed).count(), 1, "written down once");
    let late = world.citizen_comes("a3");
    let told: Vec<&str> = world.told(late).iter().map(ServerMessage::kind).collect();
    assert_eq!(told[..2], ["welcome", "sealed"], "before anything flows");
}

#[test]
fn it_stays_so_for_rows_and_tokens_when_the_server_is_another() {
    let mut world = World::new();
    let officer = world.officer_comes();
    let citizen = world.lets_in(officer, "a1");
    world.seals(officer);
    let token = world.told(citizen).iter().rev().find_map(|message| match message {
        ServerMessage::Sealed { resume } => resume.clone(),
        _ => None,
    });
    let mut by_token = world.restarted();
    let page = signaling::value::Page::Meeting { meeting: Id::parse("m1").unwrap() };
    let back = by_token.comes_with(&token.unwrap(), &page).unwrap();
    assert!(by_token.is_told_sealed(back));
    let officer = by_token.officer_comes();
    assert!(by_token.is_told_sealed(officer), "whose own rows did not know it");

    let mut by_rows = World::new();
    let mut entry = in_meeting(super::citizen("a1"), Guest::Citizen(id("a1")), "Citizen");
    let EntryPlace::Meeting(meeting) = &mut entry.place else { panic!("a way into a meeting") };
    meeting.sealed = true;
    let back = by_rows.enter(entry);
    assert!(by_rows.is_told_sealed(back));
}

#[test]
fn a_running_recording_ends_and_none_can_be_begun() {
    let mut world = World::new();
    let officer = world.officer_comes();
    world.connects(officer);
    let record = || ClientMessage::Record { on: true, reason: Some("x".to_owned().try_into().unwrap()) };
    world.says(officer, record());
    assert!(!world.tapped.is_empty());
    world.seals(officer);
    assert!(world.tapped.is_empty());
    assert!(world.notes.contains(&::recording::Note::End(::recording::End::SwitchedOff)));
    world.says(officer, record());
    assert_eq!(world.last_error(officer), Some(ErrorCode::CannotRecord));
    assert!(world.tapped.is_empty());
}

#[test]
fn a_note_about_keys_goes_from_inside_to_inside_and_nowhere_else() {
    let mut world = World::new();
    let officer = world.officer_comes();
    let citizen = world.lets_in(officer, "a1");
    let (desk, waits) = (world.desk_comes(), world.citizen_comes("a2"));
    world.passes(officer, citizen);
    assert_eq!(world.notes_to(citizen), [world.name(officer)], "it says from whom");
    for (from, to, why) in [
        (officer, waits, ErrorCode::UnknownParticipant),
        (officer, desk, ErrorCode::UnknownParticipant),
        (officer, officer, ErrorCode::UnknownParticipant),
        (waits, officer, ErrorCode::NotAllowed),
        (desk, officer, ErrorCode::NotAllowed),
    ] {
        world.passes(from, to);
        assert_eq!(world.last_error(from), Some(why));
        assert!(world.notes_to(to).is_empty());
    }
    assert_eq!(world.notes_to(citizen).len(), 1);
}
