//! Clients from outside: publishers and players that come by WHIP and WHEP with a pass instead of a page.
//!
//! The pass is their permission, so they wait in no lobby. In the meeting of an appointment nothing flows to or from
//! them while nobody is inside, everybody inside is told of them, and they end with the meeting. A meeting that exists
//! only for outside clients (a studio, a load test) has no row and no citizen.

use std::collections::BTreeMap;

use domain::id::{MeetingId, OutsideId, PassId};
use domain::meeting::Gathering;
use jiff::Timestamp;
use media::{ConnectError, Connected, IceName, Kind, OfferError, PeerId};
use signaling::value::{Id, Participant, Role, Sdp, Title};

use super::floor::{Floor, Spot, wire};
use super::routes::Wanted;
use super::transports::room_of;
use super::turn::{Act, Output, Restarter, Ticket};
use crate::audit::By;
use crate::auth::pass::{Pass, Right};
use crate::limits;

/// Names one request, so that its reply finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask(pub u64);

/// What kind of meeting a pass names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// That of an appointment.
    Appointment,
    /// One that exists for outside clients only.
    OutsideOnly,
}

/// A permitted way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The name of the new connection.
    pub client: OutsideId,
    /// What it was let in with.
    pub pass: Pass,
    /// What kind of meeting the pass names; nothing while the database cannot say.
    pub ground: Option<Ground>,
    /// Its offer.
    pub offer: Sdp,
    /// The ICE name in that offer.
    pub ufrag: String,
    /// A player that wants to see and hear this participant alone.
    pub only: Option<Id>,
}

/// Which state of the connection a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Whatever it is now.
    Any,
    /// The one with this tag.
    Tag(String),
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// To come in.
    Arrive(Box<Arrival>),
    /// To have candidates heard, or ICE begun anew.
    Patch {
        /// Which connection.
        client: OutsideId,
        /// The pass that it shows.
        pass: PassId,
        /// Which state it is about.
        tag: IfMatch,
        /// The client's ICE name; another than before begins anew.
        ufrag: Option<String>,
    },
    /// To end.
    Leave {
        /// Which connection.
        client: OutsideId,
        /// The pass that it shows.
        pass: PassId,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The connection is made.
    Arrived {
        /// Its name.
        client: OutsideId,
        /// What those inside know it by.
        participant: Id,
        /// The answer to its offer.
        sdp: String,
        /// The tag of its ICE session.
        tag: String,
    },
    /// Heard. Our end of ICE waits for checks, so candidates change nothing.
    Heard,
    /// ICE begins anew.
    Restarted {
        /// Our new name.
        ufrag: String,
        /// Our new password.
        password: String,
        /// The tag of the new ICE session.
        tag: String,
    },
    /// Ended.
    Left,
}

/// Why nothing came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutsideError {
    /// No meeting of that name, or none that can be met in.
    #[error("there is no such meeting")]
    UnknownMeeting,
    /// The officer ended the meeting.
    #[error("the meeting has ended")]
    Ended,
    /// The meeting is confidential: nobody comes in without its keys.
    #[error("the meeting is confidential")]
    Sealed,
    /// No connection of that name that was made with this pass.
    #[error("there is no such connection")]
    UnknownClient,
    /// The request is about a state that is no more.
    #[error("the tag is that of an older ICE session")]
    OutdatedTag,
    /// ICE is being begun anew by another request.
    #[error("ICE is being begun anew already")]
    Restarting,
    /// As many are there as may be.
    #[error("the meeting has as many outside clients as it may have")]
    Full,
    /// Too many requests with one pass.
    #[error("too many requests with one pass")]
    TooFast,
    /// The offer cannot be answered; the reason is a stable code.
    #[error("the offer is refused: {0}")]
    Offer(&'static str),
    /// The media plane or the ledger takes no more at the moment.
    #[error("no more can be taken at the moment")]
    Busy,
}

