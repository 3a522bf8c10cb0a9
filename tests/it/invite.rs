//! Who is asked in to a meeting: by officer or desk, through a link that a device takes, until it is taken back.

use domain::id::{InviteId, MeetingId};
use domain::meeting::invited::INVITED_MAX;
use domain::meeting::{Guest, Invited};
use sachivalaya::app::invite::{self, AskInError};
use sachivalaya::app::live::turn::{EntryPlace, MeetingEntry};
use sachivalaya::app::{enter, session, slip};
use sachivalaya::auth::Actor;
use sachivalaya::auth::policy::{Act, Object, allows};
use signaling::ErrorCode;
use signaling::value::{Id, Page};

use crate::browser::Browser;
use crate::house::House;

impl House {
    /// The token of an invitation that the holder of `post` made.
    pub async fn asks_in(&self, post: &str, meeting: &str, (kind, name): (&str, &str)) -> String {
        let who = Invited::read(kind, name, "सीता देवी\nमोहन राम").unwrap();
        let meeting = MeetingId::parse(meeting).unwrap();
        let by = self.staff(post).await;
        invite::ask_in(&self.desk, &by, &meeting, &who).await.unwrap();
        let asked = invite::of_meeting(&self.desk, &meeting).await.unwrap();
        asked.into_iter().find(|one| one.invited == who).unwrap().token
    }
}

/// The meeting of an appointment with the Health Secretary.
async fn a_meeting(house: &House) -> MeetingId {
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    slip::slip(&house.desk, &token).await.unwrap().unwrap().meeting.unwrap()
}

async fn takes(house: &House, token: &str) -> Actor {
    let cookie = invite::take(&house.desk, None, token).await.unwrap().expect("a new device");
    session::actor(&house.desk, Some(&cookie)).await.unwrap()
}

async fn comes(house: &House, actor: &Actor, meeting: &MeetingId) -> Result<MeetingEntry, ErrorCode> {
    let page = Page::Meeting { meeting: Id::parse(meeting.as_str()).unwrap() };
    let found = enter::find(&house.desk.store, actor, &page, house.desk.now()).await.unwrap()?;
    match found.place {
        EntryPlace::Meeting(entry) => Ok(*entry),
        EntryPlace::Seat(..) => unreachable!("a meeting was asked for"),
    }
}

#[tokio::test]
async fn whoever_takes_an_invitation_comes_by_name_and_is_expected() {
    for house in House::everywhere().await {
        let meeting = a_meeting(&house).await;
        let token = house.asks_in("sec-hlt", meeting.as_str(), ("interpreter", "मीना देवी")).await;
        let (asked, door) = invite::by_link(&house.desk, &token).await.unwrap().unwrap();
        assert!(
            allows(&Actor::Anyone, Act::EnterMeeting, &door.inside()).is_err(),
            "a link alone is not enough"
        );

        let guest = takes(&house, &token).await;
        let entry = comes(&house, &guest, &meeting).await.unwrap();
        assert_eq!(entry.guest, Guest::Invited(asked.id));
        assert_eq!(entry.name.hi, "मीना देवी (दुभाषिया)");
        assert_eq!(entry.name.en, "मीना देवी (interpreter)");
        assert_eq!(entry.expected, 2, "whoever booked and the interpreter");
        for act in [Act::Admit, Act::ConductMeeting, Act::AskIn, Act::EndMeeting, Act::GiveOutcome] {
            assert!(allows(&guest, act, &door.inside()).is_err(), "{act:?}");
        }
        let of_others = Object::Appointment(door.appointment.clone());
        assert!(allows(&guest, Act::FillForm, &of_others).is_err(), "the appointment is not the guest's");
    }
}

#[tokio::test]
async fn a_hall_stands_for_those_who_sit_in_it() {
    let house = House::open().await;
    let meeting = a_meeting(&house).await;
    let token = house.asks_in("sec-hlt", meeting.as_str(), ("hall", "ग्राम कचहरी, रामपुर")).await;
    let hall = takes(&house, &token).await;
    let entry = comes(&house, &hall, &meeting).await.unwrap();
    assert_eq!(entry.people.iter().map(|one| one.as_str()).collect::<Vec<_>>(), ["सीता देवी", "मोहन राम"]);
    assert_eq!(entry.name.hi, "ग्राम कचहरी, रामपुर (सभा-कक्ष)");
}

