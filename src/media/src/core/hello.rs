//! Reads the ClientHello before the DTLS component does, because the component follows the client's order of SRTP
//! profiles and we want ours: the first flight is kept until the ClientHello is whole, then one profile is offered.
//!
//! Sources: RFC 6347 §4.1 and §4.2.2, RFC 5764 §4.1.1. Bounded in bytes and fragments; garbage is ignored.

use super::limits::CLIENT_HELLO_BYTES_MAX;

const CONTENT_HANDSHAKE: u8 = 22;
const HANDSHAKE_CLIENT_HELLO: u8 = 1;
const EXTENSION_USE_SRTP: u16 = 14;
const RECORD_HEADER: usize = 13;
const HANDSHAKE_HEADER: usize = 12;

/// The one SRTP profile that we take with a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// RFC 7714, whenever the client offers it.
    Gcm128,
    /// RFC 3711 with an 80-bit tag, for a client that has nothing else; costs six times as much.
    Sha1,
}

/// One DTLS record of a datagram.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Content type: 20 change of cipher, 21 alert, 22 handshake, 23 data.
    pub content: u8,
    /// 0 is plain, 1 is sealed.
    pub epoch: u16,
    /// What follows the record's header.
    pub body: &'a [u8],
}

impl Record<'_> {
    /// Whether this is a plain handshake record.
    #[must_use]
    pub fn is_plain_handshake(&self) -> bool {
        self.content == CONTENT_HANDSHAKE && self.epoch == 0
    }

    /// Whether this is a plain record of a ClientHello, whole or in part.
    #[must_use]
    pub fn is_client_hello(&self) -> bool {
        self.is_plain_handshake() && self.body.first() == Some(&HANDSHAKE_CLIENT_HELLO)
    }
}

/// The records of a datagram; `None` if it is not a row of whole DTLS records of known content.
#[must_use]
pub fn records(datagram: &[u8]) -> Option<Vec<Record<'_>>> {
    let mut found = Vec::with_capacity(4);
    let mut rest = datagram;
    while !rest.is_empty() {
        let header = rest.get(..RECORD_HEADER)?;
        let length = usize::from(u16::from_be_bytes([header[11], header[12]]));
        let body = rest.get(RECORD_HEADER..RECORD_HEADER + length)?;
        let (content, epoch) = (header[0], u16::from_be_bytes([header[3], header[4]]));
        let is_sane = match (content, epoch) {
            (20, 0) => body == [1],
            (21, 0) => body.len() == 2,
            (22, 0) => body.len() >= HANDSHAKE_HEADER,
            (20..=23, 1) => true,
            _ => false,
        };
        if header[1] != 0xfe || !is_sane {
            return None;
        }
        found.push(Record { content, epoch, body });
        rest = &rest[RECORD_HEADER + length..];
    }
    Some(found)
}

/// Puts a fragmented ClientHello together.
#[derive(Default)]
pub struct HelloReader {
    body: Vec<u8>,
    has: Vec<bool>,
    missing: usize,
}

/// What is known of the ClientHello.
#[derive(Debug, PartialEq, Eq)]
pub enum Hello {
    /// Parts are missing.
    Incomplete,
    /// It offers a profile that we have.
    Offers(Profile),
    /// It is malformed or offers no SRTP profile that we have.
    Unusable,
}

impl HelloReader {
    /// Takes one record into account.
    pub fn push(&mut self, record: &Record<'_>) -> Hello {
        if !record.is_client_hello() || record.body.len() < HANDSHAKE_HEADER {
            return Hello::Incomplete;
        }
        let body = record.body;
        let three = |at: usize| {
            usize::from(body[at]) << 16 | usize::from(body[at + 1]) << 8 | usize::from(body[at + 2])
        };
        let (length, offset, part_length) = (three(1), three(6), three(9));
        if length > CLIENT_HELLO_BYTES_MAX || (!self.body.is_empty() && self.body.len() != length) {
            return Hello::Unusable;
        }
        if self.body.is_empty() {
            self.body = vec![0; length];
            self.has = vec![false; length];
            self.missing = length;
        }
        let Some(part) = body.get(HANDSHAKE_HEADER..HANDSHAKE_HEADER + part_length) else {
            return Hello::Incomplete;
        };
        for (at, byte) in part.iter().enumerate().map(|(at, byte)| (at + offset, byte)) {
            let (Some(place), Some(has)) = (self.body.get_mut(at), self.has.get_mut(at)) else { break };
            if !*has {
                (*place, *has) = (*byte, true);
                self.missing -= 1;
            }
        }
        if self.missing > 0 {
            return Hello::Incomplete;
        }
        profile(&self.body).map_or(Hello::Unusable, Hello::Offers)
    }
}

