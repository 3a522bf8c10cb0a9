//! Small files that people hand in: which kinds there are, and how their content says what it is.
//!
//! Never trusts a name or a header: the first bytes decide.

use serde::{Deserialize, Serialize};

use crate::office::coded;
use crate::recorded::recorded;

coded! {
    /// What a file is for.
    FileKind {
        /// What an officer said about an outcome: sound alone.
        Voice = "voice",
        /// A page of a paper that was shown and given.
        Page = "page",
        /// A word that was left to a post.
        Word = "word",
    }
}

/// The marker with which Matroska and WebM begin. Source: RFC 8794 §11.2.
const EBML: [u8; 4] = [0x1A, 0x45, 0xDF, 0xA3];
/// Start of image and the marker of the next segment. Source: ITU-T T.81, B.1.1.3 and B.2.1.
const JPEG: [u8; 3] = [0xFF, 0xD8, 0xFF];
/// WebM names itself within so many bytes.
const EBML_HEAD: usize = 64;

/// The media type of these bytes, if they are of that kind.
///
/// Page: JPEG, as a canvas makes it. Voice: WebM (Chromium, Firefox), Ogg with Opus (Firefox), MP4 (Safari), as `MediaRecorder` makes them.
/// Word: see [`recorded`].
#[must_use]
pub fn media_type(kind: FileKind, bytes: &[u8]) -> Option<&'static str> {
    match kind {
        FileKind::Voice if is_webm(bytes) => Some("audio/webm"),
        FileKind::Voice if is_ogg_opus(bytes) => Some("audio/ogg"),
        FileKind::Voice if is_mp4(bytes) => Some("audio/mp4"),
        FileKind::Page if bytes.starts_with(&JPEG) => Some("image/jpeg"),
        FileKind::Word => recorded(bytes).map(|word| word.mime),
        FileKind::Voice | FileKind::Page => None,
    }
}

fn is_webm(bytes: &[u8]) -> bool {
    bytes.starts_with(&EBML)
        && bytes.iter().take(EBML_HEAD).copied().collect::<Vec<_>>().windows(4).any(|w| w == b"webm")
}

fn is_ogg_opus(bytes: &[u8]) -> bool {
    bytes.starts_with(b"OggS") && bytes.get(28..36) == Some(b"OpusHead".as_slice())
}

fn is_mp4(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp".as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_what_it_is_and_a_name_nothing() {
        let webm =
            [&EBML[..], b"\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"].concat();
        let ogg = [b"OggS".as_slice(), &[0; 24], b"OpusHead"].concat();
        let mp4 = b"\0\0\0\x18ftypM4A ".to_vec();
        let matroska = [&EBML[..], b"B\x82\x88matroska"].concat();
        let of = |bytes: &[u8]| media_type(FileKind::Voice, bytes);
        assert_eq!(of(&webm), Some("audio/webm"));
        assert_eq!(of(&ogg), Some("audio/ogg"));
        assert_eq!(of(&mp4), Some("audio/mp4"));
        for other in [&matroska[..], b"", b"<html>", b"\xFF\xD8\xFF\xE0JFIF", b"OggS", &EBML[..]] {
            assert_eq!(of(other), None, "{other:?}");
        }
        assert_eq!(media_type(FileKind::Page, b"\xFF\xD8\xFF\xE0JFIF"), Some("image/jpeg"));
        assert_eq!(media_type(FileKind::Page, b"<svg onload>"), None);
    }
}
