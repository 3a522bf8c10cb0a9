//! The desk, for staff's programs: what waits, and what is decided.

use axum::Json;
use axum::extract::{Extension, State};
use domain::diary::DeclineReason;
use domain::id::PostId;
use domain::text::Subject;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Sent, Span};
use crate::app::book::Draft;
use crate::app::screen::{self, Card};
use crate::app::{ask, redirect as redirecting};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::http::refusal::{Nature, Refusal};

/// One appointment of the worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct Item {
    /// The appointment.
    appointment: String,
    /// The number that people say.
    reference: String,
    /// Where it stands.
    state: &'static str,
    /// When.
    slot: Span,
    /// The other times on offer.
    proposed: Vec<Span>,
    /// How they meet.
    channel: &'static str,
    /// Who comes.
    name: String,
    /// His number, for a call.
    mobile: String,
    /// What about.
    subject: String,
    /// When he asked; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// The meeting, once it is fixed and by video.
    meeting: Option<String>,
}

impl From<&Card> for Item {
    fn from(card: &Card) -> Self {
        Self {
            appointment: card.appointment.to_string(),
            reference: card.reference.clone(),
            state: card.state.code(),
            slot: card.slot.into(),
            proposed: card.proposed.iter().copied().map(Span::from).collect(),
            channel: card.channel.code(),
            name: card.name.clone(),
            mobile: card.mobile.clone(),
            subject: card.subject.clone(),
            asked_at: card.asked_at,
            meeting: card.meeting.as_ref().map(ToString::to_string),
        }
    }
}

/// What waits at a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct Worklist {
    /// The post.
    post: String,
    /// Requests that wait for an answer, the nearest time first.
    requests: Vec<Item>,
    /// Fixed for today, by time.
    today: Vec<Item>,
    /// Fixed for later days, and proposals that wait for the citizen.
    upcoming: Vec<Item>,
}

/// The worklist of a post whose desk the token's post runs.
#[utoipa::path(get, path = "/api/v1/desk", tag = "desk", security(("session" = [])),
    params(("post" = Option<String>, Query, description = "The post; the first that the token's post runs when absent")),
    responses(
        (status = 200, description = "What waits", body = Worklist),
    ))]
pub async fn worklist(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(post): Extension<PostId>,
) -> Result<Json<Worklist>, Fault> {
    let list = screen::worklist(&edge.desk, &actor, &post).await?;
    let items = |cards: &[Card]| cards.iter().map(Item::from).collect();
    Ok(Json(Worklist {
        post: post.to_string(),
        requests: items(&list.requests),
        today: items(&list.today),
        upcoming: items(&list.upcoming),
    }))
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// The appointment.
    appointment: String,
    /// The post.
    post: String,
    /// Where it stands now.
    state: &'static str,
}

async fn decided(edge: &Edge, draft: &Draft) -> Result<Json<Decided>, Fault> {
    let now = crate::app::book::draft(&edge.desk, &draft.appointment).await.map_err(Fault::internal)?;
    let now = now.ok_or(Fault::NotFound)?;
    Ok(Json(Decided {
        appointment: now.appointment.to_string(),
        post: now.post.id.to_string(),
        state: now.state.code(),
    }))
}

/// Gives the wished time: it is fixed, and the invitation goes out.
#[utoipa::path(post, path = "/api/v1/desk/{appointment}/accept", tag = "desk", security(("session" = [])),
    params(("appointment" = String, Path, description = "The appointment")),
    responses(
        (status = 200, description = "It is fixed", body = Decided),
        (status = 404, description = "No such appointment"),
        (status = 409, description = "`impossible`, `changed`"),
    ))]
pub async fn accept(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
) -> Result<Json<Decided>, Fault> {
    screen::accept(&edge.desk, &actor, &draft.appointment).await?;
    decided(&edge, &draft).await
}

/// Why it is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    /// A stable code of a reason.
    reason: String,
    /// Another post that can help.
    alternative: Option<String>,
}

/// Declines a request, or takes a fixed time back, with a reason and perhaps another post to go to.
#[utoipa::path(post, path = "/api/v1/desk/{appointment}/decline", tag = "desk", request_body = Declining,
    security(("session" = [])),
    params(("appointment" = String, Path, description = "The appointment")),
    responses(
        (status = 200, description = "It is declined", body = Decided),
        (status = 404, description = "No such appointment"),
        (status = 409, description = "`impossible`, `changed`"),
        (status = 422, description = "`unknown-reason` (with the codes that there are), `unknown-post`"),
    ))]