/// Why a client from outside is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It said so.
    Left,
    /// Nothing came from it any more, or its request was given up.
    Lost,
    /// Its pass ended.
    Expired,
    /// The meeting ended.
    MeetingEnded,
    /// The meeting was made confidential.
    MeetingSealed,
}

impl End {
    /// The stable word in the audit chain.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Lost => "lost",
            Self::Expired => "expired",
            Self::MeetingEnded => "meeting_ended",
            Self::MeetingSealed => "meeting_sealed",
        }
    }
}

/// One connection from outside.
#[derive(Debug)]
struct Client {
    pass: Pass,
    ground: Ground,
    participant: Id,
    ufrag: String,
    /// ICE sessions before this one.
    generation: u32,
    is_restarting: bool,
    peer: Option<PeerId>,
    gives_sound: bool,
    gives_pictures: bool,
    only: Option<Id>,
}

impl Client {
    fn tag(&self) -> String {
        format!("{}-{}", self.participant, self.generation)
    }

    fn card(&self) -> Participant {
        let name = match (&self.pass.name, self.pass.may) {
            (Some(name), _) => name.to_string(),
            (None, Right::Publish) => format!("WHIP {}", self.participant),
            (None, Right::Play) => format!("WHEP {}", self.participant),
        };
        Participant {
            people: Vec::new(),
            participant: self.participant.clone(),
            title: Title { hi: name.clone(), en: name },
            role: Role::Outside,
            microphone: self.gives_sound,
            camera: self.gives_pictures,
            hand_ms: None,
            silenced: false,
            called_away: false,
            may_share: false,
        }
    }
}

/// How many requests a pass still has: a token bucket, told the time.
#[derive(Debug)]
struct Pace {
    left_milli: u64,
    at_ms: i64,
}

impl Pace {
    const FULL_MILLI: u64 = limits::PASS_REQUESTS_BURST as u64 * 1000;

    fn fill(&mut self, now: Timestamp) {
        let passed = u64::try_from(now.as_millisecond() - self.at_ms).unwrap_or(0);
        let gained = passed.saturating_mul(u64::from(limits::PASS_REQUESTS_PER_SECOND));
        self.left_milli = self.left_milli.saturating_add(gained).min(Pace::FULL_MILLI);
        self.at_ms = self.at_ms.max(now.as_millisecond());
    }
}

/// All clients from outside.
#[derive(Debug, Default)]
pub(super) struct Outside {
    clients: BTreeMap<OutsideId, Client>,
    asked: BTreeMap<Ticket, (Ask, OutsideId)>,
    paces: BTreeMap<PassId, Pace>,
    count: u64,
}

impl Outside {
    /// Who asked for the transport of this ticket, if it was somebody from outside.
    pub(super) fn take_asker(&mut self, ticket: Ticket) -> Option<(Ask, OutsideId)> {
        self.asked.remove(&ticket)
    }

    /// What those inside call a client.
    pub(super) fn participant(&self, client: &OutsideId) -> Option<Id> {
        self.clients.get(client).map(|client| client.participant.clone())
    }

    /// How those inside a meeting see its clients from outside: all of them, so that nobody watches unseen.
    pub(super) fn cards(&self, meeting: &MeetingId) -> Vec<Participant> {
        let here = |client: &&Client| client.pass.meeting == *meeting && client.peer.is_some();
        let mut clients: Vec<&Client> = self.clients.values().filter(here).collect();
        clients.sort_by_key(|client| client.peer);
        clients.into_iter().map(Client::card).collect()
    }

    fn is_too_fast(&mut self, pass: &PassId, now: Timestamp) -> bool {
        if !self.paces.contains_key(pass) && self.paces.len() >= limits::PASSES_PACED_MAX {
            self.paces.values_mut().for_each(|pace| pace.fill(now));
            self.paces.retain(|_, pace| pace.left_milli < Pace::FULL_MILLI);
            if self.paces.len() >= limits::PASSES_PACED_MAX {
                return true;
            }
        }
        let fresh = Pace { left_milli: Pace::FULL_MILLI, at_ms: now.as_millisecond() };
        let pace = self.paces.entry(pass.clone()).or_insert(fresh);
        pace.fill(now);
        let is_too_fast = pace.left_milli < 1000;
        pace.left_milli = pace.left_milli.saturating_sub(1000);
        is_too_fast
    }

