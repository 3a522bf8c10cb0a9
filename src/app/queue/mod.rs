//! The queue of a post on the day: who has a place in it, who is called, and what the wall shows.
//!
//! The rules are `domain::diary::queue`; here a queue is read, changed and written back as one act. Whoever changes it
//! takes its day first, so that two who press at once come one after the other.

mod arrive;
mod boards;
mod call;
mod heard;
mod join;
mod porter;
mod show;

use domain::diary::queue::{Number, Queue, QueueError, Standing, Ticket};
use domain::id::PostId;
use domain::office::ist;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

pub use arrive::arrive;
pub use boards::{Boards, ListenError, Listener};
pub use call::{Move, carry};
pub(in crate::app) use heard::{Came, was_heard};
pub use join::{Joiner, join};
pub use porter::{Porter, settle_all};
pub use show::{Board, Line, List, Waiting, list};

use super::desk::{Deed, from_store};
use crate::audit::{self, Line as AuditLine};
use crate::auth::Actor;
use crate::auth::policy::Denied;
use crate::store::office::PostRow;
use crate::store::queue::{self, Kind, TicketRow};
use crate::store::{Connection, StoreError, sound};

pub use crate::store::queue::Kind as TicketKind;

/// Why nothing was changed in a queue.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Not this person's queue.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such post.
    #[error("there is no such post")]
    UnknownPost,
    /// The rules of the queue say no.
    #[error(transparent)]
    Refused(#[from] QueueError),
    /// A name or a subject has what does not stand in one.
    #[error("the name or the subject needs mending")]
    Malformed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
from_store!(TurnError);

/// A day in India, with its first instant and the first after it.
pub(super) fn day_of(now: Timestamp) -> (Date, (Timestamp, Timestamp)) {
    let date = now.to_zoned(ist()).date();
    let start = |date: Date| date.to_zoned(ist()).map_or(now, |zoned| zoned.timestamp());
    (date, (start(date), start(date.checked_add(1.day()).unwrap_or(date))))
}

/// The queue of a post on a day, taken by the transaction that changes it.
pub(super) struct Sheet {
    post: PostId,
    day: Date,
    rows: Vec<TicketRow>,
    pub(super) queue: Queue,
}

/// So far apart people without a time are due: the length for which the post plans.
pub(super) fn every(post: &PostRow) -> SignedDuration {
    SignedDuration::from_mins(post.slot_minutes)
}

/// The rules' queue of these rows.
pub(super) fn restored(post: &PostRow, rows: &[TicketRow]) -> Result<Queue, StoreError> {
    let tickets = rows.iter().map(|row| row.rules.clone()).collect();
    sound(Queue::restored(every(post), tickets), "queue_ticket", "row of numbers")
}

/// Somebody who joins a queue, as the desk reads him.
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) subject: &'a str,
}

impl Sheet {
    /// Takes today's queue of a post and brings it in line with the post's diary: everybody with a fixed time has a
    /// number, whoever's time was moved is due then, and whoever's was taken back is gone.
    pub(super) async fn take(deed: &mut Deed<'_>, post: &PostRow) -> Result<Self, StoreError> {
        let (day, bounds) = day_of(deed.now);
        queue::take_day(deed.tx, &post.id, day).await?;
        let rows = queue::tickets(deed.tx, &post.id, day).await?;
        let queue = restored(post, &rows)?;
        let mut sheet = Self { post: post.id.clone(), day, rows, queue };
        sheet.settle(deed, bounds).await?;
        Ok(sheet)
    }

    async fn settle(
        &mut self,
        deed: &mut Deed<'_>,
        bounds: (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let visits = queue::visits(deed.tx, &self.post, bounds).await?;
        for row in &self.rows {
            let number = row.rules.number;
            let Some(id) = &row.appointment else { continue };
            match visits.iter().find(|visit| visit.appointment == *id) {
                Some(visit)
                    if visit.starts_at != row.rules.due_at || row.rules.standing == Standing::Gone =>
                {
                    // Whoever is here already keeps his place.
                    let _ = self.queue.put_off(number, visit.starts_at);
                }
                None if row.rules.standing == Standing::Expected => {
                    let _ = self.queue.withdraw(number);
                }
                _ => {}
            }
        }
        for visit in visits {
            if self.number_of(&visit.appointment).is_some() {
                continue;
            }
            let Ok(number) = self.queue.expect(visit.starts_at) else { break };
            let (name, subject) = (visit.name, visit.subject);
            self.rows.push(fresh(self.queue.tickets(), number, (Kind::Time, name, subject)));
            if let Some(row) = self.rows.last_mut() {
                row.appointment = Some(visit.appointment);
            }
            self.insert_last(deed).await?;
        }
        Ok(())
    }

    /// The number of an appointment.
    pub(super) fn number_of(&self, id: &domain::id::AppointmentId) -> Option<Number> {
        self.rows.iter().find(|row| row.appointment.as_ref() == Some(id)).map(|row| row.rules.number)
    }

    /// Somebody without a time takes the next number.
    pub(super) async fn add(&mut self, deed: &mut Deed<'_>, entry: &Entry<'_>) -> Result<Number, TurnError> {
        let number = self.queue.take_token(deed.now)?;
        let (name, subject) = (entry.name.to_owned(), entry.subject.to_owned());
        self.rows.push(fresh(self.queue.tickets(), number, (entry.kind, name, subject)));
        self.insert_last(deed).await?;
        Ok(number)
    }

    async fn insert_last(&self, deed: &mut Deed<'_>) -> Result<(), StoreError> {
        let Some(row) = self.rows.last() else { return Ok(()) };
        queue::insert(deed.tx, (&self.post, self.day), row, deed.now).await
    }

    /// Writes every ticket that has changed.
    ///
    /// * returns: how many there were.
    pub(super) async fn write(&mut self, deed: &mut Deed<'_>) -> Result<usize, StoreError> {
        let mut changed = 0;
        for (row, ticket) in self.rows.iter_mut().zip(self.queue.tickets()) {
            if row.rules == *ticket {
                continue;
            }
            match ticket.standing {
                Standing::Called(at) => row.called_at = Some(at),
                Standing::Inside(at) => row.entered_at = Some(at),
                Standing::Heard => row.left_at = Some(deed.now),
                _ => {}
            }
            row.rules = ticket.clone();
            queue::update(deed.tx, (&self.post, self.day), row).await?;
            changed += 1;
        }
        Ok(changed)
    }

    /// Lays the audit line of an act on one number.
    pub(super) async fn note(
        &self,
        deed: &mut Deed<'_>,
        actor: &Actor,
        (act, number): (&'static str, Number),
    ) -> Result<(), StoreError> {
        let detail = format!("day={} number={}", self.day, number.0);
        let line = AuditLine { by: actor.by(None), act, object: self.post.as_str(), detail };
        audit::append(deed.tx, line, deed.now).await
    }
}

fn fresh(tickets: &[Ticket], number: Number, (kind, name, subject): (Kind, String, String)) -> TicketRow {
    let rules = tickets[number.0 as usize - 1].clone();
    let (called_at, entered_at, left_at) = (None, None, None);
    TicketRow { rules, kind, appointment: None, name, subject, called_at, entered_at, left_at }
}

/// The tickets of a post's day and the rules' queue of them; empty on a day on which nobody has come yet.
pub(super) async fn read(
    connection: &mut Connection,
    post: &PostRow,
    now: Timestamp,
) -> Result<(Vec<TicketRow>, Queue), StoreError> {
    let rows = queue::tickets(connection, &post.id, day_of(now).0).await?;
    let queue = restored(post, &rows)?;
    Ok((rows, queue))
}
