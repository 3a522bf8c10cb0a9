//! A browser without scripts: follows redirects by hand, keeps cookies, fills forms. Speaks to the router in process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use domain::diary::Slot;
use domain::id::AppointmentId;
use regex::Regex;
use sachivalaya::app::queue::Boards;
use sachivalaya::app::relays::{RelayPlace, Relays};
use sachivalaya::app::{book, hold, screen, session, sign_in};
use sachivalaya::http::{Edge, EdgeParts, routes};
use sachivalaya::store::staff;
use tower::util::ServiceExt;

use crate::house::{House, details, post_id, wish};

/// The host that the browser believes to speak to.
pub const HOST: &str = "es.example.in";

/// A relay that only hands out credentials.
fn relays() -> Relays {
    let place = RelayPlace { host: HOST.to_owned(), media_port: 3478, https_port: Some(443) };
    Relays::new(&place, [7; 32])
}

/// The whole edge over the house's use cases.
pub fn edge(house: &House) -> Edge {
    Edge::new(EdgeParts {
        desk: house.desk.clone(),
        figures: Arc::new(|| "up 1\n".to_owned()),
        live: None,
        boards: Boards::new(house.desk.clone()),
        relays: Some(relays()),
        checks: None,
        media_port: Some(3478),
        https_port: Some(443),
        metrics_token: Some("of-the-monitor-alone".into()),
    })
}

/// A page as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// Bytes on the wire.
    pub bytes: usize,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The first thing that the pattern's group catches.
    pub fn find(&self, pattern: &str) -> String {
        self.all(pattern).into_iter().next().unwrap_or_else(|| panic!("no {pattern} in {}", self.text))
    }

    /// All that the pattern's group catches.
    pub fn all(&self, pattern: &str) -> Vec<String> {
        Regex::new(pattern).unwrap().captures_iter(&self.text).map(|found| found[1].to_owned()).collect()
    }

    /// The page says this.
    pub fn says(&self, text: &str) {
        assert!(self.text.contains(text), "«{text}» is not in:\n{}", self.text);
    }

    /// The page does not say this.
    pub fn never_says(&self, text: &str) {
        assert!(!self.text.contains(text), "«{text}» is in:\n{}", self.text);
    }
}

/// One device.
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A fresh device.
    pub fn new(house: &House) -> Self {
        Self { router: routes::router(&edge(house), Router::new()), cookies: BTreeMap::new() }
    }

    /// A fresh device at the edge of a live house.
    pub fn at(edge: &Edge) -> Self {
        Self { router: routes::router(edge, Router::new()), cookies: BTreeMap::new() }
    }

    /// A device that shows this session.
    pub fn with_session(house: &House, token: &str) -> Self {
        let mut browser = Self::new(house);
        browser.cookies.insert("es".into(), token.into());
        browser
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form of this host's page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = Request::post(path)
            .header(header::ORIGIN, format!("https://{HOST}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")));
        self.send(request.unwrap()).await
    }

    /// Any method, with nothing in it.
    pub async fn ask(&mut self, method: &Method, path: &str) -> Answer {
        if path.starts_with("/api/") {
            return self.call(method, path, &serde_json::json!({})).await;
        }
        if *method == Method::POST {
            return self.post(path, &[]).await;
        }
        self.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    /// Asks as a program does: JSON, and the session as a bearer token.
    pub async fn call(&mut self, method: &Method, path: &str, body: &serde_json::Value) -> Answer {
        self.call_with(method, path, (body, &[])).await
    }

    /// Reads as a program does.
    pub async fn get_as_program(&mut self, path: &str) -> Answer {
        self.call(&Method::GET, path, &serde_json::Value::Null).await
    }

    /// The same with headers of its own.
    pub async fn call_with(
        &mut self,
        method: &Method,
        path: &str,
        (body, headers): (&serde_json::Value, &[(&str, &str)]),
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(session) = self.cookies.get("es") {
            request = request.header(header::AUTHORIZATION, format!("Bearer {session}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if *method == Method::GET {
            return self.send(request.body(Body::empty()).unwrap()).await;
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends any request, with this device's cookies.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(HOST.parse().unwrap());
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            }
        }
        let is_endless =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if is_endless { Body::empty() } else { body };
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text, bytes: bytes.len() }
    }
}

impl House {
    /// A one-time sign-in link for whoever holds `post`: its token.
    pub async fn sign_in_link(&self, post: &str) -> String {
        let mut connection = self.desk.store.read().await.unwrap();
        let user = staff::by_login(&mut connection, post).await.unwrap().unwrap().id;
        drop(connection);
        sign_in::print_link(&self.desk, &user, &post_id(post)).await.unwrap()
    }

    /// The cookie of whoever holds `post`, signed in.
    pub async fn cookie(&self, post: &str) -> String {
        let token = self.sign_in_link(post).await;
        sign_in::by_link(&self.desk, &token).await.unwrap().cookie
    }

    /// A fresh device books this time to the end: slip's token, appointment, cookie.
    pub async fn books_with_cookie(&self, post: &str, slot: Slot) -> (String, AppointmentId, String) {
        // The newest code must be this one: two of the same instant have no order.
        self.desk.clock.advance(Duration::from_secs(1));
        let held = hold::hold(&self.desk, wish(post, slot)).await.unwrap();
        let cookie = held.cookie.unwrap();
        let actor = session::actor(&self.desk, Some(&cookie)).await.unwrap();
        book::give_details(&self.desk, &actor, &held.appointment, &details()).await.unwrap();
        let code = self.last_code().await;
        let booked = book::confirm(&self.desk, &actor, &held.appointment, &code).await.unwrap();
        (booked.slip_token, held.appointment, cookie)
    }

    /// The secretary of the Health Minister accepts: the meeting's id.
    pub async fn accepts(&self, appointment: &AppointmentId) -> String {
        let secretary = self.staff("ps-hlt").await;
        screen::accept(&self.desk, &secretary, appointment).await.unwrap();
        let list = screen::worklist(&self.desk, &secretary, &post_id("min-hlt")).await.unwrap();
        let cards = list.today.into_iter().chain(list.upcoming);
        let meeting = cards.filter(|card| card.appointment == *appointment).find_map(|card| card.meeting);
        meeting.expect("an accepted video appointment has a meeting").to_string()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
