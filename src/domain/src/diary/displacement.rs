//! Displacement: the officer is called away, and everybody whose time falls gets another one, fairly.
//!
//! Who was displaced before comes first, then the divyang and the senior, then who travels farther, then who asked
//! earlier. Each in this order gets the first free time that is not before his old one. Nobody loses his turn: who finds
//! none stays on the list of those still to be placed. For slots of one length no other assignment has a smaller delay,
//! whatever weights fall with the order (a better-placed swap with a later one never makes the sum smaller).

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::slot::Slot;
use crate::id::AppointmentId;
use crate::office::coded;

/// So long after it was done a displacement can be undone as one act.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_mins(10);

coded! {
    /// Why an officer is away; the words for each are in the locales, and citizens read them.
    AwayReason {
        /// The legislature sits.
        Assembly = "assembly",
        /// A meeting that cannot wait.
        Meeting = "meeting",
        /// A tour.
        Tour = "tour",
        /// A calamity, or law and order.
        Calamity = "calamity",
        /// An election.
        Election = "election",
        /// Leave or illness.
        Leave = "leave",
        /// The office is closed on that day.
        Holiday = "holiday",
        /// The post has changed hands, and its new holder has that time elsewhere; no desk says so, the house does.
        Handover = "handover",
    }
}

impl AwayReason {
    /// The reasons that a desk may give; the others are the house's own.
    pub fn of_desks() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|reason| *reason != Self::Handover)
    }
}

/// An appointment whose time falls, with all that decides its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    /// The appointment.
    pub appointment: AppointmentId,
    /// The time that falls.
    pub slot: Slot,
    /// How often it has been displaced before.
    pub displaced_before: u32,
    /// The citizen is divyang or senior.
    pub is_preferred: bool,
    /// How far the citizen travels, in kilometres; 0 where it is not known, and for a meeting by video.
    pub distance_km: u32,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resettlement {
    /// Who gets which time, in the order of precedence.
    pub moves: Vec<(AppointmentId, Slot)>,
    /// Who finds no time yet, in the order of precedence: first to be asked when one becomes free.
    pub waiting: Vec<AppointmentId>,
}

/// Proposes other times.
///
/// * `free`: disjoint free times outside the absence.
#[must_use]
pub fn resettle(mut fallen: Vec<Fallen>, free: &[Slot]) -> Resettlement {
    fallen.sort_by(|a, b| precedence(a).cmp(&precedence(b)));
    let mut free: BTreeSet<Slot> = free.iter().copied().collect();
    let mut plan = Resettlement::default();
    for one in fallen {
        let fits = |slot: &&Slot| slot.minutes() >= one.slot.minutes();
        let next = free.range(one.slot..).find(fits).copied();
        match next {
            Some(slot) => {
                free.remove(&slot);
                plan.moves.push((one.appointment, slot));
            }
            None => plan.waiting.push(one.appointment),
        }
    }
    plan
}

fn precedence(one: &Fallen) -> impl Ord + use<'_> {
    let Fallen { displaced_before, is_preferred, distance_km, asked_at, appointment, .. } = one;
    (Reverse(displaced_before), !is_preferred, Reverse(distance_km), asked_at, appointment)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn slot(n: i64) -> Slot {
        Slot::starting(Timestamp::from_second(n * 900).unwrap(), 15).unwrap()
    }

    fn fallen(name: &str, at: i64) -> Fallen {
        Fallen {
            appointment: AppointmentId::parse(name).unwrap(),
            slot: slot(at),
            displaced_before: 0,
            is_preferred: false,
            distance_km: 0,
            asked_at: Timestamp::from_second(0).unwrap(),
        }
    }

    fn names(plan: &Resettlement) -> Vec<&str> {
        plan.moves.iter().map(|(appointment, _)| appointment.as_str()).collect()
    }

    #[test]
    fn displaced_before_comes_first_then_need_then_distance_then_the_date_of_asking() {
        let early = fallen("early", 0);
        let late = Fallen { asked_at: Timestamp::from_second(9).unwrap(), ..fallen("late", 0) };
        let far = Fallen { distance_km: 80, ..late.clone() };
        let far = Fallen { appointment: AppointmentId::parse("far").unwrap(), ..far };
        let need = Fallen { is_preferred: true, ..fallen("need", 0) };
        let again = Fallen { displaced_before: 1, ..fallen("again", 0) };
        let plan = resettle(vec![late, early, far, need, again], &[10, 11, 12, 13, 14].map(slot));
        assert_eq!(names(&plan), ["again", "need", "far", "early", "late"]);
        assert!(plan.moves.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }

    #[test]
    fn nobody_is_asked_to_come_before_the_time_that_he_had_and_nobody_is_lost() {
        let plan = resettle(vec![fallen("a", 20), fallen("b", 5)], &[slot(4), slot(10)]);
        assert_eq!(plan.moves, [(AppointmentId::parse("b").unwrap(), slot(10))]);
        assert_eq!(plan.waiting, [AppointmentId::parse("a").unwrap()]);
    }

    /// The least sum of weight times delay over all assignments that place as many as possible, by trying them all.
    fn least(fallen: &[(i64, u64)], free: &mut Vec<i64>) -> (usize, u64) {
        let Some((&(from, weight), rest)) = fallen.split_first() else { return (0, 0) };
        let (left_out, cost) = least(rest, free);
        let mut best = (left_out + 1, cost);
        for place in 0..free.len() {
            let to = free.remove(place);
            if to >= from {
                let (left_out, cost) = least(rest, free);
                best = best.min((left_out, cost + weight * to.abs_diff(from)));
            }
            free.insert(place, to);
        }
        best
    }

    proptest! {
        #[test]
        fn no_other_assignment_makes_people_wait_less(
            old in prop::collection::vec((0i64..12, 0u32..3, any::<bool>(), 0u32..3), 1..6),
            free in prop::collection::btree_set(0i64..16, 0..7),
        ) {
            let all: Vec<Fallen> = old.iter().enumerate().map(|(n, (at, before, need, km))| Fallen {
                displaced_before: *before, is_preferred: *need, distance_km: *km, ..fallen(&format!("a{n}"), *at)
            }).collect();
            let slots: Vec<Slot> = free.iter().copied().map(slot).collect();
            let plan = resettle(all.clone(), &slots);
            prop_assert_eq!(plan.moves.len() + plan.waiting.len(), all.len(), "each one stands on one list");
            let taken: BTreeSet<Slot> = plan.moves.iter().map(|(_, to)| *to).collect();
            prop_assert_eq!(taken.len(), plan.moves.len(), "no time is given twice");

            let mut order = all;
            order.sort_by(|a, b| precedence(a).cmp(&precedence(b)));
            let weighted: Vec<(i64, u64)> = order.iter().enumerate()
                .map(|(n, one)| (one.slot.start().as_second() / 900, (order.len() - n) as u64)).collect();
            let cost: u64 = order.iter().zip(&weighted).filter_map(|(one, (from, weight))| {
                let (_, to) = plan.moves.iter().find(|(appointment, _)| *appointment == one.appointment)?;
                Some(weight * (to.start().as_second() / 900).abs_diff(*from))
            }).sum();
            let best = least(&weighted, &mut free.into_iter().collect());
            prop_assert_eq!(plan.waiting.len(), best.0, "as many as possible are placed");
            // Who is left out costs nothing in the sum, so sums compare only where all are placed.
            if best.0 == 0 {
                prop_assert_eq!(cost, best.1);
            }
        }
    }
}
