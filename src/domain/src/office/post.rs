//! What a body and a post are: kinds, ranks, role keys. The words people read for them are data.

use serde::{Deserialize, Serialize};

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every value, in rank order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code that stands in rows and messages.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Reads a stable code; `None` for anything else.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// The kinds of body in the tree.
    BodyKind {
        /// The state itself: the root.
        State = "state",
        /// The Chief Secretary's or Development Commissioner's office.
        Apex = "apex",
        /// A department of the secretariat.
        Department = "department",
        /// The office of a minister.
        Minister = "minister",
        /// A division under a commissioner.
        Division = "division",
        /// A district under a magistrate.
        District = "district",
        /// A board, corporation or mission.
        Board = "board",
    }
}

coded! {
    /// The part a post plays: what the rules ask for. Its name in a state is data.
    RoleKey {
        /// Above all in the mesh.
        ChiefMinister = "chief_minister",
        /// Centre of the mesh.
        ChiefSecretary = "chief_secretary",
        /// Second in the mesh.
        DevelopmentCommissioner = "development_commissioner",
        /// The one head of a department, whatever the rank.
        DepartmentHead = "department_head",
        /// A minister.
        Minister = "minister",
        /// Head of a division.
        DivisionHead = "division_head",
        /// Head of a district.
        DistrictHead = "district_head",
        /// Hears grievances: a public grievance redressal officer.
        GrievanceOfficer = "grievance_officer",
        /// A minister's private secretary.
        PrivateSecretary = "private_secretary",
        /// The desk: the assistant who runs the diary of another post.
        Desk = "desk",
        /// The gate of a building: who comes in and goes out.
        Gate = "gate",
        /// A counter at which people are helped to book.
        ServiceCentre = "service_centre",
        /// Looks after the machines of the offices, and after nothing that is said at them.
        ItManager = "it_manager",
    }
}

impl RoleKey {
    /// Does this post have a seat (a tile on the board and a warm transport)?
    #[must_use]
    pub const fn has_seat(self) -> bool {
        matches!(
            self,
            Self::ChiefMinister
                | Self::ChiefSecretary
                | Self::DevelopmentCommissioner
                | Self::DepartmentHead
                | Self::DivisionHead
                | Self::DistrictHead
        )
    }
}

coded! {
    /// Rank of the officer in a post; an attribute, never a right.
    Rank {
        /// Minister of the cabinet.
        Minister = "minister",
        /// Chief Secretary.
        ChiefSecretary = "chief_secretary",
        /// Additional Chief Secretary or equal.
        AdditionalChiefSecretary = "additional_chief_secretary",
        /// Principal Secretary.
        PrincipalSecretary = "principal_secretary",
        /// Secretary.
        Secretary = "secretary",
        /// Commissioner of a division.
        Commissioner = "commissioner",
        /// District Magistrate.
        DistrictMagistrate = "district_magistrate",
        /// Staff of an office.
        Staff = "staff",
    }
}

coded! {
    /// What a booking with a post becomes once the citizen has proved who he is.
    BookingMode {
        /// Fixed at once.
        Confirm = "confirm",
        /// A request that holds its slot until the desk answers.
        Request = "request",
        /// This post takes no bookings.
        Closed = "closed",
    }
}
