//! The API for programs, `/api/v1`: the same use cases as the pages, in JSON.
//!
//! One file a noun; each handler is described where it stands, and `document` makes the OpenAPI document of that. Who
//! asks is said by a bearer token, never by a cookie. Nothing here decides a rule or a status.

pub mod answers;
pub mod appointments;
pub mod attendance;
pub mod away;
pub mod counter;
pub mod desk;
pub mod document;
pub mod draws;
pub mod gate;
pub mod holds;
pub mod once;
pub mod party;
pub mod posts;
pub mod queue;
pub mod sessions;
pub mod times;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use domain::diary::Slot;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Edge;
use super::error::Fault;
use super::refusal::{Nature, Refusal};

/// A body of JSON, read into what is expected and nothing else.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Edge> for Sent<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            return Err(Fault::JsonNeeded);
        }
        let body = Bytes::from_request(request, edge).await.map_err(|_| Fault::TooLarge)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            Refusal::new(Nature::Malformed, "malformed").and("reason", error.to_string()).into()
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The header of a body of JSON.
fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

/// The text of an answer.
fn written(answer: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(answer).map_err(Fault::internal)
}

/// When something begins: Unix milliseconds, or a time of RFC 3339 with its offset.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Moment {
    /// Unix milliseconds, as the free times are listed.
    #[schema(example = 1_795_583_700_000_i64)]
    Milliseconds(i64),
    /// RFC 3339.
    #[schema(example = "2026-11-24T11:15:00+05:30")]
    Written(String),
}

impl Moment {
    /// The instant.
    fn instant(&self) -> Result<Timestamp, Fault> {
        let read = match self {
            Self::Milliseconds(ms) => Timestamp::from_millisecond(*ms).ok(),
            Self::Written(text) => text.parse().ok(),
        };
        read.ok_or_else(|| {
            Refusal::new(Nature::Malformed, "malformed")
                .and("reason", "a time is milliseconds or RFC 3339")
                .into()
        })
    }
}

/// A time from its beginning to its end.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Span {
    /// RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// RFC 3339, UTC; the first instant after it.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
}

impl From<Slot> for Span {
    fn from(slot: Slot) -> Self {
        Self { start: slot.start(), end: slot.end() }
    }
}

/// A text in both languages of the house.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Text {
    /// Hindi.
    hi: String,
    /// English.
    en: String,
}

impl From<&domain::text::Bilingual> for Text {
    fn from(text: &domain::text::Bilingual) -> Self {
        Self { hi: text.hi.clone(), en: text.en.clone() }
    }
}

/// Why a request is not answered with what it asked for (RFC 9457). Programs branch on `code`; `title` and `detail`
/// are words for people, in the language of `?lang=`.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`.
    r#type: String,
    /// What happened, in words.
    title: String,
    /// The status.
    status: u16,
    /// The stable code.
    #[schema(example = "slot-taken")]
    code: String,
    /// What to do now, in words.
    detail: String,
    /// What exactly was wrong, where that can be said.
    reason: Option<String>,
    /// The number by which the log speaks of the same fault.
    reference: Option<String>,
    /// With `slot-taken`, `past-time`, `not-offered` and `hold-expired`: the nearest free times, three at most.
    nearest: Option<Vec<Span>>,
    /// With `details`: every field that must be mended.
    fields: Option<Vec<FieldProblem>>,
    /// With `wrong-code`: tries that are left.
    tries_left: Option<u32>,
    /// With `hold-expired`: the post at which to choose again.
    post: Option<String>,
    /// With `already-booked`: the token of the slip.
    slip: Option<String>,
}

/// A field that must be mended.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem {
    /// Its name.
    field: String,
    /// What is wrong with it.
    #[schema(example = "too-long")]
    code: String,
}
