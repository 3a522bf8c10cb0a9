//! Screening at the desk: who may decide, and what the citizen gets.

use domain::diary::{AppointmentState, DeclineReason};
use domain::id::AppointmentId;
use domain::text::Subject;
use sachivalaya::app::change::{self, ChangeError};
use sachivalaya::app::screen::{self, ScreenError};
use sachivalaya::app::slip;
use sachivalaya::app::{ask, keep, redirect};

use crate::browser::Browser;
use crate::house::{House, post_id};
use crate::sound::is_sound;

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

#[tokio::test]
async fn the_citizen_takes_one_of_three_times_and_the_others_are_free_again() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let secretary = house.staff("ps-hlt").await;
        let free = house.free("min-hlt").await;
        let three = [free[2], free[4], free[6]];
        let starts = three.map(|slot| slot.start());
        screen::propose(&house.desk, &secretary, &id, &starts).await.unwrap();
        is_sound(&house, &["min-hlt"], &[]).await;
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(slip.proposed, three);
        let four = [free[2], free[3], free[4], free[5]].map(|slot| slot.start());
        assert!(screen::propose(&house.desk, &secretary, &id, &four).await.is_err());
        change::take_proposal(&house.desk, &token, Some(starts[1])).await.unwrap();
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!((slip.state, slip.slot), (AppointmentState::Confirmed, three[1]));
        let now_free = house.free("min-hlt").await;
        assert!(now_free.contains(&three[0]) && now_free.contains(&three[2]));
        is_sound(&house, &["min-hlt"], &[]).await;
    }
}

#[tokio::test]
async fn a_redirected_request_keeps_its_number_and_its_place_and_gets_the_other_posts_time() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let before = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        let secretary = house.staff("ps-hlt").await;
        let (to, reason) = (post_id("min-edu"), DeclineReason::OtherOffice);
        redirect::redirect(&house.desk, &secretary, &id, (&to, reason)).await.unwrap();
        let after = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!((&after.reference, &after.appointment), (&before.reference, &before.appointment));
        assert_eq!((after.state, after.sequence), (AppointmentState::Requested, 1));
        assert_eq!(after.post.id, to);
        assert!(house.free("min-hlt").await.contains(&before.slot), "the first post's time is free again");
        assert!(!house.free("min-edu").await.contains(&after.slot));
        let told = house.told().await;
        assert!(told.contains(&"sms:redirected".to_owned()));
        let other = house.staff("ps-edu").await;
        let list = screen::worklist(&house.desk, &other, &to).await.unwrap();
        assert_eq!(list.requests[0].reference, before.reference);
        assert!(matches!(screen::accept(&house.desk, &secretary, &id).await, Err(ScreenError::Denied(_))));
        screen::accept(&house.desk, &other, &id).await.unwrap();
        is_sound(&house, &["min-hlt", "min-edu"], &[]).await;
    }
}

#[tokio::test]
async fn a_question_goes_to_the_citizen_and_its_answer_to_the_desk_and_the_time_is_kept() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let secretary = house.staff("ps-hlt").await;
        let text = Subject::parse("किस प्रखंड का मामला है?").unwrap();
        ask::ask(&house.desk, &secretary, &id, &text).await.unwrap();
        let again = ask::ask(&house.desk, &secretary, &id, &text).await.unwrap_err();
        assert!(matches!(again, ScreenError::Impossible(_)), "one question at a time");
        let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
        assert_eq!(slip.state, AppointmentState::Requested);
        assert_eq!(slip.answer_due_at, None, "the desk has answered; now the citizen does");
        assert!(house.told().await.contains(&"sms:question".to_owned()));
        ask::answer(&house.desk, &token, &Subject::parse("सकरा").unwrap()).await.unwrap();
        let list = screen::worklist(&house.desk, &secretary, &post_id("min-hlt")).await.unwrap();
        assert_eq!(list.requests[0].questions[0].answer.as_deref(), Some("सकरा"));
        assert!(list.requests[0].answer_due_at.is_some(), "the clock runs again");
        is_sound(&house, &["min-hlt"], &[]).await;
    }
}

