//! The database is away: meetings and calls go on, tokens join, and what happened meanwhile is written afterwards.
//!
//! PostgreSQL is cut off by a wire of our own that is cut, SQLite by another connection that holds its file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::meeting::Guest;
use sachivalaya::store::{Store, Tx, meeting};
use signaling::value::{CallState, Id, Page};
use signaling::{ClientMessage, ErrorCode, ServerMessage};
use tokio::net::{TcpListener, TcpStream};

use super::house::{Booked, LiveHouse};
use super::visitor::Visitor;
use crate::house::{House, fresh_database};

const ENOUGH: u64 = 50;

/// A wire to PostgreSQL that can be cut: what is on it ends, and nothing new gets through.
struct Wire {
    port: u16,
    is_cut: Arc<AtomicBool>,
    cut: tokio::sync::watch::Sender<bool>,
}

impl Wire {
    async fn to(server: String) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, is_cut) = (tokio::sync::watch::Sender::new(false), Arc::new(AtomicBool::new(false)));
        let (watched, refuses) = (cut.clone(), Arc::clone(&is_cut));
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if refuses.load(Ordering::SeqCst) {
                    continue;
                }
                let (server, mut watched) = (server.clone(), watched.subscribe());
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = watched.wait_for(|is_cut| *is_cut) => {}
                    }
                });
            }
        });
        Wire { port, is_cut, cut }
    }

    fn set(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
        self.cut.send_replace(is_cut);
    }
}

/// How a database is taken away and given back.
enum Away {
    Cut(Wire),
    Locked { address: String, held: Option<Tx> },
}

impl Away {
    async fn begin(&mut self) {
        match self {
            Away::Cut(wire) => wire.set(true),
            // Somebody else's transaction that writes and does not end.
            Away::Locked { address, held } => {
                *held = Some(Store::open(address).await.unwrap().write().await.unwrap());
            }
        }
    }

    fn end(&mut self) {
        match self {
            Away::Cut(wire) => wire.set(false),
            Away::Locked { held, .. } => drop(held.take()),
        }
    }
}

async fn houses() -> Vec<(House, Away)> {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let house = House::on(&address, Some(folder)).await;
    let mut houses = vec![(house, Away::Locked { address, held: None })];
    if let Ok(server) = std::env::var("SACHIVALAYA_TEST_POSTGRES") {
        let address = fresh_database(&server).await;
        let (scheme, rest) = address.split_once("://").unwrap();
        let (user, rest) = rest.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let wire = Wire::to(server.to_owned()).await;
        let address = format!("{scheme}://{user}@127.0.0.1:{}/{database}", wire.port);
        houses.push((House::on(&address, None).await, Away::Cut(wire)));
    }
    houses
}

async fn first_in_lobby(officer: &mut Visitor) -> Id {
    let first = |m: &ServerMessage| match m {
        ServerMessage::Lobby { waiting } => waiting.first().map(|w| w.participant.clone()),
        _ => None,
    };
    officer.hears(first).await
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
async fn half_an_hour_without_a_database_is_noticed_by_nobody_who_talks() {
    for (house, mut away) in houses().await {
        let house = LiveHouse::around(house).await;
        let [booked, other] = &house.books_each(&["sec-hlt", "sec-edu"]).await[..] else { panic!("two") };
        let mut citizen = Visitor::on(&house, &booked.cookie, booked.page()).await;
        citizen.hears_of("waiting").await;
        let cookie = house.staff("sec-hlt").await;
        let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
        let participant = first_in_lobby(&mut officer).await;
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
        let next = first_in_lobby(&mut second).await;
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
        caller.says(ClientMessage::Ring { post: Id::parse("sec-hom").unwrap() }).await;
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
        assert!(calls.len() == 1 && calls[0].answered_at.is_some(), "the call is written with its answer");
        let chain = sachivalaya::audit::verify(&mut rows).await.unwrap();
        assert!(chain.is_ok(), "the chain is whole: {chain:?}");
    }
}
