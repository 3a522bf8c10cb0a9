//! What a recorder gets: copies of those who are recorded and of nobody else, and nothing that the listeners would miss.

use std::collections::BTreeSet;
use std::time::Duration;

use media::{Codec, Copied, Kind};

use crate::sim::client::Manner;
use crate::sim::dice::Dice;
use crate::sim::link::Weather;
use crate::sim::seeded;
use crate::sim::town::Town;
use crate::world::{World, rain};

const SECOND: Duration = Duration::from_secs(1);
const MS: u64 = 1_000;

/// Runs on and takes the copies as a driver does.
fn run(world: &mut World, time: Duration) -> Vec<Copied> {
    let mut copies = Vec::new();
    for _ in 0..time.as_millis() / 10 {
        world.run(Duration::from_millis(10));
        copies.append(&mut world.plane.copies);
    }
    copies
}

fn of(copies: &[Copied], codec: Codec) -> Vec<&Copied> {
    copies.iter().filter(|copied| copied.codec == codec).collect()
}

#[test]
fn only_who_is_recorded_is_copied_and_only_while_he_is() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.clients[b].is_sending = true;
    world.open(a, b);
    world.open(b, a);
    assert!(run(&mut world, SECOND).is_empty(), "nobody is recorded");
    world.plane.record(world.now, world.clients[a].peer);
    let copies = run(&mut world, 3 * SECOND);
    assert!(copies.iter().all(|copied| copied.peer == world.clients[a].peer));
    assert!(of(&copies, Codec::Opus).len() > 140 && of(&copies, Codec::Vp8).len() > 200);
    world.plane.stop_recording(world.now, world.clients[a].peer);
    assert!(run(&mut world, SECOND).is_empty(), "and not a packet afterwards");
}

#[test]
fn a_recorder_is_asked_for_like_a_listener_where_nobody_listens_and_gets_every_packet_in_spite_of_loss() {
    let (mut world, a, _) = World::pair();
    world.clients[a].is_sending = true;
    world.run(SECOND);
    assert_eq!(world.clients[a].keyframes_wanted, 0);
    world.weather = rain(30, 5);
    world.plane.record(world.now, world.clients[a].peer);
    let copies = run(&mut world, 10 * SECOND);
    let pictures = of(&copies, Codec::Vp8);
    assert!(pictures[0].is_key_start, "it begins with a keyframe, which was asked for");
    let numbers: BTreeSet<u64> = pictures.iter().map(|copied| copied.number).collect();
    assert_eq!(numbers.len(), pictures.len(), "nothing comes twice");
    let (first, last) = (*numbers.first().unwrap(), *numbers.last().unwrap());
    // What was lost in the last moments may still be on its way.
    let missing = (first..last - 30).filter(|number| !numbers.contains(number)).count();
    assert_eq!(missing, 0, "of {} packets", last - first);
    assert_eq!(world.report(a).rtp_forwarded_from, 0, "and nobody else got anything");
}

#[test]
fn a_recorder_takes_the_best_layer_that_comes_and_begins_each_with_its_keyframe() {
    let both = seeded::apart(11, || {
        let mut town = Town::new(Dice::new(11));
        let manner =
            |layers| Manner { slots: (1, 1), layers, sound_us: 20 * MS, picture_us: 33 * MS, parts: 2 };
        let from = town.join(manner(3), (Weather::fair(20 * MS), Weather::fair(20 * MS)));
        let until = |town: &mut Town, end_us: u64| {
            let mut copies = Vec::new();
            while town.us < end_us {
                town.step(end_us);
                copies.append(&mut town.plane.copies);
            }
            copies
        };
        until(&mut town, 1_000 * MS);
        let peer = town.peer(from);
        let now = town.now();
        town.plane.record(now, peer);
        let before = until(&mut town, 6_000 * MS);
        town.residents[from].client.left_out = Some(2);
        (before, until(&mut town, 12_000 * MS))
    });
    let (before, after) = both.unwrap();
    let layers = |copies: &[Copied]| -> Vec<u64> {
        let mut streams: Vec<u64> =
            of(copies, Codec::Vp8).iter().map(|copied| copied.stream & 0xff).collect();
        streams.dedup();
        streams
    };
    assert_eq!(layers(&before).last(), Some(&2), "the highest was called and came: {:?}", layers(&before));
    assert_eq!(layers(&after).last(), Some(&1), "it is left out, and the one below goes on");
    let all: Vec<Copied> = before.into_iter().chain(after).collect();
    let pictures = of(&all, Codec::Vp8);
    for pair in pictures.windows(2).filter(|pair| pair[0].stream != pair[1].stream) {
        assert!(pair[1].is_key_start, "another layer begins with a keyframe");
    }
}

#[test]
fn a_recorder_that_takes_nothing_costs_the_listeners_not_one_packet() {
    let heard = |is_recorded: bool| {
        let (mut world, a, b) = World::pair();
        world.clients[a].is_sending = true;
        world.open(a, b);
        world.run(SECOND);
        if is_recorded {
            world.plane.record(world.now, world.clients[a].peer);
        }
        // Nobody takes the copies, as when a driver's recorder does not keep up.
        world.run(5 * SECOND);
        let from = world.clients[a].peer;
        (world.clients[b].tags(from, Kind::Audio).len(), world.clients[b].tags(from, Kind::Video))
    };
    let (with, without) = (heard(true), heard(false));
    assert!(with.0 > 240 && with.1.len() > 400);
    assert_eq!(with.0, without.0);
    assert_eq!(with.1.len(), without.1.len());
}
