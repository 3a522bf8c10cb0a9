//! A film of pictures that a browser can decode, each whole in itself: for light clients that are looked at.
//!
//! Read from IVF with VP8, every picture a key picture, as `ffmpeg -c:v libvpx -g 1` writes it.

use std::fs;
use std::path::Path;

use crate::person::Fault;

/// Bytes of the head of the file, and of each picture in it.
const FILE_HEAD: usize = 32;
const PICTURE_HEAD: usize = 12;
/// Of a picture in one packet.
const PART_BYTES: usize = 1_000;

/// Pictures that are shown again and again.
pub struct Film {
    pictures: Vec<Vec<u8>>,
}

impl Film {
    /// Pictures a second.
    pub const PER_SECOND: u64 = 5;

    /// Reads a film.
    ///
    /// # Errors
    /// No such file, or none with a picture.
    pub fn read(path: &Path) -> Result<Film, Fault> {
        let bytes = fs::read(path)?;
        let mut rest = bytes.strip_prefix(b"DKIF").and_then(|_| bytes.get(FILE_HEAD..)).ok_or("no IVF")?;
        let mut pictures = Vec::new();
        while let Some((head, after)) = rest.split_first_chunk::<PICTURE_HEAD>() {
            let [a, b, c, d, ..] = *head;
            let (picture, next) = after
                .split_at_checked(u32::from_le_bytes([a, b, c, d]) as usize)
                .ok_or("a film cut short")?;
            pictures.push(picture.to_vec());
            rest = next;
        }
        if pictures.is_empty() { Err("a film without a picture".into()) } else { Ok(Film { pictures }) }
    }

    /// The payloads of the n-th picture, with their VP8 descriptor of a 15-bit picture id (RFC 7741 §4.2).
    pub fn packets(&self, n: u64) -> Vec<Vec<u8>> {
        let id = (0x8000 | (n as u16 & 0x7fff)).to_be_bytes();
        let Some(picture) = self.pictures.get(n as usize % self.pictures.len()) else { return Vec::new() };
        let parts = picture.chunks(PART_BYTES).enumerate();
        let payload = |(at, part): (usize, &[u8])| {
            let begin = if at == 0 { 0x90 } else { 0x80 };
            [&[begin, 0x80, id[0], id[1]], part].concat()
        };
        parts.map(payload).collect()
    }
}
