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
        /// The desk offers another time; both slots are kept until the citizen answers.
        Proposed = "proposed",
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

/// An appointment as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its identity for ever.
    pub id: AppointmentId,
    /// The post it is with.
    pub post: PostId,
    /// Where it stands.
    pub state: AppointmentState,
    /// The time that it holds.
    pub slot: Slot,
    /// The other time that the desk offers, in state `Proposed` only.
    pub proposed: Option<Slot>,
    /// RFC 5546 SEQUENCE of the invitation; rises when the time changes or it is cancelled.
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

    /// `Requested | Proposed | Confirmed → Declined`. A fixed time that is taken back is told as a cancellation.
    ///
    /// # Errors
    /// [`MoveError`] from another state.
    pub fn decline(self) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Declined, Proposed, Requested};
        self.expect_state(&[Requested, Proposed, Confirmed])?;
        Ok(self.ended(Declined))
    }

    /// `Requested | Confirmed | Proposed → Proposed`: the new time is claimed, the old one kept meanwhile.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or for a time that has begun.
    pub fn propose(mut self, slot: Slot, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Confirmed, Proposed, Requested};
        self.expect_state(&[Requested, Confirmed, Proposed])?;
        self.expect_future(slot, now)?;
        let mut effects = vec![Effect::Claim(slot)];
        effects.extend(self.proposed.take().map(Effect::Release));
        self.state = Proposed;
        self.proposed = Some(slot);
        Ok(Turn { appointment: self, effects })
    }

    /// `Proposed → Confirmed` at the proposed time.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or once the proposed time has begun.
    pub fn take_proposal(mut self, now: Timestamp) -> Result<Turn, MoveError> {
        self.expect_state(&[AppointmentState::Proposed])?;
        let slot = self.proposed.take().ok_or(MoveError::WrongState(self.state))?;
        self.expect_future(slot, now)?;
        let effects = vec![Effect::Release(self.slot)];
        self.slot = slot;
        self.state = AppointmentState::Confirmed;
        self.sequence += 1;
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

    /// `Requested | Confirmed | Proposed → Cancelled` by the citizen.
    ///
    /// # Errors
    /// [`MoveError`] from another state, or once the time has begun.
    pub fn cancel(self, now: Timestamp) -> Result<Turn, MoveError> {
        use AppointmentState::{Cancelled, Confirmed, Proposed, Requested};
        self.expect_state(&[Requested, Confirmed, Proposed])?;
        self.expect_future(self.slot, now)?;
        Ok(self.ended(Cancelled))
    }

    fn ended(mut self, state: AppointmentState) -> Turn {
        let mut effects = vec![Effect::Release(self.slot)];
        effects.extend(self.proposed.take().map(Effect::Release));
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
            proposed: None,
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
        let offered = asked.propose(slot(1200), at(1)).unwrap();
        assert_eq!(offered.effects, [Effect::Claim(slot(1200))]);
        let taken = offered.appointment.clone().take_proposal(at(2)).unwrap();
        assert_eq!(
            (taken.appointment.state, taken.appointment.slot),
            (AppointmentState::Confirmed, slot(1200))
        );
        assert_eq!(taken.effects, [Effect::Release(slot(1000))]);
        let refused = offered.appointment.cancel(at(2)).unwrap();
        assert_eq!(refused.effects, [Effect::Release(slot(1000)), Effect::Release(slot(1200))]);
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
            4 => a.propose(to, at(1)),
            5 => a.take_proposal(at(1)),
            6 => a.move_to(to, at(1)),
            _ => a.cancel(at(1)),
        }
    }

    proptest! {
        /// Whatever moves are made, the cells kept are exactly those of the times that the state names,
        /// and the SEQUENCE never falls.
        #[test]
        fn cells_kept_always_equal_the_times_the_appointment_names(moves in prop::collection::vec((0u8..8, 0i64..20), 0..40)) {
            let mut appointment = held();
            let mut kept = vec![appointment.slot];
            for (choice, hour) in moves {
                let to = slot(2000 + hour * 60);
                let Ok(turn) = step(appointment.clone(), choice, to) else { continue };
                if turn.effects.iter().any(|e| matches!(e, Effect::Claim(s) if kept.contains(s))) { continue }
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
                let ended = matches!(appointment.state, AppointmentState::Declined | AppointmentState::Cancelled);
                let named: Vec<Slot> = if ended { vec![] } else { std::iter::once(appointment.slot).chain(appointment.proposed).collect() };
                prop_assert_eq!(kept.len(), named.len());
                prop_assert!(named.iter().all(|s| kept.contains(s)));
            }
        }
    }
}
