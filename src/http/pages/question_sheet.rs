//! The sheet of a question: who has answered what, in the order of the board; it fills while it is open, prints on A4 and is a
//! table for spreadsheets.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::id::{PostId, QuestionId};
use domain::question_sheet::{Card, Reply};

use super::attendance_table::line;
use super::question_view::{OwnView, own};
use super::view::key_of;
use super::{Page, html};
use crate::app::question_direct;
use crate::app::question_sheet::{self, Move, Sheet, SheetError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

#[derive(Template)]
#[template(path = "question_sheet.html")]
struct SheetPage {
    page: Page,
    back_href: String,
    asker: String,
    read: String,
    q: OwnView,
}

#[derive(Template)]
#[template(path = "part_question_rows.html")]
struct Rows {
    page: Page,
    q: OwnView,
}

/// GET `/mesh/question/{question}`.
pub async fn sheet(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let sheet = read(&edge, &actor, &id).await?;
    html(&SheetPage {
        back_href: format!("/mesh/questions?post={}", sheet.row.post),
        asker: page.words.pick(&sheet.asker).to_owned(),
        read: page.words.moment(sheet.read_at),
        q: own(&sheet, page.words),
        page,
    })
}

/// GET `/mesh/question/{question}/rows`: the part of the sheet that fills.
pub async fn rows(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let sheet = read(&edge, &actor, &id).await?;
    html(&Rows { q: own(&sheet, page.words), page })
}

/// GET `/mesh/question/{question}/sheet.csv`.
pub async fn table(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
    page: Page,
) -> Result<Response, Fault> {
    let sheet = read(&edge, &actor, &id).await?;
    let name = format!("attachment; filename=\"question-{id}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, csv(&sheet, page.words)).into_response())
}

const COLUMNS: [&str; 9] =
    ["number", "seat", "stands", "with", "since", "why", "next", "next-day", "answered"];

/// Everybody who was asked, a line a card: the one that stands first.
fn csv(sheet: &Sheet, words: Words) -> String {
    let mut text = String::from("\u{feff}");
    let head: Vec<String> =
        COLUMNS.iter().map(|one| words.t(&key_of("asking-column-", one)).into_owned()).collect();
    line(&mut text, &head);
    for asked in &sheet.asked {
        let stands = words.t(&key_of("asking-stands-", asked.standing.code())).into_owned();
        let seat = [asked.number.to_string(), words.pick(&asked.title).to_owned(), stands];
        if asked.cards.is_empty() {
            line(&mut text, &[seat.as_slice(), &[const { String::new() }; 6]].concat());
        }
        for card in asked.cards.iter().rev() {
            let cells = match &card.reply {
                Reply::Card(card) => cells(card),
                Reply::Call => {
                    [words.t("asking-call-text").into_owned(), "".into(), "".into(), "".into(), "".into()]
                }
            };
            let when = words.moment(card.at);
            line(&mut text, &[seat.as_slice(), &cells, &[when]].concat());
        }
    }
    text
}

fn cells(card: &Card) -> [String; 5] {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    [
        card.with.as_str().to_owned(),
        day(card.since),
        card.why.as_ref().map(|why| why.as_str().to_owned()).unwrap_or_default(),
        card.next.as_str().to_owned(),
        day(card.next_day),
    ]
}

/// POST `/mesh/question/{question}/remind`.
pub async fn remind(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
) -> Result<Response, Fault> {
    moved(&edge, &actor, (&id, Move::Remind)).await
}

/// POST `/mesh/question/{question}/close`.
pub async fn close(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
) -> Result<Response, Fault> {
    moved(&edge, &actor, (&id, Move::Close)).await
}

/// POST `/mesh/question/{question}/direct/{post}`: the silence of that seat becomes a direction.
pub async fn direct(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<QuestionId>,
    Path((_, post)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&post).map_err(|_| Fault::NotFound)?;
    question_direct::direct(&edge.desk, &actor, (&id, &post)).await.map_err(fault)?;
    Ok(Redirect::to(&format!("/mesh/question/{id}")).into_response())
}

async fn moved(edge: &Edge, actor: &Actor, (id, wished): (&QuestionId, Move)) -> Result<Response, Fault> {
    let posts = question_sheet::carry(&edge.desk, actor, (id, wished)).await.map_err(fault)?;
    if let (Some(live), Some(asker)) =
        (&edge.live, question_sheet::asker_of(&edge.desk, id).await.map_err(Fault::internal)?)
    {
        live.questions_moved(posts.into_iter().chain([asker]).collect()).await;
    }
    Ok(Redirect::to(&format!("/mesh/question/{id}")).into_response())
}

async fn read(edge: &Edge, actor: &Actor, id: &QuestionId) -> Result<Sheet, Fault> {
    question_sheet::sheet(&edge.desk, actor, id).await.map_err(fault)
}

fn fault(error: SheetError) -> Fault {
    match error {
        SheetError::Store(error) => Fault::internal(error),
        SheetError::Denied(_) => Fault::NotYours,
        SheetError::Unknown => Fault::NotFound,
        SheetError::Closed => Fault::Conflict,
    }
}
