//! What is a recording and what is not, by bytes as browsers write them and by bytes of chance.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::*;
use proptest::prelude::*;

/// An element with one byte of length.
fn el(id: &[u8], payload: &[u8]) -> Vec<u8> {
    let size = u8::try_from(payload.len()).unwrap() | 0x80;
    [id, &[size], payload].concat()
}

/// A WebM of a live recorder: these track types, and a frame at each of these times.
fn live(tracks: &[u8], times: &[(u16, i16)]) -> Vec<u8> {
    let unknown = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    let mut bytes = el(&[0x1A, 0x45, 0xDF, 0xA3], &el(&[0x42, 0x82], b"webm"));
    bytes.extend([&[0x18, 0x53, 0x80, 0x67][..], &unknown].concat());
    let entries: Vec<u8> = tracks.iter().flat_map(|kind| el(&[0xAE], &el(&[0x83], &[*kind]))).collect();
    bytes.extend(el(&[0x16, 0x54, 0xAE, 0x6B], &entries));
    for (cluster, frame) in times {
        bytes.extend([&[0x1F, 0x43, 0xB6, 0x75][..], &unknown].concat());
        bytes.extend(el(&[0xE7], &cluster.to_be_bytes()));
        let [high, low] = frame.to_be_bytes();
        bytes.extend(el(&[0xA3], &[0x81, high, low, 0x80, 7, 7]));
    }
    bytes
}

fn page(granule: u64, body: &[u8]) -> Vec<u8> {
    let mut head = b"OggS\0\0".to_vec();
    head.extend(granule.to_le_bytes());
    head.extend([0; 12]);
    head.extend([1, u8::try_from(body.len()).unwrap()]);
    [head, body.to_vec()].concat()
}

fn boxes(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    [&u32::try_from(payload.len() + 8).unwrap().to_be_bytes()[..], name, payload].concat()
}

fn track(id: u32, handler: &[u8; 4]) -> Vec<u8> {
    let tkhd = boxes(b"tkhd", &[&[0; 12][..], &id.to_be_bytes()].concat());
    let mdhd = boxes(b"mdhd", &[&[0; 12][..], &1_000u32.to_be_bytes(), &[0; 4]].concat());
    let hdlr = boxes(b"hdlr", &[&[0; 8][..], handler].concat());
    boxes(b"trak", &[tkhd, boxes(b"mdia", &[mdhd, hdlr].concat())].concat())
}

/// An MP4 in fragments, the last of which begins then.
fn fragments(tracks: &[u8], last_ms: u32) -> Vec<u8> {
    let tfhd = boxes(b"tfhd", &[&[0; 4][..], &1u32.to_be_bytes()].concat());
    let tfdt = boxes(b"tfdt", &[&[0; 4][..], &last_ms.to_be_bytes()].concat());
    let moof = boxes(b"moof", &boxes(b"traf", &[tfhd, tfdt].concat()));
    [boxes(b"ftyp", b"isom"), boxes(b"moov", tracks), moof, boxes(b"mdat", b"frames")].concat()
}

#[test]
fn a_recording_says_by_its_content_whether_it_has_a_picture_and_how_long_it_is() {
    let both = recorded(&live(&[2, 1], &[(0, 0), (20_000, 33), (40_000, -5)])).unwrap();
    assert_eq!((both.mime, both.kind, both.length_ms), ("video/webm", RecordedKind::Picture, 39_995));
    let sound = recorded(&live(&[2], &[(0, 500)])).unwrap();
    assert_eq!((sound.mime, sound.kind, sound.length_ms), ("audio/webm", RecordedKind::Sound, 500));
    let ogg = recorded(&[page(0, b"OpusHead"), page(u64::MAX, b"x"), page(480_000, b"y")].concat()).unwrap();
    assert_eq!((ogg.mime, ogg.kind, ogg.length_ms), ("audio/ogg", RecordedKind::Sound, 10_000));
    let safari = recorded(&fragments(&[track(1, b"soun"), track(2, b"vide")].concat(), 12_000)).unwrap();
    assert_eq!((safari.mime, safari.kind, safari.length_ms), ("video/mp4", RecordedKind::Picture, 12_000));
}

#[test]
fn what_has_no_sound_no_frame_or_another_kind_is_no_recording() {
    let matroska =
        live(&[2], &[(0, 1)]).iter().map(|byte| if *byte == b'w' { b'x' } else { *byte }).collect();
    let none = [
        live(&[1], &[(0, 100)]),
        live(&[2], &[]),
        matroska,
        page(0, b"OpusHead"),
        fragments(&track(1, b"vide"), 5),
        boxes(b"ftyp", b"M4A "),
        b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(),
        b"<html>".to_vec(),
        b"#!/bin/sh".to_vec(),
        Vec::new(),
    ];
    for (n, bytes) in none.iter().enumerate() {
        assert_eq!(recorded(bytes), None, "{n}");
    }
}

#[test]
fn a_recording_that_was_cut_off_is_as_long_as_what_came() {
    let whole = live(&[2, 1], &[(0, 0), (20_000, 33), (40_000, 5)]);
    let cut = recorded(&whole[..whole.len() - 27]).unwrap();
    assert_eq!(cut.length_ms, 20_033);
}

proptest! {
    #[test]
    fn bytes_of_chance_are_read_to_their_end(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        at in 0..200usize,
        by in any::<u8>(),
    ) {
        let _ = recorded(&bytes);
        for mut whole in [
            live(&[2, 1], &[(0, 0), (20_000, 33)]),
            [page(0, b"OpusHead"), page(480_000, b"y")].concat(),
            fragments(&track(1, b"soun"), 12_000),
        ] {
            let at = at % whole.len();
            whole[at] = by;
            let _ = recorded(&whole);
            let _ = recorded(&whole[..at]);
        }
    }
}
