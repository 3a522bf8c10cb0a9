//! The relay: a stream cut into messages, any of them, and requests that are signed but hold any attributes. Whatever
//! is said, what comes out is for one of our own addresses.
#![no_main]

use std::cell::RefCell;
use std::net::SocketAddr;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use fuzz::{address, begin, plane};
use libfuzzer_sys::fuzz_target;
use media::core::framing::{Found, Framing};
use media::core::ice::Mark;
use media::core::outbox::{End, Via};
use media::core::plane::Plane;
use media::core::relay::{Outcome, Relay};
use media::{RelayConfig, relay_credentials};
use rtc_dtls::crypto_provider::HashAlgorithm;

const SECRET: [u8; 32] = [9; 32];
const REALM: &str = "es.example.in";

/// A relay, and the name and key of a client of it.
struct Scene {
    relay: Relay,
    plane: Plane,
    username: String,
    nonce: String,
    key: Vec<u8>,
}

fn client() -> End {
    End { address: SocketAddr::from(([198, 51, 100, 7], 4_000)), via: Via::Stream(1) }
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

fn head(method: u8) -> Vec<u8> {
    vec![0, method, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
}

impl Scene {
    fn new() -> Scene {
        let config = RelayConfig { secret: SECRET, realm: REALM.to_owned() };
        let mut relay = Relay::new(&config, &[address(1)], Mark::default());
        let plane = plane();
        let Outcome::Reply(refused) = relay.receive(begin(), client(), &head(3), plane.crypto()) else {
            panic!("who has not signed is told how to");
        };
        let at = refused.windows(2).position(|pair| pair == [0, 0x15]).expect("it has a nonce");
        let length = usize::from(refused[at + 3]);
        let nonce = String::from_utf8(refused[at + 4..at + 4 + length].to_vec()).expect("a nonce is text");
        let (username, password) = relay_credentials(&SECRET, "fuzz", begin().us / 1_000_000 + 600);
        let text = [&username, REALM, &password].join(":");
        let key = plane.crypto().hash(HashAlgorithm::Md5, text.as_bytes()).expect("MD5 is there");
        Scene { relay, plane, username, nonce, key }
    }

    /// A signed request around any attributes (RFC 8489 §14.5).
    fn signed(&self, method: u8, attributes: &[u8]) -> Vec<u8> {
        let mut message = head(method);
        for (typ, text) in [(6, &self.username[..]), (0x14, REALM), (0x15, &self.nonce)] {
            attribute(&mut message, typ, text.as_bytes());
        }
        message.extend(attributes);
        message.resize(message.len().next_multiple_of(4), 0);
        set_length(&mut message, 24);
        let integrity = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.key), &message);
        attribute(&mut message, 8, integrity.as_ref());
        message
    }

    fn hear(&mut self, message: &[u8]) {
        let outcome = self.relay.receive(begin(), client(), message, self.plane.crypto());
        if let Outcome::Inside(path, datagram) = outcome {
            assert_eq!(path.local, Some(address(1).ip()));
            assert!(matches!(path.remote.via, Via::Relay { entrance: 0, .. }));
            let wrapped = self.relay.wrap(begin(), path, &datagram).expect("what came in can be answered");
            assert_eq!(wrapped.0, client());
        }
        assert!(self.relay.len() <= 1);
    }
}

thread_local! {
    static SCENE: RefCell<Scene> = RefCell::new(Scene::new());
}

fuzz_target!(|input: &[u8]| {
    SCENE.with_borrow_mut(|scene| {
        let Some((mode, mut rest)) = input.split_first() else { return };
        if mode & 1 == 0 {
            let framing = if mode & 2 == 0 { Framing::Relay } else { Framing::Datagrams };
            while let Found::Message { start, end, next } = framing.find(rest) {
                assert!(start <= end && end <= next && next <= rest.len() && next > 0);
                scene.hear(&rest[start..end]);
                rest = &rest[next..];
            }
        } else {
            let method = [3, 4, 8, 9][usize::from(mode >> 1 & 3)];
            let message = scene.signed(method, &rest[..rest.len().min(900)]);
            scene.hear(&message);
        }
        scene.relay.forget(client());
        if mode & 8 != 0 {
            // An allocation for what comes next.
            let message = scene.signed(3, &[0, 0x19, 0, 4, 17, 0, 0, 0]);
            scene.hear(&message);
        }
    });
});
