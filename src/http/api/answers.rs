//! What a citizen answers by the token of his slip: a question, an earlier time, a time that he was given.

use axum::Json;
use axum::extract::{Extension, State};
use domain::text::Subject;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Sent;
use super::appointments::{Appointment, as_it_is_now};
use crate::app::earlier::Wish;
use crate::app::slip::Slip;
use crate::app::{ask, change, earlier};
use crate::http::Edge;
use crate::http::error::Fault;
use crate::http::refusal::{Nature, Refusal};

fn malformed(what: &str) -> Fault {
    Refusal::new(Nature::Malformed, "malformed").and("reason", what).into()
}

/// Says that the time which was given when the officer was called away suits.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/agree", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "It is noted", body = Appointment),
        (status = 404, description = "The token opens nothing")))]
pub async fn agree(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Json<Appointment>, Fault> {
    change::agree(&edge.desk, &slip.slip_token).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// Meets by video instead of coming, at the same time.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/video", tag = "appointments",
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "It is by video", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`, `changed`")))]
pub async fn by_video(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
) -> Result<Json<Appointment>, Fault> {
    change::by_video(&edge.desk, &slip.slip_token).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// An answer to the desk's question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// In words.
    #[schema(max_length = 200)]
    answer: String,
}

/// Answers the question that the desk has asked. Whoever has answered already changes nothing.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/answer", tag = "appointments", request_body = Answer,
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "The desk has it", body = Appointment),
        (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`changed`"),
        (status = 422, description = "`details`: the answer")))]
pub async fn answer(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Sent(sent): Sent<Answer>,
) -> Result<Json<Appointment>, Fault> {
    let text = Subject::parse(&sent.answer).map_err(|error| Refusal::field("answer", error))?;
    ask::answer(&edge.desk, &slip.slip_token, &text).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// Whether an earlier time is wished.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierWish {
    /// `tell` of earlier times, or `enough`.
    #[schema(example = "tell")]
    wish: String,
}

/// Joins the list of those who wait for an earlier time, or leaves it; the own time stays.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/wait", tag = "appointments", request_body = EarlierWish,
    params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "It is noted", body = Appointment),
        (status = 400, description = "`malformed`"), (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`")))]
pub async fn wait(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Sent(sent): Sent<EarlierWish>,
) -> Result<Json<Appointment>, Fault> {
    let wish = match sent.wish.as_str() {
        "tell" => Wish::Tell,
        "enough" => Wish::Enough,
        _ => return Err(malformed("wish")),
    };
    earlier::wait(&edge.desk, &slip.slip_token, wish).await?;
    as_it_is_now(&edge, &slip.slip_token).await
}

/// What is said of the earlier time on offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierAnswer {
    /// `take` or `refuse`.
    #[schema(example = "take")]
    answer: String,
}

/// Takes the earlier time that is kept for this appointment, or lets it go to the next who waits.
#[utoipa::path(post, path = "/api/v1/appointments/{token}/earlier", tag = "appointments",
    request_body = EarlierAnswer, params(("token" = String, Path, description = "The token of the slip")),
    responses((status = 200, description = "As it stands now", body = Appointment),
        (status = 400, description = "`malformed`"), (status = 404, description = "The token opens nothing"),
        (status = 409, description = "`impossible`, `slot-taken`, `changed`")))]
pub async fn earlier(
    State(edge): State<Edge>,
    Extension(slip): Extension<Slip>,
    Sent(sent): Sent<EarlierAnswer>,
) -> Result<Json<Appointment>, Fault> {
    match sent.answer.as_str() {
        "take" => earlier::take(&edge.desk, &slip.slip_token).await?,
        "refuse" => earlier::refuse(&edge.desk, &slip.slip_token).await?,
        _ => return Err(malformed("answer")),
    }
    as_it_is_now(&edge, &slip.slip_token).await
}
