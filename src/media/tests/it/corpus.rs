//! The seed inputs of the fuzz targets: what real clients send, cut as the targets read it. A test keeps them true, and
//! writes them anew when it is told to (`SACHIVALAYA_WRITE_CORPUS=1`).

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::world::{Client, Way, World, instant};

/// Pieces as the fuzz targets cut them: two bytes of length before each.
fn cut(pieces: &[Vec<u8>]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| [&(piece.len() as u16).to_be_bytes()[..], piece].concat()).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus")
}

/// Every datagram of two clients on their way to a connection.
fn recorded() -> Vec<Vec<u8>> {
    let record = Rc::new(RefCell::new(Vec::new()));
    let pen = record.clone();
    let mut world = World::new();
    world.weather = Box::new(move |way, _, bytes| {
        if way == Way::ToServer {
            pen.borrow_mut().push(bytes.to_vec());
        }
        true
    });
    let client = world.join();
    world.run_until(|world| world.clients[client].is_connected);
    world.run(Duration::from_millis(300));
    record.take()
}

/// A packet as the client of the corpus's offer sends it: mid, transport-wide number, VP8 or Opus.
fn rtp((payload_type, ssrc): (u8, u32), sequence: u16, mid: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut extensions = vec![0x10, 60, 0x30 | 1, 0, sequence as u8]; // level, transport-wide number
    extensions.push(0x40 | (mid.len() as u8 - 1));
    extensions.extend(mid);
    extensions.resize(extensions.len().next_multiple_of(4), 0);
    let mut packet = vec![0x90, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 3_000).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0xbe, 0xde, 0, (extensions.len() / 4) as u8]);
    packet.extend(extensions);
    packet.extend(payload);
    packet
}

/// The first mids of an offer, sound and picture.
fn mids(offer: &str) -> Vec<String> {
    offer.lines().filter_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned).collect()
}

fn media(offer: &str) -> Vec<Vec<u8>> {
    let mids = mids(offer);
    let mut pieces = Vec::new();
    for number in 0..6u16 {
        let head = [0x90, 0xe0, 0x81, number as u8, number as u8, 0, u8::from(number > 0), 0x9d, 1, 0x2a];
        let picture = [&head[..], &[0x40, 1, 0xb4, 0], &[7; 24]].concat();
        let picture = rtp((96, 0x11_2233), 100 + number, mids[1].as_bytes(), &picture);
        let sound = rtp((111, 0x44_5566), 900 + number, mids[0].as_bytes(), &[0x78; 20]);
        pieces.push([&[20][..], &picture].concat());
        pieces.push([&[22][..], &sound].concat());
    }
    pieces
}

/// Reports, requests and feedback about a stream.
fn control(ssrc: u32) -> Vec<Vec<u8>> {
    let about = |head: &[u8], tail: &[u8]| [head, &[0, 0, 0, 9], &ssrc.to_be_bytes(), tail].concat();
    vec![
        about(&[0x81, 201, 0, 7], &[0x10, 0, 0, 2, 0, 1, 0, 105, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0]),
        about(&[0x81, 205, 0, 3], &[0, 100, 0, 7]),
        about(&[0x81, 206, 0, 2], &[]),
        about(&[0x84, 206, 0, 4], &[0, 0, 0, 9, 5, 0, 0, 0]),
        about(&[0x8f, 205, 0, 5], &[0, 1, 0, 4, 0, 0, 9, 1, 0x20, 4, 0x10, 0x10, 0x10, 0x10, 0, 0]),
        [&[0x80, 200, 0, 6][..], &ssrc.to_be_bytes(), &[0xe6; 8], &[0, 0, 1, 0, 0, 0, 0, 9, 0, 0, 1, 0]]
            .concat(),
        [&[0x81, 203, 0, 1][..], &ssrc.to_be_bytes()].concat(),
    ]
}

