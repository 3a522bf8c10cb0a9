//! Meetings as they happen: the door, who is told what, leaving and coming back, the end.
//!
//! The rules are in `domain::meeting`; here they meet sockets and transports. Media is opened nowhere here: it
//! follows from who is inside.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{AppointmentId, MeetingId, PostId};
use domain::meeting::{
    Deed, Departure, Effect, EnterError, Gathering, Guest, MoveError, ParticipantId, Role as Part, Talk,
    Visit,
};
use domain::notice::Language;
use domain::text::Bilingual;
use jiff::Timestamp;
use media::PeerId;
use recording::{End, Note};
use signaling::value::{FaintLine, Id, MeetingInfo, Participant, RecordAnswer, Role, Waiting};
use signaling::{ClientMessage, ErrorCode, ServerMessage, limits};

use super::floor::{Floor, Socket, Spot, span, title, told_limits, wire};
use super::lapsed::Lapse;
use super::lobbies::Outlook;
use super::outside::End as Dismissed;
use super::presence::Presences;
use super::turn::{Act, Entry, EntryPlace, MeetingEntry, Output, SocketId};
use crate::app::resume::{Resume, last_token};
use crate::audit::By;
use crate::auth::Actor;
use crate::auth::policy::Object;
use crate::i18n::Words;
use crate::limits::LINES_MAX;

/// One live meeting.
#[derive(Debug)]
pub(super) struct LiveMeeting {
    pub(super) gathering: Gathering,
    pub(super) members: BTreeMap<ParticipantId, Member>,
    /// What was written.
    pub(super) talk: Talk,
    /// Who was heard when.
    pub(super) presences: Presences,
    /// Whose turn it is about, and at which post.
    pub(super) appointment: AppointmentId,
    pub(super) post: PostId,
    /// Clients from outside, as those inside see them.
    outside: Vec<Participant>,
    /// Officers who have taken a call of the hotline meanwhile, until they say that they are back.
    pub(super) called_away: BTreeSet<ParticipantId>,
    /// Whose line is too weak even for a voice.
    pub(super) faint: Vec<FaintLine>,
    title: Bilingual,
    deserted_since: Option<Timestamp>,
}

/// What the floor knows of one place besides the rules.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) socket: Option<SocketId>,
    pub(super) name: Bilingual,
    /// Who sits in this hall.
    people: Vec<String>,
    lost_at: Option<Timestamp>,
    /// The page was shut: whoever does not come back went on purpose.
    pub(super) is_shut: bool,
    pub(super) microphone: bool,
    pub(super) camera: bool,
    /// The officer goes on with them by telephone.
    pub(super) is_called_back: bool,
    pub(super) told: Told,
}

/// What a socket was last told, so that it is told news only.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    lobby: Option<ServerMessage>,
    participants: Option<Vec<Participant>>,
    waiting: Option<ServerMessage>,
    faint: Vec<FaintLine>,
    conduct: Option<ServerMessage>,
    /// How many of the lines that were written.
    lines: u64,
    pub(super) is_sealed: bool,
}

impl Member {
    /// How somebody goes whose page does not come back.
    fn parting(&self) -> Departure {
        if self.is_shut { Departure::Left } else { Departure::Lost }
    }
}

/// A socket at its place in a meeting.
pub(super) type At = (SocketId, MeetingId, ParticipantId);

impl LiveMeeting {
    fn new(entry: &MeetingEntry, places_max: usize) -> LiveMeeting {
        let window = span(limits::MEETING_RETURN_WINDOW);
        let mut gathering = Gathering::new(entry.meeting.clone(), entry.times, window, places_max);
        gathering.restore(entry.past.clone());
        gathering.expect_guests(entry.expected);
        LiveMeeting {
            gathering,
            members: BTreeMap::new(),
            talk: Talk::new(LINES_MAX),
            presences: Presences::recall(entry),
            appointment: entry.appointment.clone(),
            post: entry.post.clone(),
            outside: Vec::new(),
            called_away: BTreeSet::new(),
            faint: Vec::new(),
            title: entry.title.clone(),
            deserted_since: None,
        }
    }

    /// Does anybody look at this meeting's page?
    pub(super) fn is_attended(&self) -> bool {
        !self.gathering.is_ended() && self.members.values().any(|member| member.socket.is_some())
    }

