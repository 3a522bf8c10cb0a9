//! Carrying out a move of an appointment: its claims, its row and its links, in the caller's transaction.

use domain::diary::{AppointmentState, Effect, Slot, Turn};
use domain::id::{AppointmentId, MeetingId};
use jiff::Timestamp;

use super::Desk;
use super::desk::Deed;
use super::earlier;
use super::webhook;
use crate::auth::token::{self, Purpose};
use crate::store::appointment::AppointmentRow;
use crate::store::citizen::CitizenRow;
use crate::store::claim::Claimant;
use crate::store::office::PostRow;
use crate::store::{
    Connection, StoreError, appointment, citizen, claim, freed, link, meeting, office, sound, waiting,
};

/// An appointment with everything that a decision about it needs.
pub(super) struct Case {
    pub row: AppointmentRow,
    pub post: PostRow,
    pub claimant: Claimant,
    /// The post to which it is being redirected.
    pub taken_over_by: Option<Claimant>,
    /// Absent while the form is empty.
    pub citizen: Option<CitizenRow>,
}

impl Case {
    /// Reads it; `None` when there is no such appointment.
    pub(super) async fn read(
        connection: &mut Connection,
        id: &AppointmentId,
    ) -> Result<Option<Self>, StoreError> {
        let Some(row) = appointment::by_id(connection, id).await? else { return Ok(None) };
        let post = sound(office::post(connection, &row.rules.post).await?, "appointment", "post")?;
        let history = office::history(connection, &post.id).await?;
        let citizen = match &row.citizen {
            Some(id) => citizen::by_id(connection, id).await?,
            None => None,
        };
        let claimant = Claimant { post: post.id.clone(), history };
        Ok(Some(Self { claimant, taken_over_by: None, row, post, citizen }))
    }

    /// The citizen, who must be there once an appointment is booked.
    pub(super) fn booked_by(&self) -> Result<&CitizenRow, StoreError> {
        sound(self.citizen.as_ref(), "appointment", "citizen")
    }
}

/// What came of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stands.
    Done,
    /// The new time is taken; drop the transaction.
    SlotTaken,
    /// Somebody else changed the appointment meanwhile; drop the transaction.
    Changed,
}

/// Carries `turn` out on `case`: claims before releases, then the row, its meeting and its links.
///
/// * `lapses`: when a newly claimed time is given back by itself; `None` for never.
pub(super) async fn carry_out(
    deed: &mut Deed<'_>,
    case: &mut Case,
    (turn, lapses): (Turn, Option<Timestamp>),
) -> Result<Outcome, StoreError> {
    let Deed { desk, tx, now } = deed;
    let now = *now;
    let id = turn.appointment.id.clone();
    let before = case.row.rules.state;
    // A redirected one is claimed with its new post before the old one gives it up.
    let taker = case.taken_over_by.clone().unwrap_or_else(|| case.claimant.clone());
    let mut released = Vec::new();
    for effect in &turn.effects {
        match effect {
            Effect::Claim(slot) => {
                if !claim::claim(tx, &taker, (&id, *slot, lapses), now).await? {
                    return Ok(Outcome::SlotTaken);
                }
            }
            Effect::Keep(slot) => {
                if claim::keep(tx, &taker, (&id, *slot)).await? != cells(*slot) {
                    return Ok(Outcome::SlotTaken);
                }
            }
            Effect::Release(slot) => released.push(*slot),
        }
    }
    case.row.rules = turn.appointment;
    if !appointment::update(tx, &case.row, now).await? {
        return Ok(Outcome::Changed);
    }
    case.row.version += 1;
    if has_left_list(before, case.row.rules.state) {
        waiting::remove_many(tx, std::slice::from_ref(&id)).await?;
        freed::pass_on(tx, &id, now).await?;
    }
    if case.row.rules.state == AppointmentState::Confirmed {
        // A proposal's claim may have lapsed and gone to another: only whole slots are confirmed.
        if claim::keep(tx, &taker, (&id, case.row.rules.slot)).await? != cells(case.row.rules.slot) {
            return Ok(Outcome::SlotTaken);
        }
        let meeting = MeetingId::fresh(now, desk.random.bytes());
        meeting::plan(tx, &meeting, (&id, &case.row.rules.post)).await?;
    }
    for slot in released {
        earlier::give_up(deed, &case.claimant, (&id, slot)).await?;
    }
    put_links(deed, &id).await?;
    webhook::tell(deed, &[&case.row]).await?;
    Ok(Outcome::Done)
}

/// Writes the links of an appointment: its slip and its meeting's door.
pub(super) async fn put_links(deed: &mut Deed<'_>, id: &AppointmentId) -> Result<(), StoreError> {
    link::put(deed.tx, &links_of(deed.desk, id), id, deed.now).await
}

/// The links of an appointment, each the hash of its token and its purpose.
pub(super) fn links_of(desk: &Desk, id: &AppointmentId) -> Vec<(String, &'static str)> {
    let link = |purpose: Purpose| {
        let token = desk.settings.link_key.link(purpose, id);
        (token::hash(&token).expect("a token of our own is a token"), purpose.code())
    };
    [Purpose::Slip, Purpose::Door].map(link).to_vec()
}

/// Whoever waited and has a time, or has ended, waits no longer.
fn has_left_list(before: AppointmentState, now: AppointmentState) -> bool {
    use AppointmentState::{Cancelled, Declined, Held, Waiting};
    (before == Waiting && now != Waiting) || (before != Held && matches!(now, Cancelled | Declined))
}

fn cells(slot: Slot) -> u64 {
    slot.cells().count() as u64
}
