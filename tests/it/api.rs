//! The API: the citizen's and the desk's ways in JSON, problems with stable codes, requests that are sent twice.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use sachivalaya::app::idempotent::{self, Answer as Sealed, Asked, Known};
use sachivalaya::http::routes;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::house::House;

fn said(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

/// The stable code of a problem.
fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{}", answer.text);
    let problem = said(answer);
    assert_eq!(problem["status"].as_u64(), Some(u64::from(answer.status.as_u16())));
    assert!(!problem["detail"].as_str().unwrap().is_empty());
    (answer.status.as_u16(), problem["code"].as_str().unwrap().to_owned())
}

/// A program holds this time, and knows its session from then on.
async fn holds(program: &mut Browser, post: &str, start: i64) -> Value {
    let held = program.call(&Method::POST, "/api/v1/holds", &json!({"post": post, "start": start})).await;
    assert_eq!(held.status, StatusCode::CREATED, "{}", held.text);
    let hold = said(&held);
    if let Some(token) = hold["token"].as_str() {
        program.cookies.insert("es".into(), token.into());
    }
    hold
}

fn details() -> Value {
    json!({"name": "सुनीता देवी (डेमो)", "mobile": "00000 01234", "subject": "राशन कार्ड", "channel": "video"})
}

/// A program books this time to the end: the token of the slip.
async fn books(house: &House, program: &mut Browser, post: &str, start: i64) -> String {
    house.a_moment_later();
    let hold = holds(program, post, start).await;
    let at = format!("/api/v1/holds/{}", hold["appointment"].as_str().unwrap());
    let given = program.call(&Method::PUT, &format!("{at}/details"), &details()).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.text);
    let code = house.last_code().await;
    let booked = program.call(&Method::POST, &format!("{at}/confirm"), &json!({"code": code})).await;
    assert_eq!(booked.status, StatusCode::OK, "{}", booked.text);
    said(&booked)["slip"].as_str().unwrap().to_owned()
}