    pub(super) fn guest(&self, who: ParticipantId) -> Option<Guest> {
        self.gathering.place(who).map(|p| p.guest.clone())
    }

    /// What the post is called whose meeting it is.
    pub(super) fn called(&self) -> &Bilingual {
        &self.title
    }

    /// What a participant is called.
    pub(super) fn name_of(&self, who: ParticipantId) -> Option<Bilingual> {
        self.members.get(&who).map(|member| member.name.clone())
    }

    /// What a recorder is told of a participant: a post by its title, anybody else by the role alone.
    pub(super) fn joined(&self, peer: PeerId, who: ParticipantId) -> Option<Note> {
        let guest = self.guest(who)?;
        let (role, title) = match guest.role() {
            Part::Officer => ("officer", self.name_of(who)?),
            Part::Guest => ("guest", in_words("recording-role-guest")),
            Part::Citizen | Part::Desk => ("citizen", in_words("recording-role-citizen")),
        };
        let title = recording::Title { hi: title.hi, en: title.en };
        Some(Note::Joined { source: peer.0, participant: who.to_string(), role: role.to_owned(), title })
    }

    fn info(&self) -> MeetingInfo {
        let (starts, ends) = self.gathering.times();
        MeetingInfo {
            id: wire(self.gathering.meeting().as_str()),
            title: title(&self.title),
            starts_at_ms: starts.as_millisecond(),
            ends_at_ms: ends.as_millisecond(),
        }
    }

    fn waiting(&self, outlook: &Outlook) -> Vec<Waiting> {
        let number = outlook.number(self);
        let line = |(who, since): (ParticipantId, Timestamp)| {
            let member = self.members.get(&who)?;
            let (participant, title) = (wire(&who.to_string()), title(&member.name));
            let people = member.people.clone();
            Some(Waiting { participant, title, people, since_ms: since.as_millisecond(), number })
        };
        self.gathering.lobby().into_iter().filter_map(line).collect()
    }

    fn participants(&self) -> Vec<Participant> {
        let line = |who: ParticipantId| {
            let member = self.members.get(&who)?;
            let role = role_of(self.guest(who)?.role());
            let (microphone, camera) = (member.microphone, member.camera);
            let gathering = &self.gathering;
            Some(Participant {
                participant: wire(&who.to_string()),
                title: title(&member.name),
                people: member.people.clone(),
                role,
                microphone,
                camera,
                hand_ms: gathering.hand_since(who).map(Timestamp::as_millisecond),
                silenced: gathering.is_silenced(who),
                called_away: self.called_away.contains(&who),
                may_share: gathering.may_share(who),
            })
        };
        let inside = self.gathering.inside().into_iter().filter_map(line);
        inside.chain(self.outside.iter().cloned()).collect()
    }
}

/// A word in both languages.
fn in_words(key: &str) -> Bilingual {
    let word = |language| Words::of(language).t(key);
    Bilingual::new(word(Language::Hindi), word(Language::English))
}

fn role_of(part: Part) -> Role {
    match part {
        Part::Citizen => Role::Citizen,
        Part::Guest => Role::Guest,
        Part::Officer => Role::Officer,
        Part::Desk => Role::Desk,
    }
}

impl Floor {
    /// A permitted hello on the page of a meeting.
    pub(super) fn enter_meeting(
        &mut self,
        socket: SocketId,
        (actor, entry): (Actor, MeetingEntry),
        now: Timestamp,
    ) {
        if entry.ended {
            return self.turn_away(socket, ServerMessage::MeetingEnded {});
        }
        let attended = self.meetings.values().filter(|live| !live.gathering.is_deserted()).count();
        if !self.meetings.contains_key(&entry.meeting) && attended >= self.bounds.meetings_max {
            return self.refuse(socket, ErrorCode::Overloaded);
        }
        let places_max = self.bounds.places_max;
        let live = self
            .meetings
            .entry(entry.meeting.clone())
            .or_insert_with(|| LiveMeeting::new(&entry, places_max));
        live.gathering.restore(entry.claim.iter().cloned().collect());
        live.talk.recall(entry.lines.clone());
        if entry.sealed {
            live.gathering.recall_sealed();
        }
        match live.gathering.enter(entry.guest.clone(), self.bounds.hours, now) {
            Err(EnterError::Denied) => self.turn_away(socket, ServerMessage::Denied {}),
            Err(EnterError::Ended) => self.turn_away(socket, ServerMessage::MeetingEnded {}),
            Err(EnterError::TooEarly) => self.refuse(socket, ErrorCode::TooEarly),
            Err(EnterError::TooLate) => self.refuse(socket, ErrorCode::TooLate),
            Err(EnterError::Full) => self.refuse(socket, ErrorCode::MeetingFull),
            Err(EnterError::Locked) => self.refuse(socket, ErrorCode::MeetingLocked),
            Ok(entered) => {
                let meeting = entry.meeting.clone();
                self.sit_down((socket, meeting.clone(), entered.who), (actor, entry), now);
                self.apply(&meeting, (socket, entered.effects), now);
            }
        }
    }

