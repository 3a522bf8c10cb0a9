//! The outbox: every datagram that leaves in one turn, back to back in one buffer that is used again each turn.
//!
//! Datagrams to one peer stand side by side, so the driver can hand equal ones to the kernel as one send.

use std::net::{IpAddr, SocketAddr};

/// An outbox with more than this is worth a send: as many datagrams as the kernel takes in two calls, and few enough
/// bytes to stay in the processor's cache until it has taken them.
const FULL_BYTES: usize = 64 * 1024;
const FULL_DATAGRAMS: usize = 64;

/// Between which addresses a datagram travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The peer's address.
    pub remote: SocketAddr,
    /// Our address that the peer used; `None` when the socket can't tell.
    pub local: Option<IpAddr>,
}

/// The place of one datagram in the buffer.
#[derive(Clone, Copy, Debug)]
struct Place {
    path: Path,
    start: usize,
    end: usize,
}

/// Datagrams that wait for the driver.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

impl Outbox {
    /// Appends a datagram that exists already.
    pub fn push(&mut self, path: Path, datagram: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(datagram);
        self.places.push(Place { path, start, end: self.bytes.len() });
    }

    /// Appends a datagram that `write` composes at the end of the buffer (it is told where that is).
    /// When `write` refuses, nothing is appended. Returns the datagram's length.
    pub fn compose(
        &mut self,
        path: Path,
        write: impl FnOnce(&mut Vec<u8>, usize) -> Option<()>,
    ) -> Option<usize> {
        let start = self.bytes.len();
        if write(&mut self.bytes, start).is_none() {
            self.bytes.truncate(start);
            return None;
        }
        let end = self.bytes.len();
        self.places.push(Place { path, start, end });
        Some(end - start)
    }

    /// How many datagrams wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether it ought to be sent before more is put in.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.places.len() >= FULL_DATAGRAMS || self.bytes.len() >= FULL_BYTES
    }

    /// The datagram at `index`, in the order of appending.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(Path, &[u8])> {
        self.places.get(index).map(|place| (place.path, &self.bytes[place.start..place.end]))
    }

    /// The bytes of `count` datagrams from `index` on, which stand back to back.
    #[must_use]
    pub fn run(&self, index: usize, count: usize) -> &[u8] {
        match (self.places.get(index), self.places.get(index + count.max(1) - 1)) {
            (Some(first), Some(last)) => &self.bytes[first.start..last.end],
            _ => &[],
        }
    }

    /// All datagrams, in the order of appending.
    pub fn iter(&self) -> impl Iterator<Item = (Path, &[u8])> {
        self.places.iter().map(|place| (place.path, &self.bytes[place.start..place.end]))
    }

    /// Throws away what a composition left behind that did not end.
    pub fn repair(&mut self) {
        self.bytes.truncate(self.places.last().map_or(0, |place| place.end));
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }
}
