//! The OpenAPI 3.1 document of the API, made of what stands beside the handlers.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{
    Problem, answers, appointments, attendance, away, counter, desk, draws, gate, holds, json_headers, party,
    posts, queue, sessions, times,
};
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
        desk::redirect,
        desk::ask,
        attendance::of_meeting,
        answers::agree,
        answers::by_video,
        answers::answer,
        answers::wait,
        answers::earlier,
        party::people,
        party::name,
        party::seat,
        party::give_up,
        counter::book,
        counter::open,
        queue::board,
        queue::list,
        queue::join,
        queue::turn,
        queue::order,
        queue::delay,
        queue::message,
        gate::visitors,
        gate::check,
        gate::marks,
        away::preview,
        away::announce,
        away::absences,
        away::undo_absence,
        away::preview_switch,
        away::switch,
        away::switches,
        away::undo_switch,
        draws::draw,
        draws::enter,
        draws::of_post,
        draws::announce_draw,
        draws::reveal,
    ),
    components(schemas(Problem)),
    modifiers(&BearerTokens, &SaidOnce),
    tags(
        (name = "posts", description = "Whom to meet, and when"),
        (name = "holds", description = "From a free time to an appointment"),
        (name = "appointments", description = "What the slip's token opens"),
        (name = "sessions", description = "Staff sign in"),
        (name = "desk", description = "Staff decide"),
        (name = "groups", description = "Those who come along"),
        (name = "queue", description = "Today's queue of a post"),
        (name = "gate", description = "Who comes in and goes out"),
        (name = "counter", description = "A service centre books for a person"),
        (name = "absences", description = "The officer is called away"),
        (name = "emergencies", description = "All to video, and back"),
        (name = "draws", description = "Wanted times, drawn in the open"),
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

/// What every route has in common, so that none repeats it: a refusal is a [`Problem`], staff's routes ask for a token, a
/// POST may carry a key.
struct SaidOnce;

/// The tag of what a citizen's own session opens: nobody is told there that something is another's.
const OWN: &str = "holds";
/// The media type of RFC 9457.
const PROBLEM: &str = "application/problem+json";

impl Modify for SaidOnce {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            if let Some(post) = &mut item.post {
                let key = ParameterBuilder::new()
                    .name("Idempotency-Key")
                    .parameter_in(ParameterIn::Header)
                    .required(Required::False)
                    .description(Some("Sent again, the first answer comes again"))
                    .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
                post.parameters.get_or_insert_default().push(key.build().into());
            }
            for operation in [&mut item.get, &mut item.put, &mut item.post, &mut item.delete] {
                operation.as_mut().map(refusals);
            }
        }
    }
}

fn refusals(operation: &mut Operation) {
    let answers = &mut operation.responses.responses;
    let is_staffs = operation.security.as_ref().is_some_and(|ways| ways.len() == 1);
    let is_own = operation.tags.iter().flatten().any(|tag| tag == OWN);
    let known = [("401", "No token, or none of a session"), ("403", "Not this post's to do")];
    for (status, text) in known.into_iter().filter(|(status, _)| is_staffs && (*status == "401" || !is_own)) {
        answers
            .entry(status.to_owned())
            .or_insert_with(|| ResponseBuilder::new().description(text).build().into());
    }
    for (status, answer) in answers {
        if let (Some('4' | '5'), RefOr::T(answer)) = (status.chars().next(), answer) {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            answer.content.entry(PROBLEM.to_owned()).or_insert(problem.into());
        }
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
