//! The floor's rules as tests: whole scenes, told the time, with every command to the media plane counted.
//!
//! No socket, no row, no media thread: those are in `tests/it`.
#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod auto_answer;
mod conduct;
mod faint;
mod hotline;
mod lobbies;
mod meeting;
mod outside;
mod permission;
mod presence;
mod quality;
mod recording;
mod restart;
mod resume;
mod reviews;
mod sealed_calls;
mod sealing;

use std::collections::{BTreeMap, BTreeSet};

use domain::hotline::Device;
use domain::id::{AppointmentId, MeetingId, PersonId, PostId, SessionId, UserId};
use domain::meeting::{DoorHours, Guest};
use domain::office::RoleKey;
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};
use media::{Connected, Down, Event, PeerId};
use signaling::value::{CallReason, CallState, Id, Presence};
use signaling::{ClientMessage, ErrorCode, ServerMessage};

use super::floor::{Bounds, Floor};
use super::lapsed::Lapse;
use super::outside::{Ask, OutsideError, Reply};
use super::presence::Attended;
use super::quality::{Measured, Stay};
use super::turn::{Act, Entry, EntryPlace, Input, MeetingEntry, Output, Parting, SeatCard, SocketId};
use crate::app::resume::ResumeKey;
use crate::auth::token::LinkKey;
use crate::auth::{Actor, Staff};
use crate::clock::Random;

const CS: &str = "chief-secretary";
const HEALTH: &str = "sec-health";
const HOME: &str = "sec-home";

/// A floor with its time, what every socket was told, and the ways that the media plane was told to open.
struct World {
    floor: Floor,
    now: Timestamp,
    sockets: u64,
    peers: u64,
    told: BTreeMap<SocketId, Vec<ServerMessage>>,
    closed: BTreeMap<SocketId, Option<ErrorCode>>,
    open: BTreeSet<(PeerId, PeerId)>,
    acts: Vec<Act>,
    replies: BTreeMap<Ask, Result<Reply, OutsideError>>,
    shown: Vec<(PeerId, Vec<media::View>)>,
    stays: Vec<Stay>,
    lapses: Vec<(Lapse, Timestamp)>,
    allowed: BTreeMap<PeerId, media::Allowed>,
    ranks: BTreeMap<PeerId, media::Rank>,
    attended: Vec<Attended>,
    watched: BTreeSet<PostId>,
    tapped: BTreeSet<PeerId>,
    recordings: Vec<domain::id::RecordingId>,
    notes: Vec<::recording::Note>,
}

impl World {
    fn new() -> World {
        let minutes = SignedDuration::from_mins;
        let hours = DoorHours { before: minutes(15), after: minutes(30) };
        let bounds = Bounds { hours, meetings_max: 4, places_max: 6, recordings_max: 2 };
        let mut world = World {
            floor: Floor::new(bounds, Random, ResumeKey::of(&LinkKey::new(&[7; 32]))),
            now: Timestamp::from_second(1_795_585_500).unwrap(),
            sockets: 0,
            peers: 0,
            told: BTreeMap::new(),
            closed: BTreeMap::new(),
            open: BTreeSet::new(),
            acts: Vec::new(),
            replies: BTreeMap::new(),
            shown: Vec::new(),
            stays: Vec::new(),
            lapses: Vec::new(),
            allowed: BTreeMap::new(),
            ranks: BTreeMap::new(),
            attended: Vec::new(),
            watched: BTreeSet::new(),
            tapped: BTreeSet::new(),
            recordings: Vec::new(),
            notes: Vec::new(),
        };
        world.step(Input::Seats(seats()));
        world
    }

