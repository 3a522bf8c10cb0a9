//! The routes of a plane: which tracks may flow to whom, which slots they fill, and the forwarding itself.

use super::{Pending, Plane};
use crate::core::ingest::Listener;
use crate::core::limits::REPLAY_PACKETS_MAX;
use crate::core::now::Now;
use crate::core::packet::Packet;
use crate::core::peer::Turn;
use crate::core::slot::{Feed, Slot};
use crate::terms::{Event, Kind, PeerId};

impl Plane {
    /// Opens the way for the tracks of `from` to `to`. Unknown peers and a peer's way to itself are ignored.
    pub fn open(&mut self, now: Now, from: PeerId, to: PeerId) {
        let (Some(&source), Some(&place)) = (self.by_id.get(&from), self.by_id.get(&to)) else { return };
        let Some(peer) = &mut self.peers[place] else { return };
        if source == place || peer.sources.contains(&source) {
            return;
        }
        peer.sources.push(source);
        self.totals.routes += 1;
        self.seat(now, place);
        self.schedule(now);
    }

    /// Shuts the way of `from` to `to`, at once and for retransmissions, too.
    pub fn shut(&mut self, now: Now, from: PeerId, to: PeerId) {
        let (Some(&source), Some(&place)) = (self.by_id.get(&from), self.by_id.get(&to)) else { return };
        self.shut_places(now, source, place);
        self.schedule(now);
    }

    pub(super) fn shut_places(&mut self, now: Now, source: usize, place: usize) {
        let Some(peer) = &mut self.peers[place] else { return };
        let before = peer.sources.len();
        peer.sources.retain(|other| *other != source);
        if peer.sources.len() == before {
            return;
        }
        self.totals.routes -= 1;
        let held: Vec<usize> = (0..peer.slots.len())
            .filter(|slot| peer.slots[*slot].feed().is_some_and(|feed| feed.peer == source))
            .collect();
        for slot in held {
            self.release(place, slot);
        }
        self.seat(now, place);
    }

    /// Gives free slots of a peer to the tracks that may flow to it and have none, in the order of opening.
    fn seat(&mut self, now: Now, place: usize) {
        let Some(peer) = &self.peers[place] else { return };
        for source in peer.sources.clone() {
            let tracks = self.peers[source].as_ref().map_or(0, |peer| peer.ingest.tracks.len());
            for track in 0..tracks {
                self.seat_track(now, place, Feed { peer: source, track });
            }
        }
    }

    fn seat_track(&mut self, now: Now, place: usize, feed: Feed) {
        let Some((kind, clock)) = self.peers[feed.peer]
            .as_ref()
            .and_then(|peer| peer.ingest.tracks.get(feed.track).map(|track| (track.kind, track.clock)))
        else {
            return;
        };
        let Some(peer) = &mut self.peers[place] else { return };
        if peer.slots.iter().any(|slot| slot.feed() == Some(feed)) {
            return;
        }
        let Some(slot) = free_slot(&peer.slots, kind, feed.peer) else { return };
        peer.slots[slot].fill(Some(feed));
        peer.slots[slot].clock = clock;
        let (to, mid, is_up) = (peer.id, peer.slots[slot].mid.clone(), peer.report.is_up);
        self.touch(place);
        let Some(source) = &mut self.peers[feed.peer] else { return };
        source.ingest.tracks[feed.track].listeners.push(Listener { peer: place, slot });
        self.events.push(Event::Slot { to, mid, from: Some(source.id) });
        // A keyframe for a peer that is not up yet would be lost on it and, by the throttle, delay the one that it
        // needs: it is asked for when the peer comes up.
        if is_up {
            self.want_keyframe(now, feed);
        }
    }

    /// Empties a slot.
    fn release(&mut self, place: usize, slot: usize) {
        let Some(peer) = &mut self.peers[place] else { return };
        let Some(feed) = peer.slots[slot].feed() else { return };
        peer.slots[slot].fill(None);
        self.events.push(Event::Slot { to: peer.id, mid: peer.slots[slot].mid.clone(), from: None });
        self.unlisten(feed, Listener { peer: place, slot });
    }

    pub(super) fn unlisten(&mut self, feed: Feed, listener: Listener) {
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let track = &mut source.ingest.tracks[feed.track];
        track.listeners.retain(|other| *other != listener);
        if track.listeners.is_empty() {
            track.fall_silent();
        }
    }

