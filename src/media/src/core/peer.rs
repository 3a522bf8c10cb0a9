//! One peer: its transport, what it sends and what it receives. Its faults end with it.
//!
//! Works on its own state only; what concerns other peers comes out as [`Deed`]s for the plane.

use bytes::Buf;
use rtc_rtcp::packet::unmarshal;
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use rtc_rtp::Header;
use rtc_shared::marshal::{Marshal, MarshalSize, Unmarshal};
use std::time::Duration;

use super::data::DataChannels;
use super::dtls::{Dtls, Identity, Output};
use super::estimate::Estimate;
use super::ice::{Ice, Moved};
use super::ingest::{Arrived, Ingest};
use super::limits::{
    ALLOCATE_INTERVAL_US, HANDSHAKE_US_MAX, REPORT_INTERVAL_US, RTX_PER_DATAGRAM_MAX, STRAY_AFTER_SILENCE_US,
    STRAYS_PER_SECOND_MAX,
};
use super::now::Now;
use super::outbox::{Outbox, Path};
use super::pacer::Pacer;
use super::sdp::offer::{Codec, Content, Offer};
use super::slot::Slot;
use super::sound::cover::{Cover, Way};
use super::sound::repeats::Repeats;
use super::srtp::Srtp;
use crate::terms::{Down, Kind, PeerId, PeerReport};

/// SSRC under which we send receiver reports and requests; no browser uses it for media.
const OWN_SSRC: u32 = 1;
/// A round trip longer than this is a broken report.
const ROUND_TRIP_MAX: u32 = 10 << 16;

/// What a peer leaves for the plane to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The transport came up.
    Up,
    /// The peer is to be removed.
    Down(Down),
    /// The first packet of a kind came.
    FirstMedia(Kind),
    /// The receiver needs a keyframe in a slot.
    Keyframe {
        /// Place of the slot.
        slot: usize,
    },
    /// The receiver asks for a packet of a slot again.
    Resend {
        /// Place of the slot.
        slot: usize,
        /// The outgoing sequence number.
        sequence: u16,
    },
    /// The clock of a layer is known anew.
    Clock {
        /// Place of the track.
        track: usize,
        /// Place of the layer.
        layer: usize,
    },
    /// What the receiver's path carries is to be shared out anew.
    Allocate,
}

/// What one turn of work may use.
pub struct Turn<'a> {
    /// The time.
    pub now: Now,
    /// Our certificate and cryptography.
    pub identity: &'a Identity,
    /// Where datagrams go.
    pub outbox: &'a mut Outbox,
    /// Where deeds go.
    pub deeds: &'a mut Vec<Deed>,
}

/// One connection of one client.
pub struct Peer {
    /// Its name.
    pub id: PeerId,
    /// Where it is.
    pub ice: Ice,
    /// What it sends.
    pub ingest: Ingest,
    /// What it can receive.
    pub slots: Vec<Slot>,
    /// Places of the peers whose tracks may flow to this one, in the order in which they were opened.
    pub sources: Vec<usize>,
    /// When the plane's timer will next look at it.
    pub scheduled_us: Option<u64>,
    /// Whether its pictures are spared when there is too much to do.
    pub is_preferred: bool,
    /// Whether it waits to be scheduled anew.
    pub is_touched: bool,
    /// Its counters.
    pub report: PeerReport,
    /// What the path to it carries.
    pub estimate: Estimate,
    /// What waits to go to it.
    pub pacer: Pacer,
    /// How its sound is covered against loss.
    pub cover: Cover,
    /// Its last datagrams of sound, if it takes no RED.
    pub repeats: Repeats,
    /// When the estimate is to be shared out next; `None` while nothing is received.
    pub allocate_us: Option<u64>,
    /// Who was told to be the loudest.
    pub loudest: Option<PeerId>,
    pub(super) srtp: Option<Srtp>,
    pub(super) twcc_number: u16,
    /// The estimate when it was shared out last.
    pub(super) allocated_bps: u64,
    dtls: Dtls,
    data: Option<DataChannels>,
    since_us: u64,
    heard_us: u64,
    silence_us: u64,
    sender_report_us: u64,
    /// In which second how many packets from unknown addresses were tried with its keys.
    stray_tries: (u64, u32),
    outputs: Vec<Output>,
}

