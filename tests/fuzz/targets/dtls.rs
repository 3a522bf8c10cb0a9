//! A handshake with anybody: any datagrams at any times before the wrapper, and what it may cost.
#![no_main]

use std::cell::RefCell;
use std::time::Duration;

use fuzz::{begin, identity, pieces};
use libfuzzer_sys::fuzz_target;
use media::core::dtls::{Dtls, Identity};

/// What one association may send to somebody who has proved nothing.
const SENT_BYTES_MAX: usize = 256 * 1024;

thread_local! {
    static IDENTITY: RefCell<Identity> = RefCell::new(identity());
}

fuzz_target!(|input: &[u8]| {
    IDENTITY.with_borrow(|identity| {
        let mut dtls = Dtls::new("00".repeat(32));
        let (mut now, mut out, mut sent) = (begin(), Vec::new(), 0);
        for datagram in pieces(input) {
            dtls.receive(now, identity, datagram, &mut out);
            now = now.after(Duration::from_millis(u64::from(datagram.last().copied().unwrap_or(0))));
            if dtls.deadline(now).is_some_and(|at| at <= now.us) {
                dtls.timeout(now, &mut out);
            }
            while let Some(datagram) = dtls.transmit() {
                sent += datagram.len();
            }
            out.clear();
        }
        dtls.close(now);
        assert!(sent <= SENT_BYTES_MAX, "{sent} bytes to a stranger");
    });
});
