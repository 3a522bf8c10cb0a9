//! The only place that knows status codes, and how a fault is told to a person or to a program.
//!
//! A store or network fault shows nothing but a reference number; its cause goes to the log, once, here.

use std::error::Error;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::Edge;
use super::pages::Page;
use super::refusal::{Nature, Refusal};

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing is here, or nothing that this person may know of.
    NotFound,
    /// The person is known and may not do this.
    NotYours,
    /// Only staff may do this, and nobody is signed in.
    SignInFirst,
    /// The request does not parse.
    Malformed,
    /// A POST that another site's page sent.
    CrossSite,
    /// The body passes its bound.
    TooLarge,
    /// Too many tries in a while.
    TooMany,
    /// This device keeps as many unfinished times as one may.
    TooManyHolds,
    /// As many codes were sent for this booking as are sent.
    TooManyCodes,
    /// The address exists, the method does not.
    WrongMethod,
    /// Only whoever shows a pass may do this, and none was shown.
    PassNeeded,
    /// The pass that was shown is none of this house, or has expired.
    PassRefused,
    /// The pass that was shown is for something else.
    PassForOther,
    /// The token that was shown is no session's, or its session is over.
    TokenRefused,
    /// A use case refuses, and says what could be done instead.
    Refused(Box<Refusal>),
    /// The body is not JSON.
    JsonNeeded,
    /// The asker takes no answer of the kind that there is.
    NotAcceptable,
    /// The body is of another kind than what is taken here.
    WrongKind,
    /// The offer cannot be answered; a stable code says why.
    OfferRefused(&'static str),
    /// The request must say by `If-Match` which state it is about.
    TagNeeded,
    /// The request is about a state that is no more.
    TagOutdated,
    /// The thing is no longer in a state in which this can be done.
    Conflict,
    /// A link that was good once.
    Gone,
    /// The house is full for the moment.
    Busy,
    /// The answer took longer than a person waits.
    Timeout,
    /// A store or network fault; the cause is logged and never shown.
    Internal(Arc<dyn Error + Send + Sync>),
}

impl Fault {
    /// An internal fault with its cause.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Fault {
        Fault::Internal(Arc::new(cause))
    }

    /// The stable code: programs branch on it, and the page's words are `errors-{code}-…`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Fault::NotFound => "not-found",
            Fault::NotYours => "not-yours",
            Fault::SignInFirst => "sign-in",
            Fault::Malformed => "malformed",
            Fault::CrossSite => "cross-site",
            Fault::TooLarge => "too-large",
            Fault::TooMany => "too-many",
            Fault::TooManyHolds => "too-many-holds",
            Fault::TooManyCodes => "too-many-codes",
            Fault::WrongMethod => "wrong-method",
            Fault::PassNeeded => "pass-needed",
            Fault::PassRefused => "pass-refused",
            Fault::PassForOther => "pass-for-other",
            Fault::TokenRefused => "token-refused",
            Fault::Refused(refusal) => refusal.code,
            Fault::JsonNeeded => "json-needed",
            Fault::NotAcceptable => "not-acceptable",
            Fault::WrongKind => "wrong-kind",
            Fault::OfferRefused(_) => "offer-refused",
            Fault::TagNeeded => "tag-needed",
            Fault::TagOutdated => "tag-outdated",
            Fault::Conflict => "conflict",
            Fault::Gone => "gone",
            Fault::Busy => "busy",
            Fault::Timeout => "timeout",
            Fault::Internal(_) => "internal",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Fault::NotFound => StatusCode::NOT_FOUND,
            Fault::NotYours | Fault::CrossSite | Fault::PassForOther => StatusCode::FORBIDDEN,
            Fault::SignInFirst | Fault::PassNeeded | Fault::PassRefused | Fault::TokenRefused => {
                StatusCode::UNAUTHORIZED
            }
            Fault::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Fault::WrongKind | Fault::JsonNeeded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Fault::Refused(refusal) => status_of(refusal.nature),
            Fault::OfferRefused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Fault::TagNeeded => StatusCode::PRECONDITION_REQUIRED,
            Fault::TagOutdated => StatusCode::PRECONDITION_FAILED,
            Fault::Malformed => StatusCode::BAD_REQUEST,
            Fault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Fault::TooMany | Fault::TooManyHolds | Fault::TooManyCodes => StatusCode::TOO_MANY_REQUESTS,
            Fault::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Fault::Conflict => StatusCode::CONFLICT,
            Fault::Gone => StatusCode::GONE,
            Fault::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Fault::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Fault::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Headers that belong to the status.
    fn headers(&self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            // RFC 6750 §3.
            Fault::PassNeeded | Fault::SignInFirst => (header::WWW_AUTHENTICATE, "Bearer"),
            Fault::PassRefused | Fault::TokenRefused => {
                (header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
            }
            Fault::PassForOther => (header::WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\""),
            Fault::TooMany | Fault::Busy => (header::RETRY_AFTER, "2"),
            _ => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }

    /// What a bare answer of the framework (an unknown path, a body past its bound) means in our terms.
    fn behind(status: StatusCode) -> Fault {
        match status {
            StatusCode::NOT_FOUND => Fault::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Fault::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Fault::Timeout,
            StatusCode::SERVICE_UNAVAILABLE => Fault::Busy,
            status if status.is_client_error() => Fault::Malformed,
            status => Fault::internal(BareStatus(status)),
        }
    }
}

