//! Certificates and keys: found, or made on the first run. Keys are written for their owner alone.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, KeyPair, SanType};

use crate::clock::Random;

/// Why a certificate or key is not there.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The folder or file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Made(#[from] rcgen::Error),
    /// The key file does not hold 64 hexadecimal digits.
    #[error("{0} does not hold a key of 64 hexadecimal digits")]
    BadKey(PathBuf),
}

/// Chain and key of a self-made certificate for these hosts and addresses, made once and kept in `folder`.
///
/// # Errors
/// [`TlsError`].
pub fn self_made(
    folder: &Path,
    names: &[String],
    addresses: &[IpAddr],
) -> Result<(PathBuf, PathBuf), TlsError> {
    let (chain, key) = (folder.join("self-made.pem"), folder.join("self-made.key"));
    if chain.is_file() && key.is_file() {
        return Ok((chain, key));
    }
    let mut params = CertificateParams::new(names.to_vec())?;
    params.subject_alt_names.extend(addresses.iter().map(|a| SanType::IpAddress(*a)));
    params.distinguished_name.push(DnType::CommonName, "sachivalaya, self-made");
    let pair = KeyPair::generate()?;
    let certificate = params.self_signed(&pair)?;
    write_private(&key, &pair.serialize_pem())?;
    write_private(&chain, &certificate.pem())?;
    Ok((chain, key))
}

/// The installation's link key, made once and kept in `folder`.
///
/// # Errors
/// [`TlsError`].
pub fn link_key(folder: &Path, random: Random) -> Result<[u8; 32], TlsError> {
    let path = folder.join("link.key");
    if !path.is_file() {
        write_private(&path, &data_encoding::HEXLOWER.encode(&random.bytes::<32>()))?;
    }
    read_key(path)
}

/// The installation's link key, if one has been made in `folder`.
///
/// # Errors
/// [`TlsError`].
pub fn known_link_key(folder: &Path) -> Result<Option<[u8; 32]>, TlsError> {
    let path = folder.join("link.key");
    if path.is_file() { read_key(path).map(Some) } else { Ok(None) }
}

fn read_key(path: PathBuf) -> Result<[u8; 32], TlsError> {
    let text = fs::read_to_string(&path).map_err(|source| TlsError::File { path: path.clone(), source })?;
    let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes()).ok();
    bytes.and_then(|b| b.try_into().ok()).ok_or(TlsError::BadKey(path))
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    let fault = |source| TlsError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fault)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(fault)?;
    file.write_all(text.as_bytes()).map_err(fault)
}
