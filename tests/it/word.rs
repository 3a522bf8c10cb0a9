//! Missed rings and words that are left: who leaves one to whom, who hears it, what is refused, and when it is gone.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::hotline::call::Then;
use domain::hotline::missed::LeaveRefused;
use domain::hotline::{Call, Device, Finds, Outcome, Part, Place, Ring};
use domain::id::{CallId, WordId};
use domain::office::{Charge, Incumbency};
use jiff::SignedDuration;
use sachivalaya::app::missed::{self, List, MissedError, Which};
use sachivalaya::app::word::{self, WordError};
use sachivalaya::limits;
use sachivalaya::store::{Store, call, file, office, word as rows};

use crate::browser::{Answer, Browser, HOST};
use crate::house::{House, post_id};

const CS: &str = "cs";
const HEALTH: &str = "sec-hlt";
const EDUCATION: &str = "sec-edu";
const DISTRICT: &str = "dm-patna";
const VACANT: &str = "sec-cav";

fn el(id: &[u8], payload: &[u8]) -> Vec<u8> {
    [id, &[u8::try_from(payload.len()).unwrap() | 0x80], payload].concat()
}

/// As a browser records: so many seconds, of these kinds of tracks (1 picture, 2 sound).
fn recording(tracks: &[u8], seconds: u16) -> Vec<u8> {
    let unknown = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    let mut bytes = el(&[0x1A, 0x45, 0xDF, 0xA3], &el(&[0x42, 0x82], b"webm"));
    bytes.extend([&[0x18, 0x53, 0x80, 0x67][..], &unknown].concat());
    let entries: Vec<u8> = tracks.iter().flat_map(|kind| el(&[0xAE], &el(&[0x83], &[*kind]))).collect();
    bytes.extend(el(&[0x16, 0x54, 0xAE, 0x6B], &entries));
    for second in 0..=seconds {
        bytes.extend([&[0x1F, 0x43, 0xB6, 0x75][..], &unknown].concat());
        bytes.extend(el(&[0xE7], &(u32::from(second) * 1_000).to_be_bytes()));
        bytes.extend(el(&[0xA3], &[0x81, 0, 0, 0x80, 7, 7]));
    }
    bytes
}

fn id(text: &str) -> WordId {
    WordId::parse(text).unwrap()
}

/// `from` leaves a word to `to`.
async fn leaves(house: &House, (from, to): (&str, &str), word: &str) -> Result<(), WordError> {
    let by = house.staff(from).await;
    let left = word::leave(&house.desk, &by, (&id(word), &post_id(to)), &recording(&[2, 1], 12)).await;
    left.map(drop)
}

impl House {
    /// The Chief Secretary has left a word to this post.
    pub async fn has_left_a_word(&self, word: &str, to: &str) {
        leaves(self, (CS, to), word).await.unwrap();
    }
}

async fn list(house: &House, who: &str, post: &str) -> Result<List, MissedError> {
    missed::read(&house.desk, &house.staff(who).await, &post_id(post)).await
}

async fn audited(house: &House, act: &str) -> Vec<String> {
    sachivalaya::audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let lines = sachivalaya::store::audit::after(&mut connection, 0, 1_000).await.unwrap();
    lines.into_iter().filter(|line| line.act == act).map(|line| line.detail).collect()
}

/// `by` has rung `to` for so many seconds, and it ended so.
async fn rang(house: &House, (name, by, to): (&str, &str, &str), (seconds, outcome): (i64, Outcome)) {
    let (call, now) = (CallId::parse(name).unwrap(), house.desk.now());
    let mut tx = house.desk.store.write().await.unwrap();
    let person = office::incumbencies(&mut tx).await.unwrap().into_iter().find_map(|row| row.person).unwrap();
    let place = Place { post: post_id(by), device: Device::Board, person };
    let ring =
        Ring { by: post_id(by), since: now, finds: Finds::Free, then: Then::Together, countdown: None };
    let mut live = Call::open(call.clone(), place.clone(), now);
    live.ring(post_id(to), Part::Rung(ring.clone())).unwrap();
    call::open(&mut tx, &call, &place, now).await.unwrap();
    call::ring(&mut tx, (&call, &post_id(to)), &ring).await.unwrap();
    if outcome == Outcome::HungUp {
        let there = Place { post: post_id(to), ..place };
        live.accept(&there, now).unwrap();
        call::agree(&mut tx, live.consent(&post_id(to)).unwrap()).await.unwrap();
    }
    let end = now + SignedDuration::from_secs(seconds);
    for post in [by, to] {
        call::go_out(&mut tx, (&call, &post_id(post)), outcome, end).await.unwrap();
    }
    call::end(&mut tx, &call, end).await.unwrap();
    tx.commit().await.unwrap();
}

