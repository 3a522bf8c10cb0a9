//! The board: the wall of seats. The page is empty tiles; who is where comes over the socket.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;

use super::check::relays_of;
use super::meeting::script_words;
use super::{Page, html};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    page: Page,
    relays: String,
    script_words: String,
}

/// GET `/board`.
pub async fn board(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let relays = relays_of(&edge, &actor);
    html(&BoardPage { relays, script_words: script_words(page.words, "live-js-"), page })
}
