//! The gate: a pass or a reference number is checked, and who goes in or out is marked.
//!
//! Works as forms; with a script also without a line, by the day's list that it keeps. The rules are `app::gate`.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form, Json};
use data_encoding::{BASE64, HEXLOWER};
use domain::id::AppointmentId;
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::book::Fields;
use super::{Page, html};
use crate::app::gate::{self, Checked, GateList, Mark, Refusal, Visitor, Way};
use crate::auth::Actor;
use crate::http::error::{Fault, not_modified};
use crate::http::{Edge, assets};
use crate::i18n::Words;
use crate::limits;

/// Somebody who may come in.
struct VisitorView {
    appointment: String,
    seat: u32,
    name: String,
    reference: String,
    post: String,
    when: String,
    number: Option<u32>,
    went_in: Option<String>,
}

impl VisitorView {
    fn of(one: &Visitor, words: Words) -> VisitorView {
        VisitorView {
            appointment: one.appointment.to_string(),
            seat: one.seat,
            name: one.name.clone(),
            reference: one.reference.clone(),
            post: words.pick(&one.title).to_owned(),
            when: words.clock(one.starts_at),
            number: one.number,
            went_in: one.went_in.map(|at| words.clock(at)),
        }
    }
}

#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage {
    page: Page,
    typed: String,
    mark: String,
    good: Option<VisitorView>,
    bad: Option<String>,
    note: Option<String>,
    count: String,
    script_words: String,
}

/// What a refusal says.
fn refusal_key(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Unknown => "door-gate-js-unknown",
        Refusal::OtherDay => "door-gate-js-other-day",
        Refusal::Withdrawn => "door-gate-js-withdrawn",
        Refusal::Moved => "door-gate-js-moved",
        Refusal::GivenUp => "door-gate-js-given-up",
    }
}

async fn list_of(edge: &Edge, actor: &Actor) -> Result<GateList, Fault> {
    gate::list(&edge.desk, actor).await.map_err(Fault::internal)?.map_err(|_| Fault::NotYours)
}

/// `/gate`: the field; with `?q=` also what it is worth.
pub async fn gate(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let list = list_of(&edge, &actor).await?;
    let words = page.words;
    let typed = query.get("q").map(|text| text.trim().to_owned()).unwrap_or_default();
    let checked: Option<Checked> = (!typed.is_empty()).then(|| gate::check(&edge.desk, &list, &typed));
    let (good, bad) = match checked {
        Some(Ok(one)) => (Some(VisitorView::of(&one, words)), None),
        Some(Err(refusal)) => (None, Some(words.t(refusal_key(refusal)).into_owned())),
        None => (None, None),
    };
    let note = match query.get("done").map(String::as_str) {
        Some("in") => Some("door-gate-js-went-in"),
        Some("out") => Some("door-gate-js-came-out"),
        _ => None,
    };
    html(&GatePage {
        typed,
        mark: HEXLOWER.encode(&edge.desk.random.bytes::<12>()),
        good,
        bad,
        note: note.map(|key| words.t(key).into_owned()),
        count: words.with("door-gate-count", &[("n", list.visitors.len())]),
        script_words: script_words(words),
        page,
    })
}

/// The words of the script, as JSON that cannot end the element it stands in.
fn script_words(words: Words) -> String {
    let table = words.starting_with("door-gate-js-");
    serde_json::to_string(&table).unwrap_or_default().replace('<', "\\u003c")
}

/// POST `/gate`: one mark, by a form.
pub async fn mark(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let way = Way::from_code(field("way")).ok_or(Fault::Malformed)?;
    let one = Mark {
        id: field("mark").to_owned(),
        appointment: AppointmentId::parse(field("appointment")).map_err(|_| Fault::Malformed)?,
        seat: field("seat").parse().map_err(|_| Fault::Malformed)?,
        way,
        at: edge.desk.now(),
    };
    take(&edge, &actor, &one).await?;
    Ok(Redirect::to(&format!("/gate?done={}", way.code())).into_response())
}

async fn take(edge: &Edge, actor: &Actor, one: &Mark) -> Result<(), Fault> {
    match gate::mark(&edge.desk, actor, one).await {
        Ok(changed) => {
            if let Some(post) = changed {
                edge.boards.ring(&post);
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// A mark as the script sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentMark {
    id: String,
    appointment: AppointmentId,
    seat: u32,
    way: String,
    at_ms: i64,
}

/// POST `/gate/marks`: what a gate has marked, perhaps hours ago. A mark that cannot be taken is left out and named.
pub async fn marks(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Json(sent): Json<Vec<SentMark>>,
) -> Result<Response, Fault> {
    if sent.len() > limits::GATE_MARKS_MAX {
        return Err(Fault::TooLarge);
    }
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for one in sent {
        let id = one.id.clone();
        let (way, at) = (Way::from_code(&one.way), Timestamp::from_millisecond(one.at_ms).ok());
        let (Some(way), Some(at)) = (way, at) else {
            refused.push(id);
            continue;
        };
        let mark = Mark { id: one.id, appointment: one.appointment, seat: one.seat, way, at };
        match take(&edge, &actor, &mark).await {
            Ok(()) => taken.push(id),
            Err(Fault::Malformed) => refused.push(id),
            Err(other) => return Err(other),
        }
    }
    Ok(Json(serde_json::json!({ "taken": taken, "refused": refused })).into_response())
}

/// `/gate/list`: the day's list for the gate's own memory, with its tag.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    page: Page,
) -> Result<Response, Fault> {
    let list = list_of(&edge, &actor).await?;
    let visitors: Vec<serde_json::Value> = list.visitors.iter().map(|one| told(one, page.words)).collect();
    let content = serde_json::json!({
        "day": list.day.to_string().replace('-', ""),
        "key": BASE64.encode(&list.key),
        "visitors": visitors,
    })
    .to_string();
    let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(content.as_bytes())[..12]));
    let is_known =
        headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known { not_modified() } else { content.into_response() };
    let tag = HeaderValue::from_str(&tag).expect("a hash is ASCII");
    let out = response.headers_mut();
    out.insert(header::ETAG, tag);
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn told(one: &Visitor, words: Words) -> serde_json::Value {
    serde_json::json!({
        "appointment": one.appointment,
        "seat": one.seat,
        "reference": one.reference,
        "sequence": one.sequence,
        "post": one.post,
        "title": words.pick(&one.title),
        "when": words.clock(one.starts_at),
        "name": one.name,
        "number": one.number,
        "inAt": one.went_in.map(Timestamp::as_millisecond),
        "outAt": one.came_out.map(Timestamp::as_millisecond),
    })
}

/// `/gate-worker.js`: the worker that keeps the gate's page for hours without a line. It stands beside the page, for a
/// worker governs only what lies below it.
pub async fn worker(uri: Uri, headers: HeaderMap) -> Result<Response, Fault> {
    assets::serve(Path("js/gate_worker.js".to_owned()), uri, headers).await
}
