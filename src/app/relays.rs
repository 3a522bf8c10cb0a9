//! Where a browser finds the relay, and the credentials that let it in for ten minutes.
//!
//! The relay leads to this house's own media and nowhere else, so credentials are no secret of value; they keep strangers
//! from costing it work. They are made of a key and the time, and nothing is stored.

use std::net::IpAddr;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::pace::{Pace, Paces};
use crate::auth::Actor;
use crate::limits;

/// Where the relay is reached from outside.
#[derive(Debug, Clone)]
pub struct RelayPlace {
    /// Name or address; one of IPv6 in brackets.
    pub host: String,
    /// Port of UDP and TCP.
    pub media_port: u16,
    /// Port of TLS.
    pub https_port: Option<u16>,
}

impl RelayPlace {
    fn urls(&self) -> Vec<String> {
        let RelayPlace { host, media_port, https_port } = self;
        let plain = ["udp", "tcp"].map(|way| format!("turn:{host}:{media_port}?transport={way}"));
        let hidden = https_port.map(|port| format!("turns:{host}:{port}?transport=tcp"));
        plain.into_iter().chain(hidden).collect()
    }
}

/// The relay as a page hands it to its browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relay {
    /// Its addresses: UDP, TCP, TLS.
    pub urls: Vec<String>,
    /// Who asks, and until when.
    pub username: String,
    /// What proves it.
    pub credential: String,
    /// Unix seconds after which they let nobody in any more.
    pub expires: i64,
}

/// Gives credentials. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Relays(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    secret: [u8; 32],
    urls: Vec<String>,
    sessions: Paces<String>,
    addresses: Paces<IpAddr>,
}

/// Too many credentials were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many credentials were given as one needs")]
pub struct TooMany;

impl Relays {
    /// The relay at this place, with the key of its credentials.
    #[must_use]
    pub fn new(place: &RelayPlace, secret: [u8; 32]) -> Relays {
        let pace = |askers_max| Pace {
            burst: limits::RELAY_CREDENTIALS_BURST,
            a_minute: limits::RELAY_CREDENTIALS_A_MINUTE,
            askers_max,
        };
        Relays(Arc::new(Inner {
            secret,
            urls: place.urls(),
            sessions: Paces::new(pace(limits::RELAY_SESSIONS_MAX)),
            addresses: Paces::new(pace(limits::CHECK_ADDRESSES_MAX)),
        }))
    }

    /// Credentials for a session; nobody without one has any.
    ///
    /// # Errors
    /// [`TooMany`] for one session.
    pub fn for_session(&self, actor: &Actor, now: Timestamp) -> Result<Option<Relay>, TooMany> {
        let session = match actor {
            Actor::Citizen { session, .. } => session,
            Actor::Staff(staff) => &staff.session,
            Actor::Terminal(terminal) => &terminal.session,
            Actor::Anyone => return Ok(None),
        };
        // On the wire and in logs of the relay stands nothing by which anybody could find the session.
        let name = HEXLOWER.encode(&Sha256::digest(session.as_str().as_bytes())[..8]);
        if self.0.sessions.lets(name.clone(), now) { Ok(Some(self.until(&name, now))) } else { Err(TooMany) }
    }

    /// Credentials for somebody who tries his path.
    ///
    /// # Errors
    /// [`TooMany`] for one address.
    pub fn for_check(&self, from: IpAddr, now: Timestamp) -> Result<Relay, TooMany> {
        if self.0.addresses.lets(from, now) { Ok(self.until("check", now)) } else { Err(TooMany) }
    }

    fn until(&self, name: &str, now: Timestamp) -> Relay {
        let expires = (now + SignedDuration::from_mins(limits::RELAY_CREDENTIALS_MINUTES)).as_second();
        let until = u64::try_from(expires).expect("the clock is after 1970");
        let (username, credential) = media::relay_credentials(&self.0.secret, name, until);
        Relay { urls: self.0.urls.clone(), username, credential, expires }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::SessionId;

    fn citizen(session: &str) -> Actor {
        Actor::Citizen {
            session: SessionId::parse(session).expect("an id"),
            appointments: Vec::new(),
            invites: Vec::new(),
        }
    }

    fn relays() -> Relays {
        let place = RelayPlace { host: "es.example.in".to_owned(), media_port: 3478, https_port: Some(443) };
        Relays::new(&place, [7; 32])
    }

    #[test]
    fn a_session_gets_credentials_for_ten_minutes_that_do_not_name_it() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let given =
            relays().for_session(&citizen("s1secret"), now).expect("not too many").expect("a session");
        assert_eq!(given.expires, 1_800_000_600);
        assert!(given.username.starts_with("1800000600:") && !given.username.contains("s1secret"));
        let urls = [
            "turn:es.example.in:3478?transport=udp",
            "turn:es.example.in:3478?transport=tcp",
            "turns:es.example.in:443?transport=tcp",
        ];
        assert_eq!(given.urls, urls);
        assert_eq!(relays().for_session(&Actor::Anyone, now), Ok(None));
    }

    #[test]
    fn one_session_that_asks_without_end_is_stopped_and_another_is_not() {
        let (relays, now) = (relays(), Timestamp::UNIX_EPOCH);
        let asked = (0..1_000).map(|_| relays.for_session(&citizen("s1"), now));
        let given = asked.take_while(Result::is_ok).count();
        assert_eq!(given, limits::RELAY_CREDENTIALS_BURST as usize);
        assert!(relays.for_session(&citizen("s2"), now).is_ok());
    }
}
