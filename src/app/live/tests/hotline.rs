//! Scenes on the hotline: who is seen when, and what a call survives.
//!
//! Above all: nothing leaves a chamber before its own seat accepts, whatever anybody else says.

use super::*;
use domain::hotline::Change;
use proptest::prelude::*;
use signaling::value::{DeclineReason, OwnPresence, Posts, Presence};

fn ringing() -> (World, (SocketId, PeerId), (SocketId, PeerId), Id) {
    let mut world = World::new();
    let (caller, callee) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let call = world.rings(caller.0, HEALTH);
    (world, caller, callee, call)
}

fn talking() -> (World, (SocketId, PeerId), (SocketId, PeerId), Id) {
    let (mut world, caller, callee, call) = ringing();
    world.accepts(callee.0, &call);
    (world, caller, callee, call)
}

fn ended(world: &World, socket: SocketId, state: CallState, reason: Option<CallReason>) {
    let (_, told, why) = world.last_call(socket);
    assert_eq!((told, why), (state, reason));
}

#[test]
fn a_ring_shows_the_caller_and_the_accept_shows_the_callee() {
    let (mut world, caller, callee, call) = ringing();
    assert!(world.is_open(caller.1, callee.1), "the caller is seen first");
    assert!(!world.is_seen(callee.1), "nothing leaves the chamber");
    assert!(world.told(callee.0).iter().any(|m| matches!(m, ServerMessage::Incoming { .. })));
    world.accepts(callee.0, &call);
    assert!(world.is_open(callee.1, caller.1));
    ended(&world, caller.0, CallState::Accepted, None);
    world.says(caller.0, ClientMessage::HangUp { call });
    assert!(world.open.is_empty());
    ended(&world, callee.0, CallState::Ended, Some(CallReason::HungUp));
}

#[test]
fn nobody_but_the_callees_seat_can_accept() {
    let (mut world, caller, callee, call) = ringing();
    let stranger = world.sits_warm(HOME);
    for (socket, code) in [(caller.0, ErrorCode::CallPassed), (stranger.0, ErrorCode::UnknownCall)] {
        world.accepts(socket, &call);
        assert_eq!(world.last_error(socket), Some(code));
        assert!(!world.is_seen(callee.1));
    }
}

#[test]
fn a_ring_is_missed_after_thirty_seconds_and_a_late_accept_opens_nothing() {
    let (mut world, caller, callee, call) = ringing();
    world.pass(29);
    ended(&world, caller.0, CallState::Ringing, None);
    world.pass(1);
    ended(&world, caller.0, CallState::Missed, None);
    ended(&world, callee.0, CallState::Missed, None);
    world.accepts(callee.0, &call);
    assert_eq!(world.last_error(callee.0), Some(ErrorCode::UnknownCall));
    assert!(world.open.is_empty());
}

#[test]
fn a_declined_or_cancelled_ring_shows_nothing() {
    let (mut world, caller, callee, call) = ringing();
    world.says(callee.0, ClientMessage::DeclineRing { call, reason: DeclineReason::Telephone });
    ended(&world, caller.0, CallState::Declined, Some(CallReason::Telephone));
    assert!(world.open.is_empty());
    let call = world.rings(caller.0, HEALTH);
    world.says(caller.0, ClientMessage::HangUp { call });
    ended(&world, callee.0, CallState::Cancelled, None);
    assert!(world.open.is_empty());
}

#[test]
fn a_seat_whose_line_is_cut_is_not_shown_as_free_for_long() {
    let mut world = World::new();
    let (caller, callee) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let shown = |world: &World| {
        let tiles = world.told(caller.0).iter().filter_map(|message| match message {
            ServerMessage::Seat(tile) if tile.post.as_str() == HEALTH => Some(tile.presence),
            _ => None,
        });
        tiles.collect::<Vec<_>>().pop()
    };
    world.second(&[(caller.1, 0), (callee.1, 6)]);
    assert_eq!(shown(&world), Some(Presence::Available), "a check may be lost");
    world.second(&[(caller.1, 0), (callee.1, 7)]);
    assert_eq!(shown(&world), Some(Presence::Offline));
    world.rings(caller.0, HEALTH);
    ended(&world, caller.0, CallState::Unavailable, None);
    assert!(world.open.is_empty());
    world.second(&[(caller.1, 0), (callee.1, 0)]);
    assert_eq!(shown(&world), Some(Presence::Available), "it is heard again");
}

