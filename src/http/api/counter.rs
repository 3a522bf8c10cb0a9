//! Booking for a person at a service centre's counter, and opening a slip by its number and PIN.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::id::PostId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Sent, json_headers, written};
use crate::app::counter::{self, Wish};
use crate::app::slip;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::{Fault, created};
use crate::http::refusal::{Nature, Refusal};

/// What the operator wrote down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assisted {
    /// Made by the program for this person; the same word books once.
    #[schema(max_length = 64)]
    once: String,
    /// The person's name.
    #[schema(max_length = 80)]
    name: String,
    /// Village and district; may be empty.
    #[serde(default)]
    place: String,
    /// A mobile number; may be empty.
    #[serde(default)]
    mobile: String,
    /// What it is about.
    #[schema(max_length = 200)]
    subject: String,
    /// `in_person`, `video` or `telephone`.
    #[schema(example = "in_person")]
    channel: String,
    /// What the person says of himself, a stable code as in `?for=` of the free times; may be empty.
    #[serde(default)]
    category: String,
    /// The details were read back, and the person agreed.
    has_consent: bool,
    /// The post.
    post: String,
    /// When the wished time begins.
    start: Moment,
}

/// A slip to be printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrintedSlip {
    /// The appointment.
    appointment: String,
    /// The number that people say.
    reference: String,
    /// With the number it opens the slip on any telephone.
    pin: String,
    /// `confirmed` or `requested`.
    state: &'static str,
    /// The token of the slip.
    slip: String,
    /// The slip as a page.
    slip_url: String,
}

/// Books for the person at the counter; the operator's session stands for the one-time code.
#[utoipa::path(post, path = "/api/v1/counter/appointments", tag = "counter", security(("session" = [])),
    request_body = Assisted,
    responses(
        (status = 201, description = "It is booked; print this", body = PrintedSlip,
            headers(("Location" = String, description = "The appointment"))),
        (status = 400, description = "`malformed`: `once`"),
        (status = 404, description = "No such post"),
        (status = 409, description = "`slot-taken`, `closed`"),
        (status = 422, description = "`details`: every field that must be mended"),
    ))]
pub async fn book(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Sent(sent): Sent<Assisted>,
) -> Result<Response, Fault> {
    let post = PostId::parse(&sent.post).map_err(|_| Fault::NotFound)?;
    let start = sent.start.instant()?;
    let Assisted { once, name, place, mobile, subject, channel, category, has_consent, .. } = sent;
    let wish = Wish { once, name, place, mobile, subject, channel, category, has_consent };
    let id = counter::book(&edge.desk, &actor, &wish, (&post, start)).await?;
    let printed = counter::printed(&edge.desk, &actor, &id).await.map_err(Fault::internal)?;
    let (token, pin) = printed.ok_or(Fault::NotFound)?;
    let slip = slip::slip(&edge.desk, &token).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    let mut headers = json_headers();
    let at = HeaderValue::from_str(&format!("/api/v1/appointments/{token}")).map_err(Fault::internal)?;
    headers.insert(header::LOCATION, at);
    let told = PrintedSlip {
        appointment: id.to_string(),
        reference: slip.reference,
        pin,
        state: slip.state.code(),
        slip_url: format!("{}/s/{token}", edge.desk.settings.public_url),
        slip: token,
    };
    Ok(created(headers, written(&told)?))
}

/// A slip's number and PIN.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberAndPin {
    /// The number that people say.
    #[schema(example = "ES26-004217")]
    reference: String,
    /// Six digits.
    #[schema(example = "123456")]
    pin: String,
}

/// A slip that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedSlip {
    /// The token of the slip: whoever has it may read, move and cancel.
    slip: String,
    /// The bearer token of a new session, when the request came without one. It is told once: keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Opens a slip by its number and PIN.
#[utoipa::path(post, path = "/api/v1/slips", tag = "appointments", request_body = NumberAndPin,
    security((), ("session" = [])),
    responses(
        (status = 200, description = "It is open", body = OpenedSlip),
        (status = 422, description = "`pin-wrong`: the number or the PIN"),
        (status = 429, description = "`too-many`"),
    ))]
pub async fn open(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Sent(sent): Sent<NumberAndPin>,
) -> Result<Json<OpenedSlip>, Fault> {
    if sent.reference.trim().is_empty() || sent.pin.trim().is_empty() {
        return Err(Refusal::new(Nature::Invalid, "pin-wrong").into());
    }
    let (slip, token) = counter::open_by_pin(&edge.desk, &actor, (&sent.reference, &sent.pin)).await?;
    Ok(Json(OpenedSlip { slip, token }))
}
