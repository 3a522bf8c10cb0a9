//! Caps: as many as may come do, however many ask at once, and nobody loses what he has.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::diary::Caps;
use domain::diary::Slot;
use domain::diary::displacement::AwayReason;
use domain::notice::Language;
use domain::text::Subject;
use jiff::SignedDuration;
use jiff::civil::Date;
use sachivalaya::app::book::{self, ConfirmError};
use sachivalaya::app::book_at_once::{self, AtOnceError, Wish, book_at_once};
use sachivalaya::app::caps::{self, CapsError, CapsWish, Over};
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::hold::{HoldError, HoldWish, hold};
use sachivalaya::app::slip;
use sachivalaya::auth::Actor;
use sachivalaya::store::cap;
use sachivalaya::store::cap::day_of;

use crate::browser::Browser;
use crate::house::{House, details, post_id, wish};
use crate::sound::{is_sound, live};

const POST: &str = "sec-hlt";

async fn set(house: &House, caps: Caps, over: Over) -> Result<(), CapsError> {
    let desk = house.staff("desk-sec-hlt").await;
    caps::set(&house.desk, &desk, &CapsWish { post: post_id(POST), caps, over }).await
}

async fn a_day(house: &House, day: u16) {
    set(house, Caps { day: Some(day), citizen: None }, Over::Refuse).await.unwrap();
}

async fn a_citizen(house: &House, citizen: u16) {
    set(house, Caps { day: None, citizen: Some(citizen) }, Over::Refuse).await.unwrap();
}

