//! Which ways are open: worked out anew from the meetings and calls, then compared with what was opened before.
//!
//! The default is shut. A seat's media is opened in one place only, `open_seat`, and that place must be shown the seat's
//! own consent. Nothing else here or elsewhere calls for `Output::Open`.

use super::turn::Output;
use domain::hotline::{Call, Class, Consent, Device, Part};
use domain::id::PostId;
use media::{Allowed, PeerId, Rank};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs from → to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes {
    open: BTreeSet<(PeerId, PeerId)>,
    /// What of whom may go, where it is not what a fresh transport begins with.
    allowed: BTreeMap<PeerId, Allowed>,
    /// Who is in a call of many, and is not spared.
    common: BTreeSet<PeerId>,
}

/// A call of more than so many inside has the pictures of a review: when there is too much to do they get less, so that the
/// other calls of the hotline lose nothing by it.
const SPARED_INSIDE_MAX: usize = 8;

impl Routes {
    /// Makes the opened ways those that are wanted: shuts first, then opens.
    pub fn become_these(&mut self, wanted: Wanted) -> Vec<Output> {
        let mut outputs = Vec::new();
        let of = |map: &BTreeMap<PeerId, Allowed>, peer: &PeerId| map.get(peer).copied().unwrap_or_default();
        let peers: BTreeSet<PeerId> = self.allowed.keys().chain(wanted.allowed.keys()).copied().collect();
        let changed = peers.iter().filter(|peer| of(&self.allowed, peer) != of(&wanted.allowed, peer));
        let allow: Vec<Output> =
            changed.map(|peer| Output::Allow(*peer, of(&wanted.allowed, peer))).collect();
        outputs.extend(self.open.difference(&wanted.pairs).map(|(from, to)| Output::Shut(*from, *to)));
        // Before anything is opened, so that nothing goes for a moment that may not.
        outputs.extend(allow);
        let rank = |peers: &BTreeSet<PeerId>, others: &BTreeSet<PeerId>, rank| -> Vec<Output> {
            peers.difference(others).map(|peer| Output::Rank(*peer, rank)).collect()
        };
        outputs.extend(rank(&wanted.common, &self.common, Rank::Common));
        outputs.extend(rank(&self.common, &wanted.common, Rank::Preferred));
        self.common = wanted.common;
        self.allowed = wanted.allowed;
        outputs.extend(wanted.pairs.difference(&self.open).map(|(from, to)| Output::Open(*from, *to)));
        self.open = wanted.pairs;
        outputs
    }

    /// A transport is gone, and the media plane shut its ways with it.
    pub fn forget(&mut self, peer: PeerId) {
        self.open.retain(|(from, to)| *from != peer && *to != peer);
        self.allowed.remove(&peer);
        self.common.remove(&peer);
    }
}

/// The ways that the meetings and calls want.
#[derive(Debug, Default)]
pub struct Wanted {
    pairs: BTreeSet<(PeerId, PeerId)>,
    allowed: BTreeMap<PeerId, Allowed>,
    common: BTreeSet<PeerId>,
}

impl Wanted {
    /// Everybody inside a meeting sees and hears everybody else.
    pub fn meeting(&mut self, inside: &[PeerId]) {
        for from in inside {
            self.pairs.extend(inside.iter().filter(|to| *to != from).map(|to| (*from, *to)));
        }
    }

    /// What of somebody may go where the ways are open.
    pub fn allow(&mut self, peer: PeerId, allowed: Allowed) {
        self.allowed.insert(peer, allowed);
    }

    /// Somebody with a pass gives to, or takes from, a meeting.
    pub fn outside(&mut self, from: PeerId, to: PeerId) {
        if from != to {
            self.pairs.insert((from, to));
        }
    }

    /// Whoever has agreed is seen by all who have, and by those whom he rings; of a sealed call nothing goes before both are
    /// inside, for there are no keys yet.
    ///
    /// * `transport`: the transport of a seat at a device, if there is one.
    /// * `are_parted`: whether two seats inside do not see and hear each other all the same.
    pub fn call(
        &mut self,
        call: &Call,
        transport: impl Fn(&PostId, Device) -> Option<PeerId>,
        are_parted: impl Fn(&PostId, &PostId) -> bool,
    ) {
        let mut ends: Vec<(&PostId, PeerId, &Consent)> = Vec::new();
        for (post, part) in call.parts() {
            let at = |consent: &Consent| transport(post, consent.place().device);
            ends.extend(call.consents(post).filter_map(|consent| Some((post, at(consent)?, consent))));
            if let (Part::Rung(ring), Class::Open) = (part, call.class()) {
                let back = call.consent(&ring.by).and_then(|by| transport(&ring.by, by.place().device));
                self.frosted((call, post), back, &at);
                let rung = Device::ALL.iter().filter_map(|device| transport(post, *device));
                for to in rung {
                    for consent in call.consents(&ring.by) {
                        let from = transport(&ring.by, consent.place().device);
                        self.open_seat(consent, (call, &ring.by), from.map(|from| (from, to)));
                    }
                }
            }
        }
        if call.inside().count() > SPARED_INSIDE_MAX {
            self.common.extend(ends.iter().map(|(_, peer, _)| *peer));
        }
        for (post, from, consent) in &ends {
            for (other, to, _) in &ends {
                if post != other && !are_parted(post, other) {
                    self.open_seat(consent, (call, post), Some((*from, *to)));
                }
            }
        }
    }

    /// A seat that will answer by itself shows its frosted picture to whoever rings it, and lets no sound through.
    fn frosted(
        &mut self,
        (call, post): (&Call, &PostId),
        to: Option<PeerId>,
        at: &impl Fn(&Consent) -> Option<PeerId>,
    ) {
        let Some(consent) = call.frosted(post) else { return };
        if let Some(from) = at(consent) {
            self.allow(from, Allowed { voice: false, camera: true, screen: false });
            self.open_seat(consent, (call, post), to.map(|to| (from, to)));
        }
    }

    /// The one place that opens a seat's media.
    fn open_seat(
        &mut self,
        consent: &Consent,
        (call, post): (&Call, &PostId),
        way: Option<(PeerId, PeerId)>,
    ) {
        if consent.call() == call.id() && consent.place().post == *post {
            self.pairs.extend(way);
        }
    }
}
