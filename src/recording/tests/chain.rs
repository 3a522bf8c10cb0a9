//! A recording as it stands on the disk: whole when it ended well, whole up to the last moment when it did not, and
//! never changed without being found out. Real threads and files, in a folder of the test's own.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use recording::verify::left_behind;
use recording::{
    Codec, End, Facts, Given, Note, Packet, Recorder, Report, Title, Verdict, Wish, start, verify,
};

const BEGIN_US: u64 = 1_795_000_000_000_000;

fn title(text: &str) -> Title {
    Title { hi: text.to_owned(), en: text.to_owned() }
}

fn begin(folder: &Path) -> (Recorder, Receiver<Report>) {
    let (tell, told) = channel();
    let facts = Facts {
        recording: "r1".to_owned(),
        meeting: "m1".to_owned(),
        post: "health".to_owned(),
        title: title("सचिव, स्वास्थ्य"),
        reason: "सुनवाई का \"अभिलेख\",\"hash\":\"".to_owned(),
    };
    let wish = Wish {
        folder: folder.to_owned(),
        facts,
        // A clock that is asked often and moves a little each time, so that many lines are written.
        clock: Box::new({
            let asked = std::sync::atomic::AtomicI64::new(1_795_000_000_000);
            move || {
                let ms = asked.fetch_add(50, std::sync::atomic::Ordering::Relaxed);
                Timestamp::from_millisecond(ms).unwrap()
            }
        }),
        report: Box::new(move |report| drop(tell.send(report))),
    };
    (start(wish).unwrap(), told)
}

fn packet(source: u64, codec: Codec, number: u64) -> Packet {
    let payload: &[u8] = match codec {
        Codec::Opus => &[0xf8, 0xff, 0xfe],
        _ if number.is_multiple_of(30) => &[0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9],
        _ => &[0x10, 0x01, 0, 0, 9],
    };
    let ticks = if codec == Codec::Opus { 960 } else { 1_800 };
    Packet {
        source,
        track: usize::from(codec != Codec::Opus),
        codec,
        stream: 1,
        number,
        timestamp: (number * ticks) as u32,
        is_marked: true,
        is_key_start: codec != Codec::Opus && number.is_multiple_of(30),
        came_us: BEGIN_US + number * 20_000,
        clock: None,
        payload: Bytes::copy_from_slice(payload),
    }
}

/// A recording of two seconds of one participant, and of somebody who did not agree; its folder.
fn recorded(folder: &Path) -> PathBuf {
    let (recorder, told) = begin(folder);
    assert!(matches!(told.recv().unwrap(), Report::Begun { .. }));
    let (participant, role) = ("p1".to_owned(), "officer".to_owned());
    recorder.note(Note::Joined { source: 1, participant, role, title: title("Secretary") });
    recorder.note(Note::Answered { participant: "p2".to_owned(), agrees: false });
    let feed = recorder.feed();
    for number in 0..100 {
        for (source, codec) in [(1, Codec::Opus), (1, Codec::Vp8), (2, Codec::Opus), (2, Codec::Vp8)] {
            assert_eq!(feed.give(packet(source, codec, number)), Given::Taken);
        }
    }
    recorder.note(Note::End(End::SwitchedOff));
    recorder.join();
    let ended = told.iter().last().unwrap();
    assert!(matches!(ended, Report::Ended { why: End::SwitchedOff, .. }));
    only_folder(folder)
}

fn only_folder(folder: &Path) -> PathBuf {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|found| found.unwrap().path()).collect();
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|found| found.unwrap().path()).collect();
    all.sort();
    all
}

fn judged(folder: &Path) -> Verdict {
    verify(folder).unwrap()
}

#[test]
fn a_recording_that_ended_well_is_whole_and_holds_nothing_of_who_did_not_agree() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = recorded(scratch.path());
    let verdict = judged(&folder);
    assert!(verdict.is_unchanged() && verdict.is_closed(), "{:?}", verdict.faults);
    assert_eq!(verdict.torn(), 0);
    let names: Vec<&str> = verdict.tracks.iter().map(|track| track.file.as_str()).collect();
    assert_eq!(names, ["p1-1.ogg", "p1-2.ivf"]);
    assert!(verdict.tracks.iter().all(|track| track.until_us.abs_diff(2_000_000) <= 20_000));
    assert!(verdict.lines > 6, "bytes are covered often, not once: {} lines", verdict.lines);
    assert!(left_behind(scratch.path()).unwrap().is_empty());
}

#[test]
fn the_head_that_was_reported_is_the_hash_of_the_last_line() {
    let scratch = tempfile::tempdir().unwrap();
    let (recorder, told) = begin(scratch.path());
    recorder.note(Note::End(End::MeetingEnded));
    recorder.join();
    let reports: Vec<Report> = told.iter().collect();
    let Some(Report::Ended { head, .. }) = reports.last() else { panic!("{reports:?}") };
    assert_eq!(*head, judged(&only_folder(scratch.path())).head);
}

