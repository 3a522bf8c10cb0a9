//! One track as a file: packets in, bytes out, never a byte taken back.

use crate::ivf;
use crate::ogg::{Ogg, SAMPLES_PER_SECOND, SILENCE_SAMPLES, samples_of};
use crate::packet::{Codec, Packet};
use crate::pictures::{Picture, Pictures};
use crate::queue::{Queue, Step};
use crate::timeline::Timeline;

/// Whether the track can go on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It can.
    Nothing,
    /// Packets are missing for good: it needs a keyframe.
    KeyframeNeeded,
}

#[derive(Debug)]
enum Form {
    Sound(Option<Ogg>),
    Pictures { pictures: Pictures, last_us: u64 },
}

/// What is written of one track.
#[derive(Debug)]
pub struct Track {
    codec: Codec,
    queue: Queue,
    timeline: Timeline,
    form: Form,
    /// When its first frame was made; nothing is written before.
    begun_us: Option<u64>,
    /// How far it goes, from there.
    until_us: u64,
    serial: u32,
}

impl Track {
    /// A track of which nothing has come.
    ///
    /// * `serial`: tells the streams of a recording apart.
    pub fn new(codec: Codec, serial: u32) -> Track {
        let form = match codec {
            Codec::Opus => Form::Sound(None),
            _ => Form::Pictures { pictures: Pictures::new(codec), last_us: 0 },
        };
        let (queue, timeline) = (Queue::default(), Timeline::default());
        Track { codec, queue, timeline, form, begun_us: None, until_us: 0, serial }
    }

