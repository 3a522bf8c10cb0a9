//! The VP8 payload descriptor (RFC 7741 §4.2): finds keyframes, and the numbers that must stay in a row when a
//! slot changes its source. Reads at most six bytes and writes only what it has found.

/// Where the numbers of one packet stand, and what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vp8 {
    /// Whether this is the first packet of a keyframe.
    pub is_key_start: bool,
    /// The picture id, 7 or 15 bits; 0 if there is none.
    pub picture: u16,
    /// The index of the lowest temporal layer; 0 if there is none.
    pub tl0: u8,
    /// The temporal layer; 0 if there is none.
    pub temporal: u8,
    /// Whether nothing after it needs a picture of its own temporal layer before it.
    pub is_sync: bool,
    /// Width times height, in the first packet of a keyframe.
    pub pixels: Option<u64>,
    picture_at: Option<u8>,
    is_picture_long: bool,
    tl0_at: Option<u8>,
}

impl Vp8 {
    /// Reads the descriptor; `None` if it is cut short.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Vp8> {
        let mut found = Vp8::default();
        let first = *payload.first()?;
        let mut at = 1usize;
        if first & 0x80 != 0 {
            let extended = *payload.get(at)?;
            at += 1;
            if extended & 0x80 != 0 {
                let high = *payload.get(at)?;
                found.picture_at = Some(at as u8);
                found.is_picture_long = high & 0x80 != 0;
                found.picture = u16::from(high & 0x7f);
                at += 1;
                if found.is_picture_long {
                    found.picture = found.picture << 8 | u16::from(*payload.get(at)?);
                    at += 1;
                }
            }
            if extended & 0x40 != 0 {
                found.tl0 = *payload.get(at)?;
                found.tl0_at = Some(at as u8);
                at += 1;
            }
            if extended & 0x30 != 0 {
                let layers = *payload.get(at)?;
                if extended & 0x20 != 0 {
                    (found.temporal, found.is_sync) = (layers >> 6, layers & 0x20 != 0);
                }
                at += 1;
            }
        }
        // First packet of the first partition (S = 1, PID = 0) of a frame whose P bit is clear.
        found.is_key_start = first & 0x10 != 0 && first & 0x07 == 0 && *payload.get(at)? & 1 == 0;
        found.pixels = payload.get(at..at + 10).filter(|_| found.is_key_start).and_then(pixels);
        Some(found)
    }

    /// Writes other numbers into a copy of the payload that was read.
    pub fn patch(&self, payload: &mut [u8], picture: u16, tl0: u8) {
        if let Some(at) = self.picture_at.map(usize::from) {
            if self.is_picture_long {
                if let Some(place) = payload.get_mut(at..at + 2) {
                    place.copy_from_slice(&(0x8000 | picture & 0x7fff).to_be_bytes());
                }
            } else if let Some(place) = payload.get_mut(at) {
                *place = picture as u8 & 0x7f;
            }
        }
        if let Some(place) = self.tl0_at.and_then(|at| payload.get_mut(usize::from(at))) {
            *place = tl0;
        }
    }
}

/// Width times height from a keyframe's header (RFC 6386 §9.1).
fn pixels(header: &[u8]) -> Option<u64> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *header else { return None };
    let side = |low, high| u64::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Some(side(w0, w1) * side(h0, h1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_starts_where_partition_zero_of_an_intra_frame_starts() {
        let key = [0x90, 0xe0, 0x81, 0x23, 0x07, 0x00, 0x10, 0x02];
        let read = Vp8::read(&key).expect("a whole descriptor");
        assert!(read.is_key_start);
        assert_eq!((read.picture, read.tl0), (0x123, 7));
        let third = Vp8::read(&[0x90, 0xf0, 0x81, 0x23, 0x07, 0xa0, 0x10]).expect("a whole descriptor");
        assert_eq!((third.temporal, third.is_sync), (2, true));
        for other in [
            [0x80, 0xe0, 0x81, 0x23, 7, 0, 0x10],
            [0x91, 0xe0, 0x81, 0x23, 7, 0, 0x10],
            [0x90, 0xe0, 0x81, 0x23, 7, 0, 0x11],
        ] {
            assert!(!Vp8::read(&other).expect("a whole descriptor").is_key_start);
        }
    }

    #[test]
    fn patching_changes_the_numbers_and_nothing_else() {
        let mut payload = [0x90, 0xe0, 0x81, 0x23, 0x07, 0x20, 0x10, 0x02];
        let read = Vp8::read(&payload).expect("a whole descriptor");
        read.patch(&mut payload, 0x4567, 9);
        assert_eq!(payload, [0x90, 0xe0, 0xc5, 0x67, 9, 0x20, 0x10, 0x02]);
        let mut short = [0x90, 0x80, 0x23, 0x10];
        Vp8::read(&short).expect("a whole descriptor").patch(&mut short, 0x1ff, 0);
        assert_eq!(short, [0x90, 0x80, 0x7f, 0x10]);
    }

    proptest::proptest! {
        #[test]
        fn any_payload_is_read_and_patched_without_panic(payload in proptest::collection::vec(proptest::num::u8::ANY, 0..12)) {
            let mut copy = payload.clone();
            if let Some(read) = Vp8::read(&payload) {
                read.patch(&mut copy, read.picture, read.tl0);
                proptest::prop_assert_eq!(copy, payload);
            }
        }
    }
}
