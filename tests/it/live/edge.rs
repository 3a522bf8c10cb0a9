//! The edge of signaling against whatever comes: strangers, foreign meetings, broken frames, floods.
//!
//! Each gets a stable code and a close, or a silent refusal; nobody else notices.

use super::house::LiveHouse;
use super::visitor::Visitor;
use signaling::client::{Client, ClientError, Introduction};
use signaling::value::{CallState, Id, Page};
use signaling::{ClientMessage, ErrorCode, VERSION, limits};
use tokio_tungstenite::tungstenite::Message;

async fn refusal(house: &LiveHouse, cookie: Option<&str>, page: Page) -> (Option<ErrorCode>, Option<u16>) {
    let mut visitor = Visitor::at(house, cookie).await;
    visitor.says(ClientMessage::Hello { version: VERSION, page, resume: None }).await;
    visitor.is_closed().await
}

/// Every page against every kind of actor: the hello's permission test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_welcomes_those_whom_the_table_names_and_nobody_else() {
    let house = LiveHouse::open().await;
    let [booked, stranger] = &house.books_each(&["sec-hlt", "sec-edu"]).await[..] else { panic!("two") };
    let no_seat = house.staff("min-hlt").await;
    let actors = [
        ("the citizen", Some(booked.cookie.clone()), "citizen"),
        ("another citizen", Some(stranger.cookie.clone()), ""),
        ("the officer", Some(house.staff("sec-hlt").await), "officer seat"),
        ("another officer", Some(house.staff("sec-edu").await), "seat"),
        ("the desk", Some(house.staff("desk-sec-hlt").await), "desk"),
        ("a minister", Some(no_seat), ""),
        ("the chief secretary", Some(house.staff("cs").await), "seat"),
        ("nobody", None, ""),
        ("a wrong cookie", Some("0123456789abcdefghjkmnpqrs".to_owned()), ""),
    ];
    for (who, cookie, roles) in actors {
        for page in [booked.page(), Page::Board {}, Page::Chamber {}] {
            let mut visitor = Visitor::at(&house, cookie.as_deref()).await;
            visitor.says(ClientMessage::Hello { version: VERSION, page: page.clone(), resume: None }).await;
            let is_meeting = matches!(page, Page::Meeting { .. });
            let may = roles.split(' ').any(|r| (r == "seat") != is_meeting && !r.is_empty());
            let first = visitor.hears_next().await.unwrap();
            assert_eq!(first.kind() == "welcome", may, "{who} on {page:?}: {first:?}");
            if !may {
                assert_eq!(visitor.is_closed().await.1, Some(1008), "{who} on {page:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_meeting_and_none_at_all_get_the_same_answer() {
    let house = LiveHouse::open().await;
    let [booked, own] = &house.books_each(&["sec-hlt", "sec-edu"]).await[..] else { panic!("two") };
    let nowhere = Page::Meeting { meeting: Id::parse("nowhere").unwrap() };
    for page in [booked.page(), nowhere.clone()] {
        let refused = refusal(&house, Some(&own.cookie), page).await;
        assert_eq!(refused, (Some(ErrorCode::UnknownMeeting), Some(1008)));
    }
    for page in [booked.page(), nowhere, Page::Board {}] {
        assert_eq!(refusal(&house, None, page).await, (Some(ErrorCode::SignInNeeded), Some(1008)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_keeps_its_hours() {
    let house = LiveHouse::open().await;
    let slots = house.house.free("sec-hlt").await;
    let slot = slots[slots.len() - 1];
    let booked = house.books_at("sec-hlt", slot).await;
    let minutes = jiff::SignedDuration::from_mins;
    for (now, wanted) in
        [(slot.start() - minutes(16), ErrorCode::TooEarly), (slot.end() + minutes(31), ErrorCode::TooLate)]
    {
        house.house.desk.clock.set(now);
        assert_eq!(refusal(&house, Some(&booked.cookie), booked.page()).await, (Some(wanted), Some(1008)));
    }
    house.house.desk.clock.set(slot.start() - minutes(15));
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_frame_gets_its_code_and_a_close() {
    let house = LiveHouse::open().await;
    let cookie = house.staff("cs").await;
    let large = format!(r#"{{"type":"connect","sdp":"{}"}}"#, "a".repeat(limits::FRAME_BYTES_MAX));
    let frames = [
        (Message::text(r#"{"type":"ping","n"#), ErrorCode::Malformed, 1002),
        (Message::text("[]"), ErrorCode::Malformed, 1002),
        (Message::text(r#"{"type":"ping","n":1,"x":2}"#), ErrorCode::Malformed, 1002),
        (Message::text(large), ErrorCode::TooLarge, 1009),
        (Message::binary(vec![1, 2, 3]), ErrorCode::NotText, 1003),
    ];
    for (frame, code, close) in frames {
        let mut visitor = Visitor::on(&house, &cookie, Page::Board {}).await;
        visitor.hears_of("seats").await;
        visitor.client.say_frame(frame).await.unwrap();
        assert_eq!(visitor.is_closed().await, (Some(code), Some(close)));
    }
    let mut first = Visitor::at(&house, Some(&cookie)).await;
    first.says(ClientMessage::Ping { n: 1 }).await;
    assert_eq!(first.is_closed().await, (Some(ErrorCode::HelloExpected), Some(1008)));
    let mut old = Visitor::at(&house, Some(&cookie)).await;
    old.says(ClientMessage::Hello { version: 9, page: Page::Board {}, resume: None }).await;
    assert_eq!(old.is_closed().await, (Some(ErrorCode::VersionUnsupported), Some(1008)));
}

/// A frame cut off in the middle of the wire, and bytes that are no frame: the socket ends, the house stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_cut_off_on_the_wire_harms_nobody() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = LiveHouse::open().await;
    let cookie = house.staff("cs").await;
    for bytes in [&[0x81_u8, 0xfe, 0x10][..], &[0xff; 64][..], &[0x81, 0x05, b'h'][..]] {
        let mut wire = tokio::net::TcpStream::connect(house.address).await.unwrap();
        let host = house.address;
        let greeting = format!(
            "GET /signal HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: sachivalaya.v1\r\nCookie: es={cookie}\r\n\r\n"
        );
        wire.write_all(greeting.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        wire.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 101");
        wire.write_all(bytes).await.unwrap();
        wire.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let end = tokio::time::timeout(super::house::PATIENCE, wire.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the server lets go");
    }
    let mut honest = Visitor::on(&house, &cookie, Page::Board {}).await;
    honest.hears_of("seats").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_page_or_another_protocol_opens_no_socket() {
    let house = LiveHouse::open().await;
    let url = format!("ws://{}/signal", house.address);
    let introduction = Introduction { url: &url, origin: "https://evil.example", cookie: None };
    assert!(matches!(Client::open(introduction).await, Err(ClientError::Socket(_))));
    let plain = tokio_tungstenite::connect_async(&url).await;
    assert!(plain.is_err(), "neither origin nor protocol named");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_too_fast_is_told_what_was_dropped_and_can_still_end_what_runs() {
    let house = LiveHouse::open().await;
    let (cs, health) = (house.staff("cs").await, house.staff("sec-hlt").await);
    let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
    let mut head = Visitor::on(&house, &health, Page::Chamber {}).await;
    let _lines = (caller.connects(&house).await, head.connects(&house).await);
    caller.says(ClientMessage::Ring { posts: Id::parse("sec-hlt").unwrap().into() }).await;
    let call = head.hears_ring().await;
    for n in 0..limits::MESSAGE_BURST + 5 {
        caller.says(ClientMessage::Ping { n }).await;
    }
    caller.hears_error().await;
    caller.says(ClientMessage::HangUp { call }).await;
    head.hears_call(CallState::Cancelled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_dropped_and_then_ended_and_others_do_not_notice() {
    let house = LiveHouse::open().await;
    let (cs, health) = (house.staff("cs").await, house.staff("sec-hlt").await);
    let mut flood = Visitor::on(&house, &cs, Page::Board {}).await;
    flood.hears_of("seats").await;
    for n in 0..limits::MESSAGE_BURST + limits::TOO_FAST_MAX + 2 {
        if flood.client.say(&ClientMessage::Ping { n }).await.is_err() {
            break;
        }
    }
    assert_eq!(flood.is_closed().await, (Some(ErrorCode::TooFast), Some(1008)));
    let mut honest = Visitor::on(&house, &health, Page::Chamber {}).await;
    honest.says(ClientMessage::Ping { n: 7 }).await;
    honest.hears_of("pong").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_page_of_a_seats_device_closes_the_older_and_no_other() {
    let house = LiveHouse::open().await;
    let cookie = house.staff("sec-hlt").await;
    let mut older = Visitor::on(&house, &cookie, Page::Chamber {}).await;
    older.hears_of("seats").await;
    let mut other = Visitor::on(&house, &cookie, Page::Board {}).await;
    other.hears_of("seats").await;
    let mut newer = Visitor::on(&house, &cookie, Page::Chamber {}).await;
    newer.hears_of("seats").await;
    other.says(ClientMessage::Ping { n: 1 }).await;
    other.hears_of("pong").await;
    assert_eq!(older.is_closed().await, (Some(ErrorCode::Replaced), Some(4001)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_is_none_is_refused_and_the_socket_stays() {
    let house = LiveHouse::open().await;
    let cookie = house.staff("sec-hlt").await;
    let mut visitor = Visitor::on(&house, &cookie, Page::Chamber {}).await;
    for sdp in ["v=0", "\u{0}", "a=mid:0\r\na=mid:0\r\n"] {
        let sdp = signaling::value::Sdp::try_from(sdp.to_owned()).unwrap();
        visitor.says(ClientMessage::Connect { sdp }).await;
        assert_eq!(visitor.hears_error().await, ErrorCode::OfferRefused);
    }
    visitor.says(ClientMessage::Ping { n: 1 }).await;
    visitor.hears_of("pong").await;
}
