//! The demo directory: a state's posts, without one real person.
//!
//! Posts only; who holds them is «अधिकारी-07 (डेमो)». Three posts share one person, two are vacant.

mod cases;
mod people;
mod places;

pub use cases::cases;

use domain::diary::supply::Sitting;
use domain::id::{BodyId, PersonId, PostId, UserId};
use domain::office::{
    BodyKind, BookingMode, Charge, DelegatedAct, Delegation, Holiday, HolidayKind, Incumbency, Rank, RoleKey,
};
use domain::text::Bilingual;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};

use crate::app::enrol::Directory;
use crate::store::office::{BodyRow, PostRow};

/// A directory in the making.
struct Draft {
    directory: Directory,
    since: Timestamp,
    seats: i64,
    persons: usize,
}

/// The demo directory as it stands at `now`.
///
/// # Panics
/// Never: ids and tables are part of the program, and a test reads them all.
#[must_use]
pub fn directory(now: Timestamp) -> Directory {
    let since = now - SignedDuration::from_hours(24 * 365);
    let mut draft = Draft { directory: Directory::default(), since, seats: 0, persons: 0 };
    places::fill(&mut draft);
    people::fill(&mut draft);
    draft.directory.holidays = holidays(now);
    draft.directory
}

fn body_id(text: &str) -> BodyId {
    BodyId::parse(text).expect("the demo's ids are ids")
}

/// The id of a demo post.
///
/// # Panics
/// When the text is no id: a fault of the program.
#[must_use]
pub fn post_id(text: &str) -> PostId {
    PostId::parse(text).expect("the demo's ids are ids")
}

/// What makes one post of the demo differ from the next.
struct NewPost<'a> {
    id: &'a str,
    body: &'a str,
    role: RoleKey,
    rank: Rank,
    title: Bilingual,
    mode: BookingMode,
    hours: Vec<(Weekday, Sitting)>,
}

impl Draft {
    fn body(&mut self, id: &str, parent: Option<&str>, kind: BodyKind, name: Bilingual) {
        let code = id.rsplit('-').next().unwrap_or(id).to_uppercase();
        self.directory.bodies.push(BodyRow {
            id: body_id(id),
            parent: parent.map(body_id),
            kind,
            code,
            name,
        });
    }

    fn post(&mut self, new: NewPost<'_>) {
        let seat_number = new.role.has_seat().then(|| {
            self.seats += 1;
            self.seats
        });
        let row = PostRow {
            id: post_id(new.id),
            body: body_id(new.body),
            body_name: Bilingual::default(),
            role: new.role,
            rank: new.rank,
            title: new.title,
            mail: format!("{}@example.in", new.id),
            mode: new.mode,
            slot_minutes: 15,
            notice_minutes: 30,
            seat_number,
        };
        self.directory.posts.push((row, new.hours));
    }

    /// A new person with a login of the post's name; holds the post in regular charge.
    fn holder(&mut self, post: &str) -> PersonId {
        self.persons += 1;
        let n = self.persons;
        let person = PersonId::parse(&format!("person-{n:03}")).expect("the demo's ids are ids");
        let name = Bilingual::new(format!("अधिकारी-{n:02} (डेमो)"), format!("Officer-{n:02} (demo)"));
        self.directory.persons.push((person.clone(), name));
        let user = UserId::parse(&format!("user-{n:03}")).expect("the demo's ids are ids");
        self.directory.logins.push((user, person.clone(), post.to_owned()));
        self.charge(post, Some(&person), Charge::Regular);
        person
    }

    fn charge(&mut self, post: &str, person: Option<&PersonId>, charge: Charge) {
        let row = Incumbency { post: post_id(post), person: person.cloned(), charge, starts_at: self.since };
        self.directory.incumbencies.push(row);
    }

    fn delegate(&mut self, principal: &str, delegate: &str) {
        for act in [DelegatedAct::Screen, DelegatedAct::Admit] {
            self.directory.delegations.push(Delegation {
                principal: post_id(principal),
                delegate: post_id(delegate),
                act,
                starts_at: self.since,
                ends_at: None,
            });
        }
    }
}

/// Fixed-date holidays of this year and the next; moon-based ones come from a yearly notification.
fn holidays(now: Timestamp) -> Vec<Holiday> {
    let year = now.to_zoned(domain::office::ist()).year();
    [year, year + 1]
        .into_iter()
        .flat_map(|year| places::HOLIDAYS.iter().map(move |h| (year, h)))
        .filter_map(|(year, (month, day, hi, en))| {
            Some(Holiday {
                body: body_id("state"),
                day: Date::new(year, *month, *day).ok()?,
                kind: HolidayKind::General,
                name_hi: (*hi).to_owned(),
                name_en: (*en).to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use domain::office::holder_at;
    use std::collections::BTreeMap;

    fn now() -> Timestamp {
        "2026-11-24T05:30:00Z".parse().unwrap()
    }

    #[test]
    fn the_demo_has_the_posts_of_a_state() {
        let demo = directory(now());
        let count = |role| demo.posts.iter().filter(|(post, _)| post.role == role).count();
        assert_eq!(count(RoleKey::ChiefMinister), 1);
        assert_eq!(count(RoleKey::ChiefSecretary), 1);
        assert_eq!(count(RoleKey::DevelopmentCommissioner), 1);
        assert_eq!(count(RoleKey::DepartmentHead), 48);
        assert_eq!(count(RoleKey::Minister), 6);
        assert_eq!(count(RoleKey::PrivateSecretary), 6);
        assert_eq!(count(RoleKey::DivisionHead), 9);
        assert_eq!(count(RoleKey::DistrictHead), 38);
        assert_eq!(count(RoleKey::GrievanceOfficer), 1);
        let ranks: std::collections::BTreeSet<_> = demo
            .posts
            .iter()
            .filter(|(p, _)| p.role == RoleKey::DepartmentHead)
            .map(|(p, _)| p.rank)
            .collect();
        assert_eq!(ranks.len(), 3, "department heads are of mixed rank");
    }

    #[test]
    fn three_posts_share_one_person_and_two_are_vacant() {
        let demo = directory(now());
        let mut held: BTreeMap<String, usize> = BTreeMap::new();
        let mut vacant = 0;
        for (post, _) in &demo.posts {
            match holder_at(&demo.incumbencies, &post.id, now()) {
                Some(held_by) => *held.entry(held_by.person.to_string()).or_default() += 1,
                None => vacant += 1,
            }
        }
        assert_eq!(vacant, 2);
        assert_eq!(held.values().filter(|n| **n > 1).copied().collect::<Vec<_>>(), [3]);
    }
}
