//! The terms in which the server and the media thread speak: plain values, shared by the handle, the driver and the
//! core. Never anything with a life of its own: no sockets, no threads, no locks.

use std::fmt;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use crate::core::ice::Mark;
use crate::core::sdp::offer::Codec;

/// Where the SFU listens and when it gives a peer up.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Address of the one UDP socket; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Addresses that answers name as candidates, most wanted first; port 0 means the bound port.
    /// Empty: the bound address itself.
    pub advertise: Vec<SocketAddr>,
    /// Addresses that answers name as candidates over TCP (passive, RFC 6544), behind those over UDP; port 0 as above.
    pub advertise_tcp: Vec<SocketAddr>,
    /// The relay; none without it.
    pub relay: Option<RelayConfig>,
    /// A peer from which nothing authentic came for this long is removed.
    pub silence_max: Duration,
    /// Most peers at once; more are refused with [`ConnectError::Full`].
    pub peers_max: usize,
    /// Media threads, of 1 to [`THREADS_MAX`]: as many as there are cores for them.
    pub threads: usize,
    /// How datagrams go to the kernel.
    pub sending: Sending,
}

/// What the relay (TURN) is made of. It leads to the advertised addresses of this SFU and nowhere else.
#[derive(Clone)]
pub struct RelayConfig {
    /// What credentials follow from: see [`relay_credentials`](crate::relay_credentials).
    pub secret: [u8; 32],
    /// The realm that clients are told (RFC 8489 §9.2), such as the host's name.
    pub realm: String,
}

impl fmt::Debug for RelayConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelayConfig({})", self.realm)
    }
}

/// A client on a TCP connection that speaks ICE-TCP (RFC 4571) or TURN, as whoever accepted it hands it over.
pub struct Caller {
    /// The connection.
    pub socket: TcpStream,
    /// What is around it, with the handshake done; nothing on a plain one.
    pub tls: Option<Box<rustls::ServerConnection>>,
    /// Plain bytes that have been read already.
    pub first: Vec<u8>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Caller({:?}, {} bytes)", self.socket.peer_addr().ok(), self.first.len())
    }
}

/// Media threads at most: as many as the first character of an ICE user fragment can tell apart.
pub const THREADS_MAX: usize = 64;

/// How datagrams go to the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// Equal ones in a row to one peer as one (UDP_SEGMENT), where the kernel and the network card can.
    #[default]
    Segmented,
    /// One by one, as it is done anyway where they can't.
    Plain,
}

/// One connection of one client to the SFU. Never used again after the peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

impl PeerId {
    /// The `count`-th peer of a plane.
    pub(crate) fn new(count: u64, mark: Mark) -> PeerId {
        PeerId(count * Mark::COUNT as u64 + mark.index() as u64)
    }

    /// The plane, and so the media thread, on which the peer lives.
    pub(crate) fn plane(self) -> usize {
        (self.0 % Mark::COUNT as u64) as usize
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Connections between which a route may ever be opened have the same room: a meeting, or the whole hotline.
/// A room lives on one media thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u64);

impl RoomId {
    /// The room whose pictures are spared when there is more to do than can be done: the hotline.
    pub const PREFERRED: RoomId = RoomId(0);
}

/// What becomes of the pictures that a peer receives when there is more to do than can be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rank {
    /// They are spared.
    #[default]
    Preferred,
    /// They get less. Sound never does.
    Common,
}

/// How large a receiver shows one of its video slots, in device pixels; 0 × 0 when it is not to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The slot.
    pub mid: String,
    /// Device pixels from left to right.
    pub width: u16,
    /// Device pixels from top to bottom.
    pub height: u16,
}

/// What a track or a slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Opus, 48 kHz.
    Audio,
    /// VP8, 90 kHz.
    Video,
}

/// Which of its tracks a client sends in a sending m-line: they are told apart by their order in the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The first one of sound.
    Voice,
    /// The first one of pictures.
    Camera,
    /// The second one of pictures: a screen.
    Screen,
    /// Any further one: never passed on.
    Surplus,
}

/// Which parts of a peer may go to those to whom a route from it is open. What may not go fills no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// [`Part::Voice`].
    pub voice: bool,
    /// [`Part::Camera`].
    pub camera: bool,
    /// [`Part::Screen`].
    pub screen: bool,
}

impl Default for Allowed {
    fn default() -> Allowed {
        Allowed { voice: true, camera: true, screen: false }
    }
}

impl Allowed {
    /// Whether a part may go.
    #[must_use]
    pub fn has(self, part: Part) -> bool {
        match part {
            Part::Voice => self.voice,
            Part::Camera => self.camera,
            Part::Screen => self.screen,
            Part::Surplus => false,
        }
    }
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

/// Our name and password in ICE for one connection (RFC 8445 §5.3).
#[derive(Clone, PartialEq, Eq)]
pub struct IceName {
    /// User fragment.
    pub ufrag: String,
    /// Password.
    pub password: String,
}

/// How a client calls itself in ICE from now on.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientName {
    /// User fragment.
    pub ufrag: String,
    /// Password, if it told it: with one, the SFU can ask whether it is where its packets come from.
    pub password: Option<String>,
}

impl From<String> for ClientName {
    fn from(ufrag: String) -> ClientName {
        ClientName { ufrag, password: None }
    }
}

impl fmt::Debug for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientName({})", self.ufrag)
    }
}

