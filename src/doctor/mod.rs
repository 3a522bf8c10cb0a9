//! The doctor: tries every way to a running server from where it stands, as a client would, and says in plain words what
//! works, what does not, and who can mend it.
//!
//! Knows the server by its address alone, like anybody outside. Holds no word itself; they are in `web/locales`.

mod ask;
mod bridge;
mod way;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use domain::notice::Language;

use crate::i18n::Words;
use ask::{Ask, Trust};
use way::{Answered, Way};

/// What is looked at, in the order in which a meeting would need it.
const WAYS: [(&str, Way); 6] = [
    ("udp", Way::Udp),
    ("tcp", Way::Tcp),
    ("relay-udp", Way::RelayUdp),
    ("relay-tcp", Way::RelayTcp),
    ("relay-tls", Way::RelayTls),
    ("ipv6", Way::Ipv6),
];

/// What the doctor is asked.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Where the server is: `https://es.example.in`.
    pub url: String,
    /// Whether a certificate that nobody vouches for is good enough.
    pub certificate: Certificate,
    /// In which language the report is written.
    pub language: Language,
}

/// How the server's certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// As browsers do.
    MustBeTrusted,
    /// Any will do: a demo's is self-made.
    Any,
}

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It works; for ways of media with the round trip.
    Good(Option<Duration>),
    /// It does not.
    Bad,
    /// There is none, and nobody needs it.
    None,
}

/// All that was found.
#[derive(Debug, Clone)]
pub struct Report {
    /// Name of the thing and how it stands.
    pub lines: Vec<(&'static str, State)>,
    host: String,
    media_port: Option<u16>,
    language: Language,
}

/// The address is none, so nothing could be tried.
#[derive(Debug, thiserror::Error)]
#[error("the address must be like https://es.example.in: {0}")]
pub struct NoAddress(String);

/// Tries everything.
///
/// # Errors
/// [`NoAddress`] alone: whatever else fails stands in the report.
pub async fn examine(wish: &Wish) -> Result<Report, NoAddress> {
    let trust = match wish.certificate {
        Certificate::MustBeTrusted => Trust::Known,
        Certificate::Any => Trust::Any,
    };
    let ask = Ask::new(&wish.url, trust).ok_or_else(|| NoAddress(wish.url.clone()))?;
    let mut report =
        Report { lines: Vec::new(), host: ask.host().to_owned(), media_port: None, language: wish.language };
    let is_there = matches!(ask.get("/healthz").await, Ok((200, _)));
    report.lines.push(("https", if is_there { State::Good(None) } else { State::Bad }));
    let has_socket = is_there && matches!(ask.opens_socket("/signal").await, Ok(true));
    report.lines.push(("socket", if has_socket { State::Good(None) } else { State::Bad }));
    let relay = ask.relay().await.ok();
    for (name, way) in WAYS {
        let state = if is_there { of_way(&ask, way, relay.as_ref(), &mut report).await } else { State::Bad };
        report.lines.push((name, state));
    }
    Ok(report)
}

async fn of_way(ask: &Ask, way: Way, relay: Option<&ask::Relay>, report: &mut Report) -> State {
    match way::open(ask, way, relay).await {
        Ok(Answered::Open { round_trip, server }) => {
            report.learn(way, server);
            State::Good(Some(round_trip))
        }
        Ok(Answered::Silent { server }) => {
            report.learn(way, server);
            // An address of IPv6 may be missing on either side, and nobody misses it.
            if way == Way::Ipv6 { State::None } else { State::Bad }
        }
        Ok(Answered::NoSuchWay) => State::None,
        Err(error) => {
            tracing::debug!(%error, ?way, "a way could not be tried");
            State::Bad
        }
    }
}

impl Report {
    /// The port that somebody may have to open stands in the server's own answer.
    fn learn(&mut self, way: Way, server: SocketAddr) {
        if way == Way::Udp {
            self.media_port = Some(server.port());
        }
    }

    /// How a thing stands.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.lines.iter().find(|(line, _)| *line == name).map(|(_, state)| state)
    }

    fn works(&self, name: &str) -> bool {
        matches!(self.state(name), Some(State::Good(_)))
    }

    /// Whether a meeting can be held from here: pages, the socket, and one way for media.
    #[must_use]
    pub fn can_meet(&self) -> bool {
        self.works("https") && self.works("socket") && WAYS.iter().any(|(name, _)| self.works(name))
    }

    /// A line for each thing, and what comes of it.
    #[must_use]
    pub fn as_words(&self) -> String {
        let words = Words::of(self.language);
        let port = self.media_port.map_or_else(|| "3478".to_owned(), |port| port.to_string());
        let values = [("host", self.host.as_str()), ("port", port.as_str())];
        let mut lines: Vec<String> = self
            .lines
            .iter()
            .map(|(name, state)| {
                let (mark, code) = match state {
                    State::Good(_) => ("✓", "good"),
                    State::Bad => ("✗", "bad"),
                    State::None => ("–", "none"),
                };
                let trip = match state {
                    State::Good(Some(trip)) => {
                        let ms = format!("{:.1}", trip.as_secs_f64() * 1_000.0);
                        format!(" ({})", words.with("doctor-trip", &[("ms", ms.as_str())]))
                    }
                    _ => String::new(),
                };
                let said = words.with(&format!("doctor-{name}-{code}"), &values);
                format!("{mark} {}{trip}: {said}", words.t(&format!("doctor-{name}")))
            })
            .collect();
        let verdict = match (self.can_meet(), self.works("udp")) {
            (true, true) => "doctor-verdict-good",
            (true, false) => "doctor-verdict-detour",
            (false, _) => "doctor-verdict-bad",
        };
        lines.push(String::new());
        lines.push(words.with(verdict, &values));
        lines.join("\n")
    }
}

/// The address of this machine from which `there` is reached.
async fn address_towards(there: SocketAddr) -> std::io::Result<IpAddr> {
    let any: SocketAddr = if there.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 8], 0).into() };
    let socket = tokio::net::UdpSocket::bind(any).await?;
    // Nothing is sent: the system only looks up the way.
    socket.connect(there).await?;
    Ok(socket.local_addr()?.ip())
}
