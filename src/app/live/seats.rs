//! The seats of the hotline: who sits there, at which devices, and what the others are told of it.
//!
//! The rules are in `domain::hotline`; here they meet sockets and transports. Calls are in `calls.rs`.

use std::collections::{BTreeMap, BTreeSet};

use domain::hotline::{AutoAnswer, Device, Facts, Office, OwnPresence, Place, Presence, Standing};
use domain::id::{PersonId, PostId};
use domain::office::RoleKey;
use jiff::Timestamp;
use signaling::value::{OwnPresence as SaidPresence, Presence as ToldPresence, Role, Seat, SeatGroup};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits};

use super::floor::{Floor, Socket, Spot, span, title, told_limits, wire};
use super::turn::{Entry, EntryPlace, SeatCard, SocketId};
use crate::app::resume::Resume;
use crate::auth::Actor;
use crate::auth::policy::Object;

/// One seat.
#[derive(Debug, Clone)]
pub(super) struct LiveSeat {
    pub(super) card: SeatCard,
    pub(super) devices: BTreeMap<Device, AtDevice>,
    said: OwnPresence,
    told: Presence,
}

/// A seat at one of its devices.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AtDevice {
    pub(super) socket: Option<SocketId>,
    lost_at: Option<Timestamp>,
    /// The page of this socket has said that it can seal.
    pub(super) seals: bool,
}

/// A socket at its seat.
pub(super) type At = (SocketId, PostId, Device);

impl LiveSeat {
    fn new(card: SeatCard) -> LiveSeat {
        let (devices, said) = (BTreeMap::new(), OwnPresence::default());
        LiveSeat { card, devices, said, told: Presence::Vacant }
    }

    fn sockets(&self) -> impl Iterator<Item = SocketId> {
        self.devices.values().filter_map(|at| at.socket)
    }

    fn tile(&self) -> Seat {
        let presence = match self.told {
            Presence::Available => ToldPresence::Available,
            Presence::Away => ToldPresence::Away,
            Presence::InMeeting => ToldPresence::InMeeting,
            Presence::InCall => ToldPresence::InCall,
            Presence::Offline => ToldPresence::Offline,
            Presence::Vacant => ToldPresence::Vacant,
        };
        let group = match self.card.part {
            RoleKey::DivisionHead => SeatGroup::Division,
            RoleKey::DistrictHead => SeatGroup::District,
            RoleKey::ChiefMinister | RoleKey::ChiefSecretary | RoleKey::DevelopmentCommissioner => {
                SeatGroup::Centre
            }
            _ => SeatGroup::Department,
        };
        let post = wire(self.card.post.as_str());
        Seat { post, number: self.card.number, title: title(&self.card.title), group, presence }
    }
}

impl Floor {
    /// The office's seats as they are now. Whoever no longer holds a post loses its seat.
    pub(super) fn set_seats(&mut self, cards: Vec<SeatCard>, now: Timestamp) {
        let mut is_new = self.seats.len() != cards.len();
        let mut handed_over: Vec<PostId> = Vec::new();
        for card in cards {
            let post = card.post.clone();
            let seat = self.seats.entry(post.clone()).or_insert_with(|| {
                is_new = true;
                LiveSeat::new(card.clone())
            });
            is_new |= seat.card.title != card.title || seat.card.number != card.number;
            if seat.card.holders != card.holders {
                handed_over.push(post);
            }
            seat.card = card;
        }
        for post in handed_over {
            self.unseat_strangers(&post, now);
        }
        if is_new {
            self.update_presence();
            for socket in self.seat_sockets() {
                let seats = self.tiles();
                self.say(socket, ServerMessage::Seats { seats });
            }
        }
    }

    fn unseat_strangers(&mut self, post: &PostId, now: Timestamp) {
        let Some(seat) = self.seats.get(post) else { return };
        let stays = |socket: &SocketId| {
            let person = self.sockets.get(socket).and_then(|socket| socket.actor.person());
            person.is_some_and(|person| seat.card.holders.contains(person))
        };
        let out: Vec<(Device, SocketId)> = seat
            .devices
            .iter()
            .filter_map(|(device, at)| Some((*device, at.socket.filter(|socket| !stays(socket))?)))
            .collect();
        let is_empty = out.len() == seat.sockets().count();
        for (device, socket) in out {
            self.close(socket, Some(ErrorCode::SessionEnded));
            self.drop_transport(&Spot::Seat(post.clone(), device));
            self.sockets.remove(&socket);
            self.seat_lost_socket(post, device, now);
        }
        if is_empty {
            let changes = self.calls.unseat(post, now);
            self.follow_calls(None, changes, now);
        }
    }