    /// How its file's name ends.
    pub fn ending(&self) -> &'static str {
        if matches!(self.form, Form::Sound(_)) { "ogg" } else { "ivf" }
    }

    /// When its first frame was made, microseconds since 1970.
    pub fn begun_us(&self) -> Option<u64> {
        self.begun_us
    }

    /// How far it goes, in microseconds from there.
    pub fn until_us(&self) -> u64 {
        self.until_us
    }

    /// Its codec.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes a packet and writes what it completes.
    pub fn take(&mut self, packet: Packet, out: &mut Vec<u8>) -> After {
        if packet.codec != self.codec {
            return After::Nothing;
        }
        self.queue.put(packet);
        self.drain(out)
    }

    /// Nothing comes any more: writes what waited.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.queue.close();
        self.drain(out);
        if let Form::Sound(Some(ogg)) = &mut self.form {
            ogg.end(out);
        }
    }

    fn drain(&mut self, out: &mut Vec<u8>) -> After {
        let mut after = After::Nothing;
        while let Some(step) = self.queue.pop() {
            match step {
                Step::Next(packet) if self.codec == Codec::Opus => self.sound(&packet, out),
                Step::Next(packet) => {
                    if self.picture(packet, out) == After::KeyframeNeeded {
                        after = After::KeyframeNeeded;
                    }
                }
                Step::Gap => {
                    if let Form::Pictures { pictures, .. } = &mut self.form {
                        pictures.gap();
                        after = After::KeyframeNeeded;
                    }
                }
            }
        }
        after
    }

    /// A frame of sound at its time: silence before it where nothing came, and none of it where there is too much.
    fn sound(&mut self, packet: &Packet, out: &mut Vec<u8>) {
        let Some(samples) = samples_of(&packet.payload) else { return };
        let at_us = self.timeline.place(packet);
        let begun_us = *self.begun_us.get_or_insert(at_us);
        let due = at_us.saturating_sub(begun_us) * SAMPLES_PER_SECOND / 1_000_000;
        let Form::Sound(ogg) = &mut self.form else { return };
        let ogg = ogg.get_or_insert_with(|| Ogg::begin(self.serial, out));
        if ogg.samples() > due + SILENCE_SAMPLES {
            return;
        }
        ogg.silence(due.saturating_sub(ogg.samples()), out);
        ogg.frame(&packet.payload, samples, out);
        self.until_us = ogg.samples() * 1_000_000 / SAMPLES_PER_SECOND;
    }

    fn picture(&mut self, packet: Packet, out: &mut Vec<u8>) -> After {
        let Form::Pictures { pictures, .. } = &mut self.form else { return After::Nothing };
        match pictures.take(packet) {
            Ok(None) => After::Nothing,
            Ok(Some(picture)) => {
                self.write_picture(&picture, out);
                After::Nothing
            }
            Err(_) => {
                pictures.gap();
                After::KeyframeNeeded
            }
        }
    }

    fn write_picture(&mut self, picture: &Picture, out: &mut Vec<u8>) {
        let made_us = self.timeline.place(&picture.first);
        let Form::Pictures { last_us, .. } = &mut self.form else { return };
        let is_first = self.begun_us.is_none();
        let begun_us = *self.begun_us.get_or_insert(made_us);
        if is_first {
            let size = ivf::size_of_vp8(&picture.bytes).filter(|_| self.codec == Codec::Vp8);
            out.extend(ivf::header(self.codec, size.unwrap_or_default()).into_iter().flatten());
        }
        // A player needs times that rise, also where a publisher's clock has been put right.
        let at_us = made_us.saturating_sub(begun_us).max(if is_first { 0 } else { *last_us + 1_000 });
        *last_us = at_us;
        self.until_us = at_us;
        ivf::frame(at_us, &picture.bytes, out);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const SILENCE: &[u8] = &[0xf8, 0xff, 0xfe];

    fn sound(number: u64) -> Packet {
        Packet {
            source: 1,
            track: 0,
            codec: Codec::Opus,
            stream: 1,
            number,
            timestamp: (number * 960) as u32,
            is_marked: false,
            is_key_start: false,
            came_us: 1_000_000_000 + number * 20_000,
            clock: None,
            payload: Bytes::from_static(SILENCE),
        }
    }

    fn picture(number: u64, is_key: bool) -> Packet {
        // The descriptor of VP8: the first packet of a picture; then a keyframe of 640 × 360, or another picture.
        let payload: &[u8] = if is_key {
            &[0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 9]
        } else {
            &[0x10, 0x01, 0, 0, 9]
        };
        Packet {
            codec: Codec::Vp8,
            timestamp: (number * 3_000) as u32,
            is_marked: true,
            is_key_start: is_key,
            came_us: 1_000_000_000 + number * 33_333,
            payload: Bytes::from_static(payload),
            ..sound(number)
        }
    }

    #[test]
    fn what_did_not_come_is_silence_so_that_the_sound_stays_at_its_time() {
        let (mut track, mut out) = (Track::new(Codec::Opus, 1), Vec::new());
        for number in (0..50).chain(100..150) {
            track.take(sound(number), &mut out);
        }
        assert_eq!(track.until_us(), 3_000_000, "one second, one of silence, one more");
        assert_eq!(track.begun_us(), Some(1_000_000_000));
    }

    #[test]
    fn a_clock_that_runs_fast_does_not_carry_the_sound_away() {
        let (mut track, mut out) = (Track::new(Codec::Opus, 1), Vec::new());
        for number in 0..30_000 {
            // Ten minutes of a microphone that is 0.05 % fast: 300 ms.
            let at_us = 1_000_000_000 + number * 19_990;
            let clock = Some(crate::Clock { at_us, timestamp: (number * 960) as u32 });
            track.take(Packet { came_us: at_us, clock, ..sound(number) }, &mut out);
        }
        let off = track.until_us().abs_diff(29_999 * 19_990 + 20_000);
        assert!(off <= 40_000, "{off} µs");
    }

    #[test]
    fn pictures_carry_their_time_and_the_header_their_size() {
        let (mut track, mut out) = (Track::new(Codec::Vp8, 1), Vec::new());
        assert_eq!(track.take(picture(1, false), &mut out), After::Nothing);
        assert!(out.is_empty(), "nothing before the first keyframe");
        track.take(picture(2, true), &mut out);
        track.take(picture(3, false), &mut out);
        assert_eq!(out.len(), 32 + 12 + 11 + 12 + 4);
        assert_eq!(&out[..4], b"DKIF");
        assert_eq!((&out[12..14], &out[14..16]), (&640u16.to_le_bytes()[..], &360u16.to_le_bytes()[..]));
        let second = 32 + 12 + 11 + 4;
        let pts = u64::from_le_bytes(out[second..second + 8].try_into().expect("eight bytes"));
        assert!(pts.abs_diff(3_000) <= 1, "a thirtieth of a second: {pts}");
    }

    #[test]
    fn after_a_loss_nothing_is_written_before_the_next_keyframe_which_is_asked_for() {
        let (mut track, mut out) = (Track::new(Codec::Vp8, 1), Vec::new());
        track.take(picture(1, true), &mut out);
        let whole = out.len();
        let asked = (3..20).map(|number| track.take(picture(number, false), &mut out));
        assert!(asked.into_iter().any(|after| after == After::KeyframeNeeded));
        assert_eq!(out.len(), whole);
        track.take(picture(20, true), &mut out);
        assert_eq!(out.len(), whole + 12 + 11);
    }

    #[test]
    fn a_payload_that_is_none_harms_nothing() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            let (mut track, mut out) = (Track::new(codec, 1), Vec::new());
            for (number, bytes) in
                [&[0x18][..], &[0xff; 3], &[0x18, 0, 9, 1], &[0x80], &[0; 2]].iter().enumerate()
            {
                let payload = Bytes::from(bytes.to_vec());
                let packet = Packet { codec, payload, ..picture(number as u64, true) };
                track.take(packet, &mut out);
            }
        }
    }
}
