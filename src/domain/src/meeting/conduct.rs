//! How a meeting is conducted once people are inside: raised hands, silence, one screen at a time, a locked door.
//!
//! The defaults are those of the advisory on video meetings (MHA/CyCord, 12.4.2020): nobody is inside before the chair, only
//! the chair shows a screen unless allowed, and the door locks when all who are expected are inside. Pure, told the time.

use super::gathering::{Effect, Gathering, Guest, MoveError, ParticipantId};
use super::role::Role;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What was done in the conduct of a meeting; its word stands in the audit chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Asks to speak.
    RaisedHand,
    /// Asks no more.
    LoweredHand,
    /// Was silenced by a doorkeeper.
    Silenced,
    /// Speaks again, by the own microphone's button.
    SpokeAgain,
    /// May show a screen from now on.
    MayShare,
    /// May show none any more.
    MayNotShare,
    /// Shows a screen.
    Shares,
    /// Shows it no more.
    SharesNoMore,
    /// Nobody who was not inside before comes in.
    Locked,
    /// Others may come to the door again.
    Unlocked,
    /// Made confidential: the keys of its sound and pictures are with those inside alone.
    Sealed,
    /// Was called away by a ring of the hotline.
    CalledAway,
    /// Is back from it.
    CameBack,
}

impl Deed {
    /// The word of the audit line.
    pub fn code(self) -> &'static str {
        match self {
            Deed::RaisedHand => "meeting.raise_hand",
            Deed::LoweredHand => "meeting.lower_hand",
            Deed::Silenced => "meeting.silence",
            Deed::SpokeAgain => "meeting.speak_again",
            Deed::MayShare => "meeting.allow_screen",
            Deed::MayNotShare => "meeting.forbid_screen",
            Deed::Shares => "meeting.show_screen",
            Deed::SharesNoMore => "meeting.hide_screen",
            Deed::Locked => "meeting.lock",
            Deed::Unlocked => "meeting.unlock",
            Deed::Sealed => "meeting.seal",
            Deed::CalledAway => "meeting.called_away",
            Deed::CameBack => "meeting.come_back",
        }
    }
}

/// Whether somebody's hand is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Asks to speak.
    Up,
    /// Does not.
    Down,
}

/// Whether the door is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Nobody who was not inside before comes in.
    Locked,
    /// Others may come to the door.
    Open,
}

/// Whether somebody may show a screen, or shows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Whether a silenced page has switched its microphone off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// It has not heard of it yet.
    Ordered,
    /// It has; the next press of the microphone's button is the person's own.
    Obeyed,
}

/// The conduct of one meeting. Whoever is not inside has no hand up and shows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conduct {
    hands: BTreeMap<ParticipantId, Timestamp>,
    silenced: BTreeMap<ParticipantId, Silence>,
    may_share: BTreeSet<ParticipantId>,
    sharing: Option<ParticipantId>,
    is_locked: bool,
    /// Confidential, for good.
    is_sealed: bool,
    /// It locked itself, with nobody in mind but those who were awaited then.
    locked_itself: bool,
    /// Who has been inside, and so comes back through a locked door.
    known: BTreeSet<Guest>,
    /// Guests who are awaited; the door locks itself once when they all have come in.
    expected: Option<usize>,
}

impl Conduct {
    /// Somebody is inside from now on.
    pub(super) fn came_in(&mut self, guest: &Guest, by: ParticipantId) -> Option<Effect> {
        self.known.insert(guest.clone());
        let awaited = self.expected?;
        if self.known.iter().filter(|guest| guest.role().waits()).count() < awaited || self.is_locked {
            return None;
        }
        self.expected = None;
        (self.is_locked, self.locked_itself) = (true, true);
        Some(Effect::Conducted { who: by, by, deed: Deed::Locked })
    }

    /// Somebody is inside no more.
    pub(super) fn went_out(&mut self, who: ParticipantId) -> Vec<Effect> {
        self.silenced.remove(&who);
        let mut effects = Vec::new();
        if self.hands.remove(&who).is_some() {
            effects.push(Effect::Conducted { who, by: who, deed: Deed::LoweredHand });
        }
        if self.sharing == Some(who) {
            self.sharing = None;
            effects.push(Effect::Conducted { who, by: who, deed: Deed::SharesNoMore });
        }
        effects
    }