    /// A permitted hello at one of the devices of a seat.
    pub(super) fn take_seat(
        &mut self,
        socket: SocketId,
        (actor, post, device): (Actor, PostId, Device),
        now: Timestamp,
    ) {
        let spot = Spot::Seat(post.clone(), device);
        let connected = self.transports.is_up(&spot);
        let Some(seat) = self.seats.get_mut(&post) else {
            return self.refuse(socket, ErrorCode::UnknownPost);
        };
        let at = seat.devices.entry(device).or_default();
        let (older, own) = (at.socket.replace(socket), title(&seat.card.title));
        at.lost_at = None;
        // Another page may be of another browser.
        at.seals = false;
        if let Some(older) = older {
            self.sockets.remove(&older);
            self.close(older, Some(ErrorCode::Replaced));
        }
        // Another person at the same device takes no call over.
        let person = actor.person().cloned();
        let relieved = self.calls.relieve(&post, (device, person.as_ref()), now);
        self.follow_calls(None, relieved, now);
        let object = Object::Post(post.clone());
        let entry = Entry { actor, place: EntryPlace::Seat(post.clone(), device) };
        let resume = Resume::of(&entry, self.bounds.hours.after, now);
        let token = self.token(resume.as_ref());
        self.sockets.insert(socket, Socket { actor: entry.actor, object, spot: spot.clone(), resume });
        self.say(
            socket,
            ServerMessage::Welcome {
                participant: wire(post.as_str()),
                role: Role::Seat,
                title: own,
                meeting: None,
                limits: told_limits(),
                connected,
                resume: token,
            },
        );
        self.refresh_call(&post, device, now);
        self.tell_presence();
        let seats = self.tiles();
        self.say(socket, ServerMessage::Seats { seats });
        self.tell_calls_again((socket, &post, device), now);
        self.tell_slots(socket, &spot);
    }

    /// A message from a seat that the policy allows.
    pub(super) fn hear_from_seat(
        &mut self,
        at: At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let (socket, post, device) = at.clone();
        let spot = Spot::Seat(post.clone(), device);
        match message {
            ClientMessage::Connect { sdp } => self.ask_transport(socket, spot, sdp),
            ClientMessage::RestartIce { ufrag } => self.restart_ice(socket, spot, ufrag)?,
            ClientMessage::SetTracks { .. } => {}
            ClientMessage::SetViews { views } => self.set_views(&spot, views),
            // A call of two chambers leaves no record of its quality.
            ClientMessage::Quality(_) => {}
            ClientMessage::SetPresence { presence } => {
                let seat = self.seats.get_mut(&post).ok_or(ErrorCode::UnknownPost)?;
                seat.said = match presence {
                    SaidPresence::Available => OwnPresence::Available,
                    SaidPresence::Away => OwnPresence::Away,
                };
            }
            ClientMessage::Ping { n } => self.say(socket, ServerMessage::Pong { n }),
            ClientMessage::CanSeal {} => self.can_seal(&at)?,
            ClientMessage::Seal { participant, note } => self.pass_on_in_call(&at, (&participant, note))?,
            ClientMessage::Ring { .. }
            | ClientMessage::RingSealed { .. }
            | ClientMessage::SealCall { .. }
            | ClientMessage::AddToCall { .. }
            | ClientMessage::HandOver { .. }
            | ClientMessage::AcceptRing { .. }
            | ClientMessage::Frosted { .. }
            | ClientMessage::DeclineRing { .. }
            | ClientMessage::CancelRing { .. }
            | ClientMessage::HangUp { .. }
            | ClientMessage::ResumeCall { .. }
            | ClientMessage::TakeCall { .. } => self.hear_of_call(at, message, now)?,
            ClientMessage::OpenReview { .. }
            | ClientMessage::JoinReview { .. }
            | ClientMessage::ReviewStep { .. } => self.hear_of_review(at, message, now)?,
            _ => return Err(ErrorCode::OutOfTurn),
        }
        Ok(())
    }

    pub(super) fn seat_lost_socket(&mut self, post: &PostId, device: Device, now: Timestamp) {
        if let Some(at) = self.seats.get_mut(post).and_then(|seat| seat.devices.get_mut(&device)) {
            at.socket = None;
            at.lost_at = Some(now);
        }
        self.refresh_call(post, device, now);
    }

    /// Time passes over the seats.
    pub(super) fn tick_seats(&mut self, now: Timestamp) {
        let window = span(limits::CALL_RETURN_WINDOW);
        let mut left: Vec<(PostId, Device)> = Vec::new();
        for (post, seat) in &mut self.seats {
            let is_gone = |at: &AtDevice| at.lost_at.is_some_and(|lost| now.duration_since(lost) >= window);
            let gone = seat.devices.extract_if(.., |_, at| is_gone(at));
            left.extend(gone.map(|(device, _)| (post.clone(), device)));
        }
        for (post, device) in left {
            self.drop_transport(&Spot::Seat(post, device));
        }
    }

    /// Is the seat of a post in a call, or does it ring?
    pub(super) fn is_in_call(&self, post: &PostId) -> bool {
        let holders = self.seats.get(post).map(|seat| seat.card.holders.as_slice()).unwrap_or_default();
        self.calls.is_taken(post, holders)
    }

