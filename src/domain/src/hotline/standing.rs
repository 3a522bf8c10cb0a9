//! Rings that a standing consent answers: they are counted down, and answered by themselves if nobody says no and all on which
//! the consent stands still holds at the end.
//!
//! Every condition is asked anew at each look, so that a countdown outlives none of them.

use super::call::{Act, Call, CallError, Finds, Part};
use super::device::Place;
use super::policy::precedence;
use super::switchboard::{Change, Office, Switchboard};
use crate::id::{CallId, PostId};
use jiff::Timestamp;

impl Switchboard {
    /// A ring of one to one, of whom the seat lets in, is counted down.
    pub(super) fn count_down(
        &mut self,
        id: &CallId,
        (post, by): (&PostId, &PostId),
        office: &impl Office,
        now: Timestamp,
    ) {
        let place = self.answers(id, (post, by), office, now);
        if let Some((place, call)) = place.zip(self.calls.get_mut(id)) {
            call.count_down(&place, (now + self.terms.countdown, now));
        }
    }

    /// Where the ring of `by` would be answered by itself: by a named caller of higher precedence alone, at a seat that has no
    /// other call or ring, for a person who is in no other call.
    fn answers(
        &self,
        id: &CallId,
        (post, by): (&PostId, &PostId),
        office: &impl Office,
        now: Timestamp,
    ) -> Option<Place> {
        let rank = |post: &PostId| office.facts(post).map_or(0, |facts| precedence(facts.part));
        let call = self.calls.get(id)?;
        let is_free = matches!(call.part(post)?, Part::Rung(ring) if ring.finds == Finds::Free)
            && self.of(post).count() == 1
            && call.parts().len() == 2;
        let place = office.answers_by_itself(post, by, now).filter(|place| place.post == *post)?;
        let holds = office.facts(post)?.holders.contains(&place.person);
        let is_idle = self.call_of_person(&place.person).is_none();
        (is_free && holds && is_idle && rank(by) > rank(post)).then_some(place)
    }

    /// Takes back what no standing consent holds for any more: those rings go on as any other.
    pub(super) fn review(&mut self, office: &impl Office, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, post, by) in self.counted_down() {
            let agreed =
                self.calls.get(&id).and_then(|call| Some(call.countdown(&post)?.consent.place().clone()));
            let holds = self.answers(&id, (&post, &by), office, now);
            let Some(call) = self.calls.get_mut(&id).filter(|_| agreed != holds) else { continue };
            if call.withdraw(&post) {
                changes.push(Change::Withdrawn(id, post));
            }
        }
        changes
    }

    /// Is any ring counted down?
    #[must_use]
    pub fn counts_down(&self) -> bool {
        self.calls
            .values()
            .flat_map(|call| call.parts().values())
            .any(|part| matches!(part, Part::Rung(ring) if ring.countdown.is_some()))
    }

    fn counted_down(&self) -> Vec<(CallId, PostId, PostId)> {
        let of_call = |call: &Call| -> Vec<(CallId, PostId, PostId)> {
            let counted = |(post, part): (&PostId, &Part)| match part {
                Part::Rung(ring) if ring.countdown.is_some() => {
                    Some((call.id().clone(), post.clone(), ring.by.clone()))
                }
                _ => None,
            };
            call.parts().iter().filter_map(counted).collect()
        };
        self.calls.values().flat_map(of_call).collect()
    }

    /// Looks at every ring that is counted down: what does not hold any more is taken back, and what has come to its end is
    /// answered. To be called whenever anything may have changed that a standing consent stands on.
    pub fn stand(&mut self, office: &impl Office, now: Timestamp) -> Vec<Change> {
        let mut changes = self.review(office, now);
        for (id, post, _) in self.counted_down() {
            let due =
                self.calls.get(&id).and_then(|call| call.countdown(&post)).filter(|down| down.ends <= now);
            if let Some(place) = due.map(|down| down.consent.place().clone()) {
                changes.extend(self.take_ring((&place, Act::Standing), &id, now).unwrap_or_default());
            }
        }
        changes
    }

    /// The page of a seat that is counted down has frosted its picture.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn frost(&mut self, place: &Place, id: &CallId) -> Result<Vec<Change>, CallError> {
        let consent = self.own(id, &place.post)?.frost(place)?.clone();
        Ok(vec![Change::Frosted(consent)])
    }
}
