//! The core of the SFU: sans-IO and told the time, so that a test drives two peers or two hundred without a socket.
//!
//! Public for tests, benches and fuzz targets; the server holds only a [`MediaHandle`](crate::MediaHandle).
//! Rooms in the order in which a packet passes them: [`plane`] (whose is it?), [`ice`], [`hello`] and [`dtls`],
//! [`srtp`], [`ingest`] (track, gaps, feedback), [`packet`], [`slot`] (numbers), `egress`, [`outbox`].
//! Never reads a clock, a socket or a lock; randomness comes from outside.

pub mod budget;
pub mod burden;
pub mod data;
pub mod dtls;
mod egress;
pub mod estimate;
pub mod feedback;
pub mod framing;
pub mod hello;
pub mod ice;
pub mod ingest;
pub mod limits;
pub mod meter;
pub mod now;
pub mod outbox;
pub mod pacer;
pub mod packet;
pub mod peer;
pub mod picture;
pub mod plane;
pub mod relay;
pub mod sdp;
pub mod share;
pub mod slot;
pub mod sound;
pub mod srtp;
pub mod vp8;
