//! A storm of joins: so many a second for a while, beside rooms in which people talk. Nobody may fail to come in, and
//! nobody who talks may notice.

use std::time::{Duration, Instant};

use clap::Args;

use crate::clock;
use crate::figures::Figures;
use crate::listener::Listener;
use crate::person::Fault;
use crate::scene::{Run, Scene, Server, Settings, Which};

/// Rooms in which people talk meanwhile.
const ROOMS: u64 = 3;
/// A client that has no packet after this has failed.
const PACKET_WITHIN: Duration = Duration::from_secs(10);
/// Clients that are coming at the same time; more would only wait in the load's own memory.
const COMING_MAX: usize = 2_000;
/// Between two looks at what arrived.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How many, and how fast.
#[derive(Args, Clone, Copy, Debug)]
pub struct Joins {
    /// Joins in a second.
    #[arg(long, default_value_t = 500)]
    pub joins: u32,
    /// For so many seconds.
    #[arg(long, default_value_t = 10)]
    pub storm: u32,
}

/// One that is coming: its place in the crowd, its name with the plane, and when it came.
struct Coming {
    place: usize,
    peer: u64,
    since: Instant,
}

/// Runs it once.
///
/// # Errors
/// The server is gone. A client that does not come in is counted.
pub fn storm(settings: &Settings, joins: Joins) -> Result<Figures, Fault> {
    let settings = Settings { scene: Scene::Audio, people: settings.people.min(6), ..settings.clone() };
    let mut run = Run::new(Which::Ours, &settings)?;
    for room in 1..=ROOMS {
        run.gather(room)?;
    }
    let room = ROOMS + 1;
    let feed = run.one_to_many(room)?;
    run.settle()?;
    run.crowd.work(Duration::from_secs(3))?;
    let talkers = run.crowd.clients.len();
    run.crowd.clients.iter_mut().for_each(|client| client.tally_mut().begin());
    let start = clock::instant();
    let mut watched: Vec<Listener> = (0..talkers).map(|place| Listener::begin(place, start)).collect();
    let (total, apart) = (joins.joins * joins.storm, Duration::from_secs(1) / joins.joins.max(1));
    let (mut begun, mut failed, mut pause) = (0, 0u32, Duration::ZERO);
    let (mut coming, mut set_up): (Vec<Coming>, Vec<Duration>) = (Vec::new(), Vec::new());
    let mut last_join = start;
    while begun < total || !coming.is_empty() {
        let now = clock::instant();
        while begun < total && now >= start + apart * begun && coming.len() < COMING_MAX {
            let (client, peer) = run.counting(room, &feed)?;
            coming.push(Coming { place: run.crowd.add(client)?, peer, since: now });
            begun += 1;
            last_join = now;
        }
        run.crowd.work(LOOK_EVERY.min(apart))?;
        failed += settle(&mut run, &mut coming, &mut set_up)?;
        pause = watched.iter_mut().map(|one| one.look(&run.crowd)).fold(pause, Duration::max);
    }
    let mut figures = Figures::default();
    let seconds = last_join.saturating_duration_since(start).as_secs_f64().max(0.001);
    figures.put("joins a second", f64::from(begun) / seconds);
    figures.put("joins that failed", f64::from(failed));
    set_up.sort_unstable();
    let at = |share: f64| {
        set_up.get((set_up.len() as f64 * share) as usize).map_or(0.0, |time| 1e3 * time.as_secs_f64())
    };
    figures.put("set-up p50, ms", at(0.5));
    figures.put("set-up p99, ms", at(0.99));
    figures.put("longest pause of anybody's sound, ms", 1e3 * pause.as_secs_f64());
    let tallies = run.crowd.clients[..talkers].iter().map(|client| client.tally().got_and_sent());
    let (got, sent) = tallies.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    figures.put("packets of sound that were lost", sent.saturating_sub(got) as f64);
    figures.put("packets of sound", sent as f64);
    Ok(figures)
}

/// Lets those go who have their first packet; returns how many have waited too long.
fn settle(run: &mut Run<'_>, coming: &mut Vec<Coming>, set_up: &mut Vec<Duration>) -> Result<u32, Fault> {
    let (mut kept, mut failed) = (Vec::new(), 0);
    for one in coming.drain(..) {
        let is_late = clock::instant().saturating_duration_since(one.since) > PACKET_WITHIN;
        match run.crowd.clients[one.place].set_up() {
            None if !is_late => {
                kept.push(one);
                continue;
            }
            None => failed += 1,
            Some(time) => set_up.push(time),
        }
        run.crowd.remove(one.place);
        if let Server::Ours(ours) = &mut run.server {
            ours.remove(one.peer)?;
        }
    }
    *coming = kept;
    Ok(failed)
}
