//! Cases that were pending before this house was opened: booked, entered and listed by the house itself, with the directory.

use domain::diary::{Channel, Slot};
use domain::id::{CitizenId, PostId};
use domain::notice::Language;
use domain::office::BookingMode;
use domain::text::{Mobile, PersonName, Subject};

use super::StepError;
use super::enter::{self, Entry};
use crate::app::carry_out::{Case, Outcome, carry_out};
use crate::app::desk::Deed;
use crate::app::{Desk, hold, tell};
use crate::audit::By;
use crate::store::citizen::CitizenRow;
use crate::store::{citizen, claim};

/// A case to be listed.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The post that hears it.
    pub post: PostId,
    /// When.
    pub slot: Slot,
    /// How.
    pub channel: Channel,
    /// Who complains.
    pub name: PersonName,
    /// The complainant's number.
    pub mobile: Mobile,
    /// What about.
    pub subject: Subject,
    /// The case.
    pub entry: Entry,
}

/// Lists a case that was filed before; both parties are told.
///
/// # Errors
/// [`StepError::NotFree`] when that time is taken; nothing is written then.
pub async fn take_over(desk: &Desk, pending: &Pending) -> Result<(), StepError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let rules = hold::held_rules(desk, (&pending.post, pending.slot), now);
    let lapses = rules.hold_expires_at;
    let id = hold::write_down(desk, &mut tx, rules, Language::Hindi).await?;
    let mut case = Case::read(&mut tx, &id).await?.ok_or(StepError::Unknown)?;
    if !claim::claim(&mut tx, &case.claimant, (&id, pending.slot, lapses), now).await? {
        return Err(StepError::NotFree);
    }
    let person = CitizenRow {
        id: CitizenId::fresh(now, desk.random.bytes()),
        name: pending.name.as_str().to_owned(),
        mobile: pending.mobile.as_str().to_owned(),
        mail: None,
    };
    citizen::put(&mut tx, &person, now).await?;
    case.row.citizen = Some(person.id.clone());
    case.row.subject = pending.subject.as_str().to_owned();
    case.row.channel = pending.channel;
    case.citizen = Some(person);
    let turn = case.row.rules.clone().book(BookingMode::Confirm, now).map_err(|_| StepError::NotFree)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    if carry_out(&mut deed, &mut case, (turn, None)).await? != Outcome::Done {
        return Err(StepError::NotFree);
    }
    tell::booked(&mut deed, (&case.row, &case.post, case.booked_by()?)).await?;
    enter::lay(&mut deed, (&case, By::House), &pending.entry).await?;
    Ok(tx.commit().await?)
}
