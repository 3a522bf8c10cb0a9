//! Auto-answer of the own seat: whom it lets in and at what hours, set and taken back by its occupant alone.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::hotline::Hours;
use domain::id::PostId;

use super::book::Fields;
use super::view::FieldError;
use super::{Page, html};
use crate::app::auto_answer::{self, AutoAnswerError, Own, Wish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::i18n::Words;

/// The hours that the form begins with: those of an office.
const HOURS: (&str, &str) = ("10:00", "17:30");

struct CallerView {
    post: String,
    title: String,
    named: bool,
}

#[derive(Template)]
#[template(path = "auto_answer.html")]
struct AutoAnswerPage {
    page: Page,
    post: String,
    /// What stands, in words; nothing while it is off.
    standing: Option<String>,
    callers: Vec<CallerView>,
    from: String,
    to: String,
    errors: Vec<FieldError>,
}

/// GET `/chamber/auto-answer`.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Response, Fault> {
    let own = auto_answer::of(&edge.desk, &actor).await?;
    Ok(html(&shown(&actor, page, &own)?)?.into_response())
}

/// POST `/chamber/auto-answer`: switches it on.
pub async fn set(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let own = auto_answer::of(&edge.desk, &actor).await?;
    let mut shown = shown(&actor, page, &own)?;
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    (shown.from, shown.to) = (field("from"), field("to"));
    let is_named = |post: &PostId| fields.contains_key(&format!("caller-{post}"));
    let callers: Vec<PostId> = own.above.into_iter().map(|(post, _)| post).filter(is_named).collect();
    for caller in &mut shown.callers {
        caller.named = callers.iter().any(|post| post.as_str() == caller.post);
    }
    let words = shown.page.words;
    let error = |field, key| FieldError { field, text: words.t(key).into_owned() };
    let Ok(hours) = Hours::parse(&shown.from, &shown.to) else {
        shown.errors = vec![error("from", "trust-auto-night")];
        return Ok(refused(html(&shown)?));
    };
    match auto_answer::set(&edge.desk, &actor, Some(&Wish { hours, callers })).await {
        Ok(()) => told(&edge, "/chamber/auto-answer").await,
        Err(AutoAnswerError::Callers) => {
            shown.errors = vec![error("callers", "trust-auto-nobody")];
            Ok(refused(html(&shown)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST `/chamber/auto-answer/off`: one tap, from the chamber's own page.
pub async fn off(State(edge): State<Edge>, Extension(actor): Extension<Actor>) -> Result<Response, Fault> {
    auto_answer::set(&edge.desk, &actor, None).await?;
    told(&edge, "/chamber").await
}

/// The seats know it before the page says so.
async fn told(edge: &Edge, to: &str) -> Result<Response, Fault> {
    if let Some(live) = &edge.live {
        live.refresh_seats().await.map_err(Fault::internal)?;
    }
    Ok(Redirect::to(to).into_response())
}

fn shown(actor: &Actor, page: Page, own: &Own) -> Result<AutoAnswerPage, Fault> {
    let staff = actor.staff().ok_or(Fault::SignInFirst)?;
    let words = page.words;
    let named = own.wish.as_ref().map(|wish| wish.callers.as_slice()).unwrap_or_default();
    let caller = |(post, title): &(PostId, domain::text::Bilingual)| CallerView {
        post: post.to_string(),
        title: words.pick(title).to_owned(),
        named: named.contains(post),
    };
    let hours = own.wish.as_ref().map(|wish| wish.hours.written());
    let (from, to) = hours.unwrap_or_else(|| (HOURS.0.to_owned(), HOURS.1.to_owned()));
    Ok(AutoAnswerPage {
        post: words.pick(&staff.title).to_owned(),
        standing: standing(words, own),
        callers: own.above.iter().map(caller).collect(),
        from,
        to,
        errors: Vec::new(),
        page,
    })
}

/// Whom the seat lets in and when, in words; nothing while it is off.
pub(super) fn standing(words: Words, own: &Own) -> Option<String> {
    let wish = own.wish.as_ref()?;
    let named: Vec<&str> = own
        .above
        .iter()
        .filter(|(post, _)| wish.callers.contains(post))
        .map(|(_, title)| words.pick(title))
        .collect();
    let (from, to) = wish.hours.written();
    Some(words.with("trust-auto-standing", &[("posts", named.join(", ")), ("from", from), ("to", to)]))
}
