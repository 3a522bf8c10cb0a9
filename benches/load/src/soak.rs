//! Endurance: clients come and go while meetings run, and memory and descriptors of the plane must stay flat.
//!
//! One in ten leaves without a word, so that the plane has to notice it. Measures nothing that needs a quiet machine.

use std::time::{Duration, Instant};

use clap::Args;

use crate::clock;
use crate::figures::Figures;
use crate::person::Fault;
use crate::process::{descriptors, resident_bytes};
use crate::scene::{Run, Scene, Server, Settings, Which};

/// Clients that are coming at the same time.
const COMING_MAX: usize = 8;
/// Meetings that run meanwhile.
const MEETINGS: u64 = 3;
/// A client that has no packet after this ends the measurement.
const PACKET_WITHIN: Duration = Duration::from_secs(20);
/// Before the first sample: the packet caches of all who send are full then (1,024 packets at 50 a second).
const WARM: Duration = Duration::from_secs(25);
/// How far memory may have grown: what an allocator scatters.
const GROWTH_MAX: f64 = 1.10;
/// After the end: those who left without a word are gone by then (`silence_max` of the plane and a second).
const SILENCE: Duration = Duration::from_secs(17);
/// Samples of a run.
const SAMPLES: u64 = 12;

/// How long, and how fast.
#[derive(Args, Clone, Copy, Debug)]
pub struct Endurance {
    /// Ends after so many clients came and went.
    #[arg(long, default_value_t = 10_000)]
    pub cycles: u64,
    /// Ends after so many minutes instead.
    #[arg(long)]
    pub minutes: Option<u64>,
    /// Clients that come in a second, at most.
    #[arg(long, default_value_t = 200)]
    pub joins: u32,
}

/// What one sample saw.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Clients that had come and gone.
    pub cycles: u64,
    /// Peers then.
    pub peers: u64,
    /// Bytes in memory.
    pub resident: u64,
    /// Bytes on the heap.
    pub heap: u64,
    /// Open descriptors.
    pub descriptors: u64,
}

/// One that is coming: its place in the crowd, its name with the plane, and when it came.
struct Coming {
    place: usize,
    peer: u64,
    since: Instant,
}

fn sample(run: &mut Run<'_>, cycles: u64) -> Result<Sample, Fault> {
    let (pid, counts) = (run.server.pid(), run.server.count()?.unwrap_or_default());
    Ok(Sample {
        cycles,
        peers: counts.peers_up,
        resident: resident_bytes(pid)?,
        heap: counts.heap_bytes,
        descriptors: descriptors(pid)?,
    })
}

/// Runs it; each sample is shown as it is taken, the last one when those who left in silence are gone.
///
/// # Errors
/// A client failed, or got nothing.
pub fn endure(
    settings: &Settings,
    endurance: Endurance,
    mut show: impl FnMut(&Sample) -> Result<(), Fault>,
) -> Result<Vec<Sample>, Fault> {
    let settings = Settings {
        scene: Scene::Meeting,
        people: settings.people.min(6),
        sleeping: true,
        ..settings.clone()
    };
    let mut run = Run::new(Which::Ours, &settings)?;
    for room in 1..=MEETINGS {
        run.gather(room)?;
    }
    let room = MEETINGS + 1;
    let feed = run.one_to_many(room)?;
    run.settle()?;
    run.crowd.work(WARM)?;
    let (start, apart) = (clock::instant(), Duration::from_secs(1) / endurance.joins.max(1));
    let minutes = endurance.minutes.map(|minutes| Duration::from_secs(60 * minutes));
    let (mut cycles, mut next_join, mut samples) = (0, start, Vec::new());
    let mut coming: Vec<Coming> = Vec::new();
    loop {
        let now = clock::instant();
        let passed = now.saturating_duration_since(start);
        let done = match minutes {
            Some(minutes) => passed.as_secs_f64() / minutes.as_secs_f64(),
            None => cycles as f64 / endurance.cycles.max(1) as f64,
        };
        if done * SAMPLES as f64 >= samples.len() as f64 {
            samples.push(sample(&mut run, cycles)?);
            samples.last().map_or(Ok(()), &mut show)?;
        }
        if done >= 1.0 {
            break;
        }
        if now >= next_join && coming.len() < COMING_MAX {
            next_join = now + apart;
            let (client, peer) = run.counting(room, &feed)?;
            coming.push(Coming { place: run.crowd.add(client)?, peer, since: now });
        }
        run.crowd.work(Duration::from_millis(1))?;
        cycles += leave(&mut run, &mut coming, cycles)?;
    }
    while !coming.is_empty() {
        run.crowd.work(Duration::from_millis(1))?;
        cycles += leave(&mut run, &mut coming, cycles)?;
    }
    run.crowd.work(SILENCE)?;
    samples.push(sample(&mut run, cycles)?);
    samples.last().map_or(Ok(()), &mut show)?;
    Ok(samples)
}

/// Lets those leave that have their first packet; returns how many.
fn leave(run: &mut Run<'_>, coming: &mut Vec<Coming>, before: u64) -> Result<u64, Fault> {
    let (mut kept, mut left) = (Vec::new(), 0);
    for one in coming.drain(..) {
        if run.crowd.clients[one.place].set_up().is_none() {
            if clock::instant().saturating_duration_since(one.since) > PACKET_WITHIN {
                return Err("a client that came got nothing".into());
            }
            kept.push(one);
            continue;
        }
        left += 1;
        run.crowd.remove(one.place);
        if !(before + left).is_multiple_of(10)
            && let Server::Ours(ours) = &mut run.server
        {
            ours.remove(one.peer)?;
        }
    }
    *coming = kept;
    Ok(left)
}

/// Whether nothing grew from the first sample to the last, between which all who came have gone. The resident size is
/// compared with the most of the first half: pages once used are not given back.
pub fn verdict(samples: &[Sample]) -> (bool, Figures) {
    let mut figures = Figures::default();
    let [first, _, .., last] = samples else { return (false, figures) };
    let early = samples[..samples.len() / 2].iter().map(|sample| sample.resident).max().unwrap_or(0);
    let growth = |now: u64, then: u64| now as f64 / then.max(1) as f64;
    figures.put("resident memory, last / most of the first half", growth(last.resident, early));
    figures.put("heap, last / first sample", growth(last.heap, first.heap));
    figures.put("descriptors more than at the start", last.descriptors as f64 - first.descriptors as f64);
    figures.put("peers more than at the start", last.peers as f64 - first.peers as f64);
    let is_flat = figures.0.iter().all(|(name, value)| {
        if name.starts_with("resident") || name.starts_with("heap") {
            *value <= GROWTH_MAX
        } else {
            *value <= 0.0
        }
    });
    (is_flat, figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(resident: u64, descriptors: u64) -> Sample {
        Sample { cycles: 0, peers: 20, resident, heap: 1_000, descriptors }
    }

    #[test]
    fn growth_and_a_lost_descriptor_are_seen_and_the_warm_up_is_not_counted() {
        let flat = [sample(50, 9), sample(100, 14), sample(108, 12), sample(105, 9)];
        assert!(verdict(&flat).0);
        let grown = [sample(50, 9), sample(100, 14), sample(110, 9), sample(120, 9)];
        assert!(!verdict(&grown).0);
        let leaking = [sample(100, 9), sample(100, 9), sample(100, 10)];
        assert!(!verdict(&leaking).0);
        let heavier = [flat[0], flat[1], flat[2], Sample { heap: 1_200, ..flat[3] }];
        assert!(!verdict(&heavier).0);
        assert!(!verdict(&[]).0);
    }
}
