//! The diary against a model: whatever order people and desks act in, no time is given twice, nobody is lost, and
//! SEQUENCE and version never fall.
//!
//! Seeded runs with the hand clock: many on SQLite in memory, some on PostgreSQL when one is named. A seed that once
//! found something is kept in the list.

use std::collections::{BTreeMap, BTreeSet};

use domain::diary::displacement::AwayReason;
use domain::diary::{AppointmentState, Channel, DeclineReason, Slot};
use domain::id::{AbsenceId, AppointmentId, EmergencyId};
use domain::notice::What;
use domain::office::{Charge, holder_at, ist};
use domain::text::Subject;
use jiff::{SignedDuration, ToSpan};
use sachivalaya::app::book::{self, Details};
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::earlier::{self, Wish};
use sachivalaya::app::emergency::{self, SwitchWish};
use sachivalaya::app::hand_over::{self, HandOver};
use sachivalaya::app::hold::hold;
use sachivalaya::app::{ask, change, keep, redirect, screen, session, slip, undo};
use sachivalaya::auth::Actor;
use sachivalaya::store::appointment::AppointmentRow;
use sachivalaya::store::{appointment, office, waiting};

use crate::earlier::lent;
use crate::house::{House, details, post_id, wish};
use crate::sound::{is_held_by_whom_it_says, is_sound};

/// Two officers that are booked at once, a minister who is asked, and each one's desk.
const POSTS: [(&str, &str); 3] =
    [("sec-hlt", "desk-sec-hlt"), ("sec-edu", "desk-sec-edu"), ("min-hlt", "ps-hlt")];
const STEPS: usize = 80;
const SEEDS: std::ops::Range<u64> = 1..17;
/// Fewer, for each act goes to a server and back.
const SEEDS_POSTGRES: std::ops::Range<u64> = 20..28;

/// Numbers that follow from a seed (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count.max(1)).unwrap()).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        if all.is_empty() { None } else { Some(all[self.below(all.len())].clone()) }
    }
}

/// What the test knows of the house.
struct Model {
    house: House,
    chance: Chance,
    desks: Vec<Actor>,
    booked: Vec<(AppointmentId, String)>,
    absences: Vec<(usize, AbsenceId)>,
    /// Standing switches, with those whom they moved.
    emergencies: Vec<(usize, EmergencyId, BTreeSet<AppointmentId>)>,
    /// SEQUENCE and version as they were last seen.
    seen: BTreeMap<AppointmentId, (u32, i64)>,
    done: BTreeSet<&'static str>,
}

/// A refusal is an answer; a fault of the store is not.
fn settled<T, E: std::fmt::Debug>(done: Result<T, E>) -> Option<T> {
    match done {
        Ok(done) => Some(done),
        Err(error) => {
            let said = format!("{error:?}");
            assert!(!said.contains("Store("), "{said}");
            None
        }
    }
}

