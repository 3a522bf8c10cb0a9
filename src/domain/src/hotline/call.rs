//! One call: it rings, is taken or not, and ends. Consent is a value that only the callee's own accept makes.
//!
//! Moves are functions; a wrong one is a typed error and changes nothing. The time is passed in. Nothing here can
//! make a [`Consent`] but [`Call::accept`].

use crate::id::{CallId, PostId};
use jiff::{SignedDuration, Timestamp};

/// The proof that the callee's own seat took this call. There is no other way to make one than [`Call::accept`], and
/// whoever opens a chamber's media must show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    call: CallId,
    by: PostId,
    at: Timestamp,
}

impl Consent {
    /// Which call.
    pub fn call(&self) -> &CallId {
        &self.call
    }

    /// Whose chamber.
    pub fn by(&self) -> &PostId {
        &self.by
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// One end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Rang.
    Caller,
    /// Was rung.
    Callee,
}

impl Side {
    /// The other end.
    pub fn other(self) -> Side {
        match self {
            Side::Caller => Side::Callee,
            Side::Callee => Side::Caller,
        }
    }
}

/// Why a callee does not take a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclineReason {
    /// In two minutes.
    Later,
    /// By telephone.
    Telephone,
    /// Not now.
    Busy,
}

/// How a call came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The callee said no.
    Declined(DeclineReason),
    /// The caller gave up, or was cut off while it rang.
    Cancelled,
    /// Nobody answered in time.
    Missed,
    /// The callee was taken up.
    Busy,
    /// The callee could not be reached.
    Unavailable,
    /// This side hung up.
    HungUp(Side),
    /// This side was cut off and did not come back in time.
    Lost(Side),
}

impl Outcome {
    /// The word that stands in rows.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Declined(DeclineReason::Later) => "declined_later",
            Outcome::Declined(DeclineReason::Telephone) => "declined_telephone",
            Outcome::Declined(DeclineReason::Busy) => "declined_busy",
            Outcome::Cancelled => "cancelled",
            Outcome::Missed => "missed",
            Outcome::Busy => "busy",
            Outcome::Unavailable => "unavailable",
            Outcome::HungUp(_) => "hung_up",
            Outcome::Lost(_) => "lost",
        }
    }
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The callee is being rung.
    Ringing {
        /// Since.
        since: Timestamp,
    },
    /// Both see and hear.
    Accepted {
        /// The callee's own.
        consent: Consent,
        /// When the caller was cut off, if so.
        caller_lost: Option<Timestamp>,
        /// When the callee was cut off, if so.
        callee_lost: Option<Timestamp>,
    },
    /// Over.
    Over {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
        /// When it was accepted, if ever.
        accepted_at: Option<Timestamp>,
    },
}

/// A move that the call does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The post has no part in the call, or not this part.
    #[error("no such call of this seat")]
    NotYours,
    /// The call is past that, or not there yet.
    #[error("the call is past that")]
    Passed,
}

/// One call. Invariants: caller and callee differ; a call that is over stays over; a consent is of this call and of
/// its callee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    id: CallId,
    caller: PostId,
    callee: PostId,
    rang_at: Timestamp,
    state: State,
}

impl Call {
    /// A ring. Nothing if a seat would ring itself.
    pub fn ring(id: CallId, caller: PostId, callee: PostId, now: Timestamp) -> Option<Call> {
        let state = State::Ringing { since: now };
        (caller != callee).then_some(Call { id, caller, callee, rang_at: now, state })
    }

    /// A ring that ends at once as `busy` or `unavailable`: it stands in the ledger too.
    #[must_use]
    pub fn fail(mut self, outcome: Outcome, now: Timestamp) -> Call {
        self.finish(outcome, now);
        self
    }

    /// The id.
    pub fn id(&self) -> &CallId {
        &self.id
    }

    /// The post on this side.
    pub fn post(&self, side: Side) -> &PostId {
        match side {
            Side::Caller => &self.caller,
            Side::Callee => &self.callee,
        }
    }

    /// On which side the post is.
    pub fn side(&self, post: &PostId) -> Option<Side> {
        if *post == self.caller {
            Some(Side::Caller)
        } else if *post == self.callee {
            Some(Side::Callee)
        } else {
            None
        }
    }