fn status_of(nature: Nature) -> StatusCode {
    match nature {
        Nature::Malformed => StatusCode::BAD_REQUEST,
        Nature::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Nature::Conflict => StatusCode::CONFLICT,
        Nature::Gone => StatusCode::GONE,
        Nature::Limit => StatusCode::TOO_MANY_REQUESTS,
        Nature::Away => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// An answer of the framework that nobody explained.
#[derive(Debug, thiserror::Error)]
#[error("answered {0} without a reason")]
struct BareStatus(StatusCode);

impl IntoResponse for Fault {
    /// Only the status and the fault itself; [`speak`] gives it words in the person's language.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A form shown again with what must be mended.
pub fn refused(page: Html<String>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// A page that says that someone else was first, with what can be done instead.
pub fn taken(page: Html<String>) -> Response {
    (StatusCode::CONFLICT, page).into_response()
}

/// Something was made: where it is, and its body.
pub fn created(headers: HeaderMap, body: String) -> Response {
    (StatusCode::CREATED, headers, body).into_response()
}

/// An answer that was given before, given again.
pub fn again(status: u16, headers: HeaderMap, body: String) -> Response {
    match StatusCode::from_u16(status) {
        Ok(status) => (status, headers, body).into_response(),
        Err(error) => Fault::internal(error).into_response(),
    }
}

/// The status of an answer that says that something was done; nothing for a refusal or a fault.
pub fn done(response: &Response) -> Option<u16> {
    response.status().is_success().then(|| response.status().as_u16())
}

/// It was heard, and there is nothing to say.
pub fn nothing_to_say() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// Something to be played, whole or the part that the browser asks for (RFC 9110 §14): one range of bytes; of several, or one
/// that makes no sense, the whole is the answer.
pub fn in_parts((mime, bytes): (String, Vec<u8>), range: Option<&str>) -> Response {
    let length = bytes.len();
    let own = [(header::CONTENT_TYPE, mime), (header::ACCEPT_RANGES, "bytes".to_owned())];
    match range.and_then(|range| part_of(range, length)) {
        None => (own, bytes).into_response(),
        Some(None) => {
            let none = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            let mut response = (StatusCode::RANGE_NOT_SATISFIABLE, none).into_response();
            response.extensions_mut().insert(Plain);
            response
        }
        Some(Some((from, to))) => {
            let which = [(header::CONTENT_RANGE, format!("bytes {from}-{to}/{length}"))];
            let part = bytes.get(from..=to).unwrap_or_default().to_vec();
            (StatusCode::PARTIAL_CONTENT, own, which, part).into_response()
        }
    }
}

/// The first and the last byte of a range; `Some(None)` when nothing is there, nothing when it is no single range.
fn part_of(range: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (from, to) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1);
    if from.is_empty() {
        let count: usize = to.parse().ok()?;
        return Some(last.filter(|_| count > 0).map(|last| (length.saturating_sub(count), last)));
    }
    let from: usize = from.parse().ok()?;
    let to: usize = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
    if to < from {
        return None;
    }
    Some(last.filter(|last| from <= *last).map(|last| (from, to.min(last))))
}

/// The browser's copy is still good.
pub fn not_modified() -> Response {
    StatusCode::NOT_MODIFIED.into_response()
}

/// The bare status of a request that took too long; [`speak`] gives it words.
pub const TIMED_OUT: StatusCode = StatusCode::GATEWAY_TIMEOUT;

/// `/readyz` while something that the house stands on is missing.
pub fn not_ready(what: &'static str) -> Response {
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, what).into_response();
    response.extensions_mut().insert(Plain);
    response
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    title: String,
    next: String,
    reference: Option<String>,
    sign_in_href: Option<String>,
}

/// RFC 9457, for whoever asks for JSON.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: String,
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(flatten)]
    more: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Middleware: gives every fault its words, whoever made it, and logs internal ones with their reference number.
pub async fn speak(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let page = Page::of_request(&edge, &request);
    let is_json = is_for_programs(request.uri()) || wants_json(request.headers());
    let response = next.run(request).await;
    if !is_unspoken(&response) {
        return response;
    }
    let fault = match response.extensions().get::<Fault>() {
        Some(fault) => fault.clone(),
        None => Fault::behind(response.status()),
    };
    let reference = match &fault {
        Fault::Internal(cause) => {
            let reference = edge.reference();
            tracing::error!(reference, cause = %chain(cause.as_ref()), "a request failed");
            Some(reference)
        }
        _ => None,
    };
    let told = if is_json { problem(&page, &fault, reference) } else { error_page(page, &fault, reference) };
    with_headers_of(response, told, &fault)
}

/// What came with the bare status stays with it (the methods that there are, who may read it), but for its body's kind.
fn with_headers_of(bare: Response, mut told: Response, fault: &Fault) -> Response {
    let own = told.headers_mut();
    for (name, value) in bare.headers() {
        if !own.contains_key(name) && *name != header::CONTENT_LENGTH {
            own.insert(name, value.clone());
        }
    }
    own.extend(fault.headers());
    told
}

/// Paths at which no person reads the answer.
fn is_for_programs(uri: &Uri) -> bool {
    ["/whip/", "/whep/", "/api/", "/relays", "/check/"].iter().any(|start| uri.path().starts_with(start))
}

fn is_unspoken(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_plain = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    (status.is_client_error() || status.is_server_error())
        && is_plain
        && response.extensions().get::<Plain>().is_none()
}

/// Marks an answer for machines (a probe) that must stay as it is.
#[derive(Clone, Copy)]
struct Plain;

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

fn error_page(page: Page, fault: &Fault, reference: Option<String>) -> Response {
    let title = page.words.t(&format!("errors-{}-title", fault.code())).into_owned();
    let next = page.words.t(&format!("errors-{}-next", fault.code())).into_owned();
    let sign_in_href = matches!(fault, Fault::SignInFirst | Fault::NotYours).then(|| "/sign-in".to_owned());
    let body = ErrorPage { page, title, next, reference, sign_in_href }.render();
    // A template that can't be rendered leaves the bare status, which is still true.
    (fault.status(), Html(body.unwrap_or_default())).into_response()
}

fn problem(page: &Page, fault: &Fault, reference: Option<String>) -> Response {
    let problem = Problem {
        r#type: "about:blank",
        title: page.words.t(&format!("errors-{}-title", fault.code())).into_owned(),
        status: fault.status().as_u16(),
        code: fault.code(),
        detail: page.words.t(&format!("errors-{}-next", fault.code())).into_owned(),
        reason: if let Fault::OfferRefused(reason) = fault { Some(reason) } else { None },
        reference,
        more: if let Fault::Refused(refusal) = fault { Some(refusal.more.clone()) } else { None },
    };
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let kind = HeaderValue::from_static("application/problem+json");
    (fault.status(), [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// A fault with all that caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
