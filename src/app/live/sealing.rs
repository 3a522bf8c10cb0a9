//! Confidential meetings: their keys are with the pages inside alone, and this server forwards what it cannot read.
//!
//! A meeting is made confidential once and for good. What the pages say to each other about keys is passed on unread, and
//! only from one who is inside to another who is.

use domain::id::MeetingId;
use domain::meeting::ParticipantId;
use jiff::Timestamp;
use recording::End;
use signaling::value::{Id, SealNote};
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, wire};
use super::meetings::{At, code_of};
use super::outside::End as Dismissed;
use super::turn::SocketId;

impl Floor {
    /// The officer makes a meeting confidential: nothing of it is recorded from now on, and clients from outside, which have no
    /// keys, go.
    pub(super) fn seal_meeting(
        &mut self,
        (socket, meeting, who): At,
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let live = self.meetings.get_mut(&meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let effects = live.gathering.seal(who).map_err(code_of)?;
        self.end_recording(&meeting, End::SwitchedOff);
        self.dismiss_all(&meeting, Dismissed::MeetingSealed, now);
        self.apply(&meeting, (socket, effects), now);
        Ok(())
    }

    /// Passes on what one who is inside says to another about keys. Before the meeting is confidential as well: a server that
    /// was started again while the database is away may not know it yet.
    pub(super) fn pass_on(
        &mut self,
        (meeting, who): (&MeetingId, ParticipantId),
        (to, note): (&Id, SealNote),
    ) -> Result<(), ErrorCode> {
        let to = ParticipantId::parse(to.as_str()).ok_or(ErrorCode::UnknownParticipant)?;
        let live = self.meetings.get(meeting).ok_or(ErrorCode::UnknownMeeting)?;
        let has_keys = |who| {
            let place = live.gathering.place(who);
            place.is_some_and(|place| place.visit.is_inside() && place.guest.role().has_media())
        };
        if !has_keys(who) {
            return Err(ErrorCode::NotAllowed);
        }
        if !has_keys(to) || to == who {
            return Err(ErrorCode::UnknownParticipant);
        }
        let theirs = live.members.get(&to).and_then(|member| member.socket);
        let theirs = theirs.ok_or(ErrorCode::UnknownParticipant)?;
        self.say(theirs, ServerMessage::Seal { participant: wire(&who.to_string()), note });
        Ok(())
    }

    /// Tells each socket of a confidential meeting that it is so, once: those in the lobby as well, who send already.
    pub(super) fn tell_sealed(&mut self, meeting: &MeetingId, now: Timestamp) {
        let Some(live) = self.meetings.get_mut(meeting).filter(|live| live.gathering.is_sealed()) else {
            return;
        };
        let mut news: Vec<(SocketId, ParticipantId)> = Vec::new();
        for (who, member) in &mut live.members {
            let Some(socket) = member.socket.filter(|_| !member.told.is_sealed) else { continue };
            member.told.is_sealed = true;
            news.push((socket, *who));
        }
        for (socket, who) in news {
            let visit =
                self.meetings.get(meeting).and_then(|live| live.gathering.place(who)).map(|p| p.visit);
            let Some(known) = self.sockets.get_mut(&socket) else { continue };
            known.resume = known.resume.as_ref().map(crate::app::resume::Resume::of_sealed);
            let resume = known.resume.as_ref().zip(visit).map(|(resume, visit)| resume.standing(visit, now));
            let resume = self.token(resume.as_ref());
            self.say(socket, ServerMessage::Sealed { resume });
        }
    }
}
