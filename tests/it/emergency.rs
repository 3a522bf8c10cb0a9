//! The emergency switch: everything in person goes to video in one act, keeps its time and number, and comes back.

use domain::diary::Channel;
use domain::office::ist;
use jiff::SignedDuration;
use sachivalaya::app::book::{self, Details};
use sachivalaya::app::emergency::{self, SwitchError, SwitchWish};
use sachivalaya::app::slip;

use crate::browser::Browser;
use crate::house::{House, details, post_id};
use crate::sound::is_sound;

/// Books in person; the token of the slip.
async fn in_person(house: &House, post: &str) -> String {
    house.a_moment_later();
    let slot = house.free(post).await[0];
    let (id, actor) = house.holds(post, slot).await;
    let coming = Details { channel: "in_person".into(), ..details() };
    book::give_details(&house.desk, &actor, &id, &coming).await.unwrap();
    let code = house.last_code().await;
    book::confirm(&house.desk, &actor, &id, &code).await.unwrap().slip_token
}

async fn read(house: &House, token: &str) -> slip::Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

fn fortnight(house: &House, post: &str) -> SwitchWish {
    let from = house.desk.now();
    SwitchWish { post: post_id(post), from, to: from + SignedDuration::from_hours(24 * 14) }
}

#[tokio::test]
async fn all_below_a_body_go_to_video_in_one_act_and_back_in_one() {
    for house in House::everywhere().await {
        let division = in_person(&house, "com-tirhut").await;
        let district = in_person(&house, "dm-muzaffarpur").await;
        let elsewhere = in_person(&house, "sec-hlt").await;
        let before = read(&house, &district).await;
        let desk = house.staff("desk-com-tirhut").await;
        let wish = fortnight(&house, "com-tirhut");
        let reach = emergency::preview(&house.desk, &desk, &wish).await.unwrap();
        assert_eq!((reach.meetings, reach.posts), (2, 2));
        house.a_moment_later();
        let done = emergency::carry_out(&house.desk, &desk, &wish).await.unwrap();
        assert_eq!(done.meetings, 2);
        for token in [&division, &district] {
            let slip = read(&house, token).await;
            assert_eq!((slip.channel, slip.sequence), (Channel::Video, 1));
            assert!(slip.join_token.is_some(), "the door is open to them");
        }
        let after = read(&house, &district).await;
        assert_eq!((after.slot, &after.reference), (before.slot, &before.reference));
        assert_eq!(read(&house, &elsewhere).await.channel, Channel::InPerson);
        assert!(house.told().await.contains(&"mail:switched".to_owned()));
        house.a_moment_later();
        assert_eq!(emergency::undo(&house.desk, &desk, &done.emergency).await.unwrap(), 2);
        let back = read(&house, &district).await;
        assert_eq!((back.channel, back.sequence, back.slot), (Channel::InPerson, 2, before.slot));
        let twice = emergency::undo(&house.desk, &desk, &done.emergency).await.unwrap_err();
        assert!(matches!(twice, SwitchError::Changed));
        is_sound(&house, &["com-tirhut", "dm-muzaffarpur", "sec-hlt"], &[]).await;
    }
}

#[tokio::test]
async fn the_chief_secretarys_desk_reaches_the_state_and_another_desk_only_its_own() {
    let house = House::open().await;
    in_person(&house, "dm-muzaffarpur").await;
    in_person(&house, "sec-hlt").await;
    let all = house.staff("desk-cs").await;
    let reach = emergency::preview(&house.desk, &all, &fortnight(&house, "cs")).await.unwrap();
    assert_eq!(reach.meetings, 2);
    let own = house.staff("desk-sec-hlt").await;
    assert_eq!(
        emergency::preview(&house.desk, &own, &fortnight(&house, "sec-hlt")).await.unwrap().meetings,
        1
    );
    let denied = emergency::preview(&house.desk, &own, &fortnight(&house, "cs")).await.unwrap_err();
    assert!(matches!(denied, SwitchError::Denied(_)));
}

#[tokio::test]
async fn the_desk_switches_by_forms_and_a_citizen_by_his_slip() {
    let house = House::open().await;
    let token = in_person(&house, "sec-hlt").await;
    let mut phone = Browser::new(&house);
    let other = in_person(&house, "sec-hlt").await;
    phone.get(&format!("/s/{other}")).await.says("वीडियो से मिलें");
    phone.post(&format!("/s/{other}/video"), &[]).await;
    phone.get(&format!("/s/{other}")).await.says("वीडियो से जुड़ें");
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    let path = "/desk/emergency/sec-hlt";
    desk.get(path).await.says("आकस्मिक व्यवस्था");
    let day = read(&house, &token).await.slot.start().to_zoned(ist()).date();
    let (from, to) = (format!("{day}T00:00"), format!("{day}T23:55"));
    desk.get(&format!("{path}?from={from}&to={to}")).await.says("1 पदों की 1 मुलाकातें");
    let done = desk.post(path, &[("from", &from), ("to", &to)]).await.location().to_owned();
    let page = desk.get(&done).await;
    page.says("सब मुलाकातें वीडियो से कर दी गईं");
    let undo = page.find(r#"action="(/desk/emergency/sec-hlt/[a-z0-9]+/undo)""#);
    let undone = desk.post(&undo, &[]).await.location().to_owned();
    desk.get(&undone).await.says("फिर दफ़्तर में होंगी");
    assert_eq!(read(&house, &token).await.channel, Channel::InPerson);
    assert_eq!(read(&house, &other).await.channel, Channel::Video, "his own choice stands");
}
