//! Group commit: on SQLite the acts that wait for the one writer share one durable commit.
//!
//! Each act runs in a savepoint of its own, so that one that fails or is dropped leaves nothing behind and harms no
//! other. Nobody is told that an act is done before the commit that holds it has reached the disk. An act that nobody
//! waits behind is committed at once.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::AnyConnection;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::marks::Touched;
use super::{Connection, StoreError};
use crate::limits;

/// The writer and those who wait for it.
#[derive(Debug)]
pub(super) struct Group {
    seat: Arc<Mutex<Seat>>,
    waiting: AtomicUsize,
}

#[derive(Debug)]
struct Seat {
    connection: AnyConnection,
    /// A transaction has begun.
    is_open: bool,
    /// A savepoint stands whose act has not ended.
    is_acting: bool,
    /// Acts that have ended in this transaction and wait for its commit.
    done: Vec<Done>,
}

#[derive(Debug)]
struct Done {
    touched: Touched,
    tell: oneshot::Sender<Result<(), StoreError>>,
}

/// One act; dropped without [`Act::commit`] it leaves no trace.
#[derive(Debug)]
pub(super) struct Act {
    group: Arc<Group>,
    seat: Option<OwnedMutexGuard<Seat>>,
}

/// Counts as one who waits until it is seated; whoever gives up looks after those who counted on it.
struct Waiting(Option<Arc<Group>>);

impl Waiting {
    fn on(group: &Arc<Group>) -> Self {
        group.waiting.fetch_add(1, Ordering::SeqCst);
        Self(Some(group.clone()))
    }

    fn seated(mut self) {
        if let Some(group) = self.0.take() {
            group.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(group) = self.0.take() else { return };
        group.waiting.fetch_sub(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let seat = group.seat.clone().lock_owned().await;
            settle(group, seat).await;
        });
    }
}

impl Group {
    pub(super) fn new(connection: AnyConnection) -> Arc<Self> {
        let seat = Seat { connection, is_open: false, is_acting: false, done: Vec::new() };
        Arc::new(Self { seat: Arc::new(Mutex::new(seat)), waiting: AtomicUsize::new(0) })
    }

    /// Waits for the writer and begins an act.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<Act, StoreError> {
        let waiting = Waiting::on(self);
        let seat = tokio::time::timeout(limits::DATABASE_WAIT, self.seat.clone().lock_owned()).await;
        let seat = seat.map_err(|_| sqlx::Error::PoolTimedOut)?;
        waiting.seated();
        let mut act = Act { group: self.clone(), seat: Some(seat) };
        act.seat_mut().start().await?;
        Ok(act)
    }

    /// Waits until the running act has ended; for closing.
    pub(super) async fn rest(&self) {
        drop(self.seat.lock().await);
    }
}

impl Seat {
    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(statement).execute(&mut self.connection).await.map(drop)
    }

    async fn start(&mut self) -> Result<(), sqlx::Error> {
        if !self.is_open {
            // Said before it is so: who is dropped on the way leaves an empty transaction to be rolled back.
            self.is_open = true;
            if let Err(error) = self.run("begin immediate").await {
                self.is_open = false;
                return Err(error);
            }
        }
        self.is_acting = true;
        self.run("savepoint act").await
    }

    /// Takes back what an act did that did not end.
    async fn mend(&mut self) -> Result<(), sqlx::Error> {
        if std::mem::take(&mut self.is_acting) && !self.done.is_empty() {
            self.run("rollback to act").await?;
            self.run("release act").await?;
        }
        Ok(())
    }

    async fn roll_back(&mut self) {
        if std::mem::take(&mut self.is_open) {
            // It may have ended by itself; there is nothing to take back then.
            let _ = self.run("rollback").await;
        }
    }
}

/// Commits what is done, unless somebody waits who goes on in the same transaction.
async fn settle(group: Arc<Group>, mut seat: OwnedMutexGuard<Seat>) {
    let mended = seat.mend().await;
    if seat.done.is_empty() {
        seat.roll_back().await;
        return;
    }
    let has_room = seat.done.len() < limits::GROUP_ACTS_MAX;
    if mended.is_ok() && has_room && group.waiting.load(Ordering::SeqCst) > 0 {
        return;
    }
    let outcome = match mended {
        Ok(()) => seat.run("commit").await,
        Err(error) => Err(error),
    };
    match &outcome {
        Ok(()) => seat.is_open = false,
        Err(_) => seat.roll_back().await,
    }
    let outcome = outcome.map_err(Arc::new);
    for done in std::mem::take(&mut seat.done) {
        drop(done.touched);
        // Who no longer waits for the answer finds the act done.
        let _ = done.tell.send(outcome.clone().map_err(StoreError::Commit));
    }
}

impl Act {
    fn seat_mut(&mut self) -> &mut Seat {
        self.seat.as_mut().expect("an act has its seat until it ends")
    }

    /// Ends the act and waits until it is durable.
    pub(super) async fn commit(mut self, touched: Touched) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        let (group, seat) = (self.group.clone(), self.seat.take());
        // A task of its own: whoever stops waiting must not stop the others' commit half way.
        tokio::spawn(async move {
            let Some(mut seat) = seat else { return };
            match seat.run("release act").await {
                Ok(()) => {
                    seat.is_acting = false;
                    seat.done.push(Done { touched, tell });
                }
                Err(error) => drop(tell.send(Err(error.into()))),
            }
            settle(group, seat).await;
        });
        told.await.unwrap_or(Err(StoreError::Database(sqlx::Error::WorkerCrashed)))
    }
}

impl Drop for Act {
    fn drop(&mut self) {
        let Some(seat) = self.seat.take() else { return };
        let group = self.group.clone();
        tokio::spawn(settle(group, seat));
    }
}

impl Deref for Act {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.seat.as_ref().expect("an act has its seat until it ends").connection
    }
}

impl DerefMut for Act {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.seat_mut().connection
    }
}
