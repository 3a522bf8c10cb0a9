//! A slot: one receiving m-line of a client, into which any source can be put without a word of SDP.
//!
//! The receiver sees one stream whose numbers only go up, whoever fills the slot. An outgoing number is given out
//! once and never again: sealing two packets under one number would give the key away, so this room is the guard.

mod gate;
mod records;
mod share;

use std::collections::VecDeque;

use self::gate::Offsets;
use self::records::Records;
pub use self::share::Share;
use super::ingest::SourceClock;
use super::limits::MID_PACKETS;
use super::now::Now;
use super::plane::Hold;
use super::sdp::answer::SlotStream;
use super::sdp::offer::{Codec, CodecLine, RtpSection};
use crate::terms::Kind;

/// A track of a peer, by their places in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Place of the sending peer.
    pub peer: usize,
    /// Place of its track.
    pub track: usize,
}

/// The numbers under which a packet leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// 48-bit SRTP index; its low 16 bits are the sequence number.
    pub index: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 picture id.
    pub picture: u16,
    /// VP8 temporal index.
    pub tl0: u8,
}

/// The size of a slot of which the receiver has not told any.
const VIEW_GUESS: (u16, u16) = (1_280, 720);

/// One slot.
#[derive(Debug)]
pub struct Slot {
    /// The m-line.
    pub mid: String,
    /// What it carries.
    pub kind: Kind,
    /// Slots of both kinds with the same number are played in step.
    pub stream: usize,
    /// SSRC of what goes out.
    pub ssrc: u32,
    /// SSRC of what goes out again.
    pub rtx_ssrc: u32,
    /// Id of the `mid` extension.
    pub mid_extension: Option<u8>,
    /// Id of the transport-wide sequence number extension.
    pub twcc_extension: Option<u8>,
    /// Id of the loudness extension.
    pub level_extension: Option<u8>,
    /// Packets and payload bytes sent, for sender reports.
    pub sent: (u64, u64),
    /// The clock of the layer that is on, for sender reports.
    pub clock: Option<SourceClock>,
    /// Width and height in device pixels at which the receiver shows it.
    pub view: (u16, u16),
    /// When it may carry more again.
    pub hold: Hold,
    share: Share,
    /// The layer that is on.
    layer: u8,
    /// The codecs that the client takes, with their payload types.
    numberings: Vec<(Codec, u8, Option<u8>)>,
    feed: Option<Feed>,
    /// Counts the sources that filled this slot.
    change: u32,
    /// The stream that is on; `None` while the gate is closed.
    source_stream: Option<u32>,
    /// The highest temporal layer that is let through now.
    temporal: u8,
    /// Source number of the highest packet that was seen since the gate opened.
    highest: u64,
    /// What holds now; `None` while nothing has gone out.
    offsets: Option<Offsets>,
    /// What held for earlier packets of the same stream, ascending by `from`.
    earlier: VecDeque<Offsets>,
    /// The picture that was left out last.
    left_out: Option<u16>,
    /// Timestamp of the still that goes out now, and when the next may.
    still: Option<u32>,
    still_us: u64,
    /// The highest numbers that went out.
    last: Numbers,
    /// A moment of our clock and the timestamp that stands for it, from the first packet of all.
    epoch: Option<(u64, u32)>,
    since_change: u64,
    rtx_index: u64,
    records: Records,
    reported: u64,
}

impl Slot {
    /// An empty slot.
    ///
    /// * `index`, `rtx_index`: first SRTP indices, below 2^15 so that no receiver misjudges the rollover (RFC 3711 §3.3.1).
    #[must_use]
    pub fn new(stream: &SlotStream, section: &RtpSection, index: u16, rtx_index: u16) -> Slot {
        let numbering = |line: &CodecLine| (line.codec, line.payload_type, line.rtx_payload_type);
        Slot {
            mid: stream.mid.clone(),
            kind: section.kind,
            stream: stream.stream,
            ssrc: stream.ssrc,
            rtx_ssrc: stream.rtx_ssrc,
            mid_extension: section.extensions.mid,
            twcc_extension: section.extensions.twcc,
            level_extension: section.extensions.level,
            sent: (0, 0),
            clock: None,
            view: VIEW_GUESS,
            hold: Hold::default(),
            share: Share::FIRST,
            layer: 0,
            numberings: section.codecs.iter().map(numbering).collect(),
            feed: None,
            change: 0,
            source_stream: None,
            temporal: u8::MAX,
            highest: 0,
            offsets: None,
            earlier: VecDeque::new(),
            left_out: None,
            still: None,
            still_us: 0,
            last: Numbers { index: u64::from(index & 0x7fff), ..Default::default() },
            epoch: None,
            since_change: 0,
            rtx_index: u64::from(rtx_index & 0x7fff),
            records: Records::default(),
            reported: 0,
        }
    }

    /// Under which payload type a codec goes out, and its retransmissions; `None` if the client does not take it.
    #[must_use]
    pub fn numbering(&self, codec: Codec) -> Option<(u8, Option<u8>)> {
        let numbering = self.numberings.iter().find(|numbering| numbering.0 == codec)?;
        Some((numbering.1, numbering.2))
    }

    /// Whether the client takes a codec.
    #[must_use]
    pub fn takes(&self, codec: Codec) -> bool {
        self.numbering(codec).is_some()
    }

