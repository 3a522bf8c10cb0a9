//! Sound at loss: how a frame that was lost comes all the same.
//!
//! On the way up a gap is filled from the older blocks of the packet behind it (`red`, `frames`). On the way down each
//! receiver gets as many older frames with each new one as its loss asks for and its path carries (`cover`): in RED if
//! it takes RED, else as the same datagrams once more (`repeats`). Pure and bounded; docs/decisions/0009 says why.

pub mod cover;
pub mod frames;
pub mod red;
pub mod repeats;