impl fmt::Debug for IceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IceName({})", self.ufrag)
    }
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
        /// The source that now fills it, and with which of its tracks.
        from: Option<(PeerId, Part)>,
    },
    /// Which layers of a video track anybody receives; the publisher may pause the others.
    Layers {
        /// The publisher.
        peer: PeerId,
        /// Its sending m-line.
        mid: String,
        /// The wanted layers by rid, lowest first; one empty name for a track without layers. None: nobody looks.
        rids: Vec<String>,
    },
    /// Who is loudest among those that `to` hears changed.
    Loudest {
        /// The listener.
        to: PeerId,
        /// The speaker; none when all are silent.
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

/// How a publisher's clock maps a track's timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopiedClock {
    /// A moment, microseconds since 1970 on the clock of this server.
    pub at_us: u64,
    /// The track's timestamp at that moment.
    pub timestamp: u32,
}

/// A packet of a peer that is recorded, as it came: authentic, once, in the codec of its sender.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Whose.
    pub peer: PeerId,
    /// Which of the peer's sending m-lines, in the order of its offer.
    pub track: usize,
    /// The codec; never RED.
    pub codec: Codec,
    /// Which stream of the track: numbers and timestamps of another one have nothing to do with those of this.
    pub stream: u64,
    /// Sequence number, extended over wraps. A number that is missing may still come.
    pub number: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// The RTP marker bit: the last packet of a picture.
    pub is_marked: bool,
    /// A keyframe begins with it.
    pub is_key_start: bool,
    /// When it came, on the clock of this server.
    pub came_us: u64,
    /// The publisher's clock for this track, when it is known.
    pub clock: Option<CopiedClock>,
    /// The payload without padding.
    pub payload: Bytes,
}

/// Whether a recorder wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It took the packet.
    More,
    /// It has no room, or is gone: it gets no more of this peer.
    NoMore,
}

/// Where the copies of a recorded peer go. Called on the media thread: it must not block.
pub struct Tap(pub Box<dyn FnMut(Copied) -> Wanted + Send>);

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

/// What one slot carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotReport {
    /// The slot.
    pub mid: String,
    /// Whose media.
    pub from: PeerId,
    /// Sound or pictures.
    pub kind: Kind,
    /// The simulcast layer that goes out, lowest 0; `None` while nothing does.
    pub layer: Option<u8>,
    /// How much of the source the path has room for.
    pub share: SlotShare,
}

/// How much of a source a slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotShare {
    /// Nothing: not shown, or no room.
    Nothing,
    /// A picture every two seconds.
    Stills,
    /// Moving pictures, or sound.
    Moving,
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
    /// Frames of sound from this peer that were lost and came back in other packets.
    pub sound_back: u64,
    /// How many older frames go along with each frame of sound to this peer.
    pub sound_cover: u8,
    /// Packets of nothing but padding that were sent to this peer to probe its path.
    pub padding_sent: u64,
    /// Packets to this peer that its pacer could not hold.
    pub pacer_dropped: u64,
    /// What the path to this peer carries, in bits per second; 0 before anything is known.
    pub estimate_bps: u64,
    /// What its slots would take at the sizes at which they are shown, in bits per second.
    pub wanted_bps: u64,
    /// What its slots carry, in the order of its offer; empty slots are left out.
    pub slots: Vec<SlotReport>,
    /// Jitter of what this peer sends, by its worst stream.
    pub jitter: Duration,
    /// Keyframe requests from this peer.
    pub plis_received: u64,
    /// Keyframe requests to this peer.
    pub plis_sent: u64,
    /// Packets of this peer that never came, though asked for again up to the bound.
    pub given_up: u64,
    /// Packets of this peer that came twice.
    pub duplicates: u64,
    /// Packets of this peer beyond what one source may send: neither kept nor forwarded.
    pub limited: u64,
    /// Packets from this peer's addresses that failed authentication or that nobody could place.
    pub refused: u64,
    /// Messages echoed on the `ping` channel.
    pub echoes: u64,
    /// Packets of this peer from an address that it had not proved to be at.
    pub strays: u64,
    /// How often the peer's address changed.
    pub moves: u64,
    /// Round trip from the receiver reports of this peer, if it has received anything yet.
    pub round_trip: Option<Duration>,
    /// Since when nothing authentic came from this peer; known where the reports of all peers are asked for.
    pub silent_for: Option<Duration>,
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
    /// Datagrams that came to one thread's socket and were handed over to the thread of their peer.
    pub handed_over: u64,
    /// Datagrams that could not be handed over, because their thread had too many waiting.
    pub hand_over_lost: u64,
    /// The share of receivers that get all the pictures that they can, in percent: the least of the threads; below 100
    /// there is too much to do.
    pub pictures_percent: u64,
    /// TCP connections of clients now.
    pub streams: usize,
    /// Messages for which such a connection had no room.
    pub stream_dropped: u64,
    /// Allocations of the relay now.
    pub allocations: usize,
    /// Processor time of the media threads.
    pub cpu: Duration,
    /// The same thread by thread.
    pub cpu_by_thread: Vec<Duration>,
}

impl Totals {
    /// Adds the counters of another thread.
    pub(crate) fn add(&mut self, other: &Totals) {
        self.peers += other.peers;
        self.peers_up += other.peers_up;
        self.routes += other.routes;
        self.rtp_received += other.rtp_received;
        self.rtp_sent += other.rtp_sent;
        self.datagrams_received += other.datagrams_received;
        self.datagrams_dropped += other.datagrams_dropped;
        self.datagrams_sent += other.datagrams_sent;
        self.send_errors += other.send_errors;
        self.handed_over += other.handed_over;
        self.hand_over_lost += other.hand_over_lost;
        self.pictures_percent = self.pictures_percent.min(other.pictures_percent);
        self.streams += other.streams;
        self.stream_dropped += other.stream_dropped;
        self.allocations += other.allocations;
        self.cpu += other.cpu;
        self.cpu_by_thread.extend_from_slice(&other.cpu_by_thread);
    }
}
