//! Bookings of distinct slots: rate and delay of acts that are durable when they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::notice::Language;
use sachivalaya::app::Desk;
use sachivalaya::app::book::Details;
use sachivalaya::app::book_at_once::{Wish, book_at_once};
use sachivalaya::audit;
use sachivalaya::auth::Actor;

use crate::clock::{measure_for, now};
use crate::figures::Spans;
use crate::state::{Size, open, post_id};
use crate::{Fault, Place};

/// How long, by how many.
#[derive(clap::Args)]
pub struct Settings {
    #[command(flatten)]
    place: Place,
    /// Bookings that are on their way at once.
    #[arg(long, default_value_t = 128)]
    workers: usize,
    /// Seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Posts that are booked.
    #[arg(long, default_value_t = 1_000)]
    posts: usize,
}

/// Books for some seconds, and counts afterwards what is there.
pub async fn run(settings: Settings) -> Result<Vec<String>, Fault> {
    let desk = open(&settings.place, Size { posts: settings.posts, days: 90, taken_percent: 0 }).await?;
    let sealer = tokio::spawn(audit::keep_sealed(desk.store.clone()));
    let before = booked(&desk).await?;
    let over = Arc::new(AtomicBool::new(false));
    let begun = now();
    let workers: Vec<_> = (0..settings.workers)
        .map(|n| tokio::spawn(book(desk.clone(), (n, settings.workers, settings.posts), over.clone())))
        .collect();
    measure_for(Duration::from_secs(settings.seconds)).await;
    over.store(true, Ordering::Relaxed);
    let mut spans = Spans::default();
    for worker in workers {
        spans.join(worker.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let there = booked(&desk).await? - before;
    sealer.abort();
    let lines = vec![
        format!("book: {} workers, {} posts, {:.1} s", settings.workers, settings.posts, seconds),
        format!("bookings a second {:.0}, {}", spans.count() as f64 / seconds, spans.line()),
        format!("answered {}, there {there}", spans.count()),
    ];
    desk.store.close().await;
    Ok(lines)
}

async fn booked(desk: &Desk) -> Result<i64, Fault> {
    let mut connection = desk.store.read().await?;
    let (count,): (i64,) = sqlx::query_as("select count(*) from appointment where state = 'confirmed'")
        .fetch_one(&mut *connection)
        .await?;
    Ok(count)
}

/// Books the free times of its own posts, one after the other.
async fn book(
    desk: Desk,
    (first, step, posts): (usize, usize, usize),
    over: Arc<AtomicBool>,
) -> Result<Spans, Fault> {
    let mut spans = Spans::default();
    for n in (first..posts).step_by(step) {
        let Some(kept) = desk.diaries.of(&desk, &post_id(n)).await? else { continue };
        for slot in kept.open_slots(desk.now()) {
            if over.load(Ordering::Relaxed) {
                return Ok(spans);
            }
            let wish =
                Wish { post: post_id(n), start: slot.start(), details: details(), language: Language::Hindi };
            let begun = now();
            book_at_once(&desk, &Actor::Anyone, &wish).await?;
            spans.add(begun.elapsed());
        }
    }
    Ok(spans)
}

/// What a citizen writes.
pub fn details() -> Details {
    Details {
        name: "सुनीता देवी (डेमो)".into(),
        mobile: "00000 01234".into(),
        mail: String::new(),
        subject: "राशन कार्ड में नाम जोड़ना".into(),
        channel: "video".into(),
        category: String::new(),
    }
}
