//! The front door: everything comes to one port and is told apart by its first bytes, and nobody is kept out by those
//! who show nothing.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Version;
use axum::routing::get;
use media::{Caller, Overloaded};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use sachivalaya::front::{Bounds, Crowd, Front, House, Keys, Speaks, Times};
use sachivalaya::tls;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const PATIENCE: Duration = Duration::from_secs(30);
const ALLOCATE: [u8; 20] = [0, 3, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/// A port with its door, and what was handed to the media threads.
struct Door {
    address: SocketAddr,
    adopted: mpsc::UnboundedReceiver<Caller>,
    client: rustls::ClientConfig,
    _folder: tempfile::TempDir,
}

/// What a test changes of a door.
struct Wish {
    speaks: Speaks,
    bounds: Bounds,
    times: Times,
    behind: Vec<IpAddr>,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish { speaks: Speaks::Https, bounds: Bounds::default(), times: Times::default(), behind: Vec::new() }
    }
}

impl Door {
    async fn open(wish: Wish) -> Door {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = tls::self_made(folder.path(), &["localhost".to_owned()], &[]).unwrap();
        let (adopt, adopted) = mpsc::unbounded_channel();
        let house = House {
            adopt: Arc::new(move |caller| adopt.send(caller).map_err(|_| Overloaded)),
            keys: Some(Keys::read(&chain, &key).unwrap()),
            behind: wish.behind,
            crowd: Crowd::new(wish.bounds),
            times: wish.times,
        };
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let handle = axum_server::Handle::new();
        let front = Front::new(Arc::new(house), wish.speaks);
        let server = front.server(sachivalaya::front::listen(any).unwrap()).unwrap().handle(handle.clone());
        let from = |version: Version, ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
            format!("{version:?} {}", from.ip())
        };
        tokio::spawn(server.serve(Router::new().route("/from", get(from)).into_make_service()));
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&chain).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Door { address: handle.listening().await.unwrap(), adopted, client, _folder: folder }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// TLS to this door, whatever carries it.
    async fn tls_over<Io: AsyncRead + AsyncWrite + Unpin>(&self, wire: Io, alpn: &[&str]) -> TlsStream<Io> {
        let mut client = self.client.clone();
        client.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let host = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(client)).connect(host, wire).await.unwrap()
    }

    async fn next_adopted(&mut self) -> Caller {
        tokio::time::timeout(PATIENCE, self.adopted.recv()).await.expect("media is handed over").unwrap()
    }
}

async fn asks(mut wire: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let question = b"GET /from HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    wire.write_all(question).await.unwrap();
    let mut answer = String::new();
    wire.read_to_string(&mut answer).await.unwrap();
    answer.rsplit("\r\n").next().unwrap().to_owned()
}

async fn is_closed(mut wire: impl AsyncRead + Unpin) -> bool {
    let mut byte = [0];
    let read = tokio::time::timeout(PATIENCE, wire.read(&mut byte)).await.expect("an end");
    matches!(read, Ok(0) | Err(_))
}

#[tokio::test]
async fn pages_come_by_http_inside_tls_in_both_versions_and_plain_only_where_it_is_spoken() {
    let door = Door::open(Wish::default()).await;
    for alpn in [&["http/1.1"][..], &[]] {
        let answer = asks(door.tls_over(door.tcp().await, alpn).await).await;
        assert_eq!(answer, "HTTP/1.1 127.0.0.1");
    }
    let second = door.tls_over(door.tcp().await, &["h2", "http/1.1"]).await;
    assert_eq!(second.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (_, mut wire) = (second.get_ref().1.is_handshaking(), second);
    wire.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut settings = [0; 64];
    let read = wire.read(&mut settings).await.unwrap();
    // SETTINGS_ENABLE_CONNECT_PROTOCOL (8) is 1: sockets of pages open on this connection (RFC 8441 §3).
    assert!(settings[..read].windows(6).any(|setting| setting == [0, 8, 0, 0, 0, 1]));

    let mut plain = door.tcp().await;
    plain.write_all(b"GET /from HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(is_closed(plain).await, "no page is given without TLS where TLS is spoken");
    let door = Door::open(Wish { speaks: Speaks::Http, ..Wish::default() }).await;
    assert_eq!(asks(door.tcp().await).await, "HTTP/1.1 127.0.0.1");
    let mut tls = door.tcp().await;
    tls.write_all(&[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]).await.unwrap();
    assert!(is_closed(tls).await);
}

#[tokio::test]
async fn media_is_handed_over_from_every_port_with_all_that_was_read_of_it() {
    let frame = [&[0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &[7; 12]].concat();
    for speaks in [Speaks::Https, Speaks::Http] {
        let mut door = Door::open(Wish { speaks, ..Wish::default() }).await;
        for first in [&ALLOCATE[..], &frame] {
            let mut wire = door.tcp().await;
            // In two pieces, as a network may cut it.
            wire.write_all(&first[..3]).await.unwrap();
            wire.flush().await.unwrap();
            wire.write_all(&first[3..]).await.unwrap();
            let caller = door.next_adopted().await;
            caller.socket.set_nonblocking(false).unwrap();
            let mut read = caller.first.clone();
            read.resize(first.len(), 0);
            (&caller.socket).read_exact(&mut read[caller.first.len()..]).unwrap();
            assert!(caller.tls.is_none() && read == first);
            (&caller.socket).write_all(b"heard").unwrap();
            let mut heard = [0; 5];
            wire.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"heard");
        }
    }
}

#[tokio::test]
async fn a_call_to_the_relay_inside_tls_is_handed_over_with_its_session() {
    let mut door = Door::open(Wish::default()).await;
    for alpn in [&[][..], &["stun.turn"]] {
        let mut wire = door.tls_over(door.tcp().await, alpn).await;
        wire.write_all(&ALLOCATE).await.unwrap();
        wire.flush().await.unwrap();
        let caller = door.next_adopted().await;
        assert_eq!(caller.first, ALLOCATE);
        let mut session = caller.tls.unwrap();
        caller.socket.set_nonblocking(false).unwrap();
        session.writer().write_all(b"heard").unwrap();
        session.complete_io(&mut &caller.socket).unwrap();
        let mut heard = [0; 5];
        wire.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"heard", "after {alpn:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_routes_by_name_and_passes_tls_through_changes_nothing() {
    let mut door = Door::open(Wish::default()).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (before, behind) = (proxy.local_addr().unwrap(), door.address);
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = proxy.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(behind).await.unwrap();
                copy_bidirectional(&mut caller, &mut server).await
            });
        }
    });
    let wire = TcpStream::connect(before).await.unwrap();
    assert_eq!(asks(door.tls_over(wire, &["http/1.1"]).await).await, "HTTP/1.1 127.0.0.1");
    let mut relay = door.tls_over(TcpStream::connect(before).await.unwrap(), &[]).await;
    relay.write_all(&ALLOCATE).await.unwrap();
    assert_eq!(door.next_adopted().await.first, ALLOCATE);
}

