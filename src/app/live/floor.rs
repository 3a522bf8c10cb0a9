//! The floor: every live socket, meeting, seat, call and transport of this server, and the one turn that moves them.
//!
//! Pure but for fresh ids: told the time, returns what is to be done, touches no socket, row or media thread. Each
//! message is asked of the policy before it is heard.

use std::collections::{BTreeMap, BTreeSet};

use domain::hotline::{Device, Switchboard};
use domain::id::{MeetingId, OutsideId, PostId};
use domain::meeting::{DoorHours, ParticipantId};
use domain::text::Bilingual;
use jiff::{SignedDuration, Timestamp};
use media::{Event, PeerId};
use signaling::value::{Id, Limits, ResumeToken, Title};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits};

use super::calls::terms;
use super::faint::Lines;
use super::lapsed::Lapse;
use super::lobbies::Lobbies;
use super::meetings::LiveMeeting;
use super::outside::{End, Outside};
use super::quality::Qualities;
use super::recording::Recordings;
use super::reviews::Reviews;
use super::routes::{Routes, Wanted};
use super::seats::LiveSeat;
use super::transports::Transports;
use super::turn::{Act as Done, Entry, EntryPlace, Input, Line, Output, Restarter, SocketId};
use crate::app::resume::{Resume, ResumeKey};
use crate::audit::By;
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::clock::Random;
use crate::limits::SEAT_RESUME_HOURS;

/// The floor's bounds and hours.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// When citizens find a meeting's door open.
    pub hours: DoorHours,
    /// Meetings that may be live at once.
    pub meetings_max: usize,
    /// Places in one meeting.
    pub places_max: usize,
    /// Recordings at once; 0 where none are offered.
    pub recordings_max: usize,
}

/// A place that can have a transport.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// In a meeting.
    Meeting(MeetingId, ParticipantId),
    /// The seat of a post, at one of its devices.
    Seat(PostId, Device),
    /// A client from outside, in the meeting of its pass.
    Outside(MeetingId, OutsideId),
}

/// A live socket that has been welcomed.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    pub(super) actor: Actor,
    pub(super) object: Object,
    pub(super) spot: Spot,
    /// What it may come back with.
    pub(super) resume: Option<Resume>,
}

/// See the module.
#[derive(Debug)]
pub struct Floor {
    pub(super) bounds: Bounds,
    pub(super) random: Random,
    resume: ResumeKey,
    pub(super) sockets: BTreeMap<SocketId, Socket>,
    pub(super) meetings: BTreeMap<MeetingId, LiveMeeting>,
    pub(super) seats: BTreeMap<PostId, LiveSeat>,
    pub(super) calls: Switchboard,
    pub(super) reviews: Reviews,
    pub(super) transports: Transports,
    pub(super) changed: BTreeSet<MeetingId>,
    pub(super) outside: Outside,
    pub(super) qualities: Qualities,
    pub(super) lobbies: Lobbies,
    pub(super) recordings: Recordings,
    pub(super) faint: Lines,
    /// A call has gone to another device in this turn.
    pub(super) is_moved: bool,
    /// When the calls were last said to go on.
    pub(super) calls_seen_at: Option<Timestamp>,
    routes: Routes,
    out: Vec<Output>,
}

impl Floor {
    /// An empty floor.
    #[must_use]
    pub fn new(bounds: Bounds, random: Random, resume: ResumeKey) -> Floor {
        Floor {
            bounds,
            random,
            resume,
            sockets: BTreeMap::new(),
            meetings: BTreeMap::new(),
            seats: BTreeMap::new(),
            calls: Switchboard::new(terms()),
            reviews: Reviews::new(),
            transports: Transports::default(),
            changed: BTreeSet::new(),
            outside: Outside::default(),
            qualities: Qualities::default(),
            lobbies: Lobbies::default(),
            recordings: Recordings::default(),
            faint: Lines::default(),
            is_moved: false,
            calls_seen_at: None,
            routes: Routes::default(),
            out: Vec::new(),
        }
    }

