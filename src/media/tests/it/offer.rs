//! Offers: what is answered, and with which refusal a bad one meets.

use media::core::limits::OFFER_BYTES_MAX;
use media::core::sdp::offer::parse;
use media::{AUDIO_SLOTS, ConnectError, Kind, OfferError, VIDEO_SLOTS};
use proptest::prelude::*;

use crate::world::World;

/// An offer with one sending picture, one slot and the data channel, as Chromium writes it, shortened.
fn offer() -> String {
    let head = "v=0\r\no=- 4611686018427387905 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n\
        a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n";
    let transport = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=ice-options:trickle\r\n\
        a=fingerprint:sha-256 AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA\r\n\
        a=setup:actpass\r\n";
    let codec = "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\n\
        a=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 H265/90000\r\n";
    let video = |mid: u8, way: &str| {
        format!("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\n{transport}a=mid:{mid}\r\na={way}\r\n{codec}")
    };
    let ssrcs = "a=ssrc-group:FID 1001 1002\r\na=ssrc:1001 cname:x\r\na=ssrc:1002 cname:x\r\n";
    let data = format!(
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n{transport}a=mid:2\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n"
    );
    format!("{head}{}{ssrcs}{}{data}", video(0, "sendonly"), video(1, "recvonly"))
}

fn refusal(text: &str) -> OfferError {
    parse(text).unwrap_err()
}

#[test]
fn the_answer_is_lite_passive_bundled_and_gives_each_slot_its_ssrcs() {
    let mut world = World::new();
    let connected = world.plane.connect(world.now, &offer()).unwrap();
    let answer = connected.answer;
    let count = |line: &str| answer.lines().filter(|other| other.starts_with(line)).count();
    assert_eq!(answer.matches("\r\n").count(), answer.lines().count(), "every line ends as SDP wants it");
    assert_eq!(count("a=ice-lite"), 1);
    assert_eq!(count("a=group:BUNDLE 0 1 2"), 1);
    assert_eq!(count("a=setup:passive"), 3);
    assert_eq!(count("a=candidate:1 1 udp 2130706431 192.0.2.10 5000 typ host"), 3);
    assert_eq!((count("a=recvonly"), count("a=sendonly")), (1, 1));
    assert_eq!((count("a=ssrc-group:FID "), count("a=ssrc:")), (1, 2));
    assert_eq!(count("m=video 9 UDP/TLS/RTP/SAVPF 96 97"), 2);
    assert_eq!(count("a=rtcp-fb:96 goog-remb"), 0);
    assert_eq!(connected.slots.len(), 1);
    assert_eq!((connected.slots[0].mid.as_str(), connected.slots[0].kind), ("1", Kind::Video));
}

#[test]
fn our_pages_offer_has_its_slots_in_order() {
    let mut world = World::new();
    let client = world.join();
    let kinds: Vec<_> = world.clients[client].slots.iter().map(|slot| slot.kind).collect();
    assert_eq!(kinds, [vec![Kind::Audio; AUDIO_SLOTS], vec![Kind::Video; VIDEO_SLOTS]].concat());
}

#[test]
fn every_fault_of_an_offer_has_its_own_refusal() {
    let good = offer();
    assert!(parse(&good).is_ok());
    assert_eq!(refusal(&"a".repeat(OFFER_BYTES_MAX + 1)), OfferError::TooLong(OFFER_BYTES_MAX));
    assert_eq!(refusal("hello"), OfferError::Malformed);
    assert_eq!(refusal(good.split("m=").next().unwrap()), OfferError::MediaCount(0, 48));
    assert_eq!(refusal(&good.replace("a=mid:1\r\n", "")), OfferError::Mid);
    assert_eq!(refusal(&good.replace("a=mid:1\r\n", "a=mid:0\r\n")), OfferError::Mid);
    assert_eq!(refusal(&good.replace("a=mid:1\r\n", "a=mid:12345678901234567\r\n")), OfferError::Mid);
    assert_eq!(refusal(&good.replace("BUNDLE 0 1 2", "BUNDLE 0 2")), OfferError::NotBundled);
    assert_eq!(refusal(&good.replace("a=rtcp-mux\r\n", "")), OfferError::NoRtcpMux);
    assert_eq!(refusal(&good.replace("a=ice-ufrag:abcd\r\n", "")), OfferError::Ufrag);
    assert_eq!(refusal(&good.replacen("a=ice-ufrag:abcd", "a=ice-ufrag:efgh", 1)), OfferError::Ufrag);
    assert_eq!(refusal(&good.replace("sha-256", "sha-1")), OfferError::Fingerprint);
    assert_eq!(refusal(&good.replacen("AA:AA", "BB:AA", 1)), OfferError::Fingerprint);
    assert_eq!(refusal(&good.replace("actpass", "passive")), OfferError::Setup);
    let nothing = good.replace("VP8/90000", "H266/90000").replace("webrtc-datachannel", "something-else");
    assert_eq!(refusal(&nothing), OfferError::NothingCommon);
}

#[test]
fn a_section_that_we_cannot_carry_is_refused_and_the_rest_is_answered() {
    let mut world = World::new();
    let text = offer().replacen("VP8/90000", "H266/90000", 1);
    let answer = world.plane.connect(world.now, &text).unwrap().answer;
    assert!(answer.contains("m=video 0 UDP/TLS/RTP/SAVPF 0\r\n"));
    assert!(answer.contains("a=group:BUNDLE 1 2\r\n"));
}

