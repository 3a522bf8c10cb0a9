//! Who may ring whom, and what a permitted ring meets.
//!
//! A table over the parts that posts play; what is not in it is refused. No person and no rank is asked.

use super::presence::Presence;
use crate::office::RoleKey;

/// Why a ring is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingRefused {
    /// The caller's post has no seat, or may not ring that post.
    #[error("this post may not ring that post")]
    NotAllowed,
    /// A seat does not ring itself.
    #[error("a seat does not ring itself")]
    Itself,
}

/// May a post that plays `caller` ring a post that plays `callee`?
///
/// Centre of the mesh: the Chief Secretary and the Development Commissioner ring any seat. Any head rings any head,
/// and the centre. Nobody rings what has no seat, a citizen least of all: there is no such thing to name.
///
/// # Errors
/// [`RingRefused::NotAllowed`] for every other pair.
pub fn may_ring(caller: RoleKey, callee: RoleKey) -> Result<(), RingRefused> {
    use RoleKey::{ChiefSecretary, DepartmentHead, DevelopmentCommissioner};
    let allowed = match caller {
        ChiefSecretary | DevelopmentCommissioner => callee.has_seat(),
        DepartmentHead => matches!(callee, DepartmentHead | ChiefSecretary | DevelopmentCommissioner),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(RingRefused::NotAllowed) }
}

/// What a permitted ring meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It rings.
    Rings,
    /// The callee is taken up.
    Busy,
    /// The callee cannot be reached.
    Unavailable,
}

/// What a ring meets at a seat in this presence. Somebody who is away is rung: the page is there, the person may be near.
pub fn answer_to_ring(callee: Presence) -> Answer {
    match callee {
        Presence::Available | Presence::Away => Answer::Rings,
        Presence::InCall | Presence::InMeeting => Answer::Busy,
        Presence::Offline | Presence::Vacant => Answer::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seats_ring_and_are_rung() {
        for caller in RoleKey::ALL {
            for callee in RoleKey::ALL {
                let wanted = caller.has_seat() && callee.has_seat();
                assert_eq!(may_ring(*caller, *callee).is_ok(), wanted, "{caller:?} rings {callee:?}");
            }
        }
    }

    #[test]
    fn a_ring_never_breaks_into_a_call_or_a_meeting() {
        assert_eq!(answer_to_ring(Presence::InCall), Answer::Busy);
        assert_eq!(answer_to_ring(Presence::InMeeting), Answer::Busy);
        assert_eq!(answer_to_ring(Presence::Offline), Answer::Unavailable);
        assert_eq!(answer_to_ring(Presence::Vacant), Answer::Unavailable);
        assert_eq!(answer_to_ring(Presence::Away), Answer::Rings);
    }
}
