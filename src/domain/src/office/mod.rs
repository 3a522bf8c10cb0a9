//! The office: bodies in a tree, posts, who holds them when, who may act for whom, and holidays.
//!
//! Rights and diaries belong to the post; a person holds posts over dated intervals.

mod calendar;
mod delegation;
mod incumbency;
mod ladder;
mod post;

pub(crate) use post::coded;

pub use calendar::{Calendar, Holiday, HolidayKind, WorkingWeek, ist};
pub use delegation::{DelegatedAct, Delegation};
pub use incumbency::{Charge, Incumbency, Incumbent, holder_at, holders_at};
pub use ladder::{Rung, above};
pub use post::{BodyKind, BookingMode, Rank, RoleKey};
