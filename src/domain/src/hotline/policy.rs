//! Who may ring whom, and what a permitted ring meets.
//!
//! A table over the parts that posts play; what is not in it is refused. No person and no rank is asked.

use super::call::Finds;
use crate::office::RoleKey;

/// Why a ring is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RingRefused {
    /// The caller's post has no seat, or may not ring that post.
    #[error("this post may not ring that post")]
    NotAllowed,
    /// There is no such seat.
    #[error("there is no such seat")]
    Unknown,
    /// The caller rings, is rung or is in a call already.
    #[error("this seat is in a call already")]
    InCall,
    /// The call in which somebody is to be rung is not the caller's.
    #[error("no such call of this seat")]
    NotYours,
    /// More seats than a call may have.
    #[error("a call has no room for so many")]
    TooMany,
    /// A sealed call takes nobody in.
    #[error("the call is sealed")]
    Sealed,
    /// A page of one of the two cannot seal.
    #[error("a page cannot seal")]
    CannotSeal,
}

/// May a post that plays `caller` ring a post that plays `callee`?
///
/// Centre of the mesh: the Chief Minister, the Chief Secretary and the Development Commissioner ring any seat. Any head of a
/// department rings any seat but the Chief Minister's, whom the Chief Secretary and the Development Commissioner alone ring.
/// Heads of divisions and districts ring each other and the departments; the centre rings them, and they may return its
/// ring (`ring_back`). Nobody rings what has no seat, a citizen least of all: there is no such thing to name.
///
/// # Errors
/// [`RingRefused::NotAllowed`] for every other pair.
pub fn may_ring(caller: RoleKey, callee: RoleKey) -> Result<(), RingRefused> {
    use RoleKey::{
        ChiefMinister, ChiefSecretary, DepartmentHead, DevelopmentCommissioner, DistrictHead, DivisionHead,
    };
    let allowed = match caller {
        ChiefMinister | ChiefSecretary | DevelopmentCommissioner => callee.has_seat(),
        DepartmentHead => callee.has_seat() && callee != ChiefMinister,
        DivisionHead | DistrictHead => matches!(callee, DepartmentHead | DivisionHead | DistrictHead),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(RingRefused::NotAllowed) }
}

/// Who goes first when two want the same seat: the greater number. Heads are equal.
#[must_use]
pub fn precedence(part: RoleKey) -> u8 {
    match part {
        RoleKey::ChiefMinister => 4,
        RoleKey::ChiefSecretary => 3,
        RoleKey::DevelopmentCommissioner => 2,
        RoleKey::DepartmentHead => 1,
        _ => 0,
    }
}

/// What is known of a seat when it is rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callee {
    /// Somebody holds the post.
    pub held: bool,
    /// One of its devices has a live page with a live transport.
    pub warm: bool,
    /// The post, or the person who holds it, is in a call, a ring or a meeting with somebody of this precedence, its own
    /// included.
    pub taken: Option<u8>,
}

/// What a permitted ring meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It rings.
    Rings(Finds),
    /// The callee is taken up.
    Busy,
    /// The callee cannot be reached.
    Unavailable,
}

/// What the ring of a post of this precedence meets. It breaks into what is there only above all that it breaks into, and
/// even then it only rings: nothing is cut but by whoever is rung.
#[must_use]
pub fn answer_to_ring(caller: u8, callee: Callee) -> Answer {
    match callee {
        Callee { held: false, .. } | Callee { warm: false, .. } => Answer::Unavailable,
        Callee { taken: None, .. } => Answer::Rings(Finds::Free),
        Callee { taken: Some(there), .. } if caller > there => Answer::Rings(Finds::Taken),
        Callee { taken: Some(_), .. } => Answer::Busy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seats_ring_and_are_rung_and_nobody_rings_further_up_than_he_may() {
        for caller in RoleKey::ALL {
            for callee in RoleKey::ALL {
                let is_chief = *callee == RoleKey::ChiefMinister;
                let is_centre = precedence(*callee) > 1;
                let is_field = matches!(caller, RoleKey::DivisionHead | RoleKey::DistrictHead);
                let is_head = *caller == RoleKey::DepartmentHead;
                let is_too_high = (is_field && is_centre) || (is_head && is_chief);
                let wanted = caller.has_seat() && callee.has_seat() && !is_too_high;
                assert_eq!(may_ring(*caller, *callee).is_ok(), wanted, "{caller:?} rings {callee:?}");
            }
        }
    }

    #[test]
    fn the_chief_minister_is_above_all_and_breaks_into_what_the_chief_secretary_has() {
        let chief = precedence(RoleKey::ChiefMinister);
        assert!(
            RoleKey::ALL.iter().all(|other| *other == RoleKey::ChiefMinister || precedence(*other) < chief)
        );
        let taken = |there| Callee { held: true, warm: true, taken: Some(there) };
        let secretary = precedence(RoleKey::ChiefSecretary);
        assert_eq!(answer_to_ring(chief, taken(secretary)), Answer::Rings(Finds::Taken));
        assert_eq!(answer_to_ring(secretary, taken(chief)), Answer::Busy);
    }

    #[test]
    fn a_ring_breaks_in_only_above_everybody_there() {
        let [cs, dc, head] =
            [RoleKey::ChiefSecretary, RoleKey::DevelopmentCommissioner, RoleKey::DepartmentHead]
                .map(precedence);
        let taken = |there| Callee { held: true, warm: true, taken: Some(there) };
        assert_eq!(answer_to_ring(cs, taken(dc)), Answer::Rings(Finds::Taken));
        assert_eq!(answer_to_ring(dc, taken(head)), Answer::Rings(Finds::Taken));
        assert_eq!(answer_to_ring(dc, taken(cs)), Answer::Busy);
        assert_eq!(answer_to_ring(head, taken(head)), Answer::Busy, "heads are equal");
        assert_eq!(answer_to_ring(cs, taken(cs)), Answer::Busy);
    }

    #[test]
    fn nobody_is_rung_where_nobody_is() {
        let callee = Callee { held: true, warm: true, taken: None };
        assert_eq!(answer_to_ring(1, callee), Answer::Rings(Finds::Free));
        assert_eq!(answer_to_ring(3, Callee { held: false, ..callee }), Answer::Unavailable);
        assert_eq!(answer_to_ring(3, Callee { warm: false, ..callee }), Answer::Unavailable);
    }
}
