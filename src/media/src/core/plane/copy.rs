//! Copies of what a peer sends, for a recorder: of each track of sound, and of one layer of each track of pictures.
//!
//! A recorder counts as somebody who receives the layer, so that it does not rest and is asked for again where it is
//! lost. It takes the best layer that comes and begins another one with its keyframe. Nothing waits for it here.

use super::Plane;
use crate::core::ingest::{Layer, Tapped, Track};
use crate::core::limits::{RECORDER_LOOK_US, REPLAY_PACKETS_MAX};
use crate::core::now::Now;
use crate::core::packet::Packet;
use crate::core::sdp::offer::Codec;
use crate::core::slot::Feed;
use crate::terms::{Copied, CopiedClock, Kind, PeerId};

impl Plane {
    /// Begins to copy what a peer sends. An unknown peer is ignored; beginning twice changes nothing.
    pub fn record(&mut self, now: Now, peer: PeerId) {
        self.set_taps(now, peer, |track| {
            track.tap.get_or_insert_default();
        });
    }

    /// Copies nothing of a peer any more, from this moment on.
    pub fn stop_recording(&mut self, now: Now, peer: PeerId) {
        self.copies.retain(|copied| copied.peer != peer);
        self.set_taps(now, peer, |track| {
            track.tap = None;
            track.layers.iter_mut().for_each(|layer| layer.is_recorded = false);
            if !track.is_heard() {
                track.layers.iter_mut().for_each(Layer::fall_silent);
            }
        });
    }

    /// A recorder has lost packets of a track for good and cannot go on without a keyframe.
    pub fn recorder_lost(&mut self, now: Now, peer: PeerId, track: usize) {
        let Some(&place) = self.by_id.get(&peer) else { return };
        let tracks = self.peers[place].as_ref().map(|peer| &peer.ingest.tracks);
        let on = tracks.and_then(|tracks| tracks.get(track)?.tap?.on);
        if let Some(layer) = on {
            self.want_keyframe(now, (Feed { peer: place, track }, layer));
            self.schedule(now);
        }
    }

    fn set_taps(&mut self, now: Now, peer: PeerId, set: impl Fn(&mut Track)) {
        let Some(&place) = self.by_id.get(&peer) else { return };
        let Some(peer) = &mut self.peers[place] else { return };
        peer.ingest.tracks.iter_mut().for_each(set);
        for track in 0..peer.ingest.tracks.len() {
            self.look_what_to_record(now, Feed { peer: place, track });
        }
        self.schedule(now);
    }

    /// Lets a recorder follow the layer that it has and the best one that comes, and asks for the keyframe with which
    /// that one begins.
    fn look_what_to_record(&mut self, now: Now, feed: Feed) {
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get_mut(feed.track) else { return };
        if let Some(Tapped { on, .. }) = track.tap {
            let (best, is_allowed) = (best(now, track), track.is_allowed);
            for (place, layer) in track.layers.iter_mut().enumerate() {
                let is_its = place == best || on.is_some_and(|on| usize::from(on) == place);
                layer.is_recorded = is_allowed && is_its;
            }
            track.tap = Some(Tapped { on, look_us: now.us + RECORDER_LOOK_US });
            let flowing = (0..track.layers.len()).rev().find(|place| track.is_flowing(now, *place));
            let better = flowing.map(|place| place as u8).filter(|place| on != Some(*place));
            // What ended is not waited for; what is better is asked to begin.
            let waits = better
                .filter(|better| on.is_none_or(|on| *better > on || !track.is_flowing(now, usize::from(on))));
            if let Some(layer) = waits.filter(|_| is_allowed && track.kind == Kind::Video) {
                track.layers[usize::from(layer)].is_recorded = true;
                self.want_keyframe(now, (feed, layer));
            }
        }
        self.tell_layers(now, feed);
    }

    /// Copies packets that have just come, if a recorder takes their layer.
    pub(super) fn copy(&mut self, now: Now, feed: Feed, (back, last): (&[Packet], &Packet)) {
        let Some(track) = self.track(feed) else { return };
        let Some(tap) = track.tap else { return };
        if !track.is_allowed {
            // What may not go to anybody does not go into a recording either.
            if track.layers.iter().any(|layer| layer.is_recorded) {
                self.look_what_to_record(now, feed);
            }
            return;
        }
        if now.us >= tap.look_us {
            self.look_what_to_record(now, feed);
        }
        let Some(track) = self.track(feed) else { return };
        let begins =
            last.kind == Kind::Audio || (last.picture.is_key_start && is_better(now, track, tap.on, last));
        let on = if begins { Some(last.layer) } else { tap.on };
        if on != Some(last.layer) {
            return;
        }
        let mut copies: Vec<Copied> = Vec::new();
        copies.extend(back.iter().filter_map(|packet| self.copied(now, feed, packet)));
        copies.extend(self.copied(now, feed, last));
        if begins && on != tap.on {
            copies.extend(self.came_before(now, feed, last));
        }
        self.copies.append(&mut copies);
        if let Some(source) = &mut self.peers[feed.peer]
            && let Some(tap) = &mut source.ingest.tracks[feed.track].tap
        {
            tap.on = on;
        }
        if on != tap.on {
            self.look_what_to_record(now, feed);
        }
    }

    /// A keyframe's first packet may have come late, by retransmission: what came before it and belongs behind it.
    fn came_before(&self, now: Now, feed: Feed, first: &Packet) -> Vec<Copied> {
        let Some(track) = self.track(feed) else { return Vec::new() };
        let cache = &track.layers[usize::from(first.layer)].cache;
        let numbers = first.number + 1..first.number + REPLAY_PACKETS_MAX;
        numbers.filter_map(|number| self.copied(now, feed, cache.get(number)?)).collect()
    }

    fn track(&self, feed: Feed) -> Option<&Track> {
        self.peers[feed.peer].as_ref()?.ingest.tracks.get(feed.track)
    }

    /// The copy of a packet; none of one that nobody could read.
    fn copied(&self, now: Now, feed: Feed, packet: &Packet) -> Option<Copied> {
        let peer = self.peers[feed.peer].as_ref()?;
        let layer = peer.ingest.tracks.get(feed.track)?.layers.get(usize::from(packet.layer))?;
        let clock = layer.clock.map(|clock| CopiedClock { at_us: clock.at_us, timestamp: clock.timestamp });
        (packet.codec != Codec::Red).then(|| Copied {
            peer: peer.id,
            track: feed.track,
            codec: packet.codec,
            stream: (u64::from(packet.stream) << 8) | u64::from(packet.layer),
            number: packet.number,
            timestamp: packet.timestamp,
            is_marked: packet.is_marked,
            is_key_start: packet.picture.is_key_start,
            came_us: now.us,
            clock,
            payload: packet.payload.clone(),
        })
    }
}

/// The highest layer that comes or may be called; the lowest where none does.
fn best(now: Now, track: &Track) -> usize {
    let comes = |place: &usize| {
        track.is_flowing(now, *place) || track.layers[*place].may_come(now, &track.told, *place)
    };
    (0..track.layers.len()).rev().find(comes).unwrap_or(0)
}

/// Whether a recorder goes over to the layer of this packet, with which a keyframe begins.
fn is_better(now: Now, track: &Track, on: Option<u8>, packet: &Packet) -> bool {
    on.is_none_or(|on| packet.layer > on || !track.is_flowing(now, usize::from(on)))
}
