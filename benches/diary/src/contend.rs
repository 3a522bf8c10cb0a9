//! Many workers want the same slots, and the process is killed again and again in the middle of it.
//!
//! The parent starts a child that books, hears of each booking that was answered, and kills it after a random time. At the
//! end each slot has exactly one winner, and each answer that was given still stands.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::diary::Slot;
use domain::notice::Language;
use sachivalaya::app::Desk;
use sachivalaya::app::book_at_once::{AtOnceError, Wish, book_at_once};
use sachivalaya::app::hold::HoldError;
use sachivalaya::audit;
use sachivalaya::auth::Actor;

use crate::book::details;
use crate::clock::{now, pause};
use crate::state::{Size, open, post_id};
use crate::{Fault, Place};

/// Slots come in so many waves, so that there is something to fight for until the end.
const WAVES: usize = 20;
/// Shortest and longest life of a child, milliseconds.
const LIVES_MS: (u64, u64) = (500, 4_000);

/// How much.
#[derive(clap::Args, Clone)]
pub struct Settings {
    #[command(flatten)]
    place: Place,
    /// Attempts in all.
    #[arg(long, default_value_t = 1_000_000)]
    attempts: usize,
    /// Slots.
    #[arg(long, default_value_t = 1_000)]
    slots: usize,
    /// Workers.
    #[arg(long, default_value_t = 64)]
    workers: usize,
    /// Attempts that were made before; the child's part of the work begins there.
    #[arg(long, hide = true)]
    from: Option<usize>,
}

/// Parent or child.
pub async fn run(settings: Settings) -> Result<Vec<String>, Fault> {
    match settings.from {
        None => tokio::task::spawn_blocking(|| lead(settings)).await?,
        Some(from) => work(settings, from).await.map(|()| Vec::new()),
    }
}

async fn opened(settings: &Settings) -> Result<(Desk, Vec<Slot>), Fault> {
    let desk = open(&settings.place, Size { posts: 1, days: 92, taken_percent: 0 }).await?;
    let kept = desk.diaries.of(&desk, &post_id(0)).await?.ok_or("there is a post")?;
    // All that is offered from tomorrow on, taken or not, so that every child means the same slots.
    let tomorrow = desk.now().to_zoned(domain::office::ist()).date().tomorrow()?;
    let days = tomorrow.series(jiff::ToSpan::day(1)).take(91);
    let zone = domain::office::ist();
    let slots = days.flat_map(|day| kept.diary().supply().offers_on(day, &zone)).map(|offer| offer.slot);
    let slots: Vec<Slot> = slots.take(settings.slots).collect();
    if slots.len() < settings.slots {
        return Err(format!("the post offers only {} slots", slots.len()).into());
    }
    Ok((desk, slots))
}

