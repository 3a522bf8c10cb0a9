//! The board: the wall of seats. The page is empty tiles; who is where comes over the socket.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;

use domain::question_sheet::MINUTES;
use domain::text::{FILE_NUMBER_CHARS_MAX, NOTING_CHARS_MAX};

use super::check::relays_of;
use super::meeting::script_words;
use super::own_group::{self, GroupView};
use super::question_ask::Typed;
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
    /// Whose board it is: as whom it asks.
    own_post: String,
    groups: Vec<GroupView>,
    typed: Typed,
    minutes: [i64; 3],
    text_max: usize,
    file_max: usize,
}

/// GET `/board`.
pub async fn board(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let relays = relays_of(&edge, &actor);
    let staff = actor.staff().ok_or(Fault::SignInFirst)?;
    html(&BoardPage {
        relays,
        script_words: script_words(page.words, "live-js-"),
        own_post: staff.post.to_string(),
        groups: own_group::groups(&edge, &actor, &staff.post).await?,
        typed: Typed::fresh(&edge),
        minutes: MINUTES,
        text_max: NOTING_CHARS_MAX,
        file_max: FILE_NUMBER_CHARS_MAX,
        page,
    })
}
