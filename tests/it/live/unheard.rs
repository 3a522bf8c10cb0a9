//! A commit that was done and of which nobody heard: what is tried again stands once.
//!
//! On PostgreSQL the wire keeps the answer to itself; on SQLite the ledger stops waiting for a commit that others hold up.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::id::MeetingId;
use domain::meeting::Guest;
use sachivalaya::app::hold::hold;
use sachivalaya::store::audit::{AuditRow, after};
use sachivalaya::store::ledger::Place;
use sachivalaya::store::meeting;

use super::house::{Booked, LiveHouse, PATIENCE};
use super::visitor::{Visitor, meets};
use super::wire::{Commits, Wire};
use crate::house::{House, wish};

/// The chain, sealed and whole.
async fn chain(house: &House) -> Vec<AuditRow> {
    sachivalaya::audit::seal(&house.desk.store).await.unwrap();
    let mut rows = house.desk.store.read().await.unwrap();
    let whole = sachivalaya::audit::verify(&mut rows).await.unwrap();
    assert!(whole.is_ok(), "the chain is whole: {whole:?}");
    after(&mut rows, 0, 1_000).await.unwrap()
}

/// What the ledger has written: each line and how often it stands.
async fn lines(house: &House, meeting: &MeetingId) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for row in chain(house).await {
        if row.object == meeting.as_str() || row.act == "queue.here" {
            *count.entry(format!("{} {}", row.act, row.detail)).or_insert(0) += 1;
        }
    }
    count
}

/// Everything of [`meets`] stands, and once.
async fn stands_once(house: &LiveHouse, booked: &Booked) {
    let lines = lines(&house.house, &booked.meeting).await;
    assert!(lines.values().all(|count| *count == 1), "{lines:#?}");
    let acts: Vec<&str> = lines.keys().filter_map(|line| line.split(' ').next()).collect();
    for act in ["queue.here", "meeting.admit", "meeting.come_in", "meeting.go_out", "meeting.end"] {
        assert!(acts.contains(&act), "{act} is in {acts:?}");
    }
    let mut rows = house.house.desk.store.read().await.unwrap();
    let there = meeting::attendance(&mut rows, &booked.meeting).await.unwrap();
    let citizen = Guest::Citizen(booked.appointment.clone());
    let spans: Vec<_> = there.iter().filter(|(guest, ..)| *guest == citizen).collect();
    assert!(spans.len() == 1 && spans[0].2.is_some(), "{there:?}");
}

async fn today(house: House) -> (LiveHouse, Booked) {
    let house = LiveHouse::around(house).await;
    let booked = house.books("sec-hlt").await;
    sachivalaya::app::queue::settle_all(&house.house.desk).await.unwrap();
    house.live.flush().await;
    (house, booked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_whose_commits_break_the_connection_are_written_once() {
    let Some((address, wire)) = Wire::to_postgres().await else { return };
    let (house, booked) = today(House::on(&address, None).await).await;
    let cookie = house.staff("sec-hlt").await;
    // Signing in was heard; nothing after it is.
    wire.set_commits(Commits::Lost);
    meets(&house, (&booked, &cookie)).await;
    house.live.flush().await;
    wire.set_commits(Commits::Answered);
    assert!(wire.unheard() >= 6, "every act was done unheard: {}", wire.unheard());
    stands_once(&house, &booked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_whose_commit_is_never_answered_is_given_up_and_stands_once() {
    let Some((address, wire)) = Wire::to_postgres().await else { return };
    let (house, booked) = today(House::on(&address, None).await).await;
    let cookie = house.staff("sec-hlt").await;
    wire.set_commits(Commits::Silent);
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("welcome").await;
    let flushed = tokio::time::timeout(PATIENCE, house.live.flush()).await;
    assert!(flushed.is_ok(), "the ledger goes on over another connection");
    assert_eq!(wire.unheard(), 1);
    let lines = lines(&house.house, &booked.meeting).await;
    assert_eq!(lines.values().collect::<Vec<_>>(), [&1], "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_waits_too_long_for_a_shared_commit_stands_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let (house, booked) = today(House::on(&address, Some(folder)).await).await;
    let cookie = house.staff("sec-hlt").await;
    let store = house.house.desk.store.clone();
    // The writer is taken; the first act waits for it, and behind that somebody who will keep the commit open.
    let first = store.write().await.unwrap();
    let mut officer = Visitor::on(&house, &cookie, booked.page()).await;
    officer.hears_of("welcome").await;
    let is_held = async |span| tokio::time::timeout(span, house.live.flush()).await.is_err();
    assert!(is_held(Duration::from_millis(300)).await);
    let next = store.write();
    tokio::pin!(next);
    assert!(tokio::time::timeout(Duration::from_millis(1), &mut next).await.is_err(), "behind it");
    drop(first);
    let open = next.await.unwrap();
    assert!(is_held(sachivalaya::limits::LEDGER_PATIENCE + Duration::from_secs(2)).await);
    open.commit().await.unwrap();
    house.live.flush().await;
    let lines = lines(&house.house, &booked.meeting).await;
    assert_eq!(lines.values().collect::<Vec<_>>(), [&1], "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_fault_everything_stands_once_as_well() {
    for house in House::everywhere().await {
        let (house, booked) = today(house).await;
        let cookie = house.staff("sec-hlt").await;
        meets(&house, (&booked, &cookie)).await;
        house.live.flush().await;
        stands_once(&house, &booked).await;
    }
}

#[tokio::test]
async fn a_place_of_a_ledger_is_taken_once_and_only_by_what_is_committed() {
    for house in House::everywhere().await {
        let store = &house.desk.store;
        let take = async |ledger, number| {
            let mut tx = store.write().await.unwrap();
            let taken = Place { ledger, number }.take(&mut tx).await.unwrap();
            tx.commit().await.unwrap();
            taken
        };
        assert!(take("one", 1).await && !take("one", 1).await);
        assert!(take("other", 1).await, "each ledger counts for itself");
        let mut tx = store.write().await.unwrap();
        assert!(Place { ledger: "one", number: 2 }.take(&mut tx).await.unwrap());
        drop(tx);
        assert!(take("one", 2).await, "what was taken back was not written");
        assert!(!take("one", 1).await && take("one", 4).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_written_down_with_others_by_a_commit_that_nobody_heard_holds_his_time_once() {
    let Some((address, wire)) = Wire::to_postgres().await else { return };
    let house = House::on(&address, None).await;
    let free = house.free("sec-hlt").await;
    wire.set_commits(Commits::Lost);
    let wishes = free[..4].iter().map(|slot| hold(&house.desk, wish("sec-hlt", *slot)));
    let held = futures_util::future::join_all(wishes).await;
    wire.set_commits(Commits::Answered);
    assert!(wire.unheard() >= 1);
    for one in &held {
        assert!(one.is_ok(), "{one:?}");
    }
    let now = house.free("sec-hlt").await;
    assert!(free[..4].iter().all(|slot| !now.contains(slot)));
    let holds = chain(&house).await.into_iter().filter(|row| row.act == "appointment.hold").count();
    assert_eq!(holds, 4);
}
