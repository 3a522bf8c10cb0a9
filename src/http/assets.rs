//! Static files: what stands in `web/static` is what is served, out of the binary.
//!
//! Templates and locales are not here, so they can't be asked for. No file is ever read by a path from a request:
//! the name is looked up among the embedded ones.

use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::error::{Fault, not_modified};

#[derive(rust_embed::RustEmbed)]
#[folder = "web/static"]
struct StaticFiles;

/// An address with the file's version in it may be kept for a year: another version has another address.
const VERSIONED: &str = "public, max-age=31536000, immutable";
/// Fonts are named once in a stylesheet, without a version, and hardly ever change.
const FONT: &str = "public, max-age=2592000";
/// Everything else is asked for again, and mostly answered with "not modified".
const REVALIDATED: &str = "no-cache";

/// The address of a static file with its version, so that browsers keep it until it changes.
#[must_use]
pub fn href(path: &str) -> String {
    match version(path) {
        Some(version) => format!("/static/{path}?v={version}"),
        None => format!("/static/{path}"),
    }
}

/// The version of all that is served: another one means that an open page is older than its server.
#[must_use]
pub fn house_version() -> String {
    static VERSION: OnceLock<String> = OnceLock::new();
    let digest = || {
        let mut names: Vec<_> = StaticFiles::iter().collect();
        names.sort();
        let files = names.iter().filter_map(|name| StaticFiles::get(name));
        let mut all = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
        files.for_each(|file| all.update(file.metadata.sha256_hash()));
        HEXLOWER.encode(&all.finalize()[..6])
    };
    VERSION.get_or_init(digest).clone()
}

fn version(path: &str) -> Option<String> {
    let file = StaticFiles::get(path)?;
    Some(HEXLOWER.encode(&file.metadata.sha256_hash()[..6]))
}

/// Answers `/static/{path}`.
///
/// # Errors
/// [`Fault::NotFound`] for a name that is not embedded.
pub async fn serve(Path(path): Path<String>, uri: Uri, headers: HeaderMap) -> Result<Response, Fault> {
    let file = StaticFiles::get(&path).ok_or(Fault::NotFound)?;
    let hash = HEXLOWER.encode(&file.metadata.sha256_hash()[..6]);
    // Weak, because the compressed body has the same tag as the plain one.
    let tag = format!("W/\"{hash}\"");
    let is_versioned = uri.query().is_some_and(|query| query == format!("v={hash}"));
    let keep = match path.rsplit('.').next() {
        _ if is_versioned => VERSIONED,
        Some("woff2") => FONT,
        _ => REVALIDATED,
    };
    let is_known =
        headers.get_all(header::IF_NONE_MATCH).iter().any(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known { not_modified() } else { Body::from(file.data).into_response() };
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_str(&kind).expect("a media type is ASCII"));
    out.insert(header::ETAG, HeaderValue::from_str(&tag).expect("a hash is ASCII"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Ok(response)
}
