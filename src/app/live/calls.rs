//! Calls between seats: what a seat says of them, what came of it, and who is told.
//!
//! The rules are in `domain::hotline`. Media is opened nowhere here: it follows from the consents (`routes.rs`).

use std::collections::BTreeSet;

use domain::hotline::{
    Call, CallError, Change, Class, Countdown, DeclineReason, Device, Finds, Outcome, Part, Purpose, Ring,
    RingRefused, Shows, Spans, Switchboard, Terms,
};
use domain::id::{CallId, PostId};
use jiff::Timestamp;
use signaling::value::{
    CallReason, CallState, DeclineReason as SaidReason, Id, Member, MemberState, Peer, Posts, Title,
};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits as told};

use super::floor::{Floor, Spot, span, title, wire};
use super::seats::{At, Chambers};
use super::turn::{Act, Output, SocketId};
use crate::audit::By;
use crate::limits;

/// The bounds of the house's calls.
pub(super) fn terms() -> Terms {
    let spans = Spans {
        ring: span(told::RING_TIMEOUT),
        back: span(told::CALL_RETURN_WINDOW),
        hold: span(told::HOLD_MAX),
        moves: span(limits::CALL_MOVE_MAX),
    };
    Terms {
        spans,
        later: span(told::LATER),
        countdown: span(told::COUNTDOWN),
        ring_back: span(limits::RING_BACK),
        seats_max: told::RUNG_MAX + 1,
    }
}

/// A call of so many seats is told whole at each change.
const CALL_TOLD_WHOLE: usize = 6;

/// Who sees a call at which device.
struct Told<'a> {
    call: &'a Call,
    post: &'a PostId,
    device: Device,
}

impl Floor {
    /// What a seat says of calls. Whatever is refused stands in the audit chain.
    pub(super) fn hear_of_call(
        &mut self,
        at: At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let about = message.kind();
        let (socket, post, _) = at.clone();
        match self.move_call(&at, message, now) {
            Ok(changes) => {
                self.follow_calls(Some(socket), changes, now);
                Ok(())
            }
            Err(code) => {
                self.refuse_call((socket, post), (about, code), now);
                Err(code)
            }
        }
    }

