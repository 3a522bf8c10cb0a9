//! A sealed call in the whole server: what is forwarded when, what is refused, and what is kept of it.
//!
//! Real keys and packets over loopback; that the packets say nothing to the server is proved in real browsers.

use super::house::LiveHouse;
use super::visitor::Visitor;
use crate::browser::Browser;
use crate::house::House;
use domain::id::CallId;
use sachivalaya::store::{audit, call};
use signaling::value::{CallState, Id, Page, SealNote};
use signaling::{ClientMessage, ServerMessage};

/// Packets that prove that a client is sending: two seconds of sound.
const ENOUGH: u64 = 100;

fn health() -> Id {
    Id::parse("sec-hlt").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_sealed_call_goes_to_anybody_before_both_are_inside_nor_to_a_third_after() {
    let house = LiveHouse::open().await;
    let (cs, officer, other) =
        (house.staff("cs").await, house.staff("sec-hlt").await, house.staff("sec-edu").await);
    let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
    let (caller_phone, caller_peer) = caller.connects(&house).await;
    let mut callee = Visitor::on(&house, &officer, Page::Chamber {}).await;
    let (callee_phone, _) = callee.connects(&house).await;
    let mut stranger = Visitor::on(&house, &other, Page::Chamber {}).await;
    let (stranger_phone, _) = stranger.connects(&house).await;
    caller_phone.speaks();
    callee_phone.speaks();

    caller.says(ClientMessage::RingSealed { post: health() }).await;
    caller.hears_error().await;
    for able in [&mut caller, &mut callee, &mut stranger] {
        able.says(ClientMessage::CanSeal {}).await;
    }
    house.live.flush().await;
    caller.says(ClientMessage::RingSealed { post: health() }).await;
    let call = callee.hears_ring().await;
    let sent = caller_phone.sent();
    house.eventually("the caller is sending", || async { caller_phone.sent() > sent + ENOUGH }).await;
    assert_eq!(house.forwarded_from(caller_peer).await, 0, "there are no keys yet");

    callee.says(ClientMessage::AcceptRing { call: call.clone() }).await;
    caller.hears_call(CallState::Accepted).await;
    house.eventually("the caller hears the chamber", || async { caller_phone.received() > ENOUGH }).await;
    let note = || SealNote::try_from("eyJraW5kIjoiYXNrIn0".to_owned()).unwrap();
    stranger.says(ClientMessage::Seal { participant: health(), note: note() }).await;
    stranger.hears_error().await;
    stranger.says(ClientMessage::SealCall { call: call.clone() }).await;
    stranger.hears_error().await;
    caller.says(ClientMessage::AddToCall { call, posts: Id::parse("sec-edu").unwrap().into() }).await;
    caller.hears_error().await;
    caller.says(ClientMessage::Seal { participant: health(), note: note() }).await;
    callee.hears_of("seal").await;
    assert_eq!(stranger_phone.received(), 0);
    assert_eq!(stranger.heard_of("seal"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_a_call_was_sealed_stands_in_its_row_in_the_chain_and_in_both_ledgers_and_nothing_else_of_it() {
    for house in House::everywhere().await {
        let house = LiveHouse::around(house).await;
        let (cs, officer) = (house.staff("cs").await, house.staff("sec-hlt").await);
        let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
        let (_caller_phone, _) = caller.connects(&house).await;
        let mut callee = Visitor::on(&house, &officer, Page::Chamber {}).await;
        let (_callee_phone, _) = callee.connects(&house).await;
        for able in [&mut caller, &mut callee] {
            able.says(ClientMessage::CanSeal {}).await;
        }
        caller.says(ClientMessage::Ring { posts: health().into() }).await;
        let id = callee.hears_ring().await;
        callee.says(ClientMessage::AcceptRing { call: id.clone() }).await;
        caller.hears_call(CallState::Accepted).await;
        house.live.flush().await;
        callee.says(ClientMessage::SealCall { call: id.clone() }).await;
        let sealed = |message: &ServerMessage| {
            matches!(message, ServerMessage::Call { sealed: true, .. }).then_some(())
        };
        caller.hears(sealed).await;
        let note = SealNote::try_from("c2VjcmV0LWtleQ".to_owned()).unwrap();
        caller.says(ClientMessage::Seal { participant: health(), note }).await;
        caller.says(ClientMessage::HangUp { call: id.clone() }).await;
        callee.hears_call(CallState::Ended).await;
        house.live.flush().await;

        sachivalaya::audit::seal(&house.house.desk.store).await.unwrap();
        let mut rows = house.house.desk.store.read().await.unwrap();
        let row = call::sealed_at(&mut rows, &CallId::parse(id.as_str()).unwrap()).await.unwrap();
        assert!(row.is_some());
        let lines = audit::after(&mut rows, 0, 10_000).await.unwrap();
        let sealed = lines.iter().filter(|line| line.act == "call.seal");
        let sealed: Vec<(&str, &str)> =
            sealed.map(|line| (line.object.as_str(), line.detail.as_str())).collect();
        assert_eq!(
            sealed,
            [("cs", id.as_str()), ("sec-hlt", id.as_str())],
            "who, in which call, and no more"
        );
        assert!(lines.iter().all(|line| !line.detail.contains("c2VjcmV0LWtleQ")), "no note is kept");
        assert!(sachivalaya::audit::verify(&mut rows).await.unwrap().is_ok());
        drop(rows);
        for session in [&cs, &officer] {
            let page = Browser::with_session(&house.house, session).get("/chamber/ledger").await;
            page.says("गोपनीय: सर्वर भी नहीं सुन सकता था");
        }
    }
}