/// Starts children and kills them until all attempts are made.
fn lead(settings: Settings) -> Result<Vec<String>, Fault> {
    let begun = now();
    let (mut tried, mut kills, mut chance) = (0, 0, 88_172_645_463_325_252_u64);
    let mut won: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    while tried < settings.attempts {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let life = Duration::from_millis(LIVES_MS.0 + chance % (LIVES_MS.1 - LIVES_MS.0));
        let mut child = Command::new(std::env::current_exe()?)
            .args(["contend", "--folder"])
            .arg(&settings.place.folder)
            .args(settings.place.database.iter().flat_map(|address| ["--database", address.as_str()]))
            .args(["--attempts", &settings.attempts.to_string(), "--slots", &settings.slots.to_string()])
            .args(["--workers", &settings.workers.to_string(), "--from", &tried.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let heard = child.stdout.take().ok_or("the child's voice")?;
        let listener = std::thread::spawn(move || {
            BufReader::new(heard).lines().map_while(Result::ok).collect::<Vec<String>>()
        });
        let due = now() + life;
        let mut is_killed = false;
        while child.try_wait()?.is_none() {
            if now() >= due && !is_killed {
                child.kill()?;
                is_killed = true;
                kills += 1;
            }
            pause(Duration::from_millis(5));
        }
        let lines = listener.join().map_err(|_| "the listener fell")?;
        for line in &lines {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["won", start, appointment] => {
                    won.entry(start.parse()?).or_default().push(appointment.to_owned())
                }
                ["tried", count] => tried += count.parse::<usize>()?,
                // The last line may have been cut off in the middle.
                _ => {}
            }
        }
    }
    verdict(&settings, begun, (tried, kills), won)
}

fn verdict(
    settings: &Settings,
    begun: Instant,
    (tried, kills): (usize, usize),
    won: BTreeMap<i64, Vec<String>>,
) -> Result<Vec<String>, Fault> {
    let seconds = begun.elapsed().as_secs_f64();
    let told: Vec<(i64, String)> =
        won.iter().flat_map(|(start, all)| all.iter().map(|one| (*start, one.clone()))).collect();
    let twice_told = won.values().filter(|all| all.len() > 1).count();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (there, slots, lost, chain) = runtime.block_on(async {
        let (desk, _) = opened(settings).await?;
        let mut connection = desk.store.read().await?;
        let (there, slots): (i64, i64) = sqlx::query_as(
            "select count(*), count(distinct starts_at_ms) from appointment where state = 'confirmed'",
        )
        .fetch_one(&mut *connection)
        .await?;
        let mut lost = 0;
        for (start, appointment) in &told {
            let found: Option<(i64,)> =
                sqlx::query_as("select starts_at_ms from appointment where id = $1 and state = 'confirmed'")
                    .bind(appointment)
                    .fetch_optional(&mut *connection)
                    .await?;
            lost += usize::from(found != Some((*start,)));
        }
        drop(connection);
        audit::seal(&desk.store).await?;
        let mut connection = desk.store.read().await?;
        let chain = audit::verify(&mut connection).await?;
        Ok::<_, Fault>((there, slots, lost, chain))
    })?;
    let is_right =
        there == settings.slots as i64 && slots == there && lost == 0 && twice_told == 0 && chain.is_ok();
    let lines = vec![
        format!(
            "contend: {tried} attempts on {} slots, {} workers, {kills} kills, {seconds:.0} s",
            settings.slots, settings.workers
        ),
        format!(
            "winners {there} on {slots} slots; told {}, of these lost {lost}, told twice {twice_told}",
            told.len()
        ),
        format!("audit chain {}", if chain.is_ok() { "whole" } else { "BROKEN" }),
    ];
    if is_right { Ok(lines) } else { Err(lines.join("\n").into()) }
}

/// Wants slots until it is killed or all attempts are made.
async fn work(settings: Settings, from: usize) -> Result<(), Fault> {
    let (desk, slots) = opened(&settings).await?;
    tokio::spawn(audit::keep_sealed(desk.store.clone()));
    let (slots, next): (Arc<[Slot]>, _) = (slots.into(), Arc::new(AtomicUsize::new(from)));
    let workers: Vec<_> = (0..settings.workers)
        .map(|worker| {
            tokio::spawn(want(desk.clone(), slots.clone(), next.clone(), (worker, settings.attempts)))
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(())
}

async fn want(
    desk: Desk,
    slots: Arc<[Slot]>,
    next: Arc<AtomicUsize>,
    (worker, attempts): (usize, usize),
) -> Result<(), Fault> {
    let mut chance = worker as u64 * 2 + 1;
    let mut tried = 0;
    loop {
        let attempt = next.fetch_add(1, Ordering::Relaxed);
        if attempt >= attempts {
            say(&format!("tried {tried}"))?;
            return Ok(());
        }
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wave = slots.len() / WAVES;
        let open = (attempt * WAVES / attempts + 1) * wave;
        let slot = slots[(chance >> 33) as usize % open.min(slots.len())];
        let wish =
            Wish { post: post_id(0), start: slot.start(), details: details(), language: Language::Hindi };
        match book_at_once(&desk, &Actor::Anyone, &wish).await {
            Ok(booking) => {
                say(&format!("won {} {}", slot.start().as_millisecond(), booking.appointment))?;
            }
            Err(AtOnceError::Time(HoldError::SlotTaken { .. })) => {}
            Err(other) => return Err(other.into()),
        }
        tried += 1;
        if tried == 100 {
            say(&format!("tried {tried}"))?;
            tried = 0;
        }
    }
}

fn say(line: &str) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
