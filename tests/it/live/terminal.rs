//! A terminal at its seat: rings reach it, and its revocation ends its socket and its way at that moment.

use domain::hotline::Device;
use signaling::value::{CallState, Id, Page};
use signaling::{ClientMessage, ErrorCode};

use super::house::LiveHouse;
use super::visitor::Visitor;
use crate::browser::Browser;
use crate::terminals::Machine;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_takes_a_call_for_its_post_and_is_out_of_it_when_it_is_revoked() {
    let house = LiveHouse::open().await;
    let machine = Machine::new();
    let id = machine.is_enrolled(&house.house, "sec-hlt", Device::Chamber).await;
    let cookie = machine.opens(&house.house).await.unwrap();
    let mut screen = Visitor::on(&house, &cookie, Page::Chamber {}).await;
    let (screen_phone, screen_peer) = screen.connects(&house).await;
    let mut caller = Visitor::on(&house, &house.staff("cs").await, Page::Board {}).await;
    let (caller_phone, _) = caller.connects(&house).await;
    screen_phone.speaks();
    let post = Id::parse("sec-hlt").unwrap();
    caller.says(ClientMessage::Ring { posts: post.into() }).await;
    let call = screen.hears_ring().await;
    assert_eq!(house.forwarded_from(screen_peer).await, 0, "nothing before it is accepted");
    screen.says(ClientMessage::AcceptRing { call }).await;
    caller.hears_call(CallState::Accepted).await;
    house.eventually("the caller hears the chamber", || async { caller_phone.received() > 0 }).await;

    let manager = house.house.cookie("it-1").await;
    let mut office = Browser::at(&house.edge);
    office.cookies.insert("es".into(), manager);
    let done = office.post(&format!("/terminals/{id}/revoke"), &[]).await;
    assert_eq!(done.location(), "/terminals?note=revoked");
    assert_eq!(screen.is_closed().await.0, Some(ErrorCode::SessionEnded));
    caller.hears_call(CallState::Ended).await;
    let token = screen.token();
    let mut again = Visitor::with_token(&house, Some(&cookie), (Page::Chamber {}, &token)).await;
    assert_eq!(again.is_closed().await.0, Some(ErrorCode::SessionEnded), "its token opens nothing either");
}
