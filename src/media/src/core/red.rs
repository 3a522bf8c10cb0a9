//! Opus with the packets before it (RFC 2198): passed on as it is, unwrapped for clients that do not take it.

/// A block's header but the last: follow bit, payload type, offset of 14 bits, length of 10 bits.
const BLOCK_HEADER: usize = 4;
/// Blocks in one packet that we look at; browsers send two or three.
const BLOCKS_MAX: usize = 16;

/// Where the headers of the older blocks end, and how many bytes the blocks take; `None` if it is cut short.
fn older(payload: &[u8]) -> Option<(usize, usize)> {
    let (mut at, mut bytes) = (0, 0);
    for _ in 0..BLOCKS_MAX {
        if payload.get(at)? & 0x80 == 0 {
            return Some((at, bytes));
        }
        let (high, low) = (*payload.get(at + 2)?, *payload.get(at + 3)?);
        bytes += usize::from(u16::from_be_bytes([high & 0x03, low]));
        at += BLOCK_HEADER;
    }
    None
}

/// The newest block, which is a packet of its own; `None` if it is cut short.
#[must_use]
pub fn newest(payload: &[u8]) -> Option<&[u8]> {
    let (at, bytes) = older(payload)?;
    payload.get(at + 1 + bytes..)
}

/// Writes another payload type into the header of each block; what is cut short stays as it is.
pub fn renumber(payload: &mut [u8], payload_type: u8) {
    let Some((last, _)) = older(payload) else { return };
    for at in (0..=last).step_by(BLOCK_HEADER) {
        payload[at] = payload[at] & 0x80 | payload_type & 0x7f;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two older blocks of 2 and 3 bytes, then the newest.
    const PACKET: [u8; 9 + 7] = [0xef, 0, 0, 2, 0xef, 0, 0, 3, 0x6f, 1, 1, 2, 2, 2, 3, 3];

    #[test]
    fn the_newest_block_stands_last() {
        assert_eq!(newest(&PACKET), Some(&[3, 3][..]));
        assert_eq!(newest(&[0x6f, 9]), Some(&[9][..]));
        assert_eq!(newest(&PACKET[..9]), None);
    }

    #[test]
    fn another_payload_type_changes_the_headers_and_nothing_else() {
        let mut packet = PACKET;
        renumber(&mut packet, 109);
        assert_eq!((packet[0], packet[4], packet[8]), (0x80 | 109, 0x80 | 109, 109));
        assert_eq!(packet[9..], PACKET[9..]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let _ = newest(&bytes);
            renumber(&mut bytes, 111);
        }
    }
}
