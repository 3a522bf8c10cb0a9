//! The questions of a post: those to it, with the card to be filled, and those that it asked; and the same as the strip of a
//! seat, which its page reads again whenever the socket says so.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Html;
use domain::id::PostId;

use super::book::Fields;
use super::question_view::{OwnView, ToSeat, own, to_seat};
use super::view::Link;
use super::{Page, html};
use crate::app::question_sheet::{self, List, SheetError};
use crate::app::screen;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

/// Own questions that a strip shows: what one asks at a time.
const STRIP_OWN_MAX: usize = 3;
/// So long after its minute a question stands in the strip, in milliseconds: till the end of the day's work.
const STRIP_OWN_MS: i64 = 8 * 3_600_000;

struct PostLink {
    link: Link,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "question_list.html")]
struct ListPage {
    page: Page,
    note: Option<String>,
    posts: Vec<PostLink>,
    title: String,
    ask_href: String,
    asked: Vec<ToSeat>,
    own: Vec<OwnView>,
}

#[derive(Template)]
#[template(path = "question_strip.html")]
struct Strip {
    page: Page,
    asked: Vec<ToSeat>,
    own: Vec<OwnView>,
}

/// GET `/mesh/questions`.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = read(&edge, &actor, &post).await?;
    let words = page.words;
    let posts = screen::desks_of(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let title = posts.iter().find(|(id, _)| *id == post).map(|(_, title)| words.pick(title).to_owned());
    let links = posts.iter().map(|(id, title)| PostLink {
        link: Link { href: format!("/mesh/questions?post={id}"), text: words.pick(title).to_owned() },
        is_shown: *id == post,
    });
    let note = match query.get("done").map(String::as_str) {
        Some("sent") => Some("asking-done-sent"),
        Some("prepared") => Some("asking-done-prepared"),
        Some("call") => Some("asking-done-call"),
        _ => None,
    };
    html(&ListPage {
        note: note.map(|key| words.t(key).into_owned()),
        title: title.unwrap_or_default(),
        posts: links.collect(),
        ask_href: format!("/mesh/ask/{post}"),
        asked: list.asked.iter().filter_map(|sheet| to_seat(sheet, words)).collect(),
        own: list.own.iter().map(|sheet| own(sheet, words)).collect(),
        page,
    })
}

/// GET `/mesh/questions/strip`: what waits for an answer, and the latest of one's own that are open.
pub async fn strip(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = read(&edge, &actor, &post).await?;
    let words = page.words;
    let asked = list.asked.iter().filter_map(|sheet| to_seat(sheet, words)).filter(|one| one.is_silent);
    let lately = |one: &OwnView| one.is_open && one.left_ms > -STRIP_OWN_MS;
    let own = list.own.iter().map(|sheet| own(sheet, words)).filter(lately).take(STRIP_OWN_MAX);
    html(&Strip { asked: asked.collect(), own: own.collect(), page })
}

async fn read(edge: &Edge, actor: &Actor, post: &PostId) -> Result<List, Fault> {
    question_sheet::list(&edge.desk, actor, post).await.map_err(|error| match error {
        SheetError::Store(error) => Fault::internal(error),
        _ => Fault::NotYours,
    })
}
