//! What a page says first, in the address of its socket: `?first=`, so that it is heard with the opening and answered a
//! round trip earlier. The messages in order, a line each, deflated (RFC 1951), in base64url without padding.

use std::io::Read;

use axum::http::Uri;
use data_encoding::BASE64URL_NOPAD;
use flate2::read::DeflateDecoder;
use signaling::limits::FRAME_BYTES_MAX;

use crate::limits::{FIRST_WORDS_CHARS_MAX, FIRST_WORDS_MAX};

/// The messages in an address; none in one that has none.
///
/// # Errors
/// They are too long or too many, or not written so.
pub(super) fn first_words(uri: &Uri) -> Result<Vec<String>, Unreadable> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let Some(packed) = pairs.filter_map(|pair| pair.strip_prefix("first=")).next() else {
        return Ok(Vec::new());
    };
    if packed.len() > FIRST_WORDS_CHARS_MAX {
        return Err(Unreadable);
    }
    let bytes = BASE64URL_NOPAD.decode(packed.as_bytes()).map_err(|_| Unreadable)?;
    let bound = FIRST_WORDS_MAX * (FRAME_BYTES_MAX + 1);
    let mut text = String::new();
    DeflateDecoder::new(&*bytes).take(bound as u64).read_to_string(&mut text).map_err(|_| Unreadable)?;
    let words: Vec<String> = text.lines().map(str::to_owned).collect();
    if words.len() <= FIRST_WORDS_MAX { Ok(words) } else { Err(Unreadable) }
}

/// What stands there is not what a page writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn packed(text: &str) -> Uri {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        format!("/signal?first={}", BASE64URL_NOPAD.encode(&bytes)).parse().unwrap()
    }

    #[test]
    fn what_a_page_packs_is_read_in_order_and_an_address_without_it_says_nothing() {
        let words = ["{\"type\":\"hello\"}", "{\"type\":\"connect\",\"sdp\":\"v=0\\r\\n\"}"];
        assert_eq!(first_words(&packed(&words.join("\n"))), Ok(words.map(str::to_owned).to_vec()));
        assert_eq!(first_words(&"/signal".parse().unwrap()), Ok(Vec::new()));
        assert_eq!(first_words(&"/signal?x=1".parse().unwrap()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_too_much_or_not_written_so_is_refused() {
        let many = "{}\n".repeat(FIRST_WORDS_MAX + 1);
        let bomb = "x".repeat(200 * FRAME_BYTES_MAX);
        let long = format!("/signal?first={}", "A".repeat(FIRST_WORDS_CHARS_MAX + 1)).parse().unwrap();
        for uri in
            [packed(&many), long, "/signal?first=*".parse().unwrap(), "/signal?first=AAAA".parse().unwrap()]
        {
            assert_eq!(first_words(&uri), Err(Unreadable), "{uri}");
        }
        let read = first_words(&packed(&bomb)).unwrap_or_default();
        assert!(read.iter().map(String::len).sum::<usize>() <= FIRST_WORDS_MAX * (FRAME_BYTES_MAX + 1));
    }
}
