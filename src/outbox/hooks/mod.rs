//! Webhooks go out: claims events that are due, sends them, tries again, gives up loudly. The same machinery as for
//! notices, in a queue of its own: a listener that is slow never holds up a citizen's code.

pub mod post;
pub mod reach;

use std::future::Future;

use futures_util::future::join_all;
use jiff::SignedDuration;
use tracing::{error, info, warn};

use self::post::{HookFault, Letter, Poster};
use super::pause_before;
use crate::auth::token::LinkKey;
use crate::clock::Clock;
use crate::limits;
use crate::store::webhook::{self, EventRow, Outcome};
use crate::store::{Store, StoreError};

/// Gives the bytes of a listener's secret.
pub type Secrets = fn(&LinkKey, &str) -> Vec<u8>;

/// The worker.
pub struct Hooks {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The installation's secret, from which those of listeners are made.
    pub key: LinkKey,
    /// How they are made of it.
    pub secrets: Secrets,
    /// The way to them.
    pub poster: Poster,
}

impl Hooks {
    /// Works until `stop` is ready; what is being sent is finished first.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let is_full = match self.step().await {
                Ok(count) => count == usize::try_from(limits::OUTBOX_BATCH).unwrap_or(usize::MAX),
                Err(error) if error.is_transient() => false,
                Err(error) => {
                    error!(error = &error as &dyn std::error::Error, "webhooks cannot reach the database");
                    false
                }
            };
            let pause = if is_full { std::time::Duration::ZERO } else { limits::OUTBOX_POLL };
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims one batch and sends it, all at once. Returns how many were claimed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached; leases that were taken run out by themselves.
    pub async fn step(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        if !webhook::is_due(&mut *self.store.read().await?, now).await? {
            return Ok(0);
        }
        let lease = SignedDuration::try_from(limits::OUTBOX_LEASE).unwrap_or_default();
        let mut tx = self.store.write().await?;
        let rows = webhook::claim(&mut tx, (now, now + lease), limits::OUTBOX_BATCH).await?;
        tx.commit().await?;
        let sent = join_all(rows.iter().map(|row| self.send(row))).await;
        for (row, outcome) in rows.iter().zip(sent) {
            self.write_down(row, outcome).await?;
        }
        Ok(rows.len())
    }

    /// `None` when the listener has ended.
    async fn send(&self, row: &EventRow) -> Option<Result<(), HookFault>> {
        let url = row.url.as_deref()?;
        let letter = Letter { id: &row.id, at: self.clock.now(), body: &row.body };
        Some(self.poster.send(url, &(self.secrets)(&self.key, &row.webhook), letter).await)
    }

    async fn write_down(
        &self,
        row: &EventRow,
        sent: Option<Result<(), HookFault>>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let pause = SignedDuration::try_from(pause_before(row.attempts + 1)).unwrap_or_default();
        let outcome = match sent {
            None => Outcome::Dead("hook-ended"),
            Some(Ok(())) => Outcome::Sent,
            Some(Err(fault)) if fault.is_passing() && row.attempts < limits::OUTBOX_ATTEMPTS_MAX => {
                Outcome::Later(now + pause, fault.code())
            }
            Some(Err(fault)) => Outcome::Dead(fault.code()),
        };
        let mut tx = self.store.write().await?;
        let is_ours = webhook::write_down(&mut tx, row, outcome, now).await?;
        tx.commit().await?;
        let (id, webhook, attempt) = (&row.id, &row.webhook, row.attempts);
        let name = match outcome {
            _ if !is_ours => {
                warn!(id, webhook, attempt, "an event was claimed again meanwhile");
                "lost"
            }
            Outcome::Sent => {
                info!(id, webhook, attempt, "an event went out");
                "sent"
            }
            Outcome::Later(_, code) => {
                warn!(id, webhook, attempt, code, "an event waits for another try");
                "later"
            }
            Outcome::Dead(code) => {
                error!(id, webhook, attempt, code, "an event is given up");
                "dead"
            }
        };
        metrics::counter!("webhook_events_total", "outcome" => name).increment(1);
        Ok(())
    }
}
