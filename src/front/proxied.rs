//! The PROXY header (version 1 and 2), with which a proxy that passes TLS through says for whom it calls.
//!
//! Read only from proxies that the settings name, and from them always: whoever could leave it out could also write it.

use std::io;
use std::net::SocketAddr;

use proxy_header::{ParseConfig, ProxyHeader};
use tokio::io::AsyncRead;

use super::replayed::Replayed;

/// The longest header that is read: addresses and some notes of the proxy.
const HEADER_BYTES_MAX: usize = 1_024;

/// Reads the header away.
///
/// * returns: from where the caller comes; none when the proxy calls for itself.
///
/// # Errors
/// There is no header.
pub async fn source<Io: AsyncRead + Unpin>(stream: &mut Replayed<Io>) -> io::Result<Option<SocketAddr>> {
    // No checksum, no notes: nothing is asked of them.
    let config = ParseConfig { include_tlvs: false, allow_v1: true, allow_v2: true };
    loop {
        match ProxyHeader::parse(stream.seen(), config) {
            Ok((header, length)) => {
                let from = header.proxied_address().map(|address| address.source);
                stream.forget(length);
                return Ok(from.map(|from| SocketAddr::new(from.ip().to_canonical(), from.port())));
            }
            Err(proxy_header::Error::BufferTooShort) if stream.seen().len() < HEADER_BYTES_MAX => {
                stream.see_more(HEADER_BYTES_MAX - stream.seen().len()).await?;
            }
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> (Result<Option<SocketAddr>, ()>, Vec<u8>) {
        let mut stream = Replayed::new(bytes);
        let found = source(&mut stream).await.map_err(drop);
        let (unread, seen) = stream.into_parts();
        (found, [&seen, unread].concat())
    }

    #[tokio::test]
    async fn the_caller_is_whom_the_proxy_names_and_what_follows_stays() {
        let from: SocketAddr = "192.0.2.7:4000".parse().expect("an address");
        let second = [
            b"\r\n\r\n\0\r\nQUIT\n".as_slice(),
            &[0x21, 0x11, 0, 12, 192, 0, 2, 7, 10, 0, 0, 1, 0x0f, 0xa0, 1, 0xbb],
            b"GET",
        ];
        let first = b"PROXY TCP4 192.0.2.7 10.0.0.1 4000 443\r\nGET".to_vec();
        for bytes in [first, second.concat()] {
            assert_eq!(read(&bytes).await, (Ok(Some(from)), b"GET".to_vec()));
        }
        assert_eq!(read(b"PROXY UNKNOWN\r\nGET").await, (Ok(None), b"GET".to_vec()));
    }

    #[tokio::test]
    async fn a_named_proxy_that_says_nothing_is_not_believed() {
        for bytes in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PROXY TCP4 192.0.2.7", &[0x16, 3, 1, 0, 0], &[b'P'; 4_000]]
        {
            assert!(read(bytes).await.0.is_err());
        }
    }
}
