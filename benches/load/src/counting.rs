//! A counting client: real ICE, DTLS and SRTCP, but media packets are counted by their headers and not opened.
//!
//! One load core can't open what one server core seals. It tells the server what arrived, as a browser does, by sealed
//! transport-wide feedback, so that the server's estimate has its food. Never asks for anything again.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{HashAlgorithm, RTCCryptoProvider, default_provider};
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use rtc_srtp::config::Config;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME, AttrType, RawAttribute,
};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use rtc_stun::xoraddr::XorMappedAddress;

use crate::clock;
use crate::feedback::{Feedback, report};
use crate::person::{Fault, broken};
use crate::sdp::{self, Me, Remote};
use crate::tally::{Tally, What};
use crate::udp::{Datagram, Depth, Line, Reading};

/// Until the transport is up: a server may not have known our answer when the first check came.
const CHECK_EVERY: Duration = Duration::from_millis(100);
/// Afterwards, to keep the server's consent (RFC 7675 §5.1: every five seconds, give or take).
const CONSENT_EVERY: Duration = Duration::from_millis(4_500);
/// Between two feedbacks: what libwebrtc does at these rates.
const FEEDBACK_EVERY: Duration = Duration::from_millis(100);
/// Between two reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// The longest time for which a client need not be looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The ICE password of all counting clients: nobody else is on this loopback's ports.
const PASSWORD: &str = "countingclientshaveonesecret";

/// What all counting clients have in common: one certificate and one handshake configuration.
pub struct Common {
    provider: Arc<dyn RTCCryptoProvider>,
    fingerprint: String,
    config: Arc<HandshakeConfig>,
}

impl Common {
    /// Makes the certificate.
    ///
    /// # Errors
    /// The cryptographic library refuses.
    pub fn make() -> Result<Common, Fault> {
        let fault = |error| broken(&format!("no certificate: {error}"));
        let provider = default_provider().map_err(|error| broken(&error.to_string()))?;
        let certificate = Certificate::generate_self_signed(vec!["load".to_owned()], provider.crypto())
            .map_err(|error| fault(error.to_string()))?;
        let der = certificate.certificate.first().ok_or("a certificate without content")?;
        let digest =
            provider.crypto().hash(HashAlgorithm::Sha256, der).map_err(|error| fault(error.to_string()))?;
        let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider.clone())
            .with_certificates(vec![certificate])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_insecure_skip_verify(true) // the server is the one that was started here
            .with_flight_interval(Duration::from_millis(400))
            .build(true, None)
            .map_err(|error| fault(error.to_string()))?;
        Ok(Common { provider, fingerprint, config: Arc::new(config) })
    }
}

/// A counting client.
pub struct Counting {
    /// Its socket.
    pub line: Line,
    /// What it received.
    pub tally: Tally,
    /// When it began to connect.
    pub born: Instant,
    /// When it wants to be looked at.
    pub deadline: Instant,
    common: Rc<Common>,
    ufrag: String,
    remote: Option<Remote>,
    endpoint: Endpoint,
    is_checked: bool,
    srtp: Option<Context>,
    feedback: Feedback,
    ssrc: u32,
    media: u32,
    checks: u64,
    next_check: Instant,
    next_feedback: Instant,
    next_report: Instant,
}

impl Counting {
    /// A client that has not said anything yet; `number` tells it from the others.
    ///
    /// # Errors
    /// The system has no more sockets.
    pub fn new(common: Rc<Common>, number: usize, reading: Reading) -> Result<Counting, Fault> {
        let line = Line::open(reading)?;
        let now = clock::instant();
        Ok(Counting {
            endpoint: Endpoint::new(line.local(), TransportProtocol::UDP, None),
            line,
            tally: Tally::default(),
            born: now,
            deadline: now,
            common,
            ufrag: format!("load{number:06}"),
            remote: None,
            is_checked: false,
            srtp: None,
            feedback: Feedback::default(),
            ssrc: 0x1000_0000 + number as u32,
            media: 0,
            checks: 0,
            next_check: now,
            next_feedback: now,
            next_report: now,
        })
    }