    fn is_full(&self, pass: &Pass, ground: Ground) -> bool {
        let of = |right| {
            let same = |client: &&Client| client.pass.meeting == pass.meeting && client.pass.may == right;
            self.clients.values().filter(same).count()
        };
        let (publishers, players) = (of(Right::Publish), of(Right::Play));
        match (ground, pass.may) {
            (Ground::Appointment, Right::Publish) => publishers >= limits::OUTSIDE_PUBLISHERS_MAX,
            (Ground::Appointment, Right::Play) => players >= limits::OUTSIDE_PLAYERS_MAX,
            (Ground::OutsideOnly, Right::Publish) => (publishers + 1) * players > limits::OUTSIDE_WAYS_MAX,
            (Ground::OutsideOnly, Right::Play) => publishers * (players + 1) > limits::OUTSIDE_WAYS_MAX,
        }
    }

    /// The connection, if it was made with this pass.
    fn owned(&mut self, client: &OutsideId, pass: &PassId) -> Result<&mut Client, OutsideError> {
        let owned = self.clients.get_mut(client).filter(|client| client.pass.id == *pass);
        owned.ok_or(OutsideError::UnknownClient)
    }
}

impl Floor {
    /// A client from outside asks for something. The reply comes in this turn or in a later one.
    pub(super) fn ask_from_outside(&mut self, ask: Ask, request: Request, now: Timestamp) {
        let pass = match &request {
            Request::Arrive(arrival) => &arrival.pass.id,
            Request::Patch { pass, .. } | Request::Leave { pass, .. } => pass,
        };
        let heard = if self.outside.is_too_fast(pass, now) {
            Err(OutsideError::TooFast)
        } else {
            match request {
                Request::Arrive(arrival) => self.arrive(ask, *arrival).map(|()| None),
                Request::Patch { client, pass, tag, ufrag } => {
                    self.patch(ask, (&client, &pass), (&tag, ufrag))
                }
                Request::Leave { client, pass } => self.outside.owned(&client, &pass).map(drop).map(|()| {
                    self.dismiss(&client, (By::Pass(pass), End::Left), now);
                    Some(Reply::Left)
                }),
            }
        };
        match heard {
            Ok(None) => {}
            Ok(Some(reply)) => self.put(Output::Reply(ask, Ok(reply))),
            Err(error) => self.put(Output::Reply(ask, Err(error))),
        }
    }

    fn arrive(&mut self, ask: Ask, arrival: Arrival) -> Result<(), OutsideError> {
        let gathering = self.meetings.get(&arrival.pass.meeting).map(|live| &live.gathering);
        if gathering.is_some_and(Gathering::is_ended) {
            return Err(OutsideError::Ended);
        }
        if gathering.is_some_and(Gathering::is_sealed) {
            return Err(OutsideError::Sealed);
        }
        let ground = arrival.ground.or_else(|| self.known_ground(&arrival.pass.meeting));
        let ground = ground.ok_or(OutsideError::Busy)?;
        if self.outside.is_full(&arrival.pass, ground) {
            return Err(OutsideError::Full);
        }
        let Arrival { client, pass, offer, ufrag, only, .. } = arrival;
        self.outside.count += 1;
        let participant = wire(&format!("x{}", self.outside.count));
        let room = room_of(&Spot::Outside(pass.meeting.clone(), client.clone()));
        let arrived = Client {
            pass,
            ground,
            participant,
            ufrag,
            generation: 0,
            is_restarting: false,
            peer: None,
            gives_sound: false,
            gives_pictures: false,
            only,
        };
        self.outside.clients.insert(client.clone(), arrived);
        let ticket = self.transports.next_ticket();
        self.outside.asked.insert(ticket, (ask, client));
        self.put(Output::Connect(ticket, room, offer));
        Ok(())
    }

