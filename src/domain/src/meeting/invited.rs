//! Who is asked in to a meeting besides its two sides: an interpreter, a helper, a hall in which several named people sit.
//!
//! Whoever was asked in waits in the lobby as everybody does; an invitation alone lets nobody in.

use crate::office::RoleKey;
use crate::text::{PersonName, TextError};
use thiserror::Error;

/// People of one hall: a village's assembly room before one camera.
pub const HALL_PEOPLE_MAX: usize = 40;
/// Those asked in to one meeting who may still come: a review of all heads of a department.
pub const INVITED_MAX: usize = 36;

/// As what somebody is asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InviteKind {
    /// Speaks for both sides.
    Interpreter,
    /// Helps the citizen: a relative, a lawyer, a worker of a service centre.
    Helper,
    /// Somebody of an office.
    Colleague,
    /// A room in which several named people sit before one camera.
    Hall,
    /// For the authority concerned, at the hearing of a grievance: what the meeting sees of it is its attendance.
    Authority,
}

impl InviteKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [InviteKind; 5] = [
        InviteKind::Authority,
        InviteKind::Interpreter,
        InviteKind::Helper,
        InviteKind::Colleague,
        InviteKind::Hall,
    ];

    /// The kinds as which somebody can be asked in by a post of this part.
    pub fn of(part: RoleKey) -> Vec<InviteKind> {
        let hears = part == RoleKey::GrievanceOfficer;
        InviteKind::ALL.into_iter().filter(|kind| hears || *kind != InviteKind::Authority).collect()
    }

    /// The word that stands in rows and forms.
    pub fn code(self) -> &'static str {
        match self {
            InviteKind::Interpreter => "interpreter",
            InviteKind::Helper => "helper",
            InviteKind::Colleague => "colleague",
            InviteKind::Hall => "hall",
            InviteKind::Authority => "authority",
        }
    }

    /// Reads that word.
    pub fn from_code(code: &str) -> Option<InviteKind> {
        InviteKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why nobody is asked in like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InviteError {
    /// Nothing was chosen.
    #[error("as what somebody comes is not said")]
    Kind,
    /// The name of the person or hall.
    #[error("the name needs mending: {0}")]
    Name(TextError),
    /// A hall without people, or with more than one may have.
    #[error("one to {HALL_PEOPLE_MAX} people sit in a hall")]
    People,
    /// A name of somebody in the hall; its line, from 1 on.
    #[error("the name in line {0} needs mending")]
    PersonOfHall(usize),
}

/// Somebody asked in. Invariant: a hall has people, nobody else has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// As what.
    pub kind: InviteKind,
    /// The person's name, or the hall's.
    pub name: PersonName,
    /// Who sits in the hall.
    pub people: Vec<PersonName>,
}

impl Invited {
    /// Reads what was typed.
    ///
    /// * `people`: one name a line; read for a hall only.
    ///
    /// # Errors
    /// [`InviteError`].
    pub fn read(kind: &str, name: &str, people: &str) -> Result<Invited, InviteError> {
        let kind = InviteKind::from_code(kind).ok_or(InviteError::Kind)?;
        let name = PersonName::parse(name).map_err(InviteError::Name)?;
        if kind != InviteKind::Hall {
            return Ok(Invited { kind, name, people: Vec::new() });
        }
        let lines: Vec<&str> = people.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() || lines.len() > HALL_PEOPLE_MAX {
            return Err(InviteError::People);
        }
        let named = lines.iter().zip(1..);
        let people = named.map(|(line, n)| PersonName::parse(line).map_err(|_| InviteError::PersonOfHall(n)));
        Ok(Invited { kind, name, people: people.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
    use super::*;

    #[test]
    fn a_hall_stands_for_named_people_and_nobody_else_does() {
        let hall = Invited::read("hall", "ग्राम कचहरी, रामपुर", " सीता देवी \n\nमोहन राम\n").unwrap();
        assert_eq!(hall.people.iter().map(PersonName::as_str).collect::<Vec<_>>(), ["सीता देवी", "मोहन राम"]);
        assert_eq!(Invited::read("hall", "ग्राम कचहरी", " \n "), Err(InviteError::People));
        let many = "सीता\n".repeat(HALL_PEOPLE_MAX + 1);
        assert_eq!(Invited::read("hall", "ग्राम कचहरी", &many), Err(InviteError::People));
        assert!(Invited::read("helper", "मीना देवी", "सीता\nमोहन").unwrap().people.is_empty());
    }

    #[test]
    fn what_is_no_name_is_refused_by_its_line() {
        assert_eq!(Invited::read("hall", "कचहरी", "सीता\n\u{202e}अ"), Err(InviteError::PersonOfHall(2)));
        assert!(matches!(Invited::read("interpreter", "  ", ""), Err(InviteError::Name(TextError::Empty))));
        assert_eq!(Invited::read("officer", "मीना", ""), Err(InviteError::Kind));
    }

    #[test]
    fn the_other_side_of_a_hearing_is_asked_in_by_whoever_hears() {
        assert!(InviteKind::of(RoleKey::GrievanceOfficer).contains(&InviteKind::Authority));
        assert!(!InviteKind::of(RoleKey::DepartmentHead).contains(&InviteKind::Authority));
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for kind in InviteKind::ALL {
            assert_eq!(InviteKind::from_code(kind.code()), Some(kind));
        }
    }
}
