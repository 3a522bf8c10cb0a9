//! The life of an appointment, as moves from one state to the next.
//!
//! A wrong move is a typed error. Effects (what to claim, release and tell) are returned, never done here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::slot::Slot;
use crate::id::{AppointmentId, PostId};
use crate::office::BookingMode;
use crate::office::coded;

coded! {
    /// Where an appointment stands.
    AppointmentState {
        /// A citizen is filling the form; the slot is his until the hold runs out.
        Held = "held",
        /// Asked for; the slot is kept until the desk answers.
        Requested = "requested",
        /// Fixed.
        Confirmed = "confirmed",
        /// The desk offers other times; they and the old one are kept until the citizen answers.
        Proposed = "proposed",
        /// The officer was called away and no other time was found yet, or a draw gave its times to others: it stands on
        /// the waiting list. No cell is kept; `slot` says which time fell, or the first that was drawn for.
        Waiting = "waiting",
        /// The desk said no, with a reason.
        Declined = "declined",
        /// The citizen withdrew.
        Cancelled = "cancelled",
        /// The hold ran out before it became a booking.
        Expired = "expired",
    }
}

coded! {
    /// How the two meet.
    Channel {
        /// Over our own video.
        Video = "video",
        /// At the office.
        InPerson = "in_person",
        /// By telephone.
        Telephone = "telephone",
    }
}

coded! {
    /// Why a desk declines; the words for each are in the locales.
    DeclineReason {
        /// The subject belongs to another office.
        OtherOffice = "other_office",
        /// The post is away or engaged.
        Engaged = "engaged",
        /// The matter is already decided or before a court.
        Decided = "decided",
        /// Papers or facts are missing.
        Incomplete = "incomplete",
    }
}

/// Times that a desk may offer at once: a person can compare three.
pub const PROPOSALS_MAX: usize = 3;

/// An appointment as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its identity for ever.
    pub id: AppointmentId,
    /// The post it is with.
    pub post: PostId,
    /// Where it stands.
    pub state: AppointmentState,
    /// The time that it holds; in state `Waiting` the time that fell.
    pub slot: Slot,
    /// The other times that the desk offers, in state `Proposed` only: one to [`PROPOSALS_MAX`], disjoint.
    pub proposed: Vec<Slot>,
    /// RFC 5546 SEQUENCE of the invitation; rises when the time or the way to meet changes, or it is cancelled.
    pub sequence: u32,
    /// When the hold runs out, in state `Held` only.
    pub hold_expires_at: Option<Timestamp>,
}

/// What a move asks of the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Keep the slot's cells for good: the hold has become a booking.
    Keep(Slot),
    /// Claim these cells as well; if that fails the move does not happen.
    Claim(Slot),
    /// Give these cells back.
    Release(Slot),
}

/// A move made: the appointment as it is now, and what must be done with its cells, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// After the move.
    pub appointment: Appointment,
    /// Claims come before releases.
    pub effects: Vec<Effect>,
}

/// Why a move is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// The appointment is not in a state from which this move leads.
    #[error("this is not possible while the appointment is {}", .0.code())]
    WrongState(AppointmentState),
    /// The hold has run out.
    #[error("the hold has run out")]
    HoldExpired,
    /// The time has begun.
    #[error("the time has passed")]
    Past,
    /// The post takes no bookings.
    #[error("the post takes no bookings")]
    Closed,
    /// None, too many, or overlapping times are offered.
    #[error("one to {PROPOSALS_MAX} times that share no minute can be offered")]
    Proposals,
    /// That time is not among those on offer.
    #[error("that time is not among those on offer")]
    NotProposed,
}

