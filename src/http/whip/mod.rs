//! WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): standard encoders publish into a meeting, standard players play it.
//!
//! A request is let in by its pass, never by a cookie. What it may do is decided in `auth` and `app::live`; here are
//! headers, bodies and their bounds.

mod fragment;

use axum::body::Bytes;
use axum::extract::{Extension, Path, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::{MeetingId, OutsideId};
use signaling::value::{Id, Sdp};

use self::fragment::Fragment;
use super::Edge;
use super::error::{self, Fault};
use super::headers::bearer;
use crate::app::live::Live;
use crate::app::live::outside::{IfMatch, OutsideError, Reply};
use crate::auth::Actor;
use crate::auth::pass::{Pass, PassError, Right};
use crate::auth::policy::{Act, Object, allows};

/// Where a publisher comes.
pub const PUBLISH: &str = "/whip/{meeting}";
/// One publisher's connection.
pub const PUBLISHER: &str = "/whip/{meeting}/{client}";
/// Where a player comes.
pub const PLAY: &str = "/whep/{meeting}";
/// One player's connection.
pub const PLAYER: &str = "/whep/{meeting}/{client}";

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// What those inside know the client by, for `?participant=`.
const PARTICIPANT: HeaderName = HeaderName::from_static("participant");

/// Middleware of one route: lets a request through if its pass is good, is for this meeting, and the policy allows
/// `act` with it. Whoever passes finds the [`Pass`] among the request's extensions.
pub async fn gate(
    State((edge, act)): State<(Edge, Act)>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    match shown_pass(&edge, act, &params, request.headers()) {
        Ok(pass) => {
            request.extensions_mut().insert(pass);
            next.run(request).await
        }
        Err(fault) => fault.into_response(),
    }
}

fn shown_pass(edge: &Edge, act: Act, params: &RawPathParams, headers: &HeaderMap) -> Result<Pass, Fault> {
    let token = bearer(headers).ok_or(Fault::PassNeeded)?;
    let pass = Pass::read(token, &edge.desk.settings.link_key, edge.desk.now());
    let pass = pass.map_err(|(PassError::Foreign | PassError::Expired)| Fault::PassRefused)?;
    let named = params.iter().find(|(name, _)| *name == "meeting").map(|(_, value)| value);
    let meeting = named.and_then(|named| MeetingId::parse(named).ok()).ok_or(Fault::NotFound)?;
    if pass.meeting != meeting || allows(&Actor::Anyone, act, &Object::Pass(pass.may)).is_err() {
        return Err(Fault::PassForOther);
    }
    Ok(pass)
}

/// Middleware: pages of every host may ask and read, because nothing is let in but by a pass that they must have.
pub async fn for_any_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let readable = "Location, ETag, Accept-Patch, Accept-Post, Participant, Retry-After, WWW-Authenticate";
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(readable));
    response
}

/// `OPTIONS`: what there is, and what a page of another host may ask (RFC 9725 §4.2).
pub async fn ask_first(params: RawPathParams) -> Response {
    let is_connection = params.iter().any(|(name, _)| name == "client");
    let (methods, taken, kind) = if is_connection {
        ("OPTIONS, PATCH, DELETE", ACCEPT_PATCH, FRAGMENT)
    } else {
        ("OPTIONS, POST", ACCEPT_POST, SDP)
    };
    let text = HeaderValue::from_static;
    let headers = [
        (header::ALLOW, text(methods)),
        (header::ACCESS_CONTROL_ALLOW_METHODS, text(methods)),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, text("Authorization, Content-Type, If-Match")),
        (header::ACCESS_CONTROL_MAX_AGE, text("600")),
        (taken, text(kind)),
    ];
    headers.into_response()
}

/// `POST`: an offer comes in, an answer goes out, and a connection is made (RFC 9725 §4.2).
pub async fn arrive(
    State(edge): State<Edge>,
    Extension(pass): Extension<Pass>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    if !accepts(&headers, SDP) {
        return Err(Fault::NotAcceptable);
    }
    if !is_kind(&headers, SDP) {
        return Err(Fault::WrongKind);
    }
    let offer = String::from_utf8(body.into()).map_err(|_| Fault::Malformed)?;
    let ufrag = fragment::ufrag(&offer).ok_or(Fault::OfferRefused("offer_ufrag"))?.to_owned();
    let offer = Sdp::try_from(offer).map_err(|_| Fault::TooLarge)?;
    let (only, right, meeting) = (only(&uri)?, pass.may, pass.meeting.clone());
    let arrived = live(&edge)?.arrive(pass, (offer, ufrag), only).await;
    match arrived.map_err(fault)? {
        Reply::Arrived { client, participant, sdp, tag } => {
            let door = match right {
                Right::Publish => "whip",
                Right::Play => "whep",
            };
            let said = [
                (header::CONTENT_TYPE, SDP.to_owned()),
                (header::LOCATION, format!("/{door}/{meeting}/{client}")),
                (header::ETAG, format!("\"{tag}\"")),
                (ACCEPT_PATCH, FRAGMENT.to_owned()),
                (PARTICIPANT, participant.to_string()),
            ];
            Ok(error::created(written(said), sdp))
        }
        other => Err(Fault::internal(OutOfPlace(other))),
    }
}

