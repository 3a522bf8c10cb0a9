//! The rules of the house: offices, diaries, meetings, hearings and what follows them, the hotline, what people are told.
//!
//! Pure: told the time, given its randomness, never touches sockets, SQL, files or the clock, so it
//! cannot fail on I/O. Each room below is read top-down.

pub mod diary;
pub mod direction;
pub mod file;
pub mod hearing;
pub mod hook;
pub mod hotline;
pub mod id;
pub mod invite;
pub mod meeting;
pub mod mesh_use;
pub mod notice;
pub mod office;
pub mod quality;
pub mod question_sheet;
pub mod recorded;
pub mod report;
pub mod terminal;
pub mod terminal_check;
pub mod text;
