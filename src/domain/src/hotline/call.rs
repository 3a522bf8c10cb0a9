//! One call of two or more seats: it rings, is taken or not, by each for himself, and ends.
//!
//! Consent is a value that only an act of the seat itself makes: its own ring, its accept, its coming back, its going to
//! another of its devices, or what its occupant has said beforehand. Moves are functions; a wrong one is a typed error and
//! changes nothing. The time is passed in.

use super::device::{Device, Place};
use super::sealed::Class;
use crate::id::{CallId, PostId};
use crate::office::coded;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

coded! {
    /// By which act a seat agreed to be seen and heard.
    Act {
        /// It rang.
        Rang = "rang",
        /// It accepted.
        Accepted = "accepted",
        /// It came back from another call that it had taken meanwhile.
        Returned = "returned",
        /// It went on at another of its devices.
        Moved = "moved",
        /// It had said before that this caller is answered by itself, and nobody said no in the countdown.
        Standing = "standing",
    }
}

/// The proof that a seat agreed to be seen and heard in this call, at this device. Only the moves of [`Call`] make one,
/// and whoever opens a seat's media must show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    call: CallId,
    place: Place,
    act: Act,
    at: Timestamp,
}

impl Consent {
    /// In which call.
    pub fn call(&self) -> &CallId {
        &self.call
    }

    /// Who agreed, and at which device.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// By which act.
    pub fn act(&self) -> Act {
        self.act
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

coded! {
    /// Why a callee does not take a ring.
    DeclineReason {
        /// In two minutes.
        Later = "later",
        /// By telephone.
        Telephone = "telephone",
        /// Not now.
        Busy = "busy",
    }
}

/// How a call ended for one of its seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It said no.
    Declined(DeclineReason),
    /// Whoever rang it gave up, or was cut off meanwhile.
    Cancelled,
    /// It did not answer in time.
    Missed,
    /// It was taken up.
    Busy,
    /// It could not be reached.
    Unavailable,
    /// It hung up.
    HungUp,
    /// It handed the call on to another seat.
    HandedOver,
    /// It was cut off and did not come back in time.
    Lost,
    /// Nobody else was left.
    Ended,
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
            Outcome::HungUp => "hung_up",
            Outcome::HandedOver => "handed_over",
            Outcome::Lost => "lost",
            Outcome::Ended => "ended",
        }
    }

    /// The outcome of that word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let declined = [DeclineReason::Later, DeclineReason::Telephone, DeclineReason::Busy];
        let others = [
            Self::Cancelled,
            Self::Missed,
            Self::Busy,
            Self::Unavailable,
            Self::HungUp,
            Self::HandedOver,
            Self::Lost,
            Self::Ended,
        ];
        declined.map(Self::Declined).into_iter().chain(others).find(|outcome| outcome.code() == code)
    }
}

/// How somebody is rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// By which seat; it is seen meanwhile.
    pub by: PostId,
    /// Since when.
    pub since: Timestamp,
    /// What it finds there.
    pub finds: Finds,
    /// What follows an accept.
    pub then: Then,
    /// It is answered by itself at the end of this, unless somebody says no.
    pub countdown: Option<Countdown>,
}

/// A ring that a standing consent answers: it is counted down first, and little is shown meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countdown {
    /// Of the one who sits at the device that answers.
    pub consent: Consent,
    /// When it is answered.
    pub ends: Timestamp,
    /// What the caller sees of the seat until then.
    pub shows: Shows,
}

/// What a seat shows while it is counted down. Sound is never part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Nothing: its page has not said that it frosts, or cannot.
    Nothing,
    /// A picture that its page has made unrecognisable.
    Frosted,
}

/// What a ring finds at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finds {
    /// A free seat.
    Free,
    /// A call, a ring or a meeting, into which this one may break.
    Taken,
}

/// What follows when a ring is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Whoever rang stays.
    Together,
    /// Whoever rang leaves: the call is handed over.
    HandedOver,
}

/// Where a seat stands in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// It is being rung and sees who rings.
    Rung(Ring),
    /// It sees and is seen.
    Inside {
        /// Its own.
        consent: Consent,
        /// That of the device from which it is just coming over, until the new one is heard.
        older: Option<Consent>,
        /// When its device was cut off, if so.
        lost: Option<Timestamp>,
    },
    /// It has taken another call and may come back; it neither sees nor is seen.
    Held {
        /// Since.
        since: Timestamp,
    },
    /// It is out.
    Out {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

/// A move that the call does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The seat has no part in the call.
    #[error("no such call of this seat")]
    NotYours,
    /// The call is past that, or not there yet.
    #[error("the call is past that")]
    Passed,
    /// A sealed call stays between its two, at the devices at which they are.
    #[error("the call is sealed")]
    Sealed,
    /// A page of one of the two cannot seal.
    #[error("a page cannot seal")]
    CannotSeal,
}

