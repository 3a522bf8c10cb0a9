//! The client's offer, parsed into what the core needs and nothing else. Sources: RFC 8866, RFC 9143 (BUNDLE),
//! RFC 8829 (JSEP). Every fault of the offer is a typed refusal.

use std::io::Cursor;

use rtc_sdp::description::media::MediaDescription;
use rtc_sdp::description::session::SessionDescription;

use crate::core::limits::{LAYERS_MAX, MEDIA_SECTIONS_MAX, MID_BYTES_MAX, OFFER_BYTES_MAX, RID_BYTES_MAX};
use crate::terms::{Kind, OfferError};

/// Header extension: transport-wide sequence number.
pub const URI_TWCC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Header extension: the m-line of a packet.
pub const URI_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Header extension: the simulcast layer of a packet (RFC 8852).
pub const URI_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// Header extension: the simulcast layer that a retransmission repeats (RFC 8852).
pub const URI_RRID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// Header extension: how loud a packet of sound is (RFC 6464).
pub const URI_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// Header extension: which pictures a picture needs (AV1 RTP, appendix A).
pub const URI_DEPENDENCY: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

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

/// A codec that we carry without looking into it further than its descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 7587.
    Opus,
    /// Opus with the packets before it (RFC 2198).
    Red,
    /// RFC 7741.
    Vp8,
    /// RFC 9628, profile 0.
    Vp9,
    /// RFC 6184, baseline, packetization mode 1.
    H264,
    /// AV1 RTP 1.0, main profile.
    Av1,
}

impl Codec {
    /// Its name in `a=rtpmap`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::Opus => "opus/48000/2",
            Codec::Red => "red/48000/2",
            Codec::Vp8 => "VP8/90000",
            Codec::Vp9 => "VP9/90000",
            Codec::H264 => "H264/90000",
            Codec::Av1 => "AV1/90000",
        }
    }

    /// Those of a kind.
    fn of(kind: Kind) -> &'static [Codec] {
        match kind {
            Kind::Audio => &[Codec::Opus, Codec::Red],
            Kind::Video => &[Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1],
        }
    }

    /// Whether the parameters are those that all our clients understand.
    fn fits(self, parameters: &str) -> bool {
        let value = |key: &str| {
            let mut pairs = parameters.split(';').filter_map(|part| part.trim().split_once('='));
            pairs.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.trim())
        };
        match self {
            Codec::H264 => {
                let is_baseline = |level: &str| level.get(..2).is_some_and(|profile| profile == "42");
                value("packetization-mode") == Some("1") && value("profile-level-id").is_none_or(is_baseline)
            }
            Codec::Vp9 => value("profile-id").is_none_or(|profile| profile == "0"),
            Codec::Av1 => value("profile").is_none_or(|profile| profile == "0"),
            Codec::Opus | Codec::Red | Codec::Vp8 => true,
        }
    }
}

/// One codec of a section, as offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecLine {
    /// Which.
    pub codec: Codec,
    /// Its payload type.
    pub payload_type: u8,
    /// Payload type of its retransmissions, if offered.
    pub rtx_payload_type: Option<u8>,
    /// Its `a=fmtp` parameters.
    pub parameters: Option<String>,
    /// Feedback that was offered for it and that we understand.
    pub feedback: Vec<String>,
}

/// Ids of the header extensions that a section offers and we understand, 1..=14.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// See [`URI_MID`].
    pub mid: Option<u8>,
    /// See [`URI_TWCC`].
    pub twcc: Option<u8>,
    /// See [`URI_RID`].
    pub rid: Option<u8>,
    /// See [`URI_RRID`].
    pub rrid: Option<u8>,
    /// See [`URI_LEVEL`].
    pub level: Option<u8>,
    /// See [`URI_DEPENDENCY`].
    pub dependency: Option<u8>,
}

/// An RTP section with at least one codec that we carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpSection {
    /// Sound or pictures.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// The codecs that we carry, in the order of the offer, each once. Never empty.
    pub codecs: Vec<CodecLine>,
    /// Header extensions.
    pub extensions: Extensions,
    /// Names of the simulcast layers that the client will send, in its order; empty without simulcast (RFC 8853).
    pub rids: Vec<String>,
    /// Announced SSRCs.
    pub ssrcs: Vec<u32>,
    /// Announced pairs of SSRC and its retransmissions' SSRC.
    pub rtx_pairs: Vec<(u32, u32)>,
}