    /// Who acts at a socket of a seat.
    pub(super) fn place(&self, (socket, post, device): &At) -> Option<Place> {
        let person = self.sockets.get(socket)?.actor.person()?.clone();
        Some(Place { post: post.clone(), device: *device, person })
    }

    /// A device of this seat has a live page with a transport that is heard.
    pub(super) fn is_warm(&self, post: &PostId, device: Device) -> bool {
        let spot = Spot::Seat(post.clone(), device);
        self.socket_at(&spot).is_some() && self.transports.is_heard(&spot)
    }

    /// * `in_meetings`: the posts that are inside a meeting.
    fn standing(&self, post: &PostId, in_meetings: &[PostId]) -> Standing {
        let Some(seat) = self.seats.get(post) else { return Standing::default() };
        let mut devices = seat.devices.keys();
        Standing {
            held: !seat.card.holders.is_empty(),
            page: seat.sockets().next().is_some(),
            transport: devices.any(|device| self.is_warm(post, *device)),
            in_call: self.is_in_call(post),
            in_meeting: in_meetings.contains(post),
            said: seat.said,
        }
    }

    /// Works presence out anew.
    ///
    /// * returns: the posts whose presence is another than they were told to be.
    fn update_presence(&mut self) -> Vec<PostId> {
        let in_meetings = self.posts_in_meetings();
        let present = |post: &PostId| (post.clone(), self.standing(post, &in_meetings).presence());
        let now_true: Vec<(PostId, Presence)> = self.seats.keys().map(present).collect();
        let mut changed = Vec::new();
        for (post, presence) in now_true {
            if let Some(seat) = self.seats.get_mut(&post)
                && seat.told != presence
            {
                seat.told = presence;
                changed.push(post);
            }
        }
        changed
    }

    /// Tells every seat what has become of the others.
    pub(super) fn tell_presence(&mut self) {
        let changed = self.update_presence();
        if changed.is_empty() {
            return;
        }
        self.lobbies.stir(&changed);
        for socket in self.seat_sockets() {
            for post in &changed {
                if let Some(tile) = self.seats.get(post).map(LiveSeat::tile) {
                    self.say(socket, ServerMessage::Seat(tile));
                }
            }
        }
    }

    fn seat_sockets(&self) -> Vec<SocketId> {
        self.seats.values().flat_map(LiveSeat::sockets).collect()
    }

    fn tiles(&self) -> Vec<Seat> {
        let mut tiles: Vec<Seat> = self.seats.values().map(LiveSeat::tile).collect();
        tiles.sort_by_key(|t| t.number);
        tiles
    }
}

/// The seats as the rules of calls see them at one moment: who is in a meeting is looked up once for however many are rung.
pub(super) struct Chambers<'a> {
    floor: &'a Floor,
    posts_in_meetings: BTreeSet<PostId>,
    persons_in_meetings: BTreeSet<PersonId>,
}

impl Floor {
    /// As they are now.
    pub(super) fn chambers(&self) -> Chambers<'_> {
        let posts_in_meetings = self.posts_in_meetings().into_iter().collect();
        Chambers { floor: self, posts_in_meetings, persons_in_meetings: self.persons_in_meetings() }
    }
}

impl Office for Chambers<'_> {
    fn facts(&self, post: &PostId) -> Option<Facts> {
        let seat = self.floor.seats.get(post)?;
        let holders = seat.card.holders.clone();
        let are_all_there =
            !holders.is_empty() && holders.iter().all(|person| self.persons_in_meetings.contains(person));
        let in_meeting = are_all_there || self.posts_in_meetings.contains(post);
        let is_warm = seat.devices.keys().any(|device| self.floor.is_warm(post, *device));
        // Whoever is in a meeting reads there that he is rung, and opens his seat by one tap.
        Some(Facts { part: seat.card.part, holders, warm: is_warm || in_meeting, in_meeting })
    }

    fn seals(&self, post: &PostId, device: Option<Device>) -> bool {
        self.floor.seals(post, device)
    }

    fn part(&self, post: &PostId) -> Option<RoleKey> {
        Some(self.floor.seats.get(post)?.card.part)
    }

    fn answers_by_itself(&self, post: &PostId, caller: &PostId, now: Timestamp) -> Option<Place> {
        let floor = self.floor;
        let seat = floor.seats.get(post).filter(|seat| seat.said == OwnPresence::Available)?;
        let device = Device::Chamber;
        let socket = seat.devices.get(&device)?.socket.filter(|_| floor.is_warm(post, device))?;
        let person = floor.sockets.get(&socket)?.actor.staff()?.person.clone();
        let lets_in = |own: &&AutoAnswer| own.person == person && own.lets_in(caller, now);
        seat.card.answers.iter().find(lets_in)?;
        let is_in_meeting =
            self.posts_in_meetings.contains(post) || self.persons_in_meetings.contains(&person);
        (!is_in_meeting).then(|| Place { post: post.clone(), device, person })
    }
}
