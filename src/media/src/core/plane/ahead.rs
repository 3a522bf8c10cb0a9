//! The first picture of somebody who joins: its keyframe is asked for while the handshake is still under way, and sent
//! from memory the moment the keys are there.

use super::Plane;
use crate::core::ingest::Listener;
use crate::core::limits::{KEYFRAME_FRESH_US, KEYFRAME_KEPT_US};
use crate::core::now::Now;
use crate::core::peer::Turn;
use crate::core::slot::Feed;

impl Plane {
    /// A peer has been reached for the first time: in a round trip and a half its handshake is done. A keyframe that is
    /// asked for now is here by then.
    pub(super) fn foresee(&mut self, now: Now, place: usize) {
        let Some(peer) = &self.peers[place] else { return };
        let waiting: Vec<usize> =
            (0..peer.slots.len()).filter(|slot| peer.slots[*slot].is_waiting()).collect();
        for slot in waiting {
            let listener = Listener { peer: place, slot };
            if self.kept_keyframe(now, listener, KEYFRAME_FRESH_US).is_none()
                && let Some(wanted) = self.best_layer(now, listener)
            {
                self.want_keyframe(now, wanted);
            }
        }
    }

    /// The best layer that a slot may begin with and that is sent now.
    fn best_layer(&self, now: Now, listener: Listener) -> Option<(Feed, u8)> {
        let slot = &self.peers[listener.peer].as_ref()?.slots[listener.slot];
        let feed = slot.feed()?;
        let track = self.peers[feed.peer].as_ref()?.ingest.tracks.get(feed.track)?;
        let fits = |place: &usize| slot.follows(*place as u8) && track.is_flowing(now, *place);
        (0..track.layers.len()).rev().find(fits).map(|place| (feed, place as u8))
    }

    /// The last keyframe of that layer, if it came less than so long ago: where it begins.
    fn kept_keyframe(&self, now: Now, listener: Listener, for_us: u64) -> Option<(Feed, u8, u64)> {
        let (feed, layer) = self.best_layer(now, listener)?;
        let track = &self.peers[feed.peer].as_ref()?.ingest.tracks[feed.track];
        let number = track.layers[usize::from(layer)].cache.last_key(now, for_us)?;
        Some((feed, layer, number))
    }

    /// Begins a slot whose peer has just come up with the last keyframe and what followed it.
    pub(super) fn begin_from_memory(&mut self, now: Now, listener: Listener) {
        let is_waiting =
            self.peers[listener.peer].as_ref().is_some_and(|peer| peer.slots[listener.slot].is_waiting());
        let kept = if is_waiting { self.kept_keyframe(now, listener, KEYFRAME_KEPT_US) } else { None };
        let Some((feed, layer, number)) = kept else { return };
        let Some(source) = &self.peers[feed.peer] else { return };
        let layer = &source.ingest.tracks[feed.track].layers[usize::from(layer)];
        // While nobody listened nothing was kept: with a gap in it the picture would wait for what never comes.
        let (packets, clock) = (layer.all_since(number).unwrap_or_default(), layer.clock);
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        peer.slots[listener.slot].clock = clock;
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        let sent =
            packets.iter().filter(|packet| peer.forward(&mut turn, listener.slot, packet, None)).count();
        self.count_forwarded(feed, sent as u64);
        self.touch(listener.peer);
    }
}
