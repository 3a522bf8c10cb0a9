//! The conduct of live meetings: hands, silence, screens, the lock, and what is written.
//!
//! The rules are in `domain::meeting`; here they meet sockets. What may flow follows from them in `floor.rs`.

use domain::meeting::{self, Hand, Lock, ParticipantId, Screen};
use domain::text::Remark;
use jiff::Timestamp;
use signaling::limits::LINES_PER_FRAME;
use signaling::value::{Id, Line, LineKind, Written};
use signaling::{ClientMessage, ErrorCode, ServerMessage};

use super::floor::{Floor, Spot, title, wire};
use super::meetings::{At, LiveMeeting, code_of};
use super::turn::Act;
use media::Allowed;

impl Floor {
    /// A message about the conduct of a meeting that the policy allows.
    pub(super) fn hear_conduct(
        &mut self,
        (socket, meeting, who): At,
        message: ClientMessage,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let live = self.meetings.get_mut(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let gathering = &mut live.gathering;
        let screen = |on| if on { Screen::On } else { Screen::Off };
        let effects = match message {
            ClientMessage::Write { kind, text } => {
                return self.write((socket, meeting, who), (kind, &text), now);
            }
            ClientMessage::ComeBack {} => return self.come_back(socket, (&meeting, who), now),
            ClientMessage::RaiseHand { up } => {
                gathering.hand(who, if up { Hand::Up } else { Hand::Down }, now)
            }
            ClientMessage::LowerHand { participant } => gathering.lower_hand(who, known(&participant)?),
            ClientMessage::Silence { participant } => gathering.silence(who, known(&participant)?),
            ClientMessage::AllowScreen { participant, allowed } => {
                gathering.allow_screen(who, known(&participant)?, screen(allowed))
            }
            ClientMessage::ShareScreen { on } => gathering.share(who, screen(on)),
            ClientMessage::LockDoor { locked } => {
                gathering.lock(who, if locked { Lock::Locked } else { Lock::Open })
            }
            _ => return Err(ErrorCode::OutOfTurn),
        };
        self.apply(&meeting, (socket, effects.map_err(code_of)?), now);
        Ok(())
    }

    /// A page says which of its tracks are on.
    pub(super) fn tracks_set(
        &mut self,
        (socket, meeting, who): At,
        (microphone, camera): (bool, bool),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let live = self.meetings.get_mut(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        if let Some(member) = live.members.get_mut(&who) {
            (member.microphone, member.camera) = (microphone, camera);
        }
        let effects = if microphone {
            live.gathering.microphone_on(who)
        } else {
            live.gathering.microphone_off(who);
            Vec::new()
        };
        if microphone && live.gathering.is_silenced(who) {
            self.say(socket, ServerMessage::Silenced {});
        }
        self.apply(&meeting, (socket, effects), now);
        Ok(())
    }

    fn write(
        &mut self,
        (socket, meeting, who): At,
        (kind, text): (LineKind, &Written),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let text = Remark::parse(text.as_str()).map_err(|_| ErrorCode::TextRefused)?;
        let live = self.meetings.get_mut(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let place = live.gathering.place(who).filter(|place| place.visit.is_inside());
        let guest = place.map(|place| place.guest.clone()).ok_or(ErrorCode::NotAllowed)?;
        let named = live.members.get(&who).map(|member| member.name.clone()).unwrap_or_default();
        let kind = match kind {
            LineKind::Chat => meeting::LineKind::Chat,
            LineKind::Caption => meeting::LineKind::Caption,
        };
        let line = live.talk.write((guest, named), (kind, &text), now);
        self.changed.insert(meeting.clone());
        let by = self.by(socket);
        self.record(by, Act::Wrote { meeting, line: Box::new(line) }, now);
        Ok(())
    }

    /// What of somebody in a meeting may go to the others.
    pub(super) fn allowed(&self, spot: &Spot) -> Allowed {
        let Spot::Meeting(meeting, who) = spot else { return Allowed::default() };
        let Some(live) = self.meetings.get(meeting) else { return Allowed::default() };
        Allowed {
            voice: !live.gathering.is_silenced(*who),
            camera: true,
            screen: live.gathering.sharing() == Some(*who),
        }
    }
}

impl LiveMeeting {
    /// How the meeting is conducted, as one of those in it is told.
    pub(super) fn conduct(&self, who: ParticipantId) -> ServerMessage {
        ServerMessage::Conduct {
            locked: self.gathering.is_locked(),
            sharing: self.gathering.sharing().map(|who| wire(&who.to_string())),
            may_share: self.gathering.may_share(who),
        }
    }

    /// The lines that somebody has not been told, a frame after the other, and how many he knows then.
    pub(super) fn lines(&self, who: ParticipantId, known: u64) -> (Vec<ServerMessage>, u64) {
        let own = self.guest(who);
        let (fresh, count) = self.talk.since(known);
        let line = |line: &&meeting::Line| Line {
            at_ms: line.at.as_millisecond(),
            kind: match line.kind {
                meeting::LineKind::Chat => LineKind::Chat,
                meeting::LineKind::Caption => LineKind::Caption,
            },
            title: title(&line.title),
            own: own.as_ref() == Some(&line.by),
            text: line.text.clone(),
        };
        let frame =
            |lines: &[&meeting::Line]| ServerMessage::Lines { lines: lines.iter().map(line).collect() };
        (fresh.chunks(LINES_PER_FRAME).map(frame).collect(), count)
    }
}

fn known(participant: &Id) -> Result<ParticipantId, ErrorCode> {
    ParticipantId::parse(participant.as_str()).ok_or(ErrorCode::UnknownParticipant)
}
