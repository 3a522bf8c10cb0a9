//! The handle of the SFU: what the server holds, and the mailbox in which its commands cross to the media thread.
//!
//! Never blocks and never waits for the media thread to be free: a full mailbox is an error that the caller sees.

use std::fmt;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use futures_channel::oneshot;

use crate::terms::{ConnectError, Connected, IceName, Overloaded, PeerId, PeerReport, RoomId, Totals, View};

/// What the handle puts into the mailbox.
pub(crate) enum Command {
    Connect { room: RoomId, offer: String, reply: oneshot::Sender<Result<Connected, ConnectError>> },
    Open { from: PeerId, to: PeerId },
    Shut { from: PeerId, to: PeerId },
    Remove { peer: PeerId },
    View { to: PeerId, views: Vec<View> },
    RestartIce { peer: PeerId, ufrag: String, reply: oneshot::Sender<Option<IceName>> },
    Report { peer: PeerId, reply: oneshot::Sender<Option<PeerReport>> },
    Reports { reply: oneshot::Sender<Vec<(PeerId, PeerReport)>> },
    Totals { reply: oneshot::Sender<Totals> },
}

/// What all clones of a handle share.
struct Shared {
    local: SocketAddr,
    mailbox: SyncSender<Command>,
    /// An eventfd on which the media thread sleeps.
    wake: Arc<OwnedFd>,
    stop: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Shared {
    /// The last handle is gone: nobody can command the thread any more, so it ends.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        wake(&self.wake);
    }
}

/// Commands to the media thread. Cheap to clone; the thread ends with the last clone.
#[derive(Clone)]
pub struct MediaHandle {
    shared: Arc<Shared>,
}

impl fmt::Debug for MediaHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaHandle({})", self.shared.local)
    }
}

/// Lets the media thread look into its mailbox.
fn wake(fd: &OwnedFd) {
    // Only a full counter can fail here, and then the thread is awake already.
    let _ = rustix::io::write(fd, &1u64.to_ne_bytes());
}

/// What the driver hands over when it has started.
pub(crate) struct Started {
    pub(crate) local: SocketAddr,
    pub(crate) mailbox: SyncSender<Command>,
    pub(crate) wake: Arc<OwnedFd>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) thread: JoinHandle<()>,
}

impl MediaHandle {
    pub(crate) fn new(started: Started) -> MediaHandle {
        let Started { local, mailbox, wake, stop, thread } = started;
        MediaHandle {
            shared: Arc::new(Shared { local, mailbox, wake, stop, thread: Mutex::new(Some(thread)) }),
        }
    }

    /// The address of the UDP socket, with its real port.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Answers a client's offer with a new peer. No route leads to or from it yet.
    ///
    /// # Errors
    /// The offer's fault, no room, a full mailbox, or a stopped thread.
    pub async fn connect(&self, room: RoomId, offer: String) -> Result<Connected, ConnectError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Connect { room, offer, reply })?;
        answer.await.unwrap_or(Err(ConnectError::Stopped))
    }

    /// Opens the way for the tracks of `from` to `to`. Opening twice changes nothing.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn open(&self, from: PeerId, to: PeerId) -> Result<(), Overloaded> {
        self.send(Command::Open { from, to })
    }

    /// Shuts the way from `from` to `to`: after this command no packet goes, not even a retransmission.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn shut(&self, from: PeerId, to: PeerId) -> Result<(), Overloaded> {
        self.send(Command::Shut { from, to })
    }

    /// Closes the connection of `peer` and all its routes.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn remove(&self, peer: PeerId) -> Result<(), Overloaded> {
        self.send(Command::Remove { peer })
    }

    /// How large `to` shows its video slots from now on; slots that are not named keep their size.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn view(&self, to: PeerId, views: Vec<View>) -> Result<(), Overloaded> {
        self.send(Command::View { to, views })
    }

    /// Begins ICE anew for `peer`, whose client now calls itself `ufrag`; DTLS and media go on.
    ///
    /// * returns: our new name and password; `None` when the peer is gone, the name is none or the thread can't answer.
    pub async fn restart_ice(&self, peer: PeerId, ufrag: String) -> Option<IceName> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::RestartIce { peer, ufrag, reply }).ok()?;
        answer.await.ok().flatten()
    }

    /// The counters of all peers; empty when the thread can't answer.
    pub async fn reports(&self) -> Vec<(PeerId, PeerReport)> {
        let (reply, answer) = oneshot::channel();
        if self.send(Command::Reports { reply }).is_err() {
            return Vec::new();
        }
        answer.await.unwrap_or_default()
    }

    /// The counters of a peer; `None` when it is gone or the thread can't answer.
    pub async fn report(&self, peer: PeerId) -> Option<PeerReport> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Report { peer, reply }).ok()?;
        answer.await.ok().flatten()
    }

    /// The counters of the whole plane; `None` when the thread can't answer.
    pub async fn totals(&self) -> Option<Totals> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Totals { reply }).ok()?;
        answer.await.ok()
    }

    /// Closes every connection and ends the thread; returns when it has ended (a few milliseconds).
    /// Stopping twice changes nothing.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        wake(&self.shared.wake);
        let thread = self.shared.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }

    fn send(&self, command: Command) -> Result<(), Overloaded> {
        if self.shared.stop.load(Ordering::Acquire) {
            return Err(Overloaded);
        }
        match self.shared.mailbox.try_send(command) {
            Ok(()) => {
                wake(&self.shared.wake);
                Ok(())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Overloaded),
        }
    }
}
