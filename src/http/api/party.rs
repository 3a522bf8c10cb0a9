//! Those who come along with an appointment: named by the slip's token, each with a seat of his own.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Sent, Span, json_headers, written};
use crate::app::company::{self, Seat};
use crate::app::gate;
use crate::app::slip::Slip;
use crate::http::Edge;
use crate::http::error::{Fault, created};

/// One who comes along.
#[derive(Debug, Serialize, ToSchema)]
pub struct Companion {
    /// From 1 on.
    seat: u32,
    /// Who.
    name: String,
    /// Has he said that he does not come?
    is_given_up: bool,
    /// The token of his seat: for him alone.
    token: String,
}

impl From<Seat> for Companion {
    fn from(seat: Seat) -> Self {
        Self { seat: seat.seat, name: seat.name, is_given_up: seat.is_given_up, token: seat.token }
    }
}

/// Those who come along.
#[derive(Debug, Serialize, ToSchema)]
pub struct Company {
    /// They, by seat.
    people: Vec<Companion>,
}

async fn company_of(edge: &Edge, slip: &Slip) -> Result<Company, Fault> {
    let seats = company::seats(&edge.desk, &slip.appointment).await.map_err(Fault::internal)?;
    Ok(Company { people: seats.into_iter().map(Companion::from).collect() })
}

/// Those who come along with an appointment.
#[utoipa::path(get, path = "/api/v1/appointments/{token}/group", tag = "groups",
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "They", body = Company),
        (status = 404, description = "The token opens nothing")))]
pub async fn people(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Json<Company>, Fault> {
    Ok(Json(company_of(&edge, &slip).await?))
}

/// Names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// 1 to 14, beside the one who booked.
    names: Vec<String>,
}

/// Names those who come along, once; each gets a link and a gate pass of his own.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/group", tag = "groups", request_body = Names,
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 201, description = "They are named", body = Company),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`not-fixed`, `named-before`"),
        (status = 422, description = "`party-count`, `party-name` (with its `line`)")))]
pub async fn name(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Sent(sent): Sent<Names>,
) -> Result<Response, Fault> {
    // A line is a person: what breaks a line inside a name would make two of one.
    let lines: Vec<String> = sent.names.iter().map(|name| name.replace(['\n', '\r'], " ")).collect();
    company::name(&edge.desk, &slip.slip_token, &lines.join("\n")).await?;
    Ok(created(json_headers(), written(&company_of(&edge, &slip).await?)?))
}

/// One seat, as whoever has its token sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneSeat {
    /// From 1 on.
    seat: u32,
    /// Who.
    name: String,
    /// Has he said that he does not come?
    is_given_up: bool,
    /// The number that people say.
    reference: String,
    /// Who speaks.
    spokesman: String,
    /// Whom they meet.
    post: String,
    /// When.
    slot: Span,
    /// Where the appointment stands.
    state: &'static str,
    /// The text of the gate pass's QR code, while there is one.
    pass: Option<String>,
}

async fn seat_of(edge: &Edge, token: &str) -> Result<Json<OneSeat>, Fault> {
    let found = company::by_link(&edge.desk, token).await.map_err(Fault::internal)?;
    let (seat, slip) = found.ok_or(Fault::NotFound)?;
    Ok(Json(OneSeat {
        pass: gate::pass_of(&edge.desk, &slip, seat.seat).filter(|_| !seat.is_given_up),
        seat: seat.seat,
        name: seat.name,
        is_given_up: seat.is_given_up,
        reference: slip.reference,
        spokesman: slip.name,
        post: slip.post.id.to_string(),
        slot: slip.slot.into(),
        state: slip.state.code(),
    }))
}

/// One seat, by its token.
#[utoipa::path(get, path = "/api/v1/seats/{seat}", tag = "groups",
    params(("seat" = String, Path, description = "The token of the seat")),
    responses((status = 200, description = "The seat", body = OneSeat),
        (status = 404, description = "The token opens nothing")))]
pub async fn seat(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Json<OneSeat>, Fault> {
    seat_of(&edge, &token).await
}

/// Gives one seat up; the others stay. Giving it up twice is giving it up once.
#[utoipa::path(post, path = "/api/v1/seats/{seat}/give-up", tag = "groups",
    params(("seat" = String, Path, description = "The token of the seat")),
    responses((status = 200, description = "It is given up", body = OneSeat),
        (status = 404, description = "The token opens nothing")))]
pub async fn give_up(State(edge): State<Edge>, Path(token): Path<String>) -> Result<Json<OneSeat>, Fault> {
    company::give_up(&edge.desk, &token).await?;
    seat_of(&edge, &token).await
}