/// The profile that a whole ClientHello lets us take.
fn profile(hello: &[u8]) -> Option<Profile> {
    let mut reader = Reader(hello);
    reader.take(34)?; // version and random
    let session = reader.u8()?;
    reader.take(session.into())?;
    let cookie = reader.u8()?;
    reader.take(cookie.into())?;
    let suites = reader.u16()?;
    reader.take(suites.into())?;
    let compressions = reader.u8()?;
    reader.take(compressions.into())?;
    let length = reader.u16()?;
    let mut extensions = Reader(reader.take(length.into())?);
    while let Some(typ) = extensions.u16() {
        let length = extensions.u16()?;
        let mut value = Reader(extensions.take(length.into())?);
        if typ == EXTENSION_USE_SRTP {
            let length = value.u16()?;
            let offered = value.take(length.into())?;
            let offers = |wanted: u16| {
                offered.chunks_exact(2).any(|pair| u16::from_be_bytes([pair[0], pair[1]]) == wanted)
            };
            return if offers(0x0007) {
                Some(Profile::Gcm128)
            } else if offers(0x0001) {
                Some(Profile::Sha1)
            } else {
                None
            };
        }
    }
    None
}

/// Takes bytes off the front, never more than there are.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with the given SRTP profiles, as one handshake message body.
    fn hello_body(profiles: &[u16]) -> Vec<u8> {
        let mut body = vec![0xfe, 0xfd];
        body.extend([7; 32]); // random
        body.extend([0, 0]); // no session, no cookie
        body.extend([0, 2, 0xc0, 0x2b, 1, 0]); // one suite, no compression
        let mut extension = vec![0, 14, 0, 3 + 2 * profiles.len() as u8, 0, 2 * profiles.len() as u8];
        profiles.iter().for_each(|profile| extension.extend(profile.to_be_bytes()));
        extension.push(0);
        body.extend((extension.len() as u16).to_be_bytes());
        body.extend(extension);
        body
    }

    /// `body[from..to]` as a handshake record.
    fn fragment(body: &[u8], from: usize, to: usize) -> Vec<u8> {
        let three = |number: usize| (number as u32).to_be_bytes()[1..].to_vec();
        let mut message = vec![1];
        message.extend(three(body.len()));
        message.extend([0, 0]);
        message.extend(three(from));
        message.extend(three(to - from));
        message.extend(&body[from..to]);
        let mut record = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0];
        record.extend((message.len() as u16).to_be_bytes());
        record.extend(message);
        record
    }

    fn read(datagrams: &[Vec<u8>]) -> Hello {
        let mut reader = HelloReader::default();
        let mut last = Hello::Incomplete;
        for datagram in datagrams {
            for record in records(datagram).expect("the test writes whole records") {
                last = reader.push(&record);
            }
        }
        last
    }

    #[test]
    fn gcm_is_taken_whenever_the_client_offers_it_in_any_place() {
        for offered in [&[7u16][..], &[1, 7], &[8, 2, 1, 7]] {
            let body = hello_body(offered);
            assert_eq!(read(&[fragment(&body, 0, body.len())]), Hello::Offers(Profile::Gcm128));
        }
    }

    #[test]
    fn sha1_is_taken_only_from_a_client_that_has_nothing_else() {
        let body = hello_body(&[2, 1]);
        assert_eq!(read(&[fragment(&body, 0, body.len())]), Hello::Offers(Profile::Sha1));
        let body = hello_body(&[8, 2]);
        assert_eq!(read(&[fragment(&body, 0, body.len())]), Hello::Unusable);
    }

    #[test]
    fn a_hello_in_pieces_out_of_order_and_twice_is_one_hello() {
        let body = hello_body(&[1, 7]);
        let cut = body.len() / 2;
        let (front, back) = (fragment(&body, 0, cut), fragment(&body, cut, body.len()));
        assert_eq!(read(&[back.clone(), back.clone()]), Hello::Incomplete);
        assert_eq!(read(&[back, front.clone(), front]), Hello::Offers(Profile::Gcm128));
    }

    #[test]
    fn a_hello_longer_than_the_bound_is_unusable() {
        let body = vec![0; CLIENT_HELLO_BYTES_MAX + 1];
        assert_eq!(read(&[fragment(&body, 0, 1)]), Hello::Unusable);
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = profile(&bytes);
            let mut framed = vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0];
            framed.extend((bytes.len() as u16 + 12).to_be_bytes());
            framed.extend([1, 0, 1, 0, 0, 0]);
            framed.extend(bytes.iter().cycle().take(6 + bytes.len()));
            let mut reader = HelloReader::default();
            for record in records(&framed).unwrap_or_default() {
                reader.push(&record);
            }
            let _ = records(&bytes);
        }
    }
}
