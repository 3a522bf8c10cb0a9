//! A page that a citizen shows in a meeting and gives: kept for the office, and for nobody else.

use domain::id::MeetingId;
use sachivalaya::app::kept_page::{self, PageError};
use sachivalaya::app::{enter, slip};
use sachivalaya::auth::Actor;
use sachivalaya::limits;
use sachivalaya::store::meeting as rows;

use crate::browser::Browser;
use crate::house::House;

/// As a canvas begins it.
const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF";

impl House {
    /// The holder of `post` keeps a page of this meeting.
    pub async fn gives_a_page(&self, post: &str, meeting: &str) {
        let (by, meeting) = (self.staff(post).await, MeetingId::parse(meeting).unwrap());
        self.has_inside(&by, &meeting).await;
        kept_page::keep(&self.desk, &by, &meeting, JPEG).await.unwrap();
    }

    /// This actor is in this meeting.
    async fn has_inside(&self, who: &Actor, meeting: &MeetingId) {
        let mut tx = self.desk.store.write().await.unwrap();
        let row = rows::by_id(&mut tx, meeting).await.unwrap().unwrap();
        let guest = enter::guest(who, (&row.appointment, &row.post));
        rows::come_in(&mut tx, meeting, &guest, self.desk.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_page_is_kept_as_it_came_and_opened_by_the_office_alone() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        let (token, _, citizen) = house.books_with_cookie("sec-hlt", slot).await;
        let meeting = slip::slip(&house.desk, &token).await.unwrap().unwrap().meeting.unwrap();
        house.gives_a_page("sec-hlt", meeting.as_str()).await;
        let path = format!("/meeting/{meeting}/pages/1");
        let mut officer = Browser::with_session(&house, &house.cookie("sec-hlt").await);
        let answer = officer.get(&path).await;
        assert_eq!(answer.headers["content-type"], "image/jpeg");
        officer.get(&format!("/meeting/{meeting}/outcome")).await.says(&path);
        let mut owner = Browser::with_session(&house, &citizen);
        assert!(!owner.get(&path).await.status.is_success(), "the office has it");
        let mut other = Browser::with_session(&house, &house.cookie("sec-edu").await);
        assert!(!other.get(&path).await.status.is_success());
    }
}

#[tokio::test]
async fn what_is_no_picture_too_large_or_one_too_many_is_refused() {
    let house = House::open().await;
    let slot = house.free("sec-hlt").await[0];
    let token = house.books("sec-hlt", slot).await;
    let slip = slip::slip(&house.desk, &token).await.unwrap().unwrap();
    let (meeting, officer) = (slip.meeting.unwrap(), house.staff("sec-hlt").await);
    let refused = kept_page::keep(&house.desk, &officer, &meeting, JPEG).await.unwrap_err();
    assert!(matches!(refused, PageError::Outside), "who is not in the meeting shows nothing: {refused}");
    house.has_inside(&officer, &meeting).await;
    let large = [JPEG, &vec![0; limits::KEPT_PAGE_BYTES_MAX]].concat();
    for bad in [&b"<svg onload=x>"[..], b"", &large] {
        let refused = kept_page::keep(&house.desk, &officer, &meeting, bad).await.unwrap_err();
        assert!(matches!(refused, PageError::NotPage), "{refused}");
    }
    for _ in 0..limits::KEPT_PAGES_MAX {
        kept_page::keep(&house.desk, &officer, &meeting, JPEG).await.unwrap();
    }
    let refused = kept_page::keep(&house.desk, &officer, &meeting, JPEG).await.unwrap_err();
    assert!(matches!(refused, PageError::Full), "{refused}");
    assert_eq!(kept_page::count(&house.desk, &slip.appointment).await.unwrap(), limits::KEPT_PAGES_MAX);
}
