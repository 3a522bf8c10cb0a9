//! The queue as its officer and desk see it: one large button, who is at the door, who waits, who is expected.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::queue::{Number, QueueError, Standing};
use domain::id::PostId;

use super::book::Fields;
use super::{Page, html};
use crate::app::directory;
use crate::app::queue::{self, Joiner, Line, List, Move, TicketKind, TurnError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

/// One person.
struct LineView {
    number: u32,
    name: String,
    subject: String,
    kind: String,
    when: String,
    calls: Option<String>,
}

impl LineView {
    fn of(line: &Line, words: Words) -> LineView {
        let kind = match line.kind {
            TicketKind::Time => "door-queue-kind-time",
            TicketKind::Token => "door-queue-kind-token",
            TicketKind::Caller => "door-queue-kind-caller",
        };
        let nameless = words.t("door-queue-nameless").into_owned();
        LineView {
            number: line.number.0,
            name: if line.name.is_empty() { nameless } else { line.name.clone() },
            subject: line.subject.clone(),
            kind: words.t(kind).into_owned(),
            when: words.clock(line.due_at),
            calls: (line.calls > 0).then(|| words.with("door-queue-calls", &[("n", line.calls)])),
        }
    }
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    page: Page,
    action: String,
    post: String,
    board_href: String,
    events: String,
    note: Option<String>,
    title: String,
    at_door: Option<LineView>,
    is_inside: bool,
    waiting: Vec<LineView>,
    expected: Vec<LineView>,
    count: String,
}

/// `/queue`: today's queue of the post that the gate let this person see.
pub async fn queue(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = queue::list(&edge.desk, &actor, &post).await?;
    let card = directory::post(&edge.desk, &post).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let words = page.words;
    let note = match query.get("done").map(String::as_str) {
        Some("back") => Some(words.t("door-queue-moved-back").into_owned()),
        Some("nobody") => Some(words.t("door-queue-nobody").into_owned()),
        Some("already") => Some(words.t("door-queue-already").into_owned()),
        Some("full") => Some(words.t("door-queue-full").into_owned()),
        Some("malformed") => Some(words.t("door-queue-malformed").into_owned()),
        Some(number) if number.parse::<u32>().is_ok() => {
            Some(words.with("door-queue-given", &[("number", number)]))
        }
        _ => None,
    };
    html(&QueuePage {
        action: format!("/queue/{post}"),
        post: post.to_string(),
        board_href: format!("/now/{post}"),
        events: format!("/now/{post}/events"),
        note,
        title: words.pick(&card.title).to_owned(),
        is_inside: list.at_door.as_ref().is_some_and(|line| matches!(line.standing, Standing::Inside(_))),
        count: count(&list, words),
        at_door: list.at_door.as_ref().map(|line| LineView::of(line, words)),
        waiting: list.waiting.iter().map(|line| LineView::of(line, words)).collect(),
        expected: list.expected.iter().map(|line| LineView::of(line, words)).collect(),
        page,
    })
}

fn count(list: &List, words: Words) -> String {
    let numbers = [
        ("waiting", list.waiting.len().to_string()),
        ("expected", list.expected.len().to_string()),
        ("heard", list.heard.to_string()),
    ];
    words.with("door-queue-count", &numbers)
}

/// POST `/queue/{post}`: one move; `move` names it and `number` whom it is about.
pub async fn turn(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(post): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    let done = match wished(&fields)? {
        Wished::Move(one) => match queue::carry(&edge.desk, &actor, &post, one).await {
            Ok(None) => "nobody".to_owned(),
            Ok(Some(_)) => String::new(),
            Err(error) => refusal(error, one)?.to_owned(),
        },
        Wished::Join(who) => match queue::join(&edge.desk, &actor, &post, &who).await {
            Ok(number) => number.0.to_string(),
            Err(error) => refusal(error, Move::Next)?.to_owned(),
        },
    };
    edge.boards.ring(&post);
    Ok(Redirect::to(&format!("/queue?post={post}&done={done}")).into_response())
}

enum Wished {
    Move(Move),
    Join(Joiner),
}

fn wished(fields: &Fields) -> Result<Wished, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let number = field("number").parse().map(Number).map_err(|_| Fault::Malformed);
    Ok(match field("move").as_str() {
        "next" => Wished::Move(Move::Next),
        "enter" => Wished::Move(Move::Enter(number?)),
        "miss" => Wished::Move(Move::Miss(number?)),
        "leave" => Wished::Move(Move::Leave(number?)),
        "here" => Wished::Move(Move::Here(number?)),
        "withdraw" => Wished::Move(Move::Withdraw(number?)),
        "join" => {
            let kind = if field("kind") == "caller" { TicketKind::Caller } else { TicketKind::Token };
            Wished::Join(Joiner { kind, name: field("name"), subject: field("subject") })
        }
        _ => return Err(Fault::Malformed),
    })
}

/// What a refusal says on the page; a move that somebody else made first is no fault.
fn refusal(error: TurnError, wished: Move) -> Result<&'static str, Fault> {
    match error {
        TurnError::Refused(QueueError::Unknown) if wished == Move::Next => Ok("nobody"),
        TurnError::Refused(QueueError::Full) => Ok("full"),
        TurnError::Refused(_) => Ok("already"),
        TurnError::Malformed => Ok("malformed"),
        other => Err(other.into()),
    }
}
