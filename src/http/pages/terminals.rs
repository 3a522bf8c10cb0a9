//! The page of whoever looks after the machines: a terminal is enrolled by the code on its screen, seen, and revoked.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::hotline::Device;
use domain::id::{PostId, SessionId, TerminalId};
use domain::office::ist;
use domain::terminal::{DEVICES, mark};
use jiff::Timestamp;

use super::book::Fields;
use super::terminal_check::CheckView;
use super::view::{FieldError, key_of};
use super::{Page, html};
use crate::app::terminals::{self, ManageError, TerminalRow, Wish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused, taken};
use crate::i18n::Words;

struct TerminalView {
    id: String,
    post: String,
    device: String,
    mark: String,
    enrolled: String,
    seen: String,
}

impl TerminalView {
    fn of(row: &TerminalRow, words: Words) -> TerminalView {
        TerminalView {
            id: row.id.to_string(),
            post: words.pick(&row.title).to_owned(),
            device: words.t(&key_of("terminal-device-", row.device.code())).into_owned(),
            mark: mark(&row.fingerprint),
            enrolled: said(row.enrolled_at, words),
            seen: said(row.seen_at, words),
        }
    }
}

/// Day and hour.
fn said(at: Timestamp, words: Words) -> String {
    format!("{}, {}", words.day(at.to_zoned(ist()).date()), words.clock(at))
}

struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "terminals.html")]
struct TerminalsPage {
    page: Page,
    note: Option<String>,
    check: CheckView,
    errors: Vec<FieldError>,
    code: String,
    posts: Vec<Choice>,
    devices: Vec<Choice>,
    /// The terminal that stands where another one is wished.
    there: Option<TerminalView>,
    terminals: Vec<TerminalView>,
}

/// GET `/terminals`.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Query(fields): Query<Fields>,
    page: Page,
) -> Result<Response, Fault> {
    let mut shown = shown((&edge, &actor), page, &fields).await?;
    let words = shown.page.words;
    shown.note = match fields.get("note").map(String::as_str) {
        Some("enrolled") => {
            let found = fields.get("terminal").and_then(|id| shown.terminals.iter().find(|t| t.id == *id));
            found.map(|terminal| words.with("terminal-enrolled", &[("mark", terminal.mark.as_str())]))
        }
        Some("revoked") => Some(words.t("terminal-revoked").into_owned()),
        Some("asked") => Some(words.t("morning-asked").into_owned()),
        _ => None,
    };
    Ok(html(&shown)?.into_response())
}

/// POST `/terminals`: enrols the machine that shows the code.
pub async fn enrol(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let wish = Wish {
        code: field("code").to_owned(),
        post: PostId::parse(field("post")).map_err(|_| Fault::Malformed)?,
        device: Device::from_code(field("device")).ok_or(Fault::Malformed)?,
        replaces: TerminalId::parse(field("replaces")).ok(),
    };
    match terminals::enrol(&edge.desk, &actor, &wish).await {
        Ok(enrolled) => {
            end(&edge, enrolled.ended).await;
            let to = format!("/terminals?note=enrolled&terminal={}", enrolled.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(ManageError::Taken { by }) => {
            let mut shown = shown((&edge, &actor), page, &fields).await?;
            shown.there = Some(TerminalView::of(&by, shown.page.words));
            Ok(taken(html(&shown)?))
        }
        Err(error) => {
            let key = match &error {
                ManageError::WrongCode => "terminal-error-wrong-code",
                ManageError::TooManyTries => "terminal-error-too-many-tries",
                ManageError::NoSeat => "terminal-error-no-seat",
                ManageError::TooMany => "terminal-error-too-many",
                _ => return Err(fault(error)),
            };
            let mut shown = shown((&edge, &actor), page, &fields).await?;
            shown.errors = vec![FieldError { field: "code", text: shown.page.words.t(key).into_owned() }];
            Ok(refused(html(&shown)?))
        }
    }
}

/// POST `/terminals/{terminal}/revoke`: its session and its socket end at this moment.
pub async fn revoke(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(terminal): Path<String>,
) -> Result<Response, Fault> {
    let id = TerminalId::parse(&terminal).map_err(|_| Fault::NotFound)?;
    let ended = terminals::revoke(&edge.desk, &actor, &id).await.map_err(fault)?;
    end(&edge, ended).await;
    Ok(Redirect::to("/terminals?note=revoked").into_response())
}

/// Closes the sockets of sessions that are over.
pub(super) async fn end(edge: &Edge, sessions: Vec<SessionId>) {
    let Some(live) = edge.live.as_ref() else { return };
    for session in sessions {
        live.signed_out(session).await;
    }
}

pub(super) fn fault(error: ManageError) -> Fault {
    match error {
        ManageError::Unknown => Fault::NotFound,
        ManageError::Store(error) => Fault::internal(error),
        _ => Fault::NotYours,
    }
}

async fn shown((edge, actor): (&Edge, &Actor), page: Page, fields: &Fields) -> Result<TerminalsPage, Fault> {
    let (rows, places) = terminals::list(&edge.desk, actor).await.map_err(fault)?;
    let state = terminals::state(&edge.desk, actor).await.map_err(fault)?;
    let words = page.words;
    let chosen = |name: &str, value: &str| fields.get(name).is_some_and(|chosen| chosen == value);
    let posts = places.iter().map(|place| Choice {
        value: place.post.to_string(),
        text: words.pick(&place.title).to_owned(),
        is_chosen: chosen("post", place.post.as_str()),
    });
    let devices = DEVICES.iter().map(|device| Choice {
        value: device.code().to_owned(),
        text: words.t(&key_of("terminal-device-", device.code())).into_owned(),
        is_chosen: chosen("device", device.code()),
    });
    Ok(TerminalsPage {
        note: None,
        check: CheckView::of(&state, (!rows.is_empty()).then_some(edge.desk.now()), words),
        errors: Vec::new(),
        code: fields.get("code").cloned().unwrap_or_default(),
        posts: posts.collect(),
        devices: devices.collect(),
        there: None,
        terminals: rows.iter().map(|row| TerminalView::of(row, words)).collect(),
        page,
    })
}
