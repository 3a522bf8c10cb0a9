//! Terminals of seats, from the code on their screen to a session that opens the seat of their post and nothing else.
//!
//! A terminal is known by a key that its browser made and never gives out. It belongs to the post: whoever holds that acts
//! at it. What is refused to a terminal that is known is written into the audit chain.

mod check;
mod day;
mod key;
mod manage;
mod morning;
mod open;
mod pair;

pub use check::{CheckError, Red, State, ask, is_wanted, report, state};
pub use day::{Today, beat, today};
pub use key::PublicKey;
pub use manage::{Enrolled, ManageError, Place, Wish, enrol, list, revoke};
pub(super) use morning::morning;
pub use open::{OpenError, Opened, Shown, challenge, open};
pub use pair::{Code, PairError, begin};

pub use crate::store::terminal::TerminalRow;
