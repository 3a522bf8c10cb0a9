//! A state to measure in: posts that each meet people on weekdays, with a part of their times taken.

use domain::diary::supply::{Rules, Sitting};
use domain::id::{BodyId, PersonId, PostId};
use domain::office::{BodyKind, BookingMode, Charge, Incumbency, Rank, RoleKey};
use domain::text::Bilingual;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use sachivalaya::app::enrol::{self, Directory};
use sachivalaya::app::{Desk, Settings, diaries::Diaries, intake::Intake};
use sachivalaya::auth::token::LinkKey;
use sachivalaya::clock::{Clock, Random};
use sachivalaya::store::office::{BodyRow, PostRow};
use sachivalaya::store::{Store, supply};

use crate::{Fault, Place};

/// Slots of one post on a weekday: four hours of a quarter each.
const WINDOWS: [(u16, u16); 2] = [(660, 780), (900, 1_020)];

/// How large the state is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Posts.
    pub posts: usize,
    /// Days ahead that can be booked.
    pub days: u16,
    /// Of a hundred slots so many are taken.
    pub taken_percent: i64,
}

/// The id of the `n`th post.
pub fn post_id(n: usize) -> PostId {
    PostId::parse(&format!("post-{n:05}")).expect("an id of ours is an id")
}

/// Opens the state's database, and fills it when it is empty.
pub async fn open(place: &Place, size: Size) -> Result<Desk, Fault> {
    std::fs::create_dir_all(&place.folder)?;
    let settings = Settings {
        public_url: "http://127.0.0.1".into(),
        domain: "es.example.in".into(),
        link_key: LinkKey::new(&[7; 32]),
        is_demo: false,
        has_outside_rooms: false,
        door_opens_before: SignedDuration::from_mins(15),
        door_closes_after: SignedDuration::from_mins(30),
        recordings: None,
    };
    let desk = Desk {
        store: Store::open(&place.address()).await?,
        clock: Clock::system(),
        random: Random,
        settings: settings.into(),
        diaries: Diaries::default(),
        intake: Intake::default(),
    };
    match enrol::directory(&desk, &directory(size, desk.now())).await {
        Err(enrol::EnrolError::AlreadyThere) => return Ok(desk),
        other => other?,
    }
    let mut tx = desk.store.write().await?;
    let rules = Rules { horizon_days: size.days, ..Rules::of_house(15, SignedDuration::ZERO) };
    for n in 0..size.posts {
        supply::put_rules(&mut tx, &post_id(n), &rules).await?;
    }
    tx.touch_supply();
    tx.commit().await?;
    if size.taken_percent > 0 {
        fill(&desk, size).await?;
    }
    Ok(desk)
}

fn directory(size: Size, now: Timestamp) -> Directory {
    let mut all = Directory::default();
    let body = BodyId::parse("state").expect("an id of ours is an id");
    let name = |text: String| Bilingual::new(text.clone(), text);
    all.bodies.push(BodyRow {
        id: body.clone(),
        parent: None,
        kind: BodyKind::State,
        code: "ST".into(),
        name: name("State".into()),
    });
    let weekdays =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let week: Vec<(Weekday, Sitting)> = weekdays
        .into_iter()
        .flat_map(|day| WINDOWS.map(|(from, to)| (day, Sitting::for_all(from, to).expect("hours are hours"))))
        .collect();
    for n in 0..size.posts {
        let post = PostRow {
            id: post_id(n),
            body: body.clone(),
            body_name: Bilingual::default(),
            role: RoleKey::DistrictHead,
            rank: Rank::ALL[0],
            title: name(format!("Officer {n}")),
            mail: format!("post-{n:05}@example.in"),
            mode: BookingMode::Confirm,
            slot_minutes: 15,
            notice_minutes: 0,
            seat_number: None,
        };
        let person = PersonId::parse(&format!("person-{n:05}")).expect("an id of ours is an id");
        all.persons.push((person.clone(), name(format!("Person {n}"))));
        all.incumbencies.push(Incumbency {
            post: post.id.clone(),
            person: Some(person),
            charge: Charge::Regular,
            starts_at: now - SignedDuration::from_hours(24),
        });
        all.posts.push((post, week.clone()));
    }
    all
}

/// Takes a part of all times, each post another part, by rows alone.
async fn fill(desk: &Desk, size: Size) -> Result<(), Fault> {
    let kept = desk.diaries.of(desk, &post_id(0)).await?.ok_or("there is a first post")?;
    let slots = kept.open_slots(desk.now());
    let mut tx = desk.store.write().await?;
    sqlx::query("create table filling (slot bigint not null, cell bigint not null)")
        .execute(&mut *tx)
        .await?;
    for (n, slot) in slots.iter().enumerate() {
        for cell in slot.cells() {
            sqlx::query("insert into filling (slot, cell) values ($1, $2)")
                .bind(i64::try_from(n)?)
                .bind(cell.0)
                .execute(&mut *tx)
                .await?;
        }
    }
    tx.commit().await?;
    for n in 0..size.posts {
        let mut tx = desk.store.write().await?;
        let (post, appointment) = (post_id(n), format!("filling-{n:05}"));
        sqlx::query(
            "insert into appointment (id, reference, post_id, state, channel, language, subject, starts_at_ms, \
             ends_at_ms, sequence, version, created_at_ms, updated_at_ms) \
             values ($1, $1, $2, 'expired', 'video', 'hi', '', 0, 300000, 0, 1, 0, 0)",
        )
        .bind(&appointment)
        .bind(post.as_str())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into claim_cell (post_id, cell, person_id, appointment_id) \
             select $1, cell, $2, $3 from filling where (slot * 37 + $4) % 100 < $5",
        )
        .bind(post.as_str())
        .bind(format!("person-{n:05}"))
        .bind(&appointment)
        .bind(i64::try_from(n)? * 13)
        .bind(size.taken_percent)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    Ok(())
}