impl Peer {
    /// A peer that has just been answered.
    #[must_use]
    pub fn new(id: PeerId, offer: &Offer, ice: Ice, slots: Vec<Slot>) -> Peer {
        let port = offer.sections.iter().find_map(|section| match section.content {
            Content::Data { port } => Some(port),
            _ => None,
        });
        let takes_red = slots.iter().any(|slot| slot.takes(Codec::Red));
        Peer {
            id,
            ice,
            ingest: Ingest::new(offer),
            slots,
            sources: Vec::new(),
            scheduled_us: None,
            is_preferred: false,
            is_touched: false,
            report: PeerReport::default(),
            estimate: Estimate::default(),
            pacer: Pacer::default(),
            cover: Cover::new(if takes_red { Way::Red } else { Way::Again }),
            repeats: Repeats::default(),
            allocate_us: None,
            loudest: None,
            srtp: None,
            twcc_number: 0,
            allocated_bps: 0,
            dtls: Dtls::new(offer.fingerprint.clone()),
            data: port.map(DataChannels::new),
            since_us: 0,
            heard_us: 0,
            silence_us: 0,
            sender_report_us: 0,
            stray_tries: (0, 0),
            outputs: Vec::new(),
        }
    }

    /// Starts the peer's clocks.
    ///
    /// * `silence_us`: after this long without anything authentic it is gone.
    pub fn begin(&mut self, now: Now, silence_us: u64) {
        (self.since_us, self.heard_us, self.silence_us) = (now.us, now.us, silence_us);
    }

    /// Something authentic came.
    pub fn hear(&mut self, now: Now, path: Path) {
        self.heard_us = now.us;
        let moved = self.ice.heard(now, path);
        self.report.moves += u64::from(moved == Moved::Yes);
    }

    /// Whether a packet from an address that nobody has proved to be at may be of this peer: its SSRC is, and nothing
    /// comes from where it was. Each try with its keys is counted.
    pub(super) fn may_have_sent(&mut self, now: Now, ssrc: u32) -> bool {
        let is_its = self.srtp.as_ref().is_some_and(|srtp| srtp.knows(ssrc));
        if !is_its || !self.ice.is_silent(now, STRAY_AFTER_SILENCE_US) {
            return false;
        }
        let second = now.us / 1_000_000;
        if self.stray_tries.0 != second {
            self.stray_tries = (second, 0);
        }
        self.stray_tries.1 += 1;
        self.stray_tries.1 <= STRAYS_PER_SECOND_MAX
    }

    /// Time since something authentic came.
    pub(super) fn silent_for(&self, now: Now) -> Duration {
        Duration::from_micros(now.us.saturating_sub(self.heard_us))
    }

    /// Time since the offer.
    pub(super) fn age(&self, now: Now) -> Duration {
        Duration::from_micros(now.us.saturating_sub(self.since_us))
    }

    /// Takes a datagram from a validated address that is not STUN.
    pub fn receive(&mut self, turn: &mut Turn<'_>, path: Path, datagram: &[u8]) -> Option<Arrived> {
        self.report.bytes_received += datagram.len() as u64;
        match datagram {
            [20..=63, ..] => {
                self.receive_dtls(turn, path, datagram);
                None
            }
            [_, 192..=223, ..] => {
                self.receive_control(turn, path, datagram);
                None
            }
            _ => self.receive_rtp(turn, path, datagram),
        }
    }

    fn receive_dtls(&mut self, turn: &mut Turn<'_>, path: Path, datagram: &[u8]) {
        self.dtls.receive(turn.now, turn.identity, datagram, &mut self.outputs);
        if !self.outputs.is_empty() {
            self.hear(turn.now, path);
            self.settle_dtls(turn);
        }
        self.pump(turn);
    }

