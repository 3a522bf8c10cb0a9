//! Opus in Ogg (RFC 3533, RFC 7845): pages that stand for themselves, so that a file plays wherever it is cut.
//!
//! The writer of `rtc-media` marks each page as a continued one and leaves gaps in the granule positions; here silence
//! is written where nothing came, so that every player has the sound at its time.

/// Samples a second that granule positions count.
pub const SAMPLES_PER_SECOND: u64 = 48_000;
/// 20 ms.
pub const SILENCE_SAMPLES: u64 = 960;
/// 20 ms of silence, coded: CELT, full band, one frame (RFC 6716 §3.1).
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
/// What an encoder looks ahead, which a player leaves out at the beginning (RFC 7845 §4.2).
const PRE_SKIP: u16 = 312;
/// Frames of silence in one page: a page names at most 255 lengths.
const SILENCE_FRAMES_MAX: u64 = 200;

const BEGIN: u8 = 2;
const END: u8 = 4;

/// Writes the pages of one track.
#[derive(Debug)]
pub struct Ogg {
    serial: u32,
    page: u32,
    samples: u64,
}

impl Ogg {
    /// A stream of that number, with its two headers in `out`.
    pub fn begin(serial: u32, out: &mut Vec<u8>) -> Ogg {
        let mut ogg = Ogg { serial, page: 0, samples: 0 };
        let mut head = b"OpusHead\x01\x02".to_vec();
        head.extend_from_slice(&PRE_SKIP.to_le_bytes());
        head.extend_from_slice(&(SAMPLES_PER_SECOND as u32).to_le_bytes());
        head.extend_from_slice(&[0, 0, 0]); // gain, one stream of one or two channels
        ogg.write(BEGIN, &[&head], out);
        let mut tags = b"OpusTags".to_vec();
        let vendor = b"sachivalaya";
        tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
        tags.extend_from_slice(vendor);
        tags.extend_from_slice(&0u32.to_le_bytes());
        ogg.write(0, &[&tags], out);
        ogg
    }

    /// How much has been written.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// A frame of so many samples, on a page of its own.
    pub fn frame(&mut self, frame: &[u8], samples: u64, out: &mut Vec<u8>) {
        self.samples += samples;
        self.write(0, &[frame], out);
    }

    /// Silence, in whole frames: at most so many samples.
    pub fn silence(&mut self, samples: u64, out: &mut Vec<u8>) {
        let mut frames = samples / SILENCE_SAMPLES;
        while frames > 0 {
            let here = frames.min(SILENCE_FRAMES_MAX);
            frames -= here;
            self.samples += here * SILENCE_SAMPLES;
            self.write(0, &vec![&SILENCE[..]; here as usize], out);
        }
    }

    /// The last page.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.write(END, &[], out);
    }

    fn write(&mut self, flags: u8, packets: &[&[u8]], out: &mut Vec<u8>) {
        let mut lengths: Vec<u8> = Vec::new();
        for packet in packets {
            lengths.extend(std::iter::repeat_n(255, packet.len() / 255));
            lengths.push((packet.len() % 255) as u8);
        }
        let from = out.len();
        out.extend_from_slice(b"OggS\0");
        out.push(flags);
        out.extend_from_slice(&self.samples.to_le_bytes());
        out.extend_from_slice(&self.serial.to_le_bytes());
        out.extend_from_slice(&self.page.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.push(lengths.len() as u8);
        out.extend_from_slice(&lengths);
        packets.iter().for_each(|packet| out.extend_from_slice(packet));
        let sum = checksum(&out[from..]);
        out[from + 22..from + 26].copy_from_slice(&sum.to_le_bytes());
        self.page += 1;
    }
}

/// The checksum of a page (RFC 3533 §6): CRC-32 with the polynomial 0x04c11db7, begun with nothing.
fn checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, byte| {
        let mut sum = sum ^ (u32::from(*byte) << 24);
        for _ in 0..8 {
            sum = if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 };
        }
        sum
    })
}

/// How many samples a frame lasts, by its first bytes (RFC 6716 §3.1); nothing for one that is none.
pub fn samples_of(frame: &[u8]) -> Option<u64> {
    let first = *frame.first()?;
    let config = first >> 3;
    let each = match config {
        0..=11 => [480, 960, 1_920, 2_880][usize::from(config % 4)],
        12..=15 => [480, 960][usize::from(config % 2)],
        _ => [120, 240, 480, 960][usize::from(config % 4)],
    };
    let count = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(frame.get(1)? & 0x3f),
    };
    // A packet lasts at most 120 ms (§3.2.5).
    Some(each * count).filter(|samples| (1..=5_760).contains(samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_the_checksum_of_the_standard() {
        // The polynomial's own remainder: a single 1 bit at the end of the message.
        assert_eq!(checksum(&[1]), 0x04c1_1db7);
        assert_eq!(checksum(b"OggS"), 0x5fb0_a94f);
    }

    #[test]
    fn frames_last_as_long_as_their_first_byte_says() {
        assert_eq!(samples_of(&SILENCE), Some(SILENCE_SAMPLES));
        assert_eq!(samples_of(&[0x78, 1]), Some(960), "hybrid, 20 ms");
        assert_eq!(samples_of(&[0x03, 0x02]), Some(960), "two of 10 ms");
        assert_eq!(samples_of(&[0x1b, 0x3f]), None, "63 of 60 ms");
        assert_eq!((samples_of(&[]), samples_of(&[3])), (None, None));
    }

    #[test]
    fn silence_is_as_long_as_what_is_missing_and_never_longer() {
        let mut out = Vec::new();
        let mut ogg = Ogg::begin(7, &mut out);
        ogg.silence(959, &mut out);
        assert_eq!(ogg.samples(), 0);
        ogg.silence(48_000 * 60 + 100, &mut out);
        assert_eq!(ogg.samples(), 48_000 * 60);
    }
}
