//! The plane: all peers of one media thread, the routes between them, and one turn of work after the other.
//!
//! A packet reaches a slot only while a route from its source is open: listeners exist only then, and what is not
//! listened to is neither kept nor forwarded (`routes.rs`). A panic in one peer's work ends that peer and nobody else.

mod ahead;
mod allocate;
mod copy;
mod ends;
#[cfg(feature = "fuzz")]
mod fuzz;
mod routes;
mod stray;

pub use allocate::Hold;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rtc_dtls::crypto_provider::RTCCrypto;
use rtc_stun::message::TransactionId;

use crate::core::burden::Burden;
use crate::core::dtls::Identity;
use crate::core::ice::{Credentials, Ice, Mark};
use crate::core::ingest::{Arrived, Listener, SourceClock};
use crate::core::limits::HANDSHAKES_WAITING_MAX;
use crate::core::now::Now;
use crate::core::outbox::{End, Outbox, Path};
use crate::core::packet::Packet;
use crate::core::peer::{Deed, Peer, Turn};
use crate::core::sdp::answer::{Local, SlotStream, write};
use crate::core::sdp::offer::{Content, Direction, Offer, is_password, is_ufrag, parse};
use crate::core::slot::{Feed, Slot};
use crate::terms::{
    ClientName, ConnectError, Connected, Copied, Down, Event, IceName, Kind, PeerId, PeerReport, SlotInfo,
    Totals, View,
};

/// Fills with secure random bytes; a test gives a seeded generator.
pub type Chance = Box<dyn FnMut(&mut [u8]) + Send>;

/// What a plane is told when it starts.
pub struct Settings {
    /// Candidates of every answer, most wanted first.
    pub candidates: Vec<SocketAddr>,
    /// Candidates over TCP, behind those.
    pub candidates_tcp: Vec<SocketAddr>,
    /// After this long without anything authentic a peer is gone.
    pub silence_max: Duration,
    /// Most peers at once.
    pub peers_max: usize,
    /// Which plane this is, where several share an address.
    pub mark: Mark,
}

/// What changed in who is reached at an address, for the other planes behind ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A check of one of our peers validated it.
    Taken(SocketAddr),
    /// None of our peers is reached there any more.
    Left(SocketAddr),
}

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is of one of our peers.
    Taken,
    /// It is malformed, not authentic, or of nobody here.
    Dropped,
}

/// A packet that waits for the end of the turn.
struct Pending {
    from: Feed,
    packet: Packet,
    /// The clock of its layer.
    clock: Option<SourceClock>,
}

/// A datagram of a handshake that waits until media has gone out.
struct Handshake {
    peer: PeerId,
    path: Path,
    datagram: Vec<u8>,
}

/// All peers of one thread.
pub struct Plane {
    /// Datagrams that wait to be sent; the driver empties it.
    pub outbox: Outbox,
    /// Events that wait to be told; the driver empties it.
    pub events: Vec<Event>,
    /// Addresses that became ours or are ours no more; the driver empties it.
    pub claims: Vec<Claim>,
    /// Copies for recorders; the driver empties it.
    pub copies: Vec<Copied>,
    identity: Identity,
    settings: Settings,
    chance: Chance,
    peers: Vec<Option<Box<Peer>>>,
    free: Vec<usize>,
    by_id: HashMap<PeerId, usize>,
    by_ufrag: HashMap<String, usize>,
    by_end: HashMap<End, usize>,
    /// Whom we asked whether it is at another address, by the transaction.
    by_challenge: HashMap<TransactionId, usize>,
    last_id: u64,
    pending: Vec<Pending>,
    handshakes: VecDeque<Handshake>,
    work: Vec<(usize, usize, usize)>,
    deeds: Vec<Deed>,
    timers: BTreeSet<(u64, usize)>,
    touched: Vec<usize>,
    totals: Totals,
    /// When the voices are next compared.
    voices_us: u64,
    burden: Burden,
}

