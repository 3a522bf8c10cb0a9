//! The meeting as it happens: its places, the door and the end.
//!
//! Commands come in with the time, effects go out; the caller tells people and opens media. No place is ever handed
//! to another guest, and nobody is inside who was not admitted or does not hold the post.

use super::conduct::{Conduct, Deed};
use super::lobby::{Departure, Visit, VisitError};
use super::role::Role;
use crate::id::{AppointmentId, InviteId, MeetingId, PostId, UserId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;

/// Whose place it is. A second device of the same guest takes over the place, it never makes another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guest {
    /// The citizen of this appointment.
    Citizen(AppointmentId),
    /// Whoever holds this post now.
    Officer(PostId),
    /// This login at the post's desk.
    Desk(UserId),
    /// Whoever was asked in by this invitation: an interpreter, a helper, a hall.
    Invited(InviteId),
}

impl Guest {
    /// The role that the guest has.
    pub fn role(&self) -> Role {
        match self {
            Guest::Citizen(_) => Role::Citizen,
            Guest::Officer(_) => Role::Officer,
            Guest::Desk(_) => Role::Desk,
            Guest::Invited(_) => Role::Guest,
        }
    }
}

/// The name of a place in one meeting: `p1`, `p2`, … Without meaning outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParticipantId(u32);

impl ParticipantId {
    /// Reads `p1`.
    pub fn parse(text: &str) -> Option<ParticipantId> {
        let digits = text.strip_prefix('p')?;
        let fits = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !fits || digits.starts_with('0') {
            return None;
        }
        digits.parse().ok().map(ParticipantId)
    }
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

/// When the door is open, around the appointed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorHours {
    /// Before the start.
    pub before: SignedDuration,
    /// After the end.
    pub after: SignedDuration,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub id: ParticipantId,
    /// Whose it is.
    pub guest: Guest,
    /// Where the guest stands.
    pub visit: Visit,
}

/// What a command changed, for those who tell people, write rows and open media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Now waits in the lobby.
    Arrived(ParticipantId),
    /// Was let in by the other.
    Admitted {
        /// Who.
        who: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// Is inside from now on: media may flow.
    CameIn(ParticipantId),
    /// Is no longer inside: media stops.
    WentOut(ParticipantId, Departure),
    /// No longer waits.
    LeftLobby(ParticipantId),
    /// Was sent away by the other.
    Denied {
        /// Who.
        who: ParticipantId,
        /// By whom.
        by: ParticipantId,
    },
    /// The invitation by which somebody waits was taken back.
    Uninvited(ParticipantId),
    /// Something changed in the conduct of the meeting.
    Conducted {
        /// Whom it concerns.
        who: ParticipantId,
        /// Who did it.
        by: ParticipantId,
        /// What.
        deed: Deed,
    },
    /// The desk stands at the door.
    AtTheDoor(ParticipantId),
    /// Over for everybody.
    Ended {
        /// By whom.
        by: ParticipantId,
    },
}

/// Where an entry led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The place.
    pub who: ParticipantId,
    /// Had the place before.
    pub returned: bool,
    /// What changed.
    pub effects: Vec<Effect>,
}

/// Why nobody enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// The door is not open yet.
    #[error("the door is not open yet")]
    TooEarly,
    /// The time is over.
    #[error("the meeting's time is over")]
    TooLate,
    /// Was sent away.
    #[error("was sent away")]
    Denied,
    /// The officer ended it.
    #[error("the meeting has ended")]
    Ended,
    /// All places are taken.
    #[error("all places are taken")]
    Full,
    /// The door is locked.
    #[error("the door is locked")]
    Locked,
}

/// Why a command about a participant is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// Nobody of that name, or not where the command supposes.
    #[error("nobody of that name is there")]
    Unknown,
    /// The one who asks may not.
    #[error("this role may not do that")]
    NotAllowed,
    /// The meeting has ended.
    #[error("the meeting has ended")]
    Ended,
    /// Nobody is let in while the chair is not in the meeting.
    #[error("the chair is not in the meeting")]
    NoChair,
    /// Another shows a screen.
    #[error("another shows a screen")]
    Taken,
}

impl From<VisitError> for MoveError {
    fn from(_: VisitError) -> MoveError {
        MoveError::Unknown
    }
}

/// Why a meeting is not ended.
pub type EndError = MoveError;

/// A place that a record from before a restart still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returning {
    /// Whose.
    pub guest: Guest,
    /// Was admitted and may come straight in; otherwise was denied.
    pub visit: Visit,
}

/// A meeting as it happens. Invariants: one place a guest; at most `places_max` places;
/// after the end nobody is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering {
    meeting: MeetingId,
    starts: Timestamp,
    ends: Timestamp,
    window: SignedDuration,
    places_max: usize,
    ended: bool,
    made: u32,
    places: BTreeMap<ParticipantId, Place>,
    pub(super) conduct: Conduct,
}

