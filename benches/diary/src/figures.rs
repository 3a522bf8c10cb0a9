//! Spans of time, gathered and read as percentiles.

use std::time::Duration;

/// Spans of one kind of request.
#[derive(Debug, Default, Clone)]
pub struct Spans(Vec<Duration>);

impl Spans {
    /// Adds one.
    pub fn add(&mut self, span: Duration) {
        self.0.push(span);
    }

    /// Adds all of another gathering.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// `p50 1.2 p99 3.4 max 5.6 ms`
    pub fn line(&self) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |share: f64| {
            let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
            sorted.get(place).map_or(0.0, |span| span.as_secs_f64() * 1_000.0)
        };
        format!("p50 {:.2} p99 {:.2} max {:.2} ms", at(0.5), at(0.99), at(1.0))
    }
}
