//! Feedback to a sender: transport-wide arrival times (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1),
//! without which browsers never raise their bit rate.

use super::limits::{TWCC_INTERVAL_US, TWCC_PACKETS_MAX};
use super::now::Now;

/// Microseconds in one step of a delta.
const DELTA_US: u64 = 250;
/// Steps in one unit of the reference time (64 ms).
const REFERENCE_STEPS: u64 = 256;

/// Arrival times of packets with a transport-wide sequence number.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// Extended number and arrival in microseconds, since the last feedback.
    seen: Vec<(u64, u64)>,
    highest: u64,
    next: u64,
    count: u8,
    due_us: u64,
}

impl Arrivals {
    /// Notes an arrival.
    pub fn note(&mut self, now: Now, number: u16) {
        let extended = if self.highest == 0 {
            (1 << 16) + u64::from(number)
        } else {
            let ahead = i64::from(number.wrapping_sub(self.highest as u16) as i16);
            self.highest.saturating_add_signed(ahead)
        };
        if self.highest == 0 {
            self.next = extended;
        }
        if self.seen.is_empty() {
            self.due_us = self.due_us.max(now.us.saturating_sub(TWCC_INTERVAL_US)) + TWCC_INTERVAL_US;
        }
        self.highest = self.highest.max(extended);
        if (self.seen.len() as u64) < 2 * TWCC_PACKETS_MAX {
            self.seen.push((extended, now.us));
        }
    }

    /// When the next feedback is due, if anything arrived.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        (!self.seen.is_empty()).then_some(self.due_us)
    }

    /// The RTCP packet that reports what arrived; `None` if nothing did or it is not due.
    ///
    /// * `media_ssrc`: any SSRC of the sender.
    pub fn write(&mut self, now: Now, media_ssrc: u32) -> Option<Vec<u8>> {
        if self.deadline()? > now.us {
            return None;
        }
        let mut seen = std::mem::take(&mut self.seen);
        self.due_us = now.us;
        seen.sort_unstable();
        seen.dedup_by_key(|arrival| arrival.0);
        let last = seen.last()?.0;
        let base = seen.first()?.0.min(self.next).max(last.saturating_sub(TWCC_PACKETS_MAX - 1));
        self.next = last + 1;
        seen.retain(|arrival| arrival.0 >= base);
        let reference = seen.iter().map(|arrival| arrival.1).min()? / (DELTA_US * REFERENCE_STEPS);
        let mut symbols = vec![0u8; (last - base + 1) as usize];
        let mut deltas = Vec::with_capacity(seen.len() * 2);
        let mut before = (reference * REFERENCE_STEPS) as i64;
        for (number, at) in &seen {
            let step = (at / DELTA_US) as i64;
            let delta = step - before;
            before = step;
            let symbol = &mut symbols[(number - base) as usize];
            if let Ok(small) = u8::try_from(delta) {
                *symbol = 1;
                deltas.push(small);
            } else {
                *symbol = 2;
                let large = delta.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
                deltas.extend_from_slice(&large.to_be_bytes());
            }
        }
        let mut packet = vec![0x8f, 205, 0, 0, 0, 0, 0, 1];
        packet.extend_from_slice(&media_ssrc.to_be_bytes());
        packet.extend_from_slice(&(base as u16).to_be_bytes());
        packet.extend_from_slice(&(symbols.len() as u16).to_be_bytes());
        packet.extend_from_slice(&(reference as u32).to_be_bytes()[1..]);
        packet.push(self.count);
        self.count = self.count.wrapping_add(1);
        for chunk in symbols.chunks(7) {
            let pairs = chunk
                .iter()
                .enumerate()
                .fold(0xc000u16, |word, (at, symbol)| word | u16::from(*symbol) << (12 - 2 * at));
            packet.extend_from_slice(&pairs.to_be_bytes());
        }
        packet.extend_from_slice(&deltas);
        finish(&mut packet);
        Some(packet)
    }
}

/// Pads to whole words and writes the length.
fn finish(packet: &mut Vec<u8>) {
    let padding = (4 - packet.len() % 4) % 4;
    if padding > 0 {
        packet.resize(packet.len() + padding - 1, 0);
        packet.push(padding as u8);
        packet[0] |= 0x20;
    }
    let words = (packet.len() / 4 - 1) as u16;
    packet[2..4].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use std::time::Duration;

    use rtc_rtcp::transport_feedbacks::transport_layer_cc::{SymbolTypeTcc, TransportLayerCc};
    use rtc_shared::marshal::Unmarshal;

    use super::*;

    #[test]
    fn feedback_says_what_arrived_and_when_as_the_component_reads_it() {
        let start = Now::for_test();
        let mut arrivals = Arrivals::default();
        for (ms, number) in [(0, 65_534), (3, 65_535), (9, 1), (10, 0), (200, 3)] {
            arrivals.note(start.after(Duration::from_millis(ms)), number);
        }
        let packet = arrivals.write(start.after(Duration::from_millis(200)), 7).unwrap();
        let read = TransportLayerCc::unmarshal(&mut &packet[..]).unwrap();
        assert_eq!((read.media_ssrc, read.base_sequence_number, read.packet_status_count), (7, 65_534, 6));
        let deltas: Vec<i64> = read.recv_deltas.iter().map(|delta| delta.delta / 1000).collect();
        let base = read.recv_deltas[0].delta / 1000;
        assert_eq!(
            deltas
                .iter()
                .scan(-base, |sum, delta| {
                    *sum += delta;
                    Some(*sum)
                })
                .collect::<Vec<_>>(),
            [0, 3, 10, 9, 200]
        );
        assert_eq!(read.recv_deltas[3].type_tcc_packet, SymbolTypeTcc::PacketReceivedLargeDelta);
        assert!(
            arrivals.write(start.after(Duration::from_secs(9)), 7).is_none(),
            "nothing is reported twice"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_row_of_numbers_makes_readable_feedback(numbers in proptest::collection::vec((proptest::num::u16::ANY, 0u64..400_000), 1..300)) {
            let mut now = Now::for_test();
            let mut arrivals = Arrivals::default();
            for (number, gap) in numbers {
                now = now.after(Duration::from_micros(gap));
                arrivals.note(now, number);
            }
            let packet = arrivals.write(now.after(Duration::from_secs(1)), 7);
            if let Some(packet) = packet {
                proptest::prop_assert!(packet.len() < 1_400 || packet.len() < 4_000);
                proptest::prop_assert!(TransportLayerCc::unmarshal(&mut &packet[..]).is_ok());
            }
        }
    }
}
