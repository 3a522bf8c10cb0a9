//! When to meet: the free times of a post for fourteen days.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use domain::diary::supply::Category;
use domain::id::PostId;
use domain::office::BookingMode;

use super::book::Fields;
use super::view::{DayView, Days, Link, PostView, key_of};
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
    /// For whom times are kept, each with the page that shows them.
    kept: Vec<Link>,
    /// The code and the words of whoever asked for his.
    chosen: Option<(String, String)>,
}

/// `/post/{id}`: the post and its free times; with `for`, also those that are kept for such people.
pub async fn post(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let card = directory::post(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    let category = query.get("for").and_then(|code| Category::from_code(code));
    let days = free_days_for(&edge, &id, (category, words)).await?;
    let said = |category: Category| words.t(&key_of("citizen-category-", category.code())).into_owned();
    let kept = directory::kept_for(&edge.desk, &id).await.map_err(Fault::internal)?;
    let link = |category: Category| Link {
        href: format!("/post/{id}?for={}", category.code()),
        text: said(category),
    };
    let kept = kept.into_iter().filter(|other| Some(*other) != category).map(link).collect();
    let shown = |category| words.with("citizen-kept-shown", &[("category", said(category))]);
    let chosen = category.map(|category| (category.code().to_owned(), shown(category)));
    let obstacle = obstacle_of(&card, words)
        .or_else(|| days.near.is_empty().then(|| words.t("citizen-post-none").into_owned()));
    let mode_line = match card.mode {
        BookingMode::Request => words.t("citizen-post-request").into_owned(),
        BookingMode::Confirm | BookingMode::Closed => words.t("citizen-post-confirm").into_owned(),
    };
    html(&PostPage { post: PostView::of(&card, words), page, obstacle, mode_line, days, kept, chosen })
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
    free_days_for(edge, id, (None, words)).await
}

/// The same with the times that are kept for somebody of this category.
pub(super) async fn free_days_for(
    edge: &Edge,
    id: &PostId,
    (category, words): (Option<Category>, Words),
) -> Result<Days, Fault> {
    let wanted = (limits::HORIZON_DAYS, category.as_slice());
    let days = directory::free_days_for(&edge.desk, id, wanted).await.map_err(Fault::internal)?;
    Ok(Days::of(days.iter().map(|day| DayView::of(day, words)).collect()))
}
