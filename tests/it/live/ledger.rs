//! What stands in the rows after live acts, on every database: calls, the door, attendance, the audit chain.
//!
//! Written through the store's own functions, in the order in which the live part writes them.

use domain::hotline::{Act, Call, Device, Finds, Outcome, Part, Place, Ring, Then};
use domain::id::{CallId, PersonId, PostId};
use domain::meeting::Guest;
use sachivalaya::app::keep;
use sachivalaya::store::{call, meeting};

use super::house::LiveHouse;
use super::visitor::{Visitor, meets};
use crate::browser::Browser;
use crate::house::{House, post_id};
use signaling::ClientMessage;
use signaling::value::{CallState, Id, Page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_and_a_meeting_stand_in_the_rows_and_in_the_chain() {
    for house in House::everywhere().await {
        let house = LiveHouse::around(house).await;
        let booked = house.books("sec-hlt").await;
        let officer = house.staff("sec-hlt").await;
        meets(&house, (&booked, &officer)).await;
        let (cs, health) = (house.staff("cs").await, house.staff("sec-hlt").await);
        let mut caller = Visitor::on(&house, &cs, Page::Board {}).await;
        let (_phone, _) = caller.connects(&house).await;
        let mut callee = Visitor::on(&house, &health, Page::Chamber {}).await;
        let (_other, _) = callee.connects(&house).await;
        caller.says(ClientMessage::Ring { posts: Id::parse("sec-hlt").unwrap().into() }).await;
        caller.hears_call(CallState::Ringing).await;
        let id = callee.hears_ring().await;
        callee.says(ClientMessage::AcceptRing { call: id.clone() }).await;
        caller.hears_call(CallState::Accepted).await;
        caller.says(ClientMessage::HangUp { call: id.clone() }).await;
        callee.hears_call(CallState::Ended).await;
        house.live.flush().await;

        sachivalaya::audit::seal(&house.house.desk.store).await.unwrap();
        let mut rows = house.house.desk.store.read().await.unwrap();
        let calls = call::of_post(&mut rows, &post_id("sec-hlt"), 10).await.unwrap();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].call.as_str(), id.as_str());
        let part = &calls[0];
        assert_eq!(
            (part.outcome.as_deref(), part.act, part.device),
            (Some("ended"), Some(Act::Accepted), Some(Device::Chamber))
        );
        assert!(part.agreed_at.is_some() && part.ended_at.is_some() && part.person.is_some());
        drop(rows);
        let mut reader = Browser::with_session(&house.house, &health);
        let page = reader.get("/chamber/ledger").await;
        page.says("मुख्य सचिव");
        page.says("आपके स्वीकार करने से");
        page.says("दूसरी ओर से समाप्त हुई");
        Browser::with_session(&house.house, &cs).get("/chamber/ledger").await.says("आपने घंटी दी");
        let other = house.staff("sec-edu").await;
        Browser::with_session(&house.house, &other).get("/chamber/ledger").await.says("कोई घंटी नहीं");
        let mut rows = house.house.desk.store.read().await.unwrap();
        let all = call::parts(&mut rows, &part.call).await.unwrap();
        let [own, other] = [0, 1].map(|n| (all[n].post.as_str(), all[n].by.as_ref().map(PostId::as_str)));
        assert_eq!((own, other), (("cs", None), ("sec-hlt", Some("cs"))));
        let there = meeting::attendance(&mut rows, &booked.meeting).await.unwrap();
        let citizen = Guest::Citizen(booked.appointment.clone());
        assert!(there.iter().any(|(guest, _, left)| *guest == citizen && left.is_some()));
        assert!(meeting::by_id(&mut rows, &booked.meeting).await.unwrap().unwrap().is_ended);
        let door = meeting::door(&mut rows, &booked.meeting).await.unwrap();
        assert!(door.len() == 1 && door[0].is_admitted && door[0].guest == citizen);
        let chain = sachivalaya::audit::verify(&mut rows).await.unwrap();
        assert!(chain.is_ok(), "the chain is whole: {chain:?}");
    }
}

