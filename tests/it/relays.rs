//! The relay's credentials: for whoever has a session, in the page and afresh, and never kept by anything between.

use axum::http::{Method, StatusCode, header};
use sachivalaya::limits;

use crate::browser::Browser;
use crate::house::House;

#[tokio::test]
async fn whoever_has_a_session_gets_credentials_and_nobody_else() {
    let house = House::open().await;
    let stranger = Browser::new(&house).get("/relays").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    stranger.says("\"code\":\"sign-in\"");
    let cookie = house.cookie("sec-hlt").await;
    let mut officer = Browser::with_session(&house, &cookie);
    let given = officer.get("/relays").await;
    assert_eq!(given.headers[header::CACHE_CONTROL], "no-store");
    let relay: serde_json::Value = serde_json::from_str(&given.text).unwrap();
    let in_ten_minutes = house.desk.now().as_second() + 60 * limits::RELAY_CREDENTIALS_MINUTES;
    assert_eq!(relay["expires"], in_ten_minutes);
    assert!(relay["username"].as_str().unwrap().starts_with(&format!("{in_ten_minutes}:")));
    assert_eq!(relay["urls"][2], "turns:es.example.in:443?transport=tcp");
    for page in ["/board", "/chamber", "/phone", "/hall", "/review"] {
        let root = officer.get(page).await.find("data-relays=\"([^\"]*)\"");
        assert!(root.contains("turn:es.example.in:3478?transport=udp"), "{page}: {root}");
    }
}

#[tokio::test]
async fn a_session_that_asks_without_end_is_told_to_wait() {
    let house = House::open().await;
    let mut officer = Browser::with_session(&house, &house.cookie("sec-hlt").await);
    let mut statuses = Vec::new();
    for _ in 0..=limits::RELAY_CREDENTIALS_BURST {
        statuses.push(officer.get("/relays").await.status);
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(statuses.iter().all(StatusCode::is_success));
    house.minutes_later(1);
    assert_eq!(officer.get("/relays").await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_tries_his_path_is_asked_for_no_session_and_told_faults_as_a_program() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let relay = browser.ask(&Method::POST, "/check/relays").await;
    assert_eq!(
        (relay.status, &relay.headers[header::CACHE_CONTROL]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    relay.says(":check\"");
    let wrong = browser.post("/check/offer", &[("sdp", "v=0")]).await;
    assert_eq!(wrong.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(wrong.headers[header::CONTENT_TYPE], "application/problem+json");
    browser.get("/check").await.says("UDP पोर्ट 3478");
}
