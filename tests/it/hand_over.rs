//! A post that changes hands: its appointments stay with it, and no person is to be met twice at once.

use domain::diary::displacement::AwayReason;
use domain::diary::{AppointmentState, Slot};
use domain::id::PersonId;
use domain::office::{Charge, holder_at, ist};
use domain::text::Subject;
use jiff::ToSpan;
use jiff::civil::Date;
use sachivalaya::app::book::{self, DetailsError};
use sachivalaya::app::displace::{self, AwayWish, DisplaceError};
use sachivalaya::app::hand_over::{self, HandOver, HandOverError};
use sachivalaya::app::hold::{HoldError, hold};
use sachivalaya::app::{keep, slip, undo};
use sachivalaya::store::office;

use crate::house::{House, details, post_id, wish};
use crate::sound::{is_held_by_whom_it_says, is_sound};

const POSTS: [&str; 2] = ["sec-hlt", "sec-edu"];

async fn holder(house: &House, post: &str) -> PersonId {
    let mut connection = house.desk.store.read().await.unwrap();
    let history = office::history(&mut connection, &post_id(post)).await.unwrap();
    holder_at(&history, &post_id(post), house.desk.now()).unwrap().person
}

fn in_days(house: &House, days: i64) -> Date {
    house.desk.now().to_zoned(ist()).date().saturating_add(days.days())
}

/// Health goes to whoever holds Education, so many days on.
async fn to_education(house: &House, days: i64) -> HandOver {
    HandOver {
        post: post_id("sec-hlt"),
        person: Some(holder(house, "sec-edu").await),
        charge: Charge::Regular,
        on: in_days(house, days),
        authority: Subject::parse("आदेश 9").unwrap(),
    }
}

/// Times from that day on that both posts offer.
async fn common(house: &House, day: Date) -> Vec<Slot> {
    let theirs = house.free("sec-edu").await;
    let mut both = house.free("sec-hlt").await;
    both.retain(|slot| theirs.contains(slot) && slot.start().to_zoned(ist()).date() >= day);
    both
}

async fn read(house: &House, token: &str) -> slip::Slip {
    slip::slip(&house.desk, token).await.unwrap().unwrap()
}

async fn all_is_well(house: &House) {
    is_sound(house, &POSTS, &[]).await;
    is_held_by_whom_it_says(house, &POSTS).await;
}

#[tokio::test]
async fn appointments_stay_with_the_post_and_take_the_new_holders_minutes_from_midnight_on() {
    for house in House::everywhere().await {
        let wish_for = to_education(&house, 2).await;
        let both = common(&house, in_days(&house, 0)).await;
        let before = both.iter().find(|slot| slot.start().to_zoned(ist()).date() < wish_for.on).copied();
        let after = both.iter().find(|slot| slot.start().to_zoned(ist()).date() >= wish_for.on).copied();
        let (before, after) = (before.unwrap(), after.unwrap());
        let tokens = [house.books("sec-hlt", before).await, house.books("sec-hlt", after).await];
        let shown = hand_over::preview(&house.desk, &wish_for).await.unwrap();
        assert_eq!(shown.hit, []);
        assert!(house.free("sec-edu").await.contains(&after), "a preview changes nothing");
        hand_over::carry_out(&house.desk, &wish_for).await.unwrap();
        for (token, slot) in tokens.iter().zip([before, after]) {
            let slip = read(&house, token).await;
            assert_eq!((slip.slot, slip.sequence, slip.state), (slot, 0, AppointmentState::Confirmed));
        }
        let theirs = house.free("sec-edu").await;
        assert!(theirs.contains(&before), "until midnight another answers for it");
        assert!(!theirs.contains(&after), "from then on these are his own minutes");
        let refused = hold(&house.desk, wish("sec-edu", after)).await.unwrap_err();
        assert!(matches!(refused, HoldError::SlotTaken { .. }), "{refused:?}");
        all_is_well(&house).await;
    }
}

