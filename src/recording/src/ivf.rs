//! IVF: a header of 32 bytes, then each picture behind its length and its time. ffmpeg and VLC play it wherever it is
//! cut.
//!
//! The writer of `rtc-media` counts pictures instead of telling their time, and goes back to the header at the end.

use crate::packet::Codec;

/// The header of a file whose first picture has these pixels.
///
/// * `size`: 0 × 0 when it is not known; the pictures say it, too.
pub fn header(codec: Codec, size: (u16, u16)) -> Option<[u8; 32]> {
    let name = match codec {
        Codec::Opus => return None,
        Codec::Vp8 => b"VP80",
        Codec::Vp9 => b"VP90",
        Codec::H264 => b"H264",
        Codec::Av1 => b"AV01",
    };
    let mut header = [0; 32];
    header[..6].copy_from_slice(b"DKIF\0\0");
    header[6..8].copy_from_slice(&32u16.to_le_bytes());
    header[8..12].copy_from_slice(name);
    header[12..14].copy_from_slice(&size.0.to_le_bytes());
    header[14..16].copy_from_slice(&size.1.to_le_bytes());
    header[16..20].copy_from_slice(&90_000u32.to_le_bytes());
    header[20..24].copy_from_slice(&1u32.to_le_bytes());
    Some(header)
}

/// One picture.
///
/// * `at_us`: since the first.
pub fn frame(at_us: u64, picture: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(picture.len() as u32).to_le_bytes());
    out.extend_from_slice(&(at_us * 9 / 100).to_le_bytes());
    out.extend_from_slice(picture);
}

/// The pixels of a VP8 keyframe (RFC 6386 §9.1).
pub fn size_of_vp8(picture: &[u8]) -> Option<(u16, u16)> {
    let [first, _, _, 0x9d, 0x01, 0x2a, a, b, c, d, ..] = picture else { return None };
    let side = |low: u8, high: u8| u16::from_le_bytes([low, high]) & 0x3fff;
    (first & 1 == 0).then(|| (side(*a, *b), side(*c, *d)))
}
