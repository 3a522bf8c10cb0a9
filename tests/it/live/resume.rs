//! Tokens over the real socket: a cookie that was lost, a session that was revoked, a token that is none.
//!
//! The rules of places are in `app/live/tests/resume.rs`; here the rows are asked.

use sachivalaya::app::sign_in;
use signaling::value::{Id, Page, ResumeToken};
use signaling::{ClientMessage, ErrorCode, ServerMessage};

use super::house::LiveHouse;
use super::visitor::Visitor;
use crate::browser::Browser;

async fn position(visitor: &mut Visitor) -> u32 {
    visitor
        .hears(|m| if let ServerMessage::Waiting { position, .. } = m { Some(*position) } else { None })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_who_lost_the_cookie_is_back_in_the_same_place_with_the_token() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    position(&mut citizen).await;
    let token = citizen.token();
    let mut back = Visitor::with_token(&house, None, (booked.page(), &token)).await;
    assert_eq!(position(&mut back).await, 1);
    assert_eq!(citizen.is_closed().await, (Some(ErrorCode::Replaced), Some(4001)));
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    let participant = officer.first_in_lobby().await;
    officer.says(ClientMessage::Admit { participant }).await;
    back.hears_of("admitted").await;
    let newer = back.token();
    let mut third = Visitor::with_token(&house, None, (booked.page(), &newer)).await;
    third.hears_of("admitted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_session_that_was_signed_out_opens_nothing() {
    let house = LiveHouse::open().await;
    let cookie = house.staff("cs").await;
    let mut seat = Visitor::on(&house, &cookie, Page::Board {}).await;
    seat.hears_of("seats").await;
    let token = seat.token();
    let mut back = Visitor::with_token(&house, None, (Page::Board {}, &token)).await;
    back.hears_of("seats").await;
    let actor = house.actor(&cookie).await;
    sign_in::sign_out(&house.house.desk, &actor).await.unwrap();
    for cookie in [None, Some(cookie.as_str())] {
        let mut late = Visitor::with_token(&house, cookie, (Page::Board {}, &token)).await;
        assert_eq!(late.is_closed().await, (Some(ErrorCode::SessionEnded), Some(1008)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_forged_expired_or_of_another_place_is_as_good_as_none() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    position(&mut citizen).await;
    let token = citizen.token();
    let mut text = String::from(token.clone());
    text.replace_range(20..21, if &text[20..21] == "A" { "B" } else { "A" });
    let forged = ResumeToken::try_from(text).unwrap();
    let elsewhere = Page::Meeting { meeting: Id::parse("elsewhere").unwrap() };
    for (token, page) in [(&forged, booked.page()), (&token, elsewhere), (&token, Page::Board {})] {
        let mut refused = Visitor::with_token(&house, None, (page, token)).await;
        assert_eq!(refused.is_closed().await, (Some(ErrorCode::SignInNeeded), Some(1008)));
    }
    // The door of a meeting closes within the hour that its longest slot and the time after it take.
    house.house.minutes_later(120);
    let mut late = Visitor::with_token(&house, None, (booked.page(), &token)).await;
    assert_eq!(late.is_closed().await, (Some(ErrorCode::SignInNeeded), Some(1008)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_a_meeting_brings_its_first_token() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let cookie = house.staff("sec-hlt").await;
    let mut browser = Browser::with_session(&house.house, &cookie);
    let page = browser.get(&format!("/meeting/{}", booked.meeting)).await;
    let token = page.find(r#"data-resume="([^"]+)""#).replace("&#x3d;", "=").replace("&#61;", "=");
    let token = ResumeToken::try_from(token).unwrap();
    let mut officer = Visitor::with_token(&house, None, (booked.page(), &token)).await;
    officer.hears_of("participants").await;
}
