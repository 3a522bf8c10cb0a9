//! The database is away: meetings and calls go on, tokens join, and what happened meanwhile is written afterwards.
//!
//! PostgreSQL is cut off by a wire of our own that is cut, SQLite by another connection that holds its file.

use std::time::Duration;

use domain::meeting::Guest;
use sachivalaya::limits;
use sachivalaya::store::{Store, Tx, meeting};
use signaling::value::{CallState, Id, Page, ResumeToken};
use signaling::{ClientMessage, ErrorCode};

use super::house::{Booked, LiveHouse};
use super::visitor::Visitor;
use super::wire::Wire;
use crate::browser::{Answer, Browser};
use crate::house::House;

const ENOUGH: u64 = 50;

/// How a database is taken away and given back.
pub(super) enum Away {
    Cut(Wire),
    Locked { address: String, held: Option<Tx> },
}

impl Away {
    pub(super) async fn begin(&mut self) {
        match self {
            Away::Cut(wire) => wire.set_cut(true),
            // Somebody else's transaction that writes and does not end.
            Away::Locked { address, held } => {
                *held = Some(Store::open(address).await.unwrap().write().await.unwrap());
            }
        }
    }

    pub(super) fn end(&mut self) {
        match self {
            Away::Cut(wire) => wire.set_cut(false),
            Away::Locked { held, .. } => drop(held.take()),
        }
    }
}

pub(super) async fn houses() -> Vec<(House, Away)> {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let house = House::on(&address, Some(folder)).await;
    let mut houses = vec![(house, Away::Locked { address, held: None })];
    if let Some((address, wire)) = Wire::to_postgres().await {
        houses.push((House::on(&address, None).await, Away::Cut(wire)));
    }
    houses
}

/// Passes so many minutes, in which every page is heard once a minute.
async fn minutes_pass(house: &LiveHouse, minutes: u32, pages: &mut [&mut Visitor]) {
    for n in 0..minutes {
        house.house.minutes_later(1);
        for page in pages.iter_mut() {
            page.says(ClientMessage::Ping { n }).await;
            page.hears_of("pong").await;
        }
        house.live.tick().await;
    }
}