    /// One turn: what happened, when, and all that follows from it.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        let may_move = may_move_ways(&input);
        match input {
            Input::Enter(socket, entry) => self.enter(socket, entry, now),
            Input::Said(socket, message) => self.hear(socket, message, now),
            Input::Gone(socket, parting) => {
                self.note_parting(socket, parting, now);
                self.lose_socket(socket, now);
            }
            Input::Answered(ticket, answer) => self.answered(ticket, answer, now),
            Input::Media(event) => self.media_event(event, now),
            Input::Outside(ask, request) => self.ask_from_outside(ask, request, now),
            Input::Forsaken(client) => self.dismiss(&client, (By::House, End::Lost), now),
            Input::IceRestarted(Restarter::Outside(ask, client), ufrag, name) => {
                self.ice_restarted((ask, client), (ufrag, name), now);
            }
            Input::IceRestarted(Restarter::Page(socket, spot), _, name) => {
                self.page_restarted((socket, spot), name);
            }
            Input::Recorder(id, report) => self.recorder_says(id, report, now),
            Input::Measured(measured) => self.measured(measured, now),
            Input::Seats(cards) => self.set_seats(cards, now),
            Input::Queue(post, board) => self.lobbies.know(post, board),
            Input::Uninvited(meeting, guest, by) => self.uninvited((&meeting, &guest), &by, now),
            Input::Asked(asker, seats, until) => {
                self.let_answer_by_ring(&asker, (&seats, until));
                self.tell_questions(&seats);
                self.tell_questions(&[asker]);
            }
            Input::Questions(posts) => self.tell_questions(&posts),
            Input::Missed(posts) => self.tell_missed(&posts),
            Input::SignedOut(session) => self.signed_out(&session, now),
            Input::Tick => self.tick(now),
            Input::Stop => self.stop(now),
        }
        if may_move {
            self.look_at_countdowns(now);
            self.tell_presence();
            self.look_at_reviews(now);
        }
        self.look_at_lobbies();
        self.tell_recordings();
        self.tell_meetings(now);
        // Ways first, so that nothing is told before it is so.
        let may_move = may_move | std::mem::take(&mut self.is_moved);
        let mut outputs = if may_move { self.move_ways() } else { Vec::new() };
        let (stop, begin) = if may_move { self.move_taps() } else { Default::default() };
        outputs.extend(stop);
        outputs.append(&mut self.out);
        outputs.extend(begin);
        outputs
    }

    /// Sockets, live meetings and live calls, for the metrics.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.sockets.len(), self.meetings.len(), self.calls.calls().count())
    }

    fn enter(&mut self, socket: SocketId, entry: Entry, now: Timestamp) {
        match entry.place {
            EntryPlace::Meeting(meeting) => self.enter_meeting(socket, (entry.actor, *meeting), now),
            EntryPlace::Seat(post, device) => self.take_seat(socket, (entry.actor, post, device), now),
        }
    }

    /// The one place where a message is heard: policy first, then its deed.
    fn hear(&mut self, socket: SocketId, message: ClientMessage, now: Timestamp) {
        let Some(Socket { actor, object, spot, .. }) = self.sockets.get(&socket) else { return };
        let about = message.kind();
        let act = act_of(&message, spot);
        let heard = match allows(actor, act, object) {
            Err(_) => {
                if let (Act::Ring | Act::AnswerCall, Spot::Seat(post, _)) = (act, spot.clone()) {
                    self.refuse_call((socket, post), (about, ErrorCode::NotAllowed), now);
                }
                Err(ErrorCode::NotAllowed)
            }
            Ok(()) => match spot.clone() {
                Spot::Meeting(meeting, who) => self.hear_in_meeting((socket, meeting, who), message, now),
                Spot::Seat(post, device) => self.hear_from_seat((socket, post, device), message, now),
                Spot::Outside(..) => Err(ErrorCode::OutOfTurn),
            },
        };
        if let Err(code) = heard {
            self.say(socket, ServerMessage::Error { code, about: Some(about.to_owned()) });
        }
    }

    fn lose_socket(&mut self, socket: SocketId, now: Timestamp) {
        self.transports.forget_restart(socket);
        let Some(lost) = self.sockets.remove(&socket) else { return };
        match lost.spot {
            Spot::Meeting(meeting, who) => self.member_lost_socket((&meeting, who), now),
            Spot::Seat(post, device) => self.seat_lost_socket(&post, device, now),
            Spot::Outside(..) => {}
        }
    }

    fn signed_out(&mut self, session: &domain::id::SessionId, now: Timestamp) {
        let theirs = |(id, socket): (&SocketId, &Socket)| {
            (socket.actor.session() == Some(session)).then(|| (*id, socket.spot.clone()))
        };
        let ended: Vec<(SocketId, Spot)> = self.sockets.iter().filter_map(theirs).collect();
        let until = now + SignedDuration::from_hours(SEAT_RESUME_HOURS);
        self.put(Output::Lapse(Lapse::Session(session.clone()), until));
        for (socket, spot) in ended {
            if let Spot::Seat(post, device) = &spot {
                let relieved = self.calls.relieve(post, (*device, None), now);
                self.follow_calls(None, relieved, now);
            }
            self.close(socket, Some(ErrorCode::SessionEnded));
            self.drop_transport(&spot);
            self.lose_socket(socket, now);
        }
    }

    fn tick(&mut self, now: Timestamp) {
        self.tick_meetings(now);
        self.tick_calls(now);
        self.tick_seats(now);
        self.tick_outside(now);
    }

    fn stop(&mut self, now: Timestamp) {
        self.end_recordings();
        let meetings: Vec<MeetingId> = self.meetings.keys().cloned().collect();
        for meeting in meetings {
            self.write_presence(&meeting, now);
        }
        let all: Vec<SocketId> = self.sockets.keys().copied().collect();
        for socket in all {
            self.close(socket, Some(ErrorCode::GoingAway));
        }
        self.sockets.clear();
    }

    /// Works out which ways follow from the new state.
    fn move_ways(&mut self) -> Vec<Output> {
        let mut wanted = Wanted::default();
        for id in self.meetings.keys() {
            let peers: Vec<PeerId> = self.peers_inside(id).into_iter().map(|(peer, _)| peer).collect();
            wanted.meeting(&peers);
            self.allow_parts(id, &mut wanted);
        }
        self.want_outside(&mut wanted);
        for call in self.calls.calls() {
            self.want_call(call, &mut wanted);
        }
        self.routes.become_these(wanted)
    }

    fn allow_parts(&self, meeting: &MeetingId, wanted: &mut Wanted) {
        let inside = self.meetings.get(meeting).map(|live| live.gathering.inside()).unwrap_or_default();
        for who in inside {
            let spot = Spot::Meeting(meeting.clone(), who);
            if let Some(peer) = self.transports.peer(&spot) {
                wanted.allow(peer, self.allowed(&spot));
            }
        }
    }

    /// The transports of those who are inside a meeting and not called away, with what the others know them by.
    pub(super) fn peers_inside(&self, meeting: &MeetingId) -> Vec<(PeerId, Id)> {
        let Some(live) = self.meetings.get(meeting) else { return Vec::new() };
        let mut inside = live.gathering.inside();
        inside.retain(|who| !live.called_away.contains(who));
        let peer = |who: ParticipantId| {
            let peer = self.transports.peer(&Spot::Meeting(meeting.clone(), who))?;
            Some((peer, wire(&who.to_string())))
        };
        inside.into_iter().filter_map(peer).collect()
    }

    // What the other files of the floor use.

    pub(super) fn say(&mut self, socket: SocketId, message: ServerMessage) {
        self.out.push(Output::Say(socket, message));
    }

    pub(super) fn close(&mut self, socket: SocketId, code: Option<ErrorCode>) {
        self.out.push(Output::Close(socket, code));
    }

    /// Answers a hello with an error and closes.
    pub(super) fn refuse(&mut self, socket: SocketId, code: ErrorCode) {
        self.close(socket, Some(code));
    }

    /// The token with which this place is taken up again.
    pub(super) fn token(&self, resume: Option<&Resume>) -> Option<ResumeToken> {
        self.resume.close(resume?, self.random)
    }

    pub(super) fn record(&mut self, by: By, act: Done, at: Timestamp) {
        self.out.push(Output::Record(Line { at, by, act }));
    }

    pub(super) fn put(&mut self, output: Output) {
        self.out.push(output);
    }

    /// Gives up the transport of a spot, if there is one.
    pub(super) fn drop_transport(&mut self, spot: &Spot) {
        self.stay_ends(spot);
        if let Some(peer) = self.transports.remove(spot) {
            self.routes.forget(peer);
            self.out.push(Output::Remove(peer));
        }
    }

    /// The media plane gave a transport up by itself.
    pub(super) fn forget_peer(&mut self, spot: &Spot, peer: PeerId) {
        self.stay_ends(spot);
        self.transports.remove(spot);
        self.routes.forget(peer);
    }

    pub(super) fn by(&self, socket: SocketId) -> By {
        self.sockets.get(&socket).map_or(By::House, |s| s.actor.by(None))
    }
}

