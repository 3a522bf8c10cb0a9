//! What machines ask: are you alive, are you ready, what do you count.
//!
//! No personal data, no words: plain text.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::Edge;
use super::error::{Fault, not_ready};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};

/// `/healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: the database answers as well.
pub async fn ready(State(edge): State<Edge>) -> Response {
    match edge.desk.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            not_ready("the database does not answer\n")
        }
    }
}

/// `/metrics`: counters in the text form of Prometheus, for a monitor.
pub async fn figures(State(edge): State<Edge>, request: Request) -> Response {
    let is_monitor = comes_from_here(&request) || shows_token(&edge, request.headers());
    let object = if is_monitor { Object::Monitor } else { Object::House };
    if allows(&Actor::Anyone, Act::ReadMetrics, &object).is_err() {
        return Fault::NotFound.into_response();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (edge.figures)()).into_response()
}

/// From this machine itself. What a proxy passes on comes from elsewhere, even if the proxy runs here.
fn comes_from_here(request: &Request) -> bool {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_passed_on =
        ["forwarded", "x-forwarded-for", "via"].iter().any(|name| request.headers().contains_key(*name));
    from.is_some_and(|ConnectInfo(address)| address.ip().to_canonical().is_loopback()) && !is_passed_on
}

/// Compared in constant time.
fn shows_token(edge: &Edge, headers: &HeaderMap) -> bool {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer "));
    match (&edge.metrics_token, shown) {
        (Some(token), Some(shown)) => token.as_bytes().ct_eq(shown.as_bytes()).into(),
        _ => false,
    }
}
