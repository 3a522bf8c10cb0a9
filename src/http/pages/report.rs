//! Reports: the office's of abuse, the citizen's of money, the list of who reads them; and the one tap after a meeting.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::id::{PostId, ReportId};
use domain::quality::Verdict;
use domain::report::{Abuse, ReportKind};
use domain::text::{Noting, Remark};

use super::book::{Fields, read_back};
use super::view::{FieldError, Link, key_of};
use super::{Page, html};
use crate::app::door::Door;
use crate::app::rating::{self, RateError};
use crate::app::report::{self, Card, ReportError};
use crate::app::screen;
use crate::app::slip::Slip;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::i18n::Words;

struct CardView {
    href: String,
    title: String,
    when: String,
    about: String,
    text: Option<String>,
    name: String,
    mobile: String,
    mobile_said: String,
    reference: String,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    page: Page,
    note: Option<String>,
    posts: Vec<(Link, bool)>,
    title: String,
    cards: Vec<CardView>,
}

#[derive(Template)]
#[template(path = "report_money.html")]
struct MoneyPage {
    page: Page,
    back_href: String,
    action: String,
    /// Who reads it; nobody is above the highest office.
    to: Option<String>,
    never: String,
    written: String,
    errors: Vec<FieldError>,
}

/// GET `/reports`: what comes to this post.
pub async fn list(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
    Query(query): Query<Fields>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let cards = report::list(&edge.desk, &actor, &post).await.map_err(fault)?;
    let posts = screen::desks_of(&edge.desk, &actor).await.map_err(Fault::internal)?;
    let words = page.words;
    let note = match query.get("done").map(String::as_str) {
        Some("answered") => Some("after-directions-moved"),
        Some("reason") => Some("after-error-why"),
        Some("already") => Some("after-directions-already"),
        _ => None,
    };
    let title = posts.iter().find(|(id, _)| *id == post).map(|(_, title)| words.pick(title).to_owned());
    let link = |(id, title): &(PostId, domain::text::Bilingual)| {
        let link = Link { href: format!("/reports?post={id}"), text: words.pick(title).to_owned() };
        (link, *id == post)
    };
    html(&ReportsPage {
        note: note.map(|key| words.t(key).into_owned()),
        title: title.unwrap_or_default(),
        posts: posts.iter().map(link).collect(),
        cards: cards.iter().map(|card| view(card, words)).collect(),
        page,
    })
}

fn view(card: &Card, words: Words) -> CardView {
    let row = &card.row;
    let title = match (row.kind, row.reason) {
        (ReportKind::Abuse, Some(reason)) => words.t(&key_of("after-abuse-", reason.code())),
        (ReportKind::Abuse, None) => words.t("after-report-abuse"),
        (ReportKind::Money, _) => words.t("after-report-money"),
    };
    let by = if row.kind == ReportKind::Abuse { "after-report-by" } else { "after-report-against" };
    CardView {
        href: format!("/reports/{}", row.id),
        title: title.into_owned(),
        when: words.moment(row.created_at),
        about: words.with(by, &[("post", words.pick(&card.about))]),
        text: row.text.as_ref().map(|text| text.as_str().to_owned()),
        name: card.name.clone(),
        mobile: card.mobile.clone(),
        mobile_said: read_back(&card.mobile),
        reference: card.reference.clone(),
        note: row.note.as_ref().map(|note| note.as_str().to_owned()),
    }
}

fn fault(error: ReportError) -> Fault {
    match error {
        ReportError::Denied(_) => Fault::NotYours,
        ReportError::Unknown => Fault::NotFound,
        ReportError::Store(error) => Fault::internal(error),
        ReportError::NobodyAbove | ReportError::Full | ReportError::Answered => Fault::Conflict,
    }
}

/// POST `/reports/{report}`: what was done about it.
pub async fn answer(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(id): Extension<ReportId>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let back = |done: &str| Redirect::to(&format!("/reports?done={done}")).into_response();
    let Some(note) = fields.get("note").and_then(|text| Noting::parse(text).ok()) else {
        return Ok(back("reason"));
    };
    match report::answer(&edge.desk, &actor, &id, &note).await {
        Ok(post) => Ok(Redirect::to(&format!("/reports?post={post}&done=answered")).into_response()),
        Err(ReportError::Answered) => Ok(back("already")),
        Err(error) => Err(fault(error)),
    }
}

/// POST `/meeting/{id}/outcome/report`: the office reports abuse.
pub async fn abuse(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(door): Extension<Door>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let id = door.meeting.as_ref().ok_or(Fault::NotFound)?;
    let back = |note: &str| Redirect::to(&format!("/meeting/{id}/outcome?note={note}")).into_response();
    let Some(reason) = fields.get("abuse").and_then(|code| Abuse::from_code(code)) else {
        return Ok(back("reason"));
    };
    let text = match fields.get("text").map_or("", |text| text.trim()) {
        "" => None,
        text => Some(Remark::parse(text).map_err(|_| Fault::Malformed)?),
    };
    match report::abuse(&edge.desk, &actor, id, (reason, text.as_ref())).await {
        Ok(()) => Ok(back("reported")),
        Err(error) => Err(fault(error)),
    }
}

/// GET `/s/{token}/report`: money was asked for.
pub async fn ask(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&money_page(&edge, &slip, page, (String::new(), Vec::new())).await?)
}

async fn money_page(
    edge: &Edge,
    slip: &Slip,
    page: Page,
    (written, errors): (String, Vec<FieldError>),
) -> Result<MoneyPage, Fault> {
    let to = report::would_read(&edge.desk, &slip.post.id).await.map_err(Fault::internal)?;
    let words = page.words;
    Ok(MoneyPage {
        back_href: format!("/s/{}", slip.slip_token),
        action: format!("/s/{}/report", slip.slip_token),
        to: to.map(|title| words.with("after-money-to", &[("to", words.pick(&title))])),
        never: words.with("after-money-never", &[("post", words.pick(&slip.post.title))]),
        written,
        errors,
        page,
    })
}

/// POST `/s/{token}/report`: what was asked for, by whom.
pub async fn money(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let written = fields.get("text").cloned().unwrap_or_default();
    let Ok(text) = Remark::parse(&written) else {
        let text = page.words.t("after-money-empty").into_owned();
        let errors = vec![FieldError { field: "text", text }];
        return Ok(refused(html(&money_page(&edge, &slip, page, (written, errors)).await?)?));
    };
    match report::money(&edge.desk, &slip.slip_token, &text).await {
        Ok(()) => Ok(Redirect::to(&format!("/s/{}", slip.slip_token)).into_response()),
        Err(error) => Err(fault(error)),
    }
}

/// POST `/s/{token}/rating`: how it was, in one tap.
pub async fn rate(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let verdict = fields.get("verdict").and_then(|code| Verdict::from_code(code)).ok_or(Fault::Malformed)?;
    match rating::rate(&edge.desk, &slip.slip_token, verdict).await {
        Ok(()) => Ok(Redirect::to(&format!("/s/{}?note=said", slip.slip_token)).into_response()),
        Err(RateError::UnknownLink) => Err(Fault::NotFound),
        Err(RateError::Store(error)) => Err(Fault::internal(error)),
    }
}
