//! More to do than can be done: who gets fewer pictures, and who does not notice.

use std::time::Duration;

use media::{Kind, Rank, SlotShare};

use crate::world::World;

/// Six receivers of one sender, of whom the last is preferred, with the way open.
fn full() -> (World, usize, Vec<usize>) {
    let mut world = World::new();
    let sender = world.join();
    let receivers: Vec<usize> = (0..6).map(|_| world.join()).collect();
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    world.clients[sender].is_sending = true;
    receivers.iter().for_each(|to| world.open(sender, *to));
    let preferred = world.clients[receivers[5]].peer;
    world.plane.rank(world.now, preferred, Rank::Preferred);
    world.run(Duration::from_secs(3));
    (world, sender, receivers)
}

fn moving(world: &World, client: usize) -> bool {
    let slots = world.report(client).slots;
    slots.iter().any(|slot| slot.kind == Kind::Video && slot.share == SlotShare::Moving)
}

#[test]
fn a_thread_with_too_much_to_do_holds_pictures_back_and_neither_sound_nor_the_preferred() {
    let (mut world, sender, receivers) = full();
    assert!(receivers.iter().all(|to| moving(&world, *to)));
    let busy = |world: &mut World, percent: u64, tenths: u64| {
        for _ in 0..tenths {
            world.plane.awake(world.now, percent);
            world.run(Duration::from_millis(100));
        }
    };
    busy(&mut world, 100, 10);
    assert!(
        receivers[..5].iter().all(|to| !moving(&world, *to)),
        "the only layer is more than they may have"
    );
    assert!(moving(&world, receivers[5]));
    let from = world.clients[sender].peer;
    let heard = |world: &World, to: usize| world.clients[to].tags(from, Kind::Audio).len();
    let before: Vec<usize> = receivers.iter().map(|to| heard(&world, *to)).collect();
    busy(&mut world, 100, 50);
    for (to, before) in receivers.iter().zip(before) {
        let frames = heard(&world, *to) - before;
        assert!((249..=251).contains(&frames), "{frames} of 250 frames of sound");
    }
    busy(&mut world, 50, 60);
    assert!(receivers.iter().all(|to| moving(&world, *to)), "all come back");
}
