//! Reviews on the floor: what a seat says of one, who is told, and what a review takes away from the ways of its call.
//!
//! The rules are in `domain::hotline::review`. Nothing is opened here: a review only silences and parts.

use std::collections::{BTreeMap, BTreeSet};

use domain::direction::{Direction, Origin};
use domain::hotline::review::{Aside, Ask, Item, Reply, Review, ReviewError, Step};
use domain::hotline::{Call, CallError, Purpose};
use domain::id::{CallId, DirectionId, PostId};
use domain::office::ist;
use domain::text::Noting;
use jiff::{SignedDuration, Timestamp, ToSpan};
use media::{Allowed, PeerId};
use signaling::value::{
    AgendaItem, AsideState, GivenDirection, Id, Posts, Review as Told, ReviewStep, RollLine, Speaker, Spoken,
};
use signaling::{ClientMessage, ErrorCode, ServerMessage};

use super::calls::{call_id, code_of, post_id};
use super::floor::{Floor, Spot, span, wire};
use super::routes::Wanted;
use super::seats::At;
use super::turn::{Act, Directed, SocketId};
use crate::limits;

/// One review with what was directed in it.
#[derive(Debug, Clone)]
pub(super) struct LiveReview {
    rules: Review,
    directed: Vec<Direction>,
    /// The roll has changed since the chair was told.
    is_roll_new: bool,
    told_at: Timestamp,
    /// Whose pictures a seat wants to be shown; all where it has not said.
    looks: BTreeMap<PostId, BTreeSet<PostId>>,
    /// Who was told that he may still come.
    awaited: BTreeSet<PostId>,
}

impl LiveReview {
    /// Does what `from` sends not go to `to`: for a word aside, or because `to` looks at others and nothing of `from` can be
    /// heard now?
    fn parts(&self, from: &PostId, to: &PostId) -> bool {
        let rules = &self.rules;
        let is_left_out = self.looks.get(to).is_some_and(|posts| !posts.contains(from));
        let is_shown = rules.may_speak(from) || rules.spotlight() == Some(from);
        rules.parts(from, to) || (is_left_out && !is_shown)
    }
}

impl Floor {
    /// What a seat says of reviews. Whatever is refused stands in the audit chain.
    pub(super) fn hear_of_review(
        &mut self,
        at: At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let about = message.kind();
        let (socket, post, _) = at.clone();
        let done = match message {
            ClientMessage::OpenReview { posts } => self.open_review(&at, posts, now),
            ClientMessage::JoinReview { call } => self.join_review(&at, &call, now),
            ClientMessage::ReviewStep { call, step } => self.step_review(&at, (&call, step), now),
            _ => Err(ErrorCode::OutOfTurn),
        };
        if let Err(code) = done {
            self.refuse_call((socket, post), (about, code), now);
        }
        done
    }

    fn open_review(&mut self, at: &At, posts: Posts, now: Timestamp) -> Result<(), ErrorCode> {
        let (socket, chair, _) = at;
        if self.reviews.len() >= limits::REVIEWS_MAX {
            return Err(ErrorCode::Overloaded);
        }
        let invited: BTreeSet<PostId> =
            posts.as_slice().iter().map(post_id).collect::<Result<_, ErrorCode>>()?;
        let id = CallId::fresh(now, self.random.bytes());
        let changes = self.ring(at, (&id, Purpose::Anew, posts), now)?;
        if self.calls.call(&id).is_some() {
            let rules = Review::open(id.clone(), chair.clone(), invited, now);
            let (looks, awaited) = (BTreeMap::new(), BTreeSet::new());
            let review =
                LiveReview { rules, directed: Vec::new(), is_roll_new: true, told_at: now, looks, awaited };
            self.reviews.insert(id.clone(), review);
        }
        let by = self.by(*socket);
        let act = Act::Reviewed { call: id, post: chair.clone(), word: "review.open", names: None };
        self.record(by, act, now);
        self.follow_calls(Some(*socket), changes, now);
        Ok(())
    }

    /// A seat that was asked in comes in by its own act: it takes the ring, comes back from another call, or comes late.
    fn join_review(&mut self, at: &At, call: &Id, now: Timestamp) -> Result<(), ErrorCode> {
        let (socket, post, device) = at;
        let id = call_id(call)?;
        let review = self.reviews.get(&id).ok_or(ErrorCode::UnknownCall)?;
        // To whoever was not asked there is no such review.
        if !review.rules.expects(post) {
            return Err(ErrorCode::UnknownCall);
        }
        self.check_line(post, *device)?;
        let place = self.place(at).ok_or(ErrorCode::NotAllowed)?;
        let changes = self.calls.come_in(&place, &id, now).map_err(code_of)?;
        self.follow_calls(Some(*socket), changes, now);
        Ok(())
    }

