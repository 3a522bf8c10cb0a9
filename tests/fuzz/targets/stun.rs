//! Connectivity checks: any bytes, and checks that are authentic but hold any attributes.
#![no_main]

use std::cell::RefCell;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use fuzz::{OFFER, address, begin, plane};
use libfuzzer_sys::fuzz_target;
use media::core::outbox::Path;
use media::core::plane::Plane;

/// A plane with one peer, and its names and password.
struct Scene {
    plane: Plane,
    username: String,
    password: String,
}

fn value<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(name)).expect("a description has it")
}

fn scene() -> Scene {
    let mut plane = plane();
    let answer = plane.connect(begin(), OFFER).expect("the offer is a client's").answer;
    let username = format!("{}:{}", value(&answer, "a=ice-ufrag:"), value(OFFER, "a=ice-ufrag:"));
    Scene { plane, username, password: value(&answer, "a=ice-pwd:").to_owned() }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

fn attribute(message: &mut Vec<u8>, typ: u16, value: &[u8]) {
    message.extend(typ.to_be_bytes());
    message.extend((value.len() as u16).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

fn set_length(message: &mut [u8], more: usize) {
    let length = (message.len() - 20 + more) as u16;
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

/// A check with the peer's password around any attributes (RFC 8489 §14.5 and §14.7).
fn authentic(scene: &Scene, attributes: &[u8]) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    attribute(&mut message, 0x0006, scene.username.as_bytes());
    message.extend(attributes);
    message.resize(message.len().next_multiple_of(4), 0);
    set_length(&mut message, 24);
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, scene.password.as_bytes());
    let integrity = sign(&key, &message);
    attribute(&mut message, 0x0008, integrity.as_ref());
    set_length(&mut message, 8);
    let crc = crc32(&message) ^ 0x5354_554e;
    attribute(&mut message, 0x8028, &crc.to_be_bytes());
    message
}

thread_local! {
    static SCENE: RefCell<Scene> = RefCell::new(scene());
}

fuzz_target!(|input: &[u8]| {
    SCENE.with_borrow_mut(|scene| {
        let Some((mode, rest)) = input.split_first() else { return };
        let datagram =
            if mode & 1 == 0 { rest.to_vec() } else { authentic(scene, &rest[..rest.len().min(900)]) };
        let path = Path::udp(address(mode >> 4 | 64), None);
        scene.plane.receive(begin(), path, &datagram);
        scene.plane.finish(begin(), &mut |_| begin());
        assert!(scene.plane.outbox.len() <= 1, "one check has one answer");
        scene.plane.outbox.clear();
        scene.plane.events.clear();
        scene.plane.claims.clear();
    });
});