    fn step(&mut self, input: Input) -> Vec<Output> {
        let outputs = self.floor.step(input, self.now);
        for output in &outputs {
            match output {
                Output::Say(socket, message) => self.told.entry(*socket).or_default().push(message.clone()),
                Output::Close(socket, code) => drop(self.closed.insert(*socket, *code)),
                Output::Open(from, to) => assert!(self.open.insert((*from, *to)), "opened once"),
                Output::Shut(from, to) => assert!(self.open.remove(&(*from, *to)), "was open"),
                Output::Remove(peer) => self.open.retain(|(from, to)| from != peer && to != peer),
                Output::Record(line) => self.acts.push(line.act.clone()),
                Output::Reply(ask, reply) => drop(self.replies.insert(*ask, reply.clone())),
                Output::View(to, views) => self.shown.push((*to, views.clone())),
                Output::Keep(stay) => self.stays.push(stay.clone()),
                Output::Attend(attended) => self.attended.push(attended.clone()),
                Output::Lapse(lapse, until) => self.lapses.push((lapse.clone(), *until)),
                Output::Rank(peer, rank) => drop(self.ranks.insert(*peer, *rank)),
                Output::Allow(peer, allowed) => drop(self.allowed.insert(*peer, *allowed)),
                Output::Watch(posts) => self.watched.clone_from(posts),
                Output::Tap(peer, _) => assert!(self.tapped.insert(*peer), "tapped once"),
                Output::Untap(peer) => assert!(self.tapped.remove(peer), "was tapped"),
                Output::BeginRecording(id, _) => self.recordings.push(id.clone()),
                Output::TellRecorder(_, note) => self.notes.push(note.clone()),
                Output::Connect(..)
                | Output::RestartIce(..)
                | Output::Judged(_)
                | Output::CallsGoOn(..)
                | Output::WantKeyframe(..) => {}
            }
        }
        outputs
    }

    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.step(Input::Tick);
    }

    fn enter(&mut self, entry: Entry) -> SocketId {
        self.sockets += 1;
        let socket = SocketId(self.sockets);
        self.step(Input::Enter(socket, entry));
        socket
    }

    fn sits(&mut self, post: &str) -> SocketId {
        self.sits_at(post, Device::Chamber)
    }

    fn sits_at(&mut self, post: &str, device: Device) -> SocketId {
        let entry = Entry { actor: head(post), place: EntryPlace::Seat(id(post), device) };
        self.enter(entry)
    }

    /// A seat with a transport that is up.
    fn sits_warm(&mut self, post: &str) -> (SocketId, PeerId) {
        self.sits_warm_at(post, Device::Chamber)
    }

    fn sits_warm_at(&mut self, post: &str, device: Device) -> (SocketId, PeerId) {
        let socket = self.sits_at(post, device);
        let peer = self.connects(socket);
        (socket, peer)
    }

    fn says(&mut self, socket: SocketId, message: ClientMessage) -> Vec<Output> {
        self.step(Input::Said(socket, message))
    }

    fn connects(&mut self, socket: SocketId) -> PeerId {
        let peer = self.is_answered(socket);
        self.step(Input::Media(Event::Up { peer }));
        peer
    }

    fn is_answered(&mut self, socket: SocketId) -> PeerId {
        let asked = self.says(socket, ClientMessage::Connect { sdp: offer() });
        let ticket = asked.iter().find_map(|o| if let Output::Connect(t, ..) = o { Some(*t) } else { None });
        self.peers += 1;
        let peer = PeerId(self.peers);
        let answer = Connected { peer, answer: "v=0".to_owned(), slots: Vec::new() };
        self.step(Input::Answered(ticket.unwrap(), Ok(answer)));
        peer
    }

    fn loses_transport(&mut self, peer: PeerId) {
        self.step(Input::Media(Event::Down { peer, why: Down::Silent }));
    }

    fn rings(&mut self, socket: SocketId, post: &str) -> Id {
        self.says(socket, ClientMessage::Ring { posts: Id::parse(post).unwrap().into() });
        self.last_call(socket).0
    }

    fn accepts(&mut self, socket: SocketId, call: &Id) {
        self.says(socket, ClientMessage::AcceptRing { call: call.clone() });
    }

    fn told(&self, socket: SocketId) -> &[ServerMessage] {
        self.told.get(&socket).map_or(&[], Vec::as_slice)
    }

    fn last_call(&self, socket: SocketId) -> (Id, CallState, Option<CallReason>) {
        let call = |m: &ServerMessage| match m {
            ServerMessage::Call { call, state, reason, .. } => Some((call.clone(), *state, *reason)),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(call).expect("was told of a call")
    }

    fn last_error(&self, socket: SocketId) -> Option<ErrorCode> {
        let error = |m: &ServerMessage| match m {
            ServerMessage::Error { code, .. } => Some(*code),
            _ => None,
        };
        self.told(socket).iter().rev().find_map(error)
    }

    /// What `socket` was told last about the presence of a seat.
    fn presence(&self, socket: SocketId, post: &str) -> Presence {
        let tile = |m: &ServerMessage| match m {
            ServerMessage::Seat(seat) if seat.post.as_str() == post => Some(seat.presence),
            ServerMessage::Seats { seats } => {
                seats.iter().find(|s| s.post.as_str() == post).map(|s| s.presence)
            }
            _ => None,
        };
        self.told(socket).iter().rev().find_map(tile).expect("was told of the seat")
    }

    fn is_open(&self, from: PeerId, to: PeerId) -> bool {
        self.open.contains(&(from, to))
    }

    /// Does anything leave this transport?
    fn is_seen(&self, from: PeerId) -> bool {
        self.open.iter().any(|(f, _)| *f == from)
    }

    fn citizen_comes(&mut self, appointment: &str) -> SocketId {
        self.enter(in_meeting(citizen(appointment), Guest::Citizen(id(appointment)), "सीता देवी"))
    }

    fn officer_comes(&mut self) -> SocketId {
        self.enter(in_meeting(head(HEALTH), Guest::Officer(id(HEALTH)), "Secretary, Health"))
    }

    fn desk_comes(&mut self) -> SocketId {
        self.enter(in_meeting(desk(), Guest::Desk(UserId::parse("u-desk").unwrap()), "Desk"))
    }

    /// The participant's own id, from the welcome.
    fn name(&self, socket: SocketId) -> Id {
        let welcome = |m: &ServerMessage| match m {
            ServerMessage::Welcome { participant, .. } => Some(participant.clone()),
            _ => None,
        };
        self.told(socket).iter().find_map(welcome).expect("was welcomed")
    }
}

