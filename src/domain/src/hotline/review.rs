//! A review: what a chair conducts beside a call of many seats. Who may speak and whose clock runs, what stands on the
//! agenda, who asks to speak, who is shown large, the word aside with one seat, and who was present.
//!
//! Pure: told the time and who is inside; a refused step changes nothing. Who sees whom follows from the consents of the
//! call ([`super::call`]); a review only ever takes away from that, never adds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::id::{CallId, PostId};
use crate::text::Noting;

/// Those who have the floor at once, the chair not counted: with him as many as a page has lines for sound, so that nobody
/// who may speak goes unheard.
pub const FLOOR_MAX: usize = 7;
/// Items of an agenda: what a sitting can take up; all of them stand in one message.
pub const ITEMS_MAX: usize = 20;
/// The longest clock of a speaker: whoever needs more is given the floor again.
pub const CLOCK_MAX: SignedDuration = SignedDuration::from_mins(60);

/// One item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is about.
    pub text: Noting,
    /// The post that speaks to it first.
    pub post: Option<PostId>,
}

/// One who has the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaking {
    /// Since when.
    pub since: Timestamp,
    /// For how long; beyond it the clock is red and nothing is cut.
    pub clock: SignedDuration,
}

/// A word between the chair and one seat that nobody else hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aside {
    /// There is none.
    None,
    /// The chair has asked for it.
    Asked(PostId),
    /// It goes on.
    On(PostId),
}

/// When a seat was present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Presence {
    /// It came first.
    pub came: Option<Timestamp>,
    /// It is present since; nothing while it is not.
    pub here: Option<Timestamp>,
    /// It was last seen.
    pub seen: Option<Timestamp>,
    /// How often it went and came again.
    pub gaps: u32,
    /// How long it was away between.
    pub away: SignedDuration,
}

/// What somebody does in a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The chair gives somebody the floor, for so long by the clock.
    GiveFloor(PostId, SignedDuration),
    /// The chair takes it back.
    TakeFloor(PostId),
    /// The chair says in which order departments speak.
    Order(Vec<PostId>),
    /// The chair shows somebody large to all, or nobody.
    Spotlight(Option<PostId>),
    /// The chair puts something on the agenda.
    AddItem(Item),
    /// The chair takes up an item by its place, or none.
    TakeUp(Option<usize>),
    /// The chair takes a hand down.
    LowerHand(PostId),
    /// The chair asks one seat for a word aside.
    AskAside(PostId),
    /// Whoever is asked takes it or not.
    AnswerAside(Reply),
    /// The chair or the other ends it.
    EndAside,
    /// Somebody asks to speak, or no more.
    Hand(Ask),
}

/// Whether somebody who was asked agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// He does.
    Agrees,
    /// He does not.
    Refuses,
}

/// Whether somebody asks to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// From now on.
    Up,
    /// No more.
    Down,
}

impl Step {
    /// The stable code of its kind, as the audit chain names it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Step::GiveFloor(..) => "review.give_floor",
            Step::TakeFloor(_) => "review.take_floor",
            Step::Order(_) => "review.order",
            Step::Spotlight(_) => "review.spotlight",
            Step::AddItem(_) => "review.add_item",
            Step::TakeUp(_) => "review.take_up",
            Step::LowerHand(_) => "review.lower_hand",
            Step::AskAside(_) => "review.ask_aside",
            Step::AnswerAside(Reply::Agrees) => "review.agree_aside",
            Step::AnswerAside(Reply::Refuses) => "review.refuse_aside",
            Step::EndAside => "review.end_aside",
            Step::Hand(Ask::Up) => "review.raise_hand",
            Step::Hand(Ask::Down) => "review.lower_own_hand",
        }
    }

    /// The post that it names, if it names one.
    #[must_use]
    pub const fn names(&self) -> Option<&PostId> {
        match self {
            Step::GiveFloor(post, _)
            | Step::TakeFloor(post)
            | Step::LowerHand(post)
            | Step::AskAside(post) => Some(post),
            Step::Spotlight(post) => post.as_ref(),
            Step::AddItem(item) => item.post.as_ref(),
            _ => None,
        }
    }

    const fn is_of_chair(&self) -> bool {
        !matches!(self, Step::AnswerAside(_) | Step::EndAside | Step::Hand(_))
    }
}

/// What a look at who is there has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Somebody who left has lost a floor, a hand or a word by it.
    pub is_state_new: bool,
    /// Somebody came or went.
    pub is_roll_new: bool,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The chair alone may.
    #[error("the chair alone may do that")]
    NotChair,
    /// Whoever does it, or whom it names, is not inside.
    #[error("that seat is not in the review")]
    NotInside,
    /// More than there may be.
    #[error("a review has no room for more")]
    Full,
    /// Nobody asked for it, or it is over.
    #[error("the review is past that")]
    Passed,
}

