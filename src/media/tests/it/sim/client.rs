//! A simulated client: str0m, another maker's WebRTC, that sends marked packets on a clock of its own and reports
//! what it received. It knows nothing of the links.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Instant;

use media::{Kind, PeerId};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::config::DtlsCert;
use str0m::media::{Direction, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::dice::Dice;
use crate::world::server;

/// Names of simulcast layers, lowest first.
const RIDS: [&str; 3] = ["q", "h", "f"];

/// How a client is made.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Slots for sound and for pictures.
    pub slots: (u64, u64),
    /// Layers of its camera.
    pub layers: usize,
    /// Between two packets of sound; 0: none.
    pub sound_us: u64,
    /// Between two pictures; 0: none.
    pub picture_us: u64,
    /// Packets of a picture.
    pub parts: u64,
}

/// What a media packet says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    pub from: PeerId,
    pub kind: Kind,
    pub layer: usize,
    pub number: u64,
}

impl Tag {
    fn letter(self) -> char {
        if self.kind == Kind::Audio { 'a' } else { 'v' }
    }

    /// The bytes behind the descriptor: filling that follows from the tag, and the tag.
    fn body(self) -> Vec<u8> {
        let length = match self.kind {
            Kind::Audio => 30 + self.number % 40,
            Kind::Video => (150 + self.number * 37 % 200) * (self.layer as u64 + 1),
        };
        let mut body = vec![b'A' + (self.number % 26) as u8; length as usize];
        body.extend(format!("#{}/{}/{}/{}", self.from, self.letter(), self.layer, self.number).bytes());
        body
    }

    /// Reads a received payload; `Err` if it is of ours and not whole, `None` if it is padding.
    pub fn read(payload: &[u8]) -> Result<Option<Tag>, String> {
        if payload.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let text = payload.rsplit(|byte| *byte == b'#').next().unwrap_or_default();
        let tag = Tag::parse(&String::from_utf8_lossy(text))
            .ok_or_else(|| format!("a payload of {} bytes that nobody sent", payload.len()))?;
        let descriptor = if tag.kind == Kind::Audio { 0 } else { DESCRIPTOR_BYTES };
        match payload.get(descriptor..) {
            Some(body) if body == tag.body() => Ok(Some(tag)),
            _ => Err(format!("{tag:?} came with other bytes than it was sent with")),
        }
    }

    fn parse(text: &str) -> Option<Tag> {
        let mut parts = text.split('/');
        let from = PeerId(parts.next()?.parse().ok()?);
        let kind = match parts.next()? {
            "a" => Kind::Audio,
            "v" => Kind::Video,
            _ => return None,
        };
        let (layer, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Tag { from, kind, layer, number })
    }
}

/// Bytes of the VP8 descriptor and of the frame header's first byte in our packets.
const DESCRIPTOR_BYTES: usize = 7;

/// A packet as it was received.
pub struct Got {
    pub ssrc: u32,
    pub number: u64,
    pub payload: Vec<u8>,
}

/// One encoding: a layer of a camera, or a microphone.
struct Stream {
    next: u64,
    sequence: u64,
    wants_key: bool,
    tl0: u8,
}

impl Stream {
    fn new(dice: &mut Dice) -> Stream {
        Stream { next: 1, sequence: dice.below(65_000), wants_key: true, tl0: dice.next() as u8 }
    }
}

pub struct Client {
    rtc: Rtc,
    pub manner: Manner,
    /// Where the client thinks it is.
    pub address: SocketAddr,
    /// Where the server sees it.
    pub outside: SocketAddr,
    pub peer: PeerId,
    pub is_connected: bool,
    pub is_muted: bool,
    pub is_camera_off: bool,
    /// The encoder leaves this layer out.
    pub left_out: Option<usize>,
    /// The next packet of sound, the next picture, and the next look at the timers.
    pub due: (u64, u64),
    pub deadline: Instant,
    /// Loudness as RFC 6464 counts it: 0 is loudest.
    pub level: i8,
    mids: (Mid, Mid),
    payload_types: (Pt, Pt),
    sound: Stream,
    layers: Vec<Stream>,
    frames: u64,
    base: (u32, u32),
    dice: Dice,
}

