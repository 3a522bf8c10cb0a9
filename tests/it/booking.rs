//! A citizen's booking, from the free time to the slip and what may be done with it.

use domain::diary::AppointmentState;
use domain::notice::What;
use sachivalaya::app::book::{self, ConfirmError, Details, DetailsError, FieldFault};
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::hold::{HoldError, HoldWish, hold};
use sachivalaya::app::{directory, slip};

use crate::house::{House, details, post_id, wish};

#[tokio::test]
async fn an_officer_is_booked_at_once_and_the_citizen_is_told_by_message_and_mail() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let token = house.books("sec-hlt", slot).await;
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(slip.state, AppointmentState::Confirmed);
        assert_eq!(slip.slot, slot);
        assert!(slip.join_token.is_some() && slip.meeting.is_some(), "a video appointment has a door");
        assert!(slip.reference.starts_with("ES26-"));
        let told = house.told().await;
        assert!(told.contains(&"sms:confirmed".to_owned()) && told.contains(&"mail:confirmed".to_owned()));
        assert!(!house.free("sec-hlt").await.contains(&slot));
    }
}

#[tokio::test]
async fn a_minister_is_asked_first_and_the_desk_is_told() {
    let house = House::open().await;
    let slot = house.free("min-hlt").await[0];
    let token = house.books("min-hlt", slot).await;
    let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    assert_eq!(slip.state, AppointmentState::Requested);
    assert_eq!(slip.join_token, None, "no door before it is fixed");
    let told = house.told().await;
    assert!(told.contains(&"mail:desk_request".to_owned()) && told.contains(&"sms:requested".to_owned()));
    assert!(!house.free("min-hlt").await.contains(&slot), "a request holds its slot");
}

#[tokio::test]
async fn a_hold_that_runs_out_gives_the_time_back_and_says_so() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[6];
        let (id, actor) = house.holds("sec-hlt", slot).await;
        assert!(!house.free("sec-hlt").await.contains(&slot));
        book::give_details(&house.desk, &actor, &id, &details()).await.unwrap();
        let code = house.last_code().await;
        house.minutes_later(10);
        assert!(house.free("sec-hlt").await.contains(&slot));
        let late = book::confirm(&house.desk, &actor, &id, &code).await.unwrap_err();
        assert!(matches!(late, ConfirmError::HoldExpired { nearest, .. } if nearest.contains(&slot)));
        house.books("sec-hlt", slot).await;
        let later = book::confirm(&house.desk, &actor, &id, &code).await.unwrap_err();
        assert!(matches!(later, ConfirmError::HoldExpired { nearest, .. } if !nearest.contains(&slot)));
    }
}

#[tokio::test]
async fn a_wrong_code_counts_down_and_five_wrong_ones_end_it() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (id, actor) = house.holds("sec-hlt", slot).await;
    book::give_details(&house.desk, &actor, &id, &details()).await.unwrap();
    let code = house.last_code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1] {
        let said = book::confirm(&house.desk, &actor, &id, wrong).await.unwrap_err();
        assert!(matches!(said, ConfirmError::WrongCode { tries_left } if tries_left == left), "{said:?}");
    }
    let ended = book::confirm(&house.desk, &actor, &id, wrong).await.unwrap_err();
    assert!(matches!(ended, ConfirmError::TooManyTries));
    let right = book::confirm(&house.desk, &actor, &id, &code).await.unwrap_err();
    assert!(matches!(right, ConfirmError::TooManyTries), "the right code comes too late");
    house.a_moment_later();
    book::send_code_again(&house.desk, &actor, &id).await.unwrap();
    let fresh = house.last_code().await;
    book::confirm(&house.desk, &actor, &id, &fresh).await.unwrap();
}

#[tokio::test]
async fn a_replayed_form_finds_its_first_answer() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (id, actor) = house.holds("sec-hlt", slot).await;
    let session = actor.session().cloned();
    let again = hold(&house.desk, HoldWish { session, ..wish("sec-hlt", slot) }).await.unwrap();
    assert_eq!(again.appointment, id);
    book::give_details(&house.desk, &actor, &id, &details()).await.unwrap();
    let code = house.last_code().await;
    let first = book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
    let second = book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
    assert_eq!(first.slip_token, second.slip_token);
    let confirmed = house.told().await.iter().filter(|t| *t == "sms:confirmed").count();
    assert_eq!(confirmed, 1, "nobody is told twice");
}

