//! A house to test in: the demo directory on a database of its own, a hand clock, and short words for common acts.

use std::sync::Arc;
use std::time::Duration;

use domain::diary::Slot;
use domain::diary::displacement::AwayReason;
use domain::id::{AbsenceId, AppointmentId, EmergencyId, PostId};
use domain::notice::{Language, Notice, Recipient, What};
use domain::text::Subject;
use jiff::{SignedDuration, Timestamp};
use sachivalaya::app::book::{self, Details};
use sachivalaya::app::diaries::Diaries;
use sachivalaya::app::displace::{self, AwayWish};
use sachivalaya::app::emergency::{self, SwitchWish};
use sachivalaya::app::hold::{HoldWish, hold};
use sachivalaya::app::intake::Intake;
use sachivalaya::app::{Desk, Settings, directory, enrol, outbox_page, session, sign_in};
use sachivalaya::auth::Actor;
use sachivalaya::auth::token::LinkKey;
use sachivalaya::clock::{Clock, Random};
use sachivalaya::demo;
use sachivalaya::store::{Store, staff};

/// Tuesday, 24 November 2026, 10:50 in India.
pub const TUESDAY: &str = "2026-11-24T10:50:00+05:30";

/// The whole house on one database.
pub struct House {
    pub desk: Desk,
    /// What the server keeps beside its database.
    pub data: tempfile::TempDir,
    /// Kept so that the file lives as long as the house.
    _folder: Option<tempfile::TempDir>,
}

impl House {
    /// A house at TUESDAY on SQLite in memory.
    pub async fn open() -> Self {
        Self::on("sqlite::memory:", None).await
    }

