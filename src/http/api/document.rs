//! The OpenAPI 3.1 document of the API, made of what stands beside the handlers.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{appointments, desk, holds, json_headers, posts, sessions, times};
use crate::http::error::not_modified;
use crate::http::headers::has_version;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sachivalaya",
        version = "1",
        description = "Appointments with the offices of a state government. Times are instants (RFC 3339 or Unix \
            milliseconds); days are days of India. Errors are problems of RFC 9457 with a stable `code`. \
            A POST may carry an `Idempotency-Key`: sent again within a day, the first answer comes again."
    ),
    paths(
        document,
        posts::search,
        posts::post,
        times::times,
        holds::hold,
        holds::held,
        holds::give_details,
        holds::send_code,
        holds::confirm,
        appointments::read,
        appointments::move_to,
        appointments::cancel,
        appointments::take,
        appointments::refuse,
        sessions::sign_in,
        sessions::sign_out,
        desk::worklist,
        desk::accept,
        desk::decline,
        desk::propose,
    ),
    modifiers(&BearerTokens),
    tags(
        (name = "posts", description = "Whom to meet, and when"),
        (name = "holds", description = "From a free time to an appointment"),
        (name = "appointments", description = "What the slip's token opens"),
        (name = "sessions", description = "Staff sign in"),
        (name = "desk", description = "Staff decide"),
        (name = "document", description = "This document"),
    )
)]
struct Document;

/// How programs say who they are.
struct BearerTokens;

impl Modify for BearerTokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("session", scheme);
    }
}

static TEXT: LazyLock<String> =
    LazyLock::new(|| Document::openapi().to_json().expect("the document is made of text and numbers"));

/// The text of the document.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "document", responses(
    (status = 200, description = "The OpenAPI document of this API", body = serde_json::Value),
))]
pub async fn document(headers: HeaderMap) -> Response {
    let tag = format!("W/\"{}-{}\"", env!("CARGO_PKG_VERSION"), TEXT.len());
    let mut response = if has_version(&headers, &tag) {
        not_modified()
    } else {
        (json_headers(), TEXT.as_str()).into_response()
    };
    response.headers_mut().insert(header::ETAG, HeaderValue::from_str(&tag).expect("a version is ASCII"));
    response
}
