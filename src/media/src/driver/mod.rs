//! The driver: the media threads, each with a UDP socket on the one port, a mailbox and a timer of its own.
//!
//! The only room of the crate that reads the clock and touches sockets. Never decides anything about media.
//! `rooms` says which thread a room lives on, `worker` is one thread's loop, `wire` its socket, `streams` its TCP
//! connections, `ways` all of them together, `callers` finds whose they are, `exchange` hands over what arrived at
//! another thread's socket, `bell` wakes.

pub(crate) mod bell;
mod callers;
mod clock;
mod exchange;
pub(crate) mod rooms;
mod stream;
mod streams;
mod ways;
mod wire;
mod worker;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use rustix::net::sockopt::set_socket_reuseport;
use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

use self::clock::Clock;
use self::exchange::{Exchange, letterboxes};
use self::rooms::Rooms;
use self::streams::Streams;
use self::ways::Ways;
use self::wire::Wire;
use self::worker::Worker;
use crate::core::dtls::Identity;
use crate::core::ice::Mark;
use crate::core::plane::{Plane, Settings};
use crate::core::relay::Relay;
use crate::handle::{Line, MediaHandle, Started};
use crate::terms::{Event, MediaConfig, THREADS_MAX};

/// Commands that may wait for a media thread. It drains them each wake-up, so only a stuck thread fills it.
const MAILBOX_COMMANDS_MAX: usize = 1024;

const _: () = assert!(THREADS_MAX <= Mark::COUNT, "each thread needs a mark of its own");

/// Why the SFU did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The socket could not be bound.
    #[error("cannot bind the media socket to {0}: {1}")]
    Bind(SocketAddr, #[source] io::Error),
    /// The system refused a thread, an eventfd or a socket option.
    #[error("cannot start the media threads: {0}")]
    System(#[from] io::Error),
    /// The certificate for DTLS could not be made.
    #[error("cannot make the DTLS certificate: {0}")]
    Certificate(String),
}

/// Starts the SFU on `config.threads` threads of its own.
///
/// * `events` is called on the media threads, one peer's events always on one; it must not block (give it a `try_send`).
///
/// # Errors
/// The socket cannot be bound, the system refuses a thread, or no certificate can be made.
pub fn start(
    config: MediaConfig,
    events: impl Fn(Event) + Send + Sync + 'static,
) -> Result<MediaHandle, StartError> {
    let threads = config.threads.clamp(1, THREADS_MAX);
    let sockets = bind(config.bind, threads)?;
    let local = sockets[0].local_addr()?;
    let identity = Identity::make().map_err(|e| StartError::Certificate(e.to_string()))?;
    let boxes = letterboxes(threads)?;
    let stop = Arc::new(AtomicBool::new(false));
    let rooms = Arc::new(Mutex::new(Rooms::new(threads, config.peers_max)));
    let clock = Clock::start();
    let (mut lines, mut workers) = (Vec::new(), Vec::new());
    for (me, socket) in sockets.into_iter().enumerate() {
        let (mailbox, commands) = sync_channel(MAILBOX_COMMANDS_MAX);
        let exchange = Exchange::new(me, boxes.clone());
        lines.push(Line { mailbox, bell: exchange.bell() });
        workers.push(Worker {
            ways: Ways::new(
                Wire::new(socket, config.sending)?,
                Streams::new()?,
                relay(&config, local, Mark::new(me)),
            ),
            plane: plane(&config, local, &identity, Mark::new(me)),
            exchange,
            commands,
            rooms: rooms.clone(),
            homes: HashMap::new(),
            taps: HashMap::new(),
            stop: stop.clone(),
            clock,
            last_stream: 0,
            message: Vec::new(),
            for_relay: Vec::new(),
            awake_since_us: clock.now().us,
            slept_us: 0,
            expire_us: 0,
        });
    }
    let events = Arc::new(events);
    let mut started = Started { local, lines, rooms, stop, joins: Vec::new() };
    for (me, worker) in workers.into_iter().enumerate() {
        let events = events.clone();
        let thread = std::thread::Builder::new().name(format!("media-{me}"));
        match thread.spawn(move || worker.run(&*events)) {
            Ok(join) => started.joins.push(join),
            Err(refused) => {
                MediaHandle::new(started).stop();
                return Err(refused.into());
            }
        }
    }
    Ok(MediaHandle::new(started))
}

/// Binds one socket for each thread to one address. The first is bound alone, so that a port which another program
/// has is an error; only then it lets the others join it.
fn bind(address: SocketAddr, threads: usize) -> Result<Vec<UdpSocket>, StartError> {
    let first = UdpSocket::bind(address).map_err(|e| StartError::Bind(address, e))?;
    let local = first.local_addr()?;
    let mut sockets = vec![first];
    if threads > 1 {
        set_socket_reuseport(&sockets[0], true).map_err(io::Error::from)?;
    }
    for _ in 1..threads {
        let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))?;
        set_socket_reuseport(&socket, true).map_err(io::Error::from)?;
        socket.bind(&local.into()).map_err(|e| StartError::Bind(local, e))?;
        sockets.push(socket.into());
    }
    Ok(sockets)
}

/// The plane of one thread.
fn plane(config: &MediaConfig, local: SocketAddr, identity: &Identity, mark: Mark) -> Plane {
    let provider = identity.provider();
    // Without randomness there are no secrets; the provider fails only when the system has none, which is a bug there.
    let chance = move |bytes: &mut [u8]| provider.random().fill(bytes).expect("the system gives randomness");
    let settings = Settings {
        candidates: candidates(config, local),
        candidates_tcp: config.advertise_tcp.iter().map(|address| with_port(*address, local)).collect(),
        silence_max: config.silence_max,
        peers_max: config.peers_max,
        mark,
    };
    Plane::new(identity.clone(), settings, Box::new(chance))
}

/// The relay of one thread. It leads to where answers say that we are: by UDP or TCP, it is the same plane.
fn relay(config: &MediaConfig, local: SocketAddr, mark: Mark) -> Option<Relay> {
    let mut entrances = candidates(config, local);
    entrances.dedup();
    config.relay.as_ref().map(|relay| Relay::new(relay, &entrances, mark))
}

/// An advertised address with the port that is bound, where it has none of its own.
fn with_port(address: SocketAddr, local: SocketAddr) -> SocketAddr {
    let port = if address.port() == 0 { local.port() } else { address.port() };
    SocketAddr::new(address.ip(), port)
}

/// The addresses that answers name.
fn candidates(config: &MediaConfig, local: SocketAddr) -> Vec<SocketAddr> {
    if !config.advertise.is_empty() {
        return config.advertise.iter().map(|address| with_port(*address, local)).collect();
    }
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    vec![SocketAddr::new(ip, local.port())]
}