    /// Says one last thing to a socket that was never welcomed, and closes.
    fn turn_away(&mut self, socket: SocketId, message: ServerMessage) {
        self.say(socket, message);
        self.close(socket, None);
    }

    fn sit_down(
        &mut self,
        (socket, meeting, who): At,
        (actor, entry): (Actor, MeetingEntry),
        now: Timestamp,
    ) {
        let name = entry.name.clone();
        let people: Vec<String> = entry.people.iter().map(|one| one.as_str().to_owned()).collect();
        let object = Object::Meeting { appointment: entry.appointment.clone(), post: entry.post.clone() };
        let entry = Entry { actor, place: EntryPlace::Meeting(Box::new(entry)) };
        let resume = Resume::of(&entry, self.bounds.hours.after, now);
        let spot = Spot::Meeting(meeting.clone(), who);
        let connected = self.transports.is_up(&spot);
        let live = self.meetings.get_mut(&meeting).expect("the meeting was just entered");
        live.deserted_since = None;
        let place = live.gathering.place(who).expect("the place was just given");
        let (part, visit) = (place.guest.role(), place.visit);
        if visit.is_inside() && part.has_media() {
            live.presences.of(place.guest.clone()).come_in(now);
        }
        let fresh = Member {
            socket: None,
            name: name.clone(),
            people: Vec::new(),
            lost_at: None,
            is_shut: false,
            microphone: false,
            camera: false,
            is_called_back: false,
            told: Told::default(),
        };
        let member = live.members.entry(who).or_insert(fresh);
        let older = member.socket.replace(socket);
        member.is_shut = false;
        (member.lost_at, member.told, member.name) = (None, Told::default(), name.clone());
        // A token knows no people: whoever comes back by one keeps those he came with.
        if !people.is_empty() {
            member.people = people;
        }
        let is_called_back = member.is_called_back;
        let info = live.info();
        let token = self.token(resume.as_ref().map(|resume| resume.standing(visit, now)).as_ref());
        self.sockets.insert(socket, Socket { actor: entry.actor, object, spot: spot.clone(), resume });
        if let Some(older) = older {
            self.sockets.remove(&older);
            self.close(older, Some(ErrorCode::Replaced));
        }
        self.say(
            socket,
            ServerMessage::Welcome {
                participant: wire(&who.to_string()),
                role: role_of(part),
                title: title(&name),
                meeting: Some(info),
                limits: told_limits(),
                connected,
                resume: token,
            },
        );
        if part.waits() && visit.is_inside() {
            self.say(socket, ServerMessage::Admitted { resume: None });
        }
        if is_called_back {
            self.say(socket, ServerMessage::CalledBack {});
        }
        self.tell_slots(socket, &spot);
        self.note_called_away(&meeting, who, now);
        self.tell_call_waiting(&meeting, who);
        self.changed.insert(meeting);
    }

