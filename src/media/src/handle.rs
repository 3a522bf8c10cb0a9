//! The handle of the SFU: what the server holds, and the mailboxes in which its commands cross to the media threads.
//!
//! Never blocks and never waits for a media thread to be free: a full mailbox is an error that the caller sees. A peer's
//! id says which thread it lives on.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_channel::oneshot;

use crate::driver::bell::Bell;
use crate::driver::rooms::Rooms;
use crate::terms::{
    Allowed, Caller, ClientName, ConnectError, Connected, IceName, Overloaded, PeerId, PeerReport, Rank,
    RoomId, Tap, Totals, View,
};

/// What the handle puts into a mailbox.
pub(crate) enum Command {
    Adopt { caller: Box<Caller> },
    Connect { room: RoomId, offer: String, reply: oneshot::Sender<Result<Connected, ConnectError>> },
    Open { from: PeerId, to: PeerId },
    Shut { from: PeerId, to: PeerId },
    Remove { peer: PeerId },
    Allow { peer: PeerId, allowed: Allowed },
    Rank { peer: PeerId, rank: Rank },
    View { to: PeerId, views: Vec<View> },
    RestartIce { peer: PeerId, name: ClientName, reply: oneshot::Sender<Option<IceName>> },
    Report { peer: PeerId, reply: oneshot::Sender<Option<PeerReport>> },
    Reports { reply: oneshot::Sender<Vec<(PeerId, PeerReport)>> },
    Totals { reply: oneshot::Sender<Totals> },
    Record { peer: PeerId, tap: Tap },
    StopRecording { peer: PeerId },
    RecorderLost { peer: PeerId, track: usize },
}

/// The way to one media thread.
pub(crate) struct Line {
    pub(crate) mailbox: SyncSender<Command>,
    pub(crate) bell: Arc<Bell>,
}

/// What the driver hands over when it has started, and what all clones of a handle share.
pub(crate) struct Started {
    /// The address of the sockets.
    pub(crate) local: SocketAddr,
    /// One for each media thread, in the order of their marks.
    pub(crate) lines: Vec<Line>,
    /// Which thread a room lives on.
    pub(crate) rooms: Arc<Mutex<Rooms>>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) joins: Vec<JoinHandle<()>>,
}

struct Shared {
    started: Started,
    joins: Mutex<Vec<JoinHandle<()>>>,
    /// How many connections were handed over, so that the threads take turns.
    adopted: AtomicUsize,
}

impl Shared {
    /// Tells all threads to end.
    fn end(&self) {
        self.started.stop.store(true, Ordering::Release);
        self.started.lines.iter().for_each(|line| line.bell.ring());
    }
}

impl Drop for Shared {
    /// The last handle is gone: nobody can command the threads any more, so they end.
    fn drop(&mut self) {
        self.end();
    }
}

/// Commands to the media threads. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct MediaHandle {
    shared: Arc<Shared>,
}

impl fmt::Debug for MediaHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaHandle({})", self.shared.started.local)
    }
}

impl MediaHandle {
    pub(crate) fn new(mut started: Started) -> MediaHandle {
        let joins = Mutex::new(std::mem::take(&mut started.joins));
        MediaHandle { shared: Arc::new(Shared { started, joins, adopted: AtomicUsize::new(0) }) }
    }

