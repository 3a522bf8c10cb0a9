//! The last frames of one sound: what is sent along with the next ones, and what a lost packet is checked against.

use bytes::Bytes;

/// Older frames that go along with one packet at most: what a third of all packets lost asks for.
pub const OLDER_MAX: usize = 4;
/// Frames that are remembered: the older ones of packets that overtake each other, or come all at once after a pause.
const FRAMES: usize = 4 * OLDER_MAX;

/// One frame of Opus. Cloning shares the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Number of its packet in the layer.
    pub number: u64,
    /// RTP timestamp of the source.
    pub timestamp: u32,
    /// The frame.
    pub payload: Bytes,
}

/// See the module. Empty until the first frame.
#[derive(Debug, Default)]
pub struct Frames {
    ring: Vec<Option<Frame>>,
}

impl Frames {
    /// Remembers a frame.
    pub fn put(&mut self, frame: Frame) {
        if self.ring.is_empty() {
            self.ring.resize(FRAMES, None);
        }
        let place = &mut self.ring[frame.number as usize % FRAMES];
        if place.as_ref().is_none_or(|before| before.number < frame.number) {
            *place = Some(frame);
        }
    }

    /// The frame of that number, if it is remembered.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Frame> {
        self.ring.get(number as usize % FRAMES)?.as_ref().filter(|frame| frame.number == number)
    }

    /// Whether a frame of that number and timestamp stands in order between those that are known: if not, its sender
    /// counts in another way than we think.
    #[must_use]
    pub fn would_fit(&self, number: u64, timestamp: u32) -> bool {
        self.ring.iter().flatten().all(|known| {
            let ahead = known.timestamp.wrapping_sub(timestamp) as i32;
            (known.number > number && ahead > 0) || (known.number < number && ahead < 0)
        })
    }

    /// Forgets everything: nobody listens any more, or another stream begins.
    pub fn clear(&mut self) {
        self.ring = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: u64) -> Frame {
        let payload = Bytes::from(format!("frame {number}"));
        Frame { number, timestamp: (number as u32).wrapping_mul(960), payload }
    }

    #[test]
    fn the_last_frames_are_remembered_and_a_late_one_takes_no_newer_ones_place() {
        let mut frames = Frames::default();
        [100, 101, 103, 116, 99].into_iter().for_each(|number| frames.put(frame(number)));
        let known = (95..120).filter(|number| frames.get(*number).is_some());
        assert_eq!(known.collect::<Vec<_>>(), [99, 101, 103, 116]);
        frames.put(frame(100));
        assert!(frames.get(100).is_none() && frames.get(116).is_some());
    }

    #[test]
    fn a_frame_fits_only_between_its_neighbours() {
        let mut frames = Frames::default();
        [100, 102].into_iter().for_each(|number| frames.put(frame(number)));
        assert!(frames.would_fit(101, 101 * 960));
        assert!(!frames.would_fit(101, 100 * 960) && !frames.would_fit(101, 103 * 960));
        frames.clear();
        assert!(frames.would_fit(101, 5));
    }
}
