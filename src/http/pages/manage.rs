//! Moving, cancelling and answering a proposal, by the slip's link.
//!
//! Only a POST changes anything; a link that a program opens beforehand changes nothing.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::AppointmentState;
use domain::text::Subject;

use super::book::{Fields, start_of};
use super::post::free_days;
use super::view::Days;
use super::{Page, html};
use crate::app::ask;
use crate::app::change::{self, ChangeError};
use crate::app::earlier::{self, Wish};
use crate::app::slip::Slip;
use crate::http::Edge;
use crate::http::error::{Fault, taken};

#[derive(Template)]
#[template(path = "times.html")]
pub(super) struct TimesPage {
    pub(super) page: Page,
    pub(super) back_href: String,
    pub(super) note: Option<String>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) action: String,
    pub(super) days: Days,
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelPage {
    page: Page,
    href: String,
    text: String,
}

/// `/s/{token}/times`: the free times to move to.
pub async fn times(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
) -> Result<Response, Fault> {
    if !slip.can_move {
        return Ok(impossible(&slip));
    }
    Ok(html(&times_page(&edge, &slip, page, None).await?)?.into_response())
}

async fn times_page(edge: &Edge, slip: &Slip, page: Page, note: Option<String>) -> Result<TimesPage, Fault> {
    let words = page.words;
    let back_href = format!("/s/{}", slip.slip_token);
    Ok(TimesPage {
        page,
        note,
        title: words.t("citizen-times-title").into_owned(),
        text: match slip.state {
            AppointmentState::Waiting => words.t("day-times-waiting").into_owned(),
            _ => words.with("citizen-times-now", &[("when", words.moment(slip.slot.start()))]),
        },
        action: format!("{back_href}/move"),
        back_href,
        days: free_days(edge, &slip.post.id, words).await?,
    })
}

/// `/s/{token}/cancel`: asks once more.
pub async fn ask_cancel(Extension(slip): Extension<Slip>, page: Page) -> Result<Response, Fault> {
    if !slip.can_cancel {
        return Ok(impossible(&slip));
    }
    let words = page.words;
    let (post, when) = (words.pick(&slip.post.title).to_owned(), words.moment(slip.slot.start()));
    let text = words.with("citizen-cancel-text", &[("post", post), ("when", when)]);
    Ok(html(&CancelPage { page, href: format!("/s/{}", slip.slip_token), text })?.into_response())
}

/// POST `/s/{token}/move`: the new time, or other times when that one is gone; the old one is kept until then.
pub async fn move_to(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let start = start_of(&fields)?;
    let key = match change::move_to(&edge.desk, &slip.slip_token, start).await {
        Ok(()) => return Ok(Redirect::to(&format!("/s/{}?note=moved", slip.slip_token)).into_response()),
        Err(ChangeError::SlotTaken { .. }) => "citizen-taken-title",
        Err(ChangeError::NotOffered { .. }) => "citizen-not-offered-title",
        Err(ChangeError::DayFull { .. }) => "citizen-day-full-title",
        Err(other) => return told(&slip, Err(other)),
    };
    let note = page.words.t(key).into_owned();
    let again = html(&times_page(&edge, &slip, page, Some(note)).await?)?;
    Ok(taken(again))
}

/// POST `/s/{token}/cancel`: withdraws.
pub async fn cancel(State(edge): State<Edge>, Extension(slip): Extension<Slip>) -> Result<Response, Fault> {
    told(&slip, change::cancel(&edge.desk, &slip.slip_token).await)
}

/// POST `/s/{token}/take`: takes the time that the office suggests; with several, the one that is named.
pub async fn take(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let start = if fields.contains_key("start") { Some(start_of(&fields)?) } else { None };
    told(&slip, change::take_proposal(&edge.desk, &slip.slip_token, start).await)
}

/// POST `/s/{token}/agree`: the time that the citizen was given suits him.
pub async fn agree(State(edge): State<Edge>, Extension(slip): Extension<Slip>) -> Result<Response, Fault> {
    told(&slip, change::agree(&edge.desk, &slip.slip_token).await)
}

/// POST `/s/{token}/answer`: what the office wanted to know.
pub async fn answer(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let text = fields.get("answer").and_then(|text| Subject::parse(text).ok());
    let Some(text) = text else {
        return Ok(Redirect::to(&format!("/s/{}?note=answer", slip.slip_token)).into_response());
    };
    told(&slip, ask::answer(&edge.desk, &slip.slip_token, &text).await)
}

/// POST `/s/{token}/wait`: tell me of an earlier time, or no more.
pub async fn wait(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let wish = match fields.get("wish").map(String::as_str) {
        Some("tell") => Wish::Tell,
        Some("enough") => Wish::Enough,
        _ => return Err(Fault::Malformed),
    };
    told(&slip, earlier::wait(&edge.desk, &slip.slip_token, wish).await)
}

/// POST `/s/{token}/earlier`: takes the earlier time that is on offer, or lets it go.
pub async fn earlier(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let outcome = match fields.get("answer").map(String::as_str) {
        Some("take") => earlier::take(&edge.desk, &slip.slip_token).await,
        Some("refuse") => earlier::refuse(&edge.desk, &slip.slip_token).await,
        _ => return Err(Fault::Malformed),
    };
    told(&slip, outcome)
}

/// POST `/s/{token}/video`: by video at the same time, instead of coming.
pub async fn by_video(State(edge): State<Edge>, Extension(slip): Extension<Slip>) -> Result<Response, Fault> {
    told(&slip, change::by_video(&edge.desk, &slip.slip_token).await)
}

/// POST `/s/{token}/telephone`: by telephone at the same time, instead of by video.
pub async fn by_telephone(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Response, Fault> {
    told(&slip, change::by_telephone(&edge.desk, &slip.slip_token).await)
}

/// POST `/s/{token}/refuse`: refuses it.
pub async fn refuse(State(edge): State<Edge>, Extension(slip): Extension<Slip>) -> Result<Response, Fault> {
    told(&slip, change::refuse_proposal(&edge.desk, &slip.slip_token).await)
}

/// Back to the slip, which says how things stand now.
fn told(slip: &Slip, outcome: Result<(), ChangeError>) -> Result<Response, Fault> {
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("/s/{}", slip.slip_token)).into_response()),
        Err(ChangeError::UnknownLink) => Err(Fault::NotFound),
        Err(ChangeError::Store(error)) => Err(Fault::internal(error)),
        Err(
            ChangeError::Impossible(_)
            | ChangeError::Changed
            | ChangeError::SlotTaken { .. }
            | ChangeError::DayFull { .. }
            | ChangeError::NotOffered { .. },
        ) => Ok(impossible(slip)),
    }
}

fn impossible(slip: &Slip) -> Response {
    Redirect::to(&format!("/s/{}?note=impossible", slip.slip_token)).into_response()
}
