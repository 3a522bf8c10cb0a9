//! How good a meeting was: who had which quality when, for those who keep its door.
//!
//! Reads only. Whether somebody may read it is the policy's matter.

use domain::id::{AppointmentId, MeetingId};
use domain::meeting::{Guest, Role};
use domain::quality::{Receipt, Score, Stretch, receipt};

use super::Desk;
use crate::limits;
use crate::store::{Connection, StoreError, quality};

/// One participant's stays in a meeting, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stays {
    /// As what.
    pub role: Role,
    /// In the order of time; at least one.
    pub stretches: Vec<Stretch>,
}

impl Stays {
    /// The mean over the whole time.
    #[must_use]
    pub fn score(&self) -> Score {
        let length =
            |s: &Stretch| u64::try_from(s.ends.duration_since(s.starts).as_secs()).unwrap_or(0).max(1);
        let whole: u64 = self.stretches.iter().map(length).sum();
        let sum: u64 = self.stretches.iter().map(|s| length(s) * u64::from(s.score.hundredths())).sum();
        Score::from_hundredths(u16::try_from(sum.checked_div(whole).unwrap_or(0)).unwrap_or(u16::MAX))
    }
}

/// Everybody of whom something was written down; nobody while the meeting goes on for the first time.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn of_meeting(desk: &Desk, id: &MeetingId) -> Result<Vec<Stays>, StoreError> {
    let mut connection = desk.store.read().await?;
    let rows = quality::of_meeting(&mut connection, id, limits::QUALITY_LINES_MAX).await?;
    let mut everybody: Vec<(Guest, Stays)> = Vec::new();
    for (guest, stretch) in rows {
        match everybody.last_mut() {
            Some((last, stays)) if *last == guest => stays.stretches.push(stretch),
            _ => {
                let role = guest.role();
                everybody.push((guest, Stays { role, stretches: vec![stretch] }));
            }
        }
    }
    Ok(everybody.into_iter().map(|(_, stays)| stays).collect())
}

/// What the citizen of an appointment is told of its meeting; `None` until he was in it and has left.
pub(super) async fn receipt_of(
    connection: &mut Connection,
    (id, of): (&MeetingId, &AppointmentId),
) -> Result<Option<Receipt>, StoreError> {
    let rows = quality::of_meeting(connection, id, limits::QUALITY_LINES_MAX).await?;
    let guest = Guest::Citizen(of.clone());
    let his: Vec<Stretch> = rows.into_iter().filter(|(who, _)| *who == guest).map(|(_, one)| one).collect();
    Ok(receipt(&his))
}
