//! The driver: one media thread with one UDP socket, one mailbox and one timer.
//!
//! The only room of the crate that reads the clock and touches sockets. Never decides anything about media.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use thiserror::Error;

use crate::handle::{Command, ConnectError, Event, MediaConfig, MediaHandle, Started};

/// Commands that may wait for the media thread. It drains them each wake-up, so only a stuck thread fills it.
const MAILBOX_COMMANDS_MAX: usize = 1024;

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
/// The socket cannot be bound, or the system refuses a thread.
pub fn start(
    config: MediaConfig,
    events: impl FnMut(Event) + Send + 'static,
) -> Result<MediaHandle, StartError> {
    let socket = UdpSocket::bind(config.bind).map_err(|e| StartError::Bind(config.bind, e))?;
    let local = socket.local_addr()?;
    let (mailbox, commands) = sync_channel(MAILBOX_COMMANDS_MAX);
    let wake = Arc::new(
        rustix::event::eventfd(
            0,
            rustix::event::EventfdFlags::NONBLOCK | rustix::event::EventfdFlags::CLOEXEC,
        )
        .map_err(io::Error::from)?,
    );
    let stop = Arc::new(AtomicBool::new(false));
    let (thread_wake, thread_stop) = (wake.clone(), stop.clone());
    let thread = std::thread::Builder::new().name("media".to_owned()).spawn(move || {
        let _ = (thread_wake, events);
        run(&commands, &thread_stop);
    })?;
    Ok(MediaHandle::new(Started { local, mailbox, wake, stop, thread }))
}

/// Refuses everything until the core is wired in.
fn run(commands: &Receiver<Command>, stop: &AtomicBool) {
    while let Ok(command) = commands.recv() {
        if stop.load(Ordering::Acquire) {
            return;
        }
        if let Command::Connect { reply, .. } = command {
            let _ = reply.send(Err(ConnectError::Stopped));
        }
    }
}