/// DATA with a channel's opening, DATA with a message, SACK, HEARTBEAT, RE-CONFIG, FORWARD TSN (RFC 9260, RFC 8832).
fn chunks() -> Vec<Vec<u8>> {
    let open = [3, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, b'p', b'i', b'n', b'g'];
    let data = |tsn: u8, ppi: u8, body: &[u8]| {
        let mut chunk = vec![0, 3, 0, (16 + body.len()) as u8, 0, 0, 0, tsn, 0, 0, 0, tsn - 1, 0, 0, 0, ppi];
        chunk.extend(body);
        chunk.resize(chunk.len().next_multiple_of(4), 0);
        [&[1][..], &chunk].concat()
    };
    vec![
        data(1, 50, &open),
        data(2, 51, b"hello"),
        vec![9, 3, 0, 0, 16, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0],
        vec![9, 4, 0, 0, 12, 0, 1, 0, 8, 1, 2, 3, 4],
        vec![9, 192, 0, 0, 12, 0, 0, 0, 9, 0, 0, 0, 1],
        vec![9, 130, 0, 0, 20, 0, 13, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2],
    ]
}

/// Descriptors of each codec, Opus with what came before, transport-wide feedback, a dependency structure.
fn descriptors() -> Vec<Vec<u8>> {
    vec![
        vec![2, 0x90, 0xe0, 0x81, 0x23, 7, 0x20, 0x10, 0x02, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0],
        vec![2, 0x90, 0x80, 0x23, 0x10],
        vec![3, 0xae, 0x81, 0x23, 0x05, 9, 0x18, 0, 0x40, 1, 0xb4, 0],
        vec![4, 24, 0, 4, 0x67, 1, 2, 3, 0, 2, 0x68, 1],
        vec![4, 28, 0x85, 9, 9],
        vec![5, 0x18, 0x0a, 0x0b, 0, 0],
        vec![1, 0xef, 0, 0, 2, 0xef, 0, 0, 3, 0x6f, 1, 1, 2, 2, 2, 3, 3],
        vec![
            0, 0x8f, 205, 0, 5, 0, 0, 0, 9, 0, 0, 0, 9, 0, 1, 0, 4, 0, 0, 9, 1, 0x20, 4, 0x10, 0x10, 0x10,
            0x10,
        ],
        vec![0x80, 0, 1, 0x80, 0, 0x54, 0xea, 0x82, 0xc0, 0, 0x14, 0x78, 0x10],
    ]
}

/// The inputs, each under its target and name. What holds keys or times differs each time that it is made.
fn inputs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (_, whole, _) = Client::new(instant(), "198.51.100.1:4000".parse().unwrap());
    let (offer, layered) = (crate::sim::offer(1, 1), crate::sim::offer(3, 1));
    let datagrams = recorded();
    let check = datagrams.iter().find(|bytes| bytes[0] < 4).unwrap();
    let handshake: Vec<Vec<u8>> = datagrams.iter().filter(|bytes| bytes[0] == 22).cloned().collect();
    let one_by_one = |pieces: Vec<Vec<u8>>, modes: &[u8]| {
        let with_mode =
            pieces.iter().flat_map(|piece| modes.iter().map(move |mode| [&[*mode][..], piece].concat()));
        cut(&with_mode.collect::<Vec<_>>())
    };
    vec![
        ("sdp", "client.sdp", whole.into_bytes()),
        ("sdp", "small.sdp", offer.clone().into_bytes()),
        ("sdp", "layered.sdp", layered.into_bytes()),
        ("stun", "check", [&[0][..], check].concat()),
        ("stun", "nominating", vec![1, 0, 0x24, 0, 4, 0x6e, 0, 30, 0xff, 0, 0x25, 0, 0]),
        ("stun", "controlled", vec![1, 0x80, 0x29, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("dtls", "handshake", cut(&handshake)),
        ("dtls", "hello", cut(&handshake[..1])),
        ("rtp", "media", cut(&media(&offer))),
        ("rtcp", "all", one_by_one(control(0x11_2233), &[0, 1])),
        ("sctp", "ping", cut(&chunks())),
        ("payload", "all", cut(&descriptors())),
    ]
}

#[test]
fn every_fuzz_target_starts_from_what_clients_send() {
    let is_writing = std::env::var_os("SACHIVALAYA_WRITE_CORPUS").is_some();
    for (target, name, input) in inputs() {
        let path = folder().join(target).join(name);
        if is_writing {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &input).unwrap();
        }
        assert!(input.len() < 16 * 1024, "{target}/{name} is small");
        assert!(
            std::fs::read(&path).is_ok_and(|there| !there.is_empty()),
            "{target}/{name} is in the corpus"
        );
    }
}
