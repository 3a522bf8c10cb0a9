//! The floor: what sealing and sending a packet cost on this machine with nothing around them.
//!
//! No server, no protocol: the same cipher and the same system calls as our plane's, in a loop on the server's core,
//! with readers on the load's core. A figure of the plane is to be read beside these.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use quinn_udp::{Transmit, UdpSocketState};
use rtc_dtls::crypto_provider::{AeadAlgorithm, default_provider};
use rustix::time::{ClockId, clock_gettime};

use crate::clock;
use crate::person::{Fault, broken};
use crate::process;
use crate::udp::{Depth, Line, Reader, Reading};

/// Bytes of a datagram.
const DATAGRAM_BYTES: usize = 1_100;
/// Bytes of its header and extensions, which are not sealed.
const HEADER_BYTES: usize = 24;
/// Bytes of its tag.
const TAG_BYTES: usize = 16;
/// Packets that are sealed in one run.
const SEALED: u32 = 500_000;
/// Receivers.
const RECEIVERS: usize = 200;
/// Time of one run of sending.
const SEND_FOR: Duration = Duration::from_secs(2);

/// Time for which a core is watched.
const WATCH_FOR: Duration = Duration::from_secs(4);
/// A loop that does nothing else and stands still for longer was interrupted: no delay below this can be promised.
const STILL: Duration = Duration::from_millis(1);

/// Processor time of this thread.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Microseconds to seal one packet with AES-128-GCM, as the plane does it.
///
/// # Errors
/// The cryptographic library refuses.
pub fn seal_us(core: usize) -> Result<f64, Fault> {
    let run = move || -> Result<f64, Fault> {
        process::pin(core);
        let provider = default_provider().map_err(|error| broken(&error.to_string()))?;
        let fault = |error: rtc_dtls::crypto_provider::CryptoError| broken(&error.to_string());
        let mut aead = provider.crypto().new_aead(AeadAlgorithm::Aes128Gcm, &[7; 16]).map_err(fault)?;
        let mut packet = [0x5a; DATAGRAM_BYTES - TAG_BYTES];
        let mut tag = [0; TAG_BYTES];
        let before = thread_time();
        for number in 0..SEALED {
            let mut nonce = [0; 12];
            nonce[8..].copy_from_slice(&number.to_be_bytes());
            let (head, body) = packet.split_at_mut(HEADER_BYTES);
            aead.seal_in_place(&nonce, head, body, &mut tag).map_err(fault)?;
        }
        Ok((thread_time() - before).as_secs_f64() * 1e6 / f64::from(SEALED))
    };
    std::thread::spawn(run).join().map_err(|_| "the sealing thread broke")?
}

/// What a loop that only looks at the clock loses of a core to others: percent of the time in pauses of a
/// millisecond and more, and the longest pause in milliseconds.
///
/// # Errors
/// The thread broke.
pub fn taken_away(core: usize) -> Result<(f64, f64), Fault> {
    let watch = move || {
        process::pin(core);
        let start = clock::instant();
        let (mut last, mut still, mut longest) = (start, Duration::ZERO, Duration::ZERO);
        while last < start + WATCH_FOR {
            let now = clock::instant();
            let passed = now - last;
            last = now;
            longest = longest.max(passed);
            if passed >= STILL {
                still += passed;
            }
        }
        let whole = (last - start).as_secs_f64();
        (100.0 * still.as_secs_f64() / whole, longest.as_secs_f64() * 1e3)
    };
    std::thread::spawn(watch).join().map_err(|_| broken("the watching thread broke"))
}

/// Microseconds to send one packet to one of many receivers, `together` of them in one call, and the share that arrived.
///
/// # Errors
/// The system has no more sockets.
pub fn send_us(cores: (usize, usize), together: usize, reading: Reading) -> Result<(f64, f64), Fault> {
    let lines = (0..RECEIVERS).map(|_| Line::open(reading)).collect::<Result<Vec<_>, _>>()?;
    let receivers: Vec<_> = lines.iter().map(Line::local).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let is_over = stop.clone();
    let reader = std::thread::spawn(move || {
        process::pin(cores.1);
        let (mut reader, mut count) = (Reader::new(), 0u64);
        loop {
            let is_last = is_over.load(Ordering::Acquire);
            let before = count;
            for line in &lines {
                count += reader.read(line, Depth::Head).datagrams().count() as u64;
            }
            if is_last && count == before {
                return count;
            }
        }
    });
    let sender = std::thread::spawn(move || -> Result<(f64, u64), Fault> {
        process::pin(cores.0);
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let state = UdpSocketState::new((&socket).into())?;
        let contents = vec![0x5a; DATAGRAM_BYTES * together];
        let segment_size = (together > 1).then_some(DATAGRAM_BYTES);
        let (end, before, mut sent) = (clock::instant() + SEND_FOR, thread_time(), 0u64);
        while clock::instant() < end {
            for destination in &receivers {
                let transmit = Transmit {
                    destination: *destination,
                    ecn: None,
                    contents: &contents,
                    segment_size,
                    src_ip: None,
                };
                // A full buffer is the kernel's way to say that it has enough; the call has cost its time.
                sent += state.try_send((&socket).into(), &transmit).map_or(0, |()| together as u64);
            }
        }
        Ok(((thread_time() - before).as_secs_f64() * 1e6 / sent.max(1) as f64, sent))
    });
    let sent = sender.join().map_err(|_| "the sending thread broke")?;
    stop.store(true, Ordering::Release);
    let got = reader.join().map_err(|_| "the reading thread broke")?;
    let (us, sent) = sent?;
    Ok((us, got as f64 / sent.max(1) as f64))
}