    /// A message on the page of a meeting that the policy allows.
    pub(super) fn hear_in_meeting(
        &mut self,
        (socket, meeting, who): At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        match message {
            ClientMessage::Connect { sdp } => {
                self.has_media(&meeting, who)?;
                self.ask_transport(socket, Spot::Meeting(meeting, who), sdp);
            }
            ClientMessage::RestartIce { ufrag } => {
                self.has_media(&meeting, who)?;
                self.restart_ice(socket, Spot::Meeting(meeting, who), ufrag)?;
            }
            ClientMessage::Admit { participant } => self.admit((socket, meeting, who), &participant, now)?,
            ClientMessage::Deny { participant } => self.deny((socket, meeting, who), &participant, now)?,
            ClientMessage::CallBack { participant } => {
                self.call_back((socket, meeting, who), &participant, now)?;
            }
            ClientMessage::EndMeeting {} => {
                let effects = self.live(&meeting)?.gathering.end(who, now).map_err(code_of)?;
                self.apply(&meeting, (socket, effects), now);
            }
            ClientMessage::Record { on: true, reason } => {
                self.record_meeting((socket, meeting, who), reason, now)?;
            }
            ClientMessage::Record { on: false, .. } => self.end_recording(&meeting, End::SwitchedOff),
            ClientMessage::RecordConsent { agrees } => {
                let answer = if agrees { RecordAnswer::Agreed } else { RecordAnswer::Refused };
                self.answer_recording((socket, meeting, who), answer, now)?;
            }
            ClientMessage::Leave {} => {
                self.close(socket, None);
                let by = self.by(socket);
                self.depart((&meeting, who), (Departure::Left, by), now);
                self.sockets.remove(&socket);
            }
            ClientMessage::SetTracks { microphone, camera } => {
                self.tracks_set((socket, meeting, who), (microphone, camera), now)?;
            }
            ClientMessage::Write { .. }
            | ClientMessage::RaiseHand { .. }
            | ClientMessage::LowerHand { .. }
            | ClientMessage::Silence { .. }
            | ClientMessage::AllowScreen { .. }
            | ClientMessage::ShareScreen { .. }
            | ClientMessage::ComeBack {}
            | ClientMessage::LockDoor { .. } => {
                self.hear_conduct((socket, meeting, who), message, now)?;
            }
            ClientMessage::SealMeeting {} => self.seal_meeting((socket, meeting, who), now)?,
            ClientMessage::Seal { participant, note } => {
                self.pass_on((&meeting, who), (&participant, note))?;
            }
            ClientMessage::SetViews { views } => self.set_views(&Spot::Meeting(meeting, who), views),
            ClientMessage::Quality(seen) => self.page_saw(&Spot::Meeting(meeting, who), seen, now),
            ClientMessage::Ping { n } => self.say(socket, ServerMessage::Pong { n }),
            _ => return Err(ErrorCode::OutOfTurn),
        }
        Ok(())
    }

    fn has_media(&self, meeting: &MeetingId, who: ParticipantId) -> Result<(), ErrorCode> {
        let guest = self.meetings.get(meeting).and_then(|live| live.guest(who));
        if guest.is_some_and(|g| g.role().has_media()) { Ok(()) } else { Err(ErrorCode::NotAllowed) }
    }

    fn live(&mut self, meeting: &MeetingId) -> Result<&mut LiveMeeting, ErrorCode> {
        self.meetings.get_mut(meeting).ok_or(ErrorCode::UnknownMeeting)
    }

    fn admit(&mut self, (socket, meeting, by): At, whom: &Id, now: Timestamp) -> Result<(), ErrorCode> {
        let whom = ParticipantId::parse(whom.as_str()).ok_or(ErrorCode::UnknownParticipant)?;
        let live = self.live(&meeting)?;
        let effects = live.gathering.admit(by, whom, now).map_err(code_of)?;
        let called = live.members.get(&whom).and_then(|m| m.socket);
        let visit = live.gathering.place(whom).map(|place| place.visit).filter(|visit| visit.is_inside());
        if let Some((called, visit)) = called.zip(visit) {
            let resume = self.sockets.get(&called).and_then(|socket| socket.resume.as_ref());
            let resume = self.token(resume.map(|resume| resume.standing(visit, now)).as_ref());
            self.say(called, ServerMessage::Admitted { resume });
        }
        self.apply(&meeting, (socket, effects), now);
        Ok(())
    }

    fn deny(&mut self, (socket, meeting, by): At, whom: &Id, now: Timestamp) -> Result<(), ErrorCode> {
        let whom = ParticipantId::parse(whom.as_str()).ok_or(ErrorCode::UnknownParticipant)?;
        let live = self.live(&meeting)?;
        let effects = live.gathering.deny(by, whom).map_err(code_of)?;
        self.send_away(&meeting, whom);
        self.apply(&meeting, (socket, effects), now);
        Ok(())
    }

