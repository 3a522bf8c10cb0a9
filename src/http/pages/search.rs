//! Whom to meet: search by post, department or district in either script, or by topic.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;

use super::book::Fields;
use super::view::{Link, PostView, query_text};
use super::{Page, html};
use crate::app::directory;
use crate::app::suggest::{self, Suggested};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::limits;

/// Topics of the first page, as they are numbered in the locales.
const TOPICS: u32 = 8;

#[derive(Template)]
#[template(path = "find.html")]
struct Find {
    page: Page,
    query: String,
    problem: Option<String>,
    count: String,
    suggested: Vec<PostView>,
    wants_district: bool,
    posts: Vec<PostView>,
    topics: Vec<Link>,
}

/// `/find?q=`: the posts that meet the words, or the topics to begin from.
pub async fn find(
    State(edge): State<Edge>,
    page: Page,
    Query(asked): Query<Fields>,
) -> Result<Html<String>, Fault> {
    let query = asked.get("q").map(|q| q.trim().to_owned()).unwrap_or_default();
    let is_too_long = query.chars().count() > limits::SEARCH_CHARS_MAX;
    let is_asked = !query.is_empty() && !is_too_long;
    let (mut cards, mut near) = (Vec::new(), Suggested::default());
    if is_asked {
        near = suggest::for_subject(&edge.desk, &query).await.map_err(Fault::internal)?;
        cards = directory::search(&edge.desk, &query).await.map_err(Fault::internal)?;
        cards.retain(|card| near.posts.iter().all(|other| other.id != card.id));
    }
    let words = page.words;
    let problem = if is_too_long {
        Some(words.t("citizen-find-too-long").into_owned())
    } else {
        (!query.is_empty() && cards.is_empty() && near.posts.is_empty())
            .then(|| words.with("citizen-find-none", &[("query", &query)]))
    };
    let posts: Vec<PostView> = cards.iter().map(|card| PostView::of(card, words)).collect();
    let count = words.with("citizen-find-count", &[("n", posts.len())]);
    let topics = (1..=TOPICS)
        .map(|n| Link {
            href: format!("/find?q={}", query_text(&words.t(&format!("citizen-topic-{n}-query")))),
            text: words.t(&format!("citizen-topic-{n}")).into_owned(),
        })
        .collect();
    let suggested = near.posts.iter().map(|card| PostView::of(card, words)).collect();
    let wants_district = near.wants_district;
    html(&Find { page, query, problem, count, suggested, wants_district, posts, topics })
}
