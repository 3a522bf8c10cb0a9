//! A WebRTC client of another make on a thread of its own: offers once, sends when told, counts what comes.
//!
//! It knows nothing of signaling; a test carries offer and answer.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use media::{AUDIO_SLOTS, VIDEO_SLOTS};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

/// How long the thread looks at its socket before it looks at its orders.
const LOOK: Duration = Duration::from_millis(5);
/// One packet of sound.
const SOUND: Duration = Duration::from_millis(20);

/// The test's end of the client. Dropped, the client goes silent.
pub struct Phone {
    orders: mpsc::Sender<Order>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the test tells the thread.
enum Order {
    /// Take this answer.
    Answer(String),
    /// Offer with another ICE name, and give the offer here.
    Restart(mpsc::Sender<String>),
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    is_sending: AtomicBool,
    is_connected: AtomicBool,
    connections: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Phone {
    /// A client as our page is one, and its offer.
    pub fn new() -> (Phone, String) {
        Phone::with(Lines { sends: true, sound: AUDIO_SLOTS, pictures: VIDEO_SLOTS })
    }

    /// An encoder.
    pub fn encoder() -> (Phone, String) {
        Phone::with(Lines { sends: true, sound: 0, pictures: 0 })
    }

    /// A player with so many lines for sound and pictures.
    pub fn player(sound: usize, pictures: usize) -> (Phone, String) {
        Phone::with(Lines { sends: false, sound, pictures })
    }

    fn with(lines: Lines) -> (Phone, String) {
        let (orders, take) = mpsc::channel();
        let shared = Arc::new(Shared::default());
        let (side, offer) = Side::new(lines, Arc::clone(&shared));
        let thread = std::thread::spawn(move || side.run(&take));
        (Phone { orders, shared, thread: Some(thread) }, offer)
    }

    /// Takes the answer; the connection comes up from here.
    pub fn takes(&self, answer: &str) {
        self.orders.send(Order::Answer(answer.to_owned())).unwrap();
    }

    /// Begins ICE anew; the new offer.
    pub fn restarts(&self) -> String {
        let (give, offer) = mpsc::channel();
        self.orders.send(Order::Restart(give)).unwrap();
        offer.recv().unwrap()
    }

    /// How often ICE found a way.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Speaks from now on, whether or not anybody is to hear it.
    pub fn speaks(&self) {
        self.shared.is_sending.store(true, Ordering::SeqCst);
    }

    pub fn is_connected(&self) -> bool {
        self.shared.is_connected.load(Ordering::SeqCst)
    }

    /// Media packets that left this client.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }

    /// Media packets that came to this client.
    pub fn received(&self) -> u64 {
        self.shared.received.load(Ordering::SeqCst)
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a client offers.
struct Lines {
    sends: bool,
    sound: usize,
    pictures: usize,
}

/// The thread's end.
struct Side {
    rtc: Rtc,
    socket: UdpSocket,
    shared: Arc<Shared>,
    pending: Option<SdpPendingOffer>,
    audio: Option<Mid>,
    opus: Pt,
    number: u64,
    speaks_at: Instant,
}

#[expect(clippy::disallowed_methods, reason = "a client that talks over a real wire lives in real time")]
fn instant() -> Instant {
    Instant::now()
}

impl Side {
    fn new(lines: Lines, shared: Arc<Shared>) -> (Side, String) {
        str0m::crypto::from_feature_flags().install_process_default();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(LOOK)).unwrap();
        let builder = Rtc::builder().set_rtp_mode(true).clear_codecs();
        let mut rtc = builder.enable_opus(true, false).enable_vp8(true).build(instant());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut api = rtc.sdp_api();
        let mut audio = None;
        if lines.sends {
            audio = Some(api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None));
            api.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        }
        for (kind, count) in [(MediaKind::Audio, lines.sound), (MediaKind::Video, lines.pictures)] {
            for _ in 0..count {
                api.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        api.add_channel("ping".to_owned());
        let (offer, pending) = api.apply().unwrap();
        let opus = rtc.codec_config().find(|params| params.spec().codec == Codec::Opus).unwrap().pt();
        let (number, speaks_at, pending) = (1_000, instant(), Some(pending));
        (Side { rtc, socket, shared, pending, audio, opus, number, speaks_at }, offer.to_sdp_string())
    }

    fn run(mut self, orders: &mpsc::Receiver<Order>) {
        let mut buffer = vec![0; 2_000];
        while !self.shared.is_over.load(Ordering::SeqCst) {
            if let Ok(order) = orders.try_recv() {
                self.obey(order);
            }
            if self.shared.is_sending.load(Ordering::SeqCst)
                && self.shared.is_connected.load(Ordering::SeqCst)
            {
                self.speak();
            }
            self.drain();
            if let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
                let own = self.socket.local_addr().unwrap();
                if let Ok(receive) = Receive::new(Protocol::Udp, source, own, &buffer[..length]) {
                    self.rtc.handle_input(Input::Receive(instant(), receive)).unwrap();
                }
            }
            self.rtc.handle_input(Input::Timeout(instant())).unwrap();
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Answer(answer) => {
                let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
                let pending = self.pending.take().expect("one answer to one offer");
                self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
            }
            Order::Restart(give) => {
                let mut api = self.rtc.sdp_api();
                api.ice_restart(true);
                let (offer, pending) = api.apply().unwrap();
                self.pending = Some(pending);
                give.send(offer.to_sdp_string()).unwrap();
            }
        }
    }

    fn speak(&mut self) {
        let now = instant();
        if now < self.speaks_at {
            return;
        }
        self.speaks_at = now + SOUND;
        self.number += 1;
        let time = u32::try_from(self.number * 960).unwrap_or(0);
        let write = RtpWrite::new(self.opus, self.number.into(), time, now, vec![0x5a; 60]);
        let Some(audio) = self.audio else { return };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(audio, None) {
            stream.write_rtp(write);
            self.shared.sent.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::Connected) => self.shared.is_connected.store(true, Ordering::SeqCst),
                Output::Event(Event::IceConnectionStateChange(
                    IceConnectionState::Connected | IceConnectionState::Completed,
                )) => {
                    self.shared.connections.fetch_add(1, Ordering::SeqCst);
                }
                Output::Event(Event::RtpPacket(_)) => {
                    self.shared.received.fetch_add(1, Ordering::SeqCst);
                }
                Output::Event(_) => {}
            }
        }
    }
}
