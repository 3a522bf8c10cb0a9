//! Calls whose server has ended without a word, of this house or of another that writes to the same database: each ends in
//! the rows and in the chain when it was seen last, so that no seat is said to be seen still.

use domain::hotline::Outcome;
use domain::id::CallId;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::{StoreError, Tx, call};

/// Ends those that have not been seen for long.
///
/// * returns: how many seats were in them.
///
/// # Errors
/// [`StoreError`] from the database; what was done before it stays done.
pub async fn settle(desk: &Desk) -> Result<usize, StoreError> {
    let now = desk.now();
    let patience = SignedDuration::try_from(limits::CALL_FORSAKEN_AFTER).unwrap_or(SignedDuration::MAX);
    let before = now.checked_sub(patience).unwrap_or(Timestamp::MIN);
    let mut connection = desk.store.read().await?;
    let forsaken = call::forsaken(&mut connection, before, limits::KEEP_BATCH).await?;
    drop(connection);
    let mut seats = 0;
    for (id, seen_at) in &forsaken {
        let mut tx = desk.store.write().await?;
        seats += end(&mut tx, (id, *seen_at), now).await?;
        tx.commit().await?;
    }
    Ok(seats)
}

async fn end(tx: &mut Tx, (id, seen_at): (&CallId, Timestamp), now: Timestamp) -> Result<usize, StoreError> {
    if !call::end_if_unseen(tx, id, seen_at).await? {
        return Ok(0);
    }
    let mut seats = 0;
    for part in call::parts(tx, id).await?.into_iter().filter(|part| part.ended_at.is_none()) {
        let ended = part.agreed_at.map_or(part.rang_at, |at| at.max(part.rang_at)).max(seen_at);
        if call::go_out(tx, (id, &part.post), Outcome::Lost, ended).await? {
            let detail = format!("{id} {} {}", Outcome::Lost.code(), ended.as_millisecond());
            let line = Line { by: By::House, act: "call.go_out", object: part.post.as_str(), detail };
            audit::append(tx, line, now).await?;
            seats += 1;
        }
    }
    Ok(seats)
}
