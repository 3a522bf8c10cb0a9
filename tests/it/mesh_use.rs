//! Numbers of use: computed from rows, said with their rule, read by the centre alone.

use axum::http::StatusCode;
use domain::hotline::call::Then;
use domain::hotline::{Call, Device, Finds, Outcome, Part, Place, Ring};
use domain::id::CallId;
use domain::question_sheet::{Reply, Until};
use domain::text::Noting;
use jiff::SignedDuration;
use sachivalaya::app::mesh_use::{self, Use};
use sachivalaya::app::question_answer::{Given, Step, answer};
use sachivalaya::app::question_ask::{Wish, ask};
use sachivalaya::store::{call, office};

use crate::browser::Browser;
use crate::house::{House, post_id};

async fn week(house: &House) -> Use {
    mesh_use::week(&house.desk, &house.staff("cs").await, &post_id("cs")).await.unwrap()
}

/// The Chief Secretary and a seat have talked for so many seconds, or its ring was missed.
async fn talk(house: &House, (id, with): (&str, &str), seconds: Option<i64>) {
    let (id, now) = (CallId::parse(id).unwrap(), house.desk.now());
    let mut tx = house.desk.store.write().await.unwrap();
    let person = office::incumbencies(&mut tx).await.unwrap().into_iter().find_map(|row| row.person).unwrap();
    let place = |post: &str| Place { post: post_id(post), device: Device::Board, person: person.clone() };
    let ring =
        Ring { by: post_id("cs"), since: now, finds: Finds::Free, then: Then::Together, countdown: None };
    let mut live = Call::open(id.clone(), place("cs"), now);
    live.ring(post_id(with), Part::Rung(ring.clone())).unwrap();
    call::open(&mut tx, &id, &place("cs"), now).await.unwrap();
    call::ring(&mut tx, (&id, &post_id(with)), &ring).await.unwrap();
    let end = now + SignedDuration::from_secs(seconds.unwrap_or(30));
    if seconds.is_some() {
        live.accept(&place(with), now).unwrap();
        call::agree(&mut tx, live.consent(&post_id(with)).unwrap()).await.unwrap();
    }
    let outcome = if seconds.is_some() { Outcome::HungUp } else { Outcome::Missed };
    for post in ["cs", with] {
        call::go_out(&mut tx, (&id, &post_id(post)), outcome, end).await.unwrap();
    }
    call::end(&mut tx, &id, end).await.unwrap();
    tx.commit().await.unwrap();
}

async fn asked(house: &House, id: &str, to: &str) {
    let wish = Wish {
        id: id.parse().unwrap(),
        post: post_id("cs"),
        text: Noting::parse("स्थिति?").unwrap(),
        file: None,
        until: Until::In(10),
        to: vec![post_id(to)],
    };
    ask(&house.desk, &house.staff("cs").await, &wish).await.unwrap();
}

#[tokio::test]
async fn talks_journeys_answers_and_silence_are_counted_from_rows_of_one_week() {
    for house in House::everywhere().await {
        talk(&house, ("old", "sec-fin"), Some(900)).await;
        house.minutes_later(60 * 24 * 8);
        talk(&house, ("c1", "sec-hlt"), Some(180)).await;
        talk(&house, ("c2", "sec-hlt"), Some(60)).await;
        talk(&house, ("c3", "sec-edu"), None).await;
        asked(&house, "q1", "sec-agr").await;
        house.minutes_later(9);
        let given = Given {
            question: "q1".parse().unwrap(),
            post: post_id("sec-agr"),
            seen: 0,
            reply: Reply::Call,
            step: Step::Send,
        };
        answer(&house.desk, &house.staff("sec-agr").await, &given).await.unwrap();
        asked(&house, "q2", "sec-edu").await;
        let week = week(&house).await;
        assert_eq!((week.talks, week.journeys, week.answered, week.asked), (2, 1, 1, 2));
        assert_eq!(week.answer_time, Some(SignedDuration::from_mins(9)));
        let seat = |post: &str| week.seats.iter().find(|seat| seat.post == post_id(post)).unwrap();
        let health = seat("sec-hlt");
        assert_eq!(
            (health.talks, health.talked, health.rung, health.took),
            (2, SignedDuration::from_secs(240), 2, 2)
        );
        assert_eq!((seat("sec-edu").rung, seat("sec-edu").took, seat("sec-edu").talks), (1, 0, 0));
        assert!(!health.is_silent() && !seat("sec-agr").is_silent(), "who talks or answers is not silent");
        assert!(
            seat("sec-edu").is_silent() && seat("sec-fin").is_silent(),
            "a missed ring and last week are silence"
        );
        assert!(!seat("sec-cav").is_silent(), "a vacant post is vacant and not silent");
    }
}

#[tokio::test]
async fn the_centre_reads_the_numbers_and_nobody_else_and_each_says_how_it_is_counted() {
    let house = House::open().await;
    talk(&house, ("c1", "sec-hlt"), Some(180)).await;
    let (ok, no) = (StatusCode::OK, StatusCode::FORBIDDEN);
    for (post, status) in [("cs", ok), ("dc", ok), ("it-1", ok), ("sec-hlt", no), ("gate-1", no)] {
        let mut browser = Browser::with_session(&house, &house.cookie(post).await);
        assert_eq!(browser.get("/mesh/use").await.status, status, "{post}");
        assert_eq!(browser.get("/mesh/use.csv").await.status, status, "{post}");
    }
    let mut cs = Browser::with_session(&house, &house.cookie("cs").await);
    let page = cs.get("/mesh/use?lang=en").await;
    assert_eq!(page.all(r#"data-test="(use-figure)""#).len(), 5);
    page.says("two minutes or longer");
    page.says("/mesh/ask/cs?to=sec-edu");
    let seats = week(&house).await.seats.len();
    assert_eq!(cs.get("/mesh/use.csv").await.text.lines().count(), seats + 1);
    // Whoever looks after the machines reads the numbers and asks nobody, whomever he names.
    let mut manager = Browser::with_session(&house, &house.cookie("it-1").await);
    for path in ["/mesh/use?lang=en", "/mesh/use?lang=en&post=cs"] {
        let page = manager.get(path).await;
        assert_eq!(page.all(r#"data-test="(use-figure)""#).len(), 5);
        page.never_says("/mesh/ask/");
    }
    assert_eq!(manager.get("/mesh/use.csv").await.text.lines().count(), seats + 1);
    assert_eq!(manager.get("/mesh/ask/cs").await.status, StatusCode::FORBIDDEN);
}
