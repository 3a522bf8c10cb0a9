//! All TCP connections of one media thread, and which of them have something to say or room for more.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::stream::{Health, Stream, Trust};
use crate::core::limits::{STREAM_SILENCE_US_MAX, STREAM_TRUST_US_MAX, STREAMS_MAX};
use crate::core::now::Now;

/// Connections that are looked at in one turn; the others have theirs in the next.
const READY_PER_TURN: usize = 64;
/// Between two looks for those that must be closed.
const SWEEP_US: u64 = 1_000_000;

/// The connections.
pub(super) struct Streams {
    poll: OwnedFd,
    all: HashMap<u32, Box<Stream>>,
    /// Those into which something was put since the last flush.
    dirty: Vec<u32>,
    sweep_us: u64,
    /// Messages that found no room, of connections that are gone.
    dropped: u64,
}

impl Streams {
    /// None yet.
    pub(super) fn new() -> io::Result<Streams> {
        Ok(Streams {
            poll: epoll::create(CreateFlags::CLOEXEC)?,
            all: HashMap::new(),
            dirty: Vec::new(),
            sweep_us: 0,
            dropped: 0,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Messages that found no room.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped + self.all.values().map(|stream| stream.dropped).sum::<u64>()
    }

    /// What to sleep on.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.poll.as_fd()
    }

    /// When [`Streams::sweep`] wants to be called.
    pub(super) fn deadline(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.sweep_us)
    }

    /// Keeps a connection from now on. One too many is closed.
    pub(super) fn keep(&mut self, stream: Box<Stream>) {
        let data = EventData::new_u64(stream.id().into());
        let is_new = self.all.len() < STREAMS_MAX
            && epoll::add(&self.poll, stream.socket(), data, Streams::wishes(&stream)).is_ok();
        if is_new {
            self.all.insert(stream.id(), stream);
        }
    }

    fn wishes(stream: &Stream) -> EventFlags {
        if stream.is_waiting() { EventFlags::IN | EventFlags::OUT } else { EventFlags::IN }
    }

    /// Takes a connection out, for another thread or to close it.
    pub(super) fn take(&mut self, id: u32) -> Option<Box<Stream>> {
        let stream = self.all.remove(&id)?;
        let _ = epoll::delete(&self.poll, stream.socket());
        Some(stream)
    }

    /// One that is gone.
    pub(super) fn close(&mut self, id: u32) -> Option<Box<Stream>> {
        let stream = self.take(id)?;
        self.dropped += stream.dropped;
        Some(stream)
    }

    pub(super) fn get(&mut self, id: u32) -> Option<&mut Stream> {
        self.all.get_mut(&id).map(|stream| &mut **stream)
    }

    /// Those with something to read or with room again.
    pub(super) fn ready(&self) -> Vec<u32> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut ready: Vec<Event> = Vec::with_capacity(READY_PER_TURN);
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let spare = rustix::buffer::spare_capacity(&mut ready);
        if epoll::wait(&self.poll, spare, Some(&at_once)).is_err() {
            return Vec::new();
        }
        ready.iter().filter_map(|event| u32::try_from(event.data.u64()).ok()).collect()
    }

    /// Puts a message in line for a connection.
    pub(super) fn put(&mut self, id: u32, message: &[u8]) {
        if let Some(stream) = self.all.get_mut(&id) {
            stream.put(message);
            self.dirty.push(id);
        }
    }

    /// Sends what was put in line.
    ///
    /// * returns: connections that broke.
    pub(super) fn flush(&mut self) -> Vec<u32> {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.sort_unstable();
        dirty.dedup();
        dirty.retain(|id| self.flush_one(*id) == Health::Over);
        dirty
    }

    /// Sends what a connection has room for, and remembers to come back if something waits.
    pub(super) fn flush_one(&mut self, id: u32) -> Health {
        let Some(stream) = self.all.get_mut(&id) else { return Health::Open };
        let before = Streams::wishes(stream);
        let health = stream.flush();
        let after = Streams::wishes(stream);
        if before != after || after.contains(EventFlags::OUT) {
            let _ = epoll::modify(&self.poll, stream.socket(), EventData::new_u64(id.into()), after);
        }
        health
    }

    /// Those that have been silent for too long, or have not shown whose they are.
    pub(super) fn sweep(&mut self, now: Now) -> Vec<u32> {
        if self.is_empty() || now.us < self.sweep_us {
            return Vec::new();
        }
        self.sweep_us = now.us + SWEEP_US;
        let is_over = |stream: &Stream| {
            let is_stranger =
                matches!(stream.trusted, Trust::Since(at) if now.us >= at + STREAM_TRUST_US_MAX);
            is_stranger || now.us >= stream.heard_us + STREAM_SILENCE_US_MAX
        };
        self.all.iter().filter(|(_, stream)| is_over(stream)).map(|(id, _)| *id).collect()
    }
}