#[test]
fn a_ring_to_nobody_is_unavailable_at_once() {
    let mut world = World::new();
    let caller = world.sits_warm(CS);
    for post in [HEALTH, "sec-vacant"] {
        world.rings(caller.0, post);
        ended(&world, caller.0, CallState::Unavailable, None);
    }
    let cold = world.sits(HOME);
    world.rings(caller.0, HOME);
    ended(&world, caller.0, CallState::Unavailable, None);
    assert!(!world.told(cold).iter().any(|m| matches!(m, ServerMessage::Incoming { .. })));
    world.says(caller.0, ClientMessage::Ring { posts: Id::parse("nobody").unwrap().into() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::UnknownPost));
    world.says(caller.0, ClientMessage::Ring { posts: Id::parse(CS).unwrap().into() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::NotAllowed), "a seat does not ring itself");
}

#[test]
fn a_seat_in_a_call_or_a_meeting_is_busy() {
    let (mut world, _, _, _) = talking();
    let third = world.sits_warm(HOME);
    world.rings(third.0, HEALTH);
    ended(&world, third.0, CallState::Busy, None);
    let mut world = World::new();
    let (caller, _) = (world.sits_warm(HOME), world.sits_warm(HEALTH));
    let officer = world.officer_comes();
    assert_eq!(world.presence(caller.0, HEALTH), Presence::InMeeting);
    world.rings(caller.0, HEALTH);
    ended(&world, caller.0, CallState::Busy, None);
    world.says(officer, ClientMessage::Leave {});
    assert_eq!(world.presence(caller.0, HEALTH), Presence::Available);
}

#[test]
fn of_two_who_ring_each_other_the_first_ring_stands() {
    let (mut world, caller, callee, call) = ringing();
    world.says(callee.0, ClientMessage::Ring { posts: Id::parse(CS).unwrap().into() });
    assert_eq!(world.last_error(callee.0), Some(ErrorCode::InCallAlready));
    assert!(!world.is_seen(callee.1), "to ring is not to accept");
    world.accepts(callee.0, &call);
    assert!(world.is_open(callee.1, caller.1));
}

#[test]
fn a_cold_seat_must_connect_before_it_rings() {
    let mut world = World::new();
    let (caller, _) = (world.sits(CS), world.sits_warm(HEALTH));
    world.says(caller, ClientMessage::Ring { posts: Id::parse(HEALTH).unwrap().into() });
    assert_eq!(world.last_error(caller), Some(ErrorCode::ConnectFirst));
}

#[test]
fn presence_tells_the_truth() {
    let mut world = World::new();
    let board = world.sits_warm(CS);
    assert_eq!(world.presence(board.0, HEALTH), Presence::Offline);
    assert_eq!(world.presence(board.0, "sec-vacant"), Presence::Vacant);
    let chamber = world.sits(HEALTH);
    assert_eq!(world.presence(board.0, HEALTH), Presence::Offline, "a page without a transport");
    let peer = world.is_answered(chamber);
    assert_eq!(world.presence(board.0, HEALTH), Presence::Offline, "a transport that is not up");
    world.step(Input::Media(Event::Up { peer }));
    assert_eq!(world.presence(board.0, HEALTH), Presence::Available);
    world.says(chamber, ClientMessage::SetPresence { presence: OwnPresence::Away });
    assert_eq!(world.presence(board.0, HEALTH), Presence::Away);
    let call = world.rings(board.0, HEALTH);
    assert_eq!(world.presence(board.0, HEALTH), Presence::InCall);
    world.says(board.0, ClientMessage::HangUp { call });
    assert_eq!(world.presence(board.0, HEALTH), Presence::Away);
    world.loses_transport(peer);
    assert_eq!(world.presence(board.0, HEALTH), Presence::Offline);
}

