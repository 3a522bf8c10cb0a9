//! The caps of a post: two numbers, and what to do when more are booked already.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::Caps;
use domain::id::PostId;

use super::book::{Fields, digits};
use super::view::FieldError;
use super::{Page, html};
use crate::app::caps::{self, CapsError, CapsWish, Over};
use crate::app::directory;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::limits;

#[derive(Template)]
#[template(path = "caps.html")]
struct CapsPage {
    page: Page,
    back_href: String,
    action: String,
    post: String,
    note: Option<String>,
    day: String,
    citizen: String,
    errors: Vec<FieldError>,
    /// Days on which more are booked, each in words.
    above: Vec<String>,
}

/// GET `/desk/caps/{post}`: the form.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    let caps = caps::of(&edge.desk, &actor, &post).await?;
    let number = |cap: Option<u16>| cap.map_or_else(String::new, |cap| cap.to_string());
    let mut shown = shown(&edge, &post, page, (number(caps.day), number(caps.citizen))).await?;
    shown.note = fields.contains_key("note").then(|| shown.page.words.t("day-caps-done").into_owned());
    Ok(html(&shown)?.into_response())
}

/// POST `/desk/caps/{post}`: sets them, or names the days on which more are booked.
pub async fn set(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let mut shown = shown(&edge, &post, page, (field("day"), field("citizen"))).await?;
    let words = shown.page.words;
    let (Ok(day), Ok(citizen)) = (cap_of(&shown.day), cap_of(&shown.citizen)) else {
        shown.errors = vec![out_of_bounds(&shown)];
        return Ok(refused(html(&shown)?));
    };
    let over = if fields.contains_key("keep") { Over::Keep } else { Over::Refuse };
    let wish = CapsWish { post: post.clone(), caps: Caps { day, citizen }, over };
    match caps::set(&edge.desk, &actor, &wish).await {
        Ok(()) => Ok(Redirect::to(&format!("/desk/caps/{post}?note=done")).into_response()),
        Err(CapsError::BelowBooked { days }) => {
            let said = |(day, count): &(jiff::civil::Date, usize)| {
                words.with("day-caps-above-day", &[("day", words.day(*day)), ("n", count.to_string())])
            };
            shown.above = days.iter().map(said).collect();
            Ok(refused(html(&shown)?))
        }
        Err(CapsError::Bounds) => {
            shown.errors = vec![out_of_bounds(&shown)];
            Ok(refused(html(&shown)?))
        }
        Err(error) => Err(error.into()),
    }
}

async fn shown(
    edge: &Edge,
    post: &PostId,
    page: Page,
    (day, citizen): (String, String),
) -> Result<CapsPage, Fault> {
    let card = directory::post(&edge.desk, post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    Ok(CapsPage {
        back_href: format!("/desk?post={post}"),
        action: format!("/desk/caps/{post}"),
        post: page.words.pick(&card.title).to_owned(),
        note: None,
        day,
        citizen,
        errors: Vec::new(),
        above: Vec::new(),
        page,
    })
}

/// Nothing typed is no cap; digits of either script count.
fn cap_of(typed: &str) -> Result<Option<u16>, ()> {
    match digits(typed).ok_or(())?.as_str() {
        "" => Ok(None),
        number => number.parse().map(Some).map_err(|_| ()),
    }
}

fn out_of_bounds(shown: &CapsPage) -> FieldError {
    let text = shown.page.words.with("day-caps-bounds", &[("most", limits::CAP_MAX.to_string())]);
    FieldError { field: "day", text }
}
