//! All calls of the house at once, and what one does to another: a seat is inside one at most, a ring of higher precedence
//! may be heard in the middle of a call, what it interrupts is held, and whoever said «in two minutes» is reminded.
//!
//! Pure: facts about seats are asked of an [`Office`], the time is passed in, what came of a move is returned as
//! [`Change`]s in their order.

use super::call::{Act, Call, CallError, Consent, DeclineReason, Finds, Outcome, Part, Ring, Spans, Then};
use super::device::{Device, Place};
use super::policy::{Answer, Callee, RingRefused, answer_to_ring, may_ring, precedence};
use super::ring_back::RingBacks;
use crate::id::{CallId, PersonId, PostId};
use crate::office::RoleKey;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What a seat looks like to whoever rings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The part that the post plays.
    pub part: RoleKey,
    /// Who holds it now; nobody when it is vacant.
    pub holders: Vec<PersonId>,
    /// Somebody can hear a ring there: a live page with a live transport, or the page of a meeting.
    pub warm: bool,
    /// The post is inside a meeting.
    pub in_meeting: bool,
}

/// Where facts about seats come from.
pub trait Office {
    /// What is known of a seat; nothing when the post has none.
    fn facts(&self, post: &PostId) -> Option<Facts>;

    /// Where a ring of this caller is answered by itself now: the device at which the occupant sits who has said so for
    /// these hours. Nowhere while he is in a meeting.
    fn answers_by_itself(&self, post: &PostId, caller: &PostId, now: Timestamp) -> Option<Place>;

    /// Can a page of this seat seal what it sends: the one at this device, or any? Where no page is there yet, it may be one
    /// that can; the accept asks again.
    fn seals(&self, post: &PostId, device: Option<Device>) -> bool;

    /// The part that a post plays in the office, where nothing else of it is asked.
    fn part(&self, post: &PostId) -> Option<RoleKey> {
        Some(self.facts(post)?.part)
    }
}

/// What a ring is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A call of its own.
    Anew,
    /// A call of its own with one other, sealed from its first moment.
    Sealed,
    /// Another in the call that there is.
    Join,
    /// Another instead of oneself.
    HandOver,
}

/// What came of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A call was opened.
    Opened(CallId, Place),
    /// A seat is being rung, or could not be; the ring tells by whom.
    Rung(CallId, PostId, Ring),
    /// A seat agreed to be seen and heard.
    Consented(Consent),
    /// A seat that is counted down shows a frosted picture from now on.
    Frosted(Consent),
    /// A ring is not answered by itself any more; it goes on ringing.
    Withdrawn(CallId, PostId),
    /// A seat took another call.
    Held(CallId, PostId),
    /// A seat that went to another device is open there alone.
    Arrived(CallId, PostId),
    /// A call is sealed from now on, for good: told of each of its seats.
    Sealed(CallId, PostId),
    /// A seat is out.
    Out(CallId, PostId, Outcome),
    /// A call is over; nothing of it is known any more.
    Over(Box<Call>),
    /// A seat had said «in two minutes» to another, and they are over.
    Due {
        /// Who said so.
        post: PostId,
        /// To whom.
        to: PostId,
    },
}

/// The bounds of the switchboard.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long things last in a call.
    pub spans: Spans,
    /// What «in two minutes» is.
    pub later: SignedDuration,
    /// How long a ring of somebody whom one may not ring can be returned.
    pub ring_back: SignedDuration,
    /// How long a ring rings that is answered by itself.
    pub countdown: SignedDuration,
    /// Seats in one call.
    pub seats_max: usize,
}

/// See the module. Invariants: a seat is inside one call at most and held in one at most; no call is hollow.
#[derive(Debug, Clone)]
pub struct Switchboard {
    pub(super) terms: Terms,
    pub(super) calls: BTreeMap<CallId, Call>,
    /// When who is to be reminded of whom.
    promises: BTreeMap<(PostId, PostId), Timestamp>,
    /// Who may ring whom although the table says no.
    backs: RingBacks,
}

