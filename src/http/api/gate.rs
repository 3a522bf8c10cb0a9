//! The gate: who is expected today, what a shown pass is worth, and who went in or out.

use axum::Json;
use axum::extract::{Extension, State};
use data_encoding::BASE64;
use domain::id::AppointmentId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Moment, Sent, Text};
use crate::app::gate::{self, GateList, Mark, MarkError, Refusal as NotToday, Visitor, Way};
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;
use crate::limits;

/// Somebody who is expected today.
#[derive(Debug, Serialize, ToSchema)]
pub struct Expected {
    /// The appointment.
    appointment: String,
    /// 0 for the one who booked; from 1 on for those who come along.
    seat: u32,
    /// The number that people say.
    reference: String,
    /// The SEQUENCE of good passes.
    sequence: u32,
    /// The post that is visited.
    post: String,
    /// What it is called.
    title: Text,
    /// When; RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Who.
    name: String,
    /// The number in the queue.
    number: Option<u32>,
    /// When he went in last.
    #[schema(value_type = Option<String>, format = DateTime)]
    went_in_at: Option<Timestamp>,
    /// When he came out last.
    #[schema(value_type = Option<String>, format = DateTime)]
    came_out_at: Option<Timestamp>,
}

impl From<&Visitor> for Expected {
    fn from(one: &Visitor) -> Self {
        Self {
            appointment: one.appointment.to_string(),
            seat: one.seat,
            reference: one.reference.clone(),
            sequence: one.sequence,
            post: one.post.to_string(),
            title: (&one.title).into(),
            starts_at: one.starts_at,
            name: one.name.clone(),
            number: one.number,
            went_in_at: one.went_in,
            came_out_at: one.came_out,
        }
    }
}

/// The list of today.
#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    /// The day, in India.
    #[schema(format = Date, example = "2026-11-24")]
    date: String,
    /// The public point of the key by which passes are signed, in Base64: a gate checks with it without a line.
    key: String,
    /// Everybody who is expected, by time.
    visitors: Vec<Expected>,
}

async fn list_of(edge: &Edge, actor: &Actor) -> Result<GateList, Fault> {
    gate::list(&edge.desk, actor).await.map_err(Fault::internal)?.map_err(|_| Fault::NotYours)
}

/// Who is expected today at the gate from whose post the token acts.
#[utoipa::path(get, path = "/api/v1/gate/visitors", tag = "gate", security(("session" = [])),
    responses((status = 200, description = "The list", body = Day)))]
pub async fn visitors(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<Day>, Fault> {
    let list = list_of(&edge, &actor).await?;
    Ok(Json(Day {
        date: list.day.to_string(),
        key: BASE64.encode(&list.key),
        visitors: list.visitors.iter().map(Expected::from).collect(),
    }))
}

/// What was shown at the gate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The text of the pass's QR code, or a reference number.
    #[schema(max_length = 256)]
    shown: String,
}

/// What it is worth.
#[derive(Debug, Serialize, ToSchema)]
pub struct Worth {
    /// May the person come in?
    is_good: bool,
    /// Why not: `unknown`, `other_day`, `withdrawn`, `moved` or `given_up`.
    reason: Option<&'static str>,
    /// Who it is.
    visitor: Option<Expected>,
}

/// Says what a pass or a reference number is worth now. Changes nothing.
#[utoipa::path(post, path = "/api/v1/gate/checks", tag = "gate", security(("session" = [])), request_body = Shown,
    responses((status = 200, description = "Good, or why not", body = Worth)))]
pub async fn check(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Sent(sent): Sent<Shown>,
) -> Result<Json<Worth>, Fault> {
    let list = list_of(&edge, &actor).await?;
    Ok(Json(match gate::check(&edge.desk, &list, &sent.shown) {
        Ok(one) => Worth { is_good: true, reason: None, visitor: Some((&one).into()) },
        Err(refusal) => Worth { is_good: false, reason: Some(reason(refusal)), visitor: None },
    }))
}

fn reason(refusal: NotToday) -> &'static str {
    match refusal {
        NotToday::Unknown => "unknown",
        NotToday::OtherDay => "other_day",
        NotToday::Withdrawn => "withdrawn",
        NotToday::Moved => "moved",
        NotToday::GivenUp => "given_up",
    }
}

/// One time through the gate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// Made at the gate; a mark that is sent again counts once.
    #[schema(max_length = 40)]
    id: String,
    /// The appointment.
    appointment: String,
    /// The seat; 0 for the one who booked.
    #[serde(default)]
    seat: u32,
    /// `in` or `out`.
    #[schema(example = "in")]
    way: String,
    /// When, by the gate's clock.
    at: Moment,
}

impl Passage {
    fn mark(self) -> Option<Mark> {
        Some(Mark {
            id: self.id,
            appointment: AppointmentId::parse(&self.appointment).ok()?,
            seat: self.seat,
            way: Way::from_code(&self.way)?,
            at: self.at.instant().ok()?,
        })
    }
}

/// Marks of a gate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passages {
    /// At most 500.
    marks: Vec<Passage>,
}

/// What became of the marks.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Taken {
    /// Ids that are written down.
    taken: Vec<String>,
    /// Ids that never can be.
    refused: Vec<String>,
}

/// Writes down who went in or out, perhaps hours ago. Whoever went in is here in the post's queue.
#[utoipa::path(post, path = "/api/v1/gate/marks", tag = "gate", security(("session" = [])), request_body = Passages,
    responses((status = 200, description = "What is written down", body = Taken),
        (status = 413, description = "`too-large`: more than 500 marks")))]
pub async fn marks(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
    Sent(sent): Sent<Passages>,
) -> Result<Json<Taken>, Fault> {
    if sent.marks.len() > limits::GATE_MARKS_MAX {
        return Err(Fault::TooLarge);
    }
    let mut told = Taken::default();
    for one in sent.marks {
        let id = one.id.clone();
        let Some(mark) = one.mark() else {
            told.refused.push(id);
            continue;
        };
        match gate::mark(&edge.desk, &actor, &mark).await {
            Ok(changed) => {
                told.taken.push(id);
                changed.iter().for_each(|post| edge.boards.ring(post));
            }
            Err(MarkError::Unknown | MarkError::Malformed) => told.refused.push(id),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(told))
}
