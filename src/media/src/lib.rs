//! The SFU: takes sound and pictures from each peer and sends them to those for whom somebody opened the way.
//!
//! Rooms in reading order:
//! * [`handle`]: what the server holds: commands in, events out, over bounded mailboxes.
//! * `terms`: the values that cross between the server and the media threads.
//! * `driver`: the media threads, their sockets and timers. The only place that reads the clock.
//! * [`core`]: ICE, DTLS, SRTP, data channel and forwarding, sans-IO and told the time.
//!
//! A packet crosses from one peer to another only on a route that was opened by name; the default is closed.
//! Nothing here knows of meetings, posts or consent; it only never forwards what was not opened.

pub mod core;
mod driver;
pub mod handle;
mod terms;

pub use core::relay::credentials as relay_credentials;
pub use core::sdp::offer::Codec;
pub use driver::{StartError, start};
pub use handle::MediaHandle;
pub use terms::{
    Allowed, Caller, ClientName, ConnectError, Connected, Copied, CopiedClock, Down, Event, IceName, Kind,
    MediaConfig, OfferError, Overloaded, Part, PeerId, PeerReport, Rank, RelayConfig, RoomId, Sending,
    SlotInfo, SlotReport, SlotShare, THREADS_MAX, Tap, Totals, View, Wanted,
};

/// How many audio receiving slots a client offers.
pub const AUDIO_SLOTS: usize = 3;
/// How many video receiving slots a client offers.
pub const VIDEO_SLOTS: usize = 6;
