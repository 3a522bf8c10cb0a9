//! What must always hold of a diary, whatever was done: each live appointment keeps exactly the cells of its times,
//! nobody shares one, and the audit chain follows.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::{AppointmentState, Cell, Slot};
use domain::id::AppointmentId;
use jiff::Timestamp;
use sachivalaya::audit;
use sachivalaya::store::appointment::AppointmentRow;
use sachivalaya::store::{appointment, claim, handover, office};

use crate::house::{House, post_id};

/// Everything live or waiting with these posts.
pub async fn live(house: &House, posts: &[&str]) -> Vec<AppointmentRow> {
    let mut connection = house.desk.store.read().await.unwrap();
    let mut rows = Vec::new();
    for post in posts {
        rows.extend(
            appointment::live_of_post(&mut connection, &post_id(post), Timestamp::UNIX_EPOCH, 10_000)
                .await
                .unwrap(),
        );
    }
    rows
}

/// Checks these posts; `lent` are cells that may be kept beside those of the times: offers to those who wait.
pub async fn is_sound(house: &House, posts: &[&str], lent: &[(AppointmentId, Slot)]) {
    let rows = live(house, posts).await;
    audit::seal(&house.desk.store).await.unwrap();
    let mut connection = house.desk.store.read().await.unwrap();
    let now = house.desk.now().as_millisecond();
    let mut kept: BTreeMap<AppointmentId, BTreeSet<Cell>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (id, post, cell, until) in claim::all(&mut connection).await.unwrap() {
        if until.is_none_or(|until| until > now) {
            assert!(seen.insert((post, cell)), "a cell is claimed once");
            kept.entry(id).or_default().insert(cell);
        }
    }
    for row in rows {
        let rules = &row.rules;
        let kept = kept.remove(&rules.id).unwrap_or_default();
        let own: BTreeSet<Cell> = match rules.state {
            AppointmentState::Waiting => BTreeSet::new(),
            _ => rules.slot.cells().collect(),
        };
        let offered = rules.proposed.iter().copied();
        let lent = lent.iter().filter(|(id, _)| *id == rules.id).map(|(_, slot)| *slot);
        let more: BTreeSet<Cell> = offered.chain(lent).flat_map(|slot| slot.cells()).collect();
        assert!(own.is_subset(&kept), "{}: its own time is kept", row.reference);
        assert!(kept.is_subset(&own.union(&more).copied().collect()), "{}: nothing else is", row.reference);
    }
    assert!(audit::verify(&mut connection).await.unwrap().is_ok(), "the chain follows");
}

/// Checks that every claim of these posts takes the minutes of whoever holds the post then.
pub async fn is_held_by_whom_it_says(house: &House, posts: &[&str]) {
    let mut connection = house.desk.store.read().await.unwrap();
    for post in posts {
        let history = office::history(&mut connection, &post_id(post)).await.unwrap();
        let who = claim::Claimant { post: post_id(post), history };
        for stretch in handover::stretches(&who, Timestamp::UNIX_EPOCH) {
            let behind = handover::is_behind(&mut connection, &who.post, &stretch).await.unwrap();
            assert!(!behind, "{post}: {stretch:?}");
            if stretch.person.is_some() {
                let nobodys = handover::nobodys(&mut connection, &who.post, &stretch).await.unwrap();
                assert_eq!(nobodys, [], "{post}: each claim is its holder's");
            }
        }
    }
}