impl Appointment {
    /// `Held → Confirmed | Requested`, as the post's mode says.
    ///
    /// # Errors
    /// [`MoveError`] from another state, after the hold ran out, or when the post is closed.
    pub fn book(mut self, mode: BookingMode, now: Timestamp) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Held])?;
        if self.hold_expires_at.is_none_or(|at| at <= now) {
            return Err(MoveError::HoldExpired);
        }
        self.state = match mode {
            BookingMode::Confirm => AppointmentState::Confirmed,
            BookingMode::Request => AppointmentState::Requested,
            BookingMode::Closed => return Err(MoveError::Closed),
        };
        self.hold_expires_at = None;
        let effects = vec![Effect::Keep(self.slot)];
        Ok(Turn { appointment: self, effects })
    }

    /// `Requested → Confirmed`.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or once the time has begun.
    pub fn accept(mut self, now: Timestamp) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Requested])?;
        self.expect_future(self.slot, now)?;
        self.state = AppointmentState::Confirmed;
        Ok(Turn { appointment: self, effects: Vec::new() })
    }

    /// `Requested | Proposed | Confirmed | Waiting → Declined`. A fixed time that is taken back is told as a cancellation.
    ///
    /// # Errors
    /// [`MoveError`] from another state.
    pub fn decline(self) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Declined, Proposed, Requested, Waiting};
        self.expect_state(&[Requested, Proposed, Confirmed, Waiting])?;
        Ok(self.ended(Declined))
    }

    /// `Requested | Confirmed | Proposed → Proposed`: the new times are claimed, the old one kept meanwhile. Times that
    /// were on offer before and are not now are given back.
    ///
    /// # Errors
    /// [`MoveError`] from another state, for a time that has begun, and for times that cannot be offered together.
    pub fn propose(mut self, slots: &[Slot], now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Proposed, Requested};
        self.expect_state(&[Requested, Confirmed, Proposed])?;
        let mut offered = slots.to_vec();
        offered.sort_unstable();
        let shares_a_minute = offered.windows(2).any(|pair| pair[0].overlaps(&pair[1]));
        if offered.is_empty() || offered.len() > PROPOSALS_MAX || shares_a_minute {
            return Err(MoveError::Proposals);
        }
        for slot in &offered {
            self.expect_future(*slot, now)?;
        }
        let fresh = offered.iter().filter(|slot| !self.proposed.contains(slot)).copied();
        let stale = self.proposed.iter().filter(|slot| !offered.contains(slot)).copied();
        let effects = fresh.map(Effect::Claim).chain(stale.map(Effect::Release)).collect();
        self.state = Proposed;
        self.proposed = offered;
        Ok(Turn { appointment: self, effects })
    }

    /// `Proposed → Confirmed` at one of the proposed times.
    ///
    /// # Errors
    /// [`MoveError`] from another state, for a time that is not on offer, or once it has begun.
    pub fn take_proposal(mut self, slot: Slot, now: Timestamp) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Proposed])?;
        if !self.proposed.contains(&slot) {
            return Err(MoveError::NotProposed);
        }
        self.expect_future(slot, now)?;
        let mut effects = vec![Effect::Release(self.slot)];
        let others = std::mem::take(&mut self.proposed);
        effects.extend(others.into_iter().filter(|other| *other != slot).map(Effect::Release));
        self.slot = slot;
        self.state = AppointmentState::Confirmed;
        self.sequence += 1;
        Ok(Turn { appointment: self, effects })
    }

    /// `Proposed → Requested`: what was on offer is given back, the wished time stays kept.
    ///
    /// # Errors
    /// [`MoveError`] from another state.
    pub fn take_back_proposals(mut self) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Proposed])?;
        let effects = std::mem::take(&mut self.proposed).into_iter().map(Effect::Release).collect();
        self.state = AppointmentState::Requested;
        Ok(Turn { appointment: self, effects })
    }

    /// `Requested | Confirmed → same state` at another time; the new time is claimed before the old is given back.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or when either time has begun.
    pub fn move_to(mut self, slot: Slot, now: Timestamp) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Requested, AppointmentState::Confirmed])?;
        self.expect_future(self.slot, now)?;
        self.expect_future(slot, now)?;
        let effects = vec![Effect::Claim(slot), Effect::Release(self.slot)];
        self.slot = slot;
        self.sequence += 1;
        Ok(Turn { appointment: self, effects })
    }

    /// `Requested | Confirmed | Proposed → same state (Requested for Proposed) | Waiting`: the officer is away then. The
    /// new time is claimed before the old is given back; without one it waits and keeps nothing.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or when the new time has begun.
    pub fn displace(mut self, to: Option<Slot>, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Proposed, Requested, Waiting};
        self.expect_state(&[Requested, Confirmed, Proposed])?;
        let fallen = std::iter::once(self.slot).chain(std::mem::take(&mut self.proposed));
        let mut effects: Vec<Effect> = to.map(Effect::Claim).into_iter().collect();
        effects.extend(fallen.map(Effect::Release));
        self.state = match to {
            Some(slot) => {
                self.expect_future(slot, now)?;
                self.slot = slot;
                if self.state == Confirmed { Confirmed } else { Requested }
            }
            None => Waiting,
        };
        self.sequence += 1;
        Ok(Turn { appointment: self, effects })
    }

    /// `Held → Waiting`: an entry of a draw that got none of its times stands on the waiting list. It keeps no cell.
    ///
    /// # Errors
    /// [`MoveError`] from another state.
    pub fn lose_draw(mut self) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Held])?;
        self.state = AppointmentState::Waiting;
        self.hold_expires_at = None;
        Ok(Turn { appointment: self, effects: Vec::new() })
    }

    /// `Waiting | Requested | Confirmed → Requested | Confirmed`: it gets a time again, its own or a freed one, and stands
    /// as it stood before it was displaced.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or when the time has begun.
    pub fn regain(
        mut self,
        slot: Slot,
        as_before: AppointmentState,
        now: Timestamp,
    ) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Requested, Waiting};
        self.expect_state(&[Waiting, Requested, Confirmed])?;
        self.expect_future(slot, now)?;
        let mut effects = vec![Effect::Claim(slot)];
        if self.state != Waiting {
            effects.push(Effect::Release(self.slot));
        }
        self.slot = slot;
        self.state = if as_before == Confirmed { Confirmed } else { Requested };
        self.sequence += 1;
        Ok(Turn { appointment: self, effects })
    }

    /// `Requested | Proposed | Waiting → Requested | Confirmed` with another post, whose time is claimed before
    /// those of the old post are given back. Reference and UID stay.
    ///
    /// # Errors
    /// [`MoveError`] from another state, when the time has begun, or when the other post is closed.
    pub fn redirect(
        mut self,
        (post, mode): (PostId, BookingMode),
        slot: Slot,
        now: Timestamp,
    ) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Proposed, Requested, Waiting};
        self.expect_state(&[Requested, Proposed, Waiting])?;
        self.expect_future(slot, now)?;
        let state = match mode {
            BookingMode::Confirm => Confirmed,
            BookingMode::Request => Requested,
            BookingMode::Closed => return Err(MoveError::Closed),
        };
        let mut effects = vec![Effect::Claim(slot)];
        if self.state != Waiting {
            effects.push(Effect::Release(self.slot));
        }
        effects.extend(std::mem::take(&mut self.proposed).into_iter().map(Effect::Release));
        (self.post, self.slot, self.state) = (post, slot, state);
        self.sequence += 1;
        Ok(Turn { appointment: self, effects })
    }

    /// Something other than its time changes in what the citizen was sent, as the way to meet: SEQUENCE rises.
    ///
    /// # Errors
    /// [`MoveError`] when it is not live, or once the time has begun.
    pub fn resend(mut self, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Proposed, Requested};
        self.expect_state(&[Requested, Confirmed, Proposed])?;
        self.expect_future(self.slot, now)?;
        self.sequence += 1;
        Ok(Turn { appointment: self, effects: Vec::new() })
    }

    /// They meet by telephone at the same time: SEQUENCE rises. Also while the time runs, for only then does it show
    /// that somebody's telephone cannot do video.
    ///
    /// * `until`: when the door of the meeting closes.
    ///
    /// # Errors
    /// [`MoveError`] when it is not live, or once the door has closed.
    pub fn by_telephone(mut self, until: Timestamp, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Requested};
        self.expect_state(&[Requested, Confirmed])?;
        if until <= now {
            return Err(MoveError::Past);
        }
        self.sequence += 1;
        Ok(Turn { appointment: self, effects: Vec::new() })
    }

    /// `Requested | Confirmed | Proposed | Waiting → Cancelled` by the citizen.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or once the time has begun.
    pub fn cancel(self, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Cancelled, Confirmed, Proposed, Requested, Waiting};
        self.expect_state(&[Requested, Confirmed, Proposed, Waiting])?;
        if self.state != Waiting {
            self.expect_future(self.slot, now)?;
        }
        Ok(self.ended(Cancelled))
    }

    fn ended(mut self, state: AppointmentState) -> Turn {
        let kept = (self.state != AppointmentState::Waiting).then_some(self.slot);
        let kept = kept.into_iter().chain(std::mem::take(&mut self.proposed));
        let effects = kept.map(Effect::Release).collect();
        self.state = state;
        self.sequence += 1;
        Turn { appointment: self, effects }
    }

    fn expect_state(&self, from: &[AppointmentState]) -> Result<(), MoveError> {
        if from.contains(&self.state) { Ok(()) } else { Err(MoveError::WrongState(self.state)) }
    }

    fn expect_future(&self, slot: Slot, now: Timestamp) -> Result<(), MoveError> {
        if slot.start() > now { Ok(()) } else { Err(MoveError::Past) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn slot(minute: i64) -> Slot {
        Slot::starting(at(minute), 15).unwrap()
    }

    fn held() -> Appointment {
        Appointment {
            id: AppointmentId::parse("a").unwrap(),
            post: PostId::parse("p").unwrap(),
            state: AppointmentState::Held,
            slot: slot(1000),
            proposed: Vec::new(),
            sequence: 0,
            hold_expires_at: Some(at(10)),
        }
    }

    #[test]
    fn a_hold_becomes_a_booking_only_before_it_runs_out() {
        let turn = held().book(BookingMode::Confirm, at(9)).unwrap();
        assert_eq!(turn.appointment.state, AppointmentState::Confirmed);
        assert_eq!(turn.effects, [Effect::Keep(slot(1000))]);
        assert_eq!(held().book(BookingMode::Confirm, at(10)).unwrap_err(), MoveError::HoldExpired);
    }

    #[test]
    fn a_move_claims_the_new_time_before_it_gives_the_old_one_back() {
        let booked = held().book(BookingMode::Confirm, at(1)).unwrap().appointment;
        let turn = booked.move_to(slot(1200), at(1)).unwrap();
        assert_eq!(turn.effects, [Effect::Claim(slot(1200)), Effect::Release(slot(1000))]);
        assert_eq!(turn.appointment.sequence, 1);
    }

    #[test]
    fn a_proposal_keeps_both_times_until_the_citizen_answers() {
        let asked = held().book(BookingMode::Request, at(1)).unwrap().appointment;
        let offered = asked.propose(&[slot(1200)], at(1)).unwrap();
        assert_eq!(offered.effects, [Effect::Claim(slot(1200))]);
        let taken = offered.appointment.clone().take_proposal(slot(1200), at(2)).unwrap();
        assert_eq!(
            (taken.appointment.state, taken.appointment.slot),
            (AppointmentState::Confirmed, slot(1200))
        );
        assert_eq!(taken.effects, [Effect::Release(slot(1000))]);
        let refused = offered.appointment.cancel(at(2)).unwrap();
        assert_eq!(refused.effects, [Effect::Release(slot(1000)), Effect::Release(slot(1200))]);
    }

    #[test]
    fn of_three_times_on_offer_the_citizen_takes_one_and_the_others_are_given_back() {
        let asked = held().book(BookingMode::Request, at(1)).unwrap().appointment;
        let three = [slot(1200), slot(1300), slot(1400)];
        let offered = asked.clone().propose(&three, at(1)).unwrap().appointment;
        let taken = offered.clone().take_proposal(slot(1300), at(2)).unwrap();
        let given_back = [slot(1000), slot(1200), slot(1400)].map(Effect::Release);
        assert_eq!((taken.appointment.slot, taken.effects), (slot(1300), given_back.to_vec()));
        assert_eq!(offered.clone().take_proposal(slot(1500), at(2)).unwrap_err(), MoveError::NotProposed);
        let others = offered.propose(&[slot(1300), slot(1500)], at(2)).unwrap();
        let swapped = [Effect::Claim(slot(1500)), Effect::Release(slot(1200)), Effect::Release(slot(1400))];
        assert_eq!(others.effects, swapped);
        for wrong in [vec![], vec![slot(1200), slot(1210)], [1200, 1300, 1400, 1500].map(slot).to_vec()] {
            assert_eq!(asked.clone().propose(&wrong, at(1)).unwrap_err(), MoveError::Proposals);
        }
    }

    #[test]
    fn who_is_displaced_has_another_time_or_waits_for_one_and_gets_it_as_he_stood_before() {
        let booked = held().book(BookingMode::Confirm, at(1)).unwrap().appointment;
        let moved = booked.clone().displace(Some(slot(1200)), at(1)).unwrap();
        assert_eq!(moved.effects, [Effect::Claim(slot(1200)), Effect::Release(slot(1000))]);
        let waits = booked.displace(None, at(1)).unwrap();
        assert_eq!(waits.effects, [Effect::Release(slot(1000))]);
        assert_eq!(waits.appointment.state, AppointmentState::Waiting);
        let again = waits.appointment.regain(slot(1300), AppointmentState::Confirmed, at(1)).unwrap();
        assert_eq!(again.effects, [Effect::Claim(slot(1300))]);
        let again = again.appointment;
        assert_eq!((again.state, again.slot, again.sequence), (AppointmentState::Confirmed, slot(1300), 2));
    }

    #[test]
    fn nothing_leads_out_of_an_ended_appointment() {
        let ended =
            held().book(BookingMode::Request, at(1)).unwrap().appointment.decline().unwrap().appointment;
        let wrong = MoveError::WrongState(AppointmentState::Declined);
        assert_eq!(ended.clone().accept(at(2)).unwrap_err(), wrong);
        assert_eq!(ended.clone().cancel(at(2)).unwrap_err(), wrong);
        assert_eq!(ended.move_to(slot(1300), at(2)).unwrap_err(), wrong);
    }

    fn step(a: Appointment, choice: u8, to: Slot) -> Result<Turn, MoveError> {
        match choice {
            0 => a.book(BookingMode::Confirm, at(1)),
            1 => a.book(BookingMode::Request, at(1)),
            2 => a.accept(at(1)),
            3 => a.decline(),
            4 => {
                let third = Slot::starting(to.end(), 15).unwrap();
                a.propose(&[to, third], at(1))
            }
            5 => {
                let offered = a.proposed.first().copied().unwrap_or(to);
                a.take_proposal(offered, at(1))
            }
            6 => a.move_to(to, at(1)),
            7 => a.displace(Some(to), at(1)),
            8 => a.displace(None, at(1)),
            9 => a.regain(to, AppointmentState::Confirmed, at(1)),
            10 => a.redirect((PostId::parse("q").unwrap(), BookingMode::Request), to, at(1)),
            11 => a.take_back_proposals(),
            12 => a.resend(at(1)),
            _ => a.cancel(at(1)),
        }
    }

    proptest! {
        /// Whatever moves are made, the cells kept are exactly those of the times that the state names,
        /// and the SEQUENCE never falls.
        #[test]
        fn cells_kept_always_equal_the_times_the_appointment_names(moves in prop::collection::vec((0u8..14, 0i64..20), 0..40)) {
            let mut appointment = held();
            let mut kept = vec![appointment.slot];
            for (choice, hour) in moves {
                let to = slot(2000 + hour * 60);
                let Ok(turn) = step(appointment.clone(), choice, to) else { continue };
                if turn.effects.iter().any(|e| matches!(e, Effect::Claim(s) if kept.iter().any(|k| k.overlaps(s)))) { continue }
                for effect in &turn.effects {
                    match effect {
                        Effect::Keep(s) => prop_assert!(kept.contains(s)),
                        Effect::Claim(s) => kept.push(*s),
                        Effect::Release(s) => {
                            prop_assert!(kept.contains(s), "only what is kept is given back");
                            kept.retain(|k| k != s);
                        }
                    }
                }
                prop_assert!(turn.appointment.sequence >= appointment.sequence);
                appointment = turn.appointment;
                use AppointmentState::{Cancelled, Declined, Waiting};
                let keeps_none = matches!(appointment.state, Declined | Cancelled | Waiting);
                let offered = appointment.proposed.clone();
                let named: Vec<Slot> = if keeps_none { vec![] } else { std::iter::once(appointment.slot).chain(offered).collect() };
                prop_assert_eq!(kept.len(), named.len());
                prop_assert!(named.iter().all(|s| kept.contains(s)));
            }
        }
    }
}
