//! When to meet: the free times of a post for fourteen days.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use domain::id::PostId;
use domain::office::BookingMode;

use super::view::{DayView, Days, PostView};
use super::{Page, html};
use crate::app::directory::{self, PostCard};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;
use crate::limits;

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage {
    page: Page,
    post: PostView,
    obstacle: Option<String>,
    mode_line: String,
    days: Days,
}

/// `/post/{id}`: the post and its free times.
pub async fn post(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let card = directory::post(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let days = free_days(&edge, &id, page.words).await?;
    let words = page.words;
    let obstacle = obstacle_of(&card, words)
        .or_else(|| days.near.is_empty().then(|| words.t("citizen-post-none").into_owned()));
    let mode_line = match card.mode {
        BookingMode::Request => words.t("citizen-post-request").into_owned(),
        BookingMode::Confirm | BookingMode::Closed => words.t("citizen-post-confirm").into_owned(),
    };
    html(&PostPage { post: PostView::of(&card, words), page, obstacle, mode_line, days })
}

/// Why the post can't be booked at all, if it can't.
pub(super) fn obstacle_of(card: &PostCard, words: Words) -> Option<String> {
    let key = match (card.mode, card.held) {
        (BookingMode::Closed, _) => "citizen-post-closed",
        (_, None) => "citizen-post-vacant",
        _ => return None,
    };
    Some(words.t(key).into_owned())
}

/// The free times of a post as its pages show them.
pub(super) async fn free_days(edge: &Edge, id: &PostId, words: Words) -> Result<Days, Fault> {
    let days = directory::free_days(&edge.desk, id, limits::HORIZON_DAYS).await.map_err(Fault::internal)?;
    let days = days
        .iter()
        .map(|day| DayView::of(day.date, day.closed.as_ref().map(|name| words.pick(name)), &day.times, words))
        .collect();
    Ok(Days::of(days))
}
