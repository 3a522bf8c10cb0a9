//! Seats that stand warm, and a review of all of them: what each costs the server.
//!
//! Idle: nobody talks; processor time, memory and bytes of the whole machine's loopback are read before and after, so that
//! every packet with its headers counts, of datagrams and of sockets. Review: one seat calls all others in and gives seven the
//! floor; everybody sends a small picture and looks at one page of the wall, another one for each.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::clock;
use crate::crowd::{Crowd, Idle};
use crate::guests::lines;
use crate::person::{Fault, Lines, Sends, broken};
use crate::process::{Cpu, cpu_of, machine, resident_bytes};
use crate::seats::{Seat, open_all};
use crate::tally::What;

/// Handshakes, first probes and the board are over by then.
const SETTLES: Duration = Duration::from_secs(20);
/// Until everybody has taken the ring.
const TAKEN_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Those who speak in a review, its chair among them.
const SPEAKERS: usize = 8;
/// Whom a page of the wall shows besides (`web/static/js/review_pages.js`).
const PAGE: usize = 22;
/// Packets of pictures a second that each sends in a review: 180 lines at 15 frames.
const PICTURE_PACKETS: u32 = 20;
/// Somebody who breathes: below every voice.
const QUIET_DBOV: i8 = -70;
/// Sounds a second of one who speaks.
const SOUNDS: f64 = 50.0;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// All seats stand warm.
    Idle,
    /// All seats are in one review.
    Review,
}

/// Where, and for how long.
#[derive(Args, Clone, Copy, Debug)]
pub struct Warm {
    /// The server's plain HTTP.
    #[arg(long)]
    pub server: SocketAddr,
    /// The server's process.
    #[arg(long)]
    pub pid: u32,
    /// What is measured.
    #[arg(long)]
    pub scene: Scene,
    /// Seconds.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
}

/// What the machine has counted so far.
struct Counted {
    cpu: Cpu,
    memory: u64,
    loopback: u64,
}

fn count(pid: u32) -> Result<Counted, Fault> {
    Ok(Counted { cpu: cpu_of(pid)?, memory: resident_bytes(pid)?, loopback: loopback_bytes()? })
}

/// Bytes that went over loopback: each packet once, with its headers.
fn loopback_bytes() -> Result<u64, Fault> {
    let table = fs::read_to_string("/proc/net/dev")?;
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:")).ok_or("no loopback")?;
    Ok(line.split_whitespace().next().ok_or("no bytes")?.parse()?)
}

/// Share of one core, in percent.
fn share(before: &Counted, after: &Counted, seconds: f64) -> f64 {
    let (user, kernel) = after.cpu.since(before.cpu);
    (user + kernel) / 1e9 / seconds * 100.0
}

