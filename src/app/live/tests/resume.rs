//! Tokens on the floor: whose place they give back, and what they never give.

use domain::meeting::Returning;
use signaling::value::{Page, ResumeToken};

use super::*;
use crate::app::resume::Resume;

fn key() -> ResumeKey {
    ResumeKey::of(&LinkKey::new(&[7; 32]))
}

fn page() -> Page {
    Page::Meeting { meeting: Id::parse("m1").unwrap() }
}

impl World {
    /// The newest token that a socket was given.
    fn token(&self, socket: SocketId) -> ResumeToken {
        let given = |m: &ServerMessage| match m {
            ServerMessage::Welcome { resume, .. } | ServerMessage::Admitted { resume } => resume.clone(),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(given).expect("was given a token")
    }

    /// The same people and the same time, and nothing that the server remembered.
    pub(super) fn restarted(&self) -> World {
        let mut world = World::new();
        world.now = self.now;
        world
    }

    /// Comes with nothing but a token, while nobody can ask the rows.
    pub(super) fn comes_with(&mut self, token: &ResumeToken, page: &Page) -> Option<SocketId> {
        let entry = key().open(token, page, self.now)?.entry(self.now)?;
        Some(self.enter(entry))
    }

    fn position(&self, socket: SocketId) -> Option<u32> {
        let position = |m: &ServerMessage| match m {
            ServerMessage::Waiting { position, .. } => Some(*position),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(position)
    }

    fn is_admitted(&self, socket: SocketId) -> bool {
        self.told(socket).iter().any(|m| m.kind() == "admitted")
    }
}

#[test]
fn those_who_waited_wait_again_in_their_old_order_after_a_restart() {
    let mut world = World::new();
    let first = world.citizen_comes("a1");
    world.pass(60);
    let second = world.citizen_comes("a2");
    let (one, two) = (world.token(first), world.token(second));
    let mut world = world.restarted();
    let second = world.comes_with(&two, &page()).unwrap();
    let first = world.comes_with(&one, &page()).unwrap();
    assert_eq!((world.position(first), world.position(second)), (Some(1), Some(2)));
}

#[test]
fn whoever_was_inside_comes_straight_back_for_as_long_as_a_place_is_kept() {
    for (later, is_inside) in [(540, true), (660, false)] {
        let mut world = World::new();
        let citizen = world.citizen_comes("a1");
        let officer = world.officer_comes();
        let waiting = world.token(citizen);
        let who = world.name(citizen);
        world.says(officer, ClientMessage::Admit { participant: who });
        let token = world.token(citizen);
        assert_ne!(token, waiting, "an admission makes a newer token");
        let mut world = world.restarted();
        world.now += SignedDuration::from_secs(later);
        let citizen = world.comes_with(&token, &page()).unwrap();
        assert_eq!(world.is_admitted(citizen), is_inside, "after {later} s");
    }
}

#[test]
fn the_officer_is_the_officer_again_and_a_seat_takes_its_call_up() {
    let mut world = World::new();
    let officer = world.officer_comes();
    let token = world.token(officer);
    let mut again = world.restarted();
    let officer = again.comes_with(&token, &page()).unwrap();
    let citizen = again.citizen_comes("a1");
    let who = again.name(citizen);
    again.says(officer, ClientMessage::Admit { participant: who });
    assert!(again.is_admitted(citizen));
    again.says(officer, ClientMessage::EndMeeting {});
    assert!(again.told(citizen).iter().any(|m| m.kind() == "meeting_ended"));

    let (caller, _) = world.sits_warm(CS);
    let (callee, _) = world.sits_warm(HOME);
    let call = world.rings(caller, HOME);
    world.accepts(callee, &call);
    let token = world.token(callee);
    let back = world.comes_with(&token, &Page::Chamber {}).unwrap();
    assert_eq!(world.closed[&callee], Some(ErrorCode::Replaced));
    assert_eq!(world.last_call(back).1, CallState::Accepted);
}

#[test]
fn a_token_used_twice_at_once_makes_no_second_place() {
    let mut world = World::new();
    let first = world.citizen_comes("a1");
    let token = world.token(first);
    let second = world.comes_with(&token, &page()).unwrap();
    let third = world.comes_with(&token, &page()).unwrap();
    assert_eq!(world.closed[&first], Some(ErrorCode::Replaced));
    assert_eq!(world.closed[&second], Some(ErrorCode::Replaced));
    assert_eq!(world.name(third), world.name(first));
    assert_eq!(world.position(third), Some(1));
}

#[test]
fn who_was_sent_away_and_what_has_ended_stay_so_for_a_token() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let (officer, token) = (world.officer_comes(), world.token(citizen));
    let who = world.name(citizen);
    world.says(officer, ClientMessage::Deny { participant: who });
    world.step(Input::Gone(officer, Parting::Lost));
    world.pass(700);
    let back = world.comes_with(&token, &page()).unwrap();
    assert!(world.told(back).iter().any(|m| m.kind() == "denied"));

    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let (officer, token) = (world.officer_comes(), world.token(citizen));
    world.says(officer, ClientMessage::EndMeeting {});
    world.pass(700);
    let back = world.comes_with(&token, &page()).unwrap();
    assert!(world.told(back).iter().any(|m| m.kind() == "meeting_ended"));
}

#[test]
fn what_is_over_is_remembered_for_as_long_as_any_token_says_otherwise() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let officer = world.officer_comes();
    let who = world.name(citizen);
    // The meeting runs late: its door closes in five minutes, and whoever is away now has ten to come back.
    world.now += SignedDuration::from_mins(40);
    let late = world.officer_comes();
    world.says(late, ClientMessage::Deny { participant: who });
    let until = world.now + SignedDuration::from_mins(10);
    let guest = Lapse::Guest(id("m1"), Guest::Citizen(id("a1")));
    assert_eq!(world.lapses, [(guest, until)]);
    assert_eq!(world.closed[&officer], Some(ErrorCode::Replaced));
    world.says(late, ClientMessage::EndMeeting {});
    assert_eq!(world.lapses.last(), Some(&(Lapse::Meeting(id("m1")), until)));
    let session = head(HOME).session().unwrap().clone();
    world.step(Input::SignedOut(session.clone()));
    assert_eq!(world.lapses.last().map(|(lapse, _)| lapse), Some(&Lapse::Session(session)));
}

