//! Looks at what a receiver's path carries and at what its slots show, and gives each slot its share; and lets the
//! loudest be heard.

use super::Plane;
use crate::core::burden::Change;
use crate::core::ingest::{Listener, Track};
use crate::core::limits::{
    ALLOCATE_INTERVAL_US, HOLD_US_MAX, HOLD_US_MIN, LOUDER_BY, PICTURES_HELD_PERCENT, VOICE_HEADERS_BPS,
    VOICE_LOUDNESS_MIN, VOICES_INTERVAL_US,
};
use crate::core::now::Now;
use crate::core::peer::Peer;
use crate::core::share::{Choice, Choices, PerSlot, Wish, share_out, wanted_bps, with_room};
use crate::core::slot::{Feed, Share, Slot};
use crate::terms::{Event, Kind, Part, PeerId, Rank, SlotReport, SlotShare};

/// Of the estimate this much is given out; the rest is for what is sent again.
const USED_PERCENT: u64 = 95;
/// Headers, tags and transport-wide numbers on top of the payload, in percent.
const HEADERS_PERCENT: u64 = 8;
/// What the lowest layer is thought to take while it rests and was never measured.
const RESTING_BPS: u64 = 100_000;
/// A layer is good enough if it has this share of the pixels at which it is shown, in percent.
const PIXELS_PERCENT: u64 = 60;
/// An estimate so many times the one that failed is of another path.
const ANOTHER_PATH: u64 = 2;
/// Pixels of the highest layer when nothing is known of it.
const PIXELS_GUESS: u64 = 1_280 * 720;

impl Plane {
    /// Shares out anew what the path to a peer carries.
    pub(super) fn allocate(&mut self, now: Now, place: usize) {
        let Some(peer) = &self.peers[place] else { return };
        let mut wishes: PerSlot<(usize, Wish)> = PerSlot::new();
        let (mut voice_bps, bps) = (0, peer.estimate.bps());
        for (at, slot) in peer.slots.iter().enumerate() {
            let Some(feed) = slot.feed() else { continue };
            match slot.kind {
                Kind::Audio => voice_bps += self.voice_bps(now, feed),
                Kind::Video => wishes.extend(self.wish(now, (slot, bps), feed).map(|wish| (at, wish))),
            }
        }
        voice_bps += peer.cover.extra_bps(now);
        let rank = |at: usize| {
            let slot = &peer.slots[at];
            let is_loudest =
                peer.loudest.is_some() && slot.feed().and_then(|feed| self.id_at(feed)) == peer.loudest;
            let is_screen = slot.feed().and_then(|feed| self.part_at(feed)) == Some(Part::Screen);
            let (width, height) = slot.view;
            (!is_screen, !is_loudest, u64::MAX - u64::from(width) * u64::from(height), at)
        };
        wishes.sort_unstable_by_key(|(at, _)| rank(*at));
        let (places, wishes): (PerSlot<usize>, PerSlot<Wish>) = wishes.into_iter().unzip();
        let path_bps = (bps * USED_PERCENT / 100).saturating_sub(voice_bps);
        let is_spared = peer.is_preferred || !self.burden.holds(peer.id.0);
        let held_bps = wanted_bps(&wishes) * PICTURES_HELD_PERCENT / 100;
        let shares = share_out(&wishes, if is_spared { path_bps } else { path_bps.min(held_bps) });
        let seek = |bps: u64| (bps * 100 / USED_PERCENT + voice_bps).max(peer.cover.wanted_bps(now));
        let pictures_bps = wanted_bps(&wishes);
        let (wanted, sought) = (seek(pictures_bps), seek(with_room(pictures_bps)));
        for ((at, wish), share) in places.iter().zip(&wishes).zip(shares) {
            // Less because it is shown smaller says nothing of the path.
            let failed_bps = if share == wish.best() || !is_spared { None } else { Some(bps) };
            self.give(now, Listener { peer: place, slot: *at }, (share, failed_bps));
        }
        let Some(peer) = &mut self.peers[place] else { return };
        if peer.slots.iter().any(|slot| slot.padding().is_some()) {
            // Who cannot be given more need not know what more his path would carry.
            peer.estimate.want(now, if is_spared { sought } else { 0 });
        }
        peer.allocated_bps = bps;
        peer.report.wanted_bps = wanted;
        // While nothing comes there is nothing to share out; the next packet begins again.
        let has_choice = wishes.iter().any(|wish| !wish.choices.is_empty());
        peer.allocate_us = has_choice.then_some(now.us + ALLOCATE_INTERVAL_US);
        self.touch(place);
    }

