//! A sending m-line of a client: places each packet in its layer and its stream, and passes it on once.

use bytes::Bytes;
use rtc_rtp::Header;

use super::extension_of;
use super::layer::{Asking, Layer};
use super::stream::Stream;
use crate::core::limits::{LAYER_AGAIN_US, LAYER_COMES_US, LAYER_LEFT_OUT_US, LAYER_REST_US};
use crate::core::now::Now;
use crate::core::packet::Packet;
use crate::core::picture::Picture;
use crate::core::sdp::offer::{Codec, RtpSection};
use crate::terms::{Allowed, Kind, Part};

/// Which layers the publisher was told that anybody receives. It begins with its lowest, before it is told anything.
#[derive(Debug)]
pub struct Told {
    layers: Vec<bool>,
    /// When each was called: told to be wanted after it was not.
    called_us: Vec<Option<u64>>,
    /// Since when less is wanted than was told.
    less_since_us: Option<u64>,
}

impl Told {
    pub(super) fn new(layers: usize) -> Told {
        Told {
            layers: (0..layers).map(|place| place == 0).collect(),
            called_us: vec![None; layers],
            less_since_us: None,
        }
    }

    /// The names to tell now, if they are others: more at once, less when it has lasted.
    pub fn follow(&mut self, now: Now, layers: &[Layer]) -> Option<Vec<String>> {
        let wanted: Vec<bool> = layers.iter().map(Layer::is_wanted).collect();
        let is_more = wanted.iter().zip(&self.layers).any(|(wanted, told)| *wanted && !told);
        if wanted == self.layers {
            self.less_since_us = None;
            return None;
        }
        if !is_more {
            let since = *self.less_since_us.get_or_insert(now.us);
            if now.us < since + LAYER_REST_US {
                return None;
            }
        }
        self.less_since_us = None;
        for ((told, wanted), called_us) in self.layers.iter().zip(&wanted).zip(&mut self.called_us) {
            if *wanted && !told {
                *called_us = Some(now.us);
            }
        }
        self.layers = wanted;
        let names = layers.iter().zip(&self.layers).filter(|(_, wanted)| **wanted);
        Some(names.map(|(layer, _)| layer.rid.clone()).collect())
    }

    /// Whether a layer that does not come now would come if it were called, or has been called just now. One that was
    /// called in vain is not called again soon: its publisher may have none, or no path for it.
    ///
    /// * `heard_us`: when a packet of it came last.
    #[must_use]
    pub fn may_come(&self, now: Now, (layer, heard_us): (usize, u64)) -> bool {
        let Some(&is_called) = self.layers.get(layer) else { return false };
        let Some(called_us) = self.called_us[layer] else { return !is_called };
        if is_called {
            return now.us < called_us + LAYER_COMES_US;
        }
        heard_us >= called_us || now.us >= called_us + LAYER_AGAIN_US
    }

    pub(super) fn deadline(&self) -> Option<u64> {
        self.less_since_us.map(|since| since + LAYER_REST_US)
    }
}

/// How far a recorder of a track is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tapped {
    /// The layer of which it takes copies; none before the first keyframe.
    pub on: Option<u8>,
    /// When it is next looked whether there is a better one.
    pub look_us: u64,
}

/// A sending m-line of the client.
#[derive(Debug)]
pub struct Track {
    /// Sound or picture.
    pub kind: Kind,
    /// Its simulcast layers, lowest first; never empty.
    pub layers: Vec<Layer>,
    /// Which of the client's tracks it is.
    pub part: Part,
    /// Whether it may go to anybody.
    pub is_allowed: bool,
    /// When it was loud last; 0 for never.
    pub spoke_us: u64,
    /// Its m-line.
    pub mid: String,
    /// What its publisher was told of its layers.
    pub told: Told,
    /// The codec of its last packet.
    pub codec: Option<Codec>,
    /// How loud it has been lately, in decibels above the threshold of hearing; 0 for pictures.
    pub loudness: f32,
    /// A recorder of it, if there is one.
    pub tap: Option<Tapped>,
    pub(super) section: RtpSection,
    pub(super) streams: u32,
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    /// It came before.
    Duplicate,
    /// Its source sends more than one may.
    BeyondBudget,
}

