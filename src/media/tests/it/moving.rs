//! Clients that move without a word: a NAT that gives another port, and those who only pretend.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use media::core::outbox::Path;
use media::core::plane::Fate;

use crate::world::{Way, World, is_rtp, server};

/// A pair of whom the first sends, with the way open and both up.
fn talking() -> (World, usize, usize) {
    let (mut world, a, b) = World::pair();
    world.clients[a].is_sending = true;
    world.open(a, b);
    world.run(Duration::from_secs(2));
    (world, a, b)
}

#[test]
fn who_sends_from_another_address_is_heard_and_followed_within_a_tenth_of_a_second() {
    let (mut world, a, b) = talking();
    world.clients[a].outside = "203.0.113.7:999".parse().unwrap();
    world.run(Duration::from_millis(60));
    let before = world.clients[b].got.len();
    world.run(Duration::from_millis(40));
    assert!(world.clients[b].got.len() > before, "it is heard before its browser checks the path");
    let report = world.report(a);
    assert_eq!(report.moves, 1);
    assert!(report.strays > 0 && report.strays < 10, "{}", report.strays);
}

#[test]
fn copied_packets_move_nobody_and_their_sender_gets_no_more_bytes_than_he_sent() {
    let (mut world, a, b) = talking();
    let thief: SocketAddr = "203.0.113.66:6666".parse().unwrap();
    // The thief takes the client's packets off the wire and sends them on as his own.
    let stolen: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
    let taken = stolen.clone();
    world.weather = Box::new(move |way, _, bytes| {
        let is_its = matches!(way, Way::ToServer) && is_rtp(bytes);
        if is_its {
            taken.borrow_mut().push(bytes.to_vec());
        }
        !is_its
    });
    world.run(Duration::from_millis(300));
    world.weather = Box::new(|_, _, _| true);
    let stolen = stolen.take();
    assert!(stolen.len() > 10);
    let (mut sent, mut left) = (0, 0);
    for datagram in &stolen {
        world.now = world.now.after(Duration::from_millis(10));
        world.plane.receive(world.now, Path::udp(thief, Some(server().ip())), datagram);
        sent += datagram.len();
        world.plane.finish(world.now, &mut |_| panic!("nothing fills the outbox"));
        for (path, bytes) in world.plane.outbox.iter().filter(|(path, _)| path.remote.address == thief) {
            assert!(matches!(bytes[..], [0, 1, ..]), "only a check leaves for {:?}", path.remote);
            left += bytes.len();
        }
        assert!(left <= sent);
        world.plane.outbox.clear();
    }
    assert!(left > 0, "he is asked");
    assert_eq!(world.report(a).moves, 0, "and cannot answer");
    let before = world.clients[b].got.len();
    world.run(Duration::from_secs(1));
    assert!(world.clients[b].got.len() > before + 20, "the client goes on where it is");
    // What the thief has sent on has been taken; sent twice it is nothing.
    let again = world.plane.receive(world.now, Path::udp(thief, Some(server().ip())), &stolen[0]);
    assert_eq!(again, Fate::Dropped);
}