async fn takes_charge(house: &House, post: &str, person: Option<&str>) {
    let now = house.desk.now();
    let mut tx = house.desk.store.write().await.unwrap();
    let history = office::incumbencies(&mut tx).await.unwrap();
    let of = |post: &str| {
        let own = history.iter().filter(|row| row.post == post_id(post));
        own.filter_map(|row| row.person.clone()).next_back()
    };
    let person = person.and_then(of);
    let row = Incumbency { post: post_id(post), charge: Charge::Regular, starts_at: now, person };
    assert!(office::insert_incumbency(&mut tx, &row).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_word_is_left_once_heard_by_its_occupant_alone_and_its_leaver_learns_when() {
    for house in House::everywhere().await {
        for _ in 0..2 {
            leaves(&house, (CS, HEALTH), "w1").await.unwrap();
        }
        assert_eq!(audited(&house, "word.leave").await.len(), 1, "what is sent twice is kept once");
        let (head, own) = (house.staff(HEALTH).await, list(&house, CS, CS).await.unwrap());
        assert!(own.left.len() == 1 && own.left[0].word.heard_at.is_none());
        let before = word::recording(&house.desk, &head, &id("w1")).await;
        assert!(matches!(before, Err(WordError::Unopened)), "nothing is heard unseen");
        house.minutes_later(3);
        for _ in 0..2 {
            word::open(&house.desk, &head, &id("w1")).await.unwrap();
        }
        let heard = house.desk.now();
        let (mime, bytes) = word::recording(&house.desk, &head, &id("w1")).await.unwrap();
        assert_eq!((mime.as_str(), bytes), ("video/webm", recording(&[2, 1], 12)));
        house.minutes_later(3);
        word::open(&house.desk, &head, &id("w1")).await.unwrap();
        let own = list(&house, CS, CS).await.unwrap();
        assert_eq!(own.left[0].word.heard_at, Some(heard), "the first time counts");
        assert_eq!(audited(&house, "word.hear").await.len(), 3, "each time is a line");
        for other in [EDUCATION, CS, "desk-sec-hlt"] {
            let other = house.staff(other).await;
            let (opened, played) = (
                word::open(&house.desk, &other, &id("w1")).await,
                word::recording(&house.desk, &other, &id("w1")).await,
            );
            assert!(matches!(opened, Err(WordError::Unknown)) && matches!(played, Err(WordError::Unknown)));
        }
    }
}

#[tokio::test]
async fn who_may_not_ring_a_post_leaves_it_no_word_nor_does_anybody_to_himself_or_to_nobody() {
    for house in House::everywhere().await {
        let refused = async |from: &str, to: &str| leaves(&house, (from, to), "w").await.unwrap_err();
        let is = |error: WordError, wanted: LeaveRefused| {
            assert!(matches!(&error, WordError::Refused(refused) if *refused == wanted), "{error:?}");
        };
        is(refused(DISTRICT, CS).await, LeaveRefused::NotAllowed);
        is(refused(CS, CS).await, LeaveRefused::Oneself);
        is(refused(CS, VACANT).await, LeaveRefused::Vacant);
        assert!(matches!(refused(CS, "desk-sec-hlt").await, WordError::Unknown), "a desk is no seat");
        assert!(matches!(refused(CS, "nobody-there").await, WordError::Unknown));
        assert!(matches!(refused("desk-sec-hlt", CS).await, WordError::Denied(_)), "a desk has no seat");
        assert_eq!(audited(&house, "word.refuse").await.len(), 6, "each refusal is a line");
        assert!(audited(&house, "word.leave").await.is_empty());
        rang(&house, ("c1", CS, DISTRICT), (20, Outcome::Missed)).await;
        leaves(&house, (DISTRICT, CS), "back").await.unwrap();
        house.minutes_later(8 * 60 + 1);
        is(refused(DISTRICT, CS).await, LeaveRefused::NotAllowed);
        house.a_moment_later();
        rang(&house, ("c2", CS, DISTRICT), (20, Outcome::HungUp)).await;
        is(refused(DISTRICT, CS).await, LeaveRefused::NotAllowed);
    }
}

#[tokio::test]
async fn what_is_no_word_is_refused_and_nothing_of_it_is_kept() {
    for house in House::everywhere().await {
        let by = house.staff(CS).await;
        let leave = async |word: &str, bytes: &[u8]| {
            word::leave(&house.desk, &by, (&id(word), &post_id(HEALTH)), bytes).await
        };
        for bad in [&b"<html>"[..], b"\xFF\xD8\xFF\xE0JFIF", b"", &recording(&[1], 3)] {
            assert!(matches!(leave("w", bad).await, Err(WordError::NotWord)), "{bad:?}");
        }
        assert!(matches!(leave("w", &recording(&[2], 64)).await, Err(WordError::TooLong)));
        let large = [recording(&[2], 3), vec![0; limits::WORD_BYTES_MAX]].concat();
        assert!(matches!(leave("w", &large).await, Err(WordError::TooLarge)));
        leave("w", &recording(&[2], 60)).await.unwrap();
        let other = leave("w", &recording(&[2], 5)).await;
        assert!(matches!(other, Err(WordError::Used)), "an id is no way to another word");
        let strange = house.staff(EDUCATION).await;
        let taken =
            word::leave(&house.desk, &strange, (&id("w"), &post_id(HEALTH)), &recording(&[2], 60)).await;
        assert!(matches!(taken, Err(WordError::Used)));
        assert_eq!(list(&house, HEALTH, HEALTH).await.unwrap().words_new, 1);
    }
}

#[tokio::test]
async fn as_many_words_wait_as_may_also_when_all_come_at_once() {
    for house in House::everywhere().await {
        let sent = futures_util::future::join_all(["a", "b", "c", "d", "e", "f", "g"].map(|word| {
            let house = &house;
            async move { leaves(house, (CS, HEALTH), word).await }
        }));
        let sent = sent.await;
        let left = sent.iter().filter(|left| left.is_ok()).count();
        assert_eq!(left, limits::WORDS_UNHEARD_MAX, "{sent:?}");
        let more = leaves(&house, (CS, HEALTH), "more").await;
        assert!(matches!(more, Err(WordError::Refused(LeaveRefused::TooManyUnheard))));
        leaves(&house, (CS, EDUCATION), "other").await.unwrap();
        let first = list(&house, HEALTH, HEALTH).await.unwrap().entries.remove(0).words.remove(0).id;
        word::open(&house.desk, &house.staff(HEALTH).await, &first).await.unwrap();
        leaves(&house, (CS, HEALTH), "more").await.unwrap();
    }
}

#[tokio::test]
async fn a_list_has_what_was_missed_and_nothing_that_was_taken_or_was_a_slip() {
    for house in House::everywhere().await {
        let rings = [
            ("c1", (30, Outcome::Missed)),
            ("c2", (1, Outcome::Cancelled)),
            ("c3", (9, Outcome::Cancelled)),
            ("c4", (60, Outcome::HungUp)),
            ("c5", (0, Outcome::Unavailable)),
            ("c6", (4, Outcome::Declined(domain::hotline::DeclineReason::Later))),
        ];
        for (name, how) in rings {
            rang(&house, (name, CS, HEALTH), how).await;
            house.minutes_later(20);
        }
        leaves(&house, (EDUCATION, HEALTH), "loose").await.unwrap();
        house.minutes_later(1);
        rang(&house, ("c7", EDUCATION, HEALTH), (30, Outcome::Missed)).await;
        house.minutes_later(1);
        leaves(&house, (EDUCATION, HEALTH), "w7").await.unwrap();
        let read = list(&house, HEALTH, HEALTH).await.unwrap();
        let said: Vec<(String, usize)> = read
            .entries
            .iter()
            .map(|entry| {
                let ring = entry.ring.as_ref().map_or("-", |ring| ring.call.as_str());
                (ring.to_owned(), entry.words.len())
            })
            .collect();
        let wanted = [("c7", 1), ("-", 1), ("c6", 0), ("c5", 0), ("c3", 0), ("c1", 0)];
        assert_eq!(said, wanted.map(|(ring, words)| (ring.to_owned(), words)));
        assert_eq!((read.rings_new, read.words_new), (4, 2), "who declined knows of it");
        let desk = list(&house, "desk-sec-hlt", HEALTH).await.unwrap();
        assert!(!desk.is_occupant && desk.left.is_empty() && desk.entries.len() == 6);
        assert!(matches!(list(&house, EDUCATION, HEALTH).await, Err(MissedError::Denied(_))));
    }
}

#[tokio::test]
async fn what_its_occupant_has_seen_counts_no_more_and_nobody_else_says_so() {
    for house in House::everywhere().await {
        for name in ["c1", "c2", "c3"] {
            rang(&house, (name, CS, HEALTH), (30, Outcome::Missed)).await;
            house.minutes_later(1);
        }
        leaves(&house, (CS, HEALTH), "w").await.unwrap();
        let read = list(&house, HEALTH, HEALTH).await.unwrap();
        assert_eq!((read.rings_new, read.words_new), (3, 1));
        let ring = read.entries[2].ring.clone().unwrap();
        let one = Which::One(ring.call, ring.rang_at);
        let (head, desk) = (house.staff(HEALTH).await, house.staff("desk-sec-hlt").await);
        let refused = missed::notice(&house.desk, &desk, (&post_id(HEALTH), &one)).await;
        assert!(matches!(refused, Err(MissedError::Denied(_))));
        for _ in 0..2 {
            missed::notice(&house.desk, &head, (&post_id(HEALTH), &one)).await.unwrap();
        }
        assert_eq!(list(&house, HEALTH, HEALTH).await.unwrap().rings_new, 2);
        assert_eq!(audited(&house, "missed.notice").await, ["rings=1"]);
        let until = Which::Until(read.entries[1].at);
        missed::notice(&house.desk, &head, (&post_id(HEALTH), &until)).await.unwrap();
        assert_eq!(list(&house, HEALTH, HEALTH).await.unwrap().rings_new, 1, "what came later is new");
        word::open(&house.desk, &head, &id("w")).await.unwrap();
        let read = list(&house, HEALTH, HEALTH).await.unwrap();
        assert_eq!((read.rings_new, read.words_new), (0, 0), "who hears the word knows of its ring");
    }
}

#[tokio::test]
async fn whoever_takes_charge_of_a_post_reads_and_hears_nothing_of_before() {
    for house in House::everywhere().await {
        rang(&house, ("c1", CS, HEALTH), (30, Outcome::Missed)).await;
        leaves(&house, (CS, HEALTH), "w").await.unwrap();
        house.minutes_later(1);
        takes_charge(&house, HEALTH, Some(EDUCATION)).await;
        house.minutes_later(1);
        let next = house.staff(EDUCATION).await;
        let next = match next {
            sachivalaya::auth::Actor::Staff(mut staff) => {
                staff.post = post_id(HEALTH);
                staff.screens = vec![post_id(HEALTH)];
                sachivalaya::auth::Actor::Staff(staff)
            }
            other => other,
        };
        let read = missed::read(&house.desk, &next, &post_id(HEALTH)).await.unwrap();
        assert!(read.is_occupant && read.entries.is_empty(), "{:?}", read.entries);
        let opened = word::open(&house.desk, &next, &id("w")).await;
        assert!(matches!(opened, Err(WordError::Unknown)), "it was said to another");
    }
}

#[tokio::test]
async fn a_word_is_deleted_after_its_days_with_its_recording_and_a_line() {
    for house in House::everywhere().await {
        leaves(&house, (CS, HEALTH), "old").await.unwrap();
        house.minutes_later(60 * 24 * 20);
        leaves(&house, (CS, HEALTH), "young").await.unwrap();
        let mut connection = house.desk.store.read().await.unwrap();
        let recording = rows::by_id(&mut connection, &id("old")).await.unwrap().unwrap().file;
        drop(connection);
        assert_eq!(word::sweep(&house.desk).await.unwrap(), 0);
        house.minutes_later(60 * 24 * 10 + 1);
        assert_eq!(word::sweep(&house.desk).await.unwrap(), 1);
        assert_eq!(word::sweep(&house.desk).await.unwrap(), 0);
        let mut connection = house.desk.store.read().await.unwrap();
        assert!(rows::by_id(&mut connection, &id("old")).await.unwrap().is_none());
        assert!(file::content(&mut connection, &recording).await.unwrap().is_none());
        assert!(rows::by_id(&mut connection, &id("young")).await.unwrap().is_some());
        drop(connection);
        assert_eq!(audited(&house, "word.delete").await.len(), 1);
    }
}

/// Sends a recording as the page does.
async fn sends(browser: &mut Browser, path: &str, bytes: Vec<u8>) -> Answer {
    let request = Request::post(path)
        .header(header::ORIGIN, format!("https://{HOST}"))
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "video/webm")
        .body(Body::from(bytes));
    browser.send(request.unwrap()).await
}

/// Asks for a part of it.
async fn part(browser: &mut Browser, path: &str, range: &str) -> Answer {
    browser.send(Request::get(path).header(header::RANGE, range).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_is_wrong_with_a_word_is_said_in_both_languages() {
    let house = House::open().await;
    let mut cs = Browser::with_session(&house, &house.cookie(CS).await);
    let whole = recording(&[2, 1], 12);
    let sent = sends(&mut cs, "/mesh/leave/sec-hlt?id=w1", whole.clone()).await;
    assert_eq!(sent.status, StatusCode::NO_CONTENT);
    let large = [whole.clone(), vec![0; limits::WORD_BYTES_MAX]].concat();
    let refusals = [
        ("/mesh/leave/sec-hlt?id=w2", b"<html>".to_vec(), StatusCode::UNPROCESSABLE_ENTITY, "word-not-word"),
        ("/mesh/leave/sec-hlt?id=w2", large, StatusCode::UNPROCESSABLE_ENTITY, "word-too-large"),
        ("/mesh/leave/sec-hlt?id=w2", recording(&[2], 70), StatusCode::UNPROCESSABLE_ENTITY, "word-too-long"),
        ("/mesh/leave/cs?id=w2", whole.clone(), StatusCode::UNPROCESSABLE_ENTITY, "word-oneself"),
        ("/mesh/leave/sec-cav?id=w2", whole.clone(), StatusCode::CONFLICT, "word-vacant"),
        ("/mesh/leave/nobody?id=w2", whole.clone(), StatusCode::NOT_FOUND, "not-found"),
        ("/mesh/leave/sec-hlt?id=W!", whole.clone(), StatusCode::BAD_REQUEST, "malformed"),
        ("/mesh/leave/sec-edu?id=w1", whole.clone(), StatusCode::CONFLICT, "word-used"),
    ];
    for (path, bytes, status, code) in refusals {
        for language in ["hi", "en"] {
            let told = sends(&mut cs, &format!("{path}&lang={language}"), bytes.clone()).await;
            assert_eq!(told.status, status, "{path} {}", told.text);
            told.says(code);
        }
    }
}

#[tokio::test]
async fn a_word_is_opened_by_a_button_and_played_whole_or_in_parts() {
    let house = House::open().await;
    let whole = recording(&[2, 1], 12);
    let mut cs = Browser::with_session(&house, &house.cookie(CS).await);
    sends(&mut cs, "/mesh/leave/sec-hlt?id=w1", whole.clone()).await;
    let strip = cs.get("/mesh/missed/strip?post=cs").await;
    assert_eq!(strip.text.trim(), "", "nothing has come to him");

    let mut head = Browser::with_session(&house, &house.cookie(HEALTH).await);
    head.get("/mesh/missed/strip?lang=en").await.says("has left a word");
    let page = head.get("/mesh/missed?lang=en").await;
    page.says("A word with a picture · 0:12");
    assert_eq!(head.get("/mesh/word/w1").await.status, StatusCode::CONFLICT, "a look at it is no hearing");
    let opened = head.post("/mesh/word/w1/open", &[]).await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/mesh/missed?post=sec-hlt#w-w1"));
    let played = head.get("/mesh/word/w1").await;
    assert_eq!(
        (played.bytes, &played.headers["content-type"]),
        (whole.len(), &"video/webm".parse().unwrap())
    );
    assert_eq!(played.headers["cache-control"], "no-store");
    let some = part(&mut head, "/mesh/word/w1", "bytes=4-9").await;
    assert_eq!((some.status, some.bytes), (StatusCode::PARTIAL_CONTENT, 6));
    assert_eq!(some.headers["content-range"], format!("bytes 4-9/{}", whole.len()).as_str());
    for (range, bytes) in
        [("bytes=-5", 5), ("bytes=10-", whole.len() - 10), ("bytes=0-999999999", whole.len())]
    {
        let some = part(&mut head, "/mesh/word/w1", range).await;
        assert_eq!((some.status, some.bytes), (StatusCode::PARTIAL_CONTENT, bytes), "{range}");
    }
    let past = part(&mut head, "/mesh/word/w1", "bytes=999999999-").await;
    assert_eq!(past.status, StatusCode::RANGE_NOT_SATISFIABLE);
    for range in ["bytes=9-4", "lines=1-2", "bytes=1-2,4-5", "bytes=x-"] {
        assert_eq!(part(&mut head, "/mesh/word/w1", range).await.status, StatusCode::OK, "{range}");
    }
    let mine = cs.get("/mesh/missed?lang=en").await;
    mine.says("data-heard=\"true\"");
    cs.get("/mesh/missed/strip?post=cs&lang=en").await.says("✔ Heard");
}

#[tokio::test]
async fn for_others_there_is_no_such_word() {
    let house = House::open().await;
    let whole = recording(&[2, 1], 12);
    house.has_left_a_word("w1", HEALTH).await;
    let mut other = Browser::with_session(&house, &house.cookie(EDUCATION).await);
    for path in ["/mesh/word/w1", "/mesh/word/no-such", "/mesh/word/W1"] {
        assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(other.post("/mesh/word/w1/open", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/mesh/missed?post=sec-hlt").await.status, StatusCode::FORBIDDEN);
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    let read = desk.get("/mesh/missed?post=sec-hlt&lang=en").await;
    read.says("A word with a picture");
    read.never_says("/mesh/word/");
    assert_eq!(desk.get("/mesh/word/w1").await.status, StatusCode::NOT_FOUND);
    let mut stranger = Browser::new(&house);
    assert_eq!(stranger.get("/mesh/word/w1").await.status, StatusCode::SEE_OTHER);
    assert_eq!(sends(&mut stranger, "/mesh/leave/cs?id=w9", whole).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_missed_ring_is_marked_as_seen_by_a_form() {
    let house = House::open().await;
    rang(&house, ("c1", CS, HEALTH), (30, Outcome::Missed)).await;
    house.minutes_later(1);
    rang(&house, ("c2", CS, HEALTH), (30, Outcome::Missed)).await;
    let mut head = Browser::with_session(&house, &house.cookie(HEALTH).await);
    let page = head.get("/mesh/missed").await;
    assert_eq!(page.all(r#"href="(/chamber\?back=cs)""#).len(), 2);
    let (call, rang) =
        (page.find(r#"name="call" value="([^"]+)""#), page.find(r#"name="rang" value="(\d+)""#));
    let seen = head.post("/mesh/missed/sec-hlt/seen", &[("call", &call), ("rang", &rang)]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(head.get("/mesh/missed/strip?lang=en").await.find(r#"data-count="(\d+)""#), "1");
    let until = house.desk.now().as_millisecond().to_string();
    head.post("/mesh/missed/sec-hlt/seen", &[("until", &until)]).await;
    assert_eq!(head.get("/mesh/missed/strip").await.text.trim(), "");
    for bad in [&[("call", "c1")][..], &[("until", "soon")], &[], &[("call", "C!"), ("rang", "1")]] {
        let told = head.post("/mesh/missed/sec-hlt/seen", bad).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{bad:?}");
    }
    let far = i64::MAX.to_string();
    assert_eq!(
        head.post("/mesh/missed/sec-hlt/seen", &[("until", &far)]).await.status,
        StatusCode::BAD_REQUEST
    );
    let strange = head.post("/mesh/missed/cs/seen", &[("until", &until)]).await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
}

/// So many pages SQLite may have on its disk; never fewer than it has.
async fn pages_max(store: &Store, count: &'static str) {
    let mut tx = store.write().await.unwrap();
    let set = format!("pragma max_page_count = {count}");
    sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *tx).await.unwrap();
}

#[tokio::test]
async fn where_the_disk_is_full_it_is_said_and_nothing_is_kept_by_half() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let house = House::on(&address, Some(folder)).await;
    let mut cs = Browser::with_session(&house, &house.cookie(CS).await);
    pages_max(&house.desk.store, "1").await;
    let large = [recording(&[2, 1], 12), vec![0xEC; limits::WORD_BYTES_MAX / 2]].concat();
    let told = sends(&mut cs, "/mesh/leave/sec-hlt?id=w1&lang=en", large.clone()).await;
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE, "{}", told.text);
    told.says("No part of it was kept");
    pages_max(&house.desk.store, "1073741823").await;
    assert!(list(&house, HEALTH, HEALTH).await.unwrap().entries.is_empty());
    let mut connection = house.desk.store.read().await.unwrap();
    let (files,): (i64,) =
        sqlx::query_as("select count(*) from file").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(files, 0);
    drop(connection);
    assert_eq!(sends(&mut cs, "/mesh/leave/sec-hlt?id=w1", large).await.status, StatusCode::NO_CONTENT);
}
