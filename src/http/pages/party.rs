//! Those who come together: named on the slip, each with a page and a gate pass of his own.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};

use super::book::Fields;
use super::slip::qr;
use super::view::FieldError;
use super::{Page, html};
use crate::app::company::{self, CompanyError, Seat};
use crate::app::{gate, slip::Slip};
use crate::http::Edge;
use crate::http::error::{Fault, refused};
use crate::limits;

/// One who comes along.
struct SeatView {
    seat: u32,
    name: String,
    href: String,
    is_given_up: bool,
}

impl SeatView {
    fn of(seat: &Seat) -> SeatView {
        SeatView {
            seat: seat.seat,
            name: seat.name.clone(),
            href: format!("/g/{}", seat.token),
            is_given_up: seat.is_given_up,
        }
    }
}

#[derive(Template)]
#[template(path = "party.html")]
struct PartyPage {
    page: Page,
    back_href: String,
    action: String,
    seats: Vec<SeatView>,
    typed: String,
    errors: Vec<FieldError>,
    hint: String,
}

#[derive(Template)]
#[template(path = "seat.html")]
struct SeatPage {
    page: Page,
    href: String,
    name: String,
    is_given_up: bool,
    is_open: bool,
    reference: String,
    spokesman: String,
    post: String,
    when: String,
    pass: Option<String>,
}

/// `/s/{token}/group`: who comes along, or the field to name them.
pub async fn party(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
) -> Result<Html<String>, Fault> {
    html(&shown(&edge, &slip, page).await?)
}

async fn shown(edge: &Edge, slip: &Slip, page: Page) -> Result<PartyPage, Fault> {
    let seats = company::seats(&edge.desk, &slip.appointment).await.map_err(Fault::internal)?;
    Ok(PartyPage {
        back_href: format!("/s/{}", slip.slip_token),
        action: format!("/s/{}/group", slip.slip_token),
        seats: seats.iter().map(SeatView::of).collect(),
        typed: String::new(),
        errors: Vec::new(),
        hint: page.words.with("door-party-hint", &[("n", limits::PARTY_MAX)]),
        page,
    })
}

/// POST `/s/{token}/group`: names them.
pub async fn name(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    page: Page,
    Form(fields): Form<Fields>,
) -> Result<Response, Fault> {
    let typed = fields.get("names").cloned().unwrap_or_default();
    let words = page.words;
    let text = match company::name(&edge.desk, &slip.slip_token, &typed).await {
        Ok(()) | Err(CompanyError::NamedBefore) => {
            return Ok(Redirect::to(&format!("/s/{}/group", slip.slip_token)).into_response());
        }
        Err(CompanyError::UnknownLink) => return Err(Fault::NotFound),
        Err(CompanyError::Store(error)) => return Err(Fault::internal(error)),
        Err(CompanyError::NotFixed) => words.t("door-party-not-fixed").into_owned(),
        Err(CompanyError::Count) => words.with("door-party-count", &[("n", limits::PARTY_MAX)]),
        Err(CompanyError::Name(line)) => words.with("door-party-name", &[("line", line)]),
    };
    let mut again = shown(&edge, &slip, page).await?;
    again.typed = typed;
    again.errors = vec![FieldError { field: "names", text }];
    Ok(refused(html(&again)?))
}

/// `/g/{token}`: one seat, with its pass.
pub async fn seat(
    State(edge): State<Edge>,
    Path(token): Path<String>,
    page: Page,
) -> Result<Html<String>, Fault> {
    let found = company::by_link(&edge.desk, &token).await.map_err(Fault::internal)?;
    let (seat, slip) = found.ok_or(Fault::NotFound)?;
    let words = page.words;
    let pass = gate::pass_of(&edge.desk, &slip, seat.seat).filter(|_| !seat.is_given_up);
    html(&SeatPage {
        href: format!("/g/{}", seat.token),
        name: seat.name,
        is_given_up: seat.is_given_up,
        is_open: slip.state == domain::diary::AppointmentState::Confirmed,
        reference: slip.reference,
        spokesman: slip.name,
        post: words.pick(&slip.post.title).to_owned(),
        when: words.moment(slip.slot.start()),
        pass: pass.map(|pass| qr(&pass, &words.t("door-pass-qr"))),
        page,
    })
}

/// POST `/g/{token}`: gives this seat up; the others stay.
pub async fn give_up(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Response, Fault> {
    match company::give_up(&edge.desk, &token).await {
        Ok(()) => Ok(Redirect::to(&format!("/g/{token}")).into_response()),
        Err(CompanyError::Store(error)) => Err(Fault::internal(error)),
        Err(_) => Err(Fault::NotFound),
    }
}
