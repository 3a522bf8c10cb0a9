//! The porter: keeps today's queues in line with the diaries, so that a number stands on a slip before anybody asks, and
//! sees when a day has not begun in time.
//!
//! Looks for differences and takes only those queues; acts in the name of the house.

use domain::id::PostId;

use super::{Boards, Sheet, TurnError, day_of, notice_lateness};
use crate::app::Desk;
use crate::app::desk::{Deed, settled};
use crate::audit::{self, By, Line};
use crate::limits;
use crate::store::{office, queue};

/// Brings every queue of today that differs from its diary in line with it.
///
/// * returns: the posts whose queues were changed.
///
/// # Errors
/// [`TurnError::Store`] from the database.
pub async fn settle_all(desk: &Desk) -> Result<Vec<PostId>, TurnError> {
    let (day, bounds) = day_of(desk.now());
    let mut connection = desk.store.read().await?;
    let posts = queue::unsettled(&mut connection, (day, bounds), desk.now()).await?;
    drop(connection);
    for post in &posts {
        settled(|| settle(desk, post)).await?;
    }
    Ok(posts)
}

async fn settle(desk: &Desk, post: &PostId) -> Result<(), TurnError> {
    let now = desk.now();
    let mut tx = desk.store.write().await?;
    let row = office::post(&mut tx, post).await?.ok_or(TurnError::UnknownPost)?;
    let mut deed = Deed { desk, tx: &mut tx, now };
    let mut sheet = Sheet::take(&mut deed, &row).await?;
    sheet.write(&mut deed).await?;
    let detail = format!("day={} tickets={}", day_of(now).0, sheet.queue.tickets().len());
    audit::append(&mut tx, Line { by: By::House, act: "queue.settle", object: post.as_str(), detail }, now)
        .await?;
    Ok(tx.commit().await?)
}

/// Looks whether a day has not begun although its time is past, at every post at whose door somebody waits.
///
/// * returns: the posts whose people were told.
///
/// # Errors
/// [`TurnError::Store`] from the database.
pub async fn notice_all(desk: &Desk) -> Result<Vec<PostId>, TurnError> {
    let now = desk.now();
    let before = now - domain::diary::turn::LATE_AFTER;
    let posts = queue::unbegun(&mut *desk.store.read().await?, day_of(now).0, before).await?;
    let mut told = Vec::new();
    for post in posts {
        if notice_lateness(desk, &post).await? {
            told.push(post);
        }
    }
    Ok(told)
}

/// Runs until the house ends.
#[derive(Debug)]
pub struct Porter {
    /// The use cases' handle.
    pub desk: Desk,
    /// Who must know of a change.
    pub boards: Boards,
}

impl Porter {
    /// Looks after all queues, again and again. A database that is away is asked again at the next round.
    pub async fn run(self) {
        let mut round = tokio::time::interval(limits::QUEUE_ROUND);
        loop {
            round.tick().await;
            for looked in [settle_all(&self.desk).await, notice_all(&self.desk).await] {
                match looked {
                    Ok(posts) => posts.iter().for_each(|post| self.boards.ring(post)),
                    Err(error) => tracing::warn!(cause = %error, "today's queues could not be looked after"),
                }
            }
        }
    }
}
