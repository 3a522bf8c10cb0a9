//! What goes to one peer: writes a source's packet into the outbox under the slot's numbers, sealed in place.
//!
//! The payload is copied once, into the buffer from which it is sent. A packet is never sealed again under its own
//! SSRC: what is sent again goes under the retransmissions' SSRC (RFC 4588).

use super::limits::MID_BYTES_MAX;
use super::packet::Packet;
use super::peer::{Peer, Turn};
use super::sdp::offer::Codec;
use super::slot::{Numbers, Slot};
use super::sound::frames::Frames;
use super::sound::red;
use crate::terms::Kind;

/// The largest datagram that we send: what every path carries (IPv6 minimum of 1,280 would cut browsers' packets).
const DATAGRAM_BYTES_MAX: usize = 1_500;

/// Bytes of all frames in one packet of RED: what fits into a datagram on every path.
const RED_BYTES_MAX: usize = 1_000;

/// Bytes of padding in a packet that has nothing else: the most that its last byte can say, in whole words.
const PADDING_BYTES: u8 = 252;

/// The variable parts of an RTP header.
struct Head<'a> {
    payload_type: u8,
    is_marked: bool,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    twcc: Option<(u8, u16)>,
    mid: Option<(u8, &'a str)>,
    level: Option<(u8, u8)>,
}

