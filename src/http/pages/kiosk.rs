//! A terminal's own pages: a code until it is enrolled, its seat afterwards, and a page for as long as no server answers.
//!
//! Nobody signs in here and nothing needs a keyboard. What is asked besides is JSON, with a refusal's code for the script.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use domain::diary::Channel;
use domain::terminal::{Refusal as Refused, mark};
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{neighbour, relays_of};
use super::meeting::script_words;
use super::terminals::end;
use super::{Page, html};
use crate::app::terminals::{self, OpenError, PairError, Shown};
use crate::auth::{Actor, Terminal};
use crate::http::error::{Fault, nothing_to_say};
use crate::http::headers::with_session;
use crate::http::refusal::{Nature, Refusal};
use crate::http::{Edge, assets};
use crate::i18n::Words;

#[derive(Template)]
#[template(path = "kiosk_open.html")]
struct OpenPage {
    page: Page,
    /// Where the code is typed.
    address: String,
}

#[derive(Template)]
#[template(path = "kiosk_waiting.html")]
struct WaitingPage {
    page: Page,
}

/// One line of today's list: never a name, for visitors see this screen.
struct ItemView {
    time: String,
    number: usize,
    channel: String,
}

#[derive(Template)]
#[template(path = "kiosk.html")]
struct KioskPage {
    page: Page,
    relays: String,
    kind: &'static str,
    post: String,
    clock: String,
    day: String,
    now_ms: i64,
    version: String,
    items: Vec<ItemView>,
    script_words: String,
}

/// GET `/kiosk`: the seat of a terminal that is let in; else the page that gets it let in.
pub async fn kiosk(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    match actor.terminal().filter(|terminal| terminal.person.is_some()) {
        Some(terminal) => seat(&edge, (&actor, terminal), page).await,
        None => open_page(&edge, page),
    }
}

/// GET `/kiosk/open`: the same page for a terminal whose session the server has ended.
pub async fn reopen(State(edge): State<Edge>, page: Page) -> Result<Html<String>, Fault> {
    open_page(&edge, page)
}

fn open_page(edge: &Edge, page: Page) -> Result<Html<String>, Fault> {
    let base = edge.desk.settings.public_url.trim_end_matches('/');
    let address = base.split_once("://").map_or(base, |(_, host)| host);
    html(&OpenPage { address: format!("{address}/terminals"), page })
}

async fn seat(
    edge: &Edge,
    (actor, terminal): (&Actor, &Terminal),
    page: Page,
) -> Result<Html<String>, Fault> {
    let (words, now) = (page.words, edge.desk.now());
    let day = terminals::today(&edge.desk, &terminal.post).await.map_err(Fault::internal)?;
    html(&KioskPage {
        relays: relays_of(edge, actor),
        kind: terminal.device.code(),
        post: words.pick(&terminal.title).to_owned(),
        clock: words.hour(now),
        day: words.day(now.to_zoned(domain::office::ist()).date()),
        now_ms: now.as_millisecond(),
        version: assets::house_version(),
        items: day.iter().map(|item| item_view(item, words)).collect(),
        script_words: script_words(words, "live-js-"),
        page,
    })
}

fn item_view(item: &terminals::Today, words: Words) -> ItemView {
    let channel = match item.channel {
        Channel::Video => "terminal-by-video",
        Channel::Telephone => "terminal-by-telephone",
        Channel::InPerson => "terminal-in-person",
    };
    ItemView { time: words.hour(item.at), number: item.number, channel: words.t(channel).into_owned() }
}

/// GET `/kiosk/waiting`: what the terminal's worker shows while no server answers.
pub async fn waiting(page: Page) -> Result<Html<String>, Fault> {
    html(&WaitingPage { page })
}

/// `/kiosk-worker.js`: it stands beside the page, for a worker governs only what lies below it.
pub async fn worker(uri: Uri, headers: HeaderMap) -> Result<Response, Fault> {
    assets::serve(Path("js/kiosk_worker.js".to_owned()), uri, headers).await
}

/// A key that wants a code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    public_key: String,
}

/// POST `/kiosk/pair`: a code for the screen.
pub async fn pair(
    State(edge): State<Edge>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Fault> {
    match terminals::begin(&edge.desk, &wanted.public_key, neighbour(from)).await {
        Ok(code) => Ok(Json(json!({
            "code": code.code,
            "mark": mark(&code.fingerprint),
            "lasts_ms": code.until.as_millisecond() - edge.desk.now().as_millisecond(),
        }))),
        Err(PairError::NoKey) => Err(Fault::Malformed),
        Err(PairError::Known) => Err(Fault::Conflict),
        Err(PairError::TooMany) => Err(Fault::TooMany),
        Err(PairError::Store(error)) => Err(Fault::internal(error)),
    }
}

/// Whose question is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    public_key: String,
}

/// POST `/kiosk/challenge`: something fresh to sign.
pub async fn challenge(State(edge): State<Edge>, Json(named): Json<Named>) -> Result<Json<Value>, Fault> {
    let challenge = terminals::challenge(&edge.desk, &named.public_key).await.map_err(fault)?;
    Ok(Json(json!({ "challenge": challenge })))
}

/// What was asked, signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    public_key: String,
    challenge: String,
    signature: String,
}

/// POST `/kiosk/session`: the answer, for a session.
pub async fn open(
    State(edge): State<Edge>,
    headers: HeaderMap,
    Json(signed): Json<Signed>,
) -> Result<Response, Fault> {
    // Browsers send it with every POST, and it names this very host or the request was turned away before.
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let shown = Shown {
        origin: origin.ok_or(Fault::CrossSite)?,
        public_key: &signed.public_key,
        challenge: &signed.challenge,
        signature: &signed.signature,
    };
    let opened = terminals::open(&edge.desk, &shown).await.map_err(fault)?;
    end(&edge, opened.ended).await;
    Ok(with_session(nothing_to_say(), &opened.cookie, &edge))
}

/// POST `/kiosk/beat`: the terminal is there; the time, today's list, the version and whether it is to check itself in return.
pub async fn beat(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Response, Fault> {
    let terminal = actor.terminal().ok_or(Fault::SignInFirst)?;
    terminals::beat(&edge.desk, terminal).await.map_err(Fault::internal)?;
    let day = terminals::today(&edge.desk, &terminal.post).await.map_err(Fault::internal)?;
    let is_wanted = terminals::is_wanted(&edge.desk, terminal).await.map_err(Fault::internal)?;
    let words = page.words;
    let items: Vec<Value> = day
        .iter()
        .map(|item| item_view(item, words))
        .map(|item| json!({ "time": item.time, "number": item.number, "channel": item.channel }))
        .collect();
    let told = json!({
        "now_ms": edge.desk.now().as_millisecond(),
        "version": assets::house_version(),
        "items": items,
        "check": is_wanted,
    });
    Ok(Json(told).into_response())
}

fn fault(error: OpenError) -> Fault {
    let code = match error {
        OpenError::Refused(Refused::Unknown) => "terminal-unknown",
        OpenError::Refused(Refused::Revoked) => "terminal-revoked",
        OpenError::Refused(Refused::Vacant) => "terminal-vacant",
        OpenError::Refused(Refused::Replayed) => "terminal-replayed",
        OpenError::Refused(Refused::Signature) => "terminal-signature",
        OpenError::Store(error) => return Fault::internal(error),
    };
    Refusal::new(Nature::Conflict, code).into()
}