#[tokio::test]
async fn whom_the_new_holder_would_meet_twice_at_once_is_given_another_time_and_nobody_is_lost() {
    for house in House::everywhere().await {
        let wish_for = to_education(&house, 2).await;
        let at = common(&house, wish_for.on).await[0];
        let theirs = house.books("sec-edu", at).await;
        let ours = house.books("sec-hlt", at).await;
        let (held, actor) = {
            let other = common(&house, wish_for.on).await[3];
            house.books("sec-edu", other).await;
            house.a_moment_later();
            house.holds("sec-hlt", other).await
        };
        let shown = hand_over::preview(&house.desk, &wish_for).await.unwrap();
        assert_eq!(shown.hit.len(), 1);
        assert_eq!(read(&house, &ours).await.slot, at, "a preview changes nothing");
        let done = hand_over::carry_out(&house.desk, &wish_for).await.unwrap();
        assert_eq!(done, shown);
        let moved = read(&house, &ours).await;
        assert_eq!((moved.state, moved.sequence), (AppointmentState::Confirmed, 1));
        assert_eq!(Some(moved.slot), done.hit[0].2);
        assert!(moved.displaced.is_some_and(|d| d.was == at && d.reason == AwayReason::Handover));
        let stays = read(&house, &theirs).await;
        assert_eq!((stays.slot, stays.sequence), (at, 0));
        assert!(house.told().await.contains(&"sms:displaced".to_owned()));
        let late = book::give_details(&house.desk, &actor, &held, &details()).await.unwrap_err();
        assert!(matches!(late, DetailsError::AlreadyBooked { .. } | DetailsError::HoldExpired { .. }));
        all_is_well(&house).await;
    }
}

#[tokio::test]
async fn a_change_of_hands_in_the_middle_of_a_displacement_loses_nobody() {
    for house in House::everywhere().await {
        let wish_for = to_education(&house, 2).await;
        let at = common(&house, wish_for.on).await[0];
        let ours = house.books("sec-hlt", at).await;
        let desk = house.staff("desk-sec-hlt").await;
        let away = AwayWish {
            post: post_id("sec-hlt"),
            from: at.start(),
            to: at.end(),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        let done = displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap();
        let interim = read(&house, &ours).await.slot;
        // Meanwhile somebody has the old time with the other post, and the charge is handed over.
        let theirs = house.books("sec-edu", at).await;
        hand_over::carry_out(&house.desk, &wish_for).await.unwrap();
        let undone = undo::undo(&house.desk, &desk, &done.absence).await.unwrap();
        assert_eq!((undone.restored, undone.kept), (0, 1), "that time is another's now");
        assert_eq!(read(&house, &ours).await.slot, interim);
        assert_eq!(read(&house, &theirs).await.slot, at);
        all_is_well(&house).await;
        // A preview from before the change of hands is refused.
        let away = AwayWish { from: interim.start(), to: interim.end(), ..away };
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        let vacant = HandOver { person: None, on: in_days(&house, 5), ..wish_for };
        hand_over::carry_out(&house.desk, &vacant).await.unwrap();
        let refused = displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap_err();
        assert!(matches!(refused, DisplaceError::Overtaken), "{refused:?}");
        all_is_well(&house).await;
    }
}

#[tokio::test]
async fn what_a_race_writes_in_the_name_of_who_has_left_is_mended_by_the_house() {
    for house in House::everywhere().await {
        let wish_for = to_education(&house, 2).await;
        let at = common(&house, wish_for.on).await[0];
        house.books("sec-hlt", at).await;
        let before = holder(&house, "sec-hlt").await;
        hand_over::carry_out(&house.desk, &wish_for).await.unwrap();
        let mut tx = house.desk.store.write().await.unwrap();
        sqlx::query("update claim_cell set person_id = $1 where post_id = 'sec-hlt'")
            .bind(before.as_str())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(keep::round(&house.desk).await.unwrap().mended, 1);
        assert_eq!(keep::round(&house.desk).await.unwrap().mended, 0);
        all_is_well(&house).await;
    }
}

#[tokio::test]
async fn a_charge_is_handed_over_at_a_midnight_ahead_to_one_person_who_is_known() {
    let house = House::open().await;
    let good = to_education(&house, 1).await;
    for on in [in_days(&house, 0), in_days(&house, -1), in_days(&house, 400)] {
        let wish = HandOver { on, ..good.clone() };
        assert!(matches!(hand_over::carry_out(&house.desk, &wish).await, Err(HandOverError::Day)), "{on}");
    }
    let wish = HandOver { person: Some(PersonId::parse("nobody").unwrap()), ..good.clone() };
    let refused = hand_over::carry_out(&house.desk, &wish).await.unwrap_err();
    assert!(matches!(refused, HandOverError::UnknownPerson(_)));
    let wish = HandOver { post: post_id("sec-nothing"), ..good.clone() };
    let refused = hand_over::carry_out(&house.desk, &wish).await.unwrap_err();
    assert!(matches!(refused, HandOverError::UnknownPost(_)));
    hand_over::carry_out(&house.desk, &good).await.unwrap();
    let twice = hand_over::carry_out(&house.desk, &good).await.unwrap_err();
    assert!(matches!(twice, HandOverError::TwoHolders), "{twice:?}");
}
