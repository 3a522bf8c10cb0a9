//! DTLS 1.2, passive side: the component behind guards. Never used bare (docs/decisions/0002, and the tests below).
//!
//! * The flight is sent again by our own timer, because the component gives up after seven equal intervals.
//! * A repeated ClientHello is answered with the stored flight, because the component forgets its own timer then.
//! * Plain handshake bytes, records and datagrams are capped, because the component recurses once per fragment.
//! * Extended Master Secret is required, because the component does not compare the client's Finished.
//! * The ClientHello is read first, so that one SRTP profile of our choice is offered.
//! * Nothing malformed reaches the component, and no plain record does after the handshake but a repeated last flight.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{HashAlgorithm, RTCCrypto, RTCCryptoProvider, SecretVec, default_provider};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_shared::error::{Error, Result};

use super::hello::{Hello, HelloReader, Profile, Record, records};
use super::limits::{
    CLIENT_HELLO_DATAGRAMS_MAX, FLIGHT_DOUBLINGS_MAX, FLIGHT_INTERVAL_US, FLIGHT_REPEAT_INTERVAL_US,
    FLIGHT_REPEATS_MAX, HANDSHAKE_BYTES_MAX, HANDSHAKE_DATAGRAMS_MAX, HANDSHAKE_RECORDS_MAX,
};
use super::now::Now;

/// The component keys associations by address; ours must survive a change of address, so it sees a constant one.
const PEER_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 1);

/// Our certificate, made anew at each start, and the cryptography that everything here uses.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    fingerprint: String,
    provider: Arc<dyn RTCCryptoProvider>,
}