/// `PATCH`: candidates, or another ICE name (RFC 9725 §4.3).
pub async fn patch(
    State(edge): State<Edge>,
    Extension(pass): Extension<Pass>,
    Path((_, client)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    if !is_kind(&headers, FRAGMENT) {
        return Err(Fault::WrongKind);
    }
    let client = OutsideId::parse(&client).map_err(|_| Fault::NotFound)?;
    let tag = if_match(&headers)?.ok_or(Fault::TagNeeded)?;
    let fragment = Fragment::read(&body)?;
    let reply = live(&edge)?.patch((client, pass.id), tag, fragment.ufrag).await.map_err(fault)?;
    match reply {
        Reply::Heard => Ok(error::nothing_to_say()),
        Reply::Restarted { ufrag, password, tag } => {
            let said = [(header::CONTENT_TYPE, FRAGMENT.to_owned()), (header::ETAG, format!("\"{tag}\""))];
            Ok((written(said), fragment::write(&ufrag, &password)).into_response())
        }
        other => Err(Fault::internal(OutOfPlace(other))),
    }
}

/// `DELETE`: the connection ends (RFC 9725 §4.2). A tag does not matter here.
pub async fn leave(
    State(edge): State<Edge>,
    Extension(pass): Extension<Pass>,
    Path((_, client)): Path<(String, String)>,
) -> Result<(), Fault> {
    let client = OutsideId::parse(&client).map_err(|_| Fault::NotFound)?;
    live(&edge)?.leave_outside(client, pass.id).await.map(drop).map_err(fault)
}

/// A reply to another question than the one that was asked.
#[derive(Debug, thiserror::Error)]
#[error("the live part replied out of place: {0:?}")]
struct OutOfPlace(Reply);

fn live(edge: &Edge) -> Result<&Live, Fault> {
    edge.live.as_ref().ok_or(Fault::Busy)
}

fn fault(error: OutsideError) -> Fault {
    match error {
        OutsideError::UnknownMeeting | OutsideError::UnknownClient => Fault::NotFound,
        OutsideError::Ended => Fault::Gone,
        OutsideError::OutdatedTag => Fault::TagOutdated,
        OutsideError::Restarting | OutsideError::Sealed => Fault::Conflict,
        OutsideError::Full | OutsideError::Busy => Fault::Busy,
        OutsideError::TooFast => Fault::TooMany,
        OutsideError::Offer("offer_too_long") => Fault::TooLarge,
        OutsideError::Offer(reason) => Fault::OfferRefused(reason),
    }
}

fn written<const N: usize>(said: [(HeaderName, String); N]) -> HeaderMap {
    let value = |text: String| HeaderValue::try_from(text).expect("ids, tags and kinds are ASCII");
    said.into_iter().map(|(name, text)| (name, value(text))).collect()
}

/// The one participant that a player wants.
fn only(uri: &Uri) -> Result<Option<Id>, Fault> {
    let named = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("participant="));
    named.map(|named| Id::parse(named).map_err(|_| Fault::Malformed)).transpose()
}

fn is_kind(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    without_parameters(said).eq_ignore_ascii_case(kind)
}

/// Whether `Accept` lets the answer be of this kind; whoever says nothing takes everything (RFC 9110 §12.5.1).
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let mut said = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    let whole = kind.split_once('/').map_or("", |(whole, _)| whole);
    let fits = |one: &str| {
        let one = without_parameters(one);
        one == "*/*" || one.eq_ignore_ascii_case(kind) || one.strip_suffix("/*") == Some(whole)
    };
    said.peek().is_none() || said.flat_map(|line| line.split(',')).any(fits)
}

fn without_parameters(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

/// Which state a request is about. A weak tag names none (RFC 9110 §13.1.1).
fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Fault> {
    let Some(said) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let said = said.to_str().map_err(|_| Fault::Malformed)?.trim();
    if said == "*" {
        return Ok(Some(IfMatch::Any));
    }
    let tag = said.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    Ok(Some(IfMatch::Tag(tag.ok_or(Fault::TagOutdated)?.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_its_scheme() {
        let said = |value| bearer(&headers(header::AUTHORIZATION, value)).map(str::to_owned);
        assert_eq!(said("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(said("bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(said("Basic abc"), None);
        assert_eq!(said("Bearer"), None);
    }

    #[test]
    fn whoever_takes_no_session_description_gets_none() {
        let takes = |value| accepts(&headers(header::ACCEPT, value), SDP);
        for value in ["*/*", "application/sdp", "text/html, application/*;q=0.1", "Application/SDP;q=1"] {
            assert!(takes(value), "{value}");
        }
        for value in ["text/html", "application/json", ""] {
            assert!(!takes(value), "{value}");
        }
        assert!(accepts(&HeaderMap::new(), SDP));
    }

    #[test]
    fn a_tag_is_strong_or_any() {
        let tag = |value| if_match(&headers(header::IF_MATCH, value));
        assert!(matches!(tag("*"), Ok(Some(IfMatch::Any))));
        assert!(matches!(tag("\"x1-0\""), Ok(Some(IfMatch::Tag(tag))) if tag == "x1-0"));
        assert!(matches!(tag("W/\"x1-0\""), Err(Fault::TagOutdated)));
        assert!(matches!(if_match(&HeaderMap::new()), Ok(None)));
    }
}
