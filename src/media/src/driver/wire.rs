//! A thread's UDP socket: reads and writes in batches, and answers from the address that was asked.
//!
//! Where the kernel or the network card can't segment, everything is sent as datagrams of their own. A socket that is
//! bound to one address sends those many at a time (sendmmsg); one that is bound to all addresses must say for each
//! datagram from which one it comes, and sends it alone.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::UdpSocket;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};

use crate::core::outbox::{Outbox, Path, Via};
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

/// Datagrams of different peers that go to the kernel in one call. More save nothing.
const TOGETHER_MAX: usize = 32;
/// With fewer the preparation costs more than the calls that it saves.
const TOGETHER_MIN: usize = 4;

/// The socket and its buffers.
pub(super) struct Wire {
    socket: UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    metas: Vec<RecvMeta>,
    sending: Sending,
    /// Whether the socket has one address of its own, so that no datagram needs to say from which one it comes.
    is_bound: bool,
    /// Places in the outbox of datagrams that wait to be sent together. At most `TOGETHER_MAX`.
    together: Vec<usize>,
    /// Where they go.
    addresses: Vec<SocketAddrAny>,
    /// Datagrams sent.
    pub(super) sent: u64,
    /// Datagrams that the kernel did not take.
    pub(super) refused: u64,
}

