//! The routes of a plane: which tracks may flow to whom, which slots they fill, and the forwarding itself.

use super::{Pending, Plane};
use crate::core::ingest::{Layer, Listener, Track};
use crate::core::limits::{LAYERS_MAX, REPLAY_PACKETS_MAX};
use crate::core::now::Now;
use crate::core::outbox::Outbox;
use crate::core::packet::Packet;
use crate::core::peer::Turn;
use crate::core::slot::{Feed, Share, Slot};
use crate::terms::{Allowed, Event, Kind, Part, PeerId};

/// When a new picture's share is looked at first: its rate is known by then.
const FIRST_ALLOCATION_US: u64 = 100_000;

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
            self.release(now, Listener { peer: place, slot });
        }
        self.seat(now, place);
    }

    /// Says which parts of a peer may go to anybody; what may not go any more stops at once, for retransmissions, too.
    pub fn allow(&mut self, now: Now, peer: PeerId, allowed: Allowed) {
        let Some(&source) = self.by_id.get(&peer) else { return };
        let Some(peer) = &mut self.peers[source] else { return };
        let mut is_changed = false;
        let mut shut: Vec<usize> = Vec::new();
        for (place, track) in peer.ingest.tracks.iter_mut().enumerate() {
            let is_allowed = allowed.has(track.part);
            is_changed |= is_allowed != track.is_allowed;
            track.is_allowed = is_allowed;
            if !is_allowed {
                shut.push(place);
            }
        }
        if !is_changed {
            return;
        }
        for place in 0..self.peers.len() {
            let Some(peer) = &self.peers[place] else { continue };
            if !peer.sources.contains(&source) {
                continue;
            }
            let is_shut = |slot: &usize| {
                peer.slots[*slot].feed().is_some_and(|feed| feed.peer == source && shut.contains(&feed.track))
            };
            for slot in (0..peer.slots.len()).filter(is_shut).collect::<Vec<usize>>() {
                self.release(now, Listener { peer: place, slot });
            }
            self.seat(now, place);
        }
        self.schedule(now);
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
        let Some(track) = self.peers[feed.peer].as_ref().and_then(|peer| peer.ingest.tracks.get(feed.track))
        else {
            return;
        };
        let (kind, codec, part) = (track.kind, track.codec, track.part);
        let Some(peer) = &self.peers[place] else { return };
        if !track.is_allowed || peer.slots.iter().any(|slot| slot.feed() == Some(feed)) {
            return;
        }
        let takes = |slot: &Slot| codec.is_none_or(|codec| slot.takes(codec));
        if let Some(slot) = free_slot(&peer.slots, kind, feed.peer, takes) {
            self.put(now, Listener { peer: place, slot }, feed);
        } else if part == Part::Screen {
            self.take_camera_slot(now, place, feed);
        }
    }

    /// Puts a track into a slot that is free.
    pub(super) fn put(&mut self, now: Now, listener: Listener, feed: Feed) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let slot = &mut peer.slots[listener.slot];
        slot.fill(Some(feed));
        let (to, mid) = (peer.id, slot.mid.clone());
        if slot.kind == Kind::Video {
            let first_us = now.us + FIRST_ALLOCATION_US;
            peer.allocate_us = Some(peer.allocate_us.map_or(first_us, |at| at.min(first_us)));
        }
        let part = |track: &Track| track.part;
        let from = self.peers[feed.peer]
            .as_ref()
            .and_then(|source| Some((source.id, source.ingest.tracks.get(feed.track).map(part)?)));
        self.events.push(Event::Slot { to, mid, from });
        self.relisten(now, listener);
        self.touch(listener.peer);
    }

    /// Lets a slot listen to the layer that goes out and to the one that is to go out, and asks for the keyframe that
    /// it waits for.
    pub(super) fn relisten(&mut self, now: Now, listener: Listener) {
        let Some(peer) = &self.peers[listener.peer] else { return };
        let slot = &peer.slots[listener.slot];
        let Some(feed) = slot.feed() else { return };
        let (target, on) = (slot.share().layer(), slot.layer_on().map(|on| on.0));
        // A peer that is not up yet has its keyframe asked for when it has been reached, and sent from memory.
        let wants_keyframe = peer.report.is_up && slot.kind == Kind::Video && slot.wants_keyframe(now);
        let follows: [bool; LAYERS_MAX] = std::array::from_fn(|layer| slot.follows(layer as u8));
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get_mut(feed.track) else { return };
        for (place, layer) in track.layers.iter_mut().enumerate() {
            let is_wanted = follows.get(place) == Some(&true);
            let is_there = layer.listeners.contains(&listener);
            if is_wanted && !is_there {
                layer.listeners.push(listener);
            } else if !is_wanted && is_there {
                layer.listeners.retain(|other| *other != listener);
            }
        }
        let clock = on.or(target).and_then(|layer| track.layers.get(usize::from(layer))?.clock);
        // What is not sent now begins with a keyframe; meanwhile the best that is sent will do.
        let mut layers = follows.into_iter().take(track.layers.len()).enumerate().rev();
        let best = layers
            .find(|(place, follows)| *follows && track.is_flowing(now, *place))
            .map(|(place, _)| place as u8);
        let best = best.filter(|_| on.is_none());
        if let Some(peer) = &mut self.peers[listener.peer] {
            peer.slots[listener.slot].clock = clock;
        }
        if let Some(layer) = best.or(target).filter(|_| wants_keyframe) {
            self.want_keyframe(now, (feed, layer));
        }
        self.tell_layers(now, feed);
    }

    /// A layer comes that did not come for a while, or that goes on while another one does not. Whoever was shown one that
    /// has ended takes this one, and whoever has no picture looks what there is.
    pub(super) fn look_at_layers(&mut self, now: Now, (feed, layer): (Feed, u8)) {
        let Some(source) = &self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get(feed.track) else { return };
        let mut listeners: Vec<Listener> = Vec::new();
        for listener in track.layers.iter().flat_map(|layer| &layer.listeners) {
            if !listeners.contains(listener) {
                listeners.push(*listener);
            }
        }
        let is_over = |on: u8| on != layer && !track.is_flowing(now, usize::from(on));
        let is_over: Vec<bool> = (0..track.layers.len() as u8).map(is_over).collect();
        for listener in listeners {
            let Some(peer) = &mut self.peers[listener.peer] else { continue };
            let first_us = now.us + FIRST_ALLOCATION_US;
            peer.allocate_us = Some(peer.allocate_us.map_or(first_us, |at| at.min(first_us)));
            let slot = &mut peer.slots[listener.slot];
            let has_ended = slot.layer_on().is_some_and(|on| is_over[usize::from(on.0)]);
            if has_ended && slot.share() != Share::Stills {
                slot.reopen();
                self.relisten(now, listener);
            }
            self.touch(listener.peer);
        }
    }

    /// Empties a slot.
    pub(super) fn release(&mut self, now: Now, listener: Listener) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let slot = &mut peer.slots[listener.slot];
        let Some(feed) = slot.feed() else { return };
        slot.fill(None);
        peer.pacer.forget(listener.slot);
        peer.repeats.forget(listener.slot);
        self.events.push(Event::Slot { to: peer.id, mid: peer.slots[listener.slot].mid.clone(), from: None });
        self.unlisten(now, feed, listener);
    }

    pub(super) fn unlisten(&mut self, now: Now, feed: Feed, listener: Listener) {
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get_mut(feed.track) else { return };
        for layer in &mut track.layers {
            layer.listeners.retain(|other| *other != listener);
        }
        if !track.is_heard() {
            track.layers.iter_mut().for_each(Layer::fall_silent);
        }
        self.tell_layers(now, feed);
    }

    /// Tells which layers of a track anybody receives: more at once, less when it has lasted.
    pub(super) fn tell_layers(&mut self, now: Now, feed: Feed) {
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get_mut(feed.track) else { return };
        if track.kind != Kind::Video {
            return;
        }
        if let Some(rids) = track.told.follow(now, &track.layers) {
            self.events.push(Event::Layers { peer: source.id, mid: track.mid.clone(), rids });
        }
        self.touch(feed.peer);
    }

    /// Sends a packet again to the listener that asked for it, if the source still fills its slot.
    pub(super) fn resend(&mut self, now: Now, listener: Listener, sequence: u16) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let slot = &mut peer.slots[listener.slot];
        let Some(feed) = slot.feed() else { return };
        let Some((numbers, layer, source)) = slot.look_up(now, sequence) else { return };
        let layers = self.peers[feed.peer].as_ref().map(|peer| &peer.ingest.tracks[feed.track].layers);
        let cached = layers.and_then(|layers| layers.get(usize::from(layer))?.cache.get(source));
        let Some(packet) = cached.cloned() else { return };
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        let is_sent = self.peers[listener.peer]
            .as_mut()
            .is_some_and(|peer| peer.resend(&mut turn, listener.slot, &packet, numbers));
        self.count_forwarded(feed, u64::from(is_sent));
    }

    pub(super) fn count_forwarded(&mut self, feed: Feed, packets: u64) {
        self.totals.rtp_sent += packets;
        if let Some(source) = &mut self.peers[feed.peer] {
            source.report.rtp_forwarded_from += packets;
        }
    }

    /// Tells the slots that a layer fills how its clock runs.
    pub(super) fn set_clock(&mut self, place: usize, (track, layer): (usize, usize)) {
        let Some(source) = &self.peers[place] else { return };
        let layer_place = layer as u8;
        let layer = &source.ingest.tracks[track].layers[layer];
        let (clock, listeners) = (layer.clock, layer.listeners.clone());
        for listener in listeners {
            if let Some(peer) = &mut self.peers[listener.peer] {
                let slot = &mut peer.slots[listener.slot];
                if slot.kind == Kind::Audio || slot.layer_on().is_none_or(|on| on.0 == layer_place) {
                    slot.clock = clock;
                }
                self.touch(listener.peer);
            }
        }
    }

    /// Forwards, peer by peer, so that the datagrams of one peer stand side by side; returns the time at its end.
    pub(super) fn fan_out(&mut self, mut now: Now, flush: &mut dyn FnMut(&mut Outbox) -> Now) -> Now {
        if self.pending.is_empty() {
            return now;
        }
        let pending = std::mem::take(&mut self.pending);
        let mut work = std::mem::take(&mut self.work);
        for (at, item) in pending.iter().enumerate() {
            let Some(source) = &self.peers[item.from.peer] else { continue };
            let layer = &source.ingest.tracks[item.from.track].layers[usize::from(item.packet.layer)];
            work.extend(layer.listeners.iter().map(|listener| (listener.peer, listener.slot, at)));
        }
        work.sort_unstable_by_key(|(peer, _, at)| (*peer, *at));
        let mut last = None;
        for (place, slot, at) in work.drain(..) {
            if last != Some(place) && self.outbox.is_full() {
                now = flush(&mut self.outbox);
            }
            last = Some(place);
            self.deliver(now, Listener { peer: place, slot }, &pending[at]);
        }
        self.work = work;
        self.pending = pending;
        self.pending.clear();
        now
    }

    /// Forwards one packet to one slot, and what followed it when it opens the slot's gate.
    fn deliver(&mut self, now: Now, listener: Listener, item: &Pending) {
        let (receiver, source) = match self.peers.get_disjoint_mut([listener.peer, item.from.peer]) {
            Ok([receiver, source]) => (receiver, source),
            Err(_) => return, // nobody is sent what is its own
        };
        let Some(peer) = receiver else { return };
        let frames = source.as_ref().and_then(|source| source.ingest.frames(item.from.track));
        let before = peer.slots[listener.slot].layer_on().map(|on| on.0);
        if peer.allocate_us.is_none() && item.packet.kind == Kind::Video {
            peer.allocate_us = Some(now.us + FIRST_ALLOCATION_US);
        }
        let clock = item.clock;
        let slot = &mut peer.slots[listener.slot];
        if before != Some(item.packet.layer) && item.packet.picture.is_key_start {
            slot.clock = clock;
        }
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        let sent = peer.forward(&mut turn, listener.slot, &item.packet, frames);
        let after = peer.slots[listener.slot].layer_on().map(|on| on.0);
        let mut count = u64::from(sent);
        if peer.wants_look(now) {
            self.touch(listener.peer);
        }
        if after.is_some() && after != before && item.packet.kind == Kind::Video {
            count += self.replay(now, listener, item);
            self.relisten(now, listener);
        }
        self.count_forwarded(item.from, count);
    }

    /// The keyframe's first packet may have come late, by retransmission: sends what came before it and belongs
    /// behind it. The slot refuses what it has sent already, so the packets of this turn do no harm.
    fn replay(&mut self, now: Now, listener: Listener, item: &Pending) -> u64 {
        let Some(source) = &self.peers[item.from.peer] else { return 0 };
        let layer = &source.ingest.tracks[item.from.track].layers[usize::from(item.packet.layer)];
        let numbers = item.packet.number + 1..item.packet.number + REPLAY_PACKETS_MAX;
        let packets: Vec<Packet> = numbers.filter_map(|number| layer.cache.get(number)).cloned().collect();
        let Some(peer) = &mut self.peers[listener.peer] else { return 0 };
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        packets.iter().filter(|packet| peer.forward(&mut turn, listener.slot, packet, None)).count() as u64
    }
}

/// The free slot for a track of a source: in step with the source's other slot, else one in step with nobody.
fn free_slot(slots: &[Slot], kind: Kind, source: usize, takes: impl Fn(&Slot) -> bool) -> Option<usize> {
    let rank = |slot: &Slot| {
        let mut partners = slots.iter().filter(|other| other.kind != kind && other.stream == slot.stream);
        let partner = partners.find_map(Slot::feed).map(|feed| feed.peer);
        match partner {
            Some(peer) if peer == source => 0,
            None => 1,
            Some(_) => 2,
        }
    };
    let free = |(_, slot): &(usize, &Slot)| slot.kind == kind && slot.feed().is_none() && takes(slot);
    slots.iter().enumerate().filter(free).min_by_key(|(_, slot)| rank(slot)).map(|(place, _)| place)
}