async fn attended(house: &LiveHouse, booked: &Booked) -> bool {
    let mut rows = house.house.desk.store.read().await.unwrap();
    let there = meeting::attendance(&mut rows, &booked.meeting).await.unwrap();
    let citizen = Guest::Citizen(booked.appointment.clone());
    there.iter().any(|(guest, ..)| *guest == citizen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_sent_away_and_what_has_ended_stay_so_for_a_server_that_starts_without_its_database() {
    for (house, mut away) in houses().await {
        let house = LiveHouse::around(house).await;
        let booked = house.books_each(&["sec-hlt", "sec-edu", "sec-hom"]).await;
        let mut tokens = Vec::new();
        let mut officers = Vec::new();
        for (booked, post) in booked.iter().zip(["sec-hlt", "sec-edu", "sec-hom"]) {
            let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
            citizen.hears_of("waiting").await;
            let cookie = house.staff(post).await;
            let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
            let participant = officer.first_in_lobby().await;
            officer.says(ClientMessage::Admit { participant: participant.clone() }).await;
            citizen.hears_of("admitted").await;
            tokens.push(citizen.token());
            officers.push((officer, participant, citizen));
        }
        house.live.flush().await;
        away.begin().await;
        let (officer, participant, citizen) = &mut officers[0];
        officer.says(ClientMessage::Deny { participant: participant.clone() }).await;
        citizen.hears_of("denied").await;
        let (officer, _, citizen) = &mut officers[1];
        officer.says(ClientMessage::EndMeeting {}).await;
        citizen.hears_of("meeting_ended").await;
        let over = house.house.data.path().join("lapsed");
        house
            .eventually("both are on the disk", || async {
                let bytes = std::fs::read(&over).unwrap();
                bytes.chunks(32).filter(|line| line.iter().any(|byte| *byte != 0)).count() == 2
            })
            .await;

        // The server dies: nothing is left of its memory, and the rows know nothing of what happened.
        house.media.stop();
        let house = LiveHouse::around_without_seats(house.house).await;
        for (booked, token, wanted) in [
            (&booked[0], &tokens[0], "denied"),
            (&booked[1], &tokens[1], "meeting_ended"),
            (&booked[2], &tokens[2], "admitted"),
        ] {
            let mut back = Visitor::with_token(&house, None, (booked.page(), token)).await;
            back.hears_of(wanted).await;
        }
        away.end();
        // Nor when the rows come back that do not know of it.
        let mut back = Visitor::on(&house, &booked[0].cookie, booked[0].page()).await;
        back.hears_of("denied").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_loaded_again_while_the_database_is_away_and_comes_back_in() {
    for (house, mut away) in houses().await {
        let house = LiveHouse::around(house).await;
        let booked = house.books("sec-hlt").await;
        let path = format!("/meeting/{}", booked.meeting);
        let mut officer = Browser::at(&house.edge);
        officer.cookies.insert("es".into(), house.staff("sec-hlt").await);
        let page = officer.get(&format!("{path}?lang=en")).await;
        let line = page.headers.get_all("set-cookie").iter().find_map(|line| line.to_str().ok()).unwrap();
        assert!(line.starts_with("place=") && line.contains("; HttpOnly; SameSite=Lax; Secure"), "{line}");
        assert!(line.contains(&format!("; Path={path};")), "no other address is sent it: {line}");
        let mut nobody = Browser::at(&house.edge);
        let session = house.actor(&officer.cookies["es"]).await.session().unwrap().clone();
        away.begin().await;
        let again = officer.get(&path).await;
        assert_eq!(again.status, 200);
        let kept = |page: &Answer| page.find(r#"data-resume="([^"]+)""#).replace("&#61;", "=");
        let token = ResumeToken::try_from(kept(&again)).unwrap();
        let mut back = Visitor::with_token(&house, None, (booked.page(), &token)).await;
        back.hears_of("participants").await;
        for what in ["data-kind", "data-meeting"] {
            let part = format!(r#"{what}="([^"]+)""#);
            assert_eq!(again.find(&part), page.find(&part), "the same page");
        }
        let mut primed = Visitor::with_first_words(&house, &officer.cookies["es"], booked.page()).await;
        if matches!(away, Away::Cut(_)) {
            // Who has not shown all is told so soon, and not only when the database is given up.
            let told = tokio::time::timeout(limits::DATABASE_WAIT / 2, primed.is_closed()).await;
            assert_eq!(told.unwrap(), (Some(ErrorCode::Overloaded), Some(1013)));
            assert_eq!(kept(&again), officer.cookies["place"], "by its own token");
            nobody.cookies.insert("place".into(), format!("{}A", officer.cookies["place"]));
            assert!(nobody.get(&path).await.status.is_server_error(), "a forged token opens nothing");
            // Who signs out takes the token back.
            house.live.signed_out(session.clone()).await;
            back.is_closed().await;
            assert!(officer.get(&path).await.status.is_server_error());
        }
        away.end();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_that_is_full_holds_the_ledger_up_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let house = LiveHouse::around(House::on(&address, Some(folder)).await).await;
    let booked = house.books("sec-hlt").await;
    let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
    citizen.hears_of("waiting").await;
    let cookie = house.staff("sec-hlt").await;
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    let participant = officer.first_in_lobby().await;
    officer.says(ClientMessage::Admit { participant }).await;
    citizen.hears_of("admitted").await;
    house.live.flush().await;
    let store = &house.house.desk.store;
    pages_max(store, "1").await;
    // More than the room that is left within the pages that there are.
    for _ in 0..100 {
        house.house.a_moment_later();
        citizen.says(ClientMessage::Leave {}).await;
        citizen.is_closed().await;
        citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
        citizen.hears_of("admitted").await;
    }
    let flushed = tokio::time::timeout(Duration::from_secs(3), house.live.flush()).await;
    assert!(flushed.is_err(), "the disk is full, and the ledger waits for it");
    pages_max(store, "1073741823").await;
    house.live.flush().await;
    let mut rows = store.read().await.unwrap();
    let there = meeting::attendance(&mut rows, &booked.meeting).await.unwrap();
    let citizen = Guest::Citizen(booked.appointment.clone());
    assert_eq!(there.iter().filter(|(guest, ..)| *guest == citizen).count(), 101);
    drop(rows);
    sachivalaya::audit::seal(store).await.unwrap();
    let mut rows = store.read().await.unwrap();
    assert!(sachivalaya::audit::verify(&mut rows).await.unwrap().is_ok());
    let lines = sachivalaya::store::audit::after(&mut rows, 0, 1_000).await.unwrap();
    let count =
        |act: &str| lines.iter().filter(|line| line.act == act && line.actor.starts_with("citizen")).count();
    assert_eq!((count("meeting.come_in"), count("meeting.go_out")), (100, 100));
}

/// So many pages SQLite may have on its disk; never fewer than it has.
async fn pages_max(store: &Store, count: &'static str) {
    let mut tx = store.write().await.unwrap();
    let set = format!("pragma max_page_count = {count}");
    sqlx::query(sqlx::AssertSqlSafe(set)).execute(&mut *tx).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn half_an_hour_without_a_database_is_noticed_by_nobody_who_talks() {
    for (house, mut away) in houses().await {
        let house = LiveHouse::around(house).await;
        let [booked, other] = &house.books_each(&["sec-hlt", "sec-edu"]).await[..] else { panic!("two") };
        let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
        citizen.hears_of("waiting").await;
        let cookie = house.staff("sec-hlt").await;
        let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
        let participant = officer.first_in_lobby().await;
        let (phone, _) = citizen.connects(&house).await;
        let (desk_phone, _) = officer.connects(&house).await;
        officer.says(ClientMessage::Admit { participant }).await;
        citizen.hears_of("admitted").await;
        phone.speaks();
        desk_phone.speaks();
        let mut waiting = Visitor::on(&house, &other.cookie, other.page()).await;
        waiting.hears_of("waiting").await;
        let token = waiting.token();
        let edu = house.staff("sec-edu").await;
        let mut second = Visitor::on(&house, &edu, other.page()).await;
        let next = second.first_in_lobby().await;
        let (cs, home) = (house.staff("cs").await, house.staff("sec-hom").await);
        let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
        let (_one, _) = caller.connects(&house).await;
        let mut callee = Visitor::on(&house, &home, Page::Chamber {}).await;
        let (_two, _) = callee.connects(&house).await;
        house.live.flush().await;

        away.begin().await;
        {
            let mut pages = [&mut citizen, &mut officer, &mut waiting, &mut second, &mut caller, &mut callee];
            minutes_pass(&house, 15, &mut pages).await;
        }
        caller.says(ClientMessage::Ring { posts: Id::parse("sec-hom").unwrap().into() }).await;
        let call = callee.hears_ring().await;
        callee.says(ClientMessage::AcceptRing { call }).await;
        caller.hears_call(CallState::Accepted).await;
        // Whoever lost everything but the token is back, and is let in.
        let mut back = Visitor::with_token(&house, None, (other.page(), &token)).await;
        back.hears_of("waiting").await;
        second.says(ClientMessage::Admit { participant: next }).await;
        back.hears_of("admitted").await;
        if matches!(away, Away::Cut(_)) {
            let mut unknown = Visitor::on(&house, &other.cookie, other.page()).await;
            assert_eq!(unknown.is_closed().await, (Some(ErrorCode::Overloaded), Some(1013)));
        }
        {
            let mut pages = [&mut citizen, &mut officer, &mut back, &mut second, &mut caller, &mut callee];
            minutes_pass(&house, 15, &mut pages).await;
        }
        let (here, there) = (phone.received(), desk_phone.received());
        house
            .eventually("both still hear each other", || async {
                phone.received() > here + ENOUGH && desk_phone.received() > there + ENOUGH
            })
            .await;

        away.end();
        house.live.flush().await;
        assert!(attended(&house, booked).await && attended(&house, other).await);
        sachivalaya::audit::seal(&house.house.desk.store).await.unwrap();
        let mut rows = house.house.desk.store.read().await.unwrap();
        let calls =
            sachivalaya::store::call::of_post(&mut rows, &crate::house::post_id("cs"), 10).await.unwrap();
        assert!(calls.len() == 1 && calls[0].agreed_at.is_some(), "the call is written with its answer");
        let chain = sachivalaya::audit::verify(&mut rows).await.unwrap();
        assert!(chain.is_ok(), "the chain is whole: {chain:?}");
    }
}
