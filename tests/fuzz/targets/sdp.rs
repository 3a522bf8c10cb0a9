//! Offers: any text, and the answer to every offer that is taken.
#![no_main]

use std::cell::RefCell;

use fuzz::{begin, plane};
use libfuzzer_sys::fuzz_target;
use media::core::plane::Plane;

thread_local! {
    static PLANE: RefCell<Plane> = RefCell::new(plane());
}

fuzz_target!(|offer: &str| {
    PLANE.with_borrow_mut(|plane| {
        if let Ok(connected) = plane.connect(begin(), offer) {
            let lines = |sdp: &str| sdp.lines().filter(|line| line.starts_with("m=")).count();
            assert!(lines(&connected.answer) > 0, "an answer has media sections");
            assert!(!connected.answer.contains('\0'));
            plane.remove(begin(), connected.peer);
        }
        plane.outbox.clear();
        plane.events.clear();
        plane.claims.clear();
    });
});
