//! The handle of the SFU: the values that cross between the server and the media thread, and the mailbox they cross in.
//!
//! Never blocks and never waits for the media thread to be free: a full mailbox is an error that the caller sees.

use std::fmt;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_channel::oneshot;
use thiserror::Error;

/// Where the SFU listens and when it gives a peer up.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Address of the one UDP socket; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Addresses that answers name as candidates, most wanted first; port 0 means the bound port.
    /// Empty: the bound address itself.
    pub advertise: Vec<SocketAddr>,
    /// A peer from which nothing authentic came for this long is removed.
    pub silence_max: Duration,
    /// Most peers at once; more are refused with [`ConnectError::Full`].
    pub peers_max: usize,
}

/// One connection of one client to the SFU. Never used again after the peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a track or a slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Opus, 48 kHz.
    Audio,
    /// VP8, 90 kHz.
    Video,
}

/// One receiving m-line of a client, into which the SFU can put any source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// The m-line's `a=mid`.
    pub mid: String,
    /// What it can carry.
    pub kind: Kind,
}

/// The answer to an offer.
#[derive(Clone, Debug)]
pub struct Connected {
    /// Names the connection in every later command.
    pub peer: PeerId,
    /// The SDP answer; it never changes.
    pub answer: String,
    /// The client's receiving slots, in the order of its offer.
    pub slots: Vec<SlotInfo>,
}

/// Why an offer was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OfferError {
    /// Longer than the bound on offers.
    #[error("the offer is longer than {0} bytes")]
    TooLong(usize),
    /// Not SDP.
    #[error("the offer is not SDP")]
    Malformed,
    /// More m-lines than the bound, or none.
    #[error("the offer has {0} media sections, of 1 to {1}")]
    MediaCount(usize, usize),
    /// An m-line without `a=mid`, or one twice, or a strange one.
    #[error("a media section has no usable mid")]
    Mid,
    /// The m-lines are not all in one BUNDLE group.
    #[error("the media sections are not bundled")]
    NotBundled,
    /// A media section does not multiplex RTP and RTCP.
    #[error("a media section lacks rtcp-mux")]
    NoRtcpMux,
    /// No or different `ice-ufrag`.
    #[error("the offer has no single ice-ufrag")]
    Ufrag,
    /// No SHA-256 fingerprint.
    #[error("the offer has no sha-256 fingerprint")]
    Fingerprint,
    /// The client wants to be the DTLS server.
    #[error("the offer does not let the client start DTLS")]
    Setup,
    /// Neither Opus, nor VP8, nor a data channel is offered.
    #[error("the offer has nothing that this server can carry")]
    NothingCommon,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// The offer is at fault.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// `peers_max` peers are connected.
    #[error("the media server has as many peers as it may have")]
    Full,
    /// The mailbox is full; try again.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The media thread has ended.
    #[error("the media server has stopped")]
    Stopped,
}

impl ConnectError {
    /// Stable code for the signaling protocol.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ConnectError::Offer(OfferError::TooLong(_)) => "offer_too_long",
            ConnectError::Offer(OfferError::NothingCommon) => "offer_nothing_common",
            ConnectError::Offer(_) => "offer_malformed",
            ConnectError::Full => "media_full",
            ConnectError::Overloaded(_) => "media_overloaded",
            ConnectError::Stopped => "media_stopped",
        }
    }
}

/// The mailbox of the media thread is full, or the thread has ended: the command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the media thread takes no more commands at the moment")]
pub struct Overloaded;

/// What happened on the media thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The transport is up: keys are agreed and media can flow.
    Up {
        /// Whose transport.
        peer: PeerId,
    },
    /// The peer is gone; its id is never used again.
    Down {
        /// Who is gone.
        peer: PeerId,
        /// Why.
        why: Down,
    },
    /// A slot of `to` now carries a track of `from`, or nothing.
    Slot {
        /// Whose slot.
        to: PeerId,
        /// Which one.
        mid: String,
        /// The source that now fills it.
        from: Option<PeerId>,
    },
    /// The first packet of this kind arrived from the peer, whether or not any route is open.
    FirstMedia {
        /// The sender.
        peer: PeerId,
        /// Of sound or pictures.
        kind: Kind,
    },
}

/// Why a peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// The client closed the connection.
    Closed,
    /// Nothing authentic came for `silence_max`.
    Silent,
    /// The handshake failed, or the connection broke a bound.
    Failed,
    /// [`MediaHandle::remove`] or [`MediaHandle::stop`].
    Removed,
}

/// Counters of one peer since it connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerReport {
    /// Whether the transport is up.
    pub is_up: bool,
    /// Authentic RTP packets from this peer, without retransmissions and duplicates.
    pub rtp_received: u64,
    /// Packets of this peer that were sent to anyone. Zero as long as no route from it was opened.
    pub rtp_forwarded_from: u64,
    /// RTP packets sent to this peer, retransmissions included.
    pub rtp_sent_to: u64,
    /// Bytes of UDP payload from this peer's validated addresses.
    pub bytes_received: u64,
    /// Bytes of UDP payload sent to this peer.
    pub bytes_sent: u64,
    /// Packets that this peer asked for again.
    pub nacks_received: u64,
    /// Packets that we asked this peer to send again (each try counts).
    pub nacks_sent: u64,
    /// Packets that this peer sent again and that filled a gap.
    pub rtx_received: u64,
    /// Packets that we sent again to this peer.
    pub rtx_sent: u64,
    /// Keyframe requests from this peer.
    pub plis_received: u64,
    /// Keyframe requests to this peer.
    pub plis_sent: u64,
    /// Packets of this peer that never came, though asked for again up to the bound.
    pub given_up: u64,
    /// Packets of this peer that came twice.
    pub duplicates: u64,
    /// Packets from this peer's addresses that failed authentication or that nobody could place.
    pub refused: u64,
    /// Messages echoed on the `ping` channel.
    pub echoes: u64,
    /// How often the peer's address changed.
    pub moves: u64,
    /// Round trip from the receiver reports of this peer, if it has received anything yet.
    pub round_trip: Option<Duration>,
    /// Share of packets to this peer that it reported lost last, in 1/256.
    pub lost_share: u8,
    /// From the offer to the end of the DTLS handshake.
    pub up_after: Option<Duration>,
    /// From the offer to the first RTP packet that was sent to this peer.
    pub first_rtp_after: Option<Duration>,
}

/// Counters of the whole media plane since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Peers now.
    pub peers: usize,
    /// Peers whose transport is up.
    pub peers_up: usize,
    /// Open routes (pairs from → to).
    pub routes: usize,
    /// Authentic RTP packets received.
    pub rtp_received: u64,
    /// RTP packets sent.
    pub rtp_sent: u64,
    /// UDP datagrams received.
    pub datagrams_received: u64,
    /// UDP datagrams that were dropped unanswered: no known address, not authentic, or malformed.
    pub datagrams_dropped: u64,
    /// UDP datagrams sent.
    pub datagrams_sent: u64,
    /// Datagrams that the kernel did not take.
    pub send_errors: u64,
    /// Processor time of the media thread.
    pub cpu: Duration,
}

/// What the handle puts into the mailbox.
pub(crate) enum Command {
    Connect { offer: String, reply: oneshot::Sender<Result<Connected, ConnectError>> },
    Open { from: PeerId, to: PeerId },
    Shut { from: PeerId, to: PeerId },
    Remove { peer: PeerId },
    Report { peer: PeerId, reply: oneshot::Sender<Option<PeerReport>> },
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
    pub async fn connect(&self, offer: String) -> Result<Connected, ConnectError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Connect { offer, reply })?;
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
