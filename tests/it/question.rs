//! Questions over the hotline: asked in one act, answered by each seat on its own, and nothing of an answer is ever lost.

use axum::http::StatusCode;
use domain::id::QuestionId;
use domain::office::{Charge, Incumbency, ist};
use domain::question_sheet::{CardText, Reply, Standing, Until};
use domain::text::{FileNumber, Noting};
use jiff::SignedDuration;
use sachivalaya::app::direction;
use sachivalaya::app::question_answer::{AnswerError, Given, Step, answer};
use sachivalaya::app::question_ask::{AskError, Wish, ask};
use sachivalaya::app::question_direct::direct;
use sachivalaya::app::question_sheet::{self, Move, Sheet, SheetError};
use sachivalaya::audit;
use sachivalaya::limits;
use sachivalaya::store::office;

use crate::browser::Browser;
use crate::house::{House, post_id};

const CS: &str = "cs";
const HEALTH: &str = "sec-hlt";
const EDUCATION: &str = "sec-edu";
/// The demo has nobody there.
const VACANT: &str = "sec-cav";

fn id(text: &str) -> QuestionId {
    QuestionId::parse(text).unwrap()
}

fn wish(of: &str, to: &[&str]) -> Wish {
    Wish {
        id: id(of),
        post: post_id(CS),
        text: Noting::parse("यह संचिका कहाँ है?").unwrap(),
        file: Some(FileNumber::parse("स्वा-03/स्था-112/2026").unwrap()),
        until: Until::In(10),
        to: to.iter().map(|post| post_id(post)).collect(),
    }
}

fn card(house: &House, with: &str) -> Reply {
    let typed = CardText {
        with: with.into(),
        since: "2026-11-10".into(),
        why: "बजट की सहमति बाकी है".into(),
        next: "सहमति लेकर आदेश".into(),
        next_day: "2026-11-26".into(),
    };
    let today = house.desk.now().to_zoned(ist()).date();
    Reply::Card(Box::new(typed.read(today).unwrap()))
}

fn given(of: &str, post: &str, (seen, reply): (i64, Reply)) -> Given {
    Given { question: id(of), post: post_id(post), seen, reply, step: Step::Send }
}

impl House {
    /// The Chief Secretary asks this seat.
    pub async fn has_asked(&self, of: &str, post: &str) {
        asks(self, of, &[post]).await;
    }
}

async fn asks(house: &House, of: &str, to: &[&str]) {
    ask(&house.desk, &house.staff(CS).await, &wish(of, to)).await.unwrap();
}

async fn answers(house: &House, post: &str, given: &Given) -> Result<(), AnswerError> {
    answer(&house.desk, &house.staff(post).await, given).await.map(drop)
}

async fn sheet(house: &House, of: &str) -> Sheet {
    question_sheet::sheet(&house.desk, &house.staff(CS).await, &id(of)).await.unwrap()
}

fn stands(sheet: &Sheet, post: &str) -> Standing {
    sheet.asked.iter().find(|one| one.row.post == post_id(post)).unwrap().standing
}

/// How often these acts stand in the chain.
async fn audited(house: &House, act: &str) -> Vec<String> {
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    assert!(audit::verify(&mut connection).await.unwrap().is_ok(), "the chain holds");
    let rows = sachivalaya::store::audit::after(&mut connection, 0, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.act == act).map(|row| row.detail).collect()
}

#[tokio::test]
async fn one_act_asks_many_and_each_seat_answers_on_its_own() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH, EDUCATION, VACANT, HEALTH]).await;
        let health = house.staff(HEALTH).await;
        let list = question_sheet::list(&house.desk, &health, &post_id(HEALTH)).await.unwrap();
        assert_eq!(list.asked.len(), 1);
        assert_eq!(list.asked[0].asked.len(), 1, "a seat sees its own line and nobody else's");
        answers(&house, HEALTH, &given("q1", HEALTH, (0, card(&house, "अवर सचिव")))).await.unwrap();
        answers(&house, EDUCATION, &given("q1", EDUCATION, (0, Reply::Call))).await.unwrap();
        let read = sheet(&house, "q1").await;
        assert_eq!((read.counts.answered, read.counts.open, read.counts.vacant), (2, 0, 1));
        let numbers: Vec<i64> = read.asked.iter().map(|one| one.number).collect();
        assert!(
            numbers.is_sorted() && numbers.len() == 3,
            "in the order of the board, each seat once: {numbers:?}"
        );
        assert_eq!(audited(&house, "question.ask").await.len(), 1);
        assert_eq!(audited(&house, "question.answer").await.len(), 2);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_asks_once_and_an_id_is_no_way_into_anothers_question() {
    for house in House::everywhere().await {
        let cs = house.staff(CS).await;
        let (first, second) = (wish("q1", &[HEALTH]), wish("q1", &[HEALTH]));
        let (one, two) = tokio::join!(ask(&house.desk, &cs, &first), ask(&house.desk, &cs, &second));
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(audited(&house, "question.ask").await.len(), 1);
        let other = Wish { post: post_id(EDUCATION), ..wish("q1", &[HEALTH]) };
        let refused = ask(&house.desk, &house.staff(EDUCATION).await, &other).await;
        assert!(matches!(refused, Err(AskError::Used)), "{refused:?}");
    }
}

