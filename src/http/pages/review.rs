//! The wall of a review: where one is opened, conducted and followed on a large screen. Who is there and what is said comes
//! over the socket; the page brings the directions that the post has given and that are open, for the agenda.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;

use super::check::relays_of;
use super::meeting::script_words;
use super::{Page, html};
use crate::app::direction::{self, MoveError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

/// An open direction that may be put on the agenda.
struct Open {
    post: String,
    owner: String,
    text: String,
    due: String,
    is_overdue: bool,
}

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    page: Page,
    relays: String,
    post: String,
    open: Vec<Open>,
    script_words: String,
}

/// GET `/review`.
pub async fn wall(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let staff = actor.staff().ok_or(Fault::SignInFirst)?;
    let words = page.words;
    // Whoever may not read them has a wall all the same.
    let mut given = match direction::list(&edge.desk, &actor, &staff.post).await {
        Ok(list) => list.given,
        Err(MoveError::Store(error)) => return Err(Fault::internal(error)),
        Err(_) => Vec::new(),
    };
    given.retain(|card| card.rules.is_open());
    given.sort_by(|one, other| (one.rules.due, &one.rules.id).cmp(&(other.rules.due, &other.rules.id)));
    let open = given.into_iter().map(|card| Open {
        post: card.rules.owner.to_string(),
        owner: words.pick(&card.owner).to_owned(),
        text: card.rules.text.as_str().to_owned(),
        due: words.day(card.rules.due),
        is_overdue: card.is_overdue,
    });
    html(&ReviewPage {
        relays: relays_of(&edge, &actor),
        post: words.pick(&staff.title).to_owned(),
        open: open.collect(),
        script_words: script_words(words, "live-js-"),
        page,
    })
}
