//! What one client received: packets and gaps of each stream, and how long packets took.
//!
//! Only counts; knows nothing of sockets or keys.

use std::time::Instant;

use crate::sdp;

/// Streams of one client: more than any offer here has lines.
const STREAMS_MAX: usize = 256;

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Sound.
    Sound,
    /// Pictures.
    Picture,
}

impl What {
    /// By the payload type of a packet.
    pub fn of(payload_type: u8) -> What {
        if payload_type == sdp::VP8 { What::Picture } else { What::Sound }
    }
}

/// One stream, by its SSRC.
struct Stream {
    ssrc: u32,
    what: What,
    /// The number from which this measurement counts.
    base: u64,
    highest: u64,
    got: u64,
}

/// What one client received.
#[derive(Default)]
pub struct Tally {
    streams: Vec<Stream>,
    /// When the first media packet was read.
    pub first_at: Option<Instant>,
    /// Nanoseconds from the publisher's stamp to this client's kernel, of packets that were opened.
    pub delays_ns: Vec<u64>,
}

impl Tally {
    /// Notes a packet by the 16 bits of its sequence number; returns the number with its overflow.
    pub fn note(&mut self, (ssrc, what): (u32, What), number: u16) {
        match self.streams.iter().position(|stream| stream.ssrc == ssrc) {
            Some(place) => {
                let stream = &mut self.streams[place];
                let step = i64::from(number.wrapping_sub(stream.highest as u16) as i16);
                stream.highest = stream.highest.saturating_add_signed(step.max(0));
                // A packet from before this measurement counts for the one before.
                let place = stream.highest.saturating_add_signed(step.min(0));
                stream.got += u64::from(place >= stream.base);
            }
            None if self.streams.len() < STREAMS_MAX => {
                let number = u64::from(number) + (1 << 16);
                self.streams.push(Stream { ssrc, what, base: number, highest: number, got: 1 });
            }
            None => {}
        }
    }

    /// Begins a measurement.
    pub fn begin(&mut self) {
        for stream in &mut self.streams {
            stream.base = stream.highest + 1;
            stream.got = 0;
        }
        self.delays_ns.clear();
    }

    /// Packets of that kind that came.
    pub fn got_of(&self, what: What) -> u64 {
        self.streams.iter().filter(|stream| stream.what == what).map(|stream| stream.got).sum()
    }

    /// Packets that came, and packets that were sent to this client as far as their numbers tell.
    pub fn got_and_sent(&self) -> (u64, u64) {
        let sum = |of: fn(&Stream) -> u64| self.streams.iter().map(of).sum();
        (sum(|stream| stream.got), sum(|stream| (stream.highest + 1).saturating_sub(stream.base)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_counted_as_sent_but_not_as_received_also_where_the_numbers_wrap() {
        let mut tally = Tally::default();
        for number in [65_533u16, 65_534, 0, 1, 65_535, 4] {
            tally.note((9, What::Sound), number);
        }
        assert_eq!(tally.got_and_sent(), (6, 8));
    }

    #[test]
    fn a_measurement_counts_what_came_after_its_beginning() {
        let mut tally = Tally::default();
        (10u16..20).for_each(|number| tally.note((1, What::Sound), number));
        tally.begin();
        assert_eq!(tally.got_and_sent(), (0, 0));
        [5u16, 20, 22].into_iter().for_each(|number| tally.note((1, What::Sound), number));
        assert_eq!(tally.got_and_sent(), (2, 3));
    }
}