#[tokio::test]
async fn of_two_devices_that_answer_at_once_one_stands_and_the_other_is_told() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH]).await;
        let (head, desk) = (house.staff(HEALTH).await, house.staff("desk-sec-hlt").await);
        let (a, b) = (
            given("q1", HEALTH, (0, card(&house, "अवर सचिव"))),
            given("q1", HEALTH, (0, card(&house, "निदेशक"))),
        );
        let (one, two) = tokio::join!(answer(&house.desk, &head, &a), answer(&house.desk, &desk, &b));
        let told = [&one, &two].into_iter().filter(|one| matches!(one, Err(AnswerError::Overtaken))).count();
        assert_eq!((told, one.is_ok() || two.is_ok()), (1, true), "{one:?} {two:?}");
        let stood = if one.is_ok() { &a } else { &b };
        answers(&house, HEALTH, stood).await.unwrap();
        assert_eq!(sheet(&house, "q1").await.asked[0].cards.len(), 1, "the same again changes nothing");
        assert_eq!(audited(&house, "question.refuse").await, ["code=overtaken"]);
    }
}

#[tokio::test]
async fn a_correction_keeps_the_answer_before_it_and_so_many_are_enough() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH]).await;
        for seen in 0..limits::QUESTION_CARDS_MAX {
            let reply = card(&house, &format!("अवर सचिव {seen}"));
            answers(&house, HEALTH, &given("q1", HEALTH, (seen, reply))).await.unwrap();
        }
        let cards = sheet(&house, "q1").await.asked.remove(0).cards;
        assert_eq!(cards.len() as i64, limits::QUESTION_CARDS_MAX);
        assert_eq!(cards[0].reply, card(&house, "अवर सचिव 0"), "the first one is still there");
        let last = given("q1", HEALTH, (limits::QUESTION_CARDS_MAX, Reply::Call));
        assert!(matches!(answers(&house, HEALTH, &last).await, Err(AnswerError::TooMany)));
    }
}

#[tokio::test]
async fn a_late_answer_is_marked_and_none_is_taken_when_the_question_is_over() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH, EDUCATION]).await;
        asks(&house, "q2", &[HEALTH]).await;
        house.minutes_later(11);
        assert_eq!(stands(&sheet(&house, "q1").await, HEALTH), Standing::Due);
        answers(&house, HEALTH, &given("q1", HEALTH, (0, Reply::Call))).await.unwrap();
        assert_eq!(stands(&sheet(&house, "q1").await, HEALTH), Standing::Late);
        let cs = house.staff(CS).await;
        for _ in 0..2 {
            question_sheet::carry(&house.desk, &cs, (&id("q2"), Move::Close)).await.unwrap();
        }
        assert_eq!(audited(&house, "question.close").await.len(), 1, "closed once");
        let closed = given("q2", HEALTH, (0, Reply::Call));
        assert!(matches!(answers(&house, HEALTH, &closed).await, Err(AnswerError::Over)));
        let reminded = question_sheet::carry(&house.desk, &cs, (&id("q2"), Move::Remind)).await;
        assert!(matches!(reminded, Err(SheetError::Closed)));
        house.minutes_later(60 * 24 * 8);
        let over = given("q1", EDUCATION, (0, Reply::Call));
        assert!(matches!(answers(&house, EDUCATION, &over).await, Err(AnswerError::Over)));
        let list =
            question_sheet::list(&house.desk, &house.staff(HEALTH).await, &post_id(HEALTH)).await.unwrap();
        assert!(list.asked.is_empty(), "what takes no answer is not asked any more");
    }
}

#[tokio::test]
async fn a_reminder_goes_to_those_who_are_silent_and_to_nobody_else() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH, EDUCATION]).await;
        answers(&house, HEALTH, &given("q1", HEALTH, (0, Reply::Call))).await.unwrap();
        let cs = house.staff(CS).await;
        question_sheet::carry(&house.desk, &cs, (&id("q1"), Move::Remind)).await.unwrap();
        let read = sheet(&house, "q1").await;
        let reminded: Vec<&str> = read
            .asked
            .iter()
            .filter(|one| one.row.reminded_at.is_some())
            .map(|one| one.row.post.as_str())
            .collect();
        assert_eq!(reminded, [EDUCATION]);
        let other = house.staff(HEALTH).await;
        let refused = question_sheet::carry(&house.desk, &other, (&id("q1"), Move::Remind)).await;
        assert!(matches!(refused, Err(SheetError::Denied(_))));
    }
}

