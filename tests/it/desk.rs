//! Screening at the desk: who may decide, and what the citizen gets.

use domain::diary::{AppointmentState, DeclineReason};
use domain::id::AppointmentId;
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::screen::{self, ScreenError};
use sachivalaya::app::slip;

use crate::house::{House, post_id};

async fn request(house: &House) -> (AppointmentId, String) {
    let slot = house.free("min-hlt").await[0];
    let token = house.books("min-hlt", slot).await;
    (slip::slip(&house.desk, &token).await.unwrap().unwrap().appointment, token)
}

#[tokio::test]
async fn the_private_secretary_accepts_and_the_invitation_goes_out() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let secretary = house.staff("ps-hlt").await;
        let waiting = screen::worklist(&house.desk, &secretary, &post_id("min-hlt")).await.unwrap();
        assert_eq!(waiting.requests.len(), 1);
        screen::accept(&house.desk, &secretary, &id).await.unwrap();
        assert_eq!(
            slip::slip(&house.desk, &token).await.unwrap().unwrap().state,
            AppointmentState::Confirmed
        );
        assert!(house.told().await.contains(&"mail:confirmed".to_owned()));
        let again = screen::accept(&house.desk, &secretary, &id).await.unwrap_err();
        assert!(matches!(again, ScreenError::Impossible(_)), "a second tab's click changes nothing");
    }
}

#[tokio::test]
async fn another_office_can_neither_read_nor_decide() {
    let house = House::open().await;
    let (id, _) = request(&house).await;
    for other in ["ps-edu", "desk-sec-hlt", "sec-hlt", "cs"] {
        let stranger = house.staff(other).await;
        let read = screen::worklist(&house.desk, &stranger, &post_id("min-hlt")).await;
        assert!(matches!(read, Err(ScreenError::Denied(_))), "{other}");
        assert!(
            matches!(screen::accept(&house.desk, &stranger, &id).await, Err(ScreenError::Denied(_))),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_refusal_has_a_reason_and_gives_the_time_back() {
    let house = House::open().await;
    let (id, token) = request(&house).await;
    let secretary = house.staff("ps-hlt").await;
    let other = Some(post_id("sec-hlt"));
    screen::decline(&house.desk, &secretary, &id, (DeclineReason::OtherOffice, other)).await.unwrap();
    let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    assert_eq!((slip.state, slip.reason), (AppointmentState::Declined, Some(DeclineReason::OtherOffice)));
    assert!(slip.alternative.is_some());
    assert!(house.free("min-hlt").await.contains(&slip.slot));
}

#[tokio::test]
async fn another_time_is_kept_for_the_citizen_until_he_answers() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let secretary = house.staff("ps-hlt").await;
        let offered = house.free("min-hlt").await[3];
        screen::propose(&house.desk, &secretary, &id, &[offered.start()]).await.unwrap();
        assert!(!house.free("min-hlt").await.contains(&offered), "nobody else can take it meanwhile");
        assert!(house.told().await.contains(&"sms:proposed".to_owned()));
        change::take_proposal(&house.desk, &token, None).await.unwrap();
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(
            (slip.state, slip.slot, slip.proposed),
            (AppointmentState::Confirmed, offered, Vec::new())
        );
    }
}

#[tokio::test]
async fn a_proposal_that_lapsed_and_went_to_another_is_not_confirmed_twice() {
    let house = House::open().await;
    let (id, token) = request(&house).await;
    let secretary = house.staff("ps-hlt").await;
    let offered = *house.free("min-hlt").await.last().unwrap();
    screen::propose(&house.desk, &secretary, &id, &[offered.start()]).await.unwrap();
    house.minutes_later(60 * 24 + 1);
    house.books("min-hlt", offered).await;
    let late = change::take_proposal(&house.desk, &token, None).await.unwrap_err();
    assert!(matches!(late, ChangeError::SlotTaken { .. }), "{late:?}");
    assert_eq!(slip::slip(&house.desk, &token).await.unwrap().unwrap().state, AppointmentState::Proposed);
}
