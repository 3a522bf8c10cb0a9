//! The morning check: who is asked when, what a report does, whose it is, and what whoever looks after the machines is told.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::hotline::Device;
use domain::id::TerminalId;
use domain::notice::{Notice, What};
use domain::office::ist;
use domain::terminal_check::Cause;
use jiff::Timestamp;
use sachivalaya::app::terminals::{self, State};
use sachivalaya::app::{keep, session};
use sachivalaya::audit;
use sachivalaya::http::assets;
use sachivalaya::letter::letter;
use sachivalaya::limits;
use sachivalaya::store::{audit as lines, terminal_check as rows};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, HOST};
use crate::house::House;
use crate::terminals::Machine;

const MANAGER: &str = "it-1";

/// The clock goes on to the next time that it is so late in India, and every minute these terminals say that they are there.
async fn until(house: &House, (hour, minute): (i8, i8), there: &mut [&mut Browser]) {
    let is_there = |now: Timestamp| {
        let here = now.to_zoned(ist());
        (here.hour(), here.minute()) == (hour, minute)
    };
    while !is_there(house.desk.now()) {
        house.minutes_later(1);
        if house.desk.now().to_zoned(ist()).minute() % 5 == 0 || is_there(house.desk.now()) {
            for screen in there.iter_mut() {
                sends(screen, "/kiosk/beat", &json!({})).await;
            }
        }
    }
}

