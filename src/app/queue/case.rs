//! A case of the cause list is called: its number goes to the board, whoever would be due first.

use domain::diary::queue::QueueError;
use domain::id::AppointmentId;

use super::{Sheet, TurnError};
use crate::app::desk::Deed;
use crate::store::office::PostRow;

/// In the transaction of the call. Whoever has no number today, has been heard or is gone stays as he is.
///
/// # Errors
/// [`TurnError::Refused`] with [`QueueError::Occupied`] while somebody else is inside.
pub(in crate::app) async fn call_case(
    deed: &mut Deed<'_>,
    (post, id): (&PostRow, &AppointmentId),
) -> Result<(), TurnError> {
    let mut sheet = Sheet::take(deed, post).await?;
    let Some(number) = sheet.number_of(id) else { return Ok(()) };
    match sheet.queue.call(number, deed.now) {
        Ok(()) | Err(QueueError::OutOfTurn) => {}
        Err(error) => return Err(error.into()),
    }
    sheet.write(deed).await?;
    Ok(())
}
