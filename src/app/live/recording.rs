//! Recordings of meetings: who switched one on, who was asked and how he answered, and so whose packets are copied.
//!
//! Pure, like the rest of the floor. Only `move_taps` lets anything be recorded: of those who are inside and have agreed.
//! Nothing here knows of the disk; what becomes of a recording is told as an input.

use std::collections::BTreeMap;

use ::recording::{End, Facts, Note, Report};
use domain::id::{MeetingId, RecordingId};
use domain::meeting::{ParticipantId, Role as Part};
use jiff::Timestamp;
use media::PeerId;
use signaling::value::{RecordAnswer, RecordEnd, RecordReason, Recording as State, Title};
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, Spot, title, wire};
use super::meetings::At;
use super::turn::{Act, Output, SocketId};
use crate::audit::By;
use crate::auth::policy::Object;

/// One that runs.
#[derive(Debug)]
struct Running {
    id: RecordingId,
    reason: RecordReason,
    officer: ParticipantId,
    by: By,
    title: Title,
    /// How each participant answered last.
    answers: BTreeMap<ParticipantId, bool>,
}

/// All recordings of this server.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    running: BTreeMap<MeetingId, Running>,
    /// Those that were told to end and have not said yet that they have.
    closing: BTreeMap<RecordingId, (MeetingId, By)>,
    /// Why the last one of a meeting is over, for those who are still inside.
    ended: BTreeMap<MeetingId, RecordEnd>,
    /// Whose packets are copied, and for which recording.
    tapped: BTreeMap<PeerId, RecordingId>,
    /// What each socket was told last.
    told: BTreeMap<SocketId, State>,
}

impl Recordings {
    fn meeting_of(&self, id: &RecordingId) -> Option<MeetingId> {
        let found = self.running.iter().find(|(_, running)| running.id == *id);
        found.map(|(meeting, _)| meeting.clone())
    }
}

impl Floor {
    /// The officer switches the recording of a meeting on.
    pub(super) fn record_meeting(
        &mut self,
        (socket, meeting, who): At,
        reason: Option<RecordReason>,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        self.may_be_recorded(&meeting)?;
        let reason = reason.ok_or(ErrorCode::CannotRecord)?;
        if self.recordings.running.contains_key(&meeting) {
            return Ok(());
        }
        if self.recordings.running.len() + self.recordings.closing.len() >= self.bounds.recordings_max {
            return Err(ErrorCode::Overloaded);
        }
        let Some(Object::Meeting { post, .. }) =
            self.sockets.get(&socket).map(|socket| socket.object.clone())
        else {
            return Err(ErrorCode::OutOfTurn);
        };
        let name = self
            .meetings
            .get(&meeting)
            .and_then(|live| live.name_of(who))
            .ok_or(ErrorCode::UnknownMeeting)?;
        let (id, by) = (RecordingId::fresh(now, self.random.bytes()), self.by(socket));
        let of_post = self.meetings[&meeting].called();
        let facts = Facts {
            recording: id.to_string(),
            meeting: meeting.to_string(),
            post: post.to_string(),
            title: ::recording::Title { hi: of_post.hi.clone(), en: of_post.en.clone() },
            reason: reason.as_str().to_owned(),
        };
        self.put(Output::BeginRecording(id.clone(), Box::new(facts)));
        let running = Running { id, reason, officer: who, by, title: title(&name), answers: BTreeMap::new() };
        self.recordings.ended.remove(&meeting);
        self.recordings.running.insert(meeting.clone(), running);
        // Whoever switches it on has agreed by that.
        self.answer_recording((socket, meeting, who), RecordAnswer::Agreed, now)
    }

    /// Whether a meeting can be recorded at all. A meeting whose keys the server does not have is refused here.
    fn may_be_recorded(&self, meeting: &MeetingId) -> Result<(), ErrorCode> {
        let is_offered = self.bounds.recordings_max > 0;
        let is_open = self.meetings.get(meeting).is_some_and(|live| !live.gathering.is_sealed());
        if is_offered && is_open { Ok(()) } else { Err(ErrorCode::CannotRecord) }
    }

