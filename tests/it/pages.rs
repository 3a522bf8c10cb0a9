//! The citizen's and the desk's pages over HTTP, by forms alone: what a person on a small phone goes through.

use std::time::Duration;

use axum::http::StatusCode;
use domain::notice::Language;
use jiff::SignedDuration;
use sachivalaya::i18n::Words;

use crate::browser::{Answer, Browser};
use crate::house::House;

const SECRETARY: &str = "sec-hlt";
const MINISTER: &str = "min-hlt";

const FORM: [(&str, &str); 5] = [
    ("name", "सुनीता देवी"),
    ("mobile", "०००००-०१२३४"),
    ("mail", ""),
    ("subject", "राशन कार्ड में नाम जोड़ना"),
    ("channel", "video"),
];

/// Opens a post's page and takes its first free time; the path of the form.
async fn hold_first(browser: &mut Browser, post: &str) -> String {
    let page = browser.get(&format!("/post/{post}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let start = page.find(r#"name="start" value="(\d+)""#);
    let held = browser.post("/hold", &[("post", post), ("start", &start)]).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER);
    held.location().to_owned()
}

/// Books the first free time to the end; the path of the slip.
async fn book_first(house: &House, browser: &mut Browser, post: &str) -> String {
    // The newest code must be this one: two of the same instant have no order.
    house.desk.clock.advance(Duration::from_secs(1));
    let form = hold_first(browser, post).await;
    assert_eq!(browser.post(&form, &FORM).await.location(), format!("{form}/code"));
    let code = house.last_code().await;
    let booked = browser.post(&format!("{form}/code"), &[("code", &code)]).await;
    assert!(booked.location().starts_with("/s/"), "{booked:?}");
    booked.location().to_owned()
}

async fn secretary_of_the_minister(house: &House) -> Browser {
    Browser::with_session(house, &house.cookie("ps-hlt").await)
}

#[tokio::test]
async fn a_citizen_books_by_forms_alone_from_the_first_page_to_the_slip() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    phone.get("/").await.says(r#"href="/find""#);
    phone.get("/find").await.says("किस काम से मिलना है?");
    let found = phone.get("/find?q=swasthya").await;
    found.says(&format!(r#"href="/post/{SECRETARY}""#));
    let form = hold_first(&mut phone, SECRETARY).await;
    let details = phone.get(&form).await;
    let until = Words::of(Language::Hindi).clock(house.desk.now() + SignedDuration::from_mins(10));
    details.says(&format!("यह समय आपके लिए {until} तक सुरक्षित है।"));

    let bad = phone
        .post(&form, &[("name", ""), ("mobile", "12345"), ("subject", "राशन"), ("channel", "video")])
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    bad.says(r##"<a href="#name">नाम लिखें</a>"##);
    bad.says(r##"<a href="#mobile">मोबाइल नंबर में 10 अंक होते हैं</a>"##);
    bad.says("राशन</textarea>");
    bad.says(r#"value="12345""#);

    let sent = phone.post(&form, &FORM).await;
    assert_eq!(sent.location(), format!("{form}/code"));
    phone.get(sent.location()).await.says("00000 01234");
    let wrong = phone.post(&format!("{form}/code"), &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("कोड सही नहीं है। 4 बार और कोशिश कर सकते हैं।");
    phone.get(&form).await.says(r#"value="सुनीता देवी""#);

    let code = house.last_code().await;
    let booked = phone.post(&format!("{form}/code"), &[("code", &code)]).await;
    let slip = phone.get(booked.location()).await;
    assert_eq!(slip.status, StatusCode::OK);
    for said in
        ["मुलाकात तय है", "सुनीता देवी", "ES26-", "<svg", "/invite.ics", "whatsapp://send?text=", r#"href="/j/"#]
    {
        slip.says(said);
    }
    slip.says("किसी को पैसे न दें");
    let file = phone.get(&format!("{}/invite.ics", booked.location())).await;
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/calendar"));
    file.says("BEGIN:VEVENT");
    phone.get("/mine").await.says(booked.location());
}

#[tokio::test]
async fn whoever_comes_second_is_offered_three_times_and_keeps_what_he_typed() {
    let house = House::open().await;
    let page = Browser::new(&house).get(&format!("/post/{SECRETARY}")).await;
    let start = page.find(r#"name="start" value="(\d+)""#);
    let first = Browser::new(&house).post("/hold", &[("post", SECRETARY), ("start", &start)]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);

    let mut second = Browser::new(&house);
    let wish: Vec<_> = [("post", SECRETARY), ("start", start.as_str())].into_iter().chain(FORM).collect();
    let lost = second.post("/hold", &wish).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    lost.says("यह समय अभी-अभी किसी और को मिल गया");
    lost.says("सुनीता देवी");
    let near = lost.all(r#"name="start" value="(\d+)""#);
    assert_eq!(near.len(), 3);
    assert!(!near.contains(&start));
    let wish: Vec<_> = [("post", SECRETARY), ("start", near[0].as_str())].into_iter().chain(FORM).collect();
    let held = second.post("/hold", &wish).await;
    assert!(held.location().ends_with("/code"), "the form is not asked for again: {held:?}");
}

#[tokio::test]
async fn a_replayed_form_and_a_second_tab_lead_to_the_same_booking() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let page = phone.get(&format!("/post/{SECRETARY}")).await;
    let start = page.find(r#"name="start" value="(\d+)""#);
    let wish = [("post", SECRETARY), ("start", start.as_str())];
    let form = phone.post("/hold", &wish).await.location().to_owned();
    assert_eq!(phone.post("/hold", &wish).await.location(), form, "the same time held twice is one hold");
    phone.post(&form, &FORM).await;
    let code = house.last_code().await;
    let slip = phone.post(&format!("{form}/code"), &[("code", &code)]).await.location().to_owned();
    assert_eq!(phone.post(&format!("{form}/code"), &[("code", &code)]).await.location(), slip);
    assert_eq!(phone.post(&form, &FORM).await.location(), slip);
    assert_eq!(phone.get(&form).await.location(), slip);
}

#[tokio::test]
async fn a_hold_that_ran_out_offers_other_times_with_the_form_kept() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let form = hold_first(&mut phone, SECRETARY).await;
    house.minutes_later(11);
    let late = phone.post(&form, &FORM).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.says("10 मिनट पूरे हो गए। आपका लिखा हुआ सुरक्षित है");
    late.says(r#"name="name" value="सुनीता देवी""#);
    assert_eq!(late.all(r#"name="start" value="(\d+)""#).len(), 3);
}

#[tokio::test]
async fn a_slip_moves_the_time_and_withdraws_only_after_asking() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let slip = book_first(&house, &mut phone, SECRETARY).await;
    let times = phone.get(&format!("{slip}/times")).await;
    let other = times.all(r#"name="start" value="(\d+)""#).pop().unwrap();
    let before = phone.get(&slip).await.find(r"<dd>([^<]*बजे)</dd>");
    let moved = phone.post(&format!("{slip}/move"), &[("start", &other)]).await;
    let after = phone.get(moved.location()).await;
    after.says("समय बदल दिया गया है।");
    assert_ne!(after.find(r"<dd>([^<]*बजे)</dd>"), before);

    phone.get(&format!("{slip}/cancel")).await.says("हाँ, रद्द करें");
    phone.get(&slip).await.says("मुलाकात तय है");
    phone.post(&format!("{slip}/cancel"), &[]).await;
    phone.get(&slip).await.says("मुलाकात रद्द है");
    assert_eq!(phone.post(&format!("{slip}/cancel"), &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_desk_accepts_declines_with_a_reason_and_proposes() {
    let house = House::open().await;
    let mut desk = secretary_of_the_minister(&house).await;
    let mut slips = Vec::new();
    for _ in 0..3 {
        let mut phone = Browser::new(&house);
        let slip = book_first(&house, &mut phone, MINISTER).await;
        phone.get(&slip).await.says("अनुरोध मिला");
        slips.push((phone, slip));
    }
    let list = desk.get("/desk").await;
    list.says("3 अनुरोध उत्तर की प्रतीक्षा में");
    let waiting = list.all(r#"action="(/desk/[a-z0-9-]+)/accept""#);
    let done = desk.post(&format!("{}/accept", waiting[0]), &[]).await;
    desk.get(done.location()).await.says("समय दिया गया");

    desk.get(&format!("{}/decline", waiting[1])).await.says("विषय दूसरे कार्यालय का है");
    let empty = desk.post(&format!("{}/decline", waiting[1]), &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "other_office"), ("alternative", SECRETARY)];
    desk.post(&format!("{}/decline", waiting[1]), &reason).await;

    let times = desk.get(&format!("{}/propose", waiting[2])).await;
    let other = times.all(r#"name="start" value="(\d+)""#).pop().unwrap();
    desk.post(&format!("{}/propose", waiting[2]), &[("start", &other)]).await;
    let again = desk.post(&format!("{}/accept", waiting[0]), &[]).await;
    desk.get(again.location()).await.says("इस अनुरोध का उत्तर पहले ही दिया जा चुका है");

    let [(phone, slip), (other_phone, declined), (third_phone, proposed)] = &mut slips[..] else {
        panic!("three")
    };
    phone.get(slip).await.says("मुलाकात तय है");
    let declined = other_phone.get(declined).await;
    declined.says("कारण: विषय दूसरे कार्यालय का है।");
    declined.says(&format!(r#"href="/post/{SECRETARY}""#));
    third_phone.get(proposed).await.says("सुझाया समय लें");
    third_phone.post(&format!("{proposed}/take"), &[]).await;
    third_phone.get(proposed).await.says("मुलाकात तय है");
}

/// What people and programs send by mistake, and what they are told.
#[tokio::test]
async fn bad_input_gets_a_clear_page_and_never_a_fault() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let form = hold_first(&mut phone, SECRETARY).await;
    let long = "क".repeat(81);
    let name = |name| [("name", name), ("mobile", "0000001234"), ("subject", "राशन"), ("channel", "video")];
    let not_found = "यह पन्ना नहीं मिला";
    let table: Vec<(Answer, StatusCode, &str)> = vec![
        (phone.get("/post/nobody-at-all").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/post/%F0%9F%A4%B7").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/book/NOT..AN..ID").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/s/aaaaaaaaaaaaaaaa").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/s/%00").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/nowhere").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/static/../templates/base.html").await, StatusCode::NOT_FOUND, not_found),
        (phone.get("/hold").await, StatusCode::METHOD_NOT_ALLOWED, "आरंभ से फिर शुरू करें"),
        (phone.get(&format!("/find?q={}", "a".repeat(300))).await, StatusCode::OK, "बहुत लंबे"),
        (phone.get("/find?q=%FF%FE").await, StatusCode::OK, "<h1>"),
        (
            phone.post("/hold", &[("post", SECRETARY), ("start", "yesterday")]).await,
            StatusCode::BAD_REQUEST,
            "समझ में नहीं आया",
        ),
        (
            phone.post("/hold", &[("post", SECRETARY), ("start", "9223372036854775807")]).await,
            StatusCode::BAD_REQUEST,
            "समझ में नहीं आया",
        ),
        (
            phone.post("/hold", &[("post", SECRETARY), ("start", "0")]).await,
            StatusCode::CONFLICT,
            "यह समय बीत चुका है",
        ),
        (
            phone.post("/hold", &[("post", SECRETARY), ("start", "1900000000000")]).await,
            StatusCode::CONFLICT,
            "यह समय उपलब्ध नहीं है",
        ),
        (phone.post("/hold", &[("post", "nobody"), ("start", "0")]).await, StatusCode::NOT_FOUND, not_found),
        (phone.post(&form, &name(&long)).await, StatusCode::UNPROCESSABLE_ENTITY, "अधिकतम 80 अक्षर"),
        (phone.post(&form, &name("राम\u{202E}लखन")).await, StatusCode::UNPROCESSABLE_ENTITY, "ऐसा चिह्न है"),
        (phone.post(&form, &name("राम\r\nBCC: x")).await, StatusCode::UNPROCESSABLE_ENTITY, "ऐसा चिह्न है"),
        (
            phone.post(&format!("{form}/code"), &[("code", "12")]).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "6 अंक",
        ),
        (
            phone.post(&format!("{form}/code"), &[("code", "")]).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "कोड लिखें",
        ),
        (
            phone.post(&form, &[("name", "x".repeat(70_000).as_str())]).await,
            StatusCode::PAYLOAD_TOO_LARGE,
            "छोटा लिखें",
        ),
        (
            phone.post("/sign-in", &[("login", "ps-hlt"), ("password", "x"), ("code", "1")]).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "सही नहीं है",
        ),
        (phone.post("/sign-in/aaaa", &[]).await, StatusCode::GONE, "यह लिंक अब नहीं चलता"),
    ];
    for (answer, status, said) in table {
        assert_eq!(answer.status, status, "{}", answer.text);
        answer.says(said);
        answer.says("<html lang=\"hi\"");
    }
}

#[tokio::test]
async fn an_expired_code_is_sent_again_and_too_many_wrong_ones_end_the_guessing() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let form = hold_first(&mut phone, SECRETARY).await;
    phone.post(&form, &FORM).await;
    let code = house.last_code().await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..5 {
        phone.post(&format!("{form}/code"), &[("code", wrong)]).await;
    }
    let stuck = phone.post(&format!("{form}/code"), &[("code", &code)]).await;
    assert_eq!(stuck.status, StatusCode::UNPROCESSABLE_ENTITY, "the right code comes too late");
    stuck.says("नया कोड मँगाएँ");
    house.desk.clock.advance(Duration::from_secs(1));
    let again = phone.post(&format!("{form}/code/again"), &[]).await;
    phone.get(again.location()).await.says("नया कोड भेज दिया गया है");
    let code = house.last_code().await;
    let booked = phone.post(&format!("{form}/code"), &[("code", &code)]).await;
    assert!(booked.location().starts_with("/s/"));
}

#[tokio::test]
async fn a_name_made_of_markup_is_only_ever_text() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let hostile = r#"<svg onload=alert(1)>"'&राम"#;
    let fields = [("name", hostile), ("mobile", "0000001234"), ("subject", hostile), ("channel", "video")];
    let form = hold_first(&mut phone, MINISTER).await;
    phone.post(&form, &fields).await;
    let code = house.last_code().await;
    let slip = phone.post(&format!("{form}/code"), &[("code", &code)]).await.location().to_owned();
    let mut desk = secretary_of_the_minister(&house).await;
    let list = desk.get("/desk").await;
    let card = list.find(r#"action="(/desk/[a-z0-9-]+)/accept""#);
    let pages = [
        phone.get(&slip).await,
        list,
        desk.get(&format!("{card}/decline")).await,
        desk.get(&format!("{card}/propose")).await,
        phone.get(&format!("/find?q={}", "%3Csvg%20onload%3Dalert(1)%3E")).await,
    ];
    for page in pages {
        assert_eq!(page.status, StatusCode::OK);
        page.never_says("<svg onload");
        page.says("&#60;svg onload");
    }
}

#[tokio::test]
async fn the_address_chooses_the_language_and_the_cookie_remembers_it() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    phone.get("/").await.says(r#"<html lang="hi""#);
    phone.get("/?lang=en").await.says("What would you like to do?");
    phone.get("/find").await.says(r#"<html lang="en""#);
    phone.get("/find?q=health&lang=hi").await.says(r#"href="/find?q=health&#38;lang=en""#);
    phone.get("/nowhere?lang=en").await.says("This page was not found");
}

#[tokio::test]
async fn a_one_time_link_survives_being_looked_at_and_works_once() {
    let house = House::open().await;
    let token = house.sign_in_link("ps-hlt").await;
    let path = format!("/sign-in/{token}");
    Browser::new(&house).get(&path).await.says("एक बार का प्रवेश");
    let mut officer = Browser::new(&house);
    assert_eq!(officer.post(&format!("{path}?next=/desk"), &[]).await.location(), "/desk");
    officer.get("/desk").await.says("नए अनुरोध");
    assert_eq!(Browser::new(&house).post(&path, &[]).await.status, StatusCode::GONE);
    officer.post("/sign-out", &[]).await;
    assert_eq!(officer.get("/desk").await.location(), "/sign-in?next=/desk");
}