impl Model {
    async fn open(house: House, seed: u64) -> Self {
        let mut desks = Vec::new();
        for (_, desk) in POSTS {
            desks.push(house.staff(desk).await);
        }
        Self {
            house,
            chance: Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            desks,
            booked: Vec::new(),
            absences: Vec::new(),
            emergencies: Vec::new(),
            seen: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    async fn free(&mut self, post: usize) -> Option<Slot> {
        let free = self.house.free(POSTS[post].0).await;
        // The near ones more often, so that people meet.
        let near = &free[..free.len().min(12)];
        if self.chance.below(3) == 0 { self.chance.of(&free) } else { self.chance.of(near) }
    }

    async fn row(&self, id: &AppointmentId) -> AppointmentRow {
        let mut connection = self.house.desk.store.read().await.unwrap();
        appointment::by_id(&mut connection, id).await.unwrap().unwrap()
    }

    /// Somebody's appointment, with the place of the post that it is with now.
    async fn somebody(&mut self) -> Option<(AppointmentId, String, usize)> {
        let (id, token) = self.chance.of(&self.booked)?;
        let post = self.row(&id).await.rules.post;
        let place = POSTS.iter().position(|(name, _)| post.as_str() == *name)?;
        Some((id, token, place))
    }

    async fn step(&mut self) {
        self.house.a_moment_later();
        match self.chance.below(30) {
            0..=5 => self.book().await,
            6 => self.hold().await,
            7 | 8 => self.citizen_moves().await,
            9 | 26 => self.citizen_withdraws().await,
            10 | 11 => self.desk_answers().await,
            12 => self.desk_proposes().await,
            13 => self.citizen_answers().await,
            14 | 15 => self.away().await,
            16 => self.undo().await,
            17 => self.transfer().await,
            18 => self.emergency().await,
            19 => self.redirect().await,
            20 | 24 | 25 => self.citizen_waits().await,
            21 | 27 => self.citizen_takes_what_is_offered().await,
            22 => self.question().await,
            _ => self.time_passes().await,
        }
    }

    async fn hold(&mut self) {
        let post = self.chance.below(POSTS.len());
        let Some(slot) = self.free(post).await else { return };
        settled(hold(&self.house.desk, wish(POSTS[post].0, slot)).await);
    }

    async fn book(&mut self) {
        let post = self.chance.below(POSTS.len());
        let Some(slot) = self.free(post).await else { return };
        self.book_at(post, slot).await;
    }

    async fn book_at(&mut self, post: usize, slot: Slot) {
        let desk = &self.house.desk;
        let Some(held) = settled(hold(desk, wish(POSTS[post].0, slot)).await) else { return };
        let actor = session::actor(desk, held.cookie.as_deref()).await.unwrap();
        let channel = if self.chance.below(2) == 0 { "in_person" } else { "video" };
        let said = Details { channel: channel.into(), ..details() };
        settled(book::give_details(desk, &actor, &held.appointment, &said).await);
        let code = self.house.last_code().await;
        if let Some(booked) = settled(book::confirm(desk, &actor, &held.appointment, &code).await) {
            self.booked.push((held.appointment, booked.slip_token));
            self.done.insert("book");
        }
    }

    async fn citizen_moves(&mut self) {
        let Some((_, token, post)) = self.somebody().await else { return };
        let Some(slot) = self.free(post).await else { return };
        if settled(change::move_to(&self.house.desk, &token, slot.start()).await).is_some() {
            self.done.insert("move");
        }
    }

    async fn citizen_withdraws(&mut self) {
        let Some((_, mut token, _)) = self.somebody().await else { return };
        if self.chance.below(2) == 0 {
            // Whoever comes first, so that those who wait can be offered his time.
            let soon = self.house.desk.now() + SignedDuration::from_hours(3);
            let all = self.all().await;
            let ahead =
                |id: &AppointmentId| all.get(id).map(|row| row.rules.slot.start()).filter(|at| *at > soon);
            let first = self.booked.iter().filter_map(|(id, token)| Some((ahead(id)?, token))).min();
            token = first.map_or(token, |(_, first)| first.clone());
        }
        if settled(change::cancel(&self.house.desk, &token).await).is_some() {
            self.done.insert("cancel");
        }
    }

    async fn desk_answers(&mut self) {
        let Some((id, _, post)) = self.somebody().await else { return };
        if self.chance.below(4) == 0 {
            let reason = (DeclineReason::Engaged, None);
            if settled(screen::decline(&self.house.desk, &self.desks[post], &id, reason).await).is_some() {
                self.done.insert("decline");
            }
        } else if settled(screen::accept(&self.house.desk, &self.desks[post], &id).await).is_some() {
            self.done.insert("accept");
        }
    }

    async fn desk_proposes(&mut self) {
        let Some((id, _, post)) = self.somebody().await else { return };
        let mut starts = BTreeSet::new();
        for _ in 0..=self.chance.below(3) {
            starts.extend(self.free(post).await.map(|slot| slot.start()));
        }
        let starts: Vec<_> = starts.into_iter().collect();
        if settled(screen::propose(&self.house.desk, &self.desks[post], &id, &starts).await).is_some() {
            self.done.insert("propose");
        }
    }

    async fn citizen_answers(&mut self) {
        let mut proposed = Vec::new();
        for (id, token) in self.booked.clone() {
            if self.row(&id).await.rules.state == AppointmentState::Proposed {
                proposed.push((id, token));
            }
        }
        let Some((id, token)) = self.chance.of(&proposed) else { return };
        let start = self.chance.of(&self.row(&id).await.rules.proposed).map(|slot| slot.start());
        if settled(change::take_proposal(&self.house.desk, &token, start).await).is_some() {
            self.done.insert("take");
        }
    }

    async fn away(&mut self) {
        let post = self.chance.below(POSTS.len());
        let hours = i64::try_from(self.chance.below(24 * 5)).unwrap();
        let from = self.house.desk.now() + SignedDuration::from_hours(hours);
        // Now and then so long that no other time is left.
        let long = if self.chance.below(4) == 0 { 24 * 60 } else { 1 + self.chance.below(72) };
        let wish = AwayWish {
            post: post_id(POSTS[post].0),
            from,
            to: from + SignedDuration::from_hours(i64::try_from(long).unwrap()),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 1").unwrap(),
        };
        let desk = &self.house.desk;
        let Some(seen) = settled(displace::preview(desk, &self.desks[post], &wish).await) else { return };
        if self.chance.below(4) == 0 {
            // Something comes between the preview and the act.
            Box::pin(self.citizen_withdraws()).await;
        }
        let desk = &self.house.desk;
        let done = displace::carry_out(desk, &self.desks[post], &wish, &seen.mark).await;
        if let Some(done) = settled(done) {
            if done.moved > 0 {
                self.done.insert("displace");
            }
            if done.waiting > 0 {
                self.done.insert("wait without a time");
            }
            self.absences.push((post, done.absence));
        }
    }

    async fn undo(&mut self) {
        let Some((post, id)) = self.absences.pop() else { return };
        if settled(undo::undo(&self.house.desk, &self.desks[post], &id).await).is_some() {
            self.done.insert("undo");
        }
    }

    /// A charge is handed over at one of the next midnights: nobody is lost, and who is not hit keeps all that he has.
    async fn transfer(&mut self) {
        let mut connection = self.house.desk.store.read().await.unwrap();
        let all = office::incumbencies(&mut connection).await.unwrap();
        drop(connection);
        let days = i64::try_from(1 + self.chance.below(4)).unwrap();
        let on = self.house.desk.now().to_zoned(ist()).date().saturating_add(days.days());
        let mut place = self.chance.below(POSTS.len());
        let mut person = self.chance.of(&all).and_then(|row| row.person);
        if self.chance.below(2) == 0 {
            // To whoever holds another of them by then, with a time of both at which he would be met twice.
            let other = 1 - place.min(1);
            place = 1 - other;
            let midnight = on.to_zoned(ist()).unwrap().timestamp();
            person = holder_at(&all, &post_id(POSTS[other].0), midnight).map(|held| held.person);
            let theirs = self.house.free(POSTS[other].0).await;
            let ours = self.house.free(POSTS[place].0).await;
            let both = ours.into_iter().find(|slot| slot.start() >= midnight && theirs.contains(slot));
            if let Some(slot) = both {
                self.book_at(other, slot).await;
                self.house.a_moment_later();
                self.book_at(place, slot).await;
            }
        }
        let (post, authority) = (post_id(POSTS[place].0), Subject::parse("आदेश 9").unwrap());
        let wish = HandOver { post, person, charge: Charge::Regular, on, authority };
        let before = self.all().await;
        let shown = settled(hand_over::preview(&self.house.desk, &wish).await);
        let done = settled(hand_over::carry_out(&self.house.desk, &wish).await);
        assert_eq!(shown, done, "it does what it shows");
        let Some(done) = done else { return };
        self.done.insert("transfer");
        let hit: BTreeMap<_, _> = done.hit.iter().map(|(id, was, to)| (id, (*was, *to))).collect();
        for (id, was) in &before {
            let is = self.row(id).await;
            assert_eq!((&is.reference, &is.citizen), (&was.reference, &was.citizen));
            match hit.get(id) {
                None => assert_eq!((is.rules.slot, is.rules.sequence), (was.rules.slot, was.rules.sequence)),
                Some((fell, to)) => {
                    self.done.insert("collide");
                    assert_eq!((*fell, is.rules.sequence), (was.rules.slot, was.rules.sequence + 1));
                    let waits = is.rules.state == AppointmentState::Waiting;
                    assert_eq!((waits, is.rules.slot), (to.is_none(), to.unwrap_or(*fell)));
                }
            }
        }
    }

    /// Everybody as he stands.
    async fn all(&self) -> BTreeMap<AppointmentId, AppointmentRow> {
        let mut all = BTreeMap::new();
        for (id, _) in &self.booked {
            all.insert(id.clone(), self.row(id).await);
        }
        all
    }

    async fn emergency(&mut self) {
        if let Some((post, id, moved)) = self.emergencies.pop() {
            let before = self.all().await;
            let done = settled(emergency::undo(&self.house.desk, &self.desks[post], &id).await);
            let is_back =
                |row: &AppointmentRow| moved.contains(&row.rules.id) && row.channel == Channel::Video;
            if done.is_some() {
                self.switched(&before, (is_back, Channel::InPerson)).await;
                self.done.insert("take a switch back");
            }
            return;
        }
        let post = self.chance.below(POSTS.len());
        let from = self.house.desk.now();
        let to = from + SignedDuration::from_hours(24 * 7);
        let wish = SwitchWish { post: post_id(POSTS[post].0), from, to };
        let before = self.all().await;
        let done = settled(emergency::carry_out(&self.house.desk, &self.desks[post], &wish).await);
        if let Some(done) = done.filter(|done| done.meetings > 0) {
            // Each of them is the only one of his body.
            let scope = &wish.post;
            let is_hit = |row: &AppointmentRow| {
                let (rules, slot) = (&row.rules, row.rules.slot);
                let is_within = slot.start() < to && rules.post == *scope;
                is_within && row.channel == Channel::InPerson
            };
            let moved = self.switched(&before, (is_hit, Channel::Video)).await;
            assert_eq!(moved.len(), done.meetings, "as many as it says");
            self.emergencies.push((post, done.emergency, moved));
            self.done.insert("switch");
        }
    }

    /// Whoever was hit and lies ahead meets the other way now, at his time, under his number and UID, with the next
    /// SEQUENCE; all others are as they were.
    async fn switched(
        &self,
        before: &BTreeMap<AppointmentId, AppointmentRow>,
        (is_hit, to): (impl Fn(&AppointmentRow) -> bool, Channel),
    ) -> BTreeSet<AppointmentId> {
        use AppointmentState::{Confirmed, Proposed, Requested};
        let (now, told) = (self.house.desk.now(), self.house.outbox().await);
        let mut moved = BTreeSet::new();
        for (id, was) in before {
            let is = self.row(id).await;
            let (rules, old) = (&is.rules, &was.rules);
            assert_eq!((rules.slot, rules.state), (old.slot, old.state), "{id} keeps its turn");
            assert_eq!((&is.reference, &rules.post, &is.citizen), (&was.reference, &old.post, &was.citizen));
            let is_live = [Requested, Confirmed, Proposed].contains(&old.state) && old.slot.start() > now;
            if !(is_live && is_hit(was)) {
                assert_eq!((is.channel, rules.sequence), (was.channel, old.sequence), "{id} is not hit");
                continue;
            }
            assert_eq!((is.channel, rules.sequence), (to, old.sequence + 1), "{id} is moved");
            let uid = format!("{id}@es.example.in");
            let is_told = told.iter().any(|notice| match &notice.what {
                What::Switched { visit, .. } => visit.uid == uid && visit.sequence == rules.sequence,
                _ => false,
            });
            assert!(is_told, "{id} is told under the UID that it always had");
            moved.insert(id.clone());
        }
        moved
    }

    async fn redirect(&mut self) {
        let Some((id, _, post)) = self.somebody().await else { return };
        let to = post_id(POSTS[self.chance.below(POSTS.len())].0);
        let why = (&to, DeclineReason::OtherOffice);
        if settled(redirect::redirect(&self.house.desk, &self.desks[post], &id, why).await).is_some() {
            self.done.insert("redirect");
        }
    }

    async fn citizen_waits(&mut self) {
        for _ in 0..3 {
            let Some((_, token, _)) = self.somebody().await else { return };
            let wish = if self.chance.below(8) == 0 { Wish::Enough } else { Wish::Tell };
            settled(earlier::wait(&self.house.desk, &token, wish).await);
        }
    }

    async fn citizen_takes_what_is_offered(&mut self) {
        for (_, token) in self.booked.clone() {
            let slip = slip::slip(&self.house.desk, &token).await.unwrap().unwrap();
            if slip.offer.is_none() {
                continue;
            }
            if self.chance.below(3) == 0 {
                settled(earlier::refuse(&self.house.desk, &token).await);
            } else if settled(earlier::take(&self.house.desk, &token).await).is_some() {
                self.done.insert("take an earlier time");
            }
        }
    }

    async fn question(&mut self) {
        let Some((id, token, post)) = self.somebody().await else { return };
        let text = Subject::parse("कौन सा प्रखंड?").unwrap();
        settled(ask::ask(&self.house.desk, &self.desks[post], &id, &text).await);
        if self.chance.below(2) == 0 {
            settled(ask::answer(&self.house.desk, &token, &text).await);
        }
    }

    async fn time_passes(&mut self) {
        let minutes = [1, 7, 31, 31, 45, 180, 1_441][self.chance.below(7)];
        self.house.minutes_later(minutes);
        keep::round(&self.house.desk).await.unwrap();
        if self.chance.below(2) == 0 {
            self.citizen_takes_what_is_offered().await;
        }
        self.done.insert("keep");
    }

    async fn check(&mut self, (seed, step): (u64, usize)) {
        let posts = POSTS.map(|(post, _)| post);
        is_sound(&self.house, &posts, &lent(&self.house).await).await;
        is_held_by_whom_it_says(&self.house, &posts).await;
        let mut connection = self.house.desk.store.read().await.unwrap();
        for (id, _) in &self.booked {
            let row = appointment::by_id(&mut connection, id).await.unwrap().unwrap();
            let (sequence, version) = (row.rules.sequence, row.version);
            let before = self.seen.insert(id.clone(), (sequence, version));
            let (sequence_before, version_before) = before.unwrap_or_default();
            let rises = sequence >= sequence_before && version >= version_before;
            assert!(rises, "seed {seed}, step {step}: {id} goes up only");
            match row.rules.state {
                AppointmentState::Waiting => {
                    let is_listed = waiting::has(&mut connection, id).await.unwrap();
                    assert!(is_listed, "seed {seed}, step {step}: {id} waits on the list");
                }
                AppointmentState::Held | AppointmentState::Expired => {
                    panic!("seed {seed}, step {step}: {id} was booked and is lost")
                }
                _ => {}
            }
        }
    }
}

/// Plays one seed through: what was done in it.
async fn run(house: House, seed: u64) -> BTreeSet<&'static str> {
    let mut model = Model::open(house, seed).await;
    for step in 0..STEPS {
        model.step().await;
        model.check((seed, step)).await;
    }
    model.done
}

#[tokio::test]
async fn no_order_of_acts_gives_a_time_twice_or_loses_anybody() {
    let mut done = BTreeSet::new();
    for seed in SEEDS {
        done.extend(run(House::open().await, seed).await);
    }
    // A run that never does a thing proves nothing about it.
    for act in [
        "book",
        "move",
        "cancel",
        "accept",
        "decline",
        "propose",
        "take",
        "displace",
        "wait without a time",
        "undo",
        "transfer",
        "collide",
        "switch",
        "take a switch back",
        "redirect",
        "take an earlier time",
        "keep",
    ] {
        assert!(done.contains(act), "no run of the seeds does «{act}»");
    }
}

#[tokio::test]
async fn nor_does_any_on_the_other_database() {
    let mut done = BTreeSet::new();
    for seed in SEEDS_POSTGRES {
        let Some(house) = House::on_postgres().await else { return };
        done.extend(run(house, seed).await);
    }
    for act in ["book", "move", "cancel", "accept", "displace", "undo", "transfer", "switch", "keep"] {
        assert!(done.contains(act), "no run of the seeds does «{act}»");
    }
}
