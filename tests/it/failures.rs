//! What the house does when something goes wrong for a citizen: a late code, no video, a shared telephone, a call back.

use std::time::Duration;

use axum::http::StatusCode;
use domain::diary::Channel;
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::dial::{self, DialError};
use sachivalaya::app::door::{self, ComeInError, DoorState};
use sachivalaya::app::{book, shared_phone, slip};
use sachivalaya::auth::{Actor, pin};

use crate::browser::Browser;
use crate::house::{House, details};

const SECRETARY: &str = "sec-hlt";
const FORM: [(&str, &str); 4] =
    [("name", "सीता देवी"), ("mobile", "0000001234"), ("subject", "दवा नहीं मिलती"), ("channel", "video")];

/// Holds the first free time of the secretary and fills the form.
async fn until_code(house: &House, phone: &mut Browser) -> String {
    let start = house.free(SECRETARY).await[0].start().as_millisecond().to_string();
    let form = phone.post("/hold", &[("post", SECRETARY), ("start", &start)]).await.location().to_owned();
    assert_eq!(phone.post(&form, &FORM).await.status, StatusCode::SEE_OTHER);
    form
}

#[tokio::test]
async fn after_half_a_minute_without_a_code_its_page_begins_with_the_other_ways() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let form = until_code(&house, &mut phone).await;
    let path = format!("{form}/code");
    house.desk.clock.advance(Duration::from_secs(29));
    phone.get(&path).await.never_says("late-now");
    house.desk.clock.advance(Duration::from_secs(1));
    phone.get(&path).await.says("late-now");
    let refused = phone.post(&format!("{path}/again"), &[("mail", "not an address")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("id=\"mail-error\"");
    let first = house.last_code().await;
    house.a_moment_later();
    phone.post(&format!("{path}/again"), &[("mail", "second@example.org")]).await;
    let by_mail = house.last_code().await;
    phone.get(&path).await.says("second@example.org");
    phone.get(&path).await.never_says("late-now");
    assert_ne!(first, by_mail);
    let old = phone.post(&path, &[("code", &first)]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "the code of the first way works no more");
    assert!(phone.post(&path, &[("code", &by_mail)]).await.location().starts_with("/s/"));
}

#[tokio::test]
async fn a_meeting_by_video_becomes_a_call_until_its_door_closes_and_everybody_is_told() {
    for house in House::everywhere().await {
        let slot = house.free(SECRETARY).await[0];
        let token = house.books(SECRETARY, slot).await;
        let before = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        let join = before.join_token.expect("a door");
        let wait = slot.start().duration_since(house.desk.now());
        house.desk.clock.advance(Duration::try_from(wait).unwrap() + Duration::from_secs(60));
        change::by_telephone(&house.desk, &token).await.unwrap();
        let after = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!((after.channel, after.slot), (Channel::Telephone, before.slot), "the time stays");
        assert_eq!(after.sequence, before.sequence + 1);
        let told = house.outbox().await;
        let switched = told.iter().filter(|notice| notice.what.kind() == "switched").count();
        change::by_telephone(&house.desk, &token).await.unwrap();
        assert!(switched > 0);
        assert_eq!(house.outbox().await.len(), told.len(), "asked twice is told once");
        let door = door::by_link(&house.desk, &join).await.unwrap().unwrap();
        assert_eq!(door.state, DoorState::ByTelephone);
    }
}

#[tokio::test]
async fn after_the_door_has_closed_nothing_becomes_a_call() {
    let house = House::open().await;
    let slot = house.free(SECRETARY).await[0];
    let token = house.books(SECRETARY, slot).await;
    let wait = slot.end().duration_since(house.desk.now()) + house.desk.settings.door_closes_after;
    house.desk.clock.advance(Duration::try_from(wait).unwrap());
    let late = change::by_telephone(&house.desk, &token).await.unwrap_err();
    assert!(matches!(late, ChangeError::Impossible(_)), "{late}");
}

#[tokio::test]
async fn at_the_door_only_a_device_that_is_known_there_asks_for_a_call() {
    let house = House::open().await;
    let mut phone = Browser::new(&house);
    let slot = house.free(SECRETARY).await[0];
    let token = house.books(SECRETARY, slot).await;
    let join = slip::slip(&house.desk, &token).await.unwrap().unwrap().join_token.unwrap();
    phone.post(&format!("/j/{join}/telephone"), &[]).await;
    let still = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    assert_eq!(still.channel, Channel::Video, "a link alone changes nothing");
    phone.post(&format!("/j/{join}"), &[("digits", "1234")]).await;
    phone.post(&format!("/j/{join}/telephone"), &[]).await;
    let called = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    assert_eq!(called.channel, Channel::Telephone);
    phone.get(&format!("/j/{join}")).await.says("अधिकारी आपको फ़ोन करेंगे");
}

#[tokio::test]
async fn a_number_is_told_to_the_post_that_is_visited_and_written_down_each_time() {
    for house in House::everywhere().await {
        let slot = house.free(SECRETARY).await[0];
        let token = house.books(SECRETARY, slot).await;
        let id = slip::slip(&house.desk, &token).await.unwrap().unwrap().appointment;
        let officer = house.staff(SECRETARY).await;
        let callee = dial::dial(&house.desk, &officer, &id).await.unwrap();
        let mobile = callee.mobile.expect("a number");
        assert_eq!((mobile.as_str(), mobile.masked().as_str()), ("+910000001234", "00••• ••234"));
        for other in [house.staff("sec-edu").await, Actor::Anyone] {
            let refused = dial::dial(&house.desk, &other, &id).await.unwrap_err();
            assert!(matches!(refused, DialError::Denied(_)), "{refused}");
        }
    }
}

#[tokio::test]
async fn who_shares_a_number_is_named_to_a_known_device_and_goes_over_to_nobody_elses_meeting() {
    for house in House::everywhere().await {
        let slots = house.free(SECRETARY).await;
        let first = house.books(SECRETARY, slots[0]).await;
        let first = slip::slip(&house.desk, &first).await.unwrap().unwrap();
        let door = door::by_link(&house.desk, &first.join_token.unwrap()).await.unwrap().unwrap();
        assert!(shared_phone::household(&house.desk, &door).await.unwrap().is_none(), "one person's own");
        let mut others = Vec::new();
        for (slot, name, mobile) in
            [(slots[1], "मोहन प्रसाद", "0000001234"), (slots[2], "रेखा सिंह", "0000009999")]
        {
            house.a_moment_later();
            let (id, actor) = house.holds(SECRETARY, slot).await;
            let given = book::Details { name: name.into(), mobile: mobile.into(), ..details() };
            book::give_details(&house.desk, &actor, &id, &given).await.unwrap();
            let code = house.last_code().await;
            book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
            others.push((id, actor));
        }
        let household = shared_phone::household(&house.desk, &door).await.unwrap().expect("a household");
        let names: Vec<&str> = household.others.iter().map(|other| other.letters.as_str()).collect();
        assert_eq!(names, ["म… प…"], "another number is another house, and a name is not told");
        let session = others[0].1.session().expect("a device").clone();
        let pin = |of: usize| pin::of(&house.desk.settings.link_key, &others[of].0);
        let over = async |to: usize, typed: &str| {
            shared_phone::go_over(&house.desk, (&session, &door), (&others[to].0, typed)).await
        };
        assert!(matches!(over(1, &pin(1)).await, Err(ComeInError::NoDoor)), "not this house");
        assert!(
            matches!(over(0, "1234").await, Err(ComeInError::NotDigits)),
            "the number alone proves nothing"
        );
        assert!(matches!(over(0, &pin(1)).await, Err(ComeInError::Wrong { tries_left: 4 })));
        over(0, &pin(0)).await.unwrap();
        for tries_left in (0..5).rev() {
            let refused = over(0, &pin(1)).await.unwrap_err();
            let is_last = tries_left == 0 && matches!(refused, ComeInError::TooManyTries);
            assert!(
                is_last || matches!(refused, ComeInError::Wrong { tries_left: left } if left == tries_left)
            );
        }
        assert!(matches!(over(0, &pin(0)).await, Err(ComeInError::TooManyTries)));
    }
}
