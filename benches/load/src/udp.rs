//! A client's UDP socket, and the buffers with which all clients read in batches.
//!
//! The kernel stamps each datagram when it arrives, so a delay does not hold the time for which this program was busy.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Duration;

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};

use crate::clock;

/// Bytes of the kernel's buffer of one client: two seconds of a large stream.
const SOCKET_BUFFER_BYTES: usize = 4 << 20;
/// Bytes of what the kernel puts together when it may.
const MERGED_BYTES: usize = 65_536;
/// Bytes of one datagram.
const DATAGRAM_BYTES: usize = 2_048;
/// Bytes of a datagram that a counting client looks at once it is connected: header and extensions.
const HEAD_BYTES: usize = 256;

/// How datagrams come out of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One by one, as from a network. What the kernel does for it is charged to the server's core on loopback.
    Single,
    /// A batch that was sent as one is read as one (GRO): cheaper than a network can be, for both sides.
    Merged,
}

/// How much of each datagram is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// All of it.
    Whole,
    /// As much as a counting client looks at.
    Head,
}

/// One socket on loopback.
pub struct Line {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    reading: Reading,
}

impl Line {
    /// Opens a socket.
    ///
    /// # Errors
    /// The system has no more sockets.
    pub fn open(reading: Reading) -> io::Result<Line> {
        let (socket, state) = socket(reading)?;
        Ok(Line { local: socket.local_addr()?, socket, state, reading })
    }

    /// Gives it another port, as a NAT does that forgot it: the client does not know. What comes to the old one is lost.
    ///
    /// # Errors
    /// The system has no more sockets.
    pub fn rebind(&mut self) -> io::Result<()> {
        (self.socket, self.state) = socket(self.reading)?;
        Ok(())
    }

    /// Where the client believes to be.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Sends a datagram; one that the kernel does not take is lost, as on any network.
    pub fn send(&self, to: SocketAddr, bytes: &[u8]) {
        let _ = self.socket.send_to(bytes, to);
    }

    /// The socket, to wait for.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn socket(reading: Reading) -> io::Result<(UdpSocket, UdpSocketState)> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let state = UdpSocketState::new((&socket).into())?;
    let _ = state.set_recv_buffer_size((&socket).into(), SOCKET_BUFFER_BYTES);
    if reading == Reading::Single {
        read_singly(&socket);
    }
    Ok((socket, state))
}

/// Undoes what `quinn-udp` sets on every socket: nothing else in reach has this option.
#[expect(unsafe_code, reason = "quinn-udp turns merging on, and no safe crate of ours turns it off")]
fn read_singly(socket: &UdpSocket) {
    let off: libc::c_int = 0;
    let size = std::mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer is to an integer that lives through the call, with its size.
    let _ = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, (&raw const off).cast(), size)
    };
}

/// One datagram as it came.
pub struct Datagram<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// When the kernel had it, in wall time.
    pub arrived_ns: u64,
    /// What it says.
    pub bytes: &'a [u8],
}

/// Buffers that all clients share.
pub struct Reader {
    buffers: Vec<u8>,
    metas: Vec<RecvMeta>,
}

impl Reader {
    /// Makes the buffers.
    pub fn new() -> Reader {
        Reader { buffers: vec![0; BATCH_SIZE * MERGED_BYTES], metas: vec![RecvMeta::default(); BATCH_SIZE] }
    }

    /// Reads one batch. Returns whether there may be more.
    pub fn read(&mut self, line: &Line, depth: Depth) -> Batch<'_> {
        let bytes = match (line.reading, depth) {
            (Reading::Merged, _) => MERGED_BYTES,
            (Reading::Single, Depth::Whole) => DATAGRAM_BYTES,
            (Reading::Single, Depth::Head) => HEAD_BYTES,
        };
        let mut chunks = self.buffers.chunks_mut(bytes);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let count = line.state.recv((&line.socket).into(), &mut slices, &mut self.metas).unwrap_or(0);
        Batch { buffers: &self.buffers, metas: &self.metas[..count], bytes }
    }
}

/// What one read gave.
pub struct Batch<'a> {
    buffers: &'a [u8],
    metas: &'a [RecvMeta],
    bytes: usize,
}

impl<'a> Batch<'a> {
    /// Whether there may be more where this came from.
    pub fn is_full(&self) -> bool {
        self.metas.len() == BATCH_SIZE
    }

    /// The datagrams in the order of their arrival.
    pub fn datagrams(&self) -> impl Iterator<Item = Datagram<'a>> + use<'a> {
        let buffers = self.buffers.chunks(self.bytes);
        buffers.zip(self.metas).flat_map(|(buffer, meta)| {
            let arrived = meta.timestamp.unwrap_or_else(|| Duration::from_nanos(clock::wall_ns()));
            let (from, arrived_ns) = (meta.addr, arrived.as_nanos() as u64);
            let whole = buffer.get(..meta.len).unwrap_or_default();
            whole.chunks(meta.stride.max(1)).map(move |bytes| Datagram { from, arrived_ns, bytes })
        })
    }
}
