//! The day, by programs: queue, board, counter, gate, absences, emergencies, draws, groups, and what a slip's token answers.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::house::House;

fn said(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

fn code(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{}", answer.text);
    let told = said(answer);
    assert!(!told["title"].as_str().unwrap().is_empty() && !told["detail"].as_str().unwrap().is_empty());
    (answer.status.as_u16(), told["code"].as_str().unwrap().to_owned())
}

async fn post(program: &mut Browser, path: &str, body: Value) -> Answer {
    program.call(&Method::POST, path, &body).await
}

/// A program of staff that acts from a post.
async fn of(house: &House, post: &str) -> Browser {
    Browser::with_session(house, &house.cookie(post).await)
}

#[tokio::test]
async fn a_program_runs_the_queue_and_everybody_may_read_its_numbers() {
    for house in House::everywhere().await {
        let mut desk = of(&house, "sec-hlt").await;
        let at = "/api/v1/queue/sec-hlt";
        let wrong = post(&mut desk, &format!("{at}/tickets"), json!({"kind": "time"})).await;
        assert_eq!(code(&wrong), (400, "malformed".into()));
        for n in 1..=2 {
            let who = json!({"kind": "token", "name": "मीना देवी", "subject": "पेंशन"});
            let given = post(&mut desk, &format!("{at}/tickets"), who).await;
            assert_eq!((given.status, said(&given)["number"].as_u64()), (StatusCode::CREATED, Some(n)));
        }
        let called = post(&mut desk, &format!("{at}/moves"), json!({"move": "next"})).await;
        assert_eq!(said(&called)["at_door"]["standing"], "called", "{}", called.text);
        let board = Browser::new(&house).get("/api/v1/posts/sec-hlt/board").await;
        assert_eq!((said(&board)["called"].as_u64(), said(&board)["waiting"].as_u64()), (Some(1), Some(1)));
        assert!(!board.text.contains("मीना"), "a board names nobody");
        let out = post(&mut desk, &format!("{at}/moves"), json!({"move": "leave", "number": 2})).await;
        assert_eq!(code(&out), (409, "queue-out-of-turn".into()));
        let none = post(&mut desk, &format!("{at}/moves"), json!({"move": "enter", "number": 99})).await;
        assert_eq!(code(&none), (409, "queue-unknown".into()));
        post(&mut desk, &format!("{at}/moves"), json!({"move": "enter", "number": 1})).await;
        let list = desk.get_as_program("/api/v1/queue?post=sec-hlt").await;
        assert_eq!(said(&list)["at_door"]["standing"], "inside");
        let other =
            post(&mut of(&house, "sec-edu").await, &format!("{at}/moves"), json!({"move": "next"})).await;
        assert_eq!(code(&other), (403, "not-yours".into()));
        let nobody = post(&mut Browser::new(&house), &format!("{at}/moves"), json!({"move": "next"})).await;
        assert_eq!(code(&nobody), (401, "sign-in".into()));
    }
}

#[tokio::test]
async fn a_counter_books_once_by_program_and_number_and_pin_open_the_slip() {
    for house in House::everywhere().await {
        let start = house.free("sec-hlt").await[0].start().as_millisecond();
        let mut counter = of(&house, "counter-1").await;
        let wish = |consent: bool| {
            json!({"once": "form-1", "name": "बुधनी देवी", "subject": "राशन", "channel": "in_person",
                "has_consent": consent, "post": "sec-hlt", "start": start})
        };
        let refused = post(&mut counter, "/api/v1/counter/appointments", wish(false)).await;
        assert_eq!(code(&refused), (422, "details".into()));
        assert_eq!(said(&refused)["fields"][0]["field"], "has_consent");
        let made = post(&mut counter, "/api/v1/counter/appointments", wish(true)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let again = post(&mut counter, "/api/v1/counter/appointments", wish(true)).await;
        assert_eq!(said(&made)["appointment"], said(&again)["appointment"], "one form books once");
        let mut phone = Browser::new(&house);
        let key = json!({"reference": said(&made)["reference"], "pin": "1"});
        assert_eq!(code(&post(&mut phone, "/api/v1/slips", key).await), (422, "pin-wrong".into()));
        let key = json!({"reference": said(&made)["reference"], "pin": said(&made)["pin"]});
        let opened = post(&mut phone, "/api/v1/slips", key).await;
        assert_eq!(said(&opened)["slip"], said(&made)["slip"], "{}", opened.text);
        assert!(said(&opened)["token"].is_string(), "a new device has a session");
        let stranger =
            post(&mut of(&house, "sec-hlt").await, "/api/v1/counter/appointments", wish(true)).await;
        assert_eq!(code(&stranger), (403, "not-yours".into()));
    }
}

#[tokio::test]
async fn a_gate_lists_checks_and_marks_by_program() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let (id, _) = house.holds("sec-hlt", slot).await;
        drop(id);
        let mut gate = of(&house, "gate-1").await;
        let list = gate.get_as_program("/api/v1/gate/visitors").await;
        assert_eq!(said(&list)["date"], "2026-11-24", "{}", list.text);
        let check = post(&mut gate, "/api/v1/gate/checks", json!({"shown": "ES26-000000"})).await;
        assert_eq!(
            (said(&check)["is_good"].as_bool(), said(&check)["reason"].as_str()),
            (Some(false), Some("unknown"))
        );
        let marks = json!({"marks": [{"id": "mark-0001", "appointment": "nobody", "way": "in", "at": 1}]});
        let marked = post(&mut gate, "/api/v1/gate/marks", marks).await;
        assert_eq!(said(&marked)["refused"][0], "mark-0001", "{}", marked.text);
        let denied = of(&house, "sec-hlt").await.get_as_program("/api/v1/gate/visitors").await;
        assert_eq!(code(&denied), (403, "not-yours".into()));
    }
}

