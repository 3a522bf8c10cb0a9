//! Displacement: the meetings of one officer fall at once, get other times, and get their old ones back.

use domain::diary::Slot;
use domain::diary::displacement::AwayReason;
use domain::id::{PersonId, SessionId, UserId};
use domain::notice::Language;
use domain::office::RoleKey;
use domain::text::{Bilingual, Subject};
use sachivalaya::app::Desk;
use sachivalaya::app::book_at_once::{Wish, book_at_once};
use sachivalaya::app::displace::{AwayWish, carry_out, preview};
use sachivalaya::app::undo::undo;
use sachivalaya::auth::{Actor, Staff};

use crate::book::details;
use crate::clock::now;
use crate::figures::Spans;
use crate::state::{Size, open, post_id};
use crate::{Fault, Place};

/// How much.
#[derive(clap::Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,
    /// Meetings that fall.
    #[arg(long, default_value_t = 200)]
    meetings: usize,
    /// How often.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// Books, displaces and undoes.
pub async fn run(settings: Settings) -> Result<Vec<String>, Fault> {
    let desk = open(&settings.place, Size { posts: 1, days: 90, taken_percent: 0 }).await?;
    let slots = booked(&desk, settings.meetings).await?;
    let (first, last) = slots.first().zip(slots.last()).ok_or("there are meetings")?;
    let officer = officer();
    let wish = AwayWish {
        post: post_id(0),
        from: first.start(),
        to: last.end(),
        reason: AwayReason::Assembly,
        authority: Subject::parse("Order 17").map_err(|_| "an authority of ours is one")?,
    };
    let (mut seen, mut done, mut undone) = (Spans::default(), Spans::default(), Spans::default());
    let mut lines = vec![format!("displace: {} meetings, {} runs", settings.meetings, settings.runs)];
    for _ in 0..settings.runs {
        let begun = now();
        let impact = preview(&desk, &officer, &wish).await?;
        seen.add(begun.elapsed());
        let begun = now();
        let moved = carry_out(&desk, &officer, &wish, &impact.mark).await?;
        done.add(begun.elapsed());
        let begun = now();
        let back = undo(&desk, &officer, &moved.absence).await?;
        undone.add(begun.elapsed());
        lines.push(format!("moved {}, waiting {}, restored {}", moved.moved, moved.waiting, back.restored));
    }
    lines.push(format!("preview {}", seen.line()));
    lines.push(format!("act     {}", done.line()));
    lines.push(format!("undo    {}", undone.line()));
    desk.store.close().await;
    Ok(lines)
}

/// Books the first times from tomorrow on.
async fn booked(desk: &Desk, count: usize) -> Result<Vec<Slot>, Fault> {
    let kept = desk.diaries.of(desk, &post_id(0)).await?.ok_or("there is a post")?;
    let tomorrow = desk.now().to_zoned(domain::office::ist()).date().tomorrow()?;
    let is_later = |slot: &Slot| slot.start().to_zoned(domain::office::ist()).date() >= tomorrow;
    let slots: Vec<Slot> = kept.open_slots(desk.now()).into_iter().filter(is_later).take(count).collect();
    for slot in &slots {
        let wish =
            Wish { post: post_id(0), start: slot.start(), details: details(), language: Language::Hindi };
        book_at_once(desk, &Actor::Anyone, &wish).await?;
    }
    Ok(slots)
}

fn officer() -> Actor {
    let id = "an id of ours is an id";
    Actor::Staff(Box::new(Staff {
        session: SessionId::parse("session").expect(id),
        user: UserId::parse("user").expect(id),
        person: PersonId::parse("person-00000").expect(id),
        post: post_id(0),
        title: Bilingual::default(),
        role: RoleKey::DistrictHead,
        is_holder: true,
        screens: vec![post_id(0)],
        admits: vec![post_id(0)],
    }))
}
