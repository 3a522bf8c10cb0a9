//! The live house: real sockets, a real media plane, real WebRTC clients of another make, and a hand clock.
//!
//! What each message may do is in `app/live/tests`; here is what only the whole shows.

mod away;
mod chamber;
mod edge;
mod house;
mod ledger;
mod meeting;
mod outside;
mod phone;
mod recording;
mod restart;
mod resume;
mod sealed;
mod terminal;
mod turn;
mod unheard;
mod visitor;
mod wire;
