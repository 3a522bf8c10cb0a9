//! Payload descriptors: reading any bytes, and writing back what was read changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::core::vp8::Vp8;

fuzz_target!(|input: &[u8]| {
    if let Some(read) = Vp8::read(input) {
        let mut copy = input.to_vec();
        read.patch(&mut copy, read.picture, read.tl0);
        assert_eq!(copy, input);
    }
});
