//! Times that are kept for some: shown to them, refused to others, open to all when nobody of them came.

use axum::http::{Method, StatusCode};
use domain::diary::displacement::AwayReason;
use domain::diary::supply::{Category, Sitting};
use domain::diary::{AppointmentState, Slot};
use domain::id::AppointmentId;
use domain::text::Subject;
use jiff::civil::Weekday;
use sachivalaya::app::book::{self, Details, DetailsError, FieldFault};
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::hold::{HoldError, HoldWish, hold};
use sachivalaya::app::{directory, session};
use sachivalaya::limits;
use sachivalaya::store::{appointment, supply};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{House, details, post_id, wish};

const POST: &str = "sec-hlt";

/// Saturday from ten to eleven is kept for women: its times.
async fn kept(house: &House) -> Vec<Slot> {
    let mut tx = house.desk.store.write().await.unwrap();
    let sitting = Sitting { kept_for: Some(Category::Women), ..Sitting::for_all(600, 660).unwrap() };
    supply::insert_window(&mut tx, &post_id(POST), (Weekday::Saturday, sitting)).await.unwrap();
    tx.touch_supply();
    tx.commit().await.unwrap();
    let wanted = (limits::HORIZON_DAYS, &[Category::Women][..]);
    let days = directory::free_days_for(&house.desk, &post_id(POST), wanted).await.unwrap();
    days.into_iter().flat_map(|day| day.kept).collect()
}

async fn category_of(house: &House, id: &AppointmentId) -> Option<Category> {
    let mut connection = house.desk.store.read().await.unwrap();
    appointment::by_id(&mut connection, id).await.unwrap().unwrap().category
}

#[tokio::test]
async fn a_kept_time_is_for_its_people_until_it_falls_back_to_all() {
    for house in House::everywhere().await {
        let kept = kept(&house).await;
        assert!(kept.len() >= 4, "{kept:?}");
        assert!(!house.free(POST).await.contains(&kept[0]), "others are not offered it");
        for category in [None, Some(Category::Senior)] {
            let refused = hold(&house.desk, HoldWish { category, ..wish(POST, kept[0]) }).await.unwrap_err();
            assert!(matches!(refused, HoldError::Kept { category: Category::Women, .. }), "{refused:?}");
        }
        let hers = HoldWish { category: Some(Category::Women), ..wish(POST, kept[0]) };
        let held = hold(&house.desk, hers).await.unwrap();
        let actor = session::actor(&house.desk, held.cookie.as_deref()).await.unwrap();
        let id = &held.appointment;
        let other = Details { category: "senior".into(), ..details() };
        let refused = book::give_details(&house.desk, &actor, id, &other).await.unwrap_err();
        assert!(matches!(refused, DetailsError::Fields(faults) if faults == [FieldFault::Category]));
        book::give_details(&house.desk, &actor, id, &details()).await.unwrap();
        let code = house.last_code().await;
        let booked = book::confirm(&house.desk, &actor, id, &code).await.unwrap();
        assert_eq!(booked.state, AppointmentState::Confirmed);
        assert_eq!(category_of(&house, id).await, Some(Category::Women), "said with the time");
        house.desk.clock.set(kept[1].start() - jiff::SignedDuration::from_hours(24));
        assert!(house.free(POST).await.contains(&kept[1]), "nobody came: it is for all");
        house.books(POST, kept[1]).await;
    }
}

#[tokio::test]
async fn who_is_divyang_or_senior_is_given_another_time_before_others() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        house.books(POST, free[10]).await;
        house.a_moment_later();
        let (id, actor) = house.holds(POST, free[11]).await;
        let said = Details { category: "divyang".into(), ..details() };
        book::give_details(&house.desk, &actor, &id, &said).await.unwrap();
        let code = house.last_code().await;
        book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
        assert_eq!(category_of(&house, &id).await, Some(Category::Divyang));
        let desk = house.staff("desk-sec-hlt").await;
        let away = AwayWish {
            post: post_id(POST),
            from: free[10].start(),
            to: free[11].end(),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        assert_eq!(seen.hit[0].appointment, id, "though he asked later");
        assert!(seen.hit[0].to < seen.hit[1].to);
    }
}

#[tokio::test]
async fn the_page_of_a_post_shows_kept_times_to_whom_says_that_they_are_his() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    phone.get("/post/sec-hlt").await.never_says("कुछ लोगों के लिए अलग समय रखा है");
    let kept = kept(&house).await;
    let value = kept[0].start().as_millisecond().to_string();
    let page = phone.get("/post/sec-hlt").await;
    page.says("कुछ लोगों के लिए अलग समय रखा है");
    page.never_says(&value);
    let hers = phone.get(&page.find(r#"href="(/post/sec-hlt\?for=women)""#)).await;
    hers.says("आपके लिए रखे समय भी नीचे हैं");
    hers.says(&value);
    let fields = [("post", POST), ("start", value.as_str())];
    let refused = phone.post("/hold", &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.says("यह समय दूसरों के लिए रखा गया है");
    let form =
        phone.post("/hold", &[fields[0], fields[1], ("category", "women")]).await.location().to_owned();
    let page = phone.get(&form).await;
    page.says(r#"value="women" checked"#);
    let typed = details();
    let filled = [
        ("name", typed.name.as_str()),
        ("mobile", &typed.mobile),
        ("subject", &typed.subject),
        ("channel", "video"),
        ("category", "giant"),
    ];
    phone.post(&form, &filled).await.says("यह समय दूसरों के लिए रखा गया है");
}

#[tokio::test]
async fn a_program_asks_for_kept_times_by_name() {
    let house = House::open().await;
    let start = kept(&house).await[0].start().as_millisecond();
    let mut program = Browser::new(&house);
    let said = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let has = |days: &Value, member: &str| {
        let days = days["days"].as_array().unwrap().clone();
        days.iter().any(|day| day[member].as_array().is_some_and(|all| all.contains(&json!(start))))
    };
    let for_all = said(&program.get("/api/v1/posts/sec-hlt/times").await.text);
    assert!(!has(&for_all, "starts"));
    let hers = said(&program.get("/api/v1/posts/sec-hlt/times?for=women").await.text);
    assert!(has(&hers, "starts") && has(&hers, "kept"));
    let bad = program.get("/api/v1/posts/sec-hlt/times?for=giants").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let asked = json!({"post": POST, "start": start});
    let refused = program.call(&Method::POST, "/api/v1/holds", &asked).await;
    assert_eq!((refused.status.as_u16(), said(&refused.text)["code"].as_str()), (409, Some("kept-for")));
    assert_eq!(said(&refused.text)["kept_for"], "women");
    let asked = json!({"post": POST, "start": start, "category": "women"});
    let held = program.call(&Method::POST, "/api/v1/holds", &asked).await;
    assert_eq!(held.status, StatusCode::CREATED, "{}", held.text);
}
