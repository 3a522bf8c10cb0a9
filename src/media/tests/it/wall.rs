//! A call of many on walls: 37 sections of one offer, and what is left of it when there is too much to do.

use std::time::Duration;

use media::core::limits::MEDIA_SECTIONS_MAX;
use media::core::sdp::offer::parse;
use media::{Kind, OfferError, Rank, SlotShare};

use crate::world::{Client, World, instant};

/// Sounds and pictures that a wall asks for.
const WALL: (usize, usize) = (8, 25);
/// Those who sit at walls.
const WALLS: usize = 6;

fn offer(lines: (usize, usize)) -> String {
    Client::with(instant(), "198.51.100.1:4000".parse().unwrap(), lines).1
}

#[test]
fn a_wall_gets_all_its_sections_and_an_offer_of_more_than_the_bound_is_refused() {
    let mut world = World::new();
    let wall = world.join_with(WALL);
    let count = |kind| world.clients[wall].slots.iter().filter(|slot| slot.kind == kind).count();
    assert_eq!((count(Kind::Audio), count(Kind::Video)), WALL);
    // One that sends sound, one that sends pictures, and the data channel come on top.
    let most = MEDIA_SECTIONS_MAX - 3;
    assert!(parse(&offer((0, most))).is_ok());
    let more = parse(&offer((0, most + 1))).unwrap_err();
    assert_eq!(more, OfferError::MediaCount(MEDIA_SECTIONS_MAX + 1, MEDIA_SECTIONS_MAX));
}

/// Everybody at walls sees and hears everybody, and beside them two seats of the hotline talk on the same thread.
fn full() -> (World, Vec<usize>, [usize; 2]) {
    let mut world = World::new();
    let walls: Vec<usize> = (0..WALLS).map(|_| world.join_with(WALL)).collect();
    let hotline = [world.join(), world.join()];
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    world.clients.iter_mut().for_each(|client| client.is_sending = true);
    for seat in walls.iter().chain(&hotline) {
        let peer = world.clients[*seat].peer;
        world.plane.rank(world.now, peer, Rank::Preferred);
    }
    for from in &walls {
        walls.iter().filter(|to| *to != from).for_each(|to| world.open(*from, *to));
    }
    world.open(hotline[0], hotline[1]);
    world.open(hotline[1], hotline[0]);
    world.run(Duration::from_secs(3));
    (world, walls, hotline)
}

fn moving(world: &World, client: usize) -> usize {
    let slots = world.report(client).slots;
    slots.iter().filter(|slot| slot.kind == Kind::Video && slot.share == SlotShare::Moving).count()
}

#[test]
fn overload_takes_tiles_of_the_walls_and_never_a_sound_and_nothing_of_the_hotline() {
    let (mut world, walls, hotline) = full();
    assert!(walls.iter().all(|wall| moving(&world, *wall) == WALLS - 1));
    for wall in &walls {
        let peer = world.clients[*wall].peer;
        world.plane.rank(world.now, peer, Rank::Common);
    }
    let busy = |world: &mut World, tenths: u64| {
        for _ in 0..tenths {
            world.plane.awake(world.now, 100);
            world.run(Duration::from_millis(100));
        }
    };
    busy(&mut world, 10);
    let pictures = |world: &World| walls.iter().map(|wall| moving(world, *wall)).sum::<usize>();
    assert!(pictures(&world) * 2 <= WALLS * (WALLS - 1), "{} tiles still move", pictures(&world));
    let heard = |world: &World, (from, to): (usize, usize)| {
        world.clients[to].tags(world.clients[from].peer, Kind::Audio).len()
    };
    let pairs: Vec<(usize, usize)> = walls
        .iter()
        .flat_map(|from| walls.iter().filter(move |to| *to != from).map(move |to| (*from, *to)))
        .chain([(hotline[0], hotline[1]), (hotline[1], hotline[0])])
        .collect();
    let before: Vec<usize> = pairs.iter().map(|pair| heard(&world, *pair)).collect();
    busy(&mut world, 30);
    for (pair, before) in pairs.iter().zip(before) {
        let frames = heard(&world, *pair) - before;
        assert!(
            (149..=151).contains(&frames),
            "{frames} of 150 frames of sound from {} to {}",
            pair.0,
            pair.1
        );
    }
    assert!(hotline.iter().all(|seat| moving(&world, *seat) == 1), "the hotline keeps its pictures");
    for wall in &walls {
        let peer = world.clients[*wall].peer;
        world.plane.rank(world.now, peer, Rank::Preferred);
    }
    // Spared again, they have all.
    world.run_until(|world| walls.iter().all(|wall| moving(world, *wall) == WALLS - 1));
}
