//! Fragments of SDP that carry ICE candidates and names (RFC 8840 §9), parsed and bounded.
//!
//! Our end is ICE-lite and waits for checks, so candidates are checked for their form and forgotten.

use super::super::error::Fault;
use crate::limits::FRAGMENT_BYTES_MAX;

/// What a client told.
#[derive(Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Its ICE name, if it said one.
    pub ufrag: Option<String>,
}

impl Fragment {
    /// Reads a fragment.
    ///
    /// # Errors
    /// [`Fault::TooLarge`]; [`Fault::Malformed`] for what is no list of `x=…` lines with an attribute of ICE among
    /// them, for names that differ, and for a name without its password.
    pub fn read(body: &[u8]) -> Result<Fragment, Fault> {
        if body.len() > FRAGMENT_BYTES_MAX {
            return Err(Fault::TooLarge);
        }
        let text = std::str::from_utf8(body).map_err(|_| Fault::Malformed)?;
        let lines = || text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        let is_line = |line: &str| {
            let bytes = line.as_bytes();
            bytes.len() > 2 && bytes[0].is_ascii_lowercase() && bytes[1] == b'='
        };
        let says = |what: &str| lines().any(|line| line.strip_prefix(what).is_some());
        let is_about_ice =
            ["a=candidate:", "a=end-of-candidates", "a=ice-ufrag:"].iter().any(|what| says(what));
        let is_whole = says("a=ice-ufrag:") == says("a=ice-pwd:");
        if !lines().all(is_line) || !is_about_ice || !is_whole || !lines().all(is_sound_candidate) {
            return Err(Fault::Malformed);
        }
        let mut ufrags = lines().filter_map(|line| line.strip_prefix("a=ice-ufrag:"));
        let Some(ufrag) = ufrags.next() else { return Ok(Fragment { ufrag: None }) };
        if !is_name(ufrag) || ufrags.any(|other| other != ufrag) {
            return Err(Fault::Malformed);
        }
        Ok(Fragment { ufrag: Some(ufrag.to_owned()) })
    }
}

/// Whether a line is a candidate of the right form (RFC 8839 §5.1), or no candidate at all.
fn is_sound_candidate(line: &str) -> bool {
    let Some(candidate) = line.strip_prefix("a=candidate:") else { return true };
    let words: Vec<&str> = candidate.split(' ').collect();
    let is_number = |at: usize| words.get(at).is_some_and(|word| word.parse::<u32>().is_ok());
    words.len() >= 8 && is_number(1) && is_number(3) && is_number(5) && words[6] == "typ"
}

/// 4 to 256 ICE characters, and two that some clients use.
fn is_name(text: &str) -> bool {
    let is_ice = |b: u8| b.is_ascii_alphanumeric() || b"+/-_".contains(&b);
    (4..=256).contains(&text.len()) && text.bytes().all(is_ice)
}

/// The ICE name of a whole offer; the media plane looks at it more closely.
pub fn ufrag(offer: &str) -> Option<&str> {
    let ufrag = offer.lines().find_map(|line| line.trim_end().strip_prefix("a=ice-ufrag:"))?;
    is_name(ufrag).then_some(ufrag)
}

/// Our new name, as the answer to a client that begins ICE anew. Our candidates are those of the first answer.
pub fn write(ufrag: &str, password: &str) -> String {
    format!("a=ice-lite\r\na=ice-options:trickle ice2\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    const CANDIDATE: &str =
        "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n";

    fn read(text: &str) -> Result<Option<String>, &'static str> {
        Fragment::read(text.as_bytes()).map(|fragment| fragment.ufrag).map_err(|fault| fault.code())
    }

    #[test]
    fn candidates_are_heard_with_and_without_the_name_of_their_session() {
        assert_eq!(read(CANDIDATE), Ok(None));
        assert_eq!(read("a=end-of-candidates\r\n"), Ok(None));
        let example = format!(
            "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\n\
             a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n{CANDIDATE}a=end-of-candidates\r\n"
        );
        assert_eq!(read(&example), Ok(Some("EsAw".to_owned())));
    }

    #[test]
    fn what_is_no_fragment_is_refused() {
        let two = "a=ice-ufrag:EsAw\r\na=ice-pwd:x\r\na=ice-ufrag:Other\r\n";
        let short = "a=ice-ufrag:E\r\na=ice-pwd:x\r\n";
        let cut = "a=candidate:1 1 udp\r\n";
        for text in ["", "hello", "a=mid:0\r\n", "a=ice-ufrag:EsAw\r\n", two, short, cut, "a=ice-pwd:x\r\n"] {
            assert_eq!(read(text), Err("malformed"), "{text:?}");
        }
        assert_eq!(Fragment::read(&[0xff; 8]).unwrap_err().code(), "malformed");
        assert_eq!(read(&CANDIDATE.repeat(1_000)), Err("too-large"));
    }

    #[test]
    fn our_own_fragment_is_one() {
        let ours = write("Name1234", "secretsecretsecretsecret");
        assert_eq!(read(&ours), Ok(Some("Name1234".to_owned())));
    }
}
