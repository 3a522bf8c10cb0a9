//! The board: the wall of seats. The page is empty tiles; who is where comes over the socket.

use askama::Template;
use axum::response::Html;

use super::meeting::script_words;
use super::{Page, html};
use crate::http::error::Fault;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    page: Page,
    script_words: String,
}

/// GET `/board`.
pub async fn board(page: Page) -> Result<Html<String>, Fault> {
    html(&BoardPage { script_words: script_words(page.words, "live-js-"), page })
}
