//! The house rules that a script can check: walls between rooms, sizes, clock, SQL, words and style values.
//!
//! `cargo test -p tidy` runs them. Nothing here is part of the server, and nothing here changes a file.

#[cfg(test)]
mod rules;
#[cfg(test)]
mod rust;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod walls;
#[cfg(test)]
mod web;
