//! Neighbours: whether other servers write to the same database.
//!
//! A server that is alone keeps what it has read until its own acts change it; among others it reads again every second.
//! It says that it is there before it serves anybody, and believes itself alone only after a whole beat without others: in
//! between it shows, for at most one beat, what a newcomer has changed. The database decides about every act in any case.

use data_encoding::BASE32_NOPAD;

use super::Desk;
use crate::limits;
use crate::store::{StoreError, node};

/// The place of a server among those of one database.
#[derive(Debug)]
pub struct Place {
    desk: Desk,
    id: String,
}

impl Place {
    /// Gives it up, so that others, and whoever is started next, need not wait until it is missed.
    ///
    /// # Errors
    /// [`StoreError`] from the database; it is missed after a while then.
    pub async fn leave(self) -> Result<(), StoreError> {
        let mut tx = self.desk.store.write().await?;
        node::leave(&mut tx, &self.id).await?;
        tx.commit().await
    }
}

/// This server among those of one database.
#[derive(Debug)]
pub struct Watch {
    desk: Desk,
    id: String,
    /// Beats without others, one after the other.
    quiet: u32,
}

impl Watch {
    /// Says that this server is there.
    ///
    /// # Errors
    /// [`StoreError`] from the database.
    pub async fn enter(desk: Desk) -> Result<Self, StoreError> {
        let id = BASE32_NOPAD.encode(&desk.random.bytes::<10>());
        let mut watch = Self { desk, id, quiet: 0 };
        watch.beat().await?;
        Ok(watch)
    }

    /// Says so again, and looks for others.
    ///
    /// # Errors
    /// [`StoreError`] from the database; who can't look counts himself among others.
    pub async fn beat(&mut self) -> Result<(), StoreError> {
        let others = self.others().await;
        self.quiet = if matches!(others, Ok(0)) { self.quiet.saturating_add(1) } else { 0 };
        let marks = self.desk.store.marks();
        if self.quiet > 1 {
            marks.nobody_else_is_there()
        } else {
            marks.others_may_be_there()
        }
        others.map(drop)
    }

    async fn others(&self) -> Result<i64, StoreError> {
        let now = self.desk.now();
        let ago = |span| now.checked_sub(span).unwrap_or(now);
        let window = (ago(limits::NODE_GONE_AFTER), ago(limits::NODE_FORGOTTEN_AFTER));
        let mut tx = self.desk.store.write().await?;
        let others = node::beat(&mut tx, &self.id, window, now).await?;
        tx.commit().await?;
        Ok(others)
    }

    /// The place that this server takes, to be given up when it ends.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { desk: self.desk.clone(), id: self.id.clone() }
    }

    /// Beats for as long as the server runs.
    pub async fn run(mut self) {
        let mut pause = tokio::time::interval(limits::NODE_BEAT);
        pause.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            pause.tick().await;
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "nobody knows whether this server is alone");
            }
        }
    }
}