impl Switchboard {
    /// Nobody talks.
    #[must_use]
    pub fn new(terms: Terms) -> Switchboard {
        Switchboard { terms, calls: BTreeMap::new(), promises: BTreeMap::new(), backs: RingBacks::default() }
    }

    /// All live calls.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// A live call.
    pub fn call(&self, id: &CallId) -> Option<&Call> {
        self.calls.get(id)
    }

    /// The live calls of a seat, with its part in each.
    pub fn of(&self, post: &PostId) -> impl Iterator<Item = (&Call, &Part)> + use<'_> {
        let post = post.clone();
        self.calls.values().filter_map(move |call| Some((call, call.part(&post)?)))
    }

    /// The call in which a seat is.
    pub fn inside(&self, post: &PostId) -> Option<&Call> {
        self.of(post).find(|(_, part)| matches!(part, Part::Inside { .. })).map(|(call, _)| call)
    }

    /// Does a seat ring, is it rung, or is it in a call? So is a seat whose holders are all in calls of other seats.
    #[must_use]
    pub fn is_taken(&self, post: &PostId, holders: &[PersonId]) -> bool {
        self.of(post).any(|(_, part)| !matches!(part, Part::Held { .. }))
            || (!holders.is_empty() && holders.iter().all(|person| self.call_of_person(person).is_some()))
    }

    pub(super) fn call_of_person(&self, person: &PersonId) -> Option<&Call> {
        let acts = |call: &&Call| {
            call.inside()
                .filter_map(|post| call.consent(post))
                .any(|consent| consent.place().person == *person)
        };
        self.calls.values().find(acts)
    }

    /// A seat rings others.
    ///
    /// * `call`: a fresh id for [`Purpose::Anew`] and [`Purpose::Sealed`], else that of the caller's own call.
    ///
    /// # Errors
    /// [`RingRefused`]; nobody is rung then.
    pub fn ring(
        &mut self,
        by: &Place,
        (call, purpose, posts): (&CallId, Purpose, &[PostId]),
        office: &impl Office,
        now: Timestamp,
    ) -> Result<Vec<Change>, RingRefused> {
        let caller = office.part(&by.post).ok_or(RingRefused::Unknown)?;
        let mut callees: BTreeMap<&PostId, Facts> = BTreeMap::new();
        for post in posts {
            let callee = office.facts(post).ok_or(RingRefused::Unknown)?;
            let returns = purpose.opens() && posts.len() == 1;
            if !(returns && self.backs.permits((&by.post, post), now)) {
                may_ring(caller, callee.part)?;
            }
            // Nor does anybody ring himself at another post that is his alone.
            let is_self = callee.holders.len() == 1 && callee.holders.contains(&by.person);
            if *post == by.post || is_self {
                return Err(RingRefused::NotAllowed);
            }
            callees.insert(post, callee);
        }
        let there = self.check_room(by, (call, purpose, posts))?;
        let answers: Vec<(PostId, Answer)> = callees
            .iter()
            .filter(|(post, _)| there.is_none_or(|call| call.part(post).is_none()))
            .map(|(post, facts)| ((*post).clone(), self.answer(caller, post, facts, office)))
            .collect();
        self.check_pages(by, (purpose, &answers), office)?;
        let mut changes = Vec::new();
        if purpose.opens() {
            self.calls.insert(call.clone(), Call::open(call.clone(), by.clone(), now));
            changes.push(Change::Opened(call.clone(), by.clone()));
        }
        let then = if purpose == Purpose::HandOver { Then::HandedOver } else { Then::Together };
        for (post, answer) in answers {
            self.promises.remove(&(by.post.clone(), post.clone()));
            if office.facts(&post).is_some_and(|facts| may_ring(facts.part, caller).is_err()) {
                self.backs.permit((&post, &by.post), now + self.terms.ring_back);
            }
            let finds = match answer {
                Answer::Rings(finds) => finds,
                Answer::Busy => Finds::Taken,
                Answer::Unavailable => Finds::Free,
            };
            let ring = Ring { by: by.post.clone(), since: now, finds, then, countdown: None };
            changes.extend(self.rings(call, (post, ring), answer, now));
        }
        changes.extend(self.seal_from_the_first(call, purpose));
        if let (Purpose::Anew, [post]) = (purpose, posts) {
            self.count_down(call, (post, &by.post), office, now);
        }
        changes.extend(self.review(office, now));
        self.settle(call, &mut changes, now);
        Ok(changes)
    }

    fn check_room(
        &self,
        by: &Place,
        (call, purpose, wanted): (&CallId, Purpose, &[PostId]),
    ) -> Result<Option<&Call>, RingRefused> {
        let there = match purpose {
            // Of two who ring each other the ring that was heard first stands.
            Purpose::Anew | Purpose::Sealed
                if self.is_taken(&by.post, &[]) || self.call_of_person(&by.person).is_some() =>
            {
                return Err(RingRefused::InCall);
            }
            Purpose::Anew | Purpose::Sealed => None,
            Purpose::Join | Purpose::HandOver => {
                let own = self.calls.get(call).ok_or(RingRefused::NotYours)?;
                let here = own.consent(&by.post).ok_or(RingRefused::NotYours)?;
                if here.place().device != by.device {
                    return Err(RingRefused::NotYours);
                }
                own.check_third().map_err(|_| RingRefused::Sealed)?;
                Some(own)
            }
        };
        // Who was in the call keeps a line of it, so that whoever is rung again takes no second place.
        let known: BTreeSet<&PostId> =
            there.map_or_else(|| [&by.post].into(), |call| call.parts().keys().collect());
        let all = known.iter().copied().chain(wanted).collect::<BTreeSet<&PostId>>().len();
        let fits = !wanted.is_empty() && all <= self.terms.seats_max;
        if fits { Ok(there) } else { Err(RingRefused::TooMany) }
    }

    fn answer(&self, caller: RoleKey, post: &PostId, facts: &Facts, office: &impl Office) -> Answer {
        let rank = |post: &PostId| office.part(post).map_or(0, precedence);
        let of_call = |call: &Call| {
            call.parts().keys().filter(|post| call.part(post).is_some()).map(rank).max().unwrap_or(0)
        };
        let own = self.of(post).filter(|(_, part)| !matches!(part, Part::Held { .. })).map(|(call, _)| call);
        let persons = facts.holders.iter().map(|person| self.call_of_person(person));
        // Another who holds the post may still take it.
        let elsewhere = persons.collect::<Option<Vec<&Call>>>().unwrap_or_default();
        let above = own.chain(elsewhere).map(of_call).max();
        let meeting = facts.in_meeting.then(|| precedence(facts.part));
        let callee = Callee { held: !facts.holders.is_empty(), warm: facts.warm, taken: above.max(meeting) };
        answer_to_ring(precedence(caller), callee)
    }

    fn rings(
        &mut self,
        call: &CallId,
        (post, ring): (PostId, Ring),
        answer: Answer,
        now: Timestamp,
    ) -> Vec<Change> {
        let outcome = match answer {
            Answer::Rings(_) => None,
            Answer::Busy => Some(Outcome::Busy),
            Answer::Unavailable => Some(Outcome::Unavailable),
        };
        let part = outcome.map_or(Part::Rung(ring.clone()), |outcome| Part::Out { outcome, at: now });
        let Some(call) = self.calls.get_mut(call) else { return Vec::new() };
        if call.ring(post.clone(), part).is_err() {
            return Vec::new();
        }
        let id = call.id().clone();
        let out = outcome.map(|outcome| Change::Out(id.clone(), post.clone(), outcome));
        [Change::Rung(id.clone(), post.clone(), ring)].into_iter().chain(out).collect()
    }

    /// A seat is asked something by a post that it may not ring: it may answer by a ring until then.
    pub fn let_ring_back(&mut self, who: &PostId, to: &PostId, until: Timestamp) {
        self.backs.permit((who, to), until);
    }

    /// The seat itself takes a ring. The call in which it was is held, and whoever else rings it hears that it is taken.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn accept(&mut self, place: &Place, id: &CallId, now: Timestamp) -> Result<Vec<Change>, CallError> {
        self.take_ring((place, Act::Accepted), id, now)
    }

    pub(super) fn take_ring(
        &mut self,
        (place, act): (&Place, Act),
        id: &CallId,
        now: Timestamp,
    ) -> Result<Vec<Change>, CallError> {
        let call = self.calls.get(id).ok_or(CallError::NotYours)?;
        if !matches!(call.part(&place.post).ok_or(CallError::NotYours)?, Part::Rung(_)) {
            return Err(CallError::Passed);
        }
        let mut changes = Vec::new();
        self.put_aside(&place.post, &mut changes, now);
        self.refuse_others(&place.post, id, &mut changes, now);
        self.free_person(&place.person, &place.post, &mut changes, now);
        // Whoever rang himself at another post has ended that call by leaving it.
        let Some(call) = self.calls.get_mut(id) else { return Ok(changes) };
        let handed_over = call.take_ring((place, act), now).unwrap_or_default();
        changes.extend(call.consent(&place.post).cloned().map(Change::Consented));
        changes.extend(handed_over.map(|by| Change::Out(id.clone(), by, Outcome::HandedOver)));
        self.keep_promises(id, &place.post);
        self.settle(id, &mut changes, now);
        Ok(changes)
    }

    /// A seat that was asked into a call comes in by its own act, while the call lasts: it takes the ring, comes back from
    /// another call, or comes after it had said no, had not answered, or had gone.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn come_in(&mut self, place: &Place, id: &CallId, now: Timestamp) -> Result<Vec<Change>, CallError> {
        let call = self.calls.get_mut(id).ok_or(CallError::NotYours)?;
        let by = call.inside().next().cloned().ok_or(CallError::Passed)?;
        match call.parts().get(&place.post).ok_or(CallError::NotYours)? {
            Part::Inside { .. } => Err(CallError::Passed),
            Part::Rung(_) => self.accept(place, id, now),
            Part::Held { .. } => self.resume(place, id, now),
            Part::Out { .. } => {
                let ring = Ring { by, since: now, finds: Finds::Free, then: Then::Together, countdown: None };
                call.ring(place.post.clone(), Part::Rung(ring.clone()))?;
                let mut changes = vec![Change::Rung(id.clone(), place.post.clone(), ring)];
                changes.extend(self.accept(place, id, now)?);
                Ok(changes)
            }
        }
    }

    /// The seat itself does not take a ring.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn decline(
        &mut self,
        post: &PostId,
        (id, why): (&CallId, DeclineReason),
        now: Timestamp,
    ) -> Result<Vec<Change>, CallError> {
        let call = self.own(id, post)?;
        let by = if let Some(Part::Rung(ring)) = call.part(post) { Some(ring.by.clone()) } else { None };
        call.decline(post, why, now)?;
        if let (DeclineReason::Later, Some(by)) = (why, by) {
            self.promises.insert((post.clone(), by), now + self.terms.later);
        }
        Ok(self.out(id, (post, Outcome::Declined(why)), now))
    }

    /// Somebody inside stops ringing a seat.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn cancel(
        &mut self,
        by: &Place,
        (id, post): (&CallId, &PostId),
        now: Timestamp,
    ) -> Result<Vec<Change>, CallError> {
        self.at(id, by)?.cancel(&by.post, post, now)?;
        Ok(self.out(id, (post, Outcome::Cancelled), now))
    }

    /// A seat hangs up, whether inside or held.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn hang_up(&mut self, by: &Place, id: &CallId, now: Timestamp) -> Result<Vec<Change>, CallError> {
        self.at(id, by)?.hang_up(&by.post, now)?;
        Ok(self.out(id, (&by.post, Outcome::HungUp), now))
    }

    /// Somebody else sits down at a device, or nobody does any more: what was agreed there is agreed no longer.
    ///
    /// * `stays`: whose consent is good there still.
    pub fn relieve(
        &mut self,
        post: &PostId,
        (device, stays): (Device, Option<&PersonId>),
        now: Timestamp,
    ) -> Vec<Change> {
        let is_theirs = |call: &Call| {
            let there = |consent: &Consent| {
                consent.place().device == device && Some(&consent.place().person) != stays
            };
            call.consents(post).any(there)
        };
        let ids: Vec<CallId> =
            self.calls.values().filter(|call| is_theirs(call)).map(|call| call.id().clone()).collect();
        let mut changes = Vec::new();
        for id in ids {
            let outcome = self.calls.get_mut(&id).and_then(|call| call.unseat(post, now));
            if let Some(outcome) = outcome {
                changes.extend(self.out(&id, (post, outcome), now));
            }
        }
        changes
    }

    /// Is this person in a call, at whichever seat?
    #[must_use]
    pub fn talks(&self, person: &PersonId) -> bool {
        self.call_of_person(person).is_some()
    }

    /// A seat comes back into the call that it had left for another.
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Passed`] also while it is in another call.
    pub fn resume(&mut self, place: &Place, id: &CallId, now: Timestamp) -> Result<Vec<Change>, CallError> {
        let is_taken = self.inside(&place.post).is_some() || self.call_of_person(&place.person).is_some();
        let call = self.own(id, &place.post)?;
        if is_taken {
            return Err(CallError::Passed);
        }
        call.resume(place, now)?;
        Ok(call.consent(&place.post).cloned().map(Change::Consented).into_iter().collect())
    }

    /// A seat goes on at another of its devices.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn take(&mut self, place: &Place, id: &CallId, now: Timestamp) -> Result<Vec<Change>, CallError> {
        self.own(id, &place.post)?.clone().take(place, now)?;
        let mut changes = Vec::new();
        self.free_person(&place.person, &place.post, &mut changes, now);
        let call = self.own(id, &place.post)?;
        call.take(place, now)?;
        changes.extend(call.consent(&place.post).cloned().map(Change::Consented));
        Ok(changes)
    }

    /// The device to which a seat went is heard.
    ///
    /// * returns: the change, if another device is shut by it.
    pub fn arrived(&mut self, post: &PostId, device: Device) -> Option<Change> {
        let goes_there = |call: &&mut Call| call.consent(post).is_some_and(|c| c.place().device == device);
        let call = self.calls.values_mut().find(goes_there)?;
        call.arrived(post).then(|| Change::Arrived(call.id().clone(), post.clone()))
    }

    /// A device of a seat was cut off.
    pub fn lose(&mut self, post: &PostId, device: Device, now: Timestamp) -> Vec<Change> {
        let ids: Vec<CallId> = self.of(post).map(|(call, _)| call.id().clone()).collect();
        let mut changes = Vec::new();
        for id in ids {
            let Some(call) = self.calls.get_mut(&id) else { continue };
            if call.lose(post, device, now) {
                changes.extend(self.out(&id, (post, Outcome::Lost), now));
            }
        }
        changes
    }

    /// A device of a seat that was cut off is back.
    pub fn come_back(&mut self, post: &PostId, device: Device) {
        self.calls.values_mut().for_each(|call| call.come_back(post, device));
    }

    /// A seat is nobody's, or another's, from now on.
    pub fn unseat(&mut self, post: &PostId, now: Timestamp) -> Vec<Change> {
        self.promises.retain(|(who, to), _| who != post && to != post);
        let ids: Vec<CallId> = self.of(post).map(|(call, _)| call.id().clone()).collect();
        let mut changes = Vec::new();
        for id in ids {
            let outcome = self.calls.get_mut(&id).and_then(|call| call.unseat(post, now));
            if let Some(outcome) = outcome {
                changes.extend(self.out(&id, (post, outcome), now));
            }
        }
        changes
    }

    /// Time passes.
    pub fn pass(&mut self, now: Timestamp) -> Vec<Change> {
        let spans = self.terms.spans;
        let mut changes = Vec::new();
        let ids: Vec<CallId> = self.calls.keys().cloned().collect();
        for id in ids {
            let moved = self.calls.get_mut(&id).map(|call| call.pass_moves(spans, now)).unwrap_or_default();
            changes.extend(moved.into_iter().map(|post| Change::Arrived(id.clone(), post)));
            let gone = self.calls.get_mut(&id).map(|call| call.pass(spans, now)).unwrap_or_default();
            changes.extend(gone.into_iter().map(|(post, outcome)| Change::Out(id.clone(), post, outcome)));
            self.settle(&id, &mut changes, now);
        }
        self.backs.pass(now);
        let due = self.promises.extract_if(.., |_, at| *at <= now);
        changes.extend(due.map(|((post, to), _)| Change::Due { post, to }));
        changes
    }

    pub(super) fn own(&mut self, id: &CallId, post: &PostId) -> Result<&mut Call, CallError> {
        let call = self.calls.get_mut(id).ok_or(CallError::NotYours)?;
        if call.part(post).is_some() { Ok(call) } else { Err(CallError::NotYours) }
    }

    /// The call of whoever acts: who is inside acts from where he is.
    pub(super) fn at(&mut self, id: &CallId, by: &Place) -> Result<&mut Call, CallError> {
        let call = self.own(id, &by.post)?;
        let is_elsewhere = call.consent(&by.post).is_some()
            && !call
                .consents(&by.post)
                .any(|c| c.place().device == by.device && c.place().person == by.person);
        if is_elsewhere { Err(CallError::NotYours) } else { Ok(call) }
    }

    /// A seat went out of a call, and what follows from it.
    fn out(&mut self, id: &CallId, (post, outcome): (&PostId, Outcome), now: Timestamp) -> Vec<Change> {
        let mut changes = vec![Change::Out(id.clone(), post.clone(), outcome)];
        self.settle(id, &mut changes, now);
        changes
    }

    fn settle(&mut self, id: &CallId, changes: &mut Vec<Change>, now: Timestamp) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let gone = call.settle(now);
        changes.extend(gone.into_iter().map(|(post, outcome)| Change::Out(id.clone(), post, outcome)));
        if !call.is_live() {
            changes.extend(self.calls.remove(id).map(|call| Change::Over(Box::new(call))));
        }
    }

    /// The seat takes another call: the one in which it is, is held; one that was held before is given up.
    fn put_aside(&mut self, post: &PostId, changes: &mut Vec<Change>, now: Timestamp) {
        let Some(id) = self.inside(post).map(|call| call.id().clone()) else { return };
        let held = self.of(post).find(|(_, part)| matches!(part, Part::Held { .. }));
        if let Some(before) = held.map(|(call, _)| call.id().clone()) {
            let gone = self.calls.get_mut(&before).is_some_and(|call| call.hang_up(post, now).is_ok());
            if gone {
                changes.extend(self.out(&before, (post, Outcome::HungUp), now));
            }
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.hold(post, now).is_ok() {
            changes.push(Change::Held(id.clone(), post.clone()));
        }
        self.settle(&id, changes, now);
    }

    fn refuse_others(&mut self, post: &PostId, taken: &CallId, changes: &mut Vec<Change>, now: Timestamp) {
        let rung = |(call, part): &(&Call, &Part)| call.id() != taken && matches!(part, Part::Rung(_));
        let others: Vec<CallId> = self.of(post).filter(rung).map(|(call, _)| call.id().clone()).collect();
        for id in others {
            let why = DeclineReason::Busy;
            changes.extend(self.decline(post, (&id, why), now).unwrap_or_default());
        }
    }

    /// Whoever sits at two seats is inside one call at most: that of the other seat is held.
    fn free_person(&mut self, person: &PersonId, post: &PostId, changes: &mut Vec<Change>, now: Timestamp) {
        let other = self.call_of_person(person).and_then(|call| {
            let is_theirs = |at: &&PostId| call.consent(at).is_some_and(|c| c.place().person == *person);
            call.inside().find(is_theirs).cloned()
        });
        if let Some(other) = other.filter(|other| other != post) {
            self.put_aside(&other, changes, now);
        }
    }

    /// Who talks needs no reminder of each other.
    fn keep_promises(&mut self, id: &CallId, post: &PostId) {
        let Some(call) = self.calls.get(id) else { return };
        let with: Vec<&PostId> = call.inside().collect();
        with.iter().for_each(|other| self.backs.talk(post, other));
        self.promises.retain(|(who, to), _| {
            !((who == post && with.contains(&to)) || (to == post && with.contains(&who)))
        });
    }
}

#[cfg(test)]
#[path = "switchboard_tests.rs"]
mod tests;
