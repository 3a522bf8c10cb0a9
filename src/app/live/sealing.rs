//! Confidential meetings and sealed calls: their keys are with the pages inside alone, and this server forwards what it cannot
//! read.
//!
//! A meeting or a call is made so once and for good. What the pages say to each other about keys is passed on unread, and
//! only from one who is inside to another who is.

use domain::hotline::{Change, Class, Device};
use domain::id::{CallId, MeetingId, PostId};
use domain::meeting::ParticipantId;
use jiff::Timestamp;
use recording::End;
use signaling::value::{Id, SealNote};
use signaling::{ErrorCode, ServerMessage};

use super::calls::{self, call_id, post_id};
use super::floor::{Floor, Spot, wire};
use super::meetings::{At, code_of};
use super::outside::End as Dismissed;
use super::seats;
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

/// Sealed calls of two seats.
impl Floor {
    /// The page at a device says that its browser can seal.
    pub(super) fn can_seal(&mut self, (_, post, device): &seats::At) -> Result<(), ErrorCode> {
        let seat = self.seats.get_mut(post).ok_or(ErrorCode::UnknownPost)?;
        seat.devices.entry(*device).or_default().seals = true;
        Ok(())
    }

    /// Can the page at this device seal, or at any? See [`domain::hotline::Office::seals`].
    pub(super) fn seals(&self, post: &PostId, device: Option<Device>) -> bool {
        let Some(seat) = self.seats.get(post) else { return false };
        let here = |(at, _): &(&Device, &seats::AtDevice)| device.is_none_or(|device| device == **at);
        let mut pages = seat.devices.iter().filter(|(_, at)| at.socket.is_some()).filter(here).peekable();
        let is_nobody_there = device.is_none() && pages.peek().is_none();
        is_nobody_there || pages.any(|(_, at)| at.seals)
    }

    /// Whoever comes into a sealed call comes with a page that can seal.
    pub(super) fn check_seals(&self, (_, post, device): &seats::At, call: &Id) -> Result<(), ErrorCode> {
        let call = self.calls.call(&call_id(call)?);
        // To a stranger there is no such call, sealed or not.
        let is_sealed = call.is_some_and(|call| call.class() == Class::Sealed && call.part(post).is_some());
        if is_sealed && !self.seals(post, Some(*device)) { Err(ErrorCode::CannotSeal) } else { Ok(()) }
    }

    /// Either of two makes their call sealed, for both and for good.
    pub(super) fn seal_call(&mut self, at: &seats::At, call: &Id) -> Result<Vec<Change>, ErrorCode> {
        let place = self.place(at).ok_or(ErrorCode::NotAllowed)?;
        let id: CallId = call_id(call)?;
        let is_inside = self.calls.call(&id).is_some_and(|call| call.part(&place.post).is_some());
        if is_inside && self.is_review(&id) {
            return Err(ErrorCode::CallPassed);
        }
        self.ask_office(|calls, office| calls.seal(&place, &id, office)).map_err(calls::code_of)
    }

    /// Passes on what one of the two of a sealed call says to the other about keys: from the device at which the one is in
    /// the call to that of the other, and nowhere else.
    pub(super) fn pass_on_in_call(
        &mut self,
        (_, post, device): &seats::At,
        (to, note): (&Id, SealNote),
    ) -> Result<(), ErrorCode> {
        let to = post_id(to).map_err(|_| ErrorCode::UnknownParticipant)?;
        let own = self.calls.inside(post).filter(|call| call.class() == Class::Sealed);
        let own = own.filter(|call| call.consent(post).is_some_and(|own| own.place().device == *device));
        let call = own.ok_or(ErrorCode::UnknownCall)?;
        let theirs = call.consent(&to).filter(|_| to != *post).map(|consent| consent.place().device);
        let spot = Spot::Seat(to, theirs.ok_or(ErrorCode::UnknownParticipant)?);
        let socket = self.socket_at(&spot).ok_or(ErrorCode::UnknownParticipant)?;
        self.say(socket, ServerMessage::Seal { participant: wire(post.as_str()), note });
        Ok(())
    }
}