#[tokio::test]
async fn another_request_of_the_same_person_is_shown_and_never_refused() {
    let house = House::open().await;
    request(&house).await;
    let slot = house.free("sec-edu").await[0];
    house.books("sec-edu", slot).await;
    let secretary = house.staff("ps-hlt").await;
    let list = screen::worklist(&house.desk, &secretary, &post_id("min-hlt")).await.unwrap();
    let other = &list.requests[0].duplicates;
    assert_eq!(other.len(), 1);
    assert!(other[0].has_same_mobile);
}

#[tokio::test]
async fn what_is_not_answered_in_a_day_climbs_and_either_desk_may_answer() {
    for house in House::everywhere().await {
        let (id, token) = request(&house).await;
        let due = slip::slip(&house.desk, &token).await.unwrap().unwrap().answer_due_at.unwrap();
        assert_eq!(due.duration_since(house.desk.now()).as_hours(), 24);
        house.minutes_later(60 * 24 - 1);
        assert_eq!(keep::round(&house.desk).await.unwrap().climbed, 0);
        house.minutes_later(1);
        assert_eq!(keep::round(&house.desk).await.unwrap().climbed, 1);
        assert_eq!(keep::round(&house.desk).await.unwrap().climbed, 0, "a day for each post");
        let secretary = house.staff("ps-hlt").await;
        let own = screen::worklist(&house.desk, &secretary, &post_id("min-hlt")).await.unwrap();
        assert!(own.requests[0].is_late);
        let above = house.staff("desk-cs").await;
        let list = screen::worklist(&house.desk, &above, &post_id("cs")).await.unwrap();
        assert!(list.requests[0].climbed_from.is_some());
        assert!(house.told().await.contains(&"mail:desk_late".to_owned()));
        let stranger = house.staff("desk-sec-edu").await;
        assert!(matches!(screen::accept(&house.desk, &stranger, &id).await, Err(ScreenError::Denied(_))));
        screen::accept(&house.desk, &above, &id).await.unwrap();
        house.minutes_later(60 * 24);
        assert_eq!(keep::round(&house.desk).await.unwrap().climbed, 0);
    }
}

#[tokio::test]
async fn the_desks_other_ways_work_by_forms_alone() {
    let house = House::open().await;
    let (id, token) = request(&house).await;
    let mut desk = Browser::with_session(&house, &house.cookie("ps-hlt").await);
    let list = desk.get("/desk").await;
    list.says("अगला खाली समय सुझाएँ");
    list.says(&format!("/desk/{id}/redirect"));
    desk.get(&format!("/desk/{id}/ask")).await.says("नागरिक से पूछें");
    let empty = desk.post(&format!("/desk/{id}/ask"), &[("question", " ")]).await;
    assert_eq!(empty.status.as_u16(), 422);
    desk.post(&format!("/desk/{id}/ask"), &[("question", "कौन सा प्रखंड?")]).await;
    let mut phone = Browser::new(&house);
    phone.get(&format!("/s/{token}")).await.says("कौन सा प्रखंड?");
    phone.post(&format!("/s/{token}/answer"), &[("answer", "सकरा")]).await;
    desk.get("/desk").await.says("सकरा");
    desk.get(&format!("/desk/{id}/redirect")).await.says("किस पद को");
    let sent =
        desk.post(&format!("/desk/{id}/redirect"), &[("to", "sec-hlt"), ("reason", "other_office")]).await;
    desk.get(sent.location()).await.says("अनुरोध दूसरे पद को भेजा गया");
    phone.get(&format!("/s/{token}")).await.says("मुलाकात तय है");
    let (id, token) = request(&house).await;
    desk.post(&format!("/desk/{id}/propose"), &[("start", "next")]).await;
    phone.get(&format!("/s/{token}")).await.says("सुझाया समय लें");
}
