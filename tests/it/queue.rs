//! The queue on the day: numbers, calls, boards. What everybody sees, and who may press.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use domain::diary::queue::{Number, QueueError};
use sachivalaya::app::change;
use sachivalaya::app::queue::{self, Boards, Joiner, Move, TicketKind, TurnError};
use sachivalaya::auth::Actor;

use crate::browser::Browser;
use crate::house::{House, post_id};

const POST: &str = "sec-hlt";

fn joiner(name: &str) -> Joiner {
    Joiner { kind: TicketKind::Token, name: name.into(), subject: String::new() }
}

async fn carry(house: &House, actor: &Actor, wished: Move) -> Result<Option<Number>, TurnError> {
    queue::carry(&house.desk, actor, &post_id(POST), wished).await
}

#[tokio::test]
async fn who_has_a_time_and_who_comes_without_stand_in_one_queue() {
    for house in House::everywhere().await {
        let slots = house.free(POST).await;
        house.books(POST, slots[1]).await;
        house.books(POST, slots[0]).await;
        let desk = house.staff("desk-sec-hlt").await;
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), [post_id(POST)]);
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), [], "nothing is left to do");
        let list = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
        let due: Vec<_> = list.expected.iter().map(|line| (line.number.0, line.due_at)).collect();
        assert_eq!(due, [(1, slots[0].start()), (2, slots[1].start())], "numbers go by time");

        let token = queue::join(&house.desk, &desk, &post_id(POST), &joiner("रामू")).await.unwrap();
        assert_eq!(token, Number(3));
        carry(&house, &desk, Move::Here(Number(1))).await.unwrap();
        assert_eq!(carry(&house, &desk, Move::Next).await.unwrap(), Some(Number(3)), "he is due now");
        carry(&house, &desk, Move::Enter(Number(3))).await.unwrap();
        assert_eq!(
            carry(&house, &desk, Move::Next).await.unwrap(),
            Some(Number(1)),
            "out and in by one press"
        );
        let occupied = carry(&house, &desk, Move::Next).await.unwrap_err();
        assert!(matches!(occupied, TurnError::Refused(QueueError::Occupied)));
        carry(&house, &desk, Move::Miss(Number(1))).await.unwrap();
        carry(&house, &desk, Move::Miss(Number(1))).await.unwrap();
        let list = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
        assert_eq!(
            list.waiting.iter().map(|line| line.number.0).collect::<Vec<_>>(),
            [1],
            "moved back, not struck off"
        );
        assert_eq!(list.heard, 1);
    }
}

#[tokio::test]
async fn a_time_that_is_taken_back_leaves_the_queue_and_one_that_is_moved_is_due_then() {
    for house in House::everywhere().await {
        let slots = house.free(POST).await;
        let first = house.books(POST, slots[0]).await;
        let second = house.books(POST, slots[1]).await;
        queue::settle_all(&house.desk).await.unwrap();
        change::cancel(&house.desk, &first).await.unwrap();
        change::move_to(&house.desk, &second, slots[3].start()).await.unwrap();
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), [post_id(POST)]);
        let desk = house.staff("desk-sec-hlt").await;
        let list = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
        let due: Vec<_> = list.expected.iter().map(|line| (line.number.0, line.due_at)).collect();
        assert_eq!(due, [(2, slots[3].start())]);
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), []);
    }
}

#[tokio::test]
async fn who_went_home_stays_away_until_he_is_back_or_has_a_later_time() {
    for house in House::everywhere().await {
        let slots = house.free(POST).await;
        house.books(POST, slots[0]).await;
        let second = house.books(POST, slots[1]).await;
        let desk = house.staff("desk-sec-hlt").await;
        queue::settle_all(&house.desk).await.unwrap();
        for number in [1, 2] {
            carry(&house, &desk, Move::Here(Number(number))).await.unwrap();
            carry(&house, &desk, Move::Go(Number(number))).await.unwrap();
        }
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), [], "nobody puts them back");
        let seen = async || {
            let list = queue::list(&house.desk, &desk, &post_id(POST)).await.unwrap();
            let numbers = |lines: &[queue::Line]| lines.iter().map(|line| line.number.0).collect::<Vec<_>>();
            (numbers(&list.waiting), numbers(&list.expected), numbers(&list.left))
        };
        assert_eq!(seen().await, (vec![], vec![], vec![1, 2]));
        assert_eq!(carry(&house, &desk, Move::Here(Number(1))).await.unwrap(), Some(Number(1)));
        change::move_to(&house.desk, &second, slots[3].start()).await.unwrap();
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), [post_id(POST)]);
        assert_eq!(seen().await, (vec![1], vec![2], vec![]));
        assert_eq!(queue::settle_all(&house.desk).await.unwrap(), []);
    }
}

