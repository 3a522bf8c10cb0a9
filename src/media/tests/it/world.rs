//! A small world: one plane, clients of another make, and a wire between them that delays and loses as it is told.
//!
//! Deterministic but for the keys that both sides draw: time moves only when the test moves it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use media::core::dtls::Identity;
use media::core::ice::Mark;
use media::core::now::Now;
use media::core::outbox::Path;
use media::core::plane::{Plane, Settings};
use media::{AUDIO_SLOTS, Event, Kind, PeerId, PeerReport, SlotInfo, VIDEO_SLOTS};
use str0m::change::SdpAnswer;
use str0m::channel::ChannelId;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Input, Output, Rtc};

/// One way through the wire.
const DELAY: Duration = Duration::from_millis(10);
/// Packets of one picture.
const PACKETS_PER_FRAME: u64 = 3;

/// Where the plane listens in this world.
pub fn server() -> SocketAddr {
    "192.0.2.10:5000".parse().unwrap()
}

/// An instant to count from.
#[expect(
    clippy::disallowed_methods,
    reason = "an instant can be had only from the clock; tests move it by hand"
)]
pub fn instant() -> Instant {
    Instant::now()
}

/// Seconds since 1970, as a running SFU counts them.
pub fn unix_seconds() -> u64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// Which way a datagram travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// A media packet as a client received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    pub ssrc: u32,
    pub number: u64,
    pub timestamp: u32,
    /// `<client>/<kind>/<counter>`, as the sender wrote it.
    pub tag: String,
}

/// A browser, as far as the SFU can tell.
pub struct Client {
    pub rtc: Rtc,
    /// Where the client thinks it is.
    pub address: SocketAddr,
    /// Where the server sees it: a test changes it to be its NAT.
    pub outside: SocketAddr,
    pub peer: PeerId,
    pub slots: Vec<SlotInfo>,
    pub is_connected: bool,
    pub got: Vec<Got>,
    pub echoes: Vec<String>,
    pub keyframes_wanted: u64,
    pub is_sending: bool,
    pub packets_sent: u64,
    channel: Option<ChannelId>,
    audio: Mid,
    video: Mid,
    payload_types: (Pt, Pt),
    deadline: Instant,
    wants_key: bool,
    counters: (u64, u64, u64),
}

/// Bytes in a place at a time.
struct Flight {
    way: Way,
    client: SocketAddr,
    bytes: Vec<u8>,
}

/// What the wire does to a datagram of a client: whether it gets through.
pub type Weather = Box<dyn FnMut(Way, SocketAddr, &[u8]) -> bool>;

pub struct World {
    pub plane: Plane,
    pub now: Now,
    pub clients: Vec<Client>,
    pub events: Vec<Event>,
    pub weather: Weather,
    /// How often a timer of the plane was due.
    pub wakes: u64,
    wire: BTreeMap<(u64, u64), Flight>,
    flights: u64,
    next_sound_us: u64,
    next_picture_us: u64,
}

/// A generator of numbers that look random and are the same each time.
pub fn chance(mut seed: u64) -> impl FnMut() -> u64 {
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    }
}

/// Weather in which a share of RTP packets (in 1/1000) is lost, both ways.
pub fn rain(per_mille: u64, seed: u64) -> Weather {
    let mut dice = chance(seed);
    Box::new(move |_, _, bytes| !is_rtp(bytes) || (dice() >> 20) % 1000 >= per_mille)
}

pub fn is_rtp(bytes: &[u8]) -> bool {
    matches!(bytes, [128..=191, second, ..] if !(192..224).contains(second))
}

pub fn is_dtls(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=63, ..])
}

impl World {
    pub fn new() -> World {
        World::with_silence(Duration::from_secs(15))
    }

    /// One that tells clients where it is over TCP as well.
    pub fn reached_by_tcp() -> World {
        World::with(Duration::from_secs(15), vec![server(), "192.0.2.10:443".parse().unwrap()])
    }

    pub fn with_silence(silence_max: Duration) -> World {
        World::with(silence_max, Vec::new())
    }

