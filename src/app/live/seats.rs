//! The hotline's seats and calls: presence, ringing, accepting, ending, and what survives a lost socket.
//!
//! The rules are in `domain::hotline`; here they meet sockets and transports. Media is opened nowhere here: it
//! follows from the call's state, and the chamber's from its consent (`routes.rs`).

use domain::hotline::{
    Answer, Call, CallError, DeclineReason, Outcome, OwnPresence, Presence, Side, Standing, State,
    answer_to_ring, may_ring,
};
use domain::id::{CallId, PostId};
use jiff::Timestamp;
use signaling::value::{CallReason, CallState, DeclineReason as SaidReason, Id, OwnPresence as SaidPresence};
use signaling::value::{Peer, Presence as ToldPresence, Role, Seat};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits};

use super::floor::{Floor, Socket, Spot, span, title, told_limits, wire};
use super::turn::{Act, Entry, EntryPlace, SeatCard, SocketId};
use crate::app::resume::Resume;
use crate::audit::By;
use crate::auth::Actor;
use crate::auth::policy::Object;

/// One seat.
#[derive(Debug)]
pub(super) struct LiveSeat {
    pub(super) socket: Option<SocketId>,
    card: SeatCard,
    said: OwnPresence,
    lost_at: Option<Timestamp>,
    told: Presence,
}

/// A socket at its seat.
pub(super) type At = (SocketId, PostId);

impl LiveSeat {
    fn tile(&self) -> Seat {
        let presence = match self.told {
            Presence::Available => ToldPresence::Available,
            Presence::Away => ToldPresence::Away,
            Presence::InMeeting => ToldPresence::InMeeting,
            Presence::InCall => ToldPresence::InCall,
            Presence::Offline => ToldPresence::Offline,
            Presence::Vacant => ToldPresence::Vacant,
        };
        let post = wire(self.card.post.as_str());
        Seat { post, number: self.card.number, title: title(&self.card.title), presence }
    }
}

impl Floor {
    /// The office's seats as they are now. Whoever no longer holds a post loses its seat.
    pub(super) fn set_seats(&mut self, cards: Vec<SeatCard>, now: Timestamp) {
        let mut is_new = self.seats.len() != cards.len();
        let mut unseated: Vec<(SocketId, PostId)> = Vec::new();
        for card in cards {
            let post = card.post.clone();
            let seat = self.seats.entry(post.clone()).or_insert_with(|| {
                is_new = true;
                let (said, told) = (OwnPresence::default(), Presence::Vacant);
                LiveSeat { socket: None, card: card.clone(), said, lost_at: None, told }
            });
            is_new |= seat.card.title != card.title || seat.card.number != card.number;
            seat.card = card;
            let sits = seat.socket.and_then(|s| self.sockets.get(&s).map(|socket| (s, socket)));
            if let Some((id, socket)) = sits
                && !socket.actor.staff().is_some_and(|s| seat.card.holders.contains(&s.person))
            {
                unseated.push((id, post));
            }
        }
        for (socket, post) in unseated {
            self.close(socket, Some(ErrorCode::SessionEnded));
            self.drop_transport(&Spot::Seat(post.clone()));
            self.sockets.remove(&socket);
            self.seat_lost_socket(&post, now);
        }
        if is_new {
            self.update_presence();
            for socket in self.seat_sockets() {
                let seats = self.tiles();
                self.say(socket, ServerMessage::Seats { seats });
            }
        }
    }

    /// A permitted hello on the board or in a chamber.
    pub(super) fn take_seat(&mut self, socket: SocketId, (actor, post): (Actor, PostId), now: Timestamp) {
        let spot = Spot::Seat(post.clone());
        let connected = self.transports.is_up(&spot);
        let Some(seat) = self.seats.get_mut(&post) else {
            return self.refuse(socket, ErrorCode::UnknownPost);
        };
        let (older, own) = (seat.socket.replace(socket), title(&seat.card.title));
        seat.lost_at = None;
        if let Some(older) = older {
            self.sockets.remove(&older);
            self.close(older, Some(ErrorCode::Replaced));
        }
        let object = Object::Post(post.clone());
        let entry = Entry { actor, place: EntryPlace::Seat(post.clone()) };
        let resume = Resume::of(&entry, self.bounds.hours.after, now);
        let token = self.token(resume.as_ref());
        self.sockets.insert(socket, Socket { actor: entry.actor, object, spot: spot.clone(), resume });
        self.say(
            socket,
            ServerMessage::Welcome {
                participant: wire(post.as_str()),
                role: Role::Seat,
                title: own,
                meeting: None,
                limits: told_limits(),
                connected,
                resume: token,
            },
        );
        self.refresh_call(&post, now);
        self.tell_presence();
        let seats = self.tiles();
        self.say(socket, ServerMessage::Seats { seats });
        self.tell_call_again((socket, &post), now);
        self.tell_slots(socket, &spot);
    }