impl Track {
    /// * `nth`: how many sending m-lines of its kind stand before it.
    pub(super) fn new((mid, nth): (&str, usize), section: &RtpSection) -> Track {
        let part = match (section.kind, nth) {
            (Kind::Audio, 0) => Part::Voice,
            (Kind::Video, 0) => Part::Camera,
            (Kind::Video, 1) => Part::Screen,
            _ => Part::Surplus,
        };
        let layers = if section.rids.is_empty() {
            vec![Layer::new("", section.kind)]
        } else {
            section.rids.iter().map(|rid| Layer::new(rid, section.kind)).collect()
        };
        Track {
            kind: section.kind,
            told: Told::new(layers.len()),
            layers,
            part,
            is_allowed: Allowed::default().has(part),
            spoke_us: 0,
            mid: mid.to_owned(),
            codec: None,
            loudness: 0.0,
            tap: None,
            section: section.clone(),
            streams: 0,
        }
    }

    /// Whether anybody receives any layer.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.layers.iter().any(Layer::is_wanted)
    }

    /// Whether a layer comes: not when its encoder leaves it out, as one does that finds its line too narrow, while the
    /// others of the same camera go on.
    #[must_use]
    pub fn is_flowing(&self, now: Now, place: usize) -> bool {
        let layer = &self.layers[place];
        layer.is_live(now) && !self.is_left_out(place)
    }

    fn is_left_out(&self, place: usize) -> bool {
        let newest_us = self.layers.iter().map(|layer| layer.heard_us).max().unwrap_or_default();
        newest_us > self.layers[place].heard_us + LAYER_LEFT_OUT_US
    }

    /// Whether it turns out just now that the encoder leaves a layer out to which somebody listens; once for each time.
    pub(super) fn misses(&mut self) -> bool {
        let mut has_missed = false;
        for place in 0..self.layers.len() {
            let is_missed = self.layers[place].is_wanted() && self.is_left_out(place);
            let layer = &mut self.layers[place];
            has_missed |= is_missed && !layer.is_missed;
            layer.is_missed = is_missed;
        }
        has_missed
    }

    /// The stream of an SSRC in a layer, begun anew when the client changed the SSRC.
    pub(super) fn stream(&mut self, layer: usize, ssrc: u32, sequence: u16) -> &mut Stream {
        let layer = &mut self.layers[layer];
        if layer.stream.as_ref().is_none_or(|stream| stream.ssrc != ssrc) {
            // Numbers of a layer never repeat, so a new stream starts in a cycle that the old one has not reached.
            let cycle = layer.stream.as_ref().map_or(1, |old| (old.highest >> 16) + 2);
            self.streams += 1;
            layer.rtx_ssrc = None;
            layer.frames.clear();
            layer.clock = None;
            layer.stream = None;
            // A new stream shows nothing before its keyframe, and the packets that came first may be lost.
            layer.wants_keyframe = layer.kind == Kind::Video && layer.is_wanted();
            return layer.stream.insert(Stream::new(ssrc, self.streams, cycle << 16 | u64::from(sequence)));
        }
        layer.stream.get_or_insert_with(|| Stream::new(ssrc, 0, 1 << 16))
    }

    /// Takes a packet of a layer into account.
    pub(super) fn take(
        &mut self,
        now: Now,
        (place, codec): (usize, Codec),
        header: &Header,
        payload: Bytes,
    ) -> Result<(Vec<Packet>, Packet), Dropped> {
        let (kind, is_heard) = (self.kind, self.is_heard());
        let opus = self.section.line(Codec::Opus).map(|line| line.payload_type);
        let can_ask = match self.section.line(codec).and_then(|line| line.rtx_payload_type) {
            Some(_) => Asking::Possible,
            None => Asking::Useless,
        };
        let extension = |id: Option<u8>| extension_of(header, id?);
        let (dependency, level) =
            (extension(self.section.extensions.dependency), extension(self.section.extensions.level));
        let stream = self.stream(place, header.ssrc, header.sequence_number);
        let number = stream.extend(header.sequence_number);
        if !stream.is_new(number) {
            return Err(Dropped::Duplicate);
        }
        let id = stream.id;
        let layer = &mut self.layers[place];
        layer.note_pace(now, number, header.timestamp);
        layer.heard_us = now.us;
        layer.note_gap(now, number, can_ask);
        if !layer.budget.allows(now, payload.len()) {
            return Err(Dropped::BeyondBudget);
        }
        let described = dependency.and_then(|bytes| layer.dependencies.read(bytes));
        let mut picture = Picture::read(codec, &payload);
        if let Some(other) = described {
            // The payload may be sealed end to end; what has to be rewritten is only in VP8's own descriptor.
            picture = Picture { vp8: picture.vp8, is_sync: picture.is_sync, ..other };
        }
        layer.wants_keyframe &= !picture.is_key_start;
        if picture.is_key_start {
            layer.last_bps = Some(layer.meter.bps(now, u8::MAX)).filter(|bps| *bps > 0).or(layer.last_bps);
            layer.pixels = picture.vp8.pixels.or(layer.pixels);
        }
        let level = level.and_then(|bytes| bytes.first().copied()).filter(|_| kind == Kind::Audio);
        let mut packet = Packet {
            kind,
            codec,
            layer: place as u8,
            stream: id,
            number,
            timestamp: header.timestamp,
            is_marked: header.marker,
            picture,
            level,
            payload,
        };
        if kind == Kind::Video && is_heard {
            layer.cache.put(now, &packet);
        }
        let back = layer.unfold(now, &mut packet, opus);
        layer.meter.note(now, packet.payload.len(), picture.temporal);
        self.codec = Some(packet.codec);
        layer.remember(&packet);
        if let Some(level) = level {
            self.hear(level);
        }
        Ok((back, packet))
    }

    /// Follows the loudness: up at once, down by half in about a third of a second.
    pub(super) fn hear(&mut self, level: u8) {
        let loudness = f32::from(127 - (level & 0x7f));
        let step = if loudness > self.loudness { 0.3 } else { 0.04 };
        self.loudness += (loudness - self.loudness) * step;
    }

    /// Which layer a packet is of, and whether it is a retransmission; `None` if nobody can tell.
    pub(super) fn layer_of(&self, header: &Header) -> Option<usize> {
        let ssrc = header.ssrc;
        let is_known = |layer: &Layer| {
            layer.stream.as_ref().is_some_and(|stream| stream.ssrc == ssrc) || layer.rtx_ssrc == Some(ssrc)
        };
        if self.section.rids.is_empty() {
            return Some(0);
        }
        if let Some(place) = self.layers.iter().position(is_known) {
            return Some(place);
        }
        let ids = &self.section.extensions;
        let named = |id: Option<u8>| extension_of(header, id?).filter(|name| !name.is_empty());
        let name = named(ids.rrid).or_else(|| named(ids.rid))?;
        self.layers.iter().position(|layer| layer.rid.as_bytes() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::core::ingest::Listener;

    fn layers(listened: [bool; 2]) -> Vec<Layer> {
        let listener = Listener { peer: 0, slot: 0 };
        let layer = |(rid, is_listened): (&str, bool)| {
            let listeners = is_listened.then_some(listener).into_iter().collect();
            Layer { listeners, ..Layer::new(rid, Kind::Video) }
        };
        ["q", "h"].into_iter().zip(listened).map(layer).collect()
    }

    #[test]
    fn a_publisher_begins_with_its_lowest_layer_and_is_told_of_more_at_once_and_of_less_later() {
        let start = Now::for_test();
        let mut told = Told::new(2);
        assert_eq!(told.follow(start, &layers([true, false])), None, "that is how it begins");
        assert_eq!(told.follow(start, &layers([true, true])).map(|rids| rids.len()), Some(2));
        assert_eq!(told.follow(start, &layers([true, false])), None);
        let later = start.after(Duration::from_micros(LAYER_REST_US));
        assert_eq!(told.follow(later, &layers([true, false])), Some(vec!["q".to_owned()]));
    }

    #[test]
    fn a_layer_that_was_called_in_vain_is_not_called_again_soon() {
        let start = Now::for_test();
        let after = |us| start.after(Duration::from_micros(us));
        let mut told = Told::new(2);
        assert!(told.may_come(start, (1, 0)), "it rests");
        told.follow(start, &layers([true, true]));
        assert!(told.may_come(after(LAYER_COMES_US - 1), (1, 0)), "it is on its way");
        assert!(!told.may_come(after(LAYER_COMES_US), (1, 0)));
        told.follow(after(LAYER_COMES_US), &layers([true, false]));
        let rests = LAYER_COMES_US + LAYER_REST_US;
        told.follow(after(rests), &layers([true, false]));
        assert!(!told.may_come(after(rests), (1, 0)) && told.may_come(after(LAYER_AGAIN_US), (1, 0)));
        assert!(told.may_come(after(rests), (1, start.us + 1)), "it came when it was called");
    }
}
