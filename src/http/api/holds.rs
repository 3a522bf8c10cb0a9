//! Holds: a time is taken for ten minutes, gets its details and its code, and becomes an appointment.

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::{Json, response::IntoResponse};
use domain::id::{AppointmentId, PostId};
use domain::notice::Language;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::times::category_of;
use super::{Moment, Sent, Span, json_headers, written};
use crate::app::book::{self, Details, Draft};
use crate::app::hold::{self as holding, HoldWish};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created};
use crate::http::refusal::{Nature, Refusal};

/// A time that is wished.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The post.
    #[schema(example = "sec-hlt")]
    post: String,
    /// When the wished time begins.
    start: Moment,
    /// What the citizen says of himself, for a time that is kept: `women`, `senior`, `divyang`, `representative`.
    #[serde(default)]
    category: Option<String>,
}

/// A time that is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hold {
    /// The appointment that has begun.
    appointment: String,
    /// The post.
    post: String,
    /// When they will meet.
    slot: Span,
    /// Where it stands: `held`, until it is confirmed or runs out.
    state: &'static str,
    /// When the hold runs out; RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// The bearer token of a new session, when the request came without one. It is told once: keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Hold {
    fn of(draft: &Draft, token: Option<String>) -> Self {
        Self {
            appointment: draft.appointment.to_string(),
            post: draft.post.id.to_string(),
            slot: draft.slot.into(),
            state: draft.state.code(),
            expires_at: draft.expires_at,
            token,
        }
    }
}

/// Holds a time for ten minutes. Without a token a new session begins; send its token with every further request.
#[utoipa::path(post, path = "/api/v1/holds", tag = "holds", request_body = Wish,
    security((), ("session" = [])),
    responses(
        (status = 201, description = "It is held", body = Hold,
            headers(("Location" = String, description = "The hold"))),
        (status = 401, description = "The token is no session's"),
        (status = 404, description = "No such post"),
        (status = 409, description = "`slot-taken`, `past-time`, `not-offered`, `kept-for`, `day-full`: with the nearest times; `closed`; \
            `key-running`"),
        (status = 422, description = "`key-reused`"),
        (status = 429, description = "`too-many-holds`"),
    ))]
pub async fn hold(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(language): Extension<Language>,
    Sent(wish): Sent<Wish>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&wish.post).map_err(|_| Fault::NotFound)?;
    let session = match &actor {
        Actor::Citizen { session, .. } => Some(session.clone()),
        _ => None,
    };
    let wish = HoldWish {
        session,
        post,
        start: wish.start.instant()?,
        language,
        category: wish.category.as_deref().map(category_of).transpose()?,
    };
    begun(&edge, holding::hold(&edge.desk, wish).await?).await
}

/// The answer that says that a hold has begun: of a time, or of an entry in a draw.
pub(super) async fn begun(edge: &Edge, held: holding::Held) -> Result<Response, Fault> {
    let draft = draft_of(edge, held.appointment.as_str()).await?;
    let mut headers = json_headers();
    let at = HeaderValue::from_str(&format!("/api/v1/holds/{}", held.appointment));
    headers.insert(header::LOCATION, at.map_err(Fault::internal)?);
    Ok(created(headers, written(&Hold::of(&draft, held.cookie))?))
}

/// How a hold stands.
#[utoipa::path(get, path = "/api/v1/holds/{appointment}", tag = "holds",
    params(("appointment" = String, Path, description = "The appointment")), security(("session" = [])),
    responses(
        (status = 200, description = "The hold", body = Hold),
        (status = 404, description = "None of this session"),
    ))]
pub async fn held(State(edge): State<Edge>, Path(id): Path<String>) -> Result<Json<Hold>, Fault> {
    Ok(Json(Hold::of(&draft_of(&edge, &id).await?, None)))
}

/// Who comes, and what about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetailsOfVisit {
    /// The name of who comes.
    #[schema(max_length = 80)]
    name: String,
    /// A mobile number of India; the code is sent there.
    #[schema(example = "00000 01234")]
    mobile: String,
    /// A mail address, where there is one.
    #[serde(default)]
    mail: String,
    /// What it is about.
    #[schema(max_length = 200)]
    subject: String,
    /// How they meet: `video` or `in_person`.
    #[schema(example = "video")]
    channel: String,
    /// What the citizen says of himself, where he wants to: `women`, `senior`, `divyang`, `representative`.
    #[serde(default)]
    category: String,
}