/// SHA-256 of a certificate as SDP writes it (RFC 8122 §5).
fn fingerprint(crypto: &dyn RTCCrypto, der: &[u8]) -> Result<String> {
    let digest = crypto.hash(HashAlgorithm::Sha256, der).map_err(|e| Error::Crypto(e.to_string()))?;
    Ok(digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

impl Identity {
    /// Makes a P-256 certificate.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn make() -> Result<Identity> {
        let provider = default_provider().map_err(|e| Error::Crypto(e.to_string()))?;
        let certificate =
            Certificate::generate_self_signed(vec!["sachivalaya".to_owned()], provider.crypto())?;
        let der = certificate.certificate.first().ok_or(Error::ErrNonCertificate)?;
        Ok(Identity { fingerprint: fingerprint(provider.crypto(), der)?, certificate, provider })
    }

    /// What the answer says after `sha-256`.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The cryptography.
    #[must_use]
    pub fn crypto(&self) -> &dyn RTCCrypto {
        self.provider.crypto()
    }

    /// The provider's secure randomness.
    #[must_use]
    pub fn provider(&self) -> Arc<dyn RTCCryptoProvider> {
        self.provider.clone()
    }
}

/// The SRTP keys of an association.
pub struct Keys {
    /// What they are for.
    pub profile: Profile,
    /// As RFC 5764 §4.2 lays them out: client key, server key, client salt, server salt.
    pub material: SecretVec,
}

/// What an association tells its owner.
pub enum Output {
    /// The handshake is done.
    Keys(Keys),
    /// Opened application data (SCTP).
    Data(BytesMut),
    /// The client closed.
    Closed,
    /// The handshake failed or broke a bound; nothing more will come.
    Failed,
}

/// Where an association stands.
enum Phase {
    /// The ClientHello is not whole yet: what came so far.
    Hello { reader: HelloReader, kept: Vec<BytesMut> },
    /// The component shakes hands.
    Handshake(Profile),
    /// Keys are agreed.
    Done,
    /// Closed or failed.
    Over,
}

/// One association.
pub struct Dtls {
    endpoint: Endpoint,
    phase: Phase,
    remote_fingerprint: String,
    /// Datagrams of the last flight, for a client that did not get it.
    flight: Vec<BytesMut>,
    flight_sent_us: u64,
    /// How often our own timer has sent the flight again.
    timeouts: u32,
    repeats: u32,
    /// Repeats that wait for [`Dtls::transmit`].
    again: Vec<BytesMut>,
    bytes: usize,
    records: usize,
    datagrams: usize,
}

impl Dtls {
    /// Waits for a ClientHello from the client whose certificate has `remote_fingerprint` (SHA-256, as in SDP).
    #[must_use]
    pub fn new(remote_fingerprint: String) -> Dtls {
        Dtls {
            endpoint: Endpoint::new(PEER_ADDRESS, TransportProtocol::UDP, None),
            phase: Phase::Hello { reader: HelloReader::default(), kept: Vec::new() },
            remote_fingerprint,
            flight: Vec::new(),
            flight_sent_us: 0,
            timeouts: 0,
            repeats: 0,
            again: Vec::new(),
            bytes: 0,
            records: 0,
            datagrams: 0,
        }
    }

    /// Whether keys are agreed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// Takes a datagram from a validated address.
    pub fn receive(&mut self, now: Now, identity: &Identity, datagram: &[u8], out: &mut Vec<Output>) {
        let Some(records) = records(datagram) else { return };
        if !self.is_within_bounds(&records) {
            return;
        }
        match &mut self.phase {
            Phase::Over => {} // the component would take it for a new handshake
            Phase::Hello { reader, kept } => {
                if kept.len() >= CLIENT_HELLO_DATAGRAMS_MAX {
                    self.fail(out);
                    return;
                }
                kept.push(BytesMut::from(datagram));
                let hello = records
                    .iter()
                    .map(|record| reader.push(record))
                    .find(|hello| *hello != Hello::Incomplete);
                match hello {
                    None | Some(Hello::Incomplete) => {}
                    Some(Hello::Unusable) => self.fail(out),
                    Some(Hello::Offers(profile)) => self.start(now, identity, profile, out),
                }
            }
            Phase::Handshake(_) => {
                let is_hello = records.iter().any(Record::is_client_hello);
                self.feed(now, BytesMut::from(datagram), out);
                if is_hello && !matches!(self.phase, Phase::Over) {
                    self.answer_hello(now);
                }
            }
            Phase::Done => {
                let is_stray = |record: &Record<'_>| {
                    record.epoch == 0 && (record.content == 21 || record.is_client_hello())
                };
                if !records.iter().any(is_stray) {
                    self.feed(now, BytesMut::from(datagram), out);
                }
            }
        }
    }

    /// Counts what an unauthenticated stranger could use up.
    fn is_within_bounds(&mut self, records: &[Record<'_>]) -> bool {
        if !self.is_done() {
            self.datagrams += 1;
        }
        for record in records.iter().filter(|record| record.is_plain_handshake()) {
            self.records += 1;
            self.bytes += record.body.len();
        }
        let has_plain_handshake = records.iter().any(Record::is_plain_handshake);
        let is_spent = self.bytes > HANDSHAKE_BYTES_MAX || self.records > HANDSHAKE_RECORDS_MAX;
        !(has_plain_handshake && is_spent) && self.datagrams <= HANDSHAKE_DATAGRAMS_MAX
    }

    /// The ClientHello is whole: gives the component its configuration and everything that came so far.
    fn start(&mut self, now: Now, identity: &Identity, profile: Profile, out: &mut Vec<Output>) {
        let before = std::mem::replace(&mut self.phase, Phase::Handshake(profile));
        match self.configuration(identity, profile) {
            Ok(configuration) => self.endpoint.set_server_config(Some(Arc::new(configuration))),
            Err(_) => return self.fail(out),
        }
        let Phase::Hello { kept, .. } = before else { return };
        for datagram in kept {
            self.feed(now, datagram, out);
        }
        self.answer_hello(now);
    }

    fn configuration(
        &self,
        identity: &Identity,
        profile: Profile,
    ) -> Result<rtc_dtls::config::HandshakeConfig> {
        let (wanted, provider) = (self.remote_fingerprint.clone(), identity.provider.clone());
        let srtp = match profile {
            Profile::Gcm128 => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            Profile::Sha1 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        };
        ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(vec![srtp])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_insecure_skip_verify(true) // no certificate authority: the fingerprint below is the check
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_flight_interval(Duration::from_micros(FLIGHT_INTERVAL_US))
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| {
                let der = chain.first().ok_or(Error::ErrNonCertificate)?;
                if fingerprint(provider.crypto(), der)?.eq_ignore_ascii_case(&wanted) {
                    Ok(())
                } else {
                    Err(Error::ErrNoMatchingCertificateFingerprint)
                }
            })))
            .build(false, None)
    }

    fn feed(&mut self, now: Now, datagram: BytesMut, out: &mut Vec<Output>) {
        let events = match self.endpoint.read(now.at, PEER_ADDRESS, None, datagram) {
            Ok(events) => events,
            // Once keys are agreed, only an authentic fatal alert ends the association.
            Err(error) => {
                if !self.is_done() || matches!(error, Error::ErrAlertFatalOrClose) {
                    self.fail(out);
                }
                return;
            }
        };
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => match self.export() {
                    Some(keys) => {
                        self.phase = Phase::Done;
                        self.flight.clear();
                        out.push(Output::Keys(keys));
                    }
                    None => self.fail(out),
                },
                EndpointEvent::ApplicationData(data) => out.push(Output::Data(data)),
                EndpointEvent::PeerClosed => {
                    self.phase = Phase::Over;
                    out.push(Output::Closed);
                }
                _ => {}
            }
        }
    }

    fn export(&self) -> Option<Keys> {
        let Phase::Handshake(profile) = self.phase else { return None };
        let state = self.endpoint.get_connection_state(PEER_ADDRESS)?;
        let length = match profile {
            Profile::Gcm128 => 2 * (16 + 12),
            Profile::Sha1 => 2 * (16 + 14),
        };
        let material = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], length).ok()?;
        Some(Keys { profile, material })
    }

    /// After a ClientHello: remembers the flight that the component made of it, or sends the last one again,
    /// because the component's own timer no longer will (rtc-dtls 0.21.1, `handshaker.rs`, `wait`).
    fn answer_hello(&mut self, now: Now) {
        let fresh: Vec<_> =
            std::iter::from_fn(|| self.endpoint.poll_transmit()).map(|transmit| transmit.message).collect();
        if !fresh.is_empty() {
            self.again.extend(fresh.iter().cloned());
            self.flight = fresh;
            (self.flight_sent_us, self.timeouts) = (now.us, 0);
        } else if self.repeats < FLIGHT_REPEATS_MAX
            && now.us >= self.flight_sent_us + FLIGHT_REPEAT_INTERVAL_US
        {
            self.repeats += 1;
            self.again.extend(self.flight.iter().cloned());
            self.flight_sent_us = now.us;
        }
    }

    fn fail(&mut self, out: &mut Vec<Output>) {
        self.phase = Phase::Over;
        out.push(Output::Failed);
    }

    /// The next datagram to send.
    pub fn transmit(&mut self) -> Option<BytesMut> {
        if !self.again.is_empty() {
            return Some(self.again.remove(0));
        }
        self.endpoint.poll_transmit().map(|transmit| transmit.message)
    }

    /// Seals application data (SCTP) for [`Dtls::transmit`]; before the keys are agreed it is dropped.
    pub fn write(&mut self, now: Now, data: &[u8]) {
        if self.is_done() {
            let _ = self.endpoint.write(now.at, PEER_ADDRESS, data);
        }
    }

    /// When [`Dtls::timeout`] wants to be called, in microseconds.
    #[must_use]
    pub fn deadline(&self, _now: Now) -> Option<u64> {
        let waits = matches!(self.phase, Phase::Handshake(_)) && !self.flight.is_empty();
        let interval_us = FLIGHT_INTERVAL_US << self.timeouts.min(FLIGHT_DOUBLINGS_MAX);
        waits.then_some(self.flight_sent_us + interval_us)
    }

    /// Sends the last flight again when its time has come, ever more rarely (RFC 6347 §4.2.4.1). Never the component's
    /// own timer: it gives up after seven tries at one interval, three seconds, and a slow line needs longer. The
    /// peer's bound on the whole handshake ends it.
    pub fn timeout(&mut self, now: Now, _out: &mut Vec<Output>) {
        if self.deadline(now).is_some_and(|at| at <= now.us) {
            self.timeouts += 1;
            self.flight_sent_us = now.us;
            self.again.extend(self.flight.iter().cloned());
        }
    }

    /// Says goodbye: the close_notify waits for [`Dtls::transmit`].
    pub fn close(&mut self, now: Now) {
        if self.is_done() {
            let _ = self.endpoint.close(now.at);
        }
        self.phase = Phase::Over;
    }
}