#[test]
fn one_that_was_never_ended_is_found_afterwards_but_not_while_it_runs() {
    let scratch = tempfile::tempdir().unwrap();
    let (recorder, told) = begin(scratch.path());
    told.recv().unwrap();
    assert!(left_behind(scratch.path()).unwrap().is_empty(), "it still runs");
    recorder.note(Note::End(End::SwitchedOff));
    recorder.join();
    let folder = only_folder(scratch.path());
    let manifest = folder.join("manifest.jsonl");
    let text = fs::read(&manifest).unwrap();
    fs::write(&manifest, &text[..text.len() - 20]).unwrap();
    assert_eq!(left_behind(scratch.path()).unwrap(), std::slice::from_ref(&folder));
    let verdict = judged(&folder);
    assert!(verdict.is_unchanged() && verdict.end.is_none() && verdict.torn_line > 0);
}

#[test]
fn what_finds_no_room_ends_the_recording_and_nobody_waits() {
    let scratch = tempfile::tempdir().unwrap();
    let (tell, told) = channel();
    let (hold, held) = channel::<()>();
    let facts = Facts {
        recording: "r1".to_owned(),
        meeting: "m1".to_owned(),
        post: "health".to_owned(),
        title: title("t"),
        reason: "r".to_owned(),
    };
    let report = move |report: Report| {
        let is_begun = matches!(report, Report::Begun { .. });
        tell.send(report).unwrap();
        // As a disk that does not answer: the thread stands still until the test lets it go on.
        if is_begun {
            let _ = held.recv();
        }
    };
    let clock = || Timestamp::from_millisecond(1_795_000_000_000).unwrap();
    let wish =
        Wish { folder: scratch.path().to_owned(), facts, clock: Box::new(clock), report: Box::new(report) };
    let recorder = start(wish).unwrap();
    let feed = recorder.feed();
    let given = (0..100_000).take_while(|number| feed.give(packet(1, Codec::Opus, *number)) == Given::Taken);
    assert!(given.count() < 100_000, "the queue has a bound");
    drop(hold);
    recorder.join();
    let last = told.iter().last().unwrap();
    assert!(matches!(last, Report::Ended { why: End::DiskSlow, .. }), "{last:?}");
    assert!(judged(&only_folder(scratch.path())).is_unchanged());
}

#[test]
fn every_byte_of_the_manifest_is_watched() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = recorded(scratch.path());
    let manifest = folder.join("manifest.jsonl");
    let text = fs::read(&manifest).unwrap();
    for at in 0..text.len() {
        for flip in [1u8, 0x20, text[at] ^ b'\n'] {
            let mut changed = text.clone();
            changed[at] ^= flip;
            if changed == text {
                continue;
            }
            fs::write(&manifest, &changed).unwrap();
            let is_found = verify(&folder).map_or(true, |verdict| !verdict.is_unchanged());
            assert!(is_found, "byte {at} of {}", text.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_is_found_wherever_it_is(file in 0usize..3, at in any::<proptest::sample::Index>(), flip in 1u8..) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = recorded(scratch.path());
        let path = &files(&folder)[file];
        let mut bytes = fs::read(path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        fs::write(path, bytes).unwrap();
        let is_found = verify(&folder).map_or(true, |verdict| !verdict.is_unchanged());
        prop_assert!(is_found, "{} byte {at}", path.display());
    }

    #[test]
    fn whatever_is_cut_off_is_said_and_the_rest_is_whole(file in 0usize..3, at in any::<proptest::sample::Index>()) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = recorded(scratch.path());
        let path = &files(&folder)[file];
        let bytes = fs::read(path).unwrap();
        let keep = at.index(bytes.len());
        fs::write(path, &bytes[..keep]).unwrap();
        match verify(&folder) {
            // Not even the first line is left.
            Err(_) => prop_assert!(path.ends_with("manifest.jsonl")),
            Ok(verdict) if path.ends_with("manifest.jsonl") => {
                prop_assert!(verdict.is_unchanged() && verdict.end.is_none());
                let line = bytes[..keep].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
                prop_assert_eq!(verdict.torn_line, (keep - line) as u64);
            }
            Ok(verdict) => {
                prop_assert!(!verdict.is_unchanged(), "bytes that were promised are missing");
                let name = path.file_name().unwrap().to_string_lossy();
                let track = verdict.tracks.iter().find(|track| track.file == name).unwrap();
                prop_assert!(track.whole <= keep as u64);
                let others = verdict.tracks.iter().filter(|track| track.file != name);
                for other in others {
                    prop_assert_eq!(other.whole, fs::metadata(folder.join(&other.file)).unwrap().len());
                }
            }
        }
    }
}