/// Measures and prints.
///
/// # Errors
/// A seat that is refused, or does not take the ring.
pub fn run(wish: Warm, mut print: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    print(&machine())?;
    let input = lines();
    let mut told = Vec::new();
    while let Some(line) = input.recv().ok().filter(|line| !line.is_empty()) {
        told.push(line);
    }
    let empty = count(wish.pid)?;
    let mut crowd = Crowd::new(Idle::Sleeps)?;
    let page = match wish.scene {
        Scene::Idle => Lines { sends: Sends::Rests, sounds: 3, pictures: 6 },
        Scene::Review => {
            Lines { sends: Sends::Media { rate: PICTURE_PACKETS }, sounds: SPEAKERS, pictures: 25 }
        }
    };
    let mut seats = open_all(&told, wish.server, (page, &mut crowd))?;
    let mut seconds = wish.seconds as f64;
    match wish.scene {
        Scene::Idle => {
            stay(&mut crowd, &mut seats, SETTLES)?;
            let before = count(wish.pid)?;
            stay(&mut crowd, &mut seats, Duration::from_secs(wish.seconds))?;
            let after = count(wish.pid)?;
            let each = seats.len() as f64;
            print(&format!(
                "{} seats warm for {seconds} s: {:.2} % of a core, {:.0} kB of memory a seat, {:.2} kb/s a seat both ways together",
                seats.len(),
                share(&before, &after, seconds),
                after.memory.saturating_sub(empty.memory) as f64 / each / 1e3,
                (after.loopback - before.loopback) as f64 * 8.0 / 1e3 / each / seconds,
            ))
        }
        Scene::Review => {
            gather(&mut crowd, &mut seats)?;
            stay(&mut crowd, &mut seats, SETTLES)?;
            crowd.clients.iter_mut().for_each(|client| client.tally_mut().begin());
            let (before, begun) = (count(wish.pid)?, clock::instant());
            stay(&mut crowd, &mut seats, Duration::from_secs(wish.seconds))?;
            let after = count(wish.pid)?;
            seconds = begun.elapsed().as_secs_f64();
            let got =
                |what| crowd.clients.iter().map(|client| client.tally().got_of(what)).sum::<u64>() as f64;
            // Whoever speaks hears the seven others.
            let heard = (seats.len() * SPEAKERS - SPEAKERS) as f64 * SOUNDS * seconds;
            print(&format!(
                "{} seats in one review, {SPEAKERS} speak, for {seconds:.0} s: {:.0} % of a core; sound delivered {:.2} %; \
                 {:.0} packets of pictures a second; {:.1} Mb/s both ways together",
                seats.len(),
                share(&before, &after, seconds),
                got(What::Sound) / heard * 100.0,
                got(What::Picture) / seconds,
                (after.loopback - before.loopback) as f64 * 8.0 / 1e6 / seconds,
            ))
        }
    }
}

/// Time passes: sockets are read, connections kept.
fn stay(crowd: &mut Crowd, seats: &mut [Seat], time: Duration) -> Result<(), Fault> {
    let end = clock::instant() + time;
    while clock::instant() < end {
        crowd.work(LOOK_EVERY)?;
        for seat in seats.iter_mut() {
            seat.listen()?;
            seat.heard.clear();
        }
    }
    Ok(())
}

/// The first seat calls all others in, each takes it and looks at a page of the wall, and seven have the floor.
fn gather(crowd: &mut Crowd, seats: &mut [Seat]) -> Result<(), Fault> {
    for (n, seat) in seats.iter().enumerate() {
        if let Some(person) = crowd.clients[seat.place].person().filter(|_| n >= SPEAKERS) {
            person.level = QUIET_DBOV;
        }
        crowd.let_send(seat.place, Duration::from_millis(n as u64 % 20));
    }
    let posts: Vec<String> = seats.iter().map(|seat| seat.post.clone()).collect();
    let Some(chair) = seats.first_mut() else { return Err(broken("nobody to ring")) };
    chair.says(json!({ "type": "open_review", "posts": posts[1..] }));
    let (end, mut taken, mut review) = (clock::instant() + TAKEN_WITHIN, 1, json!(""));
    while taken < posts.len() {
        crowd.work(LOOK_EVERY)?;
        for seat in seats.iter_mut() {
            seat.listen()?;
            for message in std::mem::take(&mut seat.heard) {
                match message["type"].as_str() {
                    Some("incoming") => {
                        review = message["call"].clone();
                        seat.says(json!({ "type": "accept_ring", "call": review }));
                        taken += 1;
                    }
                    Some("error") => return Err(broken(&format!("{}: {message}", seat.post))),
                    _ => {}
                }
            }
        }
        if clock::instant() > end {
            return Err(broken(&format!("{taken} of {} are in the review", posts.len())));
        }
    }
    let step =
        |seat: &mut Seat, step| seat.says(json!({ "type": "review_step", "call": review, "step": step }));
    for (n, seat) in seats.iter_mut().enumerate() {
        let page: Vec<&String> = posts.iter().cycle().skip(n + 1).take(PAGE).collect();
        step(seat, json!({ "kind": "look", "posts": page }));
    }
    let Some(chair) = seats.first_mut() else { return Ok(()) };
    for post in &posts[1..SPEAKERS] {
        step(chair, json!({ "kind": "give_floor", "post": post, "minutes": 5 }));
    }
    Ok(())
}