#[tokio::test]
async fn silence_becomes_one_direction_however_often_it_is_pressed_and_an_answer_none() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH, EDUCATION]).await;
        answers(&house, EDUCATION, &given("q1", EDUCATION, (0, Reply::Call))).await.unwrap();
        house.minutes_later(11);
        let cs = house.staff(CS).await;
        let (question, health, education) = (id("q1"), post_id(HEALTH), post_id(EDUCATION));
        assert!(direct(&house.desk, &cs, (&question, &health)).await.unwrap());
        assert!(!direct(&house.desk, &cs, (&question, &health)).await.unwrap());
        assert!(!direct(&house.desk, &cs, (&question, &education)).await.unwrap());
        let list = direction::list(&house.desk, &house.staff(HEALTH).await, &health).await.unwrap();
        assert_eq!((list.own.len(), list.own[0].subject.as_str()), (1, "यह संचिका कहाँ है?"));
        assert!(direct(&house.desk, &house.staff(HEALTH).await, (&question, &health)).await.is_err());
        assert_eq!(audited(&house, "direction.give").await.len(), 1);
        house.minutes_later(60 * 24 * 3);
        sachivalaya::app::keep::round(&house.desk).await.unwrap();
        let page =
            Browser::with_session(&house, &house.cookie(HEALTH).await).get("/directions?lang=en").await;
        page.says("यह संचिका कहाँ है?");
    }
}

#[tokio::test]
async fn a_vacant_post_says_so_at_once_and_whoever_comes_to_it_finds_the_question() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[VACANT]).await;
        assert_eq!(stands(&sheet(&house, "q1").await, VACANT), Standing::Vacant);
        let now = house.desk.now();
        let mut tx = house.desk.store.write().await.unwrap();
        let person =
            office::incumbencies(&mut tx).await.unwrap().into_iter().find_map(|row| row.person).unwrap();
        let row = Incumbency {
            post: post_id(VACANT),
            charge: Charge::Additional,
            starts_at: now - SignedDuration::from_mins(1),
            person: Some(person),
        };
        assert!(office::insert_incumbency(&mut tx, &row).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(stands(&sheet(&house, "q1").await, VACANT), Standing::Waiting);
    }
}

#[tokio::test]
async fn a_desk_prepares_what_the_asker_does_not_see_before_it_is_sent() {
    for house in House::everywhere().await {
        asks(&house, "q1", &[HEALTH]).await;
        let desk = house.staff("desk-sec-hlt").await;
        for with in ["अवर सचिव", "निदेशक"] {
            let prepared = given("q1", HEALTH, (0, card(&house, with)));
            answer(&house.desk, &desk, &Given { step: Step::Prepare, ..prepared }).await.unwrap();
        }
        let read = sheet(&house, "q1").await;
        assert!(read.asked[0].cards.is_empty() && stands(&read, HEALTH) == Standing::Waiting);
        let head = house.staff(HEALTH).await;
        let shown = question_sheet::of_seat(&house.desk, &head, (&id("q1"), &post_id(HEALTH))).await.unwrap();
        assert_eq!(shown.asked[0].prepared, Some(card(&house, "निदेशक")), "the last that was prepared");
        answer(&house.desk, &head, &given("q1", HEALTH, (0, card(&house, "निदेशक")))).await.unwrap();
        let shown = question_sheet::of_seat(&house.desk, &head, (&id("q1"), &post_id(HEALTH))).await.unwrap();
        assert_eq!((shown.asked[0].prepared.is_none(), shown.asked[0].cards.len()), (true, 1));
    }
}