    /// An invitation was taken back: whoever waits by it is sent away.
    pub(super) fn uninvited(&mut self, (meeting, guest): (&MeetingId, &Guest), by: &By, now: Timestamp) {
        let Some(live) = self.meetings.get_mut(meeting) else { return };
        let Some((who, effects)) = live.gathering.uninvite(guest) else { return };
        self.send_away(meeting, who);
        self.apply_by(meeting, (by, effects), now);
    }

    /// The page of somebody who is sent away is told so, and has nothing more here.
    fn send_away(&mut self, meeting: &MeetingId, whom: ParticipantId) {
        let member = self.meetings.get_mut(meeting).and_then(|live| live.members.get_mut(&whom));
        if let Some(sent) = member.and_then(|member| member.socket.take()) {
            self.sockets.remove(&sent);
            self.turn_away(sent, ServerMessage::Denied {});
        }
        self.drop_transport(&Spot::Meeting(meeting.clone(), whom));
    }

    /// Writes the rules' effects down and remembers whom to tell.
    pub(super) fn apply(
        &mut self,
        meeting: &MeetingId,
        (socket, effects): (SocketId, Vec<Effect>),
        now: Timestamp,
    ) {
        let by = self.by(socket);
        self.apply_by(meeting, (&by, effects), now);
    }

    fn apply_by(&mut self, meeting: &MeetingId, (by, effects): (&By, Vec<Effect>), now: Timestamp) {
        self.changed.insert(meeting.clone());
        // Everybody goes out when it ends; the recording ends with it and not with one of them.
        if effects.iter().any(|effect| matches!(effect, Effect::Ended { .. })) {
            self.end_recording(meeting, End::MeetingEnded);
        }
        for effect in effects {
            self.apply_one(meeting, (by, effect), now);
        }
    }

    fn apply_one(&mut self, meeting: &MeetingId, (by, effect): (&By, Effect), now: Timestamp) {
        self.note_presence(meeting, &effect, now);
        if let Effect::WentOut(who, _) = &effect {
            self.recorded_went_out(meeting, *who);
        }
        let Some(live) = self.meetings.get(meeting) else { return };
        let guest = |who| live.guest(who);
        let at = meeting.clone();
        let lapse = match effect {
            Effect::Denied { who, .. } | Effect::Uninvited(who) => {
                guest(who).map(|guest| Lapse::Guest(at.clone(), guest))
            }
            Effect::Ended { .. } => Some(Lapse::Meeting(at.clone())),
            _ => None,
        };
        let until = last_token(live.gathering.times().1 + self.bounds.hours.after, now);
        let act = match effect {
            Effect::Admitted { who, .. } => guest(who).map(|guest| Act::Admitted { meeting: at, guest }),
            Effect::Denied { who, .. } | Effect::Uninvited(who) => {
                guest(who).map(|guest| Act::Denied { meeting: at, guest })
            }
            Effect::CameIn(who) => guest(who).map(|guest| Act::CameIn { meeting: at, guest }),
            Effect::WentOut(who, why) => guest(who).map(|guest| Act::WentOut { meeting: at, guest, why }),
            Effect::Ended { .. } => {
                self.send_home(meeting);
                self.dismiss_all(meeting, Dismissed::MeetingEnded, now);
                Some(Act::Ended { meeting: at })
            }
            Effect::Arrived(who) => guest(who)
                .filter(|guest| guest.role() == Part::Citizen) // who is asked in has no number in the queue
                .map(|guest| Act::Waits { meeting: at, guest }),
            Effect::Conducted { who, deed, .. } => {
                if deed == Deed::Silenced
                    && let Some(socket) = live.members.get(&who).and_then(|member| member.socket)
                {
                    self.say(socket, ServerMessage::Silenced {});
                }
                let live = self.meetings.get(meeting);
                live.and_then(|live| live.guest(who)).map(|guest| Act::Conducted { meeting: at, guest, deed })
            }
            Effect::LeftLobby(_) | Effect::AtTheDoor(_) => None,
        };
        if let Some(lapse) = lapse {
            self.put(Output::Lapse(lapse, until));
        }
        if let Some(act) = act {
            self.record(by.clone(), act, now);
        }
    }