/// One review. Invariants: at most [`FLOOR_MAX`] have the floor, none of them the chair; the item that is taken up is on the
/// agenda; nobody is aside who has not agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    call: CallId,
    chair: PostId,
    opened_at: Timestamp,
    items: Vec<Item>,
    taken_up: Option<usize>,
    order: Vec<PostId>,
    floor: BTreeMap<PostId, Speaking>,
    spoken: BTreeMap<PostId, SignedDuration>,
    hands: Vec<PostId>,
    spotlight: Option<PostId>,
    aside: Aside,
    roll: BTreeMap<PostId, Presence>,
}

impl Review {
    /// A review that begins with everybody's microphone closed but the chair's.
    ///
    /// * `invited`: without the chair; an invitation lasts as long as the review.
    #[must_use]
    pub fn open(call: CallId, chair: PostId, invited: BTreeSet<PostId>, now: Timestamp) -> Review {
        let all = invited.into_iter().chain([chair.clone()]);
        let roll = all.map(|post| (post, Presence::default())).collect();
        Review {
            call,
            chair,
            opened_at: now,
            items: Vec::new(),
            taken_up: None,
            order: Vec::new(),
            floor: BTreeMap::new(),
            spoken: BTreeMap::new(),
            hands: Vec::new(),
            spotlight: None,
            aside: Aside::None,
            roll,
        }
    }

    /// Of which call.
    pub fn call(&self) -> &CallId {
        &self.call
    }

    /// Who conducts it, also while he is away.
    pub fn chair(&self) -> &PostId {
        &self.chair
    }

    /// Since when.
    pub fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// May this seat come in by itself, now or again?
    #[must_use]
    pub fn expects(&self, post: &PostId) -> bool {
        self.roll.contains_key(post)
    }

    /// Others are asked in as well.
    pub fn invite(&mut self, posts: impl IntoIterator<Item = PostId>) {
        for post in posts {
            self.roll.entry(post).or_default();
        }
    }

    /// The agenda, in its order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The place of the item that is taken up.
    pub fn taken_up(&self) -> Option<usize> {
        self.taken_up
    }

    /// In which order departments speak.
    pub fn order(&self) -> &[PostId] {
        &self.order
    }

    /// Who has the floor, the chair not counted.
    pub fn floor(&self) -> &BTreeMap<PostId, Speaking> {
        &self.floor
    }

    /// How long each has had the floor before.
    pub fn spoken(&self) -> &BTreeMap<PostId, SignedDuration> {
        &self.spoken
    }

    /// Who asks to speak, the longest first.
    pub fn hands(&self) -> &[PostId] {
        &self.hands
    }

    /// Who is shown large to all.
    pub fn spotlight(&self) -> Option<&PostId> {
        self.spotlight.as_ref()
    }

    /// The word aside.
    pub fn aside(&self) -> &Aside {
        &self.aside
    }

    /// Everybody who is expected or came, with their presence.
    pub fn roll(&self) -> &BTreeMap<PostId, Presence> {
        &self.roll
    }

    /// May this seat be heard?
    #[must_use]
    pub fn may_speak(&self, post: &PostId) -> bool {
        *post == self.chair
            || self.floor.contains_key(post)
            || matches!(&self.aside, Aside::On(other) if other == post)
    }

    /// Does a word aside stand between these two: is one of them in it and the other not?
    #[must_use]
    pub fn parts(&self, one: &PostId, other: &PostId) -> bool {
        let Aside::On(with) = &self.aside else { return false };
        let is_in = |post: &PostId| *post == self.chair || post == with;
        is_in(one) != is_in(other)
    }

