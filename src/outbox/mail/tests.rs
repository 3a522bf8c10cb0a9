//! The rules of a mail, read back with a parser that is not ours.
#![allow(clippy::unwrap_used, reason = "a test that cannot build its input has failed")]
