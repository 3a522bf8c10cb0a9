//! A thread's UDP socket: reads and writes in batches, and answers from the address that was asked.
//!
//! Where the kernel or the network card can't segment, everything is sent one by one.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::UdpSocket;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::core::outbox::{Outbox, Path};
use crate::terms::Sending;

/// Bytes of the kernel's buffers that we ask for: a keyframe to each of a hundred peers.
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// Bytes of one read: what the kernel may put together from one sender (GRO).
const READ_BYTES: usize = 65_536;
/// Bytes of one segmented write; the kernel's bound is a UDP payload of 65,507.
const WRITE_BYTES_MAX: usize = 60_000;
/// Longest wait for room in a full kernel buffer before what is to be sent is dropped: a network card empties some of
/// it in this time, and no peer notices the pause.
const ROOM_WAIT_NS: i64 = 1_000_000;

/// The socket and its buffers.
pub(super) struct Wire {
    socket: UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    metas: Vec<RecvMeta>,
    sending: Sending,
    /// Datagrams sent.
    pub(super) sent: u64,
    /// Datagrams that the kernel did not take.
    pub(super) refused: u64,
}

impl Wire {
    /// Prepares a bound socket.
    pub(super) fn new(socket: UdpSocket, sending: Sending) -> io::Result<Wire> {
        let state = UdpSocketState::new((&socket).into())?;
        // The kernel gives what its limits allow; less is slower, not wrong.
        let _ = state.set_recv_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        let _ = state.set_send_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        Ok(Wire {
            socket,
            state,
            buffers: vec![0; BATCH_SIZE * READ_BYTES],
            metas: vec![RecvMeta::default(); BATCH_SIZE],
            sending,
            sent: 0,
            refused: 0,
        })
    }

    /// The socket, to sleep on.
    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Reads one batch and hands over each datagram. Returns whether there may be more.
    pub(super) fn receive(&mut self, mut take: impl FnMut(Path, &[u8])) -> bool {
        let mut chunks = self.buffers.chunks_mut(READ_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let Ok(count) = self.state.recv((&self.socket).into(), &mut slices, &mut self.metas) else {
            return false;
        };
        for (slice, meta) in slices.iter().zip(&self.metas).take(count) {
            // Nobody can be answered at port 0, and the try would look like a card that can't segment.
            if meta.addr.port() == 0 {
                continue;
            }
            let path = Path { remote: meta.addr, local: meta.dst_ip };
            let Some(bytes) = slice.get(..meta.len) else { continue };
            for datagram in bytes.chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        count == BATCH_SIZE
    }

    /// Sends everything. Equal datagrams in a row to one peer go to the kernel as one.
    ///
    /// Waits for room in the kernel's buffer, but only as long as waiting helps: after one wait in vain, what finds no
    /// room until the end of this call is dropped at once.
    pub(super) fn send(&mut self, outbox: &mut Outbox) {
        let mut patience = Patience::Left;
        let mut index = 0;
        while let Some((path, first)) = outbox.get(index) {
            let size = first.len();
            let count = self.run_length(outbox, index);
            let mut transmit = Transmit {
                destination: path.remote,
                ecn: None,
                contents: outbox.run(index, count),
                segment_size: (count > 1).then_some(size),
                src_ip: path.local,
            };
            index += count;
            match self.put(&transmit, &mut patience) {
                Ok(()) => self.sent += count as u64,
                // The card can't segment: quinn-udp has noted it for the next time; these go one by one.
                Err(error) if count > 1 && error.kind() != ErrorKind::WouldBlock => {
                    transmit.segment_size = None;
                    for datagram in transmit.contents.chunks(size) {
                        match self.put(&Transmit { contents: datagram, ..transmit.clone() }, &mut patience) {
                            Ok(()) => self.sent += 1,
                            Err(_) => self.refused += 1,
                        }
                    }
                }
                Err(_) => self.refused += count as u64,
            }
        }
        outbox.clear();
    }

    /// How many datagrams from `index` on can go to the kernel as one.
    fn run_length(&self, outbox: &Outbox, index: usize) -> usize {
        let Some((path, first)) = outbox.get(index) else { return 0 };
        let segments_max = match self.sending {
            Sending::Segmented => self.state.max_gso_segments(),
            Sending::Plain => 1,
        };
        let size = first.len();
        let mut count = 1;
        while count < segments_max && (count + 1) * size <= WRITE_BYTES_MAX {
            match outbox.get(index + count) {
                Some((other, next)) if other == path && next.len() == size => count += 1,
                Some((other, next)) if other == path && next.len() < size => {
                    return count + 1; // the last one may be shorter
                }
                _ => break,
            }
        }
        count
    }

    /// One send; when the kernel's buffer is full, once more after a short wait.
    fn put(&self, transmit: &Transmit<'_>, patience: &mut Patience) -> io::Result<()> {
        match self.state.try_send((&self.socket).into(), transmit) {
            Err(error) if error.kind() == ErrorKind::WouldBlock && *patience == Patience::Left => {
                let wait = Timespec { tv_sec: 0, tv_nsec: ROOM_WAIT_NS };
                let room = poll(&mut [PollFd::new(&self.socket, PollFlags::OUT)], Some(&wait));
                if room.is_ok_and(|ready| ready > 0) {
                    return self.state.try_send((&self.socket).into(), transmit);
                }
                *patience = Patience::Gone;
                Err(error)
            }
            result => result,
        }
    }
}

/// Whether it is worth to wait for room once more in this turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    Left,
    Gone,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    /// What a receiver gets of an outbox that is sent in this way.
    fn received(sending: Sending) -> Vec<Vec<u8>> {
        let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut wire = Wire::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), sending).unwrap();
        let path = Path { remote: receiver.local_addr().unwrap(), local: None };
        let mut outbox = Outbox::default();
        let sizes = [1_100, 1_100, 1_100, 300, 40, 1_100, 900, 900, 901, 1, 1_200, 1_200];
        for (at, size) in sizes.iter().enumerate() {
            outbox.push(path, &vec![at as u8; *size]);
        }
        wire.send(&mut outbox);
        assert_eq!((wire.sent, wire.refused, outbox.len()), (sizes.len() as u64, 0, 0));
        let mut bytes = [0u8; 2_048];
        sizes
            .iter()
            .map(|_| receiver.recv(&mut bytes).map(|length| bytes[..length].to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn segmented_and_plain_sends_deliver_the_same_datagrams() {
        let plain = received(Sending::Plain);
        assert_eq!(plain.iter().map(|datagram| datagram[0]).collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
        assert_eq!(received(Sending::Segmented), plain);
    }

    #[test]
    fn a_datagram_that_nobody_can_send_is_counted_and_harms_no_other() {
        let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut wire =
            Wire::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), Sending::Segmented).unwrap();
        let good = Path { remote: receiver.local_addr().unwrap(), local: None };
        let bad = Path { remote: (Ipv4Addr::LOCALHOST, 0).into(), local: None };
        let mut outbox = Outbox::default();
        for path in [good, bad, bad, good] {
            outbox.push(path, &[7; 100]);
        }
        wire.send(&mut outbox);
        assert_eq!((wire.sent, wire.refused), (2, 2));
    }
}
