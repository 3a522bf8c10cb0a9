//! The public board of a queue: who is inside, who is next, and in how many minutes. Numbers, never names.
//!
//! A wall or a phone listens to server-sent events; without a script the page loads itself again.

use std::convert::Infallible;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use domain::id::PostId;

use super::book::Fields;
use super::{Page, html};
use crate::app::directory;
use crate::app::queue::{Board, ListenError};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

/// One number that waits.
pub(super) struct NumberView {
    number: u32,
    minutes: String,
}

#[derive(Template)]
#[template(path = "now.html")]
struct NowPage {
    page: Page,
    is_wall: bool,
    title: String,
    body: String,
    events: String,
    inside: String,
    is_inside: bool,
    called: String,
    is_called: bool,
    next: Vec<NumberView>,
    waiting: String,
    late: Option<String>,
    /// For the script: the same sentences with their places kept.
    words: [(&'static str, String); 4],
}

/// `लगभग 9–14 मिनट`.
pub(super) fn minutes((from, to): (u32, u32), words: Words) -> String {
    words.with("door-now-range", &[("from", from), ("to", to)])
}

/// `/now/{post}`: the board; `?wall=1` is the dark one for a screen on a wall.
pub async fn now(
    State(edge): State<Edge>,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let post = directory::post(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let board = edge.boards.board(&id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    html(&NowPage {
        is_wall: query.get("wall").is_some_and(|wall| wall == "1"),
        title: words.pick(&post.title).to_owned(),
        body: words.pick(&post.body).to_owned(),
        events: format!("/now/{id}/events"),
        inside: board.inside.map(|number| number.0.to_string()).unwrap_or_default(),
        is_inside: board.inside.is_some(),
        called: board.called.map(|number| number.0.to_string()).unwrap_or_default(),
        is_called: board.called.is_some(),
        next: next(&board, words),
        waiting: waiting(&board, words),
        late: board.late.until.map(|at| words.with("turn-late-now", &[("hour", words.hour(at))])),
        words: [
            ("range", words.with("door-now-range", &[("from", "{from}"), ("to", "{to}")])),
            ("soon", words.t("door-now-soon").into_owned()),
            ("late", words.with("turn-late-now", &[("hour", "{hour}")])),
            (
                "waiting",
                words.with("door-now-waiting", &[("waiting", "{waiting}"), ("expected", "{expected}")]),
            ),
        ],
        page,
    })
}

fn next(board: &Board, words: Words) -> Vec<NumberView> {
    let said = |range: Option<(u32, u32)>| match range {
        Some(range) => minutes(range, words),
        None => words.t("door-now-soon").into_owned(),
    };
    let all = board.next.iter();
    all.map(|one| NumberView { number: one.number.0, minutes: said(one.minutes) }).collect()
}

fn waiting(board: &Board, words: Words) -> String {
    let count = |n: usize| n.to_string();
    words.with("door-now-waiting", &[("waiting", count(board.waiting)), ("expected", count(board.expected))])
}

/// `/now/{post}/events`: the same as server-sent events, as it happens.
pub async fn events(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Response, Fault> {
    let id = PostId::parse(&id).map_err(|_| Fault::NotFound)?;
    let listener = match edge.boards.listen(&id).await {
        Ok(listener) => listener,
        Err(ListenError::Full) => return Err(Fault::Busy),
        Err(ListenError::UnknownPost) => return Err(Fault::NotFound),
        Err(ListenError::Store(error)) => return Err(Fault::internal(error)),
    };
    let stream = futures_util::stream::unfold(listener, async |mut listener| {
        listener.next().await.map(|event| (Ok::<_, Infallible>(event), listener))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(stream)).into_response())
}