    /// Houses on every database there is to test: SQLite as a file, and PostgreSQL when one is named.
    pub async fn everywhere() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
        let mut houses = vec![Self::on(&address, Some(folder)).await];
        houses.extend(Self::on_postgres().await);
        houses
    }

    /// A house on PostgreSQL, when one is named.
    pub async fn on_postgres() -> Option<Self> {
        let server = std::env::var("SACHIVALAYA_TEST_POSTGRES").ok()?;
        Some(Self::on(&fresh_database(&server).await, None).await)
    }

    /// A house on this database.
    pub async fn on(address: &str, folder: Option<tempfile::TempDir>) -> Self {
        let now: Timestamp = TUESDAY.parse().unwrap();
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            public_url: "https://es.example.in".into(),
            domain: "es.example.in".into(),
            link_key: LinkKey::new(&[7; 32]),
            is_demo: true,
            has_outside_rooms: true,
            recordings: Some(data.path().join("recordings")),
            door_opens_before: SignedDuration::from_mins(15),
            door_closes_after: SignedDuration::from_mins(30),
        };
        let desk = Desk {
            store: Store::open(address).await.unwrap(),
            clock: Clock::hand(now),
            random: Random,
            settings: Arc::new(settings),
            diaries: Diaries::default(),
            intake: Intake::default(),
        };
        enrol::directory(&desk, &demo::directory(now)).await.unwrap();
        Self { desk, data, _folder: folder }
    }

    /// Moves the hand clock.
    pub fn minutes_later(&self, minutes: u64) {
        self.desk.clock.advance(Duration::from_secs(minutes * 60));
    }

    /// Moves the hand clock as little as it goes, so that what is sent next is the newest.
    pub fn a_moment_later(&self) {
        self.desk.clock.advance(Duration::from_millis(1));
    }

    /// The free times of a post, two weeks on.
    pub async fn free(&self, post: &str) -> Vec<Slot> {
        let days = directory::free_days(&self.desk, &post_id(post), 14).await.unwrap();
        days.into_iter().flat_map(|day| day.times).collect()
    }

    /// A fresh device holds this time.
    pub async fn holds(&self, post: &str, slot: Slot) -> (AppointmentId, Actor) {
        let held = hold(&self.desk, wish(post, slot)).await.unwrap();
        let actor = session::actor(&self.desk, held.cookie.as_deref()).await.unwrap();
        (held.appointment, actor)
    }

    /// A citizen books this time to the end; the token of his slip.
    pub async fn books(&self, post: &str, slot: Slot) -> String {
        self.a_moment_later();
        let (id, actor) = self.holds(post, slot).await;
        book::give_details(&self.desk, &actor, &id, &details()).await.unwrap();
        let code = self.last_code().await;
        book::confirm(&self.desk, &actor, &id, &code).await.unwrap().slip_token
    }

    /// The officer of `post` is away for an hour in which nobody meets him, as its desk writes.
    pub async fn is_away(&self, post: &str, desk: &str) -> AbsenceId {
        let from = self.desk.now() + SignedDuration::from_hours(24 * 9 + 12);
        let wish = AwayWish {
            post: post_id(post),
            from,
            to: from + SignedDuration::from_hours(1),
            reason: AwayReason::Tour,
            authority: Subject::parse("आदेश 7").unwrap(),
        };
        let desk = self.staff(desk).await;
        let seen = displace::preview(&self.desk, &desk, &wish).await.unwrap();
        displace::carry_out(&self.desk, &desk, &wish, &seen.mark).await.unwrap().absence
    }

    /// All meetings of the scope of `post` are by video for a day, as its desk writes.
    pub async fn is_by_video(&self, post: &str, desk: &str) -> EmergencyId {
        let from = self.desk.now();
        let wish = SwitchWish { post: post_id(post), from, to: from + SignedDuration::from_hours(24) };
        let desk = self.staff(desk).await;
        emergency::carry_out(&self.desk, &desk, &wish).await.unwrap().emergency
    }

    /// Everything that was laid into the outbox, newest first.
    pub async fn outbox(&self) -> Vec<Notice> {
        outbox_page::recent(&self.desk).await.unwrap().into_iter().map(|line| line.notice).collect()
    }

    /// The code of the newest message that carries one.
    pub async fn last_code(&self) -> String {
        let told = self.outbox().await;
        told.iter()
            .find_map(|notice| match &notice.what {
                What::Code { code, .. } => Some(code.clone()),
                _ => None,
            })
            .expect("a code was sent")
    }

    /// The kinds of notices, newest first, with their way: `sms:confirmed`.
    pub async fn told(&self) -> Vec<String> {
        let told = self.outbox().await;
        told.iter().map(|n| format!("{}:{}", channel(&n.to), n.what.kind())).collect()
    }

    /// Whoever holds `post`, signed in from it by a one-time link.
    pub async fn staff(&self, post: &str) -> Actor {
        let mut connection = self.desk.store.read().await.unwrap();
        let user = staff::by_login(&mut connection, post).await.unwrap().unwrap().id;
        drop(connection);
        let shown = sign_in::print_link(&self.desk, &user, &post_id(post)).await.unwrap();
        let begun = sign_in::by_link(&self.desk, &shown).await.unwrap();
        session::actor(&self.desk, Some(&begun.cookie)).await.unwrap()
    }
}

const fn channel(to: &Recipient) -> &'static str {
    match to {
        Recipient::Mail { .. } => "mail",
        Recipient::Sms { .. } => "sms",
    }
}

/// A new database on that server; the test that asks owns it.
pub async fn fresh_database(server: &str) -> String {
    let name = format!("es_{}", data_encoding::HEXLOWER.encode(&Random.bytes::<8>()));
    sachivalaya::store::dialect::create_database(server, &name).await.unwrap();
    let (head, query) = server.split_once('?').map_or((server, String::new()), |(h, q)| (h, format!("?{q}")));
    let base = head.rsplit_once('/').map_or(head, |(base, _)| base);
    format!("{base}/{name}{query}")
}

/// The id of a post.
pub fn post_id(text: &str) -> PostId {
    PostId::parse(text).unwrap()
}

/// A wish of a device that is not known yet.
pub fn wish(post: &str, slot: Slot) -> HoldWish {
    HoldWish {
        session: None,
        post: post_id(post),
        start: slot.start(),
        language: Language::Hindi,
        category: None,
    }
}

/// A form that is filled in well.
pub fn details() -> Details {
    Details {
        name: "सुनीता देवी (डेमो)".into(),
        mobile: "00000 01234".into(),
        mail: "citizen@example.in".into(),
        subject: "राशन कार्ड में नाम जोड़ना".into(),
        channel: "video".into(),
        category: String::new(),
    }
}