    fn me(&self) -> Me<'_> {
        let fingerprint = &self.common.fingerprint;
        Me { ufrag: &self.ufrag, password: PASSWORD, fingerprint, address: self.line.local() }
    }

    /// Asks for one sound and one picture.
    pub fn offer(&self) -> String {
        sdp::offer(&self.me())
    }

    /// Takes the server's answer.
    ///
    /// # Errors
    /// The answer does not say where the server is.
    pub fn accept(&mut self, answer: &str) -> Result<(), Fault> {
        self.remote = Some(sdp::remote(answer).ok_or("the server does not say where it is")?);
        self.tick(clock::instant())
    }

    /// Answers a server that offers.
    ///
    /// # Errors
    /// The offer does not say where the server is.
    pub fn answer(&mut self, offer: &str) -> Result<String, Fault> {
        // Its checks begin with its next turn, when the server knows the answer.
        self.remote = Some(sdp::remote(offer).ok_or("the server does not say where it is")?);
        Ok(sdp::answer(&self.me(), offer))
    }

    /// Whether its transport is up.
    pub fn is_connected(&self) -> bool {
        self.srtp.is_some()
    }

    /// How much of each datagram it needs.
    pub fn depth(&self) -> Depth {
        if self.is_connected() { Depth::Head } else { Depth::Whole }
    }

    /// Takes a datagram.
    ///
    /// # Errors
    /// The handshake failed.
    pub fn take(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<(), Fault> {
        match datagram.bytes {
            [128..=191, 192..=223, ..] => {}
            [128..=191, kind, high, low, _, _, _, _, a, b, c, d, ..] => {
                let ssrc = u32::from_be_bytes([*a, *b, *c, *d]);
                if kind & 0x7f != sdp::RTX {
                    self.tally.note((ssrc, What::of(kind & 0x7f)), u16::from_be_bytes([*high, *low]));
                    self.tally.first_at.get_or_insert(now);
                }
                self.media = ssrc;
                if let Some(number) = sdp::transport_number(datagram.bytes) {
                    self.feedback.note(number, datagram.arrived_ns / 1_000);
                }
            }
            [20..=63, ..] => self.shake(now, BytesMut::from(datagram.bytes))?,
            [1, 1, ..] if !self.is_checked => {
                self.is_checked = true;
                let (to, config) = (self.server()?, self.common.config.clone());
                self.endpoint.connect(now, to, config, None).map_err(|error| broken(&error.to_string()))?;
                self.flush();
            }
            // A full agent checks us too, and will not go on before it has our answer.
            [0, 1, ..] => self.line.send(datagram.from, &self.reply(datagram)?),
            _ => {}
        }
        Ok(())
    }

    /// The answer to a server's own check (RFC 8445 §7.3).
    fn reply(&self, datagram: &Datagram<'_>) -> Result<Vec<u8>, Fault> {
        let transaction = datagram.bytes.get(8..20).and_then(|bytes| bytes.try_into().ok());
        let crypto = self.common.provider.crypto();
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(PASSWORD.to_owned(), crypto);
        let setters: Vec<Box<dyn Setter + '_>> = vec![
            Box::new(BINDING_SUCCESS),
            Box::new(TransactionId(transaction.ok_or("a check without a transaction")?)),
            Box::new(XorMappedAddress { ip: datagram.from.ip(), port: datagram.from.port() }),
            Box::new(integrity),
            Box::new(FINGERPRINT),
        ];
        message(&setters)
    }

    fn server(&self) -> Result<SocketAddr, Fault> {
        Ok(self.remote.as_ref().ok_or("no server yet")?.address)
    }

    /// Sends what the handshake wants to send.
    fn flush(&mut self) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            if let Some(remote) = &self.remote {
                self.line.send(remote.address, &transmit.message);
            }
        }
    }

    fn shake(&mut self, now: Instant, bytes: BytesMut) -> Result<(), Fault> {
        let server = self.server()?;
        let events =
            self.endpoint.read(now, server, None, bytes).map_err(|error| broken(&error.to_string()))?;
        self.flush();
        self.deadline = now; // the component may have a new timer
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => self.srtp = Some(self.keys(server)?),
                EndpointEvent::PeerClosed => return Err("the server closed the connection".into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The state that seals our reports.
    fn keys(&self, server: SocketAddr) -> Result<Context, Fault> {
        let fault = |error: rtc_shared::error::Error| broken(&error.to_string());
        let profile = ProtectionProfile::AeadAes128Gcm;
        let mut config = Config { profile, ..Default::default() };
        let state = self.endpoint.get_connection_state(server).ok_or("a handshake without state")?;
        let material = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], config.keying_material_len())
            .map_err(|error| broken(&error.to_string()))?;
        config.set_session_keys_from_keying_material(material.as_ref(), true).map_err(fault)?;
        let (key, salt) = (&config.keys.local_master_key, &config.keys.local_master_salt);
        Context::new(key, salt, profile, None, None, self.common.provider.crypto()).map_err(fault)
    }

    /// Does what is due.
    ///
    /// # Errors
    /// The handshake was given up.
    pub fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let server = remote.address;
        if now >= self.next_check {
            self.next_check = now + if self.is_connected() { CONSENT_EVERY } else { CHECK_EVERY };
            self.checks += 1;
            self.line.send(server, &self.check(remote)?);
        }
        let mut next = self.next_check.min(now + LOOK_EVERY);
        if self.is_connected() {
            if now >= self.next_feedback {
                self.next_feedback = now + FEEDBACK_EVERY;
                let told = self.feedback.tell(self.ssrc, self.media);
                self.send_sealed(server, told);
            }
            if now >= self.next_report {
                self.next_report = now + REPORT_EVERY;
                self.send_sealed(server, Some(report(self.ssrc)));
            }
            next = next.min(self.next_feedback).min(self.next_report);
        } else if self.is_checked {
            self.endpoint.handle_timeout(server, now).map_err(|error| broken(&error.to_string()))?;
            self.flush();
            next = next.min(self.endpoint.poll_timeout(&server).unwrap_or(next));
        }
        self.deadline = next;
        Ok(())
    }

    fn send_sealed(&mut self, server: SocketAddr, plain: Option<Vec<u8>>) {
        if let (Some(plain), Some(srtp)) = (plain, &mut self.srtp)
            && let Ok(sealed) = srtp.encrypt_rtcp(&plain)
        {
            self.line.send(server, &sealed);
        }
    }

    /// A connectivity check that nominates at once, as the controlling side of a lite server may (RFC 8445 §7.1).
    fn check(&self, remote: &Remote) -> Result<Vec<u8>, Fault> {
        let raw = |typ: AttrType, value: Vec<u8>| -> Box<dyn Setter + '_> {
            Box::new(RawAttribute { typ, length: value.len() as u16, value })
        };
        let mut transaction = [0u8; 12];
        transaction[..4].copy_from_slice(&self.ssrc.to_be_bytes());
        transaction[4..].copy_from_slice(&self.checks.to_be_bytes());
        let crypto = self.common.provider.crypto();
        let password = remote.password.clone();
        let setters: Vec<Box<dyn Setter + '_>> = vec![
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId(transaction)),
            raw(ATTR_USERNAME, format!("{}:{}", remote.ufrag, self.ufrag).into_bytes()),
            raw(ATTR_PRIORITY, vec![0x6e, 0, 1, 0xff]),
            raw(ATTR_ICE_CONTROLLING, vec![1; 8]),
            raw(ATTR_USE_CANDIDATE, Vec::new()),
            Box::new(MessageIntegrity::new_short_term_integrity_with_provider(password, crypto)),
            Box::new(FINGERPRINT),
        ];
        message(&setters)
    }
}

/// A STUN message.
fn message(setters: &[Box<dyn Setter + '_>]) -> Result<Vec<u8>, Fault> {
    let mut message = Message::new();
    message.build(setters).map_err(|error| broken(&error.to_string()))?;
    Ok(message.raw)
}