pub async fn decline(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    Sent(sent): Sent<Declining>,
) -> Result<Json<Decided>, Fault> {
    let reason = reason_of(&sent.reason)?;
    let alternative = sent.alternative.map(|id| PostId::parse(&id)).transpose();
    let alternative = alternative.map_err(|_| Refusal::new(Nature::Invalid, "unknown-post"))?;
    screen::decline(&edge.desk, &actor, &draft.appointment, (reason, alternative)).await?;
    decided(&edge, &draft).await
}

fn reason_of(code: &str) -> Result<DeclineReason, Refusal> {
    DeclineReason::from_code(code).ok_or_else(|| {
        let known: Vec<&str> = DeclineReason::ALL.iter().map(|reason| reason.code()).collect();
        Refusal::new(Nature::Invalid, "unknown-reason").and("reasons", known)
    })
}

/// The other times: one, or up to three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposing {
    /// When the only one begins.
    start: Option<Moment>,
    /// When each of them begins.
    #[serde(default)]
    starts: Vec<Moment>,
}

/// Offers one to three other times; all are kept until the citizen answers.
#[utoipa::path(post, path = "/api/v1/desk/{appointment}/propose", tag = "desk", request_body = Proposing,
    security(("session" = [])),
    params(("appointment" = String, Path, description = "The appointment")),
    responses(
        (status = 200, description = "They are offered", body = Decided),
        (status = 404, description = "No such appointment"),
        (status = 409, description = "`slot-taken`, `not-offered`: with the nearest times; `impossible`, `changed`"),
    ))]
pub async fn propose(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    Sent(sent): Sent<Proposing>,
) -> Result<Json<Decided>, Fault> {
    let starts: Result<Vec<Timestamp>, Fault> =
        sent.start.iter().chain(&sent.starts).map(Moment::instant).collect();
    screen::propose(&edge.desk, &actor, &draft.appointment, &starts?).await?;
    decided(&edge, &draft).await
}

/// To whom a request is sent on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirecting {
    /// The post.
    to: String,
    /// A stable code of a reason.
    #[schema(example = "other_office")]
    reason: String,
}

/// Sends a request on to another post: same number, same place in the order of asking.
#[utoipa::path(post, path = "/api/v1/desk/{appointment}/redirect", tag = "desk", request_body = Redirecting,
    security(("session" = [])),
    params(("appointment" = String, Path, description = "The appointment")),
    responses(
        (status = 200, description = "It is with the other post", body = Decided),
        (status = 404, description = "No such appointment"),
        (status = 409, description = "`not-offered`: the other post has no time; `impossible`, `changed`"),
        (status = 422, description = "`unknown-reason` (with the codes that there are), `unknown-post`"),
    ))]
pub async fn redirect(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    Sent(sent): Sent<Redirecting>,
) -> Result<Json<Decided>, Fault> {
    let to = PostId::parse(&sent.to).map_err(|_| Refusal::new(Nature::Invalid, "unknown-post"))?;
    let chosen = (&to, reason_of(&sent.reason)?);
    redirecting::redirect(&edge.desk, &actor, &draft.appointment, chosen).await?;
    decided(&edge, &draft).await
}

/// A question to the citizen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In words.
    #[schema(max_length = 200)]
    question: String,
}

/// Asks the citizen something; the request keeps its time meanwhile.
#[utoipa::path(post, path = "/api/v1/desk/{appointment}/ask", tag = "desk", request_body = Question,
    security(("session" = [])),
    params(("appointment" = String, Path, description = "The appointment")),
    responses(
        (status = 200, description = "It is asked", body = Decided),
        (status = 404, description = "No such appointment"),
        (status = 409, description = "`impossible`: no open request, or a question waits already; `changed`"),
        (status = 422, description = "`details`: the question"),
    ))]
pub async fn ask(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Extension(draft): Extension<Draft>,
    Sent(sent): Sent<Question>,
) -> Result<Json<Decided>, Fault> {
    let text = Subject::parse(&sent.question).map_err(|error| Refusal::field("question", error))?;
    ask::ask(&edge.desk, &actor, &draft.appointment, &text).await?;
    decided(&edge, &draft).await
}
