//! The directions of a post: what it is to do, what it has told others to do; and the citizen's word on his slip.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::direction::{Answer, Author, DirectionState, Origin, Step, StepKind};
use domain::id::{DirectionId, PostId};
use domain::text::Noting;

use super::book::{Fields, read_back};
use super::view::{Link, key_of};
use super::{Page, html};
use crate::app::direction::{self, Card, Move, MoveError};
use crate::app::screen;
use crate::app::slip::Slip;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

struct CardView {
    href: String,
    text: String,
    state: String,
    due: String,
    is_overdue: bool,
    is_reopened: bool,
    owner: String,
    giver: String,
    name: String,
    mobile: String,
    mobile_said: String,
    about: String,
    reference: String,
    is_of_review: bool,
    may_take_up: bool,
    may_finish: bool,
    steps: Vec<String>,
}

struct PostLink {
    link: Link,
    is_shown: bool,
}

#[derive(Template)]
#[template(path = "directions.html")]
struct DirectionsPage {
    page: Page,
    note: Option<String>,
    posts: Vec<PostLink>,
    title: String,
    own: Vec<CardView>,
    given: Vec<CardView>,
}

/// GET `/directions`.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = match direction::list(&edge.desk, &actor, &post).await {
        Ok(list) => list,
        Err(MoveError::Store(error)) => return Err(Fault::internal(error)),
        Err(_) => return Err(Fault::NotYours),
    };
    let posts = screen::desks_of(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let words = page.words;
    let note = match query.get("done").map(String::as_str) {
        Some("moved") => Some("after-directions-moved"),
        Some("reason") => Some("after-error-why"),
        Some("already") => Some("after-directions-already"),
        _ => None,
    };
    let title = posts.iter().find(|(id, _)| *id == post).map(|(_, title)| words.pick(title).to_owned());
    let links = posts.iter().map(|(id, title)| PostLink {
        link: Link { href: format!("/directions?post={id}"), text: words.pick(title).to_owned() },
        is_shown: *id == post,
    });
    let cards = |cards: &[Card]| cards.iter().map(|card| view(card, words)).collect();
    html(&DirectionsPage {
        note: note.map(|key| words.t(key).into_owned()),
        title: title.unwrap_or_default(),
        posts: links.collect(),
        own: cards(&list.own),
        given: cards(&list.given),
        page,
    })
}

fn view(card: &Card, words: Words) -> CardView {
    use DirectionState::{Given, InHand, Reopened};
    let state = card.rules.state;
    CardView {
        href: format!("/directions/{}", card.rules.id),
        text: card.rules.text.as_str().to_owned(),
        state: words.t(&key_of("after-state-", state.code())).into_owned(),
        due: words.day(card.rules.due),
        is_overdue: card.is_overdue,
        is_reopened: state == Reopened,
        owner: words.pick(&card.owner).to_owned(),
        giver: words.pick(&card.giver).to_owned(),
        name: card.name.clone(),
        mobile: card.mobile.clone(),
        mobile_said: read_back(&card.mobile),
        about: card.subject.clone(),
        reference: card.reference.clone(),
        is_of_review: matches!(card.rules.origin, Origin::Review(_)),
        may_take_up: matches!(state, Given | Reopened),
        may_finish: matches!(state, Given | InHand | Reopened),
        steps: card.steps.iter().map(|step| step_line(step, card, words)).collect(),
    }
}

fn step_line(step: &Step, card: &Card, words: Words) -> String {
    let what = words.t(&key_of("after-step-", step.what.code()));
    let by = match (&step.by, step.what) {
        (Author::Citizen, _) => words.t("after-by-citizen").into_owned(),
        (Author::Post(_), StepKind::Given | StepKind::Withdrawn) => words.pick(&card.giver).to_owned(),
        (Author::Post(_), _) => words.pick(&card.owner).to_owned(),
    };
    let line = format!("{} · {what} · {by}", words.moment(step.at));
    match &step.note {
        Some(note) => format!("{line}: {note}"),
        None => line,
    }
}

/// POST `/directions/{direction}/take-up`.
pub async fn take_up(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<DirectionId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    moved(&edge, &actor, (&id, Move::TakeUp), &fields).await
}

/// POST `/directions/{direction}/finish`: with a note, if there is one.
pub async fn finish(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<DirectionId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let note = match fields.get("note").map_or("", |note| note.trim()) {
        "" => None,
        text => Some(Noting::parse(text).map_err(|_| Fault::Malformed)?),
    };
    moved(&edge, &actor, (&id, Move::Finish(note)), &fields).await
}

/// POST `/directions/{direction}/withdraw`: with the reason.
pub async fn withdraw(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<DirectionId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    match fields.get("why").and_then(|why| Noting::parse(why).ok()) {
        Some(why) => moved(&edge, &actor, (&id, Move::Withdraw(why)), &fields).await,
        None => Ok(back(&fields, "reason")),
    }
}

async fn moved(
    edge: &Edge,
    actor: &Actor,
    (id, wished): (&DirectionId, Move),
    fields: &Fields,
) -> Result<Response, Fault> {
    match direction::carry(&edge.desk, actor, id, &wished).await {
        Ok(()) => Ok(back(fields, "moved")),
        Err(MoveError::Impossible(_) | MoveError::Changed) => Ok(back(fields, "already")),
        Err(MoveError::Denied(_)) => Err(Fault::NotYours),
        Err(MoveError::Unknown) => Err(Fault::NotFound),
        Err(MoveError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// Back to the list from which it came.
fn back(fields: &Fields, done: &str) -> Response {
    let post = fields.get("post").and_then(|id| PostId::parse(id).ok());
    let of = post.map_or_else(String::new, |post| format!("post={post}&"));
    Redirect::to(&format!("/directions?{of}done={done}")).into_response()
}

/// POST `/s/{token}/done`: the citizen says whether it was done.
pub async fn answer(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let said = fields.get("said").and_then(|code| Answer::from_code(code)).ok_or(Fault::Malformed)?;
    let note = match direction::answer(&edge.desk, &slip.slip_token, said).await {
        Ok(()) => "said",
        Err(MoveError::Impossible(_) | MoveError::Changed) => "impossible",
        Err(MoveError::Denied(_)) => return Err(Fault::NotYours),
        Err(MoveError::Unknown) => return Err(Fault::NotFound),
        Err(MoveError::Store(error)) => return Err(Fault::internal(error)),
    };
    Ok(Redirect::to(&format!("/s/{}?note={note}", slip.slip_token)).into_response())
}
