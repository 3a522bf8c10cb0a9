//! The numbers of use of the hotline: a page for the centre of the mesh, and the same as a table. Whoever looks after the
//! machines reads the same, with nothing to press.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use domain::id::PostId;
use domain::office::{RoleKey, ist};
use jiff::SignedDuration;

use super::attendance_table::line;
use super::view::key_of;
use super::{Page, html};
use crate::app::mesh_use::{self, SeatUse, Use, UseError};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::i18n::Words;

struct Row {
    post: String,
    title: String,
    /// Calls, minutes, rings, rings taken, questions, answers.
    cells: [String; 6],
    is_silent: bool,
    is_held: bool,
    /// Where the reader asks it; nothing for a reader who asks nobody.
    ask_href: Option<String>,
}

#[derive(Template)]
#[template(path = "mesh_use.html")]
struct UsePage {
    page: Page,
    since: String,
    csv_href: String,
    figures: Vec<(String, String, String)>,
    columns: Vec<String>,
    silent: Vec<Row>,
    rows: Vec<Row>,
}

const COLUMNS: [&str; 7] = ["seat", "talks", "minutes", "rung", "took", "asked", "answered"];

/// GET `/mesh/use`.
pub async fn page(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    post: Option<Extension<PostId>>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let reader = reader_of(&actor, post);
    let week = read(&edge, &actor, reader.as_ref()).await?;
    let words = page.words;
    let rows = || week.seats.iter().map(|seat| row(seat, reader.as_ref(), words));
    html(&UsePage {
        since: words.day(week.since.to_zoned(ist()).date()),
        csv_href: reader
            .as_ref()
            .map_or_else(|| "/mesh/use.csv".to_owned(), |post| format!("/mesh/use.csv?post={post}")),
        figures: figures(&week, words),
        columns: columns(words),
        silent: rows().filter(|row| row.is_silent).collect(),
        rows: rows().collect(),
        page,
    })
}

/// GET `/mesh/use.csv`.
pub async fn table(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    post: Option<Extension<PostId>>,
    page: Page,
) -> Result<Response, Fault> {
    let reader = reader_of(&actor, post);
    let week = read(&edge, &actor, reader.as_ref()).await?;
    let mut text = String::from("\u{feff}");
    line(&mut text, &columns(page.words));
    for seat in &week.seats {
        let row = row(seat, reader.as_ref(), page.words);
        line(&mut text, &[&[row.title], row.cells.as_slice()].concat());
    }
    let name = "attachment; filename=\"hotline-use.csv\"".to_owned();
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

fn columns(words: Words) -> Vec<String> {
    COLUMNS.iter().map(|one| words.t(&key_of("asking-use-column-", one)).into_owned()).collect()
}

/// Each figure with its name and the rule by which it is counted.
fn figures(week: &Use, words: Words) -> Vec<(String, String, String)> {
    let silent = week.seats.iter().filter(|seat| seat.is_silent()).count();
    let said = [
        ("talks", week.talks.to_string()),
        ("journeys", week.journeys.to_string()),
        ("answers", words.with("asking-use-of", &[("n", week.answered), ("all", week.asked)])),
        ("time", week.answer_time.map_or_else(|| "–".to_owned(), |time| minutes(time, words))),
        ("silent", silent.to_string()),
    ];
    let named = |(code, value): (&str, String)| {
        let text = |kind: &str| words.t(&format!("asking-use-{kind}-{code}")).into_owned();
        (text("figure"), value, text("rule"))
    };
    said.into_iter().map(named).collect()
}

fn minutes(length: SignedDuration, words: Words) -> String {
    words.with("asking-use-minutes", &[("n", whole_minutes(length))])
}

/// Whole minutes, rounded to the nearest.
fn whole_minutes(length: SignedDuration) -> i64 {
    (length.as_secs() + 30) / 60
}

fn row(seat: &SeatUse, reader: Option<&PostId>, words: Words) -> Row {
    let counts = [seat.rung, seat.took, seat.asked, seat.answered].map(|n| n.to_string());
    let [rung, took, asked, answered] = counts;
    let talked = whole_minutes(seat.talked).to_string();
    Row {
        post: seat.post.to_string(),
        title: format!("{} · {}", seat.number, words.pick(&seat.title)),
        cells: [seat.talks.to_string(), talked, rung, took, asked, answered],
        is_silent: seat.is_silent() && reader != Some(&seat.post),
        is_held: seat.is_held,
        ask_href: reader.map(|reader| format!("/mesh/ask/{reader}?to={}", seat.post)),
    }
}

/// The post as which somebody reads; none for whoever looks after the machines.
fn reader_of(actor: &Actor, post: Option<Extension<PostId>>) -> Option<PostId> {
    let is_manager = actor.staff().is_some_and(|staff| staff.role == RoleKey::ItManager);
    post.filter(|_| !is_manager).map(|Extension(post)| post)
}

async fn read(edge: &Edge, actor: &Actor, reader: Option<&PostId>) -> Result<Use, Fault> {
    let week = match reader {
        Some(post) => mesh_use::week(&edge.desk, actor, post).await,
        None => mesh_use::week_of_all(&edge.desk, actor).await,
    };
    week.map_err(|error| match error {
        UseError::Denied(_) => Fault::NotYours,
        UseError::Store(error) => Fault::internal(error),
    })
}
