//! ICE begun anew by a page over the real socket: the same transport goes on, and a flood of it harms nobody else.
//!
//! Real keys, real packets over loopback.

use super::house::LiveHouse;
use super::visitor::Visitor;
use signaling::value::Ufrag;
use signaling::{ClientMessage, ErrorCode, ServerMessage};

const ENOUGH: u64 = 50;

/// What a page makes of its old answer: the same with another name and password.
fn renamed(answer: &str, (ufrag, password): (&str, &str)) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some(("a=ice-ufrag", _)) => format!("a=ice-ufrag:{ufrag}\r\n"),
        Some(("a=ice-pwd", _)) => format!("a=ice-pwd:{password}\r\n"),
        _ => format!("{line}\r\n"),
    };
    answer.lines().map(line).collect()
}

fn ufrag_of(offer: &str) -> Ufrag {
    let line = offer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).unwrap();
    Ufrag::try_from(line.to_owned()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_begins_ice_anew_and_its_sound_goes_on() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("participants").await;
    let (phone, peer) = officer.connects(&house).await;
    phone.speaks();
    let before = phone.connections();
    officer.says(ClientMessage::RestartIce { ufrag: ufrag_of(&phone.restarts()) }).await;
    let name = |m: &ServerMessage| match m {
        ServerMessage::IceRestarted { ufrag, password } => {
            Some((String::from(ufrag.clone()), String::from(password.clone())))
        }
        _ => None,
    };
    let (ufrag, password) = officer.hears(name).await;
    phone.takes(&renamed(officer.answer(), (&ufrag, &password)));
    house.eventually("ICE has found a way again", || async { phone.connections() > before }).await;
    let heard = house.received_from(peer).await;
    house.eventually("sound goes on", || async { house.received_from(peer).await > heard + ENOUGH }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_begins_ice_anew_a_hundred_times_a_second_is_held_back_and_harms_nobody() {
    let house = LiveHouse::open().await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
    let (_phone, _) = citizen.connects(&house).await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("participants").await;
    let (phone, peer) = officer.connects(&house).await;
    phone.speaks();
    citizen.says(ClientMessage::RestartIce { ufrag: Ufrag::try_from("first".to_owned()).unwrap() }).await;
    citizen.hears_of("ice_restarted").await;
    for n in 0..200 {
        let ufrag = Ufrag::try_from(format!("name{n}")).unwrap();
        if citizen.client.say(&ClientMessage::RestartIce { ufrag }).await.is_err() {
            break;
        }
    }
    assert_eq!(citizen.is_closed().await, (Some(ErrorCode::TooFast), Some(1008)), "it does not listen");
    let answered = citizen.heard_of("ice_restarted");
    assert!((1..=30).contains(&answered), "{answered} were answered: no more than may be said at once");
    let heard = house.received_from(peer).await;
    house
        .eventually("the other's sound goes on", || async {
            house.received_from(peer).await > heard + ENOUGH
        })
        .await;
    officer.says(ClientMessage::Ping { n: 7 }).await;
    officer.hears_of("pong").await;
}