    fn step_review(
        &mut self,
        (socket, post, _): &At,
        (call, step): (&Id, ReviewStep),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let id = call_id(call)?;
        let inside = self.inside_of(&id);
        let review = self.reviews.get_mut(&id).ok_or(ErrorCode::UnknownCall)?;
        if !inside.contains(post) {
            return Err(ErrorCode::UnknownCall);
        }
        let is_chair = review.rules.chair() == post;
        match step {
            ReviewStep::Draft { .. } | ReviewStep::Direct { .. } if !is_chair => Err(ErrorCode::NotAllowed),
            ReviewStep::Draft { text } => {
                let line = ServerMessage::ReviewLine { call: call.clone(), text: text.into() };
                self.say_inside(&inside, &line);
                Ok(())
            }
            ReviewStep::Look { posts } => {
                let posts = posts.as_slice().iter().map(post_id).collect::<Result<_, ErrorCode>>()?;
                review.looks.insert(post.clone(), posts);
                self.is_moved = true;
                Ok(())
            }
            ReviewStep::Direct { post: owner, text, due_in_days } => {
                let owner = post_id(&owner)?;
                self.direct((*socket, &id), (owner, text.as_str(), due_in_days), now)
            }
            step => {
                let step = step_of(step)?;
                let (word, names) = (step.code(), step.names().cloned());
                review.rules.take(post, step, &inside, now).map_err(refusal_of)?;
                self.is_moved = true;
                let by = self.by(*socket);
                self.record(by, Act::Reviewed { call: id.clone(), post: post.clone(), word, names }, now);
                self.tell_review(&id, now);
                Ok(())
            }
        }
    }

    /// The chair gives a direction: it is a row, and everybody sees it.
    fn direct(
        &mut self,
        (socket, id): (SocketId, &CallId),
        (owner, text, due_in_days): (PostId, &str, u16),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        if !self.seats.contains_key(&owner) {
            return Err(ErrorCode::UnknownPost);
        }
        let text = Noting::parse(text).map_err(|_| ErrorCode::TextRefused)?;
        let today = now.to_zoned(ist()).date();
        let due = today.checked_add(i64::from(due_in_days).days()).map_err(|_| ErrorCode::TextRefused)?;
        let direction = DirectionId::fresh(now, self.random.bytes());
        let review = self.reviews.get_mut(id).ok_or(ErrorCode::UnknownCall)?;
        if review.directed.len() >= limits::REVIEW_DIRECTIONS_MAX {
            return Err(ErrorCode::CallFull);
        }
        let posts = (review.rules.chair().clone(), owner);
        let (rules, step) = Direction::give((direction, Origin::Review(id.clone())), (text, due), posts, now)
            .map_err(|_| ErrorCode::TextRefused)?;
        review.directed.push(rules.clone());
        let by = self.by(socket);
        self.record(by, Act::Directed(Box::new(Directed { rules, step })), now);
        self.tell_review(id, now);
        let line = ServerMessage::ReviewLine { call: wire(id.as_str()), text: String::new() };
        self.say_inside(&self.inside_of(id), &line);
        Ok(())
    }

    /// Is this call a review?
    pub(super) fn is_review(&self, call: &CallId) -> bool {
        self.reviews.contains_key(call)
    }

    /// Brings the reviews to where their calls stand: who has left has no voice, and the roll is called from the lines that
    /// are up. What is over is forgotten.
    pub(super) fn look_at_reviews(&mut self, now: Timestamp) {
        let ids: Vec<CallId> = self.reviews.keys().cloned().collect();
        for id in ids {
            if self.calls.call(&id).is_none() {
                if let Some(over) = self.reviews.remove(&id) {
                    let left = over.awaited.clone();
                    self.tell_expected(&left, (&over.rules, May::ComeNoMore));
                }
                continue;
            }
            self.invite_added(&id);
            let (inside, present) = (self.inside_of(&id), self.present_of(&id));
            let Some(review) = self.reviews.get_mut(&id) else { continue };
            let seen = review.rules.look(&inside, &present, now);
            review.is_roll_new |= seen.is_roll_new;
            if seen.is_state_new {
                self.is_moved = true;
                self.tell_review(&id, now);
            }
            self.tell_roll(&id, now);
            self.await_others(&id);
        }
    }

    /// Whoever was rung into the call later is asked into its review.
    fn invite_added(&mut self, id: &CallId) {
        let (Some(review), Some(call)) = (self.reviews.get_mut(id), self.calls.call(id)) else { return };
        if review.rules.roll().len() != call.parts().len() {
            review.rules.invite(call.parts().keys().cloned());
        }
    }

