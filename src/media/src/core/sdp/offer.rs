//! The client's offer, parsed into what the core needs and nothing else. Sources: RFC 8866, RFC 9143 (BUNDLE),
//! RFC 8829 (JSEP). Every fault of the offer is a typed refusal.

use std::io::Cursor;

use rtc_sdp::description::media::MediaDescription;
use rtc_sdp::description::session::SessionDescription;

use crate::core::limits::{MEDIA_SECTIONS_MAX, MID_BYTES_MAX, OFFER_BYTES_MAX};
use crate::terms::{Kind, OfferError};

/// Header extension: transport-wide sequence number.
pub const URI_TWCC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Header extension: the m-line of a packet.
pub const URI_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// Which way media flows in a section, seen from the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The client sends (and may receive, which we then do not use).
    Sends,
    /// The client only receives: a slot.
    Receives,
    /// Neither.
    Inactive,
}

/// What a section is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Sound or pictures in a codec that we carry.
    Rtp(RtpSection),
    /// The data channel, with the client's SCTP port.
    Data {
        /// SCTP port.
        port: u16,
    },
    /// Something that we refuse (port 0 in the answer).
    Refused,
}

/// An RTP section with a codec that we carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpSection {
    /// Opus or VP8.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// Payload type of the codec.
    pub payload_type: u8,
    /// Payload type of its retransmissions, if offered.
    pub rtx_payload_type: Option<u8>,
    /// The codec's `a=fmtp` parameters, as offered.
    pub parameters: Option<String>,
    /// Feedback that was offered for the codec and that we understand.
    pub feedback: Vec<String>,
    /// Id of the `mid` header extension, 1..=14.
    pub mid_extension: Option<u8>,
    /// Id of the transport-wide sequence number extension, 1..=14.
    pub twcc_extension: Option<u8>,
    /// Announced SSRCs.
    pub ssrcs: Vec<u32>,
    /// Announced pairs of SSRC and its retransmissions' SSRC.
    pub rtx_pairs: Vec<(u32, u32)>,
}

/// One m-line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its `a=mid`, 1 to 16 token characters, unique in the offer.
    pub mid: String,
    /// `audio`, `video`, `application` …, as offered.
    pub media: String,
    /// The transport, as offered.
    pub protocol: String,
    /// What it is for.
    pub content: Content,
}

/// A usable offer. Invariant: 1 to `MEDIA_SECTIONS_MAX` sections, bundled, at least one of them not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The client's ICE name, 4 to 256 ICE characters.
    pub ufrag: String,
    /// The client's certificate, SHA-256 as SDP writes it.
    pub fingerprint: String,
    /// The m-lines in order.
    pub sections: Vec<Section>,
    /// The session id, which the answer repeats.
    pub session_id: u64,
}

/// All values of an attribute of a section.
fn values<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    media.attributes.iter().filter(move |a| a.key == key).filter_map(|a| a.value.as_deref())
}

/// Values of the form `<payload type> <rest>`.
fn by_payload_type<'a>(media: &'a MediaDescription, key: &'a str) -> impl Iterator<Item = (u8, &'a str)> {
    values(media, key).filter_map(|value| {
        let (number, rest) = value.split_once(' ')?;
        Some((number.parse().ok().filter(|number| *number < 128)?, rest.trim()))
    })
}

/// Parses an offer.
///
/// # Errors
/// One for each way in which an offer can be unusable.
pub fn parse(text: &str) -> Result<Offer, OfferError> {
    if text.len() > OFFER_BYTES_MAX {
        return Err(OfferError::TooLong(OFFER_BYTES_MAX));
    }
    let session = SessionDescription::unmarshal(&mut Cursor::new(text.as_bytes()))
        .map_err(|_| OfferError::Malformed)?;
    let medias = &session.media_descriptions;
    if !(1..=MEDIA_SECTIONS_MAX).contains(&medias.len()) {
        return Err(OfferError::MediaCount(medias.len(), MEDIA_SECTIONS_MAX));
    }
    let bundle: Vec<&str> = session
        .attributes
        .iter()
        .filter(|a| a.key == "group")
        .filter_map(|a| a.value.as_deref()?.strip_prefix("BUNDLE "))
        .flat_map(str::split_whitespace)
        .collect();
    let mut sections: Vec<Section> = Vec::with_capacity(medias.len());
    for media in medias {
        let section = section(media)?;
        if sections.iter().any(|other| other.mid == section.mid) {
            return Err(OfferError::Mid);
        }
        if !bundle.contains(&section.mid.as_str()) {
            return Err(OfferError::NotBundled);
        }
        sections.push(section);
    }
    if sections.iter().all(|section| section.content == Content::Refused) {
        return Err(OfferError::NothingCommon);
    }
    Ok(Offer {
        ufrag: ufrag(&session)?,
        fingerprint: fingerprint(&session)?,
        sections,
        session_id: session.origin.session_id,
    })
}

/// The value of an attribute that stands in the session or in the sections, and is the same wherever it stands.
fn shared<'a>(session: &'a SessionDescription, key: &'a str) -> impl Iterator<Item = &'a str> {
    let of_session =
        session.attributes.iter().filter(move |a| a.key == key).filter_map(|a| a.value.as_deref());
    of_session.chain(session.media_descriptions.iter().flat_map(move |media| values(media, key)))
}

