//! One event to one listener: the name is looked up once, its addresses are judged, and the connection goes to the very
//! address that was judged. No redirect is followed, no proxy asked; what comes back is bounded in size and time.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use domain::hook::{HookUrl, Scheme};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::reach::Reach;
use crate::limits;

/// Looks a name up: the one place where a listener's name becomes addresses.
pub type Names = Arc<
    dyn Fn(String, u16) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>> + Send + Sync,
>;

/// The machine's own way of looking names up.
#[must_use]
pub fn system_names() -> Names {
    Arc::new(|host, port| {
        Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), port)).await?.collect()) })
    })
}

/// Why a listener does not have an event. The codes are stable and stand in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookFault {
    /// Its address is none any more for this version.
    #[error("the address cannot be read")]
    Unreadable,
    /// It lies where we do not go.
    #[error("the address lies where we do not go")]
    Forbidden,
    /// Its name has no address now.
    #[error("the name has no address")]
    Unknown,
    /// No connection, or it broke, or TLS failed.
    #[error("the listener could not be reached")]
    Unreachable,
    /// It took too long.
    #[error("the listener took too long")]
    TooSlow,
    /// It answered with a redirect.
    #[error("the listener answered with a redirect")]
    Redirect,
    /// It says that it is gone for good.
    #[error("the listener is gone")]
    Gone,
    /// It answered with something else than 2xx.
    #[error("the listener did not take it")]
    NotTaken,
}

impl HookFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "hook-unreadable",
            Self::Forbidden => "hook-forbidden-address",
            Self::Unknown => "hook-unknown-name",
            Self::Unreachable => "hook-unreachable",
            Self::TooSlow => "hook-too-slow",
            Self::Redirect => "hook-redirect",
            Self::Gone => "hook-gone",
            Self::NotTaken => "hook-not-taken",
        }
    }

    /// Would another try make sense?
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::Unknown | Self::Unreachable | Self::TooSlow | Self::NotTaken)
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The event's id, the same at each try.
    pub id: &'a str,
    /// When this try is made.
    pub at: Timestamp,
    /// The body.
    pub body: &'a str,
}

impl Letter<'_> {
    /// The signature. Source: Standard Webhooks, symmetric signatures: HMAC-SHA256 of id, timestamp and body.
    #[must_use]
    pub fn signature(&self, secret: &[u8]) -> String {
        let signed = format!("{}.{}.{}", self.id, self.at.as_second(), self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("v1,{}", BASE64.encode(tag.as_ref()))
    }
}

/// Sends to listeners.
#[derive(Clone)]
pub struct Poster {
    reach: Reach,
    names: Names,
    tls: TlsConnector,
}

impl Poster {
    /// A poster that trusts the certificates of this machine.
    ///
    /// # Errors
    /// The TLS library's, when it cannot be set up.
    pub fn new(reach: Reach, names: Names) -> Result<Self, rustls::Error> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { reach, names, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends a letter, signed with the listener's secret.
    ///
    /// # Errors
    /// [`HookFault`], which says whether another try makes sense.
    pub async fn send(&self, url: &str, secret: &[u8], letter: Letter<'_>) -> Result<(), HookFault> {
        let url = HookUrl::parse(url).map_err(|_| HookFault::Unreadable)?;
        let done = tokio::time::timeout(limits::WEBHOOK_TIMEOUT, self.speak(&url, secret, letter)).await;
        done.unwrap_or(Err(HookFault::TooSlow))
    }

    async fn speak(&self, url: &HookUrl, secret: &[u8], letter: Letter<'_>) -> Result<(), HookFault> {
        let found = (self.names)(url.host().to_owned(), url.port()).await;
        let found = found.map_err(|_| HookFault::Unknown)?;
        if found.is_empty() {
            return Err(HookFault::Unknown);
        }
        let address = self.reach.chosen(&found, url.scheme()).ok_or(HookFault::Forbidden)?;
        let request = request(url, secret, letter)?;
        let stream = TcpStream::connect(address).await.map_err(|_| HookFault::Unreachable)?;
        let status = match url.scheme() {
            Scheme::Plain => answer(stream, request).await?,
            Scheme::Secure => {
                let name = ServerName::try_from(url.host().to_owned()).map_err(|_| HookFault::Unreadable)?;
                let stream = self.tls.connect(name, stream).await.map_err(|_| HookFault::Unreachable)?;
                answer(stream, request).await?
            }
        };
        match status {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => Err(HookFault::Redirect),
            StatusCode::GONE => Err(HookFault::Gone),
            _ => Err(HookFault::NotTaken),
        }
    }
}

fn request(url: &HookUrl, secret: &[u8], letter: Letter<'_>) -> Result<Request<Full<Bytes>>, HookFault> {
    Request::post(url.target())
        .header("host", url.authority())
        .header("content-type", "application/json")
        .header("user-agent", concat!("sachivalaya/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", letter.id)
        .header("webhook-timestamp", letter.at.as_second())
        .header("webhook-signature", letter.signature(secret))
        .body(Full::new(Bytes::copy_from_slice(letter.body.as_bytes())))
        .map_err(|_| HookFault::Unreadable)
}

/// The status of the answer. Its head is bounded; its body is never read.
async fn answer<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, HookFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(limits::WEBHOOK_HEAD_BYTES_MAX).max_headers(limits::WEBHOOK_HEADERS_MAX);
    let spoken = builder.handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = spoken.map_err(|_| HookFault::Unreachable)?;
    let talk = sender.send_request(request);
    tokio::pin!(talk);
    tokio::pin!(connection);
    // The connection is driven here and dropped with the answer's head: nothing goes on behind it.
    tokio::select! {
        biased;
        response = &mut talk => Ok(response.map_err(|_| HookFault::Unreachable)?.status()),
        _ = &mut connection => talk.await.map(|response| response.status()).map_err(|_| HookFault::Unreachable),
    }
}
