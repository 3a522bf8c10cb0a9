//! Use cases, one verb a file: each reads as the story, in one transaction.
//!
//! Rules are in `domain`, rows in `store`. Nothing here knows a page, a status code, SQL or a socket.

pub mod ask;
pub mod book;
pub mod book_at_once;
pub mod caps;
mod carry_out;
pub mod cause_list;
pub mod change;
pub mod check;
pub mod company;
pub mod counter;
pub mod desk;
pub mod diaries;
pub mod direction;
pub mod directory;
pub mod displace;
pub mod door;
pub mod draw;
pub mod earlier;
pub mod emergency;
pub mod enrol;
pub mod enter;
pub mod face;
pub mod gate;
pub mod hand_over;
pub mod hold;
pub mod holidays;
pub mod idempotent;
pub mod intake;
pub mod issue;
pub mod keep;
pub mod live;
pub mod neighbours;
pub mod outbox_page;
pub mod outcome;
pub mod pace;
mod party;
pub mod quality;
pub mod queue;
pub mod redirect;
mod reference;
pub mod relays;
pub mod resume;
mod scope;
pub mod screen;
pub mod session;
pub mod sign_in;
pub mod slip;
pub mod suggest;
mod tell;
pub mod undo;
pub mod webhook;
pub mod worklist;

pub use desk::{Desk, Settings};