    /// The address of the UDP socket, with its real port.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.started.local
    }

    /// How many media threads there are.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.started.lines.len()
    }

    /// Hands a TCP connection over on which a client speaks ICE-TCP or TURN. It finds its thread by itself.
    ///
    /// # Errors
    /// The mailbox is full; the connection closes.
    pub fn adopt(&self, caller: Caller) -> Result<(), Overloaded> {
        let next = self.shared.adopted.fetch_add(1, Ordering::Relaxed) % self.threads();
        self.send(next, Command::Adopt { caller: Box::new(caller) })
    }

    /// Answers a client's offer with a new peer. No route leads to or from it yet.
    ///
    /// All peers of a room live on one thread: that of its first peer, which is the one with the fewest peers then.
    ///
    /// # Errors
    /// The offer's fault, no room, a full mailbox, or a stopped thread.
    pub async fn connect(&self, room: RoomId, offer: String) -> Result<Connected, ConnectError> {
        let rooms = || self.shared.started.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = rooms().enter(room)?;
        let (reply, answer) = oneshot::channel();
        if let Err(full) = self.send(thread, Command::Connect { room, offer, reply }) {
            rooms().leave(room, thread);
            return Err(full.into());
        }
        answer.await.unwrap_or(Err(ConnectError::Stopped))
    }

    /// Opens the way for the tracks of `from` to `to`. Opening twice changes nothing, nor does opening a way between
    /// two rooms.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn open(&self, from: PeerId, to: PeerId) -> Result<(), Overloaded> {
        if from.plane() == to.plane() { self.send(to.plane(), Command::Open { from, to }) } else { Ok(()) }
    }

    /// Shuts the way from `from` to `to`: after this command no packet goes, not even a retransmission.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn shut(&self, from: PeerId, to: PeerId) -> Result<(), Overloaded> {
        if from.plane() == to.plane() { self.send(to.plane(), Command::Shut { from, to }) } else { Ok(()) }
    }

    /// Says which parts of `peer` may go at all from now on; a fresh peer begins with [`Allowed::default`]. After this command
    /// no packet of another part goes.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn allow(&self, peer: PeerId, allowed: Allowed) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::Allow { peer, allowed })
    }

    /// Says whether the pictures that `peer` receives are spared when there is more to do than can be done; a fresh peer is
    /// as its room is.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn rank(&self, peer: PeerId, rank: Rank) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::Rank { peer, rank })
    }

    /// Closes the connection of `peer` and all its routes.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn remove(&self, peer: PeerId) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::Remove { peer })
    }

    /// How large `to` shows its video slots from now on; slots that are not named keep their size.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn view(&self, to: PeerId, views: Vec<View>) -> Result<(), Overloaded> {
        self.send(to.plane(), Command::View { to, views })
    }

    /// Gives copies of all that `peer` sends to `tap`, in place of the one before.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn record(&self, peer: PeerId, tap: Tap) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::Record { peer, tap })
    }

    /// Copies nothing of `peer` any more.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn stop_recording(&self, peer: PeerId) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::StopRecording { peer })
    }

    /// A recorder has lost packets of a track for good: asks the publisher for a keyframe.
    ///
    /// # Errors
    /// The mailbox is full.
    pub fn recorder_lost(&self, peer: PeerId, track: usize) -> Result<(), Overloaded> {
        self.send(peer.plane(), Command::RecorderLost { peer, track })
    }

    /// Begins ICE anew for `peer`, whose client now calls itself `name`; DTLS and media go on.
    ///
    /// * returns: our new name and password; `None` when the peer is gone, the name is none or the thread can't answer.
    pub async fn restart_ice(&self, peer: PeerId, name: impl Into<ClientName>) -> Option<IceName> {
        let (reply, answer) = oneshot::channel();
        let name = name.into();
        self.send(peer.plane(), Command::RestartIce { peer, name, reply }).ok()?;
        answer.await.ok().flatten()
    }

    /// The counters of all peers; those of a thread that can't answer are missing.
    pub async fn reports(&self) -> Vec<(PeerId, PeerReport)> {
        let mut reports = Vec::new();
        for answer in self.ask_all(|reply| Command::Reports { reply }) {
            reports.extend(answer.await.unwrap_or_default());
        }
        reports
    }

    /// The counters of a peer; `None` when it is gone or its thread can't answer.
    pub async fn report(&self, peer: PeerId) -> Option<PeerReport> {
        let (reply, answer) = oneshot::channel();
        self.send(peer.plane(), Command::Report { peer, reply }).ok()?;
        answer.await.ok().flatten()
    }

    /// The counters of all threads that can answer together; `None` when none can.
    pub async fn totals(&self) -> Option<Totals> {
        let mut all: Option<Totals> = None;
        for answer in self.ask_all(|reply| Command::Totals { reply }) {
            if let Ok(totals) = answer.await {
                match &mut all {
                    Some(all) => all.add(&totals),
                    None => all = Some(totals),
                }
            }
        }
        all
    }

    /// Puts one question to each thread; those whose mailbox is full are left out.
    fn ask_all<T>(&self, command: impl Fn(oneshot::Sender<T>) -> Command) -> Vec<oneshot::Receiver<T>> {
        let ask = |thread| {
            let (reply, answer) = oneshot::channel();
            self.send(thread, command(reply)).ok().map(|()| answer)
        };
        (0..self.threads()).filter_map(ask).collect()
    }

    /// Closes every connection and ends the threads; returns when they have ended (a few milliseconds).
    /// Stopping twice changes nothing.
    pub fn stop(&self) {
        self.shared.end();
        let joins = std::mem::take(&mut *self.shared.joins.lock().unwrap_or_else(PoisonError::into_inner));
        for join in joins {
            if join.thread().id() != std::thread::current().id() {
                let _ = join.join();
            }
        }
    }

    /// Puts a command into the mailbox of a thread. A thread that does not exist has no peers: nothing to do.
    fn send(&self, thread: usize, command: Command) -> Result<(), Overloaded> {
        if self.shared.started.stop.load(Ordering::Acquire) {
            return Err(Overloaded);
        }
        let Some(line) = self.shared.started.lines.get(thread) else { return Ok(()) };
        match line.mailbox.try_send(command) {
            Ok(()) => {
                line.bell.ring();
                Ok(())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Overloaded),
        }
    }
}
