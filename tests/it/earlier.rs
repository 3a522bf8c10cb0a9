//! The waiting list: a freed time rests, goes to those who wait in their order, and is open to all only then.

use domain::diary::{AppointmentState, Slot};
use domain::id::AppointmentId;
use jiff::SignedDuration;
use sachivalaya::app::change;
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::earlier::{self, Wish};
use sachivalaya::app::{keep, slip};
use sachivalaya::store::freed;

use crate::browser::Browser;
use crate::house::{House, post_id};
use crate::sound::is_sound;

const POST: &str = "sec-hlt";

async fn read(house: &House, token: &str) -> slip::Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

/// Times that rest or are offered, with whoever keeps them.
pub async fn lent(house: &House) -> Vec<(AppointmentId, Slot)> {
    let mut connection = house.desk.store.read().await.unwrap();
    let open = freed::open(&mut connection).await.unwrap();
    open.into_iter().map(|row| (row.keeper, row.slot)).collect()
}

#[tokio::test]
async fn a_freed_time_rests_and_goes_to_who_waits_before_it_is_open_to_all() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let early = house.books(POST, free[10]).await;
        let late = house.books(POST, free[14]).await;
        earlier::wait(&house.desk, &late, Wish::Tell).await.unwrap();
        change::cancel(&house.desk, &early).await.unwrap();
        assert!(!house.free(POST).await.contains(&free[10]), "it rests, whoever looks");
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 0);
        house.minutes_later(31);
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 1);
        assert!(house.told().await.contains(&"sms:offered".to_owned()));
        assert_eq!(read(&house, &late).await.offer.unwrap().0, free[10]);
        is_sound(&house, &[POST], &lent(&house).await).await;
        assert!(!house.free(POST).await.contains(&free[10]), "it is his while he thinks");
        earlier::take(&house.desk, &late).await.unwrap();
        let slip = read(&house, &late).await;
        assert_eq!((slip.state, slip.slot, slip.sequence), (AppointmentState::Confirmed, free[10], 1));
        assert!(!slip.waits_for_earlier);
        assert!(house.free(POST).await.contains(&free[14]), "nobody waits for his old one");
        is_sound(&house, &[POST], &lent(&house).await).await;
    }
}

#[tokio::test]
async fn who_refuses_or_lets_it_lapse_keeps_his_time_and_the_next_is_asked() {
    for house in House::everywhere().await {
        let free = house.free(POST).await;
        let early = house.books(POST, free[10]).await;
        let mut waiting = Vec::new();
        for slot in &free[14..17] {
            let token = house.books(POST, *slot).await;
            earlier::wait(&house.desk, &token, Wish::Tell).await.unwrap();
            waiting.push(token);
        }
        change::cancel(&house.desk, &early).await.unwrap();
        house.minutes_later(31);
        keep::round(&house.desk).await.unwrap();
        assert!(read(&house, &waiting[0]).await.offer.is_some(), "the first who asked");
        earlier::refuse(&house.desk, &waiting[0]).await.unwrap();
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 1);
        assert!(read(&house, &waiting[1]).await.offer.is_some());
        house.minutes_later(121);
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 1, "the second let it lapse");
        assert!(read(&house, &waiting[2]).await.offer.is_some());
        assert!(earlier::take(&house.desk, &waiting[1]).await.is_err(), "too late");
        house.minutes_later(121);
        assert_eq!(keep::round(&house.desk).await.unwrap().offered, 0);
        assert!(house.free(POST).await.contains(&free[10]), "now it is open to all");
        for (n, token) in waiting.iter().enumerate() {
            assert_eq!(read(&house, token).await.slot, free[14 + n], "each keeps his own");
        }
        is_sound(&house, &[POST], &lent(&house).await).await;
    }
}

#[tokio::test]
async fn whoever_lost_his_time_is_offered_the_first_that_becomes_free() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let lost = house.books(POST, free[0]).await;
    let desk = house.staff("desk-sec-hlt").await;
    let mut wish = AwayWish {
        post: post_id(POST),
        from: free[0].start(),
        to: free[0].start() + SignedDuration::from_hours(24 * 60),
        reason: domain::diary::displacement::AwayReason::Leave,
        authority: domain::text::Subject::parse("आदेश 3").unwrap(),
    };
    let seen = displace::preview(&house.desk, &desk, &wish).await.unwrap();
    displace::carry_out(&house.desk, &desk, &wish, &seen.mark).await.unwrap();
    assert_eq!(read(&house, &lost).await.state, AppointmentState::Waiting);
    house.desk.clock.set(wish.to);
    let free = house.free(POST).await;
    let early = house.books(POST, free[20]).await;
    house.a_moment_later();
    change::cancel(&house.desk, &early).await.unwrap();
    house.minutes_later(31);
    keep::round(&house.desk).await.unwrap();
    assert_eq!(read(&house, &lost).await.offer.unwrap().0, free[20]);
    earlier::take(&house.desk, &lost).await.unwrap();
    let slip = read(&house, &lost).await;
    assert_eq!((slip.state, slip.slot), (AppointmentState::Confirmed, free[20]), "as he stood before");
    is_sound(&house, &[POST], &lent(&house).await).await;
    wish.post = post_id("sec-edu");
    assert!(displace::preview(&house.desk, &desk, &wish).await.is_err());
}

#[tokio::test]
async fn the_slip_asks_for_an_earlier_time_and_takes_it_by_forms_alone() {
    let house = House::open().await;
    let free = house.free(POST).await;
    let early = house.books(POST, free[10]).await;
    let late = house.books(POST, free[14]).await;
    let mut phone = Browser::new(&house);
    let path = format!("/s/{late}");
    phone.get(&path).await.says("पहले का समय खाली हो तो बताएँ");
    phone.post(&format!("{path}/wait"), &[("wish", "tell")]).await;
    phone.get(&path).await.says("अब न बताएँ");
    change::cancel(&house.desk, &early).await.unwrap();
    house.minutes_later(31);
    keep::round(&house.desk).await.unwrap();
    phone.get(&path).await.says("यह समय लें");
    phone.post(&format!("{path}/earlier"), &[("answer", "take")]).await;
    let slip = read(&house, &late).await;
    assert_eq!(slip.slot, free[10]);
    assert_eq!(phone.post(&format!("{path}/earlier"), &[("answer", "perhaps")]).await.status.as_u16(), 400);
}
