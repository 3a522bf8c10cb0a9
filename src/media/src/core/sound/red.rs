//! Opus with the frames before it (RFC 2198): read where it is what it says, written anew for each receiver.
//!
//! What does not read as RED of the sender's Opus is left alone: it may be sealed end to end.

use std::ops::Range;

/// A block's header but the last: follow bit, payload type, offset of 14 bits, length of 10 bits.
const BLOCK_HEADER: usize = 4;
/// Older blocks in one packet that we read; browsers send one or two.
const BLOCKS_MAX: usize = 15;
/// The first offset that a block's header can't say, in units of the timestamp: a third of a second.
pub const OFFSET_END: u32 = 1 << 14;
/// The first length that a block's header can't say.
pub const LENGTH_END: usize = 1 << 10;

/// One older block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// How much older than the packet it is, in units of the timestamp; at least 1.
    pub offset: u32,
    /// Its bytes in the payload; may be empty.
    pub bytes: Range<usize>,
}

/// The blocks of one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    older: [Block; BLOCKS_MAX],
    count: usize,
    /// The bytes of the newest, which is the packet's own frame; never empty.
    pub newest: Range<usize>,
}

impl Blocks {
    /// Reads a payload; `None` unless it is whole, of one payload type throughout, and older blocks stand first.
    #[must_use]
    pub fn read(payload: &[u8], opus: u8) -> Option<Blocks> {
        let mut older: [Block; BLOCKS_MAX] = Default::default();
        let (mut count, mut at, mut bytes, mut before) = (0, 0, 0, OFFSET_END);
        loop {
            let first = *payload.get(at)?;
            if first & 0x7f != opus {
                return None;
            }
            if first & 0x80 == 0 {
                break;
            }
            let [_, a, b, c] = *payload.get(at..at + BLOCK_HEADER)? else { return None };
            let offset = u32::from(a) << 6 | u32::from(b) >> 2;
            let length = usize::from(u16::from_be_bytes([b & 0x03, c]));
            if offset == 0 || offset >= before {
                return None;
            }
            *older.get_mut(count)? = Block { offset, bytes: bytes..bytes + length };
            (count, at, bytes, before) = (count + 1, at + BLOCK_HEADER, bytes + length, offset);
        }
        let data = at + 1;
        for block in &mut older[..count] {
            block.bytes = block.bytes.start + data..block.bytes.end + data;
        }
        let newest = data + bytes..payload.len();
        (newest.start < newest.end).then_some(Blocks { older, count, newest })
    }

    /// The older blocks with how many packets each is behind, the oldest first.
    pub fn older(&self) -> impl Iterator<Item = (u64, &Block)> {
        self.older[..self.count].iter().enumerate().map(|(at, block)| ((self.count - at) as u64, block))
    }
}

/// Appends the newest frame and the older ones with their offsets, which are given newest first.
pub fn write<'a>(
    buffer: &mut Vec<u8>,
    opus: u8,
    older: impl DoubleEndedIterator<Item = (u32, &'a [u8])> + Clone,
    newest: &[u8],
) {
    for (offset, frame) in older.clone().rev() {
        let (offset, length) = (offset as u16, frame.len() as u16);
        let [high, low] = length.to_be_bytes();
        buffer.extend_from_slice(&[0x80 | opus, (offset >> 6) as u8, (offset << 2) as u8 | high & 3, low]);
    }
    buffer.push(opus);
    older.rev().for_each(|(_, frame)| buffer.extend_from_slice(frame));
    buffer.extend_from_slice(newest);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::*;

    /// Two older blocks of 2 and 3 bytes, 1,920 and 960 behind, then the newest of 2.
    const PACKET: [u8; 9 + 7] = [0xef, 30, 0, 2, 0xef, 15, 0, 3, 0x6f, 1, 1, 2, 2, 2, 3, 3];

    #[test]
    fn every_block_is_found_and_how_far_it_is_behind() {
        let blocks = Blocks::read(&PACKET, 0x6f).unwrap();
        let older: Vec<_> =
            blocks.older().map(|(back, block)| (back, block.offset, block.bytes.clone())).collect();
        assert_eq!(older, [(2, 1_920, 9..11), (1, 960, 11..14)]);
        assert_eq!(blocks.newest, 14..16);
        assert_eq!(Blocks::read(&[0x6f, 9], 0x6f).unwrap().newest, 1..2);
    }

    #[test]
    fn what_is_cut_short_or_of_another_type_or_out_of_order_is_not_red() {
        assert_eq!(Blocks::read(&PACKET[..14], 0x6f), None, "nothing is left for the newest");
        assert_eq!(Blocks::read(&PACKET, 0x6e), None);
        let mut sealed = PACKET;
        sealed[4] = 0xee;
        assert_eq!(Blocks::read(&sealed, 0x6f), None);
        let mut turned = PACKET;
        (turned[1], turned[5]) = (15, 30);
        assert_eq!(Blocks::read(&turned, 0x6f), None);
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        let mut buffer = vec![7];
        let older: [(u32, &[u8]); 2] = [(960, &[2, 2, 2]), (1_920, &[1, 1])];
        write(&mut buffer, 0x6f, older.into_iter(), &[3, 3]);
        assert_eq!(buffer[1..], PACKET);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            if let Some(blocks) = Blocks::read(&bytes, bytes.first().map_or(0, |first| first & 0x7f)) {
                proptest::prop_assert!(blocks.older().all(|(_, block)| block.bytes.end <= blocks.newest.start));
                proptest::prop_assert_eq!(blocks.newest.end, bytes.len());
            }
        }
    }
}
