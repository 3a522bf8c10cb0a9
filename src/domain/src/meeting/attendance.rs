//! Attendance: when somebody was inside a meeting, as disjoint intervals.
//!
//! Derived from the door's moves; nobody types it. A network loss and a leaving are told apart.

use super::lobby::Departure;
use jiff::{SignedDuration, Timestamp};

/// Half-open interval `[from, to)` inside; `to` is none while it lasts. Invariant: `from ≤ to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Came in.
    pub from: Timestamp,
    /// Went out, and why.
    pub to: Option<(Timestamp, Departure)>,
}

/// All spans of one participant. Invariant: ascending, disjoint, only the last may be open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attendance {
    spans: Vec<Span>,
}

impl Attendance {
    /// Comes in. Nothing changes when already inside.
    pub fn begin(&mut self, now: Timestamp) {
        if self.open().is_none() {
            let from = self.spans.last().and_then(|s| s.to).map_or(now, |(to, _)| now.max(to));
            self.spans.push(Span { from, to: None });
        }
    }

    /// Goes out. Nothing changes when not inside.
    pub fn end(&mut self, why: Departure, now: Timestamp) {
        if let Some(span) = self.spans.last_mut()
            && span.to.is_none()
        {
            span.to = Some((now.max(span.from), why));
        }
    }

    /// The span that lasts.
    pub fn open(&self) -> Option<Span> {
        self.spans.last().copied().filter(|s| s.to.is_none())
    }

    /// All spans.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The whole time inside until `now`.
    pub fn total(&self, now: Timestamp) -> SignedDuration {
        let length = |s: &Span| s.to.map_or(now.max(s.from), |(to, _)| to).duration_since(s.from);
        self.spans.iter().map(length).fold(SignedDuration::ZERO, |sum, one| sum.saturating_add(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_585_500 + second).expect("in range")
    }

    #[test]
    fn time_away_does_not_count() {
        let mut attendance = Attendance::default();
        attendance.begin(at(0));
        attendance.end(Departure::Lost, at(60));
        attendance.begin(at(90));
        attendance.begin(at(95));
        attendance.end(Departure::Left, at(100));
        attendance.end(Departure::Left, at(900));
        assert_eq!(attendance.total(at(1_000)), SignedDuration::from_secs(70));
        assert_eq!(attendance.spans().len(), 2);
    }
}
