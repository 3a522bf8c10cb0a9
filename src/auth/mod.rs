//! Who asks, and what he may do: one-time codes, passwords, links, sessions, and the one policy table.
//!
//! Never knows a page or a socket; those name an [`policy::Act`] and hand over an [`Actor`].

pub mod gate_pass;
pub mod otp;
pub mod pass;
pub mod password;
pub mod pin;
pub mod policy;
pub mod seal;
pub mod session;
pub mod token;

use domain::id::{AppointmentId, InviteId, PersonId, PostId, SessionId, UserId};
use domain::office::RoleKey;
use domain::text::Bilingual;

/// Whoever asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody we know.
    Anyone,
    /// A citizen's device, and the appointments that were made or opened on it.
    Citizen {
        /// His session.
        session: SessionId,
        /// What it may touch.
        appointments: Vec<AppointmentId>,
        /// To whose meetings its person was asked in, the newest first.
        invites: Vec<Invite>,
    },
    /// A staff login acting from a post that its person holds now.
    Staff(Box<Staff>),
}

/// An invitation that was taken on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Which.
    pub id: InviteId,
    /// The appointment whose meeting it is.
    pub appointment: AppointmentId,
}

/// A staff login acting from a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Its session.
    pub session: SessionId,
    /// The login.
    pub user: UserId,
    /// The person behind it.
    pub person: PersonId,
    /// The post from which it acts.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// The part it plays.
    pub role: RoleKey,
    /// Does the person hold the post at this moment? Otherwise the session may do nothing.
    pub is_holder: bool,
    /// Posts whose requests it may decide, its own first.
    pub screens: Vec<PostId>,
    /// Posts at whose door it may let people in, its own first.
    pub admits: Vec<PostId>,
}

impl Actor {
    /// The citizen's or staff's session.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Anyone => None,
            Self::Citizen { session, .. } => Some(session),
            Self::Staff(staff) => Some(&staff.session),
        }
    }

    /// The staff behind it, if it is staff.
    #[must_use]
    pub fn staff(&self) -> Option<&Staff> {
        match self {
            Self::Staff(staff) => Some(staff),
            _ => None,
        }
    }

    /// How the audit chain names it when it acts on `appointment` (or by its link).
    #[must_use]
    pub fn by(&self, appointment: Option<&AppointmentId>) -> crate::audit::By {
        use crate::audit::By;
        match (self, appointment) {
            (Self::Citizen { session, .. }, _) => By::Citizen(session.clone()),
            (Self::Staff(staff), _) => By::Staff(staff.user.clone(), staff.post.clone()),
            (Self::Anyone, Some(appointment)) => By::Link(appointment.clone()),
            (Self::Anyone, None) => By::House,
        }
    }
}