/// What the media plane tells of flowing media comes often and changes nobody's rights.
fn may_move_ways(input: &Input) -> bool {
    if let Input::Said(_, message) = input {
        let is_own = |message: &ClientMessage| {
            matches!(
                message,
                ClientMessage::Ping { .. }
                    | ClientMessage::Quality(_)
                    | ClientMessage::SetViews { .. }
                    | ClientMessage::CanSeal {}
            )
        };
        return !is_own(message);
    }
    let Input::Media(event) = input else { return true };
    matches!(event, Event::Up { .. } | Event::Down { .. })
}

/// Which act of the policy a message is.
#[must_use]
pub fn act_of(message: &ClientMessage, spot: &Spot) -> Act {
    match message {
        ClientMessage::Hello { .. } | ClientMessage::Connect { .. } | ClientMessage::RestartIce { .. } => {
            match spot {
                Spot::Meeting(..) => Act::EnterMeeting,
                Spot::Seat(..) => Act::TakeSeat,
                Spot::Outside(..) => Act::PublishFromOutside,
            }
        }
        ClientMessage::Admit { .. } | ClientMessage::Deny { .. } => Act::Admit,
        ClientMessage::Write { .. }
        | ClientMessage::RaiseHand { .. }
        | ClientMessage::ShareScreen { .. }
        | ClientMessage::ComeBack {} => Act::TakePart,
        ClientMessage::Seal { .. } => match spot {
            Spot::Seat(..) => Act::AnswerCall,
            Spot::Meeting(..) | Spot::Outside(..) => Act::TakePart,
        },
        ClientMessage::LowerHand { .. }
        | ClientMessage::Silence { .. }
        | ClientMessage::AllowScreen { .. }
        | ClientMessage::LockDoor { .. } => Act::ConductMeeting,
        ClientMessage::CallBack { .. } => Act::Dial,
        ClientMessage::EndMeeting {} => Act::EndMeeting,
        ClientMessage::SealMeeting {} => Act::SealMeeting,
        ClientMessage::Record { .. } => Act::RecordMeeting,
        ClientMessage::Leave {}
        | ClientMessage::SetTracks { .. }
        | ClientMessage::SetViews { .. }
        | ClientMessage::Quality(_)
        | ClientMessage::RecordConsent { .. }
        | ClientMessage::SetPresence { .. }
        | ClientMessage::CanSeal {}
        | ClientMessage::Ping { .. } => Act::SpeakForOneself,
        ClientMessage::Ring { .. }
        | ClientMessage::RingSealed { .. }
        | ClientMessage::OpenReview { .. }
        | ClientMessage::AddToCall { .. }
        | ClientMessage::HandOver { .. } => Act::Ring,
        ClientMessage::AcceptRing { .. }
        | ClientMessage::Frosted { .. }
        | ClientMessage::DeclineRing { .. }
        | ClientMessage::CancelRing { .. }
        | ClientMessage::ResumeCall { .. }
        | ClientMessage::TakeCall { .. }
        | ClientMessage::SealCall { .. }
        | ClientMessage::JoinReview { .. }
        | ClientMessage::ReviewStep { .. }
        | ClientMessage::HangUp { .. } => Act::AnswerCall,
    }
}

/// The bounds that a welcome names.
pub(super) fn told_limits() -> Limits {
    let ms = |d: std::time::Duration| u32::try_from(d.as_millis()).unwrap_or(u32::MAX);
    Limits {
        frame_bytes_max: u32::try_from(limits::FRAME_BYTES_MAX).unwrap_or(u32::MAX),
        messages_per_second: limits::MESSAGES_PER_SECOND,
        message_burst: limits::MESSAGE_BURST,
        ring_timeout_ms: ms(limits::RING_TIMEOUT),
        call_return_window_ms: ms(limits::CALL_RETURN_WINDOW),
        meeting_return_window_ms: ms(limits::MEETING_RETURN_WINDOW),
    }
}

/// An id of the house as the protocol writes it.
pub(super) fn wire(id: &str) -> Id {
    Id::parse(id).expect("the ids of the house and of the protocol have one alphabet and one length")
}

/// A title as the protocol writes it.
pub(super) fn title(text: &Bilingual) -> Title {
    Title { hi: text.hi.clone(), en: text.en.clone() }
}

/// A length of time of the protocol as the domain counts it.
pub(super) fn span(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).expect("the protocol's spans are minutes, not ages")
}
