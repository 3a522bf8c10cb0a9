//! The outbox: claims notices that are due, looks again whether they still hold, sends them, tries again, gives up loudly.
//!
//! A task of its own; never in a request and never inside a transaction that does anything else. A notice goes out at
//! least once: when the answer of a mail server is lost, a second copy carries the same Message-ID and the same
//! calendar SEQUENCE. What is given up stands in its row as `dead`, with a code and without personal data in the log.

pub mod hooks;
pub mod mail;
pub mod render;

use std::future::Future;

use domain::notice::{Notice, Recipient, What};
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::limits;
use crate::store::notice::{self, NoticeRow};
use crate::store::{Store, StoreError};
use mail::{MailFault, MailSettings, Mailer};

/// How this installation sends.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Is there an outbox page that stands in for what cannot be sent? In the demo only.
    pub is_shown: bool,
    /// The mail server, if there is one.
    pub mail: Option<MailSettings>,
}

/// The worker.
pub struct Outbox {
    store: Store,
    clock: Clock,
    mailer: Option<Mailer>,
    is_shown: bool,
}

/// What came of a try.
enum Outcome {
    Sent,
    /// Stands on the outbox page, which is all that the demo promises.
    Shown,
    /// Not needed any more: superseded or expired.
    Moot(&'static str),
    /// To be tried again.
    Later(&'static str),
    /// Cannot be sent.
    Hopeless(&'static str),
}

impl Outbox {
    /// A worker on this store.
    ///
    /// # Errors
    /// The mail library's error when the server's address cannot be read.
    pub fn new(
        store: Store,
        clock: Clock,
        settings: &Settings,
    ) -> Result<Self, lettre::transport::smtp::Error> {
        let mailer = settings.mail.as_ref().map(Mailer::new).transpose()?;
        Ok(Self { store, clock, mailer, is_shown: settings.is_shown })
    }

    /// Works until `stop` is ready; what is being sent is finished first.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let is_full = match self.step().await {
                Ok(count) => count == limits::OUTBOX_BATCH,
                Err(error) if error.is_transient() => false,
                Err(error) => {
                    error!(error = &error as &dyn std::error::Error, "the outbox cannot reach the database");
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

    /// Claims one batch and deals with each notice of it. Returns how many were claimed.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached; leases that were taken run out by themselves.
    pub async fn step(&self) -> Result<i64, StoreError> {
        let now = self.clock.now();
        let oldest = notice::oldest_due(&mut *self.store.read().await?, now).await?;
        let lag = oldest.map_or(0.0, |since| now.duration_since(since).as_secs_f64());
        metrics::gauge!("sachivalaya_outbox_lag_seconds").set(lag);
        if oldest.is_none() {
            return Ok(0);
        }
        let lease_ends = after(now, limits::OUTBOX_LEASE);
        let mut tx = self.store.write().await?;
        let rows = notice::claim(&mut tx, (now, lease_ends), limits::OUTBOX_BATCH).await?;
        tx.commit().await?;
        for row in &rows {
            let outcome = self.deal_with(row).await?;
            self.write_down(row, outcome).await?;
        }
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }

    /// Looks again whether the notice still holds, then sends it.
    async fn deal_with(&self, row: &NoticeRow) -> Result<Outcome, StoreError> {
        if let Some(reason) = self.moot(row).await? {
            return Ok(Outcome::Moot(reason));
        }
        Ok(match (&row.notice.to, &self.mailer) {
            (Recipient::Mail { .. }, Some(mailer)) => match mailer.send(row).await {
                Ok(()) => Outcome::Sent,
                Err(fault) => after_fault(fault, row.attempts),
            },
            _ if self.is_shown => Outcome::Shown,
            (Recipient::Mail { .. }, None) => Outcome::Hopeless("no-mail-server"),
            (Recipient::Sms { .. }, _) => Outcome::Hopeless("no-sms-gateway"),
        })
    }

    /// Why the notice need not go out any more.
    async fn moot(&self, row: &NoticeRow) -> Result<Option<&'static str>, StoreError> {
        match &row.notice.what {
            What::Code { minutes, .. } => {
                let expires_at =
                    after(row.created_at, std::time::Duration::from_secs(u64::from(*minutes) * 60));
                Ok((self.clock.now() >= expires_at).then_some("expired"))
            }
            // A time that is past is no news.
            What::Delayed { about, .. } if self.clock.now() > after(*about, limits::DELAY_TOLD_LATE_MAX) => {
                Ok(Some("expired"))
            }
            what => {
                let Some(visit) = what.visit() else { return Ok(None) };
                let mut connection = self.store.read().await?;
                let sequence = notice::sequence_now(&mut connection, &visit.reference).await?;
                Ok(sequence.is_some_and(|now| now > i64::from(visit.sequence)).then_some("superseded"))
            }
        }
    }

    /// Writes the outcome into the row and says it to the operator.
    async fn write_down(&self, row: &NoticeRow, outcome: Outcome) -> Result<(), StoreError> {
        let (kind, channel) = (row.notice.what.kind(), row.notice.to.channel());
        let mut tx = self.store.write().await?;
        let now = self.clock.now();
        let is_ours = match outcome {
            Outcome::Sent => notice::mark_sent(&mut tx, row.claim(), &scrubbed(&row.notice), now).await?,
            Outcome::Shown => notice::mark_sent(&mut tx, row.claim(), &row.notice, now).await?,
            Outcome::Later(code) => {
                let due_at = after(now, pause_before(row.attempts + 1));
                notice::retry(&mut tx, row.claim(), code, due_at).await?
            }
            Outcome::Moot(code) | Outcome::Hopeless(code) => {
                let kept = if self.is_shown { row.notice.clone() } else { scrubbed(&row.notice) };
                notice::give_up(&mut tx, row.claim(), code, &kept).await?
            }
        };
        tx.commit().await?;
        let attempt = row.attempts;
        match outcome {
            _ if !is_ours => {
                warn!(id = %row.id, kind, channel, attempt, "a notice was claimed again meanwhile")
            }
            Outcome::Sent | Outcome::Shown => {
                info!(id = %row.id, kind, channel, attempt, "a notice went out")
            }
            Outcome::Moot(code) => {
                info!(id = %row.id, kind, channel, code, "a notice is not needed any more")
            }
            Outcome::Later(code) => {
                warn!(id = %row.id, kind, channel, attempt, code, "a notice waits for another try")
            }
            Outcome::Hopeless(code) => {
                error!(id = %row.id, kind, channel, attempt, code, "a notice is given up")
            }
        }
        metrics::counter!("outbox_notices_total", "channel" => channel, "outcome" => outcome.name())
            .increment(1);
        Ok(())
    }
}

impl Outcome {
    const fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Shown => "shown",
            Self::Moot(_) => "moot",
            Self::Later(_) => "later",
            Self::Hopeless(_) => "dead",
        }
    }
}

/// Another try, unless it makes no sense or there were enough.
fn after_fault(fault: MailFault, attempts: i64) -> Outcome {
    if fault.is_passing() && attempts < limits::OUTBOX_ATTEMPTS_MAX {
        Outcome::Later(fault.code())
    } else {
        Outcome::Hopeless(fault.code())
    }
}

/// Ten seconds before the second try, three times as long before each further one, at most an hour.
fn pause_before(attempt: i64) -> std::time::Duration {
    let exponent = u32::try_from(attempt.saturating_sub(2)).unwrap_or(0).min(16);
    limits::OUTBOX_RETRY_FIRST.saturating_mul(3_u32.saturating_pow(exponent)).min(limits::OUTBOX_RETRY_MAX)
}

/// What stays in the row: a one-time code does not.
fn scrubbed(notice: &Notice) -> Notice {
    Notice { what: notice.what.clone().scrubbed(), ..notice.clone() }
}

fn after(at: Timestamp, by: std::time::Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).expect("bounds are minutes, not centuries");
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
