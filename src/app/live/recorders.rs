//! The recorders of this server: the threads that the floor's outputs begin, feed and end.
//!
//! Never waits for one, but at the end of the server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::id::RecordingId;
use media::{Copied, Tap, Wanted};
use recording::{Clock as SenderClock, Codec, End, Facts, Feed, Given, Note, Packet, Recorder, Report, Wish};

use crate::clock::Clock;

/// Tells the floor what became of a recording; called on the recorder's thread.
pub(super) type Tell = Box<dyn Fn(Report) + Send>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Recorders {
    folder: Option<PathBuf>,
    running: BTreeMap<RecordingId, Recorder>,
}

impl Recorders {
    /// None runs.
    ///
    /// * `folder`: where recordings lie; without one none can be begun.
    pub(super) fn new(folder: Option<PathBuf>) -> Recorders {
        Recorders { folder, running: BTreeMap::new() }
    }

    /// Begins one.
    ///
    /// * returns: whether it runs.
    pub(super) fn begin(&mut self, id: RecordingId, facts: Facts, (clock, tell): (Clock, Tell)) -> bool {
        let Some(folder) = self.folder.clone() else { return false };
        let wish = Wish { folder, facts, clock: Box::new(move || clock.now()), report: tell };
        match recording::start(wish) {
            Ok(recorder) => {
                self.running.insert(id, recorder);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the system gives no thread for a recording");
                false
            }
        }
    }

    /// Says something to one; one that is over hears nothing.
    pub(super) fn note(&self, id: &RecordingId, note: Note) {
        if let Some(recorder) = self.running.get(id) {
            recorder.note(note);
        }
    }

    /// The way of a peer's packets into a recording that runs.
    pub(super) fn tap(&self, id: &RecordingId) -> Option<Tap> {
        self.running.get(id).map(|recorder| tap(recorder.feed()))
    }

    /// One has said that it is over.
    pub(super) fn ended(&mut self, id: &RecordingId) {
        self.running.remove(id);
    }

    /// All that still run, to be waited for.
    pub(super) fn take(&mut self) -> Vec<Recorder> {
        std::mem::take(&mut self.running).into_values().collect()
    }
}

/// The report of a recording that could not be begun.
pub(super) fn not_begun() -> Report {
    Report::Ended { head: String::new(), why: End::DiskFailed }
}

fn tap(feed: Feed) -> Tap {
    Tap(Box::new(move |copied| match packet(copied).map(|packet| feed.give(packet)) {
        Some(Given::Refused) => Wanted::NoMore,
        Some(Given::Taken) | None => Wanted::More,
    }))
}

/// A copy of the media plane as the recorder takes it; none of a codec that is no recorder's.
fn packet(copied: Copied) -> Option<Packet> {
    let codec = match copied.codec {
        media::Codec::Opus => Codec::Opus,
        media::Codec::Vp8 => Codec::Vp8,
        media::Codec::Vp9 => Codec::Vp9,
        media::Codec::H264 => Codec::H264,
        media::Codec::Av1 => Codec::Av1,
        media::Codec::Red => return None,
    };
    let clock = copied.clock.map(|clock| SenderClock { at_us: clock.at_us, timestamp: clock.timestamp });
    Some(Packet {
        source: copied.peer.0,
        track: copied.track,
        codec,
        stream: copied.stream,
        number: copied.number,
        timestamp: copied.timestamp,
        is_marked: copied.is_marked,
        is_key_start: copied.is_key_start,
        came_us: copied.came_us,
        clock,
        payload: copied.payload,
    })
}
