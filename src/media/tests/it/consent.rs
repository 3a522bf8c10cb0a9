//! Nothing flows that was not opened, and nothing flows any more once it is shut.

use std::time::Duration;

use media::{Event, Kind};

use crate::world::{World, is_dtls};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn not_one_packet_leaves_a_sending_peer_before_a_route_is_opened() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.clients[b].is_sending = true;
    world.run(5 * SECOND);
    for client in [a, b] {
        let report = world.report(client);
        assert!(report.rtp_received > 500, "the peer is really sending: {report:?}");
        assert_eq!((report.rtp_forwarded_from, report.rtp_sent_to, report.rtx_sent), (0, 0, 0));
        assert!(world.clients[client].got.is_empty());
    }
    assert_eq!(world.plane.totals().rtp_sent, 0);
    assert!(!world.events.iter().any(|event| matches!(event, Event::Slot { .. })));
}

#[test]
fn a_route_opens_one_way_only() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.clients[b].is_sending = true;
    world.run(SECOND);
    world.open(a, b);
    world.run(2 * SECOND);
    let (from, other) = (world.clients[a].peer, world.clients[b].peer);
    assert!(world.clients[b].tags(from, Kind::Audio).len() > 90);
    assert!(world.clients[b].tags(from, Kind::Video).len() > 150);
    assert!(world.clients[a].got.is_empty());
    assert_eq!(world.report(b).rtp_forwarded_from, 0);
    let filled: Vec<_> = world.events.iter().filter(|event| matches!(event, Event::Slot { .. })).collect();
    assert_eq!(filled.len(), 2);
    assert!(filled.iter().all(
        |event| matches!(event, Event::Slot { to, from: Some((f, _)), .. } if *to == other && *f == from)
    ));
}

#[test]
fn pictures_start_with_a_keyframe_that_was_asked_for() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.run(SECOND);
    assert_eq!(world.clients[a].keyframes_wanted, 0);
    world.open(a, b);
    let from = world.clients[a].peer;
    world.run_until(|world| !world.clients[b].tags(from, Kind::Video).is_empty());
    assert_eq!(world.clients[a].keyframes_wanted, 1, "asked once, because once was enough");
    let first = world.clients[b].tags(from, Kind::Video)[0];
    assert_eq!((first - 1_000) % 3, 0, "the first packet of a picture comes first");
}

#[test]
fn a_shut_route_is_shut_at_once_and_for_retransmissions_too() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(2 * SECOND);
    world.shut(a, b);
    let (forwarded, sent) = (world.report(a).rtp_forwarded_from, world.report(b).rtp_sent_to);
    world.run(2 * SECOND);
    assert!(forwarded > 100);
    assert_eq!(world.report(a).rtp_forwarded_from, forwarded);
    assert_eq!((world.report(b).rtp_sent_to, world.report(b).rtx_sent), (sent, 0));
    let emptied = world.events.iter().filter(|event| matches!(event, Event::Slot { from: None, .. })).count();
    assert_eq!(emptied, 2);
}

#[test]
fn a_removed_peer_leaves_its_slots_and_is_told_goodbye() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(SECOND);
    let (peer, address) = (world.clients[a].peer, world.clients[a].address);
    world.plane.remove(world.now, peer);
    let goodbye =
        |(path, bytes): (media::core::outbox::Path, &[u8])| path.remote.address == address && is_dtls(bytes);
    assert!(world.plane.outbox.iter().any(goodbye), "a DTLS alert tells the client");
    world.run(SECOND);
    assert!(world.plane.report(peer).is_none());
    assert_eq!(
        world.events.iter().filter(|event| matches!(event, Event::Slot { from: None, .. })).count(),
        2
    );
    assert!(world.events.contains(&Event::Down { peer, why: media::Down::Removed }));
    let before = world.clients[b].got.len();
    world.run(SECOND);
    assert_eq!(world.clients[b].got.len(), before);
    assert_eq!(world.plane.totals().routes, 0);
}

