//! Ringing back: whoever may not ring a post may return its ring, for a while.
//!
//! The field does not ring the centre, and nobody below the Chief Secretary rings the Chief Minister; but a ring of theirs that
//! was missed, and a question of theirs, may be answered by one ring. To talk ends the permission.

use crate::id::PostId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Who may ring whom back, and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RingBacks {
    until: BTreeMap<(PostId, PostId), Timestamp>,
}

impl RingBacks {
    /// `who` was rung by `by`, or is asked something: it may ring back until then.
    pub fn permit(&mut self, (who, by): (&PostId, &PostId), until: Timestamp) {
        let known = self.until.entry((who.clone(), by.clone())).or_insert(until);
        *known = until.max(*known);
    }

    /// May `who` ring `to` back now?
    #[must_use]
    pub fn permits(&self, (who, to): (&PostId, &PostId), now: Timestamp) -> bool {
        self.until.get(&(who.clone(), to.clone())).is_some_and(|until| now < *until)
    }

    /// Two talk: neither has anything to return to the other.
    pub fn talk(&mut self, one: &PostId, other: &PostId) {
        self.until.remove(&(one.clone(), other.clone()));
        self.until.remove(&(other.clone(), one.clone()));
    }

    /// Time passes: what is over is forgotten.
    pub fn pass(&mut self, now: Timestamp) {
        self.until.retain(|_, until| now < *until);
    }
}
