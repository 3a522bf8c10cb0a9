//! Lost packets come again, both ways, and asking for them has an end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use media::Kind;
use proptest::prelude::*;

use crate::world::{Way, World, is_dtls, is_rtp, rain};

const SECOND: Duration = Duration::from_secs(1);

/// Numbers in `tags` that lie between the first and the last and are missing.
fn holes(tags: &[u64]) -> usize {
    let (Some(first), Some(last)) = (tags.iter().min(), tags.iter().max()) else { return 0 };
    let mut unique = tags.to_vec();
    unique.sort_unstable();
    unique.dedup();
    (last - first + 1) as usize - unique.len()
}

#[test]
fn lost_pictures_are_recovered_on_both_ways_without_a_storm() {
    let (mut world, a, b) = World::pair();
    world.weather = rain(50, 7);
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(20 * SECOND);
    world.weather = Box::new(|_, _, _| true);
    world.run(SECOND);
    let (up, down) = (world.report(a), world.report(b));
    assert!(up.rtx_received > 30, "uplink gaps were filled: {up:?}");
    assert!(down.rtx_sent > 30, "downlink gaps were filled: {down:?}");
    assert!(up.nacks_sent < 2 * up.rtx_received + 40, "no storm: {up:?}");
    assert!(down.rtx_sent < 400, "no storm: {down:?}");
    let tags = world.clients[b].tags(world.clients[a].peer, Kind::Video);
    assert!(tags.len() > 1_700, "{}", tags.len());
    assert!(holes(&tags) <= 3, "{} of {} pictures' packets never came", holes(&tags), tags.len());
}

#[test]
fn a_packet_that_never_comes_is_given_up_and_a_keyframe_is_asked_for() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(2 * SECOND);
    let asked = world.clients[a].keyframes_wanted;
    world.weather = Box::new(|way, _, bytes| way == Way::ToClient || !is_rtp(bytes));
    world.run(Duration::from_millis(150));
    // From here on whatever is sent again is lost, and nothing else.
    let retransmission = world.clients[a].rtx_payload_type();
    world.weather = Box::new(move |way, _, bytes| {
        way == Way::ToClient || !is_rtp(bytes) || bytes[1] & 0x7f != retransmission
    });
    world.run(3 * SECOND);
    let report = world.report(a);
    assert!(report.given_up > 0, "{report:?}");
    assert!(
        report.nacks_sent <= 5 * (report.given_up + report.rtx_received),
        "five tries a packet at most: {report:?}"
    );
    assert!(world.clients[a].keyframes_wanted > asked);
}

#[test]
fn a_handshake_survives_the_loss_of_any_one_datagram() {
    for lost in 0..14 {
        let mut world = World::new();
        let mut count = 0;
        world.weather = Box::new(move |_, _, bytes| {
            count += usize::from(is_dtls(bytes));
            !(is_dtls(bytes) && count == lost + 1)
        });
        let client = world.join();
        world.run_until(|world| world.clients[client].is_connected);
        world.run_until(|world| world.report(client).is_up);
    }
}

#[test]
fn handshakes_come_through_heavy_loss() {
    let mut world = World::new();
    let mut dice = crate::world::chance(99);
    world.weather = Box::new(move |_, _, bytes| !is_dtls(bytes) || !(dice() >> 20).is_multiple_of(10));
    for _ in 0..20 {
        world.join();
    }
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    world.run_until(|world| world.plane.totals().peers_up == 20);
}

/// Writes down every RTP datagram to a client, and fails on the second one of an SSRC and number with other bytes.
fn watched(mut weather: crate::world::Weather) -> crate::world::Weather {
    let mut sealed: HashMap<(SocketAddr, Vec<u8>), Vec<u8>> = HashMap::new();
    Box::new(move |way, address, bytes| {
        if way == Way::ToClient && is_rtp(bytes) {
            let key = (address, [&bytes[2..4], &bytes[8..12]].concat());
            let before = sealed.insert(key, bytes.to_vec());
            assert!(before.is_none_or(|before| before == bytes), "one number was sealed twice");
        }
        weather(way, address, bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..Default::default() })]
    /// Whatever the weather and whoever fills the slot: no SSRC and number is ever sealed for two packets (fewer than
    /// 65,536 are sent, so the number names the rollover, too), and the receiver takes each for one packet only.
    #[test]
    fn in_any_weather_a_number_stands_for_one_packet(seed in 1u64..1_000_000, per_mille in 0u64..300) {
        let (mut world, a, b) = World::pair();
        let c = world.join();
        world.weather = watched(rain(per_mille, seed));
        world.clients[a].is_sending = true;
        world.clients[c].is_sending = true;
        for _ in 0..3 {
            world.open(a, b);
            world.run(SECOND);
            world.open(c, b);
            world.shut(a, b);
            world.run(SECOND);
            world.shut(c, b);
        }
        let mut seen = HashMap::new();
        for got in &world.clients[b].got {
            let before = seen.insert((got.ssrc, got.number), got.tag.clone());
            prop_assert!(before.is_none_or(|tag| tag == got.tag));
        }
        prop_assert!(seen.len() > 200);
    }
}

#[test]
fn who_joins_has_the_first_picture_with_the_keys_and_not_a_round_trip_later() {
    let mut world = World::new();
    let a = world.join();
    world.run_until(|world| world.clients[a].is_connected);
    world.clients[a].is_sending = true;
    world.run(Duration::from_secs(2));
    let b = world.join();
    world.open(a, b);
    world.run_until(|world| world.clients[b].is_connected);
    let asked = world.clients[a].keyframes_wanted;
    world.run(Duration::from_millis(30));
    let from = world.clients[a].peer;
    assert!(
        !world.clients[b].tags(from, Kind::Video).is_empty(),
        "asked for at {asked} before the keys were there"
    );
    assert!(asked > 0);
    world.run(Duration::from_secs(1));
    assert_eq!(world.clients[a].keyframes_wanted, asked, "and not once more");
}
