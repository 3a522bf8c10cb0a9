//! Media of an authentic peer: each piece of the input is a packet that the client really sealed, with any header, any
//! extensions and any payload. What is forwarded must keep every rule, and the other peer must go on.
#![no_main]

use fuzz::{Stage, pieces};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut stage = Stage::new();
    for piece in pieces(input) {
        let Some((mode, packet)) = piece.split_first() else { continue };
        let mut packet = packet.to_vec();
        if let Some(first) = packet.first_mut() {
            *first = *first & 0x3f | 0x80;
        }
        stage.rtp(usize::from(mode & 1), &packet);
        stage.pass(u64::from(mode >> 2));
        if mode & 2 == 0 {
            stage.turn();
        }
    }
    stage.turn();
    assert_eq!(stage.plane.totals().peers_up, 2, "an authentic packet ends nobody");
});
