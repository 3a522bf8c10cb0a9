//! The data channel: an association that is up takes packets with any chunks. Where the component panics the channel
//! ends, as in use; a panic of ours is a finding.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use fuzz::{begin, pieces};
use libfuzzer_sys::fuzz_target;
use media::core::data::DataChannels;

const PORT: u16 = 5_000;
/// What may leave for one input.
const SENT_BYTES_MAX: usize = 1 << 20;

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
        }
        crc
    })
}

/// A packet around any chunks, with the right ports, tag and checksum (RFC 9260 §3).
fn packet(tag: u32, chunks: &[u8]) -> Bytes {
    let mut bytes = [PORT.to_be_bytes(), PORT.to_be_bytes()].concat();
    bytes.extend(tag.to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(chunks);
    let checksum = crc32c(&bytes);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    bytes.into()
}

fn chunk(typ: u8, body: &[u8]) -> Vec<u8> {
    let mut chunk = vec![typ, 0];
    chunk.extend((body.len() as u16 + 4).to_be_bytes());
    chunk.extend(body);
    chunk.resize(chunk.len().next_multiple_of(4), 0);
    chunk
}

/// The cookie of an INIT ACK, and the tag that the server wants to see.
fn read_ack(packet: &[u8]) -> Option<(u32, Vec<u8>)> {
    let body = packet.get(16..)?;
    let tag = u32::from_be_bytes(body.get(..4)?.try_into().ok()?);
    let mut rest = body.get(16..)?;
    while let [a, b, c, d, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([c, d]));
        let value = rest.get(4..length)?;
        if (a, b) == (0, 7) {
            return Some((tag, value.to_vec()));
        }
        rest = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// A client shakes hands by the book; what the server then wants to see as its tag.
fn greet(data: &mut DataChannels) -> Option<u32> {
    // Tag 1, a window of 64 KB, 16 streams each way, first TSN 1.
    let init = [0, 0, 0, 1, 0, 1, 0, 0, 0, 16, 0, 16, 0, 0, 0, 1];
    data.receive(begin(), packet(0, &chunk(1, &init)));
    let mut answers = Vec::new();
    data.transmit(begin(), |packet| answers.push(packet.to_vec()));
    let (tag, cookie) = read_ack(answers.first()?)?;
    data.receive(begin(), packet(tag, &chunk(10, &cookie)));
    data.transmit(begin(), |_| {});
    Some(tag)
}

/// Lets panics within the component unwind to where they are caught; all others end the run.
fn let_the_component_panic() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !std::backtrace::Backtrace::force_capture().to_string().contains("/rtc-sctp-") {
            end(panic);
        }
    }));
}

fuzz_target!(init: let_the_component_panic(), |input: &[u8]| {
    let mut data = DataChannels::new(PORT);
    let tag = greet(&mut data).expect("a handshake by the book succeeds");
    let (mut now, mut sent) = (begin(), 0);
    for piece in pieces(input) {
        let Some((mode, chunks)) = piece.split_first() else { continue };
        data.receive(now, packet(tag, chunks));
        now = now.after(Duration::from_millis(u64::from(*mode) * 8));
        data.timeout(now);
        data.transmit(now, |packet| sent += packet.len());
    }
    assert!(sent <= SENT_BYTES_MAX, "{sent} bytes for {} bytes", input.len());
});
