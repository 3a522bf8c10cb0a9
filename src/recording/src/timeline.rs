//! When a frame was made, on the server's clock: by its publisher's clock where that is known, else by when it came.
//!
//! What a publisher says is believed only near the moment at which its packets come, so that nobody can make a
//! recorder write hours.

use crate::packet::Packet;

/// The publisher's clock and the arrival may differ by this much.
const BELIEVED_US: i64 = 2_000_000;

/// The timeline of one track.
#[derive(Debug, Default)]
pub struct Timeline {
    /// A moment and the timestamp at it.
    anchor: Option<(i64, u32)>,
}

impl Timeline {
    /// When a packet's frame was made, in microseconds since 1970.
    pub fn place(&mut self, packet: &Packet) -> u64 {
        let came = packet.came_us as i64;
        let at = |(us, timestamp): (i64, u32)| {
            let ticks = i64::from(packet.timestamp.wrapping_sub(timestamp) as i32);
            us + ticks * 1_000_000 / packet.codec.hertz()
        };
        let is_believed = |us: &i64| (us - came).abs() <= BELIEVED_US;
        let said = packet.clock.map(|clock| at((clock.at_us as i64, clock.timestamp)));
        let placed =
            said.filter(is_believed).or_else(|| self.anchor.map(at).filter(is_believed)).unwrap_or(came);
        self.anchor = Some((placed, packet.timestamp));
        placed.max(0) as u64
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::packet::{Clock, Codec};

    fn packet(came_us: u64, timestamp: u32, clock: Option<Clock>) -> Packet {
        Packet {
            source: 1,
            track: 0,
            codec: Codec::Opus,
            stream: 1,
            number: 1,
            timestamp,
            is_marked: false,
            is_key_start: false,
            came_us,
            clock,
            payload: Bytes::new(),
        }
    }

    #[test]
    fn frames_lie_as_they_were_made_however_late_their_packets_come() {
        let mut line = Timeline::default();
        assert_eq!(line.place(&packet(10_000_000, 1_000, None)), 10_000_000);
        assert_eq!(line.place(&packet(10_090_000, 1_960, None)), 10_020_000);
        let clock = Some(Clock { at_us: 10_000_000, timestamp: 980 });
        assert_eq!(line.place(&packet(10_091_000, 2_900, clock)), 10_040_000);
    }

    #[test]
    fn timestamps_wrap_without_a_break() {
        let mut line = Timeline::default();
        line.place(&packet(10_000_000, u32::MAX - 479, None));
        assert_eq!(line.place(&packet(10_020_000, 480, None)), 10_020_000);
    }

    #[test]
    fn a_publisher_that_leaps_by_hours_is_placed_where_its_packets_come() {
        let mut line = Timeline::default();
        line.place(&packet(10_000_000, 0, None));
        assert_eq!(line.place(&packet(10_020_000, 1 << 30, None)), 10_020_000);
        let clock = Some(Clock { at_us: 1, timestamp: 0 });
        assert_eq!(line.place(&packet(10_040_000, (1 << 30) + 960, clock)), 10_040_000);
    }
}
