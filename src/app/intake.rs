//! The intake: new appointments that come at once are written down together.
//!
//! Whoever comes while a batch is on its way waits for the next one, and leads it if nobody else does. Each is answered
//! after the commit that holds it. What goes wrong with a batch is tried again one by one, so that one that cannot be
//! written harms no other, and what stands already is not written again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::diary::Full;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Desk, reference};
use crate::limits;
use crate::store::intake::{self, Entered, Entry, Rows};
use crate::store::{Store, StoreError};

type Answer = Result<Entered, StoreError>;
type Waiting = Vec<(Entry, oneshot::Sender<Answer>)>;

/// Those who wait to be written down.
#[derive(Debug, Clone)]
pub struct Intake {
    waiting: Arc<Mutex<Waiting>>,
    gate: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        Self { waiting: Arc::default(), gate: Arc::new(Semaphore::new(limits::INTAKES_AT_ONCE)) }
    }
}

/// What came of an entry.
pub(super) enum Came {
    /// It stands.
    In(Box<Entry>),
    /// Somebody has the time.
    Taken,
    /// A cap of the post leaves no room.
    Full(Full),
}

impl Intake {
    /// Writes a new appointment down, under a reference number that nobody has.
    ///
    /// * `make`: the entry under such a number.
    /// * returns: the entry as it stands, or why it does not.
    ///
    /// # Errors
    /// [`StoreError`] from the database; nothing is left behind.
    pub(super) async fn enter(
        &self,
        desk: &Desk,
        make: impl Fn(String) -> Result<Entry, StoreError>,
    ) -> Result<Came, StoreError> {
        let now = desk.now();
        for tries in 0..reference::DRAWS_MAX {
            let entry = make(reference::draw(desk.random, now, tries))?;
            match self.wait(&desk.store, entry.clone(), now).await? {
                Entered::Stands => return Ok(Came::In(Box::new(entry))),
                Entered::Taken => return Ok(Came::Taken),
                Entered::Full(full) => return Ok(Came::Full(full)),
                Entered::Again | Entered::ReferenceTaken => {}
            }
        }
        Err(StoreError::Corrupt { table: "appointment", what: "free reference number" })
    }

    async fn wait(&self, store: &Store, entry: Entry, now: Timestamp) -> Answer {
        let (tell, mut told) = oneshot::channel();
        self.lock().push((entry, tell));
        loop {
            tokio::select! {
                biased;
                answer = &mut told => return answer.unwrap_or(Err(StoreError::Interrupted)),
                Ok(gate) = self.gate.clone().acquire_owned() => self.lead(store.clone(), gate, now),
            }
        }
    }

    /// Takes those who wait and writes them down, in a task of its own: whoever stops waiting stops nobody.
    fn lead(&self, store: Store, gate: OwnedSemaphorePermit, now: Timestamp) {
        let intake = self.clone();
        tokio::spawn(async move {
            let mut batch = intake.gather().await;
            // Two batches that want the same cells want them in the same order: one waits, and neither waits for the other.
            batch.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
            write_down(&store, batch, now).await;
            drop(gate);
        });
    }

    /// Those who wait, and those who are about to: whoever is ready to run comes first, until a turn brings nobody.
    async fn gather(&self) -> Waiting {
        let mut known = 0;
        loop {
            tokio::task::yield_now().await;
            let mut waiting = self.lock();
            if waiting.len() == known || waiting.len() >= limits::INTAKE_MAX {
                let count = waiting.len().min(limits::INTAKE_MAX);
                return waiting.drain(..count).collect();
            }
            known = waiting.len();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_down(store: &Store, batch: Waiting, now: Timestamp) {
    let entries: Vec<&Entry> = batch.iter().map(|(entry, _)| entry).collect();
    let answers: Vec<Answer> = match settle(store, &entries, now).await {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        // Nothing of it has happened, and alone it was already.
        Err(error) if batch.len() == 1 && !error.leaves_open() => vec![Err(error)],
        Err(_) => {
            let mut answers = Vec::with_capacity(batch.len());
            for entry in entries {
                answers.push(once_more(store, entry, now).await);
            }
            answers
        }
    };
    for ((_, tell), answer) in batch.into_iter().zip(answers) {
        // Who no longer waits finds what was written by his link, or it lapses.
        let _ = tell.send(answer);
    }
}

/// One entry of a batch of which it is not known whether it was written: the connection may have broken after the commit.
async fn once_more(store: &Store, entry: &Entry, now: Timestamp) -> Answer {
    let mut tries = 1;
    loop {
        match alone(store, entry, now).await {
            Err(error) if error.is_transient() && tries < limits::TRANSACTION_TRIES_MAX => tries += 1,
            // The batch was still on its way when this looked, and has arrived meanwhile.
            Err(error) if error.is_double() => {
                let is_there = intake::stands(&mut store.write().await?, entry).await?;
                return if is_there { Ok(Entered::Stands) } else { Err(error) };
            }
            settled => return settled,
        }
    }
}

async fn alone(store: &Store, entry: &Entry, now: Timestamp) -> Answer {
    let mut tx = store.write().await?;
    if intake::stands(&mut tx, entry).await? {
        return Ok(Entered::Stands);
    }
    let outcomes = intake::enter(&mut tx, (&[entry], &Rows::of(&[entry], now)), now).await?;
    tx.commit().await?;
    outcomes.first().copied().ok_or(StoreError::Interrupted)
}

/// One transaction, tried again when the database asks for that.
async fn settle(store: &Store, entries: &[&Entry], now: Timestamp) -> Result<Vec<Entered>, StoreError> {
    let rows = Rows::of(entries, now);
    let mut tries = 1;
    loop {
        match once(store, (entries, &rows), now).await {
            Err(error) if error.is_transient() && tries < limits::TRANSACTION_TRIES_MAX => tries += 1,
            settled => return settled,
        }
    }
}

async fn once(
    store: &Store,
    (entries, rows): (&[&Entry], &Rows),
    now: Timestamp,
) -> Result<Vec<Entered>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = store.write().await?;
    let outcomes = intake::enter(&mut tx, (entries, rows), now).await?;
    tx.commit().await?;
    Ok(outcomes)
}