impl Wire {
    /// Prepares a bound socket.
    pub(super) fn new(socket: UdpSocket, sending: Sending) -> io::Result<Wire> {
        let state = UdpSocketState::new((&socket).into())?;
        let is_bound = !socket.local_addr()?.ip().is_unspecified();
        // The kernel gives what its limits allow; less is slower, not wrong.
        let _ = state.set_recv_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        let _ = state.set_send_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        Ok(Wire {
            socket,
            state,
            buffers: vec![0; BATCH_SIZE * READ_BYTES],
            metas: vec![RecvMeta::default(); BATCH_SIZE],
            sending,
            is_bound,
            together: Vec::with_capacity(TOGETHER_MAX),
            addresses: Vec::with_capacity(TOGETHER_MAX),
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
            let path = Path::udp(meta.addr, meta.dst_ip);
            let Some(bytes) = slice.get(..meta.len) else { continue };
            for datagram in bytes.chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        count == BATCH_SIZE
    }

    /// Sends everything; what goes to one peer keeps its order. Equal datagrams in a row to one peer go to the kernel
    /// as one.
    ///
    /// Waits for room in the kernel's buffer, but only as long as waiting helps: after one wait in vain, what finds no
    /// room until the end of this call is dropped at once.
    pub(super) fn send(&mut self, outbox: &mut Outbox) {
        let mut patience = Patience::Left;
        let mut index = 0;
        while let Some((path, _)) = outbox.get(index) {
            if path.remote.via != Via::Udp {
                index += 1; // went on its own way
                continue;
            }
            let count = self.run_length(outbox, index);
            if count == 1 && self.is_bound && self.sending == Sending::Segmented {
                self.together.push(index);
                if self.together.len() == TOGETHER_MAX {
                    self.send_together(outbox, &mut patience);
                }
            } else {
                let is_same = |other: &usize| outbox.get(*other).is_some_and(|(other, _)| other == path);
                if self.together.iter().rev().any(is_same) {
                    self.send_together(outbox, &mut patience);
                }
                self.send_run(outbox, (index, count), &mut patience);
            }
            index += count;
        }
        self.send_together(outbox, &mut patience);
        outbox.clear();
    }

    /// Sends the datagrams that wait to be sent together.
    fn send_together(&mut self, outbox: &Outbox, patience: &mut Patience) {
        let mut together = std::mem::take(&mut self.together);
        let mut rest = &together[..];
        while !rest.is_empty() {
            if rest.len() >= TOGETHER_MIN {
                let sent = self.put_together(outbox, rest);
                self.sent += sent as u64;
                rest = &rest[sent..];
            }
            // One alone: the last few, or one that was refused and may want to wait for room.
            if let Some((first, others)) = rest.split_first() {
                self.send_run(outbox, (*first, 1), patience);
                rest = others;
            }
        }
        together.clear();
        self.together = together;
    }

    /// One call for up to `TOGETHER_MAX` datagrams. Returns how many went before one was refused.
    fn put_together(&mut self, outbox: &Outbox, places: &[usize]) -> usize {
        let get = |at: usize| places.get(at).and_then(|place| outbox.get(*place));
        self.addresses.clear();
        self.addresses.extend((0..places.len()).filter_map(|at| Some(get(at)?.0.remote.address.as_any())));
        let slices: [[IoSlice<'_>; 1]; TOGETHER_MAX] =
            std::array::from_fn(|at| [IoSlice::new(get(at).map_or(&[], |datagram| datagram.1))]);
        let mut nothing: [SendAncillaryBuffer<'_, '_, '_>; TOGETHER_MAX] =
            std::array::from_fn(|_| SendAncillaryBuffer::default());
        let mut parts = slices.iter().zip(&mut nothing);
        let mut messages: [MMsgHdr<'_>; TOGETHER_MAX] = std::array::from_fn(|at| {
            let (slice, nothing) = parts.next().expect("there are as many slices as messages");
            match self.addresses.get(at) {
                Some(address) => MMsgHdr::new_with_addr(address, slice, nothing),
                None => MMsgHdr::new(slice, nothing), // beyond the last one, never sent
            }
        });
        let count = self.addresses.len().min(TOGETHER_MAX);
        sendmmsg(&self.socket, &mut messages[..count], SendFlags::DONTWAIT).unwrap_or(0)
    }

    /// Sends a run of datagrams to one peer in one call, or, where the card can't segment it, one by one.
    fn send_run(&mut self, outbox: &Outbox, (index, count): (usize, usize), patience: &mut Patience) {
        let Some((path, first)) = outbox.get(index) else { return };
        let size = first.len();
        let mut transmit = Transmit {
            destination: path.remote.address,
            ecn: None,
            contents: outbox.run(index, count),
            segment_size: (count > 1).then_some(size),
            src_ip: if self.is_bound { None } else { path.local },
        };
        match self.put(&transmit, patience) {
            Ok(()) => self.sent += count as u64,
            // quinn-udp has noted it for the next time; these go one by one.
            Err(error) if count > 1 && error.kind() != ErrorKind::WouldBlock => {
                transmit.segment_size = None;
                for datagram in transmit.contents.chunks(size) {
                    match self.put(&Transmit { contents: datagram, ..transmit.clone() }, patience) {
                        Ok(()) => self.sent += 1,
                        Err(_) => self.refused += 1,
                    }
                }
            }
            Err(_) => self.refused += count as u64,
        }
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
        let path = Path::udp(receiver.local_addr().unwrap(), None);
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
    fn datagrams_to_many_are_sent_together_and_each_receiver_gets_its_own_in_order() {
        let receivers: Vec<UdpSocket> =
            (0..40).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
        let paths = receivers
            .iter()
            .map(|socket| Path::udp(socket.local_addr().unwrap(), Some(Ipv4Addr::LOCALHOST.into())));
        let paths: Vec<Path> = paths.collect();
        for address in [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED] {
            let mut wire = Wire::new(UdpSocket::bind((address, 0)).unwrap(), Sending::Segmented).unwrap();
            let mut outbox = Outbox::default();
            // Alone, with one that can't go with the one before, and as a run between two that go alone.
            for (place, path) in paths.iter().enumerate() {
                let sizes: &[usize] = [&[500][..], &[200, 900], &[100, 700, 700, 800]][place % 3];
                for (at, size) in sizes.iter().enumerate() {
                    outbox.push(*path, &vec![(place * 4 + at) as u8; *size]);
                }
            }
            let total = outbox.len() as u64;
            wire.send(&mut outbox);
            assert_eq!((wire.sent, wire.refused, outbox.len()), (total, 0, 0));
            for (place, receiver) in receivers.iter().enumerate() {
                receiver.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let mut bytes = [0u8; 2_048];
                for at in 0..[1, 2, 4][place % 3] {
                    receiver.recv(&mut bytes).unwrap();
                    assert_eq!(bytes[0], (place * 4 + at) as u8);
                }
            }
        }
    }

    #[test]
    fn a_refused_datagram_among_many_harms_no_other() {
        let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut wire =
            Wire::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), Sending::Segmented).unwrap();
        let good = Path::udp(receiver.local_addr().unwrap(), None);
        let bad = Path::udp((Ipv4Addr::LOCALHOST, 0).into(), None);
        let mut outbox = Outbox::default();
        for place in 0..50u8 {
            // Each one longer than the one before, so that all go alone.
            outbox.push(if place % 7 == 5 { bad } else { good }, &vec![place; usize::from(place) + 20]);
        }
        wire.send(&mut outbox);
        assert_eq!((wire.sent, wire.refused), (43, 7));
        let mut bytes = [0u8; 2_048];
        for place in (0..50u8).filter(|place| place % 7 != 5) {
            receiver.recv(&mut bytes).unwrap();
            assert_eq!(bytes[0], place);
        }
    }

    #[test]
    fn a_datagram_that_nobody_can_send_is_counted_and_harms_no_other() {
        let receiver = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut wire =
            Wire::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), Sending::Segmented).unwrap();
        let good = Path::udp(receiver.local_addr().unwrap(), None);
        let bad = Path::udp((Ipv4Addr::LOCALHOST, 0).into(), None);
        let mut outbox = Outbox::default();
        for path in [good, bad, bad, good] {
            outbox.push(path, &[7; 100]);
        }
        wire.send(&mut outbox);
        assert_eq!((wire.sent, wire.refused), (2, 2));
    }
}