    /// Somebody does something.
    ///
    /// * `inside`: who is in the call.
    ///
    /// # Errors
    /// [`ReviewError`]; nothing has changed then.
    pub fn take(
        &mut self,
        by: &PostId,
        step: Step,
        inside: &BTreeSet<PostId>,
        now: Timestamp,
    ) -> Result<(), ReviewError> {
        if !inside.contains(by) {
            return Err(ReviewError::NotInside);
        }
        if step.is_of_chair() && *by != self.chair {
            return Err(ReviewError::NotChair);
        }
        let is_there =
            |post: &PostId| if inside.contains(post) { Ok(()) } else { Err(ReviewError::NotInside) };
        match step {
            Step::GiveFloor(post, clock) => {
                is_there(&post)?;
                self.give_floor(
                    post,
                    Speaking { since: now, clock: clock.clamp(SignedDuration::ZERO, CLOCK_MAX) },
                )?;
            }
            Step::TakeFloor(post) => self.take_floor(&post, now)?,
            Step::Order(posts) => self.order = posts.into_iter().filter(|post| self.expects(post)).collect(),
            Step::Spotlight(post) => {
                post.as_ref().map_or(Ok(()), is_there)?;
                self.spotlight = post;
            }
            Step::AddItem(_) if self.items.len() >= ITEMS_MAX => return Err(ReviewError::Full),
            Step::AddItem(item) => self.items.push(item),
            Step::TakeUp(Some(place)) if place >= self.items.len() => return Err(ReviewError::Passed),
            Step::TakeUp(place) => self.taken_up = place,
            Step::LowerHand(post) => self.lower(&post)?,
            Step::AskAside(post) => {
                is_there(&post)?;
                if post == self.chair || self.aside != Aside::None {
                    return Err(ReviewError::Passed);
                }
                self.aside = Aside::Asked(post);
            }
            Step::AnswerAside(reply) => {
                if self.aside != Aside::Asked(by.clone()) {
                    return Err(ReviewError::Passed);
                }
                self.aside = if reply == Reply::Agrees { Aside::On(by.clone()) } else { Aside::None };
            }
            Step::EndAside => self.end_aside(by)?,
            Step::Hand(Ask::Up) if *by == self.chair || self.hands.contains(by) => {
                return Err(ReviewError::Passed);
            }
            Step::Hand(Ask::Up) => self.hands.push(by.clone()),
            Step::Hand(Ask::Down) => self.lower(by)?,
        }
        Ok(())
    }

    fn give_floor(&mut self, post: PostId, speaking: Speaking) -> Result<(), ReviewError> {
        if post == self.chair || self.floor.contains_key(&post) {
            return Err(ReviewError::Passed);
        }
        if self.floor.len() >= FLOOR_MAX {
            return Err(ReviewError::Full);
        }
        self.hands.retain(|hand| *hand != post);
        self.floor.insert(post, speaking);
        Ok(())
    }

    fn take_floor(&mut self, post: &PostId, now: Timestamp) -> Result<(), ReviewError> {
        let speaking = self.floor.remove(post).ok_or(ReviewError::Passed)?;
        *self.spoken.entry(post.clone()).or_default() += now.duration_since(speaking.since);
        Ok(())
    }

    fn lower(&mut self, post: &PostId) -> Result<(), ReviewError> {
        let place = self.hands.iter().position(|hand| hand == post).ok_or(ReviewError::Passed)?;
        self.hands.remove(place);
        Ok(())
    }

    fn end_aside(&mut self, by: &PostId) -> Result<(), ReviewError> {
        match &self.aside {
            Aside::Asked(_) if *by == self.chair => {}
            Aside::On(with) if *by == self.chair || by == with => {}
            _ => return Err(ReviewError::Passed),
        }
        self.aside = Aside::None;
        Ok(())
    }

    /// Notes who is in the call, and whose sound and picture can come: from them the roll is called. Whoever has left the
    /// call has no hand, no floor, no spotlight and no word aside any more.
    ///
    /// * `present`: of those inside, those whose line is up.
    ///
    pub fn look(&mut self, inside: &BTreeSet<PostId>, present: &BTreeSet<PostId>, now: Timestamp) -> Seen {
        let is_state_new = self.let_go(inside, now);
        Seen { is_state_new, is_roll_new: self.call_roll(present, now) }
    }

    /// * returns: whether anybody lost anything by it.
    fn let_go(&mut self, inside: &BTreeSet<PostId>, now: Timestamp) -> bool {
        let left: Vec<PostId> = self.floor.keys().filter(|post| !inside.contains(*post)).cloned().collect();
        let hands = self.hands.len();
        let mut is_new = !left.is_empty();
        for post in left {
            // A floor that nobody has is taken back at that moment.
            let _ = self.take_floor(&post, now);
        }
        self.hands.retain(|post| inside.contains(post));
        is_new |=
            self.hands.len() != hands || self.spotlight.take_if(|post| !inside.contains(&*post)).is_some();
        let is_over = match &self.aside {
            Aside::None => false,
            Aside::Asked(with) | Aside::On(with) => !inside.contains(with) || !inside.contains(&self.chair),
        };
        if is_over {
            self.aside = Aside::None;
        }
        is_new || is_over
    }

    /// * returns: whether anybody came or went.
    fn call_roll(&mut self, present: &BTreeSet<PostId>, now: Timestamp) -> bool {
        let mut is_new = false;
        for post in present {
            let of = self.roll.entry(post.clone()).or_default();
            if of.here.is_none() {
                is_new = true;
                of.gaps += u32::from(of.came.is_some());
                of.away += of.seen.map_or(SignedDuration::ZERO, |seen| now.duration_since(seen));
                of.came = of.came.or(Some(now));
                of.here = Some(now);
            }
        }
        for (_, of) in self.roll.iter_mut().filter(|(post, _)| !present.contains(*post)) {
            if of.here.take().is_some() {
                of.seen = Some(now);
                is_new = true;
            }
        }
        is_new
    }
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
