//! The outbox: every datagram that leaves in one turn, back to back in one buffer that is used again each turn.
//!
//! Datagrams to one peer stand side by side, so the driver can hand equal ones to the kernel as one send.

use std::net::{IpAddr, SocketAddr};

/// An outbox with more than this is worth a send: as many datagrams as the kernel takes in two calls, and few enough
/// bytes to stay in the processor's cache until it has taken them.
const FULL_BYTES: usize = 64 * 1024;
const FULL_DATAGRAMS: usize = 64;

/// On what a datagram travels between a client and its media thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// A datagram of its own.
    Udp,
    /// A frame of a TCP connection (RFC 4571), by the connection's number.
    Stream(u32),
    /// Inside of an allocation of our own relay, aimed at one of our addresses.
    Relay {
        /// The allocation's number.
        allocation: u32,
        /// Place among the addresses that the relay leads to.
        entrance: u8,
    },
}

/// Where a client is, and on what it is reached there. The same address over UDP and over TCP are two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// The client's address; of a relayed one that which the relay gave it.
    pub address: SocketAddr,
    /// On what.
    pub via: Via,
}

impl End {
    /// An end that is reached by UDP.
    #[must_use]
    pub fn udp(address: SocketAddr) -> End {
        End { address, via: Via::Udp }
    }
}

/// Between which ends a datagram travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// The peer's end.
    pub remote: End,
    /// Our address that the peer used; `None` when the socket can't tell.
    pub local: Option<IpAddr>,
}

impl Path {
    /// A path of UDP datagrams.
    #[must_use]
    pub fn udp(remote: SocketAddr, local: Option<IpAddr>) -> Path {
        Path { remote: End::udp(remote), local }
    }
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
    /// How many of them do not go as datagrams of their own.
    wrapped: usize,
}

impl Outbox {
    /// Appends a datagram that exists already.
    pub fn push(&mut self, path: Path, datagram: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(datagram);
        self.place(Place { path, start, end: self.bytes.len() });
    }

    fn place(&mut self, place: Place) {
        self.wrapped += usize::from(place.path.remote.via != Via::Udp);
        self.places.push(place);
    }

    /// Whether anything in it goes on a stream or through the relay.
    #[must_use]
    pub fn has_wrapped(&self) -> bool {
        self.wrapped > 0
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
        self.place(Place { path, start, end });
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
        self.wrapped = 0;
    }
}
