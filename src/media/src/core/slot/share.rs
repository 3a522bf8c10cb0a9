//! How much of its source a slot carries.

/// How much of its source a slot carries; the allocator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nothing.
    Nothing,
    /// A picture every two seconds from the lowest layer.
    Stills,
    /// A layer, up to a temporal layer.
    Moving {
        /// Place of the simulcast layer.
        layer: u8,
        /// Pictures of higher temporal layers are left out.
        temporal: u8,
    },
}

impl Share {
    /// All of the lowest layer: what a slot begins with.
    pub const FIRST: Share = Share::Moving { layer: 0, temporal: u8::MAX };

    /// The simulcast layer that it needs.
    #[must_use]
    pub fn layer(self) -> Option<u8> {
        match self {
            Share::Nothing => None,
            Share::Stills => Some(0),
            Share::Moving { layer, .. } => Some(layer),
        }
    }

    /// Pictures of higher temporal layers are left out.
    pub(super) fn temporal(self) -> u8 {
        match self {
            Share::Moving { temporal, .. } => temporal,
            Share::Nothing | Share::Stills => u8::MAX,
        }
    }
}
