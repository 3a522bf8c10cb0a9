//! Garbage of every kind on the port: no panic, no answer, and nobody else notices.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use media::core::outbox::Path;
use proptest::prelude::*;

use crate::world::{Way, World, chance, server};

const SECOND: Duration = Duration::from_secs(1);

fn stranger() -> Path {
    Path::udp("203.0.113.66:6666".parse().unwrap(), Some(server().ip()))
}

fn from(address: SocketAddr) -> Path {
    Path::udp(address, Some(server().ip()))
}

/// A connected pair with media, and every datagram that the clients sent on the way there.
fn recorded() -> (World, usize, usize, Vec<Vec<u8>>) {
    let record = Rc::new(RefCell::new(Vec::new()));
    let pen = record.clone();
    let mut world = World::new();
    world.weather = Box::new(move |way, _, bytes| {
        if way == Way::ToServer {
            pen.borrow_mut().push(bytes.to_vec());
        }
        true
    });
    let (a, b) = (world.join(), world.join());
    world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(SECOND);
    world.weather = Box::new(|_, _, _| true);
    let datagrams = record.borrow().clone();
    (world, a, b, datagrams)
}

/// A real datagram with a few bytes changed, cut or repeated.
fn mutate(datagram: &[u8], dice: &mut impl FnMut() -> u64) -> Vec<u8> {
    let mut bytes = datagram.to_vec();
    for _ in 0..1 + dice() % 3 {
        let at = (dice() >> 8) as usize % bytes.len().max(1);
        match dice() >> 16 & 3 {
            0 if !bytes.is_empty() => bytes[at] ^= (dice() >> 24) as u8 | 1,
            1 => bytes.truncate(at),
            2 => bytes.extend_from_within(at..),
            _ => bytes.insert(at, (dice() >> 24) as u8),
        }
    }
    bytes
}

#[test]
fn a_stranger_gets_no_answer_to_anything() {
    let (mut world, _, _, datagrams) = recorded();
    let mut dice = chance(4_711);
    let dropped = world.plane.totals().datagrams_dropped;
    let mut count = 0;
    for datagram in datagrams.iter().filter(|datagram| datagram[0] > 3) {
        world.plane.receive(world.now, stranger(), datagram);
        count += 1;
    }
    for _ in 0..20 {
        for datagram in &datagrams {
            let bytes = mutate(datagram, &mut dice);
            if bytes != *datagram {
                world.plane.receive(world.now, stranger(), &bytes);
                count += 1;
            }
        }
    }
    for first in 0..=255u8 {
        for length in [0usize, 1, 2, 11, 12, 13, 19, 20, 21, 24, 28, 60, 1_400] {
            let mut bytes: Vec<u8> = (0..length).map(|_| (dice() >> 24) as u8).collect();
            bytes.splice(..1.min(length), [first].into_iter().take(length));
            world.plane.receive(world.now, stranger(), &bytes);
            count += 1;
        }
    }
    world.plane.finish(world.now, &mut |_| world.now);
    assert!(world.plane.outbox.is_empty(), "{} answers", world.plane.outbox.len());
    assert_eq!(world.plane.totals().datagrams_dropped, dropped + count);
}

#[test]
fn forged_packets_from_a_peers_own_address_change_nothing() {
    let (mut world, a, b, datagrams) = recorded();
    let address = world.clients[a].address;
    let mut dice = chance(815);
    for _ in 0..20 {
        for datagram in &datagrams {
            let bytes = mutate(datagram, &mut dice);
            world.plane.receive(world.now, from(address), &bytes);
        }
        world.run(Duration::from_millis(20));
    }
    let before = world.clients[b].got.len();
    world.run(2 * SECOND);
    assert_eq!(world.plane.totals().peers_up, 2);
    assert!(world.clients[b].got.len() > before + 200, "media still flows");
}

#[test]
fn old_packets_sent_again_are_forwarded_to_nobody() {
    let (mut world, a, b, datagrams) = recorded();
    world.clients[a].is_sending = false;
    world.run(SECOND);
    let sent = world.report(a).rtp_forwarded_from;
    let address = world.clients[a].address;
    for datagram in datagrams.iter().filter(|datagram| datagram[0] >= 128) {
        world.plane.receive(world.now, from(address), datagram);
    }
    world.run(SECOND);
    assert_eq!(world.report(a).rtp_forwarded_from, sent);
    assert!(world.report(b).is_up);
}

#[test]
fn garbage_in_the_middle_of_a_handshake_does_not_stop_it() {
    let mut world = World::new();
    let client = world.join();
    let address = world.clients[client].address;
    let mut dice = chance(3);
    for _ in 0..200 {
        for first in [22u8, 21, 23, 128, 200, 0] {
            let mut bytes: Vec<u8> = (0..(dice() >> 20) % 200 + 1).map(|_| (dice() >> 24) as u8).collect();
            bytes[0] = first;
            world.plane.receive(world.now, from(address), &bytes);
        }
        world.run(Duration::from_millis(1));
    }
    world.run_until(|world| world.clients[client].is_connected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..Default::default() })]
    #[test]
    fn any_bytes_are_taken_without_panic(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..40),
    ) {
        thread_local! {
            static WORLD: RefCell<Option<(World, usize)>> = const { RefCell::new(None) };
        }
        WORLD.with_borrow_mut(|world| {
            let (world, client) = world.get_or_insert_with(|| {
                let (world, a, _) = World::pair();
                (world, a)
            });
            let address = world.clients[*client].address;
            for bytes in &datagrams {
                world.plane.receive(world.now, stranger(), bytes);
                world.plane.receive(world.now, from(address), bytes);
            }
            world.run(Duration::from_millis(5));
            assert_eq!(world.plane.totals().peers_up, 2);
        });
    }
}