    fn settle_dtls(&mut self, turn: &mut Turn<'_>) {
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Keys(keys) => match Srtp::new(&keys, turn.identity.crypto()) {
                    Ok(srtp) => {
                        self.srtp = Some(srtp);
                        self.report.is_up = true;
                        self.report.up_after = Some(self.age(turn.now));
                        turn.deeds.push(Deed::Up);
                    }
                    Err(_) => turn.deeds.push(Deed::Down(Down::Failed)),
                },
                Output::Data(packet) => {
                    if let Some(data) = &mut self.data {
                        data.receive(turn.now, packet.freeze());
                        self.report.echoes = data.echoes;
                    }
                }
                Output::Closed => turn.deeds.push(Deed::Down(Down::Closed)),
                Output::Failed => turn.deeds.push(Deed::Down(Down::Failed)),
            }
        }
        self.outputs = outputs;
    }

    /// Moves what waits in SCTP through DTLS to the wire.
    pub fn pump(&mut self, turn: &mut Turn<'_>) {
        if let Some(data) = &mut self.data {
            let dtls = &mut self.dtls;
            data.transmit(turn.now, |packet| dtls.write(turn.now, packet));
        }
        while let Some(datagram) = self.dtls.transmit() {
            if let Some(path) = self.ice.path() {
                self.report.bytes_sent += datagram.len() as u64;
                turn.outbox.push(path, &datagram);
            }
        }
    }

    fn receive_rtp(&mut self, turn: &mut Turn<'_>, path: Path, datagram: &[u8]) -> Option<Arrived> {
        let srtp = self.srtp.as_mut()?;
        let opened = Header::unmarshal(&mut &datagram[..]).and_then(|header| {
            srtp.open(datagram, &header, turn.identity.crypto()).map(|plain| (header, plain))
        });
        let Ok((header, plain)) = opened else {
            self.report.refused += 1;
            return None;
        };
        self.hear(turn.now, path);
        let mut plain = plain;
        let start = header.marshal_size();
        if start > plain.len() {
            return None;
        }
        plain.advance(start);
        let payload = plain.freeze();
        let arrived = self.ingest.rtp(turn.now, header, payload, &mut self.report)?;
        if arrived.is_first {
            turn.deeds.push(Deed::FirstMedia(arrived.last.kind));
        }
        Some(arrived)
    }

    fn receive_control(&mut self, turn: &mut Turn<'_>, path: Path, datagram: &[u8]) {
        let Some(srtp) = &mut self.srtp else { return };
        let Ok(plain) = srtp.open_control(datagram, turn.identity.crypto()) else {
            self.report.refused += 1;
            return;
        };
        self.hear(turn.now, path);
        if is_transport_feedback(&plain) {
            self.acknowledged(turn.now, &plain);
            return;
        }
        let Ok(packets) = unmarshal(&mut plain.freeze()) else { return };
        for packet in packets {
            let packet = packet.as_any();
            if let Some(pli) = packet.downcast_ref::<PictureLossIndication>() {
                self.keyframe_wanted(turn, pli.media_ssrc);
            } else if let Some(fir) = packet.downcast_ref::<FullIntraRequest>() {
                fir.fir.iter().for_each(|entry| self.keyframe_wanted(turn, entry.ssrc));
            } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                self.resend_wanted(turn, nack);
            } else if let Some(report) = packet.downcast_ref::<SenderReport>() {
                let track =
                    self.ingest.sender_report(turn.now, report.ssrc, report.ntp_time, report.rtp_time);
                turn.deeds.extend(track.map(|(track, layer)| Deed::Clock { track, layer }));
                report.reports.iter().for_each(|block| self.reception(turn.now, block));
            } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
                report.reports.iter().for_each(|block| self.reception(turn.now, block));
            } else if let Some(feedback) = packet.downcast_ref::<TransportLayerCc>() {
                // In a compound packet; browsers send it alone, and then it is read without this detour.
                if let Ok(bytes) = feedback.marshal() {
                    self.acknowledged(turn.now, &bytes);
                }
            }
        }
    }

    /// The receiver says which packets came and when.
    fn acknowledged(&mut self, now: Now, feedback: &[u8]) {
        self.estimate.feedback(now, feedback);
        let bps = self.estimate.bps();
        self.pacer.set(bps);
        self.report.estimate_bps = bps;
        self.cover.count(std::mem::take(&mut self.estimate.told));
        self.cover_sound(now);
        // Less is shared out at once, more in its turn.
        if let Some(at) = &mut self.allocate_us
            && bps < self.allocated_bps
        {
            *at = now.us;
        }
    }

    fn cover_sound(&mut self, now: Now) {
        self.cover.follow(now, self.estimate.delay_bps());
        self.report.sound_cover = (self.cover.in_red() + self.cover.again()) as u8;
    }

    fn keyframe_wanted(&mut self, turn: &mut Turn<'_>, ssrc: u32) {
        self.report.plis_received += 1;
        if let Some(slot) = self.slots.iter().position(|slot| slot.ssrc == ssrc) {
            turn.deeds.push(Deed::Keyframe { slot });
        }
    }

    fn resend_wanted(&mut self, turn: &mut Turn<'_>, nack: &TransportLayerNack) {
        let Some(slot) = self.slots.iter().position(|slot| slot.ssrc == nack.media_ssrc) else { return };
        let numbers = nack.nacks.iter().flat_map(|pair| pair.packet_list());
        for sequence in numbers.take(RTX_PER_DATAGRAM_MAX) {
            self.report.nacks_received += 1;
            turn.deeds.push(Deed::Resend { slot, sequence });
        }
    }

    /// What the receiver says of one of our streams (RFC 3550 §6.4.1).
    fn reception(&mut self, now: Now, block: &ReceptionReport) {
        if !self.slots.iter().any(|slot| slot.ssrc == block.ssrc) {
            return;
        }
        self.report.lost_share = block.fraction_lost;
        self.estimate.lost_share(now, block.fraction_lost);
        if !self.estimate.is_acknowledged() {
            self.cover.see(f64::from(block.fraction_lost) / 256.0);
        }
        self.cover_sound(now);
        if block.last_sender_report != 0 {
            let middle = (now.ntp() >> 16) as u32;
            let round_trip = middle.wrapping_sub(block.last_sender_report).wrapping_sub(block.delay);
            if round_trip < ROUND_TRIP_MAX {
                let us = u64::from(round_trip) * 1_000_000 / 65_536;
                self.report.round_trip = Some(Duration::from_micros(us));
            }
        }
    }

    /// Does what is due: handshake, data channel, requests, feedback, reports, and giving up.
    pub fn tick(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now;
        if now.us >= self.heard_us + self.silence_us {
            turn.deeds.push(Deed::Down(Down::Silent));
            return;
        }
        if self.srtp.is_none() && now.us >= self.since_us + HANDSHAKE_US_MAX {
            turn.deeds.push(Deed::Down(Down::Failed));
            return;
        }
        if self.dtls.deadline(now).is_some_and(|at| at <= now.us) {
            self.dtls.timeout(now, &mut self.outputs);
            self.settle_dtls(turn);
        }
        if let Some(data) = &mut self.data {
            data.timeout(now);
        }
        self.pump(turn);
        self.send_paced(turn);
        self.send_probe(turn);
        if self.allocate_us.is_some_and(|at| at <= now.us) {
            turn.deeds.push(Deed::Allocate);
        }
        self.request(turn);
        let mut packets: Vec<Vec<u8>> = self.ingest.arrivals(now).into_iter().collect();
        let reports = self.ingest.reports(now);
        if !reports.is_empty() {
            let report = ReceiverReport { ssrc: OWN_SSRC, reports, ..Default::default() };
            packets.extend(report.marshal().map(|bytes| bytes.to_vec()));
        }
        packets.iter().for_each(|packet| self.send_control(turn, packet));
        if now.us >= self.sender_report_us {
            self.send_sender_reports(turn);
        }
    }

    /// Fills a probe up with padding.
    fn send_probe(&mut self, turn: &mut Turn<'_>) {
        let lacks = self.estimate.probe(turn.now).map_or(0, |probe| probe.lacks_bytes);
        let mut sent = 0;
        while sent < lacks {
            let Some(bytes) = self.send_padding(turn) else {
                self.estimate.abandon_probe(turn.now);
                return;
            };
            sent += bytes as u64;
        }
    }

    /// Asks the client for what is missing: packets, and keyframes.
    pub fn request(&mut self, turn: &mut Turn<'_>) {
        let round_trip_us = self.report.round_trip.map(|round_trip| round_trip.as_micros() as u64);
        for track in 0..self.ingest.tracks.len() {
            for layer in 0..self.ingest.tracks[track].layers.len() {
                let place = &mut self.ingest.tracks[track].layers[layer];
                if let Some((media_ssrc, numbers)) = place.nack(turn.now, round_trip_us, &mut self.report) {
                    let nacks = nack_pairs_from_sequence_numbers(&numbers);
                    let nack = TransportLayerNack { sender_ssrc: OWN_SSRC, media_ssrc, nacks };
                    if let Ok(packet) = nack.marshal() {
                        self.send_control(turn, &packet);
                    }
                }
                self.request_keyframe(turn, (track, layer));
            }
        }
    }

    /// Asks for a keyframe of a layer if one is wanted and the throttle allows it.
    pub fn request_keyframe(&mut self, turn: &mut Turn<'_>, (track, layer): (usize, usize)) {
        let asked = self.ingest.tracks[track].layers[layer].keyframe_request(turn.now);
        let Some(media_ssrc) = asked else { return };
        self.report.plis_sent += 1;
        if let Ok(packet) = (PictureLossIndication { sender_ssrc: OWN_SSRC, media_ssrc }).marshal() {
            self.send_control(turn, &packet);
        }
    }

    fn send_sender_reports(&mut self, turn: &mut Turn<'_>) {
        for slot in 0..self.slots.len() {
            let slot = &mut self.slots[slot];
            let Some(rtp_time) = slot.report_timestamp(turn.now) else { continue };
            let report = SenderReport {
                ssrc: slot.ssrc,
                ntp_time: turn.now.ntp(),
                rtp_time,
                packet_count: slot.sent.0 as u32,
                octet_count: slot.sent.1 as u32,
                ..Default::default()
            };
            self.sender_report_us = turn.now.us + REPORT_INTERVAL_US;
            if let Ok(packet) = report.marshal() {
                self.send_control(turn, &packet);
            }
        }
    }

    fn send_control(&mut self, turn: &mut Turn<'_>, packet: &[u8]) {
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.ice.path()) else { return };
        if let Ok(sealed) = srtp.seal_control(packet) {
            self.report.bytes_sent += sealed.len() as u64;
            turn.outbox.push(path, &sealed);
        }
    }

    /// Whether a packet to this peer may have brought its next look forward: something waits, or none is near.
    #[must_use]
    pub fn wants_look(&self, now: Now) -> bool {
        let near_us = now.us + REPORT_INTERVAL_US.min(ALLOCATE_INTERVAL_US);
        !self.pacer.is_empty()
            || self.estimate.deadline().is_some()
            || self.scheduled_us.is_none_or(|at| at > near_us)
    }

    /// When this peer next wants [`Peer::tick`].
    #[must_use]
    pub fn deadline(&self, now: Now) -> u64 {
        let silence = self.heard_us + self.silence_us;
        let handshake = self.srtp.is_none().then_some(self.since_us + HANDSHAKE_US_MAX);
        let report = self.slots.iter().any(Slot::has_news).then_some(self.sender_report_us);
        let data = self.data.as_ref().and_then(|data| data.deadline(now));
        let path = [self.pacer.deadline(), self.estimate.deadline(), self.allocate_us];
        let all = [handshake, report, data, self.dtls.deadline(now), self.ingest.deadline(now)];
        let all = all.into_iter().chain(path);
        all.flatten().fold(silence, u64::min)
    }

    /// Its counters, with what is read off only when somebody asks.
    #[must_use]
    pub fn report(&self) -> PeerReport {
        PeerReport { jitter: self.ingest.jitter(), pacer_dropped: self.pacer.dropped, ..self.report.clone() }
    }

    /// Says goodbye.
    pub fn close(&mut self, turn: &mut Turn<'_>) {
        self.dtls.close(turn.now);
        self.pump(turn);
    }
}

/// Whether an RTCP datagram is one transport-wide feedback and nothing else.
fn is_transport_feedback(packet: &[u8]) -> bool {
    let [first, 205, high, low, ..] = packet else { return false };
    first & 0x1f == 15 && (usize::from(u16::from_be_bytes([*high, *low])) + 1) * 4 == packet.len()
}
