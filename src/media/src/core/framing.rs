//! How messages stand in a stream of bytes: RFC 4571 for ICE over TCP, and TURN's own for the relay (RFC 8656 §12.5).

use super::limits::STREAM_MESSAGE_BYTES_MAX;

/// STUN's magic cookie (RFC 8489 §5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes that tell what a stream is.
pub const TELLING_BYTES: usize = 10;

/// How messages stand in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each behind two bytes of its length.
    Datagrams,
    /// STUN and ChannelData, each with its own length, padded to four bytes.
    Relay,
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A message: where it begins and ends, and where the next one begins.
    Message {
        /// First byte.
        start: usize,
        /// Behind its last byte.
        end: usize,
        /// Where the next one begins.
        next: usize,
    },
    /// A part of one.
    More,
    /// Nothing that can be a message.
    Broken,
}

impl Framing {
    /// What a stream is, by its first [`TELLING_BYTES`].
    #[must_use]
    pub fn of(first: &[u8; TELLING_BYTES]) -> Option<Framing> {
        if first[4..8] == COOKIE && first[0] < 4 {
            Some(Framing::Relay)
        } else if first[6..10] == COOKIE && first[2..4] == [0, 1] {
            Some(Framing::Datagrams)
        } else {
            None
        }
    }

    /// The first message in `bytes`.
    #[must_use]
    pub fn find(self, bytes: &[u8]) -> Found {
        let (start, end, next) = match (self, bytes) {
            (Framing::Datagrams, [a, b, ..]) => {
                let end = 2 + usize::from(u16::from_be_bytes([*a, *b]));
                (2, end, end)
            }
            (Framing::Relay, [first, _, a, b, ..]) => {
                let head = match first {
                    0..=3 => 20,
                    0x40..=0x4f => 4,
                    _ => return Found::Broken,
                };
                let end = head + usize::from(u16::from_be_bytes([*a, *b]));
                (0, end, end.next_multiple_of(4))
            }
            _ => return Found::More,
        };
        if end - start > STREAM_MESSAGE_BYTES_MAX {
            Found::Broken
        } else if bytes.len() < next {
            Found::More
        } else {
            Found::Message { start, end, next }
        }
    }

    /// Writes a message behind `bytes`.
    pub fn put(self, message: &[u8], bytes: &mut Vec<u8>) {
        match self {
            Framing::Datagrams => {
                let Ok(length) = u16::try_from(message.len()) else { return };
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(message);
            }
            Framing::Relay => {
                bytes.extend_from_slice(message);
                bytes.resize(bytes.len() + message.len().next_multiple_of(4) - message.len(), 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_found_again_however_it_is_cut() {
        let stun = [&[0, 3, 0, 4][..], &COOKIE, &[7; 12], &[9; 4]].concat();
        let data = [0x40, 1, 0, 3, 1, 2, 3];
        for (framing, messages) in
            [(Framing::Datagrams, [&stun[..], &[], &[5; 1_200]]), (Framing::Relay, [&stun[..], &data, &stun])]
        {
            let mut bytes = Vec::new();
            messages.iter().for_each(|message| framing.put(message, &mut bytes));
            let mut rest = &bytes[..];
            for message in messages {
                let Found::Message { start, end, next } = framing.find(rest) else { panic!("{framing:?}") };
                assert_eq!(&rest[start..end], message);
                for cut in 0..next {
                    assert_eq!(framing.find(&rest[..cut]), Found::More, "cut at {cut}");
                }
                rest = &rest[next..];
            }
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn a_stream_is_known_by_its_first_bytes() {
        let with = |at: usize, head: &[u8]| {
            let mut first = [0u8; TELLING_BYTES];
            first[..head.len()].copy_from_slice(head);
            first[at..at + 4].copy_from_slice(&COOKIE);
            first
        };
        assert_eq!(Framing::of(&with(4, &[0, 3, 0, 0])), Some(Framing::Relay));
        assert_eq!(Framing::of(&with(6, &[0, 100, 0, 1])), Some(Framing::Datagrams));
        assert_eq!(Framing::of(&with(6, &[0, 100, 0x16, 0xfe])), None);
        assert_eq!(Framing::of(b"GET / HTTP"), None);
        assert_eq!(Framing::of(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3]), None);
    }

    #[test]
    fn what_is_too_long_or_no_message_is_broken() {
        assert_eq!(Framing::Datagrams.find(&[0xff, 0xff]), Found::Broken);
        assert_eq!(Framing::Relay.find(&[0x16, 3, 1, 0]), Found::Broken);
        assert_eq!(Framing::Relay.find(&[0x40, 0, 0xff, 0xff]), Found::Broken);
    }
}