#[tokio::test]
async fn a_named_proxy_says_for_whom_it_calls_and_nobody_else_is_believed() {
    let header = b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 443\r\n";
    let local = IpAddr::from(Ipv4Addr::LOCALHOST);
    let mut door = Door::open(Wish { behind: vec![local], ..Wish::default() }).await;
    let mut wire = door.tcp().await;
    wire.write_all(header).await.unwrap();
    assert_eq!(asks(door.tls_over(wire, &[]).await).await, "HTTP/1.1 192.0.2.7");
    let mut relay = door.tcp().await;
    relay.write_all(&[&header[..], &ALLOCATE].concat()).await.unwrap();
    let first = door.next_adopted().await.first;
    assert!(!first.is_empty() && ALLOCATE.starts_with(&first), "the header is no part of it");
    let mut silent = door.tcp().await;
    silent.write_all(&[0x16, 3, 1, 0, 5]).await.unwrap();
    assert!(is_closed(silent).await, "a named proxy always says for whom it calls");

    let door = Door::open(Wish { speaks: Speaks::Http, ..Wish::default() }).await;
    let mut stranger = door.tcp().await;
    stranger.write_all(header).await.unwrap();
    let mut answer = Vec::new();
    let _ = stranger.read_to_end(&mut answer).await;
    assert!(!answer.windows(9).any(|part| part == b"192.0.2.7") && !answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_half_open_sockets_keep_no_citizen_out() {
    let wide = rustix::process::Rlimit { current: Some(16_384), maximum: Some(20_000) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Nofile, wide);
    let door = Door::open(Wish::default()).await;
    let mut silent = Vec::new();
    for _ in 0..5_000 {
        let mut socket = door.tcp().await;
        // Half of them begin something and never end it.
        if silent.len() % 2 == 0 {
            socket.write_all(&[0x16, 3]).await.unwrap();
        }
        silent.push(socket);
    }
    let citizen = async { asks(door.tls_over(door.tcp().await, &["http/1.1"]).await).await };
    let answer = tokio::time::timeout(Duration::from_secs(5), citizen).await.expect("an answer");
    assert_eq!(answer, "HTTP/1.1 127.0.0.1");
}

#[tokio::test]
async fn whoever_shows_nothing_in_time_is_sent_away_at_every_step() {
    let short = Duration::from_millis(50);
    let times = Times { first_bytes: short, handshake: short, first_request: short };
    let door = Door::open(Wish { times, ..Wish::default() }).await;
    assert!(is_closed(door.tcp().await).await, "nothing at all");
    let mut half_hello = door.tcp().await;
    half_hello.write_all(&[0x16, 3, 1, 2, 0]).await.unwrap();
    assert!(is_closed(half_hello).await, "half a handshake");
    let mut half_check = door.tcp().await;
    half_check.write_all(&ALLOCATE[..6]).await.unwrap();
    assert!(is_closed(half_check).await, "half a call to the relay");
    for begun in [&b""[..], b"PRI * HTTP/2.0"] {
        let mut inside = door.tls_over(door.tcp().await, &["h2"]).await;
        inside.write_all(begun).await.unwrap();
        assert!(is_closed(inside).await, "no request inside TLS");
    }
}

#[tokio::test]
async fn a_full_house_takes_nobody_more_until_somebody_goes() {
    let bounds = Bounds { guests: 2, guests_of_one: 1, ..Bounds::default() };
    let door = Door::open(Wish { speaks: Speaks::Http, bounds, ..Wish::default() }).await;
    let mut kept = door.tcp().await;
    kept.write_all(b"GET /from HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 8];
    kept.read_exact(&mut answer).await.unwrap();
    let mut second = door.tcp().await;
    second.write_all(b"GET /from HTTP/1.1\r\n").await.unwrap();
    assert!(is_closed(second).await, "one address has its share");
}
