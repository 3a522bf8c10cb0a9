//! A full client on `str0m`: publishes stamped packets, opens what it receives and measures how long it took.
//!
//! Sans-IO but for its own socket; told the time. Says nothing to any server but through SDP text.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};

use crate::clock;
use crate::film::Film;
use crate::tally::{Tally, What};
use crate::trouble::Bad;
use crate::udp::{Datagram, Line, Reading};

/// Whatever ends a measurement.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Pictures a second.
const FRAMES_PER_SECOND: u64 = 30;
/// Sounds a second.
pub const SOUNDS_PER_SECOND: u64 = 50;
/// Payload of a picture's packet: 1,100 bytes on the wire with header, extensions and tag.
const PICTURE_BYTES: usize = 1_060;
/// Payload of a sound.
const SOUND_BYTES: usize = 100;
/// The time of sending, at the end of each payload.
const STAMP_BYTES: usize = 8;

/// What a client asks for in its offer.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// Whether it sends.
    pub sends: Sends,
    /// Receiving lines for sound.
    pub sounds: usize,
    /// Receiving lines for pictures.
    pub pictures: usize,
}

/// What a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// It could send, and rests as an idle seat does: neither media nor reports (`web/static/js/rest.js`).
    Rests,
    /// It only receives.
    Nothing,
    /// Fifty sounds a second, and this many packets of pictures.
    Media {
        /// Packets a second; none: sound alone.
        rate: u32,
    },
}

/// What a client has sent and when it sends next.
struct Sending {
    sound: Mid,
    picture: Option<Mid>,
    payload_types: (Pt, Pt),
    rate: u64,
    sounds: u64,
    frames: u64,
    packets: u64,
    next_sound: Instant,
    next_frame: Instant,
    wants_key: bool,
}

/// As loud as speech, so that a server that chooses by loudness has something to choose.
pub const SPEECH_DBOV: i8 = -30;

/// Longer than any scene.
const NEVER: Duration = Duration::from_secs(24 * 3_600);

/// A full client.
pub struct Person {
    /// Its socket.
    pub line: Line,
    /// What it received.
    pub tally: Tally,
    /// When it began to connect.
    pub born: Instant,
    /// When it wants to be looked at.
    pub deadline: Instant,
    /// Whether its transport is up.
    pub is_connected: bool,
    /// How loud its voice is, in dBov (RFC 6464): as speech, unless somebody wants it quieter.
    pub level: i8,
    /// Its own checks have gone unanswered for too long: it needs another connection.
    pub is_forlorn: bool,
    /// How bad its line is.
    pub bad: Bad,
    /// What it shows, instead of stamped packets that nobody can look at.
    pub film: Option<Rc<Film>>,
    rtc: Rtc,
    pending: Option<SdpPendingOffer>,
    sending: Option<Sending>,
    arrived_ns: u64,
}

impl Person {
    /// A client that has not said anything yet.
    ///
    /// # Errors
    /// The system has no more sockets.
    pub fn new(reading: Reading) -> Result<Person, Fault> {
        Person::on(reading, Rtc::builder())
    }

    /// One that rests.
    ///
    /// # Errors
    /// The system has no more sockets.
    pub fn resting(reading: Reading) -> Result<Person, Fault> {
        let rtc = Rtc::builder();
        Person::on(reading, rtc.set_rtcp_report_interval_audio(NEVER).set_rtcp_report_interval_video(NEVER))
    }

