//! The few lines of SDP that a counting client says and reads.
//!
//! Only what the servers that are measured here say; not a parser for anything else.

use std::net::{IpAddr, SocketAddr};

/// Payload types that a counting client offers: sound, pictures, and pictures sent again.
pub const OPUS: u8 = 111;
/// Pictures.
pub const VP8: u8 = 96;
/// Pictures sent again.
pub const RTX: u8 = 97;
/// Where the transport-wide number of a packet stands.
pub const TWCC: u8 = 3;

const URI_TWCC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// How a client names and proves itself.
pub struct Me<'a> {
    /// Its ICE name.
    pub ufrag: &'a str,
    /// Its ICE password.
    pub password: &'a str,
    /// Its certificate, SHA-256.
    pub fingerprint: &'a str,
    /// Where it is.
    pub address: SocketAddr,
}

/// What a client must know of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The server's ICE name.
    pub ufrag: String,
    /// The server's ICE password.
    pub password: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The value of the first line that begins so.
fn value<'a>(sdp: &'a str, key: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// Reads who the server is; `None` if it does not say so.
pub fn remote(sdp: &str) -> Option<Remote> {
    let is_udp = |words: &[&str]| words.get(2).is_some_and(|word| word.eq_ignore_ascii_case("udp"));
    let address = sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")).find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ip: IpAddr = words.get(4)?.parse().ok().filter(|ip| matches!(ip, IpAddr::V4(_)))?;
        is_udp(&words).then_some(SocketAddr::new(ip, words.get(5)?.parse().ok()?))
    })?;
    let ufrag = value(sdp, "a=ice-ufrag:")?.to_owned();
    let password = value(sdp, "a=ice-pwd:")?.to_owned();
    Some(Remote { ufrag, password, address })
}

fn head(count: usize) -> String {
    let bundle: Vec<String> = (0..count).map(|mid| mid.to_string()).collect();
    format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n", bundle.join(" "))
}

fn transport(me: &Me<'_>, setup: &str) -> String {
    let Me { ufrag, password, fingerprint, address } = me;
    let (ip, port) = (address.ip(), address.port());
    format!(
        "c=IN IP4 127.0.0.1\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=ice-ufrag:{ufrag}\r\n\
         a=ice-pwd:{password}\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:{setup}\r\n\
         a=candidate:1 1 udp 2130706431 {ip} {port} typ host\r\na=end-of-candidates\r\n"
    )
}

/// An offer to receive one sound and one picture.
pub fn offer(me: &Me<'_>) -> String {
    let lines = transport(me, "actpass");
    let twcc = format!("a=extmap:{TWCC} {URI_TWCC}\r\n");
    format!(
        "{}m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\n{lines}a=mid:0\r\n{twcc}a=rtpmap:{OPUS} opus/48000/2\r\n\
         a=rtcp-fb:{OPUS} transport-cc\r\n\
         m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}\r\n{lines}a=mid:1\r\n{twcc}a=rtpmap:{VP8} VP8/90000\r\n\
         a=rtcp-fb:{VP8} nack\r\na=rtcp-fb:{VP8} nack pli\r\na=rtcp-fb:{VP8} ccm fir\r\n\
         a=rtcp-fb:{VP8} transport-cc\r\na=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n",
        head(2)
    )
}

/// An answer that takes the first codec of each line of the server's offer, without retransmissions or extensions.
pub fn answer(me: &Me<'_>, offer: &str) -> String {
    let lines = transport(me, "active");
    let sections: Vec<&str> = offer.split("\r\nm=").skip(1).collect();
    let mids: Vec<&str> = sections.iter().map(|section| value(section, "a=mid:").unwrap_or("0")).collect();
    let mut text =
        format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\n", mids.join(" "));
    for (section, mid) in sections.iter().zip(&mids) {
        let mut words = section.lines().next().unwrap_or_default().split(' ');
        let (media, protocol) =
            (words.next().unwrap_or("video"), words.nth(1).unwrap_or("UDP/TLS/RTP/SAVPF"));
        let number = words.next().unwrap_or("0");
        text.push_str(&format!("m={media} 9 {protocol} {number}\r\n{lines}a=mid:{mid}\r\n"));
        for key in ["a=rtpmap:", "a=fmtp:"] {
            let of_codec = format!("{key}{number} ");
            if let Some(rest) = value(section, &of_codec) {
                text.push_str(&format!("{of_codec}{rest}\r\n"));
            }
        }
    }
    text
}

/// The transport-wide number of an RTP packet, from its header, which SRTP leaves in the clear (RFC 3711 §3.1).
pub fn transport_number(packet: &[u8]) -> Option<u16> {
    let (&first, sources) = (packet.first()?, usize::from(packet.first()? & 15));
    let start = 12 + 4 * sources;
    if first & 0x10 == 0 || packet.get(start..start + 2)? != [0xbe, 0xde] {
        return None;
    }
    let words = usize::from(u16::from_be_bytes([packet[start + 2], *packet.get(start + 3)?]));
    let mut elements = packet.get(start + 4..start + 4 + 4 * words)?;
    while let [head, rest @ ..] = elements {
        let length = if *head == 0 { 0 } else { usize::from(head & 15) + 1 };
        if head >> 4 == TWCC && length == 2 {
            return Some(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        }
        elements = rest.get(length..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::*;

    #[test]
    fn the_server_is_known_by_its_first_udp_candidate() {
        let sdp = "a=ice-ufrag:abcd\r\na=ice-pwd:secret\r\na=candidate:1 1 tcp 9 127.0.0.1 9 typ host\r\n\
                   a=candidate:2 1 udp 5 127.0.0.1 4000 typ host\r\n";
        let wanted = Remote {
            ufrag: "abcd".to_owned(),
            password: "secret".to_owned(),
            address: "127.0.0.1:4000".parse().unwrap(),
        };
        assert_eq!(remote(sdp), Some(wanted));
        assert_eq!(remote("a=ice-ufrag:abcd\r\n"), None);
    }

    #[test]
    fn the_transport_wide_number_is_found_among_other_extensions() {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 2];
        packet.extend([0x40, b'1', TWCC << 4 | 1, 0x12, 0x34, 0, 0, 0, 99]);
        assert_eq!(transport_number(&packet), Some(0x1234));
        assert_eq!(transport_number(&packet[..20]), None);
        packet[0] = 0x80;
        assert_eq!(transport_number(&packet), None);
    }

    #[test]
    fn an_answer_takes_the_first_codec_of_each_line() {
        let offer = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 100 101\r\na=mid:v1\r\na=rtpmap:100 VP8/90000\r\n\
                     a=rtpmap:101 rtx/90000\r\n";
        let me = Me { ufrag: "u", password: "p", fingerprint: "00", address: "127.0.0.1:9".parse().unwrap() };
        let text = answer(&me, offer);
        assert!(
            text.contains("a=group:BUNDLE v1\r\n") && text.contains("m=video 9 UDP/TLS/RTP/SAVPF 100\r\n")
        );
        assert!(text.contains("a=rtpmap:100 VP8/90000\r\n") && !text.contains("rtx"));
    }
}