async fn sends(browser: &mut Browser, path: &str, body: &Value) -> Answer {
    let request = Request::post(path)
        .header(header::ORIGIN, format!("https://{HOST}"))
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json");
    browser.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// What a page says of a machine with which all is well.
fn well(house: &House) -> Value {
    json!({
        "camera": "good", "microphone": "good", "loudest_db": -52, "has_speaker": true, "may_sound": true,
        "is_line_up": true, "version": assets::house_version(), "round_trip_ms": 24,
        "clock_ms": house.desk.now().as_millisecond() - 12,
    })
}

/// The same but for one thing.
fn but(house: &House, name: &str, value: Value) -> Value {
    let mut told = well(house);
    told[name] = value;
    told
}

/// A machine at this seat, let in.
async fn stands(house: &House, post: &str, device: Device) -> (TerminalId, Browser) {
    let machine = Machine::new();
    let id = machine.is_enrolled(house, post, device).await;
    let cookie = machine.opens(house).await.unwrap();
    (id, Browser::with_session(house, &cookie))
}

async fn is_asked(screen: &mut Browser) -> bool {
    let told = sends(screen, "/kiosk/beat", &json!({})).await;
    serde_json::from_str::<Value>(&told.text).unwrap()["check"] == true
}

async fn state(house: &House) -> State {
    terminals::state(&house.desk, &house.staff(MANAGER).await).await.unwrap()
}

/// Posts that are red, with their first cause.
async fn reds(house: &House) -> Vec<(String, Cause)> {
    let reds = state(house).await.reds;
    reds.into_iter().map(|red| (red.need.post.to_string(), red.causes[0])).collect()
}

async fn mails(house: &House) -> Vec<Notice> {
    let all = house.outbox().await;
    all.into_iter().filter(|notice| matches!(notice.what, What::TerminalReds { .. })).collect()
}

async fn round(house: &House) -> usize {
    keep::round(&house.desk).await.unwrap().mornings
}

/// The particulars of the chain's lines of this act, in their order.
async fn written(house: &House, act: &str) -> Vec<String> {
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let rows = lines::after(&mut connection, 0, 10_000).await.unwrap();
    rows.into_iter().filter(|row| row.act == act).map(|row| row.detail).collect()
}

#[tokio::test]
async fn in_the_morning_terminals_are_asked_and_who_looks_after_them_is_told_once_what_is_red() {
    for house in House::everywhere().await {
        let (_, mut health) = stands(&house, "sec-hlt", Device::Chamber).await;
        let (_, mut school) = stands(&house, "sec-edu", Device::Chamber).await;
        let (_, mut chief) = stands(&house, "cs", Device::Hall).await;
        until(&house, (9, 29), &mut [&mut health, &mut school, &mut chief]).await;
        assert_eq!(round(&house).await, 0);
        assert!(!is_asked(&mut health).await, "not before its time");
        assert_eq!(state(&house).await, State::default());
        until(&house, (9, 30), &mut [&mut health, &mut school, &mut chief]).await;
        assert_eq!(round(&house).await, 0);
        assert!(is_asked(&mut health).await && is_asked(&mut school).await);
        assert_eq!(state(&house).await.checking, 3);

        let said = sends(&mut health, "/kiosk/check", &well(&house)).await;
        assert_eq!(said.status, StatusCode::NO_CONTENT, "{said:?}");
        assert!(!is_asked(&mut health).await, "once");
        let slow = but(&house, "clock_ms", json!(house.desk.now().as_millisecond() - 180_000));
        assert_eq!(sends(&mut school, "/kiosk/check", &slow).await.status, StatusCode::NO_CONTENT);
        assert_eq!(reds(&house).await, [("sec-edu".to_owned(), Cause::Clock)]);

        // The Chief Secretary's hall is switched off; the others go on.
        until(&house, (9, 39), &mut [&mut health, &mut school]).await;
        assert_eq!(round(&house).await, 0);
        assert_eq!(mails(&house).await.len(), 0);
        until(&house, (9, 40), &mut [&mut health, &mut school]).await;
        let expected = [("cs".to_owned(), Cause::Off), ("sec-edu".to_owned(), Cause::Clock)];
        assert_eq!(reds(&house).await, expected, "by rank, as nobody has an appointment");
        assert_eq!((round(&house).await, round(&house).await), (1, 0), "once");
        let mails_now = mails(&house).await;
        let [mail] = &mails_now[..] else { panic!("{mails_now:?}") };
        let text = letter(mail).text();
        for said in ["मशीन बंद है", "मशीन की घड़ी ग़लत है", "NTP", "/terminals", "मुख्य सचिव"]
        {
            assert!(text.contains(said), "«{said}» is not in {text}");
        }
        assert!(!text.contains("morning-") && !text.contains("notice-"), "{text}");
        assert_eq!(written(&house, "terminal.mail").await, ["reds=2"]);
        assert_eq!(written(&house, "terminal.check").await, ["green", "red=clock"]);

        // Who is back later is asked then.
        until(&house, (11, 0), &mut [&mut health, &mut school]).await;
        assert!(is_asked(&mut chief).await);
        sends(&mut chief, "/kiosk/check", &well(&house)).await;
        assert_eq!(reds(&house).await, [("sec-edu".to_owned(), Cause::Clock)]);
        assert_eq!(round(&house).await, 0, "no second mail of one day");
    }
}

#[tokio::test]
async fn a_morning_on_which_all_is_well_and_a_day_off_send_no_mail() {
    let house = House::open().await;
    let (_, mut health) = stands(&house, "sec-hlt", Device::Chamber).await;
    until(&house, (9, 31), &mut [&mut health]).await;
    round(&house).await;
    sends(&mut health, "/kiosk/check", &well(&house)).await;
    until(&house, (9, 45), &mut [&mut health]).await;
    assert_eq!((round(&house).await, state(&house).await.green), (0, 1));
    // Wednesday was it; on Saturday nobody asks.
    for _ in 0..3 {
        until(&house, (9, 30), &mut [&mut health]).await;
        round(&house).await;
        until(&house, (9, 32), &mut [&mut health]).await;
        sends(&mut health, "/kiosk/check", &well(&house)).await;
        until(&house, (9, 45), &mut [&mut health]).await;
        assert_eq!(round(&house).await, 0);
    }
    assert_eq!(house.desk.now().to_zoned(ist()).date().weekday(), jiff::civil::Weekday::Saturday);
    assert_eq!((state(&house).await, mails(&house).await.len()), (State::default(), 0));
    assert!(!is_asked(&mut health).await);
    assert_eq!(written(&house, "terminal.check").await.len(), 3);
}

#[tokio::test]
async fn the_one_that_is_needed_first_stands_first_and_each_with_its_cause_and_what_to_do() {
    for house in House::everywhere().await {
        let (_, mut chief) = stands(&house, "cs", Device::Hall).await;
        let (_, mut health) = stands(&house, "sec-hlt", Device::Chamber).await;
        let slot =
            house.free("sec-hlt").await.into_iter().find(|slot| slot.start() > house.desk.now()).unwrap();
        house.books("sec-hlt", slot).await;
        let day = slot.start().to_zoned(ist()).date();
        let mut manager = Browser::with_session(&house, &house.cookie(MANAGER).await);
        while house.desk.now().to_zoned(ist()).date() < day {
            house.minutes_later(5);
            is_asked(&mut chief).await;
            is_asked(&mut health).await;
        }
        manager.get("/terminals").await.says("आज की जाँच अभी नहीं हुई");
        let asked = manager.post("/terminals/check", &[]).await;
        assert_eq!(asked.location(), "/terminals?note=asked");
        manager.post("/terminals/check", &[]).await;
        assert_eq!(written(&house, "terminal.ask").await.len(), 1, "two presses are one");
        manager.get(asked.location()).await.says("अभी जाँच चल रही है: 2");
        sends(&mut chief, "/kiosk/check", &but(&house, "has_speaker", json!(false))).await;
        sends(&mut health, "/kiosk/check", &but(&house, "camera", json!("missing"))).await;
        house.minutes_later(2);
        let page = manager.get("/terminals").await;
        page.says("ठीक नहीं: 2");
        let causes = page.all(r#"data-test="red-cause">([^<]+)<"#);
        assert_eq!(causes, ["कैमरा नहीं मिला।", "स्पीकर नहीं मिला।"], "though the Chief Secretary is higher");
        assert_eq!(page.all(r#"data-test="red-action">([^<]+)<"#).len(), 2);
        page.says("2 मिनट से ठीक नहीं");
        page.says("अगली मुलाकात: आज");

        // The second report of a day stands in the place of the first, and the red lasts from the first on.
        manager.post("/terminals/check", &[]).await;
        assert!(is_asked(&mut health).await && is_asked(&mut chief).await);
        sends(&mut health, "/kiosk/check", &but(&house, "loudest_db", json!(-80))).await;
        sends(&mut chief, "/kiosk/check", &well(&house)).await;
        house.minutes_later(1);
        let now = state(&house).await;
        assert_eq!((now.green, now.reds.len()), (1, 1));
        assert_eq!(now.reds[0].causes, [Cause::MicrophoneSilent]);
        manager.get("/terminals").await.says("3 मिनट से ठीक नहीं");
        let mut connection = house.desk.store.read().await.unwrap();
        assert_eq!(
            rows::all_of_day(&mut connection, day).await.unwrap().len(),
            2,
            "a row a terminal and day"
        );
        drop(connection);
        house.minutes_later(1);
        manager.post("/terminals/check", &[]).await;
        sends(&mut health, "/kiosk/check", &well(&house)).await;
        sends(&mut chief, "/kiosk/check", &well(&house)).await;
        manager.get("/terminals").await.says("सब ठीक");
    }
}

#[tokio::test]
async fn a_report_is_taken_from_a_terminal_that_was_asked_of_itself_alone_and_within_bounds() {
    for house in House::everywhere().await {
        let (id, mut health) = stands(&house, "sec-hlt", Device::Chamber).await;
        let (_, mut school) = stands(&house, "sec-edu", Device::Chamber).await;
        let mut manager = Browser::with_session(&house, &house.cookie(MANAGER).await);
        let told = well(&house);
        assert_eq!(sends(&mut health, "/kiosk/check", &told).await.status, StatusCode::CONFLICT, "unasked");
        manager.post("/terminals/check", &[]).await;

        // Nobody but a terminal reports, and one that names another is not understood.
        assert_eq!(sends(&mut manager, "/kiosk/check", &told).await.status, StatusCode::FORBIDDEN);
        let nobody = sends(&mut Browser::new(&house), "/kiosk/check", &told).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
        let forged = sends(&mut school, "/kiosk/check", &but(&house, "terminal", json!(id))).await;
        assert!(forged.status.is_client_error(), "{forged:?}");
        for (name, value) in [
            ("camera", json!("splendid")),
            ("camera", json!(null)),
            ("loudest_db", json!(-81)),
            ("loudest_db", json!(1)),
            ("loudest_db", json!(4_000)),
            ("round_trip_ms", json!(-1)),
            ("round_trip_ms", json!(10_001)),
            ("clock_ms", json!(i64::MAX)),
            ("clock_ms", json!("soon")),
            ("has_speaker", json!(1)),
            ("version", json!("v".repeat(limits::TERMINAL_VERSION_BYTES_MAX + 1))),
        ] {
            let refused = sends(&mut health, "/kiosk/check", &but(&house, name, value.clone())).await;
            assert!(refused.status.is_client_error(), "{name} {value}: {}", refused.status);
        }
        let long = "x".repeat(limits::TERMINAL_REPORT_BYTES_MAX);
        let large = sends(&mut health, "/kiosk/check", &but(&house, "version", json!(long))).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!((state(&house).await.checking, written(&house, "terminal.check").await.len()), (2, 0));

        assert_eq!(sends(&mut health, "/kiosk/check", &told).await.status, StatusCode::NO_CONTENT);
        let again = sends(&mut health, "/kiosk/check", &told).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "it was not asked twice");
        let old = but(&house, "version", json!("another"));
        assert_eq!(sends(&mut school, "/kiosk/check", &old).await.status, StatusCode::NO_CONTENT);
        assert_eq!(reds(&house).await, [("sec-edu".to_owned(), Cause::Page)]);

        house.minutes_later(1);
        manager.post("/terminals/check", &[]).await;
        manager.post(&format!("/terminals/{id}/revoke"), &[]).await;
        let revoked = sends(&mut health, "/kiosk/check", &told).await;
        assert_eq!(revoked.status, StatusCode::UNAUTHORIZED);
        assert_eq!(state(&house).await.checking, 1, "a revoked one is missed by nobody");
        let head = house.staff("sec-hlt").await;
        assert!(
            terminals::ask(&house.desk, &head).await.is_err()
                && terminals::state(&house.desk, &head).await.is_err()
        );
        let nobody = session::actor(&house.desk, None).await.unwrap();
        assert!(terminals::ask(&house.desk, &nobody).await.is_err());
    }
}

#[tokio::test]
async fn reports_are_forgotten_after_a_quarter() {
    let house = House::open().await;
    let (_, mut health) = stands(&house, "sec-hlt", Device::Chamber).await;
    let day = house.desk.now().to_zoned(ist()).date();
    round(&house).await;
    sends(&mut health, "/kiosk/check", &well(&house)).await;
    let kept = async || {
        let mut connection = house.desk.store.read().await.unwrap();
        rows::all_of_day(&mut connection, day).await.unwrap().len()
    };
    assert_eq!(kept().await, 1, "a server that starts after 09:30 asks then");
    for (days, expected) in [(limits::TERMINAL_REPORTS_DAYS, 1), (1, 0)] {
        house.minutes_later(u64::try_from(days).unwrap() * 24 * 60);
        while round(&house).await == 0 && rows_begun(&house).await.is_none() {
            house.minutes_later(24 * 60);
        }
        assert!(kept().await <= expected);
    }
    assert_eq!(kept().await, 0);
}

async fn rows_begun(house: &House) -> Option<Timestamp> {
    let mut connection = house.desk.store.read().await.unwrap();
    let day = house.desk.now().to_zoned(ist()).date();
    rows::of_day(&mut connection, day).await.unwrap().morning_at
}
