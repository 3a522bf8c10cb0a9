//! Signaling: any frame is a message or a stable error; what is read writes and reads back the same; no row of
//! messages breaks the session machine.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signaling::{Session, read_client, read_server, write};

fuzz_target!(|text: &str| {
    let mut session = Session::default();
    for frame in text.split('\u{1e}').take(32) {
        if let Ok(message) = read_client(frame) {
            assert_eq!(read_client(&write(&message)).as_ref(), Ok(&message));
            let before = session.clone();
            if session.client_says(&message).is_err() {
                assert_eq!(session, before, "a message out of turn moves nothing");
            }
        }
        if let Ok(message) = read_server(frame) {
            assert_eq!(read_server(&write(&message)).as_ref(), Ok(&message));
            let before = session.clone();
            if session.server_says(&message).is_err() {
                assert_eq!(session, before, "a message out of turn moves nothing");
            }
        }
    }
});
