//! The door of a meeting: a link shows it, the last four digits open it, and nothing else does.

use sachivalaya::app::book::{self, Details};
use sachivalaya::app::door::{self, ComeInError, DoorState};
use sachivalaya::app::{change, session, slip};
use sachivalaya::auth::Actor;
use sachivalaya::auth::policy::{Act, allows};

use crate::house::{House, details};

/// The token of the door of an appointment booked with the Health Secretary, and that of its slip.
async fn a_door(house: &House) -> (String, String) {
    let slot = house.free("sec-hlt").await[0];
    let slip_token = house.books("sec-hlt", slot).await;
    let slip = slip::slip(&house.desk, &slip_token).await.unwrap().unwrap();
    (slip.join_token.expect("a video appointment has a door"), slip_token)
}

#[tokio::test]
async fn a_link_alone_shows_the_door_and_the_right_digits_open_it_for_that_device() {
    for house in House::everywhere().await {
        let (token, _) = a_door(&house).await;
        let door = door::by_link(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(door.state, DoorState::Open);
        assert!(allows(&Actor::Anyone, Act::OpenDoor, &door.by_link()).is_ok());
        assert!(allows(&Actor::Anyone, Act::EnterMeeting, &door.inside()).is_err(), "a link is not enough");

        let cookie = door::come_in(&house.desk, None, &token, "१२ ३४").await.unwrap().expect("a new device");
        let device = session::actor(&house.desk, Some(&cookie)).await.unwrap();
        assert!(allows(&device, Act::EnterMeeting, &door.inside()).is_ok());
        assert!(allows(&device, Act::Admit, &door.inside()).is_err(), "known is not admitted");
        let again = door::come_in(&house.desk, device.session(), &token, "1234").await.unwrap();
        assert_eq!(again, None, "a known device keeps its session");
    }
}

#[tokio::test]
async fn five_wrong_digits_close_the_door_for_a_quarter_of_an_hour_even_to_the_right_ones() {
    for house in House::everywhere().await {
        let (token, _) = a_door(&house).await;
        for left in [4, 3, 2, 1] {
            let wrong = door::come_in(&house.desk, None, &token, "9999").await.unwrap_err();
            assert!(matches!(wrong, ComeInError::Wrong { tries_left } if tries_left == left), "{wrong}");
        }
        for digits in ["9999", "1234"] {
            let shut = door::come_in(&house.desk, None, &token, digits).await.unwrap_err();
            assert!(matches!(shut, ComeInError::TooManyTries), "{shut}");
        }
        house.minutes_later(15);
        assert!(door::come_in(&house.desk, None, &token, "1234").await.is_ok());
    }
}

#[tokio::test]
async fn what_is_not_four_digits_costs_no_try() {
    let house = House::open().await;
    let (token, _) = a_door(&house).await;
    for typed in ["", "123", "12345", "abcd", "\u{202e}1"] {
        let refused = door::come_in(&house.desk, None, &token, typed).await.unwrap_err();
        assert!(matches!(refused, ComeInError::NotDigits), "{typed:?}: {refused}");
    }
    let wrong = door::come_in(&house.desk, None, &token, "9999").await.unwrap_err();
    assert!(matches!(wrong, ComeInError::Wrong { tries_left: 4 }));
}

#[tokio::test]
async fn other_tokens_open_no_door() {
    let house = House::open().await;
    let (_, slip_token) = a_door(&house).await;
    for token in [slip_token.as_str(), "", "k7qm2xwp4hrd9tab", "../../etc"] {
        assert!(door::by_link(&house.desk, token).await.unwrap().is_none(), "{token}");
        let refused = door::come_in(&house.desk, None, token, "1234").await.unwrap_err();
        assert!(matches!(refused, ComeInError::NoDoor), "{token}: {refused}");
    }
}

#[tokio::test]
async fn a_withdrawn_appointment_says_so_at_its_door() {
    let house = House::open().await;
    let (token, slip_token) = a_door(&house).await;
    change::cancel(&house.desk, &slip_token).await.unwrap();
    // Links of what is over may be gone altogether; a door that still shows must not say that it is open.
    if let Some(door) = door::by_link(&house.desk, &token).await.unwrap() {
        assert_eq!(door.state, DoorState::Never);
    }
}

#[tokio::test]
async fn the_staff_of_the_post_finds_the_door_by_its_meeting() {
    let house = House::open().await;
    let (token, _) = a_door(&house).await;
    let meeting = door::by_link(&house.desk, &token).await.unwrap().unwrap().meeting.expect("it is fixed");
    let door = door::of_meeting(&house.desk, &meeting).await.unwrap().unwrap();
    let (officer, other) = (house.staff("sec-hlt").await, house.staff("sec-edu").await);
    assert!(allows(&officer, Act::EnterMeeting, &door.inside()).is_ok());
    assert!(allows(&officer, Act::EndMeeting, &door.inside()).is_ok());
    assert!(allows(&other, Act::EnterMeeting, &door.inside()).is_err(), "another secretary stays outside");
}

#[tokio::test]
async fn a_meeting_in_the_office_has_no_door_here() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let (id, actor) = house.holds("sec-hlt", slot).await;
    let wish = Details { channel: "in_person".into(), ..details() };
    book::give_details(&house.desk, &actor, &id, &wish).await.unwrap();
    let code = house.last_code().await;
    let booked = book::confirm(&house.desk, &actor, &id, &code).await.unwrap();
    let slip = slip::slip(&house.desk, &booked.slip_token).await.unwrap().unwrap();
    assert_eq!(slip.join_token, None);
}
