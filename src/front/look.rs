//! What somebody speaks, told by the first bytes. Pure.
//!
//! A request in HTTP begins with a letter, a TLS record with 22, STUN with a zero, and a frame of RFC 4571 with the high
//! byte of a short length. The STUN cookie makes the last two certain (RFC 8489 §5, RFC 4571 §2).

/// What the bytes so far say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Too few bytes to say.
    More,
    /// A TLS ClientHello.
    Tls,
    /// A frame that holds a STUN binding request: ICE over TCP.
    IceTcp,
    /// A STUN request without a frame: somebody calls the relay.
    Turn,
    /// Everything else; HTTP will say what is wrong with it.
    Http,
}

/// As many bytes as are ever looked at: those with which HTTP/2 begins.
pub const LOOK_BYTES_MAX: usize = PREFACE.len();

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// Up to the end of the cookie inside a frame.
const FRAMED_BYTES: usize = 10;
/// A frame with a check in it is far shorter than 6 × 256 bytes.
const FRAME_HIGH_MAX: u8 = 5;

/// Looks at what has come so far.
#[must_use]
pub fn look(bytes: &[u8]) -> Look {
    match bytes {
        [] | [0x16] => Look::More,
        [0x16, 0x03, ..] => Look::Tls,
        [high, ..] if *high <= FRAME_HIGH_MAX => of_stun(bytes),
        // Until HTTP/2 is sure: whoever stops in the middle of it would otherwise wait inside without a bound.
        _ if bytes.len() < PREFACE.len() && PREFACE.starts_with(bytes) => Look::More,
        _ => Look::Http,
    }
}

fn of_stun(bytes: &[u8]) -> Look {
    if bytes.len() < FRAMED_BYTES {
        return Look::More;
    }
    let is_framed = bytes[2..4] == [0, 1] && bytes[6..10] == COOKIE;
    // Allocate, or Binding: clients measure before they ask.
    let is_bare = matches!(bytes[..2], [0, 3] | [0, 1]) && bytes[4..8] == COOKIE;
    match (is_framed, is_bare) {
        (true, _) => Look::IceTcp,
        (_, true) => Look::Turn,
        _ => Look::Http,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 12] = [0, 0x5c, 0, 1, 0, 0x48, 0x21, 0x12, 0xA4, 0x42, 7, 7];
    const ALLOCATE: [u8; 12] = [0, 3, 0, 8, 0x21, 0x12, 0xA4, 0x42, 7, 7, 7, 7];

    #[test]
    fn each_is_told_as_soon_as_it_can_be_and_never_changes() {
        let binding = [&[0, 1, 0, 0][..], &COOKIE, &[7; 12]].concat();
        let cases: [(&[u8], Look, usize); 7] = [
            (&[0x16, 3, 1, 2, 0, 1], Look::Tls, 2),
            (&FRAME, Look::IceTcp, 10),
            (&ALLOCATE, Look::Turn, 10),
            (&binding, Look::Turn, 10),
            (b"GET / HTTP/1.1\r\n", Look::Http, 1),
            (b"POST / HTTP/1.1\r\n", Look::Http, 2),
            (PREFACE, Look::Http, 24),
        ];
        for (bytes, wanted, from) in cases {
            for length in 0..=bytes.len() {
                let expected = if length < from { Look::More } else { wanted };
                assert_eq!(look(&bytes[..length]), expected, "{length} bytes of {bytes:?}");
            }
        }
    }

    #[test]
    fn what_is_nothing_is_left_to_http_and_never_taken_for_media() {
        let mut wrong_cookie = FRAME;
        wrong_cookie[9] = 0;
        let mut refresh = ALLOCATE;
        refresh[1] = 4;
        for bytes in [&wrong_cookie[..], &refresh, &[0; 20], &[0xff; 20], &[0x16, 0, 0, 0], b"\r\n\r\n"] {
            assert_eq!(look(bytes), Look::Http, "{bytes:?}");
        }
    }
}
