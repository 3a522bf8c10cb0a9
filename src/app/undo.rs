//! Undoing a displacement within ten minutes: the tour is off, and everybody who has changed nothing since has his old
//! time again where it is still free. One act; SEQUENCE rises once more.

use std::collections::BTreeMap;

use domain::diary::displacement::UNDO_WITHIN;
use domain::diary::{AppointmentState, Turn};
use domain::id::{AbsenceId, AppointmentId};
use domain::notice::What;
use jiff::Timestamp;

use super::desk::{Deed, settled};
use super::displace::{DisplaceError, Undone};
use super::party::{Party, claim_turns, is_ahead, parties, tell_each, write_turns};
use super::{Desk, tell};
use crate::audit::{self, Line};
use crate::auth::Actor;
use crate::auth::policy::{Act, Object, allows};
use crate::store::claim::Claimant;
use crate::store::displacement::DisplacedRow;
use crate::store::office::PostRow;
use crate::store::{StoreError, absence, appointment, displacement, office, waiting};

/// Undoes a displacement.
///
/// # Errors
/// [`DisplaceError`]; nothing has changed then.
pub async fn undo(desk: &Desk, actor: &Actor, id: &AbsenceId) -> Result<Undone, DisplaceError> {
    let now = desk.now();
    settled(|| once(desk, actor, id, now)).await?.ok_or(DisplaceError::Changed)
}

async fn once(
    desk: &Desk,
    actor: &Actor,
    id: &AbsenceId,
    now: Timestamp,
) -> Result<Option<Undone>, DisplaceError> {
    let mut tx = desk.store.write().await?;
    let away = absence::by_id(&mut tx, id).await?.ok_or(DisplaceError::Unknown)?;
    allows(actor, Act::Displace, &Object::Post(away.post.clone()))?;
    if now >= away.created_at + UNDO_WITHIN || !absence::undo(&mut tx, id).await? {
        return Err(DisplaceError::TooLate);
    }
    let post = office::post(&mut tx, &away.post).await?.ok_or(DisplaceError::Unknown)?;
    let history = office::history(&mut tx, &post.id).await?;
    let claimant = Claimant { post: post.id.clone(), history };
    let fell = displacement::of_absence(&mut tx, id).await?;
    let ids: Vec<AppointmentId> = fell.iter().map(|row| row.appointment.clone()).collect();
    let rows = appointment::of_ids(&mut tx, &ids).await?;
    let fell: BTreeMap<AppointmentId, DisplacedRow> =
        fell.into_iter().map(|row| (row.appointment.clone(), row)).collect();
    let unchanged =
        rows.into_iter().filter(|row| fell.get(&row.rules.id).is_some_and(|f| f.version == row.version));
    let back: Vec<(Party, Turn)> = parties(&mut tx, unchanged.collect())
        .await?
        .into_iter()
        .filter_map(|party| turned(party, &fell, now))
        .collect();
    let interim: BTreeMap<AppointmentId, Party> =
        back.iter().map(|(party, _)| (party.row.rules.id.clone(), party.clone())).collect();
    let mut deed = Deed { desk, tx: &mut tx, now };
    let (won, _) = claim_turns(&mut deed, &claimant, back).await?;
    let restored: Vec<AppointmentId> = won.iter().map(|(party, _)| party.row.rules.id.clone()).collect();
    // Before their interim times are given up: these wait for them no longer.
    waiting::remove_many(deed.tx, &restored).await?;
    let Some(after) = write_turns(&mut deed, &claimant, won, |_| false).await? else { return Ok(None) };
    tell_them(&mut deed, (&interim, &after), &post).await?;
    let done = Undone { restored: restored.len(), kept: fell.len() - restored.len() };
    let detail = format!("post={} restored={} kept={}", post.id, done.restored, done.kept);
    let line = Line { by: actor.by(None), act: "diary.undo_displace", object: id.as_str(), detail };
    audit::append(&mut tx, line, now).await?;
    tx.commit().await?;
    Ok(Some(done))
}

/// Back to the old time, if it lies ahead. The count of times taken away falls again: this one was not.
fn turned(
    mut party: Party,
    fell: &BTreeMap<AppointmentId, DisplacedRow>,
    now: Timestamp,
) -> Option<(Party, Turn)> {
    let was = fell.get(&party.row.rules.id)?;
    if !is_ahead(was.was, now) {
        return None;
    }
    let turn = party.row.rules.clone().regain(was.was, was.state, now).ok()?;
    party.row.displaced_count -= 1;
    Some((party, turn))
}

async fn tell_them(
    deed: &mut Deed<'_>,
    (interim, after): (&BTreeMap<AppointmentId, Party>, &[Party]),
    post: &PostRow,
) -> Result<(), StoreError> {
    let mut told = Vec::with_capacity(after.len());
    for party in after {
        let visit = tell::visit(deed.desk, &party.row, post, &party.citizen)?;
        let before = interim.get(&party.row.rules.id).map(|before| &before.row.rules);
        let what = match (party.row.rules.state, before) {
            (AppointmentState::Confirmed, Some(rules)) if rules.state == AppointmentState::Confirmed => {
                What::Moved { visit, was: rules.slot.start() }
            }
            (AppointmentState::Confirmed, _) => What::Confirmed { visit },
            _ => What::Requested { visit },
        };
        told.push((party, what));
    }
    tell_each(deed, told).await
}
