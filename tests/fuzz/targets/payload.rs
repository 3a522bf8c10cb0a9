//! Descriptors, extensions and feedback: any bytes are read, and where something is rewritten nothing else changes.
#![no_main]

use fuzz::pieces;
use libfuzzer_sys::fuzz_target;
use media::core::estimate::arrivals::Feedback;
use media::core::picture::{Dependencies, Picture};
use media::core::sdp::offer::Codec;
use media::core::sound::red::{self, Blocks};
use media::core::vp8::Vp8;

const CODECS: [Codec; 6] = [Codec::Opus, Codec::Red, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1];

fuzz_target!(|input: &[u8]| {
    for piece in pieces(input) {
        let Some((mode, bytes)) = piece.split_first() else { continue };
        let picture = Picture::read(CODECS[usize::from(*mode) % CODECS.len()], bytes);
        assert!(picture.temporal < 8 && picture.spatial < 8, "three bits name a layer");
        if let Some(read) = Vp8::read(bytes) {
            let mut copy = bytes.to_vec();
            read.patch(&mut copy, read.picture, read.tl0);
            assert_eq!(copy, bytes);
        }
        let opus = mode & 0x7f;
        if let Some(blocks) = Blocks::read(bytes, opus) {
            let older: Vec<(u32, &[u8])> =
                blocks.older().map(|(_, block)| (block.offset, &bytes[block.bytes.clone()])).collect();
            let mut copy = Vec::new();
            red::write(&mut copy, opus, older.into_iter().rev(), &bytes[blocks.newest]);
            assert_eq!(copy, bytes, "what was read is written as it was");
        }
        if let Some(feedback) = Feedback::read(bytes) {
            let mut told = 0u32;
            feedback.each(|_| told += 1);
            assert!(told <= u32::from(u16::MAX), "no more packets than are counted");
        }
    }
    let mut dependencies = Dependencies::default();
    for descriptor in pieces(input) {
        if let Some(picture) = dependencies.read(descriptor) {
            assert!(picture.temporal < 8 && picture.spatial < 4, "two and three bits name a layer");
        }
    }
});
