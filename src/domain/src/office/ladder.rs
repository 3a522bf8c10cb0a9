//! The way up from post to post: the head of the body, then the head of the body above it, to the Chief Secretary.
//!
//! Where a late request goes. Pure: told who is where.

use std::collections::BTreeMap;

use super::{BookingMode, RoleKey};
use crate::id::{BodyId, PostId};

/// A post as the ladder sees it.
#[derive(Debug, Clone)]
pub struct Rung {
    /// The post.
    pub post: PostId,
    /// Its body.
    pub body: BodyId,
    /// The part it plays.
    pub role: RoleKey,
    /// Whether it can be booked; nobody climbs to one that cannot.
    pub mode: BookingMode,
}

/// The next post up from `from`; `None` at the top.
///
/// * `parents`: the body above each body; none for the root.
#[must_use]
pub fn above(from: &PostId, rungs: &[Rung], parents: &BTreeMap<BodyId, Option<BodyId>>) -> Option<PostId> {
    let own = rungs.iter().find(|rung| rung.post == *from)?;
    if own.role == RoleKey::ChiefSecretary {
        return None;
    }
    let mut body = Some(own.body.clone());
    // No tree is deeper than it has bodies: a ring in the data ends the climb.
    for _ in 0..=parents.len() {
        let here = body?;
        let parent = parents.get(&here).cloned().flatten();
        let head = if parent.is_none() { chief_secretary(rungs) } else { head_of(&here, rungs) };
        match head {
            Some(head) if head != *from => return Some(head),
            _ => body = parent,
        }
    }
    None
}

fn chief_secretary(rungs: &[Rung]) -> Option<PostId> {
    rungs.iter().find(|rung| rung.role == RoleKey::ChiefSecretary).map(|rung| rung.post.clone())
}

fn head_of(body: &BodyId, rungs: &[Rung]) -> Option<PostId> {
    let is_head = |role: RoleKey| {
        !matches!(role, RoleKey::PrivateSecretary | RoleKey::Desk | RoleKey::GrievanceOfficer)
    };
    let heads = rungs.iter().filter(|r| r.body == *body && is_head(r.role) && r.mode != BookingMode::Closed);
    heads.min_by_key(|rung| (rung.role, rung.post.clone())).map(|rung| rung.post.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn rung(post: &str, body: &str, role: RoleKey) -> Rung {
        let mode = if role == RoleKey::Desk { BookingMode::Closed } else { BookingMode::Confirm };
        Rung { post: PostId::parse(post).unwrap(), body: BodyId::parse(body).unwrap(), role, mode }
    }

    #[test]
    fn a_late_request_climbs_from_district_to_division_to_the_chief_secretary_and_no_further() {
        let rungs = [
            rung("cs", "cs-office", RoleKey::ChiefSecretary),
            rung("com", "division", RoleKey::DivisionHead),
            rung("desk-com", "division", RoleKey::Desk),
            rung("dm", "district", RoleKey::DistrictHead),
        ];
        let body = |id: &str| BodyId::parse(id).unwrap();
        let parents = BTreeMap::from([
            (body("state"), None),
            (body("cs-office"), Some(body("state"))),
            (body("division"), Some(body("state"))),
            (body("district"), Some(body("division"))),
        ]);
        let next = |post: &str| above(&PostId::parse(post).unwrap(), &rungs, &parents).map(|p| p.to_string());
        assert_eq!(next("dm").as_deref(), Some("com"));
        assert_eq!(next("desk-com").as_deref(), Some("com"), "a desk's first rung is its own head");
        assert_eq!(next("com").as_deref(), Some("cs"));
        assert_eq!(next("cs"), None);
        assert_eq!(next("nobody"), None);
    }
}