/// The free times of each of the next days, today left out.
async fn days(house: &House) -> Vec<Vec<Slot>> {
    let mut days: BTreeMap<Date, Vec<Slot>> = BTreeMap::new();
    let today = day_of(house.desk.now());
    for slot in house.free(POST).await {
        let day = day_of(slot.start());
        if day > today {
            days.entry(day).or_default().push(slot);
        }
    }
    days.into_values().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_takes_as_many_as_may_come_however_many_ask_at_once() {
    for house in House::everywhere().await {
        let day = days(&house).await.swap_remove(0);
        a_day(&house, 3).await;
        // One known device, and many that come for the first time: each way of holding is capped.
        let (_, known) = house.holds("sec-edu", house.free("sec-edu").await[0]).await;
        let Actor::Citizen { session, .. } = known else { panic!("a device") };
        let mut tasks = Vec::new();
        for (n, slot) in day.iter().take(12).enumerate() {
            let session = (n == 5).then(|| session.clone());
            let (desk, wish) = (house.desk.clone(), HoldWish { session, ..wish(POST, *slot) });
            tasks.push(tokio::spawn(async move { hold(&desk, wish).await }));
        }
        let mut held = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => held += 1,
                Err(HoldError::DayFull { nearest }) => {
                    assert!(nearest.iter().all(|slot| !day.contains(slot)), "another day is shown");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(held, 3);
        let free = house.free(POST).await;
        assert!(day.iter().all(|slot| !free.contains(slot)), "a full day offers nothing");
        house.minutes_later(11);
        let free = house.free(POST).await;
        assert!(day.iter().all(|slot| free.contains(slot)), "holds that lapse count no more");
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_number_has_as_many_times_ahead_as_one_may_have() {
    for house in House::everywhere().await {
        a_citizen(&house, 2).await;
        let free = house.free(POST).await;
        let first = house.books(POST, free[10]).await;
        let helper = house.staff("desk-sec-hlt").await;
        let mut tasks = Vec::new();
        for slot in &free[20..28] {
            let (desk, helper) = (house.desk.clone(), helper.clone());
            let (post, start) = (post_id(POST), slot.start());
            let wish = Wish { post, start, details: details(), language: Language::Hindi };
            tasks.push(tokio::spawn(async move { book_at_once(&desk, &helper, &wish).await }));
        }
        let mut booked = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(book_at_once::Booking { .. }) => booked += 1,
                Err(AtOnceError::Time(HoldError::CitizenFull)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(booked, 1, "one beside the first");
        house.a_moment_later();
        let slot = house.free(POST).await[30];
        let (id, actor) = house.holds(POST, slot).await;
        book::give_details(&house.desk, &actor, &id, &details()).await.unwrap();
        let code = house.last_code().await;
        let refused = book::confirm(&house.desk, &actor, &id, &code).await.unwrap_err();
        assert!(matches!(refused, ConfirmError::CitizenFull), "{refused:?}");
        // Moving one is having no more of them; giving one back makes room.
        change::move_to(&house.desk, &first, house.free(POST).await[0].start()).await.unwrap();
        change::cancel(&house.desk, &first).await.unwrap();
        book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn who_moves_counts_once_and_a_full_day_takes_nobody_else() {
    for house in House::everywhere().await {
        let all = days(&house).await;
        a_day(&house, 1).await;
        let here = house.books(POST, all[0][0]).await;
        let there = house.books(POST, all[1][0]).await;
        change::move_to(&house.desk, &here, all[0][4].start()).await.unwrap_or_else(|error| {
            panic!("within his own day: {error:?}");
        });
        let refused = change::move_to(&house.desk, &here, all[1][4].start()).await.unwrap_err();
        assert!(matches!(refused, ChangeError::DayFull { .. }), "{refused:?}");
        change::cancel(&house.desk, &there).await.unwrap();
        change::move_to(&house.desk, &here, all[1][4].start()).await.unwrap();
        is_sound(&house, &[POST], &[]).await;
    }
}

#[tokio::test]
async fn a_cap_below_what_is_booked_is_refused_by_name_or_keeps_everybody() {
    for house in House::everywhere().await {
        let day = days(&house).await.swap_remove(0);
        let mut tokens = Vec::new();
        for slot in &day[..3] {
            tokens.push(house.books(POST, *slot).await);
        }
        let two = Caps { day: Some(2), citizen: None };
        let refused = set(&house, two, Over::Refuse).await.unwrap_err();
        let CapsError::BelowBooked { days } = refused else { panic!("{refused:?}") };
        assert_eq!(days, [(day_of(day[0].start()), 3)]);
        let mut connection = house.desk.store.read().await.unwrap();
        assert!(cap::of(&mut connection, &post_id(POST)).await.unwrap().is_none(), "nothing has changed");
        drop(connection);
        set(&house, two, Over::Keep).await.unwrap();
        assert_eq!(live(&house, &[POST]).await.len(), 3, "nobody lost his time");
        let refused = hold(&house.desk, wish(POST, day[5])).await.unwrap_err();
        assert!(matches!(refused, HoldError::DayFull { .. }), "{refused:?}");
        change::cancel(&house.desk, &tokens[0]).await.unwrap();
        assert!(hold(&house.desk, wish(POST, day[5])).await.is_err(), "two are still as many as may come");
        change::cancel(&house.desk, &tokens[1]).await.unwrap();
        house.books(POST, day[5]).await;
        for wrong in [0, 501] {
            let wrong = Caps { day: Some(wrong), citizen: None };
            assert!(matches!(set(&house, wrong, Over::Keep).await, Err(CapsError::Bounds)));
        }
        let stranger = house.staff("desk-sec-edu").await;
        let wish = CapsWish { post: post_id(POST), caps: two, over: Over::Keep };
        assert!(matches!(caps::set(&house.desk, &stranger, &wish).await, Err(CapsError::Denied(_))));
    }
}

#[tokio::test]
async fn whom_an_absence_displaces_is_spread_over_the_days_as_their_cap_allows() {
    for house in House::everywhere().await {
        let all = days(&house).await;
        a_day(&house, 2).await;
        let fallen = [house.books(POST, all[0][0]).await, house.books(POST, all[0][1]).await];
        house.books(POST, all[1][3]).await;
        let desk = house.staff("desk-sec-hlt").await;
        let from = all[0][0].start();
        let away = AwayWish {
            post: post_id(POST),
            from,
            to: from + SignedDuration::from_hours(9),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let seen = displace::preview(&house.desk, &desk, &away).await.unwrap();
        displace::carry_out(&house.desk, &desk, &away, &seen.mark).await.unwrap();
        let mut to = Vec::new();
        for token in &fallen {
            to.push(day_of(slip::slip(&house.desk, token).await.unwrap().unwrap().slot.start()));
        }
        assert_eq!(to, [day_of(all[1][0].start()), day_of(all[2][0].start())]);
        let mut connection = house.desk.store.read().await.unwrap();
        let week = (from, from + SignedDuration::from_hours(24 * 14));
        let mut on: BTreeMap<Date, u32> = BTreeMap::new();
        for (day, _) in cap::counted(&mut connection, &post_id(POST), week, house.desk.now()).await.unwrap() {
            *on.entry(day).or_default() += 1;
        }
        assert!(on.values().all(|count| *count <= 2), "{on:?}");
    }
}

#[tokio::test]
async fn the_desk_sets_caps_by_a_form_and_people_are_told_in_words() {
    let house = House::open().await;
    let day = days(&house).await.swap_remove(0);
    for slot in &day[..2] {
        house.books(POST, *slot).await;
    }
    let mut desk = Browser::with_session(&house, &house.cookie("desk-sec-hlt").await);
    let path = "/desk/caps/sec-hlt";
    desk.get("/desk").await.says(path);
    desk.get(path).await.says("एक दिन में अधिकतम");
    desk.post(path, &[("day", "बहुत"), ("citizen", "")]).await.says("1 से 500 तक की संख्या लिखें");
    let asked = desk.post(path, &[("day", "१"), ("citizen", "2")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    asked.says("सबका समय रहने दें, संख्या घटाएँ");
    let done = desk.post(path, &[("day", "1"), ("citizen", "2"), ("keep", "1")]).await.location().to_owned();
    desk.get(&done).await.says("संख्या तय हो गई");
    let mut phone = Browser::new(&house);
    let start = day[4].start().as_millisecond().to_string();
    let refused = phone.post("/hold", &[("post", POST), ("start", &start)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.says("उस दिन जितने लोग मिल सकते हैं, उतने हो चुके हैं");
    house.a_moment_later();
    let (id, actor) = house.holds(POST, days(&house).await[0][0]).await;
    book::give_details(&house.desk, &actor, &id, &details()).await.unwrap();
    let code = house.last_code().await;
    assert!(matches!(book::confirm(&house.desk, &actor, &id, &code).await, Err(ConfirmError::CitizenFull)));
}