    /// Whoever was asked and is neither inside nor rung is told that he may still come, and whoever came that he has.
    fn await_others(&mut self, id: &CallId) {
        let (Some(review), Some(call)) = (self.reviews.get_mut(id), self.calls.call(id)) else { return };
        let is_outside = |post: &&PostId| call.part(post).is_none();
        let awaited: BTreeSet<PostId> = review.rules.roll().keys().filter(is_outside).cloned().collect();
        if awaited == review.awaited {
            return;
        }
        let before = std::mem::replace(&mut review.awaited, awaited.clone());
        let rules = review.rules.clone();
        let new = |one: &BTreeSet<PostId>, other: &BTreeSet<PostId>| one.difference(other).cloned().collect();
        let (came, waits): (BTreeSet<PostId>, BTreeSet<PostId>) =
            (new(&before, &awaited), new(&awaited, &before));
        self.tell_expected(&came, (&rules, May::ComeNoMore));
        self.tell_expected(&waits, (&rules, May::Come));
    }

    fn tell_expected(&mut self, posts: &BTreeSet<PostId>, (rules, may): (&Review, May)) {
        let (call, chair) = (wire(rules.call().as_str()), self.peer(rules.chair()));
        self.say_inside(posts, &ServerMessage::Expected { call, chair, on: may == May::Come });
    }

    /// A page that has just come learns to which reviews its seat may come.
    pub(super) fn tell_expected_again(&mut self, (socket, post): (SocketId, &PostId)) {
        let mine = self.reviews.values().filter(|review| review.awaited.contains(post));
        let rules: Vec<Review> = mine.map(|review| review.rules.clone()).collect();
        for rules in rules {
            let (call, chair) = (wire(rules.call().as_str()), self.peer(rules.chair()));
            self.say(socket, ServerMessage::Expected { call, chair, on: true });
        }
    }

    fn inside_of(&self, id: &CallId) -> BTreeSet<PostId> {
        self.calls.call(id).map(|call| call.inside().cloned().collect()).unwrap_or_default()
    }

    /// Those inside whose line is up, so that sound and picture come.
    fn present_of(&self, id: &CallId) -> BTreeSet<PostId> {
        let Some(call) = self.calls.call(id) else { return BTreeSet::new() };
        let is_up = |post: &&PostId| {
            let at = call.consent(post).map(|consent| consent.place().device);
            at.is_some_and(|device| self.transports.is_up(&Spot::Seat((*post).clone(), device)))
        };
        call.inside().filter(is_up).cloned().collect()
    }

    fn say_inside(&mut self, inside: &BTreeSet<PostId>, message: &ServerMessage) {
        for post in inside {
            for socket in self.sockets_of(post) {
                self.say(socket, message.clone());
            }
        }
    }

    fn tell_review(&mut self, id: &CallId, now: Timestamp) {
        let Some(review) = self.reviews.get(id) else { return };
        let told = ServerMessage::Review(told_of(review, now));
        self.say_inside(&self.inside_of(id), &told);
    }

    /// A seat that has just come in, or is back, learns how the review stands.
    pub(super) fn tell_review_to(&mut self, (socket, call): (SocketId, &Call), now: Timestamp) {
        if let Some(review) = self.reviews.get(call.id()) {
            let told = told_of(review, now);
            self.say(socket, ServerMessage::Review(told));
        }
    }

    /// The chair is told who is present, at most once in a while: a hundred come in at once.
    fn tell_roll(&mut self, id: &CallId, now: Timestamp) {
        let Some(review) = self.reviews.get_mut(id) else { return };
        let is_soon = now.duration_since(review.told_at) < span(limits::ROLL_EVERY);
        if !review.is_roll_new || is_soon {
            return;
        }
        (review.is_roll_new, review.told_at) = (false, now);
        let line = |(post, of): (&PostId, &domain::hotline::review::Presence)| RollLine {
            post: wire(post.as_str()),
            here: of.here.is_some(),
            came_ms: of.came.map(Timestamp::as_millisecond),
            gaps: of.gaps,
            away_ms: ms(of.away),
        };
        let lines = review.rules.roll().iter().map(line).collect();
        let chair = review.rules.chair().clone();
        let roll = ServerMessage::Roll { call: wire(id.as_str()), lines };
        self.say_inside(&BTreeSet::from([chair]), &roll);
    }

