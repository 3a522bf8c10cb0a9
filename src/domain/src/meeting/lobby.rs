//! One participant's way through the door: waiting, admitted, away for a while, denied.
//!
//! Each state holds only what exists in it; a wrong move is a typed error. The time is passed in.

use jiff::{SignedDuration, Timestamp};

/// Why somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Departure {
    /// Left on purpose.
    Left,
    /// The socket was lost.
    Lost,
}

/// Where a participant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// At the door and connected.
    Waiting {
        /// Since then; kept through a short absence, so that the turn is kept.
        since: Timestamp,
    },
    /// Was waiting, is away, keeps the turn.
    AwayFromLobby {
        /// Waited since.
        since: Timestamp,
        /// Away since.
        away: Timestamp,
    },
    /// Inside and connected.
    Inside {
        /// Since the last time of coming in.
        since: Timestamp,
    },
    /// Was inside, is away, may come straight back.
    AwayFromInside {
        /// Away since.
        away: Timestamp,
        /// Why.
        why: Departure,
    },
    /// Sent away, for good.
    Denied,
}

/// A move that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VisitError {
    /// Not in the lobby.
    #[error("not waiting in the lobby")]
    NotWaiting,
    /// Not connected.
    #[error("not here")]
    NotHere,
    /// Was sent away.
    #[error("was sent away")]
    Denied,
}

impl Visit {
    /// `Waiting | AwayFromLobby → Inside | AwayFromInside`. Somebody who dropped out for a moment is admitted too:
    /// the officer called the name, the return is then straight in.
    ///
    /// # Errors
    /// [`VisitError::Denied`], or [`VisitError::NotWaiting`] when already inside.
    pub fn admit(self, now: Timestamp) -> Result<Visit, VisitError> {
        match self {
            Visit::Waiting { .. } => Ok(Visit::Inside { since: now }),
            Visit::AwayFromLobby { .. } => Ok(Visit::AwayFromInside { away: now, why: Departure::Lost }),
            Visit::Inside { .. } | Visit::AwayFromInside { .. } => Err(VisitError::NotWaiting),
            Visit::Denied => Err(VisitError::Denied),
        }
    }

    /// Any but `Denied` → `Denied`.
    ///
    /// # Errors
    /// [`VisitError::Denied`] when it is so already.
    pub fn deny(self) -> Result<Visit, VisitError> {
        if self == Visit::Denied { Err(VisitError::Denied) } else { Ok(Visit::Denied) }
    }

    /// Connected → away.
    ///
    /// # Errors
    /// [`VisitError::NotHere`] when not connected.
    pub fn depart(self, why: Departure, now: Timestamp) -> Result<Visit, VisitError> {
        match self {
            Visit::Waiting { since } => Ok(Visit::AwayFromLobby { since, away: now }),
            Visit::Inside { .. } => Ok(Visit::AwayFromInside { away: now, why }),
            Visit::AwayFromLobby { .. } | Visit::AwayFromInside { .. } | Visit::Denied => {
                Err(VisitError::NotHere)
            }
        }
    }

    /// Away → connected again, to the same turn or straight in; connected stays as it is (a newer socket).
    ///
    /// Within `window` only; later, the place must be given up first (see [`Visit::is_forgotten`]).
    ///
    /// # Errors
    /// [`VisitError::Denied`].
    pub fn come_back(self, window: SignedDuration, now: Timestamp) -> Result<Visit, VisitError> {
        if self.is_forgotten(window, now) {
            return Ok(Visit::Waiting { since: now });
        }
        match self {
            Visit::AwayFromLobby { since, .. } => Ok(Visit::Waiting { since }),
            Visit::AwayFromInside { .. } => Ok(Visit::Inside { since: now }),
            Visit::Waiting { .. } | Visit::Inside { .. } => Ok(self),
            Visit::Denied => Err(VisitError::Denied),
        }
    }

    /// The absence has lasted longer than the place is kept.
    pub fn is_forgotten(self, window: SignedDuration, now: Timestamp) -> bool {
        match self {
            Visit::AwayFromLobby { away, .. } | Visit::AwayFromInside { away, .. } => {
                now.duration_since(away) > window
            }
            Visit::Waiting { .. } | Visit::Inside { .. } | Visit::Denied => false,
        }
    }

    /// Connected and inside: the only state in which media may flow.
    pub fn is_inside(self) -> bool {
        matches!(self, Visit::Inside { .. })
    }

    /// Connected and at the door.
    pub fn waits_since(self) -> Option<Timestamp> {
        if let Visit::Waiting { since } = self { Some(since) } else { None }
    }

    /// Has a live session.
    pub fn is_here(self) -> bool {
        matches!(self, Visit::Waiting { .. } | Visit::Inside { .. })
    }
}