impl Gathering {
    /// A meeting in which nobody is yet.
    ///
    /// * `times`: the appointed start and end.
    /// * `window`: how long a place is kept for somebody who is away.
    /// * `places_max`: at least 1.
    pub fn new(
        meeting: MeetingId,
        times: (Timestamp, Timestamp),
        window: SignedDuration,
        places_max: usize,
    ) -> Self {
        let (starts, ends) = times;
        let places = BTreeMap::new();
        Gathering {
            meeting,
            starts,
            ends,
            window,
            places_max: places_max.max(1),
            ended: false,
            made: 0,
            places,
            conduct: Conduct::default(),
        }
    }

    /// The id.
    pub fn meeting(&self) -> &MeetingId {
        &self.meeting
    }

    /// The appointed start and end.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        (self.starts, self.ends)
    }

    /// The officer ended it.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// All places, in the order in which they were made.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// One place.
    pub fn place(&self, who: ParticipantId) -> Option<&Place> {
        self.places.get(&who)
    }

    /// Those who wait, longest first.
    pub fn lobby(&self) -> Vec<(ParticipantId, Timestamp)> {
        let waits = |p: &Place| p.visit.waits_since().map(|since| (p.id, since));
        let mut list: Vec<_> = self.places.values().filter_map(waits).collect();
        list.sort_by_key(|(id, since)| (*since, *id));
        list
    }

    /// Those inside who have media.
    pub fn inside(&self) -> Vec<ParticipantId> {
        let sits = |p: &&Place| p.visit.is_inside() && p.guest.role().has_media();
        self.places.values().filter(sits).map(|p| p.id).collect()
    }

    /// Nobody has a live session.
    pub fn is_deserted(&self) -> bool {
        self.places.values().all(|p| !p.visit.is_here())
    }

    /// Takes up places that were given before a restart. Only into a meeting in which nobody is yet.
    pub fn restore(&mut self, places: Vec<Returning>) {
        for Returning { guest, visit } in places {
            if self.find(&guest).is_none() && self.places.len() < self.places_max {
                let id = self.next_id();
                self.places.insert(id, Place { id, guest, visit });
            }
        }
    }

    /// Somebody comes to the door, or comes back.
    ///
    /// * `hours`: when a citizen finds the door open; officer and desk may always look in.
    ///
    /// # Errors
    /// [`EnterError`].
    pub fn enter(&mut self, guest: Guest, hours: DoorHours, now: Timestamp) -> Result<Entered, EnterError> {
        if self.ended {
            return Err(EnterError::Ended);
        }
        self.forget(now);
        let known = self.find(&guest);
        if known.is_none() && guest.role().waits() {
            self.check_hours(hours, now)?;
            if !self.conduct.is_open_to(&guest) {
                return Err(EnterError::Locked);
            }
        }
        match known {
            Some(who) => self.come_back(who, now),
            None => self.make_place(guest, now),
        }
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` keeps the door and is here; [`MoveError::Unknown`] unless `who` waits.
    pub fn admit(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        now: Timestamp,
    ) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        if !self.has_chair() {
            return Err(MoveError::NoChair);
        }
        let place = self.places.get_mut(&who).ok_or(MoveError::Unknown)?;
        let was_waiting = place.visit.waits_since().is_some();
        place.visit = place.visit.admit(now)?;
        let mut effects = vec![Effect::Admitted { who, by }];
        if was_waiting {
            effects.push(Effect::LeftLobby(who));
        }
        if place.visit.is_inside() {
            effects.push(Effect::CameIn(who));
            effects.extend(self.conduct.came_in(&place.guest, by));
        }
        Ok(effects)
    }

    /// Sends a citizen away for good, from the lobby or from inside.
    ///
    /// # Errors
    /// As [`Gathering::admit`]; [`MoveError::NotAllowed`] against anybody but a citizen.
    pub fn deny(&mut self, by: ParticipantId, who: ParticipantId) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        let place = self.places.get_mut(&who).ok_or(MoveError::Unknown)?;
        if !place.guest.role().waits() {
            return Err(MoveError::NotAllowed);
        }
        let before = place.visit;
        place.visit = before.deny()?;
        let mut effects = vec![Effect::Denied { who, by }];
        if before.is_inside() {
            effects.extend(self.conduct.went_out(who));
            effects.push(Effect::WentOut(who, Departure::Left));
        }
        if before.waits_since().is_some() {
            effects.push(Effect::LeftLobby(who));
        }
        Ok(effects)
    }

    /// Nobody is expected as this guest any more: whoever waits as him, or has stepped out of the lobby, goes for good;
    /// whoever has been let in stays until sent out.
    ///
    /// * returns: `None` when nobody waits as him.
    pub fn uninvite(&mut self, guest: &Guest) -> Option<(ParticipantId, Vec<Effect>)> {
        let waits =
            |place: &Place| matches!(place.visit, Visit::Waiting { .. } | Visit::AwayFromLobby { .. });
        let (who, place) = self.places.iter_mut().find(|(_, place)| place.guest == *guest && waits(place))?;
        let was_there = place.visit.waits_since().is_some();
        place.visit = Visit::Denied;
        let mut effects = vec![Effect::Uninvited(*who)];
        effects.extend(was_there.then_some(Effect::LeftLobby(*who)));
        Some((*who, effects))
    }

    /// Somebody leaves or is cut off; the place is kept for the window.
    ///
    /// # Errors
    /// [`MoveError::Unknown`] when not here.
    pub fn depart(
        &mut self,
        who: ParticipantId,
        why: Departure,
        now: Timestamp,
    ) -> Result<Vec<Effect>, MoveError> {
        let place = self.places.get_mut(&who).ok_or(MoveError::Unknown)?;
        let before = place.visit;
        place.visit = before.depart(why, now)?;
        let mut effects = self.conduct.went_out(who);
        effects.extend(went(place, before, why));
        Ok(effects)
    }

    /// Ends the meeting for everybody.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` is the officer and is here; [`MoveError::Ended`] the second time.
    pub fn end(&mut self, by: ParticipantId, now: Timestamp) -> Result<Vec<Effect>, EndError> {
        if self.ended {
            return Err(MoveError::Ended);
        }
        let may = self.places.get(&by).is_some_and(|p| p.visit.is_here() && p.guest.role().ends());
        if !may {
            return Err(MoveError::NotAllowed);
        }
        self.ended = true;
        let mut effects = Vec::new();
        for place in self.places.values_mut() {
            let before = place.visit;
            if let Ok(after) = before.depart(Departure::Left, now) {
                place.visit = after;
                effects.extend(went(place, before, Departure::Left));
            }
        }
        effects.push(Effect::Ended { by });
        Ok(effects)
    }

    /// Gives up the places of those who stayed away longer than the window.
    pub fn forget(&mut self, now: Timestamp) {
        let window = self.window;
        self.places.retain(|_, place| !place.visit.is_forgotten(window, now));
        let places = &self.places;
        self.conduct.keep_only(|who| places.contains_key(&who));
    }

    fn find(&self, guest: &Guest) -> Option<ParticipantId> {
        self.places.values().find(|p| p.guest == *guest).map(|p| p.id)
    }

    fn next_id(&mut self) -> ParticipantId {
        self.made += 1;
        ParticipantId(self.made)
    }

    fn check_hours(&self, hours: DoorHours, now: Timestamp) -> Result<(), EnterError> {
        if self.starts.duration_since(now) > hours.before {
            return Err(EnterError::TooEarly);
        }
        if now.duration_since(self.ends) > hours.after {
            return Err(EnterError::TooLate);
        }
        Ok(())
    }

    /// The chair is in the meeting, or was just now.
    fn has_chair(&self) -> bool {
        let is_in = |visit| matches!(visit, Visit::Inside { .. } | Visit::AwayFromInside { .. });
        self.places.values().any(|place| place.guest.role() == Role::Officer && is_in(place.visit))
    }

    pub(super) fn check_doorkeeper(&self, by: ParticipantId) -> Result<(), MoveError> {
        if self.ended {
            return Err(MoveError::Ended);
        }
        let may = self.places.get(&by).is_some_and(|p| p.visit.is_here() && p.guest.role().keeps_the_door());
        if may { Ok(()) } else { Err(MoveError::NotAllowed) }
    }

    fn come_back(&mut self, who: ParticipantId, now: Timestamp) -> Result<Entered, EnterError> {
        let place = self.places.get_mut(&who).expect("the place was just found");
        let before = place.visit;
        place.visit = before.come_back(self.window, now).map_err(|_| EnterError::Denied)?;
        let effects = match (before.is_here(), place.visit) {
            (true, _) => Vec::new(),
            (false, Visit::Inside { .. }) if place.guest.role() == Role::Desk => vec![Effect::AtTheDoor(who)],
            (false, Visit::Inside { .. }) => {
                let locks = self.conduct.came_in(&place.guest, who);
                std::iter::once(Effect::CameIn(who)).chain(locks).collect()
            }
            (false, _) => vec![Effect::Arrived(who)],
        };
        Ok(Entered { who, returned: true, effects })
    }

    fn make_place(&mut self, guest: Guest, now: Timestamp) -> Result<Entered, EnterError> {
        if self.places.len() >= self.places_max {
            return Err(EnterError::Full);
        }
        let who = self.next_id();
        let role = guest.role();
        let visit = if role.waits() { Visit::Waiting { since: now } } else { Visit::Inside { since: now } };
        let effect = match role {
            Role::Citizen | Role::Guest => Effect::Arrived(who),
            Role::Officer => Effect::CameIn(who),
            Role::Desk => Effect::AtTheDoor(who),
        };
        self.places.insert(who, Place { id: who, guest, visit });
        Ok(Entered { who, returned: false, effects: vec![effect] })
    }
}

/// What the going of a guest means to others. The desk's is nobody's business.
fn went(place: &Place, before: Visit, why: Departure) -> Option<Effect> {
    match before {
        _ if !place.guest.role().has_media() => None,
        Visit::Inside { .. } => Some(Effect::WentOut(place.id, why)),
        _ => Some(Effect::LeftLobby(place.id)),
    }
}

#[cfg(test)]
#[path = "gathering_tests.rs"]
mod tests;
