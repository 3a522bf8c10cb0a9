//! The one answer to an offer: ICE-lite, passive DTLS, one bundled transport, the slots' SSRCs. It never changes.

use std::net::SocketAddr;

use rtc_sdp::description::common::{Address, ConnectionInformation};
use rtc_sdp::description::media::{MediaDescription, MediaName, RangedPort};
use rtc_sdp::description::session::{Origin, SessionDescription, TimeDescription};

use super::offer::{
    Codec, CodecLine, Content, Direction, Offer, RtpSection, Section, URI_DEPENDENCY, URI_LEVEL, URI_MID,
    URI_RID, URI_RRID, URI_TWCC,
};
use crate::core::ice::Credentials;
use crate::core::limits::PING_BYTES_MAX;

/// What we call ourselves in RTCP.
const CNAME: &str = "sachivalaya";

/// What the answer says of us.
pub struct Local<'a> {
    /// Our ICE name and password for this client.
    pub credentials: &'a Credentials,
    /// Our certificate, SHA-256.
    pub fingerprint: &'a str,
    /// Where we can be reached, most wanted first.
    pub candidates: &'a [SocketAddr],
    /// The same over TCP, passive.
    pub candidates_tcp: &'a [SocketAddr],
}

/// The SSRCs and the stream of a slot.
#[derive(Clone, Debug)]
pub struct SlotStream {
    /// The slot's `mid`.
    pub mid: String,
    /// SSRC of what we send in it.
    pub ssrc: u32,
    /// SSRC of what we send again.
    pub rtx_ssrc: u32,
    /// Slots with the same number are played in step (lip sync).
    pub stream: usize,
}

/// Writes the answer.
#[must_use]
pub fn write(offer: &Offer, local: &Local<'_>, slots: &[SlotStream]) -> String {
    let mids: Vec<&str> = offer
        .sections
        .iter()
        .filter(|s| s.content != Content::Refused)
        .map(|section| section.mid.as_str())
        .collect();
    let mut session = SessionDescription {
        version: 0,
        origin: Origin {
            username: "-".to_owned(),
            session_id: offer.session_id >> 1, // RFC 8829 §5.2.1: below 2^63
            session_version: 1,
            network_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            unicast_address: "127.0.0.1".to_owned(),
        },
        session_name: "-".to_owned(),
        time_descriptions: vec![TimeDescription::default()],
        ..Default::default()
    }
    .with_property_attribute("ice-lite".to_owned())
    .with_value_attribute("msid-semantic".to_owned(), "WMS *".to_owned());
    if offer.is_bundled {
        session = session.with_value_attribute("group".to_owned(), format!("BUNDLE {}", mids.join(" ")));
    }
    for section in &offer.sections {
        let slot = slots.iter().find(|slot| slot.mid == section.mid);
        session = session.with_media(answer_section(section, local, slot));
    }
    session.marshal()
}

fn blank(section: &Section, port: isize, formats: Vec<String>) -> MediaDescription {
    MediaDescription {
        media_name: MediaName {
            media: section.media.clone(),
            port: RangedPort { value: port, range: None },
            protos: section.protocol.split('/').map(str::to_owned).collect(),
            formats,
        },
        connection_information: Some(ConnectionInformation {
            network_type: "IN".to_owned(),
            address_type: "IP4".to_owned(),
            address: Some(Address { address: "0.0.0.0".to_owned(), ttl: None, range: None }),
        }),
        ..Default::default()
    }
    .with_value_attribute("mid".to_owned(), section.mid.clone())
}

