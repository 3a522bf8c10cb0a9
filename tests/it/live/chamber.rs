//! Consent, counted where it counts: at the SFU, while the chamber's client is really sending.
//!
//! Real keys, real packets over loopback.

use super::house::LiveHouse;
use super::visitor::Visitor;
use signaling::ClientMessage;
use signaling::value::{CallState, Id, Page};

/// Packets that prove that a client is sending: two seconds of sound.
const ENOUGH: u64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_packet_leaves_a_chamber_before_its_own_seat_accepts() {
    let house = LiveHouse::open().await;
    let (cs, health, education) =
        (house.staff("cs").await, house.staff("sec-hlt").await, house.staff("sec-edu").await);
    let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
    let (caller_phone, caller_peer) = caller.connects(&house).await;
    let mut callee = Visitor::on(&house, &health, Page::Chamber {}).await;
    let (callee_phone, callee_peer) = callee.connects(&house).await;
    let mut stranger = Visitor::on(&house, &education, Page::Chamber {}).await;
    let (_stranger_phone, _) = stranger.connects(&house).await;
    caller_phone.speaks();
    callee_phone.speaks();

    let post = Id::parse("sec-hlt").unwrap();
    caller.says(ClientMessage::Ring { posts: post.into() }).await;
    let call = callee.hears_ring().await;
    // Everybody but the callee's own seat says what it can to get in.
    for forger in [&mut caller, &mut stranger] {
        forger.says(ClientMessage::AcceptRing { call: call.clone() }).await;
        forger.hears_error().await;
    }
    house
        .eventually("the chamber's client is really sending, and hears the caller", || async {
            house.received_from(callee_peer).await > ENOUGH && callee_phone.received() > ENOUGH
        })
        .await;
    assert_eq!(house.forwarded_from(callee_peer).await, 0, "not one packet has left the chamber");
    assert_eq!(caller_phone.received(), 0);
    assert!(house.forwarded_from(caller_peer).await > 0, "the caller is seen first");

    callee.says(ClientMessage::AcceptRing { call: call.clone() }).await;
    caller.hears_call(CallState::Accepted).await;
    house.eventually("the caller hears the chamber", || async { caller_phone.received() > ENOUGH }).await;
    assert!(house.forwarded_from(callee_peer).await > ENOUGH);

    caller.says(ClientMessage::HangUp { call }).await;
    callee.hears_call(CallState::Ended).await;
    house.live.flush().await;
    let (left, sent) = (house.forwarded_from(callee_peer).await, callee_phone.sent());
    house.eventually("the client goes on sending", || async { callee_phone.sent() > sent + ENOUGH }).await;
    assert_eq!(house.forwarded_from(callee_peer).await, left, "nothing leaves after the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ring_that_is_missed_declined_or_cancelled_has_shown_nothing_of_the_chamber() {
    let house = LiveHouse::open().await;
    let (cs, health) = (house.staff("cs").await, house.staff("sec-hlt").await);
    let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
    let (caller_phone, _) = caller.connects(&house).await;
    let mut callee = Visitor::on(&house, &health, Page::Chamber {}).await;
    let (callee_phone, callee_peer) = callee.connects(&house).await;
    callee_phone.speaks();
    for end in [CallState::Missed, CallState::Declined, CallState::Cancelled] {
        caller.says(ClientMessage::Ring { posts: Id::parse("sec-hlt").unwrap().into() }).await;
        let call = callee.hears_ring().await;
        match end {
            CallState::Missed => {
                house.house.desk.clock.advance(std::time::Duration::from_secs(30));
                house.live.tick().await;
            }
            CallState::Declined => {
                let reason = signaling::value::DeclineReason::Later;
                callee.says(ClientMessage::DeclineRing { call: call.clone(), reason }).await;
            }
            _ => caller.says(ClientMessage::HangUp { call: call.clone() }).await,
        }
        caller.hears_call(end).await;
        // An accept that comes too late opens nothing.
        callee.says(ClientMessage::AcceptRing { call }).await;
        callee.hears_error().await;
    }
    let sent = callee_phone.sent();
    house.eventually("the client is sending", || async { callee_phone.sent() > sent + ENOUGH }).await;
    assert_eq!(house.forwarded_from(callee_peer).await, 0);
    assert_eq!(caller_phone.received(), 0);
}