/// Gives the details of a hold; the one-time code is sent to the mobile number.
#[utoipa::path(put, path = "/api/v1/holds/{appointment}/details", tag = "holds", request_body = DetailsOfVisit,
    params(("appointment" = String, Path, description = "The appointment")), security(("session" = [])),
    responses(
        (status = 200, description = "They are taken, and a code was sent", body = Hold),
        (status = 404, description = "None of this session"),
        (status = 409, description = "`already-booked`"),
        (status = 410, description = "`hold-expired`"),
        (status = 422, description = "`details`: every field that must be mended"),
        (status = 429, description = "`too-many-codes`"),
    ))]
pub async fn give_details(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Sent(sent): Sent<DetailsOfVisit>,
) -> Result<Json<Hold>, Fault> {
    let appointment = AppointmentId::parse(&id).map_err(|_| Fault::NotFound)?;
    let DetailsOfVisit { name, mobile, mail, subject, channel, category } = sent;
    let details = Details { name, mobile, mail, subject, channel, category };
    book::give_details(&edge.desk, &actor, &appointment, &details).await?;
    Ok(Json(Hold::of(&draft_of(&edge, &id).await?, None)))
}

/// Sends another code for a hold whose details are given.
#[utoipa::path(post, path = "/api/v1/holds/{appointment}/code", tag = "holds",
    params(("appointment" = String, Path, description = "The appointment")), security(("session" = [])),
    responses(
        (status = 200, description = "Another code was sent", body = Hold),
        (status = 404, description = "Nothing that waits for a code"),
        (status = 409, description = "`details-first`, `already-booked`"),
        (status = 429, description = "`too-many-codes`"),
    ))]
pub async fn send_code(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Json<Hold>, Fault> {
    let draft = draft_of(&edge, &id).await?;
    if let Some(slip) = draft.slip_token {
        return Err(Refusal::new(Nature::Conflict, "already-booked").and("slip", slip).into());
    }
    if draft.details.is_none() {
        return Err(Refusal::new(Nature::Conflict, "details-first").into());
    }
    book::send_code_again(&edge.desk, &actor, &draft.appointment).await?;
    Ok(Json(Hold::of(&draft_of(&edge, &id).await?, None)))
}

/// The code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    #[schema(example = "482913", min_length = 6, max_length = 6)]
    code: String,
}

/// An appointment that was booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booked {
    /// The appointment.
    appointment: String,
    /// `confirmed` or `requested`.
    state: &'static str,
    /// The token of its slip: whoever has it may read, move and cancel.
    slip: String,
    /// The slip as a page.
    slip_url: String,
}

/// Books with the code. A code that was used already answers with the same booking.
#[utoipa::path(post, path = "/api/v1/holds/{appointment}/confirm", tag = "holds", request_body = Code,
    params(("appointment" = String, Path, description = "The appointment")),
    security(("session" = [])),
    responses(
        (status = 200, description = "It is booked", body = Booked),
        (status = 404, description = "None of this session"),
        (status = 409, description = "`details-first`, `citizen-full`"),
        (status = 410, description = "`hold-expired`"),
        (status = 422, description = "`wrong-code` (and how many tries are left), `code-expired`"),
        (status = 429, description = "`too-many-tries`"),
    ))]
pub async fn confirm(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Sent(Code { code }): Sent<Code>,
) -> Result<Response, Fault> {
    let appointment = AppointmentId::parse(&id).map_err(|_| Fault::NotFound)?;
    let is_code = code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit());
    if !is_code {
        return Err(Refusal::new(Nature::Malformed, "malformed").and("reason", "code has six digits").into());
    }
    let booked = book::confirm(&edge.desk, &actor, &appointment, &code).await?;
    let answer = Booked {
        appointment: id,
        state: booked.state.code(),
        slip_url: format!("{}/s/{}", edge.desk.settings.public_url, booked.slip_token),
        slip: booked.slip_token,
    };
    Ok(Json(answer).into_response())
}

async fn draft_of(edge: &Edge, id: &str) -> Result<Draft, Fault> {
    let id = AppointmentId::parse(id).map_err(|_| Fault::NotFound)?;
    book::draft(&edge.desk, &id).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)
}
