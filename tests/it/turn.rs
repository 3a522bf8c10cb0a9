//! The turn: the order that a desk changes with a reason, the officer who is late, the message to those who wait, and what
//! races do to them.

use axum::http::StatusCode;
use domain::diary::queue::{Number, QueueError};
use domain::diary::turn::{MoveReason, Step};
use domain::id::MeetingId;
use domain::notice::What;
use domain::text::Bilingual;
use jiff::Timestamp;
use sachivalaya::app::queue::{self, Happening, Joiner, Move, Shift, TicketKind, TurnError};
use sachivalaya::audit::By;
use sachivalaya::auth::Actor;
use sachivalaya::letter;
use sachivalaya::store::{audit, meeting};
use serde_json::json;

use crate::browser::Browser;
use crate::house::{House, post_id};

const POST: &str = "sec-hlt";

fn shift(number: u32, step: Step) -> Shift {
    Shift { number: Number(number), step, reason: MoveReason::Infirm, note: String::new() }
}

async fn joins(house: &House, desk: &Actor, count: usize) {
    for _ in 0..count {
        let who = Joiner { kind: TicketKind::Token, name: String::new(), subject: String::new() };
        queue::join(&house.desk, desk, &post_id(POST), &who).await.unwrap();
    }
}

async fn order(house: &House, desk: &Actor) -> Vec<u32> {
    let list = queue::list(&house.desk, desk, &post_id(POST)).await.unwrap();
    list.waiting.iter().map(|line| line.number.0).collect()
}