    /// The thread was awake for so many percent of the last tenth of a second: when it has too much to do, pictures get
    /// less and sound does not.
    pub fn awake(&mut self, now: Now, percent: u64) {
        if self.burden.note(percent) != Change::Less {
            return;
        }
        for place in 0..self.peers.len() {
            let waits = self.peers[place].as_mut().filter(|peer| !peer.is_preferred);
            if let Some(at) = waits.and_then(|peer| peer.allocate_us.as_mut()) {
                *at = now.us;
                self.touch(place);
            }
        }
        self.schedule(now);
    }

    /// Says whether the pictures of a peer are spared when there is too much to do.
    pub fn rank(&mut self, now: Now, peer: PeerId, rank: Rank) {
        let Some(&place) = self.by_id.get(&peer) else { return };
        let Some(peer) = &mut self.peers[place] else { return };
        peer.is_preferred = rank == Rank::Preferred;
        if let Some(at) = &mut peer.allocate_us {
            *at = now.us;
            self.touch(place);
            self.schedule(now);
        }
    }

    /// What a voice takes; nothing while it is silent.
    fn voice_bps(&self, now: Now, feed: Feed) -> u64 {
        let track = self.peers[feed.peer].as_ref().and_then(|peer| peer.ingest.tracks.get(feed.track));
        let layer = track.and_then(|track| track.layers.first()).filter(|layer| layer.is_live(now));
        layer.map_or(0, |layer| layer.meter.bps(now, u8::MAX) + VOICE_HEADERS_BPS)
    }

    fn part_at(&self, feed: Feed) -> Option<Part> {
        self.peers[feed.peer].as_ref()?.ingest.tracks.get(feed.track).map(|track| track.part)
    }

    fn id_at(&self, feed: Feed) -> Option<PeerId> {
        self.peers[feed.peer].as_ref().map(|peer| peer.id)
    }

    /// What a slot could carry.
    fn wish(&self, now: Now, (slot, bps): (&Slot, u64), feed: Feed) -> Option<Wish> {
        let track = self.peers[feed.peer].as_ref()?.ingest.tracks.get(feed.track)?;
        let choices = choices(now, track);
        let (width, height) = slot.view;
        let shown = u64::from(width) * u64::from(height);
        let good_enough = |choice: &Choice| {
            let layer = usize::from(choice.layer);
            let guess = PIXELS_GUESS >> (2 * (track.layers.len() - 1 - layer).min(16));
            let pixels = track.layers[layer].pixels.unwrap_or(guess);
            pixels * 100 >= shown * PIXELS_PERCENT
        };
        let enough = choices.iter().find(|choice| good_enough(choice)).map(|choice| choice.layer);
        let worth = match enough {
            _ if shown == 0 => 0,
            Some(layer) => choices.iter().filter(|choice| choice.layer <= layer).count(),
            None => choices.len(),
        };
        let worth = if shown > 0 { worth.max(1) } else { 0 };
        // The first picture is the one that is made fastest; what is better follows it.
        let is_begun = slot.share() != Share::FIRST || !slot.is_waiting();
        let is_held = !is_begun || slot.hold.is_on(now, bps);
        Some(Wish { choices, worth, present: slot.share(), is_held })
    }

    /// Gives a slot its share; with the estimate, if that is why it is not more.
    fn give(&mut self, now: Now, listener: Listener, (share, failed_bps): (Share, Option<u64>)) {
        let Some(peer) = &mut self.peers[listener.peer] else { return };
        let slot = &mut peer.slots[listener.slot];
        let is_other = slot.share() != share;
        if is_other {
            slot.hold.note(now, (slot.share(), share), failed_bps);
            slot.set_share(share);
        }
        // A still wants its keyframe each time.
        if is_other || slot.wants_keyframe(now) {
            self.relisten(now, listener);
        }
    }

    /// What each slot of a peer carries.
    pub(super) fn slot_reports(&self, peer: &Peer) -> Vec<SlotReport> {
        let report = |slot: &Slot| {
            let from = self.id_at(slot.feed()?)?;
            let share = match slot.share() {
                Share::Nothing => SlotShare::Nothing,
                Share::Stills => SlotShare::Stills,
                Share::Moving { .. } => SlotShare::Moving,
            };
            let layer = slot.layer_on().map(|on| on.0);
            Some(SlotReport { mid: slot.mid.clone(), from, kind: slot.kind, layer, share })
        };
        peer.slots.iter().filter_map(report).collect()
    }

