//! A meeting by video: who takes part, who waits in the lobby, who was there and when.
//!
//! * [`role`]: as what somebody comes, and what that role may do.
//! * [`lobby`]: one participant's way through the door.
//! * [`gathering`]: the whole meeting, its places and their bound.
//! * [`conduct`]: hands, silence, screens and the lock, once people are inside.
//! * [`invited`]: who is asked in besides the two sides.
//! * [`talk`]: what is written.
//! * [`presence`]: who was heard when, and what a gap was.
//! * [`attendance`]: that, with what the office says beside it.
//!
//! Pure: told the time; effects are returned. Never touches sockets, SQL or media.

pub mod attendance;
pub mod conduct;
pub mod gathering;
pub mod invited;
pub mod lobby;
pub mod presence;
pub mod role;
pub mod talk;

pub use conduct::{Deed, Hand, Lock, Screen};
pub use gathering::{
    DoorHours, Effect, EndError, EnterError, Entered, Gathering, Guest, MoveError, ParticipantId, Place,
    Returning,
};
pub use invited::{InviteError, InviteKind, Invited};
pub use lobby::{Departure, Visit, VisitError};
pub use presence::{Evidence, Presence, Stretch};
pub use role::Role;
pub use talk::{Line, LineKind, Talk};
