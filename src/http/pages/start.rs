//! The first page with its three choices, "my meeting", and help at a centre.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use domain::diary::AppointmentState;

use super::slip::state_key;
use super::{Page, html};
use crate::app::book;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

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
    let Actor::Citizen { appointments, .. } = &actor else { return html(&Mine { page, visits: Vec::new() }) };
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
                post: page.words.pick(&draft.post.title).to_owned(),
                when: page.words.moment(draft.slot.start()),
                state: page.words.t(state_key(draft.state)).into_owned(),
            },
        ));
    }
    visits.sort_by_key(|(start, _)| *start);
    html(&Mine { page, visits: visits.into_iter().map(|(_, visit)| visit).collect() })
}
