//! Rings that were missed, and words that are left instead of a talk: which ring counts, who may leave a word to whom, and
//! which ring a word belongs to.

use jiff::{SignedDuration, Timestamp};

use super::call::Outcome;
use super::policy::may_ring;
use crate::id::PostId;
use crate::office::RoleKey;

/// Whoever gives up sooner has slipped: nobody has heard that.
const GIVEN_UP_SECONDS: i64 = 2;
/// So long after a ring a word of the same post still belongs to it.
const BELONGS_MINUTES: i64 = 15;

/// How a ring that its seat did not take is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// Nobody at the seat has said anything to it: it counts until somebody has seen it.
    Unknown,
    /// Somebody at the seat has sent it away, and knows of it.
    Declined,
}

/// Was a ring missed that its seat did not take?
///
/// * `rang`, `ended`: from when to when it rang.
/// * returns: nothing for a slip, and for what was no ring to a seat.
#[must_use]
pub fn missed((rang, ended): (Timestamp, Timestamp), outcome: Outcome) -> Option<Missed> {
    let is_slip = ended.duration_since(rang) < SignedDuration::from_secs(GIVEN_UP_SECONDS);
    match outcome {
        Outcome::Declined(_) => Some(Missed::Declined),
        Outcome::Missed | Outcome::Busy | Outcome::Unavailable => Some(Missed::Unknown),
        Outcome::Cancelled | Outcome::Lost | Outcome::Ended if is_slip => None,
        Outcome::Cancelled | Outcome::Lost | Outcome::Ended => Some(Missed::Unknown),
        Outcome::HungUp | Outcome::HandedOver => None,
    }
}

/// Whoever wants to leave a word, and to whom.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// The part that the leaving post plays.
    pub from: RoleKey,
    /// The part of the other.
    pub to: RoleKey,
    /// It is the same post, or one that the same person alone holds.
    pub is_self: bool,
    /// Somebody holds it.
    pub is_held: bool,
    /// Until when the leaving post may return a ring of the other, if it may.
    pub returns_until: Option<Timestamp>,
    /// Words between the two that were not heard yet.
    pub unheard: usize,
    /// Words of the leaving post that are kept.
    pub kept: i64,
}

/// Why no word may be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaveRefused {
    /// To oneself.
    #[error("nobody leaves a word to himself")]
    Oneself,
    /// Who may not ring a post leaves it no word.
    #[error("this post may not ring that post")]
    NotAllowed,
    /// Nobody is there who could hear it.
    #[error("nobody holds that post")]
    Vacant,
    /// As many wait to be heard as may.
    #[error("as many words wait there as may")]
    TooManyUnheard,
    /// As many of this post are kept as may.
    #[error("as many words of this post are kept as may")]
    TooManyKept,
}

impl LeaveRefused {
    /// Its stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Oneself => "oneself",
            Self::NotAllowed => "not-allowed",
            Self::Vacant => "vacant",
            Self::TooManyUnheard => "too-many-unheard",
            Self::TooManyKept => "too-many-kept",
        }
    }
}

/// At most so many words.
#[derive(Debug, Clone, Copy)]
pub struct WordBounds {
    /// Unheard from one post to one other.
    pub unheard: usize,
    /// Kept of one post.
    pub kept: i64,
}

impl Leaving {
    /// May the word be left? Who may ring a post may leave it a word, also when he may only return its ring.
    ///
    /// # Errors
    /// [`LeaveRefused`].
    pub fn check(&self, bounds: WordBounds, now: Timestamp) -> Result<(), LeaveRefused> {
        let returns = self.returns_until.is_some_and(|until| now < until);
        if self.is_self {
            Err(LeaveRefused::Oneself)
        } else if may_ring(self.from, self.to).is_err() && !returns {
            Err(LeaveRefused::NotAllowed)
        } else if !self.is_held {
            Err(LeaveRefused::Vacant)
        } else if self.unheard >= bounds.unheard {
            Err(LeaveRefused::TooManyUnheard)
        } else if self.kept >= bounds.kept {
            Err(LeaveRefused::TooManyKept)
        } else {
            Ok(())
        }
    }
}