#[tokio::test]
async fn tokens_taken_at_one_moment_get_numbers_without_a_gap_or_a_double() {
    for house in House::everywhere().await {
        let desk = house.staff("desk-sec-hlt").await;
        let taken = (0..16).map(|_| {
            let (house, actor) = (house.desk.clone(), desk.clone());
            tokio::spawn(
                async move { queue::join(&house, &actor, &post_id(POST), &joiner("")).await.unwrap().0 },
            )
        });
        let mut numbers = BTreeSet::new();
        for one in taken.collect::<Vec<_>>() {
            numbers.insert(one.await.unwrap());
        }
        assert_eq!(numbers, (1..=16).collect());
    }
}

#[tokio::test]
async fn only_the_posts_own_people_call() {
    let house = House::open().await;
    let stranger = house.staff("desk-sec-edu").await;
    assert!(matches!(carry(&house, &stranger, Move::Next).await, Err(TurnError::Denied(_))));
    let mut phone = Browser::new(&house);
    let refused = phone.post(&format!("/queue/{POST}"), &[("move", "next")]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_board_shows_numbers_and_minutes_and_never_a_name() {
    let house = House::open().await;
    let slots = house.free(POST).await;
    let token = house.books(POST, slots[0]).await;
    queue::settle_all(&house.desk).await.unwrap();
    let mut officer = Browser::with_session(&house, &house.cookie(POST).await);
    officer.get("/queue").await.says("अगले को बुलाएँ");
    officer
        .post(
            &format!("/queue/{POST}"),
            &[("move", "join"), ("kind", "token"), ("name", "रामू"), ("subject", "")],
        )
        .await;
    let mut wall = Browser::new(&house);
    let board = wall.get(&format!("/now/{POST}")).await;
    board.says("लगभग");
    board.says(r#"<strong class="now-line-number">2</strong>"#);
    board.never_says("रामू");
    let slip = wall.get(&format!("/s/{token}")).await;
    slip.says("आज आपका क्रमांक");
    slip.says("आपसे पहले: 1");
    officer.post(&format!("/queue/{POST}"), &[("move", "next")]).await;
    wall.get("/now/sec-hlt?wall=1").await.says("आइए, क्रमांक");
    assert_eq!(wall.get("/now/nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_listens_hears_each_change_and_a_slow_one_the_newest() {
    let house = House::open().await;
    let boards = Boards::new(house.desk.clone());
    let desk = house.staff("desk-sec-hlt").await;
    let (mut quick, mut slow) =
        (boards.listen(&post_id(POST)).await.unwrap(), boards.listen(&post_id(POST)).await.unwrap());
    let first = quick.next().await.unwrap();
    assert!(first.starts_with(b"event: board\ndata: {"), "{first:?}");
    for n in 1..=3 {
        queue::join(&house.desk, &desk, &post_id(POST), &joiner("")).await.unwrap();
        boards.ring(&post_id(POST));
        let heard = loop {
            let heard = quick.next().await.unwrap();
            if String::from_utf8_lossy(&heard).contains(&format!("\"waiting\":{n}")) {
                break heard;
            }
        };
        assert!(heard.ends_with(b"\n\n"));
    }
    let newest = String::from_utf8(slow.next().await.unwrap().to_vec()).unwrap();
    assert!(newest.contains("\"waiting\":3"), "what lies between is skipped: {newest}");
    assert_eq!(boards.listeners(), 2);
    drop((quick, slow));
    assert_eq!(boards.listeners(), 0);
    assert!(boards.listen(&post_id("nobody")).await.is_err());
}