    /// The door lets this guest through. Whoever was asked in by name may wait before one that locked itself.
    pub(super) fn is_open_to(&self, guest: &Guest) -> bool {
        let is_asked_in = self.locked_itself && guest.role() == Role::Guest;
        !self.is_locked || !guest.role().waits() || is_asked_in || self.known.contains(guest)
    }

    /// The place was given up: what was allowed lapses.
    pub(super) fn keep_only(&mut self, is_there: impl Fn(ParticipantId) -> bool) {
        self.may_share.retain(|who| is_there(*who));
    }
}

impl Gathering {
    /// The door locks itself when so many guests have come in.
    pub fn expect_guests(&mut self, count: usize) {
        if self.conduct.known.is_empty() {
            self.conduct.expected = Some(count.max(1));
        }
    }

    /// Somebody inside asks to speak, or asks no more; nothing changes when it is so already.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] for somebody who is not inside.
    pub fn hand(&mut self, who: ParticipantId, hand: Hand, now: Timestamp) -> Result<Vec<Effect>, MoveError> {
        self.check_inside(who)?;
        let conduct = &mut self.conduct;
        let deed = match hand {
            Hand::Up if !conduct.hands.contains_key(&who) => {
                conduct.hands.insert(who, now);
                Deed::RaisedHand
            }
            Hand::Down if conduct.hands.remove(&who).is_some() => Deed::LoweredHand,
            _ => return Ok(Vec::new()),
        };
        Ok(vec![Effect::Conducted { who, by: who, deed }])
    }