    /// Sends a packet again to the listener that asked for it, if the source still fills its slot.
    pub(super) fn resend(&mut self, now: Now, listener: Listener, sequence: u16) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let slot = &mut peer.slots[listener.slot];
        let Some(feed) = slot.feed() else { return };
        let Some((numbers, source)) = slot.look_up(now, sequence) else { return };
        let cached =
            self.peers[feed.peer].as_ref().and_then(|peer| peer.ingest.tracks[feed.track].cache.get(source));
        let Some(packet) = cached.cloned() else { return };
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        let is_sent = self.peers[listener.peer]
            .as_mut()
            .is_some_and(|peer| peer.resend(&mut turn, listener.slot, &packet, numbers));
        self.count_forwarded(feed, u64::from(is_sent));
    }

    fn count_forwarded(&mut self, feed: Feed, packets: u64) {
        self.totals.rtp_sent += packets;
        if let Some(source) = &mut self.peers[feed.peer] {
            source.report.rtp_forwarded_from += packets;
        }
    }

    /// Tells the slots that a track fills how its clock runs.
    pub(super) fn set_clock(&mut self, place: usize, track: usize) {
        let Some(source) = &self.peers[place] else { return };
        let track = &source.ingest.tracks[track];
        let (clock, listeners) = (track.clock, track.listeners.clone());
        for listener in listeners {
            if let Some(peer) = &mut self.peers[listener.peer] {
                peer.slots[listener.slot].clock = clock;
                self.touch(listener.peer);
            }
        }
    }

    /// Forwards, peer by peer, so that the datagrams of one peer stand side by side.
    pub(super) fn fan_out(&mut self, now: Now) {
        if self.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let mut work = std::mem::take(&mut self.work);
        for (at, item) in pending.iter().enumerate() {
            let Some(source) = &self.peers[item.from.peer] else { continue };
            let listeners = &source.ingest.tracks[item.from.track].listeners;
            work.extend(listeners.iter().map(|listener| (listener.peer, listener.slot, at)));
        }
        work.sort_unstable_by_key(|(peer, _, at)| (*peer, *at));
        for (place, slot, at) in work.drain(..) {
            self.deliver(now, Listener { peer: place, slot }, &pending[at]);
        }
        self.work = work;
        self.pending = pending;
        self.pending.clear();
    }

    /// Forwards one packet to one slot, and what followed it when it opens the slot's gate.
    fn deliver(&mut self, now: Now, listener: Listener, item: &Pending) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let was_waiting = peer.slots[listener.slot].is_waiting();
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        let sent = peer.forward(&mut turn, listener.slot, &item.packet);
        let has_opened = was_waiting && !peer.slots[listener.slot].is_waiting();
        let mut count = u64::from(sent);
        self.touch(listener.peer);
        if has_opened {
            count += self.replay(now, listener, item);
        }
        self.count_forwarded(item.from, count);
    }

    /// The keyframe's first packet may have come late, by retransmission: sends what came before it and belongs
    /// behind it. The slot refuses what it has sent already, so the packets of this turn do no harm.
    fn replay(&mut self, now: Now, listener: Listener, item: &Pending) -> u64 {
        let Some(source) = &self.peers[item.from.peer] else { return 0 };
        let cache = &source.ingest.tracks[item.from.track].cache;
        let numbers = item.packet.number + 1..item.packet.number + REPLAY_PACKETS_MAX;
        let packets: Vec<Packet> = numbers.filter_map(|number| cache.get(number)).cloned().collect();
        let Some(peer) = &mut self.peers[listener.peer] else { return 0 };
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        packets.iter().filter(|packet| peer.forward(&mut turn, listener.slot, packet)).count() as u64
    }
}

/// The free slot for a track of a source: in step with the source's other slot, else one in step with nobody.
fn free_slot(slots: &[Slot], kind: Kind, source: usize) -> Option<usize> {
    let rank = |slot: &Slot| {
        let mut partners = slots.iter().filter(|other| other.kind != kind && other.stream == slot.stream);
        let partner = partners.find_map(Slot::feed).map(|feed| feed.peer);
        match partner {
            Some(peer) if peer == source => 0,
            None => 1,
            Some(_) => 2,
        }
    };
    let free = |(_, slot): &(usize, &Slot)| slot.kind == kind && slot.feed().is_none();
    slots.iter().enumerate().filter(free).min_by_key(|(_, slot)| rank(slot)).map(|(place, _)| place)
}
