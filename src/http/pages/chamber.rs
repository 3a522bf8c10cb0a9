//! A seat at one of its devices: chamber, own telephone, hall. At rest it is one sentence about the camera, and in the
//! chamber a clock. It opens no device by itself.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use domain::hotline::Device;

use super::auto_answer::standing;
use super::check::relays_of;
use super::meeting::script_words;
use super::{Page, html};
use crate::app::auto_answer;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

#[derive(Template)]
#[template(path = "chamber.html")]
struct ChamberPage {
    page: Page,
    relays: String,
    /// The device, as the page's hello names it.
    kind: &'static str,
    post: String,
    clock: String,
    day: String,
    /// Whom the seat lets in by itself and when; nothing while it does not.
    auto: Option<String>,
    script_words: String,
}

/// GET `/chamber`.
pub async fn chamber(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    seat((&edge, &actor), Device::Chamber, page).await
}

/// GET `/phone`.
pub async fn phone(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    seat((&edge, &actor), Device::Phone, page).await
}

/// GET `/hall`.
pub async fn hall(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    page: Page,
) -> Result<Html<String>, Fault> {
    seat((&edge, &actor), Device::Hall, page).await
}

async fn seat((edge, actor): (&Edge, &Actor), device: Device, page: Page) -> Result<Html<String>, Fault> {
    let staff = actor.staff().ok_or(Fault::SignInFirst)?;
    let (words, now) = (page.words, edge.desk.now());
    let own = match device {
        Device::Chamber => auto_answer::of(&edge.desk, actor).await.map(Some)?,
        _ => None,
    };
    html(&ChamberPage {
        relays: relays_of(edge, actor),
        kind: device.code(),
        post: words.pick(&staff.title).to_owned(),
        clock: words.hour(now),
        day: words.day(now.to_zoned(domain::office::ist()).date()),
        auto: own.and_then(|own| standing(words, &own)),
        script_words: script_words(words, "live-js-"),
        page,
    })
}
