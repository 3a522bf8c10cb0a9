//! The gate of a slot: which packets of its source go out, and under which numbers.

use super::records::Origin;
use super::{Numbers, Share, Slot};
use crate::core::limits::{CAPTURE_AGE_US_MAX, OFFSETS_MAX, STILL_INTERVAL_US};
use crate::core::now::Now;
use crate::core::packet::Packet;
use crate::terms::Kind;

/// What a slot adds to a source's numbers. All arithmetic wraps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offsets {
    /// Holds for the source's packets from this number on.
    from: u64,
    number: u64,
    pub(super) timestamp: u32,
    picture: u16,
    tl0: u8,
}

impl Slot {
    /// The numbers under which a packet of the slot's source leaves; `None` if it must not.
    /// Never returns the same index twice.
    pub fn route(&mut self, now: Now, packet: &Packet) -> Option<Numbers> {
        let is_picture = packet.kind == Kind::Video;
        if self.source_stream != Some(packet.stream) {
            if is_picture && !(packet.picture.is_key_start && self.may_begin(now, packet)) {
                return None;
            }
            self.begin(now, packet);
        }
        if is_picture && !self.lets_through(packet) {
            return None;
        }
        let offsets = self.offsets_for(packet.number)?;
        let numbers = Numbers {
            index: packet.number.wrapping_add(offsets.number),
            timestamp: packet.timestamp.wrapping_add(offsets.timestamp),
            picture: packet.picture.vp8.picture.wrapping_add(offsets.picture) & 0x7fff,
            tl0: packet.picture.vp8.tl0.wrapping_add(offsets.tl0),
        };
        let origin = Origin { change: self.change, layer: packet.layer, number: packet.number };
        if !self.records.note(now, numbers, origin, self.last.index) {
            return None;
        }
        if numbers.index > self.last.index {
            self.last = numbers;
        }
        self.since_change += 1;
        self.sent = (self.sent.0 + 1, self.sent.1 + packet.payload.len() as u64);
        self.end_still(now, packet);
        Some(numbers)
    }

    /// Whether the gate may open, or move to another layer, at this keyframe.
    fn may_begin(&self, now: Now, packet: &Packet) -> bool {
        match self.share {
            Share::Nothing => false,
            Share::Stills => packet.layer == 0 && now.us >= self.still_us,
            Share::Moving { layer, .. } => {
                packet.layer == layer || (self.source_stream.is_none() && packet.layer < layer)
            }
        }
    }

    /// Leaves out what the receiver is not to get, so that no number is missing behind it.
    fn lets_through(&mut self, packet: &Packet) -> bool {
        if self.still.is_some_and(|still| still != packet.timestamp) {
            return false;
        }
        let (picture, wanted) = (packet.picture, self.share.temporal());
        let rises = picture.is_sync
            && picture.temporal <= wanted
            && picture.temporal == self.temporal.saturating_add(1);
        if picture.is_key_start {
            self.temporal = wanted;
        } else if rises {
            self.temporal = picture.temporal;
        }
        let is_next = packet.number > self.highest;
        self.highest = self.highest.max(packet.number);
        // What comes late fills its gap: a receiver would ask for it in vain.
        if picture.temporal <= self.temporal || !is_next {
            return true;
        }
        self.leave_out(packet);
        false
    }

    fn leave_out(&mut self, packet: &Packet) {
        let Some(mut offsets) = self.offsets else { return };
        if self.earlier.len() >= OFFSETS_MAX {
            self.earlier.pop_front();
        }
        self.earlier.push_back(offsets);
        offsets.from = packet.number + 1;
        offsets.number = offsets.number.wrapping_sub(1);
        let name = packet.picture.vp8.picture;
        if self.left_out != Some(name) {
            self.left_out = Some(name);
            offsets.picture = offsets.picture.wrapping_sub(1);
        }
        self.offsets = Some(offsets);
    }

    /// What holds for a packet of the stream that is on; `None` for one from before it began.
    pub(super) fn offsets_for(&self, number: u64) -> Option<Offsets> {
        let current = self.offsets?;
        if number >= current.from {
            return Some(current);
        }
        self.earlier.iter().rev().find(|offsets| offsets.from <= number).copied()
    }

    /// A still is one picture: behind its last packet the gate closes.
    fn end_still(&mut self, now: Now, packet: &Packet) {
        if self.share != Share::Stills {
            return;
        }
        self.still = Some(packet.timestamp);
        if packet.is_marked {
            (self.source_stream, self.still) = (None, None);
            self.still_us = now.us + STILL_INTERVAL_US;
        }
    }

    /// Opens the gate: the packet follows the last one that went out, as if it were of the same source.
    fn begin(&mut self, now: Now, packet: &Packet) {
        let captured_us = self.captured_us(now, packet.timestamp);
        self.source_stream = Some(packet.stream);
        (self.layer, self.highest, self.left_out) = (packet.layer, packet.number - 1, None);
        let (from, number) = (packet.number, (self.last.index + 1).wrapping_sub(packet.number));
        let mut offsets = Offsets { from, number, ..Offsets::default() };
        if let Some((epoch_us, epoch)) = self.epoch {
            // Counted from the epoch, never from the packet before: the delay of one keyframe would stay for ever,
            // and a receiver holds back what seems to come from the future.
            let elapsed = captured_us.saturating_sub(epoch_us).saturating_mul(self.hz().into()) / 1_000_000;
            let wanted = epoch.wrapping_add(elapsed as u32);
            let least = self.last.timestamp.wrapping_add(self.hz() / 30);
            let timestamp = if (wanted.wrapping_sub(least) as i32) < 0 { least } else { wanted };
            let vp8 = packet.picture.vp8;
            offsets.timestamp = timestamp.wrapping_sub(packet.timestamp);
            offsets.picture = self.last.picture.wrapping_add(1).wrapping_sub(vp8.picture);
            offsets.tl0 = self.last.tl0.wrapping_add(1).wrapping_sub(vp8.tl0);
        } else {
            self.epoch = Some((captured_us, packet.timestamp));
        }
        self.earlier.clear();
        self.offsets = Some(offsets);
    }

    /// When the source took a picture or a sound, on our clock, if its clock is known and believable; else now.
    fn captured_us(&self, now: Now, timestamp: u32) -> u64 {
        let Some(clock) = self.clock else { return now.us };
        let ahead = i64::from(timestamp.wrapping_sub(clock.timestamp) as i32);
        let captured = clock.at_us.saturating_add_signed(ahead * 1_000_000 / i64::from(self.hz()));
        if captured <= now.us && now.us - captured <= CAPTURE_AGE_US_MAX { captured } else { now.us }
    }
}