    /// A participant says whether he may be recorded.
    pub(super) fn answer_recording(
        &mut self,
        (socket, meeting, who): At,
        answer: RecordAnswer,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let live = self.meetings.get(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let place = live.gathering.place(who).filter(|place| place.visit.is_inside());
        let guest = place.map(|place| place.guest.clone()).ok_or(ErrorCode::OutOfTurn)?;
        let running = self.recordings.running.get_mut(&meeting).ok_or(ErrorCode::OutOfTurn)?;
        let agrees = answer == RecordAnswer::Agreed;
        if running.answers.insert(who, agrees) == Some(agrees) {
            return Ok(());
        }
        let (id, participant) = (running.id.clone(), who.to_string());
        self.changed.insert(meeting.clone());
        self.put(Output::TellRecorder(id.clone(), Note::Answered { participant, agrees }));
        let act = Act::AnsweredRecording { meeting, recording: id, guest, agrees };
        self.record(self.by(socket), act, now);
        Ok(())
    }

    /// Ends the recording of a meeting, if one runs.
    pub(super) fn end_recording(&mut self, meeting: &MeetingId, why: End) {
        let Some(running) = self.recordings.running.remove(meeting) else { return };
        self.put(Output::TellRecorder(running.id.clone(), Note::End(why)));
        self.recording_is_over(meeting, running, why);
    }

    fn recording_is_over(&mut self, meeting: &MeetingId, running: Running, why: End) {
        if let Some(told) = told_end(why) {
            self.recordings.ended.insert(meeting.clone(), told);
        }
        self.recordings.closing.insert(running.id, (meeting.clone(), running.by));
        self.changed.insert(meeting.clone());
    }

    /// Somebody went out: a recording runs only while the officer who switched it on is inside.
    pub(super) fn recorded_went_out(&mut self, meeting: &MeetingId, who: ParticipantId) {
        if self.recordings.running.get(meeting).is_some_and(|running| running.officer == who) {
            self.end_recording(meeting, End::OfficerLeft);
        }
    }

    /// The server stops.
    pub(super) fn end_recordings(&mut self) {
        let meetings: Vec<MeetingId> = self.recordings.running.keys().cloned().collect();
        meetings.iter().for_each(|meeting| self.end_recording(meeting, End::ServerStopped));
    }

    /// What became of a recording.
    pub(super) fn recorder_says(&mut self, id: RecordingId, report: Report, now: Timestamp) {
        match report {
            Report::Begun { head } => {
                let running = self.recordings.running.iter().find(|(_, running)| running.id == id);
                let running = running.map(|(meeting, running)| (meeting.clone(), running.by.clone()));
                let Some((meeting, by)) = running.or_else(|| self.recordings.closing.get(&id).cloned())
                else {
                    return;
                };
                self.record(by, Act::RecordingBegan { meeting, recording: id, head }, now);
            }
            Report::KeyframeNeeded { source, track } => {
                let peer = PeerId(source);
                if self.recordings.tapped.get(&peer) == Some(&id) {
                    self.put(Output::WantKeyframe(peer, track));
                }
            }
            Report::Ended { head, why } => {
                if let Some(meeting) = self.recordings.meeting_of(&id)
                    && let Some(running) = self.recordings.running.remove(&meeting)
                {
                    self.recording_is_over(&meeting, running, why);
                }
                let Some((meeting, by)) = self.recordings.closing.remove(&id) else { return };
                let by = if is_loss(why) { By::House } else { by };
                self.record(by, Act::RecordingEnded { meeting, recording: id, head, why }, now);
            }
        }
    }

    /// Copies the packets of those who are inside and have agreed, and of nobody else.
    ///
    /// * returns: what is to stop at once, and what begins when everybody has been told.
    pub(super) fn move_taps(&mut self) -> (Vec<Output>, Vec<Output>) {
        let mut wanted: BTreeMap<PeerId, (RecordingId, Note)> = BTreeMap::new();
        for (meeting, running) in &self.recordings.running {
            let Some(live) = self.meetings.get(meeting) else { continue };
            let agreed = |who: &ParticipantId| {
                running.answers.get(who) == Some(&true) && !live.called_away.contains(who)
            };
            for who in live.gathering.inside().into_iter().filter(agreed) {
                let peer = self.transports.peer(&Spot::Meeting(meeting.clone(), who));
                let joined = peer.and_then(|peer| Some((peer, live.joined(peer, who)?)));
                wanted.extend(joined.map(|(peer, note)| (peer, (running.id.clone(), note))));
            }
        }
        let tapped = &self.recordings.tapped;
        let is_wanted =
            |peer: &PeerId, id: &RecordingId| wanted.get(peer).is_some_and(|(other, _)| other == id);
        let untapped = tapped.iter().filter(|(peer, id)| !is_wanted(peer, id));
        let stop = untapped.map(|(peer, _)| Output::Untap(*peer)).collect();
        let mut begin = Vec::new();
        for (peer, (id, note)) in &wanted {
            if tapped.get(peer) != Some(id) {
                begin.push(Output::TellRecorder(id.clone(), note.clone()));
                begin.push(Output::Tap(*peer, id.clone()));
            }
        }
        self.recordings.tapped = wanted.into_iter().map(|(peer, (id, _))| (peer, id)).collect();
        (stop, begin)
    }

    /// Tells those inside the changed meetings whether they are recorded, if that is news to them.
    pub(super) fn tell_recordings(&mut self) {
        if self.bounds.recordings_max == 0 {
            return;
        }
        let sockets = &self.sockets;
        self.recordings.told.retain(|socket, _| sockets.contains_key(socket));
        let meetings = &self.meetings;
        self.recordings.ended.retain(|meeting, _| meetings.contains_key(meeting));
        let mut news = Vec::new();
        for (id, live) in self.changed.iter().filter_map(|id| Some((id, self.meetings.get(id)?))) {
            for who in live.gathering.inside() {
                let Some(socket) = live.members.get(&who).and_then(|member| member.socket) else { continue };
                let state = self.recording_state(id, who);
                let told = self.recordings.told.get(&socket);
                // Who was never told anything is not recorded, and need not be told that.
                if told != Some(&state) && (told.is_some() || state.on) {
                    news.push((socket, state));
                }
            }
        }
        for (socket, state) in news {
            self.recordings.told.insert(socket, state.clone());
            self.say(socket, ServerMessage::Recording(state));
        }
    }

    /// How the recording of a meeting stands, as this participant is told it.
    fn recording_state(&self, meeting: &MeetingId, who: ParticipantId) -> State {
        let ended = self.recordings.ended.get(meeting).copied();
        let off = State {
            on: false,
            reason: None,
            by: None,
            you: None,
            refused: Vec::new(),
            unanswered: Vec::new(),
            ended,
        };
        let (Some(running), Some(live)) = (self.recordings.running.get(meeting), self.meetings.get(meeting))
        else {
            return off;
        };
        let is_officer = live.guest(who).is_some_and(|guest| guest.role() == Part::Officer);
        let others = |answer: Option<bool>| {
            let inside = live.gathering.inside().into_iter().filter(|_| is_officer);
            let theirs = inside.filter(|who| running.answers.get(who).copied() == answer);
            theirs.map(|who| wire(&who.to_string())).collect()
        };
        let you = match running.answers.get(&who) {
            None => RecordAnswer::Asked,
            Some(true) => RecordAnswer::Agreed,
            Some(false) => RecordAnswer::Refused,
        };
        State {
            on: true,
            reason: Some(running.reason.clone()),
            by: Some(running.title.clone()),
            you: Some(you),
            refused: others(Some(false)),
            unanswered: others(None),
            ended: None,
        }
    }
}

/// Whether the disk ended it.
pub(super) const fn is_loss(why: End) -> bool {
    matches!(why, End::DiskFull | End::DiskSlow | End::DiskFailed)
}

/// Why it ended, as those who are still inside are told it.
const fn told_end(why: End) -> Option<RecordEnd> {
    match why {
        End::SwitchedOff => Some(RecordEnd::SwitchedOff),
        End::OfficerLeft => Some(RecordEnd::OfficerLeft),
        End::DiskFull => Some(RecordEnd::DiskFull),
        End::DiskSlow => Some(RecordEnd::DiskSlow),
        End::DiskFailed => Some(RecordEnd::DiskFailed),
        End::MeetingEnded | End::ServerStopped => None,
    }
}
