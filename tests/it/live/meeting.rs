//! A meeting over real sockets and real media: lobby, admission, leaving and coming back, a restarted server, the end.
//!
//! Real keys, real packets over loopback.

use super::house::LiveHouse;
use super::visitor::Visitor;
use crate::house::post_id;
use sachivalaya::app::queue;
use signaling::ClientMessage;

const ENOUGH: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_in_the_lobby_hears_nothing_until_admitted() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
    let (citizen_phone, citizen_peer) = citizen.connects(&house).await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    let participant = officer.first_in_lobby().await;
    let (officer_phone, officer_peer) = officer.connects(&house).await;
    citizen_phone.speaks();
    officer_phone.speaks();
    house
        .eventually("both are sending", || async {
            house.received_from(officer_peer).await > ENOUGH
                && house.received_from(citizen_peer).await > ENOUGH
        })
        .await;
    assert_eq!((citizen_phone.received(), officer_phone.received()), (0, 0));
    assert_eq!(house.forwarded_from(officer_peer).await, 0);

    officer.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    citizen.hears_of("slot").await;
    house
        .eventually("both hear each other", || async {
            citizen_phone.received() > ENOUGH && officer_phone.received() > ENOUGH
        })
        .await;

    citizen.says(ClientMessage::Leave {}).await;
    assert_eq!(citizen.is_closed().await, (None, Some(1000)));
    house.house.minutes_later(9);
    let mut again = Visitor::on(&house, &booked.cookie, booked.page()).await;
    again.hears_of("admitted").await;

    officer.says(ClientMessage::EndMeeting {}).await;
    again.hears_of("meeting_ended").await;
    assert_eq!(again.is_closed().await, (None, Some(1000)));
    house.live.flush().await;
    let mut late = Visitor::on(&house, &booked.cookie, booked.page()).await;
    late.hears_of("meeting_ended").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_server_returns_everybody_to_the_same_place() {
    let house = LiveHouse::open().await;
    let [booked, other] = &house.books_each(&["sec-hlt", "sec-edu"]).await[..] else { panic!("two") };
    for (post, booked, deed) in [("sec-hlt", booked, true), ("sec-edu", other, false)] {
        let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
        citizen.hears_of("waiting").await;
        let cookie = house.staff(post).await;
        let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
        let participant = officer.first_in_lobby().await;
        let deed =
            if deed { ClientMessage::Admit { participant } } else { ClientMessage::Deny { participant } };
        officer.says(deed).await;
        citizen.hears(|m| matches!(m.kind(), "admitted" | "denied").then_some(())).await;
    }
    house.live.stop().await;
    house.media.stop();
    let house = LiveHouse::around(house.house).await;
    house.house.minutes_later(5);
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("admitted").await;
    let mut citizen = Visitor::on(&house, &other.cookie, other.page()).await;
    citizen.hears_of("denied").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confidential_meeting_is_one_for_a_restarted_server_too() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let cookie = house.staff("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
    assert_eq!(citizen.heard_of("sealed"), 0);
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("lobby").await;
    officer.says(ClientMessage::SealMeeting {}).await;
    officer.hears_of("sealed").await;
    citizen.hears_of("sealed").await;
    house.live.flush().await;
    sachivalaya::audit::seal(&house.house.desk.store).await.unwrap();
    let mut rows = house.house.desk.store.read().await.unwrap();
    let lines = sachivalaya::store::audit::after(&mut rows, 0, 10_000).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.act == "meeting.seal").count(), 1);
    drop(rows);
    house.live.stop().await;
    house.media.stop();
    let house = LiveHouse::around(house.house).await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("sealed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_in_the_lobby_is_here_in_the_queue_of_the_post() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let desk = &house.house.desk;
    queue::settle_all(desk).await.unwrap();
    let officer = house.house.staff("sec-hlt").await;
    let post = post_id("sec-hlt");
    let before = queue::list(desk, &officer, &post).await.unwrap();
    assert_eq!((before.waiting.len(), before.expected.len()), (0, 1), "has a time and is not here yet");
    for _ in 0..2 {
        let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
        citizen.hears_of("waiting").await;
        citizen.says(ClientMessage::Leave {}).await;
        citizen.is_closed().await;
        house.live.flush().await;
        let after = queue::list(desk, &officer, &post).await.unwrap();
        assert_eq!(
            (after.waiting.len(), after.expected.len()),
            (1, 0),
            "is here, and going away takes no place"
        );
    }
}
