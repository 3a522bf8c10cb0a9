//! Reports: an office tells the post above of abuse; a citizen tells, above the office, that money was asked for.
//!
//! Who reads a report is decided here, who may is the policy's matter. Nobody is banned by one: a telephone is shared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{BodyId, PostId};
use crate::office::{Rung, above, coded};

coded! {
    /// What is reported.
    ReportKind {
        /// Abuse in a meeting, by the office.
        Abuse = "abuse",
        /// Money that was asked for, by the citizen.
        Money = "money",
    }
}

coded! {
    /// What kind of abuse; the words for each are in the locales.
    Abuse {
        /// Abusive language.
        Language = "language",
        /// A threat.
        Threat = "threat",
        /// Indecent behaviour.
        Indecent = "indecent",
    }
}

/// Who reads a report: of abuse the next post up; of money the next post up that is outside the office complained of and
/// is not held by whoever holds the post complained of.
///
/// * `is_same_holder`: does the same person hold the post complained of and this one?
/// * returns: `None` at the top, where nobody is above.
#[must_use]
pub fn reader(
    kind: ReportKind,
    of: &PostId,
    (rungs, parents): (&[Rung], &BTreeMap<BodyId, Option<BodyId>>),
    is_same_holder: impl Fn(&PostId) -> bool,
) -> Option<PostId> {
    let office = rungs.iter().find(|rung| rung.post == *of)?.body.clone();
    let mut next = above(of, rungs, parents);
    // No ladder has more rungs than there are posts.
    for _ in 0..rungs.len() {
        let here = next?;
        let is_inside = rungs.iter().any(|rung| rung.post == here && rung.body == office);
        if kind == ReportKind::Abuse || !(is_inside || is_same_holder(&here)) {
            return Some(here);
        }
        next = above(&here, rungs, parents);
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::office::{BookingMode, RoleKey};

    fn rung(post: &str, body: &str, role: RoleKey) -> Rung {
        let (post, body) = (PostId::parse(post).unwrap(), BodyId::parse(body).unwrap());
        Rung { post, body, role, mode: BookingMode::Confirm }
    }

    #[test]
    fn money_goes_above_the_office_and_never_to_it() {
        let rungs = [
            rung("cs", "cs-office", RoleKey::ChiefSecretary),
            rung("com", "division", RoleKey::DivisionHead),
            rung("dm", "district", RoleKey::DistrictHead),
            rung("ps", "district", RoleKey::PrivateSecretary),
        ];
        let body = |id: &str| BodyId::parse(id).unwrap();
        let parents = BTreeMap::from([
            (body("state"), None),
            (body("cs-office"), Some(body("state"))),
            (body("division"), Some(body("state"))),
            (body("district"), Some(body("division"))),
        ]);
        let tree = (&rungs[..], &parents);
        let to = |kind, of: &str, same: &str| {
            let found = reader(kind, &PostId::parse(of).unwrap(), tree, |post| post.as_str() == same);
            found.map(|post| post.to_string())
        };
        assert_eq!(to(ReportKind::Abuse, "ps", "").as_deref(), Some("dm"), "the next post up");
        assert_eq!(
            to(ReportKind::Money, "ps", "").as_deref(),
            Some("com"),
            "not the head of the same office"
        );
        assert_eq!(
            to(ReportKind::Money, "dm", "com").as_deref(),
            Some("cs"),
            "not another post of that person"
        );
        assert_eq!(to(ReportKind::Money, "cs", ""), None);
    }
}