/// The ring to which a word belongs: the last one of the same post before it, if that is not long ago.
///
/// * `rings`: by whom and when each was, in any order.
/// * returns: its place among them.
#[must_use]
pub fn ring_of_word(word: (&PostId, Timestamp), rings: &[(PostId, Timestamp)]) -> Option<usize> {
    let (by, left) = word;
    let fits = |(who, rang): &(PostId, Timestamp)| {
        who == by && *rang <= left && left.duration_since(*rang) <= SignedDuration::from_mins(BELONGS_MINUTES)
    };
    let before = rings.iter().enumerate().filter(|(_, ring)| fits(ring));
    before.max_by_key(|(_, (_, rang))| *rang).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::super::call::DeclineReason;
    use super::*;

    const BOUNDS: WordBounds = WordBounds { unheard: 5, kept: 100 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn post(id: &str) -> PostId {
        PostId::parse(id).unwrap()
    }

    fn leaving(from: RoleKey, to: RoleKey) -> Leaving {
        Leaving { from, to, is_self: false, is_held: true, returns_until: None, unheard: 0, kept: 0 }
    }

    #[test]
    fn a_ring_that_nobody_took_is_missed_unless_it_was_a_slip() {
        let of = |outcome, ended| missed((at(100), at(ended)), outcome);
        for outcome in [Outcome::Missed, Outcome::Busy, Outcome::Unavailable] {
            assert_eq!(of(outcome, 100), Some(Missed::Unknown), "{outcome:?} counts at once");
        }
        for outcome in [Outcome::Cancelled, Outcome::Lost, Outcome::Ended] {
            assert_eq!(of(outcome, 101), None, "{outcome:?} after a second is a slip");
            assert_eq!(of(outcome, 102), Some(Missed::Unknown), "{outcome:?}");
        }
        for reason in [DeclineReason::Later, DeclineReason::Telephone, DeclineReason::Busy] {
            assert_eq!(of(Outcome::Declined(reason), 100), Some(Missed::Declined));
        }
        for outcome in [Outcome::HungUp, Outcome::HandedOver] {
            assert_eq!(of(outcome, 200), None, "{outcome:?} was taken");
        }
    }

    #[test]
    fn who_may_ring_a_post_may_leave_it_a_word_and_nobody_else() {
        for from in RoleKey::ALL {
            for to in RoleKey::ALL {
                let wish = leaving(*from, *to);
                let told = wish.check(BOUNDS, at(0));
                assert_eq!(told.is_ok(), may_ring(*from, *to).is_ok(), "{from:?} to {to:?}");
                let vacant = Leaving { is_held: false, ..wish.clone() };
                assert!(vacant.check(BOUNDS, at(0)).is_err(), "nobody would hear it");
                let own = Leaving { is_self: true, ..wish };
                assert_eq!(own.check(BOUNDS, at(0)), Err(LeaveRefused::Oneself));
            }
        }
    }

    #[test]
    fn who_may_return_a_ring_may_leave_a_word_for_as_long() {
        let district = Leaving {
            returns_until: Some(at(50)),
            ..leaving(RoleKey::DistrictHead, RoleKey::ChiefSecretary)
        };
        assert_eq!(district.check(BOUNDS, at(49)), Ok(()));
        assert_eq!(district.check(BOUNDS, at(50)), Err(LeaveRefused::NotAllowed));
    }

    #[test]
    fn so_many_words_wait_and_no_more() {
        let wish = leaving(RoleKey::ChiefSecretary, RoleKey::DepartmentHead);
        let waiting = |unheard| Leaving { unheard, ..wish.clone() }.check(BOUNDS, at(0));
        assert_eq!((waiting(4), waiting(5)), (Ok(()), Err(LeaveRefused::TooManyUnheard)));
        let kept = |kept| Leaving { kept, ..wish.clone() }.check(BOUNDS, at(0));
        assert_eq!((kept(99), kept(100)), (Ok(()), Err(LeaveRefused::TooManyKept)));
    }

    #[test]
    fn a_word_belongs_to_the_last_ring_of_its_post_before_it() {
        let rings =
            [(post("cs"), at(100)), (post("cs"), at(200)), (post("cm"), at(250)), (post("cs"), at(400))];
        let of = |by: &str, left| ring_of_word((&post(by), at(left)), &rings);
        assert_eq!(of("cs", 300), Some(1));
        assert_eq!(of("cs", 400), Some(3));
        assert_eq!(of("cm", 300), Some(2));
        assert_eq!(of("dc", 300), None, "that post has not rung");
        assert_eq!(of("cs", 99), None, "there was no ring yet");
        assert_eq!(of("cs", 400 + 15 * 60), Some(3));
        assert_eq!(of("cs", 401 + 15 * 60), None, "it is of its own by then");
    }
}
