//! The DTLS wrapper against the component's own client: each fault of the component that the wrapper guards against
//! has a test here that fails without the guard.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use media::core::dtls::{Dtls, Identity, Keys, Output};
use media::core::hello::Profile;
use media::core::now::Now;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{HashAlgorithm, default_provider};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile as Srtp;
use rtc_shared::TransportProtocol;

use crate::world::instant;

/// Both ends of an association and the datagrams between them.
struct Pair {
    now: Now,
    identity: Identity,
    server: Dtls,
    client: Endpoint,
    address: SocketAddr,
    keys: Option<Keys>,
    has_failed: bool,
    is_client_done: bool,
    to_server: Vec<Vec<u8>>,
    to_client: Vec<Vec<u8>>,
}

/// What a test changes in the client.
struct Wish {
    profiles: Vec<Srtp>,
    secret: ExtendedMasterSecretType,
    is_fingerprint_right: bool,
}

impl Default for Wish {
    fn default() -> Wish {
        let profiles = vec![Srtp::Srtp_Aes128_Cm_Hmac_Sha1_80, Srtp::Srtp_Aead_Aes_128_Gcm];
        Wish { profiles, secret: ExtendedMasterSecretType::Require, is_fingerprint_right: true }
    }
}

fn pair(wish: Wish) -> Pair {
    let provider = default_provider().unwrap();
    let certificate =
        Certificate::generate_self_signed(vec!["client".to_owned()], provider.crypto()).unwrap();
    let digest = provider.crypto().hash(HashAlgorithm::Sha256, &certificate.certificate[0]).unwrap();
    let mut fingerprint = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    if !wish.is_fingerprint_right {
        let other = if fingerprint.starts_with('0') { "1" } else { "0" };
        fingerprint.replace_range(..1, other);
    }
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(vec![certificate])
        .with_srtp_protection_profiles(wish.profiles)
        .with_extended_master_secret(wish.secret)
        .with_insecure_skip_verify(true)
        .with_flight_interval(Duration::from_millis(100))
        .build(true, None)
        .unwrap();
    let address: SocketAddr = "192.0.2.2:2".parse().unwrap();
    let mut client = Endpoint::new(address, TransportProtocol::UDP, None);
    let now = Now { at: instant(), us: 1_795_000_000_000_000 };
    client.connect(now.at, address, Arc::new(config), None).unwrap();
    Pair {
        now,
        identity: Identity::make().unwrap(),
        server: Dtls::new(fingerprint),
        client,
        address,
        keys: None,
        has_failed: false,
        is_client_done: false,
        to_server: Vec::new(),
        to_client: Vec::new(),
    }
}

/// Whether a datagram carries a plain handshake message of a type (2 is ServerHello, the start of flight 4).
fn carries(datagram: &[u8], message: u8) -> bool {
    matches!(datagram, [22, _, _, 0, 0, ..]) && datagram.get(13) == Some(&message)
}

impl Pair {
    fn server_takes(&mut self, datagram: &[u8]) {
        let mut outputs = Vec::new();
        self.server.receive(self.now, &self.identity, datagram, &mut outputs);
        for output in outputs {
            match output {
                Output::Keys(keys) => self.keys = Some(keys),
                Output::Failed | Output::Closed => self.has_failed = true,
                Output::Data(_) => {}
            }
        }
    }

    fn collect(&mut self) {
        while let Some(transmit) = self.client.poll_transmit() {
            self.to_server.push(transmit.message.to_vec());
        }
        while let Some(datagram) = self.server.transmit() {
            self.to_client.push(datagram.to_vec());
        }
    }

    /// One exchange of what waits, then 25 ms pass. `gets_through` decides for each datagram of the server.
    fn step(&mut self, gets_through: &mut dyn FnMut(&[u8]) -> bool) {
        self.collect();
        for datagram in std::mem::take(&mut self.to_server) {
            self.server_takes(&datagram);
        }
        self.collect();
        for datagram in std::mem::take(&mut self.to_client) {
            if gets_through(&datagram) {
                let events = self.client.read(self.now.at, self.address, None, BytesMut::from(&datagram[..]));
                let done = |event: &EndpointEvent| matches!(event, EndpointEvent::HandshakeComplete);
                self.is_client_done |= events.is_ok_and(|events| events.iter().any(done));
            }
        }
        self.now = self.now.after(Duration::from_millis(25));
        let _ = self.client.handle_timeout(self.address, self.now.at);
        let mut outputs = Vec::new();
        if self.server.deadline(self.now).is_some_and(|at| at <= self.now.us) {
            self.server.timeout(self.now, &mut outputs);
        }
    }

