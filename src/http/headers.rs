//! What every answer carries, and which requests are turned away before anybody looks at them.
//!
//! Security headers, the check of where a POST comes from, and the person's language. Nothing here knows a session.

use std::hash::{DefaultHasher, Hasher};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::notice::Language;
use signaling::value::ResumeToken;

use super::Edge;
use super::error::Fault;
use crate::app::session;
use crate::limits;

/// Nothing is loaded from another host, no inline script or style runs, nobody frames us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self'; script-src 'self'; \
    connect-src 'self' wss: ws:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Paths that a shared telephone must not keep: they show a person's matter.
const PRIVATE: &[&str] = &[
    "/book/",
    "/hold",
    "/s/",
    "/j/",
    "/mine",
    "/desk",
    "/dial/",
    "/queue",
    "/gate",
    "/draws",
    "/g/",
    "/counter",
    "/sign-in",
    "/sign-out",
    "/meeting/",
    "/i/",
    "/hearing",
    "/outbox",
    "/chamber",
    "/kiosk",
    "/terminals",
    "/phone",
    "/hall",
    "/board",
    "/mesh/",
    "/relays",
    "/check/",
    "/whip/",
    "/whep/",
    "/api/v1/holds",
    "/api/v1/appointments",
    "/api/v1/desk",
    "/api/v1/meetings",
    "/api/v1/queue",
    "/api/v1/sessions",
];

/// Middleware: puts the security headers on every answer.
pub async fn secure(request: Request, next: Next) -> Response {
    let is_private = PRIVATE.iter().any(|start| request.uri().path().starts_with(start));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let always = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Links are secrets: other sites never see them. (`no-referrer` would also hide the origin of our own forms.)
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(self), microphone=(self), geolocation=()"),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        let keep = if is_private { "no-store" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    }
    response
}

/// Middleware: a request that changes something must come from a page of this host.
///
/// Browsers send `Origin` with every POST. A client without it carries no cookie by accident, so it may pass
/// unless `Sec-Fetch-Site` says that another site sent it.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || comes_from_here(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    Fault::CrossSite.into_response()
}

/// Whether the sender's origin is this host.
#[must_use]
pub fn comes_from_here(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    match text(header::ORIGIN) {
        Some(origin) => {
            let host = text(header::HOST).or_else(|| uri.authority().map(|authority| authority.as_str()));
            let from = origin.split_once("://").map(|(_, host)| host);
            from.is_some() && from == host
        }
        None => matches!(
            text(header::HeaderName::from_static("sec-fetch-site")),
            None | Some("same-origin" | "none")
        ),
    }
}

/// Pages that are the same for everybody: only the address says their language, and they set no cookie.
const FOR_ALL: &[&str] = &["/meet", "/list"];

/// Whether a page is one of these, or below one of them: `/meeting` is not below `/meet`.
fn is_for_all(path: &str) -> bool {
    let below =
        |start: &&str| path.strip_prefix(*start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    FOR_ALL.iter().any(below)
}

/// The person has chosen the language of the request, now or before: no page begins in another.
#[derive(Debug, Clone, Copy)]
pub struct Chosen;

/// Middleware: `?lang=` chooses the language and is remembered; otherwise the cookie; otherwise Hindi.
pub async fn language(mut request: Request, next: Next) -> Response {
    let chosen = chosen_language(request.uri());
    if is_for_all(request.uri().path()) {
        request.extensions_mut().insert(chosen.unwrap_or_default());
        return next.run(request).await;
    }
    let known = chosen.or_else(|| remembered_language(request.headers()));
    request.extensions_mut().insert(known.unwrap_or_default());
    if known.is_some() {
        request.extensions_mut().insert(Chosen);
    }
    let mut response = next.run(request).await;
    if let Some(language) = chosen {
        let cookie = format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax", language.code());
        let cookie = HeaderValue::from_str(&cookie).expect("a language code is ASCII");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn chosen_language(uri: &Uri) -> Option<Language> {
    uri.query()?.split('&').find_map(|pair| Language::from_code(pair.strip_prefix("lang=")?))
}

fn remembered_language(headers: &HeaderMap) -> Option<Language> {
    cookie(headers, "lang").and_then(|code| Language::from_code(&code))
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's name in any case.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whether the asker has this version (weak comparison, RFC 9110 §13.1.2).
#[must_use]
pub fn has_version(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let lines = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

/// The version of a text, as an `ETag`. Weak, because the compressed text has the same.
#[must_use]
pub fn version_of(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The value of a cookie of this request.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(cookie::Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// `response` with the session's cookie: out of reach of scripts, not sent along by other sites' forms.
#[must_use]
pub fn with_session(mut response: Response, token: &str, edge: &Edge) -> Response {
    let secure = if edge.is_https() { "; Secure" } else { "" };
    let days = limits::CITIZEN_SESSION_DAYS;
    let age = days * 24 * 60 * 60;
    let line = format!("{}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", session::COOKIE);
    let line = HeaderValue::from_str(&line).expect("a session's token is ASCII");
    response.headers_mut().append(header::SET_COOKIE, line);
    response
}

/// The cookie that holds the token of a meeting's place; it goes to the meeting's own address alone.
pub const PLACE: &str = "place";

/// `response` with the token of the place that its page shows, so that the page can be loaded again while the database is
/// away. Gone with the browser's session; the token ends by itself.
#[must_use]
pub fn with_place(mut response: Response, (path, token): (&str, &ResumeToken), edge: &Edge) -> Response {
    let secure = if edge.is_https() { "; Secure" } else { "" };
    let line = format!("{PLACE}={}; Path={path}; HttpOnly; SameSite=Lax{secure}", token.as_str());
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// `response` with the session's cookie taken away.
#[must_use]
pub fn without_session(mut response: Response) -> Response {
    let line = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", session::COOKIE);
    let line = HeaderValue::from_str(&line).expect("a cookie's name is ASCII");
    response.headers_mut().append(header::SET_COOKIE, line);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_post_of_another_site_does_not_come_from_here() {
        let uri = Uri::from_static("/hold");
        let here = |pairs: &[(&'static str, &'static str)]| comes_from_here(&headers(pairs), &uri);
        assert!(here(&[("host", "es.example.in"), ("origin", "https://es.example.in")]));
        assert!(here(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")]));
        assert!(here(&[("host", "es.example.in")]));
        assert!(!here(&[("host", "es.example.in"), ("origin", "https://evil.example")]));
        assert!(!here(&[("host", "es.example.in"), ("origin", "https://es.example.in.evil.example")]));
        assert!(!here(&[("host", "es.example.in"), ("origin", "null")]));
        assert!(!here(&[("host", "es.example.in"), ("sec-fetch-site", "cross-site")]));
        assert!(!here(&[("origin", "https://es.example.in")]));
    }

    #[test]
    fn only_the_public_face_forgets_the_language_that_was_chosen() {
        assert!(["/meet", "/meet/hlt", "/list/sec-hlt"].into_iter().all(is_for_all));
        assert!(!["/", "/meeting/m1", "/listen", "/desk"].into_iter().any(is_for_all));
    }

    #[test]
    fn the_address_wins_over_the_cookie_and_nonsense_over_neither() {
        assert_eq!(chosen_language(&Uri::from_static("/?lang=en")), Some(Language::English));
        assert_eq!(chosen_language(&Uri::from_static("/?lang=xx")), None);
        assert_eq!(remembered_language(&headers(&[("cookie", "a=b; lang=en")])), Some(Language::English));
    }
}
