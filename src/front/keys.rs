//! Certificate and key as TLS wants them: one answer for browsers, one for those who call the relay.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ClientHello;

/// What is spoken inside TLS by HTTP, the wanted first.
const WEB: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// What a caller of the relay may name (RFC 7443); browsers name nothing.
const RELAY: &[u8] = b"stun.turn";

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file could not be read or holds no PEM.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// Chain and key do not fit together, or are of no use.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Certificate and key, ready for each kind of caller.
#[derive(Debug, Clone)]
pub struct Keys {
    web: Arc<ServerConfig>,
    relay: Arc<ServerConfig>,
}

impl Keys {
    /// Reads chain and key, both PEM.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn read(chain: &Path, key: &Path) -> Result<Keys, KeysError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| KeysError::File { path, source }
        };
        let certificates = CertificateDer::pem_file_iter(chain).map_err(fault(chain))?;
        let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(fault(chain))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(fault(key))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut web = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(certificates, key)?;
        // Whoever comes again need not be shown the certificate again: no signature, fewer bytes.
        web.ticketer = aws_lc_rs::Ticketer::new()?;
        web.alpn_protocols = WEB.map(<[u8]>::to_vec).into();
        let mut relay = web.clone();
        relay.alpn_protocols = Vec::new();
        Ok(Keys { web: Arc::new(web), relay: Arc::new(relay) })
    }

    /// How this caller is answered. One who names protocols of which we speak none would be refused by TLS itself.
    pub(super) fn answer_to(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let names_relay = hello.alpn().is_some_and(|mut named| named.any(|protocol| protocol == RELAY));
        if names_relay { Arc::clone(&self.relay) } else { Arc::clone(&self.web) }
    }
}
