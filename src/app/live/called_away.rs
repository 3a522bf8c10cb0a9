//! An officer who takes a call of the hotline in the middle of a meeting: nothing of the one is seen or heard in the other,
//! those who wait for him are told, and he comes back by a word of his own.

use domain::hotline::Part;
use domain::id::{MeetingId, PostId};
use domain::meeting::{Guest, ParticipantId};
use signaling::{ErrorCode, ServerMessage};

use super::floor::{Floor, Spot};
use super::meetings::LiveMeeting;

impl Floor {
    /// The meetings in which the officer of a seat is learn that he is called, and that he is away.
    pub(super) fn tell_meetings_of(&mut self, post: &PostId) {
        let rings = self.calls.of(post).find_map(|(_, part)| match part {
            Part::Rung(ring) => Some(ring.by.clone()),
            _ => None,
        });
        let caller = rings.map(|by| self.peer(&by));
        for (meeting, who) in self.officer_in_meetings(post) {
            if self.calls.inside(post).is_some() {
                self.is_called_away(&meeting, who);
            }
            if let Some(socket) = self.socket_at(&Spot::Meeting(meeting.clone(), who)) {
                self.say(socket, ServerMessage::CallWaiting { caller: caller.clone() });
            }
            self.changed.insert(meeting);
        }
    }

    /// The meetings in which the officer of this post is, as whom.
    fn officer_in_meetings(&self, post: &PostId) -> Vec<(MeetingId, ParticipantId)> {
        let is_officer = |guest: Option<Guest>| guest == Some(Guest::Officer(post.clone()));
        let find = |(id, live): (&MeetingId, &LiveMeeting)| {
            let who = live.gathering.inside().into_iter().find(|who| is_officer(live.guest(*who)))?;
            Some((id.clone(), who))
        };
        self.meetings.iter().filter_map(find).collect()
    }

    /// Whoever was called away says that he is back: by this alone he is seen and heard again.
    pub(super) fn come_back(&mut self, meeting: &MeetingId, who: ParticipantId) -> Result<(), ErrorCode> {
        let inside = self.meetings.get(meeting).map(|live| live.gathering.inside()).unwrap_or_default();
        if !inside.contains(&who) {
            return Err(ErrorCode::NotAllowed);
        }
        self.changed.insert(meeting.clone());
        if self.is_called_away(meeting, who) { Err(ErrorCode::InCallAlready) } else { Ok(()) }
    }

    /// Somebody acts in a meeting: away is whose seat is in a call, and nobody else.
    pub(super) fn is_called_away(&mut self, meeting: &MeetingId, who: ParticipantId) -> bool {
        let Some(live) = self.meetings.get_mut(meeting) else { return false };
        let is_away = match live.guest(who) {
            Some(Guest::Officer(post)) => self.calls.inside(&post).is_some(),
            _ => false,
        };
        if is_away {
            live.called_away.insert(who)
        } else {
            live.called_away.remove(&who)
        };
        is_away
    }
}
