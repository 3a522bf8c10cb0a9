//! Auto-answer as its occupant sets it: who may, for whom, at what hours, and when it ends.

use domain::hotline::Hours;
use domain::id::{PersonId, PostId};
use domain::office::{Charge, ist};
use domain::text::Subject;
use jiff::ToSpan;
use sachivalaya::app::auto_answer::{self, AutoAnswerError, Wish};
use sachivalaya::app::enter;
use sachivalaya::app::hand_over::{self, HandOver};
use sachivalaya::store::audit;

use crate::browser::Browser;
use crate::house::{House, post_id};

fn lets_in(callers: &[&str]) -> Wish {
    Wish {
        hours: Hours::parse("10:00", "17:30").unwrap(),
        callers: callers.iter().map(|post| post_id(post)).collect(),
    }
}

/// Whom the seat of Health lets in today, as the live part reads it.
async fn standing(house: &House) -> Vec<(PersonId, Vec<PostId>)> {
    let seats = enter::seats(&house.desk.store, house.desk.now()).await.unwrap();
    let health = seats.into_iter().find(|card| card.post == post_id("sec-hlt")).unwrap();
    health.answers.into_iter().map(|own| (own.person, own.callers)).collect()
}

/// The clock goes on to the next day on which the office works.
fn until_a_working_day(house: &House) {
    while house.desk.now().to_zoned(ist()).weekday().to_monday_zero_offset() > 4 {
        house.minutes_later(24 * 60);
    }
}

#[tokio::test]
async fn the_occupant_alone_says_whom_his_seat_lets_in_and_each_change_stands_in_the_chain() {
    for house in House::everywhere().await {
        until_a_working_day(&house);
        let health = house.staff("sec-hlt").await;
        assert_eq!(standing(&house).await, [], "off unless he says so");
        auto_answer::set(&house.desk, &health, Some(&lets_in(&["cs"]))).await.unwrap();
        let person = health.staff().unwrap().person.clone();
        assert_eq!(standing(&house).await, [(person, vec![post_id("cs")])]);
        let desk = house.staff("desk-sec-hlt").await;
        let refused = auto_answer::set(&house.desk, &desk, Some(&lets_in(&["cs"]))).await;
        assert!(matches!(refused, Err(AutoAnswerError::Denied(_))), "{refused:?}");
        for wrong in [&["sec-edu"][..], &["sec-hlt"], &["nobody"], &[]] {
            let refused = auto_answer::set(&house.desk, &health, Some(&lets_in(wrong))).await;
            assert!(matches!(refused, Err(AutoAnswerError::Callers)), "only who goes before: {wrong:?}");
        }
        auto_answer::set(&house.desk, &health, None).await.unwrap();
        assert_eq!(standing(&house).await, []);
        sachivalaya::audit::seal(&house.desk.store).await.unwrap();
        let mut rows = house.desk.store.read().await.unwrap();
        let lines = audit::after(&mut rows, 0, 10_000).await.unwrap();
        let told: Vec<&str> = lines
            .iter()
            .filter(|line| line.act == "call.auto_answer")
            .map(|line| line.detail.as_str())
            .collect();
        assert_eq!(told, ["on 10:00-17:30 cs", "off"]);
    }
}

#[tokio::test]
async fn it_ends_with_the_charge_and_does_not_hold_on_days_off() {
    for house in House::everywhere().await {
        until_a_working_day(&house);
        let health = house.staff("sec-hlt").await;
        auto_answer::set(&house.desk, &health, Some(&lets_in(&["cs", "dc"]))).await.unwrap();
        let education = house.staff("sec-edu").await.staff().unwrap().person.clone();
        let on = house.desk.now().to_zoned(ist()).date().saturating_add(1.day());
        let charge = |person, on| HandOver {
            post: post_id("sec-hlt"),
            person: Some(person),
            charge: Charge::Regular,
            on,
            authority: Subject::parse("आदेश 9").unwrap(),
        };
        hand_over::carry_out(&house.desk, &charge(education, on)).await.unwrap();
        assert_eq!(standing(&house).await.len(), 1, "until midnight he holds it");
        house.minutes_later(24 * 60);
        until_a_working_day(&house);
        assert_eq!(standing(&house).await, [], "the next occupant has said nothing");
        let back = health.staff().unwrap().person.clone();
        let on = house.desk.now().to_zoned(ist()).date().saturating_add(1.day());
        hand_over::carry_out(&house.desk, &charge(back, on)).await.unwrap();
        house.minutes_later(24 * 60);
        until_a_working_day(&house);
        assert_eq!(standing(&house).await, [], "nor does what he said in another charge hold");
        auto_answer::set(&house.desk, &health, Some(&lets_in(&["cs"]))).await.unwrap();
        assert_eq!(standing(&house).await.len(), 1);
        while house.desk.now().to_zoned(ist()).weekday().to_monday_zero_offset() < 5 {
            house.minutes_later(24 * 60);
        }
        assert_eq!(standing(&house).await, [], "on a day off the office does not work");
    }
}

#[tokio::test]
async fn the_page_says_what_is_wrong_and_one_tap_on_the_chamber_switches_it_off() {
    let house = House::open().await;
    until_a_working_day(&house);
    let cookie = house.cookie("sec-hlt").await;
    let mut officer = Browser::with_session(&house, &cookie);
    officer.get("/chamber/auto-answer").await.says("मुख्य सचिव");
    let on = |from, to| [("caller-cs", "1"), ("from", from), ("to", to)];
    officer.post("/chamber/auto-answer", &on("07:00", "12:00")).await.says("सुबह 8 से शाम 8 बजे के बीच");
    officer.post("/chamber/auto-answer", &on("10:00", "17:30")[1..]).await.says("कम से कम एक पद चुनें");
    officer.get("/chamber").await.never_says("अपने-आप उत्तर चालू है");
    assert_eq!(
        officer.post("/chamber/auto-answer", &on("10:00", "17:30")).await.location(),
        "/chamber/auto-answer"
    );
    officer.get("/chamber").await.says("अपने-आप उत्तर चालू है: मुख्य सचिव");
    assert_eq!(officer.post("/chamber/auto-answer/off", &[]).await.location(), "/chamber");
    officer.get("/chamber").await.never_says("अपने-आप उत्तर चालू है");
    sachivalaya::audit::seal(&house.desk.store).await.unwrap();
    let ledger = officer.get("/chamber/ledger").await;
    ledger.says("चालू किया, मुख्य सचिव, 10:00-17:30");
    ledger.says("बंद किया");
}
