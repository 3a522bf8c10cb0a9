//! Transports: which peer of the media plane belongs to which place, and what its receiving slots carry.
//!
//! A transport belongs to the place, not to the socket, so that a lost socket does not touch a running call.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use media::{ConnectError, Connected, Event, IceName, Kind, Part, PeerId, PeerReport, RoomId, View};
use signaling::value::{self, IcePassword, Id, MediaKind, Sdp, SlotInfo, Ufrag, Views};
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, Spot, wire};
use super::outside::End;
use super::turn::{Output, Restarter, SocketId, Ticket};
use crate::audit::By;
use crate::limits::SEAT_SILENCE_MAX;

/// One transport.
#[derive(Debug, Clone)]
struct Transport {
    peer: PeerId,
    is_up: bool,
    /// Nothing has come for longer than any browser keeps quiet.
    is_silent: bool,
    slots: BTreeMap<String, Option<(PeerId, Part)>>,
    /// Wanted layers of its sending sections.
    layers: BTreeMap<String, Vec<String>>,
    /// Whom it hears loudest.
    loudest: Option<PeerId>,
}

/// All transports and the asked-for ones. Invariant: `spots` and `peers` name the same pairs.
#[derive(Debug, Default)]
pub(super) struct Transports {
    spots: BTreeMap<Spot, Transport>,
    peers: BTreeMap<PeerId, Spot>,
    asked: BTreeMap<Ticket, (SocketId, Spot)>,
    tickets: u64,
    /// For which transport each socket has asked to begin ICE anew and is not answered yet.
    restarting: BTreeMap<SocketId, PeerId>,
}

impl Transports {
    pub(super) fn peer(&self, spot: &Spot) -> Option<PeerId> {
        self.spots.get(spot).map(|t| t.peer)
    }

    pub(super) fn is_up(&self, spot: &Spot) -> bool {
        self.spots.get(spot).is_some_and(|t| t.is_up)
    }

    /// It is up, and something still comes over it.
    pub(super) fn is_heard(&self, spot: &Spot) -> bool {
        self.spots.get(spot).is_some_and(|t| t.is_up && !t.is_silent)
    }

    /// A second has passed: some were heard, and some were not.
    pub(super) fn listen(&mut self, reports: &BTreeMap<PeerId, PeerReport>) {
        for transport in self.spots.values_mut() {
            let silent_for = reports.get(&transport.peer).and_then(|report| report.silent_for);
            transport.is_silent = silent_for.is_some_and(|silent| silent >= SEAT_SILENCE_MAX);
        }
    }

    pub(super) fn remove(&mut self, spot: &Spot) -> Option<PeerId> {
        let peer = self.spots.remove(spot)?.peer;
        self.peers.remove(&peer);
        Some(peer)
    }

    /// A socket is gone; whatever it asked needs no answer.
    pub(super) fn forget_restart(&mut self, socket: SocketId) {
        self.restarting.remove(&socket);
    }

    pub(super) fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub(super) fn insert(&mut self, spot: Spot, peer: PeerId) {
        self.peers.insert(peer, spot.clone());
        let (slots, layers) = (BTreeMap::new(), BTreeMap::new());
        self.spots
            .insert(spot, Transport { peer, is_up: false, is_silent: false, slots, layers, loudest: None });
    }
}

/// The media room of a place: each meeting has its own, all seats share one.
pub(super) fn room_of(spot: &Spot) -> RoomId {
    match spot {
        Spot::Seat(..) => RoomId::PREFERRED,
        Spot::Meeting(meeting, _) | Spot::Outside(meeting, _) => {
            let mut hasher = DefaultHasher::new();
            meeting.as_str().hash(&mut hasher);
            RoomId(hasher.finish().max(1))
        }
    }
}

impl Floor {
    /// Asks the media plane for a transport; a question of the same socket that is still open lapses.
    pub(super) fn ask_transport(&mut self, socket: SocketId, spot: Spot, sdp: Sdp) {
        let transports = &mut self.transports;
        transports.asked.retain(|_, (asker, _)| *asker != socket);
        let ticket = transports.next_ticket();
        let room = room_of(&spot);
        transports.asked.insert(ticket, (socket, spot));
        self.put(Output::Connect(ticket, room, sdp));
    }