/// One call. Invariants: a seat that is out stays out until it is rung anew; a consent is of this call and of the seat that
/// holds it; over is who has nobody that is not out; a call that is sealed stays so and has two seats that are not out at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    id: CallId,
    opener: PostId,
    opened_at: Timestamp,
    pub(super) parts: BTreeMap<PostId, Part>,
    pub(super) class: Class,
}

impl Call {
    /// A call that nobody was rung for yet: whoever opens it has agreed to be seen.
    #[must_use]
    pub fn open(id: CallId, opener: Place, now: Timestamp) -> Call {
        let post = opener.post.clone();
        let consent = Consent { call: id.clone(), place: opener, act: Act::Rang, at: now };
        let part = Part::Inside { consent, older: None, lost: None };
        let parts = BTreeMap::from([(post.clone(), part)]);
        Call { id, opener: post, opened_at: now, parts, class: Class::Open }
    }

    /// The id.
    pub fn id(&self) -> &CallId {
        &self.id
    }

    /// Who opened it.
    pub fn opener(&self) -> &PostId {
        &self.opener
    }

    /// When it was opened.
    pub fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// Everybody who has or had a part, with it.
    pub fn parts(&self) -> &BTreeMap<PostId, Part> {
        &self.parts
    }

    /// The part of a seat that is not out.
    pub fn part(&self, post: &PostId) -> Option<&Part> {
        self.parts.get(post).filter(|part| !matches!(part, Part::Out { .. }))
    }

    /// Is anybody not out?
    pub fn is_live(&self) -> bool {
        self.parts.values().any(|part| !matches!(part, Part::Out { .. }))
    }

    /// Who is inside.
    pub fn inside(&self) -> impl Iterator<Item = &PostId> {
        self.parts.iter().filter(|(_, part)| matches!(part, Part::Inside { .. })).map(|(post, _)| post)
    }

    /// The consent of a seat that is inside.
    pub fn consent(&self, post: &PostId) -> Option<&Consent> {
        self.consents(post).next()
    }

    /// The consents of a seat: one, or two while it goes from one device to another.
    pub fn consents(&self, post: &PostId) -> impl Iterator<Item = &Consent> {
        let (now, older) = match self.parts.get(post) {
            Some(Part::Inside { consent, older, .. }) => (Some(consent), older.as_ref()),
            _ => (None, None),
        };
        now.into_iter().chain(older)
    }

    /// The countdown of a seat that is rung, if there is one.
    pub fn countdown(&self, post: &PostId) -> Option<&Countdown> {
        match self.parts.get(post) {
            Some(Part::Rung(ring)) => ring.countdown.as_ref(),
            _ => None,
        }
    }

    /// The consent by which a frosted picture of a seat that is rung goes to whoever rings it.
    pub fn frosted(&self, post: &PostId) -> Option<&Consent> {
        self.countdown(post).filter(|down| down.shows == Shows::Frosted).map(|down| &down.consent)
    }

    /// A seat that is rung will be answered by itself; nothing of it is shown yet.
    pub(super) fn count_down(&mut self, place: &Place, (ends, now): (Timestamp, Timestamp)) {
        let consent = self.consent_of(place, Act::Standing, now);
        if let Some(Part::Rung(ring)) = self.parts.get_mut(&place.post) {
            ring.countdown = Some(Countdown { consent, ends, shows: Shows::Nothing });
        }
    }

    /// It is rung like any other from now on.
    ///
    /// * returns: whether it was counted down.
    pub(super) fn withdraw(&mut self, post: &PostId) -> bool {
        match self.parts.get_mut(post) {
            Some(Part::Rung(ring)) => ring.countdown.take().is_some(),
            _ => false,
        }
    }

    /// The page of a seat that is counted down shows a frosted picture from now on.
    ///
    /// # Errors
    /// [`CallError::Passed`] when nothing is counted down at that device for that person.
    pub fn frost(&mut self, place: &Place) -> Result<&Consent, CallError> {
        let Some(Part::Rung(ring)) = self.parts.get_mut(&place.post) else { return Err(CallError::Passed) };
        let down = ring.countdown.as_mut().filter(|down| down.consent.place == *place);
        let down = down.ok_or(CallError::Passed)?;
        down.shows = Shows::Frosted;
        Ok(&down.consent)
    }

