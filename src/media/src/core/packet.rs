//! A packet of a source as it travels inside the SFU, and the memory from which it can be sent again.

use bytes::Bytes;

use super::limits::{CACHE_KEPT_US, CACHE_PACKETS_MAX, CACHE_PACKETS_MIN};
use super::now::Now;
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

/// The last packets of one layer. Empty until somebody listens; it doubles while it would forget a packet that may
/// still be asked for.
#[derive(Debug, Default)]
pub struct Cache {
    /// Packets and when they came, by number.
    ring: Vec<Option<(u64, Packet)>>,
}

impl Cache {
    /// Remembers a packet.
    pub fn put(&mut self, now: Now, packet: &Packet) {
        if self.ring.is_empty() {
            self.ring.resize(CACHE_PACKETS_MIN, None);
        }
        while self.ring.len() < CACHE_PACKETS_MAX && self.is_young(now, packet.number) {
            let places = self.ring.len() * 2;
            let before = std::mem::take(&mut self.ring);
            self.ring.resize(places, None);
            for (at, kept) in before.into_iter().flatten() {
                let place = kept.number as usize % places;
                self.ring[place] = Some((at, kept));
            }
        }
        let places = self.ring.len();
        self.ring[packet.number as usize % places] = Some((now.us, packet.clone()));
    }

    /// Whether the place of a number holds a packet that may still be asked for.
    fn is_young(&self, now: Now, number: u64) -> bool {
        let place = &self.ring[number as usize % self.ring.len()];
        place.as_ref().is_some_and(|(at, kept)| kept.number != number && now.us < at + CACHE_KEPT_US)
    }

    /// The packet of that number, if it is still remembered.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Packet> {
        let place = self.ring.get(number as usize % self.ring.len().max(1))?.as_ref();
        place.map(|(_, packet)| packet).filter(|packet| packet.number == number)
    }

    /// The number with which the last keyframe begins that came less than so long ago.
    #[must_use]
    pub fn last_key(&self, now: Now, for_us: u64) -> Option<u64> {
        let is_key = |(at, packet): &&(u64, Packet)| packet.picture.is_key_start && now.us < at + for_us;
        self.ring.iter().flatten().filter(is_key).map(|(_, packet)| packet.number).max()
    }

    /// Forgets everything: nobody listens any more.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn packet(number: u64) -> Packet {
        Packet {
            kind: Kind::Video,
            codec: Codec::Vp8,
            layer: 0,
            stream: 1,
            number,
            timestamp: 0,
            is_marked: false,
            picture: Picture::default(),
            level: None,
            payload: Bytes::new(),
        }
    }

    #[test]
    fn a_second_of_packets_can_be_sent_again_and_a_small_picture_keeps_few() {
        let begin = Now::for_test();
        for (per_second, places) in [(60, CACHE_PACKETS_MIN), (500, 1_024), (5_000, CACHE_PACKETS_MAX)] {
            let mut cache = Cache::default();
            let last = 70_000 + 4 * per_second;
            for number in 70_000..=last {
                let at = Duration::from_micros((number - 70_000) * 1_000_000 / per_second);
                cache.put(begin.after(at), &packet(number));
            }
            assert_eq!(cache.ring.len(), places, "{per_second} packets a second");
            let kept = per_second.min(CACHE_PACKETS_MAX as u64) - 1;
            assert!((last - kept..=last).all(|number| cache.get(number).is_some()));
        }
    }
}
