//! Scenes of auto-answer: what leaves a chamber before its countdown is over, and what takes the countdown back.

use super::*;
use domain::hotline::{AutoAnswer, Change, Hours};
use domain::office::ist;
use signaling::value::{DeclineReason, MemberState, OwnPresence};

/// The Secretary of Health lets the Chief Secretary in, today from eight to eight.
fn world() -> (World, (SocketId, PeerId), (SocketId, PeerId)) {
    let mut world = World::new();
    lets_in(&mut world, Some(CS));
    let (caller, callee) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    (world, caller, callee)
}

fn lets_in(world: &mut World, caller: Option<&str>) {
    let day = world.now.to_zoned(ist()).date();
    let hours = Hours::parse("08:00", "20:00").unwrap();
    let mut cards = seats();
    let health = cards.iter_mut().find(|card| card.post.as_str() == HEALTH).unwrap();
    let own = |caller| AutoAnswer { person: person_of(HEALTH), callers: vec![id(caller)], hours, day };
    health.answers = caller.map(own).into_iter().collect();
    world.step(Input::Seats(cards));
}

fn frosts(world: &mut World, socket: SocketId, call: &Id) {
    world.says(socket, ClientMessage::Frosted { call: call.clone() });
}

/// What the seat was told last of when it opens by itself.
fn opens_in(world: &World, socket: SocketId) -> Option<u32> {
    let incoming = |m: &ServerMessage| match m {
        ServerMessage::Incoming { opens_in_ms, .. } => Some(*opens_in_ms),
        _ => None,
    };
    world.told(socket).iter().rev().find_map(incoming).flatten()
}

fn told_of(world: &World, socket: SocketId) -> MemberState {
    let member = |m: &ServerMessage| match m {
        ServerMessage::Call { members, .. } => members.first().map(|member| member.state),
        _ => None,
    };
    world.told(socket).iter().rev().find_map(member).unwrap()
}

#[test]
fn before_the_countdown_is_over_nothing_goes_but_a_frosted_picture_without_sound() {
    let (mut world, caller, callee) = world();
    let call = world.rings(caller.0, HEALTH);
    assert_eq!(opens_in(&world, callee.0), Some(5_000));
    assert!(!world.is_seen(callee.1), "a page that has not frosted shows nothing");
    world.accepts(caller.0, &call);
    frosts(&mut world, caller.0, &call);
    assert!(!world.is_seen(callee.1), "nobody else says that it is frosted");
    frosts(&mut world, callee.0, &call);
    assert!(world.is_open(callee.1, caller.1));
    let frosted = media::Allowed { voice: false, camera: true, screen: false };
    assert_eq!(world.allowed.get(&callee.1), Some(&frosted));
    assert_eq!(told_of(&world, caller.0), MemberState::Frosted);
    world.pass(4);
    assert_eq!(world.allowed.get(&callee.1), Some(&frosted));
    world.pass(1);
    assert_eq!(world.last_call(callee.0).1, CallState::Accepted);
    assert_eq!(world.allowed.get(&callee.1), Some(&media::Allowed::default()), "sound and picture");
    world.says(callee.0, ClientMessage::HangUp { call });
    assert!(world.open.is_empty());
}

#[test]
fn a_page_that_cannot_frost_shows_nothing_until_the_end() {
    let (mut world, caller, callee) = world();
    world.rings(caller.0, HEALTH);
    world.pass(4);
    assert!(!world.is_seen(callee.1));
    world.pass(1);
    assert!(world.is_open(callee.1, caller.1));
}

#[test]
fn one_tap_in_the_countdown_says_no() {
    let (mut world, caller, callee) = world();
    let call = world.rings(caller.0, HEALTH);
    frosts(&mut world, callee.0, &call);
    world.says(callee.0, ClientMessage::DeclineRing { call, reason: DeclineReason::Busy });
    assert!(world.open.is_empty());
    world.pass(10);
    assert!(world.open.is_empty() && world.last_call(caller.0).1 == CallState::Declined);
}

/// What happens, and how.
type End = (&'static str, fn(&mut World, SocketId));

#[test]
fn what_takes_the_consent_back_leaves_a_ring_like_any_other() {
    let ends: [End; 5] = [
        ("taken back", |world, _| lets_in(world, None)),
        ("others are named now", |world, _| lets_in(world, Some(HOME))),
        ("out of the chamber", |world, socket| {
            world.says(socket, ClientMessage::SetPresence { presence: OwnPresence::Away });
        }),
        ("another person at the device", |world, _| {
            let staff = Actor::Staff(Box::new(Staff {
                person: person_of(HOME),
                session: SessionId::parse("s-else").unwrap(),
                ..head(HEALTH).staff().unwrap().clone()
            }));
            world.enter(Entry { actor: staff, place: EntryPlace::Seat(id(HEALTH), Device::Chamber) });
        }),
        ("in a meeting", |world, _| {
            world.officer_comes();
        }),
    ];
    for (why, end) in ends {
        let (mut world, caller, callee) = world();
        let call = world.rings(caller.0, HEALTH);
        frosts(&mut world, callee.0, &call);
        end(&mut world, callee.0);
        assert!(!world.is_seen(callee.1), "{why}");
        world.pass(10);
        assert!(!world.is_seen(callee.1), "{why}");
        let taken =
            world.acts.iter().any(|act| matches!(act, Act::Call(c) if matches!(**c, Change::Withdrawn(..))));
        assert!(taken, "it stands in the ledger: {why}");
    }
}

#[test]
fn nobody_is_let_in_who_is_not_named_nor_at_another_device_nor_after_the_hours() {
    let (mut world, _, callee) = world();
    let other = world.sits_warm(HOME);
    let call = world.rings(other.0, HEALTH);
    assert_eq!(opens_in(&world, callee.0), None);
    frosts(&mut world, callee.0, &call);
    assert_eq!(world.last_error(callee.0), Some(ErrorCode::CallPassed));
    world.pass(6);
    assert!(!world.is_seen(callee.1));

    let (mut world, caller, callee) = self::world();
    let phone = world.sits_warm_at(HEALTH, Device::Phone);
    let call = world.rings(caller.0, HEALTH);
    assert_eq!((opens_in(&world, callee.0), opens_in(&world, phone.0)), (Some(5_000), None));
    frosts(&mut world, phone.0, &call);
    assert!(!world.is_seen(phone.1) && !world.is_seen(callee.1));

    let (mut world, caller, callee) = self::world();
    world.now += SignedDuration::from_hours(13);
    world.rings(caller.0, HEALTH);
    assert_eq!(opens_in(&world, callee.0), None, "at night it rings");
    world.pass(6);
    assert!(!world.is_seen(callee.1));
}