    /// Lets the loudest be heard where there are more voices than slots, and tells who is loudest.
    pub(super) fn choose_voices(&mut self, now: Now) {
        if now.us < self.voices_us {
            return;
        }
        self.voices_us = now.us + VOICES_INTERVAL_US;
        self.note_speakers(now);
        for place in 0..self.peers.len() {
            let Some(peer) = &self.peers[place] else { continue };
            if peer.sources.is_empty() {
                continue;
            }
            let mut voices: Vec<(f32, Feed)> = Vec::new();
            for &source in &peer.sources {
                let Some(other) = &self.peers[source] else { continue };
                let is_heard = |track: &Track| track.kind == Kind::Audio && track.is_allowed;
                let sounds = other.ingest.tracks.iter().enumerate().filter(|(_, track)| is_heard(track));
                voices.extend(sounds.map(|(track, sound)| (sound.loudness, Feed { peer: source, track })));
            }
            self.tell_loudest(place, &voices);
            self.make_heard(now, place, &voices);
            self.make_seen(now, place);
        }
    }

    /// Remembers who is speaking, so that the one who has been silent longest gives way to whoever speaks.
    fn note_speakers(&mut self, now: Now) {
        for peer in self.peers.iter_mut().flatten() {
            let is_loud = |track: &Track| track.kind == Kind::Audio && track.loudness >= VOICE_LOUDNESS_MIN;
            if peer.ingest.tracks.iter().any(is_loud) {
                peer.ingest.tracks.iter_mut().for_each(|track| track.spoke_us = now.us);
            }
        }
    }

    /// Gives whoever is loudest a slot for his camera where there are more cameras than slots.
    fn make_seen(&mut self, now: Now, place: usize) {
        let Some(peer) = &self.peers[place] else { return };
        let Some(&source) = peer.loudest.and_then(|loudest| self.by_id.get(&loudest)) else { return };
        let Some(other) = &self.peers[source] else { return };
        let is_camera = |track: &Track| track.part == Part::Camera && track.is_allowed;
        let Some(track) = other.ingest.tracks.iter().position(is_camera) else { return };
        let feed = Feed { peer: source, track };
        let is_seated = peer.slots.iter().any(|slot| slot.feed() == Some(feed));
        if !is_seated && peer.sources.contains(&source) {
            self.take_camera_slot(now, place, feed);
        }
    }

    /// Puts pictures into the slot of the camera whose owner has been silent longest; no screen gives way.
    pub(super) fn take_camera_slot(&mut self, now: Now, place: usize, feed: Feed) {
        let Some(peer) = &self.peers[place] else { return };
        let codec = self.peers[feed.peer].as_ref().and_then(|peer| peer.ingest.tracks.get(feed.track)?.codec);
        let silent_since = |slot: &Slot| {
            let held = slot.feed()?;
            let track = self.peers[held.peer].as_ref()?.ingest.tracks.get(held.track)?;
            let takes = codec.is_none_or(|codec| slot.takes(codec));
            (track.part == Part::Camera && held.peer != feed.peer && takes).then_some(track.spoke_us)
        };
        let slots = peer.slots.iter().enumerate();
        let held = slots.filter_map(|(slot, held)| Some((silent_since(held)?, slot)));
        // Of those who never spoke the one who came last gives way.
        let Some((_, slot)) = held.min_by_key(|(spoke_us, slot)| (*spoke_us, usize::MAX - slot)) else {
            return;
        };
        let listener = Listener { peer: place, slot };
        self.release(now, listener);
        self.put(now, listener, feed);
    }

    fn tell_loudest(&mut self, place: usize, voices: &[(f32, Feed)]) {
        let loudest =
            voices.iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|voice| voice.0 >= VOICE_LOUDNESS_MIN);
        let Some(&(loudness, feed)) = loudest else { return };
        let id = self.id_at(feed);
        let Some(peer) = &self.peers[place] else { return };
        let present =
            voices.iter().find(|voice| peer.loudest.is_some() && self.id_at(voice.1) == peer.loudest);
        let is_louder = present.is_none_or(|present| loudness >= present.0 + LOUDER_BY);
        if id == peer.loudest || !is_louder {
            return;
        }
        let to = peer.id;
        if let Some(peer) = &mut self.peers[place] {
            peer.loudest = id;
        }
        self.events.push(Event::Loudest { to, from: id });
    }

    /// Gives the slot of the quietest to one who is louder and has none.
    fn make_heard(&mut self, now: Now, place: usize, voices: &[(f32, Feed)]) {
        let Some(peer) = &self.peers[place] else { return };
        let slots = peer.slots.iter().enumerate().filter(|(_, slot)| slot.kind == Kind::Audio);
        let seated: Vec<(usize, Feed)> = slots.filter_map(|(at, slot)| Some((at, slot.feed()?))).collect();
        let is_seated = |feed: &Feed| seated.iter().any(|other| other.1 == *feed);
        let unheard = voices.iter().filter(|voice| !is_seated(&voice.1) && voice.0 >= VOICE_LOUDNESS_MIN);
        let Some(&(loudness, feed)) = unheard.max_by(|a, b| a.0.total_cmp(&b.0)) else { return };
        let loudness_of =
            |feed: Feed| voices.iter().find(|voice| voice.1 == feed).map_or(0.0, |voice| voice.0);
        let quietest = seated.iter().min_by(|a, b| loudness_of(a.1).total_cmp(&loudness_of(b.1)));
        let Some(&(slot, quiet)) = quietest else { return };
        if loudness >= loudness_of(quiet) + LOUDER_BY {
            let listener = Listener { peer: place, slot };
            self.release(now, listener);
            self.put(now, listener, feed);
        }
    }
}