fn id<T: TryFrom<String, Error: std::fmt::Debug>>(text: &str) -> T {
    T::try_from(text.to_owned()).unwrap()
}

fn offer() -> signaling::value::Sdp {
    signaling::value::Sdp::try_from("v=0".to_owned()).unwrap()
}

fn part(post: &str) -> RoleKey {
    if post == CS { RoleKey::ChiefSecretary } else { RoleKey::DepartmentHead }
}

fn seats() -> Vec<SeatCard> {
    let card = |number: u16, post: &str, holders: Vec<PersonId>| SeatCard {
        post: id(post),
        number,
        title: Bilingual { hi: post.to_owned(), en: post.to_owned() },
        part: part(post),
        holders,
        answers: Vec::new(),
    };
    let person = |post: &str| vec![person_of(post)];
    vec![
        card(1, CS, person(CS)),
        card(2, HEALTH, person(HEALTH)),
        card(3, HOME, person(HOME)),
        card(4, "sec-vacant", vec![]),
    ]
}

fn person_of(post: &str) -> PersonId {
    PersonId::parse(&format!("person-{post}")).unwrap()
}

fn staff(post: &str, role: RoleKey, admits: &[&str]) -> Actor {
    let posts: Vec<PostId> = admits.iter().map(|p| id(p)).collect();
    Actor::Staff(Box::new(Staff {
        session: SessionId::parse(&format!("s-{post}")).unwrap(),
        user: UserId::parse(&format!("u-{post}")).unwrap(),
        person: person_of(post),
        post: id(post),
        title: Bilingual { hi: post.to_owned(), en: post.to_owned() },
        role,
        is_holder: true,
        screens: posts.clone(),
        admits: posts,
    }))
}

fn head(post: &str) -> Actor {
    staff(post, part(post), &[post])
}

fn desk() -> Actor {
    staff("desk", RoleKey::Desk, &[HEALTH])
}

fn citizen(appointment: &str) -> Actor {
    let session = SessionId::parse(&format!("s-{appointment}")).unwrap();
    Actor::Citizen {
        session,
        appointments: vec![AppointmentId::parse(appointment).unwrap()],
        invites: Vec::new(),
    }
}

/// The meeting `m1` of the appointment `a1` with the Secretary of Health, from now for 15 minutes.
fn in_meeting(actor: Actor, guest: Guest, name: &str) -> Entry {
    let start = Timestamp::from_second(1_795_585_500).unwrap();
    let appointment = match &guest {
        Guest::Citizen(appointment) => appointment.clone(),
        Guest::Officer(_) | Guest::Desk(_) | Guest::Invited(_) => id("a1"),
    };
    let entry = MeetingEntry {
        meeting: MeetingId::parse("m1").unwrap(),
        appointment,
        post: id(HEALTH),
        title: Bilingual { hi: HEALTH.to_owned(), en: HEALTH.to_owned() },
        times: (start, start + SignedDuration::from_mins(15)),
        guest,
        name: Bilingual { hi: name.to_owned(), en: name.to_owned() },
        people: Vec::new(),
        ended: false,
        sealed: false,
        past: Vec::new(),
        lines: Vec::new(),
        left_inside: Vec::new(),
        expected: 3,
        claim: None,
    };
    Entry { actor, place: EntryPlace::Meeting(Box::new(entry)) }
}
