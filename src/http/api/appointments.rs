//! Appointments, by the token of their slip: read, move, withdraw, answer a proposal.

use axum::Json;
use axum::extract::{Extension, Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Sent, Span, Text};
use crate::app::change;
use crate::app::slip::{self, Slip};
use crate::http::Edge;
use crate::http::error::Fault;

/// An appointment as its slip shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Appointment {
    /// The number that people say.
    #[schema(example = "ES26-004217")]
    reference: String,
    /// Where it stands: `requested`, `confirmed`, `proposed`, `waiting` (the officer was
    /// called away and no other time was found yet), `declined`, `cancelled`, `expired` or `held`.
    state: &'static str,
    /// The post.
    post: String,
    /// What the post is called.
    title: Text,
    /// When they meet.
    slot: Span,
    /// The other times that the desk offers, at most three.
    proposed: Vec<Span>,
    /// Why it was declined: a stable code.
    reason: Option<&'static str>,
    /// The post that can help instead.
    alternative: Option<String>,
    /// How they meet: `in_person`, `video` or `telephone`.
    channel: &'static str,
    /// Who comes.
    name: String,
    /// What about.
    subject: String,
    /// What the desk has asked and nobody has answered yet.
    question: Option<String>,
    /// An earlier time that is kept for it.
    earlier: Option<Span>,
    /// Until when the earlier time is kept; RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    earlier_until: Option<Timestamp>,
    /// It stands on the list for an earlier time.
    waits_for_earlier: bool,
    /// With the number it opens the slip on any telephone.
    pin: String,
    /// SEQUENCE of its calendar file; rises with every change of the time.
    sequence: u32,
    /// The page that opens the video meeting, once it is fixed.
    join_url: Option<String>,
    /// May the time still be moved?
    can_move: bool,
    /// May it still be withdrawn?
    can_cancel: bool,
    /// When this was read; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

impl Appointment {
    fn of(edge: &Edge, slip: Slip) -> Self {
        Self {
            reference: slip.reference,
            state: slip.state.code(),
            post: slip.post.id.to_string(),
            title: (&slip.post.title).into(),
            slot: slip.slot.into(),
            proposed: slip.proposed.into_iter().map(Span::from).collect(),
            reason: slip.reason.map(|reason| reason.code()),
            alternative: slip.alternative.map(|(post, _)| post.to_string()),
            channel: slip.channel.code(),
            name: slip.name,
            subject: slip.subject,
            question: slip.question.filter(|row| row.answer.is_none()).map(|row| row.question),
            earlier: slip.offer.map(|(slot, _)| slot.into()),
            earlier_until: slip.offer.map(|(_, until)| until),
            waits_for_earlier: slip.waits_for_earlier,
            pin: slip.pin,
            sequence: slip.sequence,
            join_url: slip.join_token.map(|token| format!("{}/j/{token}", edge.desk.settings.public_url)),
            can_move: slip.can_move,
            can_cancel: slip.can_cancel,
            as_of: edge.desk.now(),
        }
    }
}

/// The appointment as it stands after an act.
pub(super) async fn as_it_is_now(edge: &Edge, token: &str) -> Result<Json<Appointment>, Fault> {
    let slip = slip::slip(&edge.desk, token).await.map_err(Fault::internal)?.ok_or(Fault::NotFound)?;
    Ok(Json(Appointment::of(edge, slip)))
}

/// An appointment, by the token of its slip.
#[utoipa::path(get, path = "/api/v1/appointments/{token}", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip")),
    responses(
        (status = 200, description = "The appointment", body = Appointment),
        (status = 404, description = "The token opens nothing"),
    ))]
pub async fn read(State(edge): State<Edge>, Extension(slip): Extension<Slip>) -> Json<Appointment> {
    Json(Appointment::of(&edge, slip))
}

/// A new time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTime {
    /// When it begins.
    start: Moment,
}

/// Moves an appointment; the old time is kept until the new one is had.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/move", tag = "appointments", request_body = NewTime,
    params(("token" = String, Path, description = "The token of the slip")),
    responses(
        (status = 200, description = "It has the new time", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`slot-taken`, `not-offered`: with the nearest times; `impossible`, `changed`"),
    ))]
pub async fn move_to(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Sent(wish): Sent<NewTime>,
) -> Result<Json<Appointment>, Fault> {
    change::move_to(&edge.desk, &slip.slip_token, wish.start.instant()?).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// Withdraws an appointment; the time is free at once. Withdrawing twice is withdrawing once.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/cancel", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip")),
    responses(
        (status = 200, description = "It is withdrawn", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`, `changed`"),
    ))]
pub async fn cancel(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Json<Appointment>, Fault> {
    change::cancel(&edge.desk, &slip.slip_token).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// Which of the offered times is taken.
#[derive(Debug, Deserialize)]
pub struct Which {
    start: Option<Moment>,
}

/// Takes one of the times that the desk offers.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/take", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip"),
        ("start" = Option<String>, Query, description = "When the wanted one begins, RFC 3339; the first when absent")),
    responses(
        (status = 200, description = "It is fixed at the offered time", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`, `slot-taken`, `changed`"),
    ))]
pub async fn take(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Query(which): Query<Which>,
) -> Result<Json<Appointment>, Fault> {
    let start = which.start.map(|start| start.instant()).transpose()?;
    change::take_proposal(&edge.desk, &slip.slip_token, start).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// Refuses the time that the desk offers; the appointment is withdrawn.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/refuse", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip")),
    responses(
        (status = 200, description = "It is withdrawn", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`, `changed`"),
    ))]
pub async fn refuse(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Json<Appointment>, Fault> {
    change::refuse_proposal(&edge.desk, &slip.slip_token).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}