impl RtpSection {
    /// The line of a codec.
    #[must_use]
    pub fn line(&self, codec: Codec) -> Option<&CodecLine> {
        self.codecs.iter().find(|line| line.codec == codec)
    }
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
    /// The client's ICE password (RFC 8839 §5.4); one that is none is left out, for our answers need none.
    pub password: Option<String>,
    /// The client's certificate, SHA-256 as SDP writes it.
    pub fingerprint: String,
    /// Whether the m-lines stand in a BUNDLE group; one alone may do without.
    pub is_bundled: bool,
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
    // What the answer repeats of an offer must not carry anything but text (RFC 8866 §9, byte-string).
    if text.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t')) {
        return Err(OfferError::Malformed);
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
        // One line needs no group, and what the client itself refuses stands in none (RFC 9143 §7.2).
        let is_alone = medias.len() == 1 && bundle.is_empty();
        if !is_alone && section.content != Content::Refused && !bundle.contains(&section.mid.as_str()) {
            return Err(OfferError::NotBundled);
        }
        sections.push(section);
    }
    if sections.iter().all(|section| section.content == Content::Refused) {
        return Err(OfferError::NothingCommon);
    }
    Ok(Offer {
        ufrag: ufrag(&session)?,
        password: shared(&session, "ice-pwd").next().filter(|text| is_password(text)).map(str::to_owned),
        fingerprint: fingerprint(&session)?,
        is_bundled: !bundle.is_empty(),
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

/// Whether a text can be a client's ICE password: 22 to 256 characters (RFC 8839 §5.4).
pub fn is_password(text: &str) -> bool {
    (22..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
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
    let is_refused = name.port.value == 0 && !media.has_attribute("bundle-only");
    let content = match name.media.as_str() {
        _ if is_refused => Content::Refused,
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
    let codecs = codecs(media, kind);
    if codecs.iter().all(|line| line.codec == Codec::Red) {
        return Ok(None);
    }
    let direction = if media.has_attribute("recvonly") {
        Direction::Receives
    } else if media.has_attribute("inactive") {
        Direction::Inactive
    } else {
        Direction::Sends
    };
    Ok(Some(RtpSection {
        kind,
        direction,
        codecs,
        extensions: Extensions {
            mid: extension(media, URI_MID),
            twcc: extension(media, URI_TWCC),
            rid: extension(media, URI_RID),
            rrid: extension(media, URI_RRID),
            level: extension(media, URI_LEVEL),
            dependency: extension(media, URI_DEPENDENCY),
        },
        rids: rids(media),
        ssrcs: ssrcs(media),
        rtx_pairs: rtx_pairs(media),
    }))
}

/// The codecs of a section that we carry: of several variants of one, the first that fits.
fn codecs(media: &MediaDescription, kind: Kind) -> Vec<CodecLine> {
    let parameters = |number: u8| {
        by_payload_type(media, "fmtp").find(|(of, _)| *of == number).map(|(_, text)| text.to_owned())
    };
    let known = ["nack", "nack pli", "ccm fir", "transport-cc"];
    let mut lines: Vec<CodecLine> = Vec::new();
    for (payload_type, name) in by_payload_type(media, "rtpmap") {
        let named = |codec: &&Codec| codec.name().eq_ignore_ascii_case(name);
        let Some(&codec) = Codec::of(kind).iter().find(named) else { continue };
        let parameters = parameters(payload_type);
        if !codec.fits(parameters.as_deref().unwrap_or_default()) {
            continue;
        }
        if lines.iter().any(|line| line.codec == codec) {
            continue;
        }
        let feedback = by_payload_type(media, "rtcp-fb")
            .filter(|(of, text)| *of == payload_type && known.contains(text))
            .map(|(_, text)| text.to_owned())
            .collect();
        let rtx_payload_type = rtx_of(media, payload_type);
        lines.push(CodecLine { codec, payload_type, rtx_payload_type, parameters, feedback });
    }
    let in_order = |line: &CodecLine| {
        let wanted = line.payload_type.to_string();
        media.media_name.formats.iter().position(|format| *format == wanted)
    };
    lines.sort_by_key(|line| in_order(line).unwrap_or(usize::MAX));
    lines
}

/// The payload type of the retransmissions of another (RFC 4588 §8.1).
fn rtx_of(media: &MediaDescription, payload_type: u8) -> Option<u8> {
    let apt = format!("apt={payload_type}");
    let repeats = |number: u8| {
        by_payload_type(media, "fmtp")
            .any(|(of, text)| of == number && text.split(';').any(|part| part.trim() == apt))
    };
    by_payload_type(media, "rtpmap")
        .filter(|(_, name)| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("rtx/")))
        .map(|(number, _)| number)
        .find(|number| repeats(*number))
}

/// The layers of `a=simulcast:send`, of alternatives the first; those without an `a=rid` line do not count.
fn rids(media: &MediaDescription) -> Vec<String> {
    let is_rid = |rid: &str| {
        (1..=RID_BYTES_MAX).contains(&rid.len())
            && rid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let declared: Vec<&str> = values(media, "rid")
        .filter_map(|value| value.strip_suffix(" send").or(value.split_once(" send ").map(|v| v.0)))
        .collect();
    let Some(line) = values(media, "simulcast").next() else { return Vec::new() };
    let mut words = line.split_whitespace();
    let send = words.by_ref().skip_while(|word| *word != "send").nth(1).unwrap_or_default();
    let mut rids: Vec<String> = Vec::new();
    for group in send.split(';') {
        let rid = group.split(',').next().unwrap_or_default().trim_start_matches('~');
        if is_rid(rid)
            && declared.contains(&rid)
            && !rids.iter().any(|other| other == rid)
            && rids.len() < LAYERS_MAX
        {
            rids.push(rid.to_owned());
        }
    }
    if rids.len() < 2 { Vec::new() } else { rids }
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