    /// The media plane's answer to an offer.
    pub(super) fn answered(
        &mut self,
        ticket: Ticket,
        answer: Result<Connected, ConnectError>,
        now: Timestamp,
    ) {
        if let Some(asker) = self.outside.take_asker(ticket) {
            return self.outside_answered(asker, answer, now);
        }
        let asked = self.transports.asked.remove(&ticket);
        let wanted = asked.filter(|(socket, spot)| self.sockets.get(socket).is_some_and(|s| s.spot == *spot));
        match (wanted, answer) {
            (None, Ok(late)) => self.put(Output::Remove(late.peer)),
            (None, Err(_)) => {}
            (Some((socket, _)), Err(error)) => {
                let code = match error {
                    ConnectError::Offer(_) => ErrorCode::OfferRefused,
                    ConnectError::Full | ConnectError::Overloaded(_) => ErrorCode::Overloaded,
                    ConnectError::Stopped => ErrorCode::Internal,
                };
                self.say(socket, ServerMessage::Error { code, about: Some("connect".to_owned()) });
            }
            (Some((socket, spot)), Ok(connected)) => self.take_transport((socket, spot), connected, now),
        }
    }

    fn take_transport(&mut self, (socket, spot): (SocketId, Spot), connected: Connected, now: Timestamp) {
        let Ok(sdp) = Sdp::try_from(connected.answer) else {
            self.put(Output::Remove(connected.peer));
            return self.say(socket, ServerMessage::Error { code: ErrorCode::Internal, about: None });
        };
        self.drop_transport(&spot);
        self.transports.insert(spot.clone(), connected.peer);
        let slot = |s: media::SlotInfo| {
            let kind = match s.kind {
                Kind::Audio => MediaKind::Audio,
                Kind::Video => MediaKind::Video,
            };
            SlotInfo { mid: s.mid, kind }
        };
        let slots = connected.slots.into_iter().map(slot).collect();
        self.say(socket, ServerMessage::Answer { sdp, slots });
        if let Spot::Seat(post, device) = &spot {
            self.refresh_call(post, *device, now);
        }
    }

    /// A page whose network changed begins ICE anew. One question of a socket is open at a time, so that whoever
    /// restarts again and again gives the media plane no more work than it can answer.
    pub(super) fn restart_ice(
        &mut self,
        socket: SocketId,
        spot: Spot,
        ufrag: Ufrag,
    ) -> Result<(), ErrorCode> {
        let peer = self.transports.peer(&spot).ok_or(ErrorCode::ConnectFirst)?;
        if self.transports.restarting.contains_key(&socket) {
            return Err(ErrorCode::Overloaded);
        }
        self.transports.restarting.insert(socket, peer);
        self.put(Output::RestartIce(Restarter::Page(socket, spot), peer, ufrag.into()));
        Ok(())
    }

    /// The media plane began ICE anew for a page, or did not.
    pub(super) fn page_restarted(&mut self, (socket, spot): (SocketId, Spot), name: Option<IceName>) {
        let asked = self.transports.restarting.remove(&socket);
        let is_there = self.sockets.get(&socket).is_some_and(|s| s.spot == spot);
        if !is_there || asked.is_none() || asked != self.transports.peer(&spot) {
            // The page is gone, or has another transport by now, whose answer says everything.
            return;
        }
        let named = name.and_then(|name| {
            let (ufrag, password) = (Ufrag::try_from(name.ufrag).ok()?, IcePassword::try_from(name.password));
            Some(ServerMessage::IceRestarted { ufrag, password: password.ok()? })
        });
        let about = Some("restart_ice".to_owned());
        self.say(socket, named.unwrap_or(ServerMessage::Error { code: ErrorCode::Overloaded, about }));
    }

