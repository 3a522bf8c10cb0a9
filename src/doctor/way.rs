//! One way for media, tried by a client of another make: the `webrtc` crate opens a connection to nobody and waits for its
//! own words to come back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, RTCConfigurationBuilder, RTCIceServer,
    RTCIceTransportPolicy, RTCSessionDescription,
};

use super::address_towards;
use super::ask::{Ask, Relay};
use super::bridge::{self, Bridge, Framing};
use crate::clock::Clock;

/// A way that has not opened by then is no way to hold a meeting on.
const OPEN_MAX: Duration = Duration::from_secs(8);
/// Between two words, until one comes back.
const WORD_EVERY: Duration = Duration::from_millis(250);

/// A way to the media plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Straight, by UDP.
    Udp,
    /// Straight, by TCP (RFC 6544, passive at the server).
    Tcp,
    /// By the relay over UDP.
    RelayUdp,
    /// By the relay over TCP.
    RelayTcp,
    /// By the relay inside TLS, which looks like HTTPS.
    RelayTls,
    /// Straight, by UDP over IPv6.
    Ipv6,
}

/// What came of it.
#[derive(Debug)]
pub enum Answered {
    /// Words came back.
    Open {
        /// There and back.
        round_trip: Duration,
        /// The server's own address.
        server: SocketAddr,
    },
    /// Nothing came back.
    Silent {
        /// The server's own address.
        server: SocketAddr,
    },
    /// The server has no such way, or this machine no address for it.
    NoSuchWay,
}

/// A candidate of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    is_udp: bool,
    address: SocketAddr,
    line: String,
}

/// Tries a way.
///
/// # Errors
/// The server gives no answer, or the client cannot be set up.
pub async fn open(ask: &Ask, way: Way, relay: Option<&Relay>) -> io::Result<Answered> {
    let mut bridge = None;
    let mut configuration = RTCConfigurationBuilder::new();
    let is_relayed = matches!(way, Way::RelayUdp | Way::RelayTcp | Way::RelayTls);
    if is_relayed {
        let Some((relay, place)) = relay.and_then(|relay| Some((relay, place_of(relay, way)?))) else {
            return Ok(Answered::NoSuchWay);
        };
        bridge = bridge_to(ask, way, &place).await?;
        let at =
            bridge.as_ref().map_or(format!("{}:{}", place.0, place.1), |bridge| bridge.address.to_string());
        configuration = configuration
            .with_ice_servers(vec![RTCIceServer {
                urls: vec![format!("turn:{at}?transport=udp")],
                username: relay.username.clone(),
                credential: relay.credential.clone(),
            }])
            .with_ice_transport_policy(RTCIceTransportPolicy::Relay);
    }
    let towards = towards(ask, way, bridge.as_ref()).await?;
    let Ok(local) = address_towards(towards).await else { return Ok(Answered::NoSuchWay) };
    let mut engine = MediaEngine::default();
    engine.register_default_codecs().map_err(io::Error::other)?;
    let connection = PeerConnectionBuilder::new()
        .with_configuration(configuration.build())
        .with_media_engine(engine)
        .with_handler(Arc::new(Quiet))
        .with_udp_addrs(vec![SocketAddr::new(local, 0)])
        .build()
        .await
        .map_err(io::Error::other)?;
    let tried = try_with(&connection, ask, way).await;
    let _ = connection.close().await;
    drop(bridge);
    tried
}

/// Nothing that happens is of interest but the words that come back.
struct Quiet;

impl webrtc::peer_connection::PeerConnectionEventHandler for Quiet {}

/// Where the first datagram of this way goes.
async fn towards(ask: &Ask, way: Way, bridge: Option<&Bridge>) -> io::Result<SocketAddr> {
    if way == Way::Tcp {
        return Ok(([127, 0, 0, 1], 9).into());
    }
    if let Some(bridge) = bridge {
        return Ok(bridge.address);
    }
    let mut found = tokio::net::lookup_host((ask.host(), 9)).await?;
    let fits = |address: &SocketAddr| address.is_ipv6() == (way == Way::Ipv6);
    // A server that is known by its IPv4 address may still tell one of IPv6; any outside address shows the way.
    let outside = SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 9));
    match found.find(fits) {
        Some(address) => Ok(address),
        None if way == Way::Ipv6 => Ok(outside),
        None => Err(io::Error::other("the host has no address of IPv4")),
    }
}

/// Host and port of the relay for this way.
fn place_of(relay: &Relay, way: Way) -> Option<(String, u16)> {
    let (scheme, transport) = match way {
        Way::RelayTls => ("turns:", "tcp"),
        Way::RelayTcp => ("turn:", "tcp"),
        _ => ("turn:", "udp"),
    };
    relay.urls.iter().find_map(|url| {
        let (place, named) = url.strip_prefix(scheme)?.split_once("?transport=")?;
        let (host, port) = place.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (named == transport).then_some((host.to_owned(), port.parse().ok()?))
    })
}

async fn bridge_to(ask: &Ask, way: Way, (host, port): &(String, u16)) -> io::Result<Option<Bridge>> {
    let wire = match way {
        Way::RelayTcp => ask.tcp_to((host.as_str(), *port)).await?,
        Way::RelayTls => ask.tls_to(host, *port).await?,
        _ => return Ok(None),
    };
    bridge::build(wire, Framing::Turn).await.map(Some)
}

