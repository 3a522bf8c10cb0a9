//! The front door: one TCP port serves HTTPS, WebSockets, TURN over TLS and TCP, and ICE-TCP, told apart by first bytes.
//!
//! Sits between the listener and the HTTP edge. What is media is handed to the media threads as a value and never seen
//! again; what is HTTP goes on to the edge with the address it really comes from. Whoever shows nothing costs a socket
//! for seconds and keeps nobody out. Reads no request, knows no session.

mod crowd;
mod keys;
mod known;
mod look;
mod proxied;
mod replayed;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use hyper_util::rt::TokioTimer;
use media::{Caller, Overloaded};
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

pub use crowd::{Bounds, Crowd};
pub use keys::{Keys, KeysError};

use crate::limits;
use crowd::Seat;
use known::Known;
use look::Look;
use replayed::Replayed;

/// Takes what turned out to be media.
pub type Adopt = Arc<dyn Fn(Caller) -> Result<(), Overloaded> + Send + Sync>;

/// What a port speaks besides media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP inside TLS.
    Https,
    /// Plain HTTP: behind a proxy, or for tools on this machine.
    Http,
}

/// What all front doors of a house share.
pub struct House {
    /// Takes what turned out to be media.
    pub adopt: Adopt,
    /// Certificate and key; without them nothing is served inside TLS.
    pub keys: Option<Keys>,
    /// Proxies that begin each connection with the PROXY header.
    pub behind: Vec<IpAddr>,
    /// Who is here.
    pub crowd: Crowd,
    /// How long each step may take.
    pub times: Times,
}

/// How long a connection may take for each step at the door.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until its first bytes.
    pub first_bytes: Duration,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// Until the first bytes inside TLS, of somebody who has said that HTTP will be spoken.
    pub first_request: Duration,
}

impl Default for Times {
    fn default() -> Times {
        Times {
            first_bytes: limits::FIRST_BYTES_TIME_MAX,
            handshake: limits::TLS_HANDSHAKE_TIME_MAX,
            first_request: limits::FIRST_REQUEST_TIME_MAX,
        }
    }
}

/// The acceptor of one port.
#[derive(Clone)]
pub struct Front {
    house: Arc<House>,
    speaks: Speaks,
}

/// Why a connection ends here.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the connection was handed to the media threads")]
    HandedOver,
    #[error("the media threads take no more connections")]
    MediaFull,
    #[error("this is not spoken on this port")]
    NotSpoken,
    #[error("nothing was shown in time")]
    TooSlow,
    #[error("the newest come first when too many show nothing")]
    CrowdedOut,
    #[error("the house is full")]
    Full,
}

impl From<Ended> for io::Error {
    fn from(why: Ended) -> io::Error {
        io::Error::other(why)
    }
}

impl Front {
    /// The front door of one port.
    #[must_use]
    pub fn new(house: Arc<House>, speaks: Speaks) -> Front {
        Front { house, speaks }
    }

    /// A server behind this door.
    ///
    /// * `listener`: see [`listen`].
    ///
    /// # Errors
    /// The system refuses to watch the socket.
    pub fn server(
        self,
        listener: std::net::TcpListener,
    ) -> io::Result<axum_server::Server<SocketAddr, Front>> {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut server = axum_server::Server::from_listener(listener).acceptor(self);
        let http = server.http_builder();
        http.http1().timer(TokioTimer::new()).header_read_timeout(limits::HTTP_HEAD_TIME_MAX);
        http.http2()
            .timer(TokioTimer::new())
            // RFC 8441: a page's WebSocket opens in one round trip on the connection that the page came by.
            .enable_connect_protocol()
            .max_concurrent_streams(limits::HTTP2_STREAMS_MAX)
            .keep_alive_interval(limits::HTTP2_QUIET_MAX)
            .keep_alive_timeout(limits::HTTP2_QUIET_MAX);
        Ok(server)
    }

    async fn welcome(&self, socket: TcpStream) -> io::Result<(Guest, SocketAddr)> {
        socket.set_nodelay(true)?;
        let peer = socket.peer_addr()?;
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let is_proxy = self.house.behind.contains(&peer.ip());
        let (newcomer, sent_away) = self.house.crowd.arrive((!is_proxy).then_some(peer.ip()));
        let (stream, from) = tokio::select! {
            biased;
            _ = sent_away => return Err(Ended::CrowdedOut.into()),
            found = self.find_out(socket, (peer, is_proxy)) => found?,
        };
        drop(newcomer);
        let seat = self.house.crowd.seat(from.ip()).ok_or(Ended::Full)?;
        Ok((Guest { stream, _seat: seat }, from))
    }