#[tokio::test]
async fn every_field_that_needs_mending_is_named_at_once_and_the_hold_stays() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (id, actor) = house.holds("sec-hlt", slot).await;
    let bad = Details {
        name: "x".repeat(81),
        mobile: "12".into(),
        mail: "not an address".into(),
        subject: "ठ".repeat(201),
        channel: "smoke".into(),
        category: "giant".into(),
    };
    let Err(DetailsError::Fields(faults)) = book::give_details(&house.desk, &actor, &id, &bad).await else {
        panic!("it must be refused")
    };
    assert_eq!(faults.len(), 6, "{faults:?}");
    assert!(faults.contains(&FieldFault::Channel));
    assert!(book::draft(&house.desk, &id).await.unwrap().unwrap().expires_at.is_some());
}

#[tokio::test]
async fn unknown_vacant_and_past_times_are_refused_each_in_its_own_way() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    assert!(matches!(hold(&house.desk, wish("sec-nobody", slot)).await, Err(HoldError::UnknownPost)));
    assert!(matches!(hold(&house.desk, wish("sec-cav", slot)).await, Err(HoldError::Closed)));
    assert!(matches!(hold(&house.desk, wish("desk-sec-hlt", slot)).await, Err(HoldError::Closed)));
    house.minutes_later(60 * 24 * 3);
    assert!(matches!(hold(&house.desk, wish("sec-hlt", slot)).await, Err(HoldError::PastTime { .. })));
    assert!(directory::free_days(&house.desk, &post_id("sec-nobody"), 14).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_device_holds_at_most_three_times() {
    let house = House::open().await;
    let slots = house.free("sec-hlt").await;
    let (_, actor) = house.holds("sec-hlt", slots[0]).await;
    let session = actor.session().cloned();
    for slot in &slots[1..3] {
        hold(&house.desk, HoldWish { session: session.clone(), ..wish("sec-hlt", *slot) }).await.unwrap();
    }
    let fourth = hold(&house.desk, HoldWish { session, ..wish("sec-hlt", slots[3]) }).await;
    assert!(matches!(fourth, Err(HoldError::TooManyHolds)));
}

#[tokio::test]
async fn a_move_keeps_the_uid_raises_the_sequence_and_frees_the_old_time() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let token = house.books("sec-hlt", slots[0]).await;
        house.books("sec-hlt", slots[1]).await;
        let taken = change::move_to(&house.desk, &token, slots[1].start()).await.unwrap_err();
        assert!(matches!(taken, ChangeError::SlotTaken { .. }));
        assert_eq!(
            slip::slip(&house.desk, &token).await.unwrap().unwrap().slot,
            slots[0],
            "the old time is kept"
        );
        change::move_to(&house.desk, &token, slots[2].start()).await.unwrap();
        let moved = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!((moved.slot, moved.sequence), (slots[2], 1));
        let visits: Vec<_> = house
            .outbox()
            .await
            .into_iter()
            .filter_map(|n| match n.what {
                What::Confirmed { visit } | What::Moved { visit, .. }
                    if visit.reference == moved.reference =>
                {
                    Some((visit.uid, visit.sequence))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            visits.iter().map(|v| &v.0).collect::<std::collections::BTreeSet<_>>().len(),
            1,
            "one UID"
        );
        assert_eq!(visits.iter().map(|v| v.1).max(), Some(1));
        assert!(house.free("sec-hlt").await.contains(&slots[0]));
    }
}

#[tokio::test]
async fn a_withdrawal_frees_the_time_and_withdrawing_twice_is_once() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    change::cancel(&house.desk, &token).await.unwrap();
    change::cancel(&house.desk, &token).await.unwrap();
    assert!(house.free("sec-hlt").await.contains(&slot));
    assert_eq!(slip::slip(&house.desk, &token).await.unwrap().unwrap().state, AppointmentState::Cancelled);
    assert_eq!(house.told().await.iter().filter(|t| *t == "mail:cancelled").count(), 1);
    assert!(matches!(change::cancel(&house.desk, "nosuchlink").await, Err(ChangeError::UnknownLink)));
}

#[tokio::test]
async fn a_department_is_found_in_latin_and_devanagari() {
    let house = House::open().await;
    for query in ["swasthya", "स्वास्थ्य", "Health"] {
        let found = directory::search(&house.desk, query).await.unwrap();
        assert!(found.iter().take(3).any(|p| p.id == post_id("sec-hlt")), "{query}: {found:?}");
        assert!(found.iter().all(|p| p.mode != domain::office::BookingMode::Closed));
    }
}