    /// What kind of meeting it is that runs here, for whom the database cannot be asked.
    fn known_ground(&self, meeting: &MeetingId) -> Option<Ground> {
        if self.meetings.contains_key(meeting) {
            return Some(Ground::Appointment);
        }
        let mut others = self.outside.clients.values().filter(|client| client.pass.meeting == *meeting);
        others.next().map(|client| client.ground)
    }

    /// The media plane's answer to the offer of a client from outside.
    pub(super) fn outside_answered(
        &mut self,
        (ask, id): (Ask, OutsideId),
        answer: Result<Connected, ConnectError>,
        now: Timestamp,
    ) {
        let reply = match (self.outside.clients.get_mut(&id), answer) {
            (None, Ok(late)) => {
                self.put(Output::Remove(late.peer));
                Err(OutsideError::UnknownClient)
            }
            (None, Err(_)) => Err(OutsideError::UnknownClient),
            (Some(_), Err(error)) => {
                self.outside.clients.remove(&id);
                Err(refusal(&error))
            }
            (Some(client), Ok(connected)) => {
                client.peer = Some(connected.peer);
                let (pass, participant, tag) =
                    (client.pass.clone(), client.participant.clone(), client.tag());
                self.transports.insert(Spot::Outside(pass.meeting.clone(), id.clone()), connected.peer);
                self.changed.insert(pass.meeting.clone());
                let act = Act::CameFromOutside { meeting: pass.meeting, client: id.clone(), may: pass.may };
                self.record(By::Pass(pass.id), act, now);
                Ok(Reply::Arrived { client: id, participant, sdp: connected.answer, tag })
            }
        };
        self.put(Output::Reply(ask, reply));
    }

    fn patch(
        &mut self,
        ask: Ask,
        (id, pass): (&OutsideId, &PassId),
        (tag, ufrag): (&IfMatch, Option<String>),
    ) -> Result<Option<Reply>, OutsideError> {
        let client = self.outside.owned(id, pass)?;
        if let IfMatch::Tag(tag) = tag
            && *tag != client.tag()
        {
            return Err(OutsideError::OutdatedTag);
        }
        let Some(ufrag) = ufrag.filter(|ufrag| *ufrag != client.ufrag) else {
            return Ok(Some(Reply::Heard));
        };
        if client.is_restarting {
            return Err(OutsideError::Restarting);
        }
        let peer = client.peer.ok_or(OutsideError::UnknownClient)?;
        client.is_restarting = true;
        self.put(Output::RestartIce(Restarter::Outside(ask, id.clone()), peer, ufrag));
        Ok(None)
    }

    /// The media plane began ICE anew for a client, or did not.
    pub(super) fn ice_restarted(
        &mut self,
        (ask, id): (Ask, OutsideId),
        (ufrag, name): (String, Option<IceName>),
        now: Timestamp,
    ) {
        let reply = match (self.outside.clients.get_mut(&id), name) {
            (None, _) => Err(OutsideError::UnknownClient),
            (Some(client), None) => {
                client.is_restarting = false;
                Err(OutsideError::Busy)
            }
            (Some(client), Some(IceName { ufrag: ours, password })) => {
                client.is_restarting = false;
                client.generation += 1;
                client.ufrag = ufrag;
                let (tag, by) = (client.tag(), By::Pass(client.pass.id.clone()));
                let act = Act::RestartedFromOutside { meeting: client.pass.meeting.clone(), client: id };
                self.record(by, act, now);
                Ok(Reply::Restarted { ufrag: ours, password, tag })
            }
        };
        self.put(Output::Reply(ask, reply));
    }

    /// A client from outside is gone: its transport is given up and its end written down.
    pub(super) fn dismiss(&mut self, id: &OutsideId, (by, why): (By, End), now: Timestamp) {
        let Some(client) = self.outside.clients.remove(id) else { return };
        let meeting = client.pass.meeting;
        self.drop_transport(&Spot::Outside(meeting.clone(), id.clone()));
        self.changed.insert(meeting.clone());
        if client.peer.is_some() {
            self.record(by, Act::WentFromOutside { meeting, client: id.clone(), why }, now);
        }
    }

