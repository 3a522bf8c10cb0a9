//! The emergency switch: from when to when, how many it touches, the act, and its taking back.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{EmergencyId, PostId};

use super::away::{instant_of, span};
use super::book::Fields;
use super::view::FieldError;
use super::{Page, html};
use crate::app::directory;
use crate::app::emergency::{self, SwitchError, SwitchWish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::i18n::Words;

/// A switch that stands.
struct StandingView {
    span: String,
    undo_href: String,
}

/// What a switch would touch.
struct ReachView {
    span: String,
    count: String,
}

#[derive(Template)]
#[template(path = "emergency.html")]
struct EmergencyPage {
    page: Page,
    back_href: String,
    action: String,
    post: String,
    note: Option<String>,
    from: String,
    to: String,
    errors: Vec<FieldError>,
    reach: Option<ReachView>,
    standing: Vec<StandingView>,
}

/// GET `/desk/emergency/{post}`: the form, the preview once it is filled in, and what stands.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    let words = page.words;
    let mut shown = shown(&edge, (&actor, &post), &fields, page).await?;
    if !fields.contains_key("from") {
        return Ok(html(&shown)?.into_response());
    }
    let Some(wish) = wish_of(&post, &fields) else {
        shown.errors = vec![mistake(words)];
        return Ok(refused(html(&shown)?));
    };
    match emergency::preview(&edge.desk, &actor, &wish).await {
        Ok(reach) => {
            let values = [
                ("n", reach.meetings.to_string()),
                ("posts", reach.posts.to_string()),
                ("scope", words.pick(&reach.scope).to_owned()),
            ];
            let count = words.with("day-switch-reach", &values);
            shown.reach = Some(ReachView { span: span(words, wish.from, wish.to), count });
            Ok(html(&shown)?.into_response())
        }
        Err(SwitchError::Span | SwitchError::TooMany) => {
            shown.errors = vec![mistake(words)];
            Ok(refused(html(&shown)?))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST `/desk/emergency/{post}`: all to video.
pub async fn carry_out(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let wish = wish_of(&post, &fields).ok_or(Fault::Malformed)?;
    emergency::carry_out(&edge.desk, &actor, &wish).await?;
    Ok(Redirect::to(&format!("/desk/emergency/{post}?note=done")).into_response())
}

/// POST `/desk/emergency/{post}/{emergency}/undo`: back.
pub async fn undo(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path((post, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let id = EmergencyId::parse(&id).map_err(|_| Fault::NotFound)?;
    let note = match emergency::undo(&edge.desk, &actor, &id).await {
        Ok(_) => "undone",
        Err(SwitchError::Changed) => "late",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/desk/emergency/{post}?note={note}")).into_response())
}

async fn shown(
    edge: &Edge,
    (actor, post): (&Actor, &PostId),
    fields: &Fields,
    page: Page,
) -> Result<EmergencyPage, Fault> {
    let words = page.words;
    let card = directory::post(&edge.desk, post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let standing = emergency::standing(&edge.desk, actor, post).await?;
    let note = match fields.get("note").map(String::as_str) {
        Some("done") => Some("day-switch-done"),
        Some("undone") => Some("day-switch-undone"),
        Some("late") => Some("day-switch-late"),
        _ => None,
    };
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Ok(EmergencyPage {
        back_href: format!("/desk?post={post}"),
        action: format!("/desk/emergency/{post}"),
        post: words.pick(&card.title).to_owned(),
        note: note.map(|key| words.t(key).into_owned()),
        from: field("from"),
        to: field("to"),
        errors: Vec::new(),
        reach: None,
        standing: standing
            .iter()
            .map(|row| StandingView {
                span: span(words, row.from, row.to),
                undo_href: format!("/desk/emergency/{post}/{}/undo", row.id),
            })
            .collect(),
        page,
    })
}

fn wish_of(post: &PostId, fields: &Fields) -> Option<SwitchWish> {
    let at = |name: &str| fields.get(name).and_then(|text| instant_of(text));
    Some(SwitchWish { post: post.clone(), from: at("from")?, to: at("to")? })
}

fn mistake(words: Words) -> FieldError {
    FieldError { field: "from", text: words.t("day-away-span").into_owned() }
}
