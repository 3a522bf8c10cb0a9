//! The desk's other ways: a request that belongs to another post, and a question before the answer.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use axum::{Extension, Form};
use domain::diary::DeclineReason;
use domain::id::PostId;
use domain::text::Subject;

use super::book::Fields;
use super::desk::{list_href, name_of, other_posts, reasons, told};
use super::view::{Choice, FieldError};
use super::{Page, html};
use crate::app::ask;
use crate::app::book::Draft;
use crate::app::redirect;
use crate::app::screen::ScreenError;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};

#[derive(Template)]
#[template(path = "redirect.html")]
struct RedirectPage {
    page: Page,
    back_href: String,
    name: String,
    when: String,
    action: String,
    posts: Vec<Choice>,
    reasons: Vec<Choice>,
    errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "question.html")]
struct QuestionPage {
    page: Page,
    back_href: String,
    name: String,
    when: String,
    action: String,
    written: String,
    errors: Vec<FieldError>,
}

/// GET `/desk/{appointment}/redirect`: to whom, and why.
pub async fn ask_redirect(
    State(edge): State<Edge>,
    Extension(draft): Extension<Draft>,
    page: Page,
) -> Result<Html<String>, Fault> {
    redirect_page(&edge, &draft, page, Vec::new()).await
}

/// POST `/desk/{appointment}/redirect`: sends it on.
pub async fn redirect(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let mistake = |field, key: &str| FieldError { field, text: page.words.t(key).into_owned() };
    let chosen = PostId::parse(field("to")).ok().zip(DeclineReason::from_code(field("reason")));
    let Some((to, reason)) = chosen else {
        let errors = vec![mistake("to", "desk-redirect-empty")];
        return Ok(refused(redirect_page(&edge, &draft, page, errors).await?));
    };
    match redirect::redirect(&edge.desk, &actor, &draft.appointment, (&to, reason)).await {
        Err(ScreenError::UnknownPost | ScreenError::NotOffered { .. }) => {
            let errors = vec![mistake("to", "desk-redirect-full")];
            Ok(refused(redirect_page(&edge, &draft, page, errors).await?))
        }
        outcome => told(outcome.map(|_| "redirected"), &draft),
    }
}

async fn redirect_page(
    edge: &Edge,
    draft: &Draft,
    page: Page,
    errors: Vec<FieldError>,
) -> Result<Html<String>, Fault> {
    let words = page.words;
    html(&RedirectPage {
        back_href: list_href(draft),
        name: name_of(draft),
        when: words.moment(draft.slot.start()),
        action: format!("/desk/{}/redirect", draft.appointment),
        posts: other_posts(edge, draft, words).await?,
        reasons: reasons(words),
        errors,
        page,
    })
}

/// GET `/desk/{appointment}/ask`: the question's form.
pub async fn ask_question(Extension(draft): Extension<Draft>, page: Page) -> Result<Html<String>, Fault> {
    question_page(&draft, page, (String::new(), Vec::new()))
}

/// POST `/desk/{appointment}/ask`: asks the citizen.
pub async fn ask(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let written = fields.get("question").cloned().unwrap_or_default();
    let Ok(text) = Subject::parse(&written) else {
        let text = page.words.t("desk-ask-empty").into_owned();
        let errors = vec![FieldError { field: "question", text }];
        return Ok(refused(question_page(&draft, page, (written, errors))?));
    };
    let outcome = ask::ask(&edge.desk, &actor, &draft.appointment, &text).await;
    told(outcome.map(|_| "asked"), &draft)
}

fn question_page(
    draft: &Draft,
    page: Page,
    (written, errors): (String, Vec<FieldError>),
) -> Result<Html<String>, Fault> {
    html(&QuestionPage {
        back_href: list_href(draft),
        name: name_of(draft),
        when: page.words.moment(draft.slot.start()),
        action: format!("/desk/{}/ask", draft.appointment),
        written,
        errors,
        page,
    })
}
