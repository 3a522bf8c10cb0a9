//! A packet of a source as it travels inside the SFU, and the memory from which it can be sent again.

use bytes::Bytes;

use super::limits::CACHE_PACKETS;
use super::picture::Picture;
use super::sdp::offer::Codec;
use crate::terms::Kind;

/// An authentic, de-duplicated packet of a track. Cloning shares the payload.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Sound or picture.
    pub kind: Kind,
    /// In which codec.
    pub codec: Codec,
    /// Place of its simulcast layer in the track, lowest first.
    pub layer: u8,
    /// Which stream of the track: a new SSRC, and each simulcast layer, is a stream of its own.
    pub stream: u32,
    /// Sequence number, extended over wraps; never repeats in a layer of a track.
    pub number: u64,
    /// RTP timestamp of the source.
    pub timestamp: u32,
    /// The RTP marker bit.
    pub is_marked: bool,
    /// What its descriptor says, empty for sound.
    pub picture: Picture,
    /// Loudness as the sender says (RFC 6464): voice in the highest bit, then -dBov; `None` if it does not say.
    pub level: Option<u8>,
    /// The payload without padding.
    pub payload: Bytes,
}

/// The last packets of one layer. Empty until somebody listens.
#[derive(Debug, Default)]
pub struct Cache {
    ring: Vec<Option<Packet>>,
}

impl Cache {
    /// Remembers a packet.
    pub fn put(&mut self, packet: &Packet) {
        if self.ring.is_empty() {
            self.ring.resize(CACHE_PACKETS, None);
        }
        self.ring[packet.number as usize % CACHE_PACKETS] = Some(packet.clone());
    }

    /// The packet of that number, if it is still remembered.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Packet> {
        self.ring.get(number as usize % CACHE_PACKETS)?.as_ref().filter(|packet| packet.number == number)
    }

    /// Forgets everything: nobody listens any more.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}
