//! The UDP socket: reads and writes in batches, and answers from the address that was asked.

use std::io::{self, IoSliceMut};
use std::net::UdpSocket;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use crate::core::outbox::{Outbox, Path};

/// Bytes of the kernel's buffers that we ask for: a keyframe to each of a hundred peers.
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// Bytes of one read: what the kernel may put together from one sender (GRO).
const READ_BYTES: usize = 65_536;
/// Bytes of one segmented write; the kernel's bound is a UDP payload of 65,507.
const WRITE_BYTES_MAX: usize = 60_000;

/// The socket and its buffers.
pub(super) struct Wire {
    socket: UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    metas: Vec<RecvMeta>,
    /// Datagrams sent.
    pub(super) sent: u64,
    /// Datagrams that the kernel did not take.
    pub(super) refused: u64,
}

impl Wire {
    /// Prepares a bound socket.
    pub(super) fn new(socket: UdpSocket) -> io::Result<Wire> {
        let state = UdpSocketState::new((&socket).into())?;
        // The kernel gives what its limits allow; less is slower, not wrong.
        let _ = state.set_recv_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        let _ = state.set_send_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
        Ok(Wire {
            socket,
            state,
            buffers: vec![0; BATCH_SIZE * READ_BYTES],
            metas: vec![RecvMeta::default(); BATCH_SIZE],
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
            let path = Path { remote: meta.addr, local: meta.dst_ip };
            let Some(bytes) = slice.get(..meta.len) else { continue };
            for datagram in bytes.chunks(meta.stride.max(1)) {
                take(path, datagram);
            }
        }
        count == BATCH_SIZE
    }

    /// Sends everything. Equal datagrams in a row to one peer go to the kernel as one.
    pub(super) fn send(&mut self, outbox: &mut Outbox) {
        let segments_max = self.state.max_gso_segments().max(1);
        let mut index = 0;
        while let Some((path, first)) = outbox.get(index) {
            let size = first.len();
            let mut count = 1;
            while count < segments_max && (count + 1) * size <= WRITE_BYTES_MAX {
                match outbox.get(index + count) {
                    Some((other, next)) if other == path && next.len() == size => count += 1,
                    Some((other, next)) if other == path && next.len() < size => {
                        count += 1; // the last one may be shorter
                        break;
                    }
                    _ => break,
                }
            }
            let transmit = Transmit {
                destination: path.remote,
                ecn: None,
                contents: outbox.run(index, count),
                segment_size: (count > 1).then_some(size),
                src_ip: path.local,
            };
            match self.state.try_send((&self.socket).into(), &transmit) {
                Ok(()) => self.sent += count as u64,
                Err(_) => self.refused += count as u64,
            }
            index += count;
        }
        outbox.clear();
    }
}