    /// When it began to ring.
    pub fn rang_at(&self) -> Timestamp {
        self.rang_at
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The callee's consent while the call lasts: none before the accept and none after the end.
    pub fn consent(&self) -> Option<&Consent> {
        match &self.state {
            State::Accepted { consent, .. } => Some(consent),
            State::Ringing { .. } | State::Over { .. } => None,
        }
    }

    /// Rings or is accepted.
    pub fn is_live(&self) -> bool {
        !matches!(self.state, State::Over { .. })
    }

    /// `Ringing → Accepted`, by the callee's own seat only.
    ///
    /// # Errors
    /// [`CallError::NotYours`] for any other post, [`CallError::Passed`] in any other state.
    pub fn accept(&mut self, by: &PostId, now: Timestamp) -> Result<(), CallError> {
        self.check(by, Side::Callee)?;
        self.check_ringing()?;
        let consent = Consent { call: self.id.clone(), by: by.clone(), at: now };
        self.state = State::Accepted { consent, caller_lost: None, callee_lost: None };
        Ok(())
    }

    /// `Ringing → Over(Declined)`, by the callee.
    ///
    /// # Errors
    /// As [`Call::accept`].
    pub fn decline(&mut self, by: &PostId, reason: DeclineReason, now: Timestamp) -> Result<(), CallError> {
        self.check(by, Side::Callee)?;
        self.check_ringing()?;
        self.finish(Outcome::Declined(reason), now);
        Ok(())
    }

    /// `Ringing → Over(Cancelled)`, by the caller.
    ///
    /// # Errors
    /// As [`Call::accept`], for the caller.
    pub fn cancel(&mut self, by: &PostId, now: Timestamp) -> Result<(), CallError> {
        self.check(by, Side::Caller)?;
        self.check_ringing()?;
        self.finish(Outcome::Cancelled, now);
        Ok(())
    }

    /// `Accepted → Over(HungUp)`, by either. A caller who hangs up while it still rings cancels.
    ///
    /// # Errors
    /// [`CallError::NotYours`] for a stranger, [`CallError::Passed`] after the end or for a callee being rung.
    pub fn hang_up(&mut self, by: &PostId, now: Timestamp) -> Result<(), CallError> {
        let side = self.side(by).ok_or(CallError::NotYours)?;
        match (&self.state, side) {
            (State::Accepted { .. }, _) => self.finish(Outcome::HungUp(side), now),
            (State::Ringing { .. }, Side::Caller) => self.finish(Outcome::Cancelled, now),
            (State::Ringing { .. }, Side::Callee) | (State::Over { .. }, _) => return Err(CallError::Passed),
        }
        Ok(())
    }

    /// A side was cut off. A ringing caller's ring is cancelled; a rung callee goes on being rung; in an accepted
    /// call the time begins to run.
    pub fn lose(&mut self, lost: Side, now: Timestamp) {
        match (&mut self.state, lost) {
            (State::Ringing { .. }, Side::Caller) => self.finish(Outcome::Cancelled, now),
            (State::Accepted { caller_lost, .. }, Side::Caller) => *caller_lost = caller_lost.or(Some(now)),
            (State::Accepted { callee_lost, .. }, Side::Callee) => *callee_lost = callee_lost.or(Some(now)),
            (State::Ringing { .. }, Side::Callee) | (State::Over { .. }, _) => {}
        }
    }

    /// A side that was cut off is back.
    pub fn come_back(&mut self, back: Side) {
        if let State::Accepted { caller_lost, callee_lost, .. } = &mut self.state {
            match back {
                Side::Caller => *caller_lost = None,
                Side::Callee => *callee_lost = None,
            }
        }
    }

    /// Time passes: a ring becomes missed, a call whose lost side stays away ends.
    ///
    /// * `ring`: how long it rings. `window`: how long a lost side may stay away.
    /// * returns: whether the call ended now.
    pub fn pass(&mut self, ring: SignedDuration, window: SignedDuration, now: Timestamp) -> bool {
        let late = |since: Option<Timestamp>| since.is_some_and(|since| now.duration_since(since) >= window);
        let outcome = match &self.state {
            State::Ringing { since } if now.duration_since(*since) >= ring => Outcome::Missed,
            State::Accepted { caller_lost, .. } if late(*caller_lost) => Outcome::Lost(Side::Caller),
            State::Accepted { callee_lost, .. } if late(*callee_lost) => Outcome::Lost(Side::Callee),
            _ => return false,
        };
        self.finish(outcome, now);
        true
    }

    fn check(&self, by: &PostId, wanted: Side) -> Result<(), CallError> {
        if self.side(by) == Some(wanted) { Ok(()) } else { Err(CallError::NotYours) }
    }

    fn check_ringing(&self) -> Result<(), CallError> {
        if matches!(self.state, State::Ringing { .. }) { Ok(()) } else { Err(CallError::Passed) }
    }

    fn finish(&mut self, outcome: Outcome, now: Timestamp) {
        if self.is_live() {
            let accepted_at = self.consent().map(Consent::at);
            self.state = State::Over { outcome, at: now, accepted_at };
        }
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