#[test]
fn a_token_that_is_forged_expired_or_of_another_place_is_none() {
    let mut world = World::new();
    let citizen = world.citizen_comes("a1");
    let token = world.token(citizen);
    let other = Page::Meeting { meeting: Id::parse("m2").unwrap() };
    for page in [other, Page::Board {}, Page::Chamber {}] {
        assert_eq!(world.comes_with(&token, &page), None);
    }
    let text = token.as_str();
    for place in (0..text.len()).step_by(7) {
        let mut forged = text.as_bytes().to_vec();
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        let forged = ResumeToken::try_from(String::from_utf8(forged).unwrap()).unwrap();
        assert_eq!(world.comes_with(&forged, &page()), None, "byte {place}");
    }
    let foreign = ResumeKey::of(&LinkKey::new(&[8; 32]));
    assert_eq!(foreign.open(&token, &page(), world.now), None);
    // The meeting lasts 15 minutes and its door stays open for 30 more.
    world.now += SignedDuration::from_mins(45);
    assert_eq!(world.comes_with(&token, &page()), None);
    let seat = world.sits(CS);
    let token = world.token(seat);
    assert_eq!(world.comes_with(&token, &Page::Board {}), None, "of another device");
    assert!(world.comes_with(&token, &Page::Chamber {}).is_some());
    world.now += SignedDuration::from_hours(12);
    assert_eq!(world.comes_with(&token, &Page::Chamber {}), None);
}

#[test]
fn a_token_carries_no_right_beyond_its_place_and_is_given_to_nobody_unknown() {
    let world = World::new();
    let wide = staff("desk", RoleKey::Desk, &[HEALTH, HOME]);
    let entry = in_meeting(wide, Guest::Desk(id("u-desk")), "Desk");
    let resume = Resume::of(&entry, SignedDuration::ZERO, world.now).unwrap();
    let back = resume.entry(world.now).unwrap();
    let staff = back.actor.staff().unwrap();
    assert_eq!((staff.admits.clone(), staff.screens.len()), (vec![id(HEALTH)], 0));
    let EntryPlace::Meeting(meeting) = back.place else { panic!("a meeting") };
    assert_eq!(meeting.claim, None::<Returning>, "nobody stood anywhere yet");
    let nobody = in_meeting(Actor::Anyone, Guest::Citizen(id("a9")), "nobody");
    assert_eq!(Resume::of(&nobody, SignedDuration::ZERO, world.now), None);
}
