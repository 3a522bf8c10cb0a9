//! The first page with its three choices, "my meeting", and help at a centre.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::diary::AppointmentState;

use super::book::Fields;
use super::slip::state_key;
use super::{Page, html};
use crate::app::counter::OpenError;
use crate::app::{book, counter};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::http::headers::with_session;
use crate::i18n::Words;

/// Visits listed on "my meeting": the newest of this device.
const VISITS_MAX: usize = 10;

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    page: Page,
}

#[derive(Template)]
#[template(path = "centre.html")]
struct Centre {
    page: Page,
}

/// A visit in the list of this device.
struct VisitLink {
    href: String,
    post: String,
    when: String,
    state: String,
}

#[derive(Template)]
#[template(path = "mine.html")]
struct Mine {
    page: Page,
    visits: Vec<VisitLink>,
    reference: String,
    problem: Option<String>,
}

/// `/`: what would you like to do?
pub async fn start(page: Page) -> Result<Html<String>, Fault> {
    html(&Start { page })
}

/// `/centre`: help from a person.
pub async fn centre(page: Page) -> Result<Html<String>, Fault> {
    html(&Centre { page })
}

/// `/mine`: the visits that were booked on this device.
pub async fn mine(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let visits = visits(&edge, &actor, page.words).await?;
    html(&Mine { page, visits, reference: String::new(), problem: None })
}

/// POST `/mine`: opens a slip by its number and PIN, as they were printed at a counter.
pub async fn open_by_pin(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (reference, pin) = (field("reference"), field("pin"));
    let key = match counter::open_by_pin(&edge.desk, &actor, (&reference, &pin)).await {
        Ok((token, cookie)) => {
            let answer = Redirect::to(&format!("/s/{token}")).into_response();
            return Ok(match cookie {
                Some(cookie) => with_session(answer, &cookie, &edge),
                None => answer,
            });
        }
        Err(OpenError::Wrong) => "door-pin-wrong",
        Err(OpenError::TooManyTries) => "door-pin-too-many",
        Err(OpenError::Store(error)) => return Err(Fault::internal(error)),
    };
    let problem = Some(page.words.t(key).into_owned());
    let visits = visits(&edge, &actor, page.words).await?;
    Ok(refused(html(&Mine { page, visits, reference, problem })?))
}

/// The visits of this device, by time.
async fn visits(edge: &Edge, actor: &Actor, words: Words) -> Result<Vec<VisitLink>, Fault> {
    let Actor::Citizen { appointments, .. } = actor else { return Ok(Vec::new()) };
    let mut visits = Vec::new();
    for id in appointments.iter().rev().take(VISITS_MAX) {
        let Some(draft) = book::draft(&edge.desk, id).await.map_err(Fault::internal)? else { continue };
        let href = match (&draft.slip_token, draft.state) {
            (_, AppointmentState::Expired) => continue,
            (Some(token), _) => format!("/s/{token}"),
            (None, _) => format!("/book/{id}"),
        };
        visits.push((
            draft.slot.start(),
            VisitLink {
                href,
                post: words.pick(&draft.post.title).to_owned(),
                when: words.moment(draft.slot.start()),
                state: words.t(state_key(draft.state)).into_owned(),
            },
        ));
    }
    visits.sort_by_key(|(start, _)| *start);
    Ok(visits.into_iter().map(|(_, visit)| visit).collect())
}