    /// A message from a seat that the policy allows.
    pub(super) fn hear_from_seat(
        &mut self,
        (socket, post): At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        match message {
            ClientMessage::Connect { sdp } => self.ask_transport(socket, Spot::Seat(post), sdp),
            ClientMessage::RestartIce { ufrag } => self.restart_ice(socket, Spot::Seat(post), ufrag)?,
            ClientMessage::SetTracks { .. } => {}
            ClientMessage::SetViews { views } => self.set_views(&Spot::Seat(post), views),
            // A call of two chambers leaves no record of its quality.
            ClientMessage::Quality(_) => {}
            ClientMessage::SetPresence { presence } => {
                let seat = self.seats.get_mut(&post).ok_or(ErrorCode::UnknownPost)?;
                seat.said = match presence {
                    SaidPresence::Available => OwnPresence::Available,
                    SaidPresence::Away => OwnPresence::Away,
                };
            }
            ClientMessage::Ring { post: callee } => self.ring((socket, post), &callee, now)?,
            ClientMessage::AcceptRing { call } => self.accept((socket, post), &call, now)?,
            ClientMessage::DeclineRing { call, reason } => {
                let reason = match reason {
                    SaidReason::Later => DeclineReason::Later,
                    SaidReason::Telephone => DeclineReason::Telephone,
                    SaidReason::Busy => DeclineReason::Busy,
                };
                self.move_call((socket, &call), |c| c.decline(&post, reason, now), now)?;
            }
            ClientMessage::CancelRing { call } => {
                self.move_call((socket, &call), |c| c.cancel(&post, now), now)?;
            }
            ClientMessage::HangUp { call } => {
                self.move_call((socket, &call), |c| c.hang_up(&post, now), now)?
            }
            ClientMessage::Ping { n } => self.say(socket, ServerMessage::Pong { n }),
            _ => return Err(ErrorCode::OutOfTurn),
        }
        Ok(())
    }

    fn ring(&mut self, (socket, caller): At, callee: &Id, now: Timestamp) -> Result<(), ErrorCode> {
        let callee = PostId::parse(callee.as_str()).map_err(|_| ErrorCode::UnknownPost)?;
        let (from, to) = (self.seats.get(&caller), self.seats.get(&callee));
        let (from, to) = (from.ok_or(ErrorCode::UnknownPost)?, to.ok_or(ErrorCode::UnknownPost)?);
        may_ring(from.card.part, to.card.part).map_err(|_| ErrorCode::NotAllowed)?;
        if self.transports.peer(&Spot::Seat(caller.clone())).is_none() {
            return Err(ErrorCode::ConnectFirst);
        }
        if self.call_of(&caller).is_some() {
            return Err(ErrorCode::InCallAlready);
        }
        let id = CallId::fresh(now, self.random.bytes());
        let call =
            Call::ring(id.clone(), caller.clone(), callee.clone(), now).ok_or(ErrorCode::NotAllowed)?;
        let by = self.by(socket);
        self.record(by, Act::Rang { call: id.clone(), caller, callee: callee.clone() }, now);
        let presence = self.standing(&callee, &self.posts_in_meetings()).presence();
        match answer_to_ring(presence) {
            Answer::Busy => self.finish(call.fail(Outcome::Busy, now), By::House, now),
            Answer::Unavailable => self.finish(call.fail(Outcome::Unavailable, now), By::House, now),
            Answer::Rings => {
                self.tell_call(&call, Side::Caller);
                self.calls.insert(id.clone(), call);
                self.tell_incoming(&id, now);
            }
        }
        Ok(())
    }

