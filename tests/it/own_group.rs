//! Own groups: a post's named lists of seats, bounded, its own, and without those that are gone.

use axum::http::StatusCode;
use domain::id::OwnGroupId;
use domain::text::GroupName;
use sachivalaya::app::own_group::{self, GroupError, Move};
use sachivalaya::limits;

use crate::browser::Browser;
use crate::house::{House, post_id};

fn make(name: &str, seats: &[&str]) -> Move {
    Move::Make(GroupName::parse(name).unwrap(), seats.iter().map(|post| post_id(post)).collect())
}

async fn carry(house: &House, who: &str, (post, id, wished): (&str, &str, Move)) -> Result<(), GroupError> {
    let id = OwnGroupId::parse(id).unwrap();
    own_group::carry(&house.desk, &house.staff(who).await, (&post_id(post), &id, &wished)).await
}

/// The groups of a post, as `name: seats`.
async fn groups(house: &House, post: &str) -> Vec<String> {
    let rows = own_group::list(&house.desk, &house.staff(post).await, &post_id(post)).await.unwrap();
    let said = |row: &own_group::OwnGroupRow| {
        format!("{}: {}", row.name, row.seats.iter().map(|post| post.as_str()).collect::<Vec<_>>().join(" "))
    };
    rows.iter().map(said).collect()
}

#[tokio::test]
async fn a_group_is_made_once_renamed_and_deleted_by_its_post_alone() {
    for house in House::everywhere().await {
        for _ in 0..2 {
            carry(&house, "cs", ("cs", "g1", make("बाढ़", &["sec-hlt", "sec-edu", "sec-hlt"]))).await.unwrap();
        }
        let made = groups(&house, "cs").await;
        assert_eq!(made.len(), 1);
        assert!(made[0].starts_with("बाढ़: ") && made[0].matches("sec-").count() == 2, "{made:?}");
        assert!(groups(&house, "sec-hlt").await.is_empty(), "another post has its own");
        let name = || GroupName::parse("राहत").unwrap();
        let strange = carry(&house, "sec-hlt", ("sec-hlt", "g1", Move::Rename(name()))).await;
        assert!(matches!(strange, Err(GroupError::Unknown)));
        let strange = carry(&house, "sec-hlt", ("cs", "g1", Move::Delete)).await;
        assert!(matches!(strange, Err(GroupError::Denied(_))));
        carry(&house, "desk-cs", ("cs", "g1", Move::Rename(name()))).await.unwrap();
        assert!(groups(&house, "cs").await[0].starts_with("राहत"));
        carry(&house, "cs", ("cs", "g1", Move::Delete)).await.unwrap();
        assert!(groups(&house, "cs").await.is_empty());
        assert!(matches!(carry(&house, "cs", ("cs", "g1", Move::Delete)).await, Err(GroupError::Unknown)));
    }
}

#[tokio::test]
async fn what_makes_no_group_is_refused() {
    let house = House::open().await;
    let refused = async |seats: &[&str]| carry(&house, "cs", ("cs", "g", make("समूह", seats))).await;
    for seats in [&[][..], &["cs"], &["desk-cs"], &["nobody-there"]] {
        assert!(matches!(refused(seats).await, Err(GroupError::Seats)), "{seats:?}");
    }
    for n in 0..limits::OWN_GROUPS_MAX {
        let (id, name) = (format!("g{n}"), format!("समूह {n}"));
        carry(&house, "cs", ("cs", &id, make(&name, &["sec-hlt"]))).await.unwrap();
    }
    assert!(matches!(refused(&["sec-hlt"]).await, Err(GroupError::TooMany)));
    let named = carry(&house, "cs", ("cs", "g0", Move::Rename(GroupName::parse("समूह 1").unwrap()))).await;
    assert!(matches!(named, Err(GroupError::Named)));
    assert!(GroupName::parse(&"क".repeat(41)).is_err() && GroupName::parse("…").is_err());
}

#[tokio::test]
async fn groups_work_by_forms_and_stand_on_the_board() {
    let house = House::open().await;
    let mut cs = Browser::with_session(&house, &house.cookie("cs").await);
    let fields = [("id", "g1"), ("do", "make"), ("name", "बाढ़ <b>"), ("to-sec-hlt", "1")];
    assert_eq!(cs.post("/mesh/groups/cs", &fields).await.status, StatusCode::SEE_OTHER);
    let board = cs.get("/board").await;
    assert_eq!(board.find(r#"data-own-group="g1" data-seats="([^"]*)""#), "sec-hlt");
    assert!(!board.text.contains("<b>"), "a name is words and nothing else");
    let nameless = [("id", "g2"), ("do", "make"), ("name", " "), ("to-sec-hlt", "1")];
    let refused = cs.post("/mesh/groups/cs", &nameless).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(cs.get("/mesh/groups/sec-hlt").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        cs.post("/mesh/groups/cs", &[("id", "g1"), ("do", "delete")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(cs.get("/mesh/groups/cs/chips").await.text.trim(), "");
}
