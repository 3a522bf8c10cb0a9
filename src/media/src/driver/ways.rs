//! The ways out of one media thread: the UDP socket, the TCP connections, and the relay around either.

use super::streams::Streams;
use super::wire::Wire;
use crate::core::now::Now;
use crate::core::outbox::{Outbox, Path, Via};
use crate::core::relay::Relay;

/// Everything on which a datagram leaves or comes.
pub(super) struct Ways {
    pub(super) wire: Wire,
    pub(super) streams: Streams,
    pub(super) relay: Option<Relay>,
    /// What goes to clients of the relay by UDP.
    relayed: Outbox,
    /// Connections that broke while something was sent.
    pub(super) broken: Vec<u32>,
}

impl Ways {
    pub(super) fn new(wire: Wire, streams: Streams, relay: Option<Relay>) -> Ways {
        Ways { wire, streams, relay, relayed: Outbox::default(), broken: Vec::new() }
    }

    /// Sends everything, each datagram on the way of its path, and empties the outbox.
    pub(super) fn send(&mut self, now: Now, outbox: &mut Outbox) {
        if outbox.has_wrapped() {
            for (path, datagram) in outbox.iter() {
                self.put(now, path, datagram);
            }
        }
        self.wire.send(outbox);
        self.flush();
    }

    /// Sends what was put in line for connections and clients of the relay.
    pub(super) fn flush(&mut self) {
        self.wire.send(&mut self.relayed);
        self.broken.extend(self.streams.flush());
    }

    fn put(&mut self, now: Now, path: Path, datagram: &[u8]) {
        match path.remote.via {
            Via::Udp => {}
            Via::Stream(id) => self.streams.put(id, datagram),
            Via::Relay { .. } => {
                let relay = self.relay.as_ref();
                if let Some((client, bytes)) = relay.and_then(|relay| relay.wrap(now, path, datagram)) {
                    self.reply(Path { remote: client, local: None }, &bytes);
                }
            }
        }
    }

    /// Puts a message in line for a client of the relay.
    pub(super) fn reply(&mut self, path: Path, message: &[u8]) {
        match path.remote.via {
            Via::Stream(id) => self.streams.put(id, message),
            Via::Udp => self.relayed.push(path, message),
            Via::Relay { .. } => {}
        }
    }
}
