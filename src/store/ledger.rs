//! How far each ledger of live meetings is written: what makes an entry that is tried again stand once.
//!
//! Never holds what an entry says.

use super::{Connection, StoreError};

/// One entry's place: it was given before the first try.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Whose entry: unlike every other ledger's, of this server or of another one.
    pub ledger: &'a str,
    /// Which, counted from 1.
    pub number: i64,
}

impl Place<'_> {
    /// Takes the place in the transaction that writes the entry; waits for an earlier try that has not ended yet.
    ///
    /// * returns: `false` when the entry is written already: nothing is left to do.
    ///
    /// # Errors
    /// [`StoreError`] from the database.
    pub async fn take(self, connection: &mut Connection) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into ledger (id, written) values ($1, $2) \
             on conflict (id) do update set written = excluded.written where ledger.written < excluded.written",
        )
        .bind(self.ledger)
        .bind(self.number)
        .execute(connection)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