#[tokio::test]
async fn an_absence_and_an_emergency_go_from_preview_to_act_and_back() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let slip = house.books("sec-hlt", slots[0]).await;
        let mut desk = of(&house, "sec-hlt").await;
        let (from, to) = (slots[0].start().to_string(), slots[0].end().to_string());
        let away = |mark: &str, reason: &str| json!({"from": from, "to": to, "reason": reason, "authority": "आदेश 12", "mark": mark});
        let unknown = post(&mut desk, "/api/v1/absences/sec-hlt/preview", away("", "mood")).await;
        assert_eq!(code(&unknown), (422, "unknown-reason".into()));
        let backwards = json!({"from": to, "to": from, "reason": "assembly", "authority": "आदेश 12"});
        assert_eq!(
            code(&post(&mut desk, "/api/v1/absences/sec-hlt/preview", backwards).await),
            (422, "span".into())
        );
        let seen = post(&mut desk, "/api/v1/absences/sec-hlt/preview", away("", "assembly")).await;
        assert_eq!(said(&seen)["hit"].as_array().unwrap().len(), 1, "{}", seen.text);
        let stale = post(&mut desk, "/api/v1/absences/sec-hlt", away("old", "assembly")).await;
        assert_eq!(code(&stale), (409, "overtaken".into()));
        let mark = said(&seen)["mark"].as_str().unwrap().to_owned();
        let done = post(&mut desk, "/api/v1/absences/sec-hlt", away(&mark, "assembly")).await;
        assert_eq!(
            (done.status, said(&done)["moved"].as_u64()),
            (StatusCode::CREATED, Some(1)),
            "{}",
            done.text
        );
        let at = format!("/api/v1/appointments/{slip}");
        let agreed = post(&mut Browser::new(&house), &format!("{at}/agree"), json!({})).await;
        assert_eq!(agreed.status, StatusCode::OK, "{}", agreed.text);
        let standing = desk.get_as_program("/api/v1/absences/sec-hlt").await;
        assert_eq!(said(&standing)[0]["reason"], "assembly");
        let undo = format!("/api/v1/absences/sec-hlt/{}/undo", said(&done)["absence"].as_str().unwrap());
        assert_eq!(post(&mut desk, &undo, json!({})).await.status, StatusCode::OK);
        assert_eq!(code(&post(&mut desk, &undo, json!({})).await), (409, "too-late".into()));
        let span = json!({"from": from, "to": slots[20].end().to_string()});
        let reach = post(&mut desk, "/api/v1/emergencies/sec-hlt/preview", span.clone()).await;
        assert_eq!(reach.status, StatusCode::OK, "{}", reach.text);
        let switched = post(&mut desk, "/api/v1/emergencies/sec-hlt", span).await;
        assert_eq!(switched.status, StatusCode::CREATED, "{}", switched.text);
        let id = said(&switched)["emergency"].as_str().unwrap().to_owned();
        let listed = desk.get_as_program("/api/v1/emergencies/sec-hlt").await;
        assert_eq!(said(&listed)[0]["id"], id.as_str());
        let undo = format!("/api/v1/emergencies/sec-hlt/{id}/undo");
        assert_eq!(post(&mut desk, &undo, json!({})).await.status, StatusCode::OK);
        let stranger = post(&mut of(&house, "sec-edu").await, &undo, json!({})).await;
        assert_eq!(code(&stranger), (403, "not-yours".into()));
    }
}