    /// The callee's own seat takes the call: the consent is made here, by the rules, and nowhere else.
    fn accept(&mut self, (socket, post): At, call: &Id, now: Timestamp) -> Result<(), ErrorCode> {
        let id = CallId::parse(call.as_str()).map_err(|_| ErrorCode::UnknownCall)?;
        if self.transports.peer(&Spot::Seat(post.clone())).is_none() {
            return Err(ErrorCode::ConnectFirst);
        }
        let call = self.calls.get_mut(&id).ok_or(ErrorCode::UnknownCall)?;
        call.accept(&post, now).map_err(code_of)?;
        let call = call.clone();
        let by = self.by(socket);
        self.record(by, Act::Accepted { call: id }, now);
        self.tell_call(&call, Side::Caller);
        self.tell_call(&call, Side::Callee);
        Ok(())
    }

    fn move_call(
        &mut self,
        (socket, call): (SocketId, &Id),
        step: impl FnOnce(&mut Call) -> Result<(), CallError>,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let id = CallId::parse(call.as_str()).map_err(|_| ErrorCode::UnknownCall)?;
        step(self.calls.get_mut(&id).ok_or(ErrorCode::UnknownCall)?).map_err(code_of)?;
        let by = self.by(socket);
        self.sweep(&id, by, now);
        Ok(())
    }

    /// Takes a call that is over off the floor and tells both sides.
    fn sweep(&mut self, id: &CallId, by: By, now: Timestamp) {
        if self.calls.get(id).is_some_and(|c| !c.is_live())
            && let Some(call) = self.calls.remove(id)
        {
            self.finish(call, by, now);
        }
    }

    fn finish(&mut self, call: Call, by: By, now: Timestamp) {
        let State::Over { outcome, .. } = call.state() else { return };
        let outcome = *outcome;
        self.tell_call(&call, Side::Caller);
        if !matches!(outcome, Outcome::Busy | Outcome::Unavailable) {
            self.tell_call(&call, Side::Callee);
        }
        self.record(by, Act::Over { call: call.id().clone(), outcome }, now);
    }

    fn tell_call(&mut self, call: &Call, side: Side) {
        let (state, reason) = told_state(call.state());
        let Some(socket) = self.socket_at(&Spot::Seat(call.post(side).clone())) else { return };
        let peer = self.peer(call.post(side.other()));
        let call = wire(call.id().as_str());
        self.say(socket, ServerMessage::Call { call, state, reason, peer });
    }

    fn tell_incoming(&mut self, id: &CallId, now: Timestamp) {
        let Some(call) = self.calls.get(id) else { return };
        let State::Ringing { since } = *call.state() else { return };
        let Some(socket) = self.socket_at(&Spot::Seat(call.post(Side::Callee).clone())) else { return };
        let left = span(limits::RING_TIMEOUT).saturating_sub(now.duration_since(since));
        let ring_timeout_ms = u32::try_from(left.as_millis().max(0)).unwrap_or(u32::MAX);
        let caller = self.peer(call.post(Side::Caller));
        let call = wire(id.as_str());
        self.say(socket, ServerMessage::Incoming { call, caller, ring_timeout_ms });
    }

    /// A socket that came back hears of the call of its seat again.
    fn tell_call_again(&mut self, (_, post): (SocketId, &PostId), now: Timestamp) {
        let Some(call) = self.call_of(post).cloned() else { return };
        let Some(side) = call.side(post) else { return };
        match (call.state(), side) {
            (State::Ringing { .. }, Side::Callee) => self.tell_incoming(call.id(), now),
            _ => self.tell_call(&call, side),
        }
    }

    fn peer(&self, post: &PostId) -> Peer {
        let named = self.seats.get(post).map(|s| title(&s.card.title));
        let title = named.unwrap_or_else(|| signaling::value::Title { hi: String::new(), en: String::new() });
        Peer { post: wire(post.as_str()), title }
    }

    fn call_of(&self, post: &PostId) -> Option<&Call> {
        self.calls.values().find(|c| c.is_live() && c.side(post).is_some())
    }

    pub(super) fn seat_lost_socket(&mut self, post: &PostId, now: Timestamp) {
        if let Some(seat) = self.seats.get_mut(post) {
            seat.socket = None;
            seat.lost_at = Some(now);
        }
        self.refresh_call(post, now);
    }

    /// A seat's page or transport came or went: its call learns of it.
    pub(super) fn refresh_call(&mut self, post: &PostId, now: Timestamp) {
        let spot = Spot::Seat(post.clone());
        let is_there = self.socket_at(&spot).is_some() && self.transports.peer(&spot).is_some();
        let Some(id) = self.call_of(post).map(|c| c.id().clone()) else { return };
        if let Some(call) = self.calls.get_mut(&id)
            && let Some(side) = call.side(post)
        {
            if is_there { call.come_back(side) } else { call.lose(side, now) }
        }
        self.sweep(&id, By::House, now);
    }