fn answer_section(section: &Section, local: &Local<'_>, slot: Option<&SlotStream>) -> MediaDescription {
    match &section.content {
        Content::Refused => {
            let format = if section.media == "application" { "webrtc-datachannel" } else { "0" };
            blank(section, 0, vec![format.to_owned()]).with_property_attribute("inactive".to_owned())
        }
        Content::Data { port } => transport(blank(section, 9, vec!["webrtc-datachannel".to_owned()]), local)
            .with_value_attribute("sctp-port".to_owned(), port.to_string())
            .with_value_attribute("max-message-size".to_owned(), PING_BYTES_MAX.to_string()),
        Content::Rtp(rtp) => {
            let numbers = |line: &CodecLine| [Some(line.payload_type), line.rtx_payload_type];
            let formats =
                rtp.codecs.iter().flat_map(numbers).flatten().map(|number| number.to_string()).collect();
            let media = codecs(transport(blank(section, 9, formats), local), rtp);
            match (rtp.direction, slot) {
                (Direction::Sends, _) => receiving(media, rtp),
                (Direction::Receives, Some(slot)) => sending(media, rtp, slot),
                _ => media.with_property_attribute("inactive".to_owned()),
            }
        }
    }
}

fn transport(media: MediaDescription, local: &Local<'_>) -> MediaDescription {
    let mut media = media
        .with_ice_credentials(local.credentials.ufrag.clone(), local.credentials.password.clone())
        .with_fingerprint("sha-256".to_owned(), local.fingerprint.to_owned())
        .with_value_attribute("setup".to_owned(), "passive".to_owned());
    for (place, candidate) in local.candidates.iter().enumerate() {
        // RFC 8445 §5.1.2.1: host type preference 126, local preference by our order, component 1.
        let priority = (126u32 << 24) | (65_535u32.saturating_sub(place as u32) << 8) | 255;
        let (ip, port, foundation) = (candidate.ip(), candidate.port(), place + 1);
        media = media.with_candidate(format!("{foundation} 1 udp {priority} {ip} {port} typ host"));
    }
    for (place, candidate) in local.candidates_tcp.iter().enumerate() {
        // RFC 6544 §4.2: a host's TCP type preference stands below UDP's, and passive has direction preference 4.
        let local_preference = (4u32 << 13) | 8_191u32.saturating_sub(place as u32);
        let priority = (90u32 << 24) | (local_preference << 8) | 255;
        let (ip, port, foundation) = (candidate.ip(), candidate.port(), local.candidates.len() + place + 1);
        let line = format!("{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive");
        media = media.with_candidate(line);
    }
    media.with_property_attribute("end-of-candidates".to_owned())
}

fn codecs(media: MediaDescription, rtp: &RtpSection) -> MediaDescription {
    let mut media =
        media.with_property_attribute("rtcp-mux".to_owned()).with_property_attribute("rtcp-rsize".to_owned());
    let ids = &rtp.extensions;
    // A receiver gets what we write into each packet; a sender is asked for what we read.
    let is_sender = rtp.direction == Direction::Sends;
    let wanted = [
        (ids.mid, URI_MID),
        (ids.twcc, URI_TWCC),
        (ids.level, URI_LEVEL),
        (ids.rid.filter(|_| is_sender), URI_RID),
        (ids.rrid.filter(|_| is_sender), URI_RRID),
        (ids.dependency.filter(|_| is_sender), URI_DEPENDENCY),
    ];
    for (id, uri) in wanted.into_iter().filter_map(|(id, uri)| id.map(|id| (id, uri))) {
        media = media.with_value_attribute("extmap".to_owned(), format!("{id} {uri}"));
    }
    rtp.codecs.iter().fold(media, |media, line| codec(media, line, rtp.direction))
}

/// What a sender of Opus is asked for (RFC 7587 §6.1): nothing in silence, and so little for a voice that it passes a
/// line of 64 kb/s together with the headers of fifty packets a second.
const OPUS_WISH: [(&str, &str); 2] = [("maxaveragebitrate", "24000"), ("usedtx", "1")];

