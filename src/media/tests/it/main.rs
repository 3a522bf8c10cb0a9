//! The SFU as its clients see it: a real client library (str0m) against the core, over a wire in memory whose time
//! the test moves, and once against the driver over loopback. Never sleeps, and sends nothing beyond loopback.

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

mod burden;
mod collision;
mod consent;
mod corpus;
mod dtls;
mod garbage;
mod ice;
mod idle;
mod layers;
mod loss;
mod moving;
mod offer;
mod record;
mod relay;
mod sim;
mod tcp;
mod udp;
mod wall;
mod world;