#[test]
fn a_call_survives_ten_seconds_without_its_socket() {
    let (mut world, caller, callee, call) = talking();
    world.step(Input::Gone(callee.0, Parting::Lost));
    world.pass(9);
    assert!(world.is_open(callee.1, caller.1));
    let back = world.sits(HEALTH);
    assert_eq!(world.last_call(back), (call, CallState::Accepted, None));
    let fresh = world.connects(back);
    assert!(world.is_open(fresh, caller.1) && world.is_open(caller.1, fresh));
    assert_eq!(world.open.len(), 2, "the old transport is gone");
    world.step(Input::Gone(back, Parting::Lost));
    world.pass(10);
    ended(&world, caller.0, CallState::Ended, Some(CallReason::Lost));
    assert!(world.open.is_empty());
}

#[test]
fn a_ring_follows_the_callee_to_a_new_page_and_dies_with_the_callers() {
    let (mut world, caller, callee, call) = ringing();
    world.step(Input::Gone(callee.0, Parting::Lost));
    world.pass(2);
    let back = world.sits(HEALTH);
    let left = world.told(back).iter().find_map(|m| match m {
        ServerMessage::Incoming { call: c, ring_timeout_ms, .. } if *c == call => Some(*ring_timeout_ms),
        _ => None,
    });
    assert_eq!(left, Some(28_000));
    world.step(Input::Gone(caller.0, Parting::Lost));
    ended(&world, back, CallState::Cancelled, None);
    assert!(world.open.is_empty());
}

#[test]
fn a_newer_page_of_a_seat_replaces_the_older() {
    let mut world = World::new();
    let (first, old) = world.sits_warm(HEALTH);
    let second = world.sits(HEALTH);
    assert_eq!(world.closed.get(&first), Some(&Some(ErrorCode::Replaced)));
    world.step(Input::Gone(first, Parting::Lost));
    let fresh = world.connects(second);
    assert_ne!(old, fresh);
    let caller = world.sits_warm(CS);
    let call = world.rings(caller.0, HEALTH);
    world.accepts(first, &call);
    assert!(!world.is_seen(fresh) && !world.is_seen(old), "a replaced page accepts nothing");
    world.accepts(second, &call);
    assert!(world.is_open(fresh, caller.1));
}

#[test]
fn a_transfer_takes_the_seat_away() {
    let (mut world, caller, callee, _) = talking();
    let mut cards = seats();
    cards[1].holders = vec![PersonId::parse("successor").unwrap()];
    world.step(Input::Seats(cards));
    assert_eq!(world.closed.get(&callee.0), Some(&Some(ErrorCode::SessionEnded)));
    assert!(world.open.is_empty(), "nothing of the old holder's page is seen");
    ended(&world, caller.0, CallState::Ended, Some(CallReason::Lost));
}

#[test]
fn a_sign_out_closes_the_sessions_sockets() {
    let (mut world, _, callee, _) = talking();
    world.step(Input::SignedOut(SessionId::parse("s-sec-health").unwrap()));
    assert_eq!(world.closed.get(&callee.0), Some(&Some(ErrorCode::SessionEnded)));
    assert!(world.open.is_empty());
}

