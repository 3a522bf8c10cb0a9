//! The card by which an asked seat answers, as a page of its own; the strip and the list send the same form here.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{PostId, QuestionId};
use domain::office::ist;
use domain::question_sheet::{CardError, CardText, Reply};

use super::book::Fields;
use super::question_view::{ToSeat, to_seat};
use super::view::FieldError;
use super::{Page, html};
use crate::app::question_answer::{self, AnswerError, Given, Step};
use crate::app::question_sheet::{self, SheetError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};

#[derive(Template)]
#[template(path = "question_answer.html")]
struct AnswerPage {
    page: Page,
    back_href: String,
    q: ToSeat,
}

/// GET `/mesh/question/{question}/answer/{post}`.
pub async fn form(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    (Extension(id), Extension(post)): (Extension<QuestionId>, Extension<PostId>),
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&shown(&edge, &actor, (&id, &post), page).await?)
}

/// POST `/mesh/question/{question}/answer/{post}`: `do` is `send`, `prepare` or `call`.
pub async fn answer(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    (Extension(id), Extension(post)): (Extension<QuestionId>, Extension<PostId>),
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let typed = CardText {
        with: field("with"),
        since: field("since"),
        why: field("why"),
        next: field("next"),
        next_day: field("next_day"),
    };
    let seen = field("seen").parse().map_err(|_| Fault::Malformed)?;
    let (step, done) = match field("do").as_str() {
        "send" => (Step::Send, "sent"),
        "call" => (Step::Send, "call"),
        "prepare" => (Step::Prepare, "prepared"),
        _ => return Err(Fault::Malformed),
    };
    let today = edge.desk.now().to_zoned(ist()).date();
    let reply =
        if done == "call" { Ok(Reply::Call) } else { typed.read(today).map(Box::new).map(Reply::Card) };
    let reply = match reply {
        Ok(reply) => reply,
        Err(errors) => {
            let errors = errors.iter().map(|error| mend(*error, &page)).collect();
            let again = again(&edge, &actor, ((&id, &post), page), (typed, errors)).await?;
            return Ok(refused(html(&again)?));
        }
    };
    let given = Given { question: id.clone(), post: post.clone(), seen, reply, step };
    match question_answer::answer(&edge.desk, &actor, &given).await {
        Ok(question) => {
            if let Some(live) = &edge.live {
                live.questions_moved(vec![question.post, post.clone()]).await;
            }
            Ok(Redirect::to(&format!("/mesh/questions?post={post}&done={done}")).into_response())
        }
        Err(AnswerError::Denied(_)) => Err(Fault::NotYours),
        Err(AnswerError::Unknown) => Err(Fault::NotFound),
        Err(AnswerError::Store(error)) => Err(Fault::internal(error)),
        Err(error) => {
            let key = match error {
                AnswerError::Overtaken => "asking-error-overtaken",
                AnswerError::TooMany => "asking-error-cards",
                _ => "asking-error-over",
            };
            let errors = vec![FieldError { field: "with", text: page.words.t(key).into_owned() }];
            let again = again(&edge, &actor, ((&id, &post), page), (typed, errors)).await?;
            Ok(taken(html(&again)?))
        }
    }
}

async fn again(
    edge: &Edge,
    actor: &Actor,
    (asked, page): ((&QuestionId, &PostId), Page),
    (typed, errors): (CardText, Vec<FieldError>),
) -> Result<AnswerPage, Fault> {
    let mut shown = shown(edge, actor, asked, page).await?;
    shown.q.typed = typed;
    shown.q.errors = errors;
    Ok(shown)
}

async fn shown(
    edge: &Edge,
    actor: &Actor,
    (id, post): (&QuestionId, &PostId),
    page: Page,
) -> Result<AnswerPage, Fault> {
    let sheet = question_sheet::of_seat(&edge.desk, actor, (id, post)).await;
    let sheet = sheet.map_err(|error| match error {
        SheetError::Store(error) => Fault::internal(error),
        SheetError::Denied(_) => Fault::NotYours,
        _ => Fault::NotFound,
    })?;
    let q = to_seat(&sheet, page.words).ok_or(Fault::NotFound)?;
    Ok(AnswerPage { back_href: format!("/mesh/questions?post={post}"), q, page })
}

fn mend(error: CardError, page: &Page) -> FieldError {
    let (field, key) = match error {
        CardError::With(_) => ("with", "asking-error-with"),
        CardError::Since => ("since", "asking-error-since"),
        CardError::Why(_) => ("why", "asking-error-why"),
        CardError::Next(_) => ("next", "asking-error-next"),
        CardError::NextDay => ("next_day", "asking-error-next-day"),
    };
    FieldError { field, text: page.words.t(key).into_owned() }
}
