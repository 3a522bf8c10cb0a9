//! Reads transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1) without keeping anything.

/// Microseconds in one step of a delta.
const DELTA_US: i64 = 250;
/// Microseconds in one unit of the reference time.
const REFERENCE_US: i64 = 64_000;
/// Bytes before the chunks: header, two SSRCs, base, count, reference time, number of the feedback.
const HEAD_BYTES: usize = 20;

/// Which packets a feedback speaks of, and when they came.
#[derive(Clone, Copy, Debug)]
pub struct Feedback<'a> {
    chunks: &'a [u8],
    base: u16,
    count: u16,
    reference: u32,
}

/// One packet's fate: its number and, if it came, when, in microseconds of the receiver's clock since the reference.
pub type Fate = (u16, Option<i64>);

impl<'a> Feedback<'a> {
    /// Reads one RTCP packet of type 205 and format 15, header included; `None` if it is cut short.
    #[must_use]
    pub fn read(packet: &'a [u8]) -> Option<Feedback<'a>> {
        let short = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
        let is_feedback = packet.first()? & 0x1f == 15 && *packet.get(1)? == 205;
        let reference = u32::from(short(16)?) << 8 | u32::from(*packet.get(18)?);
        is_feedback.then_some(())?;
        Some(Feedback { chunks: packet.get(HEAD_BYTES..)?, base: short(12)?, count: short(14)?, reference })
    }

    /// The reference time, in units of 64 ms, 24 bits that wrap.
    #[must_use]
    pub fn reference(&self) -> u32 {
        self.reference
    }

    /// Calls `tell` for each packet in the order of their numbers; `None` if the feedback is cut short.
    pub fn each(&self, mut tell: impl FnMut(Fate)) -> Option<()> {
        let mut deltas = self.chunks.get(self.chunk_bytes()?..)?;
        let (mut at, mut left, mut time) = (0, usize::from(self.count), 0i64);
        let mut number = self.base;
        while left > 0 {
            let chunk = u16::from_be_bytes([*self.chunks.get(at)?, *self.chunks.get(at + 1)?]);
            at += 2;
            for place in 0..symbols_of(chunk).min(left) {
                let (delta, used) = match symbol(chunk, place) {
                    1 => (i64::from(*deltas.first()?), 1),
                    2 | 3 => (i64::from(i16::from_be_bytes([*deltas.first()?, *deltas.get(1)?])), 2),
                    _ => (0, 0),
                };
                deltas = &deltas[used..];
                time += delta * DELTA_US;
                tell((number, (used > 0).then_some(time)));
                number = number.wrapping_add(1);
            }
            left -= symbols_of(chunk).min(left);
        }
        Some(())
    }

    /// Bytes of the chunks that the count of packets needs.
    fn chunk_bytes(&self) -> Option<usize> {
        let (mut at, mut left) = (0, usize::from(self.count));
        while left > 0 {
            let chunk = u16::from_be_bytes([*self.chunks.get(at)?, *self.chunks.get(at + 1)?]);
            at += 2;
            left = left.saturating_sub(symbols_of(chunk).max(1));
        }
        Some(at)
    }

    /// Time from the reference of an earlier feedback to that of this one, in microseconds.
    #[must_use]
    pub fn since_us(&self, earlier: u32) -> i64 {
        let units = (self.reference.wrapping_sub(earlier) << 8) as i32 >> 8;
        i64::from(units) * REFERENCE_US
    }
}

/// How many packets a chunk speaks of.
fn symbols_of(chunk: u16) -> usize {
    match chunk >> 14 {
        0 | 1 => usize::from(chunk & 0x1fff), // a run
        2 => 14,
        _ => 7,
    }
}

/// The symbol of one of them: 0 lost, 1 a small delta, 2 a large one.
fn symbol(chunk: u16, place: usize) -> u16 {
    match chunk >> 14 {
        0 | 1 => chunk >> 13 & 0x03,
        2 => chunk >> (13 - place) & 0x01,
        _ => chunk >> (12 - 2 * place) & 0x03,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::feedback::Arrivals;
    use crate::core::now::Now;
    use std::time::Duration;

    #[test]
    fn what_our_own_feedback_says_is_read_back() {
        let start = Now::for_test();
        let mut arrivals = Arrivals::default();
        for (ms, number) in [(0, 65_534), (3, 65_535), (9, 1), (10, 0), (200, 3)] {
            arrivals.note(start.after(Duration::from_millis(ms)), number);
        }
        let packet = arrivals.write(start.after(Duration::from_millis(200)), 7).expect("it is due");
        let mut fates = Vec::new();
        Feedback::read(&packet).and_then(|feedback| feedback.each(|fate| fates.push(fate))).expect("whole");
        assert_eq!(fates.iter().map(|fate| fate.0).collect::<Vec<_>>(), [65_534, 65_535, 0, 1, 2, 3]);
        let base = fates[0].1.expect("it came");
        let times: Vec<_> = fates.iter().map(|fate| fate.1.map(|at| (at - base) / 1_000)).collect();
        assert_eq!(times, [Some(0), Some(3), Some(10), Some(9), None, Some(200)]);
    }

    #[test]
    fn runs_and_single_bits_are_chunks_too() {
        let mut packet = vec![0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 10, 0, 19, 0, 0, 5, 0];
        packet.extend([0x20, 0x05, 0xa0, 0x00, 4, 4, 4, 4, 4, 8]); // five small ones; then bits: came, 13 lost
        let mut came = Vec::new();
        let feedback = Feedback::read(&packet).expect("whole");
        feedback.each(|(number, at)| came.extend(at.map(|at| (number, at)))).expect("whole");
        assert_eq!(came, [(10, 1_000), (11, 2_000), (12, 3_000), (13, 4_000), (14, 5_000), (15, 7_000)]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..120)) {
            let mut packet = vec![0x8f, 205];
            packet.extend(bytes);
            let mut count = 0u32;
            let _ = Feedback::read(&packet).and_then(|feedback| feedback.each(|_| count += 1));
            proptest::prop_assert!(count <= 65_535);
        }
    }
}
