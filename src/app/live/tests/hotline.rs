//! Scenes on the hotline: who is seen when, and what a call survives.
//!
//! Above all: nothing leaves a chamber before its own seat accepts, whatever anybody else says.

use super::*;
use proptest::prelude::*;
use signaling::value::{DeclineReason, OwnPresence};

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
    for socket in [caller.0, stranger.0] {
        world.accepts(socket, &call);
        assert_eq!(world.last_error(socket), Some(ErrorCode::UnknownCall));
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
    world.says(caller.0, ClientMessage::CancelRing { call });
    ended(&world, callee.0, CallState::Cancelled, None);
    assert!(world.open.is_empty());
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
    world.says(caller.0, ClientMessage::Ring { post: Id::parse("nobody").unwrap() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::UnknownPost));
    world.says(caller.0, ClientMessage::Ring { post: Id::parse(CS).unwrap() });
    assert_eq!(world.last_error(caller.0), Some(ErrorCode::NotAllowed), "a seat does not ring itself");
}

#[test]
fn a_seat_in_a_call_or_a_meeting_is_busy() {
    let (mut world, _, _, _) = talking();
    let third = world.sits_warm(HOME);
    world.rings(third.0, HEALTH);
    ended(&world, third.0, CallState::Busy, None);
    let mut world = World::new();
    let (caller, _) = (world.sits_warm(CS), world.sits_warm(HEALTH));
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
    world.says(callee.0, ClientMessage::Ring { post: Id::parse(CS).unwrap() });
    assert_eq!(world.last_error(callee.0), Some(ErrorCode::InCallAlready));
    assert!(!world.is_seen(callee.1), "to ring is not to accept");
    world.accepts(callee.0, &call);
    assert!(world.is_open(callee.1, caller.1));
}

#[test]
fn a_cold_seat_must_connect_before_it_rings() {
    let mut world = World::new();
    let (caller, _) = (world.sits(CS), world.sits_warm(HEALTH));
    world.says(caller, ClientMessage::Ring { post: Id::parse(HEALTH).unwrap() });
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
    world.says(board.0, ClientMessage::CancelRing { call });
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
    world.pass(10);
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
    world.says(caller.0, ClientMessage::HangUp { call: call.clone() });
    let call = domain::id::CallId::parse(call.as_str()).unwrap();
    let outcome = domain::hotline::Outcome::HungUp(domain::hotline::Side::Caller);
    assert_eq!(
        world.acts,
        [
            Act::Rang { call: call.clone(), caller: id(CS), callee: id(HEALTH) },
            Act::Accepted { call: call.clone() },
            Act::Over { call, outcome },
        ]
    );
}

#[derive(Debug, Clone)]
enum Said {
    Ring(usize, usize),
    Accept(usize),
    Decline(usize),
    Cancel(usize),
    HangUp(usize),
    Reconnect(usize),
    NewPage(usize),
    Gone(usize),
    TransportLost(usize),
    Pass(i64),
}

fn anything() -> impl Strategy<Value = Said> {
    let seat = 0..3usize;
    prop_oneof![
        4 => (seat.clone(), seat.clone()).prop_map(|(a, b)| Said::Ring(a, b)),
        3 => seat.clone().prop_map(Said::Accept),
        1 => seat.clone().prop_map(Said::Decline),
        1 => seat.clone().prop_map(Said::Cancel),
        1 => seat.clone().prop_map(Said::HangUp),
        2 => seat.clone().prop_map(Said::Reconnect),
        2 => seat.clone().prop_map(Said::NewPage),
        1 => seat.clone().prop_map(Said::Gone),
        1 => seat.prop_map(Said::TransportLost),
        2 => (1..15i64).prop_map(Said::Pass),
    ]
}

/// Three seats; `consented[s]` holds the calls that seat `s` itself rang or accepted.
struct Seats {
    world: World,
    at: Vec<(SocketId, Option<PeerId>)>,
    calls: Vec<Id>,
    consented: Vec<BTreeSet<Id>>,
}

const POSTS: [&str; 3] = [CS, HEALTH, HOME];

impl Seats {
    fn take_place() -> Seats {
        let mut world = World::new();
        let at = POSTS.map(|post| world.sits_warm(post)).map(|(s, p)| (s, Some(p))).to_vec();
        Seats { world, at, calls: Vec::new(), consented: vec![BTreeSet::new(); 3] }
    }

    fn live_call(&self) -> Id {
        self.calls.last().cloned().unwrap_or_else(|| Id::parse("none").unwrap())
    }

    fn act(&mut self, said: &Said) {
        let call = self.live_call();
        match *said {
            Said::Ring(a, b) => {
                let before = self.world.acts.len();
                self.world.says(self.at[a].0, ClientMessage::Ring { post: Id::parse(POSTS[b]).unwrap() });
                let acts = self.world.acts[before..].to_vec();
                let is_over = acts.iter().any(|act| matches!(act, Act::Over { .. }));
                for act in acts {
                    if let Act::Rang { call, .. } = act
                        && !is_over
                    {
                        let call = Id::parse(call.as_str()).unwrap();
                        self.consented[a].insert(call.clone());
                        self.calls.push(call);
                    }
                }
            }
            Said::Accept(s) => {
                let before = self.world.acts.len();
                self.world.accepts(self.at[s].0, &call);
                if self.world.acts.len() > before {
                    self.consented[s].insert(call);
                }
            }
            Said::Decline(s) => {
                let reason = DeclineReason::Busy;
                drop(self.world.says(self.at[s].0, ClientMessage::DeclineRing { call, reason }));
            }
            Said::Cancel(s) => drop(self.world.says(self.at[s].0, ClientMessage::CancelRing { call })),
            Said::HangUp(s) => drop(self.world.says(self.at[s].0, ClientMessage::HangUp { call })),
            Said::Reconnect(s) => {
                if self.world.floor.sockets.contains_key(&self.at[s].0) {
                    self.at[s].1 = Some(self.world.connects(self.at[s].0));
                }
            }
            Said::NewPage(s) => self.at[s].0 = self.world.sits(POSTS[s]),
            Said::Gone(s) => drop(self.world.step(Input::Gone(self.at[s].0, Parting::Lost))),
            Said::TransportLost(s) => {
                if let Some(peer) = self.at[s].1.take() {
                    self.world.open.retain(|(f, t)| *f != peer && *t != peer);
                    self.world.loses_transport(peer);
                }
            }
            Said::Pass(seconds) => self.world.pass(seconds),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_is_said_nothing_leaves_a_seat_that_neither_rang_nor_accepted(
        history in prop::collection::vec(anything(), 1..60),
    ) {
        let mut seats = Seats::take_place();
        for said in &history {
            seats.act(said);
            for (s, (_, peer)) in seats.at.iter().enumerate() {
                let Some(peer) = peer else { continue };
                if seats.world.is_seen(*peer) {
                    let call = seats.live_call();
                    prop_assert!(seats.consented[s].contains(&call), "{} is seen", POSTS[s]);
                }
            }
            prop_assert!(seats.world.floor.counts().2 <= 1, "three seats have at most one call");
        }
    }
}
