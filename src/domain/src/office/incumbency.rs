//! Who holds a post when.
//!
//! A post's history is a list of start rows, one list a kind of charge: each row ends the one before
//! it, and a vacancy is a row too (nobody named). So intervals are half-open and two regular holders
//! at one moment cannot be written down.

use jiff::Timestamp;

use super::post::coded;
use crate::id::{PersonId, PostId};
use serde::{Deserialize, Serialize};

coded! {
    /// How a person holds a post. Earlier values win when several are in force.
    Charge {
        /// Posted to it (नियमित).
        Regular = "regular",
        /// Holds it beside another (अतिरिक्त प्रभार).
        Additional = "additional",
        /// Stands in while the holder is away (प्रभारी).
        Officiating = "officiating",
    }
}

/// One start row. `person = None` says that the charge falls vacant at `starts_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incumbency {
    /// The post.
    pub post: PostId,
    /// Who takes the charge; nobody for a vacancy.
    pub person: Option<PersonId>,
    /// The kind of charge that the row speaks of.
    pub charge: Charge,
    /// First instant at which it holds.
    pub starts_at: Timestamp,
}

/// The person who holds a post at some moment, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incumbent {
    /// Who.
    pub person: PersonId,
    /// In which charge.
    pub charge: Charge,
}

/// Everyone who holds `post` at `at`, the weightier charge first.
///
/// * `history`: rows of any posts, in any order.
/// * returns: at most one a kind of charge; empty when the post is vacant.
#[must_use]
pub fn holders_at(history: &[Incumbency], post: &PostId, at: Timestamp) -> Vec<Incumbent> {
    Charge::ALL
        .iter()
        .filter_map(|charge| {
            history
                .iter()
                .filter(|row| row.post == *post && row.charge == *charge && row.starts_at <= at)
                .max_by_key(|row| row.starts_at)
                .and_then(|row| row.person.clone())
                .map(|person| Incumbent { person, charge: *charge })
        })
        .collect()
}

/// The one who answers for `post` at `at`: regular, else additional charge, else officiating.
#[must_use]
pub fn holder_at(history: &[Incumbency], post: &PostId, at: Timestamp) -> Option<Incumbent> {
    holders_at(history, post, at).into_iter().next()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn row(person: Option<&str>, charge: Charge, at: i64) -> Incumbency {
        Incumbency {
            post: PostId::parse("sec-hlt").unwrap(),
            person: person.map(|p| PersonId::parse(p).unwrap()),
            charge,
            starts_at: Timestamp::from_second(at).unwrap(),
        }
    }

    fn at(history: &[Incumbency], second: i64) -> Option<String> {
        let post = PostId::parse("sec-hlt").unwrap();
        holder_at(history, &post, Timestamp::from_second(second).unwrap()).map(|i| i.person.to_string())
    }

    #[test]
    fn a_start_row_ends_the_one_before_it_at_that_very_instant() {
        let history = [row(Some("p1"), Charge::Regular, 10), row(Some("p2"), Charge::Regular, 20)];
        assert_eq!(at(&history, 9), None);
        assert_eq!(at(&history, 10).as_deref(), Some("p1"));
        assert_eq!(at(&history, 19).as_deref(), Some("p1"));
        assert_eq!(at(&history, 20).as_deref(), Some("p2"));
    }

    #[test]
    fn a_vacancy_is_a_row_and_the_additional_charge_answers_meanwhile() {
        let history = [
            row(Some("p1"), Charge::Regular, 10),
            row(None, Charge::Regular, 20),
            row(Some("p3"), Charge::Additional, 20),
            row(Some("p2"), Charge::Regular, 30),
        ];
        assert_eq!(at(&history, 25).as_deref(), Some("p3"));
        assert_eq!(
            at(&history, 30).as_deref(),
            Some("p2"),
            "the regular holder outweighs the additional charge"
        );
    }
}
