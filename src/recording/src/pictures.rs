//! Whole pictures out of packets that come in order.
//!
//! A picture of which a packet is missing is left out, with all that follow it up to the next keyframe: what is written
//! can be decoded without a fault.

use bytes::{Bytes, BytesMut};
use rtc_rtp::codec::av1::Av1Depacketizer;
use rtc_rtp::codec::h264::H264Packet;
use rtc_rtp::codec::vp8::Vp8Packet;
use rtc_rtp::codec::vp9::Vp9Packet;
use rtc_rtp::packetizer::Depacketizer;

use crate::packet::{Codec, Packet};

/// A picture of more bytes is none.
const PICTURE_BYTES_MAX: usize = 8 << 20;
/// Begins each picture of AV1 (AV1 §5.6): an OBU of type 2 that is empty.
const TEMPORAL_DELIMITER: [u8; 2] = [0x12, 0x00];

/// A whole picture.
#[derive(Debug)]
pub struct Picture {
    /// Its first packet, which says when it was made.
    pub first: Packet,
    /// The coded picture.
    pub bytes: Bytes,
}

/// Puts the pictures of one track together.
pub struct Pictures {
    codec: Codec,
    waits_for_key: bool,
    first: Option<Packet>,
    bytes: BytesMut,
    /// Bytes of payload of the picture that is put together; the depacketizer keeps those of a part that has not ended.
    taken: usize,
    depacketizer: Box<dyn Depacketizer + Send>,
}

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pictures({:?}, {} bytes)", self.codec, self.bytes.len())
    }
}

impl Pictures {
    /// Nothing yet.
    pub fn new(codec: Codec) -> Pictures {
        let depacketizer = depacketizer(codec);
        Pictures { codec, waits_for_key: true, first: None, bytes: BytesMut::new(), taken: 0, depacketizer }
    }

    /// Packets are missing: what was begun is thrown away.
    pub fn gap(&mut self) {
        *self = Pictures::new(self.codec);
    }

    /// Takes the next packet.
    ///
    /// * returns: the picture that it completes.
    ///
    /// # Errors
    /// [`Unreadable`] for a payload that is none of this codec; as after a gap, a keyframe is needed then.
    pub fn take(&mut self, packet: Packet) -> Result<Option<Picture>, Unreadable> {
        if packet.payload.is_empty() {
            return Ok(None);
        }
        if packet.codec != self.codec {
            return Err(Unreadable);
        }
        let is_other = self.first.as_ref().is_some_and(|first| first.timestamp != packet.timestamp);
        // Nothing is missing, so a picture whose last packet is not marked is whole as well.
        let before = if is_other { self.end() } else { None };
        if self.first.is_none() {
            if self.waits_for_key && !packet.is_key_start {
                return Ok(before);
            }
            self.waits_for_key = false;
            self.first = Some(packet.clone());
        }
        self.taken += packet.payload.len();
        if self.taken > PICTURE_BYTES_MAX {
            return Err(Unreadable);
        }
        let part = self.part(&packet)?;
        self.bytes.extend_from_slice(&part);
        Ok(before.or_else(|| packet.is_marked.then(|| self.end()).flatten()))
    }

    fn part(&mut self, packet: &Packet) -> Result<Bytes, Unreadable> {
        if matches!(self.codec, Codec::Vp8 | Codec::Vp9) {
            // Their packets stand for themselves.
            self.depacketizer = depacketizer(self.codec);
        }
        self.depacketizer.depacketize(&packet.payload).map_err(|_| Unreadable)
    }

    fn end(&mut self) -> Option<Picture> {
        let first = self.first.take()?;
        let bytes = std::mem::take(&mut self.bytes);
        // What was begun and not ended belongs to no other picture.
        (self.taken, self.depacketizer) = (0, depacketizer(self.codec));
        if bytes.is_empty() {
            return None;
        }
        let bytes = if self.codec == Codec::Av1 {
            Bytes::from([&TEMPORAL_DELIMITER, &bytes[..]].concat())
        } else {
            bytes.freeze()
        };
        Some(Picture { first, bytes })
    }
}

/// The payload is none of its codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload is none of its codec")]
pub struct Unreadable;

fn depacketizer(codec: Codec) -> Box<dyn Depacketizer + Send> {
    match codec {
        Codec::Opus | Codec::Vp8 => Box::new(Vp8Packet::default()),
        Codec::Vp9 => Box::new(Vp9Packet::default()),
        Codec::H264 => Box::new(H264Packet::default()),
        Codec::Av1 => Box::new(Av1Depacketizer::new()),
    }
}
