//! Webhooks: where an event may be sent, and what it says. Pure: which addresses a name has is not known here.
//!
//! An event holds ids, states and times. It never holds a name, a number or a subject.

use std::fmt::Write;

use jiff::Timestamp;

use crate::diary::{AppointmentState, Channel, Slot};
use crate::id::{AppointmentId, PostId};

/// Longest address of a listener, in bytes.
pub const URL_BYTES_MAX: usize = 500;

/// How a listener is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTPS, as everywhere.
    Secure,
    /// HTTP, for a listener on this machine in a demonstration only.
    Plain,
}

/// Why an address is none for a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `https://` nor `http://`.
    #[error("the address must begin with https://")]
    Scheme,
    /// Longer than [`URL_BYTES_MAX`].
    #[error("the address is longer than {URL_BYTES_MAX} bytes")]
    TooLong,
    /// A blank, a control, or a letter outside ASCII.
    #[error("the address has a character that no address has")]
    Character,
    /// A name and password before the host, or a part after `#`.
    #[error("the address must hold neither a password nor a #")]
    Extra,
    /// No host, or none that can be one.
    #[error("the address names no host")]
    Host,
    /// A port that is none.
    #[error("the port must be a number from 1 to 65535")]
    Port,
}

/// The address of a listener. Invariant: ASCII, a host and a port, no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookUrl {
    text: String,
    scheme: Scheme,
    host: String,
    port: u16,
    target: String,
}

impl HookUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > URL_BYTES_MAX {
            return Err(UrlError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['\\', '"', '<', '>']) {
            return Err(UrlError::Character);
        }
        let (scheme, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (Scheme::Secure, rest),
            (_, Some(rest)) => (Scheme::Plain, rest),
            _ => return Err(UrlError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') || target.contains('#') {
            return Err(UrlError::Extra);
        }
        let (host, port) = host_and_port(authority, scheme)?;
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        Ok(Self { text: text.to_owned(), scheme, host: host.to_ascii_lowercase(), port, target })
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How it is spoken to.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// A name, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Host and port as in the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.scheme, self.port) {
            (Scheme::Secure, 443) | (Scheme::Plain, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

fn host_and_port(authority: &str, scheme: Scheme) -> Result<(&str, u16), UrlError> {
    let usual = if scheme == Scheme::Secure { 443 } else { 80 };
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(UrlError::Host)?;
        let port = if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or(UrlError::Port)?) };
        (host.parse::<core::net::Ipv6Addr>().map(|_| host).map_err(|_| UrlError::Host)?, port)
    } else {
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        if host.is_empty() || host.len() > 253 || !host.bytes().all(is_name) {
            return Err(UrlError::Host);
        }
        (host, port)
    };
    let port = port.map_or(Ok(usual), |port| port.parse().map_err(|_| UrlError::Port))?;
    if port == 0 { Err(UrlError::Port) } else { Ok((host, port)) }
}

/// What has come of an appointment.
#[derive(Debug, Clone)]
pub struct Event {
    /// The appointment.
    pub appointment: AppointmentId,
    /// Its post.
    pub post: PostId,
    /// The number that people say.
    pub reference: String,
    /// Where it stands now.
    pub state: AppointmentState,
    /// When they meet.
    pub slot: Slot,
    /// How they meet.
    pub channel: Channel,
    /// SEQUENCE of its invitation: rises when the time changes.
    pub sequence: u32,
    /// When it happened.
    pub at: Timestamp,
}

impl Event {
    /// The body that is sent and signed. Source: Standard Webhooks, payload structure.
    #[must_use]
    pub fn body(&self) -> String {
        // Codes, ids, references and times are ASCII without quotes; nothing that a person wrote stands here.
        let state = self.state.code();
        let mut out = format!("{{\"type\":\"appointment.{state}\",\"timestamp\":\"{}\",\"data\":{{", self.at);
        let data = [
            ("appointment", self.appointment.as_str()),
            ("post", self.post.as_str()),
            ("reference", &self.reference),
            ("state", state),
            ("start", &self.slot.start().to_string()),
            ("end", &self.slot.end().to_string()),
            ("channel", self.channel.code()),
        ];
        for (name, value) in data {
            write!(out, "\"{name}\":\"{value}\",").expect("a string takes what is written to it");
        }
        write!(out, "\"sequence\":{}}}}}", self.sequence).expect("a string takes what is written to it");
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn an_address_is_taken_apart_once() {
        let url = HookUrl::parse("https://Hooks.Example.in/a/b?c=d").unwrap();
        assert_eq!((url.scheme(), url.host(), url.port()), (Scheme::Secure, "hooks.example.in", 443));
        assert_eq!((url.target(), url.authority().as_str()), ("/a/b?c=d", "hooks.example.in"));
        let url = HookUrl::parse("http://[::1]:8080").unwrap();
        assert_eq!((url.scheme(), url.host(), url.port()), (Scheme::Plain, "::1", 8080));
        assert_eq!((url.target(), url.authority().as_str()), ("/", "[::1]:8080"));
        assert_eq!(HookUrl::parse("https://a.in?x").unwrap().target(), "/?x");
    }

    #[test]
    fn what_is_no_listeners_address_is_refused() {
        for (text, why) in [
            ("", UrlError::Scheme),
            ("ftp://a.in/", UrlError::Scheme),
            ("file:///etc/passwd", UrlError::Scheme),
            ("//a.in/", UrlError::Scheme),
            ("https://", UrlError::Host),
            ("https:///a", UrlError::Host),
            ("https://user:word@a.in/", UrlError::Extra),
            ("https://a.in@10.0.0.1/", UrlError::Extra),
            ("https://a.in/#x", UrlError::Extra),
            ("https://a.in:0/", UrlError::Port),
            ("https://a.in:65536/", UrlError::Port),
            ("https://a.in:80:80/", UrlError::Port),
            ("https://[::1/", UrlError::Host),
            ("https://[::1]x/", UrlError::Port),
            ("https://[fe80::1%25eth0]/", UrlError::Host),
            ("https://a_b.in/", UrlError::Host),
            ("https://a.in/ b", UrlError::Character),
            ("https://a.in/\r\nX: y", UrlError::Character),
            ("https://a.in\\@10.0.0.1/", UrlError::Character),
            ("https://अ.in/", UrlError::Character),
        ] {
            assert_eq!(HookUrl::parse(text), Err(why), "{text}");
        }
        assert_eq!(HookUrl::parse(&format!("https://a.in/{}", "a".repeat(500))), Err(UrlError::TooLong));
    }

    #[test]
    fn an_event_tells_ids_states_and_times() {
        let at: Timestamp = "2026-11-24T05:45:00Z".parse().unwrap();
        let event = Event {
            appointment: AppointmentId::parse("a1").unwrap(),
            post: PostId::parse("sec-hlt").unwrap(),
            reference: "ES26-004217".into(),
            state: AppointmentState::Confirmed,
            slot: Slot::starting(at, 15).unwrap(),
            channel: Channel::InPerson,
            sequence: 2,
            at,
        };
        let told: serde_json::Value = serde_json::from_str(&event.body()).unwrap();
        assert_eq!(
            told,
            serde_json::json!({"type": "appointment.confirmed", "timestamp": "2026-11-24T05:45:00Z", "data": {
                "appointment": "a1", "post": "sec-hlt", "reference": "ES26-004217", "state": "confirmed",
                "start": "2026-11-24T05:45:00Z", "end": "2026-11-24T06:00:00Z", "channel": "in_person",
                "sequence": 2}})
        );
    }
}
