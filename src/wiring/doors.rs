//! The ports of the house: which are bound, what is spoken on each, and where clients are told to come.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use media::MediaHandle;
use tokio::task::JoinSet;

use super::Fault;
use crate::app::relays::RelayPlace;
use crate::config::{Config, MediaSection, Reach};
use crate::front::{self, Crowd, Front, Keys, Speaks, Times};
use crate::tls;

/// Where the self-made certificate is kept.
const CERTIFICATES: &str = "certs";

/// Where clients are told to come with media.
pub struct Reached {
    /// UDP, most wanted first.
    pub udp: Vec<SocketAddr>,
    /// TCP: the media port, then the port of HTTPS, which is let out where nothing else is.
    pub tcp: Vec<SocketAddr>,
}

/// Where clients are told to come.
pub fn reached(config: &Config) -> Reached {
    let advertise = advertised(&config.media);
    let port = config.media.bind.port();
    let at_media_port = |at: &Reach| SocketAddr::new(at.ip, at.port.unwrap_or(port));
    let udp: Vec<SocketAddr> = advertise.iter().map(at_media_port).collect();
    let https = config.https_port();
    let on_https = advertise.iter().filter_map(|at| https.map(|port| SocketAddr::new(at.ip, port)));
    let mut tcp: Vec<SocketAddr> = udp.iter().copied().chain(on_https).collect();
    tcp.dedup();
    Reached { udp, tcp }
}

/// Where browsers find the relay: at the host that people know, for which there is a certificate. A house that is known by
/// no name but this machine's own is found at the first address that it tells.
pub fn relay(config: &Config, reached: &Reached) -> Option<RelayPlace> {
    if !config.media.relay {
        return None;
    }
    let first = reached.udp.first()?;
    let host = match config.host() {
        "localhost" => match first.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        },
        host => host.to_owned(),
    };
    Some(RelayPlace { host, media_port: first.port(), https_port: config.https_port() })
}

/// The addresses that clients are told: those named, or every address of this machine at which it listens.
fn advertised(media: &MediaSection) -> Vec<Reach> {
    if !media.advertise.is_empty() {
        return media.advertise.clone();
    }
    let bound = media.bind.ip();
    if !bound.is_unspecified() {
        return vec![bound.into()];
    }
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = found.iter().map(if_addrs::Interface::ip).collect();
    addresses.retain(|address| is_heard_at(bound, *address));
    // IPv4 first: where both lead here, it is the one that more networks let through.
    addresses.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    addresses.into_iter().map(Reach::from).collect()
}

/// Whether a socket bound to `any` hears what comes to `address`, from another machine too: an address that is good on
/// one link only needs the name of that link, which nobody else knows.
fn is_heard_at(any: IpAddr, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_link_local(),
        IpAddr::V6(address) => {
            let is_global = (address.segments()[0] & 0xe000) == 0x2000;
            let is_local_to_the_site = (address.segments()[0] & 0xfe00) == 0xfc00;
            any == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && (is_global || is_local_to_the_site)
        }
    }
}

/// A socket on which this server listens, and what is spoken there besides media.
pub struct Bound {
    /// The socket.
    pub listener: TcpListener,
    speaks: Speaks,
}

/// Binds every TCP port.
///
/// * `media_port`: the number of the media port, for TCP too: what is blocked on UDP may still go through there.
/// * `inherited`: sockets of the server before; each is used where it is wanted.
///
/// # Errors
/// A port is taken.
pub fn bind(config: &Config, media_port: u16, mut inherited: Vec<TcpListener>) -> Result<Vec<Bound>, Fault> {
    let on_media = SocketAddr::new(config.media.bind.ip(), media_port);
    let ports = [
        config.http.map(|address| (address, Speaks::Http)),
        config.https.map(|address| (address, Speaks::Https)),
        config.has_media_tcp().then_some((on_media, Speaks::Https)),
    ];
    let bound = ports.into_iter().flatten().map(|(address, speaks)| {
        let is_there = |one: &TcpListener| one.local_addr().is_ok_and(|at| at == address);
        let listener = match inherited.iter().position(is_there) {
            Some(place) => Ok(inherited.swap_remove(place)),
            None => front::listen(address),
        };
        let listener = listener.map_err(|why| format!("TCP {address} cannot be served: {why}"))?;
        Ok(Bound { listener, speaks })
    });
    bound.collect()
}

/// The doors of a house that is open.
pub struct Doors {
    /// One task a port; each ends when the last request that came through it has ended.
    pub tasks: JoinSet<io::Result<()>>,
    /// The sockets on which it listens, for a successor.
    pub listeners: Vec<TcpListener>,
    /// Who is at the door and inside.
    pub crowd: Crowd,
}

/// Serves what was bound.
///
/// # Errors
/// The certificate is of no use, or the system refuses a socket.
pub fn open(
    config: &Config,
    media: &MediaHandle,
    servers: &axum_server::Handle<SocketAddr>,
    (router, bound): (Router, Vec<Bound>),
) -> Result<Doors, Fault> {
    let (adopted, crowd) = (media.clone(), Crowd::default());
    let house = Arc::new(front::House {
        adopt: Arc::new(move |caller| adopted.adopt(caller)),
        keys: config.https.map(|_| keys(config)).transpose()?,
        behind: config.behind.clone(),
        crowd: crowd.clone(),
        times: Times::default(),
    });
    let (mut tasks, mut listeners) = (JoinSet::new(), Vec::new());
    for Bound { listener, speaks } in bound {
        listeners.push(listener.try_clone()?);
        let server = Front::new(Arc::clone(&house), speaks).server(listener)?;
        tasks.spawn(server.handle(servers.clone()).serve(router.clone().into_make_service()));
    }
    Ok(Doors { tasks, listeners, crowd })
}

fn keys(config: &Config) -> Result<Keys, Fault> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (chain, key) = match &config.certificate {
        Some(files) => (files.chain.clone(), files.key.clone()),
        None => {
            let host = config.host();
            let (mut names, mut addresses) = (vec!["localhost".to_owned()], Vec::new());
            match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
                Ok(address) => addresses.push(address),
                Err(_) => names.insert(0, host.to_owned()),
            }
            addresses.extend(advertised(&config.media).iter().map(|at| at.ip));
            tls::self_made(&PathBuf::from(CERTIFICATES), &names, &addresses)?
        }
    };
    Ok(Keys::read(&chain, &key)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_is_told_where_it_is_heard_and_leads_from_elsewhere() {
        let heard = |any: &str, at: &str| {
            is_heard_at(any.parse().expect("an address"), at.parse().expect("an address"))
        };
        assert!(heard("::", "2001:db8::1") && heard("::", "fd00::1") && heard("::", "192.0.2.1"));
        assert!(!heard("::", "fe80::1") && !heard("::", "::1") && !heard("::", "169.254.1.1"));
        assert!(heard("0.0.0.0", "192.0.2.1") && !heard("0.0.0.0", "2001:db8::1"));
    }
}