    /// Something happened on the media plane.
    pub(super) fn media_event(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Up { peer } => {
                if let Some(spot) = self.transports.peers.get(&peer)
                    && let Some(transport) = self.transports.spots.get_mut(spot)
                {
                    transport.is_up = true;
                }
            }
            Event::Down { peer, .. } => self.transport_down(peer, now),
            Event::Slot { to, mid, from } => self.slot_filled((to, mid), from, now),
            Event::FirstMedia { peer, kind } => self.outside_gives(peer, kind),
            Event::Layers { peer, mid, rids } => self.layers_wanted(peer, mid, rids),
            Event::Loudest { to, from } => self.loudest_changed(to, from),
        }
    }

    fn transport_down(&mut self, peer: PeerId, now: Timestamp) {
        // A transport that we gave up ourselves is already forgotten.
        let Some(spot) = self.transports.peers.get(&peer).cloned() else { return };
        self.forget_peer(&spot, peer);
        match self.socket_at(&spot) {
            Some(socket) => {
                self.say(socket, ServerMessage::Error { code: ErrorCode::TransportLost, about: None });
            }
            None => self.place_lost_all(&spot, now),
        }
        if let Spot::Seat(post, device) = &spot {
            self.refresh_call(post, *device, now);
        }
    }

    fn place_lost_all(&mut self, spot: &Spot, now: Timestamp) {
        match spot {
            Spot::Meeting(meeting, who) => self.member_lost_socket((meeting, *who), now),
            Spot::Outside(_, client) => self.dismiss(client, (By::House, End::Lost), now),
            Spot::Seat(..) => {}
        }
    }

    fn slot_filled(&mut self, (to, mid): (PeerId, String), from: Option<(PeerId, Part)>, now: Timestamp) {
        if let Some((from, _)) = from
            && let Some(Spot::Seat(post, device)) = self.transports.peers.get(&from).cloned()
        {
            let arrived = self.calls.arrived(&post, device);
            self.is_moved |= arrived.is_some();
            self.follow_calls(None, arrived.into_iter().collect(), now);
        }
        let Some(spot) = self.transports.peers.get(&to).cloned() else { return };
        if let Some(transport) = self.transports.spots.get_mut(&spot) {
            transport.slots.insert(mid.clone(), from);
        }
        if let Some(socket) = self.socket_at(&spot) {
            self.say(socket, self.slot(&spot, mid, from));
        }
    }

    fn slot(&self, spot: &Spot, mid: String, from: Option<(PeerId, Part)>) -> ServerMessage {
        let participant = from.and_then(|(from, _)| self.name_for(spot, from));
        let screen = participant.is_some() && from.is_some_and(|(_, part)| part == Part::Screen);
        ServerMessage::Slot { mid, participant, screen }
    }

    fn layers_wanted(&mut self, peer: PeerId, mid: String, rids: Vec<String>) {
        let Some(spot) = self.transports.peers.get(&peer).cloned() else { return };
        if let Some(transport) = self.transports.spots.get_mut(&spot) {
            transport.layers.insert(mid.clone(), rids.clone());
        }
        if let Some(socket) = self.socket_at(&spot) {
            self.say(socket, ServerMessage::Layers { mid, rids });
        }
    }

    fn loudest_changed(&mut self, to: PeerId, from: Option<PeerId>) {
        let Some(spot) = self.transports.peers.get(&to).cloned() else { return };
        if let Some(transport) = self.transports.spots.get_mut(&spot) {
            transport.loudest = from;
        }
        if let Some(socket) = self.socket_at(&spot) {
            let participant = from.and_then(|from| self.name_for(&spot, from));
            self.say(socket, ServerMessage::Loudest { participant });
        }
    }

    /// A page says how large it shows its slots; without a transport there is nothing to show.
    pub(super) fn set_views(&mut self, spot: &Spot, views: Views) {
        let Some(peer) = self.transports.peer(spot) else { return };
        let view = |v: value::View| View { mid: v.mid.into(), width: v.width, height: v.height };
        let views = Vec::from(views).into_iter().map(view).collect();
        self.put(Output::View(peer, views));
    }

    /// Tells a new socket what its kept transport carries, and what is wanted of it. A page that only changed its
    /// socket still shows what it was told before, so it hears of the lines that are empty by now as well.
    pub(super) fn tell_slots(&mut self, socket: SocketId, spot: &Spot) {
        let Some(transport) = self.transports.spots.get(spot) else { return };
        let (slots, layers, loudest) = (transport.slots.clone(), transport.layers.clone(), transport.loudest);
        for (mid, from) in slots {
            self.say(socket, self.slot(spot, mid, from));
        }
        for (mid, rids) in layers {
            self.say(socket, ServerMessage::Layers { mid, rids });
        }
        let participant = loudest.and_then(|from| self.name_for(spot, from));
        self.say(socket, ServerMessage::Loudest { participant });
    }

    /// What somebody at `spot` calls the owner of `from`; none unless they are in one meeting or one call.
    fn name_for(&self, spot: &Spot, from: PeerId) -> Option<Id> {
        match (spot, self.transports.peers.get(&from)?) {
            (Spot::Meeting(here, _), Spot::Meeting(there, who)) if here == there => {
                Some(wire(&who.to_string()))
            }
            (Spot::Meeting(here, _), Spot::Outside(there, client)) if here == there => {
                self.outside.participant(client)
            }
            (Spot::Seat(here, _), Spot::Seat(there, _)) => {
                let is_both = self.calls.of(here).any(|(call, _)| call.part(there).is_some());
                is_both.then(|| wire(there.as_str()))
            }
            _ => None,
        }
    }

    /// The socket that now sits at a spot.
    pub(super) fn socket_at(&self, spot: &Spot) -> Option<SocketId> {
        match spot {
            Spot::Meeting(meeting, who) => self.meetings.get(meeting)?.members.get(who)?.socket,
            Spot::Seat(post, device) => self.seats.get(post)?.devices.get(device)?.socket,
            Spot::Outside(..) => None,
        }
    }
}
