//! The queue of a post on the day: who has a place in it, who is called, and what the wall shows.
//!
//! The rules are `domain::diary::queue`; here a queue is read, changed and written back as one act. Whoever changes it
//! takes its day first, so that two who press at once come one after the other.

mod boards;
mod call;
mod case;
mod heard;
mod join;
mod late;
mod order;
mod porter;
mod say;
mod show;
mod video;

use domain::diary::Channel;
use domain::diary::queue::{Lateness, Number, Queue, QueueError, Standing, Ticket};
use domain::id::PostId;
use domain::office::ist;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

pub use boards::{Boards, Follower, ListenError, Listener};
pub use call::{Move, carry, room};
pub(in crate::app) use case::call_case;
pub(in crate::app) use heard::{Came, was_heard};
pub use join::{Joiner, join};
pub use late::{be_late, notice_lateness};
pub use order::{Shift, shift};
pub use porter::{Porter, notice_all, settle_all};
pub use say::{message, say};
pub use show::{Board, First, Line, List, Waiting, list};
pub use video::{Happening, follow};

use super::desk::{Deed, from_store};
use crate::audit::{self, Line as AuditLine};
use crate::auth::Actor;
use crate::auth::policy::Denied;
use crate::store::office::PostRow;
use crate::store::queue::{self, Kind, TicketRow};
use crate::store::{Connection, StoreError, sound};

pub use crate::store::queue::Kind as TicketKind;
pub use crate::store::turn::MoveRow;

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
    /// A name, a subject or a text has what does not stand in one, or an act is none of those that may be chosen.
    #[error("the name, the subject or the text needs mending")]
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

/// By which of the three ways somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In person.
    Office,
    /// By video.
    Video,
    /// On the telephone.
    Telephone,
}

impl Way {
    pub(super) fn of(row: &TicketRow) -> Self {
        match (row.kind, row.channel) {
            (Kind::Caller, _) | (_, Some(Channel::Telephone)) => Self::Telephone,
            (_, Some(Channel::Video)) => Self::Video,
            _ => Self::Office,
        }
    }
}

/// The queue of a post on a day, taken by the transaction that changes it.
pub(super) struct Sheet {
    post: PostId,
    day: Date,
    /// Rises with every change of this day.
    version: i64,
    late: Lateness,
    rows: Vec<TicketRow>,
    pub(super) queue: Queue,
}

/// So far apart people without a time are due: the length for which the post plans.
pub(super) fn every(post: &PostRow) -> SignedDuration {
    SignedDuration::from_mins(post.slot_minutes)
}

/// The rules' queue of these rows.
fn restored(post: &PostRow, rows: &[TicketRow], late: Lateness) -> Result<Queue, StoreError> {
    let tickets = rows.iter().map(|row| row.rules.clone()).collect();
    let queue = sound(Queue::restored(every(post), tickets), "queue_ticket", "row of numbers")?;
    Ok(queue.with_lateness(late))
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
        let version = queue::take_day(deed.tx, &post.id, day).await?;
        let late = queue::lateness(deed.tx, &post.id, day).await?;
        let rows = queue::tickets(deed.tx, &post.id, day).await?;
        let queue = restored(post, &rows, late)?;
        let mut sheet = Self { post: post.id.clone(), day, version, late, rows, queue };
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
                Some(visit) if is_due_anew(&row.rules, visit.starts_at, deed.now) => {
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
                (row.appointment, row.channel) = (Some(visit.appointment), Some(visit.channel));
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

    /// Writes every ticket that has changed, and how late the officer is.
    ///
    /// * returns: how many tickets there were.
    pub(super) async fn write(&mut self, deed: &mut Deed<'_>) -> Result<usize, StoreError> {
        let mut changed = 0;
        if self.queue.late() != self.late {
            self.late = self.queue.late();
            queue::set_lateness(deed.tx, (&self.post, self.day), self.late).await?;
        }
        for (row, ticket) in self.rows.iter_mut().zip(self.queue.tickets()) {
            if row.rules == *ticket {
                continue;
            }
            match ticket.standing {
                // Whose line was lost goes on with the call that brought him in.
                Standing::Called(_) if matches!(row.rules.standing, Standing::Inside(_)) => {}
                Standing::Called(at) => row.called_at = Some(at),
                Standing::Inside(at) => {
                    row.entered_at = Some(at);
                    row.called_at.get_or_insert(at);
                }
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

/// Is somebody due at another time than his number says? Who went home is not, unless his time was moved and is to come.
fn is_due_anew(ticket: &Ticket, starts_at: Timestamp, now: Timestamp) -> bool {
    match ticket.standing {
        Standing::Gone => true,
        Standing::Left => starts_at != ticket.due_at && starts_at > now,
        _ => starts_at != ticket.due_at,
    }
}

fn fresh(tickets: &[Ticket], number: Number, (kind, name, subject): (Kind, String, String)) -> TicketRow {
    let rules = tickets[number.0 as usize - 1].clone();
    TicketRow {
        rules,
        kind,
        appointment: None,
        channel: None,
        meeting: None,
        name,
        subject,
        called_at: None,
        entered_at: None,
        left_at: None,
    }
}

/// The tickets of a post's day and the rules' queue of them; empty on a day on which nobody has come yet.
pub(super) async fn read(
    connection: &mut Connection,
    post: &PostRow,
    now: Timestamp,
) -> Result<(Vec<TicketRow>, Queue), StoreError> {
    let day = day_of(now).0;
    let late = queue::lateness(connection, &post.id, day).await?;
    let rows = queue::tickets(connection, &post.id, day).await?;
    let queue = restored(post, &rows, late)?;
    Ok((rows, queue))
}
