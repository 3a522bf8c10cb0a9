//! What the SFU must know of a packet of pictures, whatever the codec: where keyframes start and which layer it is of.
//!
//! Reads descriptors in the clear and never the picture itself. Sources: RFC 7741 (VP8), RFC 9628 §4.2 (VP9),
//! RFC 6184 §5 (H.264), AV1 RTP 1.0 §4.4 and appendix A (AV1 and the dependency descriptor).

use super::sdp::offer::Codec;
use super::vp8::Vp8;

/// What is known of one packet. For sound all of it is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Whether this is the first packet of a keyframe.
    pub is_key_start: bool,
    /// Temporal layer.
    pub temporal: u8,
    /// Spatial layer inside one stream (SVC).
    pub spatial: u8,
    /// Whether a receiver that has only the lower temporal layers may go on with this one.
    pub is_sync: bool,
    /// What has to be rewritten for VP8; the default changes nothing.
    pub vp8: Vp8,
}

/// NAL unit types (RFC 6184 §5.2, ITU-T H.264 table 7-1).
const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;
/// Templates of one dependency structure: six bits.
const TEMPLATES_MAX: usize = 64;
/// The highest layers that a template may name: two bits and three (AV1 RTP, appendix A.8.2.3).
const SPATIAL_MAX: u8 = 3;
const TEMPORAL_MAX: u8 = 7;

impl Picture {
    /// Reads the codec's own descriptor; what cannot be read is a packet of the lowest layer.
    #[must_use]
    pub fn read(codec: Codec, payload: &[u8]) -> Picture {
        match codec {
            Codec::Opus | Codec::Red => Picture::default(),
            Codec::Vp8 => Vp8::read(payload).map(Picture::of_vp8).unwrap_or_default(),
            Codec::Vp9 => vp9(payload).unwrap_or_default(),
            Codec::H264 => Picture { is_key_start: h264_starts_keyframe(payload), ..Picture::default() },
            // N: the first packet of a coded video sequence.
            Codec::Av1 => {
                Picture { is_key_start: payload.first().is_some_and(|b| b & 0x08 != 0), ..Picture::default() }
            }
        }
    }

    fn of_vp8(vp8: Vp8) -> Picture {
        let Vp8 { is_key_start, temporal, is_sync, .. } = vp8;
        Picture { is_key_start, temporal, spatial: 0, is_sync, vp8 }
    }
}

fn vp9(payload: &[u8]) -> Option<Picture> {
    let first = *payload.first()?;
    let mut at = 1;
    if first & 0x80 != 0 {
        at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
    }
    let mut found = Picture::default();
    if first & 0x20 != 0 {
        let layers = *payload.get(at)?;
        found.temporal = layers >> 5;
        found.is_sync = layers & 0x10 != 0;
        found.spatial = layers >> 1 & 0x07;
    }
    let (is_inter, starts) = (first & 0x40 != 0, first & 0x08 != 0);
    found.is_key_start = !is_inter && starts && found.spatial == 0;
    Some(found)
}

fn h264_starts_keyframe(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else { return false };
    match first & 0x1f {
        NAL_SPS | NAL_IDR => true,
        NAL_STAP_A => {
            let mut rest = &payload[1..];
            while let [high, low, unit @ ..] = rest {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if unit.first().is_some_and(|nal| matches!(nal & 0x1f, NAL_SPS | NAL_IDR)) {
                    return true;
                }
                rest = unit.get(length.max(1)..).unwrap_or_default();
            }
            false
        }
        NAL_FU_A => payload.get(1).is_some_and(|head| head & 0x80 != 0 && head & 0x1f == NAL_IDR),
        _ => false,
    }
}

/// The dependency descriptors of one stream: remembers which template is of which layer.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    offset: u8,
    /// Spatial and temporal layer of each template.
    layers: Vec<(u8, u8)>,
}

/// Reads bits, most significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

impl Dependencies {
    /// Reads the descriptor of a packet (AV1 RTP, appendix A.8). It stands outside the sealed payload of end-to-end
    /// encrypted frames, so it goes before the codec's own. `None` if it is cut short or names an unknown template.
    pub fn read(&mut self, descriptor: &[u8]) -> Option<Picture> {
        let mut bits = Bits { bytes: descriptor, at: 0 };
        let is_start = bits.take(1)? == 1;
        bits.take(1)?; // the end of the frame
        let template = bits.take(6)? as u8;
        bits.take(16)?; // the frame number
        let has_structure = descriptor.len() > 3 && {
            let flags = bits.take(5)?;
            flags & 0x10 != 0
        };
        if has_structure {
            self.read_structure(&mut bits)?;
        }
        let place = usize::from(template.wrapping_sub(self.offset) & 0x3f);
        let &(spatial, temporal) = self.layers.get(place)?;
        // A structure comes with the first packet of each keyframe.
        Some(Picture { is_key_start: has_structure && is_start, temporal, spatial, ..Picture::default() })
    }

    fn read_structure(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let offset = bits.take(6)? as u8;
        bits.take(5)?; // decode targets
        let (mut spatial, mut temporal) = (0u8, 0u8);
        let mut layers = vec![(0, 0)];
        loop {
            match bits.take(2)? {
                0 => {}
                1 => temporal += 1,
                2 => (spatial, temporal) = (spatial + 1, 0),
                _ => break,
            }
            if layers.len() >= TEMPLATES_MAX || spatial > SPATIAL_MAX || temporal > TEMPORAL_MAX {
                return None;
            }
            layers.push((spatial, temporal));
        }
        (self.offset, self.layers) = (offset, layers);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_of_h264_starts_at_its_parameters_or_at_its_first_slice() {
        let is_start = |payload: &[u8]| Picture::read(Codec::H264, payload).is_key_start;
        assert!(is_start(&[0x67, 0x42, 0xe0]) && is_start(&[0x65, 0x88]));
        assert!(is_start(&[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68]) && is_start(&[0x78, 0, 1, 0x09, 0, 1, 0x65]));
        assert!(is_start(&[0x7c, 0x85]) && !is_start(&[0x7c, 0x05]) && !is_start(&[0x7c, 0x81]));
        assert!(!is_start(&[0x61, 0x9a]) && !is_start(&[0x78, 0, 9, 0x61]) && !is_start(&[]));
    }

    #[test]
    fn layers_of_vp9_stand_in_its_descriptor() {
        let key = Picture::read(Codec::Vp9, &[0xa8, 0x81, 0x23, 0x00]);
        assert!(key.is_key_start && key.spatial == 0);
        let upper = Picture::read(Codec::Vp9, &[0xe8, 0x81, 0x23, 0x52]);
        assert_eq!((upper.is_key_start, upper.temporal, upper.is_sync, upper.spatial), (false, 2, true, 1));
    }

    #[test]
    fn a_dependency_descriptor_names_its_layers_after_the_structure_came() {
        // L1T2: start, end, template 0, frame 1; structure: offset 0, one target, layers 0,0 then 0,1, then the end.
        let key = [0xc0, 0x00, 0x01, 0x80, 0x00, 0x70];
        let mut known = Dependencies::default();
        assert!(known.read(&[0x81, 0, 2]).is_none(), "no structure yet");
        let first = known.read(&key).expect("a structure");
        assert!(first.is_key_start);
        let second = known.read(&[0x81, 0, 2]).expect("template 1");
        assert_eq!((second.is_key_start, second.temporal), (false, 1));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
                let _ = Picture::read(codec, &bytes);
            }
            let _ = Dependencies::default().read(&bytes);
        }
    }
}