    async fn find_out(
        &self,
        socket: TcpStream,
        (peer, is_proxy): (SocketAddr, bool),
    ) -> io::Result<(Stream, SocketAddr)> {
        let mut socket = Replayed::new(socket);
        let from = if is_proxy {
            in_time(self.house.times.first_bytes, proxied::source(&mut socket)).await?.unwrap_or(peer)
        } else {
            peer
        };
        let stream = match (in_time(self.house.times.first_bytes, socket.look()).await?, self.speaks) {
            (Look::Turn | Look::IceTcp, _) => {
                let (socket, first) = socket.into_parts();
                return Err(self.hand_over(socket, None, first));
            }
            (Look::Tls, Speaks::Https) => self.inside_tls(socket).await?,
            (Look::Http, Speaks::Http) => Stream::Plain(socket),
            (Look::Tls | Look::Http | Look::More, _) => return Err(Ended::NotSpoken.into()),
        };
        Ok((stream, from))
    }

    async fn inside_tls(&self, socket: Replayed<TcpStream>) -> io::Result<Stream> {
        let keys = self.house.keys.as_ref().ok_or(Ended::NotSpoken)?;
        let handshake = async {
            let start = LazyConfigAcceptor::new(Acceptor::default(), socket).await?;
            let config = keys.answer_to(&start.client_hello());
            start.into_stream(config).await
        };
        let tls = in_time(self.house.times.handshake, handshake).await?;
        // A browser says by ALPN that it will speak HTTP, and opens such connections ahead of need; one that calls a
        // relay names no protocol, and begins.
        let time = match tls.get_ref().1.alpn_protocol() {
            Some(_) => self.house.times.first_request,
            None => self.house.times.first_bytes,
        };
        let mut tls = Replayed::new(tls);
        match in_time(time, tls.look()).await? {
            Look::Http => Ok(Stream::Tls(Box::new(tls))),
            Look::Turn => {
                let (tls, mut first) = tls.into_parts();
                let (socket, mut session) = tls.into_inner();
                let (socket, unread) = socket.into_parts();
                debug_assert!(unread.is_empty(), "a handshake is longer than what was looked at");
                drain(&mut session, &mut first)?;
                Err(self.hand_over(socket, Some(Box::new(session)), first))
            }
            Look::Tls | Look::IceTcp | Look::More => Err(Ended::NotSpoken.into()),
        }
    }

    /// Gives a connection away. The error says how that went: there is nothing left to serve here.
    fn hand_over(
        &self,
        socket: TcpStream,
        tls: Option<Box<rustls::ServerConnection>>,
        first: Vec<u8>,
    ) -> io::Error {
        let socket = match socket.into_std() {
            Ok(socket) => socket,
            Err(error) => return error,
        };
        match (self.house.adopt)(Caller { socket, tls, first }) {
            Ok(()) => Ended::HandedOver.into(),
            Err(Overloaded) => Ended::MediaFull.into(),
        }
    }
}

/// Binds a port, so that one that is taken is told at the start.
///
/// # Errors
/// The address cannot be bound.
pub fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(limits::FRONT_BACKLOG)?.into_std()
}

/// Takes what TLS has opened already, so that nothing waits for the next record.
fn drain(session: &mut rustls::ServerConnection, first: &mut Vec<u8>) -> io::Result<()> {
    match io::Read::read_to_end(&mut session.reader(), first) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}

async fn in_time<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(time, work).await.map_err(|_| Ended::TooSlow)?
}

impl<S: Send + 'static> Accept<TcpStream, S> for Front {
    type Stream = Guest;
    type Service = Known<S>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Guest, Known<S>)>> + Send>>;

    fn accept(&self, socket: TcpStream, service: S) -> Self::Future {
        let front = self.clone();
        Box::pin(async move {
            let (guest, from) = front.welcome(socket).await.inspect_err(|why| {
                tracing::debug!(%why, "a connection ends at the door");
            })?;
            Ok((guest, Known { service, from }))
        })
    }
}

enum Stream {
    Plain(Replayed<TcpStream>),
    Tls(Box<Replayed<TlsStream<Replayed<TcpStream>>>>),
}

/// A connection that speaks HTTP, and its seat in the house.
pub struct Guest {
    stream: Stream,
    _seat: Seat,
}

impl AsyncRead for Guest {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