    /// Whether a packet of that number belongs to what the slot carries since its gate opened: what was said before
    /// was not meant for its receiver.
    #[must_use]
    pub fn carries(&self, number: u64) -> bool {
        self.offsets_for(number).is_some()
    }

    /// Payload type and SSRC for packets of nothing but padding, those of the retransmissions; `None` for sound and
    /// for clients without them.
    #[must_use]
    pub fn padding(&self) -> Option<(u8, u32)> {
        let number = self.numberings.iter().find_map(|numbering| numbering.2);
        number.filter(|_| self.kind == Kind::Video).map(|number| (number, self.rtx_ssrc))
    }

    /// Who fills the slot.
    #[must_use]
    pub fn feed(&self) -> Option<Feed> {
        self.feed
    }

    /// Puts a source into the slot, or none. Pictures wait for a keyframe.
    pub fn fill(&mut self, feed: Option<Feed>) {
        self.feed = feed;
        self.change = self.change.wrapping_add(1).max(1);
        self.source_stream = None;
        self.clock = None;
        self.since_change = 0;
        self.hold = Hold::default();
        (self.share, self.layer, self.temporal, self.still) = (Share::FIRST, 0, u8::MAX, None);
    }

    /// The layer that is on has ended: any other may follow, at its keyframe.
    pub fn reopen(&mut self) {
        self.source_stream = None;
    }

    /// Whether its listener follows a layer: the one that is on, the one that is to be, and below that one any while
    /// there is no picture at all.
    #[must_use]
    pub fn follows(&self, layer: u8) -> bool {
        let (target, on) = (self.share.layer(), self.layer_on().map(|on| on.0));
        target == Some(layer)
            || on == Some(layer)
            || on.is_none() && target.is_some_and(|target| layer < target)
    }

    /// How much of its source it is to carry.
    #[must_use]
    pub fn share(&self) -> Share {
        self.share
    }

    /// The layer that goes out now, and up to which temporal layer; `None` while the gate is closed.
    #[must_use]
    pub fn layer_on(&self) -> Option<(u8, u8)> {
        self.source_stream.map(|_| (self.layer, self.temporal))
    }

    /// Whether the slot has a source and waits for its keyframe.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.feed.is_some() && self.source_stream.is_none() && self.kind == Kind::Video
    }

    /// Whether a keyframe of its layer would change what the receiver sees.
    #[must_use]
    pub fn wants_keyframe(&self, now: Now) -> bool {
        match self.share {
            Share::Nothing => false,
            Share::Stills => self.source_stream.is_none() && now.us >= self.still_us,
            Share::Moving { layer, .. } => self.source_stream.is_none() || self.layer != layer,
        }
    }

    /// When it will want a keyframe for its next still.
    #[must_use]
    pub fn still_deadline(&self) -> Option<u64> {
        (self.share == Share::Stills && self.source_stream.is_none() && self.feed.is_some())
            .then_some(self.still_us)
    }

    /// Gives it another share of the same source. Less is at once; more waits for a keyframe, or for a picture to go
    /// on with.
    pub fn set_share(&mut self, share: Share) {
        if share == self.share {
            return;
        }
        match (self.share, share) {
            (Share::Moving { .. }, Share::Moving { temporal, .. }) => {
                self.temporal = self.temporal.min(temporal)
            }
            _ => (self.source_stream, self.still) = (None, None),
        }
        self.share = share;
    }

    /// Whether a packet says in which m-line it belongs: at the start and for a while after a change.
    #[must_use]
    pub fn says_mid(&self) -> bool {
        self.since_change < MID_PACKETS
    }

    fn hz(&self) -> u32 {
        match self.kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }

    /// What went out under a sequence number: its numbers, and layer and number of the packet in the track that still
    /// fills the slot. `None` if unknown, of another source, or sent again too often or just now.
    pub fn look_up(&mut self, now: Now, sequence: u16) -> Option<(Numbers, u8, u64)> {
        let back = u64::from((self.last.index as u16).wrapping_sub(sequence));
        let index = self.last.index.checked_sub(back)?;
        self.feed?;
        self.records.look_up(now, index, self.change, self.highest)
    }

    /// The highest timestamp that went out.
    #[must_use]
    pub fn last_timestamp(&self) -> u32 {
        self.last.timestamp
    }

    /// The next index on the retransmissions' SSRC; given out once.
    pub fn next_rtx_index(&mut self) -> u64 {
        self.rtx_index += 1;
        self.rtx_index
    }

    /// RTP timestamp for a sender report of this moment; `None` if nothing went out since the last one, or the
    /// source's clock is not known yet.
    pub fn report_timestamp(&mut self, now: Now) -> Option<u32> {
        let clock = self.clock?;
        if self.source_stream.is_none() || self.sent.0 == self.reported {
            return None;
        }
        self.reported = self.sent.0;
        let elapsed = (now.us as i64 - clock.at_us as i64) * i64::from(self.hz()) / 1_000_000;
        let offset = self.offsets?.timestamp;
        Some(clock.timestamp.wrapping_add(elapsed as u32).wrapping_add(offset))
    }

    /// Whether a sender report would say something new.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.sent.0 != self.reported && self.source_stream.is_some() && self.clock.is_some()
    }
}

#[cfg(test)]
mod tests;