    /// A doorkeeper takes somebody's hand down: it is that person's turn, or was.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` keeps the door; [`MoveError::Unknown`] when no hand is up.
    pub fn lower_hand(&mut self, by: ParticipantId, who: ParticipantId) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        self.conduct.hands.remove(&who).ok_or(MoveError::Unknown)?;
        Ok(vec![Effect::Conducted { who, by, deed: Deed::LoweredHand }])
    }

    /// A doorkeeper silences somebody; only that person's own press of the button gives the voice back.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` keeps the door, and against the chair; [`MoveError::Unknown`] for somebody who is
    /// not inside.
    pub fn silence(&mut self, by: ParticipantId, who: ParticipantId) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        self.check_inside(who).map_err(|_| MoveError::Unknown)?;
        if self.role_of(who) == Some(Role::Officer) {
            return Err(MoveError::NotAllowed);
        }
        self.conduct.silenced.insert(who, Silence::Ordered);
        Ok(vec![Effect::Conducted { who, by, deed: Deed::Silenced }])
    }

    /// Somebody's microphone was said to be off: a silenced page has heard.
    pub fn microphone_off(&mut self, who: ParticipantId) {
        if let Some(silence) = self.conduct.silenced.get_mut(&who) {
            *silence = Silence::Obeyed;
        }
    }

    /// Somebody's microphone was said to be on: gives the voice back to whoever had switched it off since.
    pub fn microphone_on(&mut self, who: ParticipantId) -> Vec<Effect> {
        if self.conduct.silenced.get(&who) != Some(&Silence::Obeyed) {
            return Vec::new();
        }
        self.conduct.silenced.remove(&who);
        vec![Effect::Conducted { who, by: who, deed: Deed::SpokeAgain }]
    }

    /// The chair lets somebody show a screen, or no more.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` keeps the door; [`MoveError::Unknown`] for nobody.
    pub fn allow_screen(
        &mut self,
        by: ParticipantId,
        who: ParticipantId,
        screen: Screen,
    ) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        if !self.role_of(who).ok_or(MoveError::Unknown)?.has_media() {
            return Err(MoveError::Unknown);
        }
        let conduct = &mut self.conduct;
        let mut effects = Vec::new();
        match screen {
            Screen::On if conduct.may_share.insert(who) => {
                effects.push(Effect::Conducted { who, by, deed: Deed::MayShare });
            }
            Screen::Off if conduct.may_share.remove(&who) => {
                effects.push(Effect::Conducted { who, by, deed: Deed::MayNotShare });
                if conduct.sharing == Some(who) {
                    conduct.sharing = None;
                    effects.push(Effect::Conducted { who, by, deed: Deed::SharesNoMore });
                }
            }
            _ => {}
        }
        Ok(effects)
    }

    /// Somebody shows a screen, or no more. One screen is shown at a time; the chair takes over from anybody.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] for who may not, or is not inside; [`MoveError::Taken`] while another is shown.
    pub fn share(&mut self, who: ParticipantId, screen: Screen) -> Result<Vec<Effect>, MoveError> {
        self.check_inside(who)?;
        let is_chair = self.role_of(who) == Some(Role::Officer);
        let conduct = &mut self.conduct;
        match (screen, conduct.sharing) {
            (Screen::Off, Some(other)) if other == who => {
                conduct.sharing = None;
                Ok(vec![Effect::Conducted { who, by: who, deed: Deed::SharesNoMore }])
            }
            (Screen::On, Some(other)) if other == who => Ok(Vec::new()),
            (Screen::Off, _) => Ok(Vec::new()),
            (Screen::On, _) if !is_chair && !conduct.may_share.contains(&who) => Err(MoveError::NotAllowed),
            (Screen::On, Some(_)) if !is_chair => Err(MoveError::Taken),
            (Screen::On, before) => {
                conduct.sharing = Some(who);
                let ended = |other| Effect::Conducted { who: other, by: who, deed: Deed::SharesNoMore };
                let mut effects: Vec<Effect> = before.map(ended).into_iter().collect();
                effects.push(Effect::Conducted { who, by: who, deed: Deed::Shares });
                Ok(effects)
            }
        }
    }

    /// The door is locked or opened; nothing changes when it is so already. Whoever has been inside comes back all the same.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] unless `by` keeps the door.
    pub fn lock(&mut self, by: ParticipantId, lock: Lock) -> Result<Vec<Effect>, MoveError> {
        self.check_doorkeeper(by)?;
        let is_locked = lock == Lock::Locked;
        if self.conduct.is_locked == is_locked {
            return Ok(Vec::new());
        }
        (self.conduct.is_locked, self.conduct.locked_itself) = (is_locked, false);
        // Who opens it by hand wants it open.
        self.conduct.expected = None;
        let deed = if is_locked { Deed::Locked } else { Deed::Unlocked };
        Ok(vec![Effect::Conducted { who: by, by, deed }])
    }

    /// The chair makes the meeting confidential, for good; nothing changes when it is so already.
    ///
    /// # Errors
    /// [`MoveError::NotAllowed`] for anybody but the chair inside; [`MoveError::Ended`] after the end.
    pub fn seal(&mut self, by: ParticipantId) -> Result<Vec<Effect>, MoveError> {
        self.check_inside(by)?;
        if self.role_of(by) != Some(Role::Officer) {
            return Err(MoveError::NotAllowed);
        }
        if self.conduct.is_sealed {
            return Ok(Vec::new());
        }
        self.conduct.is_sealed = true;
        Ok(vec![Effect::Conducted { who: by, by, deed: Deed::Sealed }])
    }

    /// Rows or a token know that it was made confidential before.
    pub fn recall_sealed(&mut self) {
        self.conduct.is_sealed = true;
    }

    /// Confidential: what is said and shown may be encrypted only.
    pub fn is_sealed(&self) -> bool {
        self.conduct.is_sealed
    }

    /// Since when somebody's hand is up.
    pub fn hand_since(&self, who: ParticipantId) -> Option<Timestamp> {
        self.conduct.hands.get(&who).copied()
    }

    /// Was silenced and has not spoken since.
    pub fn is_silenced(&self, who: ParticipantId) -> bool {
        self.conduct.silenced.contains_key(&who)
    }

    /// May show a screen.
    pub fn may_share(&self, who: ParticipantId) -> bool {
        self.role_of(who) == Some(Role::Officer) || self.conduct.may_share.contains(&who)
    }

    /// Who shows a screen.
    pub fn sharing(&self) -> Option<ParticipantId> {
        self.conduct.sharing
    }

    /// The door is locked.
    pub fn is_locked(&self) -> bool {
        self.conduct.is_locked
    }

    fn role_of(&self, who: ParticipantId) -> Option<Role> {
        self.place(who).map(|place| place.guest.role())
    }

    fn check_inside(&self, who: ParticipantId) -> Result<(), MoveError> {
        if self.is_ended() {
            return Err(MoveError::Ended);
        }
        let is_inside = self.place(who).is_some_and(|p| p.visit.is_inside() && p.guest.role().has_media());
        if is_inside { Ok(()) } else { Err(MoveError::NotAllowed) }
    }
}

#[cfg(test)]
#[path = "conduct_tests.rs"]
mod tests;