    /// Time passes over the seats and calls.
    pub(super) fn tick_seats(&mut self, now: Timestamp) {
        let (ring, window) = (span(limits::RING_TIMEOUT), span(limits::CALL_RETURN_WINDOW));
        let late = |call: &mut Call| call.pass(ring, window, now);
        let over: Vec<CallId> =
            self.calls.iter_mut().filter_map(|(id, call)| late(call).then(|| id.clone())).collect();
        for id in over {
            self.sweep(&id, By::House, now);
        }
        let mut left: Vec<PostId> = Vec::new();
        for (post, seat) in &mut self.seats {
            if seat.lost_at.is_some_and(|at| now.duration_since(at) >= window) {
                seat.lost_at = None;
                left.push(post.clone());
            }
        }
        for post in left {
            self.drop_transport(&Spot::Seat(post));
        }
    }

    /// Is the seat of a post in a call, or does it ring?
    pub(super) fn is_in_call(&self, post: &PostId) -> bool {
        self.call_of(post).is_some()
    }

    /// * `in_meetings`: the posts that are inside a meeting.
    fn standing(&self, post: &PostId, in_meetings: &[PostId]) -> Standing {
        let Some(seat) = self.seats.get(post) else { return Standing::default() };
        Standing {
            held: !seat.card.holders.is_empty(),
            page: seat.socket.is_some(),
            transport: self.transports.is_up(&Spot::Seat(post.clone())),
            in_call: self.call_of(post).is_some(),
            in_meeting: in_meetings.contains(post),
            said: seat.said,
        }
    }

    /// Works presence out anew.
    ///
    /// * returns: the posts whose presence is another than they were told to be.
    fn update_presence(&mut self) -> Vec<PostId> {
        let in_meetings = self.posts_in_meetings();
        let present = |post: &PostId| (post.clone(), self.standing(post, &in_meetings).presence());
        let now_true: Vec<(PostId, Presence)> = self.seats.keys().map(present).collect();
        let mut changed = Vec::new();
        for (post, presence) in now_true {
            if let Some(seat) = self.seats.get_mut(&post)
                && seat.told != presence
            {
                seat.told = presence;
                changed.push(post);
            }
        }
        changed
    }

    /// Tells every seat what has become of the others.
    pub(super) fn tell_presence(&mut self) {
        let changed = self.update_presence();
        if changed.is_empty() {
            return;
        }
        self.lobbies.stir(&changed);
        for socket in self.seat_sockets() {
            for post in &changed {
                if let Some(tile) = self.seats.get(post).map(LiveSeat::tile) {
                    self.say(socket, ServerMessage::Seat(tile));
                }
            }
        }
    }

    fn seat_sockets(&self) -> Vec<SocketId> {
        self.seats.values().filter_map(|s| s.socket).collect()
    }

    fn tiles(&self) -> Vec<Seat> {
        let mut tiles: Vec<Seat> = self.seats.values().map(LiveSeat::tile).collect();
        tiles.sort_by_key(|t| t.number);
        tiles
    }
}

/// A call's state as the protocol says it.
fn told_state(state: &State) -> (CallState, Option<CallReason>) {
    match state {
        State::Ringing { .. } => (CallState::Ringing, None),
        State::Accepted { .. } => (CallState::Accepted, None),
        State::Over { outcome, .. } => match outcome {
            Outcome::Declined(DeclineReason::Later) => (CallState::Declined, Some(CallReason::Later)),
            Outcome::Declined(DeclineReason::Telephone) => (CallState::Declined, Some(CallReason::Telephone)),
            Outcome::Declined(DeclineReason::Busy) => (CallState::Declined, Some(CallReason::Busy)),
            Outcome::Cancelled => (CallState::Cancelled, None),
            Outcome::Missed => (CallState::Missed, None),
            Outcome::Busy => (CallState::Busy, None),
            Outcome::Unavailable => (CallState::Unavailable, None),
            Outcome::HungUp(_) => (CallState::Ended, Some(CallReason::HungUp)),
            Outcome::Lost(_) => (CallState::Ended, Some(CallReason::Lost)),
        },
    }
}

/// A stranger to a call learns nothing of it: the answer is that of no call at all.
fn code_of(error: CallError) -> ErrorCode {
    match error {
        CallError::NotYours => ErrorCode::UnknownCall,
        CallError::Passed => ErrorCode::CallPassed,
    }
}
