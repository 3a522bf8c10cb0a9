//! Every bound of the protocol with its reason. The server's own bounds are in its `limits.rs`.
//!
//! Numbers only; nothing is decided here.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A whole frame. An offer with eleven media sections of all of Chromium's codecs is about 42 KiB as JSON; that of a
/// review's wall, 37 sections of one codec each, about 48 KiB.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;

/// An offer or answer, before JSON escapes its line ends.
pub const SDP_BYTES_MAX: usize = 56 * 1024;

/// An id: our own are at most 40 characters of `[a-z0-9-]`.
pub const ID_CHARS_MAX: usize = 40;

/// A `mid`: what a one-byte header extension can carry (RFC 8285 §4.2).
pub const MID_CHARS_MAX: usize = 16;

/// An ICE name and an ICE password (RFC 8839 §5.4).
pub const UFRAG_CHARS: RangeInclusive<usize> = 4..=256;
/// See [`UFRAG_CHARS`].
pub const ICE_PASSWORD_CHARS: RangeInclusive<usize> = 22..=256;

/// A token with which a page comes back: names and titles in two scripts, sealed and coded.
pub const RESUME_BYTES_MAX: usize = 4 * 1024;

/// A line that somebody writes: 500 characters of whatever script.
pub const LINE_BYTES_MAX: usize = 2_000;

/// Lines in one frame, so that the largest fit into it, with titles and escapes.
pub const LINES_PER_FRAME: usize = 12;
/// The reason of a recording: one sentence that everybody reads before they agree.
pub const RECORD_REASON_CHARS_MAX: usize = 120;

/// What one page says to another about keys: an elliptic curve's public key or a wrapped key with their names, coded twice.
pub const SEAL_NOTE_CHARS_MAX: usize = 512;

/// Sections named in one `set_views`: the tiles of a review's wall, and as many again of another client.
pub const VIEWS_MAX: usize = 50;

/// Seats that are rung by one message: all departments, divisions and districts.
pub const RUNG_MAX: usize = 127;

/// Messages a session may say a second, in the long run. A page says one or two a second when a person is quick,
/// and up to three while its window is being drawn larger or smaller.
pub const MESSAGES_PER_SECOND: u32 = 5;

/// Messages a session may say at once: hello, connect, tracks, and a hurried row of taps.
pub const MESSAGE_BURST: u32 = 30;

/// Messages refused as `too_fast` before the server closes: a page that does not listen is not ours.
pub const TOO_FAST_MAX: u32 = 60;

/// How often the server looks whether a socket lives, and whether whoever speaks there may still.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);

/// Whoever has said nothing for so long is sent a WebSocket ping: below the idle limit of the usual proxies (60 s). Our own
/// pages say something sooner.
pub const PING_AFTER: Duration = Duration::from_secs(20);

/// Silence after which a socket counts as lost: a ping has gone unanswered for ten seconds then.
pub const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Time a new socket has to say `hello`.
pub const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// A ring that nobody answers becomes `missed`. The length of a telephone's ring.
pub const RING_TIMEOUT: Duration = Duration::from_secs(30);

/// A ring that is answered by itself rings so long before: time to look up, read who it is and say no.
pub const COUNTDOWN: Duration = Duration::from_secs(5);

/// A call that was left for another one is kept for its seat this long.
pub const HOLD_MAX: Duration = Duration::from_secs(600);

/// What «in two minutes» is.
pub const LATER: Duration = Duration::from_secs(120);

/// A seat that loses its socket in a call has this long to come back.
pub const CALL_RETURN_WINDOW: Duration = Duration::from_secs(10);

/// A participant who leaves a meeting, or is cut off, keeps the place this long.
pub const MEETING_RETURN_WINDOW: Duration = Duration::from_secs(600);

const _: () = assert!(SDP_BYTES_MAX < FRAME_BYTES_MAX);
// A line's text, twice over for escapes, and two titles of 200 characters.
const _: () = assert!(LINES_PER_FRAME * (2 * LINE_BYTES_MAX + 2 * 600) < FRAME_BYTES_MAX);
const _: () = assert!(RESUME_BYTES_MAX < FRAME_BYTES_MAX);
const _: () = assert!(PING_AFTER.as_millis() + PING_INTERVAL.as_millis() <= SILENCE_MAX.as_millis());
const _: () = assert!(COUNTDOWN.as_millis() < RING_TIMEOUT.as_millis());
const _: () = assert!(CALL_RETURN_WINDOW.as_millis() < RING_TIMEOUT.as_millis());
const _: () = assert!(MESSAGES_PER_SECOND < MESSAGE_BURST);
