//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again is done once.
//!
//! Any POST of the API may carry the key. The first answer is kept and comes again, marked by `Idempotency-Replayed`;
//! a key that comes with another request is refused, and so is one whose first request still runs.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::app::idempotent::{self, Answer, Asked, Known, Ticket};
use crate::http::Edge;
use crate::http::error::{self, Fault};
use crate::http::headers::bearer;
use crate::http::refusal::{Nature, Refusal};
use crate::limits;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers of the first answer that come again.
const KEPT: [HeaderName; 2] = [header::CONTENT_TYPE, header::LOCATION];

/// Middleware of one route: does a POST with a key once.
pub async fn once(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(&KEY) {
        return next.run(request).await;
    }
    match with_key(&edge, request, next).await {
        Ok(response) => response,
        Err(fault) => fault.into_response(),
    }
}

async fn with_key(edge: &Edge, request: Request, next: Next) -> Result<Response, Fault> {
    let key = key_of(request.headers())?;
    let caller = bearer(request.headers()).unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limits::BODY_BYTES_MAX).await.map_err(|_| Fault::TooLarge)?;
    let mut hasher = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), b" ", parts.uri.path().as_bytes(), b"\n", &body] {
        hasher.update(part);
    }
    let asked = Asked { caller, key, fingerprint: HEXLOWER.encode(&hasher.finalize()) };
    match idempotent::begin(&edge.desk, &asked).await.map_err(Fault::internal)? {
        Known::New(ticket) => {
            let request = Request::from_parts(parts, Body::from(body));
            kept(edge, ticket, next.run(request).await).await
        }
        Known::Answered(answer) => Ok(replayed(answer)),
        Known::Running => Err(Refusal::new(Nature::Conflict, "key-running").into()),
        Known::OtherRequest => Err(Refusal::new(Nature::Invalid, "key-reused").into()),
    }
}

/// The key: a string of RFC 9651 in quotes, or the same without them.
fn key_of(headers: &HeaderMap) -> Result<String, Fault> {
    let refused = || Refusal::new(Nature::Malformed, "key-malformed");
    let sent = headers.get(&KEY).and_then(|key| key.to_str().ok()).ok_or_else(refused)?.trim();
    let bare = sent.strip_prefix('"').and_then(|sent| sent.strip_suffix('"')).unwrap_or(sent);
    let is_key = (1..=limits::IDEMPOTENCY_KEY_BYTES_MAX).contains(&bare.len())
        && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    if is_key { Ok(bare.to_owned()) } else { Err(refused().into()) }
}

/// Keeps the answer of what was done. What was refused did nothing: the same key may ask again.
async fn kept(edge: &Edge, ticket: Ticket, response: Response) -> Result<Response, Fault> {
    let Some(status) = error::done(&response) else {
        idempotent::forget(&edge.desk, ticket).await.map_err(Fault::internal)?;
        return Ok(response);
    };
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_else(|_| Bytes::new());
    let headers = KEPT
        .iter()
        .filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect();
    let answer = Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() };
    idempotent::keep(&edge.desk, ticket, &answer).await.map_err(Fault::internal)?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(answer: Answer) -> Response {
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    error::again(answer.status, headers, answer.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_with_or_without_quotes_and_has_a_bound() {
        let key = |sent: &str| {
            let value = HeaderValue::from_str(sent).expect("a header");
            key_of(&HeaderMap::from_iter([(KEY, value)])).ok()
        };
        let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(key(&format!("\"{uuid}\"")).as_deref(), Some(uuid));
        assert_eq!(key(uuid).as_deref(), Some(uuid));
        for wrong in ["", "\"\"", "a b", "a\"b", &"a".repeat(limits::IDEMPOTENCY_KEY_BYTES_MAX + 1)] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
