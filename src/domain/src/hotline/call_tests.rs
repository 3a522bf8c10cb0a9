//! The rules of a call as tests, above all: no consent but by the callee's own accept.
//!
//! The time is a number of seconds; nothing sleeps.

use super::*;
use proptest::prelude::*;

const RING: SignedDuration = SignedDuration::from_secs(30);
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_585_500 + second).expect("in range")
}

fn post(name: &str) -> PostId {
    PostId::parse(name).expect("an id")
}

fn rings() -> Call {
    let id = CallId::parse("c1").expect("an id");
    Call::ring(id, post("chief-secretary"), post("secretary-health"), at(0)).expect("two posts")
}

fn accepted() -> Call {
    let mut call = rings();
    call.accept(&post("secretary-health"), at(5)).expect("the callee accepts");
    call
}

fn outcome(call: &Call) -> Option<Outcome> {
    if let State::Over { outcome, .. } = call.state() { Some(*outcome) } else { None }
}

#[test]
fn only_the_callee_consents_and_only_while_it_rings() {
    let mut call = rings();
    assert_eq!(call.consent(), None);
    assert_eq!(call.accept(&post("chief-secretary"), at(1)), Err(CallError::NotYours));
    assert_eq!(call.accept(&post("secretary-home"), at(1)), Err(CallError::NotYours));
    assert_eq!(call.consent(), None);
    call.accept(&post("secretary-health"), at(1)).expect("the callee accepts");
    let consent = call.consent().expect("given");
    assert_eq!((consent.by(), consent.at()), (&post("secretary-health"), at(1)));
    assert_eq!(call.accept(&post("secretary-health"), at(2)), Err(CallError::Passed));
    call.hang_up(&post("chief-secretary"), at(3)).expect("either hangs up");
    assert_eq!(call.consent(), None, "consent ends with the call");
}

#[test]
fn a_seat_cannot_ring_itself() {
    let id = CallId::parse("c1").expect("an id");
    assert_eq!(Call::ring(id, post("a"), post("a"), at(0)), None);
}

#[test]
fn an_unanswered_ring_is_missed_after_thirty_seconds() {
    let mut call = rings();
    assert!(!call.pass(RING, WINDOW, at(29)));
    assert!(call.pass(RING, WINDOW, at(30)));
    assert_eq!(outcome(&call), Some(Outcome::Missed));
    assert_eq!(call.accept(&post("secretary-health"), at(31)), Err(CallError::Passed));
}

#[test]
fn a_declined_ring_keeps_its_reason() {
    let mut call = rings();
    call.decline(&post("secretary-health"), DeclineReason::Telephone, at(1)).expect("declines");
    assert_eq!(outcome(&call), Some(Outcome::Declined(DeclineReason::Telephone)));
}

#[test]
fn a_caller_may_cancel_until_the_accept_and_either_may_hang_up_after_it() {
    let mut call = rings();
    assert_eq!(call.cancel(&post("secretary-health"), at(1)), Err(CallError::NotYours));
    assert_eq!(call.hang_up(&post("secretary-health"), at(1)), Err(CallError::Passed));
    call.cancel(&post("chief-secretary"), at(1)).expect("the caller gives up");
    assert_eq!(outcome(&call), Some(Outcome::Cancelled));
    for (by, side) in [("chief-secretary", Side::Caller), ("secretary-health", Side::Callee)] {
        let mut call = accepted();
        assert_eq!(call.cancel(&post("chief-secretary"), at(6)), Err(CallError::Passed));
        call.hang_up(&post(by), at(6)).expect("either hangs up");
        assert_eq!(outcome(&call), Some(Outcome::HungUp(side)));
    }
}

#[test]
fn a_cut_off_side_has_ten_seconds_to_come_back() {
    let mut call = accepted();
    call.lose(Side::Callee, at(10));
    assert!(!call.pass(RING, WINDOW, at(19)));
    call.come_back(Side::Callee);
    assert!(!call.pass(RING, WINDOW, at(60)));
    call.lose(Side::Caller, at(100));
    call.lose(Side::Caller, at(105));
    assert!(call.pass(RING, WINDOW, at(110)), "a second loss does not restart the time");
    assert_eq!(outcome(&call), Some(Outcome::Lost(Side::Caller)));
}

#[test]
fn a_caller_cut_off_while_it_rings_cancels_and_a_callee_goes_on_being_rung() {
    let mut call = rings();
    call.lose(Side::Callee, at(1));
    assert!(call.is_live());
    call.lose(Side::Caller, at(2));
    assert_eq!(outcome(&call), Some(Outcome::Cancelled));
}

#[derive(Debug, Clone)]
enum Move {
    Accept(usize),
    Decline(usize),
    Cancel(usize),
    HangUp(usize),
    Lose(bool),
    Back(bool),
    Wait(i64),
}

fn any_move() -> impl Strategy<Value = Move> {
    let who = 0..3usize;
    prop_oneof![
        who.clone().prop_map(Move::Accept),
        who.clone().prop_map(Move::Decline),
        who.clone().prop_map(Move::Cancel),
        who.prop_map(Move::HangUp),
        any::<bool>().prop_map(Move::Lose),
        any::<bool>().prop_map(Move::Back),
        (1..40i64).prop_map(Move::Wait),
    ]
}

proptest! {
    #[test]
    fn whatever_is_said_consent_exists_only_between_the_callees_accept_and_the_end(
        moves in prop::collection::vec(any_move(), 1..30),
    ) {
        let posts = [post("chief-secretary"), post("secretary-health"), post("stranger")];
        let mut call = rings();
        let mut now = 0;
        let mut callee_accepted = false;
        let mut over = false;
        for one in moves {
            let side = |caller: bool| if caller { Side::Caller } else { Side::Callee };
            match one {
                Move::Accept(n) => {
                    let done = call.accept(&posts[n], at(now));
                    prop_assert!(done.is_err() || n == 1, "nobody accepts for the callee");
                    callee_accepted |= done.is_ok();
                }
                Move::Decline(n) => { let _ = call.decline(&posts[n], DeclineReason::Busy, at(now)); }
                Move::Cancel(n) => { let _ = call.cancel(&posts[n], at(now)); }
                Move::HangUp(n) => {
                    prop_assert!(call.hang_up(&posts[n], at(now)).is_err() || n < 2);
                }
                Move::Lose(caller) => call.lose(side(caller), at(now)),
                Move::Back(caller) => call.come_back(side(caller)),
                Move::Wait(seconds) => { now += seconds; call.pass(RING, WINDOW, at(now)); }
            }
            prop_assert!(!(over && call.is_live()), "over stays over");
            over = !call.is_live();
            prop_assert_eq!(call.consent().is_some(), callee_accepted && !over);
            if let Some(consent) = call.consent() {
                prop_assert_eq!(consent.by(), &posts[1]);
            }
        }
    }
}