/// When people were told that it is their turn about then, the newest first.
async fn told(house: &House) -> Vec<(String, Timestamp)> {
    let told = house.outbox().await.into_iter();
    told.filter_map(|notice| match &notice.what {
        What::Delayed { about, .. } => Some((notice.to.channel().to_owned(), *about)),
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn a_desk_moves_somebody_with_a_reason_that_is_written_down() {
    for house in House::everywhere().await {
        let desk = house.staff("desk-sec-hlt").await;
        joins(&house, &desk, 3).await;
        let post = post_id(POST);
        let note = Shift { note: "घुटने में दर्द".into(), ..shift(3, Step::Up) };
        assert_eq!(queue::shift(&house.desk, &desk, &post, &note).await.unwrap(), 1);
        assert_eq!(order(&house, &desk).await, [1, 3, 2]);
        let list = queue::list(&house.desk, &desk, &post).await.unwrap();
        let moved = list.waiting[1].moved.clone().unwrap();
        assert_eq!((moved.reason, moved.note.as_str()), (MoveReason::Infirm, "घुटने में दर्द"));
        assert!(list.waiting[2].moved.is_none(), "who was passed was not moved");

        let edge = queue::shift(&house.desk, &desk, &post, &shift(1, Step::Up)).await.unwrap_err();
        assert!(matches!(edge, TurnError::Refused(QueueError::OutOfTurn)));
        let long = Shift { note: "अ".repeat(121), ..shift(2, Step::Up) };
        let long = queue::shift(&house.desk, &desk, &post, &long).await.unwrap_err();
        assert!(matches!(long, TurnError::Malformed));
        let stranger = house.staff("desk-sec-edu").await;
        let refused = queue::shift(&house.desk, &stranger, &post, &shift(2, Step::Up)).await.unwrap_err();
        assert!(matches!(refused, TurnError::Denied(_)));
        assert_eq!(order(&house, &desk).await, [1, 3, 2], "nothing of this was done");

        let mut tx = house.desk.store.write().await.unwrap();
        let lines = audit::open_lines(&mut tx, 500).await.unwrap();
        let line = lines.iter().map(|(_, line)| line).find(|line| line.act == "queue.shift");
        let line = line.expect("it stands in the chain");
        assert!(line.detail.ends_with("number=3 step=up reason=infirm"), "{}", line.detail);
        assert!(!line.detail.contains("घुटने"), "the chain holds codes only");
    }
}

#[tokio::test]
async fn a_late_officer_moves_every_range_tells_everybody_and_costs_nobody_his_turn() {
    for house in House::everywhere().await {
        let slots = house.free(POST).await;
        house.books(POST, slots[0]).await;
        house.books(POST, slots[1]).await;
        queue::settle_all(&house.desk).await.unwrap();
        let (desk, post) = (house.staff("desk-sec-hlt").await, post_id(POST));
        joins(&house, &desk, 1).await;
        for minutes in [0, 15, -10, 31] {
            let refused = queue::be_late(&house.desk, &desk, &post, minutes).await.unwrap_err();
            assert!(matches!(refused, TurnError::Malformed), "{minutes}");
        }
        assert!(told(&house).await.is_empty());
        assert_eq!(queue::be_late(&house.desk, &desk, &post, 20).await.unwrap(), 2);
        let now = house.desk.now();
        let all = told(&house).await;
        assert_eq!(all.len(), 4, "each of the two by text and by mail: {all:?}");
        assert!(
            all.iter().all(|(_, about)| *about >= slots[0].start()),
            "nobody is told a time before his own"
        );
        let first = house.outbox().await.into_iter().find(|one| one.what.kind() == "delayed").unwrap();
        let text = letter::sms(&first);
        assert!(text.contains("नया समय लगभग") && text.contains("आपकी बारी सुरक्षित है"), "{text}");
        let list = queue::list(&house.desk, &desk, &post).await.unwrap();
        let until = list.late.until.unwrap();
        assert_eq!(until.duration_since(now).as_mins(), 20);
        let boards = queue::Boards::new(house.desk.clone());
        let board = boards.board(&post).await.unwrap().unwrap();
        let (from, to) = board.ranges[&Number(3)];
        assert!(
            (20..=22).contains(&from) && to <= 31,
            "the first one's turn is when he begins: {from} to {to}"
        );

        // The first comes after his time and within what was said: the order is that of their times.
        house.desk.clock.set(slots[0].start() + jiff::SignedDuration::from_mins(18));
        for number in [2, 1] {
            queue::carry(&house.desk, &desk, &post, Move::Here(Number(number))).await.unwrap();
        }
        assert_eq!(order(&house, &desk).await, [3, 1, 2]);
        queue::carry(&house.desk, &desk, &post, Move::Next).await.unwrap();
        let list = queue::list(&house.desk, &desk, &post).await.unwrap();
        assert_eq!(list.late.until, None, "he has begun");
        let stranger = house.staff("desk-sec-edu").await;
        let refused = queue::be_late(&house.desk, &stranger, &post, 20).await.unwrap_err();
        assert!(matches!(refused, TurnError::Denied(_)));
    }
}

#[tokio::test]
async fn a_day_that_has_not_begun_in_time_is_told_once_by_the_house_to_those_who_wait() {
    for house in House::everywhere().await {
        let slots = house.free(POST).await;
        house.books(POST, slots[0]).await;
        queue::settle_all(&house.desk).await.unwrap();
        let (desk, post) = (house.staff("desk-sec-hlt").await, post_id(POST));
        house.desk.clock.set(slots[0].start());
        let minute = |n| slots[0].start() + jiff::SignedDuration::from_mins(n);
        house.desk.clock.set(minute(6));
        assert_eq!(queue::notice_all(&house.desk).await.unwrap(), [], "nobody is here");
        house.desk.clock.set(minute(0));
        queue::carry(&house.desk, &desk, &post, Move::Here(Number(1))).await.unwrap();
        house.desk.clock.set(minute(4));
        assert_eq!(queue::notice_all(&house.desk).await.unwrap(), []);
        house.desk.clock.set(minute(5));
        assert_eq!(queue::notice_all(&house.desk).await.unwrap(), std::slice::from_ref(&post));
        assert_eq!(told(&house).await.len(), 2);
        house.desk.clock.set(minute(15));
        assert_eq!(queue::notice_all(&house.desk).await.unwrap(), [], "once");
        assert_eq!(told(&house).await.len(), 2);
        let boards = queue::Boards::new(house.desk.clone());
        let (from, to) = boards.board(&post).await.unwrap().unwrap().ranges[&Number(1)];
        assert!(from < 5 && to > 7, "nobody knows when he begins: {from} to {to}");
    }
}

#[tokio::test]
async fn what_a_post_says_to_those_who_wait_is_a_line_in_both_languages() {
    for house in House::everywhere().await {
        let (desk, post) = (house.staff("desk-sec-hlt").await, post_id(POST));
        let says = async |hi: &str, en: &str| {
            queue::say(&house.desk, &desk, &post, &Bilingual::new(hi, en)).await?;
            queue::message(&house.desk, &desk, &post).await
        };
        assert_eq!(
            says("काग़ज़ पास रखें।", "").await.unwrap(),
            Some(Bilingual::new("काग़ज़ पास रखें।", "काग़ज़ पास रखें।"))
        );
        let both = says("काग़ज़ पास रखें।", "Keep your papers.").await.unwrap().unwrap();
        assert_eq!(both.en, "Keep your papers.");
        assert!(matches!(says(&"अ".repeat(201), "").await, Err(TurnError::Malformed)), "it is bounded");
        assert!(matches!(says("\u{202e}उल्टा", "").await, Err(TurnError::Malformed)));
        assert_eq!(queue::message(&house.desk, &desk, &post).await.unwrap(), Some(both));
        assert_eq!(says(" ", "").await.unwrap(), None);
        let stranger = house.staff("desk-sec-edu").await;
        let said = queue::say(&house.desk, &stranger, &post, &Bilingual::new("नमस्ते", "")).await;
        assert!(matches!(said, Err(TurnError::Denied(_))));
    }
}

/// One happening of a meeting, in a transaction of its own as the ledger writes it.
async fn happens(house: &House, id: &MeetingId, what: Happening) -> bool {
    let mut tx = house.desk.store.write().await.unwrap();
    let by = (&By::House, house.desk.now());
    let changed = queue::follow(&house.desk, &mut tx, (id, what), by).await.unwrap();
    tx.commit().await.unwrap();
    changed.is_some()
}

async fn meetings(house: &House, count: usize) -> Vec<MeetingId> {
    let slots = house.free(POST).await;
    let mut ids = Vec::new();
    for slot in slots.into_iter().take(count) {
        let (_, appointment, _) = house.books_with_cookie(POST, slot).await;
        let mut rows = house.desk.store.read().await.unwrap();
        ids.push(meeting::of_appointment(&mut rows, &appointment).await.unwrap().unwrap());
    }
    queue::settle_all(&house.desk).await.unwrap();
    ids
}

#[tokio::test]
async fn two_presses_of_next_at_once_call_one_person() {
    for house in House::everywhere().await {
        let desk = house.staff("desk-sec-hlt").await;
        joins(&house, &desk, 4).await;
        let press = || {
            let (house, desk) = (house.desk.clone(), desk.clone());
            tokio::spawn(async move { queue::carry(&house, &desk, &post_id(POST), Move::Next).await })
        };
        let pressed = [press(), press()];
        let mut called = 0;
        for one in pressed {
            match one.await.unwrap() {
                Ok(Some(number)) => {
                    assert_eq!(number, Number(1));
                    called += 1;
                }
                Err(TurnError::Refused(QueueError::Occupied)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(called, 1);
        assert_eq!(order(&house, &desk).await, [2, 3, 4]);
    }
}

#[tokio::test]
async fn an_admission_while_the_desk_reorders_leaves_one_at_the_door_and_everybody_else_in_line() {
    for house in House::everywhere().await {
        let ids = meetings(&house, 3).await;
        let desk = house.staff("desk-sec-hlt").await;
        for id in &ids {
            assert!(happens(&house, id, Happening::Waits).await);
        }
        let (own, actor) = (house.desk.clone(), desk.clone());
        let moves = tokio::spawn(async move {
            for step in [Step::Up, Step::Up, Step::Down] {
                let moved = queue::shift(&own, &actor, &post_id(POST), &shift(3, step)).await;
                assert!(matches!(moved, Ok(_) | Err(TurnError::Refused(_))), "{moved:?}");
            }
        });
        assert!(happens(&house, &ids[1], Happening::LetIn).await);
        moves.await.unwrap();
        let list = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
        assert_eq!(list.at_door.as_ref().map(|line| line.number), Some(Number(2)));
        assert_eq!(list.at_door.unwrap().meeting, Some(ids[1].clone()));
        let mut waiting = order(&house, &desk).await;
        waiting.sort_unstable();
        assert_eq!(waiting, [1, 3], "nobody is lost and nobody stands twice");
        assert!(
            !happens(&house, &ids[0], Happening::LetIn).await,
            "another is called: he waits at his place"
        );
        assert!(happens(&house, &ids[1], Happening::Closed).await);
        assert!(!happens(&house, &ids[1], Happening::Left).await, "he has been heard");
    }
}

#[tokio::test]
async fn the_pages_carry_the_same_acts_without_a_script() {
    let house = House::open().await;
    let ids = meetings(&house, 2).await;
    for id in &ids {
        happens(&house, id, Happening::Waits).await;
    }
    let mut officer = Browser::with_session(&house, &house.cookie(POST).await);
    let at = format!("/queue/{POST}");
    let page = officer.get(&format!("/queue?post={POST}")).await;
    page.says("वीडियो से");
    page.says("साहब देर से");
    let form = [("move", "up"), ("number", "2"), ("reason", "bound"), ("note", "")];
    officer.post(&at, &form).await;
    let page = officer.get(&format!("/queue?post={POST}&done=2-0")).await;
    page.says("आगे किया गया: बस, कचहरी या अस्पताल का समय");
    page.says("क्रमांक 2 का क्रम बदला गया");
    assert_eq!(officer.post(&at, &[("move", "up"), ("number", "1")]).await.status, StatusCode::BAD_REQUEST);
    let late = officer.post(&at, &[("move", "late"), ("minutes", "30"), ("back", "desk")]).await;
    assert_eq!(late.location(), format!("/desk?post={POST}&done=late-2"));
    officer.get(late.location()).await.says("देरी बता दी गई: 2 लोगों को संदेश गया");
    Browser::new(&house).get(&format!("/now/{POST}")).await.says("सबकी बारी सुरक्षित है");
    officer.post(&at, &[("move", "say"), ("hi", "काग़ज़ पास रखें।"), ("en", "")]).await;
    officer.get(&format!("/queue?post={POST}")).await.says("काग़ज़ पास रखें।");
    let next = officer.post(&at, &[("move", "next")]).await;
    assert_eq!(next.location(), format!("/meeting/{}", ids[1]), "the officer is led to whom he has called");
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    desk.post(&at, &[("move", "miss"), ("number", "2")]).await;
    desk.post(&at, &[("move", "miss"), ("number", "2")]).await;
    let next = desk.post(&at, &[("move", "next")]).await;
    assert_eq!(next.location(), format!("/queue?post={POST}&done="), "the desk stays with its queue");
    let page = desk.get(next.location()).await;
    page.says(&format!("/meeting/{}", ids[1])); // moved back by ten minutes, he is due before the other still
}

#[tokio::test]
async fn programs_of_an_office_get_the_same_acts() {
    for house in House::everywhere().await {
        let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
        let actor = house.staff("desk-sec-hlt").await;
        joins(&house, &actor, 2).await;
        let at = "/api/v1/queue/sec-hlt";
        let post = async |desk: &mut Browser, path: &str, body: serde_json::Value| {
            desk.call(&axum::http::Method::POST, &format!("{at}/{path}"), &body).await
        };
        let up = json!({"number": 2, "step": "up", "reason": "urgent"});
        let moved = post(&mut desk, "order", up.clone()).await;
        let said: serde_json::Value = serde_json::from_str(&moved.text).unwrap();
        assert_eq!(said["waiting"][0]["number"], 2, "{}", moved.text);
        assert_eq!(said["waiting"][0]["way"], "office");
        assert_eq!(post(&mut desk, "order", up).await.status, StatusCode::CONFLICT);
        let bare = json!({"number": 2, "step": "up", "reason": "because"});
        assert_eq!(post(&mut desk, "order", bare).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(post(&mut desk, "delay", json!({"minutes": 5})).await.status, StatusCode::BAD_REQUEST);
        let late = post(&mut desk, "delay", json!({"minutes": 10})).await;
        let said: serde_json::Value = serde_json::from_str(&late.text).unwrap();
        assert!(said["late_until"].is_string(), "{}", late.text);
        let line = json!({"hi": "काग़ज़ पास रखें।", "en": ""});
        assert_eq!(post(&mut desk, "message", line.clone()).await.status, StatusCode::OK);
        let mut other = Browser::with_session(&house, &house.cookie("sec-edu").await);
        for (path, body) in [("delay", json!({"minutes": 10})), ("message", line)] {
            assert_eq!(post(&mut other, path, body).await.status, StatusCode::FORBIDDEN);
        }
    }
}