    /// Coming and going for the record of who was present.
    fn note_presence(&mut self, meeting: &MeetingId, effect: &Effect, now: Timestamp) {
        let Some(live) = self.meetings.get_mut(meeting) else { return };
        let of = |live: &LiveMeeting, who| live.guest(who);
        match effect {
            Effect::CameIn(who) => {
                if let Some(guest) = of(live, *who) {
                    live.presences.of(guest).come_in(now);
                }
            }
            Effect::WentOut(who, why) => {
                if let Some(guest) = of(live, *who) {
                    live.presences.of(guest).go_out(*why, now);
                }
                self.write_presence(meeting, now);
            }
            Effect::Ended { .. } => self.write_presence(meeting, now),
            _ => {}
        }
    }

    /// The meeting has ended: everybody is told, and every transport is given up.
    fn send_home(&mut self, meeting: &MeetingId) {
        let Some(live) = self.meetings.get_mut(meeting) else { return };
        let members: Vec<(ParticipantId, Option<SocketId>)> =
            live.members.iter_mut().map(|(who, m)| (*who, m.socket.take())).collect();
        for (who, socket) in members {
            self.drop_transport(&Spot::Meeting(meeting.clone(), who));
            if let Some(socket) = socket {
                self.sockets.remove(&socket);
                self.turn_away(socket, ServerMessage::MeetingEnded {});
            }
        }
    }

    /// A socket is gone, or the transport of a place whose socket was gone before. While the transport lives the
    /// place stays as it is for a moment: a lost socket alone does not touch a running talk.
    pub(super) fn member_lost_socket(&mut self, (meeting, who): (&MeetingId, ParticipantId), now: Timestamp) {
        let has_transport = self.transports.is_up(&Spot::Meeting(meeting.clone(), who));
        let Some(member) = self.meetings.get_mut(meeting).and_then(|live| live.members.get_mut(&who)) else {
            return;
        };
        member.socket = None;
        if has_transport {
            member.lost_at = member.lost_at.or(Some(now));
        } else {
            let why = member.parting();
            self.depart((meeting, who), (why, By::House), now);
        }
    }

    fn depart(
        &mut self,
        (meeting, who): (&MeetingId, ParticipantId),
        (why, by): (Departure, By),
        now: Timestamp,
    ) {
        let Some(live) = self.meetings.get_mut(meeting) else { return };
        if let Some(member) = live.members.get_mut(&who) {
            (member.socket, member.lost_at, member.is_shut) = (None, None, false);
            (member.microphone, member.camera) = (false, false);
        }
        let effects = live.gathering.depart(who, why, now).unwrap_or_default();
        self.drop_transport(&Spot::Meeting(meeting.clone(), who));
        self.changed.insert(meeting.clone());
        for effect in effects {
            self.apply_one(meeting, (&by, effect), now);
        }
    }

    /// Time passes over the meetings.
    pub(super) fn tick_meetings(&mut self, now: Timestamp) {
        let grace = span(limits::CALL_RETURN_WINDOW);
        let mut gone: Vec<(MeetingId, ParticipantId, Departure)> = Vec::new();
        for (id, live) in &self.meetings {
            let late = |m: &Member| m.lost_at.is_some_and(|at| now.duration_since(at) >= grace);
            let members = live.members.iter().filter(|(_, m)| late(m));
            gone.extend(members.map(|(who, m)| (id.clone(), *who, m.parting())));
        }
        for (meeting, who, why) in gone {
            self.depart((&meeting, who), (why, By::House), now);
        }
        let window = span(limits::MEETING_RETURN_WINDOW);
        let closes_after = self.bounds.hours.after;
        self.meetings.retain(|_, live| {
            live.gathering.forget(now);
            live.members.retain(|who, _| live.gathering.place(*who).is_some());
            if !live.gathering.is_deserted() {
                live.deserted_since = None;
                return true;
            }
            // Who was sent away stays so, and what ended stays ended, also for a token while the database is away.
            let is_final = live.gathering.is_ended()
                || live.gathering.places().any(|place| place.visit == Visit::Denied);
            let is_past = now.duration_since(live.gathering.times().1) > closes_after;
            let is_long = now.duration_since(*live.deserted_since.get_or_insert(now)) > window;
            !is_long || (is_final && !is_past)
        });
    }