/// The starts of every free time that a program is told.
async fn free(program: &mut Browser, post: &str, query: &str) -> Vec<i64> {
    let answer = program.get(&format!("/api/v1/posts/{post}/times{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let days = said(&answer)["days"].as_array().unwrap().clone();
    days.iter()
        .flat_map(|day| day["starts"].as_array().unwrap().clone())
        .map(|at| at.as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_document_names_every_route_of_the_api_and_no_other() {
    let house = House::open().await;
    let document = said(&Browser::new(&house).get("/api/v1/openapi.json").await);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let table: BTreeSet<(String, String)> = routes::table()
        .into_iter()
        .filter(|route| route.path.starts_with("/api/"))
        .map(|route| (route.method.as_str().to_lowercase(), route.path.to_owned()))
        .collect();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
        })
        .collect();
    assert_eq!(table, described);
    let mut names = BTreeSet::new();
    for (method, path) in described {
        let operation = &document["paths"][&path][&method];
        assert!(names.insert(operation["operationId"].to_string()), "{method} {path} has a name of its own");
        assert!(operation["summary"].is_string(), "{method} {path} says what it does");
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let known = operation["parameters"].as_array().unwrap();
            assert!(known.iter().any(|p| p["name"] == name && p["in"] == "path"), "{method} {path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_program_finds_a_post_and_its_times_and_asks_again_for_nothing() {
    let house = House::open().await;
    let mut program = Browser::new(&house);
    let found = said(&program.get("/api/v1/posts?q=swasthya").await);
    assert!(found["posts"].as_array().unwrap().iter().any(|post| post["id"] == "sec-hlt"), "{found}");
    let post = said(&program.get("/api/v1/posts/sec-hlt").await);
    assert_eq!((post["id"].as_str(), post["is_held"].as_bool()), (Some("sec-hlt"), Some(true)));
    let starts: Vec<i64> =
        house.free("sec-hlt").await.iter().map(|slot| slot.start().as_millisecond()).collect();
    assert_eq!(free(&mut program, "sec-hlt", "").await, starts);
    let later = free(&mut program, "sec-hlt", "?from=2026-11-26&days=3").await;
    assert!(!later.is_empty() && later.iter().all(|start| starts.contains(start)));
    assert_ne!(later[0], starts[0]);
    let first = program.get("/api/v1/posts/sec-hlt/times").await;
    let tag = first.headers[header::ETAG].clone();
    let again = || {
        let asked = Request::get("/api/v1/posts/sec-hlt/times").header(header::IF_NONE_MATCH, tag.clone());
        asked.body(Body::empty()).unwrap()
    };
    let same = program.send(again()).await;
    assert_eq!((same.status, same.bytes), (StatusCode::NOT_MODIFIED, 0));
    holds(&mut Browser::new(&house), "sec-hlt", starts[0]).await;
    assert_eq!(program.send(again()).await.status, StatusCode::OK, "a time is gone: another version");
}

#[tokio::test]
async fn what_cannot_be_asked_is_a_problem_with_a_code() {
    let house = House::open().await;
    let mut program = Browser::new(&house);
    let long = format!("/api/v1/posts?q={}", "a".repeat(101));
    for (path, status, code) in [
        ("/api/v1/posts", 400, "malformed"),
        (long.as_str(), 400, "malformed"),
        ("/api/v1/posts/nobody", 404, "not-found"),
        ("/api/v1/posts/nobody/times", 404, "not-found"),
        ("/api/v1/posts/sec-hlt/times?days=91", 400, "malformed"),
        ("/api/v1/posts/sec-hlt/times?from=2026-11-23", 400, "malformed"),
        ("/api/v1/nowhere", 404, "not-found"),
        ("/api/v1/desk", 401, "sign-in"),
        ("/api/v1/appointments/aaaaaaaaaaaaaaaa", 404, "not-found"),
    ] {
        assert_eq!(problem(&program.get(path).await), (status, code.to_owned()), "{path}");
    }
    for (body, status, code) in [
        (json!({"post": "sec-hlt"}), 400, "malformed"),
        (json!({"post": "sec-hlt", "start": "soon"}), 400, "malformed"),
        (json!({"post": "sec-hlt", "start": 1, "more": 1}), 400, "malformed"),
        (json!({"post": "sec-nobody", "start": 1}), 404, "not-found"),
        (json!({"post": "sec-cav", "start": 1}), 409, "closed"),
        (json!({"post": "sec-hlt", "start": 1_000}), 409, "past-time"),
        (json!({"post": "sec-hlt", "start": "2026-11-25T03:00:00+05:30"}), 409, "not-offered"),
    ] {
        let answer = program.call(&Method::POST, "/api/v1/holds", &body).await;
        assert_eq!(problem(&answer), (status, code.to_owned()), "{body}");
    }
    let plain = Request::post("/api/v1/holds").body(Body::from("{}")).unwrap();
    assert_eq!(problem(&program.send(plain).await), (415, "json-needed".into()));
}

#[tokio::test]
async fn a_program_books_moves_and_withdraws_by_what_it_was_given() {
    for house in House::everywhere().await {
        let starts: Vec<i64> =
            house.free("sec-hlt").await.iter().map(|s| s.start().as_millisecond()).collect();
        let mut program = Browser::new(&house);
        let slip = books(&house, &mut program, "sec-hlt", starts[0]).await;
        let at = format!("/api/v1/appointments/{slip}");
        let mut anyone = Browser::new(&house);
        let appointment = said(&anyone.get(&at).await);
        assert_eq!(appointment["state"], "confirmed");
        assert!(appointment["join_url"].as_str().unwrap().starts_with("https://es.example.in/j/"));
        let moved = anyone.call(&Method::POST, &format!("{at}/move"), &json!({"start": starts[2]})).await;
        assert_eq!(said(&moved)["sequence"], 1, "{}", moved.text);
        let twice = anyone.call(&Method::POST, &format!("{at}/take"), &json!({})).await;
        assert_eq!(twice.status, StatusCode::OK, "what is fixed is fixed");
        let gone = anyone.call(&Method::POST, &format!("{at}/cancel"), &json!({})).await;
        assert_eq!(said(&gone)["state"], "cancelled");
        let late = anyone.call(&Method::POST, &format!("{at}/move"), &json!({"start": starts[1]})).await;
        assert_eq!(problem(&late), (409, "impossible".into()));
        assert!(free(&mut anyone, "sec-hlt", "").await.contains(&starts[2]));
    }
}

#[tokio::test]
async fn a_lost_race_names_the_three_nearest_times() {
    let house = House::open().await;
    let starts: Vec<i64> = house.free("sec-hlt").await.iter().map(|s| s.start().as_millisecond()).collect();
    holds(&mut Browser::new(&house), "sec-hlt", starts[1]).await;
    let wish = json!({"post": "sec-hlt", "start": starts[1]});
    let lost = Browser::new(&house).call(&Method::POST, "/api/v1/holds", &wish).await;
    assert_eq!(problem(&lost), (409, "slot-taken".into()));
    let nearest = said(&lost)["nearest"].as_array().unwrap().clone();
    assert_eq!(nearest.len(), 3);
    let again = json!({"post": "sec-hlt", "start": nearest[0]["start"]});
    let held = Browser::new(&house).call(&Method::POST, "/api/v1/holds", &again).await;
    assert_eq!(held.status, StatusCode::CREATED, "a time that was told can be had as it was told");
}

#[tokio::test]
async fn details_and_codes_are_refused_with_what_must_be_mended() {
    let house = House::open().await;
    let start = house.free("sec-hlt").await[0].start().as_millisecond();
    let mut program = Browser::new(&house);
    let hold = holds(&mut program, "sec-hlt", start).await;
    let at = format!("/api/v1/holds/{}", hold["appointment"].as_str().unwrap());
    assert_eq!(said(&program.get_as_program(&at).await)["state"], "held");
    let early = program.call(&Method::POST, &format!("{at}/confirm"), &json!({"code": "000000"})).await;
    assert_eq!(problem(&early), (409, "details-first".into()));
    let bad =
        json!({"name": "", "mobile": "12", "mail": "x", "subject": "ठ".repeat(201), "channel": "smoke"});
    let refused = program.call(&Method::PUT, &format!("{at}/details"), &bad).await;
    assert_eq!(problem(&refused), (422, "details".into()));
    assert_eq!(said(&refused)["fields"].as_array().unwrap().len(), 5, "{}", refused.text);
    program.call(&Method::PUT, &format!("{at}/details"), &details()).await;
    let code = house.last_code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = program.call(&Method::POST, &format!("{at}/confirm"), &json!({"code": wrong})).await;
    assert_eq!(
        (problem(&refused), said(&refused)["tries_left"].as_i64()),
        ((422, "wrong-code".into()), Some(4))
    );
    house.minutes_later(10);
    let late = program.call(&Method::POST, &format!("{at}/confirm"), &json!({"code": code})).await;
    assert_eq!(problem(&late), (410, "hold-expired".into()));
    assert_eq!(said(&late)["post"], "sec-hlt");
}

#[tokio::test]
async fn nobody_touches_a_hold_of_another_session_and_an_old_token_is_told_so() {
    let house = House::open().await;
    let slots = house.free("sec-hlt").await;
    let hold = holds(&mut Browser::new(&house), "sec-hlt", slots[0].start().as_millisecond()).await;
    let at = format!("/api/v1/holds/{}/details", hold["appointment"].as_str().unwrap());
    let mut stranger = Browser::new(&house);
    assert_eq!(problem(&stranger.call(&Method::PUT, &at, &details()).await), (404, "not-found".into()));
    holds(&mut stranger, "sec-hlt", slots[1].start().as_millisecond()).await;
    assert_eq!(problem(&stranger.call(&Method::PUT, &at, &details()).await), (404, "not-found".into()));
    let mut old = Browser::with_session(&house, "anoldtoken");
    let refused = old.call(&Method::PUT, &at, &details()).await;
    assert_eq!(problem(&refused), (401, "token-refused".into()));
    assert_eq!(refused.headers[header::WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
    let mut cookie = Request::put(&at).header(header::CONTENT_TYPE, "application/json");
    cookie = cookie.header(header::COOKIE, format!("es={}", hold["token"].as_str().unwrap()));
    let answer = Browser::new(&house).send(cookie.body(Body::from(details().to_string())).unwrap()).await;
    assert_eq!(problem(&answer), (404, "not-found".into()), "a cookie is no token");
}

#[tokio::test]
async fn staff_sign_in_and_decide_by_token() {
    let house = House::open().await;
    let slots = house.free("min-hlt").await;
    let start = |n: usize| slots[n].start().as_millisecond();
    let mut slips = Vec::new();
    for n in 0..3 {
        slips.push(books(&house, &mut Browser::new(&house), "min-hlt", start(n)).await);
    }
    let link = house.sign_in_link("ps-hlt").await;
    let mut desk = Browser::new(&house);
    let session = desk.call(&Method::POST, "/api/v1/sessions", &json!({"link": link})).await;
    assert_eq!(session.status, StatusCode::CREATED, "{}", session.text);
    let used = Browser::new(&house).call(&Method::POST, "/api/v1/sessions", &json!({"link": link})).await;
    assert_eq!(problem(&used), (410, "gone".into()));
    desk.cookies.insert("es".into(), said(&session)["token"].as_str().unwrap().into());
    let list = said(&desk.get_as_program("/api/v1/desk?post=min-hlt").await);
    let waiting = list["requests"].as_array().unwrap().clone();
    assert_eq!(waiting.len(), 3, "{list}");
    let at =
        |n: usize, verb: &str| format!("/api/v1/desk/{}/{verb}", waiting[n]["appointment"].as_str().unwrap());
    let fixed = desk.call(&Method::POST, &at(0, "accept"), &json!({})).await;
    assert_eq!(said(&fixed)["state"], "confirmed", "{}", fixed.text);
    let wrong = desk.call(&Method::POST, &at(1, "decline"), &json!({"reason": "mood"})).await;
    assert_eq!(problem(&wrong), (422, "unknown-reason".into()));
    let reason = said(&wrong)["reasons"][0].clone();
    let declined = desk.call(&Method::POST, &at(1, "decline"), &json!({"reason": reason})).await;
    assert_eq!(said(&declined)["state"], "declined", "{}", declined.text);
    let taken = desk.call(&Method::POST, &at(2, "propose"), &json!({"start": start(0)})).await;
    assert_eq!(problem(&taken), (409, "slot-taken".into()));
    let offered = desk.call(&Method::POST, &at(2, "propose"), &json!({"start": start(6)})).await;
    assert_eq!(said(&offered)["state"], "proposed", "{}", offered.text);
    let taken = Browser::new(&house)
        .call(&Method::POST, &format!("/api/v1/appointments/{}/take", slips[2]), &json!({}))
        .await;
    assert_eq!(said(&taken)["state"], "confirmed", "{}", taken.text);
    let other = Browser::with_session(&house, &house.cookie("ps-edu").await)
        .call(&Method::POST, &at(0, "decline"), &json!({"reason": reason}))
        .await;
    assert_eq!(problem(&other), (403, "not-yours".into()));
    let out = desk.call(&Method::DELETE, "/api/v1/sessions/current", &json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(problem(&desk.get_as_program("/api/v1/desk").await), (401, "token-refused".into()));
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_its_first_answer_and_is_done_once() {
    for house in House::everywhere().await {
        let starts: Vec<i64> =
            house.free("sec-hlt").await.iter().map(|s| s.start().as_millisecond()).collect();
        let key = [("idempotency-key", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")];
        let wish = json!({"post": "sec-hlt", "start": starts[0]});
        let send = async |program: &mut Browser, wish: &Value| {
            program.call_with(&Method::POST, "/api/v1/holds", (wish, &key)).await
        };
        let mut program = Browser::new(&house);
        let first = send(&mut program, &wish).await;
        let second = send(&mut program, &wish).await;
        assert_eq!(
            (first.status, second.status),
            (StatusCode::CREATED, StatusCode::CREATED),
            "{}",
            second.text
        );
        assert_eq!(first.text, second.text, "the token, too, comes again to whoever has the key");
        assert_eq!(first.headers[header::LOCATION], second.headers[header::LOCATION]);
        assert_eq!(second.headers["idempotency-replayed"], "true");
        let other = send(&mut program, &json!({"post": "sec-hlt", "start": starts[1]})).await;
        assert_eq!(problem(&other), (422, "key-reused".into()));
        program.cookies.insert("es".into(), said(&first)["token"].as_str().unwrap().into());
        let known = send(&mut program, &json!({"post": "sec-hlt", "start": starts[1]})).await;
        assert_eq!(known.status, StatusCode::CREATED, "another caller's keys are other keys");
        house.minutes_later(24 * 60 + 1);
        let late = send(&mut Browser::new(&house), &wish).await;
        assert_ne!(late.headers.get("idempotency-replayed").map(|v| v.as_bytes()), Some(b"true".as_slice()));
        let bad =
            program.call_with(&Method::POST, "/api/v1/holds", (&wish, &[("idempotency-key", "a b")])).await;
        assert_eq!(problem(&bad), (400, "key-malformed".into()));
    }
}

#[tokio::test]
async fn what_was_refused_may_be_asked_again_under_its_key() {
    let house = House::open().await;
    let start = house.free("sec-hlt").await[6].start().as_millisecond();
    let key = [("idempotency-key", "one-key-of-mine")];
    let hold = holds(&mut Browser::new(&house), "sec-hlt", start).await;
    assert!(hold["expires_at"].is_string());
    let wish = json!({"post": "sec-hlt", "start": start});
    let lost = Browser::new(&house).call_with(&Method::POST, "/api/v1/holds", (&wish, &key)).await;
    assert_eq!(problem(&lost), (409, "slot-taken".into()));
    house.minutes_later(11);
    let again = Browser::new(&house).call_with(&Method::POST, "/api/v1/holds", (&wish, &key)).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
}

#[tokio::test]
async fn while_a_request_runs_its_key_waits_and_a_request_that_died_gives_it_back() {
    for house in House::everywhere().await {
        let asked = Asked { caller: String::new(), key: "one-key".into(), fingerprint: "this".into() };
        let begin = async || idempotent::begin(&house.desk, &asked).await.unwrap();
        let Known::New(first) = begin().await else { panic!("nobody has asked yet") };
        assert!(matches!(begin().await, Known::Running));
        let other = Asked { fingerprint: "that".into(), ..asked.clone() };
        let other = idempotent::begin(&house.desk, &other).await.unwrap();
        assert!(matches!(other, Known::OtherRequest));
        house.minutes_later(2);
        let Known::New(second) = begin().await else { panic!("the first one is lost") };
        let answer = |body: &str| Sealed { status: 201, headers: Vec::new(), body: body.into() };
        idempotent::keep(&house.desk, first, &answer("late")).await.unwrap();
        assert!(matches!(begin().await, Known::Running), "who lost the key keeps nothing under it");
        idempotent::keep(&house.desk, second, &answer("right")).await.unwrap();
        assert!(matches!(begin().await, Known::Answered(kept) if kept == answer("right")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_send_one_key_at_once_one_is_served_and_no_time_is_lost() {
    for house in House::everywhere().await {
        let start = house.free("sec-hlt").await[0].start().as_millisecond();
        let wish = json!({"post": "sec-hlt", "start": start});
        let sending: Vec<_> = (0..16)
            .map(|_| {
                let (mut program, wish) = (Browser::new(&house), wish.clone());
                let key = [("idempotency-key", "the-same-key-for-all")];
                tokio::spawn(
                    async move { program.call_with(&Method::POST, "/api/v1/holds", (&wish, &key)).await },
                )
            })
            .collect();
        let mut tokens = BTreeSet::new();
        for one in sending {
            let answer = one.await.unwrap();
            match answer.status {
                StatusCode::CREATED => {
                    tokens.insert(said(&answer)["token"].as_str().unwrap().to_owned());
                }
                _ => assert_eq!(problem(&answer), (409, "key-running".into())),
            }
        }
        assert_eq!(tokens.len(), 1, "one hold, one session");
    }
}
