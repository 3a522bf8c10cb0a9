//! What comes on TCP connections and through the relay, and whose it is.
//!
//! A connection lives on the thread of its peer: the first check on it says which, and it moves there with all that
//! belongs to it. From then on no packet of it crosses between threads.

use super::exchange::Guest;
use super::stream::{Health, Stream, Trust};
use super::worker::Worker;
use crate::core::framing::Framing;
use crate::core::ice::Mark;
use crate::core::now::Now;
use crate::core::outbox::{End, Path, Via};
use crate::core::plane::Fate;
use crate::core::relay::{CHANNEL_DATA, Outcome};
use crate::terms::Caller;

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// Here, and it has been taken.
    Here(Fate),
    /// To another thread, with everything around it.
    There(usize),
}

/// Whether a datagram at the UDP socket is one for the relay: ChannelData, or STUN that is neither a check nor the
/// answer to one. A Binding request of which nothing is said is no check.
pub(super) fn is_for_relay(datagram: &[u8]) -> bool {
    match datagram {
        [0, 1, 0, 0, ..] => true,
        [0 | 1, 1, ..] => false,
        [first, ..] => *first < 4 || CHANNEL_DATA.contains(first),
        [] => false,
    }
}

impl Worker {
    /// A connection that the server accepted.
    pub(super) fn adopt(&mut self, now: Now, caller: Caller) {
        self.last_stream = self.last_stream.wrapping_add(1) & (u32::MAX >> 6);
        let id = self.last_stream << 6 | self.exchange.me() as u32;
        let Ok(mut stream) = Stream::new(id, caller, now) else { return };
        stream.read_left_over();
        self.ways.streams.keep(Box::new(stream));
        self.serve_stream(now, id);
    }

    /// Connections and clients of the relay that other threads sent here.
    pub(super) fn take_in(&mut self, now: Now) {
        while let Some(Guest { stream, allocation, datagram }) = self.exchange.take_in() {
            if let (Some(allocation), Some(relay)) = (allocation, &mut self.ways.relay) {
                let client = allocation.client();
                relay.take(allocation);
                if client.via == Via::Udp {
                    self.plane.claims.push(crate::core::plane::Claim::Taken(client.address));
                }
            }
            if let Some(stream) = stream {
                let id = stream.id();
                self.ways.streams.keep(stream);
                self.serve_stream(now, id);
            }
            if let Some((path, datagram)) = datagram {
                self.hear_relay(now, path, &datagram);
            }
        }
    }

    /// Takes what has come on connections, sends what waits for room, and closes those that are over.
    pub(super) fn serve_streams(&mut self, now: Now) {
        for id in self.ways.streams.ready() {
            let health = self.ways.streams.get(id).map(|stream| stream.read(now));
            self.serve_stream(now, id);
            let flushed = self.ways.streams.flush_one(id);
            if health == Some(Health::Over) || flushed == Health::Over {
                self.close_stream(id);
            }
        }
        let broken = std::mem::take(&mut self.ways.broken);
        broken.into_iter().chain(self.ways.streams.sweep(now)).for_each(|id| self.close_stream(id));
        if let Some(relay) = &mut self.ways.relay
            && now.us >= self.expire_us
        {
            self.expire_us = now.us + EXPIRE_US;
            relay.expire(now);
        }
    }

    /// Takes the messages that a connection holds.
    fn serve_stream(&mut self, now: Now, id: u32) {
        let mut message = std::mem::take(&mut self.message);
        while let Some(stream) = self.ways.streams.get(id) {
            let next = match stream.next(&mut message) {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(_) => {
                    self.close_stream(id);
                    break;
                }
            };
            let (path, framing) = (stream.path(), stream.framing());
            let home = match framing {
                Some(Framing::Relay) => self.hear_client(now, path, &message),
                _ => self.hear_datagram(now, path, &message),
            };
            match home {
                Home::Here(fate) => {
                    if let Some(stream) = self.ways.streams.get(id) {
                        stream.advance(next);
                        if fate == Fate::Taken {
                            stream.trusted = Trust::Earned;
                        }
                    }
                }
                Home::There(owner) => {
                    self.send_home(owner, id);
                    break;
                }
            }
        }
        self.message = message;
    }

    /// The message that says where it belongs is still in the connection's inbox and is read there again.
    fn send_home(&mut self, owner: usize, id: u32) {
        let Some(stream) = self.ways.streams.take(id) else { return };
        let allocation = self.ways.relay.as_mut().and_then(|relay| relay.give(stream.end()));
        // Where too many wait, the connection closes; its client makes another.
        let _ = self.exchange.send_home(owner, Guest { stream: Some(stream), allocation, datagram: None });
    }

    /// A datagram in a frame of a connection.
    fn hear_datagram(&mut self, now: Now, path: Path, datagram: &[u8]) -> Home {
        match self.elsewhere(datagram) {
            Some(owner) => Home::There(owner),
            None => Home::Here(self.plane.receive(now, path, datagram)),
        }
    }

    /// The other thread that a check names.
    fn elsewhere(&self, datagram: &[u8]) -> Option<usize> {
        Mark::of_request(datagram).map(Mark::index).filter(|owner| self.exchange.is_other(*owner))
    }

    /// A message of a client of the relay.
    fn hear_client(&mut self, now: Now, path: Path, message: &[u8]) -> Home {
        let client = path.remote;
        let Some(relay) = &mut self.ways.relay else { return Home::Here(Fate::Dropped) };
        let outcome = relay.receive(now, client, message, self.plane.crypto());
        let fate = if relay.knows(client) { Fate::Taken } else { Fate::Dropped };
        match outcome {
            Outcome::Nothing => {}
            Outcome::Reply(reply) => self.ways.reply(path, &reply),
            Outcome::Inside(inner, datagram) => match self.elsewhere(&datagram) {
                Some(owner) => return Home::There(owner),
                None => {
                    self.plane.receive(now, inner, &datagram);
                }
            },
        }
        Home::Here(fate)
    }

    /// A message for the relay at the UDP socket.
    pub(super) fn hear_relay(&mut self, now: Now, path: Path, message: &[u8]) {
        let client = End::udp(path.remote.address);
        if let Home::There(owner) = self.hear_client(now, path, message) {
            let allocation = self.ways.relay.as_mut().and_then(|relay| relay.give(client));
            self.exchange.see_off(now, client.address, owner);
            let datagram = Some((path, message.to_vec()));
            let _ = self.exchange.send_home(owner, Guest { stream: None, allocation, datagram });
        }
    }

    fn close_stream(&mut self, id: u32) {
        let Some(stream) = self.ways.streams.close(id) else { return };
        self.plane.end_lost(stream.end());
        if let Some(relay) = &mut self.ways.relay {
            relay.forget(stream.end());
        }
    }
}

/// Between two looks for allocations that were not refreshed.
const EXPIRE_US: u64 = 5_000_000;
