//! The recorder of a meeting: takes copies of packets, writes a file a track and a chain of hashes over all of them.
//!
//! Rooms in reading order:
//! * [`packet`]: what it is given, and what it says of itself.
//! * `timeline`, `queue`: when a packet was made, and in which order packets belong.
//! * `ogg`, `ivf`, `pictures`, `track`: sound and pictures as bytes of a file that plays wherever it is cut.
//! * [`manifest`]: the chain of hashes, a line for whatever was written.
//! * [`recorder`]: the thread and the disk.
//! * [`verify`], [`mix`]: what is whole afterwards, and all tracks in one file.
//!
//! Knows no socket, no consent and no database; whoever gives it a packet has the right to.

mod ivf;
pub mod manifest;
pub mod mix;
mod ogg;
pub mod packet;
mod pictures;
mod queue;
pub mod recorder;
mod timeline;
mod track;
pub mod verify;

pub use manifest::{End, Title};
pub use packet::{Clock, Codec, Packet};
pub use recorder::{Facts, Feed, Given, Note, Recorder, Report, Wish, start};
pub use verify::{Verdict, verify};
