//! What follows a meeting: the outcome that the officer gives it, and the directions that offices then carry out.
//!
//! Pure, told the time. Who may do what is the policy's matter; who is told is the use case's.

mod course;
mod outcome;
#[cfg(test)]
mod tests;

pub use course::{Answer, Author, Direction, DirectionError, DirectionState, Origin, Step, StepKind};
pub use outcome::{Impossible, Outcome, OutcomeKind};