/// The ways in which a track can be shown now, the least first.
fn choices(now: Now, track: &Track) -> Choices {
    let mut choices = Choices::new();
    // What rests is guessed at only beside what comes.
    if !track.layers.iter().any(|layer| layer.meter.bps(now, u8::MAX) > 0) {
        return choices;
    }
    let with_headers = |bps: u64| bps * (100 + HEADERS_PERCENT) / 100;
    for (place, layer) in track.layers.iter().enumerate() {
        let layer_place = place as u8;
        if layer.is_live(now) {
            let highest = layer.meter.temporal_max();
            let temporals = if highest == 0 { 0..=0 } else { 0..=highest };
            for temporal in temporals {
                let bps = with_headers(layer.meter.steady_bps(now, temporal));
                choices.push(Choice { layer: layer_place, temporal, bps });
            }
        } else if layer.may_come(now, &track.told, place) {
            // It rests because nobody received it, or is on its way.
            let guess = choices.last().map_or(RESTING_BPS, |below| below.bps * 3);
            let bps = layer.last_bps.unwrap_or(guess);
            choices.push(Choice { layer: layer_place, temporal: 0, bps });
        }
    }
    // A way that takes less than a lower one is the better one.
    let mut least = u64::MAX;
    for at in (0..choices.len()).rev() {
        if choices[at].bps >= least || choices[at].bps == 0 {
            choices.remove(at);
        } else {
            least = choices[at].bps;
        }
    }
    choices
}

/// When more may be tried again after it failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hold {
    until_us: u64,
    length_us: u64,
    raised_us: u64,
    /// The estimate with which it failed.
    failed_bps: u64,
}

impl Hold {
    /// Whether more must wait; not when the path carries so much more that it is another one.
    #[must_use]
    pub fn is_on(&self, now: Now, bps: u64) -> bool {
        now.us < self.until_us && bps < self.failed_bps * ANOTHER_PATH
    }

    /// Notes a change of share; one for want of rate makes the next rise wait.
    fn note(&mut self, now: Now, (before, after): (Share, Share), failed_bps: Option<u64>) {
        let rank = |share: Share| match share {
            Share::Nothing => (0, 0, 0),
            Share::Stills => (1, 0, 0),
            Share::Moving { layer, temporal } => (2, layer, temporal),
        };
        if rank(after) > rank(before) {
            self.raised_us = now.us;
        } else if let Some(bps) = failed_bps {
            let failed_soon = now.us < self.raised_us + 5 * HOLD_US_MIN;
            self.length_us =
                if failed_soon { (self.length_us * 2).clamp(HOLD_US_MIN, HOLD_US_MAX) } else { HOLD_US_MIN };
            (self.until_us, self.failed_bps) = (now.us + self.length_us, bps);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LESS: (Share, Share) =
        (Share::Moving { layer: 2, temporal: 0 }, Share::Moving { layer: 0, temporal: 0 });

    #[test]
    fn more_waits_after_it_failed_for_want_of_rate_but_not_after_a_tile_became_smaller() {
        let now = Now::for_test();
        let mut hold = Hold::default();
        hold.note(now, LESS, None);
        assert!(!hold.is_on(now, 300_000));
        hold.note(now, LESS, Some(300_000));
        assert!(hold.is_on(now, 300_000) && hold.is_on(now, 500_000));
        assert!(!hold.is_on(now.after(Duration::from_micros(HOLD_US_MIN)), 300_000));
    }

    #[test]
    fn a_path_that_carries_twice_as_much_is_another_one_and_nothing_waits() {
        let now = Now::for_test();
        let mut hold = Hold::default();
        hold.note(now, LESS, Some(200_000));
        assert!(hold.is_on(now, 399_999) && !hold.is_on(now, 400_000));
    }
}