fn ufrag(session: &SessionDescription) -> Result<String, OfferError> {
    let mut all = shared(session, "ice-ufrag");
    let first = all.next().ok_or(OfferError::Ufrag)?;
    if !is_ufrag(first) || all.any(|other| other != first) {
        return Err(OfferError::Ufrag);
    }
    Ok(first.to_owned())
}

/// Whether a text can be a client's ICE name: 4 to 256 ICE characters (RFC 8839 §5.4), and two that some clients use.
pub fn is_ufrag(text: &str) -> bool {
    let is_ice = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/' || c == '-' || c == '_';
    (4..=256).contains(&text.len()) && text.chars().all(is_ice)
}

fn fingerprint(session: &SessionDescription) -> Result<String, OfferError> {
    let mut all = shared(session, "fingerprint").filter_map(|value| {
        let (algorithm, digest) = value.split_once(' ')?;
        algorithm.eq_ignore_ascii_case("sha-256").then_some(digest.trim())
    });
    let first = all.next().ok_or(OfferError::Fingerprint)?;
    let is_digest = first.len() == 32 * 3 - 1
        && first.split(':').all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()));
    if !is_digest || all.any(|other| !other.eq_ignore_ascii_case(first)) {
        return Err(OfferError::Fingerprint);
    }
    Ok(first.to_owned())
}

fn section(media: &MediaDescription) -> Result<Section, OfferError> {
    let mid = media.attribute("mid").flatten().unwrap_or_default().to_owned();
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&b);
    if !(1..=MID_BYTES_MAX).contains(&mid.len()) || !mid.bytes().all(is_token) {
        return Err(OfferError::Mid);
    }
    if values(media, "setup").any(|setup| setup != "actpass" && setup != "active") {
        return Err(OfferError::Setup);
    }
    let name = &media.media_name;
    let content = match name.media.as_str() {
        "audio" => rtp(media, Kind::Audio)?.map_or(Content::Refused, Content::Rtp),
        "video" => rtp(media, Kind::Video)?.map_or(Content::Refused, Content::Rtp),
        "application" if name.formats.iter().any(|format| format == "webrtc-datachannel") => {
            let port = media.attribute("sctp-port").flatten().and_then(|port| port.parse().ok());
            Content::Data { port: port.unwrap_or(5000) }
        }
        _ => Content::Refused,
    };
    Ok(Section { mid, media: name.media.clone(), protocol: name.protos.join("/"), content })
}

/// An RTP section, or `None` if it offers no codec that we carry.
fn rtp(media: &MediaDescription, kind: Kind) -> Result<Option<RtpSection>, OfferError> {
    if !media.has_attribute("rtcp-mux") {
        return Err(OfferError::NoRtcpMux);
    }
    let codec = match kind {
        Kind::Audio => "opus/48000/2",
        Kind::Video => "vp8/90000",
    };
    let named = |(number, name): (u8, &str)| name.eq_ignore_ascii_case(codec).then_some(number);
    let Some(payload_type) = by_payload_type(media, "rtpmap").find_map(named) else { return Ok(None) };
    let repeats = |number: u8| {
        let apt = format!("apt={payload_type}");
        by_payload_type(media, "fmtp")
            .any(|(of, text)| of == number && text.split(';').any(|part| part.trim() == apt))
    };
    let rtx_payload_type = by_payload_type(media, "rtpmap")
        .filter(|(_, name)| name.len() >= 4 && name.as_bytes()[..4].eq_ignore_ascii_case(b"rtx/"))
        .map(|(number, _)| number)
        .find(|number| repeats(*number));
    let direction = if media.has_attribute("recvonly") {
        Direction::Receives
    } else if media.has_attribute("inactive") {
        Direction::Inactive
    } else {
        Direction::Sends
    };
    let known = ["nack", "nack pli", "ccm fir", "transport-cc"];
    Ok(Some(RtpSection {
        kind,
        direction,
        payload_type,
        rtx_payload_type,
        parameters: by_payload_type(media, "fmtp")
            .find(|(of, _)| *of == payload_type)
            .map(|(_, text)| text.to_owned()),
        feedback: by_payload_type(media, "rtcp-fb")
            .filter(|(of, text)| *of == payload_type && known.contains(text))
            .map(|(_, text)| text.to_owned())
            .collect(),
        mid_extension: extension(media, URI_MID),
        twcc_extension: extension(media, URI_TWCC),
        ssrcs: ssrcs(media),
        rtx_pairs: rtx_pairs(media),
    }))
}

/// The id of a header extension, if it fits into the one-byte form.
fn extension(media: &MediaDescription, uri: &str) -> Option<u8> {
    values(media, "extmap").find_map(|value| {
        let mut words = value.split_whitespace();
        let id: u8 = words.next()?.split('/').next()?.parse().ok()?;
        (words.next()? == uri && (1..=14).contains(&id)).then_some(id)
    })
}

fn ssrcs(media: &MediaDescription) -> Vec<u32> {
    let mut found = Vec::new();
    for ssrc in values(media, "ssrc").filter_map(|value| value.split(' ').next()?.parse().ok()) {
        if !found.contains(&ssrc) && found.len() < 8 {
            found.push(ssrc);
        }
    }
    found
}

fn rtx_pairs(media: &MediaDescription) -> Vec<(u32, u32)> {
    let pair = |value: &str| {
        let mut words = value.split_whitespace();
        (words.next()? == "FID").then_some(())?;
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    values(media, "ssrc-group").filter_map(pair).take(4).collect()
}