#[test]
fn a_slot_goes_to_another_source_without_a_break_in_its_numbers() {
    let (mut world, a, b) = World::pair();
    let c = world.join();
    world.run_until(|world| world.clients[c].is_connected);
    world.clients[a].is_sending = true;
    world.clients[c].is_sending = true;
    world.open(a, b);
    world.run(2 * SECOND);
    world.shut(a, b);
    world.open(c, b);
    world.run(2 * SECOND);
    let (first, second) = (world.clients[a].peer, world.clients[c].peer);
    for kind in [Kind::Audio, Kind::Video] {
        let client = &world.clients[b];
        assert!(!client.tags(first, kind).is_empty() && !client.tags(second, kind).is_empty());
        let word = if kind == Kind::Audio { "/audio/" } else { "/video/" };
        let got: Vec<_> = client.got.iter().filter(|got| got.tag.contains(word)).collect();
        assert!(got.iter().all(|other| other.ssrc == got[0].ssrc), "both came in one slot");
        assert!(
            got.windows(2).all(|pair| pair[1].number == pair[0].number + 1),
            "no number is left out or repeated"
        );
        let steps = got.windows(2).map(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp));
        assert!(steps.clone().all(|step| step < 90_000), "time goes on: {:?}", steps.max());
    }
}

#[test]
fn sound_whose_timestamps_stood_still_in_a_pause_is_placed_by_its_arrival() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(4 * SECOND);
    world.shut(a, b);
    world.clients[a].is_sending = false;
    world.run(SECOND);
    world.open(a, b);
    world.clients[a].is_sending = true;
    let before = world.clients[b].got.len();
    world.run(SECOND);
    let is_sound = |got: &&crate::world::Got| got.tag.contains("/audio/");
    let (first, second) = world.clients[b].got.split_at(before);
    let (last, next) = (first.iter().rev().find(is_sound).unwrap(), second.iter().find(is_sound).unwrap());
    let ms = next.timestamp.wrapping_sub(last.timestamp) / 48;
    assert!((900..1_150).contains(&ms), "a second passed, and {ms} ms between the timestamps");
}

#[test]
fn a_source_without_a_free_slot_waits_for_one() {
    let mut world = World::new();
    let clients: Vec<_> = (0..5).map(|_| world.join()).collect();
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    clients.iter().for_each(|client| world.clients[*client].is_sending = true);
    clients[1..].iter().for_each(|from| world.open(*from, 0));
    world.run(SECOND);
    let heard =
        |world: &World, from: usize| world.clients[0].tags(world.clients[from].peer, Kind::Audio).len();
    assert!((1..=3).all(|from| heard(&world, from) > 0));
    assert_eq!(heard(&world, 4), 0, "three voices fill three slots");
    world.shut(2, 0);
    world.run(SECOND);
    assert!(heard(&world, 4) > 0, "a slot became free");
}

#[test]
fn the_ping_channel_echoes_what_it_is_sent() {
    let (mut world, a, _) = World::pair();
    world.run(SECOND);
    for number in 0..5 {
        assert!(world.clients[a].ping(&format!("hello {number}")));
        world.run(Duration::from_millis(200));
    }
    assert_eq!(world.clients[a].echoes, ["hello 0", "hello 1", "hello 2", "hello 3", "hello 4"]);
    assert_eq!(world.report(a).echoes, 5);
}

#[test]
fn a_silent_peer_is_removed_and_a_quiet_one_is_not() {
    let (mut world, a, b) = World::pair();
    world.run(40 * SECOND);
    assert_eq!(world.plane.totals().peers, 2, "both send nothing but connectivity checks");
    let (gone, stays) = (world.clients[a].peer, world.clients[b].peer);
    world.clients.remove(a);
    world.run(16 * SECOND);
    assert!(world.events.contains(&Event::Down { peer: gone, why: media::Down::Silent }));
    assert!(world.plane.report(stays).is_some());
}

#[test]
fn first_media_is_told_once_a_kind() {
    let (mut world, a, _) = World::pair();
    world.clients[a].is_sending = true;
    world.run(2 * SECOND);
    let peer = world.clients[a].peer;
    for kind in [Kind::Audio, Kind::Video] {
        let told = world.events.iter().filter(|event| **event == Event::FirstMedia { peer, kind }).count();
        assert_eq!(told, 1);
    }
}

#[test]
fn media_goes_out_before_the_handshakes_of_those_who_join() {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(SECOND);
    let mut before = world.clients[b].got.len();
    for _ in 0..30 {
        world.join();
    }
    while !world.clients.iter().all(|client| client.is_connected) {
        world.run(Duration::from_millis(100));
        let now = world.clients[b].got.len();
        assert!(now > before + 8, "media flows while others join");
        before = now;
    }
    assert_eq!(world.plane.totals().peers_up, 32);
}