    /// What a review takes away: whoever has not the floor is silent, and a word aside parts the two from all others.
    pub(super) fn want_call(&self, call: &Call, wanted: &mut Wanted) {
        let peer = |post: &PostId, device| self.transports.peer(&Spot::Seat(post.clone(), device));
        let Some(review) = self.reviews.get(call.id()) else {
            return wanted.call(call, peer, |_, _| false);
        };
        wanted.call(call, peer, |from, to| review.parts(from, to));
        for post in call.inside() {
            let may_speak = review.rules.may_speak(post);
            // No page of a review gives a screen yet, and what may go takes a line of everybody else.
            let allowed = Allowed { voice: may_speak, camera: true, screen: false };
            let peers: Vec<PeerId> =
                call.consents(post).filter_map(|consent| peer(post, consent.place().device)).collect();
            peers.into_iter().for_each(|peer| wanted.allow(peer, allowed));
        }
    }
}

/// What somebody who was asked is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    /// It goes on without him.
    Come,
    /// He has come, or it is over.
    ComeNoMore,
}

/// The reviews that are on, by their calls.
pub(super) type Reviews = BTreeMap<CallId, LiveReview>;

fn step_of(step: ReviewStep) -> Result<Step, ErrorCode> {
    let maybe = |post: Option<Id>| post.as_ref().map(post_id).transpose();
    Ok(match step {
        ReviewStep::GiveFloor { post, minutes } => {
            Step::GiveFloor(post_id(&post)?, SignedDuration::from_mins(i64::from(minutes)))
        }
        ReviewStep::TakeFloor { post } => Step::TakeFloor(post_id(&post)?),
        ReviewStep::Order { posts } => {
            Step::Order(posts.as_slice().iter().map(post_id).collect::<Result<_, ErrorCode>>()?)
        }
        ReviewStep::Spotlight { post } => Step::Spotlight(maybe(post)?),
        ReviewStep::AddItem { text, post } => {
            let text = Noting::parse(text.as_str()).map_err(|_| ErrorCode::TextRefused)?;
            Step::AddItem(Item { text, post: maybe(post)? })
        }
        ReviewStep::TakeUp { item } => Step::TakeUp(item.map(usize::from)),
        ReviewStep::LowerHand { post } => Step::LowerHand(post_id(&post)?),
        ReviewStep::AskAside { post } => Step::AskAside(post_id(&post)?),
        ReviewStep::AnswerAside { agrees: true } => Step::AnswerAside(Reply::Agrees),
        ReviewStep::AnswerAside { agrees: false } => Step::AnswerAside(Reply::Refuses),
        ReviewStep::EndAside {} => Step::EndAside,
        ReviewStep::Hand { up: true } => Step::Hand(Ask::Up),
        ReviewStep::Hand { up: false } => Step::Hand(Ask::Down),
        ReviewStep::Draft { .. } | ReviewStep::Look { .. } | ReviewStep::Direct { .. } => {
            return Err(ErrorCode::OutOfTurn);
        }
    })
}

fn refusal_of(error: ReviewError) -> ErrorCode {
    match error {
        ReviewError::NotChair => ErrorCode::NotAllowed,
        ReviewError::NotInside => ErrorCode::UnknownPost,
        ReviewError::Full => ErrorCode::CallFull,
        ReviewError::Passed => code_of(CallError::Passed),
    }
}

fn ms(span: SignedDuration) -> u32 {
    u32::try_from(span.as_millis().max(0)).unwrap_or(u32::MAX)
}

fn told_of(LiveReview { rules, directed, .. }: &LiveReview, now: Timestamp) -> Told {
    let id = |post: &PostId| wire(post.as_str());
    let untold = directed.len().saturating_sub(limits::REVIEW_DIRECTIONS_TOLD);
    let direction = |of: &Direction| GivenDirection {
        post: id(&of.owner),
        text: of.text.as_str().to_owned(),
        due: of.due.to_string(),
    };
    Told {
        call: wire(rules.call().as_str()),
        chair: id(rules.chair()),
        for_ms: ms(now.duration_since(rules.opened_at())),
        floor: rules
            .floor()
            .iter()
            .map(|(post, speaking)| Speaker {
                post: id(post),
                for_ms: ms(now.duration_since(speaking.since)),
                clock_ms: ms(speaking.clock),
            })
            .collect(),
        spoken: rules.spoken().iter().map(|(post, of)| Spoken { post: id(post), for_ms: ms(*of) }).collect(),
        order: rules.order().iter().map(id).collect(),
        hands: rules.hands().iter().map(id).collect(),
        spotlight: rules.spotlight().map(id),
        aside: match rules.aside() {
            Aside::None => None,
            Aside::Asked(post) => Some(AsideState { post: id(post), on: false }),
            Aside::On(post) => Some(AsideState { post: id(post), on: true }),
        },
        items: rules
            .items()
            .iter()
            .map(|item| AgendaItem { text: item.text.as_str().to_owned(), post: item.post.as_ref().map(id) })
            .collect(),
        taken_up: rules.taken_up().and_then(|place| u8::try_from(place).ok()),
        directions: directed.iter().skip(untold).map(direction).collect(),
    }
}