/// The parameters of Opus for a sender: its own, with our wishes. A browser writes `stereo` to say that it could play
/// two channels; said back to it, it would send a voice as two. Who has two to send says so, and is left alone.
fn opus(own: &str) -> String {
    let pairs = || own.split(';').map(str::trim).filter(|pair| !pair.is_empty());
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let sends_two = pairs().any(|pair| pair.eq_ignore_ascii_case("sprop-stereo=1"));
    let wished: Vec<_> = OPUS_WISH.iter().filter(|wish| !sends_two || wish.0 == "usedtx").collect();
    let kept = pairs().filter(|pair| {
        let name = name(pair);
        (sends_two || name != "stereo") && wished.iter().all(|wish| wish.0 != name)
    });
    let wished = wished.iter().map(|(name, value)| format!("{name}={value}"));
    kept.map(str::to_owned).chain(wished).collect::<Vec<_>>().join(";")
}

fn codec(media: MediaDescription, line: &CodecLine, direction: Direction) -> MediaDescription {
    let number = line.payload_type;
    let mut media =
        media.with_value_attribute("rtpmap".to_owned(), format!("{number} {}", line.codec.name()));
    let is_asked = line.codec == Codec::Opus && direction == Direction::Sends;
    let own = line.parameters.as_deref();
    let parameters = if is_asked { Some(opus(own.unwrap_or_default())) } else { own.map(str::to_owned) };
    if let Some(parameters) = parameters {
        media = media.with_value_attribute("fmtp".to_owned(), format!("{number} {parameters}"));
    }
    for feedback in &line.feedback {
        media = media.with_value_attribute("rtcp-fb".to_owned(), format!("{number} {feedback}"));
    }
    if let Some(rtx) = line.rtx_payload_type {
        media = media
            .with_value_attribute("rtpmap".to_owned(), format!("{rtx} rtx/90000"))
            .with_value_attribute("fmtp".to_owned(), format!("{rtx} apt={number}"));
    }
    media
}

/// What the client sends, with all the layers that it has (RFC 8853 §5.3).
fn receiving(media: MediaDescription, rtp: &RtpSection) -> MediaDescription {
    let mut media = media.with_property_attribute("recvonly".to_owned());
    for rid in &rtp.rids {
        media = media.with_value_attribute("rid".to_owned(), format!("{rid} recv"));
    }
    if !rtp.rids.is_empty() {
        media = media.with_value_attribute("simulcast".to_owned(), format!("recv {}", rtp.rids.join(";")));
    }
    media
}

fn sending(media: MediaDescription, rtp: &RtpSection, slot: &SlotStream) -> MediaDescription {
    let SlotStream { mid, ssrc, rtx_ssrc, stream } = slot;
    let has_rtx = rtp.codecs.iter().any(|line| line.rtx_payload_type.is_some());
    let mut media = media
        .with_property_attribute("sendonly".to_owned())
        .with_value_attribute("msid".to_owned(), format!("seat{stream} slot{mid}"));
    if has_rtx {
        media = media.with_value_attribute("ssrc-group".to_owned(), format!("FID {ssrc} {rtx_ssrc}"));
    }
    media = media.with_value_attribute("ssrc".to_owned(), format!("{ssrc} cname:{CNAME}"));
    if has_rtx {
        media = media.with_value_attribute("ssrc".to_owned(), format!("{rtx_ssrc} cname:{CNAME}"));
    }
    media
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_asked_for_as_one_narrow_channel_and_who_sends_two_is_left_alone() {
        assert_eq!(opus(""), "maxaveragebitrate=24000;usedtx=1");
        assert_eq!(
            opus("maxplaybackrate=48000;stereo=1;useinbandfec=1;usedtx=0"),
            "maxplaybackrate=48000;useinbandfec=1;maxaveragebitrate=24000;usedtx=1"
        );
        let two = "stereo=1; sprop-stereo=1;maxaveragebitrate=128000";
        assert_eq!(opus(two), "stereo=1;sprop-stereo=1;maxaveragebitrate=128000;usedtx=1");
    }
}
