//! What the doctor asks of the server over HTTP, and the wires to it: plain or inside TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Longer than a page takes on the worst line that can still hold a meeting.
const TIME_MAX: Duration = Duration::from_secs(10);
/// An answer in SDP has a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A wire to the server.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Which certificates are believed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those for which somebody vouches whom this machine knows.
    Known,
    /// All.
    Any,
}

/// The relay as the server describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Relay {
    pub urls: Vec<String>,
    pub username: String,
    pub credential: String,
}

/// A server to be asked.
pub struct Ask {
    host: String,
    port: u16,
    authority: String,
    has_tls: bool,
    tls: Arc<ClientConfig>,
}

impl Ask {
    /// The server at this address; none if it is no address.
    pub fn new(url: &str, trust: Trust) -> Option<Ask> {
        let uri: axum::http::Uri = url.parse().ok()?;
        let has_tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if has_tls { 443 } else { 80 });
        Some(Ask { host, port, authority: authority.to_string(), has_tls, tls: Arc::new(client(trust)?) })
    }

    /// Name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TLS to a port of the server.
    pub async fn tls_to(&self, host: &str, port: u16) -> io::Result<Box<dyn Wire>> {
        let connected = async {
            let socket = TcpStream::connect((host, port)).await?;
            socket.set_nodelay(true)?;
            let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            TlsConnector::from(Arc::clone(&self.tls)).connect(name, socket).await
        };
        Ok(Box::new(tokio::time::timeout(TIME_MAX, connected).await??))
    }

    /// TCP to a port of the server.
    pub async fn tcp_to(&self, address: impl tokio::net::ToSocketAddrs) -> io::Result<Box<dyn Wire>> {
        let socket = tokio::time::timeout(TIME_MAX, TcpStream::connect(address)).await??;
        socket.set_nodelay(true)?;
        Ok(Box::new(socket))
    }

    async fn wire(&self) -> io::Result<Box<dyn Wire>> {
        if self.has_tls {
            self.tls_to(&self.host, self.port).await
        } else {
            self.tcp_to((self.host.as_str(), self.port)).await
        }
    }

    async fn say(&self, request: Request<Body>) -> io::Result<(u16, String)> {
        let asked = async {
            let wire = self.wire().await?;
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(wire)).await.map_err(io::Error::other)?;
            tokio::spawn(connection.with_upgrades());
            let answer = sender.send_request(request).await.map_err(io::Error::other)?;
            let status = answer.status();
            if status == StatusCode::SWITCHING_PROTOCOLS {
                return Ok((status.as_u16(), String::new()));
            }
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(io::Error::other)?.to_bytes();
            Ok((status.as_u16(), String::from_utf8_lossy(&body).into_owned()))
        };
        tokio::time::timeout(TIME_MAX, asked).await?
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header(header::HOST, &self.authority)
    }

    /// Status and body of a page.
    pub async fn get(&self, path: &str) -> io::Result<(u16, String)> {
        self.say(self.request(Method::GET, path).body(Body::empty()).map_err(io::Error::other)?).await
    }

    /// Whether a WebSocket opens.
    pub async fn opens_socket(&self, path: &str) -> io::Result<bool> {
        let scheme = if self.has_tls { "https" } else { "http" };
        let request = self
            .request(Method::GET, path)
            .header(header::ORIGIN, format!("{scheme}://{}", self.authority))
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .header(header::SEC_WEBSOCKET_PROTOCOL, signaling::SUBPROTOCOL);
        let (status, _) = self.say(request.body(Body::empty()).map_err(io::Error::other)?).await?;
        Ok(status == StatusCode::SWITCHING_PROTOCOLS.as_u16())
    }

    /// The relay's addresses, and what lets us in.
    pub async fn relay(&self) -> io::Result<Relay> {
        let request = self.request(Method::POST, "/check/relays").body(Body::empty());
        let (_, body) = self.say(request.map_err(io::Error::other)?).await?;
        serde_json::from_str(&body).map_err(io::Error::other)
    }

    /// The answer to an offer.
    pub async fn answer(&self, offer: String) -> io::Result<String> {
        let request =
            self.request(Method::POST, "/check/offer").header(header::CONTENT_TYPE, "application/sdp");
        match self.say(request.body(Body::from(offer)).map_err(io::Error::other)?).await? {
            (200, answer) => Ok(answer),
            (status, body) => Err(io::Error::other(format!("the offer was answered {status}: {body}"))),
        }
    }
}

fn client(trust: Trust) -> Option<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .ok()?;
    Some(match trust {
        Trust::Known => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        Trust::Any => {
            let verifier = Arc::new(NobodyVouches(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
    })
}

/// Believes every certificate, but not every signature: whoever answers still holds its key.
#[derive(Debug)]
struct NobodyVouches(Arc<CryptoProvider>);

impl ServerCertVerifier for NobodyVouches {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