    fn shake_hands(&mut self, mut gets_through: impl FnMut(&[u8]) -> bool) -> bool {
        for _ in 0..200 {
            self.step(&mut gets_through);
            if self.keys.is_some() && self.is_client_done {
                return true;
            }
        }
        false
    }
}

#[test]
fn a_handshake_whose_flight_4_was_lost_completes() {
    for losses in 1..=3 {
        let mut pair = pair(Wish::default());
        let (mut lost, mut is_losing) = (0, false);
        let is_done = pair.shake_hands(|datagram| {
            if carries(datagram, 2) {
                is_losing = lost < losses;
                lost += u32::from(is_losing);
            }
            !is_losing // the datagrams behind a lost ServerHello belong to the same flight
        });
        assert!(is_done, "flight 4 was lost {losses} times and never came again");
        assert_eq!(lost, losses);
    }
}

#[test]
fn gcm_is_taken_though_the_client_prefers_sha1() {
    let mut pair = pair(Wish::default());
    assert!(pair.shake_hands(|_| true));
    assert!(
        pair.keys.is_some_and(|keys| keys.profile == Profile::Gcm128 && keys.material.as_ref().len() == 56)
    );
}

#[test]
fn sha1_is_taken_from_a_client_that_has_nothing_else() {
    let mut pair = pair(Wish { profiles: vec![Srtp::Srtp_Aes128_Cm_Hmac_Sha1_80], ..Default::default() });
    assert!(pair.shake_hands(|_| true));
    assert!(
        pair.keys.is_some_and(|keys| keys.profile == Profile::Sha1 && keys.material.as_ref().len() == 60)
    );
}

#[test]
fn a_certificate_with_another_fingerprint_is_refused() {
    let mut pair = pair(Wish { is_fingerprint_right: false, ..Default::default() });
    assert!(!pair.shake_hands(|_| true));
    assert!(pair.has_failed && pair.keys.is_none());
}

#[test]
fn a_client_without_extended_master_secret_is_refused() {
    let mut pair = pair(Wish { secret: ExtendedMasterSecretType::Disable, ..Default::default() });
    assert!(!pair.shake_hands(|_| true));
    assert!(pair.has_failed && pair.keys.is_none());
}

/// `count` fragments of one byte each of one handshake message; the first byte of the message comes last, because
/// that is what makes the component put them together.
fn fragments(message: u8, message_number: u8, count: u32) -> Vec<Vec<u8>> {
    let mut datagrams = vec![Vec::new()];
    for (record, offset) in (1..count).chain([0]).enumerate() {
        let mut bytes = vec![22, 0xfe, 0xfd, 0, 0];
        bytes.extend(&(record as u64 + 100).to_be_bytes()[2..]);
        bytes.extend([0, 13, message]);
        bytes.extend(&count.to_be_bytes()[1..]);
        bytes.extend([0, message_number]);
        bytes.extend(&offset.to_be_bytes()[1..]);
        bytes.extend([0, 0, 1, 0]);
        let last = datagrams.last_mut().unwrap();
        last.extend(bytes);
        if last.len() > 1_150 {
            datagrams.push(Vec::new());
        }
    }
    datagrams.retain(|datagram| !datagram.is_empty());
    datagrams
}

#[test]
fn fifty_thousand_one_byte_fragments_are_survived_before_and_within_a_handshake() {
    for count in [50_000, 8_000] {
        let mut stranger = pair(Wish::default());
        fragments(1, 0, count).iter().for_each(|datagram| stranger.server_takes(datagram));
        assert!(stranger.keys.is_none());
    }
    for message in [1, 11, 16] {
        let mut pair = pair(Wish::default());
        pair.step(&mut |_| true);
        pair.step(&mut |_| false); // the server has sent flight 4 and waits for the client's certificate
        fragments(message, 2, 50_000).iter().for_each(|datagram| pair.server_takes(datagram));
        assert!(pair.keys.is_none());
    }
}

#[test]
fn a_forged_plain_record_does_not_end_an_association() {
    let mut pair = pair(Wish::default());
    assert!(pair.shake_hands(|_| true));
    let alert = |level, what| vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 9, 9, 0, 2, level, what];
    for datagram in [alert(2, 40), alert(1, 0), vec![20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 9, 8, 0, 1, 1]] {
        pair.server_takes(&datagram);
    }
    fragments(1, 0, 50).iter().for_each(|datagram| pair.server_takes(datagram));
    assert!(pair.server.is_done() && !pair.has_failed);
}

#[test]
fn a_client_that_closes_is_gone() {
    let mut pair = pair(Wish::default());
    assert!(pair.shake_hands(|_| true));
    pair.client.close(pair.now.at).unwrap();
    pair.step(&mut |_| true);
    assert!(pair.has_failed && !pair.server.is_done());
}
