//! Control packets of an authentic peer, while media flows: reports, requests and feedback with any content.
#![no_main]

use fuzz::{Stage, pieces};
use libfuzzer_sys::fuzz_target;

/// What flows before: real packets of a client.
const MEDIA: &[u8] = include_bytes!("../corpus/rtp/media");

fuzz_target!(|input: &[u8]| {
    let mut stage = Stage::new();
    for piece in pieces(MEDIA) {
        stage.rtp(0, &piece[1..]);
        stage.pass(5);
        stage.turn();
    }
    for piece in pieces(input) {
        let Some((mode, packet)) = piece.split_first() else { continue };
        let mut packet = packet.to_vec();
        if let [first, second, ..] = &mut packet[..] {
            *first = *first & 0x3f | 0x80;
            *second = 192 + *second % 32;
        }
        stage.rtcp(usize::from(mode & 1), &packet);
        stage.pass(u64::from(mode >> 2) * 4);
        stage.turn();
    }
    assert_eq!(stage.plane.totals().peers_up, 2, "an authentic packet ends nobody");
});
