//! Appointments with their citizens, many at once: read, moved and told in a few statements.
//!
//! What is done to one appointment is `carry_out`; this is for an act that touches a whole day.

use std::collections::BTreeMap;

use domain::diary::{Effect, Slot, Turn};
use domain::id::{AppointmentId, CitizenId};
use domain::notice::What;
use jiff::Timestamp;

use super::desk::Deed;
use super::{earlier, tell, webhook};
use crate::store::appointment::AppointmentRow;
use crate::store::citizen::CitizenRow;
use crate::store::claim::Claimant;
use crate::store::{Connection, StoreError, appointment, citizen, claim, notice, sound};

/// An appointment and who comes.
#[derive(Debug, Clone)]
pub(super) struct Party {
    pub row: AppointmentRow,
    pub citizen: CitizenRow,
}

/// Finds the citizens of these appointments; every one of them is booked.
pub(super) async fn parties(
    connection: &mut Connection,
    rows: Vec<AppointmentRow>,
) -> Result<Vec<Party>, StoreError> {
    let ids: Vec<&CitizenId> = rows.iter().filter_map(|row| row.citizen.as_ref()).collect();
    let found = citizen::of_ids(connection, &ids).await?;
    let found: BTreeMap<CitizenId, CitizenRow> = found.into_iter().map(|row| (row.id.clone(), row)).collect();
    rows.into_iter()
        .map(|row| {
            let citizen = row.citizen.as_ref().and_then(|id| found.get(id)).cloned();
            Ok(Party { citizen: sound(citizen, "appointment", "citizen")?, row })
        })
        .collect()
}

/// Claims what these turns claim. Whoever got all of his is in the first list.
pub(super) async fn claim_turns(
    deed: &mut Deed<'_>,
    who: &Claimant,
    turns: Vec<(Party, Turn)>,
) -> Result<(Vec<(Party, Turn)>, Vec<Party>), StoreError> {
    let wanted = slots_of(&turns, |effect| match effect {
        Effect::Claim(slot) => Some(slot),
        _ => None,
    });
    let got = claim::claim_many(deed.tx, who, &wanted, deed.now).await?;
    let lost: BTreeMap<&AppointmentId, Slot> =
        wanted.iter().filter(|(id, _)| !got.contains(id)).map(|(id, slot)| (id, *slot)).collect();
    if lost.is_empty() {
        return Ok((turns, Vec::new()));
    }
    let in_part: Vec<(AppointmentId, Slot)> = lost.iter().map(|(id, slot)| ((*id).clone(), *slot)).collect();
    claim::release_many(deed.tx, who, &in_part).await?;
    let (won, without): (Vec<_>, Vec<_>) =
        turns.into_iter().partition(|(party, _)| !lost.contains_key(&party.row.rules.id));
    Ok((won, without.into_iter().map(|(party, _)| party).collect()))
}

/// Writes claimed turns down and gives back what they give back, as every other time is: it rests when somebody waits.
///
/// * `falls`: of a time that nobody can be offered any more, which is given back at once.
/// * returns: `None` when somebody else changed one of them meanwhile; the transaction must then be dropped.
pub(super) async fn write_turns(
    deed: &mut Deed<'_>,
    who: &Claimant,
    turns: Vec<(Party, Turn)>,
    falls: impl Fn(Slot) -> bool,
) -> Result<Option<Vec<Party>>, StoreError> {
    let released = slots_of(&turns, |effect| match effect {
        Effect::Release(slot) => Some(slot),
        _ => None,
    });
    let Some(parties) = write_rows(deed, turns).await? else { return Ok(None) };
    let (fallen, freed): (Vec<_>, Vec<_>) = released.into_iter().partition(|(_, slot)| falls(*slot));
    claim::release_many(deed.tx, who, &fallen).await?;
    for (id, slot) in &freed {
        earlier::give_up(deed, who, (id, *slot)).await?;
    }
    Ok(Some(parties))
}

/// Writes turns down that touch no cell.
///
/// * returns: `None` when somebody else changed one of them meanwhile; the transaction must then be dropped.
pub(super) async fn write_rows(
    deed: &mut Deed<'_>,
    turns: Vec<(Party, Turn)>,
) -> Result<Option<Vec<Party>>, StoreError> {
    let mut parties: Vec<Party> = turns
        .into_iter()
        .map(|(mut party, turn)| {
            party.row.rules = turn.appointment;
            party
        })
        .collect();
    let rows: Vec<AppointmentRow> = parties.iter().map(|party| party.row.clone()).collect();
    if appointment::update_many(deed.tx, &rows, deed.now).await? != rows.len() as u64 {
        return Ok(None);
    }
    for party in &mut parties {
        party.row.version += 1;
    }
    let rows: Vec<&AppointmentRow> = parties.iter().map(|party| &party.row).collect();
    webhook::tell(deed, &rows).await?;
    Ok(Some(parties))
}

fn slots_of(
    turns: &[(Party, Turn)],
    pick: impl Fn(Effect) -> Option<Slot> + Copy,
) -> Vec<(AppointmentId, Slot)> {
    let picked = turns.iter().flat_map(|(_, turn)| {
        turn.effects.iter().filter_map(move |e| Some((turn.appointment.id.clone(), pick(*e)?)))
    });
    picked.collect()
}

/// Tells each of them his own, in one statement.
pub(super) async fn tell_each(deed: &mut Deed<'_>, told: Vec<(&Party, What)>) -> Result<(), StoreError> {
    let mut notices = Vec::with_capacity(told.len() * 2);
    for (party, what) in told {
        notices.extend(tell::notices(deed.desk, (&party.row, &party.citizen), (what, party.row.version))?);
    }
    notice::insert_many(deed.tx, &notices, deed.now).await
}

/// Is this time still ahead?
pub(super) fn is_ahead(slot: Slot, now: Timestamp) -> bool {
    slot.start() > now
}
