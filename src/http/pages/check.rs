//! The page on which somebody sees whether video will work here, and what the page asks. Needs no session and no
//! database: it must answer when other things do not.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use askama::Template;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};

use super::meeting::script_words_of;
use super::{Page, html};
use crate::app::check::CheckError;
use crate::app::relays::TooMany;
use crate::auth::Actor;
use crate::http::Edge;
use crate::http::error::Fault;

const SDP: &str = "application/sdp";

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    page: Page,
    port: String,
    lines: Vec<Line>,
    needs_network: String,
    script_words: String,
}

/// One thing that is tried.
struct Line {
    name: &'static str,
    text: String,
}

/// What is tried, in this order.
const LINES: [(&str, &str); 10] = [
    ("socket", "check-line-socket"),
    ("udp", "check-line-udp"),
    ("tcp", "check-line-tcp"),
    ("relay-tcp", "check-line-relay-tcp"),
    ("relay-tls", "check-line-relay-tls"),
    ("ipv6", "check-line-ipv6"),
    ("rate", "check-line-rate"),
    ("camera", "check-line-camera"),
    ("microphone", "check-line-microphone"),
    ("speaker", "check-line-speaker"),
];

/// The words that the page's script shows: its own, and what is wrong with a device.
const SCRIPT_WORDS: [&str; 3] = ["check-js-", "live-js-camera-", "live-js-microphone-"];

/// GET `/check`.
pub async fn page(State(edge): State<Edge>, page: Page) -> Result<Html<String>, Fault> {
    // As text: a port is no number that anybody groups.
    let [port, https] =
        [edge.media_port, edge.https_port].map(|port| port.map(|port| port.to_string()).unwrap_or_default());
    let words = page.words;
    let line =
        |(name, key): (&'static str, &str)| Line { name, text: words.with(key, &[("port", port.as_str())]) };
    html(&CheckPage {
        lines: LINES.map(line).into(),
        needs_network: words
            .with("check-needs-network", &[("port", port.as_str()), ("https", https.as_str())]),
        script_words: script_words_of(words, &SCRIPT_WORDS),
        port,
        page,
    })
}

/// POST `/check/offer`: an SDP offer comes in, the answer of a connection to nobody goes out.
pub async fn offer(
    State(edge): State<Edge>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_none_or(|kind| !kind.eq_ignore_ascii_case(SDP)) {
        return Err(Fault::WrongKind);
    }
    let offer = String::from_utf8(body.into()).map_err(|_| Fault::Malformed)?;
    let checks = edge.checks.as_ref().ok_or(Fault::Busy)?;
    let answer =
        checks.answer(neighbour(from), offer, edge.desk.now()).await.map_err(|error| match error {
            CheckError::TooMany => Fault::TooMany,
            CheckError::Busy => Fault::Busy,
            CheckError::Offer(code) => Fault::OfferRefused(code),
        })?;
    Ok(([(header::CONTENT_TYPE, SDP)], answer).into_response())
}

/// POST `/check/relays`: credentials for whoever tries his path.
pub async fn relays(
    State(edge): State<Edge>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> Result<Response, Fault> {
    let relays = edge.relays.as_ref().ok_or(Fault::NotFound)?;
    let given = relays.for_check(neighbour(from), edge.desk.now()).map_err(|TooMany| Fault::TooMany)?;
    Ok(axum::Json(given).into_response())
}

/// GET `/relays`: fresh credentials for a page that has been open for long.
pub async fn of_session(
    State(edge): State<Edge>,
    Extension(actor): Extension<Actor>,
) -> Result<Response, Fault> {
    let relays = edge.relays.as_ref().ok_or(Fault::NotFound)?;
    let given = relays.for_session(&actor, edge.desk.now()).map_err(|TooMany| Fault::TooMany)?;
    Ok(axum::Json(given.ok_or(Fault::SignInFirst)?).into_response())
}

/// The relay for a live page's root element, as JSON; empty where there is none, and for a session that asks too often.
pub(super) fn relays_of(edge: &Edge, actor: &Actor) -> String {
    let given =
        edge.relays.as_ref().and_then(|relays| relays.for_session(actor, edge.desk.now()).ok().flatten());
    given.and_then(|given| serde_json::to_string(&given).ok()).unwrap_or_default()
}

/// Who asks: an address of IPv4, or what one subscriber has in IPv6.
pub(super) fn neighbour(from: Option<Extension<ConnectInfo<SocketAddr>>>) -> IpAddr {
    let from = from.map(|Extension(ConnectInfo(from))| from.ip().to_canonical());
    match from.unwrap_or(Ipv6Addr::UNSPECIFIED.into()) {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}
