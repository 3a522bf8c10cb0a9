//! One TCP connection of a client, plain or inside TLS: reads messages, and sends without ever waiting.
//!
//! What finds no room is dropped whole, as a full router would: sound that waits for a second is worth nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls::ServerConnection;
use socket2::SockRef;

use crate::core::framing::{Found, Framing, TELLING_BYTES};
use crate::core::limits::{STREAM_UNSENT_BYTES_MAX, STREAM_WAITING_BYTES_MAX};
use crate::core::now::Now;
use crate::core::outbox::{End, Path, Via};
use crate::terms::Caller;

/// Bytes of one read.
const READ_BYTES: usize = 16 * 1024;
/// Reads before others have their turn.
const READS_PER_TURN: usize = 4;

/// Whether a stream can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Open,
    /// The other side closed, or what it says can be nothing.
    Over,
}

/// One connection.
pub(super) struct Stream {
    id: u32,
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
    remote: SocketAddr,
    local: IpAddr,
    framing: Option<Framing>,
    inbox: Vec<u8>,
    /// How much of the inbox has been taken.
    taken: usize,
    /// Plain bytes that wait for room.
    waiting: Vec<u8>,
    /// When something last came.
    pub(super) heard_us: u64,
    /// When something came that was somebody's; before that, when it began.
    pub(super) trusted: Trust,
    /// Messages that found no room.
    pub(super) dropped: u64,
}

/// Whether anything that came on a stream was somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It was.
    Earned,
    /// Not yet; it began then, microseconds.
    Since(u64),
}

impl Stream {
    /// Takes a connection over.
    pub(super) fn new(id: u32, caller: Caller, now: Now) -> io::Result<Stream> {
        let Caller { socket, tls, first } = caller;
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        // Older kernels may not know it; then more waits inside.
        let _ = SockRef::from(&socket).set_tcp_notsent_lowat(STREAM_UNSENT_BYTES_MAX);
        Ok(Stream {
            id,
            remote: socket.peer_addr()?,
            local: socket.local_addr()?.ip().to_canonical(),
            socket,
            tls,
            framing: None,
            inbox: first,
            taken: 0,
            waiting: Vec::new(),
            heard_us: now.us,
            trusted: Trust::Since(now.us),
            dropped: 0,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub(super) fn framing(&self) -> Option<Framing> {
        self.framing
    }

    /// The client's end of this stream.
    pub(super) fn end(&self) -> End {
        let address = SocketAddr::new(self.remote.ip().to_canonical(), self.remote.port());
        End { address, via: Via::Stream(self.id) }
    }

    /// The path of what comes on it.
    pub(super) fn path(&self) -> Path {
        Path { remote: self.end(), local: Some(self.local) }
    }

    /// Reads what has come.
    pub(super) fn read(&mut self, now: Now) -> Health {
        for _ in 0..READS_PER_TURN {
            match self.read_once() {
                Ok(0) => return Health::Over,
                Ok(_) => self.heard_us = now.us,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Health::Open,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Health::Over,
            }
        }
        Health::Open
    }

    /// Bytes from the wire; 0 at its end.
    fn read_once(&mut self) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            let mut bytes = [0u8; READ_BYTES];
            let count = self.socket.read(&mut bytes)?;
            self.inbox.extend_from_slice(&bytes[..count]);
            return Ok(count);
        };
        let count = tls.read_tls(&mut &self.socket)?;
        let state = tls.process_new_packets().map_err(io::Error::other)?;
        let start = self.inbox.len();
        self.inbox.resize(start + state.plaintext_bytes_to_read(), 0);
        tls.reader().read_exact(&mut self.inbox[start..])?;
        if count > 0 && state.peer_has_closed() { Ok(0) } else { Ok(count) }
    }

    /// What TLS had decrypted before the stream was handed over.
    pub(super) fn read_left_over(&mut self) {
        if let Some(tls) = &mut self.tls {
            let mut bytes = [0u8; READ_BYTES];
            while let Ok(count) = tls.reader().read(&mut bytes) {
                if count == 0 {
                    return;
                }
                self.inbox.extend_from_slice(&bytes[..count]);
            }
        }
    }

    /// Copies the next whole message into `message`; it stays until [`Stream::advance`].
    ///
    /// # Errors
    /// What came can be no message.
    pub(super) fn next(&mut self, message: &mut Vec<u8>) -> Result<Option<usize>, Health> {
        let rest = &self.inbox[self.taken..];
        let framing = match self.framing {
            Some(framing) => framing,
            None => match rest.first_chunk::<TELLING_BYTES>() {
                None => return Ok(None),
                Some(first) => *self.framing.insert(Framing::of(first).ok_or(Health::Over)?),
            },
        };
        match framing.find(rest) {
            Found::Message { start, end, next } => {
                message.clear();
                message.extend_from_slice(&rest[start..end]);
                Ok(Some(next))
            }
            Found::More => {
                self.inbox.drain(..self.taken);
                self.taken = 0;
                Ok(None)
            }
            Found::Broken => Err(Health::Over),
        }
    }

    /// The next message has been taken.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.taken += bytes;
    }

    /// Puts a message in line; it goes with [`Stream::flush`].
    pub(super) fn put(&mut self, message: &[u8]) {
        let Some(framing) = self.framing else { return };
        if self.waiting.len() + message.len() > STREAM_WAITING_BYTES_MAX {
            self.dropped += 1;
            return;
        }
        framing.put(message, &mut self.waiting);
    }

    /// Whether something waits for room.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Sends what there is room for.
    pub(super) fn flush(&mut self) -> Health {
        while self.is_waiting() && self.has_room() {
            let written = match &mut self.tls {
                None => self.socket.write(&self.waiting).map(|count| drop(self.waiting.drain(..count))),
                Some(tls) => {
                    if !tls.wants_write()
                        && let Ok(count) = tls.writer().write(&self.waiting)
                    {
                        self.waiting.drain(..count);
                    }
                    tls.write_tls(&mut &self.socket).map(drop)
                }
            };
            match written {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Health::Over,
            }
        }
        Health::Open
    }

    /// Whether the kernel holds less than it may, so that what is sent now is sent soon.
    fn has_room(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(&self.socket, PollFlags::OUT)], Some(&now)).is_ok_and(|ready| ready > 0)
    }
}
