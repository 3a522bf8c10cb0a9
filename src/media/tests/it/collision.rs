//! SSRCs that collide (RFC 3550 §8.2): every client picks its own, so two may pick the same, by chance or on purpose.

use std::collections::HashSet;
use std::time::Duration;

use media::Kind;

use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

/// Three who are connected; the first two send to the third.
fn three() -> (World, [usize; 3]) {
    let mut world = World::new();
    let all = [world.join(), world.join(), world.join()];
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    for from in [all[0], all[1]] {
        world.clients[from].is_sending = true;
    }
    (world, all)
}

/// Everything that came from one client came once and in its order, without a gap.
fn is_whole(world: &World, from: usize, to: usize) -> bool {
    let peer = world.clients[from].peer;
    [(Kind::Audio, 100), (Kind::Video, 150)].into_iter().all(|(kind, least)| {
        let tags = world.clients[to].tags(peer, kind);
        tags.len() > least && tags.windows(2).all(|pair| pair[1] == pair[0] + 1)
    })
}

#[test]
fn two_who_send_under_the_same_ssrcs_are_both_received_whole() {
    let (mut world, [a, b, c]) = three();
    for from in [a, b] {
        world.clients[from].send_under([0x1111_1111, 0x2222_2222, 0x3333_3333]);
        world.open(from, c);
    }
    world.run(4 * SECOND);
    assert!(is_whole(&world, a, c) && is_whole(&world, b, c));
    let streams: HashSet<u32> = world.clients[c].got.iter().map(|got| got.ssrc).collect();
    assert_eq!(streams.len(), 4, "under SSRCs of ours, one for each slot");
}

#[test]
fn who_sends_under_the_ssrcs_that_we_use_towards_it_or_others_disturbs_nobody() {
    let (mut world, [a, b, c]) = three();
    for (from, to) in [(a, c), (b, c), (a, b), (b, a)] {
        world.open(from, to);
    }
    world.run(SECOND);
    let ours: Vec<u32> =
        [a, c].iter().flat_map(|to| world.clients[*to].got.iter().map(|got| got.ssrc)).collect();
    let ours: Vec<u32> = ours.into_iter().collect::<HashSet<u32>>().into_iter().collect();
    for ssrcs in ours.windows(3) {
        world.clients[b].send_under([ssrcs[0], ssrcs[1], ssrcs[2]]);
        world.run(SECOND);
    }
    world.run(SECOND);
    assert!(ours.len() > 4 && is_whole(&world, a, c) && is_whole(&world, a, b));
    assert!(world.clients.iter().all(|client| client.rtc.is_alive()));
}

#[test]
fn who_sends_sound_and_pictures_under_one_ssrc_harms_itself_alone() {
    let (mut world, [a, b, c]) = three();
    for from in [a, b] {
        world.open(from, c);
    }
    world.run(SECOND);
    world.clients[b].send_under([0x4444_4444, 0x4444_4444, 0x4444_4444]);
    world.run(4 * SECOND);
    assert!(is_whole(&world, a, c));
    assert!(world.report(b).is_up && world.report(c).is_up);
}