impl Plane {
    /// A plane without peers.
    #[must_use]
    pub fn new(identity: Identity, settings: Settings, chance: Chance) -> Plane {
        Plane {
            outbox: Outbox::default(),
            events: Vec::new(),
            claims: Vec::new(),
            copies: Vec::new(),
            identity,
            settings,
            chance,
            peers: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_end: HashMap::new(),
            by_challenge: HashMap::new(),
            last_id: 0,
            pending: Vec::new(),
            handshakes: VecDeque::new(),
            work: Vec::new(),
            deeds: Vec::new(),
            timers: BTreeSet::new(),
            touched: Vec::new(),
            totals: Totals::default(),
            voices_us: 0,
            burden: Burden::default(),
        }
    }

    /// Answers an offer with a new peer, to which and from which nothing flows yet.
    ///
    /// # Errors
    /// The offer's fault, or no room.
    pub fn connect(&mut self, now: Now, offer: &str) -> Result<Connected, ConnectError> {
        if self.by_id.len() >= self.settings.peers_max {
            return Err(ConnectError::Full);
        }
        let offer = parse(offer)?;
        let credentials = self.fresh_credentials();
        let (streams, slots) = self.slots(&offer);
        let local = Local {
            credentials: &credentials,
            fingerprint: self.identity.fingerprint(),
            candidates: &self.settings.candidates,
            candidates_tcp: &self.settings.candidates_tcp,
        };
        let answer = write(&offer, &local, &streams);
        self.last_id += 1;
        let id = PeerId::new(self.last_id, self.settings.mark);
        let infos = slots.iter().map(|slot| SlotInfo { mid: slot.mid.clone(), kind: slot.kind }).collect();
        let ufrag = credentials.ufrag.clone();
        let ice = Ice::new(credentials, offer.ufrag.clone(), offer.password.clone());
        let mut peer = Box::new(Peer::new(id, &offer, ice, slots));
        peer.begin(now, self.settings.silence_max.as_micros() as u64);
        let place = self.free.pop().unwrap_or_else(|| {
            self.peers.push(None);
            self.peers.len() - 1
        });
        self.peers[place] = Some(peer);
        self.by_id.insert(id, place);
        self.by_ufrag.insert(ufrag, place);
        self.touch(place);
        self.schedule(now);
        Ok(Connected { peer: id, answer, slots: infos })
    }

    /// Credentials whose ufrag no peer has.
    fn fresh_credentials(&mut self) -> Credentials {
        loop {
            let credentials = Credentials::make(self.settings.mark, &mut *self.chance);
            if !self.by_ufrag.contains_key(&credentials.ufrag) {
                return credentials;
            }
        }
    }

    /// Begins ICE anew for a peer whose client now calls itself `name`; DTLS and media go on, and so do, for a while,
    /// checks under the names before.
    ///
    /// * returns: our new name; `None` for an unknown peer or a name that is none.
    pub fn restart_ice(&mut self, now: Now, peer: PeerId, name: ClientName) -> Option<IceName> {
        let place = *self.by_id.get(&peer)?;
        let ClientName { ufrag, password } = name;
        if !is_ufrag(&ufrag) {
            return None;
        }
        let password = password.filter(|text| is_password(text));
        let credentials = self.fresh_credentials();
        let name = IceName { ufrag: credentials.ufrag.clone(), password: credentials.password.clone() };
        let peer = self.peers[place].as_mut()?;
        if let Some(forgotten) = peer.ice.restart(now, credentials, (ufrag, password)) {
            self.by_ufrag.remove(&forgotten);
        }
        self.by_ufrag.insert(name.ufrag.clone(), place);
        Some(name)
    }

