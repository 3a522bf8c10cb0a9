//! Many hands on one slot: the database lets exactly one of them have it.

use std::collections::BTreeSet;

use domain::diary::nearest;
use domain::id::PostId;
use jiff::SignedDuration;
use sachivalaya::app::hold::{HoldError, HoldWish, hold};

use crate::house::{House, wish};

const CITIZENS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_citizens_who_want_one_slot_one_gets_it_and_199_are_told_where_else() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let wanting: Vec<_> = (0..CITIZENS)
            .map(|_| {
                let desk = house.desk.clone();
                tokio::spawn(async move { hold(&desk, wish("sec-hlt", slot)).await })
            })
            .collect();
        let (mut won, mut told) = (0, 0);
        for one in wanting {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(HoldError::SlotTaken { nearest }) => {
                    assert_eq!(nearest.len(), 3, "the three nearest free times are offered");
                    assert!(!nearest.contains(&slot));
                    told += 1;
                }
                Err(other) => panic!("{:?}: {other:?}", house.desk.store.dialect()),
            }
        }
        assert_eq!((won, told), (1, CITIZENS - 1), "{:?}", house.desk.store.dialect());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_posts_of_one_person_cannot_be_booked_for_the_same_minutes() {
    for house in House::everywhere().await {
        // General Administration and Vigilance are held by one person in the demo.
        let slot = house.free("sec-gad").await[0];
        assert!(house.free("sec-vig").await.contains(&slot), "both posts offer it");
        let wanting: Vec<_> = ["sec-gad", "sec-vig", "sec-par"]
            .into_iter()
            .cycle()
            .take(30)
            .map(|post| {
                let desk = house.desk.clone();
                tokio::spawn(async move { hold(&desk, wish(post, slot)).await })
            })
            .collect();
        let mut won = 0;
        for one in wanting {
            match one.await.unwrap() {
                Ok(_) => won += 1,
                Err(HoldError::SlotTaken { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        assert!(!house.free("sec-vig").await.contains(&slot), "the other post no longer offers it");
        assert!(house.free("sec-hlt").await.contains(&slot), "another person's post still does");
    }
}

/// The device of a first hold asks for these times at once; what came of each.
async fn at_once(house: &House, slots: &[domain::diary::Slot]) -> Vec<Result<String, HoldError>> {
    let free = house.free("sec-edu").await;
    let (_, actor) = house.holds("sec-edu", free[0]).await;
    let session = actor.session().cloned();
    let asking: Vec<_> = slots
        .iter()
        .map(|slot| {
            let (desk, wish) =
                (house.desk.clone(), HoldWish { session: session.clone(), ..wish("sec-hlt", *slot) });
            tokio::spawn(async move { hold(&desk, wish).await.map(|held| held.appointment.to_string()) })
        })
        .collect();
    let mut got = Vec::new();
    for one in asking {
        got.push(one.await.unwrap());
    }
    got
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_that_is_sent_many_times_at_once_finds_one_answer() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let got: BTreeSet<String> =
            at_once(&house, &[slot; 10]).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(got.len(), 1, "{:?}", house.desk.store.dialect());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_device_that_asks_for_many_times_at_once_holds_three() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let got = at_once(&house, &slots[..10]).await;
        let held = got.iter().filter(|one| one.is_ok()).count();
        assert_eq!(held, 2, "the first was held before: {:?}", house.desk.store.dialect());
        assert!(got.iter().all(|one| matches!(one, Ok(_) | Err(HoldError::TooManyHolds))));
    }
}

#[tokio::test]
async fn the_nearest_times_are_those_that_a_look_at_all_of_them_finds() {
    let house = House::open().await;
    let free = house.free("sec-hlt").await;
    for taken in [0, 3, 17] {
        hold(&house.desk, wish("sec-hlt", free[taken])).await.unwrap();
    }
    let kept = house.desk.diaries.of(&house.desk, &PostId::parse("sec-hlt").unwrap()).await.unwrap().unwrap();
    let open = kept.open_slots(house.desk.now());
    let (first, last) = (open[0].start(), open[open.len() - 1].start());
    let beyond = SignedDuration::from_hours(24 * 40);
    let between = open.iter().map(|slot| slot.start() + SignedDuration::from_mins(7));
    let wanted = between
        .chain([first - beyond, first, last, last + beyond])
        .chain(free.iter().map(|slot| slot.start()));
    for wanted in wanted {
        for count in [0, 1, 3, 8] {
            let found = kept.nearest(wanted, count, house.desk.now());
            assert_eq!(found, nearest(&open, wanted, count), "{wanted} {count}");
        }
    }
}