#[tokio::test]
async fn what_may_not_be_asked_or_answered_is_refused_by_its_name_and_written_down() {
    let house = House::open().await;
    let cs = house.staff(CS).await;
    let refused = async |wish: Wish| ask(&house.desk, &cs, &wish).await.unwrap_err().code().unwrap();
    assert_eq!(refused(wish("q1", &[])).await, "nobody");
    assert_eq!(refused(wish("q1", &["nobody-there"])).await, "not-allowed");
    assert_eq!(refused(wish("q1", &[CS])).await, "not-allowed", "nobody asks himself");
    assert_eq!(refused(wish("q1", &["desk-sec-hlt"])).await, "not-allowed", "a desk is no seat");
    assert_eq!(refused(Wish { until: Until::In(7), ..wish("q1", &[HEALTH]) }).await, "minute");
    let many: Vec<String> = (0..=limits::QUESTION_SEATS_MAX).map(|n| format!("sec-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(refused(wish("q1", &many)).await, "too-many");
    assert_eq!(refused(Wish { post: post_id(HEALTH), ..wish("q1", &[EDUCATION]) }).await, "denied");
    let district = Wish { post: post_id("dm-patna"), ..wish("q1", &[CS]) };
    let field = ask(&house.desk, &house.staff("dm-patna").await, &district).await;
    assert!(matches!(field, Err(AskError::NotAllowed(_))), "the field does not ask the centre: {field:?}");
    asks(&house, "q1", &[HEALTH]).await;
    let strange = answers(&house, EDUCATION, &given("q1", HEALTH, (0, Reply::Call))).await;
    assert!(matches!(strange, Err(AnswerError::Denied(_))));
    let unasked = answers(&house, EDUCATION, &given("q1", EDUCATION, (0, Reply::Call))).await;
    assert!(matches!(unasked, Err(AnswerError::Unknown)));
    let codes = audited(&house, "question.refuse").await.join(" ");
    for code in ["nobody", "not-allowed", "minute", "too-many", "denied", "unknown"] {
        assert!(codes.contains(&format!("code={code}")), "{code} is not in {codes}");
    }
}

#[tokio::test]
async fn as_many_questions_stand_open_as_may_and_a_closed_one_makes_room() {
    let house = House::open().await;
    let cs = house.staff(CS).await;
    for n in 0..limits::QUESTIONS_OPEN_MAX {
        ask(&house.desk, &cs, &wish(&format!("q{n}"), &[HEALTH])).await.unwrap();
    }
    let more = wish("more", &[HEALTH]);
    assert!(matches!(ask(&house.desk, &cs, &more).await, Err(AskError::TooManyOpen)));
    question_sheet::carry(&house.desk, &cs, (&id("q0"), Move::Close)).await.unwrap();
    ask(&house.desk, &cs, &more).await.unwrap();
}

#[tokio::test]
async fn everything_of_it_works_by_forms_alone_in_both_languages() {
    let house = House::open().await;
    let mut cs = Browser::with_session(&house, &house.cookie(CS).await);
    let form = cs.get("/mesh/ask/cs?to=sec-hlt").await;
    let key = form.find(r#"name="id" value="([^"]+)""#);
    assert!(
        form.text.contains(r#"name="to-sec-hlt" value="1" data-test="ask-seat" data-post="sec-hlt" checked"#)
    );
    let bad = cs.post("/mesh/ask/cs", &[("id", &key), ("text", ""), ("until", "10")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    bad.says("href=\"#text\"");
    bad.says("href=\"#to\"");
    let fields = [
        ("id", key.as_str()),
        ("text", "यह संचिका कहाँ है?"),
        ("file", "=1+1"),
        ("until", "30"),
        ("to-sec-hlt", "1"),
        ("group-division", "1"),
    ];
    let asked = cs.post("/mesh/ask/cs", &fields).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let at = asked.location().to_owned();
    assert_eq!(
        cs.get(&at).await.all(r#"data-test="sheet-seat" data-post="([^"]+)""#).len(),
        10,
        "one and nine"
    );

    let mut head = Browser::with_session(&house, &house.cookie(HEALTH).await);
    let strip = head.get("/mesh/questions/strip?post=sec-hlt").await;
    strip.says("यह संचिका कहाँ है?");
    let action = strip.find(r#"<form method="post" action="([^"]+)" data-test="asked-form""#);
    let card = |with: &'static str| {
        [
            ("seen", "0"),
            ("do", "send"),
            ("with", with),
            ("since", ""),
            ("why", ""),
            ("next", "=आदेश"),
            ("next_day", ""),
        ]
    };
    let bad = head.post(&action, &card("")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    bad.says("=आदेश");
    assert_eq!(head.post(&action, &card("अवर सचिव")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        head.post(&action, &card("निदेशक")).await.status,
        StatusCode::CONFLICT,
        "another device was first"
    );
    assert!(!head.get("/mesh/questions/strip?post=sec-hlt").await.text.contains("data-test=\"asked\""));
    let rows = cs.get(&format!("{at}/rows?lang=en")).await;
    rows.says("1 of 10 have answered");
    rows.says("अवर सचिव");
    let table = cs.get(&format!("{at}/sheet.csv")).await;
    assert_eq!(table.text.lines().count(), 11);
    table.says("\"'=आदेश\"");
    for path in [at.as_str(), &format!("{at}/sheet.csv"), "/mesh/questions?post=cs", "/mesh/ask/cs"] {
        assert_eq!(head.get(path).await.status, StatusCode::FORBIDDEN, "{path} is the asker's");
    }
}