    fn with(silence_max: Duration, candidates_tcp: Vec<SocketAddr>) -> World {
        let mut dice = chance(88_172_645_463_325_252);
        let random = move |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = (dice() >> 24) as u8);
        let settings = Settings {
            candidates: vec![server()],
            candidates_tcp,
            silence_max,
            peers_max: 64,
            mark: Mark::default(),
        };
        let now = Now { at: instant(), us: 1_795_000_000_000_000 };
        World {
            plane: Plane::new(Identity::make().unwrap(), settings, Box::new(random)),
            now,
            clients: Vec::new(),
            events: Vec::new(),
            weather: Box::new(|_, _, _| true),
            wakes: 0,
            wire: BTreeMap::new(),
            flights: 0,
            next_sound_us: now.us,
            next_picture_us: now.us,
        }
    }

    /// Connects a client that sends nothing yet; returns its place. Time does not move.
    pub fn join(&mut self) -> usize {
        self.join_with((AUDIO_SLOTS, VIDEO_SLOTS))
    }

    /// Connects a client that asks for so many sounds and pictures.
    pub fn join_with(&mut self, lines: (usize, usize)) -> usize {
        let place = self.clients.len();
        let address: SocketAddr = format!("198.51.100.{}:4000", place + 1).parse().unwrap();
        let (mut client, offer, pending) = Client::with(self.now.at, address, lines);
        let connected = self.plane.connect(self.now, &offer).unwrap();
        client.peer = connected.peer;
        client.slots = connected.slots;
        let answer = SdpAnswer::from_sdp_string(&connected.answer).unwrap();
        client.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        self.clients.push(client);
        place
    }

    /// Two clients, connected.
    pub fn pair() -> (World, usize, usize) {
        let mut world = World::new();
        let (a, b) = (world.join(), world.join());
        world.run_until(|world| world.clients.iter().all(|client| client.is_connected));
        (world, a, b)
    }

    pub fn open(&mut self, from: usize, to: usize) {
        self.plane.open(self.now, self.clients[from].peer, self.clients[to].peer);
    }

    pub fn shut(&mut self, from: usize, to: usize) {
        self.plane.shut(self.now, self.clients[from].peer, self.clients[to].peer);
    }

    pub fn report(&self, client: usize) -> PeerReport {
        self.plane.report(self.clients[client].peer).unwrap()
    }

    /// Moves time until the rule holds; fails after a minute of the world's time.
    pub fn run_until(&mut self, rule: impl Fn(&World) -> bool) {
        let end = self.now.us + 60_000_000;
        while !rule(self) {
            assert!(self.now.us < end, "a minute passed and it did not happen");
            self.run(Duration::from_millis(1));
        }
    }

    /// Moves time.
    pub fn run(&mut self, time: Duration) {
        let end = self.now.after(time);
        loop {
            self.speak();
            self.exchange();
            let next = self.next_us().unwrap_or(u64::MAX);
            if next > end.us {
                break;
            }
            let step = next.saturating_sub(self.now.us).max(1);
            self.now = self.now.after(Duration::from_micros(step));
        }
        self.now = end;
    }

    fn next_us(&self) -> Option<u64> {
        let wire = self.wire.keys().next().map(|key| key.0);
        let clients = self.clients.iter().map(|client| self.now.us_of(client.deadline));
        let sending = self.clients.iter().any(|client| client.is_sending);
        let media = sending.then_some(self.next_sound_us.min(self.next_picture_us));
        clients.chain(wire).chain(media).chain(self.plane.deadline()).min()
    }

    /// Lets everything happen that is due now.
    fn exchange(&mut self) {
        let now = self.now;
        for place in 0..self.clients.len() {
            if self.clients[place].deadline <= now.at {
                self.clients[place].rtc.handle_input(Input::Timeout(now.at)).unwrap();
            }
            self.drain(place);
        }
        while let Some(entry) = self.wire.first_entry() {
            if entry.key().0 > now.us {
                break;
            }
            let flight = entry.remove();
            match flight.way {
                Way::ToServer => {
                    let path = Path::udp(flight.client, Some(server().ip()));
                    self.plane.receive(now, path, &flight.bytes);
                }
                Way::ToClient => {
                    let Some(place) = self.clients.iter().position(|c| c.outside == flight.client) else {
                        continue;
                    };
                    let client = &mut self.clients[place];
                    if let Ok(receive) = Receive::new(Protocol::Udp, server(), client.address, &flight.bytes)
                    {
                        client.rtc.handle_input(Input::Receive(now.at, receive)).unwrap();
                    }
                    self.drain(place);
                }
            }
        }
        self.wakes += u64::from(self.plane.deadline().is_some_and(|at| at <= now.us));
        self.plane.tick(now);
        self.plane.finish(now, &mut |_| now);
        while self.plane.shake(now) {}
        self.events.append(&mut self.plane.events);
        let sent: Vec<(SocketAddr, Vec<u8>)> =
            self.plane.outbox.iter().map(|(path, bytes)| (path.remote.address, bytes.to_vec())).collect();
        self.plane.outbox.clear();
        sent.into_iter().for_each(|(client, bytes)| self.send(Way::ToClient, client, bytes));
    }

    fn send(&mut self, way: Way, client: SocketAddr, bytes: Vec<u8>) {
        if (self.weather)(way, client, &bytes) {
            self.flights += 1;
            let arrives = self.now.after(DELAY).us;
            self.wire.insert((arrives, self.flights), Flight { way, client, bytes });
        }
    }

    fn drain(&mut self, place: usize) {
        let address = self.clients[place].outside;
        for bytes in self.clients[place].drain() {
            self.send(Way::ToServer, address, bytes);
        }
    }

    /// Every sending client says 20 ms of sound and shows a picture each 33 ms.
    fn speak(&mut self) {
        let now = self.now;
        if now.us >= self.next_sound_us {
            self.next_sound_us = now.us + 20_000;
            self.clients
                .iter_mut()
                .filter(|client| client.is_sending)
                .for_each(|client| client.speak(now.at));
        }
        if now.us >= self.next_picture_us {
            self.next_picture_us = now.us + 33_000;
            self.clients.iter_mut().filter(|client| client.is_sending).for_each(|client| client.show(now.at));
        }
        for place in 0..self.clients.len() {
            if self.clients[place].is_sending {
                self.clients[place].rtc.handle_input(Input::Timeout(now.at)).unwrap();
                self.drain(place);
            }
        }
    }
}