#[tokio::test]
async fn an_invitation_that_was_taken_back_opens_nothing_on_any_device() {
    for house in House::everywhere().await {
        let meeting = a_meeting(&house).await;
        let token = house.asks_in("sec-hlt", meeting.as_str(), ("helper", "मीना देवी")).await;
        let guest = takes(&house, &token).await;
        let session = guest.session().unwrap().clone();
        assert!(comes(&house, &guest, &meeting).await.is_ok());
        let officer = house.staff("sec-hlt").await;
        let (asked, _) = invite::by_link(&house.desk, &token).await.unwrap().unwrap();
        for _ in 0..2 {
            invite::withdraw(&house.desk, &officer, &meeting, &asked.id).await.unwrap();
        }
        assert!(invite::by_link(&house.desk, &token).await.unwrap().is_none());
        let refused = invite::take(&house.desk, None, &token).await.unwrap_err();
        assert!(matches!(refused, AskInError::NoInvitation), "{refused}");
        assert_eq!(comes(&house, &guest, &meeting).await, Err(ErrorCode::UnknownMeeting));
        let now = session::of(&house.desk, &session).await.unwrap();
        assert_eq!(comes(&house, &now, &meeting).await, Err(ErrorCode::UnknownMeeting));
    }
}

#[tokio::test]
async fn asked_twice_is_asked_once_and_more_than_fit_are_refused() {
    let house = House::open().await;
    let meeting = a_meeting(&house).await;
    let officer = house.staff("sec-hlt").await;
    for n in 0..INVITED_MAX {
        let who = Invited::read("colleague", &format!("अधिकारी {}", ["क", "ख"][n % 2].repeat(1 + n / 2)), "");
        for _ in 0..2 {
            invite::ask_in(&house.desk, &officer, &meeting, who.as_ref().unwrap()).await.unwrap();
        }
    }
    assert_eq!(invite::of_meeting(&house.desk, &meeting).await.unwrap().len(), INVITED_MAX);
    let late = Invited::read("helper", "मीना देवी", "").unwrap();
    let refused = invite::ask_in(&house.desk, &officer, &meeting, &late).await.unwrap_err();
    assert!(matches!(refused, AskInError::Full), "{refused}");
    let other = InviteId::parse("another").unwrap();
    invite::withdraw(&house.desk, &officer, &meeting, &other).await.unwrap();
}

#[tokio::test]
async fn the_pages_ask_in_by_a_form_and_lead_to_the_meeting_without_an_account() {
    let house = House::open().await;
    let meeting = a_meeting(&house).await;
    let path = format!("/meeting/{meeting}/people");
    let mut officer = Browser::with_session(&house, &house.cookie("sec-hlt").await);
    officer.get(&path).await.says("किसी और को बुलाएँ");
    let bad = [("kind", "hall"), ("name", "ग्राम कचहरी"), ("people", "")];
    let refused = officer.post(&path, &bad).await;
    refused.says("सभा-कक्ष में बैठे लोगों के नाम लिखें");
    refused.says("ग्राम कचहरी");
    let good = [("kind", "helper"), ("name", "मीना देवी"), ("people", "")];
    officer.post(&path, &good).await;
    let listed = officer.get(&path).await;
    listed.says("मीना देवी (सहायक)");
    let link = listed.text.split("/i/").nth(1).unwrap().split('"').next().unwrap().to_owned();

    let mut guest = Browser::new(&house);
    let first = guest.get(&format!("/i/{link}")).await;
    first.says("आपको एक मुलाकात में बुलाया गया है");
    first.says("मीना देवी, आप सहायक के रूप में आएँगे।");
    guest.get(&format!("/i/{link}")).await.says("आगे बढ़ें");
    guest.post(&format!("/i/{link}"), &[]).await;
    let inside = guest.get(&format!("/i/{link}")).await;
    inside.says("data-kind=\"citizen\"");
    inside.says("प्रतीक्षा कक्ष में जाएँ");
    assert!(!inside.text.contains("/s/"), "the slip is not the guest's");
}