    /// The receiving slots of an offer, with fresh SSRCs.
    fn slots(&mut self, offer: &Offer) -> (Vec<SlotStream>, Vec<Slot>) {
        let mut taken: Vec<u32> = Vec::new();
        let (mut streams, mut slots): (Vec<SlotStream>, Vec<Slot>) = (Vec::new(), Vec::new());
        for section in &offer.sections {
            let Content::Rtp(rtp) = &section.content else { continue };
            if rtp.direction != Direction::Receives {
                continue;
            }
            let (ssrc, rtx_ssrc) = (self.fresh_ssrc(&mut taken), self.fresh_ssrc(&mut taken));
            let stream = slots.iter().filter(|slot| slot.kind == rtp.kind).count();
            let mut indices = [0u8; 4];
            (self.chance)(&mut indices);
            let stream = SlotStream { mid: section.mid.clone(), ssrc, rtx_ssrc, stream };
            let [a, b, c, d] = indices;
            slots.push(Slot::new(&stream, rtp, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])));
            streams.push(stream);
        }
        (streams, slots)
    }

    fn fresh_ssrc(&mut self, taken: &mut Vec<u32>) -> u32 {
        loop {
            let mut bytes = [0u8; 4];
            (self.chance)(&mut bytes);
            let ssrc = u32::from_be_bytes(bytes);
            if ssrc > 0xffff && !taken.contains(&ssrc) {
                taken.push(ssrc);
                return ssrc;
            }
        }
    }

    /// The cryptography of this plane.
    #[must_use]
    pub fn crypto(&self) -> &dyn RTCCrypto {
        self.identity.crypto()
    }

    /// Closes a peer's connection and all its routes.
    pub fn remove(&mut self, now: Now, peer: PeerId) {
        if let Some(&place) = self.by_id.get(&peer) {
            self.take_down(now, place, Down::Removed);
            self.schedule(now);
        }
    }

    /// Closes every connection.
    pub fn remove_all(&mut self, now: Now) {
        let all: Vec<PeerId> = self.by_id.keys().copied().collect();
        all.into_iter().for_each(|peer| self.remove(now, peer));
    }

    fn take_down(&mut self, now: Now, place: usize, why: Down) {
        let Some(mut peer) = self.peers[place].take() else { return };
        let mut nothing = Vec::new();
        let mut turn = Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut nothing };
        peer.close(&mut turn);
        self.pending.retain(|pending| pending.from.peer != place);
        self.timers.retain(|timer| timer.1 != place);
        self.by_id.remove(&peer.id);
        for ufrag in peer.ice.local_ufrags() {
            self.by_ufrag.remove(ufrag);
        }
        self.by_challenge.retain(|_, asked| *asked != place);
        for end in peer.ice.validated() {
            ends::leave(&mut self.by_end, &mut self.claims, (*end, place));
        }
        for (slot, feed) in
            peer.slots.iter().enumerate().filter_map(|(slot, held)| held.feed().map(|feed| (slot, feed)))
        {
            self.unlisten(now, feed, Listener { peer: place, slot });
        }
        self.totals.routes -= peer.sources.len();
        for other in 0..self.peers.len() {
            self.shut_places(now, place, other);
        }
        self.free.push(place);
        self.events.push(Event::Down { peer: peer.id, why });
        if self.by_id.is_empty() {
            // The lists have grown with the largest turn of those who are gone.
            (self.pending, self.work) = (Vec::new(), Vec::new());
        }
    }

    /// Takes a datagram. Nothing is sent or forwarded before [`Plane::finish`].
    ///
    /// * returns: what became of it.
    pub fn receive(&mut self, now: Now, path: Path, datagram: &[u8]) -> Fate {
        self.totals.datagrams_received += 1;
        let is_taken = match datagram.first() {
            Some(1) => self.prove(now, path, datagram).is_some(),
            Some(0..=3) => self.check(now, path, datagram).is_some(),
            Some(20..=63 | 128..=191) if datagram.len() >= 12 => self.serve(now, path, datagram).is_some(),
            _ => false,
        };
        if is_taken {
            return Fate::Taken;
        }
        if datagram.len() >= 12 && self.serve_stray(now, path, datagram).is_some() {
            return Fate::Taken;
        }
        self.totals.datagrams_dropped += 1;
        Fate::Dropped
    }

    /// DTLS, RTP or RTCP from a validated address. A handshake costs as much as a thousand packets, so it waits.
    fn serve(&mut self, now: Now, path: Path, datagram: &[u8]) -> Option<()> {
        let place = *self.by_end.get(&path.remote)?;
        let peer = self.peers[place].as_ref()?;
        if peer.report.is_up || datagram[0] >= 128 {
            self.work_on(now, place, path, datagram);
        } else if self.handshakes.len() < HANDSHAKES_WAITING_MAX {
            self.handshakes.push_back(Handshake { peer: peer.id, path, datagram: datagram.to_vec() });
        }
        Some(())
    }

    /// Does one step of a handshake that waits; `false` if none does. To be called when the outbox has been sent, so
    /// that media waits for one step at most however many clients join at once.
    pub fn shake(&mut self, now: Now) -> bool {
        let Some(Handshake { peer, path, datagram }) = self.handshakes.pop_front() else { return false };
        if let Some(&place) = self.by_id.get(&peer) {
            self.work_on(now, place, path, &datagram);
            self.schedule(now);
        }
        true
    }

    /// Lets a peer take a datagram, and settles what follows for others.
    fn work_on(&mut self, now: Now, place: usize, path: Path, datagram: &[u8]) {
        let Some(peer) = &mut self.peers[place] else { return };
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        match catch_unwind(AssertUnwindSafe(|| peer.receive(&mut turn, path, datagram))) {
            Ok(Some(arrived)) => {
                self.totals.rtp_received += 1;
                let Arrived { track, back, last, .. } = arrived;
                let from = Feed { peer: place, track };
                if arrived.has_lost_clock {
                    self.set_clock(place, (track, last.layer.into()));
                }
                if arrived.has_other_layers && last.kind == Kind::Video {
                    self.look_at_layers(now, (from, last.layer));
                }
                self.copy(now, from, (&back, &last));
                let Some(peer) = &self.peers[place] else { return };
                let layer = &peer.ingest.tracks[track].layers[usize::from(last.layer)];
                if !layer.listeners.is_empty() {
                    let clock = layer.clock;
                    let pending = |packet| Pending { from, packet, clock };
                    self.pending.extend(back.into_iter().chain([last]).map(pending));
                }
            }
            Ok(None) => {}
            Err(_) => self.fault(),
        }
        self.touch(place);
        self.settle(now, place);
    }

    /// A peer's work panicked: what it left half done is thrown away, and the peer with it.
    fn fault(&mut self) {
        self.outbox.repair();
        self.deeds.clear();
        self.deeds.push(Deed::Down(Down::Failed));
    }

    /// Does what a peer left to do.
    fn settle(&mut self, now: Now, place: usize) {
        if self.deeds.is_empty() {
            return;
        }
        let mut deeds = std::mem::take(&mut self.deeds);
        for deed in deeds.drain(..) {
            let Some(peer) = &mut self.peers[place] else { break };
            match deed {
                Deed::Up => {
                    self.events.push(Event::Up { peer: peer.id });
                    for slot in 0..peer.slots.len() {
                        self.begin_from_memory(now, Listener { peer: place, slot });
                        self.relisten(now, Listener { peer: place, slot });
                    }
                }
                Deed::Down(why) => self.take_down(now, place, why),
                Deed::FirstMedia(kind) => self.events.push(Event::FirstMedia { peer: peer.id, kind }),
                Deed::Keyframe { slot } => {
                    let slot = &peer.slots[slot];
                    let layer = slot.layer_on().map(|on| on.0).or_else(|| slot.share().layer());
                    if let (Some(feed), Some(layer)) = (slot.feed(), layer) {
                        self.want_keyframe(now, (feed, layer));
                    }
                }
                Deed::Resend { slot, sequence } => self.resend(now, Listener { peer: place, slot }, sequence),
                Deed::Clock { track, layer } => self.set_clock(place, (track, layer)),
                Deed::Allocate => self.allocate(now, place),
            }
        }
        self.deeds = deeds;
    }

    fn want_keyframe(&mut self, now: Now, (feed, layer): (Feed, u8)) {
        let Some(source) = &mut self.peers[feed.peer] else { return };
        let Some(track) = source.ingest.tracks.get_mut(feed.track) else { return };
        let layer = usize::from(layer);
        let Some(wanted) = track.layers.get_mut(layer) else { return };
        wanted.want_keyframe();
        let mut turn =
            Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
        source.request_keyframe(&mut turn, (feed.track, layer));
        self.touch(feed.peer);
    }

    /// Ends a turn: forwards what arrived in it, and sets the timers. Then the outbox may be sent.
    ///
    /// * `flush`: sends the outbox when it is full and tells the time. So what is sealed is sent while it is in the
    ///   processor's cache, the first receiver need not wait for the last one's packets, and a packet's time of
    ///   sending is its own: counted from the turn's begin, our own work would look like a queue on the path.
    pub fn finish(&mut self, now: Now, flush: &mut dyn FnMut(&mut Outbox) -> Now) {
        if self.pending.iter().any(|pending| pending.packet.kind == Kind::Audio) {
            self.choose_voices(now);
        }
        let now = self.fan_out(now, flush);
        self.schedule(now);
    }

    /// Does what is due by now. Then [`Plane::finish`].
    pub fn tick(&mut self, now: Now) {
        while let Some(&(at, place)) = self.timers.first() {
            if at > now.us {
                break;
            }
            self.timers.pop_first();
            let Some(peer) = &mut self.peers[place] else { continue };
            peer.scheduled_us = None;
            let mut turn =
                Turn { now, identity: &self.identity, outbox: &mut self.outbox, deeds: &mut self.deeds };
            if catch_unwind(AssertUnwindSafe(|| peer.tick(&mut turn))).is_err() {
                self.fault();
            }
            let due = self.peers[place].as_ref().map(|peer| peer.ingest.told_due(now)).unwrap_or_default();
            due.into_iter().for_each(|track| self.tell_layers(now, Feed { peer: place, track }));
            self.touch(place);
            self.settle(now, place);
        }
    }

    /// When [`Plane::tick`] wants to be called, in microseconds; at once while a handshake waits.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        if self.handshakes.is_empty() { self.timers.first().map(|timer| timer.0) } else { Some(0) }
    }

    fn touch(&mut self, place: usize) {
        if let Some(peer) = &mut self.peers[place]
            && !peer.is_touched
        {
            peer.is_touched = true;
            self.touched.push(place);
        }
    }

    /// Sets the timers of the peers that were worked on. A timer is only ever moved forward here: one that is set
    /// too early costs a look, moving it at each packet would cost more.
    fn schedule(&mut self, now: Now) {
        let mut touched = std::mem::take(&mut self.touched);
        for place in touched.drain(..) {
            let Some(peer) = &mut self.peers[place] else { continue };
            peer.is_touched = false;
            let at = peer.deadline(now).max(now.us + 1);
            if peer.scheduled_us.is_some_and(|scheduled| scheduled <= at) {
                continue;
            }
            if let Some(scheduled) = peer.scheduled_us.replace(at) {
                self.timers.remove(&(scheduled, place));
            }
            self.timers.insert((at, place));
        }
        self.touched = touched;
    }

    /// The counters of a peer.
    #[must_use]
    pub fn report(&self, peer: PeerId) -> Option<PeerReport> {
        let place = *self.by_id.get(&peer)?;
        self.peers[place].as_ref().map(|peer| self.report_of(peer))
    }

    /// The counters of all peers.
    #[must_use]
    pub fn reports(&self, now: Now) -> Vec<(PeerId, PeerReport)> {
        let report =
            |peer: &Peer| PeerReport { silent_for: Some(peer.silent_for(now)), ..self.report_of(peer) };
        self.peers.iter().flatten().map(|peer| (peer.id, report(peer))).collect()
    }

    /// The counters of a peer, and what is read off only when somebody asks.
    fn report_of(&self, peer: &Peer) -> PeerReport {
        PeerReport { slots: self.slot_reports(peer), ..peer.report() }
    }

    /// How large a receiver shows its slots.
    pub fn view(&mut self, now: Now, to: PeerId, views: &[View]) {
        let Some(&place) = self.by_id.get(&to) else { return };
        let Some(peer) = self.peers[place].as_mut() else { return };
        for view in views {
            if let Some(slot) = peer.slots.iter_mut().find(|slot| slot.mid == view.mid) {
                slot.view = (view.width, view.height);
            }
        }
        peer.allocate_us = Some(peer.allocate_us.map_or(now.us, |at| at.min(now.us)));
        self.touch(place);
        self.schedule(now);
    }

    /// The counters of the plane; the driver adds its own.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let peers_up = self.peers.iter().flatten().filter(|peer| peer.report.is_up).count();
        let pictures_percent = self.burden.pictures_percent();
        Totals { peers: self.by_id.len(), peers_up, pictures_percent, ..self.totals.clone() }
    }
}
