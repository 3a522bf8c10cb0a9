//! Heard by its outcome: what came of a meeting was written down, so its number leaves today's queue.

use domain::diary::queue::Standing;
use domain::id::AppointmentId;

use super::{Sheet, day_of};
use crate::app::desk::Deed;
use crate::store::office::PostRow;
use crate::store::{StoreError, queue};

/// In the transaction of an outcome. Whoever has no number today, has been heard or is gone stays as he is.
pub(in crate::app) async fn was_heard(
    deed: &mut Deed<'_>,
    (post, id): (&PostRow, &AppointmentId),
    came: Came,
) -> Result<(), StoreError> {
    let day = day_of(deed.now).0;
    let tickets = queue::tickets(deed.tx, &post.id, day).await?;
    let stands = |standing| !matches!(standing, Standing::Heard | Standing::Gone);
    if !tickets.iter().any(|row| row.appointment.as_ref() == Some(id) && stands(row.rules.standing)) {
        return Ok(());
    }
    let mut sheet = Sheet::take(deed, post).await?;
    let Some(number) = sheet.number_of(id) else { return Ok(()) };
    // The rules of the queue leave whoever has been heard or is gone where he stands.
    let _ = match came {
        Came::Yes => sheet.queue.hear(number),
        Came::No => sheet.queue.withdraw(number),
    };
    sheet.write(deed).await?;
    Ok(())
}

/// Was the citizen there?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Came {
    /// He was heard.
    Yes,
    /// He did not come.
    No,
}