fn place(post: &PostId) -> Place {
    Place { post: post.clone(), device: Device::Chamber, person: PersonId::parse("person-001").unwrap() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_ledger_keeps_each_end_on_every_database() {
    for house in House::everywhere().await {
        let (cs, health, now) = (post_id("cs"), post_id("sec-hlt"), house.desk.now());
        let ends = [Outcome::Missed, Outcome::Busy, Outcome::Unavailable, Outcome::Cancelled];
        for (n, outcome) in ends.into_iter().enumerate() {
            let id = CallId::parse(&format!("c{n}")).unwrap();
            let mut tx = house.desk.store.write().await.unwrap();
            let ring = Ring {
                by: cs.clone(),
                since: now,
                finds: Finds::Free,
                then: Then::Together,
                countdown: None,
            };
            let mut rung = Call::open(id.clone(), place(&cs), now);
            rung.ring(health.clone(), Part::Rung(ring.clone())).unwrap();
            rung.accept(&place(&health), now).unwrap();
            call::open(&mut tx, &id, &place(&cs), now).await.unwrap();
            call::ring(&mut tx, (&id, &health), &ring).await.unwrap();
            call::go_out(&mut tx, (&id, &health), outcome, now).await.unwrap();
            // What is over stays as it ended, whatever comes late.
            call::agree(&mut tx, rung.consent(&health).unwrap()).await.unwrap();
            call::go_out(&mut tx, (&id, &health), Outcome::Missed, now).await.unwrap();
            call::end(&mut tx, &id, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut rows = house.desk.store.read().await.unwrap();
        let told = call::of_post(&mut rows, &health, 10).await.unwrap();
        let mut ends: Vec<_> = told.into_iter().map(|part| (part.outcome.unwrap(), part.agreed_at)).collect();
        ends.sort();
        let wanted = ["busy", "cancelled", "missed", "unavailable"].map(|e| (e.to_owned(), None));
        assert_eq!(ends, wanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_server_has_ended_ends_when_it_was_seen_last() {
    for house in House::everywhere().await {
        let (cs, health, begun) = (post_id("cs"), post_id("sec-hlt"), house.desk.now());
        let ids = ["c1", "c2"].map(|id| CallId::parse(id).unwrap());
        for id in &ids {
            let mut tx = house.desk.store.write().await.unwrap();
            let ring = Ring {
                by: cs.clone(),
                since: begun,
                finds: Finds::Free,
                then: Then::Together,
                countdown: None,
            };
            call::open(&mut tx, id, &place(&cs), begun).await.unwrap();
            call::ring(&mut tx, (id, &health), &ring).await.unwrap();
            tx.commit().await.unwrap();
        }
        let goes_on = async |ids: &[CallId]| {
            let mut tx = house.desk.store.write().await.unwrap();
            call::go_on(&mut tx, ids, house.desk.now()).await.unwrap();
            tx.commit().await.unwrap();
        };
        house.minutes_later(3);
        goes_on(&ids).await;
        let seen = house.desk.now();
        house.minutes_later(4);
        goes_on(&ids[1..]).await;
        assert_eq!(keep::round(&house.desk).await.unwrap().forsaken, 0, "a server may be silent for a while");
        house.minutes_later(3);
        assert_eq!(
            keep::round(&house.desk).await.unwrap().forsaken,
            2,
            "two seats of the one that nobody has seen"
        );
        assert_eq!(keep::round(&house.desk).await.unwrap().forsaken, 0);
        let mut rows = house.desk.store.read().await.unwrap();
        let ends = async |rows: &mut _, id: &CallId| -> Vec<_> {
            call::parts(rows, id)
                .await
                .unwrap()
                .into_iter()
                .map(|part| (part.outcome, part.ended_at))
                .collect()
        };
        assert_eq!(ends(&mut rows, &ids[0]).await, vec![(Some("lost".to_owned()), Some(seen)); 2]);
        assert_eq!(ends(&mut rows, &ids[1]).await, vec![(None, None); 2], "the other goes on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_door_remembers_on_every_database() {
    for house in House::everywhere().await {
        let house = LiveHouse::around(house).await;
        let booked = house.books("sec-hlt").await;
        let (id, now) = (&booked.meeting, house.house.desk.now());
        let later = now + jiff::SignedDuration::from_mins(1);
        let guest = Guest::Citizen(booked.appointment.clone());
        let store = &house.house.desk.store;
        let mut tx = store.write().await.unwrap();
        meeting::admit(&mut tx, id, &guest, now).await.unwrap();
        meeting::come_in(&mut tx, id, &guest, now).await.unwrap();
        tx.commit().await.unwrap();
        let door = async || meeting::door(&mut store.read().await.unwrap(), id).await.unwrap();
        assert_eq!((door().await[0].is_admitted, door().await[0].away_since), (true, None), "still inside");
        let mut tx = store.write().await.unwrap();
        meeting::go_out(&mut tx, id, &guest, later).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(door().await[0].away_since, Some(later));
        let mut tx = store.write().await.unwrap();
        meeting::deny(&mut tx, id, &guest, later).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!door().await[0].is_admitted);
    }
}
