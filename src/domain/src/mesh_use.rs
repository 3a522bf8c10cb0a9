//! Numbers of use of the hotline, computed from the rows of calls and questions alone: who talked how long, who is silent, and
//! which journeys a talk has spared.
//!
//! Pure. Counts posts, never persons, and no looks: a ring that nobody took is no use.

use crate::id::{BodyId, PostId};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// From so long a talk on, a journey is taken to be spared: what is shorter would have been a telephone call.
pub const JOURNEY_SPARED_FROM: SignedDuration = SignedDuration::from_mins(2);

/// The time in which a seat was inside a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Whose seat.
    pub post: PostId,
    /// Its office: posts of one body sit under one roof.
    pub body: BodyId,
    /// From when.
    pub from: Timestamp,
    /// To when.
    pub to: Timestamp,
}

/// How long each seat of one call was inside together with another seat. Who was alone is left out.
#[must_use]
pub fn together(inside: &[Inside]) -> BTreeMap<PostId, SignedDuration> {
    let mut lengths = BTreeMap::new();
    let posts: BTreeSet<&PostId> = inside.iter().map(|one| &one.post).collect();
    for post in posts {
        let mut shared: Vec<(Timestamp, Timestamp)> = Vec::new();
        for own in inside.iter().filter(|one| one.post == *post) {
            for other in inside.iter().filter(|one| one.post != *post) {
                shared.push((own.from.max(other.from), own.to.min(other.to)));
            }
        }
        let length = union(shared);
        if length > SignedDuration::ZERO {
            lengths.insert(post.clone(), length);
        }
    }
    lengths
}

/// The length of what these stretches cover, each moment once.
fn union(mut stretches: Vec<(Timestamp, Timestamp)>) -> SignedDuration {
    stretches.sort();
    let mut covered = SignedDuration::ZERO;
    let mut reached = Timestamp::MIN;
    for (from, to) in stretches {
        let from = from.max(reached);
        if to > from {
            covered += to.duration_since(from);
            reached = to;
        }
    }
    covered
}

/// The journeys that one call has spared: of the offices whose seats talked for [`JOURNEY_SPARED_FROM`] or longer, each but one
/// would have sent somebody.
#[must_use]
pub fn journeys_spared(inside: &[Inside]) -> usize {
    let talked = together(inside);
    let long = |post: &PostId| talked.get(post).is_some_and(|length| *length >= JOURNEY_SPARED_FROM);
    let offices: BTreeSet<&BodyId> =
        inside.iter().filter(|one| long(&one.post)).map(|one| &one.body).collect();
    offices.len().saturating_sub(1)
}

/// The middle of these lengths; of two in the middle the shorter.
#[must_use]
pub fn median(mut lengths: Vec<SignedDuration>) -> Option<SignedDuration> {
    lengths.sort();
    lengths.get(lengths.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn inside(post: &str, body: &str, (from, to): (i64, i64)) -> Inside {
        let at = |second: i64| Timestamp::from_second(1_795_585_500 + second).unwrap();
        let (post, body) = (PostId::parse(post).unwrap(), BodyId::parse(body).unwrap());
        Inside { post, body, from: at(from), to: at(to) }
    }

    fn seconds(of: &[Inside]) -> Vec<(String, i64)> {
        together(of).into_iter().map(|(post, length)| (post.to_string(), length.as_secs())).collect()
    }

    #[test]
    fn a_seat_talks_while_another_is_there_and_no_moment_counts_twice() {
        let call = [
            inside("cs", "cs-office", (0, 300)),
            inside("sec-hlt", "dep-hlt", (20, 200)),
            inside("sec-edu", "dep-edu", (100, 250)),
        ];
        let wanted = [("cs", 230), ("sec-edu", 150), ("sec-hlt", 180)];
        assert_eq!(seconds(&call), wanted.map(|(post, length)| (post.to_owned(), length)));
        assert!(seconds(&call[..1]).is_empty(), "who rings and is not answered talks to nobody");
    }

    #[test]
    fn a_journey_is_spared_by_two_minutes_between_offices_and_by_nothing_less() {
        let cs = inside("cs", "cs-office", (0, 600));
        let of = |others: &[Inside]| journeys_spared(&[std::slice::from_ref(&cs), others].concat());
        assert_eq!(of(&[inside("sec-hlt", "dep-hlt", (0, 120))]), 1);
        assert_eq!(of(&[inside("sec-hlt", "dep-hlt", (0, 119))]), 0);
        assert_eq!(of(&[inside("dc", "cs-office", (0, 300))]), 0, "one roof");
        assert_eq!(of(&[inside("sec-hlt", "dep-hlt", (0, 300)), inside("sec-edu", "dep-edu", (0, 300))]), 2);
    }

    #[test]
    fn the_median_is_one_of_the_lengths() {
        let of = |minutes: &[i64]| median(minutes.iter().map(|n| SignedDuration::from_mins(*n)).collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[9]), Some(SignedDuration::from_mins(9)));
        assert_eq!(of(&[30, 1, 5, 200]), Some(SignedDuration::from_mins(5)));
    }

    proptest! {
        #[test]
        fn nobody_talks_longer_than_he_was_inside(stretches in proptest::collection::vec((0usize..4, 0i64..500, 0i64..500), 0..12)) {
            let names = ["a", "b", "c", "d"];
            let call: Vec<Inside> =
                stretches.iter().map(|(who, from, length)| inside(names[*who], names[*who], (*from, from + length))).collect();
            for (post, length) in together(&call) {
                let own: i64 = call.iter().filter(|one| one.post == post).map(|one| one.to.duration_since(one.from).as_secs()).sum();
                prop_assert!(length.as_secs() <= own);
            }
            prop_assert!(journeys_spared(&call) < names.len());
        }
    }
}