    /// Tells every socket of a changed meeting what is new to it.
    pub(super) fn tell_meetings(&mut self, now: Timestamp) {
        for meeting in std::mem::take(&mut self.changed) {
            self.tell_sealed(&meeting, now);
            let outside = self.outside.cards(&meeting);
            let Some(outlook) = self.outlook(&meeting) else { continue };
            let Some(live) = self.meetings.get_mut(&meeting) else { continue };
            live.outside = outside;
            let news = live.news(&outlook);
            for (socket, message) in news {
                self.say(socket, message);
            }
        }
    }

    /// The posts that are inside a meeting now.
    pub(super) fn posts_in_meetings(&self) -> Vec<PostId> {
        let officer = |guest: Option<Guest>| match guest {
            Some(Guest::Officer(post)) => Some(post),
            _ => None,
        };
        let inside = |live: &LiveMeeting| -> Vec<PostId> {
            live.gathering.inside().into_iter().filter_map(|who| officer(live.guest(who))).collect()
        };
        self.meetings.values().flat_map(inside).collect()
    }
}

impl LiveMeeting {
    /// Messages for those who have not been told the present state yet.
    fn news(&mut self, outlook: &Outlook) -> Vec<(SocketId, ServerMessage)> {
        let lobby = ServerMessage::Lobby { waiting: self.waiting(outlook), first: outlook.first() };
        let participants = self.participants();
        let faint = self.faint.clone();
        let order: Vec<ParticipantId> = self.gathering.lobby().into_iter().map(|(who, _)| who).collect();
        let in_line = |who| order.iter().position(|p| *p == who).and_then(|n| u32::try_from(n + 1).ok());
        let turns: BTreeMap<ParticipantId, ServerMessage> =
            order.iter().map(|who| (*who, outlook.waiting(self, in_line(*who).unwrap_or(1)))).collect();
        let mut news = self.news_of_talk();
        for (who, member) in &mut self.members {
            let (Some(socket), Some(place)) = (member.socket, self.gathering.place(*who)) else { continue };
            let (part, told) = (place.guest.role(), &mut member.told);
            if let Some(turn) = turns.get(who) {
                if told.waiting.as_ref() != Some(turn) {
                    told.waiting = Some(turn.clone());
                    news.push((socket, turn.clone()));
                }
                continue;
            }
            if part.keeps_the_door() && told.lobby.as_ref() != Some(&lobby) {
                told.lobby = Some(lobby.clone());
                news.push((socket, lobby.clone()));
            }
            if part == Part::Officer && told.faint != faint {
                told.faint.clone_from(&faint);
                news.push((socket, ServerMessage::Faint { lines: faint.clone() }));
            }
            if place.visit.is_inside() && told.participants.as_ref() != Some(&participants) {
                told.participants = Some(participants.clone());
                news.push((socket, ServerMessage::Participants { participants: participants.clone() }));
            }
        }
        news
    }
}

impl LiveMeeting {
    /// The conduct and the lines for those inside, and the desk, who have not been told them yet.
    fn news_of_talk(&mut self) -> Vec<(SocketId, ServerMessage)> {
        let mut news = Vec::new();
        for who in self.members.keys().copied().collect::<Vec<ParticipantId>>() {
            let is_inside = self.gathering.place(who).is_some_and(|place| place.visit.is_inside());
            let Some(member) = self.members.get(&who).filter(|_| is_inside) else { continue };
            let Some(socket) = member.socket else { continue };
            let conduct = self.conduct(who);
            let (lines, known) = self.lines(who, member.told.lines);
            let Some(member) = self.members.get_mut(&who) else { continue };
            member.told.lines = known;
            if member.told.conduct.as_ref() != Some(&conduct) {
                member.told.conduct = Some(conduct.clone());
                news.push((socket, conduct));
            }
            news.extend(lines.into_iter().map(|lines| (socket, lines)));
        }
        news
    }
}

pub(super) fn code_of(error: MoveError) -> ErrorCode {
    match error {
        MoveError::Unknown => ErrorCode::UnknownParticipant,
        MoveError::NotAllowed => ErrorCode::NotAllowed,
        MoveError::Ended => ErrorCode::UnknownMeeting,
        MoveError::NoChair => ErrorCode::ChairAbsent,
        MoveError::Taken => ErrorCode::ScreenTaken,
    }
}
