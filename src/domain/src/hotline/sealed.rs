//! Sealed calls: sound and pictures are encrypted from page to page, and the server forwards what it cannot read.
//!
//! A call is sealed from its first moment or becomes so while it runs, and never opens again. It is between two seats, at the
//! devices at which they are: nobody is added, nobody takes it over, and nothing is answered by itself.

use super::call::{Call, CallError, Part};
use super::device::Place;
use super::policy::{Answer, RingRefused};
use super::switchboard::{Change, Office, Purpose, Switchboard};
use crate::id::{CallId, PostId};
use crate::office::coded;
use serde::{Deserialize, Serialize};

coded! {
    /// Who can hear a call.
    Class {
        /// Its seats, and whoever reads the memory of the server.
        Open = "open",
        /// Its seats alone.
        Sealed = "sealed",
    }
}

impl Purpose {
    /// Does it open a call of its own?
    pub(super) fn opens(self) -> bool {
        matches!(self, Purpose::Anew | Purpose::Sealed)
    }
}

impl Call {
    /// Who can hear it.
    pub fn class(&self) -> Class {
        self.class
    }

    fn live(&self) -> impl Iterator<Item = (&PostId, &Part)> {
        self.parts.iter().filter(|(_, part)| !matches!(part, Part::Out { .. }))
    }

    /// In a sealed call there is no place for a third, whoever he is.
    pub(super) fn check_third(&self) -> Result<(), CallError> {
        let is_full = self.class == Class::Sealed && self.live().count() >= 2;
        if is_full { Err(CallError::Sealed) } else { Ok(()) }
    }

    /// Only two who both are at one device each make a call sealed.
    fn check_two(&self) -> Result<(), CallError> {
        let are_settled = self.live().all(|(_, part)| matches!(part, Part::Inside { older: None, .. }));
        if self.live().count() == 2 && are_settled { Ok(()) } else { Err(CallError::Passed) }
    }

    /// `Open → Sealed`, for good.
    ///
    /// * returns: whose call is sealed by it.
    fn seal(&mut self) -> Vec<PostId> {
        self.class = Class::Sealed;
        self.live().map(|(post, _)| post.clone()).collect()
    }
}

impl Switchboard {
    /// Either of the two who are inside makes their call sealed. Said again it changes nothing.
    ///
    /// # Errors
    /// [`CallError::Passed`] unless exactly two are in it, both inside; [`CallError::CannotSeal`] when a page of theirs cannot.
    pub fn seal(&mut self, by: &Place, id: &CallId, office: &impl Office) -> Result<Vec<Change>, CallError> {
        let call = self.at(id, by)?;
        call.consent(&by.post).ok_or(CallError::Passed)?;
        if call.class == Class::Sealed {
            return Ok(Vec::new());
        }
        call.check_two()?;
        let can = |post: &PostId| {
            call.consent(post).is_some_and(|consent| office.seals(post, Some(consent.place().device)))
        };
        if !call.inside().all(can) {
            return Err(CallError::CannotSeal);
        }
        Ok(call.seal().into_iter().map(|post| Change::Sealed(id.clone(), post)).collect())
    }

    /// Nobody is rung for a sealed call whose page, or the caller's own, cannot seal.
    pub(super) fn check_pages(
        &self,
        by: &Place,
        (purpose, answers): (Purpose, &[(PostId, Answer)]),
        office: &impl Office,
    ) -> Result<(), RingRefused> {
        if purpose != Purpose::Sealed {
            return Ok(());
        }
        let [(post, answer)] = answers else { return Err(RingRefused::TooMany) };
        let is_there = !matches!(answer, Answer::Rings(_)) || office.seals(post, None);
        if is_there && office.seals(&by.post, Some(by.device)) {
            Ok(())
        } else {
            Err(RingRefused::CannotSeal)
        }
    }

    /// A call that was rung as sealed is so before anybody has said anything.
    pub(super) fn seal_from_the_first(&mut self, id: &CallId, purpose: Purpose) -> Vec<Change> {
        let call = self.calls.get_mut(id).filter(|_| purpose == Purpose::Sealed);
        let posts = call.map(Call::seal).unwrap_or_default();
        posts.into_iter().map(|post| Change::Sealed(id.clone(), post)).collect()
    }
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
