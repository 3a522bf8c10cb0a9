//! The edge of signaling: one WebSocket, one session; bytes, pace and back-pressure only.
//!
//! Decides nothing about meetings and calls: what is said goes to `app::live`, what is to be said comes out of the
//! socket's outbox. Nothing that arrives here can make it panic, and nothing here waits without a bound.

mod overture;
mod talk;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use signaling::{SUBPROTOCOL, limits::FRAME_BYTES_MAX};

use crate::app::Desk;
use crate::app::live::Live;
use crate::app::session::COOKIE;
use crate::auth::Actor;
use crate::limits;

/// What the edge is handed.
#[derive(Debug, Clone)]
pub struct Door {
    desk: Desk,
    live: Live,
    sockets: Arc<AtomicUsize>,
}

impl Door {
    /// The edge of this desk and this live part.
    #[must_use]
    pub fn new(desk: Desk, live: Live) -> Door {
        Door { desk, live, sockets: Arc::default() }
    }
}

/// The one route. A page that came by HTTP/2 opens its socket by CONNECT on the same connection (RFC 8441), any other
/// by GET; whatever comes by another method is no upgrade.
pub fn routes(door: Door) -> Router {
    Router::new().route("/signal", any(signal)).with_state(door)
}

/// Counts a socket for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(sockets: &Arc<AtomicUsize>, bound: usize) -> Option<Counted> {
        let before = sockets.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(Arc::clone(sockets));
        (before < bound).then_some(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

async fn signal(
    State(door): State<Door>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else { return StatusCode::UPGRADE_REQUIRED.into_response() };
    if !comes_from_this_host(&headers, &uri) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(first) = overture::first_words(&uri) else { return StatusCode::BAD_REQUEST.into_response() };
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        // Frames above the protocol's bound are answered with `too_large`; far above it, the socket just breaks.
        .max_message_size(2 * FRAME_BYTES_MAX)
        .max_frame_size(2 * FRAME_BYTES_MAX)
        .max_write_buffer_size(4 * FRAME_BYTES_MAX);
    if upgrade.selected_protocol().is_none() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let cookie = session_cookie(&headers);
    // While the database is away the token of its hello says who it is.
    let Ok(actor) = door.live.who(cookie.as_deref()).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // Sockets of nobody, and of those of whom we cannot know it, never crowd out those of people we know.
    let bound = match &actor {
        Some(Actor::Anyone) => limits::SOCKETS_MAX / 4,
        None => limits::SOCKETS_MAX / 4 * 3,
        Some(_) => limits::SOCKETS_MAX,
    };
    let Some(counted) = Counted::one_more(&door.sockets, bound) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    upgrade.on_upgrade(async move |socket| {
        let bearer = talk::Bearer { actor, cookie, first };
        talk::talk(socket, door.desk, door.live, bearer).await;
        drop(counted);
    })
}

/// The page must be ours: `Origin` names the very host that is asked (T23: a foreign page carries our cookie).
///
/// HTTP/2 names the host in `:authority`, which stands in the request's address; `Host` is absent or the same.
fn comes_from_this_host(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| headers.get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let host = uri.authority().map(|authority| authority.as_str()).or_else(|| text(header::HOST));
    let (Some(origin), Some(host)) = (text(header::ORIGIN), host) else { return false };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn session_cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    lines
        .flat_map(cookie::Cookie::split_parse)
        .flatten()
        .find(|cookie| cookie.name() == COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(origin: &'static str, host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        headers.insert(header::HOST, HeaderValue::from_static(host));
        headers
    }

    #[test]
    fn only_a_page_of_this_host_may_open_a_socket() {
        let path = Uri::from_static("/signal");
        let comes_from_this_host = |headers: &HeaderMap| super::comes_from_this_host(headers, &path);
        assert!(comes_from_this_host(&headers("https://es.example.in", "es.example.in")));
        assert!(comes_from_this_host(&headers("http://127.0.0.1:8080", "127.0.0.1:8080")));
        let foreign =
            ["https://evil.example", "null", "", "https://es.example.in.evil", "https://es.example.in:1"];
        for origin in foreign {
            assert!(!comes_from_this_host(&headers(origin, "es.example.in")), "{origin}");
        }
        assert!(!comes_from_this_host(&HeaderMap::new()), "a page always says where it is from");
    }

    #[test]
    fn in_http2_the_authority_is_the_host_and_no_header_replaces_it() {
        let at = Uri::from_static("https://es.example.in/signal");
        let mut said = headers("https://es.example.in", "evil.example");
        assert!(super::comes_from_this_host(&said, &at));
        said.remove(header::HOST);
        assert!(super::comes_from_this_host(&said, &at));
        said.insert(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(!super::comes_from_this_host(&said, &at));
    }

    #[test]
    fn a_full_house_takes_no_more_sockets_until_one_goes() {
        let sockets = Arc::default();
        let first = Counted::one_more(&sockets, 1);
        assert!(first.is_some() && Counted::one_more(&sockets, 1).is_none());
        assert!(Counted::one_more(&sockets, 2).is_some(), "people we know have a bound of their own");
        drop(first);
        assert!(Counted::one_more(&sockets, 1).is_some());
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("lang=hi; es=abc; x=y"));
        assert_eq!(session_cookie(&headers).as_deref(), Some("abc"));
        assert_eq!(session_cookie(&HeaderMap::new()), None);
    }
}