#[tokio::test]
async fn a_draw_is_announced_entered_and_read_by_program() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let starts: Vec<i64> = slots[40..42].iter().map(|slot| slot.start().as_millisecond()).collect();
        let mut desk = of(&house, "sec-hlt").await;
        let soon = house.desk.now() + jiff::SignedDuration::from_hours(1);
        let wish = |starts: &[i64]| json!({"starts": starts, "closes_at": soon.to_string()});
        let none = post(&mut desk, "/api/v1/draws/of/sec-hlt", wish(&[])).await;
        assert_eq!(code(&none), (422, "draw-count".into()));
        let made = post(&mut desk, "/api/v1/draws/of/sec-hlt", wish(&starts)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let id = said(&made)["id"].as_str().unwrap().to_owned();
        let entered =
            post(&mut Browser::new(&house), &format!("/api/v1/draws/{id}/entries"), json!({})).await;
        assert_eq!((entered.status, said(&entered)["state"].as_str()), (StatusCode::CREATED, Some("held")));
        let reveal = format!("/api/v1/draws/of/sec-hlt/{id}");
        let early = post(&mut desk, &reveal, json!({"word": "4711"})).await;
        assert_eq!(code(&early), (409, "draw-open".into()));
        house.minutes_later(61);
        let late = post(&mut Browser::new(&house), &format!("/api/v1/draws/{id}/entries"), json!({})).await;
        assert_eq!(code(&late), (409, "draw-closed".into()));
        let drawn = post(&mut desk, &reveal, json!({"word": "4711"})).await;
        assert_eq!(said(&drawn)["word"], "4711", "{}", drawn.text);
        let read = Browser::new(&house).get(&format!("/api/v1/draws/{id}")).await;
        assert!(said(&read)["secret"].is_string());
        assert_eq!(said(&desk.get_as_program("/api/v1/draws?post=sec-hlt").await)[0]["id"], id.as_str());
    }
}

#[tokio::test]
async fn a_desk_asks_and_sends_on_and_the_citizen_answers_waits_and_names_his_people() {
    for house in House::everywhere().await {
        let slots = house.free("min-hlt").await;
        let slip = house.books("min-hlt", slots[0]).await;
        let mut desk = of(&house, "ps-hlt").await;
        let list = said(&desk.get_as_program("/api/v1/desk?post=min-hlt").await);
        let at = format!("/api/v1/desk/{}", list["requests"][0]["appointment"].as_str().unwrap());
        let empty = post(&mut desk, &format!("{at}/ask"), json!({"question": " "})).await;
        assert_eq!(code(&empty), (422, "details".into()));
        let asked = post(&mut desk, &format!("{at}/ask"), json!({"question": "किस प्रखंड से?"})).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
        let mut citizen = Browser::new(&house);
        let own = format!("/api/v1/appointments/{slip}");
        assert_eq!(said(&citizen.get(&own).await)["question"], "किस प्रखंड से?");
        let answered = post(&mut citizen, &format!("{own}/answer"), json!({"answer": "बेलागंज"})).await;
        assert!(said(&answered)["question"].is_null(), "{}", answered.text);
        let sent_on =
            post(&mut desk, &format!("{at}/redirect"), json!({"to": "sec-hlt", "reason": "other_office"}))
                .await;
        assert_eq!(sent_on.status, StatusCode::OK, "{}", sent_on.text);
        assert_eq!(said(&citizen.get(&own).await)["post"], "sec-hlt");
        let waits = post(&mut citizen, &format!("{own}/wait"), json!({"wish": "tell"})).await;
        assert_eq!(said(&waits)["waits_for_earlier"], true, "{}", waits.text);
        let named = post(&mut citizen, &format!("{own}/group"), json!({"names": ["अ क", "ब ख"]})).await;
        assert_eq!(named.status, StatusCode::CREATED, "{}", named.text);
        let again = post(&mut citizen, &format!("{own}/group"), json!({"names": ["अ क"]})).await;
        assert_eq!(code(&again), (409, "named-before".into()));
        let seat = format!("/api/v1/seats/{}", said(&named)["people"][0]["token"].as_str().unwrap());
        let gone = post(&mut Browser::new(&house), &format!("{seat}/give-up"), json!({})).await;
        assert_eq!(said(&gone)["is_given_up"], true, "{}", gone.text);
        let people = citizen.get(&format!("{own}/group")).await;
        assert_eq!(said(&people)["people"][1]["is_given_up"], false);
    }
}