fn certificate() -> DtlsCert {
    static CERTIFICATE: OnceLock<DtlsCert> = OnceLock::new();
    let make = || str0m::crypto::from_feature_flags().dtls_provider.generate_certificate().unwrap();
    CERTIFICATE.get_or_init(make).clone()
}

impl Client {
    /// A client and its offer.
    pub fn new(
        now: Instant,
        address: SocketAddr,
        manner: Manner,
        mut dice: Dice,
    ) -> (Client, String, SdpPendingOffer) {
        str0m::crypto::from_feature_flags().install_process_default();
        let builder = Rtc::builder().set_dtls_cert(certificate()).set_rtp_mode(true).clear_codecs();
        let mut rtc = builder.enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let layers = manner.layers.clamp(1, RIDS.len());
        let simulcast = (layers > 1).then(|| Simulcast {
            send: RIDS[..layers].iter().map(|rid| SimulcastLayer::new(rid)).collect(),
            recv: Vec::new(),
        });
        let audio = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
        for (kind, count) in [(MediaKind::Audio, manner.slots.0), (MediaKind::Video, manner.slots.1)] {
            for _ in 0..count {
                api.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        api.add_channel("ping".to_owned());
        let (offer, pending) = api.apply().unwrap();
        let find = |codec| rtc.codec_config().find(|params| params.spec().codec == codec).unwrap().pt();
        let payload_types = (find(str0m::format::Codec::Opus), find(str0m::format::Codec::Vp8));
        let client = Client {
            rtc,
            manner,
            address,
            outside: address,
            peer: PeerId(0),
            is_connected: false,
            is_muted: false,
            is_camera_off: false,
            left_out: None,
            due: (0, 0),
            deadline: now,
            level: -(dice.between(5, 100) as i8),
            mids: (audio, video),
            payload_types,
            sound: Stream::new(&mut dice),
            layers: (0..layers).map(|_| Stream::new(&mut dice)).collect(),
            frames: dice.below(30_000),
            base: (dice.next() as u32, dice.next() as u32),
            dice,
        };
        (client, offer.to_sdp_string(), pending)
    }

    pub fn accept(&mut self, pending: SdpPendingOffer, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    pub fn sends(&self, kind: Kind) -> bool {
        match kind {
            Kind::Audio => self.manner.sound_us > 0 && !self.is_muted,
            Kind::Video => self.manner.picture_us > 0 && !self.is_camera_off,
        }
    }

    /// Another camera: every layer goes on under a new SSRC, as after `replaceTrack` on some devices.
    pub fn switch_camera(&mut self) {
        for layer in 0..self.layers.len() {
            let rid = self.rid(layer);
            let (ssrc, rtx) = (self.dice.next() as u32 | 0x10000, self.dice.next() as u32 | 0x10000);
            let mut api = self.rtc.direct_api();
            let Some(before) = api.stream_tx_by_mid(self.mids.1, rid).map(|stream| stream.ssrc()) else {
                continue;
            };
            api.remove_stream_tx(before);
            api.declare_stream_tx(ssrc.into(), Some(rtx.into()), self.mids.1, rid);
            let next = self.layers[layer].next;
            self.layers[layer] = Stream { next, ..Stream::new(&mut self.dice) };
        }
    }

    /// Closes the connection politely.
    pub fn leave(&mut self) {
        let _ = self.rtc.close();
    }

    fn rid(&self, layer: usize) -> Option<Rid> {
        (self.layers.len() > 1).then(|| Rid::from(RIDS[layer]))
    }

    /// Says and shows what is due; `us` is the world's time since its beginning. `false` if nothing was.
    pub fn perform(&mut self, now: Instant, us: u64) -> bool {
        let mut has_written = false;
        if self.sends(Kind::Audio) && us >= self.due.0 && self.is_connected {
            self.due.0 = us + self.manner.sound_us;
            self.speak(now, us);
            has_written = true;
        }
        if self.sends(Kind::Video) && us >= self.due.1 && self.is_connected {
            self.due.1 = us + self.manner.picture_us;
            self.frames += 1;
            for layer in 0..self.layers.len() {
                if self.left_out != Some(layer) {
                    self.show(now, us, layer);
                }
            }
            has_written = true;
        }
        let is_due = has_written || self.deadline <= now;
        if is_due {
            let _ = self.rtc.handle_input(Input::Timeout(now));
        }
        is_due
    }

    fn speak(&mut self, now: Instant, us: u64) {
        let time = self.base.0.wrapping_add((us * 48 / 1_000) as u32);
        let tag = Tag { from: self.peer, kind: Kind::Audio, layer: 0, number: self.sound.next };
        self.sound.next += 1;
        self.sound.sequence += 1;
        let level = ExtensionValues {
            audio_level: Some(self.level),
            voice_activity: Some(self.level > -60),
            ..Default::default()
        };
        let sequence = self.sound.sequence.into();
        let write = RtpWrite::new(self.payload_types.0, sequence, time, now, tag.body()).ext_vals(level);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mids.0, None) {
            stream.write_rtp(write);
        }
    }

    fn show(&mut self, now: Instant, us: u64, layer: usize) {
        let time = self.base.1.wrapping_add((us * 90 / 1_000) as u32);
        let rid = self.rid(layer);
        let is_upper = self.frames % 2 == 1;
        let stream = &mut self.layers[layer];
        let is_key = !is_upper && std::mem::take(&mut stream.wants_key);
        stream.tl0 = stream.tl0.wrapping_add(u8::from(!is_upper));
        let picture = (0x8000 | (self.frames as u16 & 0x7fff)).to_be_bytes();
        for part in 0..self.manner.parts {
            let tag = Tag { from: self.peer, kind: Kind::Video, layer, number: stream.next };
            stream.next += 1;
            stream.sequence += 1;
            let start = if part == 0 { 0x90 } else { 0x80 };
            let temporal = if is_upper { 0x40 } else { 0 };
            // Extended; picture id, TL0PICIDX and TID follow (RFC 7741 §4.2), then the frame's first byte.
            let head = [start, 0xe0, picture[0], picture[1], stream.tl0, temporal, u8::from(!is_key)];
            let payload = [&head[..], &tag.body()].concat();
            let sequence = stream.sequence.into();
            let write = RtpWrite::new(self.payload_types.1, sequence, time, now, payload)
                .marker(part + 1 == self.manner.parts)
                .nackable(true);
            if let Some(sending) = self.rtc.direct_api().stream_tx_by_mid(self.mids.1, rid) {
                sending.write_rtp(write);
            }
        }
    }

    /// Takes a datagram that arrived.
    pub fn take(&mut self, now: Instant, datagram: &[u8]) {
        if let Ok(receive) = Receive::new(Protocol::Udp, server(), self.address, datagram) {
            let _ = self.rtc.handle_input(Input::Receive(now, receive));
        }
    }

    /// What wants to leave, and what came.
    pub fn drain(&mut self, out: &mut Vec<Vec<u8>>, got: &mut Vec<Got>) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    return;
                }
                Ok(Output::Transmit(transmit)) => out.push(transmit.contents.to_vec()),
                Ok(Output::Event(event)) => self.note(event, got),
                Err(_) => return,
            }
        }
    }

    fn note(&mut self, event: Event, got: &mut Vec<Got>) {
        match event {
            Event::Connected => self.is_connected = true,
            Event::KeyframeRequest(request) => {
                for layer in 0..self.layers.len() {
                    if request.rid.is_none() || request.rid == self.rid(layer) {
                        self.layers[layer].wants_key = true;
                    }
                }
            }
            Event::RtpPacket(packet) => got.push(Got {
                ssrc: *packet.header.ssrc,
                number: *packet.seq_no,
                payload: packet.payload.to_vec(),
            }),
            _ => {}
        }
    }
}
