//! Caps of a post: how many may come on one day, and how many times one citizen may have ahead with it.

/// How many may come at most; `None` is no bound of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// On one day.
    pub day: Option<u16>,
    /// Times that one citizen may have ahead with this post.
    pub citizen: Option<u16>,
}

/// Which cap leaves no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// As many come that day as may.
    Day,
    /// The citizen has as many times ahead as one may have.
    Citizen,
}

impl Caps {
    /// Whether there is no cap at all.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.day.is_none() && self.citizen.is_none()
    }
}