    /// The meeting has ended, or become confidential, for its clients from outside as well.
    pub(super) fn dismiss_all(&mut self, meeting: &MeetingId, why: End, now: Timestamp) {
        let here =
            |(id, client): (&OutsideId, &Client)| (client.pass.meeting == *meeting).then(|| id.clone());
        let ended: Vec<OutsideId> = self.outside.clients.iter().filter_map(here).collect();
        for id in ended {
            self.dismiss(&id, (By::House, why), now);
        }
    }

    /// Time passes over the clients from outside.
    pub(super) fn tick_outside(&mut self, now: Timestamp) {
        let late = |(id, client): (&OutsideId, &Client)| client.pass.has_expired(now).then(|| id.clone());
        let expired: Vec<OutsideId> = self.outside.clients.iter().filter_map(late).collect();
        for id in expired {
            self.dismiss(&id, (By::House, End::Expired), now);
        }
    }

    /// The first sound or picture came from a client from outside.
    pub(super) fn outside_gives(&mut self, peer: PeerId, kind: Kind) {
        let Some(client) = self.outside.clients.values_mut().find(|client| client.peer == Some(peer)) else {
            return;
        };
        match kind {
            Kind::Audio => client.gives_sound = true,
            Kind::Video => client.gives_pictures = true,
        }
        self.changed.insert(client.pass.meeting.clone());
    }

    /// The ways that clients from outside want.
    pub(super) fn want_outside(&self, wanted: &mut Wanted) {
        let mut sides: BTreeMap<&MeetingId, Sides<'_>> = BTreeMap::new();
        for client in self.outside.clients.values() {
            let Some(peer) = client.peer else { continue };
            let sides = sides.entry(&client.pass.meeting).or_default();
            match client.pass.may {
                Right::Publish => sides.givers.push((peer, client.participant.clone())),
                Right::Play => sides.takers.push((peer, client.only.as_ref())),
            }
            sides.is_open = client.ground == Ground::OutsideOnly;
        }
        for (meeting, sides) in sides {
            let inside = self.peers_inside(meeting);
            let is_attended = self.meetings.get(meeting).is_some_and(|m| !m.gathering.inside().is_empty());
            if sides.is_open || is_attended {
                sides.want(&inside, wanted);
            }
        }
    }
}

/// Who from outside gives to a meeting and who takes from it.
#[derive(Default)]
struct Sides<'a> {
    givers: Vec<(PeerId, Id)>,
    takers: Vec<(PeerId, Option<&'a Id>)>,
    is_open: bool,
}

impl Sides<'_> {
    fn want(&self, inside: &[(PeerId, Id)], wanted: &mut Wanted) {
        for (giver, _) in &self.givers {
            inside.iter().for_each(|(taker, _)| wanted.outside(*giver, *taker));
        }
        for (taker, only) in &self.takers {
            let chosen = |(_, name): &&(PeerId, Id)| only.is_none_or(|only| only == name);
            let givers = inside.iter().chain(&self.givers).filter(chosen);
            givers.for_each(|(giver, _)| wanted.outside(*giver, *taker));
        }
    }
}

fn refusal(error: &ConnectError) -> OutsideError {
    let ConnectError::Offer(fault) = error else { return OutsideError::Busy };
    OutsideError::Offer(match fault {
        OfferError::TooLong(_) => "offer_too_long",
        OfferError::MediaCount(..) => "offer_media_count",
        OfferError::Mid => "offer_mid",
        OfferError::NotBundled => "offer_not_bundled",
        OfferError::NoRtcpMux => "offer_no_rtcp_mux",
        OfferError::Ufrag => "offer_ufrag",
        OfferError::Fingerprint => "offer_fingerprint",
        OfferError::Setup => "offer_setup",
        OfferError::NothingCommon => "offer_nothing_common",
        _ => "offer_malformed",
    })
}