    /// Writes down what a seat may not say.
    pub(super) fn refuse_call(
        &mut self,
        (socket, post): (SocketId, PostId),
        (about, code): (&'static str, ErrorCode),
        now: Timestamp,
    ) {
        let by = self.by(socket);
        self.record(by, Act::CallRefused { post, about, code }, now);
    }

    fn move_call(
        &mut self,
        at: &At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<Vec<Change>, ErrorCode> {
        let (_, post, device) = at;
        let place = self.place(at).ok_or(ErrorCode::NotAllowed)?;
        let calls = &mut self.calls;
        let moved = match message {
            ClientMessage::Ring { posts } => {
                let id = CallId::fresh(now, self.random.bytes());
                return self.ring(at, (&id, Purpose::Anew, posts), now);
            }
            ClientMessage::RingSealed { post } => {
                let id = CallId::fresh(now, self.random.bytes());
                return self.ring(at, (&id, Purpose::Sealed, post.into()), now);
            }
            ClientMessage::SealCall { call } => return self.seal_call(at, &call),
            ClientMessage::AddToCall { call, posts } => {
                return self.ring(at, (&call_id(&call)?, Purpose::Join, posts), now);
            }
            ClientMessage::HandOver { call, post } => {
                return self.ring(at, (&call_id(&call)?, Purpose::HandOver, post.into()), now);
            }
            ClientMessage::AcceptRing { call } => {
                self.check_line(post, *device)?;
                self.check_seals(at, &call)?;
                self.calls.accept(&place, &call_id(&call)?, now)
            }
            ClientMessage::Frosted { call } => self.calls.frost(&place, &call_id(&call)?),
            ClientMessage::ResumeCall { call } => {
                self.check_line(post, *device)?;
                self.check_seals(at, &call)?;
                self.calls.resume(&place, &call_id(&call)?, now)
            }
            ClientMessage::TakeCall { call } => {
                self.check_line(post, *device)?;
                self.calls.take(&place, &call_id(&call)?, now)
            }
            ClientMessage::DeclineRing { call, reason } => {
                let reason = match reason {
                    SaidReason::Later => DeclineReason::Later,
                    SaidReason::Telephone => DeclineReason::Telephone,
                    SaidReason::Busy => DeclineReason::Busy,
                };
                calls.decline(post, (&call_id(&call)?, reason), now)
            }
            ClientMessage::CancelRing { call, post: callee } => {
                calls.cancel(&place, (&call_id(&call)?, &post_id(&callee)?), now)
            }
            ClientMessage::HangUp { call } => calls.hang_up(&place, &call_id(&call)?, now),
            _ => return Err(ErrorCode::OutOfTurn),
        };
        moved.map_err(code_of)
    }

    pub(super) fn ring(
        &mut self,
        at: &At,
        (id, purpose, posts): (&CallId, Purpose, Posts),
        now: Timestamp,
    ) -> Result<Vec<Change>, ErrorCode> {
        let place = self.place(at).ok_or(ErrorCode::NotAllowed)?;
        let posts = posts.as_slice().iter().map(post_id).collect::<Result<Vec<PostId>, ErrorCode>>()?;
        self.check_line(&place.post, place.device)?;
        let rung = self.ask_office(|calls, office| calls.ring(&place, (id, purpose, &posts), office, now));
        rung.map_err(|refused| match refused {
            RingRefused::NotAllowed => ErrorCode::NotAllowed,
            RingRefused::Unknown => ErrorCode::UnknownPost,
            RingRefused::InCall => ErrorCode::InCallAlready,
            RingRefused::NotYours => ErrorCode::UnknownCall,
            RingRefused::TooMany => ErrorCode::CallFull,
            RingRefused::Sealed => ErrorCode::CallSealed,
            RingRefused::CannotSeal => ErrorCode::CannotSeal,
        })
    }

    /// Rings that their seats answer by themselves: to be looked at whenever anything may have changed.
    pub(super) fn look_at_countdowns(&mut self, now: Timestamp) {
        if !self.calls.counts_down() {
            return;
        }
        let changes = self.ask_office(|calls, office| calls.stand(office, now));
        self.follow_calls(None, changes, now);
    }

    /// Lets the switchboard ask of the seats while it moves.
    pub(super) fn ask_office<T>(&mut self, moves: impl FnOnce(&mut Switchboard, &Chambers<'_>) -> T) -> T {
        let mut calls = std::mem::replace(&mut self.calls, Switchboard::new(terms()));
        let moved = moves(&mut calls, &self.chambers());
        self.calls = calls;
        moved
    }

    pub(super) fn check_line(&self, post: &PostId, device: Device) -> Result<(), ErrorCode> {
        let is_there = self.transports.peer(&Spot::Seat(post.clone(), device)).is_some();
        if is_there { Ok(()) } else { Err(ErrorCode::ConnectFirst) }
    }

    /// Writes down what came of a move and tells everybody whom it concerns.
    ///
    /// * `socket`: who did it; the house when time or a fault did.
    pub(super) fn follow_calls(&mut self, socket: Option<SocketId>, changes: Vec<Change>, now: Timestamp) {
        let by = socket.map_or(By::House, |socket| self.by(socket));
        let mut touched: BTreeSet<(CallId, PostId)> = BTreeSet::new();
        let mut concerned: BTreeSet<PostId> = BTreeSet::new();
        for change in changes {
            match &change {
                Change::Opened(call, place) => drop(touched.insert((call.clone(), place.post.clone()))),
                Change::Consented(consent) | Change::Frosted(consent) => {
                    touched.insert((consent.call().clone(), consent.place().post.clone()));
                }
                Change::Rung(call, post, _)
                | Change::Held(call, post)
                | Change::Withdrawn(call, post)
                | Change::Arrived(call, post)
                | Change::Sealed(call, post)
                | Change::Out(call, post, _) => {
                    touched.insert((call.clone(), post.clone()));
                }
                Change::Over(call) => {
                    let these = touched.extract_if(.., |(id, _)| id == call.id());
                    let posts: BTreeSet<PostId> = these.map(|(_, post)| post).collect();
                    concerned.extend(posts.iter().cloned());
                    self.tell_call(call, &posts, now);
                }
                Change::Due { post, to } => {
                    let peer = self.peer(to);
                    for socket in self.sockets_of(post) {
                        self.say(socket, ServerMessage::RingBack { peer: peer.clone() });
                    }
                }
            }
            self.record(by.clone(), Act::Call(Box::new(change)), now);
        }
        concerned.extend(touched.iter().map(|(_, post)| post.clone()));
        let ids: BTreeSet<CallId> = touched.iter().map(|(id, _)| id.clone()).collect();
        for id in ids {
            let Some(call) = self.calls.call(&id).cloned() else { continue };
            let posts = touched.iter().filter(|(of, _)| *of == id).map(|(_, post)| post.clone()).collect();
            self.tell_call(&call, &posts, now);
        }
        concerned.iter().for_each(|post| self.tell_meetings_of(post, now));
    }

    /// Tells a call to the seats that changed in it, and of them to the others. In a large one the others hear of each
    /// change alone: a hundred seats that are told of a hundred would be told too much.
    fn tell_call(&mut self, call: &Call, changed: &BTreeSet<PostId>, now: Timestamp) {
        let talks = |part: &&Part| matches!(part, Part::Inside { .. } | Part::Held { .. });
        let is_small =
            call.parts().len() <= CALL_TOLD_WHOLE || call.parts().values().filter(talks).count() <= 2;
        for (post, part) in call.parts() {
            let is_changed = changed.contains(post);
            if !is_changed && !talks(&part) {
                continue;
            }
            for (device, socket) in self.devices_of(post) {
                if is_changed || is_small {
                    self.tell_part((socket, &Told { call, post, device }), now);
                    continue;
                }
                for other in changed {
                    let Some(state) = call.parts().get(other).map(member_state) else { continue };
                    let member = Member { post: wire(other.as_str()), state };
                    self.say(socket, ServerMessage::Member { call: wire(call.id().as_str()), member });
                }
            }
        }
    }

    /// Tells one device where its seat stands in a call.
    fn tell_part(&mut self, (socket, told): (SocketId, &Told<'_>), now: Timestamp) {
        let Told { call, post, device } = *told;
        let Some(part) = call.parts().get(post) else { return };
        if let Part::Rung(ring) = part {
            let left = span(told::RING_TIMEOUT).saturating_sub(now.duration_since(ring.since));
            let others = call.parts().keys().filter(|other| **other != *post && **other != ring.by);
            let others =
                others.filter(|other| call.part(other).is_some()).map(|other| self.peer(other)).collect();
            let incoming = ServerMessage::Incoming {
                call: wire(call.id().as_str()),
                caller: self.peer(&ring.by),
                others,
                ring_timeout_ms: u32::try_from(left.as_millis().max(0)).unwrap_or(u32::MAX),
                breaks_in: ring.finds == Finds::Taken,
                opens_in_ms: opens_in(ring, device, now),
                review: self.is_review(call.id()),
                sealed: call.class() == Class::Sealed,
            };
            return self.say(socket, incoming);
        }
        let Some((state, reason)) = own_state(call, post) else { return };
        let member = |(other, part): (&PostId, &Part)| Member {
            post: wire(other.as_str()),
            state: member_state(part),
        };
        // Whoever never took the ring does not learn who talks with whom.
        let is_told = !matches!(state, CallState::Declined | CallState::Cancelled | CallState::Missed)
            || call.opener() == post;
        let members =
            call.parts().iter().filter(|(other, _)| is_told && *other != post).map(member).collect();
        // Whoever goes to another device is at both until he is heard there.
        let mut open = call.consents(post).map(|consent| consent.place().device).peekable();
        let here = open.peek().is_none() || open.any(|at| at == device);
        let sealed = call.class() == Class::Sealed;
        self.say(
            socket,
            ServerMessage::Call { call: wire(call.id().as_str()), state, reason, here, sealed, members },
        );
        if matches!(part, Part::Inside { .. }) {
            self.tell_review_to((socket, call), now);
        }
    }

    /// A socket that came back hears of the calls of its seat again.
    pub(super) fn tell_calls_again(
        &mut self,
        (socket, post, device): (SocketId, &PostId, Device),
        now: Timestamp,
    ) {
        let calls: Vec<Call> = self.calls.of(post).map(|(call, _)| call.clone()).collect();
        for call in &calls {
            self.tell_part((socket, &Told { call, post, device }), now);
        }
        self.tell_expected_again((socket, post));
    }

    /// A device of a seat came or went, by its page or its transport: its calls learn of it.
    pub(super) fn refresh_call(&mut self, post: &PostId, device: Device, now: Timestamp) {
        let spot = Spot::Seat(post.clone(), device);
        if self.socket_at(&spot).is_some() && self.transports.peer(&spot).is_some() {
            return self.calls.come_back(post, device);
        }
        let changes = self.calls.lose(post, device, now);
        self.follow_calls(None, changes, now);
    }

    /// Time passes over the calls.
    pub(super) fn tick_calls(&mut self, now: Timestamp) {
        let changes = self.calls.pass(now);
        self.follow_calls(None, changes, now);
        if self.calls_seen_at.is_none_or(|at| now.duration_since(at) >= span(limits::CALL_SEEN_EVERY)) {
            self.calls_seen_at = Some(now);
            let ids: Vec<CallId> = self.calls.calls().map(|call| call.id().clone()).collect();
            if !ids.is_empty() {
                self.put(Output::CallsGoOn(ids));
            }
        }
    }

    pub(super) fn peer(&self, post: &PostId) -> Peer {
        let named = self.seats.get(post).map(|s| title(&s.card.title));
        let title = named.unwrap_or_else(|| Title { hi: String::new(), en: String::new() });
        Peer { post: wire(post.as_str()), title }
    }

    fn devices_of(&self, post: &PostId) -> Vec<(Device, SocketId)> {
        let Some(seat) = self.seats.get(post) else { return Vec::new() };
        seat.devices.iter().filter_map(|(device, at)| Some((*device, at.socket?))).collect()
    }

    /// A post asks these seats something. Whoever may not ring it may answer by a ring, for as long as a ring is returned after
    /// the set minute.
    pub(super) fn let_answer_by_ring(&mut self, asker: &PostId, (seats, until): (&[PostId], Timestamp)) {
        let until = until + span(limits::RING_BACK);
        let part = |post: &PostId| self.seats.get(post).map(|seat| seat.card.part);
        let may_not = |post: &&PostId| {
            part(post)
                .zip(part(asker))
                .is_some_and(|(post, asker)| domain::hotline::may_ring(post, asker).is_err())
        };
        let who: Vec<PostId> = seats.iter().filter(may_not).cloned().collect();
        who.iter().for_each(|post| self.calls.let_ring_back(post, asker, until));
    }

    /// Tells these seats that something of the questions to them, or of theirs, has changed.
    pub(super) fn tell_questions(&mut self, posts: &[PostId]) {
        for post in posts {
            for socket in self.sockets_of(post) {
                self.say(socket, ServerMessage::Questions {});
            }
        }
    }

    /// Tells these seats that what they have missed, or a word of theirs, has changed.
    pub(super) fn tell_missed(&mut self, posts: &[PostId]) {
        for post in posts {
            for socket in self.sockets_of(post) {
                self.say(socket, ServerMessage::Missed {});
            }
        }
    }

    pub(super) fn sockets_of(&self, post: &PostId) -> Vec<SocketId> {
        self.devices_of(post).into_iter().map(|(_, socket)| socket).collect()
    }
}

/// How long until the ring is answered by itself at this device, if it is.
fn opens_in(ring: &Ring, device: Device, now: Timestamp) -> Option<u32> {
    let down = ring.countdown.as_ref().filter(|down| down.consent.place().device == device)?;
    u32::try_from(down.ends.duration_since(now).as_millis().max(0)).ok()
}

/// Where a seat stands in a call, as it is told; nothing while it is rung, and to whom the ring never came.
fn own_state(call: &Call, post: &PostId) -> Option<(CallState, Option<CallReason>)> {
    let outcome = match call.parts().get(post)? {
        Part::Rung(_) | Part::Out { outcome: Outcome::Busy | Outcome::Unavailable, .. } => return None,
        Part::Inside { .. } => {
            let is_answered = |(other, part): (&PostId, &Part)| {
                other != post && matches!(part, Part::Inside { .. } | Part::Held { .. })
            };
            let answered = call.parts().iter().any(is_answered);
            return Some((if answered { CallState::Accepted } else { CallState::Ringing }, None));
        }
        Part::Held { .. } => return Some((CallState::Held, None)),
        Part::Out { outcome, .. } => *outcome,
    };
    let others = last_of_others(call, post);
    let has_talked = matches!(others, Outcome::HungUp | Outcome::HandedOver | Outcome::Ended | Outcome::Lost);
    let told = match outcome {
        // Whoever was left alone hears what became of the others.
        Outcome::Ended => others,
        // To hang up while it rings is to give up.
        Outcome::HungUp if !has_talked && call.opener() == post => Outcome::Cancelled,
        own => own,
    };
    Some(match told {
        Outcome::Declined(DeclineReason::Later) => (CallState::Declined, Some(CallReason::Later)),
        Outcome::Declined(DeclineReason::Telephone) => (CallState::Declined, Some(CallReason::Telephone)),
        Outcome::Declined(DeclineReason::Busy) => (CallState::Declined, Some(CallReason::Busy)),
        Outcome::Cancelled => (CallState::Cancelled, None),
        Outcome::Missed => (CallState::Missed, None),
        Outcome::Busy => (CallState::Busy, None),
        Outcome::Unavailable => (CallState::Unavailable, None),
        Outcome::HungUp | Outcome::Ended => (CallState::Ended, Some(CallReason::HungUp)),
        Outcome::HandedOver => (CallState::Ended, Some(CallReason::HandedOver)),
        Outcome::Lost => (CallState::Ended, Some(CallReason::Lost)),
    })
}

/// What became of the others of a call that is over: that somebody talked says more than that somebody did not come.
fn last_of_others(call: &Call, post: &PostId) -> Outcome {
    let weight = |outcome: &Outcome| match outcome {
        Outcome::HungUp | Outcome::HandedOver | Outcome::Ended => 6,
        Outcome::Lost => 5,
        Outcome::Declined(_) => 4,
        Outcome::Missed => 3,
        Outcome::Busy => 2,
        Outcome::Unavailable | Outcome::Cancelled => 1,
    };
    let others = call.parts().iter().filter(|(other, _)| *other != post).filter_map(|(_, part)| match part {
        Part::Out { outcome, .. } => Some(*outcome),
        _ => None,
    });
    match others.max_by_key(weight) {
        Some(Outcome::HandedOver) | None => Outcome::HungUp,
        Some(outcome) => outcome,
    }
}

fn member_state(part: &Part) -> MemberState {
    match part {
        Part::Rung(Ring { countdown: Some(Countdown { shows: Shows::Frosted, .. }), .. }) => {
            MemberState::Frosted
        }
        Part::Rung(_) => MemberState::Rung,
        Part::Inside { .. } => MemberState::Inside,
        Part::Held { .. } => MemberState::Held,
        Part::Out { outcome, .. } => match outcome {
            Outcome::Declined(DeclineReason::Later) => MemberState::Later,
            Outcome::Declined(DeclineReason::Telephone) => MemberState::Telephone,
            Outcome::Declined(DeclineReason::Busy) | Outcome::Busy => MemberState::Busy,
            Outcome::Cancelled => MemberState::Cancelled,
            Outcome::Missed => MemberState::Missed,
            Outcome::Unavailable => MemberState::Unavailable,
            Outcome::HungUp | Outcome::HandedOver | Outcome::Lost | Outcome::Ended => MemberState::Left,
        },
    }
}

pub(super) fn call_id(call: &Id) -> Result<CallId, ErrorCode> {
    CallId::parse(call.as_str()).map_err(|_| ErrorCode::UnknownCall)
}

pub(super) fn post_id(post: &Id) -> Result<PostId, ErrorCode> {
    PostId::parse(post.as_str()).map_err(|_| ErrorCode::UnknownPost)
}

/// A stranger to a call learns nothing of it: the answer is that of no call at all.
pub(super) fn code_of(error: CallError) -> ErrorCode {
    match error {
        CallError::NotYours => ErrorCode::UnknownCall,
        CallError::Passed => ErrorCode::CallPassed,
        CallError::Sealed => ErrorCode::CallSealed,
        CallError::CannotSeal => ErrorCode::CannotSeal,
    }
}
