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

use domain::hotline::Device;
use domain::id::{AppointmentId, InviteId, PersonId, PostId, SessionId, TerminalId, UserId};
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
    /// A terminal of a seat, with nobody signed in at it.
    Terminal(Box<Terminal>),
}

/// The machine of a chamber or a hall, which has shown that it has its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Its session.
    pub session: SessionId,
    /// Which.
    pub id: TerminalId,
    /// The kind of device that it is at its seat.
    pub device: Device,
    /// The post that it belongs to.
    pub post: PostId,
    /// What that post is called.
    pub title: Bilingual,
    /// The part it plays.
    pub role: RoleKey,
    /// Who holds the post at this moment: whoever acts at the terminal acts as he. Nobody while it is vacant.
    pub person: Option<PersonId>,
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
            Self::Terminal(terminal) => Some(&terminal.session),
        }
    }

    /// The terminal, if it is one.
    #[must_use]
    pub fn terminal(&self) -> Option<&Terminal> {
        match self {
            Self::Terminal(terminal) => Some(terminal),
            _ => None,
        }
    }

    /// The post from which staff or a terminal acts.
    #[must_use]
    pub fn post(&self) -> Option<&PostId> {
        match self {
            Self::Staff(staff) => Some(&staff.post),
            Self::Terminal(terminal) => Some(&terminal.post),
            Self::Anyone | Self::Citizen { .. } => None,
        }
    }

    /// The person who acts for a post: who is signed in, or at a terminal whoever holds the post.
    #[must_use]
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Staff(staff) => Some(&staff.person),
            Self::Terminal(terminal) => terminal.person.as_ref(),
            Self::Anyone | Self::Citizen { .. } => None,
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
            (Self::Terminal(terminal), _) => By::Terminal(terminal.id.clone(), terminal.post.clone()),
            (Self::Anyone, Some(appointment)) => By::Link(appointment.clone()),
            (Self::Anyone, None) => By::House,
        }
    }
}