impl Head<'_> {
    /// Appends the header; returns its length.
    fn write(&self, buffer: &mut Vec<u8>) -> usize {
        let mut head = [0u8; 12 + 4 + 4 + 4 + MID_BYTES_MAX + 4];
        head[0] = 0x80;
        head[1] = self.payload_type | u8::from(self.is_marked) << 7;
        head[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        head[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        head[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        let mut at = 16;
        if let Some((id, number)) = self.twcc {
            head[at] = id << 4 | 1;
            head[at + 1..at + 3].copy_from_slice(&number.to_be_bytes());
            at += 3;
        }
        if let Some((id, level)) = self.level {
            (head[at], head[at + 1]) = (id << 4, level);
            at += 2;
        }
        if let Some((id, mid)) = self.mid.filter(|(_, mid)| (1..=MID_BYTES_MAX).contains(&mid.len())) {
            head[at] = id << 4 | (mid.len() as u8 - 1);
            head[at + 1..at + 1 + mid.len()].copy_from_slice(mid.as_bytes());
            at += 1 + mid.len();
        }
        if at == 16 {
            buffer.extend_from_slice(&head[..12]);
            return 12;
        }
        at = at.next_multiple_of(4);
        head[0] |= 0x10;
        head[12..14].copy_from_slice(&[0xbe, 0xde]);
        head[14..16].copy_from_slice(&((at as u16 - 16) / 4).to_be_bytes());
        buffer.extend_from_slice(&head[..at]);
        at
    }
}

impl Peer {
    /// Whether packets can be sent to this peer.
    #[must_use]
    pub fn can_receive(&self) -> bool {
        self.srtp.is_some() && self.ice.path().is_some()
    }

    /// Sends a packet of the source that fills a slot, now or when the pacer lets it; `false` if it must not go out.
    ///
    /// * `frames`: of sound, the source's last ones.
    pub fn forward(
        &mut self,
        turn: &mut Turn<'_>,
        slot: usize,
        packet: &Packet,
        frames: Option<&Frames>,
    ) -> bool {
        if !self.can_receive() {
            return false;
        }
        let Some(numbers) = self.slots[slot].route(turn.now, packet) else { return false };
        if packet.kind == Kind::Video && !self.pacer.lets_through(turn.now, packet.payload.len()) {
            self.pacer.put(slot, packet, numbers);
            return true;
        }
        self.send_first(turn, slot, packet, Way::First { numbers, frames })
    }

    /// Sends what the pacer held back and lets go now.
    pub fn send_paced(&mut self, turn: &mut Turn<'_>) {
        while let Some(held) = self.pacer.take(turn.now) {
            let way = Way::First { numbers: held.numbers, frames: None };
            self.send_first(turn, held.slot, &held.packet, way);
        }
    }

    fn send_first(&mut self, turn: &mut Turn<'_>, slot: usize, packet: &Packet, way: Way<'_>) -> bool {
        let is_sent = self.emit(turn, slot, packet, way);
        if is_sent {
            if packet.kind == Kind::Audio {
                self.cover.note(turn.now, packet.payload.len());
                self.repeat(turn, slot);
            }
            self.report.rtp_sent_to += 1;
            if self.report.first_rtp_after.is_none() {
                self.report.first_rtp_after = Some(self.age(turn.now));
            }
        }
        is_sent
    }

    /// Sends a packet again that went out under `numbers`; `false` if the client takes no retransmissions.
    pub fn resend(&mut self, turn: &mut Turn<'_>, slot: usize, packet: &Packet, numbers: Numbers) -> bool {
        let takes_again =
            self.slots[slot].numbering(packet.codec).is_some_and(|numbering| numbering.1.is_some());
        if !self.can_receive() || !takes_again {
            return false;
        }
        let index = self.slots[slot].next_rtx_index();
        self.pacer.spend(turn.now, packet.payload.len());
        let is_sent = self.emit(turn, slot, packet, Way::Again { numbers, index });
        if is_sent {
            self.report.rtp_sent_to += 1;
            self.report.rtx_sent += 1;
        }
        is_sent
    }

    /// After a packet of sound, which stands last in the outbox, those before it once more.
    fn repeat(&mut self, turn: &mut Turn<'_>, slot: usize) {
        let Some(path) = self.ice.path().filter(|_| self.cover.again() > 0) else { return };
        let last = turn.outbox.len() - 1;
        for datagram in self.repeats.of(slot).take(self.cover.again()) {
            turn.outbox.push(path, datagram);
            self.report.bytes_sent += datagram.len() as u64;
        }
        if let Some((_, datagram)) = turn.outbox.get(last) {
            self.repeats.keep(slot, datagram);
        }
    }

    /// Composes and seals one packet at the end of the outbox.
    fn emit(&mut self, turn: &mut Turn<'_>, slot: usize, packet: &Packet, way: Way<'_>) -> bool {
        let (Some(srtp), Some(path)) = (&mut self.srtp, self.ice.path()) else { return false };
        let slot = &self.slots[slot];
        let along = way.along(slot, packet, self.cover.in_red());
        let codec = if along.clone().next().is_some() { Codec::Red } else { packet.codec };
        let Some((first_type, again_type)) = slot.numbering(codec) else { return false };
        let (numbers, index, ssrc, payload_type) = match way {
            Way::First { numbers, .. } => (numbers, numbers.index, slot.ssrc, first_type),
            Way::Again { numbers, index } => match again_type {
                Some(payload_type) => (numbers, index, slot.rtx_ssrc, payload_type),
                None => return false,
            },
        };
        let is_again = matches!(way, Way::Again { .. });
        self.twcc_number = self.twcc_number.wrapping_add(u16::from(slot.twcc_extension.is_some()));
        let head = Head {
            payload_type,
            is_marked: packet.is_marked,
            sequence: index as u16,
            timestamp: numbers.timestamp,
            ssrc,
            twcc: slot.twcc_extension.map(|id| (id, self.twcc_number)),
            mid: slot.mid_extension.filter(|_| is_again || slot.says_mid()).map(|id| (id, slot.mid.as_str())),
            level: slot.level_extension.zip(packet.level),
        };
        let opus = slot.numbering(Codec::Opus).map(|numbering| numbering.0);
        let length = turn.outbox.compose(path, |buffer, start| {
            let header = head.write(buffer);
            if is_again {
                buffer.extend_from_slice(&(numbers.index as u16).to_be_bytes());
            }
            let payload = buffer.len();
            match opus.filter(|_| codec != packet.codec) {
                Some(opus) => red::write(buffer, opus, along, &packet.payload),
                None => {
                    buffer.extend_from_slice(&packet.payload);
                    packet.picture.vp8.patch(&mut buffer[payload..], numbers.picture, numbers.tl0);
                }
            }
            srtp.seal(buffer, start, header, index).ok()?;
            (buffer.len() - start <= DATAGRAM_BYTES_MAX).then_some(())
        });
        if let Some(length) = length {
            self.report.bytes_sent += length as u64;
            if head.twcc.is_some() {
                self.estimate.sent(turn.now, self.twcc_number, length);
                if packet.kind == Kind::Audio && self.cover.again() > 0 {
                    self.estimate.will_repeat(self.twcc_number);
                }
            }
        }
        length.is_some()
    }

    /// Sends a packet of nothing but padding, to find out how much the path carries (RFC 3550 §5.1, RFC 4588 §4);
    /// returns its length, `None` if nothing can carry it.
    pub fn send_padding(&mut self, turn: &mut Turn<'_>) -> Option<usize> {
        let (srtp, path) = (self.srtp.as_mut()?, self.ice.path()?);
        let has_numbers =
            |slot: &super::slot::Slot| slot.twcc_extension.is_some() && slot.padding().is_some();
        let slot = self.slots.iter_mut().find(|slot| has_numbers(slot))?;
        let (payload_type, ssrc) = slot.padding()?;
        let index = slot.next_rtx_index();
        self.twcc_number = self.twcc_number.wrapping_add(1);
        let head = Head {
            payload_type,
            is_marked: false,
            sequence: index as u16,
            timestamp: slot.last_timestamp(),
            ssrc,
            twcc: slot.twcc_extension.map(|id| (id, self.twcc_number)),
            mid: slot.mid_extension.map(|id| (id, slot.mid.as_str())),
            level: None,
        };
        let length = turn.outbox.compose(path, |buffer, start| {
            let header = head.write(buffer);
            buffer[start] |= 0x20;
            buffer.resize(buffer.len() + usize::from(PADDING_BYTES), 0);
            if let Some(last) = buffer.last_mut() {
                *last = PADDING_BYTES;
            }
            srtp.seal(buffer, start, header, index).ok()
        })?;
        self.report.bytes_sent += length as u64;
        self.report.padding_sent += 1;
        self.estimate.sent(turn.now, self.twcc_number, length);
        Some(length)
    }
}

/// Whether a packet goes out for the first time.
#[derive(Clone, Copy)]
enum Way<'a> {
    First {
        numbers: Numbers,
        /// The source's last frames.
        frames: Option<&'a Frames>,
    },
    /// Under an index of the retransmissions' SSRC.
    Again { numbers: Numbers, index: u64 },
}

impl<'a> Way<'a> {
    /// The older frames that go along in RED, the newest first: none of what was said before the slot's gate opened,
    /// and none that RED can't name.
    fn along(
        self,
        slot: &'a Slot,
        packet: &Packet,
        depth: usize,
    ) -> impl DoubleEndedIterator<Item = (u32, &'a [u8])> + Clone {
        let (number, timestamp) = (packet.number, packet.timestamp);
        let takes = packet.codec == Codec::Opus && slot.takes(Codec::Red);
        let frames = match self {
            Way::First { frames, .. } if takes => frames,
            _ => None,
        };
        let older = move |back: usize| {
            let frame = frames?.get(number.checked_sub(back as u64)?)?;
            let offset = timestamp.wrapping_sub(frame.timestamp);
            let is_named = (1..red::OFFSET_END).contains(&offset) && frame.payload.len() < red::LENGTH_END;
            (is_named && slot.carries(frame.number)).then_some((offset, &frame.payload[..]))
        };
        let mut bytes = packet.payload.len();
        let fits = |back: &usize| {
            bytes += older(*back).map_or(0, |(_, frame)| frame.len());
            bytes <= RED_BYTES_MAX
        };
        let depth = (1..=depth).take_while(fits).count();
        (1..=depth).filter_map(older)
    }
}
