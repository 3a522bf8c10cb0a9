//! An officer who takes a call of the hotline in the middle of a meeting: nothing of the one is seen or heard in the other,
//! those who wait for him are told, and he comes back by a word of his own.
//!
//! Away is the person, at whichever of his posts he talks.

use std::collections::BTreeSet;

use domain::hotline::Part;
use domain::id::{MeetingId, PersonId, PostId};
use domain::meeting::{Deed, Departure, Guest, ParticipantId};
use jiff::Timestamp;
use signaling::value::Peer;
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, Spot};
use super::meetings::LiveMeeting;
use super::turn::{Act, SocketId};
use crate::audit::By;

impl Floor {
    /// The meetings in which somebody of this seat is learn that he is rung, and that he is away.
    pub(super) fn tell_meetings_of(&mut self, post: &PostId, now: Timestamp) {
        let talking: Vec<PersonId> = self
            .calls
            .of(post)
            .flat_map(|(call, _)| call.consents(post))
            .map(|c| c.place().person.clone())
            .collect();
        for (meeting, who) in self.all_inside_meetings() {
            let person = self.person_at(&meeting, who);
            let is_away = person.as_ref().is_some_and(|person| talking.contains(person));
            let is_rung = self.is_officer_of(&meeting, who, post);
            if is_away {
                self.note_called_away(&meeting, who, now);
            }
            if is_rung {
                self.tell_call_waiting(&meeting, who);
            }
            if is_away || is_rung {
                self.changed.insert(meeting);
            }
        }
    }

    /// Tells an officer in a meeting who rings his seat, or that nobody does.
    pub(super) fn tell_call_waiting(&mut self, meeting: &MeetingId, who: ParticipantId) {
        let Some(Guest::Officer(post)) = self.meetings.get(meeting).and_then(|live| live.guest(who)) else {
            return;
        };
        let Some(socket) = self.socket_at(&Spot::Meeting(meeting.clone(), who)) else { return };
        let rings = self.calls.of(&post).find_map(|(_, part)| match part {
            Part::Rung(ring) => Some(ring.by.clone()),
            _ => None,
        });
        let caller: Option<Peer> = rings.map(|by| self.peer(&by));
        self.say(socket, ServerMessage::CallWaiting { caller });
    }

    /// Whoever was called away says that he is back: by this alone he is seen and heard again. A refusal stands in the audit
    /// chain, as that of everything that is said of calls.
    pub(super) fn come_back(
        &mut self,
        socket: SocketId,
        (meeting, who): (&MeetingId, ParticipantId),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let back = self.is_back((meeting, who), now);
        let guest = self.meetings.get(meeting).and_then(|live| live.guest(who));
        if let (Err(code), Some(Guest::Officer(post))) = (back, guest) {
            self.refuse_call((socket, post), ("come_back", code), now);
        }
        back
    }

    fn is_back(
        &mut self,
        (meeting, who): (&MeetingId, ParticipantId),
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let talks = self.talks(meeting, who);
        let live = self.meetings.get_mut(meeting).ok_or(ErrorCode::UnknownMeeting)?;
        if !live.gathering.inside().contains(&who) {
            return Err(ErrorCode::NotAllowed);
        }
        if talks {
            return Err(ErrorCode::InCallAlready);
        }
        if live.called_away.remove(&who)
            && let Some(guest) = live.guest(who)
        {
            live.presences.of(guest.clone()).come_in(now);
            self.note_deed(meeting, (who, guest, Deed::CameBack), now);
        }
        self.changed.insert(meeting.clone());
        Ok(())
    }

    /// Whoever is in a call is away from this meeting, also when he comes to it by another socket: he is not present in it, and
    /// his going is a line of its own chain.
    pub(super) fn note_called_away(&mut self, meeting: &MeetingId, who: ParticipantId, now: Timestamp) {
        let talks = self.talks(meeting, who);
        let Some(live) = self.meetings.get_mut(meeting).filter(|_| talks) else { return };
        let Some(guest) = live.guest(who) else { return };
        live.presences.of(guest.clone()).go_out(Departure::Left, now);
        if live.called_away.insert(who) {
            self.note_deed(meeting, (who, guest, Deed::CalledAway), now);
        }
    }

    fn note_deed(
        &mut self,
        meeting: &MeetingId,
        (who, guest, deed): (ParticipantId, Guest, Deed),
        now: Timestamp,
    ) {
        let socket = self.socket_at(&Spot::Meeting(meeting.clone(), who));
        let by = socket.map_or(By::House, |socket| self.by(socket));
        self.record(by, Act::Conducted { meeting: meeting.clone(), guest, deed }, now);
    }

    /// The persons who are inside meetings now.
    pub(super) fn persons_in_meetings(&self) -> BTreeSet<PersonId> {
        let all = self.all_inside_meetings();
        all.into_iter().filter_map(|(meeting, who)| self.person_at(&meeting, who)).collect()
    }

    fn talks(&self, meeting: &MeetingId, who: ParticipantId) -> bool {
        self.person_at(meeting, who).is_some_and(|person| self.calls.talks(&person))
    }

    fn is_officer_of(&self, meeting: &MeetingId, who: ParticipantId, post: &PostId) -> bool {
        let guest = self.meetings.get(meeting).and_then(|live| live.guest(who));
        matches!(guest, Some(Guest::Officer(of)) if of == *post)
    }

    /// The officer who sits there; nobody while his socket is away, and for guests.
    fn person_at(&self, meeting: &MeetingId, who: ParticipantId) -> Option<PersonId> {
        let socket = self.socket_at(&Spot::Meeting(meeting.clone(), who))?;
        Some(self.sockets.get(&socket)?.actor.staff()?.person.clone())
    }

    fn all_inside_meetings(&self) -> Vec<(MeetingId, ParticipantId)> {
        let inside = |(id, live): (&MeetingId, &LiveMeeting)| -> Vec<(MeetingId, ParticipantId)> {
            live.gathering.inside().into_iter().map(|who| (id.clone(), who)).collect()
        };
        self.meetings.iter().flat_map(inside).collect()
    }
}