    fn on(reading: Reading, rtc: RtcConfig) -> Result<Person, Fault> {
        str0m::crypto::from_feature_flags().install_process_default();
        let line = Line::open(reading)?;
        let now = clock::instant();
        let mut rtc =
            rtc.set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true).build(now);
        rtc.add_local_candidate(Candidate::host(line.local(), "udp")?);
        Ok(Person {
            line,
            tally: Tally::default(),
            born: now,
            deadline: now,
            is_connected: false,
            level: SPEECH_DBOV,
            is_forlorn: false,
            bad: Bad::new(clock::wall_ns()),
            film: None,
            rtc,
            pending: None,
            sending: None,
            arrived_ns: 0,
        })
    }

    /// Says what it wants, to a server that answers.
    ///
    /// # Errors
    /// The offer has no line at all.
    pub fn offer(&mut self, lines: Lines) -> Result<String, Fault> {
        let mut api = self.rtc.sdp_api();
        let mut add = |kind, direction| api.add_media(kind, direction, None, None, None);
        let mids = match lines.sends {
            Sends::Nothing => None,
            sends @ (Sends::Rests | Sends::Media { .. }) => {
                let rate = if let Sends::Media { rate } = sends { rate } else { 1 };
                let sound = add(MediaKind::Audio, Direction::SendOnly);
                Some((sound, (rate > 0).then(|| add(MediaKind::Video, Direction::SendOnly)), rate))
            }
        };
        for (kind, count) in [(MediaKind::Audio, lines.sounds), (MediaKind::Video, lines.pictures)] {
            for _ in 0..count {
                add(kind, Direction::RecvOnly);
            }
        }
        let (offer, pending) = api.apply().ok_or("an offer needs a line")?;
        self.pending = Some(pending);
        let payload_type = |codec| self.rtc.codec_config().find(|p| p.spec().codec == codec).map(|p| p.pt());
        let payload_types =
            (payload_type(Codec::Opus).ok_or("no Opus")?, payload_type(Codec::Vp8).ok_or("no VP8")?);
        self.sending = mids.map(|(sound, picture, rate)| Sending {
            sound,
            picture,
            payload_types,
            rate: u64::from(rate),
            sounds: 0,
            frames: 0,
            packets: 0,
            next_sound: self.born,
            next_frame: self.born,
            wants_key: true,
        });
        Ok(offer.to_sdp_string())
    }

    /// The sending lines: of sound, and of pictures.
    pub fn sending_mids(&self) -> Option<(String, Option<String>)> {
        let sending = self.sending.as_ref()?;
        Some((sending.sound.to_string(), sending.picture.map(|mid| mid.to_string())))
    }

    /// Takes the server's answer.
    ///
    /// # Errors
    /// The answer is not one to the offer.
    pub fn accept(&mut self, answer: &str) -> Result<(), Fault> {
        let pending = self.pending.take().ok_or("an answer without an offer")?;
        self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        self.drain()
    }

    /// Answers a server that offers.
    ///
    /// # Errors
    /// The offer is not usable.
    pub fn answer(&mut self, offer: &str) -> Result<String, Fault> {
        let answer = self.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(offer)?)?;
        self.drain()?;
        Ok(answer.to_sdp_string())
    }

    /// Sends what waits and notes what came.
    fn drain(&mut self) -> Result<(), Fault> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = self.bad.due().map_or(at, |due| due.min(at));
                    return Ok(());
                }
                Output::Transmit(transmit) => self.send(transmit.destination, &transmit.contents),
                Output::Event(event) => self.note(event),
            }
        }
    }

    fn send(&mut self, to: SocketAddr, bytes: &[u8]) {
        if !self.bad.loses() && !self.bad.keeps(clock::instant(), (to, bytes)) {
            self.line.send(to, bytes);
        }
    }

    fn note(&mut self, event: str0m::Event) {
        match event {
            str0m::Event::IceConnectionStateChange(state) => self.is_forlorn = state.is_disconnected(),
            str0m::Event::Connected => self.is_connected = true,
            str0m::Event::KeyframeRequest(_) => {
                if let Some(sending) = &mut self.sending {
                    sending.wants_key = true;
                }
            }
            str0m::Event::RtpPacket(packet) if packet.payload.len() > STAMP_BYTES => {
                self.tally.first_at.get_or_insert_with(clock::instant);
                let what = What::of(*packet.header.payload_type);
                self.tally.note((*packet.header.ssrc, what), *packet.seq_no as u16);
                let stamp = packet.payload.last_chunk().copied().map_or(0, u64::from_be_bytes);
                self.tally.delays_ns.push(self.arrived_ns.saturating_sub(stamp));
            }
            _ => {}
        }
    }

    /// Takes a datagram.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn take(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<(), Fault> {
        if self.bad.loses() {
            return Ok(());
        }
        self.arrived_ns = datagram.arrived_ns;
        let local = self.line.local();
        if let Ok(receive) = Receive::new(Protocol::Udp, datagram.from, local, datagram.bytes) {
            self.rtc.handle_input(Input::Receive(now, receive))?;
        }
        self.drain()
    }

    /// Does what is due.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn tick(&mut self, now: Instant) -> Result<(), Fault> {
        while let Some((to, bytes)) = self.bad.next(now) {
            self.line.send(to, &bytes);
        }
        self.rtc.handle_input(Input::Timeout(now))?;
        self.drain()
    }

    /// When it sends next, if it sends at all.
    pub fn next_media(&self) -> Option<Instant> {
        let sending = self.sending.as_ref().filter(|_| self.is_connected)?;
        Some(if sending.picture.is_some() {
            sending.next_sound.min(sending.next_frame)
        } else {
            sending.next_sound
        })
    }

    /// Packets that it has sent.
    pub fn published(&self) -> u64 {
        self.sending.as_ref().map_or(0, |sending| sending.sounds + sending.packets)
    }

    /// Moves the first sound and picture, so that not everybody sends in the same instant.
    pub fn start_at(&mut self, at: Instant) {
        if let Some(sending) = &mut self.sending {
            (sending.next_sound, sending.next_frame) = (at, at);
        }
    }

    /// Sends the sound and the picture that are due. What was missed for long is not made up for.
    ///
    /// # Errors
    /// The connection is broken.
    pub fn perform(&mut self, now: Instant) -> Result<(), Fault> {
        let film = self.film.clone();
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let (mut sounds, mut packets, mut payloads) = (0, 0, Vec::new());
        if now >= sending.next_sound {
            sounds = 1;
            sending.next_sound = following(sending.next_sound, now, SOUNDS_PER_SECOND);
        }
        let is_due = sending.picture.is_some() && now >= sending.next_frame;
        if let Some(film) = film.filter(|_| is_due) {
            sending.frames += 1;
            payloads = film.packets(sending.frames);
            sending.next_frame = following(sending.next_frame, now, Film::PER_SECOND);
        } else if is_due {
            let until = |frame: u64| frame * sending.rate / FRAMES_PER_SECOND;
            packets = until(sending.frames + 1) - until(sending.frames);
            sending.frames += 1;
            sending.next_frame = following(sending.next_frame, now, FRAMES_PER_SECOND);
        }
        for _ in 0..sounds {
            self.speak()?;
        }
        for part in 0..packets {
            self.show(part, packets)?;
        }
        let last = payloads.len() as u64;
        for (part, payload) in (1..).zip(payloads) {
            self.project(payload, (part, last))?;
        }
        Ok(())
    }

    fn speak(&mut self) -> Result<(), Fault> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let number = sending.sounds + 1_000;
        sending.sounds += 1;
        let mut payload = vec![0x5a; SOUND_BYTES - STAMP_BYTES];
        payload.extend(clock::wall_ns().to_be_bytes());
        let level = ExtensionValues {
            audio_level: Some(self.level),
            voice_activity: Some(self.level >= SPEECH_DBOV),
            ..Default::default()
        };
        let time = number.wrapping_mul(960) as u32;
        let write = RtpWrite::new(sending.payload_types.0, number.into(), time, clock::instant(), payload);
        let mid = sending.sound;
        self.write(mid, write.ext_vals(level))
    }

    /// Sends one packet of a picture of a film; the last of a picture is marked.
    fn project(&mut self, payload: Vec<u8>, place: (u64, u64)) -> Result<(), Fault> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let Some(mid) = sending.picture else { return Ok(()) };
        let number = sending.packets + 1_000;
        sending.packets += 1;
        let (part, last) = place;
        let time = sending.frames.wrapping_mul(90_000 / Film::PER_SECOND) as u32;
        let write = RtpWrite::new(sending.payload_types.1, number.into(), time, clock::instant(), payload);
        self.write(mid, write.marker(part == last).nackable(true))
    }

    /// Sends one packet of a picture.
    fn show(&mut self, part: u64, packets: u64) -> Result<(), Fault> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let Some(mid) = sending.picture else { return Ok(()) };
        let is_key = part == 0 && std::mem::take(&mut sending.wants_key);
        let number = sending.packets + 1_000;
        sending.packets += 1;
        let picture = (0x8000 | (sending.frames as u16 & 0x7fff)).to_be_bytes();
        // VP8 payload descriptor with a 15-bit picture id, then the head of the frame (RFC 7741 §4.2 and §4.3).
        let mut payload = vec![if part == 0 { 0x90 } else { 0x80 }, 0x80, picture[0], picture[1]];
        if is_key {
            payload.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
        } else {
            payload.push(0x11);
        }
        payload.resize(PICTURE_BYTES - STAMP_BYTES, 0x5a);
        payload.extend(clock::wall_ns().to_be_bytes());
        let time = sending.frames.wrapping_mul(90_000 / FRAMES_PER_SECOND) as u32;
        let write = RtpWrite::new(sending.payload_types.1, number.into(), time, clock::instant(), payload);
        self.write(mid, write.marker(part + 1 == packets).nackable(true))
    }

    /// Sends a packet at once: its stamp must not wait for those behind it.
    fn write(&mut self, mid: Mid, write: RtpWrite) -> Result<(), Fault> {
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(write);
        }
        self.tick(clock::instant())
    }
}

/// The next time of something that happens `per_second` times; a time long past is not made up for.
fn following(last: Instant, now: Instant, per_second: u64) -> Instant {
    let next = last + Duration::from_nanos(1_000_000_000 / per_second);
    if next + Duration::from_millis(100) < now { now } else { next }
}

/// Turns a broken connection into an error that names the place.
pub fn broken(what: &str) -> Fault {
    io::Error::other(what.to_owned()).into()
}
