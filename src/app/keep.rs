//! What the house does by itself when its time comes: a request that is not answered in time climbs, a freed
//! time wakes, whoever was booked into an absence by a race is given another time, and after a due date the citizen is
//! asked.
//!
//! A task of its own that is told the time, so that a test moves the hand clock and calls a round.

use std::collections::BTreeMap;

use domain::id::{BodyId, PostId};
use domain::notice::What;
use domain::office::{Rung, above};
use jiff::{SignedDuration, Timestamp};

use super::carry_out::Case;
use super::desk::{Deed, settled};
use super::displace::{self, DisplaceError};
use super::hand_over::{self, HandOverError};
use super::{Desk, direction, earlier, ring_mail, settle_calls, tell, terminals, word};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::appointment::AppointmentRow;
use crate::store::office::PostRow;
use crate::store::{StoreError, absence, appointment, office};

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Requests that climbed.
    pub climbed: usize,
    /// Freed times that were offered to somebody who waits.
    pub offered: usize,
    /// Appointments that a race had put into an absence.
    pub displaced: usize,
    /// Posts in whose diary a race had written who no longer holds them.
    pub mended: usize,
    /// Citizens who were asked whether a direction was carried out.
    pub asked: usize,
    /// Seats in calls whose server had ended without a word.
    pub forsaken: usize,
    /// Seats whose occupants were told in the evening who rang them.
    pub evenings: usize,
    /// Posts that were told in the morning which terminals are red.
    pub mornings: usize,
    /// Words that were left to posts and whose days are over.
    pub words: usize,
}

/// Keeps promises for as long as the server runs.
pub async fn run(desk: Desk) {
    let mut pause = tokio::time::interval(limits::KEEP_POLL);
    pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pause.tick().await;
        if let Err(error) = round(&desk).await {
            tracing::warn!(%error, "promises wait for the next round");
        }
    }
}

/// One round.
///
/// # Errors
/// [`DisplaceError`], from the database above all; what was done before it stays done.
pub async fn round(desk: &Desk) -> Result<Round, DisplaceError> {
    let (climbed, displaced) = (climb_all(desk).await?, stragglers(desk).await?);
    let mended = match hand_over::mend(desk).await {
        Ok(mended) => mended,
        Err(HandOverError::Store(error)) => return Err(error.into()),
        // Times went to others at the same moment: the next round looks again.
        Err(_) => 0,
    };
    let asked = direction::ask_all(desk).await?;
    let forsaken = settle_calls::settle(desk).await?;
    let evenings = ring_mail::tell_all(desk).await?;
    let mornings = terminals::morning(desk).await?;
    let words = word::sweep(desk).await?;
    let offered = earlier::wake_all(desk).await?;
    Ok(Round { climbed, displaced, mended, asked, forsaken, evenings, mornings, words, offered })
}

/// Every request whose answer is overdue goes one post up.
async fn climb_all(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let mut connection = desk.store.read().await?;
    let late = appointment::late(&mut connection, now, limits::KEEP_BATCH).await?;
    if late.is_empty() {
        return Ok(0);
    }
    let posts = office::posts(&mut connection).await?;
    let bodies = office::parents(&mut connection).await?;
    drop(connection);
    let rungs: Vec<Rung> = posts.iter().map(rung).collect();
    let mut climbed = 0;
    for row in late {
        let to = next(&row, &rungs, &bodies).and_then(|id| posts.iter().find(|post| post.id == id));
        climbed += usize::from(settled(|| climb(desk, &row, to, now)).await?);
    }
    Ok(climbed)
}

fn rung(post: &PostRow) -> Rung {
    Rung { post: post.id.clone(), body: post.body.clone(), role: post.role, mode: post.mode }
}

fn next(row: &AppointmentRow, rungs: &[Rung], bodies: &BTreeMap<BodyId, Option<BodyId>>) -> Option<PostId> {
    above(row.climbed_to.as_ref().unwrap_or(&row.rules.post), rungs, bodies)
}

/// `false` when it was answered at the same moment, or stands at the top already.
async fn climb(
    desk: &Desk,
    row: &AppointmentRow,
    to: Option<&PostRow>,
    now: Timestamp,
) -> Result<bool, ClimbError> {
    let mut tx = desk.store.write().await?;
    let next = now + SignedDuration::from_hours(limits::CLIMB_HOURS);
    let above = to.map(|post| &post.id).or(row.climbed_to.as_ref());
    if !appointment::climb(&mut tx, (&row.rules.id, row.version), (above, next)).await? {
        return Ok(false);
    }
    if let Some(post) = to {
        let Some(case) = Case::read(&mut tx, &row.rules.id).await? else { return Ok(false) };
        let visit = tell::visit(desk, &case.row, &case.post, case.booked_by()?)?;
        let mut deed = Deed { desk, tx: &mut tx, now };
        tell::desk_of(&mut deed, (&case.row, post), What::DeskLate { visit }).await?;
        let (act, object) = ("appointment.climb", row.rules.id.as_str());
        let line = Line { by: By::House, act, object, detail: format!("to={}", post.id) };
        audit::append(&mut tx, line, now).await?;
    }
    tx.commit().await?;
    Ok(to.is_some())
}

/// Whoever a race has booked into a standing absence is given another time, as all the others were.
async fn stragglers(desk: &Desk) -> Result<usize, DisplaceError> {
    let mut connection = desk.store.read().await?;
    let hit = absence::hit(&mut connection, desk.now()).await?;
    drop(connection);
    let mut displaced = 0;
    for away in hit {
        displaced += displace::again(desk, &away).await?;
    }
    Ok(displaced)
}

/// Only the database can fail here.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct ClimbError(#[from] StoreError);

impl super::desk::FromStore for ClimbError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(&self.0)
    }
}

impl From<ClimbError> for StoreError {
    fn from(error: ClimbError) -> Self {
        error.0
    }
}