#[test]
fn every_ring_stands_in_the_ledger_with_its_end() {
    let (mut world, caller, _, call) = talking();
    world.says(caller.0, ClientMessage::HangUp { call });
    let words = |act: &Act| match act {
        Act::Call(change) => match &**change {
            Change::Opened(_, place) => format!("{} opens", place.post),
            Change::Rung(_, post, ring) => format!("{} rings {post}", ring.by),
            Change::Consented(consent) => format!("{} {}", consent.place().post, consent.act().code()),
            Change::Out(_, post, outcome) => format!("{post} {}", outcome.code()),
            Change::Over(_) => "over".to_owned(),
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    };
    let wanted = [
        "chief-secretary opens",
        "chief-secretary rings sec-health",
        "sec-health accepted",
        "chief-secretary hung_up",
        "sec-health ended",
        "over",
    ];
    assert_eq!(world.acts.iter().map(words).collect::<Vec<_>>(), wanted);
}

#[test]
fn what_is_refused_is_written_down() {
    let (mut world, _, callee, call) = ringing();
    let stranger = world.sits_warm(HOME);
    world.accepts(stranger.0, &call);
    let refused = Act::CallRefused { post: id(HOME), about: "accept_ring", code: ErrorCode::UnknownCall };
    assert_eq!(world.acts.last(), Some(&refused));
    world.says(callee.0, ClientMessage::Ring { posts: Id::parse("nobody").unwrap().into() });
    let refused = Act::CallRefused { post: id(HEALTH), about: "ring", code: ErrorCode::UnknownPost };
    assert_eq!(world.acts.last(), Some(&refused));
}

#[test]
fn of_three_everybody_sees_everybody_who_took_it() {
    let mut world = World::new();
    let [cs, health, home] = [CS, HEALTH, HOME].map(|post| world.sits_warm(post));
    let posts = Posts::try_from(vec![Id::parse(HEALTH).unwrap(), Id::parse(HOME).unwrap()]).unwrap();
    world.says(cs.0, ClientMessage::Ring { posts });
    let call = world.last_call(cs.0).0;
    assert!(world.is_open(cs.1, health.1) && world.is_open(cs.1, home.1));
    world.accepts(health.0, &call);
    assert!(world.is_open(health.1, cs.1) && !world.is_open(health.1, home.1), "who is rung sees who rings");
    world.accepts(home.0, &call);
    assert_eq!(world.open.len(), 6);
    world.says(cs.0, ClientMessage::HangUp { call });
    assert_eq!(world.open.len(), 2, "the others go on");
}

#[test]
fn a_ring_of_precedence_holds_the_call_that_it_interrupts() {
    let mut world = World::new();
    let [cs, health, home] = [CS, HEALTH, HOME].map(|post| world.sits_warm(post));
    let talk = world.rings(home.0, HEALTH);
    world.accepts(health.0, &talk);
    let above = world.rings(cs.0, HEALTH);
    let breaks_in =
        world.told(health.0).iter().any(|m| matches!(m, ServerMessage::Incoming { breaks_in: true, .. }));
    assert!(breaks_in && world.is_open(health.1, home.1), "nothing is cut by a ring");
    world.accepts(health.0, &above);
    assert!(
        !world.is_open(health.1, home.1) && !world.is_open(home.1, health.1),
        "and nothing is seen on hold"
    );
    world.says(cs.0, ClientMessage::HangUp { call: above });
    assert!(!world.is_seen(health.1), "nobody comes back by himself");
    world.says(health.0, ClientMessage::ResumeCall { call: talk });
    assert!(world.is_open(health.1, home.1) && world.is_open(home.1, health.1));
}

#[test]
fn who_has_only_the_page_of_a_meeting_open_is_rung_there_and_takes_it_at_a_device_that_he_opens() {
    let mut world = World::new();
    let cs = world.sits_warm(CS);
    let officer = world.officer_comes();
    let call = world.rings(cs.0, HEALTH);
    assert_eq!(world.last_call(cs.0).1, CallState::Ringing);
    assert!(world.told(officer).iter().any(|m| matches!(m, ServerMessage::CallWaiting { caller: Some(_) })));
    let phone = world.sits_warm_at(HEALTH, Device::Phone);
    assert!(world.told(phone.0).iter().any(|m| matches!(m, ServerMessage::Incoming { .. })));
    world.accepts(phone.0, &call);
    assert!(world.is_open(phone.1, cs.1));
}

#[test]
fn a_ring_of_precedence_is_heard_in_a_meeting_and_cuts_nothing() {
    let mut world = World::new();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let officer = world.officer_comes();
    let call = world.rings(cs.0, HEALTH);
    assert_eq!(world.last_call(cs.0).1, CallState::Ringing);
    assert!(
        world.told(health.0).iter().any(|m| matches!(m, ServerMessage::Incoming { breaks_in: true, .. }))
    );
    assert!(!world.closed.contains_key(&officer));
    world.says(health.0, ClientMessage::DeclineRing { call, reason: DeclineReason::Later });
    ended(&world, cs.0, CallState::Declined, Some(CallReason::Later));
    world.pass(120);
    assert!(world.told(health.0).iter().any(|m| matches!(m, ServerMessage::RingBack { .. })));
}

#[test]
fn what_a_seat_has_missed_is_told_to_every_device_of_it_and_to_nobody_else() {
    let mut world = World::new();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let phone = world.sits_warm_at(HEALTH, Device::Phone);
    world.step(Input::Missed(vec![PostId::parse(HEALTH).unwrap()]));
    let is_told = |socket| world.told(socket).iter().any(|m| matches!(m, ServerMessage::Missed {}));
    assert!(is_told(health.0) && is_told(phone.0) && !is_told(cs.0));
}

#[test]
fn a_question_that_moves_is_told_to_every_device_of_its_seats_and_to_nobody_else() {
    let mut world = World::new();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let (phone, stranger) = (world.sits_warm_at(HEALTH, Device::Phone), world.sits_warm(HOME));
    world.step(Input::Questions(vec![PostId::parse(HEALTH).unwrap()]));
    let is_told = |socket| world.told(socket).iter().any(|m| matches!(m, ServerMessage::Questions {}));
    assert!(is_told(health.0) && is_told(phone.0));
    assert!(!is_told(cs.0) && !is_told(stranger.0));
}

#[test]
fn a_seat_rings_at_all_its_devices_and_talks_at_one() {
    let mut world = World::new();
    let (cs, chamber) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let phone = world.sits_warm_at(HEALTH, Device::Phone);
    let call = world.rings(cs.0, HEALTH);
    assert!(world.is_open(cs.1, chamber.1) && world.is_open(cs.1, phone.1));
    world.accepts(phone.0, &call);
    assert!(world.is_open(phone.1, cs.1) && !world.is_seen(chamber.1) && !world.is_open(cs.1, chamber.1));
    let here = |world: &World, socket| {
        world.told(socket).iter().rev().find_map(|m| match m {
            ServerMessage::Call { here, .. } => Some(*here),
            _ => None,
        })
    };
    assert_eq!((here(&world, phone.0), here(&world, chamber.0)), (Some(true), Some(false)));
    world.says(chamber.0, ClientMessage::TakeCall { call });
    assert!(world.is_open(chamber.1, cs.1) && world.is_open(phone.1, cs.1), "no gap");
    let (to, from) = (cs.1, Some((chamber.1, media::Part::Camera)));
    world.step(Input::Media(Event::Slot { to, mid: "3".to_owned(), from }));
    assert!(
        world.is_open(chamber.1, cs.1) && !world.is_seen(phone.1),
        "the chamber is heard: the telephone is shut"
    );
    assert_eq!((here(&world, phone.0), here(&world, chamber.0)), (Some(false), Some(true)));
}

#[test]
fn who_takes_a_call_in_a_meeting_is_away_from_it_until_he_says_that_he_is_back() {
    let mut world = World::new();
    let (cs, health) = (world.sits_warm(CS), world.sits_warm(HEALTH));
    let officer = world.officer_comes();
    let citizen = world.citizen_comes("a1");
    let (at_meeting, visitor) = (world.connects(officer), world.connects(citizen));
    let who = world.name(citizen);
    world.says(officer, ClientMessage::Admit { participant: who });
    assert!(world.is_open(at_meeting, visitor));
    let waiting = |world: &World| {
        world.told(officer).iter().rev().find_map(|m| match m {
            ServerMessage::CallWaiting { caller } => Some(caller.is_some()),
            _ => None,
        })
    };
    let away = |world: &World| {
        world.told(citizen).iter().rev().find_map(|m| match m {
            ServerMessage::Participants { participants } => {
                Some(participants.iter().any(|one| one.called_away))
            }
            _ => None,
        })
    };
    let call = world.rings(cs.0, HEALTH);
    assert_eq!(waiting(&world), Some(true), "seen on the page of the meeting");
    assert!(world.is_open(at_meeting, visitor) && away(&world) == Some(false), "nobody is cut by a ring");
    world.accepts(health.0, &call);
    assert_eq!((waiting(&world), away(&world)), (Some(false), Some(true)));
    assert!(!world.is_seen(at_meeting) && !world.is_open(visitor, at_meeting));
    world.says(officer, ClientMessage::ComeBack {});
    assert_eq!(world.last_error(officer), Some(ErrorCode::InCallAlready));
    world.says(cs.0, ClientMessage::HangUp { call });
    assert!(!world.is_seen(at_meeting), "not by the other's hanging up");
    let officer = world.officer_comes();
    assert!(!world.is_seen(at_meeting) && away(&world) == Some(true), "nor by a new socket");
    world.says(officer, ClientMessage::ComeBack {});
    assert!(world.is_open(at_meeting, visitor) && world.is_open(visitor, at_meeting));
    assert_eq!(away(&world), Some(false));
}

#[test]
fn a_call_ends_with_its_person_also_at_the_same_device() {
    let (mut world, caller, callee, _) = talking();
    let mut other = head(HEALTH);
    if let Actor::Staff(staff) = &mut other {
        staff.person = PersonId::parse("person-else").unwrap();
    }
    world.enter(Entry { actor: other, place: EntryPlace::Seat(id(HEALTH), Device::Chamber) });
    assert!(world.open.is_empty(), "whoever sits down there takes nothing over");
    ended(&world, caller.0, CallState::Ended, Some(CallReason::Lost));
    assert!(!world.is_seen(callee.1));
}

#[derive(Debug, Clone)]
enum Said {
    Ring(usize, Vec<usize>),
    Add(usize, usize),
    HandOver(usize, usize),
    Accept(usize),
    Decline(usize),
    Cancel(usize, usize),
    HangUp(usize),
    Resume(usize),
    Take(usize),
    Reconnect(usize),
    NewPage(usize),
    Gone(usize),
    TransportLost(usize),
    Pass(i64),
}

fn anything() -> impl Strategy<Value = Said> {
    let (seat, post) = (0..PLACES.len(), 0..POSTS.len());
    prop_oneof![
        4 => (seat.clone(), prop::collection::vec(post.clone(), 1..3)).prop_map(|(a, b)| Said::Ring(a, b)),
        1 => (seat.clone(), post.clone()).prop_map(|(a, b)| Said::Add(a, b)),
        1 => (seat.clone(), post.clone()).prop_map(|(a, b)| Said::HandOver(a, b)),
        6 => seat.clone().prop_map(Said::Accept),
        1 => seat.clone().prop_map(Said::Decline),
        1 => (seat.clone(), post).prop_map(|(a, b)| Said::Cancel(a, b)),
        1 => seat.clone().prop_map(Said::HangUp),
        2 => seat.clone().prop_map(Said::Resume),
        2 => seat.clone().prop_map(Said::Take),
        2 => seat.clone().prop_map(Said::Reconnect),
        2 => seat.clone().prop_map(Said::NewPage),
        1 => seat.clone().prop_map(Said::Gone),
        1 => seat.prop_map(Said::TransportLost),
        2 => (1..15i64).prop_map(Said::Pass),
    ]
}

const POSTS: [&str; 3] = [CS, HEALTH, HOME];
const PLACES: [(&str, Device); 5] = [
    (CS, Device::Board),
    (HEALTH, Device::Chamber),
    (HEALTH, Device::Phone),
    (HOME, Device::Chamber),
    (HOME, Device::Board),
];

/// Three seats at five devices; `agreed` holds who has agreed to what by a message of his own, that was not refused.
struct Seats {
    world: World,
    at: Vec<(SocketId, Option<PeerId>)>,
    calls: Vec<Id>,
    agreed: BTreeSet<(Id, usize)>,
}

impl Seats {
    fn take_place() -> Seats {
        let mut world = World::new();
        let at =
            PLACES.map(|(post, device)| world.sits_warm_at(post, device)).map(|(s, p)| (s, Some(p))).to_vec();
        Seats { world, at, calls: Vec::new(), agreed: BTreeSet::new() }
    }

    /// Says it at a place.
    ///
    /// * returns: whether it was not refused.
    fn says(&mut self, n: usize, message: ClientMessage) -> bool {
        let socket = self.at[n].0;
        if !self.world.floor.sockets.contains_key(&socket) {
            return false;
        }
        let errors = |world: &World| {
            world.told(socket).iter().filter(|m| matches!(m, ServerMessage::Error { .. })).count()
        };
        let before = errors(&self.world);
        self.world.says(socket, message);
        errors(&self.world) == before
    }

    /// Who takes a call leaves every other.
    fn agrees(&mut self, n: usize, call: Id) {
        let own = PLACES[n].0;
        self.agreed.retain(|(of, m)| PLACES[*m].0 != own || *of == call);
        self.agreed.insert((call, n));
    }

    fn act(&mut self, said: &Said, back: usize) {
        let none = Id::parse("none").unwrap();
        let call = self.calls.iter().rev().nth(back).cloned().unwrap_or(none);
        let post = |n: usize| Id::parse(POSTS[n]).unwrap();
        match said.clone() {
            Said::Ring(n, posts) => {
                let Ok(posts) = Posts::try_from(posts.into_iter().map(post).collect::<Vec<Id>>()) else {
                    return;
                };
                let before = self.world.acts.len();
                if self.says(n, ClientMessage::Ring { posts }) {
                    let opened = self.world.acts[before..].iter().find_map(|act| match act {
                        Act::Call(change) => match &**change {
                            Change::Opened(call, _) => Some(Id::parse(call.as_str()).unwrap()),
                            _ => None,
                        },
                        _ => None,
                    });
                    let call = opened.expect("a ring opens a call");
                    self.agrees(n, call.clone());
                    self.calls.push(call);
                }
            }
            Said::Add(n, who) => _ = self.says(n, ClientMessage::AddToCall { call, posts: post(who).into() }),
            Said::HandOver(n, who) => _ = self.says(n, ClientMessage::HandOver { call, post: post(who) }),
            Said::Accept(n) => self.agrees_if(n, &call, ClientMessage::AcceptRing { call: call.clone() }),
            Said::Resume(n) => self.agrees_if(n, &call, ClientMessage::ResumeCall { call: call.clone() }),
            Said::Take(n) => self.agrees_if(n, &call, ClientMessage::TakeCall { call: call.clone() }),
            Said::Decline(n) => {
                _ = self.says(n, ClientMessage::DeclineRing { call, reason: DeclineReason::Busy });
            }
            Said::Cancel(n, who) => _ = self.says(n, ClientMessage::CancelRing { call, post: post(who) }),
            Said::HangUp(n) => {
                if self.says(n, ClientMessage::HangUp { call: call.clone() }) {
                    self.agreed.retain(|(of, m)| *of != call || PLACES[*m].0 != PLACES[n].0);
                }
            }
            other => self.happens(&other),
        }
    }

    fn agrees_if(&mut self, n: usize, call: &Id, message: ClientMessage) {
        if self.says(n, message) {
            self.agrees(n, call.clone());
        }
    }

    fn happens(&mut self, what: &Said) {
        match *what {
            Said::Reconnect(n) if self.world.floor.sockets.contains_key(&self.at[n].0) => {
                self.at[n].1 = Some(self.world.connects(self.at[n].0));
            }
            Said::NewPage(n) => self.at[n].0 = self.world.sits_at(PLACES[n].0, PLACES[n].1),
            Said::Gone(n) => drop(self.world.step(Input::Gone(self.at[n].0, Parting::Lost))),
            Said::TransportLost(n) => {
                if let Some(peer) = self.at[n].1.take() {
                    self.world.open.retain(|(f, t)| *f != peer && *t != peer);
                    self.world.loses_transport(peer);
                }
            }
            Said::Pass(seconds) => self.world.pass(seconds),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_is_said_nothing_leaves_a_seat_that_did_not_agree_by_its_own_word(
        history in prop::collection::vec((anything(), 0..3usize), 1..60),
    ) {
        let mut seats = Seats::take_place();
        for (said, back) in &history {
            seats.act(said, *back);
            for (n, (_, peer)) in seats.at.iter().enumerate() {
                let Some(peer) = peer else { continue };
                if seats.world.is_seen(*peer) {
                    prop_assert!(seats.agreed.iter().any(|(_, who)| *who == n), "{:?} is seen", PLACES[n]);
                }
            }
        }
        // Whatever was said before: when everybody is gone for a while, nothing is open and nobody talks.
        for n in 0..PLACES.len() { seats.happens(&Said::Gone(n)); }
        seats.world.pass(31);
        seats.world.pass(700);
        prop_assert!(seats.world.open.is_empty());
        prop_assert_eq!(seats.world.floor.counts().2, 0);
    }
}