#[test]
fn a_line_that_the_client_refuses_itself_needs_no_group_and_one_line_alone_needs_none() {
    let refused = offer().replacen("m=video 9", "m=video 0", 1).replace("BUNDLE 0 1 2", "BUNDLE 1 2");
    assert!(World::new().plane.connect(World::new().now, &refused).is_ok());
    let alone = offer().replace("a=group:BUNDLE 0 1 2\r\n", "");
    let alone: Vec<&str> = alone.split("m=").take(2).collect();
    let answer = World::new().plane.connect(World::new().now, &alone.join("m=")).unwrap().answer;
    assert!(!answer.contains("BUNDLE"));
}

#[test]
fn simulcast_is_answered_layer_by_layer_and_only_with_layers_that_were_declared() {
    let layers = "a=sendonly\r\na=rid:q send\r\na=rid:h send;max-width=320\r\na=simulcast:send q;~h,x;ghost\r\n\
        a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
        a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";
    let text = offer().replace("a=sendonly\r\n", layers).replace("h send;max", "h send max");
    let answer = World::new().plane.connect(World::new().now, &text).unwrap().answer;
    for line in ["a=rid:q recv", "a=rid:h recv", "a=simulcast:recv q;h", "a=extmap:5 ", "a=extmap:6 "] {
        assert_eq!(answer.matches(line).count(), 1, "{line} in {answer}");
    }
    assert!(!answer.contains("ghost"));
}

#[test]
fn every_codec_that_all_clients_take_is_answered_in_the_clients_order() {
    let more = "a=rtpmap:99 H264/90000\r\na=fmtp:99 packetization-mode=0;profile-level-id=42e01f\r\n\
        a=rtpmap:100 h264/90000\r\na=fmtp:100 packetization-mode=1;profile-level-id=42e01f\r\n\
        a=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=100\r\na=rtpmap:102 VP9/90000\r\na=fmtp:102 profile-id=2\r\n\
        a=rtpmap:103 AV1/90000\r\na=rtpmap:98 H265/90000\r\n";
    let text = offer()
        .replace("a=rtpmap:98 H265/90000\r\n", more)
        .replace("SAVPF 96 97 98", "SAVPF 103 100 101 96 97 98 99 102");
    let answer = World::new().plane.connect(World::new().now, &text).unwrap().answer;
    assert_eq!(answer.matches("m=video 9 UDP/TLS/RTP/SAVPF 103 100 101 96 97\r\n").count(), 2, "{answer}");
}

#[test]
fn a_plane_that_is_full_says_so() {
    let mut world = World::new();
    (0..64).for_each(|_| assert!(world.plane.connect(world.now, &offer()).is_ok()));
    assert_eq!(world.plane.connect(world.now, &offer()).unwrap_err(), ConnectError::Full);
    assert_eq!(ConnectError::Full.code(), "media_full");
}

proptest! {
    #[test]
    fn no_offer_panics_and_no_answer_gains_a_line(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..40), 1..6),
    ) {
        let mut bytes = offer().into_bytes();
        for (at, byte, cut) in edits {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            match byte % 3 {
                0 => bytes[at] = byte,
                1 => { bytes.drain(at..end); }
                _ => { let copy = bytes[at..end].to_vec(); bytes.splice(at..at, copy); }
            }
            bytes.push(b'\n');
        }
        let text = String::from_utf8_lossy(&bytes);
        let mut world = World::new();
        if let Ok(connected) = world.plane.connect(world.now, &text) {
            let is_line = |line: &str| line.as_bytes().get(1) == Some(&b'=');
            prop_assert!(connected.answer.split("\r\n").filter(|line| !line.is_empty()).all(is_line));
        }
    }
}

#[test]
fn candidates_of_the_client_and_names_of_multicast_dns_among_them_change_nothing() {
    let plain = parse(&offer()).unwrap();
    let candidates = "a=candidate:1 1 udp 2113937151 7d1c5c0e-4b6d-4a64-8a4e-3f1d0f6a9b1c.local 50000 typ host\r\n\
        a=candidate:2 1 tcp 1518280447 7d1c5c0e-4b6d-4a64-8a4e-3f1d0f6a9b1c.local 9 typ host tcptype active\r\n\
        a=candidate:3 1 udp 1677729535 203.0.113.7 50000 typ srflx raddr 0.0.0.0 rport 0\r\n";
    let with = offer().replace("a=setup:actpass\r\n", &format!("a=setup:actpass\r\n{candidates}"));
    assert_ne!(with, offer());
    assert_eq!(
        parse(&with).unwrap(),
        plain,
        "we are checked and check nobody, so nobody's name is looked up"
    );
    let mut world = World::new();
    assert!(world.plane.connect(world.now, &with).is_ok());
}

#[test]
fn an_answer_names_each_address_over_udp_and_behind_them_over_tcp() {
    let mut world = World::reached_by_tcp();
    let answer = world.plane.connect(world.now, &offer()).unwrap().answer;
    let lines: Vec<&str> = answer.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    let priority = |line: &str| line.split(' ').nth(3).unwrap().parse::<u32>().unwrap();
    let (udp, tcp): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.contains(" udp "));
    assert!(
        !udp.is_empty()
            && tcp.iter().all(|line| line.ends_with("typ host tcptype passive"))
            && !tcp.is_empty()
    );
    let least = udp.iter().map(|line| priority(line)).min();
    assert!(tcp.iter().all(|line| Some(priority(line)) < least));
}
