//! What machines ask: are you alive, are you ready, what do you count.
//!
//! No personal data, no words: plain text.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Edge;
use super::error::not_ready;

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

/// `/metrics`: counters in the text form of Prometheus.
pub async fn figures(State(edge): State<Edge>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (edge.figures)()).into_response()
}