    /// Rings a seat, or notes that it could not be rung.
    ///
    /// # Errors
    /// [`CallError::NotYours`] when who rings is not inside, [`CallError::Passed`] when the seat has a part already,
    /// [`CallError::Sealed`] when it would be the third of a sealed call.
    pub fn ring(&mut self, post: PostId, part: Part) -> Result<(), CallError> {
        let by = if let Part::Rung(ring) = &part { Some(&ring.by) } else { None };
        if by.is_some_and(|by| !matches!(self.parts.get(by), Some(Part::Inside { .. }))) {
            return Err(CallError::NotYours);
        }
        if self.part(&post).is_some() {
            return Err(CallError::Passed);
        }
        self.check_third()?;
        self.parts.insert(post, part);
        Ok(())
    }

    /// The seat itself takes the ring.
    ///
    /// * returns: who handed the call over by it, and is out now.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn accept(&mut self, place: &Place, now: Timestamp) -> Result<Option<PostId>, CallError> {
        self.take_ring((place, Act::Accepted), now)
    }

    pub(super) fn take_ring(
        &mut self,
        (place, act): (&Place, Act),
        now: Timestamp,
    ) -> Result<Option<PostId>, CallError> {
        let Part::Rung(ring) = self.known(&place.post)? else { return Err(CallError::Passed) };
        let hands_over = (ring.then == Then::HandedOver).then(|| ring.by.clone());
        self.consents_by(place, act, now);
        let left = hands_over.filter(|by| matches!(self.parts.get(by), Some(Part::Inside { .. })));
        if let Some(by) = &left {
            self.goes(by, Outcome::HandedOver, now);
        }
        Ok(left)
    }

    /// The seat itself does not take the ring.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn decline(&mut self, post: &PostId, why: DeclineReason, now: Timestamp) -> Result<(), CallError> {
        self.check(post, |part| matches!(part, Part::Rung(_)))?;
        self.goes(post, Outcome::Declined(why), now);
        Ok(())
    }

    /// Somebody inside stops ringing a seat.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn cancel(&mut self, by: &PostId, post: &PostId, now: Timestamp) -> Result<(), CallError> {
        self.check(by, |part| matches!(part, Part::Inside { .. }))?;
        self.check(post, |part| matches!(part, Part::Rung(_)))?;
        self.goes(post, Outcome::Cancelled, now);
        Ok(())
    }

    /// A seat that was inside or held hangs up.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn hang_up(&mut self, post: &PostId, now: Timestamp) -> Result<(), CallError> {
        self.check(post, |part| matches!(part, Part::Inside { .. } | Part::Held { .. }))?;
        self.goes(post, Outcome::HungUp, now);
        Ok(())
    }

    /// A seat that is inside takes another call.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn hold(&mut self, post: &PostId, now: Timestamp) -> Result<(), CallError> {
        self.check(post, |part| matches!(part, Part::Inside { .. }))?;
        self.parts.insert(post.clone(), Part::Held { since: now });
        Ok(())
    }

    /// A seat comes back from another call.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn resume(&mut self, place: &Place, now: Timestamp) -> Result<(), CallError> {
        self.check(&place.post, |part| matches!(part, Part::Held { .. }))?;
        self.consents_by(place, Act::Returned, now);
        Ok(())
    }

    /// A seat that is inside goes on at another of its devices; the one before stays open until [`Call::arrived`].
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Passed`] also when it is at that device already.
    pub fn take(&mut self, place: &Place, now: Timestamp) -> Result<(), CallError> {
        let Part::Inside { consent, .. } = self.known(&place.post)? else { return Err(CallError::Passed) };
        if self.class == Class::Sealed {
            return Err(CallError::Sealed);
        }
        if consent.place.device == place.device {
            return Err(CallError::Passed);
        }
        let before = consent.clone();
        self.consents_by(place, Act::Moved, now);
        if let Some(Part::Inside { older, .. }) = self.parts.get_mut(&place.post) {
            *older = Some(before);
        }
        Ok(())
    }

    /// The device to which a seat went is heard: the one before is shut.
    ///
    /// * returns: whether there was one.
    pub fn arrived(&mut self, post: &PostId) -> bool {
        match self.parts.get_mut(post) {
            Some(Part::Inside { older, .. }) => older.take().is_some(),
            _ => false,
        }
    }

    /// A device was cut off. Whoever is alone inside gives up what he rings.
    ///
    /// * returns: whether the seat is out by it.
    pub fn lose(&mut self, post: &PostId, device: Device, now: Timestamp) -> bool {
        let is_held = self.parts.values().any(|part| matches!(part, Part::Held { .. }));
        let is_alone = self.inside().count() == 1 && !is_held;
        let Some(Part::Inside { consent, older, lost }) = self.parts.get_mut(post) else { return false };
        older.take_if(|older| older.place.device == device);
        if consent.place.device != device {
            return false;
        }
        if is_alone {
            self.goes(post, Outcome::Lost, now);
            return true;
        }
        *lost = lost.or(Some(now));
        false
    }

    /// A device that was cut off is back.
    pub fn come_back(&mut self, post: &PostId, back: Device) {
        if let Some(Part::Inside { consent, lost, .. }) = self.parts.get_mut(post)
            && consent.place.device == back
        {
            *lost = None;
        }
    }

    /// A seat has no part any more, whatever it had: nobody sits there, or its holder is another.
    ///
    /// * returns: how it went, if it had a part.
    pub fn unseat(&mut self, post: &PostId, now: Timestamp) -> Option<Outcome> {
        let outcome = if let Part::Rung(_) = self.part(post)? { Outcome::Unavailable } else { Outcome::Lost };
        self.goes(post, outcome, now);
        Some(outcome)
    }

    /// Time passes: a ring is missed, who was cut off or on hold too long is out.
    ///
    /// * returns: who is out by it, and how.
    pub fn pass(&mut self, spans: Spans, now: Timestamp) -> Vec<(PostId, Outcome)> {
        let over = |since: Timestamp, span| now.duration_since(since) >= span;
        let late = |part: &Part| match part {
            Part::Rung(ring) if over(ring.since, spans.ring) => Some(Outcome::Missed),
            Part::Inside { lost: Some(at), .. } if over(*at, spans.back) => Some(Outcome::Lost),
            Part::Held { since } if over(*since, spans.hold) => Some(Outcome::Ended),
            _ => None,
        };
        let gone: Vec<(PostId, Outcome)> =
            self.parts.iter().filter_map(|(post, part)| Some((post.clone(), late(part)?))).collect();
        for (post, outcome) in &gone {
            self.goes(post, *outcome, now);
        }
        gone
    }

    /// Who has gone to another device and was not heard there in time: the one before is shut all the same.
    pub fn pass_moves(&mut self, spans: Spans, now: Timestamp) -> Vec<PostId> {
        let late = |(post, part): (&PostId, &Part)| match part {
            Part::Inside { consent, older: Some(_), .. } => {
                (now.duration_since(consent.at) >= spans.moves).then(|| post.clone())
            }
            _ => None,
        };
        let late: Vec<PostId> = self.parts.iter().filter_map(late).collect();
        late.into_iter().filter(|post| self.arrived(post)).collect()
    }

    /// Ends what is left of a call in which nobody is with anybody.
    ///
    /// * returns: who is out by it, and how.
    pub fn settle(&mut self, now: Timestamp) -> Vec<(PostId, Outcome)> {
        let inside = self.inside().count();
        let live = self.parts.values().filter(|part| !matches!(part, Part::Out { .. })).count();
        if inside > 0 && live > 1 {
            return Vec::new();
        }
        let end = |part: &Part| match part {
            Part::Rung(_) => Some(Outcome::Cancelled),
            Part::Inside { .. } | Part::Held { .. } => Some(Outcome::Ended),
            Part::Out { .. } => None,
        };
        let gone: Vec<(PostId, Outcome)> =
            self.parts.iter().filter_map(|(post, part)| Some((post.clone(), end(part)?))).collect();
        for (post, outcome) in &gone {
            self.goes(post, *outcome, now);
        }
        gone
    }

    fn known(&self, post: &PostId) -> Result<&Part, CallError> {
        self.parts.get(post).ok_or(CallError::NotYours)
    }

    fn check(&self, post: &PostId, fits: impl Fn(&Part) -> bool) -> Result<(), CallError> {
        if fits(self.known(post)?) { Ok(()) } else { Err(CallError::Passed) }
    }

    /// The one place where a consent is made.
    fn consent_of(&self, place: &Place, act: Act, at: Timestamp) -> Consent {
        Consent { call: self.id.clone(), place: place.clone(), act, at }
    }

    fn consents_by(&mut self, place: &Place, act: Act, at: Timestamp) {
        let consent = self.consent_of(place, act, at);
        self.parts.insert(place.post.clone(), Part::Inside { consent, older: None, lost: None });
    }

    pub(super) fn goes(&mut self, post: &PostId, outcome: Outcome, at: Timestamp) {
        self.parts.insert(post.clone(), Part::Out { outcome, at });
    }
}

/// How long things may last in a call.
#[derive(Debug, Clone, Copy)]
pub struct Spans {
    /// A ring.
    pub ring: SignedDuration,
    /// A cut-off device's absence.
    pub back: SignedDuration,
    /// A hold.
    pub hold: SignedDuration,
    /// The device before stays open beside the new one.
    pub moves: SignedDuration,
}
