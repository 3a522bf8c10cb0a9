//! The driver: one media thread with one UDP socket, one mailbox and one timer.
//!
//! The only room of the crate that reads the clock and touches sockets. Never decides anything about media.
//! The thread sleeps until a datagram, a command or the next deadline; an idle peer costs it a few wake-ups a minute.

mod clock;
mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;

use self::clock::Clock;
use self::wire::Wire;
use crate::core::dtls::Identity;
use crate::core::now::Now;
use crate::core::plane::{Plane, Settings};
use crate::handle::{Command, MediaHandle, Started};
use crate::terms::{ConnectError, Event, MediaConfig, OfferError, Totals};

/// Commands that may wait for the media thread. It drains them each wake-up, so only a stuck thread fills it.
const MAILBOX_COMMANDS_MAX: usize = 1024;
/// Batches read before what they caused is sent: bounds the delay of the first packet under load.
const BATCHES_PER_TURN: usize = 4;
/// Longest sleep, so that a clock that stood still (a suspended machine) is noticed.
const SLEEP_US_MAX: u64 = 60_000_000;

/// Why the SFU did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The socket could not be bound.
    #[error("cannot bind the media socket to {0}: {1}")]
    Bind(SocketAddr, #[source] io::Error),
    /// The system refused a thread, an eventfd or a socket option.
    #[error("cannot start the media thread: {0}")]
    System(#[from] io::Error),
    /// The certificate for DTLS could not be made.
    #[error("cannot make the DTLS certificate: {0}")]
    Certificate(String),
}

/// Starts the SFU on a thread of its own.
///
/// * `events` is called on the media thread; it must not block (give it a `try_send`).
///
/// # Errors
/// The socket cannot be bound, the system refuses a thread, or no certificate can be made.
pub fn start(
    config: MediaConfig,
    events: impl FnMut(Event) + Send + 'static,
) -> Result<MediaHandle, StartError> {
    let socket = UdpSocket::bind(config.bind).map_err(|e| StartError::Bind(config.bind, e))?;
    let local = socket.local_addr()?;
    let wire = Wire::new(socket)?;
    let identity = Identity::make().map_err(|e| StartError::Certificate(e.to_string()))?;
    let provider = identity.provider();
    // Without randomness there are no secrets; the provider fails only when the system has none, which is a bug there.
    let chance = move |bytes: &mut [u8]| provider.random().fill(bytes).expect("the system gives randomness");
    let settings = Settings {
        candidates: candidates(&config, local),
        silence_max: config.silence_max,
        peers_max: config.peers_max,
    };
    let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).map_err(io::Error::from)?);
    let stop = Arc::new(AtomicBool::new(false));
    let (mailbox, commands) = sync_channel(MAILBOX_COMMANDS_MAX);
    let plane = Plane::new(identity, settings, Box::new(chance));
    let worker =
        Worker { wire, plane, commands, wake: wake.clone(), stop: stop.clone(), clock: Clock::start() };
    let thread = std::thread::Builder::new().name("media".to_owned()).spawn(move || worker.run(events))?;
    Ok(MediaHandle::new(Started { local, mailbox, wake, stop, thread }))
}

/// The addresses that answers name.
fn candidates(config: &MediaConfig, local: SocketAddr) -> Vec<SocketAddr> {
    let real = |address: SocketAddr| {
        let port = if address.port() == 0 { local.port() } else { address.port() };
        SocketAddr::new(address.ip(), port)
    };
    if !config.advertise.is_empty() {
        return config.advertise.iter().copied().map(real).collect();
    }
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    vec![SocketAddr::new(ip, local.port())]
}

/// The media thread.
struct Worker {
    wire: Wire,
    plane: Plane,
    commands: Receiver<Command>,
    wake: Arc<OwnedFd>,
    stop: Arc<AtomicBool>,
    clock: Clock,
}

impl Worker {
    /// Works until somebody says stop.
    fn run(mut self, mut events: impl FnMut(Event)) {
        loop {
            self.sleep();
            let is_over = self.stop.load(Ordering::Acquire);
            let now = self.clock.now();
            while let Ok(command) = self.commands.try_recv() {
                self.obey(now, command);
            }
            if is_over {
                self.plane.remove_all(now);
            }
            for _ in 0..BATCHES_PER_TURN {
                let plane = &mut self.plane;
                if !self.wire.receive(|path, datagram| plane.receive(now, path, datagram)) {
                    break;
                }
            }
            self.plane.tick(now);
            self.plane.finish(now);
            self.wire.send(&mut self.plane.outbox);
            if self.plane.shake(now) {
                self.wire.send(&mut self.plane.outbox);
            }
            self.plane.events.drain(..).for_each(&mut events);
            if is_over {
                return;
            }
        }
    }

    /// Waits for a datagram, a command or the next deadline.
    fn sleep(&mut self) {
        let now = self.clock.now();
        let us = self.plane.deadline().map_or(SLEEP_US_MAX, |at| at.saturating_sub(now.us)).min(SLEEP_US_MAX);
        let timeout = Timespec { tv_sec: (us / 1_000_000) as i64, tv_nsec: (us % 1_000_000 * 1_000) as i64 };
        let mut waits =
            [PollFd::new(self.wire.socket(), PollFlags::IN), PollFd::new(&self.wake, PollFlags::IN)];
        // An interrupted sleep is a short sleep.
        let _ = poll(&mut waits, Some(&timeout));
        if !waits[1].revents().is_empty() {
            let _ = rustix::io::read(&self.wake, &mut [0u8; 8]);
        }
    }

    /// Does one command. A reply that nobody waits for any more is dropped.
    fn obey(&mut self, now: Now, command: Command) {
        match command {
            Command::Connect { room: _, offer, reply } => {
                let plane = &mut self.plane;
                let connected = catch_unwind(AssertUnwindSafe(|| plane.connect(now, &offer)))
                    .unwrap_or(Err(ConnectError::Offer(OfferError::Malformed)));
                let peer = connected.as_ref().ok().map(|connected| connected.peer);
                if let (Err(_), Some(peer)) = (reply.send(connected), peer) {
                    self.plane.remove(now, peer); // the asker went away
                }
            }
            Command::Open { from, to } => self.plane.open(now, from, to),
            Command::Shut { from, to } => self.plane.shut(now, from, to),
            Command::Remove { peer } => self.plane.remove(now, peer),
            Command::View { to, views } => self.plane.view(now, to, &views),
            Command::RestartIce { peer, ufrag, reply } => {
                let _ = reply.send(self.plane.restart_ice(peer, ufrag));
            }
            Command::Reports { reply } => {
                let _ = reply.send(self.plane.reports());
            }
            Command::Report { peer, reply } => {
                let _ = reply.send(self.plane.report(peer));
            }
            Command::Totals { reply } => {
                let _ = reply.send(self.totals());
            }
        }
    }

    fn totals(&self) -> Totals {
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        Totals {
            datagrams_sent: self.wire.sent,
            send_errors: self.wire.refused,
            cpu: Duration::new(cpu.tv_sec.unsigned_abs(), cpu.tv_nsec.unsigned_abs() as u32),
            ..self.plane.totals()
        }
    }
}
