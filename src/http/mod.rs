//! The HTTP edge: routes, pages, errors and headers.
//!
//! The only room that knows status codes. It never touches SQL or media; what happens is decided in `app`.

pub mod api;
pub mod assets;
pub mod error;
pub mod gate;
pub mod headers;
pub mod pages;
pub mod probes;
pub mod refusal;
pub mod routes;
pub mod whip;

use std::ops::Deref;
use std::sync::Arc;

use data_encoding::BASE32_NOPAD;

use crate::app::Desk;
use crate::app::check::Checks;
use crate::app::live::Live;
use crate::app::queue::Boards;
use crate::app::relays::Relays;

/// Gives the figures in the text form of Prometheus.
pub type Figures = Arc<dyn Fn() -> String + Send + Sync>;

/// What the HTTP edge is handed: every layer and every handler takes a clone of it, so it is one pointer.
#[derive(Clone)]
pub struct Edge(Arc<EdgeParts>);

/// What an [`Edge`] points to. The wiring fills it.
pub struct EdgeParts {
    /// The use cases' handle.
    pub desk: Desk,
    /// The figures for `/metrics`.
    pub figures: Figures,
    /// The live part, for clients that come without a page; none in a house without media.
    pub live: Option<Live>,
    /// The queues' boards.
    pub boards: Boards,
    /// The relay for browsers that get through no other way; none where it is switched off.
    pub relays: Option<Relays>,
    /// Tries of the path; none in a house without media.
    pub checks: Option<Checks>,
    /// The port at which media is reached from outside, to be named to whoever must open it.
    pub media_port: Option<u16>,
    /// The port at which browsers reach HTTPS of this server, likewise.
    pub https_port: Option<u16>,
    /// What a monitor on another machine shows; without it only this machine reads the figures.
    pub metrics_token: Option<Arc<str>>,
}

impl Deref for Edge {
    type Target = EdgeParts;
    fn deref(&self) -> &EdgeParts {
        &self.0
    }
}

impl Edge {
    /// The edge with these parts.
    #[must_use]
    pub fn new(parts: EdgeParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Whether this house is a demonstration.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.desk.settings.is_demo
    }

    /// A number by which a person and the log speak of the same fault.
    #[must_use]
    pub fn reference(&self) -> String {
        BASE32_NOPAD.encode(&self.desk.random.bytes::<5>())
    }

    /// Whether people reach this house by HTTPS; then cookies travel by HTTPS alone.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.desk.settings.public_url.starts_with("https://")
    }
}