async fn try_with(connection: &impl PeerConnection, ask: &Ask, way: Way) -> io::Result<Answered> {
    let channel = connection.create_data_channel("ping", None).await.map_err(io::Error::other)?;
    let offer = connection.create_offer(None).await.map_err(io::Error::other)?;
    connection.set_local_description(offer).await.map_err(io::Error::other)?;
    let offer = connection.local_description().await.ok_or_else(|| io::Error::other("no offer was made"))?;
    let answer = ask.answer(offer.sdp).await?;
    let Some(candidate) = candidates(&answer).into_iter().find(|candidate| fits(candidate, way)) else {
        return Ok(Answered::NoSuchWay);
    };
    let server = candidate.address;
    let bridge = match way {
        Way::Tcp => match ask.tcp_to(server).await {
            Ok(wire) => Some(bridge::build(wire, Framing::Length).await?),
            Err(_) => return Ok(Answered::Silent { server }),
        },
        _ => None,
    };
    let kept = match &bridge {
        Some(bridge) => {
            let at = bridge.address;
            format!("a=candidate:1 1 udp 2130706431 {} {} typ host", at.ip(), at.port())
        }
        None => candidate.line,
    };
    let answer = RTCSessionDescription::answer(with_only(&answer, &kept)).map_err(io::Error::other)?;
    connection.set_remote_description(answer).await.map_err(io::Error::other)?;
    Ok(match tokio::time::timeout(OPEN_MAX, round_trip(channel.as_ref())).await {
        Ok(Some(round_trip)) => Answered::Open { round_trip, server },
        Ok(None) | Err(_) => Answered::Silent { server },
    })
}

/// Waits for the channel, speaks, and waits for the words to come back.
async fn round_trip(channel: &(impl DataChannel + ?Sized)) -> Option<Duration> {
    let clock = Clock::system();
    loop {
        match channel.poll().await? {
            DataChannelEvent::OnOpen => break,
            DataChannelEvent::OnClose => return None,
            _ => {}
        }
    }
    loop {
        let begun = clock.now();
        channel.send(BytesMut::from(&b"ping"[..])).await.ok()?;
        let heard = async {
            loop {
                if let DataChannelEvent::OnMessage(_) = channel.poll().await? {
                    return Some(());
                }
            }
        };
        if let Ok(heard) = tokio::time::timeout(WORD_EVERY, heard).await {
            heard?;
            return Duration::try_from(clock.now().duration_since(begun)).ok();
        }
    }
}

fn fits(candidate: &Candidate, way: Way) -> bool {
    match way {
        Way::Tcp => !candidate.is_udp && candidate.address.is_ipv4(),
        Way::Ipv6 => candidate.is_udp && candidate.address.is_ipv6(),
        _ => candidate.is_udp && candidate.address.is_ipv4(),
    }
}

fn candidates(sdp: &str) -> Vec<Candidate> {
    let lines = sdp.lines().filter(|line| line.starts_with("a=candidate:"));
    let read = |line: &str| {
        let mut parts = line.split(' ').skip(2);
        let is_udp = parts.next()?.eq_ignore_ascii_case("udp");
        let address = SocketAddr::new(parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Candidate { is_udp, address, line: line.to_owned() })
    };
    lines.filter_map(read).collect()
}

/// The answer with one candidate alone.
fn with_only(sdp: &str, kept: &str) -> String {
    let mut is_placed = false;
    let mut lines = Vec::new();
    for line in sdp.lines() {
        if !line.starts_with("a=candidate:") {
            lines.push(line);
        } else if !is_placed {
            is_placed = true;
            lines.push(kept);
        }
    }
    lines.join("\r\n") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host\r\na=candidate:2 1 tcp \
        1520435199 192.0.2.1 443 typ host tcptype passive\r\na=candidate:3 1 udp 1 2001:db8::1 3478 typ host\r\na=end\r\n";

    #[test]
    fn each_way_keeps_its_own_address_of_the_answer() {
        let found = candidates(ANSWER);
        let of = |way| found.iter().find(|one| fits(one, way)).map(|one| one.address.to_string());
        assert_eq!(of(Way::Udp).as_deref(), Some("192.0.2.1:3478"));
        assert_eq!(of(Way::Tcp).as_deref(), Some("192.0.2.1:443"));
        assert_eq!(of(Way::Ipv6).as_deref(), Some("[2001:db8::1]:3478"));
        let only = with_only(ANSWER, "a=candidate:9");
        assert_eq!(only, "v=0\r\na=candidate:9\r\na=end\r\n");
    }

    #[test]
    fn the_relay_is_found_for_each_transport() {
        let urls =
            ["turn:h:1?transport=udp", "turn:h:2?transport=tcp", "turns:[2001:db8::1]:3?transport=tcp"];
        let relay = Relay {
            urls: urls.map(str::to_owned).into(),
            username: String::new(),
            credential: String::new(),
        };
        assert_eq!(place_of(&relay, Way::RelayUdp), Some(("h".to_owned(), 1)));
        assert_eq!(place_of(&relay, Way::RelayTcp), Some(("h".to_owned(), 2)));
        assert_eq!(place_of(&relay, Way::RelayTls), Some(("2001:db8::1".to_owned(), 3)));
    }
}