impl Client {
    /// A client with our page's offer.
    pub fn new(now: Instant, address: SocketAddr) -> (Client, String, str0m::change::SdpPendingOffer) {
        Client::with(now, address, (AUDIO_SLOTS, VIDEO_SLOTS))
    }

    /// A client that asks for so many sounds and pictures.
    pub fn with(
        now: Instant,
        address: SocketAddr,
        (sounds, pictures): (usize, usize),
    ) -> (Client, String, str0m::change::SdpPendingOffer) {
        str0m::crypto::from_feature_flags().install_process_default();
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        for (kind, count) in [(MediaKind::Audio, sounds), (MediaKind::Video, pictures)] {
            for _ in 0..count {
                api.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        let channel = api.add_channel("ping".to_owned());
        let (offer, pending) = api.apply().unwrap();
        let find = |codec| rtc.codec_config().find(|params| params.spec().codec == codec).unwrap().pt();
        let payload_types = (find(str0m::format::Codec::Opus), find(str0m::format::Codec::Vp8));
        let client = Client {
            rtc,
            address,
            outside: address,
            peer: PeerId(0),
            slots: Vec::new(),
            is_connected: false,
            got: Vec::new(),
            echoes: Vec::new(),
            keyframes_wanted: 0,
            is_sending: false,
            packets_sent: 0,
            channel: Some(channel),
            audio,
            video,
            payload_types,
            deadline: now,
            wants_key: true,
            counters: (1_000, 1_000, 0),
        };
        (client, offer.to_sdp_string(), pending)
    }

    /// Datagrams that want to leave; notes what came.
    pub fn drain(&mut self) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return out;
                }
                Output::Transmit(transmit) => out.push(transmit.contents.to_vec()),
                Output::Event(event) => self.note(event),
            }
        }
    }

    fn note(&mut self, event: str0m::Event) {
        match event {
            str0m::Event::Connected => self.is_connected = true,
            str0m::Event::KeyframeRequest(_) => {
                self.wants_key = true;
                self.keyframes_wanted += 1;
            }
            str0m::Event::RtpPacket(packet) => {
                let tag = packet.payload.split(|byte| *byte == b'#').next_back().unwrap_or_default();
                self.got.push(Got {
                    ssrc: *packet.header.ssrc,
                    number: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    tag: String::from_utf8_lossy(tag).into_owned(),
                });
            }
            str0m::Event::ChannelData(data) => {
                self.echoes.push(String::from_utf8_lossy(&data.data).into_owned())
            }
            _ => {}
        }
    }

    /// When the client wants to be looked at.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Sends a message on the `ping` channel; `false` while it is not open.
    pub fn ping(&mut self, message: &str) -> bool {
        let channel = self.channel.and_then(|id| self.rtc.channel(id));
        channel.is_some_and(|mut channel| channel.write(false, message.as_bytes()).unwrap_or(false))
    }

    /// Sends a packet of sound.
    pub fn speak(&mut self, now: Instant) {
        let (mid, payload_type) = (self.audio, self.payload_types.0);
        let number = self.counters.0;
        self.counters.0 += 1;
        let payload = format!("sound#{}/audio/{number}", self.peer).into_bytes();
        let write = RtpWrite::new(payload_type, number.into(), number as u32 * 960, now, payload);
        self.write(mid, write);
    }

    /// Sends a picture in three packets.
    pub fn show(&mut self, now: Instant) {
        let (mid, payload_type) = (self.video, self.payload_types.1);
        let is_key = std::mem::take(&mut self.wants_key);
        self.counters.2 += 1;
        let (frame, time) = (self.counters.2, self.counters.2 as u32 * 2_970);
        for part in 0..PACKETS_PER_FRAME {
            let number = self.counters.1;
            self.counters.1 += 1;
            let start = if part == 0 { 0x90 } else { 0x80 };
            let picture = (0x8000 | (frame as u16 & 0x7fff)).to_be_bytes();
            let mut payload = vec![start, 0x80, picture[0], picture[1], u8::from(!is_key)];
            payload.extend(format!("#{}/video/{number}", self.peer).into_bytes());
            let is_last = part + 1 == PACKETS_PER_FRAME;
            let write =
                RtpWrite::new(payload_type, number.into(), time, now, payload).marker(is_last).nackable(true);
            self.write(mid, write);
        }
    }

    fn write(&mut self, mid: Mid, write: RtpWrite) {
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(write);
            self.packets_sent += 1;
        }
    }

    /// Goes on under other SSRCs: of sound, of pictures, of pictures sent again.
    pub fn send_under(&mut self, [sound, picture, again]: [u32; 3]) {
        let mut api = self.rtc.direct_api();
        for (mid, ssrc, again) in [(self.audio, sound, None), (self.video, picture, Some(again))] {
            if let Some(before) = api.stream_tx_by_mid(mid, None).map(|stream| stream.ssrc()) {
                api.remove_stream_tx(before);
            }
            api.declare_stream_tx(ssrc.into(), again.map(Into::into), mid, None);
        }
        self.wants_key = true;
    }

    /// The payload type under which this client sends pictures again.
    pub fn rtx_payload_type(&self) -> u8 {
        let mut codecs = self.rtc.codec_config().params().iter();
        codecs
            .find(|params| params.pt() == self.payload_types.1)
            .and_then(|params| params.resend())
            .map_or(0, |pt| *pt)
    }

    /// Tags of one kind from one peer, in the order of arrival.
    pub fn tags(&self, from: PeerId, kind: Kind) -> Vec<u64> {
        let kind = if kind == Kind::Audio { "audio" } else { "video" };
        let prefix = format!("{from}/{kind}/");
        self.got.iter().filter_map(|got| got.tag.strip_prefix(&prefix)?.parse().ok()).collect()
    }
}
