//! What a counting client tells the server: transport-wide feedback and receiver reports.
//!
//! Sources: draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, RFC 3550 §6.4.2. Pure: bytes out, told the time.

use std::collections::BTreeMap;

/// Packets in one feedback: more than any interval here brings.
const PACKETS_MAX: u64 = 4_096;
/// Microseconds of one tick of a delta.
const TICK_US: i64 = 250;
/// Microseconds of one tick of the reference time.
const REFERENCE_US: i64 = 64_000;

/// Arrivals that have not been told yet.
#[derive(Default)]
pub struct Feedback {
    arrivals: BTreeMap<u64, u64>,
    highest: Option<u64>,
    /// One after the last number that was told.
    next: Option<u64>,
    count: u8,
}

impl Feedback {
    /// Notes that the packet with this transport-wide number arrived.
    pub fn note(&mut self, number: u16, arrived_us: u64) {
        let highest = self.highest.unwrap_or(u64::from(number) + (1 << 16));
        let step = i64::from(number.wrapping_sub(highest as u16) as i16);
        let place = highest.saturating_add_signed(step);
        self.highest = Some(highest.max(place));
        // Numbers that were told as lost stay lost: a server believes the first word.
        if self.next.is_none_or(|next| place >= next) {
            self.arrivals.entry(place).or_insert(arrived_us);
        }
    }

    /// The feedback about everything that came since the last one, as plain RTCP; none when nothing came.
    pub fn tell(&mut self, sender: u32, media: u32) -> Option<Vec<u8>> {
        let arrivals = std::mem::take(&mut self.arrivals);
        let (first, &first_us) = arrivals.first_key_value()?;
        let last = *arrivals.last_key_value()?.0;
        let base = self.next.unwrap_or(*first).max(last.saturating_sub(PACKETS_MAX - 1));
        self.next = Some(last + 1);
        let reference = first_us as i64 / REFERENCE_US;
        let mut clock_us = reference * REFERENCE_US;
        let (mut symbols, mut deltas) = (Vec::new(), Vec::new());
        for place in base..=last {
            let Some(&at) = arrivals.get(&place) else {
                symbols.push(0u16);
                continue;
            };
            let ticks = (at as i64 - clock_us).div_euclid(TICK_US).clamp(-32_768, 32_767);
            clock_us += ticks * TICK_US;
            match u8::try_from(ticks) {
                Ok(small) => {
                    symbols.push(1);
                    deltas.push(small);
                }
                Err(_) => {
                    symbols.push(2);
                    deltas.extend((ticks as i16).to_be_bytes());
                }
            }
        }
        let mut body = Vec::with_capacity(32 + deltas.len());
        body.extend(sender.to_be_bytes());
        body.extend(media.to_be_bytes());
        body.extend((base as u16).to_be_bytes());
        body.extend((symbols.len() as u16).to_be_bytes());
        body.extend(&(reference as u32).to_be_bytes()[1..]);
        body.push(self.count);
        self.count = self.count.wrapping_add(1);
        chunks(&symbols, &mut body);
        body.extend(deltas);
        Some(packet(0x80 | 15, 205, body))
    }
}

/// Writes the symbols: equal ones in a row as a run, others seven to a chunk.
fn chunks(symbols: &[u16], body: &mut Vec<u8>) {
    let mut rest = symbols;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take_while(|symbol| **symbol == first).count().min(0x1fff);
        if run >= 7 || run == rest.len() {
            body.extend((first << 13 | run as u16).to_be_bytes());
            rest = &rest[run..];
        } else {
            let taken = rest.len().min(7);
            let vector = (0..7).map(|place| rest.get(place).copied().unwrap_or(0) << (12 - 2 * place));
            body.extend((0xc000 | vector.sum::<u16>()).to_be_bytes());
            rest = &rest[taken..];
        }
    }
}

/// An RTCP packet of whole words, padded as RFC 3550 §6.4.1 says.
fn packet(first: u8, kind: u8, mut body: Vec<u8>) -> Vec<u8> {
    let padding = (4 - body.len() % 4) % 4;
    let mut first = first;
    if padding > 0 {
        first |= 0x20;
        body.resize(body.len() + padding - 1, 0);
        body.push(padding as u8);
    }
    let mut bytes = vec![first, kind];
    bytes.extend(((body.len() / 4) as u16).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A receiver report without blocks: says only that the client lives.
pub fn report(sender: u32) -> Vec<u8> {
    packet(0x80, 201, sender.to_be_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::*;

    #[test]
    fn feedback_tells_arrivals_gaps_and_times_in_the_drafts_form() {
        let mut feedback = Feedback::default();
        for (number, at) in [(100u16, 64_000_000u64), (101, 64_001_000), (103, 64_101_000)] {
            feedback.note(number, at);
        }
        let bytes = feedback.tell(1, 2).unwrap();
        let wanted = [
            0xaf, 205, 0, 6, // padded, format 15, six words
            0, 0, 0, 1, 0, 0, 0, 2, // from, about
            0, 100, 0, 4, // base, count
            0, 3, 232, 0, // 1,000 × 64 ms, first feedback
            0xd4, 0x80, // small, small, lost, large
            0, 4, 1, 144, // 0, 1 ms, 100 ms
            0, 2, // padding
        ];
        assert_eq!(bytes, wanted);
    }

    #[test]
    fn each_packet_is_told_once_and_a_gap_between_two_feedbacks_is_told_as_lost() {
        let mut feedback = Feedback::default();
        (65_530u16..65_535).for_each(|number| feedback.note(number, 1_000));
        assert!(feedback.tell(1, 2).is_some());
        assert_eq!(feedback.tell(1, 2), None);
        feedback.note(65_534, 1_500);
        feedback.note(1, 2_000);
        let bytes = feedback.tell(1, 2).unwrap();
        assert_eq!(bytes[12..16], [0xff, 0xff, 0, 3]); // 65,535 and 0 are lost, 1 came
    }

    #[test]
    fn a_long_row_of_equal_arrivals_is_one_chunk() {
        let mut feedback = Feedback::default();
        (0u16..1_000).for_each(|number| feedback.note(number, 64_000));
        let bytes = feedback.tell(1, 2).unwrap();
        assert_eq!(bytes[20..22], (1u16 << 13 | 1_000).to_be_bytes());
        assert_eq!(bytes.len() % 4, 0);
    }
}
