//! The public face: who meets when, the poster, the cause list of the evening before, and whom a subject leads to.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use calcard::icalendar::ICalendar;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::house::House;

fn kept(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=60");
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "the same for everybody");
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_office_says_who_meets_when_in_words_and_any_cache_may_keep_it() {
    for house in House::everywhere().await {
        let mut browser = Browser::new(&house);
        let page = browser.get("/meet/dep-hlt").await;
        let tag = kept(&page);
        page.says("सोमवार से शुक्रवार: 11:00–13:00, 15:00–17:00");
        page.says("मंगलवार, 24 नवंबर, 11:30 बजे");
        page.says("href=\"/post/sec-hlt\"");
        page.says("1800-000-0000");
        let english = browser.get("/meet/dep-hlt?lang=en").await;
        assert_ne!(kept(&english), tag);
        english.says("Monday to Friday: 11:00–13:00, 15:00–17:00");
        english.says("href=\"/post/sec-hlt?lang=en\"");
        browser.cookies.insert("lang".into(), "en".into());
        assert_eq!(kept(&browser.get("/meet/dep-hlt").await), tag, "a cookie changes nothing");
        let again = Request::get("/meet/dep-hlt").header(header::IF_NONE_MATCH, &tag);
        let again = browser.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!((again.status, again.bytes), (StatusCode::NOT_MODIFIED, 0));
        browser.get("/meet/dep-hlt/sec-hlt").await.says("सबसे पहला ख़ाली समय");
        browser.get("/meet/dep-cav").await.says("इस पद पर अभी कोई अधिकारी नहीं है");
        browser.get("/meet/mo-1").await.says("सोमवार, शुक्रवार: 11:00–13:00");
        for nowhere in ["/meet/nobody", "/meet/dep-hlt/dm-gaya", "/meet/UPPER", "/list/nobody"] {
            assert_eq!(browser.get(nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
        }
        let all = browser.get("/meet").await;
        kept(&all);
        all.says("href=\"/meet/dep-hlt\"");
        all.says("href=\"/meet/dis-gaya\"");
    }
}

#[tokio::test]
async fn a_time_that_is_taken_is_not_told_as_the_next_one() {
    let house = House::open().await;
    let slots = house.free("sec-hlt").await;
    let mut browser = Browser::new(&house);
    let tag = kept(&browser.get("/meet/dep-hlt").await);
    house.books("sec-hlt", slots[0]).await;
    let page = browser.get("/meet/dep-hlt").await;
    assert_ne!(kept(&page), tag);
    page.never_says("11:30 बजे");
    page.says("11:45 बजे");
}

#[tokio::test]
async fn the_poster_is_one_sheet_with_the_offices_address_as_a_code() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let poster = browser.get("/meet/dep-hlt/poster").await;
    kept(&poster);
    poster.says("<svg");
    poster.says("es.example.in/meet/dep-hlt");
    poster.says("सोमवार से शुक्रवार");
    browser.get("/static/css/poster.css").await.says("size: A3");
}

#[tokio::test]
async fn the_list_of_tomorrow_is_out_at_six_with_numbers_and_without_names() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let tomorrow: Vec<_> =
            slots.iter().filter(|slot| slot.start().to_string().starts_with("2026-11-25")).collect();
        house.books("sec-hlt", slots[0]).await;
        house.books("sec-hlt", *tomorrow[3]).await;
        house.books("sec-hlt", *tomorrow[1]).await;
        house.holds("sec-hlt", *tomorrow[0]).await;
        let mut browser = Browser::new(&house);
        let today = browser.get("/list/sec-hlt").await;
        today.says("मंगलवार, 24 नवंबर");
        today.says("11:30");
        house.minutes_later(7 * 60 + 10);
        let list = browser.get("/list/sec-hlt").await;
        kept(&list);
        list.says("बुधवार, 25 नवंबर");
        list.says("2 मुलाकातें तय हैं");
        list.says("स*** द*** ड***");
        for secret in ["सुनीता", "01234", "ES26-", "राशन"] {
            list.never_says(secret);
        }
        let json = browser.get("/list/sec-hlt/list.json").await;
        kept(&json);
        let told: Value = serde_json::from_str(&json.text).unwrap();
        assert_eq!((told["day"].as_str(), told["post"].as_str()), (Some("2026-11-25"), Some("sec-hlt")));
        let items = told["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "a hold is on no list");
        assert_eq!(
            (items[0]["number"].as_u64(), items[0]["name"].as_str()),
            (Some(1), Some("स*** द*** ड***"))
        );
        assert_eq!(items[0]["start"].as_str(), Some(tomorrow[1].start().to_string().as_str()));
        json.never_says("सुनीता");
        let calendar = browser.get("/list/sec-hlt/list.ics?lang=en").await;
        kept(&calendar);
        let read = ICalendar::parse(&calendar.text).unwrap();
        let events = read.components.iter().filter(|part| part.component_type.as_str() == "VEVENT").count();
        assert_eq!(events, 2, "{}", calendar.text);
        calendar.never_says("सुनीता");
        calendar.says("SUMMARY");
    }
}

#[tokio::test]
async fn a_subject_leads_to_the_nearest_office_first() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let found = browser
        .get("/find?q=%E0%A4%9C%E0%A4%BC%E0%A4%AE%E0%A5%80%E0%A4%A8%20%E0%A4%97%E0%A4%AF%E0%A4%BE")
        .await;
    let posts = found.all(r#"class="choice-card" href="/post/([a-z0-9-]+)""#);
    assert_eq!(posts[..2], ["dm-gaya", "sec-rlr"], "{posts:?}");
    assert_eq!(posts.iter().filter(|post| *post == "sec-rlr").count(), 1, "nobody is shown twice");
    let anywhere = browser.get("/find?q=zameen").await;
    anywhere.says("अपने ज़िले का नाम भी लिखें");
    assert_eq!(anywhere.find(r#"class="choice-card" href="/post/([a-z0-9-]+)""#), "sec-rlr");
    browser.get("/find?q=mukhya+sachiv").await.never_says("आपके काम के लिए");
}
